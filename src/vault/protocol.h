/* What the engine and saldo-vault say to each other: one SOCK_SEQPACKET message each way, every request of exactly
 * its struct's size. Both are of one build on one machine, so bytes are in its own order; VAULT_PROTOCOL catches a mix.
 * No GLib here: the vault links nothing but libc and OpenSSL. */
#pragma once

#include <stdint.h>

enum {
    VAULT_PROTOCOL = 1,
    VAULT_SOCKET = 3,     /* descriptors that saldo-vault is started with */
    VAULT_DIRECTORY = 4,  /* the key directory, read and closed before the first request */

    VAULT_ID_BYTES = 16,
    VAULT_TYPE_BYTES = 16,         /* "card", "billing", NUL-padded */
    VAULT_KEY_BYTES = 32,
    VAULT_KEY_ID_BYTES = 8,
    VAULT_PLAIN_BYTES_MAX = 16 * 1024, /* VAULT_RECORD_MAX of vault.h */
    VAULT_JWE_BYTES_MAX = 4 * 1024,    /* VAULT_CODE_MAX of vault.h */

    /* A data key as the store keeps it: format ‖ kek ‖ dek ‖ KWP(dek ‖ key). */
    VAULT_WRAPPED_BYTES = 1 + 4 + VAULT_KEY_ID_BYTES + VAULT_KEY_ID_BYTES + VAULT_KEY_BYTES + 8,
    /* A sealed record: format ‖ kek ‖ dek ‖ nonce ‖ ciphertext ‖ tag. */
    VAULT_NONCE_BYTES = 12,
    VAULT_TAG_BYTES = 16,
    VAULT_SEAL_HEADER_BYTES = 1 + 4 + VAULT_KEY_ID_BYTES,
    VAULT_SEAL_OVERHEAD = VAULT_SEAL_HEADER_BYTES + VAULT_NONCE_BYTES + VAULT_TAG_BYTES,
    VAULT_SEALED_BYTES_MAX = VAULT_PLAIN_BYTES_MAX + VAULT_SEAL_OVERHEAD,

    VAULT_ANSWER_BYTES_MAX = VAULT_SEALED_BYTES_MAX,
};

typedef enum VaultRequestType {
    VAULT_HELLO = 1, /* first and once */
    VAULT_MAKE_KEY,
    VAULT_SEAL,
    VAULT_OPEN,
    VAULT_PUT_CODE,
    VAULT_USE_CODE,
    VAULT_DROP_CODE,
    VAULT_STATUS,
} VaultRequestType;

typedef struct VaultHead {
    uint32_t type;
    uint32_t sequence; /* the answer carries the same */
} VaultHead;

typedef struct VaultHelloRequest {
    VaultHead head;
    uint32_t protocol;
} VaultHelloRequest;

/* All of it is additional authenticated data of the record. */
typedef struct VaultBinding {
    uint8_t organization[VAULT_ID_BYTES], account[VAULT_ID_BYTES], record[VAULT_ID_BYTES];
    char type[VAULT_TYPE_BYTES];
    uint32_t version;
} VaultBinding;

typedef struct VaultRecordRequest { /* VAULT_SEAL and VAULT_OPEN */
    VaultHead head;
    VaultBinding binding;
    uint32_t length;
    uint8_t wrapped[VAULT_WRAPPED_BYTES];
    uint8_t bytes[VAULT_SEALED_BYTES_MAX];
} VaultRecordRequest;

/* [PAY-011] What a security code is bound to. */
typedef struct VaultCodeBinding {
    int64_t minor;
    uint8_t payment[VAULT_ID_BYTES];
    char currency[4];
} VaultCodeBinding;

typedef struct VaultPutCodeRequest {
    VaultHead head;
    VaultCodeBinding binding;
    uint32_t length;
    uint8_t jwe[VAULT_JWE_BYTES_MAX];
} VaultPutCodeRequest;

typedef struct VaultUseCodeRequest {
    VaultHead head;
    VaultCodeBinding binding;
} VaultUseCodeRequest;

typedef struct VaultDropCodeRequest {
    VaultHead head;
    uint8_t payment[VAULT_ID_BYTES];
} VaultDropCodeRequest;

typedef enum VaultOutcome {
    VAULT_DONE,
    VAULT_KEK_UNKNOWN,      /* the data key is wrapped by a KEK that is not in the key directory */
    VAULT_KEY_BROKEN,       /* the wrapped data key does not unwrap */
    VAULT_RECORD_OTHER,     /* not the record that was sealed, or changed since */
    VAULT_CODE_GONE,        /* expired, dropped, or never here */
    VAULT_CODE_OTHER_AMOUNT,
    VAULT_CODES_FULL,
    VAULT_FAILED,           /* the cryptographic library could not */
    VAULT_START_REFUSED,    /* the first message only: the bytes are a text that says why */
} VaultOutcome;

/* An answer is this head and `length` bytes. */
typedef struct VaultAnswer {
    VaultHead head;
    uint32_t outcome, length;
    uint8_t bytes[VAULT_ANSWER_BYTES_MAX];
} VaultAnswer;

typedef struct VaultStatusAnswer {
    uint32_t kek_version, codes_held;
} VaultStatusAnswer;
