/* Groups of a draft: opened and closed with the elements of the document. */
#include "draft_parts.h"

#include <string.h>

#include "base/text.h"
#include "limits.h"
#include "members.h"

static void take_part(char **member, GString **part)
{
    if (*part != NULL && *member == NULL)
        *member = text_clean((Span){ (*part)->str, (*part)->len }, INVOICE_TEXT_MAX);
    if (*part != NULL)
        g_string_free(g_steal_pointer(part), TRUE);
}

/* "Street 1, 00-950 Warszawa" */
static void take_address(InvoiceParty *party, PartyParts *parts)
{
    take_part(&party->address, &parts->street);
    const char *street = party->address == NULL ? "" : party->address, *postcode = parts->postcode == NULL ? "" : parts->postcode,
               *city = parts->city == NULL ? "" : parts->city;
    g_autofree char *joined = g_strdup_printf("%s%s%s%s%s", street, *street != '\0' && (*postcode != '\0' || *city != '\0') ? ", " : "",
        postcode, *postcode != '\0' && *city != '\0' ? " " : "", city);
    g_free(party->address);
    party->address = *joined == '\0' ? NULL : text_clean(span_of(joined), INVOICE_TEXT_MAX);
    g_clear_pointer(&parts->postcode, g_free);
    g_clear_pointer(&parts->city, g_free);
}

static void close_party(Draft *draft)
{
    if (draft->party == NULL)
        return;
    take_part(&draft->party->name, &draft->parts.name);
    take_part(&draft->party->vat_id, &draft->parts.vat_id);
    take_address(draft->party, &draft->parts);
    draft->party = NULL;
}

/* The first one that is said to be the payee is it. */
static void close_other_party(Draft *draft)
{
    close_party(draft);
    if (draft->is_payee && draft->invoice->payee.name == NULL) {
        members_clear(party_members, &draft->invoice->payee);
        draft->invoice->payee = draft->other_party;
    } else {
        members_clear(party_members, &draft->other_party);
    }
    draft->other_party = (InvoiceParty){ 0 };
    draft->is_payee = false;
}

static void close_registration(Draft *draft)
{
    bool is_vat = draft->is_vat_registration;
    if (draft->party != NULL && draft->tax_id != NULL)
        draft_put_text(is_vat ? &draft->party->vat_id : &draft->party->tax_id, span_of(draft->tax_id), INVOICE_TEXT_MAX);
    g_clear_pointer(&draft->tax_id, g_free);
    draft->in_registration = draft->is_vat_registration = false;
}

static bool fits(const char *one, const char *other)
{
    return one == NULL || other == NULL || strcmp(one, other) == 0;
}

/* An account that was named before, perhaps with less said of it; NULL where there is none. */
static InvoiceAccount *find_account(const Invoice *invoice, const InvoiceAccount *account)
{
    for (unsigned i = 0; i < invoice->accounts->len; i++) {
        InvoiceAccount *known = invoice->accounts->pdata[i];
        if (account->number != NULL && g_strcmp0(known->number, account->number) == 0 && fits(known->bic, account->bic)
            && fits(known->name, account->name) && (known->is_factor || !account->is_factor))
            return known;
    }
    return NULL;
}

static void take_missing(char **member, char **from)
{
    if (*member == NULL)
        *member = g_steal_pointer(from);
}

/* Takes over what the account holds. */
static void keep_account(Invoice *invoice, InvoiceAccount *account)
{
    InvoiceAccount *kept = find_account(invoice, account);
    if (kept != NULL) {
        take_missing(&kept->bic, &account->bic);
        take_missing(&kept->name, &account->name);
    } else if (account->number != NULL || account->bic != NULL) {
        kept = invoice_list_add(invoice, offsetof(Invoice, accounts));
        if (kept != NULL)
            *kept = *account;
        if (kept != NULL && kept->is_factor)
            g_ptr_array_insert(invoice->accounts, 0, g_ptr_array_steal_index(invoice->accounts, invoice->accounts->len - 1));
        if (kept != NULL)
            return;
    }
    members_clear(account_members, account);
}

static void close_account(Draft *draft)
{
    g_autofree InvoiceAccount *account = g_steal_pointer(&draft->account);
    if (account == NULL)
        return;
    account->is_factor = draft->is_factor_account;
    keep_account(draft->invoice, account);
    for (unsigned i = 0; i < draft->more_numbers->len; i++) {
        InvoiceAccount another = { .number = g_strdup(draft->more_numbers->pdata[i]), .is_factor = draft->is_factor_account };
        keep_account(draft->invoice, &another);
    }
    g_ptr_array_set_size(draft->more_numbers, 0);
}

static Decimal opposite(Decimal decimal)
{
    return decimal_subtract(decimal_of(0), decimal);
}

static void close_line(Draft *draft)
{
    if (draft->line == NULL)
        return;
    if (draft->is_line_before) {
        draft->line->net = opposite(draft->line->net);
        draft->line->quantity = opposite(draft->line->quantity);
    }
    draft->is_line_before = false;
    bool first = draft->invoice->line_count++ == 0;
    if (!draft->line->is_group)
        draft->lines_sum = decimal_add(first || draft->lines_sum.is_known ? decimal_or_zero(draft->lines_sum) : DECIMAL_UNKNOWN,
            draft->line->net);
    else if (first)
        draft->lines_sum = decimal_of(0);
    members_clear(line_members, &draft->spare_line);
    draft->spare_line = (InvoiceLine){ 0 };
    draft->line = NULL;
}

static void open_adjustment(Draft *draft, bool is_charge)
{
    draft->adjustment = invoice_list_add(draft->invoice, offsetof(Invoice, adjustments));
    if (draft->adjustment != NULL)
        draft->adjustment->is_charge = is_charge;
}

static void copy_party(const InvoiceParty *from, InvoiceParty *to)
{
    for (const Member *member = party_members; member->key != NULL; member++)
        *(char **)((char *)to + member->offset) = g_strdup(*(char *const *)((const char *)from + member->offset));
}

static void share_head(Draft *draft)
{
    draft->has_bodies = true;
    draft->shared_payee = draft->invoice->payee.name != NULL;
    for (size_t i = 0; i < DRAFT_SLOTS; i++)
        draft->shared_slots[i] = g_strdup(draft->slots[i]);
}

static void copy_factor_accounts(const Invoice *from, Invoice *to)
{
    for (unsigned i = 0; i < from->accounts->len; i++) {
        const InvoiceAccount *account = from->accounts->pdata[i];
        InvoiceAccount *copy = account->is_factor ? invoice_list_add(to, offsetof(Invoice, accounts)) : NULL;
        if (copy != NULL)
            *copy = (InvoiceAccount){ g_strdup(account->number), g_strdup(account->bic), g_strdup(account->name), true };
    }
}

/* A second body of one document begins with what stands before the first. */
static void open_invoice(Draft *draft)
{
    if (!draft->has_bodies)
        share_head(draft);
    if (draft->invoices->len <= draft->first || draft->was_put)
        return;
    const Invoice *last = draft->invoices->pdata[draft->invoices->len - 1];
    draft->invoice->profile = g_strdup(last->profile);
    copy_party(&last->seller, &draft->invoice->seller);
    copy_party(&last->buyer, &draft->invoice->buyer);
    if (draft->shared_payee)
        copy_party(&last->payee, &draft->invoice->payee);
    copy_factor_accounts(last, draft->invoice);
    for (size_t i = 0; i < DRAFT_SLOTS; i++)
        draft->slots[i] = g_strdup(draft->shared_slots[i]);
}

void draft_open(Draft *draft, Term group)
{
    Invoice *invoice = draft->invoice;
    if (group == GROUP_INVOICE)
        open_invoice(draft);
    else if (group == GROUP_SELLER)
        draft->party = &invoice->seller;
    else if (group == GROUP_BUYER)
        draft->party = &invoice->buyer;
    else if (group == GROUP_PAYEE)
        draft->party = &invoice->payee;
    else if (group == GROUP_OTHER_PARTY)
        draft->party = &draft->other_party;
    else if (group == GROUP_TAX_REGISTRATION)
        draft->in_registration = true;
    else if ((group == GROUP_ACCOUNT || group == GROUP_FACTOR_ACCOUNT) && draft->account == NULL) {
        draft->account = g_new0(InvoiceAccount, 1);
        draft->is_factor_account = group == GROUP_FACTOR_ACCOUNT;
    } else if (group == GROUP_VAT)
        draft->vat = invoice_list_add(invoice, offsetof(Invoice, vat));
    else if (group == GROUP_ADJUSTMENT || group == GROUP_CHARGE)
        open_adjustment(draft, group == GROUP_CHARGE);
    else if (group == GROUP_DOCUMENT)
        draft->document = invoice_list_add(invoice, offsetof(Invoice, documents));
    else if (group == GROUP_LINE) {
        draft->line = invoice_list_add(invoice, offsetof(Invoice, lines));
        draft->line = draft->line == NULL ? &draft->spare_line : draft->line;
    }
}

void draft_close(Draft *draft, Term group)
{
    if (group == GROUP_INVOICE)
        draft_finish_invoice(draft);
    else if (group == GROUP_SELLER || group == GROUP_BUYER || group == GROUP_PAYEE)
        close_party(draft);
    else if (group == GROUP_OTHER_PARTY)
        close_other_party(draft);
    else if (group == GROUP_TAX_REGISTRATION)
        close_registration(draft);
    else if (group == GROUP_ACCOUNT || group == GROUP_FACTOR_ACCOUNT)
        close_account(draft);
    else if (group == GROUP_VAT)
        draft->vat = NULL;
    else if (group == GROUP_ADJUSTMENT || group == GROUP_CHARGE)
        draft->adjustment = NULL;
    else if (group == GROUP_DOCUMENT)
        draft->document = NULL;
    else if (group == GROUP_LINE)
        close_line(draft);
}
