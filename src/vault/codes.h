/* Security codes [PAY-011]: in locked memory alone, at most VAULT_CODE_WINDOW_US, each bound to one payment and amount. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

#define VAULT_CODE_WINDOW_US (15 * 60 * INT64_C(1000000))

enum { CODES_MAX = 1024 /* payments between the code and their end at one time; each lasts seconds */ };

typedef struct Code {
    VaultCodeBinding binding;
    int64_t expires_us; /* 0: the slot is free and zero */
    uint32_t length;
    uint8_t jwe[VAULT_JWE_BYTES_MAX];
} Code;

typedef struct Codes {
    Code slots[CODES_MAX];
    uint32_t held;
} Codes;

/* Replaces what the same payment had: the payer typed it again. VAULT_DONE or VAULT_CODES_FULL. */
VaultOutcome codes_put(Codes *codes, const VaultCodeBinding *binding, const uint8_t *jwe, uint32_t length, int64_t now_us);
/* VAULT_DONE with the code borrowed, VAULT_CODE_GONE or VAULT_CODE_OTHER_AMOUNT. */
VaultOutcome codes_use(Codes *codes, const VaultCodeBinding *binding, int64_t now_us, const Code **ret_code);
void codes_drop(Codes *codes, const uint8_t payment[VAULT_ID_BYTES]);
/* Wipes what has expired; the time of the next expiry, or 0 where none is held. */
int64_t codes_expire(Codes *codes, int64_t now_us);
