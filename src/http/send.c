/* Sending a reply. */
#include "send.h"

#include <string.h>

#include "events.h"

static bool has_header(const HttpReply *reply, const char *name)
{
    for (guint i = 0; reply->headers != NULL && i < reply->headers->len; i += 2)
        if (g_ascii_strcasecmp(reply->headers->pdata[i], name) == 0)
            return true;
    return false;
}

static void unref_bytes(void *bytes)
{
    g_bytes_unref(bytes);
}

static struct MHD_Response *response_from(Exchange *exchange)
{
    HttpReply *reply = &exchange->reply;
    if (reply->stream != NULL)
        return events_open(exchange->server->events, g_steal_pointer(&reply->stream), exchange->connection);
    if (reply->body == NULL)
        return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    gsize length;
    const void *data = g_bytes_get_data(reply->body, &length);
    return MHD_create_response_from_buffer_with_free_callback_cls(length, (void *)data, unref_bytes,
        g_bytes_ref(reply->body));
}

static void add_unless_set(struct MHD_Response *response, const HttpReply *reply, const char *name, const char *value)
{
    if (!has_header(reply, name))
        MHD_add_response_header(response, name, value);
}

static void add_headers(struct MHD_Response *response, const Exchange *exchange)
{
    const HttpReply *reply = &exchange->reply;
    for (guint i = 0; reply->headers != NULL && i < reply->headers->len; i += 2)
        MHD_add_response_header(response, reply->headers->pdata[i], reply->headers->pdata[i + 1]);
    if (reply->media_type != NULL)
        MHD_add_response_header(response, "Content-Type", reply->media_type);
    MHD_add_response_header(response, "X-Request-Id", exchange->request.id.text);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_unless_set(response, reply, "Cache-Control", "no-store");
    add_unless_set(response, reply, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (strcmp(exchange->server->origin.scheme, "https") == 0)
        MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    if (g_atomic_int_get(&exchange->server->stopping))
        MHD_add_response_header(response, "Connection", "close");
}

enum MHD_Result send_reply(Exchange *exchange)
{
    bool is_stream = exchange->reply.stream != NULL;
    connections_set_deadline(exchange->server->connections, exchange->connection,
        is_stream ? INT64_MAX : time_monotonic_us() + HTTP_WRITE_US);
    struct MHD_Response *response = response_from(exchange);
    if (response == NULL)
        return MHD_NO;
    add_headers(response, exchange);
    enum MHD_Result queued = MHD_queue_response(exchange->connection, exchange->reply.status, response);
    MHD_destroy_response(response);
    return queued;
}
