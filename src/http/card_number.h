/* Finds a card number in a text that should hold none: a payer may type or paste it into the wrong field.
 *
 * Pure. What passes for a number is refused and nowhere kept, so that none ever lies in this server in clear.
 */
#pragma once

#include <stdbool.h>

/* True where the text (UTF-8) has a run of 12 to 19 digits, spaces and dashes between them ignored, whose check digit
 * fits (ISO/IEC 7812-1 annex B). Digits of any script count; a longer run is looked at group by group. */
bool card_number_stands_in(const char *text);
