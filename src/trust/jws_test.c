#include "trust/jws.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "jwk.h"

/* RFC 7515 appendix A: the payload of all its examples. */
#define PAYLOAD "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define RSA_N                                                                                                            \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs" \
    "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtd" \
    "VMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RSA_SIGNATURE                                                                                                      \
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZc" \
    "AcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eO" \
    "kHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_SIGNATURE "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
/* RFC 8037 appendix A. */
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define ED_COMPACT                                                                                                        \
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhV" \
    "sPt9g7sVvpAr_MuM0KAg"
/* RFC 7520 §3.3 and §4.1: an RSA key with kid, and RS256 with it. */
#define BILBO_N                                                                                                             \
    "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-Qti" \
    "WN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS" \
    "0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"
#define BILBO_PAYLOAD                                                                                                          \
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBk" \
    "b24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
#define BILBO_SIGNATURE                                                                                                         \
    "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4J" \
    "IwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluP" \
    "xUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"

#define RSA_KEY "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define EC_KEY "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"
#define ED_KEY "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"
#define BILBO_KEY(more) "{\"kty\":\"RSA\",\"n\":\"" BILBO_N "\",\"e\":\"AQAB\"" more "}"
#define OCT_KEY                                                                                                                  \
    "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}"
#define SET(keys) "{\"keys\":[" keys "]}"

#define RS256_COMPACT "eyJhbGciOiJSUzI1NiJ9." PAYLOAD "." RSA_SIGNATURE
#define ES256_COMPACT "eyJhbGciOiJFUzI1NiJ9." PAYLOAD "." EC_SIGNATURE
#define HS256_COMPACT "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define NONE_COMPACT "eyJhbGciOiJub25lIn0." PAYLOAD "."
#define BILBO_COMPACT                                                                                                             \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." BILBO_PAYLOAD "." BILBO_SIGNATURE

static json_t *set_of(const char *text)
{
    json_t *set = json_loads(text, 0, NULL);
    g_assert_nonnull(set);
    return set;
}

static JwsOutcome outcome_of(const char *compact, const json_t *set)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(GError) error = NULL;
    JwsOutcome outcome = jws_check(span_of(compact), set, &payload, NULL, &error);
    g_assert_true((outcome == JWS_VERIFIED) == (payload != NULL));
    g_assert_true((outcome == JWS_VERIFIED) == (error == NULL));
    return outcome;
}

static const struct { const char *name, *compact, *set; JwsOutcome outcome; } vectors[] = {
    { "RFC 7515 A.2", RS256_COMPACT, SET(RSA_KEY), JWS_VERIFIED },
    { "RFC 7515 A.3", ES256_COMPACT, SET(EC_KEY), JWS_VERIFIED },
    { "RFC 8037 A.4", ED_COMPACT, SET(ED_KEY), JWS_VERIFIED },
    { "RFC 7520 4.1, kid on both sides", BILBO_COMPACT, SET(BILBO_KEY(",\"kid\":\"bilbo.baggins@hobbiton.example\",\"use\":\"sig\"")), JWS_VERIFIED },
    { "kid on one side alone", BILBO_COMPACT, SET(BILBO_KEY("")), JWS_VERIFIED },
    { "several keys, one right", RS256_COMPACT, SET(EC_KEY "," BILBO_KEY("") "," RSA_KEY "," ED_KEY), JWS_VERIFIED },
    { "alg of the key agrees", RS256_COMPACT, SET("{\"alg\":\"RS256\",\"key_ops\":[\"verify\"],\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"), JWS_VERIFIED },

    { "RFC 7515 A.1 HS256 with its own key", HS256_COMPACT, SET(OCT_KEY), JWS_ALGORITHM_REFUSED },
    { "RFC 7515 A.5 none", NONE_COMPACT, SET(RSA_KEY), JWS_ALGORITHM_REFUSED },
    { "none with a signature", "eyJhbGciOiJub25lIn0." PAYLOAD "." EC_SIGNATURE, SET(EC_KEY), JWS_ALGORITHM_REFUSED },
    { "alg in another case", "eyJhbGciOiJyczI1NiJ9." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_ALGORITHM_REFUSED },

    { "another kid", BILBO_COMPACT, SET(BILBO_KEY(",\"kid\":\"frodo\"")), JWS_NO_KEY },
    { "no key of this type", RS256_COMPACT, SET(EC_KEY), JWS_NO_KEY },
    { "an empty set", RS256_COMPACT, SET(""), JWS_NO_KEY },
    { "no set", RS256_COMPACT, "[]", JWS_NO_KEY },
    { "a key for encryption", BILBO_COMPACT, SET(BILBO_KEY(",\"use\":\"enc\"")), JWS_NO_KEY },
    { "a key that may only sign", BILBO_COMPACT, SET(BILBO_KEY(",\"key_ops\":[\"sign\"]")), JWS_NO_KEY },
    { "a key for PS256", BILBO_COMPACT, SET(BILBO_KEY(",\"alg\":\"PS256\"")), JWS_NO_KEY },
    { "a short modulus", RS256_COMPACT, SET("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"), JWS_NO_KEY },
    { "a key that is no object", RS256_COMPACT, SET("7,\"x\",null"), JWS_NO_KEY },

    { "another key", RS256_COMPACT, SET(BILBO_KEY("")), JWS_SIGNATURE_WRONG },
    { "RS256 signature as PS256", "eyJhbGciOiJQUzI1NiJ9." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_SIGNATURE_WRONG },
    { "another payload", "eyJhbGciOiJSUzI1NiJ9.e30." RSA_SIGNATURE, SET(RSA_KEY), JWS_SIGNATURE_WRONG },
    { "no signature", "eyJhbGciOiJSUzI1NiJ9." PAYLOAD ".", SET(RSA_KEY), JWS_SIGNATURE_WRONG },
    { "zero ECDSA signature (r = s = 0)", "eyJhbGciOiJFUzI1NiJ9." PAYLOAD "."
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SET(EC_KEY), JWS_SIGNATURE_WRONG },
    { "half an ECDSA signature", "eyJhbGciOiJFUzI1NiJ9." PAYLOAD ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmU", SET(EC_KEY), JWS_SIGNATURE_WRONG },

    { "nothing", "", SET(RSA_KEY), JWS_MALFORMED },
    { "two parts", "eyJhbGciOiJSUzI1NiJ9." PAYLOAD, SET(RSA_KEY), JWS_MALFORMED },
    { "four parts", RS256_COMPACT ".e30", SET(RSA_KEY), JWS_MALFORMED },
    { "padding", "eyJhbGciOiJSUzI1NiJ9=." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    { "a line end in the payload", "eyJhbGciOiJSUzI1NiJ9.e3\n0." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    { "base64 instead of base64url", "eyJhbGciOiJSUzI1NiJ9." PAYLOAD ".ab+/", SET(RSA_KEY), JWS_MALFORMED },
    { "a header that is a list", "W10." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    { "a header without alg", "e30." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    { "a header that is no JSON", "eyJh." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    /* {"alg":"RS256","alg":"RS256"} */
    { "alg twice", "eyJhbGciOiJSUzI1NiIsImFsZyI6IlJTMjU2In0." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    /* {"alg":"RS256","crit":["exp"]} */
    { "crit", "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiZXhwIl19." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
    /* {"alg":"RS256","kid":7} */
    { "a kid that is no text", "eyJhbGciOiJSUzI1NiIsImtpZCI6N30." PAYLOAD "." RSA_SIGNATURE, SET(RSA_KEY), JWS_MALFORMED },
};

static void test_vectors(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        JSON_AUTO *set = set_of(vectors[i].set);
        JwsOutcome outcome = outcome_of(vectors[i].compact, set);
        if (outcome != vectors[i].outcome)
            g_error("%s: outcome %d instead of %d", vectors[i].name, outcome, vectors[i].outcome);
    }
}

static void test_payload_and_header(void)
{
    JSON_AUTO *set = set_of(SET(ED_KEY)), *header = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) payload = jws_verify(SPAN(ED_COMPACT), set, &header, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(payload, NULL), g_bytes_get_size(payload), "Example of Ed25519 signing", 26);
    g_assert_cmpstr(json_text(header, "alg"), ==, "EdDSA");
    JSON_AUTO *nothing = NULL;
    g_assert_null(jws_verify(SPAN(ED_COMPACT), nothing, NULL, &error)); /* a partner without keys */
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
    g_clear_error(&error);
    g_assert_null(jws_verify(SPAN("x"), set, NULL, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
}

/* RFC 8037 A.4 is deterministic: our signature must be the same bytes. */
static void test_sign_vector(void)
{
    JSON_AUTO *key = json_pack("{s:s, s:s, s:s, s:s}", "kty", "OKP", "crv", "Ed25519", "x", ED_X, "d", ED_D);
    g_autoptr(GError) error = NULL;
    g_autofree char *compact = jws_sign(SPAN("Example of Ed25519 signing"), key, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(compact, ==, ED_COMPACT);
}

static void test_thumbprints(void)
{
    JSON_AUTO *ed = set_of(ED_KEY);
    g_autofree char *ed_thumbprint = jwk_thumbprint(ed);
    g_assert_cmpstr(ed_thumbprint, ==, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); /* RFC 8037 A.3 */
    JSON_AUTO *rsa = set_of("{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\",\"e\":\"AQAB\",\"n\":\""
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64t"
        "Z_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
        "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"}");
    g_autofree char *rsa_thumbprint = jwk_thumbprint(rsa);
    g_assert_cmpstr(rsa_thumbprint, ==, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"); /* RFC 7638 §3.1 */
}

/* Every algorithm: made, signed, verified with the public half alone; any changed character is refused. */
static void test_round_trips(gconstpointer algorithm)
{
    g_autoptr(GError) error = NULL;
    JSON_AUTO *key = jwk_generate(algorithm, &error);
    g_assert_no_error(error);
    JSON_AUTO *public = jwk_public(key);
    g_assert_null(json_object_get(public, "d"));
    g_assert_null(json_object_get(public, "p"));
    g_assert_cmpstr(json_text(public, "kid"), ==, json_text(key, "kid"));
    JSON_AUTO *set = json_pack("{s:[O]}", "keys", public);
    JSON_AUTO *more = json_pack("{s:s, s:s}", "typ", "JWT", "alg", "none"); /* alg cannot be talked into */
    g_autofree char *compact = jws_sign(SPAN("{\"iat\":\"1\"}"), key, more, &error);
    g_assert_no_error(error);
    JSON_AUTO *header = NULL;
    g_autoptr(GBytes) payload = jws_verify(span_of(compact), set, &header, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(payload, NULL), g_bytes_get_size(payload), "{\"iat\":\"1\"}", 11);
    g_assert_cmpstr(json_text(header, "alg"), ==, algorithm);
    g_assert_cmpstr(json_text(header, "typ"), ==, "JWT");
    g_assert_cmpstr(json_text(header, "kid"), ==, json_text(key, "kid"));
    size_t length = strlen(compact);
    for (size_t i = 0; i < length; i += 3) {
        char kept = compact[i];
        compact[i] = kept == 'A' ? 'B' : 'A';
        g_assert_cmpint(outcome_of(compact, set), !=, JWS_VERIFIED);
        compact[i] = kept;
    }
    g_assert_cmpint(outcome_of(compact, set), ==, JWS_VERIFIED);
}

static void put_number(json_t *jwk, const char *name, const BIGNUM *number)
{
    unsigned char bytes[512];
    int length = BN_bn2bin(number, bytes);
    g_autofree char *text = encode_base64url((Span){ (const char *)bytes, (size_t)length });
    json_put_text(jwk, name, text);
}

static json_t *rsa_jwk(EVP_PKEY *key)
{
    BIGNUM *n = NULL, *e = NULL;
    g_assert_true(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1);
    json_t *jwk = json_pack("{s:s}", "kty", "RSA");
    put_number(jwk, "n", n);
    put_number(jwk, "e", e);
    BN_free(n);
    BN_free(e);
    return jwk;
}

/* PS256 made by OpenSSL itself (RFC 7518 §3.5: MGF1 with SHA-256, salt of 32 bytes). */
static char *sign_pss(EVP_PKEY *key, const char *signed_part, int salt_bytes)
{
    unsigned char signature[512];
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL;
    g_assert_true(EVP_DigestSignInit(context, &key_context, EVP_sha256(), NULL, key) == 1
        && EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, salt_bytes) == 1
        && EVP_DigestSign(context, signature, &length, (const unsigned char *)signed_part, strlen(signed_part)) == 1);
    EVP_MD_CTX_free(context);
    g_autofree char *text = encode_base64url((Span){ (const char *)signature, length });
    return g_strconcat(signed_part, ".", text, NULL);
}

static void test_pss_and_sizes(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    JSON_AUTO *set = json_pack("{s:[o]}", "keys", rsa_jwk(key)), *weak_set = json_pack("{s:[o]}", "keys", rsa_jwk(weak));
    g_autofree char *good = sign_pss(key, "eyJhbGciOiJQUzI1NiJ9." PAYLOAD, 32);
    g_assert_cmpint(outcome_of(good, set), ==, JWS_VERIFIED);
    g_autofree char *as_pkcs1 = sign_pss(key, "eyJhbGciOiJSUzI1NiJ9." PAYLOAD, 32);
    g_assert_cmpint(outcome_of(as_pkcs1, set), ==, JWS_SIGNATURE_WRONG);
    g_autofree char *by_weak = sign_pss(weak, "eyJhbGciOiJQUzI1NiJ9." PAYLOAD, 32);
    g_assert_cmpint(outcome_of(by_weak, weak_set), ==, JWS_NO_KEY); /* 1024 bits are not enough */
    EVP_PKEY_free(key);
    EVP_PKEY_free(weak);
}

static void test_limits(void)
{
    JSON_AUTO *set = set_of(SET(RSA_KEY));
    g_autofree char *zeros = g_strnfill(JWS_COMPACT_BYTES_MAX, 'A');
    g_autofree char *large = g_strconcat("eyJhbGciOiJSUzI1NiJ9.", zeros, ".", RSA_SIGNATURE, NULL);
    g_assert_cmpint(outcome_of(large, set), ==, JWS_MALFORMED);
    zeros[JWS_HEADER_BYTES_MAX + 4] = '\0';
    g_autofree char *long_header = g_strconcat(zeros, "." PAYLOAD "." RSA_SIGNATURE, NULL);
    g_assert_cmpint(outcome_of(long_header, set), ==, JWS_MALFORMED);
    zeros[JWS_SIGNATURE_BYTES_MAX + 4] = '\0';
    g_autofree char *long_signature = g_strconcat("eyJhbGciOiJSUzI1NiJ9." PAYLOAD ".", zeros, NULL);
    g_assert_cmpint(outcome_of(long_signature, set), ==, JWS_MALFORMED);

    JSON_AUTO *keys = json_array();
    for (int i = 0; i < JWS_KEYS_TRIED_MAX; i++)
        json_array_append_new(keys, set_of(BILBO_KEY("")));
    json_array_append_new(keys, set_of(RSA_KEY));
    JSON_AUTO *many = json_pack("{s:O}", "keys", keys);
    g_assert_cmpint(outcome_of(RS256_COMPACT, many), ==, JWS_SIGNATURE_WRONG); /* the ninth is not tried */
    g_assert_cmpint(outcome_of(BILBO_COMPACT, many), ==, JWS_VERIFIED);
}

static void test_wrong_keys(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(jwk_generate("HS256", &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_clear_error(&error);
    JSON_AUTO *public = set_of(RSA_KEY), *shared = set_of(OCT_KEY);
    g_assert_null(jws_sign(SPAN("x"), public, NULL, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_clear_error(&error);
    g_assert_null(jws_sign(SPAN("x"), shared, NULL, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_assert_null(jwk_public(shared));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/jws/vectors", test_vectors);
    g_test_add_func("/jws/payload-and-header", test_payload_and_header);
    g_test_add_func("/jws/sign-vector", test_sign_vector);
    g_test_add_func("/jws/thumbprints", test_thumbprints);
    g_test_add_data_func("/jws/round-trip/RS256", "RS256", test_round_trips);
    g_test_add_data_func("/jws/round-trip/PS256", "PS256", test_round_trips);
    g_test_add_data_func("/jws/round-trip/ES256", "ES256", test_round_trips);
    g_test_add_data_func("/jws/round-trip/EdDSA", "EdDSA", test_round_trips);
    g_test_add_func("/jws/pss-and-sizes", test_pss_and_sizes);
    g_test_add_func("/jws/limits", test_limits);
    g_test_add_func("/jws/wrong-keys", test_wrong_keys);
    return g_test_run();
}
