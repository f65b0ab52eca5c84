/* Serving the web app: pages with their policies, assets for ever. */
#include "files.h"

#include <string.h>

#include "base/error.h"
#include "files_table.h"
#include "handlers.h"
#include "problem.h"
#include "random.h"

static const char nonce_mark[] = "__CSP_NONCE__";

/* The pages where card number and code are typed: nothing but their own script and style. */
static const char pay_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
                                 "form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'";

/* ---- Pages ------------------------------------------------------------------------------------------ */

typedef struct FrameWork {
    GPtrArray *origins; /* char * */
} FrameWork;

static void add_origin(GPtrArray *origins, const char *url)
{
    g_autofree char *origin = url == NULL ? NULL : origin_of_url(url);
    if (origin != NULL && !g_ptr_array_find_with_equal_func(origins, origin, g_str_equal, NULL))
        g_ptr_array_add(origins, g_steal_pointer(&origin));
}

static bool find_frames(StoreTx *tx, void *context, GError **error)
{
    FrameWork *work = context;
    Id organization_id;
    g_autoptr(Registry) registry = NULL;
    if (!store_organization_find(tx, NULL, &organization_id, error)
        || !store_registry_load(tx, organization_id, &registry, error))
        return false;
    for (guint i = 0; i < registry->partners->len; i++) {
        const Partner *partner = registry->partners->pdata[i];
        if (partner->state == PARTNER_APPROVED || partner->state == PARTNER_TEST)
            add_origin(work->origins, partner->processor_url);
    }
    return true;
}

/* The banks' confirmation pages (3-D Secure) come from the processors of approved partners. Where they cannot be
 * told, the page is served without them. */
static char *frame_sources(Server *server)
{
    g_autoptr(GPtrArray) origins = g_ptr_array_new_with_free_func(g_free);
    FrameWork work = { .origins = origins };
    store_read(server->parts.store, find_frames, &work, NULL);
    g_ptr_array_add(origins, NULL);
    return g_strjoinv(" ", (char **)origins->pdata);
}

static void set_app_policy(Server *server, HttpReply *reply, const char *nonce)
{
    g_autofree char *frames = frame_sources(server);
    http_reply_header(reply, "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self' %s; worker-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'", nonce, frames);
    http_reply_header(reply, "Cross-Origin-Opener-Policy", "same-origin");
}

static void reply_page(Server *server, HttpReply *reply, const WebFile *page, bool is_pay_page)
{
    gsize length;
    const char *data = g_bytes_get_data(page->bytes, &length);
    g_autofree char *nonce = random_token();
    g_autoptr(GString) text = g_string_new_len(data, (gssize)length);
    g_string_replace(text, nonce_mark, nonce, 0);
    http_reply_bytes(reply, 200, page->media_type, g_bytes_new(text->str, text->len));
    if (is_pay_page)
        http_reply_header(reply, "Content-Security-Policy", "%s", pay_policy);
    else
        set_app_policy(server, reply, nonce);
}

static const WebFile *find_page(const Files *files, const char *path, bool is_pay_page)
{
    g_autofree char *index = g_strconcat(path, g_str_has_suffix(path, "/") ? "" : "/", "index.html", NULL);
    const WebFile *page = g_str_has_suffix(path, ".html") ? files_find(files, path) : files_find(files, index);
    if (page == NULL && !is_pay_page && !g_str_has_suffix(path, ".html"))
        page = files_find(files, "/index.html"); /* the app's own router knows the path */
    return page;
}

void handle_page(Server *server, HttpRequest *request, HttpReply *reply)
{
    if (strcmp(request->path, "/pay") == 0) {
        http_reply_empty(reply, 308);
        http_reply_header(reply, "Location", "/pay/");
        return;
    }
    bool is_pay_page = g_str_has_prefix(request->path, "/pay/");
    const WebFile *page = find_page(server->files, request->path, is_pay_page);
    if (page == NULL)
        problem_reply(reply, request, "not_found", "There is no such page; `make build` builds the web app.");
    else
        reply_page(server, reply, page, is_pay_page);
}

/* ---- Files -------------------------------------------------------------------------------------------- */

/* "gzip, br;q=0" → whether `coding` is taken (RFC 9110 §12.5.3, without wildcards). */
static bool takes(const char *accept_encoding, Span coding)
{
    Span rest = span_of(accept_encoding), item;
    while (span_cut(&rest, ',', &item)) {
        Span name = span_trim(span_slice(item, 0, span_find_byte(item, ';')));
        Span quality = span_slice(item, span_find(item, SPAN("q=")), item.length);
        bool is_refused = span_starts_with(quality, SPAN("q=0"))
            && strspn(quality.at + 2, "0.") >= span_trim(quality).length - 2;
        if (span_equal_nocase(name, coding))
            return !is_refused;
    }
    return false;
}

static void reply_encoded(const HttpRequest *request, HttpReply *reply, const WebFile *file)
{
    const char *accepted = request->accept_encoding == NULL ? "" : request->accept_encoding;
    GBytes *bytes = file->bytes;
    const char *encoding = NULL;
    if (file->brotli != NULL && takes(accepted, SPAN("br"))) {
        bytes = file->brotli;
        encoding = "br";
    } else if (file->gzip != NULL && takes(accepted, SPAN("gzip"))) {
        bytes = file->gzip;
        encoding = "gzip";
    }
    http_reply_bytes(reply, 200, file->media_type, g_bytes_ref(bytes));
    if (encoding != NULL)
        http_reply_header(reply, "Content-Encoding", "%s", encoding);
    if (file->brotli != NULL || file->gzip != NULL)
        http_reply_header(reply, "Vary", "Accept-Encoding");
}

void handle_file(Server *server, HttpRequest *request, HttpReply *reply)
{
    const WebFile *file = files_find(server->files, request->path);
    if (file == NULL) {
        problem_reply(reply, request, "not_found", "There is no such file.");
        return;
    }
    if (request->if_none_match != NULL && strcmp(request->if_none_match, file->etag) == 0)
        http_reply_empty(reply, 304);
    else
        reply_encoded(request, reply, file);
    bool is_immutable = g_str_has_prefix(request->path, "/assets/");
    http_reply_header(reply, "Cache-Control", "%s", is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
    http_reply_header(reply, "ETag", "%s", file->etag);
}
