/* Receipts: issued once per payment with the facts of that moment, drawn whenever somebody asks. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"

typedef struct Issuing {
    const Payment *payment;
    int64_t now_us;
} Issuing;

static json_t *facts_of(StoreTx *tx, const Payment *payment)
{
    g_autoptr(StoreCard) card = NULL;
    if (!store_card_for_payment(tx, payment, &card, NULL)) /* deleted since: the receipt does without */
        card = NULL;
    json_t *facts = json_pack("{s:s?, s:s?, s:o, s:I, s:s?, s:s?, s:s?}", "payee", payment->payee, "invoice_number",
        payment->invoice_number, "amount", json_from_money(payment->amount), "paid_us", (json_int_t)payment->updated_us,
        "card_brand", card == NULL ? NULL : card->brand, "card_last4", card == NULL ? NULL : card->last4, "confirmation",
        payment->biller_ref);
    g_assert(facts != NULL);
    json_put_flag(facts, "test", payment->test);
    return facts;
}

static bool issue_unit(StoreTx *tx, void *context, GError **error)
{
    const Issuing *issuing = context;
    JSON_AUTO *facts = facts_of(tx, issuing->payment);
    g_autoptr(StoreReceipt) receipt = NULL;
    return store_receipt_issue(tx, issuing->payment, facts, issuing->now_us, &receipt, error);
}

bool receipt_issue(Checkout *checkout, const Payment *payment, GError **error)
{
    Issuing issuing = { .payment = payment, .now_us = time_now_us() };
    return store_write(checkout->store, issue_unit, &issuing, error);
}

/* ---- Drawing -------------------------------------------------------------------------------------------- */

typedef struct Fetching {
    const StoreAccount *account;
    Id payment_id;
    Payment *payment;
    StoreInvoice *invoice;
    StoreReceipt *receipt; /* NULL where not issued yet */
} Fetching;

static void fetching_done(Fetching *fetching)
{
    payment_free(fetching->payment);
    store_invoice_free(fetching->invoice);
    store_receipt_free(fetching->receipt);
    fetching->payment = NULL;
    fetching->invoice = NULL;
    fetching->receipt = NULL;
}

static bool fetch_unit(StoreTx *tx, void *context, GError **error)
{
    Fetching *fetching = context;
    fetching_done(fetching);
    const StoreAccount *account = fetching->account;
    if (!store_payment_get(tx, account, fetching->payment_id, &fetching->payment, error)
        || !store_invoice_by_id(tx, account->organization_id, fetching->payment->invoice_id, &fetching->invoice, error))
        return false;
    g_autoptr(GError) trouble = NULL;
    if (store_receipt_get(tx, account, fetching->payment_id, &fetching->receipt, &trouble)
        || g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

static bool fetch(Checkout *checkout, Fetching *fetching, GError **error)
{
    if (!store_read(checkout->store, fetch_unit, fetching, error))
        return false;
    if (fetching->receipt != NULL)
        return true;
    if (!pay_state_is_paid(fetching->payment->state)) {
        error_set(error, SALDO_ERROR_CONFLICT, "the payment is %s: a receipt is for what was paid",
            pay_state_name(fetching->payment->state));
        return false;
    }
    /* Asked before the courier came to it. */
    return receipt_issue(checkout, fetching->payment, error) && store_read(checkout->store, fetch_unit, fetching, error);
}

static GBytes *draw(const Fetching *fetching, const char *language, GError **error)
{
    const json_t *facts = fetching->receipt->facts;
    const char *confirmation = json_text(facts, "confirmation");
    ReceiptFacts page = { .number = fetching->receipt->number, .payee = json_text(facts, "payee"),
        .invoice_number = json_text(facts, "invoice_number"), .card_brand = json_text(facts, "card_brand"),
        .card_last4 = json_text(facts, "card_last4"), .payment_id = fetching->payment->id.text,
        /* The biller's number may have come after the receipt was issued. */
        .confirmation = confirmation != NULL ? confirmation : fetching->payment->biller_ref,
        .payer = id_equal(fetching->invoice->paid_payment_id, fetching->payment->id) ? fetching->invoice->paid_by : NULL,
        .paid_us = json_integer_or(facts, "paid_us", fetching->receipt->issued_us), .test = json_flag(facts, "test") };
    if (!json_to_money(json_object_get(facts, "amount"), &page.amount))
        page.amount = fetching->payment->amount;
    return receipt_page(&page, language, error);
}

GBytes *checkout_receipt_pdf(Checkout *checkout, const StoreAccount *account, Id payment_id, const char *language,
    GError **error)
{
    __attribute__((cleanup(fetching_done))) Fetching fetching = { .account = account, .payment_id = payment_id };
    return fetch(checkout, &fetching, error) && fetching.receipt != NULL ? draw(&fetching, language, error) : NULL;
}
