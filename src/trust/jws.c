/* Compact JWS: reading it within bounds, verifying it, signing. */
#include "trust/jws.h"

#include <jose/jws.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "jwk.h"

typedef struct Compact {
    Span header, payload, signature; /* base64url, borrowed */
    Span signed_part;                /* header.payload */
} Compact;

static const char *outcome_text(JwsOutcome outcome)
{
    switch (outcome) {
    case JWS_VERIFIED:
        return "the signature is right";
    case JWS_MALFORMED:
        return "it is not a compact JWS";
    case JWS_ALGORITHM_REFUSED:
        return "the algorithm is not accepted";
    case JWS_NO_KEY:
        return "no key fits";
    case JWS_SIGNATURE_WRONG:
        return "the signature is wrong";
    }
    g_assert_not_reached();
}

/* Sets `error` and returns the outcome, so that a refusal is one line. */
static JwsOutcome refuse(JwsOutcome outcome, GError **error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static JwsOutcome refuse(JwsOutcome outcome, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *detail = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    error_set(error, outcome == JWS_MALFORMED ? SALDO_ERROR_BAD_INPUT : SALDO_ERROR_DENIED, "%s: %s",
        outcome_text(outcome), detail);
    return outcome;
}

/* ---- Reading ---------------------------------------------------------------------------------------- */

static bool cut_compact(Span text, Compact *ret_compact)
{
    Span rest = text;
    Compact compact;
    if (text.length > JWS_COMPACT_BYTES_MAX || !span_cut(&rest, '.', &compact.header)
        || !span_cut(&rest, '.', &compact.payload) || !span_cut(&rest, '.', &compact.signature) || rest.at != NULL)
        return false;
    compact.signed_part = span_slice(text, 0, compact.header.length + 1 + compact.payload.length);
    *ret_compact = compact;
    return compact.header.length <= JWS_HEADER_BYTES_MAX && compact.signature.length <= JWS_SIGNATURE_BYTES_MAX;
}

/* A protected header of at most JWS_HEADER_BYTES_MAX, without `crit`: nothing critical is understood
 * here (RFC 7515 §4.1.11), `b64` included. */
static json_t *read_header(Span encoded, GError **error)
{
    g_autofree char *bytes = NULL;
    size_t length;
    if (!decode_base64url(encoded, &bytes, &length)) {
        refuse(JWS_MALFORMED, error, "its header is not base64url");
        return NULL;
    }
    g_autoptr(GError) trouble = NULL;
    JSON_AUTO *header = json_read((Span){ bytes, length }, JWS_HEADER_BYTES_MAX, "the header", &trouble);
    if (!json_is_object(header)) {
        refuse(JWS_MALFORMED, error, "%s", trouble == NULL ? "its header is not a JSON object" : trouble->message);
        return NULL;
    }
    if (json_text(header, "alg") == NULL || json_object_get(header, "crit") != NULL) {
        refuse(JWS_MALFORMED, error, "its header %s",
            json_text(header, "alg") == NULL ? "has no \"alg\"" : "has \"crit\", and no extension is understood here");
        return NULL;
    }
    const json_t *kid = json_object_get(header, "kid");
    if (kid != NULL && !json_is_string(kid)) {
        refuse(JWS_MALFORMED, error, "its \"kid\" is not a text");
        return NULL;
    }
    return g_steal_pointer(&header);
}

/* ---- Verifying --------------------------------------------------------------------------------------- */

static bool verify_eddsa(const Compact *compact, const json_t *jwk)
{
    g_autofree char *public = NULL, *signature = NULL;
    size_t public_bytes, signature_bytes;
    if (!decode_base64url(span_of(json_text(jwk, "x")), &public, &public_bytes)
        || !decode_base64url(compact->signature, &signature, &signature_bytes))
        return false;
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (unsigned char *)public, public_bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1
        && EVP_DigestVerify(context, (unsigned char *)signature, signature_bytes,
               (const unsigned char *)compact->signed_part.at, compact->signed_part.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return right;
}

static bool verify_by_jose(const Compact *compact, const json_t *jwk)
{
    JSON_AUTO *jws = json_pack("{s:s%, s:s%, s:s%}", "protected", compact->header.at, compact->header.length, "payload",
        compact->payload.at, compact->payload.length, "signature", compact->signature.at, compact->signature.length);
    if (jws == NULL)
        return false;
    jose_cfg_t *config = jwk_quiet_config();
    bool right = jose_jws_ver(config, jws, NULL, jwk, false);
    jose_cfg_decref(config);
    return right;
}

/* Tries each fitting key; a set may hold the old and the new key without a `kid` (RFC 7515 §4.1.4 leaves it open). */
static JwsOutcome verify_with_set(const Compact *compact, const json_t *header, const json_t *jwks, GError **error)
{
    const char *name = json_text(header, "alg"), *kid = json_text(header, "kid");
    const JwsAlgorithm *algorithm = jws_algorithm_find(name);
    if (algorithm == NULL)
        return refuse(JWS_ALGORITHM_REFUSED, error, "\"%.32s\"; RS256, PS256, ES256 and EdDSA are", name);
    const json_t *keys = json_object_get(jwks, "keys"), *jwk;
    unsigned tried = 0;
    size_t index;
    json_array_foreach(keys, index, jwk) {
        if (tried == JWS_KEYS_TRIED_MAX || !jwk_fits(jwk, algorithm, kid))
            continue;
        tried++;
        bool eddsa = strcmp(algorithm->key_type, "OKP") == 0;
        if (eddsa ? verify_eddsa(compact, jwk) : verify_by_jose(compact, jwk))
            return JWS_VERIFIED;
    }
    if (tried == 0)
        return refuse(JWS_NO_KEY, error, "none of the %zu registered keys is for %s%s%.64s", json_array_size(keys), name,
            kid == NULL ? "" : " with kid ", kid == NULL ? "" : kid);
    return refuse(JWS_SIGNATURE_WRONG, error, "%u registered key%s tried with %s", tried, tried == 1 ? "" : "s", name);
}

JwsOutcome jws_check(Span compact_text, const json_t *jwks, GBytes **ret_payload, json_t **ret_header, GError **error)
{
    Compact compact;
    if (!cut_compact(compact_text, &compact))
        return refuse(JWS_MALFORMED, error, "it needs three parts with dots between, at most %d bytes in all",
            JWS_COMPACT_BYTES_MAX);
    JSON_AUTO *header = read_header(compact.header, error);
    if (header == NULL)
        return JWS_MALFORMED;
    g_autofree char *payload = NULL, *signature = NULL;
    size_t payload_bytes, signature_bytes;
    if (!decode_base64url(compact.payload, &payload, &payload_bytes)
        || !decode_base64url(compact.signature, &signature, &signature_bytes))
        return refuse(JWS_MALFORMED, error, "its payload or signature is not base64url");
    JwsOutcome outcome = verify_with_set(&compact, header, jwks, error);
    if (outcome != JWS_VERIFIED)
        return outcome;
    *ret_payload = g_bytes_new_take(g_steal_pointer(&payload), payload_bytes);
    if (ret_header != NULL)
        *ret_header = g_steal_pointer(&header);
    return JWS_VERIFIED;
}

GBytes *jws_verify(Span compact, const json_t *jwks, json_t **ret_header, GError **error)
{
    GBytes *payload = NULL;
    return jws_check(compact, jwks, &payload, ret_header, error) == JWS_VERIFIED ? payload : NULL;
}

/* ---- Signing ------------------------------------------------------------------------------------------ */

static json_t *signing_header(const json_t *private_jwk, const JwsAlgorithm *algorithm, const json_t *more)
{
    json_t *header = more == NULL ? json_object() : json_deep_copy(more);
    json_put_text(header, "alg", algorithm->name);
    if (json_text(private_jwk, "kid") != NULL)
        json_put_text(header, "kid", json_text(private_jwk, "kid"));
    return header;
}

static char *sign_eddsa(const char *signed_part, const json_t *private_jwk)
{
    g_autofree char *secret = NULL;
    size_t secret_bytes;
    if (!decode_base64url(span_of(json_text(private_jwk, "d")), &secret, &secret_bytes))
        return NULL;
    unsigned char signature[64];
    size_t signature_bytes = sizeof signature;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (unsigned char *)secret, secret_bytes);
    OPENSSL_cleanse(secret, secret_bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1
        && EVP_DigestSign(context, signature, &signature_bytes, (const unsigned char *)signed_part, strlen(signed_part))
            == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return made ? encode_base64url((Span){ (const char *)signature, signature_bytes }) : NULL;
}

static char *sign_by_jose(const char *protected_part, const char *payload_part, const json_t *private_jwk)
{
    JSON_AUTO *jws = json_pack("{s:s}", "payload", payload_part);
    json_t *signature = json_pack("{s:s}", "protected", protected_part);
    JSON_AUTO *key = json_deep_copy(private_jwk);
    jose_cfg_t *config = jwk_quiet_config();
    bool made = jose_jws_sig(config, jws, signature, key);
    jose_cfg_decref(config);
    json_decref(signature);
    return made ? g_strdup(json_text(jws, "signature")) : NULL;
}

char *jws_sign(Span payload, const json_t *private_jwk, const json_t *header, GError **error)
{
    const JwsAlgorithm *algorithm = jws_algorithm_of(private_jwk);
    if (algorithm == NULL || json_text(private_jwk, "d") == NULL || !jwk_check(private_jwk, error)) {
        if (error == NULL || *error == NULL)
            error_set(error, SALDO_ERROR_BAD_INPUT, "signing needs a private key for RS256, PS256, ES256 or EdDSA");
        return NULL;
    }
    JSON_AUTO *full_header = signing_header(private_jwk, algorithm, header);
    g_autofree char *header_text = json_write(full_header);
    g_autofree char *protected_part = encode_base64url(span_of(header_text));
    g_autofree char *payload_part = encode_base64url(payload);
    g_autofree char *signed_part = g_strconcat(protected_part, ".", payload_part, NULL);
    g_autofree char *signature = strcmp(algorithm->key_type, "OKP") == 0
        ? sign_eddsa(signed_part, private_jwk)
        : sign_by_jose(protected_part, payload_part, private_jwk);
    if (signature == NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the cryptographic library refused to sign with this %s key", algorithm->name);
        return NULL;
    }
    return g_strconcat(signed_part, ".", signature, NULL);
}
