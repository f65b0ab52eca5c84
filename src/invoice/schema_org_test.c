/* schema.org Invoice and ActionRequest in the forms of wire.md §1 and §7, and the checks on what they claim. */
#include "test_fixture.h"

#include "base/error.h"
#include "base/json.h"

static const char request[]
    = "{\"@context\":\"http://schema.org/extensions\",\"@type\":\"ActionRequest\",\"originator\":\"O-1\",\"actions\":[{"
      "\"@type\":\"PaymentAction\",\"merchantId\":\"M-1\",\"displayId\":\"D-1\",\"productContext\":{\"b\":[1,null],"
      "\"a\":\"x\"}}],\"entity\":{\"@type\":\"invoice\",\"provider\":{\"@type\":\"Organization\",\"name\":\"Contoso\"},"
      "\"broker\":{\"name\":\"Books\"},\"customer\":{\"name\":\"Me\",\"vatID\":\"PL1\"},\"identifier\":103032,"
      "\"invoiceDate\":\"2026-03-21T10:00:00Z\",\"paymentDueDate\":\"2026-04-21\",\"totalPaymentDue\":{\"@type\":"
      "\"PriceSpecification\",\"price\":\"98.87\",\"priceCurrency\":\"USD\"},\"url\":\"HTTPS://pay.example/x\","
      "\"paymentStatus\":\"http://schema.org/PaymentDue\"}}";

static void test_action_request(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Invoice) invoice = invoice_read_action_request(span_of(request), INVOICE_SOURCE_ACTION_REQUEST, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(invoice->format, ==, "ActionRequest");
    g_assert_cmpstr(invoice->number, ==, "103032");
    g_assert_cmpstr(invoice->seller.name, ==, "Contoso");
    g_assert_cmpstr(invoice->broker.name, ==, "Books");
    g_assert_cmpstr(invoice->buyer.vat_id, ==, "PL1");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-03-21");
    g_assert_cmpstr(invoice->due_date, ==, "2026-04-21");
    g_assert_cmpstr(invoice->url, ==, "https://pay.example/x");
    g_assert_cmpint(invoice->status, ==, INVOICE_STATUS_DUE);
    g_assert_true(money_equal(invoice->amount_due, (Money){ 9887, "USD" }));
    g_assert_true(money_equal(invoice->total, invoice->amount_due));
    g_assert_cmpuint(invoice->checks->len, ==, 0);
    g_assert_cmpstr(invoice->action->originator, ==, "O-1");
    g_assert_cmpstr(invoice->action->merchant_id, ==, "M-1");
    g_assert_cmpstr(invoice->action->display_id, ==, "D-1");
    g_autofree char *context = json_write(invoice->action->product_context);
    g_assert_cmpstr(context, ==, "{\"a\":\"x\",\"b\":[1,null]}");
}

static void expect_no_request(const char *text, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(invoice_read_action_request(span_of(text), INVOICE_SOURCE_ACTION_REQUEST, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_assert_nonnull(strstr(error->message, words));
}

static void test_no_action_request(void)
{
    expect_no_request("", "the ActionRequest is not valid JSON");
    expect_no_request("[]", "@type is not ActionRequest");
    expect_no_request("{\"@type\":\"Invoice\"}", "@type is not ActionRequest");
    expect_no_request("{\"@type\":\"ActionRequest\"}", "not a schema.org Invoice");
    expect_no_request("{\"@type\":\"ActionRequest\",\"entity\":{\"@type\":\"Order\"}}", "not a schema.org Invoice");
    expect_no_request("{\"@type\":\"ActionRequest\",\"entity\":\"Invoice\"}", "not a schema.org Invoice");
}

/* An entity with one more member, as JSON text in; the invoice out. */
static Invoice *read_with(const char *members)
{
    g_autofree char *text = g_strdup_printf("{\"@type\":\"Invoice\",\"identifier\":\"1\",\"provider\":\"P\"%s%s}",
        members[0] == '\0' ? "" : ",", members);
    JSON_AUTO *json = json_read_lenient(span_of(text), 10000, "the entity", NULL);
    g_autoptr(GError) error = NULL;
    Invoice *invoice = invoice_read_entity(json, &error);
    g_assert_no_error(error);
    return invoice;
}

static void expect_check(const char *members, const char *rule, InvoiceSeverity severity)
{
    g_autoptr(Invoice) invoice = read_with(members);
    const InvoiceCheck *check = find_check(invoice, rule);
    g_assert_nonnull(check);
    g_assert_cmpint(check->severity, ==, severity);
    g_assert_cmpstr(check->text, !=, "");
}

#define DUE "\"totalPaymentDue\":{\"price\":\"5.00\",\"priceCurrency\":\"EUR\"}"

static void test_checks(void)
{
    expect_check("", "amount", INVOICE_HOLD);
    expect_check("\"totalPaymentDue\":{\"price\":\"$70.00\"}", "currency", INVOICE_HOLD);
    expect_check("\"totalPaymentDue\":{\"price\":\"70.00\",\"priceCurrency\":\"ZZZ\"}", "currency", INVOICE_HOLD);
    expect_check("\"totalPaymentDue\":{\"price\":\"7,0\",\"priceCurrency\":\"EUR\"}", "PAY-001", INVOICE_HOLD);
    expect_check("\"totalPaymentDue\":{\"price\":\"7.001\",\"priceCurrency\":\"EUR\"}", "PAY-001", INVOICE_HOLD);
    expect_check("\"totalPaymentDue\":{\"price\":0,\"priceCurrency\":\"EUR\"}", "amount", INVOICE_HOLD);
    expect_check("\"totalPaymentDue\":{\"price\":\"-5\",\"priceCurrency\":\"EUR\"}", "amount", INVOICE_HOLD);
    expect_check(DUE ",\"paymentStatus\":\"PaymentComplete\"", "status", INVOICE_HOLD);
    expect_check(DUE ",\"paymentStatus\":\"paymentautomaticallyapplied\"", "status", INVOICE_HOLD);
    expect_check(DUE ",\"paymentStatus\":\"https://schema.org/PaymentDeclined\"", "status", INVOICE_WARN);
    expect_check(DUE ",\"paymentStatus\":\"Soon\"", "status", INVOICE_HOLD);
    expect_check(DUE ",\"paymentDueDate\":\"21/03/2026\"", "due_date", INVOICE_WARN);
    expect_check(DUE ",\"paymentDueDate\":\"2026-02-30\"", "due_date", INVOICE_WARN);
    expect_check(DUE ",\"invoiceDate\":\"2026-03-02\",\"paymentDueDate\":\"2026-03-01\"", "due_date", INVOICE_WARN);
    expect_check(DUE ",\"url\":\"javascript:alert(1)\"", "url", INVOICE_WARN);
    expect_check(DUE ",\"url\":\"https://a.example/ b\"", "url", INVOICE_WARN);
    g_autoptr(Invoice) nameless = read_one("{\"@type\":\"Invoice\"}");
    g_assert_nonnull(find_check(nameless, "number"));
    g_assert_nonnull(find_check(nameless, "seller"));
    g_autoptr(Invoice) fine = read_with(DUE ",\"paymentStatus\":\"PaymentDue\"");
    g_assert_cmpuint(fine->checks->len, ==, 0);
}

static void test_uncertain_amount_keeps_its_text(void)
{
    g_autoptr(Invoice) invoice = read_with("\"totalPaymentDue\":{\"price\":\"$70.00\"}");
    g_assert_true(money_is_none(invoice->amount_due) && money_is_none(invoice->total));
    g_assert_cmpstr(invoice->currency_text, ==, "$70.00");
    g_autoptr(Invoice) strange = read_with("\"totalPaymentDue\":{\"price\":70,\"priceCurrency\":\"Taler\"}");
    g_assert_cmpstr(strange->currency_text, ==, "70 Taler");
}

static void expect_amount(const char *members, int64_t minor)
{
    g_autoptr(Invoice) invoice = read_with(members);
    g_assert_true(money_equal(invoice->amount_due, (Money){ minor, "EUR" }));
}

static void test_amount_forms(void)
{
    expect_amount(DUE, 500);
    expect_amount("\"TotalPaymentDue\":{\"Price\":5,\"PriceCurrency\":\"eur\"}", 500);
    expect_amount("\"totalPaymentDue\":[{\"price\":[5],\"priceCurrency\":\"EUR\"}]", 500);
    expect_amount("\"totalPaymentDue\":{\"@type\":\"MonetaryAmount\",\"value\":5,\"currency\":\"EUR\"}", 500);
    expect_amount("\"totalPaymentDue\":5.5,\"priceCurrency\":\"EUR\"", 550);
    expect_amount("\"minimumPaymentDue\":{\"price\":\"5\",\"priceCurrency\":\"EUR\"}", 500);
    expect_amount("\"totalPaymentDue\":null,\"minimumPaymentDue\":{\"price\":\"5\",\"priceCurrency\":\"EUR\"}", 500);
}

static void test_ambiguous_amounts(void)
{
    expect_amount("\"totalPaymentDue\":[{\"price\":5,\"priceCurrency\":\"EUR\"},{\"price\":5,\"priceCurrency\":\"EUR\"}]", 500);
    expect_amount("\"totalPaymentDue\":{\"price\":[\"5\",\"5\"],\"priceCurrency\":[\"EUR\"]}", 500);
    static const char *const unclear[] = { "[{\"price\":5,\"priceCurrency\":\"EUR\"},{\"price\":6,\"priceCurrency\":\"EUR\"}]",
        "{\"price\":[5,6],\"priceCurrency\":\"EUR\"}", "{\"price\":5,\"priceCurrency\":[\"EUR\",\"PLN\"]}" };
    for (size_t i = 0; i < G_N_ELEMENTS(unclear); i++) {
        g_autofree char *members = g_strdup_printf("\"totalPaymentDue\":%s", unclear[i]);
        g_autoptr(Invoice) invoice = read_with(members);
        g_assert_true(money_is_none(invoice->amount_due) && money_is_none(invoice->total));
        g_assert_cmpint(find_check(invoice, "amounts")->severity, ==, INVOICE_HOLD);
    }
    /* The least that may be paid is not what the invoice comes to. */
    g_autoptr(Invoice) least = read_with("\"minimumPaymentDue\":{\"price\":\"5\",\"priceCurrency\":\"EUR\"}");
    g_assert_true(money_is_none(least->total));
}

static void test_status_spellings(void)
{
    static const struct {
        const char *status; /* as JSON */
        InvoiceStatus expected;
    } spellings[] = {
        { "\"PaymentDue\"", INVOICE_STATUS_DUE },
        { "\"paymentdue\"", INVOICE_STATUS_DUE },
        { "\"http://schema.org/PaymentDue\"", INVOICE_STATUS_DUE },
        { "\"https://schema.org/PaymentDue/\"", INVOICE_STATUS_DUE },
        { "\"schema:PaymentPastDue\"", INVOICE_STATUS_PAST_DUE },
        { "\"Payment Past Due\"", INVOICE_STATUS_PAST_DUE },
        { "\"PAYMENT_COMPLETE\"", INVOICE_STATUS_COMPLETE },
        { "[\"PaymentComplete\",\"PaymentComplete\"]", INVOICE_STATUS_COMPLETE },
        { "{\"@id\":\"http://schema.org/PaymentDeclined\"}", INVOICE_STATUS_DECLINED },
        { "{\"@type\":\"PaymentStatusType\",\"name\":\"PaymentDue\"}", INVOICE_STATUS_DUE },
        { "\"payment-automatically-applied\"", INVOICE_STATUS_AUTOMATIC },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_autofree char *members = g_strdup_printf(DUE ",\"paymentStatus\":%s", spellings[i].status);
        g_autoptr(Invoice) invoice = read_with(members);
        g_assert_cmpint(invoice->status, ==, spellings[i].expected);
    }
    expect_check(DUE ",\"paymentStatus\":\"Payment\"", "status", INVOICE_HOLD);
    expect_check(DUE ",\"paymentStatus\":\"PaymentDueSoon\"", "status", INVOICE_HOLD);
    expect_check(DUE ",\"paymentStatus\":[\"PaymentDue\",\"PaymentComplete\"]", "status", INVOICE_HOLD);
}

/* The markup of Gmail's first years: paymentDue for the date, a price with its sign and no currency, an account that is no
 * bank's. No term of schema.org holds an IBAN, and none is read where somebody writes one. */
static void test_legacy_spelling(void)
{
    g_autoptr(Invoice) invoice = read_one("{\"@type\":\"Invoice\",\"accountId\":\"PL61109010140000071219812874\",\"iban\":"
        "\"PL61109010140000071219812874\",\"paymentDue\":\"2026-11-22T08:00:00+00:00\",\"provider\":{\"name\":\"Water\"},"
        "\"totalPaymentDue\":{\"price\":\"$70.00\"}}");
    g_assert_cmpstr(invoice->due_date, ==, "2026-11-22");
    g_assert_cmpuint(invoice->accounts->len, ==, 0);
    g_assert_true(money_is_none(invoice->amount_due));
    g_assert_cmpstr(invoice->currency_text, ==, "$70.00");
    g_assert_nonnull(find_check(invoice, "currency"));
}

static void test_addresses(void)
{
    static const char *const urls[][2] = { { "\"HTTPS://a.example/x\"", "https://a.example/x" },
        { "{\"@id\":\"https://a.example/x\"}", "https://a.example/x" },
        { "{\"@type\":\"WebPage\",\"url\":\"http://a.example/x\"}", "http://a.example/x" },
        { "[\"https://a.example/1\",\"https://a.example/2\"]", "https://a.example/1" },
        { "\"a.example/x\"", NULL }, { "\"data:text/html,x\"", NULL }, { "{}", NULL } };
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autofree char *members = g_strdup_printf(DUE ",\"url\":%s", urls[i][0]);
        g_autoptr(Invoice) invoice = read_with(members);
        g_assert_cmpstr(invoice->url, ==, urls[i][1]);
        g_assert_cmpint(find_check(invoice, "url") == NULL, ==, urls[i][1] != NULL);
    }
    g_autoptr(Invoice) linked = read_one("{\"@type\":\"Invoice\",\"identifier\":\"1\",\"provider\":\"https://shop.example/#me\"}");
    g_assert_null(linked->seller.name); /* leads somewhere, names nobody */
}

static void test_number_forms(void)
{
    static const char *const forms[][2] = { { "\"A 1\"", "A 1" }, { "17", "17" }, { "[\"A\",\"B\"]", "A" },
        { "{\"@type\":\"PropertyValue\",\"value\":\"PV\"}", "PV" }, { "\" a\\n b \"", "a b" } };
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *text = g_strdup_printf("{\"@type\":\"Invoice\",\"identifier\":%s}", forms[i][0]);
        g_autoptr(Invoice) invoice = read_one(text);
        g_assert_cmpstr(invoice->number, ==, forms[i][1]);
    }
    g_autoptr(Invoice) none = read_one("{\"@type\":\"Invoice\",\"identifier\":true}");
    g_assert_null(none->number);
    g_autofree char *normal = invoice_number_normalize(" fv/12 a\xc2\xa0\xc5\xbc ");
    g_assert_cmpstr(normal, ==, "FV/12A\xc5\xbb");
    /* [PAY-002] Look-alikes: full width, a non-breaking hyphen, an en dash, a minus sign, U+2003, zero width, soft hyphen. */
    static const char *const alike[] = { "INV-7", "\xef\xbc\xa9\xef\xbc\xae\xef\xbc\xb6\xef\xbc\x8d\xef\xbc\x97",
        "inv\xe2\x80\x91" "7", "INV\xe2\x80\x93" "7", "INV\xe2\x88\x92" "7", "IN\xe2\x80\x83V-7", "I\xe2\x80\x8bNV-7",
        "IN\xc2\xadV-7" };
    for (size_t i = 0; i < G_N_ELEMENTS(alike); i++) {
        g_autofree char *identity = invoice_number_normalize(alike[i]);
        g_assert_cmpstr(identity, ==, "INV-7");
    }
    g_autofree char *broken = invoice_number_normalize("A\xff");
    g_assert_cmpstr(broken, ==, "A\xef\xbf\xbd");
}

static void test_actions(void)
{
    static const char form[] = "{\"@type\":\"ActionRequest\",\"originator\":\"O\",\"actions\":%s,\"entity\":{\"@type\":"
                               "\"Invoice\",\"identifier\":\"1\",\"provider\":\"P\"," DUE "}}";
    g_autofree char *none = g_strdup_printf(form, "[]");
    g_autoptr(Invoice) without = read_one(none);
    g_assert_null(without->action);
    g_assert_cmpint(find_check(without, "action")->severity, ==, INVOICE_HOLD);
    g_autofree char *single = g_strdup_printf(form, "{\"@type\":\"PaymentAction\",\"merchantId\":7}");
    g_autoptr(Invoice) bare = read_one(single);
    g_assert_cmpstr(bare->action->merchant_id, ==, "7");
    g_assert_null(bare->action->product_context);
    g_autofree char *two = g_strdup_printf(form,
        "[{\"@type\":\"ViewAction\"},{\"@type\":\"PaymentAction\",\"merchantId\":\"A\"},"
        "{\"@type\":\"PaymentAction\",\"merchantId\":\"B\"}]");
    g_autoptr(Invoice) first = read_one(two);
    g_assert_cmpstr(first->action->merchant_id, ==, "A");
    g_assert_cmpint(find_check(first, "action")->severity, ==, INVOICE_WARN);
    g_autofree char *nobody = g_strdup_printf(form, "{\"@type\":\"PaymentAction\"}");
    g_autoptr(Invoice) unnamed = read_one(nobody);
    g_assert_cmpint(find_check(unnamed, "action")->severity, ==, INVOICE_HOLD);
}

static void test_entity_in_webhook(void)
{
    JSON_AUTO *paid = json_read(SPAN("{\"@type\":\"Invoice\",\"paymentStatus\":\"PaymentComplete\",\"confirmationNumber\":42}"),
        1000, "the entity", NULL);
    g_autoptr(Invoice) invoice = invoice_read_entity(paid, NULL);
    g_assert_cmpint(invoice->status, ==, INVOICE_STATUS_COMPLETE);
    g_assert_cmpstr(invoice->confirmation_number, ==, "42");
    g_autoptr(GError) error = NULL;
    g_assert_null(invoice_read_entity(NULL, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/schema-org/action-request", test_action_request);
    g_test_add_func("/schema-org/no-action-request", test_no_action_request);
    g_test_add_func("/schema-org/checks", test_checks);
    g_test_add_func("/schema-org/uncertain-amount-keeps-its-text", test_uncertain_amount_keeps_its_text);
    g_test_add_func("/schema-org/amount-forms", test_amount_forms);
    g_test_add_func("/schema-org/ambiguous-amounts", test_ambiguous_amounts);
    g_test_add_func("/schema-org/status-spellings", test_status_spellings);
    g_test_add_func("/schema-org/legacy-spelling", test_legacy_spelling);
    g_test_add_func("/schema-org/addresses", test_addresses);
    g_test_add_func("/schema-org/number-forms", test_number_forms);
    g_test_add_func("/schema-org/actions", test_actions);
    g_test_add_func("/schema-org/entity-in-webhook", test_entity_in_webhook);
    return g_test_run();
}
