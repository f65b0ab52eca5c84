/* The route table. */
#include "route.h"

#include <string.h>

#include "handlers.h"

#define NO false
#define YES true

static const Route routes[] = {
    /* method, pattern, lane, session, csrf, key, json, handler, replay */
    { "GET", "/v1/session", LANE_STORE, YES, NO, NO, NO, handle_get_session, NULL },
    { "POST", "/v1/session", LANE_PASSWORD, NO, NO, NO, YES, handle_sign_in, NULL },
    { "PATCH", "/v1/session", LANE_STORE, YES, YES, NO, YES, handle_set_language, NULL },
    { "DELETE", "/v1/session", LANE_STORE, YES, YES, NO, NO, handle_sign_out, NULL },
    { "GET", "/v1/folders", LANE_STORE, YES, NO, NO, NO, handle_get_folders, NULL },
    { "GET", "/v1/messages", LANE_STORE, YES, NO, NO, NO, handle_list_messages, NULL },
    { "GET", "/v1/messages/{id}", LANE_STORE, YES, NO, NO, NO, handle_get_message, NULL },
    { "PATCH", "/v1/messages/{id}", LANE_STORE, YES, YES, NO, YES, handle_mark_message, NULL },
    { "GET", "/v1/messages/{id}/parts/{part}", LANE_JAIL, YES, NO, NO, NO, handle_get_part, NULL },
    { "GET", "/m/{id}/body", LANE_JAIL, YES, NO, NO, NO, handle_get_message_body, NULL },
    { "POST", "/v1/invoices/{id}/review", LANE_OUTSIDE, YES, YES, NO, NO, handle_review_invoice, NULL },
    { "GET", "/v1/invoices/{id}/document", LANE_OUTSIDE, YES, NO, NO, NO, handle_get_invoice_document, NULL },
    { "GET", "/v1/payments", LANE_STORE, YES, NO, NO, NO, handle_list_payments, NULL },
    { "POST", "/v1/payments", LANE_OUTSIDE, YES, YES, YES, YES, handle_pay, replay_payment },
    { "GET", "/v1/payments/{id}", LANE_STORE, YES, NO, NO, NO, handle_get_payment, NULL },
    { "POST", "/v1/payments/{id}/check", LANE_STORE, YES, YES, NO, NO, handle_check_payment, NULL },
    { "POST", "/v1/payments/{id}/return", LANE_STORE, YES, YES, NO, NO, handle_return_from_bank, NULL },
    { "POST", "/v1/payments/{id}/cancel", LANE_STORE, YES, YES, NO, NO, handle_cancel_payment, NULL },
    { "GET", "/v1/payments/{id}/receipt", LANE_STORE, YES, NO, NO, NO, handle_get_receipt, NULL },
    { "GET", "/v1/wallet", LANE_STORE, YES, NO, NO, NO, handle_get_wallet, NULL },
    { "PUT", "/v1/wallet/billing", LANE_STORE, YES, YES, NO, YES, handle_put_billing, NULL },
    { "POST", "/v1/cards", LANE_STORE, YES, YES, YES, YES, handle_add_card, NULL },
    { "PATCH", "/v1/cards/{id}", LANE_STORE, YES, YES, NO, YES, handle_change_card, NULL },
    { "DELETE", "/v1/cards/{id}", LANE_STORE, YES, YES, NO, NO, handle_delete_card, NULL },
    { "GET", "/v1/processors/{name}/keys", LANE_OUTSIDE, YES, NO, NO, NO, handle_get_processor_keys, NULL },
    { "GET", "/v1/events", LANE_STORE, YES, NO, NO, NO, handle_stream_events, NULL },
    { "GET", "/livez", LANE_INLINE, NO, NO, NO, NO, handle_live, NULL },
    { "GET", "/readyz", LANE_STORE, NO, NO, NO, NO, handle_ready, NULL },
    { "GET", "/.well-known/openid-configuration", LANE_INLINE, NO, NO, NO, NO, handle_openid_configuration, NULL },
    { "GET", "/.well-known/jwks.json", LANE_INLINE, NO, NO, NO, NO, handle_jwks, NULL },
    { "GET", "/.well-known/security.txt", LANE_INLINE, NO, NO, NO, NO, handle_security_txt, NULL },
    /* Not matched by path: what is no API path is a page or a file of the web app. */
    { "GET", "(page)", LANE_STORE, NO, NO, NO, NO, handle_page, NULL },
    { "GET", "(file)", LANE_INLINE, NO, NO, NO, NO, handle_file, NULL },
};

enum { ROUTE_FILE = G_N_ELEMENTS(routes) - 1, ROUTE_PAGE = ROUTE_FILE - 1 };

const char *route_lane_name(RouteLane lane)
{
    switch (lane) {
    case LANE_INLINE:
        return "inline";
    case LANE_STORE:
        return "store";
    case LANE_PASSWORD:
        return "password";
    case LANE_JAIL:
        return "jail";
    case LANE_OUTSIDE:
        return "outside";
    case LANE_COUNT:
        break;
    }
    g_assert_not_reached();
}

size_t route_count(void)
{
    return G_N_ELEMENTS(routes);
}

const Route *route_at(size_t index)
{
    return &routes[index];
}

size_t route_index(const Route *route)
{
    return (size_t)(route - routes);
}

const Route *route_page(void)
{
    return &routes[ROUTE_PAGE];
}

const Route *route_file(void)
{
    return &routes[ROUTE_FILE];
}

static Span first_segment(const char *path)
{
    Span rest = span_of(path), segment = SPAN_EMPTY;
    span_cut(&rest, '/', &segment); /* what stands before the first slash: nothing */
    return span_cut(&rest, '/', &segment) ? segment : SPAN_EMPTY;
}

/* "v1", and versions that are not there: who asks for them is a program, not a reader. */
static bool is_version(Span segment)
{
    uint64_t number;
    return segment.length >= 2 && segment.at[0] == 'v' && span_to_uint64(span_slice(segment, 1, segment.length), &number);
}

bool route_is_api_path(const char *path)
{
    static const char *const names[] = { "m", "api", ".well-known", "livez", "readyz", "metrics" };
    Span first = first_segment(path);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (span_equal(first, span_of(names[i])))
            return true;
    return is_version(first);
}

bool route_is_asset_path(const char *path)
{
    return span_equal(first_segment(path), SPAN("assets"));
}

/* ---- Matching ---------------------------------------------------------------------------------- */

static bool segment_fits(Span wanted, Span segment)
{
    Id id;
    uint64_t number;
    if (span_equal(wanted, SPAN("{id}")))
        return id_parse(segment, &id);
    if (span_equal(wanted, SPAN("{part}")))
        return segment.length <= 5 && span_to_uint64(segment, &number);
    if (span_equal(wanted, SPAN("{name}")))
        return segment.length >= 1 && segment.length <= 40;
    return span_equal(wanted, segment);
}

/* HEAD is taken where GET is (RFC 9110 §9.3.2), but by the endless stream, which would begin for nobody. */
static bool takes_method(const Route *route, const char *method)
{
    if (strcmp(method, "HEAD") == 0 && route->handler != handle_stream_events)
        method = "GET";
    return strcmp(route->method, method) == 0;
}

/* Parameters are borrowed spans of the path. */
static bool path_fits(const char *pattern, const char *path, Span parameters[HTTP_PARAMETERS_MAX])
{
    Span wanted_rest = span_of(pattern), path_rest = span_of(path), wanted, segment;
    size_t count = 0;
    while (span_cut(&wanted_rest, '/', &wanted)) {
        if (!span_cut(&path_rest, '/', &segment) || !segment_fits(wanted, segment))
            return false;
        if (wanted.length > 0 && wanted.at[0] == '{')
            parameters[count++] = segment;
    }
    return !span_cut(&path_rest, '/', &segment);
}

RouteMatch route_find(HttpRequest *request)
{
    bool path_known = false;
    for (size_t i = 0; i < ROUTE_PAGE; i++) {
        Span parameters[HTTP_PARAMETERS_MAX] = { 0 };
        if (!path_fits(routes[i].pattern, request->path, parameters))
            continue;
        path_known = true;
        if (!takes_method(&routes[i], request->method))
            continue;
        request->route = &routes[i];
        for (size_t j = 0; j < HTTP_PARAMETERS_MAX; j++)
            request->parameters[j] = parameters[j].at == NULL ? NULL : span_to_text(parameters[j]);
        return ROUTE_FOUND;
    }
    return path_known ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

char *route_methods(const HttpRequest *request)
{
    g_autoptr(GString) methods = g_string_new(NULL);
    for (size_t i = 0; i < ROUTE_PAGE; i++) {
        Span parameters[HTTP_PARAMETERS_MAX] = { 0 };
        if (!path_fits(routes[i].pattern, request->path, parameters))
            continue;
        g_string_append_printf(methods, "%s%s", methods->len == 0 ? "" : ", ", routes[i].method);
        if (strcmp(routes[i].method, "GET") == 0 && takes_method(&routes[i], "HEAD"))
            g_string_append(methods, ", HEAD");
    }
    return g_string_free(g_steal_pointer(&methods), FALSE);
}
