/* Objects that carry a JWS: its payload is read, its signature is not judged here (room trust holds the keys). */
#pragma once

#include "invoice/invoice.h"

/* What cannot be read still becomes an invoice with its reason, so that the reader is told. */
Invoice *signed_unreadable_invoice(InvoiceSource source, const char *format, const char *rule, const GError *trouble);

/* One object of @type SignedActionRequest. Never NULL. */
Invoice *signed_read_request(const json_t *object);

/* One object of @type SignedAdaptiveCard or SignedMessageCard, held as unproved; NULL where it is neither, or its card
 * speaks of no invoice. */
Invoice *signed_read_card(const json_t *object);
