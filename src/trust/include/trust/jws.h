/* JSON Web Signatures (RFC 7515) and keys (RFC 7517): verifying partners' requests, signing our own tokens.
 *
 * RS256, PS256, ES256 and EdDSA; never `none`, never HS*. On libjose; EdDSA through EVP.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "base/span.h"

/* Verifies a compact JWS against every fitting key of a JWK set (the one `kid` names where both have it).
 * Returns the payload bytes, newly allocated, and the protected header in *ret_header (may be NULL).
 * NULL and `error`: BAD_INPUT (not a compact JWS), DENIED (algorithm not allowed, no key fits,
 * signature wrong), with a text that says which. */
GBytes *jws_verify(Span compact, const json_t *jwks, json_t **ret_header, GError **error);

/* Signs with a private JWK (kty RSA → RS256, OKP → EdDSA, EC → ES256); `header` may add members.
 * Newly allocated compact text. */
char *jws_sign(Span payload, const json_t *private_jwk, const json_t *header, GError **error);

/* A new private JWK with `kid` (RFC 7638 thumbprint) and `alg`: "RS256" (2048 bits), "ES256" or "EdDSA". */
json_t *jwk_generate(const char *algorithm, GError **error);
/* The public half. */
json_t *jwk_public(const json_t *private_jwk);
