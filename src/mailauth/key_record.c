/* Reads key records. The RSA key is built from its modulus and exponent: OpenSSL's own reader of the
 * same bytes costs eight times as much as the verification that follows. */
#include "key_record.h"

#include "base64.h"
#include "limits.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { DER_SEQUENCE = 0x30, DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_OBJECT_ID = 0x06, ED25519_BYTES = 32 };

/* 1.2.840.113549.1.1.1, rsaEncryption. */
static const ma_span RSA_ENCRYPTION = { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9 };

/* Takes one DER value of type `type` off the front of *in. */
static bool der_take(ma_span *in, uint8_t type, ma_span *ret_content)
{
    if (in->length < 2 || (uint8_t)in->at[0] != type)
        return false;
    size_t length = (uint8_t)in->at[1], header = 2;
    if (length >= 0x80) {
        size_t more = length - 0x80;
        if (more < 1 || more > 2 || in->length < 2 + more)
            return false;
        length = 0;
        for (size_t i = 0; i < more; i++)
            length = length << 8 | (uint8_t)in->at[2 + i];
        header += more;
    }
    if (length > in->length - header)
        return false;
    *ret_content = ma_span_slice(*in, header, header + length);
    *in = ma_span_slice(*in, header + length, in->length);
    return true;
}

/* A positive integer without its leading zeros. */
static bool der_take_number(ma_span *in, ma_span *ret_number)
{
    ma_span number;
    if (!der_take(in, DER_INTEGER, &number) || number.length == 0 || (number.at[0] & 0x80) != 0)
        return false;
    while (number.length > 0 && number.at[0] == 0)
        number = ma_span_slice(number, 1, number.length);
    *ret_number = number;
    return number.length > 0;
}

/* RSAPublicKey (RFC 8017 A.1.1), bare or inside a SubjectPublicKeyInfo (RFC 5280 §4.1): both are published. */
static bool read_rsa(ma_span der, ma_span *ret_modulus, ma_span *ret_exponent)
{
    ma_span outer, algorithm, object, bits, inner;
    if (!der_take(&der, DER_SEQUENCE, &outer) || der.length > 0)
        return false;
    ma_span attempt = outer;
    if (der_take(&attempt, DER_SEQUENCE, &algorithm)) {
        if (!der_take(&algorithm, DER_OBJECT_ID, &object) || !ma_span_equal(object, RSA_ENCRYPTION)
            || !der_take(&attempt, DER_BIT_STRING, &bits) || bits.length < 1 || bits.at[0] != 0)
            return false;
        inner = ma_span_slice(bits, 1, bits.length);
        if (!der_take(&inner, DER_SEQUENCE, &outer))
            return false;
    }
    return der_take_number(&outer, ret_modulus) && der_take_number(&outer, ret_exponent);
}

static unsigned bit_length(ma_span number)
{
    unsigned bits = (unsigned)(number.length - 1) * 8;
    for (uint8_t first = (uint8_t)number.at[0]; first > 0; first >>= 1)
        bits++;
    return bits;
}

static EVP_PKEY *rsa_from_parameters(OSSL_PARAM *parameters)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) <= 0
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *rsa_new(ma_span modulus, ma_span exponent)
{
    BIGNUM *n = BN_bin2bn((const uint8_t *)modulus.at, (int)modulus.length, NULL);
    BIGNUM *e = BN_bin2bn((const uint8_t *)exponent.at, (int)exponent.length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *key = NULL;
    if (n != NULL && e != NULL && builder != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        parameters = OSSL_PARAM_BLD_to_param(builder);
    if (parameters != NULL)
        key = rsa_from_parameters(parameters);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

static const char *take_rsa(ma_key_record *record, ma_span der)
{
    ma_span modulus, exponent;
    if (!read_rsa(der, &modulus, &exponent))
        return "the key's p= is not an RSA key";
    record->bits = bit_length(modulus);
    if (record->bits < MA_RSA_BITS_MIN)
        return "the key is shorter than 1024 bits (RFC 8301)";
    if (record->bits > MA_RSA_BITS_MAX)
        return "the key is longer than 8192 bits";
    bool odd = (exponent.at[exponent.length - 1] & 1) != 0 && (modulus.at[modulus.length - 1] & 1) != 0;
    bool one = exponent.length == 1 && exponent.at[0] == 1;
    if (!odd || one || exponent.length > MA_RSA_EXPONENT_BYTES_MAX)
        return "the key's exponent or modulus is not of an RSA key";
    record->key = rsa_new(modulus, exponent);
    return record->key == NULL ? "the key's p= is not an RSA key" : NULL;
}

static const char *take_ed25519(ma_key_record *record, ma_span bytes)
{
    record->bits = ED25519_BYTES * 8;
    if (bytes.length == ED25519_BYTES)
        record->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const uint8_t *)bytes.at, bytes.length);
    return record->key == NULL ? "the key's p= is not an Ed25519 key" : NULL;
}

static const char *take_key(ma_arena *arena, ma_key_record *record, const ma_tag_list *tags)
{
    const ma_tag *k = ma_tag_find(tags, "k"), *p = ma_tag_find(tags, "p");
    if (k == NULL || ma_span_equal_nocase(k->value, MA_SPAN("rsa")))
        record->algorithm = MA_RSA_SHA256;
    else if (ma_span_equal_nocase(k->value, MA_SPAN("ed25519")))
        record->algorithm = MA_ED25519_SHA256;
    else
        return "the key's kind (k=) is not known";
    if (p == NULL)
        return "the key record has no p=";
    record->revoked = p->value.length == 0;
    if (record->revoked)
        return "the key was revoked (p= is empty)";
    ma_span bytes;
    if (!ma_base64_decode(arena, p->value, &bytes))
        return "the key's p= is not base64";
    return record->algorithm == MA_RSA_SHA256 ? take_rsa(record, bytes) : take_ed25519(record, bytes);
}

static const char *take_limits(ma_key_record *record, const ma_tag_list *tags)
{
    const ma_tag *v = ma_tag_find(tags, "v"), *h = ma_tag_find(tags, "h"), *s = ma_tag_find(tags, "s");
    record->other_hash = h != NULL && !ma_span_lists(h->value, ':', MA_SPAN("sha256"));
    if (v != NULL && (v != &tags->tags[0] || !ma_span_equal(v->value, MA_SPAN("DKIM1"))))
        return "the record is not a DKIM key (v=)";
    if (s != NULL && !ma_span_lists(s->value, ':', MA_SPAN("*")) && !ma_span_lists(s->value, ':', MA_SPAN("email")))
        return "the key is not for mail (s=)";
    record->test_mode = ma_span_lists(ma_tag_value(tags, "t"), ':', MA_SPAN("y"));
    record->strict_identity = ma_span_lists(ma_tag_value(tags, "t"), ':', MA_SPAN("s"));
    return NULL;
}

ma_key_record *ma_key_record_read(ma_span text)
{
    ma_key_record *record = ma_allocate(sizeof *record);
    ma_tag_list tags;
    if (text.length > MA_KEY_RECORD_BYTES_MAX) {
        record->trouble = "the key record is longer than 4096 bytes";
        return record;
    }
    if (ma_tag_list_read(text, &tags) != NULL) {
        record->trouble = "the key record is not a list of tags";
        return record;
    }
    ma_arena *arena = ma_arena_new();
    ERR_set_mark();
    record->trouble = take_limits(record, &tags);
    if (record->trouble == NULL)
        record->trouble = take_key(arena, record, &tags);
    ERR_pop_to_mark();
    ma_arena_free(arena);
    return record;
}

void ma_key_record_free(ma_key_record *record)
{
    if (record == NULL)
        return;
    EVP_PKEY_CTX_free(atomic_load(&record->ready));
    EVP_PKEY_free(record->key);
    free(record);
}

static EVP_PKEY_CTX *rsa_context_new(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    if (context != NULL && EVP_PKEY_verify_init(context) > 0
        && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0
        && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) > 0)
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

/* Setting a context up costs a fifth of a verification: it is kept, and a second thread makes its own. */
static bool verifies_rsa(const ma_key_record *record, const uint8_t *digest, ma_span signature)
{
    _Atomic(EVP_PKEY_CTX *) *ready = &((ma_key_record *)record)->ready; /* a cache: the record stays what it is */
    EVP_PKEY_CTX *context = atomic_exchange(ready, NULL);
    if (context == NULL)
        context = rsa_context_new(record->key);
    bool good = context != NULL
        && EVP_PKEY_verify(context, (const uint8_t *)signature.at, signature.length, digest, MA_HASH_BYTES) == 1;
    EVP_PKEY_CTX_free(atomic_exchange(ready, context));
    return good;
}

static bool verifies_ed25519(EVP_PKEY *key, const uint8_t *digest, ma_span signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) > 0
        && EVP_DigestVerify(context, (const uint8_t *)signature.at, signature.length, digest, MA_HASH_BYTES) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool ma_key_record_verifies(const ma_key_record *record, const uint8_t digest[MA_HASH_BYTES], ma_span signature)
{
    bool good = false;
    ERR_set_mark(); /* a bad signature is a verdict: the caller's error queue stays as it was */
    switch (record->algorithm) {
    case MA_RSA_SHA256:
        good = verifies_rsa(record, digest, signature);
        break;
    case MA_ED25519_SHA256:
        good = verifies_ed25519(record->key, digest, signature);
        break;
    }
    ERR_pop_to_mark();
    return good;
}
