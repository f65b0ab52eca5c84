/* MessageCard and AdaptiveCard → Invoice: cards for people, in which only clear pairs of label and value are read. */
#pragma once

#include "invoice/invoice.h"

/* The invoice that a card speaks of; NULL where the object is no card, or one without an invoice number, an amount due and
 * a payment action. `signed_format` names the signed form that the card came in, or NULL. */
Invoice *card_read(const json_t *object, const char *signed_format);
