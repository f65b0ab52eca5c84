/* The payment-request webhook (wire.md §3) and the document behind entity.url. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "call.h"
#include "limits.h"
#include "review.h"

static json_t *load_entity_body(const PartnerCall *call)
{
    g_autofree char *method = call_method(call);
    json_t *context = call->product_context == NULL ? json_null() : json_deep_copy(call->product_context);
    json_t *body = json_pack("{s:[{s:s, s:{s:s, s:o}}]}", "methodData", "supportedMethods", method, "data", "event",
        "loadentity", "productContext", context);
    g_assert(body != NULL);
    return body;
}

/* Anything but a 200: who has to do what. */
static void explain_status(const PartnerCall *call, const WebAnswer *web, GError **error)
{
    g_autofree char *words = call_plain_words(web);
    const char *name = call->partner->name, *shown = words == NULL ? "no reason given" : words;
    if (web->status >= 500 || web->status == 429 || web->status == 408)
        error_set(error, SALDO_ERROR_UNAVAILABLE, "%s cannot answer now (HTTP %ld): try again later", name, web->status);
    else if (web->status >= 400)
        error_set(error, SALDO_ERROR_DENIED, "%s refused (HTTP %ld): %s", name, web->status, shown);
    else
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s answered HTTP %ld where 200 is due; redirects are not followed", name,
            web->status);
}

BillerReview *partner_load_entity(const PartnerCall *call, GError **error)
{
    JSON_AUTO *body = load_entity_body(call);
    WEB_ANSWER_AUTO web = { 0 };
    if (call_biller(call, CALL_PAYMENT_REQUEST, call->partner->payment_request_url, body, &web) != WEB_ANSWERED) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "%s cannot be asked now: %s", call->partner->name, web.trouble);
        return NULL;
    }
    if (web.status != 200) {
        explain_status(call, &web, error);
        return NULL;
    }
    JSON_AUTO *answer = json_read_lenient(buffer_span(&web.body), LIMIT_JSON_BYTES, "the biller's answer", error);
    return answer == NULL ? NULL : review_read(call, answer, error);
}

GBytes *partner_fetch_document(const PartnerCall *call, const char *url, char **ret_media_type, GError **error)
{
    if (!web_same_host(url, call->partner->payment_request_url) && !web_same_host(url, call->partner->payment_complete_url)) {
        error_set(error, SALDO_ERROR_DENIED, "the full invoice lies on a host that is not %s's own", call->partner->name);
        return NULL;
    }
    WEB_ANSWER_AUTO web = { 0 };
    if (call_biller(call, CALL_DOCUMENT, url, NULL, &web) != WEB_ANSWERED) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "the full invoice cannot be had now: %s", web.trouble);
        return NULL;
    }
    if (web.status != 200) {
        explain_status(call, &web, error);
        return NULL;
    }
    *ret_media_type = g_strdup(web.media_type != NULL ? web.media_type : "application/octet-stream");
    return g_bytes_new(web.body.length == 0 ? "" : web.body.data, web.body.length);
}
