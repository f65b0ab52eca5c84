/* Money: exact decimal text to minor units and back [PAY-001]. */
#include "base/money.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* ISO 4217 currencies in circulation whose exponent is not 2. */
static const struct {
    char code[4];
    int exponent;
} unusual_exponents[] = {
    { "BHD", 3 }, { "BIF", 0 }, { "CLF", 4 }, { "CLP", 0 }, { "DJF", 0 }, { "GNF", 0 }, { "IQD", 3 }, { "ISK", 0 },
    { "JOD", 3 }, { "JPY", 0 }, { "KMF", 0 }, { "KRW", 0 }, { "KWD", 3 }, { "LYD", 3 }, { "OMR", 3 }, { "PYG", 0 },
    { "RWF", 0 }, { "TND", 3 }, { "UGX", 0 }, { "UYI", 0 }, { "UYW", 4 }, { "VND", 0 }, { "VUV", 0 }, { "XAF", 0 },
    { "XOF", 0 }, { "XPF", 0 },
};

/* ISO 4217 currencies with two decimals, in alphabetical order. */
static const char two_decimals[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG ";

int money_currency_exponent(Span currency)
{
    if (currency.length != 3 || !g_ascii_isupper(currency.at[0]) || !g_ascii_isupper(currency.at[1])
        || !g_ascii_isupper(currency.at[2]))
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(unusual_exponents); i++)
        if (memcmp(unusual_exponents[i].code, currency.at, 3) == 0)
            return unusual_exponents[i].exponent;
    const char code[] = { currency.at[0], currency.at[1], currency.at[2], ' ', '\0' };
    return strstr(two_decimals, code) != NULL ? 2 : -1;
}

enum { MONEY_DIGITS_MAX = 18 }; /* 10^18 fits an int64_t */

/* Appends one digit to the value while it stays within MONEY_DIGITS_MAX digits. */
static bool push_digit(int64_t *value, char digit)
{
    if (*value >= INT64_C(100000000000000000))
        return false;
    *value = *value * 10 + (digit - '0');
    return true;
}

MoneyParse money_parse(Span decimal, Span currency, Money *ret_money)
{
    int exponent = money_currency_exponent(currency);
    if (exponent < 0)
        return MONEY_BAD_CURRENCY;
    bool negative = decimal.length > 0 && decimal.at[0] == '-';
    size_t i = negative ? 1 : 0;
    size_t whole_start = i;
    int64_t value = 0;
    for (; i < decimal.length && g_ascii_isdigit(decimal.at[i]); i++)
        if (!push_digit(&value, decimal.at[i]))
            return MONEY_TOO_LARGE;
    if (i == whole_start)
        return MONEY_BAD_NUMBER;
    int decimals = 0;
    if (i < decimal.length && decimal.at[i] == '.') {
        size_t fraction_start = ++i;
        for (; i < decimal.length && g_ascii_isdigit(decimal.at[i]); i++) {
            if (decimals < exponent) {
                if (!push_digit(&value, decimal.at[i]))
                    return MONEY_TOO_LARGE;
                decimals++;
            } else if (decimal.at[i] != '0') {
                return MONEY_TOO_PRECISE;
            }
        }
        if (i == fraction_start)
            return MONEY_BAD_NUMBER;
    }
    if (i != decimal.length)
        return MONEY_BAD_NUMBER;
    for (; decimals < exponent; decimals++)
        if (!push_digit(&value, '0'))
            return MONEY_TOO_LARGE;
    *ret_money = (Money){ .minor = negative ? -value : value };
    memcpy(ret_money->currency, currency.at, 3);
    return MONEY_OK;
}

const char *money_parse_text(MoneyParse outcome)
{
    switch (outcome) {
    case MONEY_OK: return "ok";
    case MONEY_BAD_CURRENCY: return "the currency is not an ISO 4217 code";
    case MONEY_BAD_NUMBER: return "the amount is not a decimal number";
    case MONEY_TOO_PRECISE: return "the amount has more decimals than its currency";
    case MONEY_TOO_LARGE: return "the amount is too large";
    }
    g_assert_not_reached();
}

void money_format_decimal(Money money, char text[MONEY_TEXT_MAX])
{
    int exponent = money_currency_exponent(span_of(money.currency));
    g_assert(exponent >= 0);
    char digits[MONEY_TEXT_MAX];
    uint64_t size = money.minor < 0 ? -(uint64_t)money.minor : (uint64_t)money.minor;
    /* At least one digit before the point: 7 minor units of EUR are "007". */
    int length = snprintf(digits, sizeof digits, "%0*" G_GUINT64_FORMAT, MIN(exponent, 4) + 1, size);
    char *out = text;
    if (money.minor < 0)
        *out++ = '-';
    int whole = length - exponent;
    memcpy(out, digits, (size_t)whole);
    out += whole;
    if (exponent > 0) {
        *out++ = '.';
        memcpy(out, digits + whole, (size_t)exponent);
        out += exponent;
    }
    *out = '\0';
}

bool money_is_none(Money money)
{
    return money.currency[0] == '\0';
}

bool money_same_currency(Money left, Money right)
{
    return strcmp(left.currency, right.currency) == 0;
}

bool money_equal(Money left, Money right)
{
    return left.minor == right.minor && money_same_currency(left, right);
}

bool money_add(Money left, Money right, Money *ret_sum)
{
    g_assert(money_same_currency(left, right));
    Money sum = left;
    if (__builtin_add_overflow(left.minor, right.minor, &sum.minor))
        return false;
    *ret_sum = sum;
    return true;
}
