/* The card processor of saldo-sandbox: tokens, look-ups and keys over its HTTP API.
 *
 *   POST {base}/tokens                 200 {id, reference} | 402 {error:{code, message}} final | 409, 429, 5xx again
 *   GET  {base}/payments/{payment id}  200 {status, reference, code?, message?} | 404
 *   POST {base}/refunds                200 {status: "refunded"} | 404, 409 no | 5xx again
 *   GET  {base}/keys                   the JWK set that browsers seal cards to
 */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "pay/webcall.h"
#include "processors.h"

enum { CONNECT_TIMEOUT_MS = 3000, ANSWER_TIMEOUT_MS = 10000 };

/* The sandbox stands on this machine or on a public test host. */
static WebOutcome call(const char *method, const char *url, const char *const *headers, Span body, WebAnswer *ret_answer)
{
    WebRequest request = { .method = method, .url = url, .headers = headers, .body = body, .reach = WEB_REACH_LOOPBACK,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS, .answer_timeout_ms = ANSWER_TIMEOUT_MS, .answer_bytes_max = LIMIT_JSON_BYTES };
    return web_call(&request, ret_answer);
}

static json_t *token_request(const ProcessorRequest *request)
{
    char value[MONEY_TEXT_MAX];
    money_format_decimal(request->amount, value);
    json_t *body = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:s?}", "account", request->account, "merchant_id",
        request->merchant_id, "payment_id", request->payment_id.text, "amount", "currency", request->amount.currency,
        "value", value, "card", request->card_jwe, "security_code", request->code_jwe);
    g_assert(body != NULL);
    return body;
}

/* The body in a buffer of its exact size: one that grows would leave copies of card and code behind [PAY-011]. */
static char *write_secret(const json_t *body, size_t *ret_length)
{
    size_t length = json_dumpb(body, NULL, 0, JSON_COMPACT);
    char *text = g_malloc(length + 1);
    g_assert(json_dumpb(body, text, length, JSON_COMPACT) == length);
    text[length] = '\0';
    *ret_length = length;
    return text;
}

static void wipe_member(const json_t *body, const char *key)
{
    const json_t *value = json_object_get(body, key);
    if (json_is_string(value))
        explicit_bzero((char *)json_string_value(value), json_string_length(value));
}

static void take_error(const json_t *body, ProcessorAnswer *answer)
{
    const json_t *trouble = json_object_get(body, "error");
    answer->code = g_strdup(json_text(trouble, "code"));
    answer->text = g_strdup(json_text(trouble, "message"));
}

static ProcessorOutcome read_token(const WebAnswer *web, ProcessorAnswer *ret_answer)
{
    JSON_AUTO *body = json_read(buffer_span(&web->body), LIMIT_JSON_BYTES, "the processor's answer", NULL);
    if (web->status == 402 && json_is_object(json_object_get(body, "error"))) {
        take_error(body, ret_answer);
        return PROCESSOR_DECLINED;
    }
    if (web->status == 200 && json_text(body, "id") != NULL) {
        ret_answer->token = g_strdup(json_text(body, "id"));
        ret_answer->reference = g_strdup(json_text(body, "reference"));
        return PROCESSOR_OK;
    }
    ret_answer->code = g_strdup("processor_unclear");
    ret_answer->text = g_strdup_printf("The processor answered HTTP %ld.", web->status);
    return PROCESSOR_UNKNOWN;
}

static ProcessorOutcome not_answered(WebOutcome outcome, const WebAnswer *web, ProcessorAnswer *ret_answer)
{
    ret_answer->code = g_strdup("processor_unreachable");
    ret_answer->text = g_strdup_printf("The processor did not answer: %s.", web->trouble);
    return outcome == WEB_NOT_SENT ? PROCESSOR_NOT_SENT : PROCESSOR_UNKNOWN;
}

static ProcessorOutcome sandbox_mint(const ProcessorRequest *request, ProcessorAnswer *ret_answer)
{
    *ret_answer = (ProcessorAnswer){ 0 };
    g_autofree char *url = g_strdup_printf("%s/tokens", request->base_url);
    g_autofree char *bearer = g_strdup_printf("Authorization: Bearer %s", request->account);
    g_autofree char *key = g_strdup_printf("Idempotency-Key: %s", request->idempotency_key); /* [PAY-003] */
    JSON_AUTO *body = token_request(request);
    size_t length;
    g_autofree char *text = write_secret(body, &length);
    wipe_member(body, "card");
    wipe_member(body, "security_code");
    WEB_ANSWER_AUTO web = { 0 };
    WebOutcome outcome = call("POST", url, (const char *const[]){ bearer, key, NULL }, (Span){ text, length }, &web);
    explicit_bzero(text, length);
    return outcome == WEB_ANSWERED ? read_token(&web, ret_answer) : not_answered(outcome, &web, ret_answer);
}

/* `code` NULL: any. A token alone is no charge: "tokenized" is nothing. */
static const struct {
    const char *status, *code;
    ProcessorOutcome outcome;
} statuses[] = {
    { "charged", NULL, PROCESSOR_CHARGED },
    { "declined", "authentication_expired", PROCESSOR_EXPIRED },
    { "declined", NULL, PROCESSOR_DECLINED },
    { "tokenized", NULL, PROCESSOR_NOTHING },
    { "refunded", NULL, PROCESSOR_REFUNDED },
};

/* A 404 counts as "no such payment" only in the processor's own words: a wrong base URL answers 404 to everything. */
static ProcessorOutcome read_status(const WebAnswer *web, ProcessorAnswer *ret_answer)
{
    JSON_AUTO *body = json_read(buffer_span(&web->body), LIMIT_JSON_BYTES, "the processor's answer", NULL);
    if (web->status == 404 && json_is_object(json_object_get(body, "error")))
        return PROCESSOR_NOTHING;
    const char *status = json_text(body, "status"), *code = json_text(body, "code");
    for (size_t i = 0; web->status == 200 && status != NULL && i < G_N_ELEMENTS(statuses); i++) {
        if (strcmp(statuses[i].status, status) != 0 || (statuses[i].code != NULL && g_strcmp0(statuses[i].code, code) != 0))
            continue;
        ret_answer->reference = g_strdup(json_text(body, "reference"));
        ret_answer->code = g_strdup(code);
        ret_answer->text = g_strdup(json_text(body, "message"));
        return statuses[i].outcome;
    }
    return PROCESSOR_UNKNOWN;
}

static ProcessorOutcome sandbox_lookup(const ProcessorRequest *request, ProcessorAnswer *ret_answer)
{
    *ret_answer = (ProcessorAnswer){ 0 };
    g_autofree char *url = g_strdup_printf("%s/payments/%s", request->base_url, request->payment_id.text);
    g_autofree char *bearer = g_strdup_printf("Authorization: Bearer %s", request->account);
    WEB_ANSWER_AUTO web = { 0 };
    WebOutcome outcome = call("GET", url, (const char *const[]){ bearer, NULL }, SPAN_EMPTY, &web);
    return outcome == WEB_ANSWERED ? read_status(&web, ret_answer) : not_answered(outcome, &web, ret_answer);
}

static ProcessorOutcome sandbox_refund(const ProcessorRequest *request, ProcessorAnswer *ret_answer)
{
    *ret_answer = (ProcessorAnswer){ 0 };
    g_autofree char *url = g_strdup_printf("%s/refunds", request->base_url);
    g_autofree char *bearer = g_strdup_printf("Authorization: Bearer %s", request->account);
    g_autofree char *key = g_strdup_printf("Idempotency-Key: %s", request->idempotency_key); /* [PAY-003] */
    char value[MONEY_TEXT_MAX];
    money_format_decimal(request->amount, value);
    JSON_AUTO *body = json_pack("{s:s, s:{s:s, s:s}}", "payment_id", request->payment_id.text, "amount", "currency",
        request->amount.currency, "value", value);
    g_autofree char *text = json_write(body);
    WEB_ANSWER_AUTO web = { 0 };
    WebOutcome outcome = call("POST", url, (const char *const[]){ bearer, key, NULL }, span_of(text), &web);
    if (outcome != WEB_ANSWERED)
        return not_answered(outcome, &web, ret_answer);
    JSON_AUTO *answer = json_read(buffer_span(&web.body), LIMIT_JSON_BYTES, "the processor's answer", NULL);
    if (web.status == 200 && g_strcmp0(json_text(answer, "status"), "refunded") == 0)
        return PROCESSOR_OK;
    take_error(answer, ret_answer);
    return web.status == 404 || web.status == 409 ? PROCESSOR_DECLINED : PROCESSOR_UNKNOWN;
}

static json_t *sandbox_keys(const char *base_url, GError **error)
{
    g_autofree char *url = g_strdup_printf("%s/keys", base_url);
    WEB_ANSWER_AUTO web = { 0 };
    if (call("GET", url, NULL, SPAN_EMPTY, &web) != WEB_ANSWERED || web.status != 200) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "the processor's keys at %s cannot be had: %s; is it running?", url,
            web.trouble != NULL ? web.trouble : "its answer was not 200");
        return NULL;
    }
    JSON_AUTO *set = json_read(buffer_span(&web.body), LIMIT_JSON_BYTES, "the processor's key set", error);
    if (set == NULL)
        return NULL;
    if (!json_is_array(json_object_get(set, "keys"))) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "%s gave no JWK set (member \"keys\" is missing)", url);
        return NULL;
    }
    return json_incref(set);
}

const Processor processor_sandbox = { .name = "sandbox", .token_format = "Sandbox", .mint = sandbox_mint,
    .lookup = sandbox_lookup, .refund = sandbox_refund, .keys = sandbox_keys };
