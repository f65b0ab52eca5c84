/* SPF: may this address send for this domain (RFC 7208 §4, check_host)? */
#pragma once

#include "lookups.h"

typedef struct ma_spf_request {
    const char *client_ip, *helo, *mail_from; /* as in mailauth_envelope */
    int64_t now;
} ma_spf_request;

typedef struct ma_spf_verdict {
    mailauth_result result;
    char *domain;      /* NULL where none was given */
    char *explanation; /* on fail, or NULL */
    char *reason;
} ma_spf_verdict;

/* The domain that will be judged, or NULL where there is none. */
char *ma_spf_domain(ma_arena *arena, const ma_spf_request *request);
ma_spf_verdict ma_spf_check(ma_arena *arena, ma_lookups *lookups, const ma_spf_request *request);
