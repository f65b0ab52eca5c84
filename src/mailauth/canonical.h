/* Canonical forms of header fields and bodies (RFC 6376 §3.4), fed straight into a SHA-256. */
#pragma once

#include "message.h"

#include <openssl/evp.h>

typedef enum ma_canonical { MA_SIMPLE, MA_RELAXED } ma_canonical;

enum { MA_HASH_BYTES = 32 };

/* SHA-256 that collects small pieces before it hands them on. */
typedef struct ma_hash {
    EVP_MD_CTX *context;
    uint64_t total; /* bytes taken so far */
    uint64_t limit; /* bytes beyond it are left out (l=) but counted */
    size_t waiting;
    char buffer[1024];
} ma_hash;

void ma_hash_init(ma_hash *hash, uint64_t limit);
void ma_hash_add(ma_hash *hash, ma_span bytes);
/* Ends it and frees what it holds. */
void ma_hash_done(ma_hash *hash, uint8_t ret_digest[MA_HASH_BYTES]);

/* One header field. `cut` is a part of the field's value that counts as empty (b=), or empty; `ending`:
 * with the line end (all fields but the signature itself). */
void ma_canonical_field(ma_hash *hash, ma_canonical form, const ma_field *field, ma_span cut, bool ending);

/* DKIM2's form of the fields that are signed themselves (draft-ietf-dkim-dkim2-spec-04 §9.6): no white space at all.
 * First the name, then the value, in pieces where parts of it are left out; the caller ends it with CR LF. */
void ma_canonical_name(ma_hash *hash, ma_span name);
void ma_canonical_without_space(ma_hash *hash, ma_span value);

/* The body. */
void ma_canonical_body(ma_hash *hash, ma_canonical form, ma_span body);
