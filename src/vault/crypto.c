/* The vault's ciphers through EVP. */
#include "crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

static EVP_CIPHER *gcm, *wrap;

bool vault_crypto_start(void)
{
    if (gcm != NULL)
        return true;
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        return false;
    gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    wrap = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
    return gcm != NULL && wrap != NULL;
}

bool vault_crypto_random(void *bytes, size_t length)
{
    uint8_t *at = bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

void vault_crypto_wipe(void *bytes, size_t length)
{
    OPENSSL_cleanse(bytes, length);
}

/* Ends a use of a context: frees it (which wipes the key schedule) and forgets OpenSSL's own complaints. */
static bool context_end(EVP_CIPHER_CTX *context, bool good)
{
    EVP_CIPHER_CTX_free(context);
    if (!good)
        ERR_clear_error();
    return good;
}

bool vault_key_wrap(const uint8_t key[VAULT_KEY_BYTES], const uint8_t *plain, size_t plain_bytes, uint8_t *ret_wrapped)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0;
    if (context == NULL)
        return false;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    bool good = EVP_EncryptInit_ex2(context, wrap, key, NULL, NULL) == 1
        && EVP_EncryptUpdate(context, ret_wrapped, &length, plain, (int)plain_bytes) == 1
        && (size_t)length == plain_bytes + KEY_WRAP_EXTRA_BYTES;
    return context_end(context, good);
}

bool vault_key_unwrap(const uint8_t key[VAULT_KEY_BYTES], const uint8_t *wrapped, size_t wrapped_bytes, uint8_t *ret_plain)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0;
    if (context == NULL)
        return false;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    bool good = EVP_DecryptInit_ex2(context, wrap, key, NULL, NULL) == 1
        && EVP_DecryptUpdate(context, ret_plain, &length, wrapped, (int)wrapped_bytes) == 1
        && (size_t)length + KEY_WRAP_EXTRA_BYTES == wrapped_bytes;
    return context_end(context, good);
}

bool vault_seal_bytes(const SealInput *input, uint8_t *ret_sealed)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0, last = 0;
    bool good = context != NULL && EVP_EncryptInit_ex2(context, gcm, input->key, input->nonce, NULL) == 1
        && EVP_EncryptUpdate(context, NULL, &length, input->associated, (int)input->associated_bytes) == 1
        && EVP_EncryptUpdate(context, ret_sealed, &length, input->bytes, (int)input->length) == 1
        && EVP_EncryptFinal_ex(context, ret_sealed + length, &last) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, VAULT_TAG_BYTES, ret_sealed + input->length) == 1;
    return context_end(context, good);
}

bool vault_open_bytes(const SealInput *input, uint8_t *ret_plain)
{
    if (input->length < VAULT_TAG_BYTES)
        return false;
    size_t plain_bytes = input->length - VAULT_TAG_BYTES;
    uint8_t tag[VAULT_TAG_BYTES];
    memcpy(tag, input->bytes + plain_bytes, sizeof tag);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0, last = 0;
    bool good = context != NULL && EVP_DecryptInit_ex2(context, gcm, input->key, input->nonce, NULL) == 1
        && EVP_DecryptUpdate(context, NULL, &length, input->associated, (int)input->associated_bytes) == 1
        && EVP_DecryptUpdate(context, ret_plain, &length, input->bytes, (int)plain_bytes) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, VAULT_TAG_BYTES, tag) == 1
        && EVP_DecryptFinal_ex(context, ret_plain + length, &last) == 1;
    if (!good)
        vault_crypto_wipe(ret_plain, plain_bytes);
    return context_end(context, good);
}
