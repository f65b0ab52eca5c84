/* The payment-complete webhook and its look-up (wire.md §4): charge once, answer the same for ever.
 *
 * An attempt is one Idempotency-Key (the payer's payment id). It is written before the processor is
 * asked and settled with its answer; the charge itself is once per payment id at the processor, so a
 * call that was cut off is simply carried on. Parts: answers; charging; the webhook; the look-up.
 */
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/id.h"
#include "base/json.h"
#include "biller.h"
#include "fetch.h"
#include "routes.h"

/* ---- Answers --------------------------------------------------------------------------------- */

/* Codes of wire.md §4 stay; what is finer stands one level deeper. */
static json_t *card_error(const char *code, const char *message)
{
    static const char *const inner_codes[] = { "invalid_number", "invalid_expiry_month", "invalid_expiry_year",
        "invalid_cvc", "incorrect_number", "expired_card", "incorrect_cvc", "incorrect_zip", "card_declined",
        "processing_error" };
    bool known = false;
    for (size_t i = 0; i < G_N_ELEMENTS(inner_codes); i++)
        known = known || strcmp(inner_codes[i], code) == 0;
    bool by_bank = strcmp(code, "insufficient_funds") == 0 || g_str_has_prefix(code, "authentication_");
    json_t *inner = json_pack("{s:s}", "code", known ? code : by_bank ? "card_declined" : "processing_error");
    if (!known)
        json_object_set_new(inner, "innererror", json_pack("{s:s}", "code", code));
    return json_pack("{s:s, s:s, s:s, s:o}", "code", "card_error", "message", message, "target", "paymentToken",
        "innererror", inner);
}

static char *fail_body(const char *request_id, const char *code, const char *message, json_t *entity)
{
    JSON_AUTO *body = json_pack("{s:s, s:s, s:s, s:o, s:o}", "requestId", request_id, "result", "fail", "details", message,
        "error", card_error(code, message), "entity", entity);
    return json_write(body);
}

static char *success_body(const char *request_id, const Bill *paid, const char *base_url)
{
    g_autofree char *thanks = g_strdup_printf(
        bill_is_polish(paid) ? "Dziękujemy za płatność. Numer potwierdzenia: %s." : "Thank you for your payment. Confirmation number: %s.",
        paid->confirmation);
    JSON_AUTO *body = json_pack("{s:s, s:s, s:s, s:o}", "requestId", request_id, "result", "success", "details", thanks,
        "entity", bill_entity(paid, base_url));
    return json_write(body);
}

static char *pending_body(const char *request_id, const char *challenge_url)
{
    JSON_AUTO *body = json_pack("{s:s, s:s, s:s}", "requestId", request_id, "result", "pending", "details",
        challenge_url != NULL ? "challenge" : "The processor has not answered yet.");
    if (challenge_url != NULL)
        json_object_set_new(body, "nextAction", json_pack("{s:s}", "url", challenge_url));
    return json_write(body);
}

static void reply_body(Reply *reply, char *body)
{
    reply_bytes(reply, 200, "application/json", body, strlen(body));
}

/* ---- Charging -------------------------------------------------------------------------------- */

static void finish_attempt(Book *book, const char *key, const char *result, const char *code, const char *body)
{
    book_run(book, "UPDATE attempt SET result = ?, code = ?, body = ? WHERE key = ?", "ssss", result, code, body, key);
}

/* The money moved: the invoice is paid and the attempt knows it, in one commit. */
static void book_success(Sandbox *sandbox, const json_t *attempt, const Bill *bill)
{
    char today[DATE_TEXT_MAX];
    time_format_date(time_now_us(), today);
    g_autofree char *digest = encode_sha256_hex(span_of(json_text(attempt, "key")));
    g_autofree char *confirmation = g_strdup_printf("%c%c-%.4s-%.6s", g_ascii_toupper(bill->biller->name[0]),
        g_ascii_toupper(bill->biller->name[1]), today, digest);
    book_begin(sandbox->book);
    bill_mark_paid(sandbox->book, bill->number, confirmation);
    g_autoptr(Bill) paid = bill_find(sandbox->book, bill->number);
    g_autofree char *body = success_body(json_text(attempt, "request_id"), paid, sandbox->base_url);
    finish_attempt(sandbox->book, json_text(attempt, "key"), "success", NULL, body);
    book_commit(sandbox->book);
}

static void book_outcome(Sandbox *sandbox, const json_t *attempt, const Bill *bill, const FetchAnswer *answer)
{
    const char *key = json_text(attempt, "key"), *request_id = json_text(attempt, "request_id");
    const json_t *trouble = json_object_get(answer->json, "error");
    const char *code = json_text(trouble, "code"), *message = json_text(trouble, "message");
    if (answer->status == 200 && g_strcmp0(json_text(answer->json, "status"), "charged") == 0) {
        book_success(sandbox, attempt, bill);
    } else if ((answer->status == 402 || answer->status == 404 || answer->status == 409) && code != NULL && message != NULL) {
        const char *shown = answer->status == 402 ? code : "processing_error";
        g_autofree char *body = fail_body(request_id, shown, message, bill_entity(bill, sandbox->base_url));
        finish_attempt(sandbox->book, key, "fail", code, body);
    } else {
        g_autofree char *body = pending_body(request_id, json_text(answer->json, "challenge_url"));
        finish_attempt(sandbox->book, key, "pending", NULL, body);
    }
}

/* Asks the processor to charge; safe to repeat, since it charges a payment id once. The caller holds
 * the invoice's lock and no unit of work. */
static void carry_on(Sandbox *sandbox, const char *key)
{
    JSON_AUTO *attempt = book_row(sandbox->book,
        "SELECT attempt.*, request.currency, request.minor FROM attempt JOIN request ON request.id = attempt.request_id"
        " WHERE key = ? AND result IN ('running', 'pending')",
        "s", key);
    if (attempt == NULL)
        return;
    g_autoptr(Bill) bill = bill_find(sandbox->book, json_text(attempt, "number"));
    Money amount = { .minor = json_integer_or(attempt, "minor", 0) };
    g_strlcpy(amount.currency, json_text(attempt, "currency"), sizeof amount.currency);
    g_autofree char *url = g_strconcat(sandbox->base_url, "/processor/charges", NULL);
    JSON_AUTO *order = json_pack("{s:s, s:s, s:s, s:s, s:o}", "token", json_text(attempt, "token"), "payment_id", key,
        "merchant_id", bill->merchant->merchant_id, "invoice", bill->number, "amount", wire_from_money(amount));
    FetchAnswer answer = { 0 };
    fetch_json(url, bill->biller->account, order, &answer, NULL); /* no answer: status 0, the attempt stays pending */
    book_outcome(sandbox, attempt, bill, &answer);
    json_decref(answer.json);
}

void biller_settle_open_attempts(Sandbox *sandbox, const char *number)
{
    GMutex *lock = biller_invoice_lock(sandbox, number);
    if (!g_mutex_trylock(lock)) /* a payment-complete is at it right now */
        return;
    JSON_AUTO *open = book_rows(sandbox->book,
        "SELECT key FROM attempt WHERE number = ? AND result IN ('running', 'pending')", "s", number);
    size_t i;
    json_t *attempt;
    json_array_foreach(open, i, attempt)
        carry_on(sandbox, json_text(attempt, "key"));
    g_mutex_unlock(lock);
}

/* ---- The webhook ----------------------------------------------------------------------------- */

typedef struct CompleteCall {
    const char *key, *request_id, *token;
    Money amount;
    const json_t *product_context;
} CompleteCall;

static bool read_complete(const Call *call, CompleteCall *complete, Reply *reply)
{
    const json_t *details = json_object_get(call->json, "details");
    complete->key = call_header(call, "Idempotency-Key");
    complete->request_id = json_text(call->json, "requestId");
    complete->token = json_text(details, "paymentToken");
    complete->product_context = json_object_get(details, "productContext");
    Id payment_id;
    if (complete->key == NULL || !id_parse(span_of(complete->key), &payment_id)) {
        reply_error(reply, 400, "idempotency_key_missing", "an Idempotency-Key with the payment id (a UUID) is needed");
        return false;
    }
    if (complete->request_id == NULL || complete->token == NULL
        || !wire_to_money(json_object_get(details, "amount"), &complete->amount)) {
        reply_error(reply, 400, "invalid_request", "requestId, details.paymentToken and details.amount {currency,value}"
            " are needed");
        return false;
    }
    return true;
}

/* The payment token is made anew for each try, so the key stands for everything else. */
static char *complete_fingerprint(const CompleteCall *complete, const Bill *bill)
{
    g_autofree char *text = g_strdup_printf("%s\n%s\n%s\n%s\n%" G_GINT64_FORMAT, complete->request_id, bill->number,
        bill->merchant->merchant_id, complete->amount.currency, complete->amount.minor);
    return encode_sha256_hex(span_of(text));
}

/* Why this invoice cannot be charged for this request, as a fail answer; NULL where it can. */
static char *refusal(Sandbox *sandbox, const CompleteCall *complete, const Bill *bill)
{
    json_t *entity = bill_entity(bill, sandbox->base_url);
    bool polish = bill_is_polish(bill);
    if (bill->paid_at != NULL)
        return fail_body(complete->request_id, "already_paid",
            polish ? "Ta faktura jest już zapłacona." : "This invoice is already paid.", entity);
    if (!money_equal(bill_total(bill), complete->amount))
        return fail_body(complete->request_id, "amount_changed",
            polish ? "Kwota do zapłaty się zmieniła." : "The amount due has changed.", entity);
    json_decref(entity);
    return NULL;
}

static void begin_attempt(Sandbox *sandbox, const CompleteCall *complete, const Bill *bill, const char *fingerprint,
    const char *token)
{
    char now[TIME_RFC3339_MAX];
    time_format_rfc3339(time_now_us(), now);
    g_autofree char *refused = refusal(sandbox, complete, bill);
    book_run(sandbox->book,
        "INSERT INTO attempt(key, request_id, number, fingerprint, token, result, code, body, calls, at)"
        " VALUES(?,?,?,?,?,?,?,?,0,?)",
        "sssssssss", complete->key, complete->request_id, bill->number, fingerprint, token,
        refused == NULL ? "running" : "fail", refused == NULL ? NULL : bill->paid_at != NULL ? "already_paid" : "amount_changed",
        refused, now);
}

/* An attempt that is being carried out has no answer yet: pending. */
static void reply_attempt(Book *book, const char *key, Reply *reply)
{
    JSON_AUTO *attempt = book_row(book, "SELECT request_id, body FROM attempt WHERE key = ?", "s", key);
    const char *body = json_text(attempt, "body");
    reply_body(reply, body != NULL ? g_strdup(body) : pending_body(json_text(attempt, "request_id"), NULL));
}

/* True where the key is known or made known; false with the reply set where the call is refused. */
static bool admit(Sandbox *sandbox, const Caller *caller, const CompleteCall *complete, const Bill *bill, Reply *reply)
{
    g_autofree char *fingerprint = complete_fingerprint(complete, bill);
    JSON_AUTO *known = book_row(sandbox->book, "SELECT fingerprint FROM attempt WHERE key = ?", "s", complete->key);
    if (known != NULL) {
        if (strcmp(json_text(known, "fingerprint"), fingerprint) == 0)
            return true;
        reply_error(reply, 422, "idempotency_conflict", "this Idempotency-Key came before with another request");
        return false;
    }
    JSON_AUTO *request = book_row(sandbox->book, "SELECT number FROM request WHERE id = ?", "s", complete->request_id);
    if (request == NULL || strcmp(json_text(request, "number"), bill->number) != 0) {
        reply_error(reply, 400, "unknown_request", "requestId is not one that this biller gave for this invoice");
        return false;
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *token = payment_token_check(sandbox, caller, complete->token, complete->amount, complete->request_id,
        &error);
    if (token == NULL) {
        reply_error(reply, 400, "bad_payment_token", "%s", error->message);
        return false;
    }
    begin_attempt(sandbox, complete, bill, fingerprint, token);
    return true;
}

void biller_payment_complete(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const WorldBiller *biller;
    CALLER_AUTO caller = { 0 };
    CompleteCall complete = { 0 };
    if (!biller_open_call(sandbox, call, &biller, &caller, reply) || !read_complete(call, &complete, reply))
        return;
    g_autoptr(Bill) known = biller_find_bill(sandbox->book, &caller, complete.product_context, reply);
    if (known == NULL)
        return;
    GMutex *lock = biller_invoice_lock(sandbox, known->number);
    g_mutex_lock(lock);
    g_autoptr(Bill) bill = bill_find(sandbox->book, known->number);
    if (admit(sandbox, &caller, &complete, bill, reply)) {
        book_run(sandbox->book, "UPDATE attempt SET calls = calls + 1 WHERE key = ?", "s", complete.key);
        carry_on(sandbox, complete.key);
        reply_attempt(sandbox->book, complete.key, reply);
    }
    g_mutex_unlock(lock);
}

/* ---- The look-up ----------------------------------------------------------------------------- */

/* The attempt that is meant: of this key where the caller sent one, else the newest of the request. */
static json_t *find_attempt(Book *book, const WorldMerchant *merchant, const char *request_id, const char *key)
{
    return book_row(book,
        "SELECT attempt.key, attempt.number FROM attempt JOIN invoice ON invoice.number = attempt.number"
        " WHERE request_id = ? AND merchant_id = ? AND (? IS NULL OR key = ?) ORDER BY sequence DESC LIMIT 1",
        "ssss", request_id, merchant->merchant_id, key, key);
}

/* "<payment id>" or "<payment id>:<operation>"; NULL where the key is neither. */
static char *payment_of_key(const char *key)
{
    g_auto(GStrv) parts = g_strsplit(key == NULL ? "" : key, ":", 2);
    Id payment_id;
    bool fits = parts[0] != NULL && id_parse(span_of(parts[0]), &payment_id);
    return fits ? g_strdup(parts[0]) : NULL;
}

void biller_lookup(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const WorldBiller *biller;
    CALLER_AUTO caller = { 0 };
    if (!biller_open_call(sandbox, call, &biller, &caller, reply))
        return;
    const char *request_id = call_argument(call, "requestId");
    g_autofree char *key = payment_of_key(call_header(call, "Idempotency-Key"));
    JSON_AUTO *attempt = request_id == NULL ? NULL : find_attempt(sandbox->book, caller.merchant, request_id, key);
    if (attempt == NULL) {
        reply_error(reply, request_id == NULL ? 400 : 404, "not_found",
            request_id == NULL ? "requestId is needed" : "no payment came for this requestId");
        return;
    }
    biller_settle_open_attempts(sandbox, json_text(attempt, "number"));
    reply_attempt(sandbox->book, json_text(attempt, "key"), reply);
}
