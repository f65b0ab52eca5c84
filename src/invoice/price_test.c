/* Prices in the forms of wire.md §7 and as people write them [PAY-001]. */
#include "price.h"

#include <string.h>

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
    { "\"1.234,50\"", "EUR", MONEY_OK, 123450 },
    { "\"1,234.50\"", "EUR", MONEY_OK, 123450 },
    { "\"1 234.50\"", "EUR", MONEY_OK, 123450 },
    { "\"-1 234,50 EUR\"", "EUR", MONEY_OK, -123450 },
    { "\"1\\u202f234\\u202f567,8\"", "EUR", MONEY_OK, 123456780 },
    { "\"1'234.50\"", "CHF", MONEY_OK, 123450 },
    { "\"1,234,567\"", "EUR", MONEY_OK, 123456700 },
    { "\"1.234.567\"", "EUR", MONEY_OK, 123456700 },
    { "\"1 234\"", "EUR", MONEY_OK, 123400 },
    { "\"12,50\"", "EUR", MONEY_OK, 1250 },
    { "\"\\u00a51,234\"", "JPY", MONEY_OK, 1234 },
    { "\"$70.00 USD\"", "USD", MONEY_OK, 7000 },
    { "\"$70.00 EUR\"", "EUR", MONEY_BAD_CURRENCY, 0 },
    { "\"$70.00 EUR\"", "USD", MONEY_BAD_NUMBER, 0 },
    { "\"1,234\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1,234\"", "KWD", MONEY_BAD_NUMBER, 0 },
    { "\"12,5\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1,2\"", "JPY", MONEY_BAD_NUMBER, 0 },
    { "\"1.234\"", "EUR", MONEY_TOO_PRECISE, 0 },
    { "\"12,34.50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1234,567.50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1,234 567.50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1,234.567,50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1.234.50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1 2345\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\",50\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"5,\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"70.00 80.00\"", "EUR", MONEY_BAD_NUMBER, 0 },
    { "\"1-2\"", "EUR", MONEY_BAD_NUMBER, 0 },
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

/* ---- Amounts in texts for people ---------------------------------------------------------------------------- */

static const struct {
    const char *text, *currency;
    MoneyParse outcome;
    int64_t minor;
    const char *code;
} texts[] = {
    { "EUR 50.00", NULL, MONEY_OK, 5000, "EUR" },
    { "50.00 eur", NULL, MONEY_OK, 5000, "EUR" },
    { "1 234,50 z\xc5\x82", NULL, MONEY_OK, 123450, "PLN" },
    { "\xe2\x82\xac" "1,234.50", NULL, MONEY_OK, 123450, "EUR" },
    { "$5.00 CAD", NULL, MONEY_OK, 500, "CAD" },
    { "5.00", "PLN", MONEY_OK, 500, "PLN" },
    { "$5.00", "CAD", MONEY_OK, 500, "CAD" },
    { "\xe2\x82\xac" "5.00", "PLN", MONEY_OK, 500, "EUR" },
    { "$5.00", NULL, MONEY_BAD_CURRENCY, 0, "" },
    { "\xc2\xa3" "5.00", NULL, MONEY_BAD_CURRENCY, 0, "" },
    { "5.00", NULL, MONEY_BAD_CURRENCY, 0, "" },
    { "5.00", "XYZ", MONEY_BAD_CURRENCY, 0, "" },
    { "$5.00 EUR", NULL, MONEY_BAD_CURRENCY, 0, "" },
    { "USD 5.00 EUR", NULL, MONEY_BAD_CURRENCY, 0, "" },
    { "EUR 1.234", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "EUR 5.000", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "KWD 1.234", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "5.00 in two parts", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "about EUR 5", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "2026-01-01", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "EUR", NULL, MONEY_BAD_NUMBER, 0, "" },
    { "", NULL, MONEY_BAD_NUMBER, 0, "" },
};

static void test_texts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Money money = { 0 };
        MoneyParse outcome = price_read_text(texts[i].text, texts[i].currency, &money);
        if (outcome != texts[i].outcome || money.minor != texts[i].minor || strcmp(money.currency, texts[i].code) != 0)
            g_error("text %s in %s: outcome %d, minor %" G_GINT64_FORMAT " %s", texts[i].text, texts[i].currency, outcome,
                money.minor, money.currency);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/invoice/prices", test_prices);
    g_test_add_func("/invoice/prices-in-texts", test_texts);
    return g_test_run();
}
