/* The table of problem codes, and replies made from it. */
#include "problem.h"

#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"

typedef struct ProblemKind {
    const char *code;
    unsigned status;
    const char *title;
} ProblemKind;

static const ProblemKind kinds[] = {
    { "bad_request", 400, "The request cannot be understood" },
    { "malformed_json", 400, "The body is not the JSON that is expected here" },
    { "invalid_fields", 400, "Some fields are missing or wrong" },
    { "cursor_invalid", 400, "The cursor was not made by this server for this list" },
    { "idempotency_key_missing", 400, "This request needs an Idempotency-Key" },
    { "session_ended", 401, "Sign in first" },
    { "sign_in_failed", 401, "Login or password is wrong" },
    { "csrf_invalid", 403, "The CSRF value is missing or not this session's" },
    { "origin_refused", 403, "The request comes from a page of another site" },
    { "no_card", 403, "This mail shows no payment card" },
    { "denied", 403, "This is not allowed" },
    { "not_found", 404, "There is no such thing here" },
    { "card_unknown", 404, "There is no such card in your wallet" },
    { "method_not_allowed", 405, "This address does not take that method" },
    { "idempotency_key_running", 409, "A request with this key is being worked on" },
    { "consent_void", 409, "What is due has changed; look at it again" },
    { "already_paid", 409, "The biller says that this invoice is paid" },
    { "biller_refused", 409, "The biller refused" },
    { "card_in_use", 409, "A payment with this card is not final yet" },
    { "too_late", 409, "It is too late to cancel this payment" },
    { "conflict", 409, "The present state does not allow this" },
    { "body_too_large", 413, "The body is too large" },
    { "unsupported_media_type", 415, "The body must be application/json" },
    { "host_refused", 421, "This server does not answer for that host" },
    { "biller_asks_more", 422, "The biller asks for more than can be given here" },
    { "order_unusable", 422, "This invoice cannot be paid so" },
    { "idempotency_key_reused", 422, "This key was used for another request" },
    { "too_many_requests", 429, "Too many tries; wait a little" },
    { "headers_too_large", 431, "The request's headers are too large" },
    { "internal", 500, "Something went wrong on our side" },
    { "biller_answer_unusable", 502, "The biller's answer cannot be used" },
    { "processor_answer_unusable", 502, "The card processor's answer cannot be used" },
    { "busy", 503, "The server is busy; try again" },
    { "storage_unavailable", 503, "The server cannot keep anything now; try again" },
    { "biller_unavailable", 503, "The biller cannot be asked now; try again" },
    { "processor_unavailable", 503, "The card processor cannot be asked now; try again" },
    { "no_answer_yet", 504, "The answer is not there yet; ask again with the same key" },
};

static const ProblemKind *kind_of(const char *code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].code, code) == 0)
            return &kinds[i];
    g_error("problem code %s is not in the table", code);
}

static void tell_to_wait(HttpReply *reply, const ProblemKind *kind)
{
    if (kind->status == 503 || kind->status == 504)
        http_reply_header(reply, "Retry-After", "%d", HTTP_RETRY_AFTER_S);
}

void problem_reply_with(HttpReply *reply, const HttpRequest *request, const char *code, const char *detail,
    const char *member, json_t *value)
{
    const ProblemKind *kind = kind_of(code);
    g_autofree char *type = g_strconcat("urn:saldo:problem:", code, NULL);
    json_t *object = json_object();
    json_put_text(object, "type", type);
    json_put_text(object, "title", kind->title);
    json_put_integer(object, "status", kind->status);
    json_put_text(object, "code", code);
    if (detail != NULL && json_object_set_new(object, "detail", json_string(detail)) != 0)
        json_put_text(object, "detail", "(the text is not valid UTF-8)");
    json_put_text(object, "request_id", request->id.text);
    if (member != NULL)
        g_assert(json_object_set_new(object, member, value) == 0);
    http_reply_json(reply, kind->status, object);
    reply->media_type = "application/problem+json";
    reply->problem = kind->code;
    tell_to_wait(reply, kind);
}

void problem_reply(HttpReply *reply, const HttpRequest *request, const char *code, const char *detail_format, ...)
{
    va_list arguments;
    va_start(arguments, detail_format);
    g_autofree char *detail = g_strdup_vprintf(detail_format, arguments);
    va_end(arguments);
    problem_reply_with(reply, request, code, detail, NULL, NULL);
}

static const char *code_of_error(const GError *error)
{
    if (error->domain != SALDO_ERROR)
        return "internal";
    switch ((SaldoError)error->code) {
    case SALDO_ERROR_BAD_INPUT:
        return "bad_request";
    case SALDO_ERROR_LIMIT:
        return "body_too_large";
    case SALDO_ERROR_NOT_FOUND:
        return "not_found";
    case SALDO_ERROR_CONFLICT:
        return "conflict";
    case SALDO_ERROR_DENIED:
        return "denied";
    case SALDO_ERROR_UNAVAILABLE:
        return "busy";
    case SALDO_ERROR_UNKNOWN_OUTCOME:
        return "no_answer_yet";
    case SALDO_ERROR_IO:
        return "internal";
    }
    return "internal";
}

bool problem_reply_storage(HttpReply *reply, const HttpRequest *request, const char *outcome, const GError *error)
{
    if (!g_error_matches(error, SALDO_ERROR, SALDO_ERROR_IO))
        return false;
    log_alarm("http", "%s: %s", request->id.text, error->message);
    problem_reply(reply, request, "storage_unavailable",
        "%sThe server cannot use its disk now. Try again in a moment, with the same Idempotency-Key where there was one; if it "
        "stays so, tell your administrator.", outcome);
    return true;
}

static bool only_reads(const HttpRequest *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

void problem_reply_error(HttpReply *reply, const HttpRequest *request, const GError *error)
{
    if (!only_reads(request) && problem_reply_storage(reply, request, "", error))
        return;
    const char *code = code_of_error(error);
    if (strcmp(code, "internal") != 0) {
        problem_reply(reply, request, code, "%s", error->message);
        return;
    }
    log_alarm("http", "%s: %s", request->id.text, error->message);
    problem_reply(reply, request, code, "The server's log says more under %s.", request->id.text);
}
