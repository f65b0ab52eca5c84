/* Reading a biller's JSON answer as leniently as wire.md §7 asks: members in any case or with a stray colon
 * ("message:"), numbers where text is due. Nothing is guessed beyond that. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/money.h"

/* Its text, clean and bounded; numbers become text; NULL where there is none. Newly allocated. */
char *answer_text(const json_t *object, const char *key, size_t maximum);
bool answer_flag(const json_t *object, const char *key);
/* {"currency","value"}: false where it is no amount. */
bool answer_money(const json_t *amount, Money *ret_money);
