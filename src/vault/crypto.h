/* The two ciphers of the vault: AES-256-GCM for records, AES-256 key wrap with padding (RFC 5649) for keys. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

enum { KEY_WRAP_EXTRA_BYTES = 8 };

/* Fetches the ciphers, so that nothing is loaded from disk later. Once, before any other call. */
bool vault_crypto_start(void);
bool vault_crypto_random(void *bytes, size_t length);
void vault_crypto_wipe(void *bytes, size_t length);

/* `plain_bytes` is a multiple of 8; `wrapped` has room for KEY_WRAP_EXTRA_BYTES more. */
bool vault_key_wrap(const uint8_t key[VAULT_KEY_BYTES], const uint8_t *plain, size_t plain_bytes, uint8_t *ret_wrapped);
/* False where the key is another or the bytes were changed; `ret_plain` has room for `wrapped_bytes`. */
bool vault_key_unwrap(const uint8_t key[VAULT_KEY_BYTES], const uint8_t *wrapped, size_t wrapped_bytes, uint8_t *ret_plain);

typedef struct SealInput {
    const uint8_t *key, *nonce;
    const uint8_t *associated;
    size_t associated_bytes;
    const uint8_t *bytes;
    size_t length;
} SealInput;

/* Ciphertext of the same length and then the tag. */
bool vault_seal_bytes(const SealInput *input, uint8_t *ret_sealed);
/* `input->length` counts the ciphertext and the tag; nothing is kept where the tag is wrong. */
bool vault_open_bytes(const SealInput *input, uint8_t *ret_plain);
