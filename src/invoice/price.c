/* Prices as they are written in the wild (wire.md §7), to exact money [PAY-001]. A text that two readers could take for two
 * amounts is refused. */
#include "price.h"

#include <string.h>

#include "base/text.h"
#include "lenient.h"
#include "limits.h"

/* ---- Signs -------------------------------------------------------------------------------------------------- */

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

/* The currencies that the sign may mean, or NULL. */
static const char *currencies_of(const char *sign)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strcmp(signs[i].sign, sign) == 0)
            return signs[i].currencies;
    return NULL;
}

/* MONEY_OK where the text beside the digits is empty, the currency's own code or a sign that fits it. */
static MoneyParse judge_sign(const char *sign, const char *currency)
{
    if (sign[0] == '\0' || g_ascii_strcasecmp(sign, currency) == 0)
        return MONEY_OK;
    const char *currencies = currencies_of(sign);
    if (currencies != NULL)
        return strstr(currencies, currency) != NULL ? MONEY_OK : MONEY_BAD_CURRENCY;
    return money_currency_exponent(span_of(sign)) >= 0 ? MONEY_BAD_CURRENCY : MONEY_BAD_NUMBER;
}

/* ---- Parts of a price --------------------------------------------------------------------------------------- */

typedef struct Price {
    char *before, *number, *after; /* "$", "70.00", ""; white space around them dropped */
} Price;

static void price_done(Price *price)
{
    g_free(price->before);
    g_free(price->number);
    g_free(price->after);
}
#define PRICE_AUTO __attribute__((cleanup(price_done))) Price

/* Every kind of space as the plain one: narrow ones part groups of digits. */
static char *plain_spaces(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(plain, g_unichar_isspace(c) ? ' ' : c);
    }
    return g_string_free(plain, FALSE);
}

/* Digits with what parts them; a space only where digits stand on both sides. */
static size_t number_length(const char *text)
{
    size_t length = text[0] == '-' ? 1 : 0;
    while (g_ascii_isdigit(text[length]) || (text[length] != '\0' && strchr(".,'", text[length]) != NULL)
        || (text[length] == ' ' && length > 0 && g_ascii_isdigit(text[length - 1]) && g_ascii_isdigit(text[length + 1])))
        length++;
    return length;
}

/* False where there is no digit. `text` is valid UTF-8. */
static bool split_price(const char *text, Price *ret_price)
{
    g_autofree char *plain = plain_spaces(text);
    size_t start = strcspn(plain, "-0123456789"), length = number_length(plain + start);
    if (length == 0)
        return false;
    Span whole = span_of(plain);
    ret_price->before = text_clean(span_slice(whole, 0, start), INVOICE_TEXT_MAX);
    ret_price->number = g_strndup(plain + start, length);
    ret_price->after = text_clean(span_slice(whole, start + length, whole.length), INVOICE_TEXT_MAX);
    return true;
}

/* ---- Digits ------------------------------------------------------------------------------------------------- */

static unsigned count_of(const char *text, const char *characters)
{
    unsigned count = 0;
    for (; *text != '\0'; text++)
        count += strchr(characters, *text) != NULL;
    return count;
}

/* Where the decimals start (the place of their separator), or the number's length where it has none. False where the
 * separators can be read in two ways: "1,234" is a thousand here and one there. */
static bool find_decimals(const char *digits, int exponent, size_t *ret_place)
{
    size_t length = strlen(digits);
    const char *point = strrchr(digits, '.'), *comma = strrchr(digits, ',');
    unsigned points = count_of(digits, "."), commas = count_of(digits, ","), others = count_of(digits, " '");
    *ret_place = length;
    if (points > 0 && commas > 0) {
        const char *last = MAX(point, comma);
        *ret_place = (size_t)(last - digits);
        return others == 0 && (last == point ? points : commas) == 1;
    }
    if (points + commas == 0 || (points + commas > 1 && others == 0))
        return true; /* only groups */
    *ret_place = (size_t)(MAX(point, comma) - digits);
    if (points == 1 || others > 0)
        return points + commas == 1;
    size_t decimals = length - *ret_place - 1;
    if (exponent == 0 && decimals == 3)
        *ret_place = length; /* what has no decimals is parted in groups */
    return exponent == 0 ? decimals == 3 : exponent != 3 && decimals == (size_t)exponent;
}

/* "1 234" → "1234": the first group of 1 to 3 digits, the others of 3, all parted by one and the same character. Digits
 * without a separator pass. */
static bool join_groups(Span whole, GString *joined)
{
    size_t first = 0;
    while (first < whole.length && g_ascii_isdigit(whole.at[first]))
        first++;
    g_string_append_len(joined, whole.at, (gssize)first);
    bool good = first == whole.length || (first >= 1 && first <= 3 && (whole.length - first) % 4 == 0);
    for (size_t i = first; good && i < whole.length; i++) {
        bool is_separator = (i - first) % 4 == 0;
        good = is_separator ? whole.at[i] == whole.at[first] : g_ascii_isdigit(whole.at[i]);
        if (!is_separator)
            g_string_append_c(joined, whole.at[i]);
    }
    return good;
}

/* The number as -?digits(.digits)?, or NULL. */
static char *plain_decimal(const char *number, int exponent)
{
    bool negative = number[0] == '-';
    const char *digits = number + negative;
    size_t place;
    GString *plain = g_string_new(negative ? "-" : "");
    bool good = find_decimals(digits, exponent, &place) && join_groups((Span){ digits, place }, plain);
    if (good && digits[place] != '\0')
        g_string_append_printf(plain, ".%s", digits + place + 1);
    return g_string_free(plain, !good);
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static MoneyParse read_in(const Price *price, const char *code, Money *ret_money)
{
    bool two_signs = price->before[0] != '\0' && price->after[0] != '\0' && g_ascii_strcasecmp(price->before, code) != 0
        && g_ascii_strcasecmp(price->after, code) != 0;
    if (two_signs)
        return MONEY_BAD_NUMBER;
    MoneyParse before = judge_sign(price->before, code), after = judge_sign(price->after, code);
    if (before != MONEY_OK || after != MONEY_OK)
        return before != MONEY_OK ? before : after;
    g_autofree char *decimal = plain_decimal(price->number, money_currency_exponent(span_of(code)));
    return decimal == NULL ? MONEY_BAD_NUMBER : money_parse(span_of(decimal), span_of(code), ret_money);
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
    g_autofree char *text = lenient_text(price, INVOICE_TEXT_MAX);
    PRICE_AUTO parts = { 0 };
    if (text == NULL || !split_price(text, &parts))
        return MONEY_BAD_NUMBER;
    return read_in(&parts, code, ret_money);
}

/* The code that the text beside the digits names, or NULL. Newly allocated. */
static char *named_currency(const char *sign)
{
    g_autofree char *code = g_ascii_strup(sign, -1);
    if (money_currency_exponent(span_of(code)) >= 0)
        return g_steal_pointer(&code);
    const char *currencies = currencies_of(sign);
    return currencies != NULL && strlen(currencies) == 3 ? g_strdup(currencies) : NULL;
}

MoneyParse price_read_text(const char *text, const char *currency, Money *ret_money)
{
    PRICE_AUTO parts = { 0 };
    if (!split_price(text, &parts))
        return MONEY_BAD_NUMBER;
    const char *point = strchr(parts.number, '.');
    if (point != NULL && strlen(point) == 4 && count_of(parts.number, ".,' ") == 1)
        return MONEY_BAD_NUMBER;
    g_autofree char *before = named_currency(parts.before), *after = named_currency(parts.after);
    const char *code = before != NULL ? before : after != NULL ? after : currency;
    if (code != NULL && money_currency_exponent(span_of(code)) >= 0)
        return read_in(&parts, code, ret_money);
    /* "70.00 in two parts" is no amount; "$70.00" is one, of a currency that nobody names. */
    bool is_amount = judge_sign(parts.before, "") != MONEY_BAD_NUMBER && judge_sign(parts.after, "") != MONEY_BAD_NUMBER;
    return is_amount ? MONEY_BAD_CURRENCY : MONEY_BAD_NUMBER;
}

void price_note_trouble(Invoice *invoice, MoneyParse outcome, const char *written)
{
    g_free(invoice->currency_text);
    invoice->currency_text = text_clean(span_of(written), INVOICE_QUOTE_MAX);
    g_autofree char *text = outcome == MONEY_BAD_CURRENCY
        ? g_strdup_printf("The currency of the amount \"%s\" is uncertain: a sign alone does not name one currency.",
            invoice->currency_text)
        : g_strdup_printf("The amount \"%s\" cannot be read exactly [PAY-001]: %s.", invoice->currency_text,
            money_parse_text(outcome));
    invoice_add_check(invoice, outcome == MONEY_BAD_CURRENCY ? "currency" : "PAY-001", INVOICE_HOLD, text);
}
