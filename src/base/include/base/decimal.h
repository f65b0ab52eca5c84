/* An exact decimal number without a currency: quantities, unit prices, rates, and the amounts that a document's own
 * arithmetic is checked with. What is paid is Money (base/money.h), never this. No floating point comes near it. */
#pragma once

#include <stdbool.h>

#include "base/money.h"
#include "base/span.h"

/* Digits kept after the point: unit prices in 3,899 sample invoices have at most 8. */
enum { DECIMAL_PLACES = 8, DECIMAL_WHOLE_DIGITS_MAX = 15, DECIMAL_TEXT_MAX = 32 };

__extension__ typedef __int128 DecimalUnits; /* 10^-8 each: 23 digits, so that a product with a rate still fits */

typedef struct Decimal {
    bool is_known;
    DecimalUnits units;
} Decimal;

#define DECIMAL_UNKNOWN ((Decimal){ 0 })

/* XML Schema's decimal: [+-]?digits(.digits)? with digits on at least one side. False on anything else, on more than
 * DECIMAL_WHOLE_DIGITS_MAX digits before the point or more than DECIMAL_PLACES after it (trailing zeros not counted). */
bool decimal_parse(Span text, Decimal *ret_decimal);
/* At least two places, more only where needed: "1785.00", "0.125". The number must be known. */
void decimal_format(Decimal decimal, char text[DECIMAL_TEXT_MAX]);

Decimal decimal_of(int whole);
/* The sum or difference; unknown where either is. Sums of a thousand parsed numbers can be printed. */
Decimal decimal_add(Decimal left, Decimal right);
Decimal decimal_subtract(Decimal left, Decimal right);
/* left × percent / 100, rounded half away from zero at DECIMAL_PLACES; unknown where either is, or where the percentage is
 * 10^6 or more. */
Decimal decimal_percent_of(Decimal left, Decimal percent);
/* A known number as itself, an unknown one as zero: for terms that a document may leave out. */
Decimal decimal_or_zero(Decimal decimal);
/* -1, 0, 1; both must be known. */
int decimal_compare(Decimal left, Decimal right);
/* |left - right| ≤ tolerance; all known. */
bool decimal_is_near(Decimal left, Decimal right, Decimal tolerance);

/* As money_parse: exact, or the reason why not. The number must be known. */
MoneyParse decimal_to_money(Decimal decimal, Span currency, Money *ret_money);
