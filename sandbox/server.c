/* The listener: collects a call, finds its route, lets faults strike before and after the handler. */
#include "server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "bill.h"
#include "fault.h"
#include "routes.h"

#define CONNECTIONS_MAX 512
#define IDLE_SECONDS 60

const char *call_header(const Call *call, const char *name)
{
    return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

const char *call_argument(const Call *call, const char *name)
{
    return MHD_lookup_connection_value(call->connection, MHD_GET_ARGUMENT_KIND, name);
}

void reply_bytes(Reply *reply, unsigned status, const char *media_type, char *body, size_t length)
{
    g_free(reply->body);
    *reply = (Reply){ .status = status, .media_type = media_type, .body = body, .length = length };
}

void reply_json(Reply *reply, unsigned status, const json_t *body)
{
    char *text = json_write(body);
    reply_bytes(reply, status, "application/json", text, strlen(text));
}

void reply_error(Reply *reply, unsigned status, const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    JSON_AUTO *body = json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message);
    reply_json(reply, status, body);
}

void reply_done(Reply *reply)
{
    g_free(reply->body);
    *reply = (Reply){ 0 };
}

/* Matches segment by segment; the segments that '*' stands for go to call->parts. */
static bool route_fits(const Route *route, Call *call)
{
    g_auto(GStrv) wanted = g_strsplit(route->pattern, "/", -1), given = g_strsplit(call->path, "/", -1);
    if (strcmp(route->method, call->method) != 0 || g_strv_length(wanted) != g_strv_length(given))
        return false;
    for (size_t i = 0; wanted[i] != NULL; i++) {
        if (strcmp(wanted[i], "*") != 0 && strcmp(wanted[i], given[i]) != 0)
            return false;
    }
    for (size_t i = 0, part = 0; wanted[i] != NULL; i++) {
        if (strcmp(wanted[i], "*") == 0)
            call->parts[part++] = g_strdup(given[i]);
    }
    return true;
}

static void run_route(Sandbox *sandbox, const Route *route, const Call *call, Reply *reply)
{
    if (route->point == NULL) {
        route->handler(sandbox, call, reply);
        return;
    }
    g_autofree char *number = bill_number_of_call(sandbox->book, call);
    if (fault_strike(sandbox->book, route->point, "before", number, reply))
        return;
    route->handler(sandbox, call, reply);
    fault_strike(sandbox->book, route->point, "after", number, reply);
}

static void answer(Sandbox *sandbox, Call *call, Reply *reply)
{
    for (size_t i = 0; i < route_count; i++) {
        if (route_fits(&routes[i], call)) {
            run_route(sandbox, &routes[i], call, reply);
            return;
        }
    }
    reply_error(reply, 404, "not_found", "%s %s is no address of the sandbox; sandbox/routes.c lists them all",
        call->method, call->path);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, Reply *reply)
{
    if (reply->drop)
        return MHD_NO; /* closes the socket without an answer */
    struct MHD_Response *response = MHD_create_response_from_buffer(reply->length, reply->body, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", reply->media_type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (reply->header != NULL)
        MHD_add_response_header(response, reply->header, reply->header_value);
    enum MHD_Result outcome = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return outcome;
}

static enum MHD_Result finish(Sandbox *sandbox, struct MHD_Connection *connection, const char *method, const char *path,
    const Buffer *body)
{
    Call call = { .connection = connection, .method = method, .path = path, .body = buffer_span(body) };
    Reply reply = { 0 };
    if (body->overflowed) {
        reply_error(&reply, 413, "too_large", "the body has more than %lu bytes", SERVER_BODY_MAX);
    } else {
        call.json = json_read(call.body, SERVER_BODY_MAX, "the body", NULL);
        answer(sandbox, &call, &reply);
    }
    log_debug("sandbox", "%s %s: %u%s", method, path, reply.status, reply.drop ? " (dropped)" : "");
    enum MHD_Result outcome = send_reply(connection, &reply);
    for (size_t i = 0; i < CALL_PARTS_MAX; i++)
        g_free(call.parts[i]);
    json_decref(call.json);
    reply_done(&reply);
    return outcome;
}

static enum MHD_Result on_call(void *context, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *data, size_t *data_length, void **state)
{
    if (*state == NULL) {
        Buffer *body = g_new0(Buffer, 1);
        body->maximum = SERVER_BODY_MAX;
        *state = body;
        return MHD_YES;
    }
    if (*data_length > 0) {
        buffer_append(*state, (Span){ data, *data_length });
        *data_length = 0;
        return MHD_YES;
    }
    return finish(context, connection, method, path, *state);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
    if (*state == NULL)
        return;
    buffer_done(*state);
    g_free(*state);
    *state = NULL;
}

/* "127.0.0.1:8081" → address. */
static bool read_listen(const char *text, struct sockaddr_in *ret_address, GError **error)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;
    g_autofree char *host = colon == NULL ? NULL : g_strndup(text, (size_t)(colon - text));
    *ret_address = (struct sockaddr_in){ .sin_family = AF_INET };
    if (colon == NULL || !span_to_uint64(span_of(colon + 1), &port) || port > 65535
        || inet_pton(AF_INET, host, &ret_address->sin_addr) != 1) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "--listen %s is not ADDRESS:PORT, like 127.0.0.1:8081", text);
        return false;
    }
    ret_address->sin_port = htons((uint16_t)port);
    return true;
}

/* A bound, listening socket; the port that was chosen is in *address afterwards. -1 and `error` where it cannot. */
static int listen_at(struct sockaddr_in *address, const char *listen_on, GError **error)
{
    socklen_t length = sizeof *address;
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
        && bind(listener, (struct sockaddr *)address, sizeof *address) == 0 && listen(listener, SOMAXCONN) == 0
        && getsockname(listener, (struct sockaddr *)address, &length) == 0)
        return listener;
    error_set(error, SALDO_ERROR_IO, "cannot listen on %s: %s; is another saldo-sandbox running?", listen_on,
        g_strerror(errno));
    if (listener >= 0)
        close(listener);
    return -1;
}

/* The address is known before the first call can come: handlers need base_url. */
struct MHD_Daemon *server_start(Sandbox *sandbox, const char *listen_on, GError **error)
{
    struct sockaddr_in address;
    if (!read_listen(listen_on, &address, error))
        return NULL;
    int listener = listen_at(&address, listen_on, error);
    if (listener < 0)
        return NULL;
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    sandbox->base_url = g_strdup_printf("http://%s:%u", host, (unsigned)ntohs(address.sin_port));
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
        NULL, on_call, sandbox, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_END);
    if (daemon == NULL) {
        close(listener);
        error_set(error, SALDO_ERROR_IO, "the HTTP server for %s could not be started", listen_on);
    }
    return daemon;
}

void server_stop(struct MHD_Daemon *daemon)
{
    MHD_stop_daemon(daemon);
}
