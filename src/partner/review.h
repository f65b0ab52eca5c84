/* Reading the answer of the payment-request webhook (wire.md §3). */
#pragma once

#include "partner/partner_client.h"

/* NULL and `error`: BAD_INPUT names the member that cannot be used; DENIED carries the biller's words. */
BillerReview *review_read(const PartnerCall *call, json_t *answer, GError **error);
