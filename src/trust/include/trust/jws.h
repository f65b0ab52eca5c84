/* JSON Web Signatures (RFC 7515) and keys (RFC 7517): verifying partners' requests, signing our own tokens.
 *
 * RS256, PS256, ES256 and EdDSA; never `none`, never HS*. On libjose; EdDSA through EVP.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "base/span.h"

enum {
    JWS_COMPACT_BYTES_MAX = 256 * 1024, /* as any JSON body (wire.md §4); larger ones in mail are an attack */
    JWS_HEADER_BYTES_MAX = 4096,
    JWS_SIGNATURE_BYTES_MAX = 1400,     /* base64url of an 8192-bit RSA signature, rounded up */
    JWS_KEYS_TRIED_MAX = 8,             /* keys that fit and are tried; overlapping rotations need two or three */
};

typedef enum JwsOutcome {
    JWS_VERIFIED,
    JWS_MALFORMED,          /* not a compact JWS within the limits, or `crit` */
    JWS_ALGORITHM_REFUSED,  /* none, HS*, anything but the four */
    JWS_NO_KEY,             /* no key of the set is for this algorithm and `kid` */
    JWS_SIGNATURE_WRONG,
} JwsOutcome;

/* The question behind jws_verify, for a caller who needs to know which refusal it was. *ret_payload and
 * *ret_header (may be NULL) are set only for JWS_VERIFIED; `error` is set for all others. */
JwsOutcome jws_check(Span compact, const json_t *jwks, GBytes **ret_payload, json_t **ret_header, GError **error);

/* Verifies a compact JWS against every fitting key of a JWK set (the one `kid` names where both have it).
 * Returns the payload bytes, newly allocated, and the protected header in *ret_header (may be NULL).
 * NULL and `error`: BAD_INPUT (not a compact JWS), DENIED (algorithm not allowed, no key fits,
 * signature wrong), with a text that says which. */
GBytes *jws_verify(Span compact, const json_t *jwks, json_t **ret_header, GError **error);

/* Signs with a private JWK (its `alg`, else RSA → RS256, OKP → EdDSA, EC → ES256); `header` may add members
 * (`alg` and the key's `kid` are set here). Newly allocated compact text; NULL and `error` (BAD_INPUT). */
char *jws_sign(Span payload, const json_t *private_jwk, const json_t *header, GError **error);

/* A new private JWK with `kid` (RFC 7638 thumbprint) and `alg`: "RS256" or "PS256" (2048 bits), "ES256" or "EdDSA". */
json_t *jwk_generate(const char *algorithm, GError **error);
/* The public half, with `use`; NULL where it is not a key of these kinds. */
json_t *jwk_public(const json_t *private_jwk);
