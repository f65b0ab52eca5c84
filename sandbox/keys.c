/* Key making for the test world: DKIM keys as PEM, the rest as JWK. */
#include "keys.h"

#include <jose/jwk.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "trust/jws.h"

static char *pem_of(EVP_PKEY *key)
{
    g_assert(key != NULL);
    BIO *memory = BIO_new(BIO_s_mem());
    g_assert(PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) == 1);
    char *at;
    long length = BIO_get_mem_data(memory, &at);
    char *text = g_strndup(at, (size_t)length);
    BIO_free(memory);
    EVP_PKEY_free(key);
    return text;
}

static char *make_rsa_pem(void)
{
    return pem_of(EVP_RSA_gen(2048));
}

static char *make_ed25519_pem(void)
{
    return pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
}

char *keys_dkim_pem(Book *book, const char *name, const char *kind)
{
    g_autofree char *key = g_strdup_printf("dkim:%s:%s", name, kind);
    return book_value(book, key, strcmp(kind, "rsa") == 0 ? make_rsa_pem : make_ed25519_pem);
}

static char *make_es256_jwk(void)
{
    JSON_AUTO *jwk = jwk_generate("ES256", NULL);
    g_assert(jwk != NULL);
    return json_write(jwk);
}

static json_t *stored_jwk(Book *book, const char *name, BookMake *make)
{
    g_autofree char *text = book_value(book, name, make);
    json_t *jwk = json_loads(text, 0, NULL);
    g_assert(jwk != NULL);
    return jwk;
}

json_t *keys_biller_jwk(Book *book, const char *biller)
{
    g_autofree char *name = g_strdup_printf("jws:%s", biller);
    return stored_jwk(book, name, make_es256_jwk);
}

static char *make_processor_jwk(void)
{
    JSON_AUTO *jwk = json_pack("{s:s, s:i}", "kty", "RSA", "bits", 2048);
    g_assert(jose_jwk_gen(NULL, jwk));
    json_put_text(jwk, "alg", "RSA-OAEP-256");
    json_put_text(jwk, "use", "enc");
    g_autofree char *kid = g_strdup_printf("sandbox-%s", id_new().text);
    json_put_text(jwk, "kid", kid);
    return json_write(jwk);
}

json_t *keys_processor_jwk(Book *book)
{
    return stored_jwk(book, "jwe:processor", make_processor_jwk);
}

json_t *keys_processor_public(Book *book)
{
    JSON_AUTO *jwk = keys_processor_jwk(book);
    g_assert(jose_jwk_pub(NULL, jwk));
    return json_pack("{s:[O]}", "keys", jwk);
}
