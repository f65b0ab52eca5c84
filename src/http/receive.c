/* Reading a request: bounded, Host and Origin checked, route found. */
#include "receive.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "problem.h"
#include "session.h"

typedef struct Head {
    HttpRequest *request;
    size_t bytes;
    unsigned hosts, lengths, encodings;
    uint64_t content_length;
    char *forwarded_for;
    bool bad_query;
} Head;

static void keep(char **place, const char *value)
{
    g_free(*place);
    *place = g_strdup(value == NULL ? "" : value);
}

static enum MHD_Result read_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    Head *head = context;
    HttpRequest *request = head->request;
    const struct { const char *name; char **place; } wanted[] = {
        { "Host", &request->host }, { "Origin", &request->origin }, { "Content-Type", &request->content_type },
        { "X-CSRF-Token", &request->csrf }, { "Idempotency-Key", &request->idempotency_key },
        { "Last-Event-ID", &request->last_event_id }, { "Accept-Encoding", &request->accept_encoding },
        { "If-None-Match", &request->if_none_match }, { "X-Forwarded-For", &head->forwarded_for },
    };
    head->bytes += strlen(name) + (value == NULL ? 0 : strlen(value)) + 4;
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (g_ascii_strcasecmp(name, wanted[i].name) == 0)
            keep(wanted[i].place, value);
    head->hosts += g_ascii_strcasecmp(name, "Host") == 0;
    head->encodings += g_ascii_strcasecmp(name, "Transfer-Encoding") == 0;
    if (g_ascii_strcasecmp(name, "Content-Length") == 0) {
        head->lengths++;
        if (!span_to_uint64(span_of(value), &head->content_length))
            head->content_length = UINT64_MAX;
    }
    return MHD_YES;
}

static enum MHD_Result read_argument(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    Head *head = context;
    HttpRequest *request = head->request;
    if (value == NULL)
        value = "";
    if (request->query_count == HTTP_QUERY_ARGUMENTS || !g_utf8_validate(name, -1, NULL) || !g_utf8_validate(value, -1, NULL)) {
        head->bad_query = true;
        return MHD_NO;
    }
    request->query_names[request->query_count] = g_strdup(name);
    request->query_values[request->query_count++] = g_strdup(value);
    return MHD_YES;
}

/* The peer; where that is a proxy on this machine, whom it names. */
static char *client_address(struct MHD_Connection *connection, const char *forwarded_for)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "";
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    if (address != NULL && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof(text));
    else if (address != NULL && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof(text));
    bool is_local = g_str_has_prefix(text, "127.") || strcmp(text, "::1") == 0;
    if (!is_local || forwarded_for == NULL)
        return g_strdup(text);
    const char *last = strrchr(forwarded_for, ',');
    return g_strstrip(g_strndup(last == NULL ? forwarded_for : last + 1, INET6_ADDRSTRLEN));
}

static void read_head(Head *head, Exchange *exchange, const char *method, const char *path)
{
    HttpRequest *request = &exchange->request;
    head->request = request;
    request->method = g_strdup(method);
    request->path = g_utf8_make_valid(path, (gssize)strnlen(path, HTTP_PATH_BYTES));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, read_header, head);
    MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, read_argument, head);
    const char *cookie = MHD_lookup_connection_value(exchange->connection, MHD_COOKIE_KIND, SESSION_COOKIE);
    request->session_token = g_strdup(cookie);
    request->client_address = client_address(exchange->connection, head->forwarded_for);
}

static bool refuse(Exchange *exchange, const char *code, const char *detail)
{
    problem_reply(&exchange->reply, &exchange->request, code, "%s", detail);
    return false;
}

static bool check_shape(Exchange *exchange, const Head *head, const char *path)
{
    if (head->bytes > HTTP_HEADER_BYTES)
        return refuse(exchange, "headers_too_large", "All header fields together may have 16384 bytes.");
    if (head->hosts != 1 || head->lengths + head->encodings > 1 || head->bad_query)
        return refuse(exchange, "bad_request",
            "A request has one Host, one Content-Length or Transfer-Encoding, and at most 16 arguments in UTF-8.");
    if (strlen(path) > HTTP_PATH_BYTES)
        return refuse(exchange, "not_found", "No address here is that long.");
    if (head->content_length > LIMIT_JSON_BYTES)
        return refuse(exchange, "body_too_large", "A body may have 262144 bytes.");
    return true;
}

static bool check_sender(Exchange *exchange)
{
    const HttpRequest *request = &exchange->request;
    const Origin *own = &exchange->server->origin;
    bool is_probe = strcmp(request->path, "/livez") == 0 || strcmp(request->path, "/readyz") == 0;
    if (!is_probe && !origin_allows_host(own, request->host)) {
        problem_reply(&exchange->reply, request, "host_refused", "Open %s instead.", own->text);
        return false;
    }
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (!reads && request->origin != NULL && !origin_is_same(own, request->host, request->origin))
        return refuse(exchange, "origin_refused", "Use the pages of this server; the page that asked is not one of them.");
    return true;
}

/* What is no API path belongs to the web app: a page where the last segment has no dot, else a file. */
static bool find_file_route(Exchange *exchange)
{
    HttpRequest *request = &exchange->request;
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        http_reply_header(&exchange->reply, "Allow", "GET, HEAD");
        return refuse(exchange, "method_not_allowed", "Pages and files can only be read.");
    }
    const char *segment = strrchr(request->path, '/');
    bool is_file = segment == NULL || route_is_asset_path(request->path) || (strchr(segment, '.') != NULL && !g_str_has_suffix(segment, ".html"));
    request->route = is_file ? route_file() : route_page();
    return true;
}

static bool find_route(Exchange *exchange)
{
    HttpRequest *request = &exchange->request;
    if (!route_is_api_path(request->path))
        return find_file_route(exchange);
    switch (route_find(request)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_NO_PATH:
        return refuse(exchange, "not_found", "The API has no such address; docs/openapi.yaml lists them.");
    case ROUTE_NO_METHOD: {
        g_autofree char *methods = route_methods(request);
        http_reply_header(&exchange->reply, "Allow", "%s", methods);
        problem_reply(&exchange->reply, request, "method_not_allowed", "This address takes %s.", methods);
        return false;
    }
    }
    g_assert_not_reached();
}

bool receive_head(Exchange *exchange, const char *method, const char *path)
{
    Head head = { 0 };
    read_head(&head, exchange, method, path);
    g_free(head.forwarded_for);
    return check_shape(exchange, &head, path) && check_sender(exchange) && find_route(exchange);
}

bool receive_body(Exchange *exchange, Span piece)
{
    Buffer *body = &exchange->request.body;
    if (buffer_append(body, piece))
        return true;
    /* libmicrohttpd takes a reply only at the end of the body: a little more is read and forgotten. */
    bool was_too_large = exchange->body_too_large;
    exchange->body_too_large = true;
    buffer_clear(body);
    return !was_too_large;
}

bool receive_end(Exchange *exchange)
{
    const HttpRequest *request = &exchange->request;
    if (exchange->body_too_large)
        return refuse(exchange, "body_too_large", "A body may have 262144 bytes.");
    if (!request->route->takes_json)
        return true;
    Span type = span_of(request->content_type);
    type = span_trim(span_slice(type, 0, span_find_byte(type, ';')));
    if (!span_equal_nocase(type, SPAN("application/json")))
        return refuse(exchange, "unsupported_media_type", "Send Content-Type: application/json.");
    return true;
}
