/* A plain table: CODES_MAX comparisons of 16 bytes cost less than a system call. */
#include "codes.h"

#include <string.h>

#include "crypto.h"

static void wipe_slot(Codes *codes, Code *code)
{
    vault_crypto_wipe(code, sizeof *code);
    codes->held--;
}

static Code *find_slot(Codes *codes, const uint8_t payment[VAULT_ID_BYTES])
{
    for (size_t i = 0; i < CODES_MAX; i++)
        if (codes->slots[i].expires_us != 0 && memcmp(codes->slots[i].binding.payment, payment, VAULT_ID_BYTES) == 0)
            return &codes->slots[i];
    return NULL;
}

int64_t codes_expire(Codes *codes, int64_t now_us)
{
    int64_t next_us = 0;
    for (size_t i = 0; i < CODES_MAX && codes->held > 0; i++) {
        Code *code = &codes->slots[i];
        if (code->expires_us != 0 && code->expires_us <= now_us)
            wipe_slot(codes, code);
        else if (code->expires_us != 0 && (next_us == 0 || code->expires_us < next_us))
            next_us = code->expires_us;
    }
    return next_us;
}

VaultOutcome codes_put(Codes *codes, const VaultCodeBinding *binding, const uint8_t *jwe, uint32_t length, int64_t now_us)
{
    codes_drop(codes, binding->payment);
    codes_expire(codes, now_us);
    for (size_t i = 0; i < CODES_MAX; i++) {
        Code *code = &codes->slots[i];
        if (code->expires_us != 0)
            continue;
        code->binding = *binding;
        code->expires_us = now_us + VAULT_CODE_WINDOW_US;
        code->length = length;
        memcpy(code->jwe, jwe, length);
        codes->held++;
        return VAULT_DONE;
    }
    return VAULT_CODES_FULL;
}

VaultOutcome codes_use(Codes *codes, const VaultCodeBinding *binding, int64_t now_us, const Code **ret_code)
{
    codes_expire(codes, now_us);
    const Code *code = find_slot(codes, binding->payment);
    if (code == NULL)
        return VAULT_CODE_GONE;
    if (code->binding.minor != binding->minor || memcmp(code->binding.currency, binding->currency, sizeof binding->currency) != 0)
        return VAULT_CODE_OTHER_AMOUNT;
    *ret_code = code;
    return VAULT_DONE;
}

void codes_drop(Codes *codes, const uint8_t payment[VAULT_ID_BYTES])
{
    Code *code = find_slot(codes, payment);
    if (code != NULL)
        wipe_slot(codes, code);
}
