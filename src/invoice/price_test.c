/* Prices in the forms of wire.md §7 [PAY-001]. */
#include "invoice/invoice.h"

#include "base/json.h"

static const struct {
    const char *price; /* as JSON */
    const char *currency;
    MoneyParse outcome;
    int64_t minor;
} cases[] = {
    { "\"98.87\"", "USD", MONEY_OK, 9887 },
    { "98.87", "USD", MONEY_OK, 9887 },
    { "42.5", "EUR", MONEY_OK, 4250 },
    { "70", "EUR", MONEY_OK, 7000 },
    { "0.1", "EUR", MONEY_OK, 10 },
    { "1e2", "EUR", MONEY_OK, 10000 },
    { "1234567890123.45", "EUR", MONEY_OK, 123456789012345 },
    { "\"9999999999999999.99\"", "EUR", MONEY_OK, 999999999999999999 },
    { "500", "JPY", MONEY_OK, 500 },
    { "\"1.234\"", "KWD", MONEY_OK, 1234 },
    { "\"$70.00\"", "USD", MONEY_OK, 7000 },
    { "\"$70.00\"", "usd", MONEY_OK, 7000 },
    { "\"$ 70.00\"", "CAD", MONEY_OK, 7000 },
    { "\"70.00 \\u20ac\"", "EUR", MONEY_OK, 7000 },
    { "\"70.00\\u00a0z\\u0142\"", "PLN", MONEY_OK, 7000 },
    { "\"EUR 70.00\"", "EUR", MONEY_OK, 7000 },
    { "\"-5.00\"", "EUR", MONEY_OK, -500 },
    { "[\"5.00\"]", "EUR", MONEY_OK, 500 },
    { "\"$70.00\"", NULL, MONEY_BAD_CURRENCY, 0 },
    { "\"$70.00\"", "", MONEY_BAD_CURRENCY, 0 },
    { "\"$70.00\"", "XYZ", MONEY_BAD_CURRENCY, 0 },
    { "\"$70.00\"", "EUR", MONEY_BAD_CURRENCY, 0 },
    { "\"EUR 70.00\"", "PLN", MONEY_BAD_CURRENCY, 0 },
    { "\"1.234,50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1,234.50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1 234.50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"about 70\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"70.00 or 80.00\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"$70.00$\"", "USD", MONEY_BAD_NUMBER, 0 },
    { "\"\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"free\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"+70\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "null", "EUR", MONEY_BAD_NUMBER, 0 },
    { "true", "EUR", MONEY_BAD_NUMBER, 0 },
    { "{}", "EUR", MONEY_BAD_NUMBER, 0 },
    { "98.875", "USD", MONEY_TOO_PRECISE, 0 },
    { "0.30000000000000004", "EUR", MONEY_TOO_PRECISE, 0 },
    { "12345678901234567.89", "EUR", MONEY_TOO_PRECISE, 0 },
    { "\"0.5\"", "JPY", MONEY_TOO_PRECISE, 0 },
    { "\"99999999999999999999\"", "EUR", MONEY_TOO_LARGE, 0 },
};

static void test_prices(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *wrapped = g_strdup_printf("[%s]", cases[i].price);
        JSON_AUTO *json = json_read(span_of(wrapped), 999, "the case", NULL);
        g_assert_nonnull(json);
        Money money = { 0 };
        MoneyParse outcome = invoice_read_price(json_array_get(json, 0), cases[i].currency, &money);
        if (outcome != cases[i].outcome || money.minor != cases[i].minor)
            g_error("price %s in %s: outcome %d, minor %" G_GINT64_FORMAT, cases[i].price, cases[i].currency, outcome,
                money.minor);
    }
    Money money;
    g_assert_cmpint(invoice_read_price(NULL, "EUR", &money), ==, MONEY_BAD_NUMBER);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/invoice/prices", test_prices);
    return g_test_run();
}
