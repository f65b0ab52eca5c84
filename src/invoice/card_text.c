/* Labels, dates and words of cards. */
#include "card_text.h"

#include <string.h>

#include "base/text.h"
#include "limits.h"
#include "price.h"

/* ---- Labels --------------------------------------------------------------------------------------------------- */

/* In lower case. Words that may name two things are left out: "due" (a date, an amount), "amount" (of a line), "kwota",
 * "outstanding balance" (of all invoices together). */
static const struct {
    CardField field;
    const char *label;
} labels[] = {
    { CARD_NUMBER, "invoice number" }, { CARD_NUMBER, "invoice no" }, { CARD_NUMBER, "invoice nr" },
    { CARD_NUMBER, "invoice id" }, { CARD_NUMBER, "invoice" }, { CARD_NUMBER, "bill number" }, { CARD_NUMBER, "bill no" },
    { CARD_NUMBER, "nr faktury" }, { CARD_NUMBER, "numer faktury" }, { CARD_NUMBER, "nr faktury vat" },
    { CARD_NUMBER, "numer faktury vat" }, { CARD_NUMBER, "faktura" }, { CARD_NUMBER, "faktura nr" },
    { CARD_NUMBER, "faktura vat" }, { CARD_NUMBER, "faktura vat nr" }, { CARD_NUMBER, "faktura numer" },
    { CARD_AMOUNT_DUE, "amount due" }, { CARD_AMOUNT_DUE, "balance due" }, { CARD_AMOUNT_DUE, "total due" },
    { CARD_AMOUNT_DUE, "total amount due" }, { CARD_AMOUNT_DUE, "invoice amount due" }, { CARD_AMOUNT_DUE, "amount payable" },
    { CARD_AMOUNT_DUE, "amount to pay" }, { CARD_AMOUNT_DUE, "total to pay" }, { CARD_AMOUNT_DUE, "to pay" },
    { CARD_AMOUNT_DUE, "do zapłaty" }, { CARD_AMOUNT_DUE, "kwota do zapłaty" }, { CARD_AMOUNT_DUE, "razem do zapłaty" },
    { CARD_AMOUNT_DUE, "pozostało do zapłaty" }, { CARD_AMOUNT_DUE, "suma do zapłaty" },
    { CARD_TOTAL, "total" }, { CARD_TOTAL, "total amount" }, { CARD_TOTAL, "invoice total" }, { CARD_TOTAL, "grand total" },
    { CARD_TOTAL, "invoice amount" }, { CARD_TOTAL, "razem" }, { CARD_TOTAL, "razem brutto" }, { CARD_TOTAL, "suma" },
    { CARD_TOTAL, "kwota brutto" }, { CARD_TOTAL, "wartość brutto" }, { CARD_TOTAL, "kwota faktury" },
    { CARD_DUE_DATE, "due date" }, { CARD_DUE_DATE, "payment due date" }, { CARD_DUE_DATE, "invoice due date" },
    { CARD_DUE_DATE, "due by" }, { CARD_DUE_DATE, "due on" }, { CARD_DUE_DATE, "pay by" },
    { CARD_DUE_DATE, "termin płatności" }, { CARD_DUE_DATE, "termin zapłaty" },
    { CARD_DUE_DATE, "płatne do" }, { CARD_DUE_DATE, "zapłać do" },
    { CARD_ISSUE_DATE, "invoice date" }, { CARD_ISSUE_DATE, "issue date" }, { CARD_ISSUE_DATE, "date of issue" },
    { CARD_ISSUE_DATE, "data wystawienia" }, { CARD_ISSUE_DATE, "data faktury" },
    { CARD_SELLER, "seller" }, { CARD_SELLER, "supplier" }, { CARD_SELLER, "vendor" }, { CARD_SELLER, "merchant" },
    { CARD_SELLER, "biller" }, { CARD_SELLER, "sprzedawca" }, { CARD_SELLER, "wystawca" }, { CARD_SELLER, "dostawca" },
    { CARD_CURRENCY, "currency" }, { CARD_CURRENCY, "waluta" },
    { CARD_STATUS, "status" }, { CARD_STATUS, "payment status" }, { CARD_STATUS, "invoice status" },
    { CARD_STATUS, "status płatności" }, { CARD_STATUS, "status faktury" },
};

const char *card_field_name(CardField field)
{
    static const char *const names[CARD_FIELDS] = {
        [CARD_NUMBER] = "invoice number", [CARD_AMOUNT_DUE] = "amount due", [CARD_TOTAL] = "total",
        [CARD_DUE_DATE] = "due date", [CARD_ISSUE_DATE] = "issue date", [CARD_SELLER] = "seller", [CARD_CURRENCY] = "currency",
        [CARD_STATUS] = "status",
    };
    g_assert(field < CARD_FIELDS);
    return names[field];
}

/* Lower case, composed, one space between words, none of the marks around it. Newly allocated. */
static char *fold(const char *text, const char *marks)
{
    g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *lower = composed == NULL ? g_strdup("") : g_utf8_strdown(composed, -1);
    size_t start = strspn(lower, marks), end = strlen(lower);
    while (end > start && strchr(marks, lower[end - 1]) != NULL)
        end--;
    return g_strndup(lower + start, end - start);
}

char *card_plain_text(const char *text, size_t length)
{
    g_autofree char *clean = text_clean((Span){ text, length }, INVOICE_TEXT_MAX);
    size_t start = strspn(clean, " *_"), end = strlen(clean);
    while (end > start && strchr(" *_", clean[end - 1]) != NULL)
        end--;
    clean[end] = '\0';
    char *link = strstr(clean + start, "](");
    bool is_link = clean[start] == '[' && link != NULL && clean[end - 1] == ')';
    return is_link ? g_strndup(clean + start + 1, (size_t)(link - clean) - start - 1) : g_strdup(clean + start);
}

CardField card_label_field(const char *label)
{
    g_autofree char *folded = fold(label, " *_:.#");
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        if (strcmp(labels[i].label, folded) == 0)
            return labels[i].field;
    return CARD_NO_FIELD;
}

/* ---- Dates ---------------------------------------------------------------------------------------------------- */

/* Each twelve names after one another; a name may be cut to its first three letters where it is English. */
static const char *const months[] = {
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września",
    "października", "listopada", "grudnia",
};

/* 1 to 12, or 0. */
static unsigned month_of(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(months); i++)
        if (strcmp(word, months[i]) == 0 || (i < 12 && strlen(word) == 3 && strncmp(word, months[i], 3) == 0))
            return i % 12 + 1;
    return 0;
}

/* 0 where the word is not a number of at most `digits` digits. */
static unsigned number_of(const char *word, size_t digits)
{
    uint64_t number;
    return strlen(word) <= digits && span_to_uint64(span_of(word), &number) ? (unsigned)number : 0;
}

static bool make_date(unsigned year, unsigned month, unsigned day, char ret_date[DATE_TEXT_MAX])
{
    char text[3 * 11 + 3];
    int64_t time_us;
    g_snprintf(text, sizeof text, "%04u-%02u-%02u", year, month, day);
    if (year < 1000 || strlen(text) != DATE_TEXT_MAX - 1 || !time_parse_date(span_of(text), &time_us))
        return false;
    memcpy(ret_date, text, DATE_TEXT_MAX);
    return true;
}

/* "2026-02-15" with whatever time of day behind it. */
static bool read_iso_date(const char *text, char ret_date[DATE_TEXT_MAX])
{
    int64_t time_us;
    if (!time_parse_date(span_of(text), &time_us))
        return false;
    memcpy(ret_date, text, DATE_TEXT_MAX - 1);
    ret_date[DATE_TEXT_MAX - 1] = '\0';
    return true;
}

bool card_read_date(const char *text, char ret_date[DATE_TEXT_MAX])
{
    static const char template[] = "{{date("; /* what an AdaptiveCard leaves to the reader's language */
    g_autofree char *folded = fold(text, " ");
    if (strncmp(folded, template, strlen(template)) == 0)
        return read_iso_date(folded + strlen(template), ret_date);
    if (read_iso_date(folded, ret_date))
        return true;
    bool has_dots = strchr(folded, '.') != NULL;
    g_auto(GStrv) words = g_strsplit_set(folded, has_dots ? "." : " ", 4);
    if (g_strv_length(words) != 3)
        return false;
    if (has_dots) /* day first, wherever dots are used */
        return make_date(number_of(words[2], 4), number_of(words[1], 2), number_of(words[0], 2), ret_date);
    g_strdelimit(words[1], ",", ' ');
    g_strchomp(words[1]);
    unsigned month = month_of(words[1]);
    if (month != 0)
        return make_date(number_of(words[2], 4), month, number_of(words[0], 2), ret_date);
    return make_date(number_of(words[2], 4), month_of(words[0]), number_of(words[1], 2), ret_date);
}

/* ---- Numbers, states -------------------------------------------------------------------------------------------- */

static bool has_digit(const char *word)
{
    return strpbrk(word, "0123456789") != NULL;
}

static bool has_currency_sign(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_type(g_utf8_get_char(at)) == G_UNICODE_CURRENCY_SYMBOL)
            return true;
    return false;
}

bool card_is_number(const char *text)
{
    char date[DATE_TEXT_MAX];
    Money money;
    if (g_utf8_strlen(text, -1) > CARD_NUMBER_MAX || has_currency_sign(text) || card_read_date(text, date)
        || price_read_text(text, NULL, &money) == MONEY_OK)
        return false;
    unsigned with_digits = 0, without = 0;
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word != NULL; word++) {
        with_digits += has_digit(*word);
        without += !has_digit(*word);
    }
    return with_digits > 0 && without <= 1; /* "FV 12/2026", but no sentence */
}

InvoiceStatus card_read_status(const char *text)
{
    static const struct {
        const char *words;
        InvoiceStatus status;
    } states[] = {
        { "paid", INVOICE_STATUS_COMPLETE }, { "payment complete", INVOICE_STATUS_COMPLETE },
        { "opłacona", INVOICE_STATUS_COMPLETE }, { "opłacone", INVOICE_STATUS_COMPLETE },
        { "zapłacona", INVOICE_STATUS_COMPLETE }, { "zapłacono", INVOICE_STATUS_COMPLETE },
        { "unpaid", INVOICE_STATUS_DUE }, { "due", INVOICE_STATUS_DUE }, { "payment due", INVOICE_STATUS_DUE },
        { "nieopłacona", INVOICE_STATUS_DUE }, { "niezapłacona", INVOICE_STATUS_DUE },
        { "do zapłaty", INVOICE_STATUS_DUE }, { "overdue", INVOICE_STATUS_PAST_DUE },
        { "past due", INVOICE_STATUS_PAST_DUE }, { "po terminie", INVOICE_STATUS_PAST_DUE },
        { "przeterminowana", INVOICE_STATUS_PAST_DUE },
    };
    g_autofree char *folded = fold(text, " .!");
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        if (strcmp(states[i].words, folded) == 0)
            return states[i].status;
    return INVOICE_STATUS_UNSTATED;
}

/* ---- Values ----------------------------------------------------------------------------------------------------- */

bool card_value_fits(CardField field, const char *value)
{
    char date[DATE_TEXT_MAX];
    Money money;
    switch (field) {
    case CARD_NUMBER:
        return card_is_number(value);
    case CARD_AMOUNT_DUE:
    case CARD_TOTAL: {
        MoneyParse outcome = price_read_text(value, NULL, &money);
        return outcome == MONEY_OK || outcome == MONEY_BAD_CURRENCY;
    }
    case CARD_DUE_DATE:
    case CARD_ISSUE_DATE:
        return card_read_date(value, date);
    case CARD_CURRENCY:
        return money_currency_exponent(span_of(value)) >= 0;
    case CARD_STATUS:
        return card_read_status(value) != INVOICE_STATUS_UNSTATED;
    case CARD_SELLER: /* any text would fit */
    case CARD_NO_FIELD:
        return false;
    }
    g_assert_not_reached();
}

static bool same_amount(const char *left, const char *right)
{
    Money one, other;
    return price_read_text(left, NULL, &one) == MONEY_OK && price_read_text(right, NULL, &other) == MONEY_OK
        && money_equal(one, other);
}

static bool same_date(const char *left, const char *right)
{
    char one[DATE_TEXT_MAX], other[DATE_TEXT_MAX];
    return card_read_date(left, one) && card_read_date(right, other) && strcmp(one, other) == 0;
}

bool card_same_value(CardField field, const char *left, const char *right)
{
    g_autofree char *one = fold(left, " "), *other = fold(right, " ");
    if (strcmp(one, other) == 0)
        return true;
    if (field == CARD_AMOUNT_DUE || field == CARD_TOTAL)
        return same_amount(left, right);
    return (field == CARD_DUE_DATE || field == CARD_ISSUE_DATE) && same_date(left, right);
}
