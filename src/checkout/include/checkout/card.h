/* May this mail show a payment card, and which invoice row does the card pay? */
#pragma once

#include "jail/jail.h"
#include "store/store.h"
#include "trust/verdict.h"

/* trust_judge over what was found out about a mail: the archived authentication and the extraction. The verdict borrows from
 * extraction and registry. NULL and `error` (IO) where the authentication is not of its form. */
Verdict *checkout_judge(const json_t *authentication, const Extraction *extraction, const char *recipient,
    int64_t received_us, const Registry *registry, const PolicySettings *policy, GError **error);

/* [PAY-002] Finds the invoice of a card verdict by its identity, or makes it, and attaches the message as its newest
 * source. The message may be stored before or after, in the same unit. */
bool checkout_attach_invoice(StoreTx *tx, Id organization_id, Id message_id, const Verdict *verdict, Id *ret_invoice_id,
    GError **error);
