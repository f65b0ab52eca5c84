/* Finding invoices in JSON-LD, signed requests, and hostile texts. */
#include "test_fixture.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/limits.h"

static void expect_numbers(const char *text, const char *numbers)
{
    g_autoptr(GPtrArray) invoices = read_all(text);
    GString *found = g_string_new(NULL);
    for (unsigned i = 0; i < invoices->len; i++)
        g_string_append_printf(found, "%s%s", i == 0 ? "" : " ", ((Invoice *)invoices->pdata[i])->number);
    g_assert_cmpstr(found->str, ==, numbers);
    g_string_free(found, TRUE);
}

#define BILL(number) "{\"@type\":\"Invoice\",\"identifier\":\"" number "\"}"

static void test_places(void)
{
    expect_numbers("[]", "");
    expect_numbers("{\"@type\":\"Order\",\"name\":\"Invoice\"}", "");
    expect_numbers(BILL("1"), "1");
    expect_numbers("[" BILL("1") ",[" BILL("2") "]," BILL("3") "]", "1 2 3");
    expect_numbers("{\"@context\":\"x\",\"@graph\":[" BILL("1") ",{\"@type\":\"Person\"}," BILL("2") "]}", "1 2");
    expect_numbers("{\"@type\":\"Order\",\"partOfInvoice\":" BILL("9") ",\"other\":" BILL("10") "}", "9 10");
    expect_numbers("{\"@type\":[\"Thing\",\"INVOICE\"],\"identifier\":\"4\"}", "4");
    expect_numbers("{\"@type\":\"https://schema.org/Invoice\",\"identifier\":\"5\"}", "5");
    expect_numbers("{\"@type\":\"schema:invoice\",\"identifier\":\"6\"}", "6");
    expect_numbers("{\"@type\":\"InvoiceLine\",\"identifier\":\"7\"}", "");
    expect_numbers("{\"@type\":\"MessageCard\",\"a\":1}", "");
}

static void test_references(void)
{
    g_autoptr(Invoice) invoice = read_one(
        "{\"@graph\":[{\"@type\":\"Invoice\",\"identifier\":\"1\",\"provider\":{\"@id\":\"#p\"},\"totalPaymentDue\":"
        "{\"@id\":\"#t\"}},{\"@id\":\"#p\",\"@type\":\"Organization\",\"name\":\"Linked\"},{\"@id\":\"#t\",\"price\":1,"
        "\"priceCurrency\":\"EUR\"},{\"@type\":\"Order\",\"partOfInvoice\":{\"@id\":\"#unknown\"}}]}");
    g_assert_cmpstr(invoice->seller.name, ==, "Linked");
    g_assert_cmpint(invoice->amount_due.minor, ==, 100);
    /* One step only: a circle is no trouble. */
    g_autoptr(Invoice) circle = read_one("{\"@id\":\"#a\",\"@type\":\"Invoice\",\"identifier\":\"2\",\"provider\":{\"@id\":\"#a\"}}");
    g_assert_cmpstr(circle->number, ==, "2");
}

/* A reference may repeat the type; the invoice is read where it stands, with the seller of the order that refers to it. */
static void test_references_between_order_and_invoice(void)
{
    g_autoptr(Invoice) invoice = read_one(
        "{\"@graph\":[{\"@type\":\"Order\",\"seller\":{\"@id\":\"#s\",\"@type\":\"Organization\"},\"partOfInvoice\":{\"@id\":"
        "\"#i\",\"@type\":\"Invoice\"}},{\"@id\":\"#s\",\"@type\":\"Organization\",\"name\":\"Shop\"},{\"@id\":\"#i\","
        "\"@type\":\"Invoice\",\"identifier\":\"7\"}]}");
    g_assert_cmpstr(invoice->number, ==, "7");
    g_assert_cmpstr(invoice->seller.name, ==, "Shop");
    g_autoptr(Invoice) back = read_one("[{\"@type\":\"Invoice\",\"identifier\":\"8\",\"referencesOrder\":{\"@id\":\"#o\"}},"
        "{\"@type\":\"Order\",\"@id\":\"#o\",\"seller\":{\"name\":\"Shop\"}}]");
    g_assert_cmpstr(back->seller.name, ==, "Shop");
}

static void test_order_names_the_seller(void)
{
    g_autoptr(Invoice) invoice
        = read_one("{\"@type\":\"Order\",\"seller\":{\"name\":\"Shop\"},\"partOfInvoice\":[" BILL("1") "]}");
    g_assert_cmpstr(invoice->seller.name, ==, "Shop");
    g_autoptr(Invoice) order = read_one("{\"@type\":\"Order\",\"partOfInvoice\":" BILL("1") "}");
    g_assert_cmpstr(order->format, ==, "schema.org Order");
    g_autoptr(Invoice) own = read_one("{\"seller\":{\"name\":\"Shop\"},\"partOfInvoice\":{\"@type\":\"Invoice\","
                                      "\"identifier\":\"1\",\"provider\":{\"name\":\"Own\"}}}");
    g_assert_cmpstr(own->seller.name, ==, "Own");
}

/* ---- Signed requests -------------------------------------------------------------------------------------- */

static Invoice *read_signed_claims(const char *claims)
{
    g_autofree char *payload = encode_base64url(span_of(claims));
    g_autofree char *text = g_strdup_printf("{\"@context\":\"http://schema.org/extensions\",\"@type\":\"SignedActionRequest\","
                                            "\"signedActionRequest\":\"eyJhbGciOiJub25lIn0.%s.c2ln\"}", payload);
    return read_one(text);
}

static void test_signed_request(void)
{
    g_autoptr(Invoice) invoice = read_signed_claims(
        "{\"originator\":\"O\",\"iat\":\"1\",\"sender\":\"a@b.example\",\"actionRequestSerialized\":\"{\\\"@type\\\":"
        "\\\"ActionRequest\\\",\\\"originator\\\":\\\"O\\\",\\\"actions\\\":[{\\\"@type\\\":\\\"PaymentAction\\\","
        "\\\"merchantId\\\":\\\"M\\\"}],\\\"entity\\\":{\\\"@type\\\":\\\"Invoice\\\",\\\"identifier\\\":\\\"77\\\"}}\"}");
    g_assert_cmpint(invoice->source, ==, INVOICE_SOURCE_SIGNED_ACTION_REQUEST);
    g_assert_cmpstr(invoice->format, ==, "SignedActionRequest");
    g_assert_cmpstr(invoice->number, ==, "77");
    g_assert_cmpstr(invoice->action->merchant_id, ==, "M");
    g_assert_true(g_str_has_prefix(invoice->signed_request, "eyJhbGciOiJub25lIn0."));
    g_assert_null(find_check(invoice, "signed-request"));
}

static void expect_unreadable(Invoice *invoice, const char *words)
{
    g_assert_null(invoice->number);
    g_assert_cmpint(find_check(invoice, "signed-request")->severity, ==, INVOICE_HOLD);
    g_assert_nonnull(strstr(find_check(invoice, "signed-request")->text, words));
    invoice_free(invoice);
}

static void test_unreadable_signed_requests(void)
{
    expect_unreadable(read_signed_claims("{}"), "actionRequestSerialized");
    expect_unreadable(read_signed_claims("{\"actionRequestSerialized\":{}}"), "actionRequestSerialized");
    expect_unreadable(read_signed_claims("{\"actionRequestSerialized\":\"{\"}"), "not valid JSON");
    expect_unreadable(read_signed_claims("not json"), "payload is not valid JSON");
    expect_unreadable(read_one("{\"@type\":\"SignedActionRequest\"}"), "empty, no text");
    expect_unreadable(read_one("{\"@type\":\"SignedActionRequest\",\"signedActionRequest\":7}"), "empty, no text");
    expect_unreadable(read_one("{\"@type\":\"SignedActionRequest\",\"signedActionRequest\":\"abc\"}"), "no JWS compact");
    expect_unreadable(read_one("{\"@type\":\"SignedActionRequest\",\"signedActionRequest\":\"a.!.c\"}"), "no JWS compact");
    g_autoptr(Invoice) broken = read_one("{\"@type\":\"ActionRequest\",\"entity\":{}}");
    g_assert_cmpint(find_check(broken, "action-request")->severity, ==, INVOICE_HOLD);
}

static void test_long_signed_request(void)
{
    g_autofree char *long_text = g_strnfill(70000, 'a');
    g_autofree char *text = g_strdup_printf("{\"@type\":\"SignedActionRequest\",\"signedActionRequest\":\"%s\"}", long_text);
    Invoice *invoice = read_one(text);
    g_assert_null(invoice->signed_request);
    expect_unreadable(invoice, "longer than 65536");
}

/* ---- Hostile texts -------------------------------------------------------------------------------------------- */

static void expect_error(Span text, SaldoError code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    g_assert_false(invoice_read_json_ld(text, invoices, &error));
    g_assert_error(error, SALDO_ERROR, (int)code);
    g_assert_cmpuint(invoices->len, ==, 0);
}

static char *repeat(const char *front, const char *back, size_t times)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < times; i++)
        g_string_append(text, front);
    for (size_t i = 0; i < times; i++)
        g_string_append(text, back);
    return g_string_free(text, FALSE);
}

static void test_broken(void)
{
    expect_error(SPAN(""), SALDO_ERROR_BAD_INPUT);
    expect_error(SPAN("{\"@type\":\"Invoice\",}"), SALDO_ERROR_BAD_INPUT);
    expect_error(SPAN("{\"a\":\"\0\"}"), SALDO_ERROR_BAD_INPUT);
    expect_error(SPAN("{\"a\":\"\xff\"}"), SALDO_ERROR_BAD_INPUT);
    expect_error(SPAN("{\"a\":1} x"), SALDO_ERROR_BAD_INPUT);
    g_autofree char *large = g_strnfill(LIMIT_JSON_BYTES + 1, ' ');
    expect_error(span_of(large), SALDO_ERROR_LIMIT);
    g_autofree char *lists = repeat("[", "]", 10000), *objects = repeat("{\"a\":", "}", 10000);
    expect_error(span_of(lists), SALDO_ERROR_BAD_INPUT);
    expect_error(span_of(objects), SALDO_ERROR_BAD_INPUT);
}

static void test_floods(void)
{
    g_autofree char *many = repeat("{\"@type\":\"Invoice\"},", "", 5000);
    g_autofree char *list = g_strdup_printf("[%s0]", many);
    g_autoptr(GPtrArray) invoices = read_all(list);
    g_assert_cmpuint(invoices->len, ==, LIMIT_INVOICES_PER_MESSAGE);
    g_autofree char *deep = repeat("{\"@type\":\"Order\",\"partOfInvoice\":", "}", 1000);
    char *middle = strstr(deep, ":}");
    g_autofree char *nested = g_strdup_printf("%.*s:" BILL("1") "%s", (int)(middle - deep), deep, middle + 1);
    expect_numbers(nested, "1");
    g_autofree char *empty = repeat("{},", "", 80000);
    g_autofree char *wide = g_strdup_printf("[%s" BILL("last") "]", empty);
    expect_numbers(wide, "last");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-ld/places", test_places);
    g_test_add_func("/json-ld/references", test_references);
    g_test_add_func("/json-ld/references-between-order-and-invoice", test_references_between_order_and_invoice);
    g_test_add_func("/json-ld/order-names-the-seller", test_order_names_the_seller);
    g_test_add_func("/json-ld/signed-request", test_signed_request);
    g_test_add_func("/json-ld/unreadable-signed-requests", test_unreadable_signed_requests);
    g_test_add_func("/json-ld/long-signed-request", test_long_signed_request);
    g_test_add_func("/json-ld/broken", test_broken);
    g_test_add_func("/json-ld/floods", test_floods);
    return g_test_run();
}
