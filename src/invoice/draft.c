/* A draft's life: from the first term of a document to its finished invoices. */
#include "draft_parts.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "checks.h"
#include "limits.h"
#include "members.h"

/* ---- The beginning and the end of an invoice ------------------------------------------------------------------------ */

static void begin_invoice(Draft *draft)
{
    draft->invoice = invoice_new(draft->source, draft->format);
    draft->tax_total_count = 0;
    draft->lines_sum = DECIMAL_UNKNOWN;
    for (size_t i = 0; i < DRAFT_SUMS; i++)
        draft->sums[i] = DECIMAL_UNKNOWN;
}

static void clear_own(Draft *draft)
{
    for (size_t i = 0; i < DRAFT_SLOTS; i++)
        g_clear_pointer(&draft->slots[i], g_free);
    for (unsigned i = 0; i < draft->tax_total_count; i++) {
        g_clear_pointer(&draft->tax_totals[i].currency, g_free);
        draft->tax_totals[i] = (TaxTotal){ 0 };
    }
    g_clear_pointer(&draft->tax_total_currency, g_free);
    g_clear_pointer(&draft->currency, g_free);
}

static void choose_tax_total(Draft *draft)
{
    if (draft->tax_total_count == 0 || draft->invoice->totals.vat.is_known)
        return;
    unsigned chosen = 0;
    for (unsigned i = draft->tax_total_count; i-- > 0;)
        if (draft->currency != NULL && g_strcmp0(draft->tax_totals[i].currency, draft->currency) == 0)
            chosen = i;
    draft->invoice->totals.vat = draft->tax_totals[chosen].amount;
}

/* [PAY-001] Exact, or none with what was written kept for the reader's eyes. */
static Money read_money(Draft *draft, Decimal amount)
{
    Money money = { 0 };
    if (!amount.is_known)
        return money;
    const char *currency = draft->currency == NULL ? "" : draft->currency;
    MoneyParse outcome = decimal_to_money(amount, span_of(currency), &money);
    if (outcome == MONEY_OK)
        return money;
    char text[DECIMAL_TEXT_MAX];
    decimal_format(amount, text);
    g_autofree char *written = g_strdup_printf("%s %s", text, currency);
    g_autofree char *message
        = g_strdup_printf("[PAY-001] The amount %scannot be read exactly: %s.", written, money_parse_text(outcome));
    invoice_add_check(draft->invoice, "PAY-001", INVOICE_HOLD, message);
    if (draft->invoice->currency_text == NULL)
        draft->invoice->currency_text = text_clean(span_of(written), INVOICE_TEXT_MAX);
    return (Money){ 0 };
}

/* Totals that a finish function has added up. */
static void check_totals_size(Invoice *invoice)
{
    for (const Member *member = totals_members; member->key != NULL; member++) {
        Decimal *total = (Decimal *)((char *)&invoice->totals + member->offset);
        if (draft_is_writable(*total))
            continue;
        *total = DECIMAL_UNKNOWN;
        invoice_add_check(invoice, "value", INVOICE_HOLD, "A total of this invoice is too large to be read.");
    }
}

void draft_finish_invoice(Draft *draft)
{
    Invoice *invoice = draft->invoice;
    choose_tax_total(draft);
    if (draft->finish != NULL)
        draft->finish(draft, invoice);
    check_totals_size(invoice);
    InvoiceParty *const parties[] = { &invoice->seller, &invoice->buyer, &invoice->payee };
    for (size_t i = 0; i < G_N_ELEMENTS(parties); i++)
        if (parties[i]->name == NULL)
            parties[i]->name = g_strdup(parties[i]->trading_name);
    invoice->total = read_money(draft, invoice->totals.with_vat);
    invoice->amount_due = read_money(draft, invoice->totals.due);
    invoice_check_document(invoice, draft_lines_sum(draft));
    if (draft->invoices->len < LIMIT_INVOICES_PER_MESSAGE)
        g_ptr_array_add(draft->invoices, invoice);
    else
        invoice_free(invoice);
    clear_own(draft);
    begin_invoice(draft);
    draft->was_put = false;
}

bool draft_end(Draft *draft)
{
    if (draft->was_put && !draft->has_bodies)
        draft_finish_invoice(draft);
    return draft->invoices->len > draft->first;
}

/* ---- Making, freeing, asking --------------------------------------------------------------------------------------------- */

Draft *draft_new(InvoiceSource source, const char *format, DraftFinish finish, GPtrArray *invoices)
{
    Draft *draft = g_new0(Draft, 1);
    draft->source = source;
    draft->format = format;
    draft->finish = finish;
    draft->invoices = invoices;
    draft->first = invoices->len;
    draft->more_numbers = g_ptr_array_new_with_free_func(g_free);
    begin_invoice(draft);
    return draft;
}

void draft_free(Draft *draft)
{
    if (draft == NULL)
        return;
    draft_close(draft, GROUP_OTHER_PARTY); /* whatever a broken document left open */
    draft_close(draft, GROUP_TAX_REGISTRATION);
    draft_close(draft, GROUP_ACCOUNT);
    for (size_t i = 0; i < DRAFT_SLOTS; i++)
        g_free(draft->shared_slots[i]);
    members_clear(line_members, &draft->spare_line);
    clear_own(draft);
    invoice_free(draft->invoice);
    g_ptr_array_free(draft->more_numbers, TRUE);
    g_free(draft);
}

const char *draft_slot(const Draft *draft, unsigned slot)
{
    g_assert(slot < DRAFT_SLOTS);
    return draft->slots[slot];
}

Decimal draft_sum(const Draft *draft, unsigned sum)
{
    g_assert(sum < DRAFT_SUMS);
    return draft->sums[sum];
}

const char *draft_currency(const Draft *draft)
{
    return draft->currency;
}

void draft_set_currency(Draft *draft, const char *currency)
{
    g_free(draft->currency);
    draft->currency = g_strdup(currency);
}

Decimal draft_lines_sum(const Draft *draft)
{
    return draft->lines_sum;
}
