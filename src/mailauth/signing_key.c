/* Private keys to sign with: read, made, published. */
#include "signing_key.h"

#include "base64.h"
#include "limits.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_BITS_NEW = 2048 };

/* Takes `pkey` over; NULL where DKIM has no algorithm for it. */
static mailauth_key *key_of(EVP_PKEY *pkey)
{
    bool rsa = pkey != NULL && EVP_PKEY_base_id(pkey) == EVP_PKEY_RSA && EVP_PKEY_bits(pkey) >= MA_RSA_BITS_MIN;
    bool ed25519 = pkey != NULL && EVP_PKEY_base_id(pkey) == EVP_PKEY_ED25519;
    if (!rsa && !ed25519) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    mailauth_key *key = ma_allocate(sizeof *key);
    key->pkey = pkey;
    key->algorithm = rsa ? MA_RSA_SHA256 : MA_ED25519_SHA256;
    return key;
}

/* A key file that asks for a passphrase is refused, not asked about on a terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

mailauth_key *mailauth_key_read(const char *pem, size_t length)
{
    if (length > INT32_MAX)
        return NULL;
    ERR_set_mark();
    BIO *bio = BIO_new_mem_buf(pem, (int)length);
    EVP_PKEY *pkey = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_pop_to_mark();
    return key_of(pkey);
}

mailauth_key *mailauth_key_generate(const char *kind)
{
    if (strcmp(kind, "rsa") == 0)
        return key_of(EVP_RSA_gen(RSA_BITS_NEW));
    if (strcmp(kind, "ed25519") == 0)
        return key_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    return NULL;
}

void mailauth_key_free(mailauth_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

static char *public_rsa(ma_arena *arena, EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(pkey, &der);
    if (length <= 0)
        return NULL;
    char *text = ma_base64_encode(arena, (ma_span){ (const char *)der, (size_t)length });
    OPENSSL_free(der);
    return text;
}

static char *public_ed25519(ma_arena *arena, EVP_PKEY *pkey)
{
    unsigned char raw[32];
    size_t length = sizeof raw;
    if (EVP_PKEY_get_raw_public_key(pkey, raw, &length) <= 0)
        return NULL;
    return ma_base64_encode(arena, (ma_span){ (const char *)raw, length });
}

char *mailauth_key_record(const mailauth_key *key)
{
    ma_arena *arena = ma_arena_new();
    bool rsa = key->algorithm == MA_RSA_SHA256;
    const char *text = rsa ? public_rsa(arena, key->pkey) : public_ed25519(arena, key->pkey);
    char *record = text == NULL
        ? NULL
        : ma_copy_out(ma_arena_print(arena, "v=DKIM1; k=%s; p=%s", rsa ? "rsa" : "ed25519", text));
    ma_arena_free(arena);
    return record;
}
