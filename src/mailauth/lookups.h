/* The DNS look-ups of one check: each name and type is asked once; those that are known to be needed are
 * started together; the answers are the evidence of the report. */
#pragma once

#include "cache.h"

typedef struct ma_lookups ma_lookups;

ma_lookups *ma_lookups_new(mailauth_resolver *resolver, ma_cache *cache, int64_t timeout_us);
/* Waits for what is still open and lets go of all answers. */
void ma_lookups_free(ma_lookups *lookups);

/* Starts one and does not wait. `name` as of ma_domain_read, or any other name without a final dot. */
void ma_lookups_start(ma_lookups *lookups, const char *name, uint16_t type);
/* The answer, waited for; started first where it was not. Never NULL, valid as long as `lookups`. */
ma_answer *ma_lookups_get(ma_lookups *lookups, const char *name, uint16_t type);

/* Waits for all, then writes the evidence into `arena`. */
mailauth_evidence *ma_lookups_evidence(ma_lookups *lookups, ma_arena *arena, size_t *ret_count);
