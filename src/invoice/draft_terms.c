/* Terms of a draft into the model: one table says where each belongs; what needs more than that stands below it. */
#include "draft_parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "limits.h"
#include "members.h"

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
    [TERM_SERIES] = { IN_INVOICE, MEMBER_TEXT, offsetof(Invoice, series) },
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

void draft_put_text(char **member, Span text, size_t maximum)
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
        draft_put_text(at, text, INVOICE_TEXT_MAX);
        return;
    case MEMBER_NOTE:
        draft_put_text(at, text, INVOICE_NOTE_MAX);
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
bool draft_is_writable(Decimal decimal)
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
        if (draft_is_writable(amount))
            *sum = amount;
        else
            tell_unreadable(draft, where, text, "a part of a sum, which is too large");
    } else {
        g_assert(term < TERM_SLOT(DRAFT_SLOTS));
        draft_put_text(&draft->slots[term - TERM_SLOT_FIRST], text, INVOICE_NOTE_MAX);
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
        draft_put_text(term == TERM_PARTY_POSTCODE ? &draft->parts.postcode : &draft->parts.city, text, INVOICE_TEXT_MAX);
}

/* A second discount hidden behind the first would be a trap: all are shown. */
static void put_payment_terms(Draft *draft, Span text)
{
    char **terms = &draft->invoice->payment_terms;
    if (*terms == NULL) {
        draft_put_text(terms, text, INVOICE_NOTE_MAX);
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
        draft_put_text(&draft->currency, text, INVOICE_TEXT_MAX);
    else if (term == TERM_DUE_DATE)
        put_due_date(draft, text, where);
    else if (term == TERM_DATE_FORMAT)
        draft->is_other_date = !span_equal(text, SPAN("102"));
    else if (term == TERM_PAYMENT_TERMS)
        put_payment_terms(draft, text);
    else if (term == TERM_NOTE)
        invoice_list_add_text(draft->invoice, offsetof(Invoice, notes), text_clean(text, INVOICE_NOTE_MAX));
    else if (term == TERM_TOTAL_VAT_CURRENCY)
        draft_put_text(&draft->tax_total_currency, text, INVOICE_TEXT_MAX);
    else if (term == TERM_TOTAL_VAT)
        put_tax_total(draft, text, where);
    else if (term == TERM_TAX_ID && draft->in_registration)
        draft_put_text(&draft->tax_id, text, INVOICE_TEXT_MAX);
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
