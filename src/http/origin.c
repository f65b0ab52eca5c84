/* Reading origins and comparing Host and Origin headers with ours. */
#include "origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/span.h"

static bool is_loopback_host(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0;
}

/* "host", "host:port", "[::1]:port". */
static bool parse_authority(const char *text, int default_port, char **ret_host, int *ret_port)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : strchrnul(text, ':') - 1;
    if (end == NULL || end < text)
        return false;
    uint64_t port = (uint64_t)default_port;
    if (end[1] != '\0' && (end[1] != ':' || !span_to_uint64(span_of(end + 2), &port) || port == 0 || port > 65535))
        return false;
    size_t length = (size_t)(end + 1 - text);
    if (strcspn(text, "/@?#\\ ") < length)
        return false;
    *ret_host = g_ascii_strdown(text, (gssize)length);
    *ret_port = (int)port;
    return true;
}

bool origin_parse(const char *text, Origin *ret_origin, GError **error)
{
    bool is_https = g_str_has_prefix(text, "https://");
    const char *authority = is_https ? text + 8 : g_str_has_prefix(text, "http://") ? text + 7 : NULL;
    g_autofree char *trimmed = g_strdup(authority == NULL ? "" : authority);
    if (g_str_has_suffix(trimmed, "/"))
        trimmed[strlen(trimmed) - 1] = '\0';
    g_autofree char *host = NULL;
    int port, standard = is_https ? 443 : 80;
    if (!parse_authority(trimmed, standard, &host, &port)) {
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "public_url \"%s\" is not an origin; write it like https://pay.example.org or http://127.0.0.1:8080", text);
        return false;
    }
    if (!is_https && !is_loopback_host(host)) {
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "public_url \"%s\" must be https: browsers keep the session's cookie from plain http, except on loopback", text);
        return false;
    }
    *ret_origin = (Origin){ .scheme = g_strdup(is_https ? "https" : "http"), .port = port,
        .is_loopback = is_loopback_host(host) };
    ret_origin->host = g_steal_pointer(&host);
    ret_origin->text = port == standard ? g_strdup_printf("%s://%s", ret_origin->scheme, ret_origin->host)
                                        : g_strdup_printf("%s://%s:%d", ret_origin->scheme, ret_origin->host, port);
    return true;
}

void origin_done(Origin *origin)
{
    g_free(origin->text);
    g_free(origin->scheme);
    g_free(origin->host);
    *origin = (Origin){ 0 };
}

bool origin_allows_host(const Origin *origin, const char *host)
{
    g_autofree char *name = NULL;
    int port;
    if (host == NULL || !parse_authority(host, strcmp(origin->scheme, "https") == 0 ? 443 : 80, &name, &port))
        return false;
    bool same_name = strcmp(name, origin->host) == 0 || (origin->is_loopback && is_loopback_host(name));
    return same_name && port == origin->port;
}

bool origin_is_same(const Origin *origin, const char *host, const char *header)
{
    g_autofree char *own = g_strdup_printf("%s://%s", origin->scheme, host);
    return g_ascii_strcasecmp(own, header) == 0;
}

char *origin_of_url(const char *url)
{
    const char *authority = strstr(url, "://");
    if (authority == NULL || (!g_str_has_prefix(url, "https://") && !g_str_has_prefix(url, "http://")))
        return NULL;
    authority += 3;
    size_t length = strcspn(authority, "/?#");
    g_autofree char *text = g_strndup(authority, length);
    g_autofree char *host = NULL;
    int port;
    if (!parse_authority(text, 0, &host, &port) || strpbrk(host, "\"';, \t\r\n") != NULL)
        return NULL;
    g_autofree char *scheme = g_strndup(url, (gsize)(authority - url));
    return port == 0 ? g_strconcat(scheme, host, NULL) : g_strdup_printf("%s%s:%d", scheme, host, port);
}
