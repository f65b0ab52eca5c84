/* What a DKIM-Signature field says (RFC 6376 §3.5), and an ARC-Message-Signature with it (RFC 8617 §4.1.2). */
#pragma once

#include "canonical.h"
#include "taglist.h"

typedef enum ma_algorithm { MA_RSA_SHA256, MA_ED25519_SHA256 } ma_algorithm;

typedef enum ma_signature_kind { MA_DKIM_SIGNATURE, MA_ARC_MESSAGE_SIGNATURE, MA_ARC_SEAL } ma_signature_kind;

typedef struct ma_signature {
    ma_signature_kind kind;
    const ma_field *field;
    char *domain, *selector, *identity, *algorithm_name; /* NULL as long as they were not read */
    char *identity_domain;
    ma_algorithm algorithm;
    ma_canonical header_form, body_form;
    ma_span *signed_names; /* h=, without the white space around each; an ARC signature may hold empty ones */
    size_t signed_count;
    ma_span bytes;        /* b= decoded */
    ma_span area;         /* of b=, cut out when the header is hashed */
    ma_span body_hash;    /* bh= decoded */
    bool has_length;
    uint64_t length;          /* l= */
    uint64_t signed_at, expires; /* t= and x=; 0 where absent */
    unsigned instance;        /* i= of an ARC field */
    const char *trouble;      /* why it is not a signature that can be checked; or NULL */
} ma_signature;

ma_signature ma_signature_read(ma_arena *arena, const ma_field *field);
ma_signature ma_signature_read_arc(ma_arena *arena, const ma_field *field);

/* An ARC-Seal (RFC 8617 §4.1.3): no bh=, no h=. *ret_chain is cv=. */
ma_signature ma_signature_read_seal(ma_arena *arena, const ma_field *field, ma_span *ret_chain);

/* The name of the TXT record with its key. */
char *ma_signature_key_name(ma_arena *arena, const ma_signature *signature);
/* How often `name` stands in h=. */
size_t ma_signature_covers(const ma_signature *signature, ma_span name);
