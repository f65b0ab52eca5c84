/* From what was found out about a mail to its verdict, and from a card verdict to the invoice row that it pays. */
#include "checkout/card.h"

#include "base/error.h"

Verdict *checkout_judge(const json_t *authentication, const Extraction *extraction, const char *recipient,
    int64_t received_us, const Registry *registry, const PolicySettings *policy, GError **error)
{
    TrustCase trust_case = { .readable = extraction->readable, .trouble = extraction->trouble,
        .invoices = extraction->invoices, .recipient = recipient, .received_us = received_us, .registry = registry,
        .policy = policy };
    if (!trust_sender_from_json(authentication, &trust_case.sender)) {
        error_set(error, SALDO_ERROR_IO,
            "the authentication kept with this mail is not readable: nothing can be paid from it; import the mail again");
        return NULL;
    }
    return trust_judge(&trust_case);
}

static StoreInvoice *invoice_from_verdict(const Verdict *verdict, Id organization_id)
{
    const Invoice *invoice = verdict->invoice;
    StoreInvoice *row = g_new0(StoreInvoice, 1);
    row->organization_id = organization_id;
    row->identity
        = store_invoice_identity(verdict->partner->originator, verdict->merchant->merchant_id, invoice->number);
    row->originator = g_strdup(verdict->partner->originator);
    row->merchant_id = g_strdup(verdict->merchant->merchant_id);
    row->display_id = g_strdup(verdict->merchant->display_id);
    row->number = g_strdup(invoice->number);
    row->seller_name = g_strdup(verdict->merchant->legal_name); /* who was verified, never the mail's own word */
    row->due_date = g_strdup(invoice->due_date);
    row->amount_due = money_is_none(invoice->amount_due) ? invoice->total : invoice->amount_due;
    row->model = invoice_to_json(invoice);
    return row;
}

bool checkout_attach_invoice(StoreTx *tx, Id organization_id, Id message_id, const Verdict *verdict, Id *ret_invoice_id,
    GError **error)
{
    g_assert(verdict->kind == VERDICT_CARD);
    g_autoptr(StoreInvoice) invoice = invoice_from_verdict(verdict, organization_id);
    bool is_new;
    if (!store_invoice_attach(tx, invoice, message_id, invoice_source_name(verdict->invoice->source), &is_new, error))
        return false;
    *ret_invoice_id = invoice->id;
    return true;
}
