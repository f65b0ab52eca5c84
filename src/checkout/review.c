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

/* White space and case make no other name. */
static char *folded_name(const char *name)
{
    g_autofree char *folded = g_utf8_casefold(name, -1);
    g_auto(GStrv) words = g_strsplit_set(folded, " \t\r\n", -1);
    return g_strjoinv("", words);
}

static bool names_differ(const char *named, const char *verified)
{
    if (named == NULL)
        return false;
    g_autofree char *left = folded_name(named), *right = folded_name(verified);
    return strcmp(left, right) != 0;
}

/* Nobody verified the names in the mail and in the biller's answer: each is held against the verified one. */
static void compare_payees(const char *in_mail, const BillerReview *biller, GPtrArray *differences)
{
    const char *verified = biller->invoice->seller.name;
    if (names_differ(in_mail, verified))
        add_difference(differences, "payee", in_mail, verified);
    else if (names_differ(biller->named_payee, verified))
        add_difference(differences, "payee", verified, biller->named_payee);
}

static GPtrArray *compare(const Invoice *mail, const BillerReview *biller)
{
    GPtrArray *differences = g_ptr_array_new_with_free_func(difference_free);
    compare_amounts(money_is_none(mail->amount_due) ? mail->total : mail->amount_due, biller->total, differences);
    compare_payees(mail->seller.name, biller, differences);
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

/* [PAY-013] Consent names the payee that was verified, whatever the biller's answer calls it, and the invoice even where
 * the answer leaves it out. */
static void name_payee_and_number(const Standing *standing, BillerReview *biller)
{
    Invoice *invoice = biller->invoice;
    biller->named_payee = invoice->seller.name;
    invoice->seller.name = g_strdup(standing->verdict->merchant->legal_name);
    if (invoice->number == NULL)
        invoice->number = g_strdup(standing->verdict->invoice->number);
}

G_DEFINE_QUARK(checkout-error-quark, checkout_error)

/* A biller's own "no" is no verdict of ours about the mail. */
static void tell_biller_trouble(GError **error, GError *trouble)
{
    if (g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_DENIED)) {
        trouble->domain = CHECKOUT_ERROR;
        trouble->code = CHECKOUT_ERROR_BILLER_REFUSED;
    }
    g_propagate_error(error, trouble);
}

/* Name and address are answered (wire.md §3); a telephone number or a place of delivery cannot be given here, and a
 * payment without them would be one that the biller did not agree to. */
static bool asks_no_more_than_can_be_given(const BillerReview *biller, const Partner *partner, GError **error)
{
    if (biller->already_paid || !(biller->asks_shipping || biller->asks_payer_phone))
        return true;
    const char *what = !biller->asks_shipping ? "the payer's phone number"
        : biller->asks_payer_phone          ? "a delivery address and the payer's phone number"
                                            : "a delivery address";
    g_set_error(error, CHECKOUT_ERROR, CHECKOUT_ERROR_BILLER_ASKS_MORE,
        "This invoice needs %s, which cannot be given here: pay it at %s.", what, partner->name);
    return false;
}

BillerReview *review_ask(const Checkout *checkout, const Standing *standing, GError **error)
{
    PartnerCall call = standing_call(checkout, standing);
    g_autoptr(GError) trouble = NULL;
    g_autoptr(BillerReview) biller = partner_load_entity(&call, &trouble);
    if (biller == NULL) {
        tell_biller_trouble(error, g_steal_pointer(&trouble));
        return NULL;
    }
    if (!asks_no_more_than_can_be_given(biller, call.partner, error))
        return NULL;
    if (!biller->lines_add_up) { /* [PAY-001] */
        char total[MONEY_TEXT_MAX];
        money_format_decimal(biller->total, total);
        error_set(error, SALDO_ERROR_BAD_INPUT, "the biller's lines do not add up to its total of %s %s: ask %s",
            biller->total.currency, total, call.partner->name);
        return NULL;
    }
    biller->test = standing_is_test(standing, biller);
    name_payee_and_number(standing, biller);
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

/* The document's address by the biller's last word; asked for now where nobody has reviewed the invoice yet. NULL and
 * `error` (NOT_FOUND) where the biller names none. */
static char *document_url(Checkout *checkout, const Standing *standing, const StoreAccount *account, GError **error)
{
    const json_t *reviewed = json_object_get(standing->invoice->review, "invoice");
    g_autofree char *url = g_strdup(json_text(reviewed, "url"));
    if (reviewed == NULL) {
        g_autoptr(BillerReview) biller = review_ask(checkout, standing, error);
        if (biller == NULL || !review_keep(checkout, standing, account, biller, error))
            return NULL;
        url = g_strdup(biller->invoice->url);
    }
    if (url == NULL)
        error_set(error, SALDO_ERROR_NOT_FOUND,
            "the biller names no document of this invoice; the mail may have it attached, else ask the biller for it");
    return g_steal_pointer(&url);
}

GBytes *checkout_document(Checkout *checkout, const StoreAccount *account, Id invoice_id, char **ret_media_type,
    GError **error)
{
    g_autoptr(Standing) standing = standing_read(checkout, account, invoice_id, error);
    g_autofree char *url = standing == NULL ? NULL : document_url(checkout, standing, account, error);
    if (url == NULL)
        return NULL;
    PartnerCall call = standing_call(checkout, standing);
    g_autoptr(GError) trouble = NULL;
    GBytes *document = partner_fetch_document(&call, url, ret_media_type, &trouble);
    if (document == NULL)
        tell_biller_trouble(error, g_steal_pointer(&trouble));
    return document;
}
