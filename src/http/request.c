/* Requests and replies as values: making, filling, ending. */
#include "request.h"

#include <stdarg.h>
#include <string.h>

#include "base/json.h"

static void free_secret_text(char **text)
{
    if (*text != NULL)
        explicit_bzero(*text, strlen(*text));
    g_clear_pointer(text, g_free);
}

/* [PAY-011] The sealed security code and the password are members of their bodies. jansson frees its strings as they are. */
static void wipe_texts(const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
        if (json_is_string(value))
            explicit_bzero((char *)json_string_value(value), json_string_length(value));
}

void http_request_done(HttpRequest *request)
{
    g_free(request->path);
    for (size_t i = 0; i < HTTP_PARAMETERS_MAX; i++)
        g_free(request->parameters[i]);
    for (size_t i = 0; i < request->query_count; i++) {
        g_free(request->query_names[i]);
        g_free(request->query_values[i]);
    }
    g_free(request->method);
    g_free(request->host);
    g_free(request->origin);
    g_free(request->content_type);
    free_secret_text(&request->session_token);
    free_secret_text(&request->csrf);
    g_free(request->idempotency_key);
    g_free(request->last_event_id);
    g_free(request->accept_encoding);
    g_free(request->if_none_match);
    g_free(request->client_address);
    buffer_done_secret(&request->body);
    wipe_texts(request->json);
    json_clear(&request->json);
    g_clear_pointer(&request->account, store_account_free);
    free_secret_text(&request->session_csrf);
    g_free(request->session_hash);
    *request = (HttpRequest){ 0 };
}

const char *http_request_query(const HttpRequest *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query_names[i], name) == 0)
            return request->query_values[i];
    return NULL;
}

Id http_request_id(const HttpRequest *request)
{
    Id id;
    g_assert(id_parse(span_of(request->parameters[0]), &id)); /* the route takes nothing else */
    return id;
}

void http_reply_done(HttpReply *reply)
{
    g_clear_pointer(&reply->body, g_bytes_unref);
    g_clear_pointer(&reply->headers, g_ptr_array_unref);
    g_clear_pointer(&reply->stream, event_stream_free);
}

void http_reply_header(HttpReply *reply, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *value = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (reply->headers == NULL)
        reply->headers = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(reply->headers, g_strdup(name));
    g_ptr_array_add(reply->headers, value);
}

void http_reply_bytes(HttpReply *reply, unsigned status, const char *media_type, GBytes *body)
{
    reply->status = status;
    reply->media_type = media_type;
    g_clear_pointer(&reply->body, g_bytes_unref);
    reply->body = body;
}

void http_reply_text(HttpReply *reply, unsigned status, const char *media_type, const char *text)
{
    http_reply_bytes(reply, status, media_type, g_bytes_new(text, strlen(text)));
}

void http_reply_json(HttpReply *reply, unsigned status, json_t *value)
{
    char *text = json_write(value);
    json_decref(value);
    http_reply_bytes(reply, status, "application/json", g_bytes_new_take(text, strlen(text)));
}

void http_reply_empty(HttpReply *reply, unsigned status)
{
    http_reply_bytes(reply, status, NULL, NULL);
}
