/* A message's body and its attachments: hostile bytes, read in the jail, shown under policies of their own.
 *
 * The body has its own address: a frame made from text would inherit the app's policy and lose its styling.
 */
#include <string.h>

#include "base/error.h"
#include "handlers.h"
#include "problem.h"
#include "server.h"

typedef struct RawWork {
    const StoreAccount *account;
    Id id;
    GBytes *raw;
    StoreMessage *message;
} RawWork;

static bool read_raw(StoreTx *tx, void *context, GError **error)
{
    RawWork *work = context;
    return store_message_get(tx, work->account, work->id, &work->message, error)
        && store_message_raw(tx, work->account, work->id, &work->raw, error);
}

/* False with the problem as reply. */
static bool load(Server *server, const HttpRequest *request, HttpReply *reply, RawWork *work)
{
    *work = (RawWork){ .account = request->account, .id = http_request_id(request) };
    g_autoptr(GError) error = NULL;
    if (store_read(server->parts.store, read_raw, work, &error))
        return true;
    g_clear_pointer(&work->message, store_message_free);
    problem_reply_error(reply, request, error);
    return false;
}

static void unload(RawWork *work)
{
    g_bytes_unref(work->raw);
    store_message_free(work->message);
}

static Span bytes_span(GBytes *bytes)
{
    gsize length;
    const char *at = g_bytes_get_data(bytes, &length);
    return (Span){ at, length };
}

/* ---- The body --------------------------------------------------------------------------------------- */

/* A reader sees this in the frame: words, not a problem object. */
static void reply_unreadable(const HttpRequest *request, HttpReply *reply)
{
    bool is_polish = strcmp(request->account->language, "pl") == 0;
    http_reply_text(reply, 422, "text/html; charset=utf-8", is_polish
            ? "<!doctype html><html lang=\"pl\"><title>Wiadomość</title><p>Tej wiadomości nie da się bezpiecznie pokazać."
            : "<!doctype html><html lang=\"en\"><title>Message</title><p>This message cannot be shown safely.");
    reply->problem = "message_unreadable";
}

void handle_get_message_body(Server *server, HttpRequest *request, HttpReply *reply)
{
    const char *pictures = http_request_query(request, "pictures");
    bool with_pictures = pictures != NULL && strcmp(pictures, "1") == 0;
    if (pictures != NULL && !with_pictures && strcmp(pictures, "0") != 0) {
        problem_reply(reply, request, "bad_request", "`pictures` is 0 or 1.");
        return;
    }
    RawWork work;
    if (!load(server, request, reply, &work))
        return;
    g_autoptr(GError) error = NULL;
    g_autofree char *html = jail_render_body(server->parts.jail, bytes_span(work.raw), with_pictures, &error);
    unload(&work);
    if (html != NULL)
        http_reply_text(reply, 200, "text/html; charset=utf-8", html);
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE))
        problem_reply_error(reply, request, error);
    else
        reply_unreadable(request, reply);
    http_reply_header(reply, "Content-Security-Policy",
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:%s; frame-ancestors 'self'",
        with_pictures ? " https:" : "");
}

/* ---- Attachments --------------------------------------------------------------------------------------- */

/* RFC 8187: UTF-8, percent-encoded; nothing but letters, digits and a few signs stays as it is. */
static char *encode_name(const char *name)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (const unsigned char *at = (const unsigned char *)name; *at != '\0'; at++) {
        if (g_ascii_isalnum(*at) || strchr("-._~", *at) != NULL)
            g_string_append_c(text, (char)*at);
        else
            g_string_append_printf(text, "%%%02X", *at);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *part_name(const StoreMessage *message, unsigned part)
{
    g_autoptr(Extraction) extraction = extraction_from_json(message->extraction, NULL);
    for (guint i = 0; extraction != NULL && i < extraction->summary->attachments->len; i++) {
        const MailAttachment *attachment = extraction->summary->attachments->pdata[i];
        if (attachment->part == part && attachment->name != NULL)
            return g_path_get_basename(attachment->name);
    }
    return g_strdup_printf("part-%u", part);
}

void handle_get_part(Server *server, HttpRequest *request, HttpReply *reply)
{
    uint64_t part;
    g_assert(span_to_uint64(span_of(request->parameters[1]), &part)); /* the route takes nothing else */
    RawWork work;
    if (!load(server, request, reply, &work))
        return;
    g_autoptr(GError) error = NULL;
    GBytes *bytes = jail_read_part(server->parts.jail, bytes_span(work.raw), (unsigned)part, &error);
    g_autofree char *name = part_name(work.message, (unsigned)part);
    unload(&work);
    if (bytes == NULL) {
        bool is_busy = g_error_matches(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
        problem_reply(reply, request, is_busy ? "busy" : "not_found", "%s", error->message);
        return;
    }
    g_autofree char *encoded = encode_name(name);
    http_reply_bytes(reply, 200, "application/octet-stream", bytes);
    http_reply_header(reply, "Content-Disposition", "attachment; filename*=UTF-8''%s", encoded);
    http_reply_header(reply, "Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'");
}
