/* Our identity towards billers: keys, bearer token, payment token. */
#include "tokens.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "limits.h"
#include "trust/jws.h"

TokenKeys *token_keys_new(const char *issuer)
{
    TokenKeys *keys = g_new0(TokenKeys, 1);
    keys->issuer = g_strdup(issuer);
    keys->private_jwks = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    return keys;
}

void token_keys_free(TokenKeys *keys)
{
    if (keys == NULL)
        return;
    g_ptr_array_unref(keys->private_jwks);
    g_free(keys->issuer);
    g_free(keys);
}

json_t *token_keys_public(const TokenKeys *keys)
{
    json_t *set = json_array();
    for (guint i = 0; i < keys->private_jwks->len; i++)
        g_assert(json_array_append_new(set, jwk_public(g_ptr_array_index(keys->private_jwks, i))) == 0);
    return json_pack("{s:o}", "keys", set);
}

static const json_t *newest_key(const TokenKeys *keys, GError **error)
{
    if (keys->private_jwks->len == 0) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "there is no key to sign tokens with: run `saldo init`");
        return NULL;
    }
    return g_ptr_array_index(keys->private_jwks, 0);
}

char *token_bearer_header(const PartnerCall *call, GError **error)
{
    const json_t *key = newest_key(call->keys, error);
    if (key == NULL)
        return NULL;
    int64_t now_s = call->now_us / US_PER_SECOND;
    Id jti = id_new();
    JSON_AUTO *claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "iss", call->keys->issuer, "aud",
        call->merchant->merchant_id, "sub", call->payer_address, "sender", call->mail_from, "iat", (json_int_t)now_s,
        "exp", (json_int_t)(now_s + BEARER_LIFE_S), "jti", jti.text);
    JSON_AUTO *header = json_pack("{s:s}", "typ", "JWT");
    g_assert(claims != NULL && header != NULL);
    g_autofree char *payload = json_write(claims);
    g_autofree char *token = jws_sign(span_of(payload), key, header, error);
    return token == NULL ? NULL : g_strdup_printf("Authorization: Bearer %s", token);
}

json_t *token_wire_amount(Money amount)
{
    char value[MONEY_TEXT_MAX];
    money_format_decimal(amount, value);
    json_t *json = json_pack("{s:s, s:s}", "currency", amount.currency, "value", value);
    g_assert(json != NULL);
    return json;
}

char *token_payment(const PartnerCall *call, const CompleteRequest *request, GError **error)
{
    const json_t *key = newest_key(call->keys, error);
    if (key == NULL)
        return NULL;
    Id jti = id_new();
    int64_t expiry_s = call->now_us / US_PER_SECOND + PAYMENT_TOKEN_LIFE_S;
    JSON_AUTO *header = json_pack("{s:s, s:o, s:b, s:s, s:s, s:I, s:s}", "Format", request->token_format, "Amount",
        token_wire_amount(request->amount), "TestMode", request->test ? 1 : 0, "MerchantId", call->merchant->merchant_id,
        "RequestId", request->request_id, "Expiry", (json_int_t)expiry_s, "jti", jti.text);
    g_assert(header != NULL);
    return jws_sign(span_of(request->token), key, header, error);
}
