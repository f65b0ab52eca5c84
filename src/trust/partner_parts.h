/* What partner.c and partner_json.c share. */
#pragma once

#include "trust/partner.h"

/* All lists empty, state pending. */
Partner *partner_new(void);
void merchant_free(Merchant *merchant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Merchant, merchant_free)
