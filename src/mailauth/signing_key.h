/* A private key to sign with, and the steps of signing. */
#pragma once

#include "dkim_signature.h"
#include "mailauth.h"

struct mailauth_key {
    EVP_PKEY *pkey;
    ma_algorithm algorithm;
};

/* The signature over `digest` in base64, or NULL. */
char *ma_sign_digest(ma_arena *arena, const mailauth_key *key, const uint8_t digest[MA_HASH_BYTES]);
/* bh= of a body. */
char *ma_body_hash_text(ma_arena *arena, ma_canonical form, ma_span body);
/* A DKIM-Signature field written up to "b=", completed with its signature and line end; NULL where what is
 * written would not be read as a signature. */
char *ma_sign_field(ma_arena *arena, const mailauth_key *key, const ma_message *message, const char *field);
