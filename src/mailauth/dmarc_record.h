/* One DMARC policy record (RFC 9989 §4.7). */
#pragma once

#include "lookups.h"

typedef enum ma_policy { MA_POLICY_NONE, MA_POLICY_QUARANTINE, MA_POLICY_REJECT } ma_policy;
typedef enum ma_psd { MA_PSD_UNKNOWN, MA_PSD_YES, MA_PSD_NO } ma_psd;

typedef struct ma_dmarc_record {
    ma_policy policy;            /* p= */
    ma_policy subdomain_policy;  /* sp=, else p= */
    ma_policy absent_policy;     /* np=, else sp=, else p=: for names that do not exist */
    bool strict_dkim, strict_spf;
    bool testing;                /* t=y */
    ma_psd psd;
} ma_dmarc_record;

/* false where the text is no DMARC record, or one that says nothing: no valid p= and no address for reports. */
bool ma_dmarc_record_read(ma_span text, ma_dmarc_record *ret_record);

/* The one record among an answer's (kept with it), or NULL where there is none or more than one. */
const ma_dmarc_record *ma_dmarc_record_of(ma_answer *answer);
