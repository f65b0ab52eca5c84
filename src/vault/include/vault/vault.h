/* The vault's client: sealed records and security codes, kept by a process of their own (payments.md).
 *
 * saldo-vault holds the keys; it has no network and no files after start, and ends on any request out of
 * its table. This side starts it, restarts it when it is gone (security codes are lost then: the payer types
 * the code again), and speaks its protocol. Thread-safe. What goes in is already a JWE that only the
 * processor can open.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/money.h"
#include "base/span.h"

typedef struct Vault Vault;

/* Makes the root key and the first KEK in `directory` (0700, files 0600) unless they are there. False and `error`:
 * IO; DENIED (others can reach the directory); CONFLICT (only one of the two files is there: nothing is overwritten). */
bool vault_initialize(const char *directory, GError **error);

/* NULL and `error`: IO (no directory, no program), DENIED (loose modes, missing or broken keys: the text says what to
 * do), UNAVAILABLE (it did not come up). */
Vault *vault_start(const char *directory, GError **error);
void vault_stop(Vault *vault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vault, vault_stop)

/* A new data key for an organization, wrapped by the newest KEK (AES-KWP, RFC 5649), for the store to keep. */
GBytes *vault_make_data_key(Vault *vault, GError **error);

/* What a sealed record is bound to: all of it is AAD. */
typedef struct VaultRecord {
    Id organization_id, account_id, record_id;
    const char *type;    /* "card", "billing" */
    uint32_t version;    /* grows with each write of the record */
} VaultRecord;

/* AES-256-GCM: version ‖ kek ‖ dek ‖ nonce ‖ ciphertext ‖ tag. 1 to VAULT_RECORD_MAX bytes of plaintext (LIMIT).
 * Every call below: UNAVAILABLE where the vault could not be had even after one restart. */
enum { VAULT_RECORD_MAX = 16 * 1024, VAULT_CODE_MAX = 4 * 1024 };
GBytes *vault_seal(Vault *vault, GBytes *wrapped_key, const VaultRecord *record, Span plain, GError **error);
/* NULL and `error` (DENIED) where the record is not the one that was sealed; wipe what you get. */
GBytes *vault_open(Vault *vault, GBytes *wrapped_key, const VaultRecord *record, Span sealed, GError **error);

/* [PAY-011] The security code, sealed to the processor, in the vault's memory alone; bound to one payment and
 * amount; gone after 15 minutes, after vault_drop_code, or with the process. */
bool vault_put_code(Vault *vault, Id payment_id, Money amount, Span code_jwe, GError **error);
/* NULL and `error` (NOT_FOUND) where it expired or was dropped, (DENIED) where the amount differs. The same
 * payment may ask again within the 15 minutes: a retry with the same key [PAY-003]. Wipe what you get. */
char *vault_use_code(Vault *vault, Id payment_id, Money amount, GError **error);
bool vault_drop_code(Vault *vault, Id payment_id, GError **error);

typedef struct VaultStatus { uint32_t kek_version; uint32_t codes_held; uint64_t restarts; int pid; } VaultStatus;
bool vault_status(Vault *vault, VaultStatus *ret_status, GError **error);
