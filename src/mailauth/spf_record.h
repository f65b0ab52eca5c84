/* An SPF record (RFC 7208 §4.6, §5, §6), read into its terms. */
#pragma once

#include "limits.h"
#include "lookups.h"

typedef enum ma_spf_kind {
    MA_SPF_ALL,
    MA_SPF_INCLUDE,
    MA_SPF_A,
    MA_SPF_MX,
    MA_SPF_PTR,
    MA_SPF_IP4,
    MA_SPF_IP6,
    MA_SPF_EXISTS,
} ma_spf_kind;

typedef struct ma_spf_term {
    ma_spf_kind kind;
    mailauth_result qualifier; /* pass, fail, softfail, neutral */
    ma_span domain;            /* the domain-spec with its macros; empty: the current domain */
    uint8_t address[16];
    uint8_t prefix4, prefix6;  /* bits that count; for ip6 prefix6 */
} ma_spf_term;

typedef struct ma_spf_record {
    ma_spf_term *terms;
    size_t count;
    ma_span redirect, explanation; /* domain-specs; empty where absent */
    const char *trouble;           /* the record is not valid (permerror); or NULL */
} ma_spf_record;

typedef struct ma_spf_found {
    size_t count;                /* of records that begin with v=spf1 */
    const ma_spf_record *record; /* the one, read; NULL unless count is 1 */
} ma_spf_found;

/* The records of an answer (kept with it, valid as long). */
ma_spf_found ma_spf_records_of(ma_answer *answer);

/* Exposed for fuzzing: reads one record, `text` beginning after "v=spf1". */
ma_spf_record ma_spf_record_read(ma_arena *arena, ma_span text);
