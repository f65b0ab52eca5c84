/* Who calls a biller: the bearer token and the payment token of the payer's server (wire.md §5, §6).
 *
 * Both are RS256 under the keys that the issuer publishes at /.well-known/openid-configuration →
 * jwks_uri, kept for five minutes and asked for again when a signature does not fit (rotation).
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/money.h"
#include "server.h"
#include "world.h"

typedef struct IssuerCache IssuerCache;
IssuerCache *issuer_cache_new(void);
void issuer_cache_free(IssuerCache *cache);

typedef struct Caller {
    char *issuer;
    char *subject;  /* the payer's address, or NULL */
    const WorldMerchant *merchant; /* whom the token is for: `aud` */
} Caller;
void caller_done(Caller *caller);
#define CALLER_AUTO __attribute__((cleanup(caller_done))) Caller

/* False with `error` (DENIED; the text says which claim) where the call may not be answered. */
bool bearer_check(Sandbox *sandbox, const WorldBiller *biller, const Call *call, Caller *ret_caller, GError **error);

/* Verifies a payment token for this call: signature, amount, merchant, request id, expiry. Returns the
 * processor's token, newly allocated, or NULL and `error` (DENIED). */
char *payment_token_check(Sandbox *sandbox, const Caller *caller, const char *token, Money amount,
    const char *request_id, GError **error);
