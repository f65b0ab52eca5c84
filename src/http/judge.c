/* Judging stored messages again. */
#include "judge.h"

#include "base/error.h"

bool judge_init(Judge *judge, StoreTx *tx, Id organization_id, GError **error)
{
    *judge = (Judge){ .organization_id = organization_id };
    if (!store_registry_load(tx, organization_id, &judge->registry, error))
        return false;
    judge->policies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)policy_settings_free);
    return true;
}

void judge_done(Judge *judge)
{
    g_clear_pointer(&judge->registry, registry_free);
    g_clear_pointer(&judge->policies, g_hash_table_unref);
}

void judged_done(Judged *judged)
{
    g_clear_pointer(&judged->verdict, verdict_free);
    g_clear_pointer(&judged->extraction, extraction_free);
}

static const PolicySettings *policy_for(Judge *judge, StoreTx *tx, const char *address, GError **error)
{
    PolicySettings *policy = g_hash_table_lookup(judge->policies, address);
    if (policy != NULL)
        return policy;
    if (!store_policy_load(tx, judge->organization_id, address, &policy, error))
        return NULL;
    g_hash_table_insert(judge->policies, g_strdup(address), policy);
    return policy;
}

bool judge_message(Judge *judge, StoreTx *tx, const StoreMessage *message, Judged *ret_judged, GError **error)
{
    const PolicySettings *policy = policy_for(judge, tx, message->mailbox_address, error);
    if (policy == NULL)
        return false;
    TrustCase trust_case = { .recipient = message->mailbox_address, .received_us = message->received_us,
        .registry = judge->registry, .policy = policy };
    if (!trust_sender_from_json(message->authentication, &trust_case.sender)) {
        error_set(error, SALDO_ERROR_IO, "the authentication archived with message %s is not readable", message->id.text);
        return false;
    }
    g_autoptr(Extraction) extraction = extraction_from_json(message->extraction, error);
    if (extraction == NULL)
        return false;
    trust_case.readable = extraction->readable;
    trust_case.trouble = extraction->trouble;
    trust_case.invoices = extraction->invoices;
    ret_judged->verdict = trust_judge(&trust_case);
    ret_judged->extraction = g_steal_pointer(&extraction);
    return true;
}

static StoreInvoice *invoice_of(const Verdict *verdict, Id organization_id)
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
    row->seller_name = g_strdup(invoice->seller.name != NULL ? invoice->seller.name : verdict->merchant->legal_name);
    row->due_date = g_strdup(invoice->due_date);
    row->amount_due = money_is_none(invoice->amount_due) ? invoice->total : invoice->amount_due;
    row->state = g_strdup("due");
    row->model = invoice_to_json(invoice);
    return row;
}

bool judge_attach_invoice(StoreTx *tx, const StoreMessage *message, const Verdict *verdict, Id *ret_id, GError **error)
{
    g_autoptr(StoreInvoice) invoice = invoice_of(verdict, message->organization_id);
    bool is_new;
    if (!store_invoice_attach(tx, invoice, message->id, invoice_source_name(verdict->invoice->source), &is_new, error))
        return false;
    *ret_id = invoice->id;
    return true;
}
