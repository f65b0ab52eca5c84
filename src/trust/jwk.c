/* JSON Web Keys (RFC 7517, 7518 §6, 8037 §2): which ones are accepted, new ones, the public half. */
#include "jwk.h"

#include <jose/jwk.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "trust/jws.h"

enum {
    RSA_BYTES_MIN = 256,  /* 2048 bits: RFC 7518 §3.3 */
    RSA_BYTES_MAX = 1024, /* 8192 bits: above it a verification costs milliseconds */
    RSA_EXPONENT_BYTES_MAX = 4,
    CURVE_BYTES = 32,     /* P-256 and Ed25519 alike */
};

static const JwsAlgorithm algorithms[] = {
    { "RS256", "RSA", NULL },
    { "PS256", "RSA", NULL },
    { "ES256", "EC", "P-256" },
    { "EdDSA", "OKP", "Ed25519" },
};

static const char *const public_members[] = { "kty", "crv", "n", "e", "x", "y", "kid", "alg" };

const JwsAlgorithm *jws_algorithm_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

static bool type_fits(const json_t *jwk, const JwsAlgorithm *algorithm)
{
    return g_strcmp0(json_text(jwk, "kty"), algorithm->key_type) == 0
        && (algorithm->curve == NULL || g_strcmp0(json_text(jwk, "crv"), algorithm->curve) == 0);
}

const JwsAlgorithm *jws_algorithm_of(const json_t *jwk)
{
    const char *wanted = json_text(jwk, "alg");
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (type_fits(jwk, &algorithms[i]) && (wanted == NULL || strcmp(wanted, algorithms[i].name) == 0))
            return &algorithms[i];
    return NULL;
}

static void ignore_complaint(void *misc, const char *file, int line, uint64_t code, const char *format, va_list arguments)
{
}

jose_cfg_t *jwk_quiet_config(void)
{
    jose_cfg_t *config = jose_cfg();
    g_assert(config != NULL);
    jose_cfg_set_err_func(config, ignore_complaint, NULL);
    return config;
}

/* ---- Checking ------------------------------------------------------------------------------------ */

/* Significant bytes of a base64url member, -1 where it is not one. */
static int member_bytes(const json_t *jwk, const char *name, size_t *ret_written)
{
    g_autofree char *bytes = NULL;
    size_t length, zeros = 0;
    const char *text = json_text(jwk, name);
    if (text == NULL || strlen(text) > 2 * RSA_BYTES_MAX || !decode_base64url(span_of(text), &bytes, &length))
        return -1;
    while (zeros < length && bytes[zeros] == '\0')
        zeros++;
    *ret_written = length;
    return (int)(length - zeros);
}

static bool check_rsa(const json_t *jwk, GError **error)
{
    size_t written;
    int modulus = member_bytes(jwk, "n", &written), exponent = member_bytes(jwk, "e", &written);
    if (modulus < RSA_BYTES_MIN || modulus > RSA_BYTES_MAX || exponent < 1 || exponent > RSA_EXPONENT_BYTES_MAX) {
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "the RSA key needs \"n\" of %d to %d bits and \"e\" of at most %d bits in base64url; n has about %d bits",
            RSA_BYTES_MIN * 8, RSA_BYTES_MAX * 8, RSA_EXPONENT_BYTES_MAX * 8, MAX(modulus, 0) * 8);
        return false;
    }
    return true;
}

static bool check_curve(const json_t *jwk, const char *curve, bool has_y, GError **error)
{
    size_t x_bytes = 0, y_bytes = CURVE_BYTES;
    const char *written = json_text(jwk, "crv");
    bool sound = g_strcmp0(written, curve) == 0 && member_bytes(jwk, "x", &x_bytes) >= 0
        && (!has_y || member_bytes(jwk, "y", &y_bytes) >= 0) && x_bytes == CURVE_BYTES && y_bytes == CURVE_BYTES;
    if (!sound)
        error_set(error, SALDO_ERROR_BAD_INPUT, "a key of kty %s needs \"crv\":\"%s\" and %s of %d bytes in base64url",
            json_text(jwk, "kty"), curve, has_y ? "\"x\" and \"y\"" : "\"x\"", CURVE_BYTES);
    return sound;
}

bool jwk_check(const json_t *jwk, GError **error)
{
    const char *type = json_text(jwk, "kty");
    if (g_strcmp0(type, "RSA") == 0)
        return check_rsa(jwk, error);
    if (g_strcmp0(type, "EC") == 0)
        return check_curve(jwk, "P-256", true, error);
    if (g_strcmp0(type, "OKP") == 0)
        return check_curve(jwk, "Ed25519", false, error);
    error_set(error, SALDO_ERROR_BAD_INPUT, "a key's \"kty\" is RSA, EC or OKP, not %s", type == NULL ? "absent" : type);
    return false;
}

/* RFC 7517 §4.2, §4.3: a key that says what it is for may do that alone. */
static bool may_verify(const json_t *jwk)
{
    const char *use = json_text(jwk, "use");
    const json_t *operations = json_object_get(jwk, "key_ops"), *operation;
    size_t index;
    if (use != NULL && strcmp(use, "sig") != 0)
        return false;
    if (operations == NULL)
        return true;
    json_array_foreach(operations, index, operation) {
        if (g_strcmp0(json_string_value(operation), "verify") == 0)
            return true;
    }
    return false;
}

bool jwk_fits(const json_t *jwk, const JwsAlgorithm *algorithm, const char *kid)
{
    const char *own_algorithm = json_text(jwk, "alg"), *own_kid = json_text(jwk, "kid");
    return type_fits(jwk, algorithm) && (own_algorithm == NULL || strcmp(own_algorithm, algorithm->name) == 0)
        && (kid == NULL || own_kid == NULL || strcmp(kid, own_kid) == 0) && may_verify(jwk) && jwk_check(jwk, NULL);
}

/* ---- Making --------------------------------------------------------------------------------------- */

/* RFC 7638: SHA-256 over the required members, sorted, without white space. */
char *jwk_thumbprint(const json_t *jwk)
{
    static const char *const required[] = { "crv", "e", "kty", "n", "x", "y" };
    JSON_AUTO *members = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(required); i++)
        if (json_text(jwk, required[i]) != NULL)
            json_put_text(members, required[i], json_text(jwk, required[i]));
    g_autofree char *text = json_write(members);
    unsigned char digest[32];
    g_assert(EVP_Q_digest(NULL, "SHA256", NULL, text, strlen(text), digest, NULL) == 1);
    return encode_base64url((Span){ (const char *)digest, sizeof digest });
}

static void put_bytes(json_t *jwk, const char *name, unsigned char bytes[CURVE_BYTES])
{
    g_autofree char *text = encode_base64url((Span){ (const char *)bytes, CURVE_BYTES });
    json_put_text(jwk, name, text);
}

/* libjose 11 knows no OKP. */
static json_t *generate_ed25519(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    unsigned char secret[CURVE_BYTES], public[CURVE_BYTES];
    size_t secret_bytes = sizeof secret, public_bytes = sizeof public;
    bool made = key != NULL && EVP_PKEY_get_raw_private_key(key, secret, &secret_bytes) == 1
        && EVP_PKEY_get_raw_public_key(key, public, &public_bytes) == 1;
    EVP_PKEY_free(key);
    if (!made)
        return NULL;
    json_t *jwk = json_pack("{s:s, s:s}", "kty", "OKP", "crv", "Ed25519");
    put_bytes(jwk, "x", public);
    put_bytes(jwk, "d", secret);
    OPENSSL_cleanse(secret, sizeof secret);
    return jwk;
}

static json_t *generate_by_jose(const char *algorithm)
{
    JSON_AUTO *jwk = json_pack("{s:s}", "alg", algorithm);
    jose_cfg_t *config = jwk_quiet_config();
    bool made = jose_jwk_gen(config, jwk);
    jose_cfg_decref(config);
    json_object_del(jwk, "key_ops"); /* `use` says it, and not both may (RFC 7517 §4.3) */
    return made ? g_steal_pointer(&jwk) : NULL;
}

json_t *jwk_generate(const char *algorithm, GError **error)
{
    const JwsAlgorithm *known = jws_algorithm_find(algorithm);
    if (known == NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "keys are made for RS256, PS256, ES256 or EdDSA, not for %s", algorithm);
        return NULL;
    }
    JSON_AUTO *jwk = strcmp(known->key_type, "OKP") == 0 ? generate_ed25519() : generate_by_jose(algorithm);
    if (jwk == NULL) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "the cryptographic library could not make a key for %s", algorithm);
        return NULL;
    }
    g_autofree char *kid = jwk_thumbprint(jwk);
    json_put_text(jwk, "kid", kid);
    json_put_text(jwk, "alg", known->name);
    json_put_text(jwk, "use", "sig");
    return g_steal_pointer(&jwk);
}

json_t *jwk_public(const json_t *private_jwk)
{
    if (!jwk_check(private_jwk, NULL))
        return NULL;
    json_t *public = json_pack("{s:s}", "use", "sig");
    for (size_t i = 0; i < G_N_ELEMENTS(public_members); i++)
        if (json_text(private_jwk, public_members[i]) != NULL)
            json_put_text(public, public_members[i], json_text(private_jwk, public_members[i]));
    return public;
}
