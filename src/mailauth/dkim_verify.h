/* Verifies DKIM signatures (RFC 6376 §6). ARC's message signatures are checked by the same hands. */
#pragma once

#include "dkim_signature.h"
#include "key_record.h"
#include "lookups.h"

/* The body hashes of one message, each form and length computed once however many signatures want it. */
typedef struct ma_body_hashes {
    ma_span body;
    struct {
        bool known;
        ma_canonical form;
        uint64_t limit, total; /* total: length of the whole canonical body */
        uint8_t digest[MA_HASH_BYTES];
    } entries[4]; /* simple, relaxed, and two with l=; what does not fit is computed again */
    size_t next;
} ma_body_hashes;

typedef enum ma_key_status { MA_KEY_FOUND, MA_KEY_UNKNOWN, MA_KEY_BAD, MA_KEY_OF_OTHER_HASH } ma_key_status;

/* The one key of that name. MA_KEY_UNKNOWN: temperror; MA_KEY_BAD: permerror; *ret_reason says why.
 * MA_KEY_OF_OTHER_HASH: there is one, and its h= leaves SHA-256 out: permerror, but for DKIM2, which knows no h=. */
ma_key_status ma_key_fetch(ma_lookups *lookups, const char *name, const ma_key_record **ret_key, bool *ret_dnssec,
    const char **ret_reason);

/* Whether the body is the one that was signed; NULL, or why not. *ret_partial: l= covers only its beginning. */
const char *ma_signature_check_body(const ma_signature *signature, ma_body_hashes *hashes, bool *ret_partial);

/* SHA-256 of the header fields that the signature names, and of its own field without b=. NULL, or why it is not to be
 * had: that many names among that many fields would only burn time. */
const char *ma_signature_hash_header(const ma_signature *signature, const ma_message *message, ma_arena *arena,
    uint8_t ret_digest[MA_HASH_BYTES]);

/* The whole of it. Fills result, domain, selector, identity, algorithm, key_bits, test_mode, partial_body, dnssec
 * and reason. */
void ma_dkim_verify(ma_arena *arena, const ma_signature *signature, const ma_message *message,
    ma_body_hashes *hashes, ma_lookups *lookups, int64_t now, mailauth_dkim *ret_dkim);
