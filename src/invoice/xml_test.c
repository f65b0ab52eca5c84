/* Reading XML: paths, namespaces, encodings, refusals; and what becomes of the terms. The tables of the formats have tests of
 * their own; here the smallest one. */
#include "xml.h"

#include <string.h>

#include "base/error.h"
#include "invoice/read_xml.h"
#include "limits.h"
#include "test_fixture.h"

/* ---- A format of the test's own ---------------------------------------------------------------------------------- */

static const XmlRule party_rules[] = { { "name", TERM_PARTY_NAME, NULL }, { "first", TERM_PARTY_NAME_PART, NULL },
    { "street", TERM_PARTY_STREET, NULL }, { "city", TERM_PARTY_CITY, NULL }, { "post", TERM_PARTY_POSTCODE, NULL },
    { NULL, TERM_NONE, NULL } };
static const XmlRule account_rules[] = { { "no", TERM_ACCOUNT_NUMBER, NULL }, { NULL, TERM_NONE, NULL } };
static const XmlRule line_rules[]
    = { { "net", TERM_LINE_NET, NULL }, { "status", TERM_LINE_STATUS, NULL }, { NULL, TERM_NONE, NULL } };
static const XmlRule body_rules[] = { { "number", TERM_NUMBER, NULL }, { "number/@lang", TERM_BUYER_REFERENCE, NULL },
    { "issued", TERM_ISSUE_DATE, NULL }, { "due", TERM_DUE_DATE, NULL }, { "currency", TERM_CURRENCY, NULL },
    { "total", TERM_TOTAL_WITH_VAT, NULL }, { "vat", TERM_TOTAL_VAT, NULL }, { "vat/@currency", TERM_TOTAL_VAT_CURRENCY, NULL },
    { "pay", TERM_TOTAL_DUE, NULL }, { "part", TERM_SUM(0), NULL }, { "own", TERM_SLOT(0), NULL }, { "note", TERM_NOTE, NULL },
    { "account", GROUP_ACCOUNT, account_rules }, { "factor", GROUP_FACTOR_ACCOUNT, account_rules },
    { "line", GROUP_LINE, line_rules }, { NULL, TERM_NONE, NULL } };
static const XmlRule single_rules[] = { { "seller", GROUP_SELLER, party_rules }, { "body", TERM_NONE, body_rules }, { NULL, TERM_NONE, NULL } };
static const XmlRule batch_rules[] = { { "seller", GROUP_SELLER, party_rules }, { "body", GROUP_INVOICE, body_rules }, { NULL, TERM_NONE, NULL } };
static const char *const namespaces[] = { "", "urn:own", NULL };

static void finish(Draft *draft, Invoice *invoice)
{
    if (draft_slot(draft, 0) != NULL)
        invoice->remittance = g_strdup(draft_slot(draft, 0));
    if (draft_sum(draft, 0).is_known)
        invoice->totals.due = draft_sum(draft, 0);
    invoice->totals.lines = draft_lines_sum(draft);
}

static const XmlFormat single = { "Single", "bill", "urn:own", namespaces, single_rules, finish };
static const XmlFormat batch = { "Batch", "batch", "urn:own*", namespaces, batch_rules, finish };
static const XmlFormat *const formats[] = { &single, &batch, NULL };

static GPtrArray *read_text(Span document, GError **error)
{
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    const char *format;
    return xml_read(document, formats, INVOICE_SOURCE_XML, invoices, &format, error) ? g_steal_pointer(&invoices) : NULL;
}

static GPtrArray *read_document(const char *inside)
{
    g_autofree char *document = g_strdup_printf("<o:bill xmlns:o='urn:own'>%s</o:bill>", inside);
    g_autoptr(GError) error = NULL;
    GPtrArray *invoices = read_text(span_of(document), &error);
    g_assert_no_error(error);
    return invoices;
}

static Invoice *read_body(const char *inside)
{
    g_autofree char *body = g_strdup_printf("<body>%s</body>", inside);
    g_autoptr(GPtrArray) invoices = read_document(body);
    g_assert_cmpuint(invoices->len, ==, 1);
    return g_ptr_array_steal_index(invoices, 0);
}

static void expect_refused(Span document, SaldoError code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(read_text(document, &error));
    g_assert_error(error, SALDO_ERROR, (int)code);
    if (strstr(error->message, words) == NULL)
        g_error("\"%s\" does not say \"%s\"", error->message, words);
}

/* ---- Paths, namespaces, text --------------------------------------------------------------------------------------- */

static void test_paths(void)
{
    g_autoptr(Invoice) invoice = read_body("<number lang='pl'> F<![CDATA[&]]>1\n 2 </number><x><number>no</number></x>"
                                           "<number>second</number><total>1</total><currency>EUR</currency>");
    g_assert_cmpstr(invoice->number, ==, "F&1 2");
    g_assert_cmpstr(invoice->buyer_reference, ==, "pl");
    g_assert_cmpstr(invoice->format, ==, "Single");
    g_assert_true(money_equal(invoice->total, (Money){ 100, "EUR" }));
}

/* The same names in a foreign namespace are somebody else's. */
static void test_namespaces(void)
{
    g_autoptr(Invoice) invoice = read_body("<number xmlns='urn:other'>foreign</number><q:number xmlns:q='urn:own'>own</q:number>"
                                           "<e xmlns='urn:other'><number xmlns=''>inside</number></e>");
    g_assert_cmpstr(invoice->number, ==, "own");
    g_autoptr(Invoice) mixed = read_body("<number>A<b>bold</b>Z</number>");
    g_assert_cmpstr(mixed->number, ==, "AZ");
}

static void test_encodings(void)
{
    static const char *const documents[] = { "<?xml version='1.0' encoding='windows-1250'?><bill xmlns='urn:own'><body xmlns=''><number>\xb9</number></body></bill>",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?><bill xmlns='urn:own'><body xmlns=''><number>\xb1</number></body></bill>",
        "\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><bill xmlns='urn:own'><body xmlns=''><number>\xc4\x85</number></body></bill>" };
    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autoptr(GPtrArray) invoices = read_text(span_of(documents[i]), NULL);
        g_assert_cmpstr(((Invoice *)invoices->pdata[0])->number, ==, "ą");
    }
    expect_refused(SPAN("<?xml version='1.0' encoding='x-own'?><bill xmlns='urn:own'/>"), SALDO_ERROR_BAD_INPUT, "encoding");
}

static void test_utf16(void)
{
    gsize length;
    g_autofree char *wide = g_convert("<?xml version='1.0'?><bill xmlns='urn:own'><body xmlns=''><number>ą</number></body></bill>", -1, "UTF-16",
        "UTF-8", NULL, &length, NULL);
    g_autoptr(GPtrArray) invoices = read_text((Span){ wide, length }, NULL);
    g_assert_cmpstr(((Invoice *)invoices->pdata[0])->number, ==, "ą");
}

/* ---- Terms ----------------------------------------------------------------------------------------------------------- */

static void test_dates(void)
{
    static const char *const cases[][2] = { { "2026-01-31", "2026-01-31" }, { "2026-01-31+01:00", "2026-01-31" },
        { "2026-01-31Z", "2026-01-31" }, { "2026-01-31T10:00:00", "2026-01-31" }, { "20260131", "2026-01-31" },
        { "2026-02-30", NULL }, { "#issue_date#", NULL }, { "2026-01-31x", NULL }, { "31.01.2026", NULL }, { "2026-1-31", NULL } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *body = g_strdup_printf("<issued>%s</issued>", cases[i][0]);
        g_autoptr(Invoice) invoice = read_body(body);
        g_assert_cmpstr(invoice->issue_date, ==, cases[i][1]);
        g_assert_true((find_check(invoice, "value") == NULL) == (cases[i][1] != NULL));
    }
}

static void test_all_due_dates_are_kept(void)
{
    g_autoptr(Invoice) invoice = read_body("<due>2026-03-01</due><due>2026-02-01</due><due>soon</due>");
    g_assert_cmpstr(invoice->due_date, ==, "2026-03-01");
    g_assert_cmpuint(invoice->due_dates->len, ==, 2);
}

static void test_tax_total_in_the_invoice_currency(void)
{
    g_autoptr(Invoice) invoice = read_body("<vat currency='PLN'>92</vat><vat currency='EUR'>23</vat><currency>EUR</currency>");
    g_assert_true(decimal_compare(invoice->totals.vat, decimal_of(23)) == 0);
    g_autoptr(Invoice) other = read_body("<vat currency='PLN'>92</vat><vat>23</vat><currency>EUR</currency>");
    g_assert_true(decimal_compare(other->totals.vat, decimal_of(92)) == 0);
}

static void test_accounts(void)
{
    g_autoptr(Invoice) invoice = read_body("<account><no>PL 12 34</no></account><account/><factor><no>99</no></factor>");
    g_assert_cmpuint(invoice->accounts->len, ==, 2);
    const InvoiceAccount *first = invoice->accounts->pdata[0], *second = invoice->accounts->pdata[1];
    g_assert_cmpstr(first->number, ==, "99");
    g_assert_true(first->is_factor && !second->is_factor);
    g_assert_cmpstr(second->number, ==, "PL1234");
}

static void test_lines(void)
{
    g_autoptr(GString) many = g_string_new("<line><net>100</net><status>GROUP</status></line>");
    for (unsigned i = 0; i < INVOICE_LINES_MAX + 10; i++)
        g_string_append(many, "<line><net>0.01</net></line>");
    g_autoptr(Invoice) invoice = read_body(many->str);
    g_assert_cmpuint(invoice->lines->len, ==, INVOICE_LINES_MAX);
    g_assert_cmpuint(invoice->line_count, ==, INVOICE_LINES_MAX + 11);
    Decimal sum;
    g_assert_true(decimal_parse(SPAN("20.10"), &sum) && decimal_compare(invoice->totals.lines, sum) == 0);
    g_autoptr(Invoice) unknown = read_body("<line><net>1</net></line><line/>");
    g_assert_false(unknown->totals.lines.is_known);
}

static void test_parties(void)
{
    g_autoptr(GPtrArray) invoices = read_document("<seller><first>Jan</first><first>Kowalski</first><city>Kraków</city>"
                                                  "<street>Długa 1</street><post>30-001</post></seller><body><number>1</number></body>");
    const Invoice *invoice = invoices->pdata[0];
    g_assert_cmpstr(invoice->seller.name, ==, "Jan Kowalski");
    g_assert_cmpstr(invoice->seller.address, ==, "Długa 1, 30-001 Kraków");
}

/* [PAY-001] What is not exact is no money, and the reader is told what was written. */
static void test_money(void)
{
    g_autoptr(Invoice) precise = read_body("<currency>EUR</currency><total>1.005</total><pay>1</pay>");
    g_assert_true(money_is_none(precise->total) && !money_is_none(precise->amount_due));
    g_assert_nonnull(find_check(precise, "PAY-001"));
    g_assert_cmpstr(precise->currency_text, ==, "1.005 EUR");
    g_autoptr(Invoice) unnamed = read_body("<pay>571.04</pay>");
    g_assert_true(money_is_none(unnamed->amount_due));
    g_assert_cmpstr(unnamed->currency_text, ==, "571.04");
}

static void test_bodies(void)
{
    static const char document[] = "<batch xmlns='urn:own:2'><seller xmlns=''><name>S</name></seller><body xmlns=''><number>1</number>"
                                   "<part>1.5</part><part>2</part><own>A</own><currency>EUR</currency></body><body xmlns=''><number>2</number></body>"
                                   "<seller xmlns=''><name>late</name></seller></batch>";
    g_autoptr(GPtrArray) invoices = read_text(span_of(document), NULL);
    g_assert_cmpuint(invoices->len, ==, 2);
    const Invoice *first = invoices->pdata[0], *second = invoices->pdata[1];
    g_assert_true(money_equal(first->amount_due, (Money){ 350, "EUR" }));
    g_assert_cmpstr(first->remittance, ==, "A");
    g_assert_null(second->remittance);
    g_assert_cmpstr(second->number, ==, "2");
    g_assert_cmpstr(second->seller.name, ==, "S");
    g_assert_true(money_is_none(second->amount_due));
}

/* ---- Refusals ---------------------------------------------------------------------------------------------------------- */

static void test_refusals(void)
{
    expect_refused(SPAN("<bill xmlns='urn:own'><body xmlns=''>"), SALDO_ERROR_BAD_INPUT, "line 1");
    expect_refused(SPAN("<bill xmlns='urn:own'><body xmlns=''></bill>"), SALDO_ERROR_BAD_INPUT, "mismatched tag");
    expect_refused(SPAN("<bill xmlns='urn:own'/>"), SALDO_ERROR_BAD_INPUT, "no invoice");
    expect_refused(SPAN("<bill/>"), SALDO_ERROR_NOT_FOUND, "no invoice format");
    expect_refused(SPAN("<order xmlns='urn:own'/>"), SALDO_ERROR_NOT_FOUND, "order (urn:own)");
    expect_refused(SPAN(""), SALDO_ERROR_BAD_INPUT, "no element");
    expect_refused(SPAN("%PDF-1.7"), SALDO_ERROR_BAD_INPUT, "line 1");
}

static void test_doctype(void)
{
    static const char *const documents[] = { "<!DOCTYPE bill SYSTEM 'http://x.example/'><bill xmlns='urn:own'/>",
        "<!DOCTYPE bill [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><bill xmlns='urn:own'><body xmlns=''><number>&x;</number></body></bill>",
        "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><bill xmlns='urn:own'>&b;</bill>" };
    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
        expect_refused(span_of(documents[i]), SALDO_ERROR_BAD_INPUT, "DOCTYPE");
    expect_refused(SPAN("<bill xmlns='urn:own'>&unknown;</bill>"), SALDO_ERROR_BAD_INPUT, "undefined entity");
}

static void test_floods(void)
{
    enum { FLOOD = 100000 };
    g_autoptr(GString) deep = g_string_new("<bill xmlns='urn:own'>");
    for (unsigned i = 0; i < FLOOD; i++)
        g_string_append(deep, "<a>");
    expect_refused((Span){ deep->str, deep->len }, SALDO_ERROR_LIMIT, "nested");
    g_autoptr(GString) wide = g_string_new("<bill xmlns='urn:own'");
    for (unsigned i = 0; i < FLOOD; i++)
        g_string_append_printf(wide, " a%u=''", i);
    g_string_append(wide, "/>");
    expect_refused((Span){ wide->str, wide->len }, SALDO_ERROR_LIMIT, "attributes");
}

/* Text beyond what is kept is cut, not refused; elements without number are only counted. */
static void test_long_text(void)
{
    g_autofree char *letters = g_strnfill(1 << 20, 'x');
    g_autofree char *body = g_strdup_printf("<note>%s</note><number>%s</number>", letters, letters);
    g_autoptr(Invoice) invoice = read_body(body);
    g_assert_cmpuint(strlen(invoice->number), ==, INVOICE_TEXT_MAX);
    g_assert_cmpuint(strlen(invoice->notes->pdata[0]), ==, INVOICE_NOTE_MAX);
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/xml/paths", test_paths);
    g_test_add_func("/xml/namespaces", test_namespaces);
    g_test_add_func("/xml/encodings", test_encodings);
    g_test_add_func("/xml/utf-16", test_utf16);
    g_test_add_func("/xml/dates", test_dates);
    g_test_add_func("/xml/all due dates are kept", test_all_due_dates_are_kept);
    g_test_add_func("/xml/tax total in the invoice's currency", test_tax_total_in_the_invoice_currency);
    g_test_add_func("/xml/accounts", test_accounts);
    g_test_add_func("/xml/lines", test_lines);
    g_test_add_func("/xml/parties", test_parties);
    g_test_add_func("/xml/money", test_money);
    g_test_add_func("/xml/bodies", test_bodies);
    g_test_add_func("/xml/refusals", test_refusals);
    g_test_add_func("/xml/doctype", test_doctype);
    g_test_add_func("/xml/floods", test_floods);
    g_test_add_func("/xml/long text", test_long_text);
    return g_test_run();
}
