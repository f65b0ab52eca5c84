/* Checking the payer's server: issuer keys with a cache, the bearer JWT, the payment token. */
#include "bearer.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "bill.h"
#include "fetch.h"
#include "trust/jws.h"

#define KEYS_FRESH_US (5 * US_PER_MINUTE)
/* A token that no key fits makes us ask again, but not more often than this. */
#define KEYS_ASK_AGAIN_US US_PER_SECOND
/* Clocks of two machines. */
#define CLOCK_SKEW_S 60
/* Issuers are loopback servers of tests and demos; more than this is a leak somewhere. */
#define ISSUERS_MAX 64

struct IssuerCache {
    GMutex lock;
    GHashTable *issuers; /* issuer → JSON {"jwks","asked_us"} */
};

IssuerCache *issuer_cache_new(void)
{
    IssuerCache *cache = g_new0(IssuerCache, 1);
    g_mutex_init(&cache->lock);
    cache->issuers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_decref);
    return cache;
}

void issuer_cache_free(IssuerCache *cache)
{
    if (cache == NULL)
        return;
    g_hash_table_unref(cache->issuers);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

void caller_done(Caller *caller)
{
    g_free(caller->issuer);
    g_free(caller->subject);
    *caller = (Caller){ 0 };
}

/* The issuer's origin with the path: "http://127.0.0.1:8080" is followed by '/', '\0' nothing else. */
static bool is_below(const char *url, const char *issuer)
{
    size_t length = strlen(issuer);
    return strncmp(url, issuer, length) == 0 && url[length] == '/';
}

static json_t *fetch_issuer_keys(const char *issuer, GError **error)
{
    g_autofree char *discovery = g_strconcat(issuer, "/.well-known/openid-configuration", NULL);
    FetchAnswer about = { 0 }, keys = { 0 };
    if (!fetch_json(discovery, NULL, NULL, &about, error))
        return NULL;
    g_autofree char *jwks_uri = g_strdup(json_text(about.json, "jwks_uri"));
    json_decref(about.json);
    if (jwks_uri == NULL || !is_below(jwks_uri, issuer)) {
        error_set(error, SALDO_ERROR_DENIED, "%s names no jwks_uri below the issuer", discovery);
        return NULL;
    }
    if (!fetch_json(jwks_uri, NULL, NULL, &keys, error))
        return NULL;
    if (keys.status != 200 || !json_is_array(json_object_get(keys.json, "keys"))) {
        error_set(error, SALDO_ERROR_DENIED, "%s is no JWK set (status %ld)", jwks_uri, keys.status);
        json_decref(keys.json);
        return NULL;
    }
    return keys.json;
}

/* Keys not older than `age_us`: from the cache, else asked for. A new reference. */
static json_t *issuer_keys(IssuerCache *cache, const char *issuer, int64_t age_us, GError **error)
{
    g_mutex_lock(&cache->lock);
    const json_t *known = g_hash_table_lookup(cache->issuers, issuer);
    bool fresh = known != NULL && json_integer_or(known, "asked_us", 0) + age_us > time_monotonic_us();
    json_t *keys = fresh ? json_deep_copy(json_object_get(known, "jwks")) : NULL;
    g_mutex_unlock(&cache->lock);
    if (keys != NULL)
        return keys;
    keys = fetch_issuer_keys(issuer, error);
    if (keys == NULL)
        return NULL;
    json_t *entry = json_pack("{s:o, s:I}", "jwks", json_deep_copy(keys), "asked_us", (json_int_t)time_monotonic_us());
    g_mutex_lock(&cache->lock);
    if (g_hash_table_size(cache->issuers) >= ISSUERS_MAX)
        g_hash_table_remove_all(cache->issuers);
    g_hash_table_replace(cache->issuers, g_strdup(issuer), entry);
    g_mutex_unlock(&cache->lock);
    return keys;
}

/* Verifies under the issuer's keys; where none fits, once more under keys asked for just now. */
static GBytes *verify_by_issuer(Sandbox *sandbox, const char *issuer, const char *compact, json_t **ret_header,
    GError **error)
{
    const int64_t ages[] = { KEYS_FRESH_US, KEYS_ASK_AGAIN_US };
    for (size_t i = 0; i < G_N_ELEMENTS(ages); i++) {
        JSON_AUTO *keys = issuer_keys(sandbox->issuers, issuer, ages[i], error);
        if (keys == NULL)
            return NULL;
        bool last = i + 1 == G_N_ELEMENTS(ages);
        GBytes *payload = jws_verify(span_of(compact), keys, ret_header, last ? error : NULL);
        if (payload != NULL)
            return payload;
    }
    return NULL;
}

/* `iss` before the signature is checked: it only chooses whose keys are asked for. */
static char *claimed_issuer(const char *compact)
{
    g_auto(GStrv) parts = g_strsplit(compact, ".", 4);
    g_autofree char *text = NULL;
    size_t length;
    if (g_strv_length(parts) != 3 || !decode_base64url(span_of(parts[1]), &text, &length))
        return NULL;
    JSON_AUTO *claims = json_read((Span){ text, length }, LIMIT_JSON_BYTES, "claims", NULL);
    char *issuer = g_strdup(json_text(claims, "iss"));
    if (issuer != NULL && g_str_has_suffix(issuer, "/"))
        issuer[strlen(issuer) - 1] = '\0';
    return issuer;
}

static bool issuer_is_trusted(const Sandbox *sandbox, const char *issuer)
{
    if (sandbox->trust_issuer != NULL)
        return strcmp(issuer, sandbox->trust_issuer) == 0;
    return g_str_has_prefix(issuer, "http://127.0.0.1:") || g_str_has_prefix(issuer, "http://localhost:")
        || g_str_has_prefix(issuer, "http://[::1]:");
}

static const WorldMerchant *merchant_of_audience(const WorldBiller *biller, const json_t *audience)
{
    if (json_is_array(audience))
        audience = json_array_size(audience) == 1 ? json_array_get(audience, 0) : NULL;
    return world_find_merchant(biller, json_string_value(audience));
}

static bool check_claims(const WorldBiller *biller, const json_t *claims, Caller *caller, GError **error)
{
    int64_t now_s = time_now_us() / US_PER_SECOND;
    if (json_integer_or(claims, "exp", 0) + CLOCK_SKEW_S < now_s) {
        error_set(error, SALDO_ERROR_DENIED, "the bearer token has no exp or it has passed");
        return false;
    }
    if (json_integer_or(claims, "iat", 0) - CLOCK_SKEW_S > now_s) {
        error_set(error, SALDO_ERROR_DENIED, "the bearer token's iat lies in the future");
        return false;
    }
    caller->merchant = merchant_of_audience(biller, json_object_get(claims, "aud"));
    if (caller->merchant == NULL) {
        error_set(error, SALDO_ERROR_DENIED, "the bearer token's aud is no merchantId of %s", biller->title);
        return false;
    }
    caller->subject = g_strdup(json_text(claims, "sub"));
    return true;
}

bool bearer_check(Sandbox *sandbox, const WorldBiller *biller, const Call *call, Caller *ret_caller, GError **error)
{
    const char *authorization = call_header(call, "Authorization");
    if (authorization == NULL || !g_str_has_prefix(authorization, "Bearer ")) {
        error_set(error, SALDO_ERROR_DENIED, "no Authorization: Bearer token came with the call");
        return false;
    }
    const char *compact = authorization + strlen("Bearer ");
    CALLER_AUTO caller = { .issuer = claimed_issuer(compact) };
    if (caller.issuer == NULL || !issuer_is_trusted(sandbox, caller.issuer)) {
        error_set(error, SALDO_ERROR_DENIED, "the bearer token's iss %s is not trusted here (--trust-issuer)",
            caller.issuer == NULL ? "(none)" : caller.issuer);
        return false;
    }
    g_autoptr(GBytes) payload = verify_by_issuer(sandbox, caller.issuer, compact, NULL, error);
    if (payload == NULL)
        return false;
    size_t length;
    const char *text = g_bytes_get_data(payload, &length);
    JSON_AUTO *claims = json_read((Span){ text, length }, LIMIT_JSON_BYTES, "the bearer token's claims", error);
    if (claims == NULL || !check_claims(biller, claims, &caller, error))
        return false;
    *ret_caller = caller;
    caller = (Caller){ 0 };
    return true;
}

/* Expiry as seconds since 1970, a number or its text, or an RFC 3339 time. */
static bool has_expired(const json_t *expiry)
{
    int64_t now_us = time_now_us();
    if (json_is_integer(expiry))
        return json_integer_value(expiry) < now_us / US_PER_SECOND;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    const char *text = json_string_value(expiry);
    uint64_t seconds;
    if (text != NULL && span_to_uint64(span_of(text), &seconds))
        return (int64_t)seconds < now_us / US_PER_SECOND;
    g_autoptr(GDateTime) when = text == NULL ? NULL : g_date_time_new_from_iso8601(text, utc);
    return when == NULL || g_date_time_to_unix(when) < now_us / US_PER_SECOND;
}

static const char *header_trouble(const Caller *caller, const json_t *header, Money amount, const char *request_id)
{
    Money in_header;
    const char *merchant = json_text(header, "MerchantId");
    if (!wire_to_money(json_object_get(header, "Amount"), &in_header) || !money_equal(in_header, amount))
        return "its Amount is not the amount of the request";
    if (merchant == NULL || g_ascii_strcasecmp(merchant, caller->merchant->merchant_id) != 0)
        return "its MerchantId is not the merchant of the bearer token";
    if (g_strcmp0(json_text(header, "RequestId"), request_id) != 0)
        return "its RequestId is not the request's";
    if (has_expired(json_object_get(header, "Expiry")))
        return "its Expiry is missing or has passed";
    if (json_flag(header, "TestMode"))
        return "it is a test token and this biller takes live payments";
    return NULL;
}

char *payment_token_check(Sandbox *sandbox, const Caller *caller, const char *token, Money amount,
    const char *request_id, GError **error)
{
    JSON_AUTO *header = NULL;
    g_autoptr(GBytes) payload = verify_by_issuer(sandbox, caller->issuer, token, &header, error);
    if (payload == NULL)
        return NULL;
    const char *trouble = header_trouble(caller, header, amount, request_id);
    size_t length;
    const char *text = g_bytes_get_data(payload, &length);
    char *processor_token = trouble == NULL ? span_to_text((Span){ text, length }) : NULL;
    if (processor_token == NULL)
        error_set(error, SALDO_ERROR_DENIED, "the payment token is refused: %s",
            trouble == NULL ? "its payload holds a NUL" : trouble);
    return processor_token;
}
