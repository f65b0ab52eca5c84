/* What this room accepts as a key and as a signature algorithm; shared by jws.c, jwk.c and partner.c. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <jose/cfg.h>
#include <stdbool.h>

typedef struct JwsAlgorithm {
    const char *name; /* "RS256" */
    const char *key_type, *curve; /* kty, and crv or NULL */
} JwsAlgorithm;

/* NULL for anything but the four that are accepted: `none` and HS* are not in the table. */
const JwsAlgorithm *jws_algorithm_find(const char *name);
/* The algorithm that a key signs with: its `alg` where it has one that fits, else the first of its type. */
const JwsAlgorithm *jws_algorithm_of(const json_t *jwk);

/* Public members are there and of a safe size: RSA 2048..8192 bits, P-256, Ed25519. BAD_INPUT says what is wrong. */
bool jwk_check(const json_t *jwk, GError **error);
/* Whether a sound key may verify `algorithm` (kty, crv, alg, use, key_ops) under this `kid` (NULL: none given). */
bool jwk_fits(const json_t *jwk, const JwsAlgorithm *algorithm, const char *kid);

/* RFC 7638, base64url of SHA-256; newly allocated. */
char *jwk_thumbprint(const json_t *jwk);

/* libjose with its own complaints kept off standard error: ours say more. Free with jose_cfg_decref. */
jose_cfg_t *jwk_quiet_config(void);
