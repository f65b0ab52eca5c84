/* Checks on one invoice's own claims. */
#include "checks.h"

#include <string.h>

#include "arithmetic.h"
#include "identifiers.h"

static void check_status(Invoice *invoice)
{
    switch (invoice->status) {
    case INVOICE_STATUS_COMPLETE:
        invoice_add_check(invoice, "status", INVOICE_HOLD, "The mail says that this invoice is paid: nothing to pay.");
        return;
    case INVOICE_STATUS_AUTOMATIC:
        invoice_add_check(invoice, "status", INVOICE_HOLD,
            "The biller collects this amount by itself (automatic payment): nothing to pay.");
        return;
    case INVOICE_STATUS_DECLINED:
        invoice_add_check(invoice, "status", INVOICE_WARN, "An earlier payment of this invoice was declined.");
        return;
    case INVOICE_STATUS_UNSTATED:
    case INVOICE_STATUS_DUE:
    case INVOICE_STATUS_PAST_DUE:
        return;
    }
    g_assert_not_reached();
}

/* What is no bill has said so already, but for a credit that only its sign shows. */
static void check_amount(Invoice *invoice)
{
    if (money_is_none(invoice->amount_due))
        return; /* the reader has said why */
    if (invoice->amount_due.minor < 0)
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The amount due is negative, a credit: nothing to pay.");
    else if (invoice->amount_due.minor == 0 && invoice->kind == INVOICE_KIND_BILL)
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The amount due is zero: nothing to pay.");
}

static void check_kind(Invoice *invoice)
{
    switch (invoice->kind) {
    case INVOICE_KIND_BILL:
        return;
    case INVOICE_KIND_CREDIT:
        if (invoice->amount_due.minor >= 0) /* else the amount says it */
            invoice_add_check(invoice, "kind", INVOICE_HOLD, "This is a credit note: nothing to pay.");
        return;
    case INVOICE_KIND_SELF_BILLED:
        invoice_add_check(invoice, "kind", INVOICE_HOLD,
            "This document was made out by its buyer (self-billed): its recipient is the seller, nothing to pay.");
        return;
    case INVOICE_KIND_DIRECT_DEBIT:
        invoice_add_check(invoice, "kind", INVOICE_HOLD, "The seller collects this amount by direct debit: nothing to pay.");
        return;
    }
    g_assert_not_reached();
}

/* UNTDID 1001 as EN 16931 and its national uses (XRechnung, Factur-X, the French extension, Peppol) know it; other code lists
 * are told apart by the readers. */
static const char *const self_billed_codes[] = { "261", "389", "471", "473", "500", "501", "502", "527", NULL };
static const char *const credit_codes[] = { "81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503",
    "532", NULL };
static const char *const direct_debit_codes[] = { "49", "59", NULL }; /* UNTDID 4461 */

static bool is_one_of(const char *code, const char *const *codes)
{
    return code != NULL && g_strv_contains(codes, code);
}

/* An invoice whose total is below zero gives back, whatever its type says; a credit note does with any sign. */
static bool is_below_zero(const Invoice *invoice)
{
    bool total_is = invoice->totals.with_vat.is_known && decimal_compare(invoice->totals.with_vat, decimal_of(0)) < 0;
    return total_is || invoice->total.minor < 0 || invoice->amount_due.minor < 0;
}

/* What the reader knows by the format comes first. */
static void choose_kind(Invoice *invoice)
{
    if (invoice->kind != INVOICE_KIND_BILL)
        return;
    if (is_one_of(invoice->type_code, self_billed_codes))
        invoice->kind = INVOICE_KIND_SELF_BILLED;
    else if (is_one_of(invoice->type_code, credit_codes) || is_below_zero(invoice))
        invoice->kind = INVOICE_KIND_CREDIT;
    else if (is_one_of(invoice->means_code, direct_debit_codes))
        invoice->kind = INVOICE_KIND_DIRECT_DEBIT;
}

void invoice_check_claims(Invoice *invoice)
{
    choose_kind(invoice);
    check_kind(invoice);
    if (invoice->number == NULL)
        invoice_add_check(invoice, "number", INVOICE_HOLD,
            "The invoice has no number, so a second copy of it could not be recognised.");
    if (invoice->seller.name == NULL)
        invoice_add_check(invoice, "seller", INVOICE_WARN, "The invoice does not name its seller (provider).");
    check_amount(invoice);
    check_status(invoice);
    /* Dates are YYYY-MM-DD: their order is the order of their text. */
    if (invoice->issue_date != NULL && invoice->due_date != NULL && strcmp(invoice->due_date, invoice->issue_date) < 0)
        invoice_add_check(invoice, "due_date", INVOICE_WARN, "The invoice is due before its own date.");
}

void invoice_check_document(Invoice *invoice, Decimal lines_sum)
{
    choose_kind(invoice);
    invoice_check_arithmetic(invoice, lines_sum);
    invoice_check_identifiers(invoice);
    invoice_check_claims(invoice);
}
