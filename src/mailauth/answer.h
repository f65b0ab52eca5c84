/* One DNS answer, kept: counted references, never changed once made, shared by the cache and by checks in
 * several threads. What was read from it (a key, an SPF or DMARC record) is kept with it. */
#pragma once

#include "arena.h"
#include "mailauth.h"

#include <stdatomic.h>

/* The things that are read from a TXT answer. */
typedef enum ma_parsed_kind { MA_PARSED_KEY, MA_PARSED_SPF, MA_PARSED_DMARC, MA_PARSED_KINDS } ma_parsed_kind;

typedef struct ma_parsed {
    void (*free)(struct ma_parsed *parsed); /* of the thing that begins with this */
} ma_parsed;

typedef struct ma_answer {
    atomic_uint references;
    mailauth_rcode rcode;
    mailauth_dnssec dnssec;
    uint32_t ttl;
    ma_span *records; /* TXT: its strings joined (RFC 6376 §3.6.2.2, RFC 7208 §3.3); else as on the wire */
    size_t record_count;
    _Atomic(ma_parsed *) parsed[MA_PARSED_KINDS];
    char bytes[];
} ma_answer;

/* A copy. An answer beyond the limits, or a TXT whose strings do not add up, becomes SERVFAIL. */
ma_answer *ma_answer_new(const mailauth_answer *answer, uint16_t type);
ma_answer *ma_answer_failure(mailauth_rcode rcode);
ma_answer *ma_answer_hold(ma_answer *answer);
void ma_answer_release(ma_answer *answer);

/* Timeout, SERVFAIL or bogus: nothing is known (temperror). */
bool ma_answer_is_unknown(const ma_answer *answer);
/* Why, in words. */
const char *ma_answer_trouble(const ma_answer *answer);

/* Keeps `parsed` with the answer, or frees it where another thread was faster. Returns the one kept. */
ma_parsed *ma_answer_keep(ma_answer *answer, ma_parsed_kind kind, ma_parsed *parsed);
ma_parsed *ma_answer_kept(const ma_answer *answer, ma_parsed_kind kind);

/* The records in text form, one per line; NULL where there are none. */
char *ma_answer_text(ma_arena *arena, const ma_answer *answer, uint16_t type);
