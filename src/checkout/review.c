/* *Review and pay*: asking the biller what is due now, keeping its answer, and saying where the mail differs. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"

static void difference_free(void *data)
{
    ReviewDifference *difference = data;
    g_free(difference->field);
    g_free(difference->in_mail);
    g_free(difference->at_biller);
    g_free(difference);
}

void review_free(Review *review)
{
    if (review == NULL)
        return;
    biller_review_free(review->biller);
    if (review->differences != NULL)
        g_ptr_array_unref(review->differences);
    g_free(review);
}

/* ---- Differences (wire.md §3) ----------------------------------------------------------------------- */

static void add_difference(GPtrArray *differences, const char *field, const char *in_mail, const char *at_biller)
{
    ReviewDifference *difference = g_new0(ReviewDifference, 1);
    difference->field = g_strdup(field);
    difference->in_mail = g_strdup(in_mail);
    difference->at_biller = g_strdup(at_biller);
    g_ptr_array_add(differences, difference);
}

static void compare_amounts(Money in_mail, Money at_biller, GPtrArray *differences)
{
    if (money_is_none(in_mail) || money_is_none(at_biller))
        return;
    if (!money_same_currency(in_mail, at_biller))
        add_difference(differences, "currency", in_mail.currency, at_biller.currency);
    if (in_mail.minor == at_biller.minor && money_same_currency(in_mail, at_biller))
        return;
    char mail_text[MONEY_TEXT_MAX], biller_text[MONEY_TEXT_MAX];
    money_format_decimal(in_mail, mail_text);
    money_format_decimal(at_biller, biller_text);
    add_difference(differences, "amount", mail_text, biller_text);
}

static void compare_texts(const char *field, const char *in_mail, const char *at_biller, GPtrArray *differences)
{
    if (in_mail != NULL && at_biller != NULL && strcmp(in_mail, at_biller) != 0)
        add_difference(differences, field, in_mail, at_biller);
}

static GPtrArray *compare(const Invoice *mail, const BillerReview *biller)
{
    GPtrArray *differences = g_ptr_array_new_with_free_func(difference_free);
    compare_amounts(money_is_none(mail->amount_due) ? mail->total : mail->amount_due, biller->total, differences);
    compare_texts("payee", mail->seller.name, biller->invoice->seller.name, differences);
    g_autofree char *mail_number = mail->number == NULL ? NULL : invoice_number_normalize(mail->number);
    g_autofree char *biller_number =
        biller->invoice->number == NULL ? NULL : invoice_number_normalize(biller->invoice->number);
    compare_texts("number", mail_number, biller_number, differences);
    return differences;
}

Review *review_make(const Standing *standing, BillerReview *biller)
{
    Review *review = g_new0(Review, 1);
    review->differences = compare(standing->verdict->invoice, biller);
    review->biller = biller;
    const Payment *payment = standing_payment(standing);
    review->live_payment_id = payment == NULL ? ID_NONE : payment->id;
    return review;
}

/* ---- Asking and keeping ------------------------------------------------------------------------------- */

/* [PAY-013] Consent names payee and invoice even where the biller's answer leaves one out. */
static void name_the_rest(const Standing *standing, Invoice *invoice)
{
    if (invoice->seller.name == NULL)
        invoice->seller.name = g_strdup(standing->verdict->merchant->legal_name);
    if (invoice->number == NULL)
        invoice->number = g_strdup(standing->verdict->invoice->number);
}

BillerReview *review_ask(const Checkout *checkout, const Standing *standing, GError **error)
{
    PartnerCall call = standing_call(checkout, standing);
    g_autoptr(BillerReview) biller = partner_load_entity(&call, error);
    if (biller == NULL)
        return NULL;
    if (!biller->lines_add_up) { /* [PAY-001] */
        char total[MONEY_TEXT_MAX];
        money_format_decimal(biller->total, total);
        error_set(error, SALDO_ERROR_BAD_INPUT, "the biller's lines do not add up to its total of %s %s: ask %s",
            biller->total.currency, total, call.partner->name);
        return NULL;
    }
    biller->test = standing_is_test(standing, biller);
    name_the_rest(standing, biller->invoice);
    return g_steal_pointer(&biller);
}

bool review_put(StoreTx *tx, const Standing *standing, const json_t *kept, const BillerReview *biller, int64_t now_us,
    GError **error)
{
    Id organization = standing->invoice->organization_id, invoice = standing->invoice->id;
    g_autoptr(Payment) payment = NULL;
    /* A live payment's couriers still use what was kept for it. */
    if (store_payment_of_invoice(tx, organization, invoice, &payment, NULL) && pay_state_is_live(payment->state))
        return true;
    Money due = biller->already_paid ? standing->invoice->amount_due : biller->total;
    if (!store_invoice_set_review(tx, organization, invoice, kept, due, biller->invoice->due_date, now_us, error))
        return false;
    return !biller->already_paid
        || store_invoice_set_paid_elsewhere(tx, organization, invoice, biller->invoice->confirmation_number, now_us, error);
}

typedef struct Keeping {
    const Standing *standing;
    const json_t *kept;
    const BillerReview *biller;
    int64_t now_us;
} Keeping;

static bool keep_unit(StoreTx *tx, void *context, GError **error)
{
    const Keeping *keeping = context;
    return review_put(tx, keeping->standing, keeping->kept, keeping->biller, keeping->now_us, error);
}

bool review_keep(Checkout *checkout, const Standing *standing, const StoreAccount *account, const BillerReview *biller,
    GError **error)
{
    JSON_AUTO *kept = standing_to_kept(standing, account, biller);
    Keeping keeping = { .standing = standing, .kept = kept, .biller = biller, .now_us = time_now_us() };
    return store_write(checkout->store, keep_unit, &keeping, error);
}

Review *checkout_review(Checkout *checkout, const StoreAccount *account, Id invoice_id, GError **error)
{
    g_autoptr(Standing) standing = standing_read(checkout, account, invoice_id, error);
    if (standing == NULL)
        return NULL;
    g_autoptr(BillerReview) biller = review_ask(checkout, standing, error);
    if (biller == NULL || !review_keep(checkout, standing, account, biller, error))
        return NULL;
    return review_make(standing, g_steal_pointer(&biller));
}

/* ---- The full invoice ----------------------------------------------------------------------------------- */

GBytes *checkout_document(Checkout *checkout, const StoreAccount *account, Id invoice_id, char **ret_media_type,
    GError **error)
{
    g_autoptr(Standing) standing = standing_read(checkout, account, invoice_id, error);
    if (standing == NULL)
        return NULL;
    const json_t *reviewed = json_object_get(standing->invoice->review, "invoice");
    const char *url = json_text(reviewed, "url");
    if (url == NULL) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "the biller named no document of this invoice; review it first");
        return NULL;
    }
    PartnerCall call = standing_call(checkout, standing);
    return partner_fetch_document(&call, url, ret_media_type, error);
}
