/* What leaves nothing to pay: kinds by type code, means of payment and sign, and the checks that hold them. */
#include "checks.h"

#include "test_fixture.h"

static Invoice *invoice_with(const char *type_code, const char *means_code, const char *total, const char *due)
{
    Invoice *invoice = invoice_new(INVOICE_SOURCE_XML, "UBL Invoice");
    invoice->number = g_strdup("F/1");
    invoice->seller.name = g_strdup("Seller");
    invoice->type_code = g_strdup(type_code);
    invoice->means_code = g_strdup(means_code);
    if (total != NULL) {
        g_assert_true(decimal_parse(span_of(total), &invoice->totals.with_vat));
        g_assert_cmpint(money_parse(span_of(total), SPAN("EUR"), &invoice->total), ==, MONEY_OK);
    }
    if (due != NULL)
        g_assert_cmpint(money_parse(span_of(due), SPAN("EUR"), &invoice->amount_due), ==, MONEY_OK);
    return invoice;
}

static unsigned count_holds(const Invoice *invoice)
{
    unsigned holds = 0;
    for (unsigned i = 0; i < invoice->checks->len; i++)
        holds += ((const InvoiceCheck *)invoice->checks->pdata[i])->severity == INVOICE_HOLD;
    return holds;
}

static const struct {
    const char *type_code, *means_code, *total, *due;
    InvoiceKind kind;
    const char *rule; /* of the one check that holds; NULL: none */
} kinds[] = {
    { "380", "30", "10.00", "10.00", INVOICE_KIND_BILL, NULL },
    { NULL, NULL, "10.00", "10.00", INVOICE_KIND_BILL, NULL },
    { "384", "58", "10.00", "10.00", INVOICE_KIND_BILL, NULL },
    { "326", "58", "10.00", "10.00", INVOICE_KIND_BILL, NULL },
    { "381", "30", "10.00", "10.00", INVOICE_KIND_CREDIT, "kind" },
    { "381", NULL, "-10.00", "-10.00", INVOICE_KIND_CREDIT, "amount" },
    { "381", NULL, "10.00", "0.00", INVOICE_KIND_CREDIT, "kind" },
    { "81", NULL, "10.00", "10.00", INVOICE_KIND_CREDIT, "kind" },
    { "396", NULL, "10.00", "10.00", INVOICE_KIND_CREDIT, "kind" },
    { "503", NULL, "10.00", "10.00", INVOICE_KIND_CREDIT, "kind" },
    { "380", NULL, "-10.00", "-10.00", INVOICE_KIND_CREDIT, "amount" },
    { "380", NULL, "-10.00", NULL, INVOICE_KIND_CREDIT, "kind" },
    { "384", NULL, "10.00", "-0.01", INVOICE_KIND_CREDIT, "amount" },
    { "389", "30", "10.00", "10.00", INVOICE_KIND_SELF_BILLED, "kind" },
    { "261", NULL, "10.00", "10.00", INVOICE_KIND_SELF_BILLED, "kind" },
    { "527", NULL, "10.00", "10.00", INVOICE_KIND_SELF_BILLED, "kind" },
    { "501", NULL, "10.00", "10.00", INVOICE_KIND_SELF_BILLED, "kind" },
    { "389", "59", "10.00", "10.00", INVOICE_KIND_SELF_BILLED, "kind" },
    { "380", "49", "10.00", "10.00", INVOICE_KIND_DIRECT_DEBIT, "kind" },
    { "380", "59", "10.00", "10.00", INVOICE_KIND_DIRECT_DEBIT, "kind" },
    { "381", "59", "10.00", "10.00", INVOICE_KIND_CREDIT, "kind" },
    { "380", "30", "10.00", "0.00", INVOICE_KIND_BILL, "amount" },
    { "380", "30", "0.00", "0.00", INVOICE_KIND_BILL, "amount" },
};

static void test_kinds(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(Invoice) invoice = invoice_with(kinds[i].type_code, kinds[i].means_code, kinds[i].total, kinds[i].due);
        invoice_check_claims(invoice);
        g_assert_cmpint(invoice->kind, ==, kinds[i].kind);
        g_assert_cmpuint(count_holds(invoice), ==, kinds[i].rule == NULL ? 0 : 1);
        if (kinds[i].rule != NULL)
            g_assert_nonnull(strstr(find_check(invoice, kinds[i].rule)->text, "nothing to pay"));
    }
}

/* A total whose currency cannot be read has a sign all the same. */
static void test_sign_without_currency(void)
{
    g_autoptr(Invoice) invoice = invoice_with("380", NULL, NULL, NULL);
    g_assert_true(decimal_parse(SPAN("-10.00"), &invoice->totals.with_vat));
    invoice_check_claims(invoice);
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_CREDIT);
}

/* What a reader knows by its format stays, whatever the codes say. */
static void test_reader_knows(void)
{
    g_autoptr(Invoice) invoice = invoice_with("380", "59", "10.00", "10.00");
    invoice->kind = INVOICE_KIND_SELF_BILLED;
    invoice_check_claims(invoice);
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_SELF_BILLED);
}

static void test_status(void)
{
    static const struct { InvoiceStatus status; bool holds; } statuses[] = { { INVOICE_STATUS_COMPLETE, true },
        { INVOICE_STATUS_AUTOMATIC, true }, { INVOICE_STATUS_DUE, false }, { INVOICE_STATUS_PAST_DUE, false } };
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autoptr(Invoice) invoice = invoice_with("380", NULL, "10.00", "10.00");
        invoice->status = statuses[i].status;
        invoice_check_claims(invoice);
        g_assert_true((find_check(invoice, "status") != NULL) == statuses[i].holds);
        g_assert_cmpuint(count_holds(invoice), ==, statuses[i].holds);
    }
}

static void test_claims(void)
{
    g_autoptr(Invoice) invoice = invoice_new(INVOICE_SOURCE_XML, "UBL Invoice");
    invoice->issue_date = g_strdup("2026-02-01");
    invoice->due_date = g_strdup("2026-01-31");
    invoice_check_claims(invoice);
    g_assert_cmpint(find_check(invoice, "number")->severity, ==, INVOICE_HOLD);
    g_assert_cmpint(find_check(invoice, "seller")->severity, ==, INVOICE_WARN);
    g_assert_cmpint(find_check(invoice, "due_date")->severity, ==, INVOICE_WARN);
}

/* A document gets its arithmetic too, by its kind: a credit note needs no terms. */
static void test_document(void)
{
    for (unsigned credit = 0; credit < 2; credit++) {
        g_autoptr(Invoice) invoice = invoice_with(credit ? "381" : "380", NULL, "10.00", "10.00");
        invoice->profile = g_strdup("urn:cen.eu:en16931:2017");
        g_assert_true(decimal_parse(SPAN("10.00"), &invoice->totals.due));
        invoice_check_document(invoice, DECIMAL_UNKNOWN);
        g_assert_true((find_check(invoice, "BR-CO-25") == NULL) == credit);
        g_assert_true((find_check(invoice, "kind") != NULL) == credit);
    }
}

/* However many warnings there are, a hold is never lost. */
static void test_hold_is_never_lost(void)
{
    g_autoptr(Invoice) invoice = invoice_with("381", NULL, "10.00", "10.00");
    for (unsigned i = 0; i < 1000; i++)
        invoice_add_check(invoice, "value", INVOICE_WARN, "A date cannot be read.");
    unsigned most = invoice->checks->len;
    invoice_check_claims(invoice);
    g_assert_nonnull(find_check(invoice, "kind"));
    g_assert_cmpuint(invoice->checks->len, ==, most);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/checks/kinds", test_kinds);
    g_test_add_func("/checks/sign-without-currency", test_sign_without_currency);
    g_test_add_func("/checks/reader-knows", test_reader_knows);
    g_test_add_func("/checks/status", test_status);
    g_test_add_func("/checks/claims", test_claims);
    g_test_add_func("/checks/document", test_document);
    g_test_add_func("/checks/hold-is-never-lost", test_hold_is_never_lost);
    return g_test_run();
}
