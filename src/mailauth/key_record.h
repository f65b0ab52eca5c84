/* A published DKIM key (RFC 6376 §3.6.1, RFC 8463 §4.2), ready to verify with. */
#pragma once

#include "dkim_signature.h"

#include <stdatomic.h>

typedef struct ma_key_record {
    EVP_PKEY *key; /* NULL with trouble */
    _Atomic(EVP_PKEY_CTX *) ready; /* RSA: a context set up to verify, for whichever thread takes it first */
    ma_algorithm algorithm;
    unsigned bits;
    bool test_mode;       /* t=y */
    bool strict_identity; /* t=s */
    bool revoked;         /* p= is empty */
    bool other_hash;      /* h= leaves SHA-256 out */
    const char *trouble;
} ma_key_record;

/* Reads the text of one TXT record. Never NULL; free with ma_key_record_free. */
ma_key_record *ma_key_record_read(ma_span text);
void ma_key_record_free(ma_key_record *record);

/* Whether `signature` over `digest` was made with this key. */
bool ma_key_record_verifies(const ma_key_record *record, const uint8_t digest[MA_HASH_BYTES], ma_span signature);
