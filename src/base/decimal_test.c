/* Exact decimals: reading, printing, arithmetic. */
#include "base/decimal.h"

#include <glib.h>

static Decimal parsed(const char *text)
{
    Decimal decimal = DECIMAL_UNKNOWN;
    g_assert_true(decimal_parse(span_of(text), &decimal));
    return decimal;
}

static void expect_text(Decimal decimal, const char *expected)
{
    char text[DECIMAL_TEXT_MAX];
    decimal_format(decimal, text);
    g_assert_cmpstr(text, ==, expected);
}

static void test_parse_and_format(void)
{
    static const char *const cases[][2] = {
        { "1785", "1785.00" }, { "1785.0", "1785.00" }, { "-0.5", "-0.50" }, { "+7", "7.00" }, { ".5", "0.50" }, { "5.", "5.00" },
        { "0.125", "0.125" }, { "0.12345678", "0.12345678" }, { "0.1234567800000000000000", "0.12345678" },
        { "000000000000000000000001", "1.00" }, { "999999999999999.99999999", "999999999999999.99999999" }, { "-0", "0.00" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_text(parsed(cases[i][0]), cases[i][1]);
}

static void test_refusals(void)
{
    static const char *const cases[] = { "", ".", "-", "+", "1,5", "1e3", "1 000", "--1", "1.2.3", "0x1", "NaN", "INF", "€1",
        "0.123456789", "1000000000000000" };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Decimal decimal;
        g_assert_false(decimal_parse(span_of(cases[i]), &decimal));
    }
}

static void test_arithmetic(void)
{
    expect_text(decimal_add(parsed("0.1"), parsed("0.2")), "0.30");
    expect_text(decimal_subtract(parsed("1"), parsed("1.005")), "-0.005");
    expect_text(decimal_percent_of(parsed("336.90"), parsed("19")), "64.011");
    expect_text(decimal_percent_of(parsed("-0.00000001"), parsed("50")), "-0.00000001"); /* half away from zero */
    expect_text(decimal_percent_of(parsed("999999999999999.99999999"), parsed("100")), "999999999999999.99999999");
    g_assert_false(decimal_percent_of(parsed("1"), parsed("1000000")).is_known);
    g_assert_false(decimal_add(parsed("1"), DECIMAL_UNKNOWN).is_known);
    expect_text(decimal_or_zero(DECIMAL_UNKNOWN), "0.00");
    g_assert_cmpint(decimal_compare(parsed("-1"), parsed("0.5")), ==, -1);
    g_assert_true(decimal_is_near(parsed("1"), parsed("1.005"), parsed("0.005")));
    g_assert_false(decimal_is_near(parsed("1"), parsed("1.00500001"), parsed("0.005")));
}

static void test_to_money(void)
{
    Money money;
    g_assert_cmpint(decimal_to_money(parsed("12.3400"), SPAN("EUR"), &money), ==, MONEY_OK);
    g_assert_cmpint(money.minor, ==, 1234);
    g_assert_cmpint(decimal_to_money(parsed("42"), SPAN("JPY"), &money), ==, MONEY_OK);
    g_assert_cmpint(money.minor, ==, 42);
    g_assert_cmpint(decimal_to_money(parsed("12.345"), SPAN("EUR"), &money), ==, MONEY_TOO_PRECISE);
    g_assert_cmpint(decimal_to_money(parsed("1"), SPAN("#cu"), &money), ==, MONEY_BAD_CURRENCY);
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/decimal/parse and format", test_parse_and_format);
    g_test_add_func("/decimal/refusals", test_refusals);
    g_test_add_func("/decimal/arithmetic", test_arithmetic);
    g_test_add_func("/decimal/to money", test_to_money);
    return g_test_run();
}
