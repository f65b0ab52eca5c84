/* The payment-complete webhook and its look-up (wire.md §4). Whatever cannot be read after sending is UNKNOWN [PAY-007]. */
#include <string.h>

#include "answer.h"
#include "base/json.h"
#include "base/limits.h"
#include "call.h"
#include "complete.h"
#include "limits.h"
#include "tokens.h"

void complete_answer_done(CompleteAnswer *answer)
{
    g_free(answer->confirmation_number);
    g_free(answer->code);
    g_free(answer->text);
    g_free(answer->action_url);
    invoice_free(answer->invoice);
    g_free(answer->note);
    *answer = (CompleteAnswer){ 0 };
}

/* The first note stays: it is the cause. */
static void note(CompleteAnswer *answer, const char *text)
{
    if (answer->note == NULL)
        answer->note = g_strdup(text);
}

/* ---- Reading ------------------------------------------------------------------------------------- */

/* The innermost code says most: error.innererror.innererror.code before error.innererror.code before error.code. */
static void read_error(const json_t *trouble, CompleteAnswer *answer)
{
    for (int depth = 0; depth < PARTNER_ERROR_DEPTH && json_is_object(trouble); depth++) {
        char *code = answer_text(trouble, "code", PARTNER_ID_MAX);
        if (code != NULL) {
            g_free(answer->code);
            answer->code = code;
        }
        if (answer->text == NULL)
            answer->text = answer_text(trouble, "message", PARTNER_TEXT_MAX);
        trouble = json_member_lenient(trouble, "innererror");
    }
}

static void read_entity(const json_t *entity, CompleteAnswer *answer)
{
    if (entity == NULL || json_is_null(entity))
        return;
    answer->invoice = invoice_read_entity(entity, NULL);
    if (answer->invoice == NULL)
        note(answer, "the answer's entity could not be read");
    else
        answer->confirmation_number = g_strdup(answer->invoice->confirmation_number);
}

/* requestId as sent; missing or "undefined" only from billers that are known for it (§7). */
static bool is_for_this_request(const PartnerCall *call, const json_t *body, const char *request_id, CompleteAnswer *answer)
{
    g_autofree char *echoed = answer_text(body, "requestId", PARTNER_ID_MAX);
    if (g_strcmp0(echoed, request_id) == 0)
        return true;
    bool absent = echoed == NULL || strcmp(echoed, "undefined") == 0;
    if (absent && call->partner->written_for_old_service) {
        note(answer, "the answer names no requestId; it came on the connection of its own request");
        return true;
    }
    note(answer, absent ? "the answer names no requestId" : "the answer is for another requestId");
    return false;
}

static CompleteOutcome read_pending(const json_t *body, CompleteAnswer *answer)
{
    answer->action_url = answer_text(json_member_lenient(body, "nextAction"), "url", LIMIT_JSON_BYTES);
    return answer->action_url != NULL && web_url_is_for_browsers(answer->action_url) ? COMPLETE_ACTION : COMPLETE_PENDING;
}

static CompleteOutcome read_result(const PartnerCall *call, const json_t *body, const char *request_id,
    CompleteAnswer *answer)
{
    g_autofree char *result = answer_text(body, "result", PARTNER_ID_MAX);
    if (result == NULL || !is_for_this_request(call, body, request_id, answer)) {
        note(answer, "the answer has no result");
        return COMPLETE_UNKNOWN;
    }
    answer->text = answer_text(body, "details", PARTNER_TEXT_MAX);
    read_entity(json_member_lenient(body, "entity"), answer);
    if (g_ascii_strcasecmp(result, "success") == 0)
        return COMPLETE_SUCCESS;
    if (g_ascii_strcasecmp(result, "pending") == 0)
        return read_pending(body, answer);
    if (g_ascii_strcasecmp(result, "fail") != 0) {
        note(answer, "the answer's result is none of success, fail, pending");
        return COMPLETE_UNKNOWN;
    }
    read_error(json_member_lenient(body, "error"), answer);
    if (answer->code == NULL)
        answer->code = g_strdup("processing_error");
    return COMPLETE_FAIL;
}

/* A refusal of the request itself. Statuses that stand for "later" or "still running" say nothing. */
static bool turns_away(long status)
{
    return status >= 400 && status < 500 && status != 408 && status != 409 && status != 423 && status != 425
        && status != 429;
}

CompleteOutcome complete_read(const PartnerCall *call, const WebAnswer *web, const char *request_id, CompleteAnswer *answer)
{
    JSON_AUTO *body = json_read_lenient(buffer_span(&web->body), LIMIT_JSON_BYTES, "the biller's answer", NULL);
    bool speaks = json_member_lenient(body, "result") != NULL;
    if (speaks && (web->status == 200 || web->status == 202 || turns_away(web->status)))
        return read_result(call, body, request_id, answer);
    if (web->status == 202)
        return COMPLETE_PENDING;
    if (turns_away(web->status)) {
        answer->code = g_strdup("refused");
        answer->text = json_is_object(body) ? answer_text(json_member_lenient(body, "error"), "message", PARTNER_TEXT_MAX)
                                            : call_plain_words(web);
        return COMPLETE_REFUSED;
    }
    g_autofree char *text = g_strdup_printf("HTTP %ld without a readable result", web->status);
    note(answer, text);
    return COMPLETE_UNKNOWN;
}

/* ---- Asking --------------------------------------------------------------------------------------- */

static void put_if(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_put_text(object, key, text);
}

static json_t *complete_body(const PartnerCall *call, const CompleteRequest *request, const char *token)
{
    g_autofree char *method = call_method(call);
    json_t *context = call->product_context == NULL ? json_null() : json_deep_copy(call->product_context);
    json_t *body = json_pack("{s:s, s:s, s:{s:o, s:s, s:o}}", "requestId", request->request_id, "methodName", method,
        "details", "productContext", context, "paymentToken", token, "amount", token_wire_amount(request->amount));
    g_assert(body != NULL);
    put_if(body, "payerName", request->payer_name);
    put_if(body, "payerEmail", request->payer_email);
    put_if(body, "payerPhone", request->payer_phone);
    return body;
}

CompleteOutcome partner_complete(const PartnerCall *call, const CompleteRequest *request, CompleteAnswer *ret_answer)
{
    *ret_answer = (CompleteAnswer){ 0 };
    g_autoptr(GError) trouble = NULL;
    g_autofree char *token = token_payment(call, request, &trouble);
    if (token == NULL) {
        note(ret_answer, trouble->message);
        return COMPLETE_NOT_SENT;
    }
    JSON_AUTO *body = complete_body(call, request, token);
    explicit_bzero(token, strlen(token));
    WEB_ANSWER_AUTO web = { 0 };
    WebOutcome outcome = call_biller(call, CALL_PAYMENT_COMPLETE, call->partner->payment_complete_url, body, &web);
    if (outcome == WEB_ANSWERED)
        return complete_read(call, &web, request->request_id, ret_answer);
    note(ret_answer, web.trouble);
    return outcome == WEB_NOT_SENT ? COMPLETE_NOT_SENT : COMPLETE_UNKNOWN;
}

static char *lookup_url(const char *complete_url, const char *request_id)
{
    g_autofree char *escaped = g_uri_escape_string(request_id, NULL, FALSE);
    return g_strdup_printf("%s%crequestId=%s", complete_url, strchr(complete_url, '?') != NULL ? '&' : '?', escaped);
}

/* "No such request" must be said in the biller's own JSON; billers of the old service know no such question, and their
 * 404 or 405 leaves the answer to the processor. */
static bool says_nothing_known(const PartnerCall *call, const WebAnswer *web)
{
    if (call->partner->written_for_old_service)
        return web->status == 404 || web->status == 405;
    JSON_AUTO *body = json_read_lenient(buffer_span(&web->body), LIMIT_JSON_BYTES, "the biller's answer", NULL);
    return web->status == 404 && json_is_object(body);
}

CompleteOutcome partner_complete_lookup(const PartnerCall *call, const char *request_id, CompleteAnswer *ret_answer)
{
    *ret_answer = (CompleteAnswer){ 0 };
    g_autofree char *url = lookup_url(call->partner->payment_complete_url, request_id);
    WEB_ANSWER_AUTO web = { 0 };
    if (call_biller(call, CALL_PAYMENT_COMPLETE, url, NULL, &web) != WEB_ANSWERED) {
        note(ret_answer, web.trouble);
        return COMPLETE_UNKNOWN;
    }
    if (says_nothing_known(call, &web))
        return COMPLETE_NOTHING;
    CompleteOutcome outcome = complete_read(call, &web, request_id, ret_answer);
    return outcome == COMPLETE_REFUSED ? COMPLETE_UNKNOWN : outcome;
}
