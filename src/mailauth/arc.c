/* Reads and verifies ARC chains. */
#include "arc.h"

#include "limits.h"

#include <string.h>

/* One ARC set: three fields with the same i=. */
typedef struct arc_set {
    const ma_field *results; /* ARC-Authentication-Results */
    ma_signature message;    /* ARC-Message-Signature; its field is NULL as long as there is none */
    ma_signature seal;       /* ARC-Seal */
    ma_span chain;           /* cv= of the seal */
} arc_set;

struct ma_arc_chain {
    arc_set *sets;                     /* by instance, from 1 to MA_ARC_SETS_MAX; NULL without any */
    unsigned count;                    /* the highest instance */
    const char *trouble;               /* the chain cannot be whole; or NULL */
};

/* i= of an ARC-Authentication-Results: the first part of its value, which is no tag list. */
static unsigned results_instance(ma_span value)
{
    ma_span part, name;
    uint64_t instance = 0;
    if (!ma_span_cut(&value, ';', &part) || !ma_span_cut(&part, '=', &name) || part.at == NULL)
        return 0;
    if (!ma_span_equal(ma_span_trim(name), MA_SPAN("i")) || !ma_span_to_number(ma_span_trim(part), 2, &instance)
        || instance > MA_ARC_SETS_MAX)
        return 0;
    return (unsigned)instance;
}

/* Puts a field into the set of its instance, where it must be the first of its kind. */
static arc_set *set_for(ma_arc_chain *chain, unsigned instance)
{
    if (instance > chain->count)
        chain->count = instance;
    return &chain->sets[instance];
}

static const char *take_results(ma_arc_chain *chain, const ma_field *field)
{
    unsigned instance = results_instance(field->value);
    if (instance == 0)
        return "an ARC-Authentication-Results has no instance (i=) from 1 to 50";
    arc_set *set = set_for(chain, instance);
    if (set->results != NULL)
        return "an instance has two ARC-Authentication-Results";
    set->results = field;
    return NULL;
}

static const char *take_message_signature(ma_arena *arena, ma_arc_chain *chain, const ma_field *field)
{
    ma_signature signature = ma_signature_read_arc(arena, field);
    if (signature.instance == 0)
        return "an ARC-Message-Signature has no instance (i=) from 1 to 50";
    arc_set *set = set_for(chain, signature.instance);
    if (set->message.field != NULL)
        return "an instance has two ARC-Message-Signatures";
    set->message = signature;
    return NULL;
}

static const char *take_seal(ma_arena *arena, ma_arc_chain *chain, const ma_field *field)
{
    ma_span state;
    ma_signature seal = ma_signature_read_seal(arena, field, &state);
    if (seal.instance == 0)
        return "an ARC-Seal has no instance (i=) from 1 to 50";
    arc_set *set = set_for(chain, seal.instance);
    if (set->seal.field != NULL)
        return "an instance has two ARC-Seals";
    set->seal = seal;
    set->chain = state;
    return NULL;
}

static const char *take_field(ma_arena *arena, ma_arc_chain *chain, const ma_field *field)
{
    if (ma_span_equal_nocase(field->name, MA_SPAN("ARC-Authentication-Results")))
        return take_results(chain, field);
    if (ma_span_equal_nocase(field->name, MA_SPAN("ARC-Message-Signature")))
        return take_message_signature(arena, chain, field);
    if (ma_span_equal_nocase(field->name, MA_SPAN("ARC-Seal")))
        return take_seal(arena, chain, field);
    return NULL;
}

/* RFC 8617 §5.2 step 3: every set whole, cv=none for the first and cv=pass for all others. */
static const char *check_structure(const ma_arc_chain *chain)
{
    for (unsigned i = 1; i <= chain->count; i++) {
        const arc_set *set = &chain->sets[i];
        if (set->results == NULL || set->message.field == NULL || set->seal.field == NULL)
            return "a set is not whole";
        if (set->seal.trouble != NULL)
            return set->seal.trouble;
        if (!ma_span_equal_nocase(set->chain, i == 1 ? MA_SPAN("none") : MA_SPAN("pass")))
            return i == chain->count && ma_span_equal_nocase(set->chain, MA_SPAN("fail"))
                ? "the newest seal says that the chain was broken before (cv=fail)"
                : "a seal's cv= is not what it must be";
    }
    return chain->sets[chain->count].message.trouble;
}

/* Most mail has none: then the room for the sets is saved. */
static bool has_arc_field(const ma_message *message)
{
    for (size_t i = 0; i < message->field_count; i++)
        if (ma_span_starts_nocase(message->fields[i].name, MA_SPAN("ARC-")))
            return true;
    return false;
}

ma_arc_chain *ma_arc_read(ma_arena *arena, const ma_message *message)
{
    ma_arc_chain *chain = ma_arena_take(arena, sizeof *chain);
    if (message->trouble != NULL || !has_arc_field(message))
        return chain;
    chain->sets = ma_arena_take(arena, (MA_ARC_SETS_MAX + 1) * sizeof *chain->sets);
    for (size_t i = 0; i < message->field_count && chain->trouble == NULL; i++)
        chain->trouble = take_field(arena, chain, &message->fields[i]);
    if (chain->trouble == NULL && chain->count > 0)
        chain->trouble = check_structure(chain);
    return chain;
}

void ma_arc_start(const ma_arc_chain *chain, ma_lookups *lookups)
{
    if (chain->trouble != NULL || chain->count == 0)
        return;
    ma_arena *arena = ma_arena_new();
    ma_lookups_start(
        lookups, ma_signature_key_name(arena, &chain->sets[chain->count].message), MAILAUTH_TYPE_TXT);
    for (unsigned i = 1; i <= chain->count; i++)
        ma_lookups_start(lookups, ma_signature_key_name(arena, &chain->sets[i].seal), MAILAUTH_TYPE_TXT);
    ma_arena_free(arena);
}

typedef struct outcome {
    mailauth_result result;
    const char *reason;
} outcome;

/* The key of `signature` and whether it made it over `digest`. */
static outcome check_digest(ma_arena *arena, const ma_signature *signature, ma_lookups *lookups,
    const uint8_t digest[MA_HASH_BYTES])
{
    const ma_key_record *key = NULL;
    bool dnssec;
    const char *reason = NULL;
    switch (ma_key_fetch(lookups, ma_signature_key_name(arena, signature), &key, &dnssec, &reason)) {
    case MA_KEY_UNKNOWN:
        return (outcome){ MAILAUTH_TEMPERROR, reason };
    case MA_KEY_BAD:
    case MA_KEY_OF_OTHER_HASH:
        return (outcome){ MAILAUTH_FAIL, reason };
    case MA_KEY_FOUND:
        break;
    }
    if (key->algorithm != signature->algorithm)
        return (outcome){ MAILAUTH_FAIL, "the key is of another kind than the signature (a=)" };
    if (!ma_key_record_verifies(key, digest, signature->bytes))
        return (outcome){ MAILAUTH_FAIL, "it does not match" };
    return (outcome){ MAILAUTH_PASS, NULL };
}

static outcome check_message_signature(ma_arena *arena, const ma_signature *signature, const ma_message *message,
    ma_body_hashes *bodies, ma_lookups *lookups, int64_t now)
{
    uint8_t digest[MA_HASH_BYTES];
    bool partial = false;
    if (signature->expires != 0 && now > (int64_t)signature->expires)
        return (outcome){ MAILAUTH_FAIL, "it has expired (x=)" };
    const char *trouble = ma_signature_hash_header(signature, message, arena, digest);
    if (trouble != NULL)
        return (outcome){ MAILAUTH_FAIL, trouble };
    outcome out = check_digest(arena, signature, lookups, digest);
    if (out.result != MAILAUTH_PASS)
        return out;
    trouble = ma_signature_check_body(signature, bodies, &partial);
    if (trouble != NULL)
        return (outcome){ MAILAUTH_FAIL, trouble };
    return partial ? (outcome){ MAILAUTH_FAIL, "it covers only the beginning of the body (l=)" } : out;
}

/* RFC 8617 §5.1.1: all sets up to `instance`, relaxed; the seal itself without b= and without line end. */
static void hash_seal(const ma_arc_chain *chain, unsigned instance, uint8_t ret_digest[MA_HASH_BYTES])
{
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    for (unsigned i = 1; i <= instance; i++) {
        const arc_set *set = &chain->sets[i];
        bool last = i == instance;
        ma_canonical_field(&hash, MA_RELAXED, set->results, MA_EMPTY, true);
        ma_canonical_field(&hash, MA_RELAXED, set->message.field, MA_EMPTY, true);
        ma_canonical_field(&hash, MA_RELAXED, set->seal.field, last ? set->seal.area : MA_EMPTY, !last);
    }
    ma_hash_done(&hash, ret_digest);
}

static outcome check_seals(ma_arena *arena, const ma_arc_chain *chain, ma_lookups *lookups)
{
    for (unsigned i = chain->count; i > 0; i--) {
        uint8_t digest[MA_HASH_BYTES];
        hash_seal(chain, i, digest);
        outcome out = check_digest(arena, &chain->sets[i].seal, lookups, digest);
        if (out.result != MAILAUTH_PASS)
            return (outcome){ out.result, ma_arena_print(arena, "seal %u: %s", i, out.reason) };
    }
    return (outcome){ MAILAUTH_PASS, "all seals and the newest message signature are good" };
}

static outcome verify(ma_arena *arena, const ma_arc_chain *chain, const ma_message *message, ma_body_hashes *bodies,
    ma_lookups *lookups, int64_t now)
{
    if (chain->trouble != NULL)
        return (outcome){ MAILAUTH_FAIL, chain->trouble };
    if (chain->count == 0)
        return (outcome){ MAILAUTH_NONE, "there is no ARC chain" };
    outcome out
        = check_message_signature(arena, &chain->sets[chain->count].message, message, bodies, lookups, now);
    if (out.result != MAILAUTH_PASS)
        return (outcome){ out.result, ma_arena_print(arena, "the newest message signature: %s", out.reason) };
    return check_seals(arena, chain, lookups);
}

ma_arc_verdict ma_arc_verify(ma_arena *arena, const ma_arc_chain *chain, const ma_message *message,
    ma_body_hashes *bodies, ma_lookups *lookups, int64_t now)
{
    outcome out = verify(arena, chain, message, bodies, lookups, now);
    return (ma_arc_verdict){ .result = out.result, .sets = chain->count,
        .sealer = chain->count == 0 ? NULL : chain->sets[chain->count].seal.domain,
        .reason = ma_arena_copy(arena, ma_span_of(out.reason)) };
}
