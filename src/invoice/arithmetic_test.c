/* Each rule of EN 16931's arithmetic, failed alone by one change to an invoice that passes them all. */
#include "arithmetic.h"

#include "limits.h"
#include "members.h"
#include "test_fixture.h"

#define EN16931 "urn:cen.eu:en16931:2017"

static Decimal number(const char *text)
{
    Decimal decimal = DECIMAL_UNKNOWN;
    if (*text != '\0')
        g_assert_true(decimal_parse(span_of(text), &decimal));
    return decimal;
}

static void add_vat(Invoice *invoice, const char *base, const char *rate, const char *amount)
{
    InvoiceVat *vat = invoice_list_add(invoice, offsetof(Invoice, vat));
    *vat = (InvoiceVat){ .rate = g_strdup(rate), .base = number(base), .amount = number(amount) };
}

static void add_adjustment(Invoice *invoice, bool is_charge, const char *amount)
{
    InvoiceAdjustment *adjustment = invoice_list_add(invoice, offsetof(Invoice, adjustments));
    *adjustment = (InvoiceAdjustment){ .is_charge = is_charge, .amount = number(amount) };
}

static void add_account(Invoice *invoice, const char *account_number, const char *bic)
{
    InvoiceAccount *account = invoice_list_add(invoice, offsetof(Invoice, accounts));
    *account = (InvoiceAccount){ .number = g_strdup(account_number), .bic = g_strdup(bic) };
}

/* Lines 100.00, allowance 10.00, charge 5.00, VAT 23 % of 80.00 and 8 % of 15.00, 50.00 paid before, 0.40 rounding. */
static Invoice *right_invoice(const char *format, const char *profile)
{
    Invoice *invoice = invoice_new(INVOICE_SOURCE_XML, format);
    invoice->profile = g_strdup(profile);
    invoice->totals = (InvoiceTotals){ .lines = number("100.00"), .allowances = number("10.00"), .charges = number("5.00"),
        .without_vat = number("95.00"), .vat = number("19.60"), .with_vat = number("114.60"), .prepaid = number("50.00"),
        .rounding = number("0.40"), .due = number("65.00") };
    add_adjustment(invoice, false, "7.50");
    add_adjustment(invoice, true, "5.00");
    add_adjustment(invoice, false, "2.50");
    add_vat(invoice, "80.00", "23", "18.40");
    add_vat(invoice, "15.00", "8.00", "1.20");
    invoice->due_date = g_strdup("2026-12-01");
    invoice->seller.vat_id = g_strdup("PL5260001246");
    invoice->means_code = g_strdup("30");
    add_account(invoice, "PL61109010140000071219812874", NULL);
    return invoice;
}

/* Exactly this rule fails, or none where it is NULL. */
static void expect(Invoice *invoice, const char *lines_sum, const char *rule, InvoiceSeverity severity, const char *words)
{
    invoice_check_arithmetic(invoice, number(lines_sum));
    for (unsigned i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        if (g_strcmp0(check->rule, rule) != 0)
            g_error("%s fails: %s", check->rule, check->text);
        g_assert_cmpint(check->severity, ==, severity);
        if (strstr(check->text, words) == NULL)
            g_error("\"%s\" does not say \"%s\"", check->text, words);
    }
    g_assert_cmpuint(invoice->checks->len, ==, rule == NULL ? 0 : 1);
    invoice_free(invoice);
}

static void test_right(void)
{
    static const char *const formats[] = { "UBL Invoice", "CII", "ZUGFeRD 1", "KSeF FA(3)", "FatturaPA", "Facturae" };
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        expect(right_invoice(formats[i], EN16931), "100.00", NULL, INVOICE_HOLD, "");
        expect(right_invoice(formats[i], NULL), "100.004", NULL, INVOICE_HOLD, "");
    }
}

static const struct {
    const char *rule;
    size_t offset;        /* of the amount in InvoiceTotals that is changed */
    const char *to, *words;
    bool breaks_others;   /* the amount stands in other rules too, which are made unknown */
} amounts[] = {
    { "BR-CO-16", offsetof(InvoiceTotals, due), "65.01", "comes to 65.00, the invoice gives the amount due as 65.01 (BR-CO-16).", false },
    { "BR-CO-16", offsetof(InvoiceTotals, prepaid), "49.99", "comes to 65.01", false },
    { "BR-CO-16", offsetof(InvoiceTotals, rounding), "", "comes to 64.60", false },
    { "BR-CO-11", offsetof(InvoiceTotals, allowances), "10.01", "allowances add up to 10.00, the invoice says 10.01", true },
    { "BR-CO-12", offsetof(InvoiceTotals, charges), "4.99", "charges add up to 5.00, the invoice says 4.99", true },
};

static void test_amounts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(amounts); i++) {
        Invoice *invoice = right_invoice("CII", EN16931);
        *(Decimal *)((char *)&invoice->totals + amounts[i].offset) = number(amounts[i].to);
        if (amounts[i].breaks_others)
            invoice->totals.without_vat = DECIMAL_UNKNOWN;
        expect(invoice, "100.00", amounts[i].rule, INVOICE_HOLD, amounts[i].words);
    }
    expect(right_invoice("UBL Invoice", EN16931), "100.01", "BR-CO-10", INVOICE_HOLD,
        "The lines add up to 100.01, the invoice says 100.00 (BR-CO-10).");
    expect(right_invoice("UBL Invoice", "urn:other"), "100.01", "BR-CO-10", INVOICE_WARN, "");
    Invoice *invoice = right_invoice("CII", EN16931); /* 13 alone: 15 has no VAT to add */
    invoice->totals.without_vat = number("94.00");
    invoice->totals.vat = DECIMAL_UNKNOWN;
    expect(invoice, "100.00", "BR-CO-13", INVOICE_HOLD, "come to 95.00, the invoice gives its total without VAT as 94.00");
    invoice = right_invoice("CII", EN16931); /* 14 alone */
    invoice->totals.vat = number("19.61");
    invoice->totals.with_vat = DECIMAL_UNKNOWN;
    expect(invoice, "100.00", "BR-CO-14", INVOICE_HOLD, "adds up to 19.60, the invoice says 19.61");
    invoice = right_invoice("CII", EN16931); /* 15 alone */
    invoice->totals.with_vat = number("114.61");
    invoice->totals.due = DECIMAL_UNKNOWN;
    expect(invoice, "100.00", "BR-CO-15", INVOICE_HOLD, "come to 114.60, the invoice gives its total with VAT as 114.61");
}

static void test_tolerance(void)
{
    expect(right_invoice("CII", EN16931), "100.005", NULL, INVOICE_HOLD, "");
    expect(right_invoice("CII", EN16931), "100.0051", "BR-CO-10", INVOICE_HOLD, "100.0051");
    expect(right_invoice("CII", EN16931), "99.9949", "BR-CO-10", INVOICE_HOLD, "99.9949");
}

static void test_rates(void)
{
    static const struct { const char *rate, *amount, *rule; } rates[] = { { "23", "19.40", NULL }, { "23", "17.40", NULL },
        { "23", "19.41", "BR-CO-17" }, { "23", "17.39", "BR-CO-17" }, { "zw", "19.41", NULL }, { "", "99.00", NULL },
        { "23", "", NULL } };
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        Invoice *invoice = right_invoice("CII", EN16931);
        invoice->totals.vat = DECIMAL_UNKNOWN;
        InvoiceVat *vat = invoice->vat->pdata[0];
        g_free(vat->rate);
        vat->rate = g_strdup(rates[i].rate);
        vat->amount = number(rates[i].amount);
        expect(invoice, "100.00", rates[i].rule, INVOICE_HOLD, "The VAT on 80.00 at 23 % is 18.40, the invoice says ");
    }
}

static void test_presence(void)
{
    Invoice *invoice = right_invoice("CII", EN16931);
    g_clear_pointer(&invoice->due_date, g_free);
    expect(invoice, "100.00", "BR-CO-25", INVOICE_HOLD, "neither when it is due nor on what terms");
    invoice = right_invoice("CII", EN16931);
    g_clear_pointer(&invoice->due_date, g_free);
    invoice->payment_terms = g_strdup("14 days");
    expect(invoice, "100.00", NULL, INVOICE_HOLD, "");
    invoice = right_invoice("CII", EN16931);
    g_clear_pointer(&invoice->seller.vat_id, g_free);
    expect(invoice, "100.00", "BR-CO-26", INVOICE_HOLD, "seller");
    for (size_t i = 0; i < 2; i++) {
        invoice = right_invoice("CII", EN16931);
        g_clear_pointer(&invoice->seller.vat_id, g_free);
        *(i == 0 ? &invoice->seller.id : &invoice->seller.legal_id) = g_strdup("123");
        expect(invoice, "100.00", NULL, INVOICE_HOLD, "");
    }
}

static void test_account(void)
{
    static const struct { const char *means; bool bank; const char *rule; } means[] = { { "30", false, "BR-61" },
        { "58", false, "BR-61" }, { "58", true, "BR-50" }, { "48", false, NULL }, { "48", true, NULL } };
    for (size_t i = 0; i < G_N_ELEMENTS(means); i++) {
        Invoice *invoice = right_invoice("UBL Invoice", EN16931);
        g_free(invoice->means_code);
        invoice->means_code = g_strdup(means[i].means);
        InvoiceAccount *account = invoice->accounts->pdata[0];
        g_clear_pointer(&account->number, g_free);
        account->bic = g_strdup("BREXPLPW");
        if (!means[i].bank) {
            members_clear(account_members, account);
            g_free(g_ptr_array_steal_index(invoice->accounts, 0));
        }
        expect(invoice, "100.00", means[i].rule, INVOICE_HOLD, "asks for a bank transfer");
    }
}

/* MINIMUM leaves out what lies between; a credit note is never due; UBL of old puts the rounding into the total. */
static void test_exemptions(void)
{
    static const char minimum[] = "urn:factur-x.eu:1p0:minimum";
    Invoice *invoice = right_invoice("CII", minimum);
    invoice->totals.due = number("1.00");
    g_clear_pointer(&invoice->due_date, g_free);
    expect(invoice, "100.00", NULL, INVOICE_WARN, "");
    invoice = right_invoice("CII", minimum);
    invoice->totals.with_vat = number("1.00");
    expect(invoice, "100.00", "BR-CO-15", INVOICE_WARN, "");
    invoice = right_invoice("UBL CreditNote", EN16931);
    invoice->kind = INVOICE_KIND_CREDIT;
    g_clear_pointer(&invoice->due_date, g_free);
    expect(invoice, "100.00", NULL, INVOICE_HOLD, "");
    static const struct { const char *format, *profile, *rule; } uses[] = { { "UBL Invoice", NULL, NULL },
        { "UBL Invoice", "urn:www.cenbii.eu:transaction:biicoretrdm010:ver1.0", NULL }, { "CII", NULL, "BR-CO-15" } };
    for (size_t i = 0; i < G_N_ELEMENTS(uses); i++) {
        invoice = right_invoice(uses[i].format, uses[i].profile);
        invoice->totals.with_vat = number("115.00");
        invoice->totals.due = uses[i].rule == NULL ? number("65.00") : DECIMAL_UNKNOWN;
        expect(invoice, "100.00", uses[i].rule, INVOICE_WARN, "");
    }
    invoice = right_invoice("UBL Invoice", NULL); /* the exemption is for rounding, not for any difference */
    invoice->totals.due = number("64.00");
    expect(invoice, "100.00", "BR-CO-16", INVOICE_WARN, "64.00");
}

/* What is not stated is not judged, nor what may go on in the document beyond the list that was kept. */
static void test_unknown(void)
{
    Invoice *invoice = right_invoice("CII", EN16931);
    invoice->totals = (InvoiceTotals){ 0 };
    expect(invoice, "", NULL, INVOICE_HOLD, "");
    expect(right_invoice("CII", EN16931), "", NULL, INVOICE_HOLD, "");
    invoice = right_invoice("CII", EN16931); /* no breakdown */
    while (invoice->vat->len > 0) {
        members_clear(vat_members, invoice->vat->pdata[0]);
        g_free(g_ptr_array_steal_index(invoice->vat, 0));
    }
    expect(invoice, "100.00", NULL, INVOICE_HOLD, "");
    invoice = right_invoice("CII", EN16931);
    for (size_t i = 0; i < INVOICE_ADJUSTMENTS_MAX; i++)
        if (invoice->adjustments->len < INVOICE_ADJUSTMENTS_MAX)
            add_adjustment(invoice, true, "1.00");
    expect(invoice, "100.00", NULL, INVOICE_HOLD, "");
    invoice = right_invoice("CII", EN16931);
    while (invoice->vat->len < INVOICE_VAT_MAX)
        add_vat(invoice, "", NULL, "5.00");
    expect(invoice, "100.00", NULL, INVOICE_HOLD, "");
    invoice = right_invoice("schema.org Invoice", EN16931); /* no format of EN 16931's terms */
    invoice->totals.due = number("1.00");
    expect(invoice, "5.00", NULL, INVOICE_HOLD, "");
}

static void test_impossible_sum(void)
{
    Decimal sum = number("999999999999999");
    sum.units *= 100000;
    Invoice *invoice = right_invoice("CII", EN16931);
    invoice_check_arithmetic(invoice, sum);
    g_assert_nonnull(strstr(find_check(invoice, "BR-CO-10")->text, "an impossible amount"));
    invoice_free(invoice);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arithmetic/right", test_right);
    g_test_add_func("/arithmetic/amounts", test_amounts);
    g_test_add_func("/arithmetic/tolerance", test_tolerance);
    g_test_add_func("/arithmetic/rates", test_rates);
    g_test_add_func("/arithmetic/presence", test_presence);
    g_test_add_func("/arithmetic/account", test_account);
    g_test_add_func("/arithmetic/exemptions", test_exemptions);
    g_test_add_func("/arithmetic/unknown", test_unknown);
    g_test_add_func("/arithmetic/impossible-sum", test_impossible_sum);
    return g_test_run();
}
