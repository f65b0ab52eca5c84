/* The JSON form: the members that `saldo inspect --json` promises, the way back, and lies. */
#include "members.h"
#include "test_fixture.h"

#include "base/error.h"
#include "base/json.h"

static Invoice *full_invoice(void)
{
    Invoice *invoice = read_one(
        "{\"@type\":\"ActionRequest\",\"originator\":\"O\",\"actions\":[{\"@type\":\"PaymentAction\",\"merchantId\":\"M\","
        "\"displayId\":\"D\",\"productContext\":[1]},{\"@type\":\"PaymentAction\",\"merchantId\":\"M2\",\"displayId\":\"D2\"}],\"entity\":{\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"provider\":"
        "{\"name\":\"S\",\"vatID\":\"V\"},\"broker\":{\"name\":\"B\"},\"totalPaymentDue\":{\"price\":\"98.7\",\"priceCurrency\":"
        "\"PLN\"},\"invoiceDate\":\"2026-01-02\",\"paymentDueDate\":\"2026-01-01\",\"url\":\"https://x.example/\","
        "\"confirmationNumber\":\"C\",\"paymentStatus\":\"PaymentPastDue\"}}");
    InvoiceAccount *account = invoice_list_add(invoice, offsetof(Invoice, accounts));
    account->number = g_strdup("PL61109010140000071219812874");
    InvoiceLine *line = invoice_list_add(invoice, offsetof(Invoice, lines));
    line->name = g_strdup("Gas");
    g_assert_true(decimal_parse(SPAN("0.125"), &line->price));
    invoice->line_count = 3;
    invoice_list_add_text(invoice, offsetof(Invoice, notes), g_strdup("Note"));
    invoice->totals.with_vat = decimal_of(98);
    invoice->signed_request = g_strdup("a.b.c");
    invoice->is_forwarded = true;
    return invoice;
}

static void test_members(void)
{
    g_autoptr(Invoice) invoice = full_invoice();
    JSON_AUTO *json = invoice_to_json(invoice);
    g_autofree char *text = json_write(json);
    g_assert_cmpstr(text, ==,
        "{\"accounts\":[{\"number\":\"PL61109010140000071219812874\"}],\"action\":{\"display_id\":\"D\","
        "\"merchant_id\":\"M\",\"originator\":\"O\",\"product_context\":[1]},\"adjustments\":[],\"agreeing\":[],"
        "\"amount_due\":\"98.70\",\"broker\":{\"name\":\"B\"},\"buyer\":{},\"buyer_reference\":null,"
        "\"checks\":[{\"rule\":\"due_date\",\"severity\":\"warn\","
        "\"text\":\"The invoice is due before its own date.\"},{\"rule\":\"action\",\"severity\":\"warn\","
        "\"text\":\"The request names several payment actions; the first one whose merchant is approved here counts.\"}],"
        "\"confirmation_number\":\"C\",\"currency\":\"PLN\",\"currency_text\":null,\"documents\":[],"
        "\"due_date\":\"2026-01-01\",\"due_dates\":[],\"format\":\"ActionRequest\",\"forwarded\":true,"
        "\"issue_date\":\"2026-01-02\",\"kind\":\"bill\",\"line_count\":3,\"lines\":[{\"name\":\"Gas\","
        "\"price\":\"0.125\"}],\"mandate\":null,\"means_code\":null,\"notes\":[\"Note\"],\"number\":\"F/1\","
        "\"order_reference\":null,\"origin\":null,\"other_actions\":[{\"display_id\":\"D2\",\"merchant_id\":\"M2\","
        "\"originator\":\"O\",\"product_context\":null}],\"payee\":{},\"payer_account\":null,\"payment_terms\":null,"
        "\"period_end\":null,\"period_start\":null,\"preceding_number\":null,\"profile\":null,\"remittance\":null,"
        "\"seller\":{\"name\":\"S\",\"vat_id\":\"V\"},\"series\":null,\"signed_request\":\"a.b.c\",\"source\":\"action-request\","
        "\"split_payment\":false,\"status\":\"past_due\",\"total\":\"98.70\",\"totals\":{\"with_vat\":\"98.00\"},"
        "\"type_code\":null,\"url\":\"https://x.example/\",\"vat\":[]}");
}

static void test_round_trip(void)
{
    g_autoptr(Invoice) invoice = full_invoice();
    JSON_AUTO *json = invoice_to_json(invoice);
    g_autoptr(GError) error = NULL;
    g_autoptr(Invoice) again = invoice_from_json(json, &error);
    g_assert_no_error(error);
    JSON_AUTO *second = invoice_to_json(again);
    g_assert_true(json_equal(json, second));
    g_assert_true(money_equal(again->total, (Money){ 9870, "PLN" }));
    g_autoptr(Invoice) empty = invoice_new(INVOICE_SOURCE_JSON_LD, "schema.org Invoice");
    JSON_AUTO *empty_json = invoice_to_json(empty);
    g_autoptr(Invoice) empty_again = invoice_from_json(empty_json, &error);
    g_assert_no_error(error);
    g_assert_null(empty_again->action);
}

/* A good invoice with one member replaced. */
static void expect_refused(const char *key, const char *value)
{
    g_autoptr(Invoice) invoice = full_invoice();
    JSON_AUTO *json = invoice_to_json(invoice);
    g_autofree char *wrapped = g_strdup_printf("[%s]", value);
    JSON_AUTO *lie = json_read(span_of(wrapped), 1 << 20, "the lie", NULL);
    g_assert_nonnull(lie);
    json_object_set(json, key, json_array_get(lie, 0));
    g_autoptr(GError) error = NULL;
    g_assert_null(invoice_from_json(json, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
}

static void test_lies(void)
{
    static const char *const lies[][2] = { { "source", "\"ubl\"" }, { "source", "null" }, { "format", "null" },
        { "format", "1" }, { "number", "5" }, { "number", "\"a\\nb\"" }, { "number", "{}" }, { "issue_date", "\"2026-13-01\"" },
        { "issue_date", "\"2026-01-01x\"" }, { "due_date", "\"soon\"" }, { "seller", "\"S\"" }, { "seller", "{\"name\":[]}" },
        { "accounts", "{}" }, { "accounts", "[1]" }, { "accounts", "[{\"number\":1}]" }, { "accounts", "[{\"factor\":1}]" },
        { "kind", "\"gift\"" }, { "lines", "[{\"net\":\"1,5\"}]" }, { "lines", "[{\"net\":1}]" }, { "line_count", "0" },
        { "line_count", "-1" }, { "line_count", "9999999999" }, { "notes", "[1]" },
        { "notes", "[\"a\\u202eb\"]" }, { "totals", "1" }, { "totals", "{\"due\":\"NaN\"}" }, { "payee", "[]" },
        { "split_payment", "1" }, { "period_end", "\"2026-02-30\"" }, { "total", "98.7" },
        { "total", "\"98.701\"" }, { "total", "\"x\"" }, { "amount_due", "\"1e9\"" }, { "currency", "\"ZZZ\"" },
        { "currency", "null" }, { "currency", "\"pln\"" }, { "status", "\"paid\"" }, { "status", "null" }, { "action", "[]" },
        { "action", "{\"merchant_id\":1}" }, { "checks", "[{}]" }, { "checks", "[{\"rule\":\"a\",\"severity\":\"fatal\",\"text\":\"b\"}]" },
        { "checks", "1" }, { "url", "\"javascript:x\"" }, { "url", "\"ftp://x\"" } };
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++)
        expect_refused(lies[i][0], lies[i][1]);
    g_autofree char *letters = g_strnfill(501, 'x');
    g_autofree char *long_text = g_strdup_printf("\"%s\"", letters);
    expect_refused("number", long_text);
    g_autofree char *many = g_strnfill(200, '0');
    for (size_t i = 1; i < 200; i += 2)
        many[i] = ',';
    many[199] = '\0';
    g_autofree char *list = g_strdup_printf("[%s]", many);
    expect_refused("accounts", list);
    g_assert_null(invoice_from_json(NULL, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/invoice-json/members", test_members);
    g_test_add_func("/invoice-json/round-trip", test_round_trip);
    g_test_add_func("/invoice-json/lies", test_lies);
    return g_test_run();
}
