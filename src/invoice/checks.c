/* Checks on one invoice's own claims. */
#include "checks.h"

#include <string.h>

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

static void check_amount(Invoice *invoice)
{
    if (money_is_none(invoice->amount_due))
        return; /* the reader has said why */
    if (invoice->amount_due.minor == 0)
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The amount due is zero: nothing to pay.");
    else if (invoice->amount_due.minor < 0)
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The amount due is negative, a credit: nothing to pay.");
}

void invoice_check_claims(Invoice *invoice)
{
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
