/* [PAY-001] exact parsing and printing of money. */
#include "base/money.h"

#include <glib.h>

static const struct {
    const char *text, *currency;
    MoneyParse outcome;
    int64_t minor;
    const char *printed;
} cases[] = {
    { "1234.50", "PLN", MONEY_OK, 123450, "1234.50" },
    { "1234.5", "PLN", MONEY_OK, 123450, "1234.50" },
    { "0.07", "EUR", MONEY_OK, 7, "0.07" },
    { "-0.07", "EUR", MONEY_OK, -7, "-0.07" },
    { "42", "JPY", MONEY_OK, 42, "42" },
    { "42.00", "JPY", MONEY_OK, 42, "42" },
    { "1.234", "KWD", MONEY_OK, 1234, "1.234" },
    { "12.3400", "EUR", MONEY_OK, 1234, "12.34" },
    { "99999999999999.99", "EUR", MONEY_OK, 9999999999999999, "99999999999999.99" },
    { "12.345", "EUR", MONEY_TOO_PRECISE, 0, NULL },
    { "1.5", "JPY", MONEY_TOO_PRECISE, 0, NULL },
    { "", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "-", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "1.", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { ".5", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "+1", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "1e3", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "1 000", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "1,00", "EUR", MONEY_BAD_NUMBER, 0, NULL },
    { "1", "eur", MONEY_BAD_CURRENCY, 0, NULL },
    { "1", "XXX", MONEY_BAD_CURRENCY, 0, NULL },
    { "1", "", MONEY_BAD_CURRENCY, 0, NULL },
    { "10000000000000000000", "JPY", MONEY_TOO_LARGE, 0, NULL },
    { "99999999999999999.99", "EUR", MONEY_TOO_LARGE, 0, NULL },
};

static void test_parse_and_format(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Money money = { 0 };
        g_test_message("%s %s", cases[i].text, cases[i].currency);
        g_assert_cmpint(money_parse(span_of(cases[i].text), span_of(cases[i].currency), &money), ==, cases[i].outcome);
        if (cases[i].outcome != MONEY_OK)
            continue;
        g_assert_cmpint(money.minor, ==, cases[i].minor);
        char text[MONEY_TEXT_MAX];
        money_format_decimal(money, text);
        g_assert_cmpstr(text, ==, cases[i].printed);
    }
}

static void test_add(void)
{
    Money sum;
    g_assert_true(money_add((Money){ 1, "EUR" }, (Money){ 2, "EUR" }, &sum));
    g_assert_true(money_equal(sum, (Money){ 3, "EUR" }));
    g_assert_false(money_add((Money){ INT64_MAX, "EUR" }, (Money){ 1, "EUR" }, &sum));
}

static void test_two_currencies_abort(void)
{
    if (g_test_subprocess()) {
        Money sum;
        money_add((Money){ 1, "EUR" }, (Money){ 1, "PLN" }, &sum);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/money/parse-and-format", test_parse_and_format);
    g_test_add_func("/money/add", test_add);
    g_test_add_func("/money/two-currencies-abort", test_two_currencies_abort);
    return g_test_run();
}
