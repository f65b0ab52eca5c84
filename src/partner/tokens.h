/* The two tokens that Saldo sends (wire.md §5, §6). */
#pragma once

#include "partner/partner_client.h"

/* "Authorization: Bearer <JWT>"; NULL and `error` where no key signs. Newly allocated. */
char *token_bearer_header(const PartnerCall *call, GError **error);
/* The payment token: the processor's token in a signed envelope that names amount, merchant and request. */
char *token_payment(const PartnerCall *call, const CompleteRequest *request, GError **error);
/* {"currency","value"}, the strict form. */
json_t *token_wire_amount(Money amount);
