/* What a biller puts into its mails for machines (wire.md §1). */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "bill.h"
#include "book.h"

/* The ActionRequest for a bill. */
json_t *markup_action_request(const Bill *bill, const char *base_url);
/* The claims of a SignedActionRequest that carries it. */
json_t *markup_claims(const Bill *bill, const json_t *request, const char *sender, int64_t issued_s);
/* JWS compact of the claims by the biller's key; newly allocated. */
char *markup_sign(Book *book, const Bill *bill, const json_t *claims);
/* {"@type":"SignedActionRequest",…} around a JWS. */
json_t *markup_signed_request(const char *compact);
