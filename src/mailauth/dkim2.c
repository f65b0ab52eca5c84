/* Verifies the chain: the fields are whole and numbered without gaps, not too old, each hop hands on to the next and
 * the last one to us; all signatures are good; and the message is what the newest instance says, was before what the
 * one below says, and so on. The texts are those that the draft gives (§11), with the detail behind them. */
#include "dkim2.h"

#include "dkim2_history.h"
#include "domain.h"

#include <stdlib.h>
#include <string.h>

/* ---- Reading ---- */

static void read_signature(ma_arena *arena, ma_dkim2_chain *chain, const ma_field *field)
{
    if (chain->signature_count == MA_DKIM2_CHAIN_MAX) {
        chain->trouble = ma_arena_print(arena, "more than %d DKIM2-Signature fields", MA_DKIM2_CHAIN_MAX);
        return;
    }
    ma_dkim2_signature *signature = &chain->signatures[chain->signature_count++];
    const char *trouble = ma_dkim2_signature_read(arena, field, chain->bare_paths, signature);
    if (trouble != NULL)
        chain->trouble = ma_arena_print(arena, "DKIM2-Signature i=%u syntax error: %s", signature->number, trouble);
}

static void read_instance(ma_arena *arena, ma_dkim2_chain *chain, const ma_field *field)
{
    if (chain->instance_count == MA_DKIM2_CHAIN_MAX) {
        chain->trouble = ma_arena_print(arena, "more than %d Message-Instance fields", MA_DKIM2_CHAIN_MAX);
        return;
    }
    ma_dkim2_instance *instance = &chain->instances[chain->instance_count++];
    const char *trouble = ma_dkim2_instance_read(arena, field, instance);
    if (trouble != NULL)
        chain->trouble = ma_arena_print(arena, "Message-Instance m=%u syntax error: %s", instance->number, trouble);
}

static int by_signature_number(const void *left, const void *right)
{
    const ma_dkim2_signature *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static int by_instance_number(const void *left, const void *right)
{
    const ma_dkim2_instance *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

/* Numbers go 1, 2, 3 …; every instance is signed, every signature's instance is there, later signatures do not go back
 * to an earlier instance. */
static char *check_numbers(ma_arena *arena, const ma_dkim2_chain *chain)
{
    for (size_t i = 0; i < chain->signature_count; i++)
        if (chain->signatures[i].number != i + 1)
            return ma_arena_print(arena, "DKIM2-Signature i=%zu missing", i + 1);
    for (size_t i = 0; i < chain->instance_count; i++)
        if (chain->instances[i].number != i + 1)
            return ma_arena_print(arena, "Message-Instance m=%zu missing", i + 1);
    unsigned signed_to = 0;
    for (size_t i = 0; i < chain->signature_count; i++) {
        unsigned instance = chain->signatures[i].instance;
        if (instance > chain->instance_count)
            return ma_arena_print(arena, "Message-Instance m=%u missing", instance);
        if (instance < signed_to)
            return ma_arena_print(arena, "DKIM2-Signature i=%zu syntax error: m= goes back", i + 1);
        signed_to = instance;
    }
    if (signed_to < chain->instance_count)
        return ma_arena_print(arena, "Message-Instance m=%zu is not signed", chain->instance_count);
    return NULL;
}

ma_dkim2_chain *ma_dkim2_read(ma_arena *arena, const ma_message *message, mailauth_dkim2_mode mode)
{
    ma_dkim2_chain *chain = ma_arena_take(arena, sizeof *chain);
    chain->bare_paths = mode == MAILAUTH_DKIM2_BARE_PATHS;
    for (size_t i = 0; i < message->field_count && chain->trouble == NULL && message->trouble == NULL; i++) {
        const ma_field *field = &message->fields[i];
        if (ma_span_equal_nocase(field->name, MA_SPAN("DKIM2-Signature")))
            read_signature(arena, chain, field);
        else if (ma_span_equal_nocase(field->name, MA_SPAN("Message-Instance")))
            read_instance(arena, chain, field);
    }
    qsort(chain->signatures, chain->signature_count, sizeof chain->signatures[0], by_signature_number);
    qsort(chain->instances, chain->instance_count, sizeof chain->instances[0], by_instance_number);
    if (chain->trouble == NULL && chain->signature_count > 0)
        chain->trouble = check_numbers(arena, chain);
    return chain;
}

static char *key_name(ma_arena *arena, const ma_dkim2_signature *signature, const ma_dkim2_key *key)
{
    return ma_arena_print(arena, "%s._domainkey.%s", key->selector, signature->domain);
}

void ma_dkim2_start(const ma_dkim2_chain *chain, ma_lookups *lookups)
{
    ma_arena *arena = ma_arena_new();
    for (size_t i = 0; i < chain->signature_count && chain->trouble == NULL; i++)
        for (size_t at = 0; at < chain->signatures[i].key_count; at++)
            if (chain->signatures[i].keys[at].known)
                ma_lookups_start(
                    lookups, key_name(arena, &chain->signatures[i], &chain->signatures[i].keys[at]), MAILAUTH_TYPE_TXT);
    ma_arena_free(arena);
}

/* ---- Time, envelope and custody ---- */

static ma_dkim2_finding check_times(ma_arena *arena, const ma_dkim2_chain *chain, int64_t now)
{
    for (size_t i = 0; i < chain->signature_count; i++) {
        int64_t signed_at = (int64_t)chain->signatures[i].signed_at;
        if (now - signed_at > MA_DKIM2_AGE_MAX_S)
            return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
                ma_arena_print(arena, "DKIM2-Signature i=%zu signature expired", i + 1) };
        if (signed_at - MA_CLOCK_SKEW_S > now)
            return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
                ma_arena_print(arena, "DKIM2-Signature i=%zu signature dated in the future", i + 1) };
    }
    return MA_DKIM2_GOOD;
}

/* Local parts count case, domains do not (§11.4). */
static bool path_is(ma_span path, const char *address)
{
    ma_span left = ma_dkim2_path_address(path), right = ma_span_of(address);
    if (left.length != right.length)
        return false;
    size_t at = left.length;
    while (at > 0 && left.at[at - 1] != '@')
        at--;
    return ma_span_equal(ma_span_slice(left, 0, at), ma_span_slice(right, 0, at))
        && ma_span_equal_nocase(ma_span_slice(left, at, left.length), ma_span_slice(right, at, right.length));
}

static bool goes_to(const ma_dkim2_signature *signature, const char *recipient)
{
    for (size_t i = 0; i < signature->recipient_count; i++)
        if (path_is(signature->recipients[i], recipient))
            return true;
    return false;
}

static ma_dkim2_finding check_envelope(ma_arena *arena, const ma_dkim2_signature *newest, const mailauth_envelope *envelope)
{
    if (newest->next_domain != NULL)
        return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
            ma_arena_print(arena, "DKIM2-Signature i=%u unexpected nd= tag", newest->number) };
    if (envelope->mail_from != NULL && !path_is(newest->mail_from, envelope->mail_from))
        return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
            ma_arena_print(arena, "DKIM2-Signature i=%u MAIL FROM did not match", newest->number) };
    for (const char *const *recipient = envelope->recipients; recipient != NULL && *recipient != NULL; recipient++)
        if (!goes_to(newest, *recipient))
            return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
                ma_arena_print(arena, "DKIM2-Signature i=%u RCPT TO did not match", newest->number) };
    return MA_DKIM2_GOOD;
}

/* §9.4: the domain itself, or one below it. */
static bool is_relaxed_match(ma_span domain, ma_span above)
{
    return domain.length > 0 && above.length > 0 && ma_domain_is_within(domain.at, above.at);
}

/* The mail went to where it then came from. */
static bool hands_on(ma_arena *arena, const ma_dkim2_signature *from, const ma_dkim2_signature *to)
{
    if (from->next_domain != NULL)
        return strcmp(from->next_domain, to->domain) == 0;
    ma_span came_from
        = to->next_domain != NULL ? ma_span_of(to->domain) : ma_dkim2_path_domain(arena, to->mail_from);
    for (size_t i = 0; i < from->recipient_count; i++)
        if (is_relaxed_match(came_from, ma_dkim2_path_domain(arena, from->recipients[i])))
            return true;
    return false;
}

static ma_dkim2_finding check_custody(ma_arena *arena, const ma_dkim2_chain *chain)
{
    for (size_t i = 0; i < chain->signature_count; i++) {
        const ma_dkim2_signature *signature = &chain->signatures[i];
        bool null_path = ma_dkim2_path_address(signature->mail_from).length == 0;
        if (signature->next_domain == NULL && !null_path
            && !is_relaxed_match(ma_dkim2_path_domain(arena, signature->mail_from), ma_span_of(signature->domain)))
            return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
                ma_arena_print(arena, "DKIM2-Signature i=%zu MAIL FROM and d= do not match", i + 1) };
        if (i > 0 && !hands_on(arena, signature - 1, signature))
            return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
                ma_arena_print(arena, "DKIM2-Signature i=%zu does not come from where i=%zu went to", i + 1, i) };
    }
    return MA_DKIM2_GOOD;
}

/* ---- Signatures ---- */

static void hash_field(ma_hash *hash, const ma_field *field)
{
    ma_canonical_name(hash, field->name);
    ma_canonical_without_space(hash, field->value);
    ma_hash_add(hash, MA_SPAN("\r\n"));
}

/* The signature's own field, its signatures left out. */
static void hash_own_field(ma_hash *hash, const ma_dkim2_signature *signature)
{
    ma_span value = signature->field->value;
    size_t at = 0;
    ma_canonical_name(hash, signature->field->name);
    for (size_t i = 0; i < signature->key_count; i++) {
        ma_span area = signature->keys[i].area;
        size_t start = (size_t)(area.at - value.at);
        ma_canonical_without_space(hash, ma_span_slice(value, at, start));
        at = start + area.length;
    }
    ma_canonical_without_space(hash, ma_span_slice(value, at, value.length));
    ma_hash_add(hash, MA_SPAN("\r\n"));
}

/* §9.6: the instances it signs, the signatures before it, itself. */
static void hash_header(const ma_dkim2_chain *chain, const ma_dkim2_signature *signature,
    uint8_t ret_digest[MA_HASH_BYTES])
{
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    for (size_t i = 0; i < signature->instance; i++)
        hash_field(&hash, chain->instances[i].field);
    for (size_t i = 0; i + 1 < signature->number; i++)
        hash_field(&hash, chain->signatures[i].field);
    hash_own_field(&hash, signature);
    ma_hash_done(&hash, ret_digest);
}

static ma_dkim2_finding check_key(ma_arena *arena, const ma_dkim2_signature *signature, const ma_dkim2_key *with,
    const uint8_t *digest, ma_lookups *lookups)
{
    const ma_key_record *key = NULL;
    const char *reason = NULL;
    bool dnssec;
    mailauth_result result = MAILAUTH_PERMERROR;
    switch (ma_key_fetch(lookups, key_name(arena, signature, with), &key, &dnssec, &reason)) {
    case MA_KEY_UNKNOWN:
        result = MAILAUTH_TEMPERROR;
        break;
    case MA_KEY_BAD:
        break;
    case MA_KEY_OF_OTHER_HASH: /* §11.5: h= is ignored */
    case MA_KEY_FOUND:
        if (key->algorithm != with->algorithm) {
            reason = "algorithm mismatch";
        } else {
            result = MAILAUTH_FAIL;
            reason = ma_key_record_verifies(key, digest, with->bytes) ? NULL : "incorrect signature";
        }
        break;
    }
    if (reason == NULL)
        return MA_DKIM2_GOOD;
    return (ma_dkim2_finding){ result,
        ma_arena_print(arena, "DKIM2-Signature i=%u public key %s: %s", signature->number, with->selector, reason) };
}

/* All that can be checked must be good; at least one (§11.6). */
static ma_dkim2_finding check_signature(ma_arena *arena, const ma_dkim2_chain *chain, const ma_dkim2_signature *signature,
    ma_lookups *lookups)
{
    uint8_t digest[MA_HASH_BYTES];
    bool any = false;
    hash_header(chain, signature, digest);
    for (size_t i = 0; i < signature->key_count; i++) {
        if (!signature->keys[i].known)
            continue;
        any = true;
        ma_dkim2_finding found = check_key(arena, signature, &signature->keys[i], digest, lookups);
        if (found.reason != NULL)
            return found;
    }
    if (any)
        return MA_DKIM2_GOOD;
    return (ma_dkim2_finding){ MAILAUTH_FAIL,
        ma_arena_print(arena, "DKIM2-Signature i=%u has no signature of a known algorithm", signature->number) };
}

/* ---- Explosion ---- */

static ma_dkim2_finding check_explosion(ma_arena *arena, const ma_dkim2_chain *chain)
{
    bool forbidden = false;
    for (size_t i = 0; i < chain->signature_count; i++) {
        if (forbidden && chain->signatures[i].exploded)
            return (ma_dkim2_finding){ MAILAUTH_FAIL,
                ma_arena_copy(arena, MA_SPAN("Message has been exploded despite a donotexplode request")) };
        forbidden |= chain->signatures[i].do_not_explode;
    }
    return MA_DKIM2_GOOD;
}

/* ---- The whole ---- */

static ma_dkim2_finding check_chain(ma_arena *arena, const ma_dkim2_chain *chain, const ma_message *message,
    ma_lookups *lookups, const mailauth_envelope *envelope)
{
    bool body_is_lost = false;
    ma_dkim2_finding found = check_times(arena, chain, envelope->now);
    if (found.reason == NULL)
        found = check_envelope(arena, &chain->signatures[chain->signature_count - 1], envelope);
    if (found.reason == NULL)
        found = check_custody(arena, chain);
    for (size_t i = chain->signature_count; found.reason == NULL && i-- > 0;)
        found = check_signature(arena, chain, &chain->signatures[i], lookups);
    if (found.reason == NULL)
        found = ma_dkim2_check_history(arena, chain, message, &body_is_lost);
    if (found.reason == NULL)
        found = check_explosion(arena, chain);
    if (found.reason != NULL)
        return found;
    if (envelope->mail_from == NULL || envelope->recipients == NULL || envelope->recipients[0] == NULL)
        return (ma_dkim2_finding){ MAILAUTH_POLICY,
            ma_arena_copy(arena, MA_SPAN("the chain is good, but without its envelope the message could be a replay")) };
    return (ma_dkim2_finding){ MAILAUTH_PASS, ma_arena_copy(arena, body_is_lost
            ? MA_SPAN("the chain is good; how the body looked before it was changed is not known")
            : MA_SPAN("the chain is good")) };
}

ma_dkim2_verdict ma_dkim2_verify(ma_arena *arena, const ma_dkim2_chain *chain, const ma_message *message,
    ma_lookups *lookups, const mailauth_envelope *envelope)
{
    ma_dkim2_verdict verdict
        = { .signatures = (unsigned)chain->signature_count, .instances = (unsigned)chain->instance_count };
    if (chain->signature_count == 0 && chain->trouble == NULL) {
        verdict.reason = ma_arena_copy(arena, MA_SPAN("there is no DKIM2 signature"));
        return verdict;
    }
    ma_dkim2_finding found = { MAILAUTH_PERMERROR, chain->trouble };
    if (chain->trouble == NULL) {
        verdict.domain = chain->signatures[chain->signature_count - 1].domain;
        found = check_chain(arena, chain, message, lookups, envelope);
    }
    verdict.result = found.result;
    verdict.reason = found.reason;
    return verdict;
}
