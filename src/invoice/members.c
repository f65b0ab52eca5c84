/* Tables of the model's members. A member that is added to a structure is added here, and nowhere else. */
#include "members.h"

#include "limits.h"

#define TEXT(structure, member) { #member, MEMBER_TEXT, offsetof(structure, member) }
#define NOTE(structure, member) { #member, MEMBER_NOTE, offsetof(structure, member) }
#define DATE(structure, member) { #member, MEMBER_DATE, offsetof(structure, member) }
#define DECIMAL(structure, member) { #member, MEMBER_DECIMAL, offsetof(structure, member) }
#define FLAG(structure, key, member) { key, MEMBER_FLAG, offsetof(structure, member) }
#define END { 0 }

const Member party_members[] = { TEXT(InvoiceParty, name), TEXT(InvoiceParty, trading_name), TEXT(InvoiceParty, vat_id),
    TEXT(InvoiceParty, tax_id), TEXT(InvoiceParty, legal_id), TEXT(InvoiceParty, id), TEXT(InvoiceParty, endpoint), TEXT(InvoiceParty, email),
    TEXT(InvoiceParty, address), TEXT(InvoiceParty, country), END };

const Member account_members[] = { TEXT(InvoiceAccount, number), TEXT(InvoiceAccount, bic), TEXT(InvoiceAccount, name),
    FLAG(InvoiceAccount, "factor", is_factor), END };

const Member totals_members[] = { DECIMAL(InvoiceTotals, lines), DECIMAL(InvoiceTotals, allowances),
    DECIMAL(InvoiceTotals, charges), DECIMAL(InvoiceTotals, without_vat), DECIMAL(InvoiceTotals, vat),
    DECIMAL(InvoiceTotals, with_vat), DECIMAL(InvoiceTotals, prepaid), DECIMAL(InvoiceTotals, rounding),
    DECIMAL(InvoiceTotals, due), END };

const Member line_members[] = { TEXT(InvoiceLine, id), TEXT(InvoiceLine, name), NOTE(InvoiceLine, description),
    DECIMAL(InvoiceLine, quantity), TEXT(InvoiceLine, unit), DECIMAL(InvoiceLine, price), DECIMAL(InvoiceLine, net),
    TEXT(InvoiceLine, vat_category), TEXT(InvoiceLine, vat_rate), FLAG(InvoiceLine, "group", is_group), END };

const Member vat_members[] = { TEXT(InvoiceVat, category), TEXT(InvoiceVat, rate), DECIMAL(InvoiceVat, base),
    DECIMAL(InvoiceVat, amount), NOTE(InvoiceVat, reason), END };

const Member adjustment_members[] = { FLAG(InvoiceAdjustment, "charge", is_charge), DECIMAL(InvoiceAdjustment, amount),
    NOTE(InvoiceAdjustment, reason), END };

const Member document_members[] = { TEXT(InvoiceDocument, id), NOTE(InvoiceDocument, description), TEXT(InvoiceDocument, name),
    TEXT(InvoiceDocument, media_type), END };

const Member invoice_members[] = { TEXT(Invoice, format), TEXT(Invoice, origin), TEXT(Invoice, profile), TEXT(Invoice, type_code),
    TEXT(Invoice, number), TEXT(Invoice, series), DATE(Invoice, issue_date), DATE(Invoice, due_date), DATE(Invoice, period_start),
    DATE(Invoice, period_end), NOTE(Invoice, payment_terms), TEXT(Invoice, buyer_reference), TEXT(Invoice, order_reference),
    TEXT(Invoice, preceding_number), TEXT(Invoice, means_code), TEXT(Invoice, payer_account), TEXT(Invoice, mandate),
    FLAG(Invoice, "split_payment", is_split_payment), TEXT(Invoice, currency_text), TEXT(Invoice, remittance),
    { "url", MEMBER_URL, offsetof(Invoice, url) }, TEXT(Invoice, confirmation_number),
    { "signed_request", MEMBER_SIGNED, offsetof(Invoice, signed_request) }, FLAG(Invoice, "forwarded", is_forwarded), END };

#define LIST(member, members, structure, maximum) { #member, offsetof(Invoice, member), members, sizeof(structure), maximum }

const MemberList invoice_lists[] = {
    LIST(agreeing, NULL, char *, INVOICE_AGREEING_MAX),
    LIST(due_dates, NULL, char *, INVOICE_DUE_DATES_MAX),
    LIST(accounts, account_members, InvoiceAccount, INVOICE_ACCOUNTS_MAX),
    LIST(lines, line_members, InvoiceLine, INVOICE_LINES_MAX),
    LIST(vat, vat_members, InvoiceVat, INVOICE_VAT_MAX),
    LIST(adjustments, adjustment_members, InvoiceAdjustment, INVOICE_ADJUSTMENTS_MAX),
    LIST(documents, document_members, InvoiceDocument, INVOICE_DOCUMENTS_MAX),
    LIST(notes, NULL, char *, INVOICE_NOTES_MAX),
    { 0 },
};

static const MemberList *list_at(size_t offset)
{
    for (const MemberList *list = invoice_lists; list->key != NULL; list++)
        if (list->offset == offset)
            return list;
    g_assert_not_reached();
}

void *invoice_list_add(Invoice *invoice, size_t offset)
{
    const MemberList *list = list_at(offset);
    GPtrArray *array = *(GPtrArray **)((char *)invoice + offset);
    if (array->len >= list->maximum)
        return NULL;
    void *structure = g_malloc0(list->size);
    g_ptr_array_add(array, structure);
    return structure;
}

void invoice_list_add_text(Invoice *invoice, size_t offset, char *text)
{
    GPtrArray *array = *(GPtrArray **)((char *)invoice + offset);
    if (text == NULL || *text == '\0' || array->len >= list_at(offset)->maximum)
        g_free(text);
    else
        g_ptr_array_add(array, text);
}

void invoice_list_shorten(Invoice *invoice, size_t offset, unsigned length)
{
    GPtrArray *array = *(GPtrArray **)((char *)invoice + offset);
    const Member *members = list_at(offset)->members;
    for (unsigned i = length; i < array->len; i++) {
        if (members != NULL)
            members_clear(members, array->pdata[i]);
        g_free(array->pdata[i]);
    }
    if (array->len > length)
        g_ptr_array_set_size(array, (int)length);
}

void members_clear(const Member *members, void *structure)
{
    for (const Member *member = members; member->key != NULL; member++)
        if (member->kind != MEMBER_DECIMAL && member->kind != MEMBER_FLAG)
            g_clear_pointer((char **)((char *)structure + member->offset), g_free);
}
