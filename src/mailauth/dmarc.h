/* DMARC (RFC 9989): where the policy stands, and which domains belong to the author's organization. */
#pragma once

#include "dmarc_record.h"

#include <libpsl.h>

typedef enum ma_alignment { MA_NOT_ALIGNED, MA_ALIGNED, MA_ALIGNMENT_UNKNOWN } ma_alignment;

/* What the walk up from one domain found. */
typedef struct ma_dmarc_walk {
    bool unknown;             /* a look-up gave no answer */
    const char *organization; /* the organizational domain; the domain itself where there is no record */
    const ma_dmarc_record *record; /* that applies, or NULL */
    const char *record_domain;
} ma_dmarc_walk;

/* Starts the look-ups of a walk, all at once. */
void ma_dmarc_start(ma_lookups *lookups, const char *domain);
/* RFC 9989 §4.10. A name that the Public Suffix List calls a suffix counts as one (psd=y) where its record
 * does not say: nobody's organization spans a suffix. */
ma_dmarc_walk ma_dmarc_walk_from(ma_lookups *lookups, const psl_ctx_t *suffixes, const char *domain);

/* Whether `domain` is aligned with the author's (RFC 9989 §4.4), whose walk is given. */
ma_alignment ma_dmarc_align(ma_lookups *lookups, const psl_ctx_t *suffixes, const char *author,
    const ma_dmarc_walk *walk, const char *domain, bool strict);

/* The policy that applies to the author's domain: "none", "quarantine", "reject", or "" without a record. */
const char *ma_dmarc_policy(ma_lookups *lookups, const char *author, const ma_dmarc_walk *walk);
