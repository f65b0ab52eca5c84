/* Terms into the model. One table says where each term belongs; what needs more than that stands below it. */
#include "draft.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "checks.h"
#include "limits.h"
#include "members.h"

enum { TAX_TOTALS_MAX = 4 };

typedef struct TaxTotal {
    char *currency; /* NULL: none given */
    Decimal amount;
} TaxTotal;

/* Parts of the party that is open. */
typedef struct PartyParts {
    GString *name, *vat_id, *street;
    char *postcode, *city;
} PartyParts;

struct Draft {
    InvoiceSource source;
    const char *format;
    DraftFinish finish;
    GPtrArray *invoices;
    unsigned first;  /* place of the document's first invoice among them */
    bool has_bodies; /* GROUP_INVOICE was opened */
    bool shared_payee; /* the payee stood before it */

    Invoice *invoice; /* never NULL */
    bool was_put;     /* anything since it was begun */
    char *currency;
    char *slots[DRAFT_SLOTS], *shared_slots[DRAFT_SLOTS]; /* shared: of a document with several invoices */
    Decimal sums[DRAFT_SUMS];
    TaxTotal tax_totals[TAX_TOTALS_MAX];
    unsigned tax_total_count;
    char *tax_total_currency;
    bool is_other_date; /* the next date is in a form that is not read */
    Decimal lines_sum;

    /* The groups that are open, or NULL. */
    InvoiceParty *party;
    PartyParts parts;
    InvoiceParty other_party;
    bool is_payee;
    bool in_registration, is_vat_registration;
    char *tax_id;
    InvoiceAccount *account;
    bool is_factor_account;
    GPtrArray *more_numbers; /* char *: of the open account, after its first */
    InvoiceVat *vat;
    InvoiceAdjustment *adjustment;
    InvoiceLine *line;
    bool is_line_before;
    InvoiceLine spare_line; /* of lines that are counted but not kept */
    InvoiceDocument *document;
};

/* ---- Where each term belongs ------------------------------------------------------------------------------------ */

typedef enum Target {
    IN_NOTHING,
    IN_INVOICE,
    IN_PARTY,
    IN_ACCOUNT,
    IN_VAT,
    IN_ADJUSTMENT,
    IN_LINE,
    IN_DOCUMENT,
} Target;

static const struct {
    Target target;
    MemberKind kind;
    size_t offset;
} places[TERM_SLOT_FIRST] = {
    [TERM_PROFILE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, profile) },
    [TERM_TYPE_CODE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, type_code) },
    [TERM_NUMBER] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, number) },
    [TERM_ISSUE_DATE] = { IN_INVOICE, MEMBER_DATE, offsetof(Invoice, issue_date) },
    [TERM_PERIOD_START] = { IN_INVOICE, MEMBER_DATE, offsetof(Invoice, period_start) },
    [TERM_PERIOD_END] = { IN_INVOICE, MEMBER_DATE, offsetof(Invoice, period_end) },
    [TERM_BUYER_REFERENCE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, buyer_reference) },
    [TERM_ORDER_REFERENCE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, order_reference) },
    [TERM_PRECEDING_NUMBER] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, preceding_number) },
    [TERM_MEANS_CODE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, means_code) },
    [TERM_REMITTANCE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, remittance) },
    [TERM_PAYER_ACCOUNT] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, payer_account) },
    [TERM_MANDATE] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, mandate) },
    [TERM_TOTAL_LINES] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.lines) },
    [TERM_TOTAL_ALLOWANCES] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.allowances) },
    [TERM_TOTAL_CHARGES] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.charges) },
    [TERM_TOTAL_WITHOUT_VAT] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.without_vat) },
    [TERM_TOTAL_WITH_VAT] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.with_vat) },
    [TERM_TOTAL_PREPAID] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.prepaid) },
    [TERM_TOTAL_ROUNDING] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.rounding) },
    [TERM_TOTAL_DUE] = { IN_INVOICE, MEMBER_DECIMAL, offsetof(Invoice, totals.due) },
    [TERM_PARTY_NAME] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, name) },
    [TERM_PARTY_TRADING_NAME] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, trading_name) },
    [TERM_PARTY_VAT_ID] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, vat_id) },
    [TERM_PARTY_LEGAL_ID] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, legal_id) },
    [TERM_PARTY_ID] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, id) },
    [TERM_PARTY_ENDPOINT] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, endpoint) },
    [TERM_PARTY_EMAIL] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, email) },
    [TERM_PARTY_COUNTRY] = { IN_PARTY, MEMBER_TEXT, offsetof(InvoiceParty, country) },
    [TERM_ACCOUNT_NUMBER] = { IN_ACCOUNT, MEMBER_TEXT, offsetof(InvoiceAccount, number) },
    [TERM_ACCOUNT_BIC] = { IN_ACCOUNT, MEMBER_TEXT, offsetof(InvoiceAccount, bic) },
    [TERM_ACCOUNT_NAME] = { IN_ACCOUNT, MEMBER_TEXT, offsetof(InvoiceAccount, name) },
    [TERM_VAT_CATEGORY] = { IN_VAT, MEMBER_TEXT, offsetof(InvoiceVat, category) },
    [TERM_VAT_RATE] = { IN_VAT, MEMBER_TEXT, offsetof(InvoiceVat, rate) },
    [TERM_VAT_BASE] = { IN_VAT, MEMBER_DECIMAL, offsetof(InvoiceVat, base) },
    [TERM_VAT_AMOUNT] = { IN_VAT, MEMBER_DECIMAL, offsetof(InvoiceVat, amount) },
    [TERM_VAT_REASON] = { IN_VAT, MEMBER_NOTE, offsetof(InvoiceVat, reason) },
    [TERM_ADJUSTMENT_AMOUNT] = { IN_ADJUSTMENT, MEMBER_DECIMAL, offsetof(InvoiceAdjustment, amount) },
    [TERM_ADJUSTMENT_REASON] = { IN_ADJUSTMENT, MEMBER_NOTE, offsetof(InvoiceAdjustment, reason) },
    [TERM_LINE_ID] = { IN_LINE, MEMBER_TEXT, offsetof(InvoiceLine, id) },
    [TERM_LINE_NAME] = { IN_LINE, MEMBER_TEXT, offsetof(InvoiceLine, name) },
    [TERM_LINE_DESCRIPTION] = { IN_LINE, MEMBER_NOTE, offsetof(InvoiceLine, description) },
    [TERM_LINE_QUANTITY] = { IN_LINE, MEMBER_DECIMAL, offsetof(InvoiceLine, quantity) },
    [TERM_LINE_UNIT] = { IN_LINE, MEMBER_TEXT, offsetof(InvoiceLine, unit) },
    [TERM_LINE_PRICE] = { IN_LINE, MEMBER_DECIMAL, offsetof(InvoiceLine, price) },
    [TERM_LINE_NET] = { IN_LINE, MEMBER_DECIMAL, offsetof(InvoiceLine, net) },
    [TERM_LINE_VAT_CATEGORY] = { IN_LINE, MEMBER_TEXT, offsetof(InvoiceLine, vat_category) },
    [TERM_LINE_VAT_RATE] = { IN_LINE, MEMBER_TEXT, offsetof(InvoiceLine, vat_rate) },
    [TERM_DOCUMENT_ID] = { IN_DOCUMENT, MEMBER_TEXT, offsetof(InvoiceDocument, id) },
    [TERM_DOCUMENT_DESCRIPTION] = { IN_DOCUMENT, MEMBER_NOTE, offsetof(InvoiceDocument, description) },
    [TERM_DOCUMENT_NAME] = { IN_DOCUMENT, MEMBER_TEXT, offsetof(InvoiceDocument, name) },
    [TERM_DOCUMENT_MEDIA_TYPE] = { IN_DOCUMENT, MEMBER_TEXT, offsetof(InvoiceDocument, media_type) },
};

/* The open structure that the term goes into, or NULL. */
static void *target_of(Draft *draft, Target target)
{
    switch (target) {
    case IN_NOTHING: return NULL;
    case IN_INVOICE: return draft->invoice;
    case IN_PARTY: return draft->party;
    case IN_ACCOUNT: return draft->account;
    case IN_VAT: return draft->vat;
    case IN_ADJUSTMENT: return draft->adjustment;
    case IN_LINE: return draft->line;
    case IN_DOCUMENT: return draft->document;
    }
    g_assert_not_reached();
}

/* ---- Values ---------------------------------------------------------------------------------------------------------- */

static void tell_unreadable(Draft *draft, Span where, Span text, const char *kind)
{
    enum { WHERE_MAX = 80 };
    g_autofree char *clean = text_clean(text, INVOICE_TEXT_MAX / 2);
    g_autofree char *message = g_strdup_printf("%.*s \"%s\" cannot be read as %s.",
        (int)MIN(where.length, WHERE_MAX), where.at, clean, kind);
    invoice_add_check(draft->invoice, "value", INVOICE_WARN, message);
}

/* "2026-01-31", with or without a time or zone behind it, or "20260131" (UN/CEFACT format 102). NULL where it is no
 * real date. */
static char *read_date(Span text)
{
    enum { BASIC_LENGTH = 8 };
    char iso[DATE_TEXT_MAX];
    bool is_basic = text.length == BASIC_LENGTH;
    for (size_t i = 0; is_basic && i < BASIC_LENGTH; i++)
        is_basic = g_ascii_isdigit(text.at[i]);
    if (is_basic)
        g_snprintf(iso, sizeof iso, "%.4s-%.2s-%.2s", text.at, text.at + 4, text.at + 6);
    else
        g_snprintf(iso, sizeof iso, "%.*s", (int)MIN(text.length, DATE_TEXT_MAX - 1), text.at);
    int64_t time_us;
    bool is_alone = is_basic || text.length == DATE_TEXT_MAX - 1
        || (text.length >= DATE_TEXT_MAX && strchr("TZ+-", text.at[DATE_TEXT_MAX - 1]) != NULL);
    return is_alone && time_parse_date(span_of(iso), &time_us) ? g_strdup(iso) : NULL;
}

/* The date that a document states; NULL, and told, where it cannot be read. */
static char *take_date(Draft *draft, Span text, Span where)
{
    char *date = draft->is_other_date ? NULL : read_date(text);
    if (date == NULL)
        tell_unreadable(draft, where, text, draft->is_other_date ? "a date in the format that it names" : "a date");
    draft->is_other_date = false;
    return date;
}

static void put_date(Draft *draft, char **date, Span text, Span where)
{
    if (*date == NULL)
        *date = take_date(draft, text, where);
    draft->is_other_date = false;
}

static bool put_decimal(Draft *draft, Decimal *decimal, Span text, Span where)
{
    if (decimal->is_known || decimal_parse(text, decimal))
        return true;
    tell_unreadable(draft, where, text, "a number");
    return false;
}

static void put_text(char **member, Span text, size_t maximum)
{
    if (*member != NULL)
        return;
    char *clean = text_clean(text, maximum);
    if (*clean != '\0')
        *member = clean;
    else
        g_free(clean);
}

static void put_member(Draft *draft, void *at, MemberKind kind, Span text, Span where)
{
    switch (kind) {
    case MEMBER_TEXT:
        put_text(at, text, INVOICE_TEXT_MAX);
        return;
    case MEMBER_NOTE:
        put_text(at, text, INVOICE_NOTE_MAX);
        return;
    case MEMBER_DATE:
        put_date(draft, at, text, where);
        return;
    case MEMBER_DECIMAL:
        put_decimal(draft, at, text, where);
        return;
    case MEMBER_URL:
    case MEMBER_SIGNED:
    case MEMBER_FLAG:
        break;
    }
    g_assert_not_reached();
}

/* ---- Terms that need more than a place -------------------------------------------------------------------------------- */

static void put_due_date(Draft *draft, Span text, Span where)
{
    g_autofree char *date = take_date(draft, text, where);
    if (date == NULL)
        return;
    Invoice *invoice = draft->invoice;
    if (invoice->due_date == NULL)
        invoice->due_date = g_strdup(date);
    if (!g_ptr_array_find_with_equal_func(invoice->due_dates, date, g_str_equal, NULL))
        invoice_list_add_text(invoice, offsetof(Invoice, due_dates), g_steal_pointer(&date));
}

static void put_tax_total(Draft *draft, Span text, Span where)
{
    if (draft->tax_total_count >= TAX_TOTALS_MAX)
        return;
    TaxTotal *total = &draft->tax_totals[draft->tax_total_count];
    if (!put_decimal(draft, &total->amount, text, where))
        return;
    total->currency = g_steal_pointer(&draft->tax_total_currency);
    draft->tax_total_count++;
}

static void put_part(GString **whole, Span text, const char *separator)
{
    if (*whole == NULL)
        *whole = g_string_new(NULL);
    if ((*whole)->len > 0)
        g_string_append(*whole, separator);
    if ((*whole)->len < INVOICE_TEXT_MAX)
        g_string_append_len(*whole, text.at, (gssize)MIN(text.length, INVOICE_TEXT_MAX));
}

/* Account numbers are compared: groups of four are for people. Empty text becomes NULL. */
static char *account_number(Span text)
{
    g_autofree char *clean = text_clean(text, INVOICE_TEXT_MAX);
    GString *number = g_string_new(NULL);
    for (const char *at = clean; *at != '\0'; at++)
        if (*at != ' ')
            g_string_append_c(number, *at);
    return g_string_free(number, number->len == 0);
}

static void put_account_number(Draft *draft, Span text)
{
    if (draft->account == NULL)
        return;
    char *number = account_number(text);
    if (draft->account->number == NULL)
        draft->account->number = number;
    else if (number != NULL && draft->more_numbers->len < INVOICE_ACCOUNTS_MAX)
        g_ptr_array_add(draft->more_numbers, number);
    else
        g_free(number);
}

/* A line that is only a heading or a remark over others must not be added up twice (CII, profile EXTENDED). */
static void put_line_status(Draft *draft, Span text)
{
    if (draft->line != NULL && (span_equal(text, SPAN("GROUP")) || span_equal(text, SPAN("INFORMATION"))))
        draft->line->is_group = true;
}

/* A number that was added up still has few enough digits to be written and read again. */
static bool is_writable(Decimal decimal)
{
    char text[DECIMAL_TEXT_MAX];
    Decimal again = DECIMAL_UNKNOWN;
    if (!decimal.is_known)
        return true;
    decimal_format(decimal, text);
    return decimal_parse(span_of(text), &again);
}

static void put_own_term(Draft *draft, Term term, Span text, Span where)
{
    if (term >= TERM_SUM_FIRST) {
        g_assert(term < TERM_SUM(DRAFT_SUMS));
        Decimal amount = DECIMAL_UNKNOWN, *sum = &draft->sums[term - TERM_SUM_FIRST];
        if (!put_decimal(draft, &amount, text, where))
            return;
        amount = decimal_add(decimal_or_zero(*sum), amount);
        if (is_writable(amount))
            *sum = amount;
        else
            tell_unreadable(draft, where, text, "a part of a sum, which is too large");
    } else {
        g_assert(term < TERM_SLOT(DRAFT_SLOTS));
        put_text(&draft->slots[term - TERM_SLOT_FIRST], text, INVOICE_NOTE_MAX);
    }
}

static bool is_true(Span text)
{
    return span_equal_nocase(text, SPAN("true")) || span_equal(text, SPAN("1"));
}

static void put_party_part(Draft *draft, Term term, Span text)
{
    if (draft->party == NULL)
        return;
    if (term == TERM_PARTY_NAME_PART)
        put_part(&draft->parts.name, text, " ");
    else if (term == TERM_PARTY_VAT_ID_PART)
        put_part(&draft->parts.vat_id, text, "");
    else if (term == TERM_PARTY_STREET)
        put_part(&draft->parts.street, text, ", ");
    else
        put_text(term == TERM_PARTY_POSTCODE ? &draft->parts.postcode : &draft->parts.city, text, INVOICE_TEXT_MAX);
}

/* A second discount hidden behind the first would be a trap: all are shown. */
static void put_payment_terms(Draft *draft, Span text)
{
    char **terms = &draft->invoice->payment_terms;
    if (*terms == NULL) {
        put_text(terms, text, INVOICE_NOTE_MAX);
    } else if (strlen(*terms) < INVOICE_NOTE_MAX) {
        g_autofree char *before = g_steal_pointer(terms), *joined = g_strdup_printf("%s; %.*s", before, (int)text.length, text.at);
        *terms = text_clean(span_of(joined), INVOICE_NOTE_MAX);
    }
}

static void put_special(Draft *draft, Term term, Span text, Span where)
{
    if (term >= TERM_SLOT_FIRST)
        put_own_term(draft, term, text, where);
    else if (term == TERM_CURRENCY)
        put_text(&draft->currency, text, INVOICE_TEXT_MAX);
    else if (term == TERM_DUE_DATE)
        put_due_date(draft, text, where);
    else if (term == TERM_DATE_FORMAT)
        draft->is_other_date = !span_equal(text, SPAN("102"));
    else if (term == TERM_PAYMENT_TERMS)
        put_payment_terms(draft, text);
    else if (term == TERM_NOTE)
        invoice_list_add_text(draft->invoice, offsetof(Invoice, notes), text_clean(text, INVOICE_NOTE_MAX));
    else if (term == TERM_TOTAL_VAT_CURRENCY)
        put_text(&draft->tax_total_currency, text, INVOICE_TEXT_MAX);
    else if (term == TERM_TOTAL_VAT)
        put_tax_total(draft, text, where);
    else if (term == TERM_TAX_ID && draft->in_registration)
        put_text(&draft->tax_id, text, INVOICE_TEXT_MAX);
    else if (term == TERM_TAX_SCHEME && draft->in_registration)
        draft->is_vat_registration |= span_equal(text, SPAN("VAT"));
    else if (term == TERM_TAX_QUALIFIER && draft->in_registration)
        draft->is_vat_registration |= span_equal(text, SPAN("VA"));
    else if (term == TERM_ADJUSTMENT_IS_CHARGE && draft->adjustment != NULL)
        draft->adjustment->is_charge = is_true(text) || span_equal(text, SPAN("MG"));
    else if (term == TERM_PARTY_IS_PAYEE)
        draft->is_payee = draft->party == &draft->other_party && is_true(text);
    else if (term == TERM_LINE_IS_BEFORE)
        draft->is_line_before = draft->line != NULL && is_true(text);
    else if (term == TERM_LINE_STATUS)
        put_line_status(draft, text);
    else
        put_party_part(draft, term, text);
}

void draft_put(Draft *draft, Term term, Span text, Span where)
{
    text = span_trim(text);
    if (text.length == 0) {
        draft->is_other_date = false; /* what an attribute said of an empty element is not for the next one */
        g_clear_pointer(&draft->tax_total_currency, g_free);
        return;
    }
    draft->was_put = true;
    if (term == TERM_ACCOUNT_NUMBER) {
        put_account_number(draft, text);
        return;
    }
    Target target = term < TERM_SLOT_FIRST ? places[term].target : IN_NOTHING;
    if (target == IN_NOTHING) {
        put_special(draft, term, text, where);
        return;
    }
    char *structure = target_of(draft, target);
    if (structure != NULL)
        put_member(draft, structure + places[term].offset, places[term].kind, text, where);
}

/* ---- Groups ------------------------------------------------------------------------------------------------------------ */

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
        put_text(is_vat ? &draft->party->vat_id : &draft->party->tax_id, span_of(draft->tax_id), INVOICE_TEXT_MAX);
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

static void copy_party(const InvoiceParty *from, InvoiceParty *to)
{
    for (const Member *member = party_members; member->key != NULL; member++)
        *(char **)((char *)to + member->offset) = g_strdup(*(char *const *)((const char *)from + member->offset));
}

static void finish_invoice(Draft *draft);

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
        finish_invoice(draft);
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

/* ---- The end of an invoice ----------------------------------------------------------------------------------------------- */

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
        if (is_writable(*total))
            continue;
        *total = DECIMAL_UNKNOWN;
        invoice_add_check(invoice, "value", INVOICE_HOLD, "A total of this invoice is too large to be read.");
    }
}

static void finish_invoice(Draft *draft)
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
        finish_invoice(draft);
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
    close_other_party(draft);
    close_registration(draft);
    close_account(draft);
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
