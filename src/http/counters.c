/* Requests by route and kind of answer, and how long they took. */
#include "counters.h"

#include "base/clock.h"

enum { STATUS_KINDS = 6, BUCKETS = 10 };

static const int64_t bucket_us[BUCKETS] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000, 500000, 2500000, 10000000 };

struct Counters {
    size_t routes; /* the last place is for requests without a route */
    guint (*answers)[STATUS_KINDS];
    guint buckets[BUCKETS + 1];
    gint64 total_us;
    GMutex lock;
};

Counters *counters_new(void)
{
    Counters *counters = g_new0(Counters, 1);
    counters->routes = route_count() + 1;
    counters->answers = g_malloc0_n(counters->routes, sizeof(counters->answers[0]));
    g_mutex_init(&counters->lock);
    return counters;
}

void counters_free(Counters *counters)
{
    if (counters == NULL)
        return;
    g_mutex_clear(&counters->lock);
    g_free(counters->answers);
    g_free(counters);
}

void counters_add(Counters *counters, const Route *route, unsigned status, int64_t took_us)
{
    size_t place = route == NULL ? counters->routes - 1 : route_index(route);
    size_t bucket = 0;
    while (bucket < BUCKETS && took_us > bucket_us[bucket])
        bucket++;
    g_mutex_lock(&counters->lock);
    counters->answers[place][MIN(status / 100, STATUS_KINDS - 1)]++;
    counters->buckets[bucket]++;
    counters->total_us += took_us;
    g_mutex_unlock(&counters->lock);
}

static void write_answers(const Counters *counters, GString *text)
{
    g_string_append(text, "# HELP saldo_http_requests_total Requests answered.\n# TYPE saldo_http_requests_total counter\n");
    for (size_t i = 0; i < counters->routes; i++) {
        const Route *route = i + 1 < counters->routes ? route_at(i) : NULL;
        for (unsigned kind = 1; kind < STATUS_KINDS; kind++)
            if (counters->answers[i][kind] > 0)
                g_string_append_printf(text, "saldo_http_requests_total{method=\"%s\",route=\"%s\",status=\"%uxx\"} %u\n",
                    route == NULL ? "" : route->method, route == NULL ? "(none)" : route->pattern, kind,
                    counters->answers[i][kind]);
    }
}

static void write_seconds(GString *text, int64_t us)
{
    g_string_append_printf(text, "%" G_GINT64_FORMAT ".%06d", us / US_PER_SECOND, (int)(us % US_PER_SECOND));
}

static void write_times(const Counters *counters, GString *text)
{
    g_string_append(text, "# HELP saldo_http_request_seconds From the headers to the end of the reply.\n"
                          "# TYPE saldo_http_request_seconds histogram\n");
    guint sum = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        sum += counters->buckets[i];
        g_string_append(text, "saldo_http_request_seconds_bucket{le=\"");
        write_seconds(text, bucket_us[i]);
        g_string_append_printf(text, "\"} %u\n", sum);
    }
    sum += counters->buckets[BUCKETS];
    g_string_append_printf(text, "saldo_http_request_seconds_bucket{le=\"+Inf\"} %u\nsaldo_http_request_seconds_sum ", sum);
    write_seconds(text, counters->total_us);
    g_string_append_printf(text, "\nsaldo_http_request_seconds_count %u\n", sum);
}

void counters_write(const Counters *counters, GString *text)
{
    GMutex *lock = (GMutex *)&counters->lock;
    g_mutex_lock(lock);
    write_answers(counters, text);
    write_times(counters, text);
    g_mutex_unlock(lock);
}
