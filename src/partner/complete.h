/* Reading the answer of the payment-complete webhook (wire.md §4). */
#pragma once

#include "partner/partner_client.h"
#include "pay/webcall.h"

/* `answer` starts empty. */
CompleteOutcome complete_read(const PartnerCall *call, const WebAnswer *web, const char *request_id, CompleteAnswer *answer);
