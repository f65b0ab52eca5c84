/* Calls to a biller. */
#include "call.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "limits.h"
#include "tokens.h"

#define OLD_SERVICE_METHOD "https://pay.microsoft.com/microsoftpay"

char *call_method(const PartnerCall *call)
{
    return call->partner->written_for_old_service ? g_strdup(OLD_SERVICE_METHOD)
                                                  : g_strconcat(call->keys->issuer, "/payment-method", NULL);
}

static const PartnerLimits usual_limits = { PARTNER_CONNECT_MS, PARTNER_REQUEST_MS, PARTNER_COMPLETE_MS };

/* No private addresses outside test mode; a sandbox partner may stand on this machine. */
static WebReach reach_of(const Partner *partner)
{
    if (partner->state == PARTNER_TEST)
        return WEB_REACH_PRIVATE;
    return g_strcmp0(partner->processor, "sandbox") == 0 ? WEB_REACH_LOOPBACK : WEB_REACH_PUBLIC;
}

WebOutcome call_biller(const PartnerCall *call, CallKind kind, const char *url, const json_t *body, WebAnswer *ret_answer)
{
    g_autoptr(GError) trouble = NULL;
    g_autofree char *bearer = token_bearer_header(call, &trouble);
    if (bearer == NULL) {
        *ret_answer = (WebAnswer){ .trouble = g_strdup(trouble->message) };
        return WEB_NOT_SENT;
    }
    const PartnerLimits *limits = call->limits != NULL ? call->limits : &usual_limits;
    g_autofree char *key =
        call->idempotency_key == NULL ? NULL : g_strdup_printf("Idempotency-Key: %s", call->idempotency_key);
    g_autofree char *text = body == NULL ? NULL : json_write(body);
    WebRequest request = {
        .method = body == NULL ? "GET" : "POST",
        .url = url,
        .headers = (const char *const[]){ bearer, key, NULL },
        .body = span_of(text),
        .reach = reach_of(call->partner),
        .connect_timeout_ms = limits->connect_ms,
        .answer_timeout_ms = kind == CALL_PAYMENT_COMPLETE && body != NULL ? limits->complete_ms : limits->request_ms,
        .answer_bytes_max = kind == CALL_DOCUMENT ? PARTNER_DOCUMENT_BYTES : LIMIT_JSON_BYTES,
    };
    WebOutcome outcome = web_call(&request, ret_answer);
    if (text != NULL)
        explicit_bzero(text, strlen(text)); /* holds the payment token */
    return outcome;
}

char *call_plain_words(const WebAnswer *answer)
{
    g_autofree char *words = text_clean(buffer_span(&answer->body), PARTNER_TEXT_MAX);
    return words == NULL || words[0] == '\0' || words[0] == '<' ? NULL : g_steal_pointer(&words);
}
