/* The metrics socket: a second, tiny daemon. */
#include "metrics.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "connections.h"
#include "counters.h"
#include "events.h"
#include "exchange.h"

enum { METRICS_CONNECTIONS = 8 };

struct Metrics {
    Server *server;
    char *path;
    struct MHD_Daemon *daemon;
};

static void write_gauge(GString *text, const char *name, const char *help, uint64_t value)
{
    g_string_append_printf(text, "# HELP %s %s\n# TYPE %s gauge\n%s %" G_GUINT64_FORMAT "\n", name, help, name, name, value);
}

static void write_lanes(Server *server, GString *text)
{
    g_string_append(text, "# HELP saldo_http_queue Requests that wait for a worker.\n# TYPE saldo_http_queue gauge\n");
    for (RouteLane lane = LANE_STORE; lane < LANE_COUNT; lane++)
        g_string_append_printf(text, "saldo_http_queue{lane=\"%s\"} %zu\n", route_lane_name(lane),
            lane_depth(server->lanes[lane]));
}

static void write_vault(Server *server, GString *text)
{
    VaultStatus status = { 0 };
    bool is_up = vault_status(server->parts.vault, &status, NULL);
    write_gauge(text, "saldo_vault_up", "1 where the vault answers.", is_up);
    write_gauge(text, "saldo_vault_restarts", "Vault processes started after the first.", status.restarts);
    write_gauge(text, "saldo_vault_codes", "Security codes in the vault's memory.", status.codes_held);
}

static void write_jail_requests(const JailCounters *counters, GString *text)
{
    g_string_append(text, "# HELP saldo_jail_requests_total Messages given to the jail, by what was asked and how it ended.\n"
                          "# TYPE saldo_jail_requests_total counter\n");
    for (JailQuestion question = 0; question < JAIL_QUESTIONS; question++)
        for (JailOutcome outcome = 0; outcome < JAIL_OUTCOMES; outcome++)
            g_string_append_printf(text, "saldo_jail_requests_total{kind=\"%s\",outcome=\"%s\"} %" G_GUINT64_FORMAT "\n",
                jail_question_name(question), jail_outcome_name(outcome), counters->requests[question][outcome]);
}

static void write_jail(Server *server, GString *text)
{
    JailCounters counters = jail_counters(server->parts.jail);
    write_jail_requests(&counters, text);
    write_gauge(text, "saldo_jail_workers", "Messages that may be read at once.", counters.workers);
    write_gauge(text, "saldo_jail_working", "Messages being read.", counters.working);
    write_gauge(text, "saldo_jail_waiting", "Requests that wait for a worker.", counters.waiting);
    write_gauge(text, "saldo_jail_waiting_most", "Most requests that ever waited at once.", counters.waiting_most);
    write_gauge(text, "saldo_jail_interrupted", "Children that were ended from outside.", counters.interrupted);
    write_gauge(text, "saldo_jail_restarts", "Jail parents started after the first.", counters.restarts);
    write_gauge(text, "saldo_jail_landlock_version", "Landlock's version in this kernel, 0 where it has none.",
        (uint64_t)counters.landlock_version);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
    Metrics *metrics = context;
    Server *server = metrics->server;
    bool found = strcmp(method, "GET") == 0 && strcmp(url, "/metrics") == 0;
    g_autoptr(GString) text = g_string_new(NULL);
    if (found) {
        counters_write(server->counters, text);
        write_lanes(server, text);
        write_gauge(text, "saldo_http_connections", "Open connections.", connections_count(server->connections));
        write_gauge(text, "saldo_http_suspended", "Requests being worked on.", exchanges_count(server->exchanges));
        write_gauge(text, "saldo_http_streams", "Open event streams.", events_count(server->events));
        write_vault(server, text);
        write_jail(server, text);
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(text->len, text->str, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4");
    enum MHD_Result queued = MHD_queue_response(connection, found ? 200 : 404, response);
    MHD_destroy_response(response);
    return queued;
}

static int listen_at(const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address.sun_path)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "metrics_socket %s is too long: at most %zu bytes", path,
            sizeof(address.sun_path) - 1);
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 && chmod(path, 0600) == 0
        && listen(listener, METRICS_CONNECTIONS) == 0)
        return listener;
    error_set(error, SALDO_ERROR_IO, "cannot listen at metrics_socket %s: %s", path, g_strerror(errno));
    if (listener >= 0)
        close(listener);
    return -1;
}

Metrics *metrics_start(Server *server, const char *path, GError **error)
{
    int listener = listen_at(path, error);
    if (listener < 0)
        return NULL;
    Metrics *metrics = g_new0(Metrics, 1);
    metrics->server = server;
    metrics->path = g_strdup(path);
    metrics->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, metrics,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S, MHD_OPTION_END);
    if (metrics->daemon != NULL)
        return metrics;
    error_set(error, SALDO_ERROR_IO, "cannot serve metrics at %s", path);
    close(listener);
    metrics_stop(metrics);
    return NULL;
}

void metrics_stop(Metrics *metrics)
{
    if (metrics == NULL)
        return;
    if (metrics->daemon != NULL)
        MHD_stop_daemon(metrics->daemon);
    unlink(metrics->path);
    g_free(metrics->path);
    g_free(metrics);
}
