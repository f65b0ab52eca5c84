/* The invoice that a mail's payment card pays, as the store keeps it. */
#pragma once

#include "store/store.h"
#include "trust/verdict.h"

/* [PAY-002] Finds the invoice of a card verdict by its identity, or makes it, and attaches the message as its newest
 * source. The message may be stored before or after, in the same unit. */
bool checkout_attach_invoice(StoreTx *tx, Id organization_id, Id message_id, const Verdict *verdict, Id *ret_invoice_id,
    GError **error);
