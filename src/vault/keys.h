/* The keys of the vault: root key → KEK version n (wrapped in the file `keks`) → data key per organization.
 *
 * Files in the key directory (0700), each 0600: `root.key`, 32 bytes; `keks`, one line "VERSION HEX" per KEK, HEX the
 * KEK wrapped by the root key (AES-256-KWP), versions growing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

#define KEYS_ROOT_FILE "root.key"
#define KEYS_KEKS_FILE "keks"

enum {
    KEKS_MAX = 64,                                     /* a rotation a month is five years */
    KEK_WRAPPED_BYTES = VAULT_KEY_BYTES + 8,
    KEKS_FILE_BYTES_MAX = KEKS_MAX * (11 + 2 * KEK_WRAPPED_BYTES + 1),
    KEYS_TROUBLE_BYTES = 256,
};

typedef struct Kek {
    uint32_t version;
    uint8_t key[VAULT_KEY_BYTES];
} Kek;

typedef struct Keys {
    Kek keks[KEKS_MAX];
    size_t count; /* the last one is the newest */
} Keys;

typedef struct DataKey {
    uint8_t id[VAULT_KEY_ID_BYTES];
    uint8_t key[VAULT_KEY_BYTES];
} DataKey;

/* Reads both files from an open directory; refuses ones that others can read. On false, `trouble` says what is
 * wrong and what to do. */
bool vault_keys_load(int directory, Keys *keys, char trouble[KEYS_TROUBLE_BYTES]);
/* One line of the file `keks`, NUL-terminated, for a new directory. */
bool vault_keys_format_kek(const uint8_t root[VAULT_KEY_BYTES], uint32_t version, char *line, size_t line_bytes);
uint32_t vault_keys_newest(const Keys *keys);

/* A new data key, wrapped by the newest KEK. */
bool vault_data_key_make(const Keys *keys, uint8_t ret_wrapped[VAULT_WRAPPED_BYTES]);
/* VAULT_DONE, VAULT_KEK_UNKNOWN or VAULT_KEY_BROKEN. Wipe what you get. */
VaultOutcome vault_data_key_unwrap(const Keys *keys, const uint8_t wrapped[VAULT_WRAPPED_BYTES], DataKey *ret_key);

void vault_put_uint32(uint8_t *at, uint32_t value); /* big-endian: what is kept at rest has one form everywhere */
uint32_t vault_get_uint32(const uint8_t *at);
