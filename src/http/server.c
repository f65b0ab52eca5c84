/* The server: libmicrohttpd's event threads on one side, the lanes' workers on the other.
 *
 * Event thread: read and check → suspend, then queue (a worker may answer before this returns).
 * Worker: dispatch_run → exchange_answer, which resumes the connection. Event thread: send.
 * The watch cuts slow clients and answers what is late.
 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "cards.h"
#include "connections.h"
#include "counters.h"
#include "cursor.h"
#include "dispatch.h"
#include "events.h"
#include "exchange.h"
#include "files.h"
#include "idempotency.h"
#include "metrics.h"
#include "problem.h"
#include "readiness.h"
#include "receive.h"
#include "send.h"
#include "tries.h"

struct HttpServer {
    Server server;
};

enum { EVENT_THREADS = 2, WATCH_MS = 250 };

/* ---- Workers ------------------------------------------------------------------------------------ */

static void run_exchange(void *job, void *context)
{
    Exchange *exchange = job;
    HttpReply reply = { 0 };
    if (time_monotonic_us() - exchange->queued_us > HTTP_QUEUE_WAIT_US)
        problem_reply(&reply, &exchange->request, "busy", "The request waited too long for a worker; nothing was done.");
    else if (g_atomic_int_get(&exchange->server->stopping))
        problem_reply(&reply, &exchange->request, "busy", "The server is being restarted; nothing was done, try again.");
    else if (!exchange_is_answered(exchange))
        dispatch_run(exchange->server, &exchange->request, &reply);
    exchange_answer(exchange, &reply);
    exchange_unref(exchange);
}

static void queue(Exchange *exchange)
{
    Server *server = exchange->server;
    bool is_outside = exchange->request.route->lane == LANE_OUTSIDE;
    exchange_suspend(exchange, is_outside ? time_monotonic_us() + server->outside_us : INT64_MAX);
    if (lane_push(server->lanes[exchange->request.route->lane], exchange_ref(exchange)))
        return;
    HttpReply reply = { 0 };
    problem_reply(&reply, &exchange->request, "busy", "Too many requests wait already; nothing was done.");
    exchange_answer(exchange, &reply);
    exchange_unref(exchange);
}

/* ---- Event threads -------------------------------------------------------------------------------- */

static enum MHD_Result begin(Server *server, struct MHD_Connection *connection, const char *path, const char *method,
    void **context)
{
    Exchange *exchange = exchange_new(server, connection);
    g_atomic_int_inc(&server->active);
    *context = exchange;
    if (receive_head(exchange, method, path))
        return MHD_YES;
    return send_reply(exchange);
}

static enum MHD_Result handle(Exchange *exchange)
{
    connections_set_deadline(exchange->server->connections, exchange->connection, INT64_MAX);
    if (!receive_end(exchange))
        return send_reply(exchange);
    if (g_atomic_int_get(&exchange->server->stopping)) {
        problem_reply(&exchange->reply, &exchange->request, "busy", "The server is being restarted; try again in a moment.");
        return send_reply(exchange);
    }
    if (exchange->request.route->lane != LANE_INLINE) {
        queue(exchange);
        return MHD_YES;
    }
    dispatch_run(exchange->server, &exchange->request, &exchange->reply);
    return send_reply(exchange);
}

static enum MHD_Result on_access(void *context, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
    Exchange *exchange = *request;
    if (exchange == NULL)
        return begin(context, connection, path, method, request);
    if (*upload_size > 0) {
        bool goes_on = receive_body(exchange, (Span){ upload, *upload_size });
        *upload_size = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    return exchange_is_answered(exchange) ? send_reply(exchange) : handle(exchange);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
    enum MHD_RequestTerminationCode code)
{
    Server *server = context;
    Exchange *exchange = *request;
    *request = NULL;
    if (exchange == NULL)
        return;
    int64_t now_us = time_monotonic_us();
    connections_set_deadline(server->connections, connection, now_us + HTTP_KEEP_US);
    const HttpReply *reply = &exchange->reply;
    const Route *route = exchange->request.route;
    counters_add(server->counters, route, reply->status, now_us - exchange->started_us);
    log_line(reply->problem == NULL ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "http", "%s %s %s %u %s %d ms",
        exchange->request.id.text, exchange->request.method == NULL ? "-" : exchange->request.method,
        route == NULL ? "-" : route->pattern, reply->status, reply->problem == NULL ? "ok" : reply->problem,
        (int)((now_us - exchange->started_us) / 1000));
    exchange_unref(exchange);
    g_atomic_int_add(&server->active, -1);
}

__attribute__((format(printf, 2, 0))) static void on_library_log(void *context, const char *format, va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    log_debug("http", "libmicrohttpd: %s", g_strchomp(text));
}

static gpointer watch(gpointer data)
{
    Server *server = data;
    while (!g_atomic_int_get(&server->stopping)) {
        int64_t now_us = time_monotonic_us();
        connections_cut(server->connections, now_us);
        exchanges_answer_late(server->exchanges, now_us, false);
        g_usleep(WATCH_MS * 1000);
    }
    return NULL;
}

/* ---- Start ------------------------------------------------------------------------------------------ */

static bool parse_address(const char *text, struct sockaddr_storage *ret_address, socklen_t *ret_length, GError **error)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *host = g_strndup(text, colon == NULL ? 0 : (gsize)(colon - text));
    size_t length = strlen(host);
    uint64_t port;
    struct sockaddr_storage address = { 0 };
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    bool is_six = length > 2 && host[0] == '[' && host[length - 1] == ']';
    if (is_six) {
        host[length - 1] = '\0';
        six->sin6_family = AF_INET6;
    } else {
        four->sin_family = AF_INET;
    }
    bool is_sound = colon != NULL && span_to_uint64(span_of(colon + 1), &port) && port <= 65535
        && (is_six ? inet_pton(AF_INET6, host + 1, &six->sin6_addr) : inet_pton(AF_INET, host, &four->sin_addr)) == 1;
    if (!is_sound) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the address \"%s\" is not like 127.0.0.1:8080 or [::1]:8080", text);
        return false;
    }
    (is_six ? &six->sin6_port : &four->sin_port)[0] = htons((uint16_t)port);
    *ret_address = address;
    *ret_length = is_six ? sizeof(*six) : sizeof(*four);
    return true;
}

/* A listening socket of our own making, so that the port (0 takes a free one) is known before the first request. */
static int listen_on(Server *server, const char *text, GError **error)
{
    struct sockaddr_storage address;
    socklen_t length;
    if (!parse_address(text, &address, &length, error))
        return -1;
    int listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) == 0
        && bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, SOMAXCONN) == 0
        && getsockname(listener, (struct sockaddr *)&address, &length) == 0) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&address; /* the port lies at the same place in both */
        server->port = ntohs(four->sin_port);
        return listener;
    }
    error_set(error, SALDO_ERROR_IO, "cannot listen on %s: %s", text, g_strerror(errno));
    if (listener >= 0)
        close(listener);
    return -1;
}

static bool set_origin(Server *server, const HttpOptions *options, GError **error)
{
    const char *colon = strrchr(options->address, ':');
    g_autofree char *own = g_strdup_printf("http://%.*s:%d", (int)(colon - options->address), options->address,
        server->port);
    return origin_parse(options->public_url == NULL ? own : options->public_url, &server->origin, error);
}

static bool start_daemon(Server *server, const HttpOptions *options, GError **error)
{
    int listener = listen_on(server, options->address, error);
    if (listener < 0)
        return false;
    if (!set_origin(server, options, error)) {
        close(listener);
        return false;
    }
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_access, server,
        MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)EVENT_THREADS,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
        MHD_OPTION_NOTIFY_CONNECTION, connections_notify, server->connections,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_END);
    if (server->daemon != NULL)
        return true;
    close(listener);
    error_set(error, SALDO_ERROR_IO, "cannot start libmicrohttpd on %s", options->address);
    return false;
}

int http_port(const HttpServer *http)
{
    return http->server.port;
}

static unsigned workers_or(unsigned wanted, unsigned standard)
{
    return wanted == 0 ? standard : MIN(wanted, HTTP_WORKERS_MOST);
}

static void start_lanes(Server *server, const HttpOptions *options)
{
    const unsigned workers[LANE_COUNT] = {
        [LANE_STORE] = workers_or(options->workers, HTTP_STORE_WORKERS),
        [LANE_PASSWORD] = HTTP_PASSWORD_WORKERS,
        [LANE_JAIL] = HTTP_JAIL_WORKERS,
        [LANE_OUTSIDE] = workers_or(options->outside_workers, HTTP_OUTSIDE_WORKERS),
    };
    for (RouteLane lane = LANE_STORE; lane < LANE_COUNT; lane++)
        server->lanes[lane] = lane_start(route_lane_name(lane), workers[lane], HTTP_QUEUE, run_exchange, server);
}

/* Requests come in from start_daemon on: everything that they touch is made before it. */
static bool start(HttpServer *http, const HttpOptions *options, GError **error)
{
    Server *server = &http->server;
    server->cursor_key = cursor_key_load(server->parts.store, error);
    if (server->cursor_key == NULL)
        return false;
    server->files = files_load(options->web_directory, error);
    if (server->files == NULL)
        return false;
    server->connections = connections_new();
    server->exchanges = exchanges_new();
    server->tries = tries_new();
    server->running_keys = running_keys_new();
    server->processor_keys = processor_keys_new();
    server->counters = counters_new();
    server->readiness = readiness_new();
    server->events = events_start(server);
    server->outside_us = options->outside_ms == 0 ? HTTP_OUTSIDE_US : options->outside_ms * INT64_C(1000);
    start_lanes(server, options);
    if (!start_daemon(server, options, error))
        return false;
    if (options->metrics_socket != NULL && (server->metrics = metrics_start(server, options->metrics_socket, error)) == NULL)
        return false;
    store_on_commit(server->parts.store, events_wake, server->events);
    server->watch = g_thread_new("http-watch", watch, server);
    return true;
}

HttpServer *http_start(const HttpParts *parts, const HttpOptions *options, GError **error)
{
    g_autoptr(HttpServer) http = g_new0(HttpServer, 1);
    http->server.parts = *parts;
    if (!start(http, options, error))
        return NULL;
    log_info("http", "serving %s on %s", http->server.origin.text, options->address);
    return g_steal_pointer(&http);
}

/* ---- Stop --------------------------------------------------------------------------------------------- */

static void wait_for_replies(Server *server)
{
    int64_t until_us = time_monotonic_us() + HTTP_STOP_US;
    while (time_monotonic_us() < until_us && g_atomic_int_get(&server->active) > 0)
        g_usleep(10 * 1000);
}

/* No more connections, no more work; then every suspended connection is resumed, as libmicrohttpd demands. */
static void stop_daemon(Server *server)
{
    MHD_socket listener = server->daemon == NULL ? MHD_INVALID_SOCKET : MHD_quiesce_daemon(server->daemon);
    for (RouteLane lane = LANE_STORE; lane < LANE_COUNT; lane++)
        if (server->lanes[lane] != NULL)
            lane_stop(server->lanes[lane]);
    events_stop(server->events);
    if (server->daemon != NULL) {
        exchanges_answer_late(server->exchanges, INT64_MAX, true);
        wait_for_replies(server);
        MHD_stop_daemon(server->daemon);
    }
    if (listener != MHD_INVALID_SOCKET)
        close(listener);
}

void http_stop(HttpServer *http)
{
    if (http == NULL)
        return;
    Server *server = &http->server;
    g_atomic_int_set(&server->stopping, 1);
    g_clear_pointer(&server->watch, g_thread_join);
    g_clear_pointer(&server->metrics, metrics_stop);
    if (server->events != NULL)
        store_on_commit(server->parts.store, NULL, NULL);
    stop_daemon(server);
    for (RouteLane lane = LANE_STORE; lane < LANE_COUNT; lane++)
        lane_free(server->lanes[lane]);
    events_free(server->events);
    exchanges_free(server->exchanges);
    connections_free(server->connections);
    files_free(server->files);
    tries_free(server->tries);
    running_keys_free(server->running_keys);
    processor_keys_free(server->processor_keys);
    counters_free(server->counters);
    readiness_free(server->readiness);
    origin_done(&server->origin);
    g_free(server->cursor_key);
    g_free(http);
}
