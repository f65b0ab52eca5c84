/* What anybody may ask: is the server alive and ready, which keys does it sign with, whom to tell about a hole. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "handlers.h"
#include "problem.h"
#include "readiness.h"
#include "server.h"

enum { KEYS_FRESH_S = 300, CONTACT_DAYS = 180 };

/* ---- Health ---------------------------------------------------------------------------------------- */

void handle_live(Server *server, HttpRequest *request, HttpReply *reply)
{
    json_t *object = json_object();
    json_put_text(object, "status", "alive");
    http_reply_json(reply, 200, object);
}

/* Room for at least a quarter of what a queue takes. */
static bool has_room(Server *server)
{
    for (RouteLane lane = LANE_STORE; lane < LANE_COUNT; lane++)
        if (lane_depth(server->lanes[lane]) > HTTP_QUEUE / 4 * 3)
            return false;
    return true;
}

void handle_ready(Server *server, HttpRequest *request, HttpReply *reply)
{
    VaultStatus status;
    const struct { const char *name; bool is_there; const char *otherwise; } parts[] = {
        { "database", readiness_can_commit(server->readiness, server->parts.store), "cannot commit" },
        { "queue", has_room(server), "full" },
        { "vault", vault_status(server->parts.vault, &status, NULL), "missing" },
    };
    bool is_ready = true;
    json_t *object = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        json_put_text(object, parts[i].name, parts[i].is_there ? "ready" : parts[i].otherwise);
        is_ready = is_ready && parts[i].is_there;
    }
    json_put_text(object, "status", is_ready ? "ready" : "not ready");
    http_reply_json(reply, is_ready ? 200 : 503, object);
}

/* ---- Keys (wire.md §5) ---------------------------------------------------------------------------------- */

static json_t *list_of(const char *text)
{
    json_t *array = json_array();
    json_array_append_new(array, json_string(text));
    return array;
}

static void reply_public(HttpReply *reply, json_t *object)
{
    http_reply_json(reply, 200, object);
    http_reply_header(reply, "Cache-Control", "public, max-age=%d", KEYS_FRESH_S);
}

void handle_openid_configuration(Server *server, HttpRequest *request, HttpReply *reply)
{
    const char *issuer = server->parts.keys->issuer;
    g_autofree char *jwks_uri = g_strconcat(issuer, "/.well-known/jwks.json", NULL);
    json_t *object = json_object();
    json_put_text(object, "issuer", issuer);
    json_put_text(object, "jwks_uri", jwks_uri);
    json_object_set_new(object, "response_types_supported", list_of("id_token"));
    json_object_set_new(object, "subject_types_supported", list_of("public"));
    json_object_set_new(object, "id_token_signing_alg_values_supported", list_of("RS256"));
    reply_public(reply, object);
}

void handle_jwks(Server *server, HttpRequest *request, HttpReply *reply)
{
    reply_public(reply, token_keys_public(server->parts.keys));
}

/* ---- RFC 9116 ---------------------------------------------------------------------------------------------- */

/* "security@pay.example.org"; an address as host is written as RFC 5321 §4.1.3 says. Loopback, by any of its names, is
 * the reader's own machine: its mail knows it as localhost. */
static char *contact_of(const Origin *origin)
{
    if (origin->is_loopback)
        return g_strdup("security@localhost");
    bool is_six = origin->host[0] == '[';
    if (is_six)
        return g_strdup_printf("security@[IPv6:%s", origin->host + 1);
    return g_strdup_printf(g_hostname_is_ip_address(origin->host) ? "security@[%s]" : "security@%s", origin->host);
}

void handle_security_txt(Server *server, HttpRequest *request, HttpReply *reply)
{
    char expires[TIME_RFC3339_MAX];
    time_format_rfc3339((time_now_us() / US_PER_DAY + CONTACT_DAYS) * US_PER_DAY, expires);
    g_autofree char *contact = contact_of(&server->origin);
    g_autofree char *text = g_strdup_printf("Contact: mailto:%s\nExpires: %s\nPreferred-Languages: en, pl\n"
                                            "Canonical: %s/.well-known/security.txt\n",
        contact, expires, server->origin.text);
    http_reply_text(reply, 200, "text/plain; charset=utf-8", text);
}
