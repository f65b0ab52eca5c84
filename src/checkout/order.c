/* *Pay*: consent, security code, one commit; and what the payer may do afterwards. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"

/* ---- What the order must agree with --------------------------------------------------------------------- */

static bool same_text(const char *left, const char *right)
{
    return g_strcmp0(left, right) == 0;
}

/* [PAY-013] The payer agreed to this amount, currency, payee and invoice, as the pane showed them. */
static bool consent_holds(const PayOrder *order, const BillerReview *biller)
{
    return money_equal(order->amount, biller->total) && same_text(order->payee, biller->invoice->seller.name)
        && same_text(order->invoice_number, biller->invoice->number);
}

static bool brand_is_taken(const GPtrArray *networks, const char *brand)
{
    return networks->len == 0 || g_ptr_array_find_with_equal_func((GPtrArray *)networks, brand, g_str_equal, NULL);
}

static bool card_fits(const StoreCard *card, const Standing *standing, const BillerReview *biller, GError **error)
{
    const Partner *partner = standing->verdict->partner;
    if (!biller->test && !same_text(card->processor, partner->processor)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "card •••• %s is kept for another processor than %s's: add it again",
            card->last4, partner->name);
        return false;
    }
    if (brand_is_taken(biller->networks, card->brand))
        return true;
    error_set(error, SALDO_ERROR_BAD_INPUT, "%s does not take %s cards: choose another", partner->name, card->brand);
    return false;
}

typedef struct CardReading {
    const StoreAccount *account;
    Id card_id;
    StoreCard *card;
} CardReading;

static bool read_card(StoreTx *tx, void *context, GError **error)
{
    CardReading *reading = context;
    return store_card_get(tx, reading->account, reading->card_id, &reading->card, error);
}

static bool check_card(Checkout *checkout, const StoreAccount *account, const PayOrder *order, const Standing *standing,
    const BillerReview *biller, GError **error)
{
    CardReading reading = { .account = account, .card_id = order->card_id };
    bool fits = store_read(checkout->store, read_card, &reading, error) && card_fits(reading.card, standing, biller, error);
    store_card_free(reading.card);
    return fits;
}

/* The API's answer to a payment that was taken on (docs/openapi.yaml). */
enum { ANSWER_STATUS = 202 };

/* ---- The commit ------------------------------------------------------------------------------------------ */

static Payment *new_payment(const StoreAccount *account, const PayOrder *order, const BillerReview *biller, int64_t now_us)
{
    Payment *payment = payment_new();
    payment->organization_id = account->organization_id;
    payment->id = id_new();
    payment->invoice_id = order->invoice_id;
    payment->account_id = account->id;
    payment->card_id = order->card_id;
    payment->state = PAY_INTENT;
    payment->amount = biller->total;
    payment->payee = g_strdup(biller->invoice->seller.name);
    payment->invoice_number = g_strdup(biller->invoice->number);
    payment->request_id = g_strdup(biller->request_id);
    payment->created_us = payment->updated_us = now_us;
    payment->test = biller->test;
    return payment;
}

/* `reviewed_request_id` is the answer that the payer saw; the payment itself names the fresh one [PAY-006]. */
static json_t *consent_of(const Payment *payment, const StoreAccount *account, const PayOrder *order)
{
    g_autofree char *hash =
        pay_consent_hash(payment->amount, payment->payee, payment->invoice_number, payment->request_id);
    json_t *consent = json_pack("{s:o, s:s?, s:s?, s:s, s:s?, s:s, s:s, s:I}", "amount", json_from_money(payment->amount),
        "payee", payment->payee, "invoice_number", payment->invoice_number, "request_id", payment->request_id,
        "reviewed_request_id", order->request_id, "account_id", account->id.text, "hash", hash, "at_us",
        (json_int_t)payment->created_us);
    g_assert(consent != NULL);
    return consent;
}

/* What the key's repetition is answered from: the payment's own id. Written with the payment, so that no crash comes
 * between them. */
static bool keep_answer(StoreTx *tx, const StoreAccount *account, const PayOrder *order, Id payment_id, int64_t now_us,
    GError **error)
{
    if (order->idempotency_key == NULL)
        return true;
    int status;
    g_autofree char *before = NULL;
    g_autoptr(GError) trouble = NULL;
    if (store_answer_get(tx, account, order->idempotency_key, order->request_hash, &status, &before, &trouble))
        return true;
    if (!g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    JSON_AUTO *answer = json_pack("{s:s}", "id", payment_id.text);
    g_autofree char *text = json_write(answer);
    return store_answer_put(tx, account, order->idempotency_key, order->request_hash, ANSWER_STATUS, text, now_us, error);
}

typedef struct Opening {
    const StoreAccount *account;
    const PayOrder *order;
    const Standing *standing;
    const BillerReview *biller;
    const json_t *kept, *consent;
    Payment *payment;
    Payment *existing;
} Opening;

/* [PAY-002] [PAY-004] */
static bool open_unit(StoreTx *tx, void *context, GError **error)
{
    Opening *opening = context;
    payment_free(g_steal_pointer(&opening->existing));
    PayDecision decision;
    pay_open(opening->payment, opening->payment->created_us, &decision);
    return review_put(tx, opening->standing, opening->kept, opening->biller, opening->payment->created_us, error)
        && store_payment_open(tx, opening->payment, opening->consent, &decision, &opening->existing, error)
        && keep_answer(tx, opening->account, opening->order,
            opening->existing != NULL ? opening->existing->id : opening->payment->id, opening->payment->created_us, error);
}

/* [PAY-011] The code is in the vault before the commit and nowhere else; it goes where the commit does not make use
 * of it. */
static PayRefusal open_payment(Checkout *checkout, const StoreAccount *account, const PayOrder *order,
    const Standing *standing, const BillerReview *biller, Payment **ret_payment, GError **error)
{
    g_autoptr(Payment) payment = new_payment(account, order, biller, time_now_us());
    Id payment_id = payment->id;
    if (!payment->test && !vault_put_code(checkout->vault, payment_id, payment->amount, span_of(order->code_jwe), error))
        return PAY_REFUSED_OTHER;
    JSON_AUTO *kept = standing_to_kept(standing, account, biller);
    JSON_AUTO *consent = consent_of(payment, account, order);
    Opening opening = { .account = account, .order = order, .standing = standing, .biller = biller, .kept = kept, .consent = consent, .payment = payment };
    bool opened = store_write(checkout->store, open_unit, &opening, error);
    if (!payment->test && (!opened || opening.existing != NULL))
        vault_drop_code(checkout->vault, payment_id, NULL);
    if (!opened) {
        payment_free(opening.existing);
        return PAY_REFUSED_OTHER;
    }
    checkout_wake(checkout);
    *ret_payment = opening.existing != NULL ? opening.existing : g_steal_pointer(&payment);
    return PAY_REFUSED_NOT;
}

/* ---- Pay --------------------------------------------------------------------------------------------------- */

/* Everything that may speak against it, in the order in which the payer can do something about it. */
static PayRefusal refuse(Checkout *checkout, const StoreAccount *account, const PayOrder *order, const Standing *standing,
    BillerReview **biller, Review **ret_review, GError **error)
{
    if ((*biller)->already_paid || !consent_holds(order, *biller)) {
        if (!review_keep(checkout, standing, account, *biller, error))
            return PAY_REFUSED_OTHER;
        PayRefusal refusal = (*biller)->already_paid ? PAY_REFUSED_ALREADY_PAID : PAY_REFUSED_CONSENT_VOID;
        *ret_review = review_make(standing, g_steal_pointer(biller));
        return refusal;
    }
    if (!(*biller)->test && (order->code_jwe == NULL || order->code_jwe[0] == '\0')) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the security code is missing: enter it again");
        return PAY_REFUSED_OTHER;
    }
    return check_card(checkout, account, order, standing, *biller, error) ? PAY_REFUSED_NOT : PAY_REFUSED_OTHER;
}

typedef struct Answering {
    const StoreAccount *account;
    const PayOrder *order;
    Id payment_id;
} Answering;

static bool answer_unit(StoreTx *tx, void *context, GError **error)
{
    const Answering *answering = context;
    return keep_answer(tx, answering->account, answering->order, answering->payment_id, time_now_us(), error);
}

/* The payment that the invoice has already is this order's answer, for its key as well. */
static PayRefusal answer_with(Checkout *checkout, const StoreAccount *account, const PayOrder *order, Standing *standing,
    Payment **ret_payment, GError **error)
{
    Answering answering = { .account = account, .order = order, .payment_id = standing->payment->id };
    if (!store_write(checkout->store, answer_unit, &answering, error))
        return PAY_REFUSED_OTHER;
    *ret_payment = g_steal_pointer(&standing->payment);
    return PAY_REFUSED_NOT;
}

PayRefusal checkout_pay(Checkout *checkout, const StoreAccount *account, const PayOrder *order, Payment **ret_payment,
    Review **ret_review, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    g_autoptr(Standing) standing = standing_read(checkout, account, order->invoice_id, &trouble);
    if (standing == NULL) {
        bool no_card = g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_DENIED);
        g_propagate_error(error, g_steal_pointer(&trouble));
        return no_card ? PAY_REFUSED_NO_CARD : PAY_REFUSED_OTHER;
    }
    if (standing_payment(standing) != NULL) /* [PAY-002] a second tab, a second click */
        return answer_with(checkout, account, order, standing, ret_payment, error);
    g_autoptr(BillerReview) biller = review_ask(checkout, standing, error); /* [PAY-006] */
    if (biller == NULL)
        return PAY_REFUSED_BILLER;
    PayRefusal refusal = refuse(checkout, account, order, standing, &biller, ret_review, error);
    return refusal != PAY_REFUSED_NOT ? refusal
                                      : open_payment(checkout, account, order, standing, biller, ret_payment, error);
}

/* ---- Afterwards -------------------------------------------------------------------------------------------- */

typedef struct PaymentReading {
    const StoreAccount *account;
    Id payment_id;
    Payment *payment;
} PaymentReading;

static bool read_payment(StoreTx *tx, void *context, GError **error)
{
    PaymentReading *reading = context;
    payment_free(g_steal_pointer(&reading->payment));
    return store_payment_get(tx, reading->account, reading->payment_id, &reading->payment, error);
}

static Payment *find_payment(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error)
{
    PaymentReading reading = { .account = account, .payment_id = payment_id };
    return store_read(checkout->store, read_payment, &reading, error) ? reading.payment : NULL;
}

/* `idle_is_fine`: an event without meaning now (already asked, already settled) is no error for the payer. */
static bool tell(Checkout *checkout, const Payment *payment, PayEventKind kind, bool idle_is_fine, GError **error)
{
    g_autoptr(Payment) after = NULL;
    switch (errand_commit(checkout, payment->organization_id, payment->id, &(PayEvent){ .kind = kind }, &after)) {
    case PAY_COMMITTED: return true;
    case PAY_COMMIT_NO_MEANING:
        if (!idle_is_fine)
            error_set(error, SALDO_ERROR_CONFLICT, "the payment is %s and can no longer be changed",
                pay_state_name(payment->state));
        return idle_is_fine;
    case PAY_COMMIT_CANNOT:
        error_set(error, SALDO_ERROR_UNAVAILABLE, "the payment's state could not be stored: try again");
        return false;
    }
    g_assert_not_reached();
}

typedef struct ByIdReading {
    Id organization_id, payment_id;
    Payment *payment;
} ByIdReading;

static bool read_by_id(StoreTx *tx, void *context, GError **error)
{
    ByIdReading *reading = context;
    payment_free(g_steal_pointer(&reading->payment));
    return store_payment_by_id(tx, reading->organization_id, reading->payment_id, &reading->payment, error);
}

bool checkout_settlement(Checkout *checkout, Id organization_id, Id payment_id, bool has_line, GError **error)
{
    ByIdReading reading = { .organization_id = organization_id, .payment_id = payment_id };
    if (!store_read(checkout->store, read_by_id, &reading, error))
        return false;
    g_autoptr(Payment) payment = reading.payment;
    PayEventKind kind = !has_line ? PAY_EVENT_NOT_IN_REPORT
        : pay_state_is_paid(payment->state) ? PAY_EVENT_SETTLED
                                            : PAY_EVENT_SUCCEEDED;
    return tell(checkout, payment, kind, false, error);
}

bool checkout_check_now(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error)
{
    g_autoptr(Payment) payment = find_payment(checkout, account, payment_id, error);
    return payment != NULL && tell(checkout, payment, PAY_EVENT_TIMER, true, error);
}

bool checkout_action_done(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error)
{
    g_autoptr(Payment) payment = find_payment(checkout, account, payment_id, error);
    return payment != NULL && tell(checkout, payment, PAY_EVENT_ACTION_DONE, true, error);
}

/* What waits at the bank can only be ended there; a payment of ours is cancelled before it was sent, never after. */
bool checkout_cancel(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error)
{
    g_autoptr(Payment) payment = find_payment(checkout, account, payment_id, error);
    if (payment == NULL)
        return false;
    if (payment->state != PAY_ACTION)
        return tell(checkout, payment, PAY_EVENT_CANCELLED, false, error);
    if (!tell(checkout, payment, PAY_EVENT_TIMER, true, error))
        return false;
    error_set(error, SALDO_ERROR_CONFLICT, "the payment waits at the bank: cancel it on the bank's page; nothing is paid"
        " unless it is confirmed there");
    return false;
}
