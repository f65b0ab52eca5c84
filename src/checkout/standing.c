/* Judging an invoice anew: its newest mail, the registry and the switches as they are now. */
#include "parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "checkout/card.h"

void standing_free(Standing *standing)
{
    if (standing == NULL)
        return;
    verdict_free(standing->verdict);
    store_invoice_free(standing->invoice);
    store_message_free(standing->message);
    extraction_free(standing->extraction);
    registry_free(standing->registry);
    policy_settings_free(standing->policy);
    payment_free(standing->payment);
    g_free(standing);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

/* The newest mail may lie in a colleague's mailbox: the newest that this account reads counts. */
static bool read_message(StoreTx *tx, const StoreAccount *account, Standing *standing, GError **error)
{
    Id id;
    return store_message_of_invoice(tx, account, standing->invoice->id, &id, error)
        && store_message_get(tx, account, id, &standing->message, error);
}

static bool read_payment(StoreTx *tx, Standing *standing, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    if (store_payment_of_invoice(tx, standing->invoice->organization_id, standing->invoice->id, &standing->payment, &trouble)
        || g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

typedef struct Reading {
    const StoreAccount *account;
    Id invoice_id;
    Standing *standing;
} Reading;

static bool read_all(StoreTx *tx, void *context, GError **error)
{
    Reading *reading = context;
    Standing *standing = reading->standing;
    const StoreAccount *account = reading->account;
    return store_invoice_get(tx, account, reading->invoice_id, &standing->invoice, error)
        && read_message(tx, account, standing, error)
        && store_registry_load(tx, account->organization_id, &standing->registry, error)
        && store_policy_load(tx, account->organization_id, standing->message->mailbox_address, &standing->policy, error)
        && read_payment(tx, standing, error);
}

/* ---- Judging -------------------------------------------------------------------------------------- */

static bool judge(Standing *standing, GError **error)
{
    standing->extraction = extraction_from_json(standing->message->extraction, error);
    if (standing->extraction == NULL)
        return false;
    const StoreMessage *message = standing->message;
    standing->verdict = checkout_judge(message->authentication, standing->extraction, message->mailbox_address,
        message->received_us, standing->registry, standing->policy, error);
    if (standing->verdict == NULL)
        return false;
    standing->sender = json_text(message->authentication, "from_address");
    if (standing->verdict->kind == VERDICT_CARD && standing->sender != NULL)
        return true;
    const VerdictReason *reason = g_ptr_array_index(standing->verdict->reasons, 0);
    error_set(error, SALDO_ERROR_DENIED, "%s", reason->text);
    return false;
}

Standing *standing_read(Checkout *checkout, const StoreAccount *account, Id invoice_id, GError **error)
{
    g_autoptr(Standing) standing = g_new0(Standing, 1);
    Reading reading = { .account = account, .invoice_id = invoice_id, .standing = standing };
    if (!store_read(checkout->store, read_all, &reading, error) || !judge(standing, error))
        return NULL;
    return g_steal_pointer(&standing);
}

/* ---- Judging once more before the first byte ------------------------------------------------------- */

static const struct {
    VerdictCode verdict;
    const char *code, *text;
} forbidden[] = {
    { VERDICT_SWITCH_OFF, "payments_off", "Your organisation has switched off payments." },
    { VERDICT_GROUP_SWITCH_OFF, "payments_off", "Your organisation has switched off payments for this mailbox." },
    { VERDICT_OUTSIDE_ROLLOUT, "payments_off", "Your organisation has switched off payments for this mailbox." },
    { VERDICT_PARTNER_SUSPENDED, "biller_suspended", "This biller has been suspended." },
    { VERDICT_MERCHANT_SUSPENDED, "biller_suspended", "This biller has been suspended." },
};

static void explain_forbidden(const Verdict *verdict, const char **ret_code, const char **ret_text)
{
    *ret_code = "no_card";
    *ret_text = "This invoice can no longer be paid here.";
    const VerdictReason *reason = verdict == NULL || verdict->kind == VERDICT_CARD ? NULL : verdict->reasons->pdata[0];
    for (size_t i = 0; reason != NULL && i < G_N_ELEMENTS(forbidden); i++) {
        if (strcmp(reason->code, verdict_code_name(forbidden[i].verdict)) == 0) {
            *ret_code = forbidden[i].code;
            *ret_text = forbidden[i].text;
        }
    }
}

/* Money that was agreed on as money must not go to a partner or merchant that has become a test one. */
static bool still_live(const Standing *standing, const Payment *payment)
{
    return payment->test
        || (standing->verdict->partner->state != PARTNER_TEST && standing->verdict->merchant->state != PARTNER_TEST);
}

bool standing_judge_again(StoreTx *tx, const Payment *payment, const char **ret_code, char **ret_text, GError **error)
{
    g_autoptr(Standing) standing = g_new0(Standing, 1);
    const StoreAccount payer = { .organization_id = payment->organization_id, .id = payment->account_id,
        .login = (char *)"the payer" };
    Reading reading = { .account = &payer, .invoice_id = payment->invoice_id, .standing = standing };
    g_autoptr(GError) trouble = NULL;
    bool judged = read_all(tx, &reading, &trouble) && judge(standing, &trouble);
    if (judged && still_live(standing, payment)) {
        *ret_code = NULL;
        *ret_text = NULL;
        return true;
    }
    if (!judged && !g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_DENIED)
        && !g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    const char *text;
    explain_forbidden(standing->verdict, ret_code, &text);
    *ret_text = g_strconcat(text, payment->state == PAY_INTENT ? " Nothing was paid." : " The earlier attempt is being looked up.", NULL);
    return true;
}

PartnerCall standing_call(const Checkout *checkout, const Standing *standing)
{
    const Verdict *verdict = standing->verdict;
    return (PartnerCall){ .partner = verdict->partner, .merchant = verdict->merchant, .keys = checkout->keys,
        .payer_address = standing->message->mailbox_address, .mail_from = standing->sender,
        .product_context = verdict->invoice->action->product_context, .now_us = time_now_us() };
}

bool standing_is_test(const Standing *standing, const BillerReview *review)
{
    return review->test || standing->verdict->partner->state == PARTNER_TEST
        || standing->verdict->merchant->state == PARTNER_TEST;
}

const Payment *standing_payment(const Standing *standing)
{
    const Payment *payment = standing->payment;
    return payment != NULL && (pay_state_is_live(payment->state) || pay_state_is_paid(payment->state)) ? payment : NULL;
}

/* ---- Kept for the couriers -------------------------------------------------------------------------- */

json_t *standing_to_kept(const Standing *standing, const StoreAccount *account, const BillerReview *review)
{
    json_t *kept = biller_review_to_json(review);
    const InvoiceAction *action = standing->verdict->invoice->action;
    json_t *context = action->product_context == NULL ? json_null() : json_deep_copy(action->product_context);
    json_t *call = json_pack("{s:s, s:s, s:s?, s:s, s:s, s:o, s:s?, s:s?}", "originator",
        standing->verdict->partner->originator, "merchant_id", standing->verdict->merchant->merchant_id, "display_id",
        standing->verdict->merchant->display_id, "payer_address", standing->message->mailbox_address, "mail_from",
        standing->sender, "product_context", context, "payer_name",
        review->asks_payer_name ? account->name : NULL, "payer_email",
        review->asks_payer_email ? standing->message->mailbox_address : NULL);
    g_assert(call != NULL && json_object_set_new(kept, "call", call) == 0);
    return kept;
}

void kept_done(Kept *kept)
{
    store_invoice_free(kept->invoice);
    registry_free(kept->registry);
    *kept = (Kept){ 0 };
}

typedef struct KeptReading {
    const Payment *payment;
    Kept *kept;
} KeptReading;

static bool read_kept(StoreTx *tx, void *context, GError **error)
{
    KeptReading *reading = context;
    kept_done(reading->kept);
    return store_invoice_by_id(tx, reading->payment->organization_id, reading->payment->invoice_id, &reading->kept->invoice,
               error)
        && store_registry_load(tx, reading->payment->organization_id, &reading->kept->registry, error);
}

static bool fill_call(const Checkout *checkout, Kept *kept, GError **error)
{
    const json_t *facts = json_object_get(kept->invoice->review, "call");
    const char *originator = json_text(facts, "originator");
    const Partner *partner = originator == NULL ? NULL : registry_find(kept->registry, originator);
    const Merchant *merchant = partner == NULL
        ? NULL
        : partner_find_merchant(partner, json_text(facts, "merchant_id"), json_text(facts, "display_id"));
    if (merchant == NULL) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "partner %s or its merchant is no longer registered",
            originator == NULL ? "(unnamed)" : originator);
        return false;
    }
    kept->payer_name = json_text(facts, "payer_name");
    kept->payer_email = json_text(facts, "payer_email");
    kept->call = (PartnerCall){ .partner = partner, .merchant = merchant, .keys = checkout->keys,
        .payer_address = json_text(facts, "payer_address"), .mail_from = json_text(facts, "mail_from"),
        .product_context = json_object_get(facts, "product_context"), .now_us = time_now_us() };
    return true;
}

bool kept_read(Checkout *checkout, const Payment *payment, Kept *ret_kept, GError **error)
{
    KEPT_AUTO kept = { 0 };
    KeptReading reading = { .payment = payment, .kept = &kept };
    if (!store_read(checkout->store, read_kept, &reading, error) || !fill_call(checkout, &kept, error))
        return false;
    *ret_kept = kept;
    kept = (Kept){ 0 };
    return true;
}
