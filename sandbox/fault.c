/* Reading, keeping and striking faults: see fault.h. */
#include "fault.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

/* A test that needs longer asks for several. */
#define FAULT_DELAY_MAX_MS 60000

static const char *const points[] = { "loadentity", "document", "biller.complete", "biller.lookup", "processor.keys",
    "processor.token", "processor.charge", "processor.refund", "processor.lookup" };

static const struct {
    const char *name, *kind;
    const char *moment;
    bool moment_fixed; /* another moment after the point is a contradiction */
} kinds[] = {
    { "drop", "drop", "before", false },
    { "drop_before", "drop", "before", true },
    { "drop_after", "drop", "after", true },
    { "status_500", "status_500", "before", false },
    { "status_500_before", "status_500", "before", true },
    { "status_500_after", "status_500", "after", true },
    { "delay", "delay", "before", false },
    { "delay_after", "delay", "after", true },
    { "garbage", "garbage", "after", false },
    { "429", "429", "before", false },
    { "down", "down", "before", true },
    { "lookup_lag", "lookup_lag", "before", true },
};

/* Splits "biller.complete.after" into its point and moment (NULL where it names none). */
static const char *read_point(const char *text, const char **ret_moment)
{
    for (size_t i = 0; text != NULL && i < G_N_ELEMENTS(points); i++) {
        size_t length = strlen(points[i]);
        if (strncmp(text, points[i], length) != 0)
            continue;
        const char *rest = text + length;
        bool plain = *rest == '\0';
        if (plain || strcmp(rest, ".before") == 0 || strcmp(rest, ".after") == 0) {
            *ret_moment = plain ? NULL : rest + 1;
            return points[i];
        }
    }
    return NULL;
}

bool fault_add(Book *book, const json_t *description, const char *origin, GError **error)
{
    const char *moment = NULL, *kind = json_text(description, "kind");
    const char *point = read_point(json_text(description, "point"), &moment);
    size_t k = 0;
    while (k < G_N_ELEMENTS(kinds) && g_strcmp0(kinds[k].name, kind) != 0)
        k++;
    if (point == NULL || k == G_N_ELEMENTS(kinds)) {
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "%s; points are loadentity, document, biller.complete|lookup and processor.keys|token|charge|refund|lookup, each"
            " with .before or .after; kinds are drop, status_500, delay, garbage, 429, down, lookup_lag (sandbox/fault.h)",
            point == NULL ? "unknown \"point\"" : "unknown \"kind\"");
        return false;
    }
    if (moment != NULL && kinds[k].moment_fixed && strcmp(moment, kinds[k].moment) != 0) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "kind %s strikes %s the work, the point says %s", kind, kinds[k].moment,
            moment);
        return false;
    }
    int64_t count = json_integer_or(description, "count", 1), delay_ms = json_integer_or(description, "delay_ms", 0);
    if (count == 0 || delay_ms < 0 || delay_ms > FAULT_DELAY_MAX_MS) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "\"count\" must not be 0 (-1 is for ever), \"delay_ms\" lies in 0..%d",
            FAULT_DELAY_MAX_MS);
        return false;
    }
    book_run(book, "INSERT INTO fault(point, moment, kind, remaining, invoice, delay_ms, origin) VALUES(?,?,?,?,?,?,?)",
        "sssisis", point, moment != NULL ? moment : kinds[k].moment, kinds[k].kind, count,
        json_text(description, "invoice"), delay_ms, origin);
    return true;
}

/* Uses up one of the oldest fitting fault; NULL where none stands there. */
static json_t *take(Book *book, const char *point, const char *moment, const char *invoice)
{
    book_begin(book);
    json_t *fault = book_row(book,
        "SELECT * FROM fault WHERE point = ? AND moment = ? AND remaining <> 0 AND (invoice IS NULL OR invoice = ?)"
        " ORDER BY id LIMIT 1",
        "sss", point, moment, invoice);
    if (fault != NULL)
        book_run(book, "UPDATE fault SET remaining = remaining - 1 WHERE id = ? AND remaining > 0", "i",
            json_integer_or(fault, "id", 0));
    book_commit(book);
    return fault;
}

bool fault_strike(Book *book, const char *point, const char *moment, const char *invoice, Reply *reply)
{
    JSON_AUTO *fault = take(book, point, moment, invoice);
    if (fault == NULL)
        return false;
    const char *kind = json_text(fault, "kind");
    if (strcmp(kind, "delay") == 0) {
        g_usleep((gulong)json_integer_or(fault, "delay_ms", 0) * 1000);
        return false;
    }
    if (strcmp(kind, "drop") == 0)
        reply->drop = true;
    else if (strcmp(kind, "status_500") == 0)
        reply_error(reply, 500, "internal_error", "something broke here; what was asked for may or may not be done");
    else if (strcmp(kind, "garbage") == 0)
        reply_bytes(reply, 200, "application/json", g_strdup("{\"requestId\": \"<<<"), strlen("{\"requestId\": \"<<<"));
    else if (strcmp(kind, "429") == 0) {
        reply_error(reply, 429, "rate_limited", "too many requests; try again in a second with the same key");
        reply->header = "Retry-After";
        reply->header_value = "1";
    } else if (strcmp(kind, "down") == 0)
        reply_error(reply, 503, "unavailable", "down for maintenance; try again later");
    else
        reply_error(reply, 404, "not_found", "nothing is known under this id");
    return true;
}
