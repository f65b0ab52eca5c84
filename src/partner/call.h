/* One webhook call with our headers and this partner's limits. */
#pragma once

#include "partner/partner_client.h"
#include "pay/webcall.h"

/* METHOD of wire.md §3, newly allocated. */
char *call_method(const PartnerCall *call);

typedef enum CallKind { CALL_PAYMENT_REQUEST, CALL_PAYMENT_COMPLETE, CALL_DOCUMENT } CallKind;

/* Posts `body` where it is not NULL, else gets. WEB_NOT_SENT with a trouble where no token can be signed. */
WebOutcome call_biller(const PartnerCall *call, CallKind kind, const char *url, const json_t *body, WebAnswer *ret_answer);
/* The words of an answer that is no JSON ("Bad Request"), clean and bounded; NULL where there are none. */
char *call_plain_words(const WebAnswer *answer);
