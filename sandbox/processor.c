/* The card processor's API: keys, single-use tokens, charges, refunds, look-up.
 *
 * One payment id has one token and at most one charge: both are rows with unique keys, written in the
 * same commit as the answer. Parts: who calls; tokens with stored answers; charges; refunds; look-up.
 */
#include "processor.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/id.h"
#include "base/json.h"
#include "bill.h"
#include "card.h"
#include "keys.h"
#include "routes.h"

/* Ids from outside: as long as the longest idempotency key seen (255), nothing in them is looked at. */
#define ID_TEXT_MAX 255

static void now_text(char text[TIME_RFC3339_MAX])
{
    time_format_rfc3339(time_now_us(), text);
}

/* The account that calls, or NULL with the reply set. */
static const char *calling_account(const Call *call, Reply *reply)
{
    const char *authorization = call_header(call, "Authorization");
    const char *account = authorization != NULL && g_str_has_prefix(authorization, "Bearer ")
        ? authorization + strlen("Bearer ")
        : NULL;
    if (account != NULL && world_knows_account(account))
        return account;
    reply_error(reply, 401, "unauthorized", "send Authorization: Bearer <account>; accounts are those of partners.json"
        " and %s", WORLD_TEST_ACCOUNT);
    return NULL;
}

static bool id_is_good(const char *text)
{
    return text != NULL && *text != '\0' && strlen(text) <= ID_TEXT_MAX;
}

void processor_keys(Sandbox *sandbox, const Call *call, Reply *reply)
{
    JSON_AUTO *keys = keys_processor_public(sandbox->book);
    reply_json(reply, 200, keys);
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

typedef struct TokenOrder {
    const char *account, *merchant_id, *payment_id, *key;
    Money amount;
    const char *card, *code; /* sealed */
} TokenOrder;

static bool read_order(const Call *call, TokenOrder *order, Reply *reply)
{
    order->account = calling_account(call, reply);
    if (order->account == NULL)
        return false;
    order->key = call_header(call, "Idempotency-Key");
    order->merchant_id = json_text(call->json, "merchant_id");
    order->payment_id = json_text(call->json, "payment_id");
    order->card = json_text(call->json, "card");
    order->code = json_text(call->json, "security_code");
    const char *in_body = json_text(call->json, "account");
    bool amount = wire_to_money(json_object_get(call->json, "amount"), &order->amount) && order->amount.minor > 0;
    if (!id_is_good(order->key))
        reply_error(reply, 400, "idempotency_key_missing", "an Idempotency-Key of 1..%d characters is needed", ID_TEXT_MAX);
    else if (!id_is_good(order->merchant_id) || !id_is_good(order->payment_id) || order->card == NULL || !amount)
        reply_error(reply, 400, "invalid_request", "account, merchant_id, payment_id, a positive amount {currency,value}"
            " and card are needed");
    else if (in_body != NULL && strcmp(in_body, order->account) != 0)
        reply_error(reply, 403, "wrong_account", "\"account\" is not the account of the Authorization header");
    else if (!world_account_serves(order->account, order->merchant_id))
        reply_error(reply, 403, "wrong_merchant", "account %s takes no money for merchant %s", order->account,
            order->merchant_id);
    else
        return true;
    return false;
}

/* Everything but the sealed card and code: those are encrypted anew for each try. */
static char *order_fingerprint(const TokenOrder *order)
{
    g_autofree char *text = g_strdup_printf("%s\n%s\n%s\n%s\n%" G_GINT64_FORMAT, order->account, order->merchant_id,
        order->payment_id, order->amount.currency, order->amount.minor);
    return encode_sha256_hex(span_of(text));
}

/* True where the reply is set: the stored answer, or a conflict. */
static bool answered_before(Book *book, const char *scope, const char *key, const char *fingerprint, Reply *reply)
{
    JSON_AUTO *stored = book_row(book, "SELECT * FROM answer WHERE scope = ? AND key = ?", "ss", scope, key);
    if (stored == NULL)
        return false;
    if (strcmp(json_text(stored, "fingerprint"), fingerprint) != 0) {
        reply_error(reply, 409, "idempotency_conflict", "this Idempotency-Key came before with another request");
        return true;
    }
    const char *body = json_text(stored, "body");
    reply_bytes(reply, (unsigned)json_integer_or(stored, "status", 500), "application/json", g_strdup(body), strlen(body));
    return true;
}

static void store_answer(Book *book, const char *scope, const char *key, const char *fingerprint, const Reply *reply)
{
    book_run(book, "INSERT INTO answer(scope, key, fingerprint, status, body) VALUES(?,?,?,?,?)", "sssis", scope, key,
        fingerprint, (int64_t)reply->status, reply->body);
}

/* A card or code that does not open is final too: the same bytes will never open. */
static CardVerdict judge_sealed(Sandbox *sandbox, const TokenOrder *order)
{
    JSON_AUTO *card = card_unseal(sandbox->processor_jwk, order->card, NULL);
    JSON_AUTO *code = order->code == NULL ? NULL : card_unseal(sandbox->processor_jwk, order->code, NULL);
    if (card == NULL || (order->code != NULL && code == NULL))
        return (CardVerdict){ .code = "unreadable_card",
            .message = "The sealed card or code does not open with this processor's key; fetch /keys and type the card again." };
    return card_judge(card, code, time_now_us());
}

static void mint(Book *book, const TokenOrder *order, const CardVerdict *verdict, Reply *reply)
{
    char now[TIME_RFC3339_MAX];
    now_text(now);
    g_autofree char *reference = g_strdup_printf("pay_%s", id_new().text);
    g_autofree char *token = verdict->code != NULL ? NULL : g_strdup_printf("tok_%s", id_new().text);
    book_run(book,
        "INSERT INTO payment(payment_id, account, merchant_id, currency, minor, status, reference, token, card, behaviour,"
        " code, message, at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "ssssissssssss", order->payment_id, order->account, order->merchant_id, order->amount.currency,
        order->amount.minor, token == NULL ? "declined" : "tokenized", reference, token, verdict->display,
        card_behaviour_name(verdict->behaviour), verdict->code, verdict->message, now);
    if (token == NULL) {
        reply_error(reply, 402, verdict->code, "%s", verdict->message);
        return;
    }
    JSON_AUTO *body = json_pack("{s:s, s:s}", "id", token, "reference", reference);
    reply_json(reply, 200, body);
}

static void token_unit(Sandbox *sandbox, const TokenOrder *order, const char *fingerprint, Reply *reply)
{
    Book *book = sandbox->book;
    if (answered_before(book, "token", order->key, fingerprint, reply))
        return;
    JSON_AUTO *earlier = book_row(book, "SELECT payment_id FROM payment WHERE payment_id = ?", "s", order->payment_id);
    if (earlier != NULL) {
        reply_error(reply, 409, "payment_exists", "payment %s has its token already, under another Idempotency-Key",
            order->payment_id);
        return;
    }
    CardVerdict verdict = judge_sealed(sandbox, order);
    mint(book, order, &verdict, reply);
    store_answer(book, "token", order->key, fingerprint, reply);
}

void processor_token(Sandbox *sandbox, const Call *call, Reply *reply)
{
    TokenOrder order = { 0 };
    if (!read_order(call, &order, reply))
        return;
    g_autofree char *fingerprint = order_fingerprint(&order);
    book_begin(sandbox->book);
    token_unit(sandbox, &order, fingerprint, reply);
    book_commit(sandbox->book);
}

/* ---- Charges --------------------------------------------------------------------------------- */

void processor_settle(Book *book, const char *payment_id, const char *decline_code, const char *decline_message)
{
    char now[TIME_RFC3339_MAX];
    now_text(now);
    book_run(book, "UPDATE payment SET status = ?, code = ?, message = ? WHERE payment_id = ?", "ssss",
        decline_code == NULL ? "charged" : "declined", decline_code, decline_message, payment_id);
    if (decline_code == NULL)
        book_run(book,
            "INSERT INTO charge(payment_id, reference, account, merchant_id, invoice, currency, minor, at)"
            " SELECT payment_id, reference, account, merchant_id, invoice, currency, minor, ? FROM payment WHERE payment_id = ?",
            "ss", now, payment_id);
}

/* The first time that a token is charged: the card's behaviour decides. */
static void charge_tokenized(Book *book, const json_t *payment, const char *invoice)
{
    const char *payment_id = json_text(payment, "payment_id");
    book_run(book, "UPDATE payment SET invoice = ? WHERE payment_id = ?", "ss", invoice, payment_id);
    switch (card_behaviour_from_name(json_text(payment, "behaviour"))) {
    case CARD_CHARGES:
        processor_settle(book, payment_id, NULL, NULL);
        break;
    case CARD_DECLINES:
        processor_settle(book, payment_id, "card_declined", "The card was declined by its bank.");
        break;
    case CARD_NO_FUNDS:
        processor_settle(book, payment_id, "insufficient_funds", "The card has not enough funds.");
        break;
    case CARD_PROCESSING_ERROR:
        processor_settle(book, payment_id, "processing_error", "The bank could not process the payment.");
        break;
    case CARD_CHALLENGES:
        book_run(book, "UPDATE payment SET status = 'challenge', challenge = ?, challenged_us = ? WHERE payment_id = ?",
            "sis", id_new().text, time_now_us(), payment_id);
        break;
    }
}

static void reply_charge(const Sandbox *sandbox, const json_t *payment, Reply *reply)
{
    const char *status = json_text(payment, "status"), *reference = json_text(payment, "reference");
    if (strcmp(status, "declined") == 0) {
        reply_error(reply, 402, json_text(payment, "code"), "%s", json_text(payment, "message"));
        return;
    }
    JSON_AUTO *body = json_pack("{s:s, s:s}", "reference", reference, "status",
        strcmp(status, "charged") == 0 ? "charged" : "requires_action");
    g_autofree char *url = g_strdup_printf("%s/processor/challenge/%s", sandbox->base_url, json_text(payment, "challenge"));
    if (strcmp(status, "challenge") == 0)
        json_put_text(body, "challenge_url", url);
    reply_json(reply, strcmp(status, "charged") == 0 ? 200 : 202, body);
}

/* What in the request is not what the token was made for, or NULL. */
static const char *charge_mismatch(const json_t *payment, const json_t *body, const char *account)
{
    Money amount;
    if (g_strcmp0(json_text(payment, "account"), account) != 0)
        return "account";
    if (g_strcmp0(json_text(payment, "token"), json_text(body, "token")) != 0)
        return "token";
    if (g_strcmp0(json_text(payment, "merchant_id"), json_text(body, "merchant_id")) != 0)
        return "merchant_id";
    if (!wire_to_money(json_object_get(body, "amount"), &amount) || amount.minor != json_integer_or(payment, "minor", 0)
        || strcmp(amount.currency, json_text(payment, "currency")) != 0)
        return "amount";
    return NULL;
}

static json_t *find_payment(Book *book, const char *payment_id)
{
    return book_row(book,
        "SELECT payment.*, (SELECT COALESCE(SUM(minor), 0) FROM refund WHERE refund.payment_id = payment.payment_id)"
        " AS refunded FROM payment WHERE payment_id = ?",
        "s", payment_id);
}

/* A challenge that nobody answered in time declines the payment. */
static json_t *find_payment_now(Book *book, const char *payment_id)
{
    book_run(book,
        "UPDATE payment SET status = 'declined', code = 'authentication_expired', message ="
        " 'The confirmation at the bank did not come in time.' WHERE payment_id = ? AND status = 'challenge'"
        " AND challenged_us < ?",
        "si", payment_id, time_now_us() - PROCESSOR_CHALLENGE_US);
    return find_payment(book, payment_id);
}

static void charge_unit(Sandbox *sandbox, const Call *call, const char *account, Reply *reply)
{
    const char *payment_id = json_text(call->json, "payment_id");
    JSON_AUTO *payment = payment_id == NULL ? NULL : find_payment_now(sandbox->book, payment_id);
    if (payment == NULL) {
        reply_error(reply, 404, "not_found", "no token was made for this payment_id");
        return;
    }
    const char *mismatch = charge_mismatch(payment, call->json, account);
    if (mismatch != NULL && json_text(payment, "token") != NULL) {
        reply_error(reply, 409, "token_mismatch", "%s is not the one the token was made for", mismatch);
        return;
    }
    if (strcmp(json_text(payment, "status"), "tokenized") == 0)
        charge_tokenized(sandbox->book, payment, json_text(call->json, "invoice"));
    JSON_AUTO *after = find_payment(sandbox->book, payment_id);
    reply_charge(sandbox, after, reply);
}

void processor_charge(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const char *account = calling_account(call, reply);
    if (account == NULL)
        return;
    book_begin(sandbox->book);
    charge_unit(sandbox, call, account, reply);
    book_commit(sandbox->book);
}

/* ---- Refunds and look-up --------------------------------------------------------------------- */

static void refund_unit(Book *book, const Call *call, const char *account, const char *key, Reply *reply)
{
    const char *payment_id = json_text(call->json, "payment_id");
    g_autofree char *canonical = json_write(call->json);
    g_autofree char *fingerprint = encode_sha256_hex(span_of(canonical));
    if (answered_before(book, "refund", key, fingerprint, reply))
        return;
    JSON_AUTO *charge = book_row(book,
        "SELECT charge.*, (SELECT COALESCE(SUM(minor), 0) FROM refund WHERE refund.payment_id = charge.payment_id)"
        " AS refunded FROM charge WHERE payment_id = ? AND account = ?",
        "ss", payment_id, account);
    Money amount;
    if (charge == NULL) {
        reply_error(reply, 404, "not_found", "no charge of this account has that payment_id");
    } else if (!wire_to_money(json_object_get(call->json, "amount"), &amount) || amount.minor <= 0
        || strcmp(amount.currency, json_text(charge, "currency")) != 0
        || amount.minor > json_integer_or(charge, "minor", 0) - json_integer_or(charge, "refunded", 0)) {
        reply_error(reply, 409, "amount_too_large", "the amount is not positive, or more than what is left of the charge");
    } else {
        char now[TIME_RFC3339_MAX];
        now_text(now);
        g_autofree char *id = g_strdup_printf("re_%s", id_new().text);
        book_run(book, "INSERT INTO refund(id, payment_id, currency, minor, at) VALUES(?,?,?,?,?)", "sssis", id, payment_id,
            amount.currency, amount.minor, now);
        JSON_AUTO *body = json_pack("{s:s, s:s, s:s, s:o}", "id", id, "status", "refunded", "payment_id", payment_id,
            "amount", wire_from_money(amount));
        reply_json(reply, 200, body);
        store_answer(book, "refund", key, fingerprint, reply);
    }
}

void processor_refund(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const char *account = calling_account(call, reply);
    if (account == NULL)
        return;
    const char *key = call_header(call, "Idempotency-Key");
    if (!id_is_good(key) || !id_is_good(json_text(call->json, "payment_id"))) {
        reply_error(reply, 400, "invalid_request", "an Idempotency-Key, payment_id and amount {currency,value} are needed");
        return;
    }
    book_begin(sandbox->book);
    refund_unit(sandbox->book, call, account, key, reply);
    book_commit(sandbox->book);
}

/* "refunded" is a charge of which nothing is left; a challenge that is open is no charge yet. */
static const char *status_word(const json_t *payment)
{
    const char *status = json_text(payment, "status");
    if (strcmp(status, "challenge") == 0)
        return "tokenized";
    bool charged = strcmp(status, "charged") == 0;
    return charged && json_integer_or(payment, "refunded", 0) == json_integer_or(payment, "minor", 0) ? "refunded" : status;
}

void processor_payment(Sandbox *sandbox, const Call *call, Reply *reply)
{
    book_begin(sandbox->book);
    JSON_AUTO *payment = find_payment_now(sandbox->book, call->parts[0]);
    book_commit(sandbox->book);
    if (payment == NULL) {
        reply_error(reply, 404, "not_found", "nothing is known under this payment id");
        return;
    }
    JSON_AUTO *body = json_pack("{s:s, s:s, s:s?, s:s?}", "status", status_word(payment), "reference", json_text(payment, "reference"), "code",
        json_text(payment, "code"), "message", json_text(payment, "message"));
    reply_json(reply, 200, body);
}
