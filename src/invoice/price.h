/* Amounts as people write them. */
#pragma once

#include "invoice/invoice.h"

/* An amount in a text for people. Its currency is named in the text by code ("EUR 50.00"), or by a sign that one currency
 * alone has ("1 234,50 zł"); else `currency` names it (NULL: nothing does, MONEY_BAD_CURRENCY). Here "1.234" is refused,
 * since half of the world means a thousand by it. */
MoneyParse price_read_text(const char *text, const char *currency, Money *ret_money);

/* Keeps the text as written and adds the check that says why it is no amount (outcome is not MONEY_OK). */
void price_note_trouble(Invoice *invoice, MoneyParse outcome, const char *written);
