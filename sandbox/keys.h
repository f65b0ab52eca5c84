/* The private keys of the test world, made once per state directory and kept in its book. */
#pragma once

#include <jansson.h>

#include "book.h"

/* PEM of the DKIM key `name`; kind "rsa" (2048 bits) or "ed25519". Newly allocated. */
char *keys_dkim_pem(Book *book, const char *name, const char *kind);
/* The biller's JWS key (ES256), a private JWK with kid. */
json_t *keys_biller_jwk(Book *book, const char *biller);
/* The processor's key that cards are sealed to: RSA 2048, RSA-OAEP-256, use enc, kid. */
json_t *keys_processor_jwk(Book *book);
/* {"keys":[…]} with the public half alone. */
json_t *keys_processor_public(Book *book);
