/* Prices as they are written in the wild (wire.md §7), to exact money [PAY-001]. */
#include "invoice/invoice.h"

#include <string.h>

#include "base/text.h"
#include "lenient.h"
#include "limits.h"

/* A sign narrows the currency down but never decides it; a sign that contradicts the currency is refused. */
static const struct {
    const char *sign;
    const char *currencies;
} signs[] = {
    { "$", "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP BRL NAD FJD BBD BSD BMD BND BZD JMD KYD LRD SRD TTD XCD" },
    { "US$", "USD" }, { "CA$", "CAD" }, { "C$", "CAD" }, { "A$", "AUD" }, { "AU$", "AUD" }, { "NZ$", "NZD" },
    { "HK$", "HKD" }, { "S$", "SGD" }, { "R$", "BRL" }, { "\xe2\x82\xac", "EUR" },
    { "\xc2\xa3", "GBP EGP GIP FKP SHP LBP SYP" }, { "\xc2\xa5", "JPY CNY" }, { "\xef\xbf\xa5", "JPY CNY" },
    { "z\xc5\x82", "PLN" }, { "K\xc4\x8d", "CZK" }, { "kr", "SEK DKK NOK ISK" }, { "kr.", "DKK ISK" }, { "Ft", "HUF" },
    { "\xe2\x82\xb9", "INR" }, { "\xe2\x82\xbd", "RUB" }, { "\xe2\x82\xba", "TRY" }, { "\xe2\x82\xb4", "UAH" },
    { "\xe2\x82\xa9", "KRW KPW" }, { "\xe2\x82\xaa", "ILS" }, { "\xe0\xb8\xbf", "THB" }, { "Fr.", "CHF" },
};

/* MONEY_OK where the text beside the digits is empty, the currency's own code or a sign that fits it. */
static MoneyParse judge_sign(const char *sign, const char *currency)
{
    if (sign[0] == '\0' || g_ascii_strcasecmp(sign, currency) == 0)
        return MONEY_OK;
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strcmp(signs[i].sign, sign) == 0)
            return strstr(signs[i].currencies, currency) != NULL ? MONEY_OK : MONEY_BAD_CURRENCY;
    return money_currency_exponent(span_of(sign)) >= 0 ? MONEY_BAD_CURRENCY : MONEY_BAD_NUMBER;
}

/* "$ 70.00" or "70.00 PLN": the decimal and what stands before or behind it, white space dropped. */
static bool split_price(const char *price, Span *ret_decimal, char **ret_sign)
{
    Span text = span_of(price);
    size_t start = strcspn(price, "-0123456789"), length = strspn(price + start, "-0123456789.");
    bool is_grouped = price[start + length] == ',' || price[start + length] == '\'';
    if (length == 0 || is_grouped)
        return false;
    g_autofree char *before = text_clean(span_slice(text, 0, start), INVOICE_TEXT_MAX);
    g_autofree char *after = text_clean(span_slice(text, start + length, text.length), INVOICE_TEXT_MAX);
    if (before[0] != '\0' && after[0] != '\0')
        return false;
    *ret_decimal = span_slice(text, start, start + length);
    *ret_sign = g_strdup(before[0] != '\0' ? before : after);
    return true;
}

MoneyParse invoice_read_price(const json_t *price, const char *currency, Money *ret_money)
{
    g_autofree char *code = g_ascii_strup(currency == NULL ? "" : currency, -1);
    if (money_currency_exponent(span_of(code)) < 0)
        return MONEY_BAD_CURRENCY;
    if (json_is_number(price)) {
        g_autofree char *number = lenient_number_text(price);
        return number == NULL ? MONEY_TOO_PRECISE : money_parse(span_of(number), span_of(code), ret_money);
    }
    g_autofree char *text = lenient_text(price, INVOICE_TEXT_MAX), *sign = NULL;
    Span decimal;
    if (text == NULL || !split_price(text, &decimal, &sign))
        return MONEY_BAD_NUMBER;
    MoneyParse fits = judge_sign(sign, code);
    return fits != MONEY_OK ? fits : money_parse(decimal, span_of(code), ret_money);
}
