/* Money: an integer of minor units with its currency [PAY-001].
 *
 * No floating point comes near it. Two currencies never mix: adding them aborts.
 * Minor units per ISO 4217 (JPY 0, PLN 2, KWD 3).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

typedef struct Money {
    int64_t minor;    /* minor units: 12345 is 123.45 PLN */
    char currency[4]; /* ISO 4217, upper case, NUL-terminated; "" is "no money" */
} Money;

/* Longest text that money_format_decimal writes, with its NUL. */
enum { MONEY_TEXT_MAX = 32 };

typedef enum MoneyParse {
    MONEY_OK = 0,
    MONEY_BAD_CURRENCY, /* not an ISO 4217 code known here */
    MONEY_BAD_NUMBER,   /* not -?digits(.digits)? */
    MONEY_TOO_PRECISE,  /* more non-zero decimals than the currency has */
    MONEY_TOO_LARGE,    /* does not fit 18 digits */
} MoneyParse;

/* Number of decimals of the currency, or -1 where the code is unknown. */
int money_currency_exponent(Span currency);

/* W3C "valid decimal monetary value" -?digits(.digits)? [PAY-001], exact. Trailing zeros beyond the
 * currency's decimals are accepted, other digits there are MONEY_TOO_PRECISE. */
MoneyParse money_parse(Span decimal, Span currency, Money *ret_money);

/* A short reason in English for a log or a problem text. */
const char *money_parse_text(MoneyParse outcome);

/* "1234.50": as many decimals as the currency has, no grouping. */
void money_format_decimal(Money money, char text[MONEY_TEXT_MAX]);

bool money_is_none(Money money);
bool money_equal(Money left, Money right);
bool money_same_currency(Money left, Money right);
/* False on overflow; aborts when the currencies differ (a bug, never data). */
bool money_add(Money left, Money right, Money *ret_sum);
