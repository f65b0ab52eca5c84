/* Exact decimals as integers of 10^-8. */
#include "base/decimal.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

enum { UNITS_PER_WHOLE = 100000000 };

/* Digits up to the first other byte. False where there are more than `maximum` that count: leading zeros before the point
 * and trailing ones after it do not. */
static size_t digits_length(Span text)
{
    size_t length = 0;
    while (length < text.length && g_ascii_isdigit(text.at[length]))
        length++;
    return length;
}

static Span without_leading_zeros(Span digits)
{
    while (digits.length > 0 && digits.at[0] == '0')
        digits = span_slice(digits, 1, digits.length);
    return digits;
}

static Span without_trailing_zeros(Span digits)
{
    while (digits.length > 0 && digits.at[digits.length - 1] == '0')
        digits.length--;
    return digits;
}

static DecimalUnits units_of(Span whole, Span fraction)
{
    DecimalUnits units = 0;
    for (size_t i = 0; i < whole.length; i++)
        units = units * 10 + (whole.at[i] - '0');
    for (size_t i = 0; i < DECIMAL_PLACES; i++)
        units = units * 10 + (i < fraction.length ? fraction.at[i] - '0' : 0);
    return units;
}

bool decimal_parse(Span text, Decimal *ret_decimal)
{
    bool negative = text.length > 0 && text.at[0] == '-', has_sign = negative || (text.length > 0 && text.at[0] == '+');
    Span rest = span_slice(text, has_sign ? 1 : 0, text.length);
    Span whole = span_slice(rest, 0, digits_length(rest));
    rest = span_slice(rest, whole.length, rest.length);
    bool has_point = rest.length > 0 && rest.at[0] == '.';
    rest = span_slice(rest, has_point ? 1 : 0, rest.length);
    Span fraction = span_slice(rest, 0, has_point ? digits_length(rest) : 0);
    if (fraction.length != rest.length || whole.length + fraction.length == 0)
        return false;
    whole = without_leading_zeros(whole);
    fraction = without_trailing_zeros(fraction);
    if (whole.length > DECIMAL_WHOLE_DIGITS_MAX || fraction.length > DECIMAL_PLACES)
        return false;
    DecimalUnits units = units_of(whole, fraction);
    *ret_decimal = (Decimal){ true, negative ? -units : units };
    return true;
}

void decimal_format(Decimal decimal, char text[DECIMAL_TEXT_MAX])
{
    g_assert(decimal.is_known);
    DecimalUnits size = decimal.units < 0 ? -decimal.units : decimal.units;
    int length = snprintf(text, DECIMAL_TEXT_MAX, "%s%llu.%08llu", decimal.units < 0 ? "-" : "",
        (unsigned long long)(size / UNITS_PER_WHOLE), (unsigned long long)(size % UNITS_PER_WHOLE));
    g_assert(length > 0 && length < DECIMAL_TEXT_MAX);
    enum { PLACES_SHOWN_MIN = 2 };
    for (int spare = DECIMAL_PLACES - PLACES_SHOWN_MIN; spare > 0 && text[length - 1] == '0'; spare--)
        text[--length] = '\0';
}

Decimal decimal_of(int whole)
{
    return (Decimal){ true, (DecimalUnits)whole * UNITS_PER_WHOLE };
}

Decimal decimal_add(Decimal left, Decimal right)
{
    bool known = left.is_known && right.is_known;
    return known ? (Decimal){ true, left.units + right.units } : DECIMAL_UNKNOWN;
}

Decimal decimal_subtract(Decimal left, Decimal right)
{
    return decimal_add(left, (Decimal){ right.is_known, -right.units });
}

Decimal decimal_percent_of(Decimal left, Decimal percent)
{
    const DecimalUnits bound = (DecimalUnits)1000000 * UNITS_PER_WHOLE, divisor = (DecimalUnits)100 * UNITS_PER_WHOLE;
    if (!left.is_known || !percent.is_known || percent.units >= bound || percent.units <= -bound)
        return DECIMAL_UNKNOWN;
    DecimalUnits product = left.units * percent.units, half = product < 0 ? -divisor / 2 : divisor / 2;
    return (Decimal){ true, (product + half) / divisor };
}

Decimal decimal_or_zero(Decimal decimal)
{
    return decimal.is_known ? decimal : decimal_of(0);
}

int decimal_compare(Decimal left, Decimal right)
{
    g_assert(left.is_known && right.is_known);
    return (left.units > right.units) - (left.units < right.units);
}

bool decimal_is_near(Decimal left, Decimal right, Decimal tolerance)
{
    Decimal difference = decimal_subtract(left, right);
    g_assert(difference.is_known && tolerance.is_known);
    return (difference.units < 0 ? -difference.units : difference.units) <= tolerance.units;
}

MoneyParse decimal_to_money(Decimal decimal, Span currency, Money *ret_money)
{
    char text[DECIMAL_TEXT_MAX];
    decimal_format(decimal, text);
    return money_parse(span_of(text), currency, ret_money);
}
