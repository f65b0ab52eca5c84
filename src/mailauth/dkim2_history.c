/* Takes the message back from instance to instance, undoing the changes that each tells of (draft §5, §6), and holds each
 * state against the hashes of its instance. */
#include "dkim2_history.h"

#include "dkim2_recipe.h"

#include <stdlib.h>
#include <string.h>

static bool is_unsigned(ma_span name)
{
    static const char *const NAMES[]
        = { "Authentication-Results", "Delivered-To", "DKIM-Signature", "Received", "Return-Path",
              "Message-Instance", "DKIM2-Signature" };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (ma_span_equal_nocase(name, ma_span_of(NAMES[i])))
            return true;
    return name.length == 0 || ma_span_starts_nocase(name, MA_SPAN("ARC-"))
        || ma_span_starts_nocase(name, MA_SPAN("X-"));
}

/* By name without case; of one name the lowest in the header first (§6.2). Both lie in one array. */
static int by_name(const void *left, const void *right)
{
    const ma_field *a = *(const ma_field *const *)left, *b = *(const ma_field *const *)right;
    size_t shorter = a->name.length < b->name.length ? a->name.length : b->name.length;
    for (size_t i = 0; i < shorter; i++) {
        unsigned char x = (unsigned char)ma_lower(a->name.at[i]), y = (unsigned char)ma_lower(b->name.at[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    if (a->name.length != b->name.length)
        return a->name.length < b->name.length ? -1 : 1;
    return (a < b) - (a > b);
}

static void hash_fields(ma_arena *arena, const ma_message *message, uint8_t ret_digest[MA_HASH_BYTES])
{
    const ma_field **sorted = ma_arena_take(arena, (message->field_count + 1) * sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < message->field_count; i++)
        if (!is_unsigned(message->fields[i].name))
            sorted[count++] = &message->fields[i];
    qsort(sorted, count, sizeof *sorted, by_name);
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    for (size_t i = 0; i < count; i++)
        ma_canonical_field(&hash, MA_RELAXED, sorted[i], MA_EMPTY, true);
    ma_hash_done(&hash, ret_digest);
}

/* One state of the message, from the newest back. */
typedef struct state {
    ma_message message;
    bool body_is_lost, body_is_hashed;
    uint8_t body_digest[MA_HASH_BYTES]; /* kept where only fields change */
    size_t rebuilt;
} state;

static ma_dkim2_finding mismatch(ma_arena *arena, const ma_dkim2_instance *instance, const char *what)
{
    return (ma_dkim2_finding){ MAILAUTH_FAIL,
        ma_arena_print(arena, "Message-Instance m=%u %s", instance->number, what) };
}

static ma_dkim2_finding check_state(ma_arena *arena, const ma_dkim2_instance *instance, state *now)
{
    uint8_t digest[MA_HASH_BYTES];
    if (!instance->has_hashes)
        return mismatch(arena, instance, "has no hash of a known algorithm");
    hash_fields(arena, &now->message, digest);
    if (memcmp(digest, instance->header_hash.at, MA_HASH_BYTES) != 0)
        return mismatch(arena, instance, "header hash sha256 mismatch");
    if (now->body_is_lost)
        return MA_DKIM2_GOOD;
    if (!now->body_is_hashed) {
        ma_hash hash;
        ma_hash_init(&hash, UINT64_MAX);
        ma_canonical_body(&hash, MA_SIMPLE, now->message.body);
        ma_hash_done(&hash, now->body_digest);
        now->body_is_hashed = true;
    }
    return memcmp(now->body_digest, instance->body_hash.at, MA_HASH_BYTES) == 0
        ? MA_DKIM2_GOOD
        : mismatch(arena, instance, "body hash sha256 mismatch");
}

static ma_dkim2_finding undo_body(ma_arena *arena, const ma_dkim2_instance *instance, const ma_recipe *recipe, state *now)
{
    now->body_is_lost |= recipe->body_is_lost;
    if (!recipe->changes_body || now->body_is_lost)
        return MA_DKIM2_GOOD;
    now->rebuilt += now->message.body.length;
    if (now->rebuilt > MA_DKIM2_REBUILT_BYTES_MAX)
        return (ma_dkim2_finding){ MAILAUTH_POLICY, ma_arena_copy(arena, MA_SPAN("the message is too large to undo its changes")) };
    if (!ma_recipe_undo_body(arena, recipe, now->message.body, &now->message.body))
        return mismatch(arena, instance, "its recipe asks for lines that are not there");
    now->body_is_hashed = false;
    return MA_DKIM2_GOOD;
}

static ma_dkim2_finding undo(ma_arena *arena, const ma_dkim2_instance *instance, const ma_recipe *recipe, state *now)
{
    ma_message before;
    if (!ma_recipe_undo_fields(arena, recipe, &now->message, &before))
        return mismatch(arena, instance, "its recipe asks for fields that are not there");
    now->message = before;
    return undo_body(arena, instance, recipe, now);
}

/* The lowest instance that a signature asks not to be changed further, or no instance at all. */
static size_t protected_instance(const ma_dkim2_chain *chain)
{
    for (size_t i = 0; i < chain->signature_count; i++)
        if (chain->signatures[i].do_not_modify)
            return chain->signatures[i].instance;
    return SIZE_MAX;
}

/* The recipe of a later instance changes nothing but adding fields (§8.10). */
static ma_dkim2_finding check_unmodified(ma_arena *arena, const ma_dkim2_chain *chain, size_t at, const ma_recipe *recipe)
{
    const ma_dkim2_instance *instance = &chain->instances[at];
    bool same_body = at > 0 && chain->instances[at - 1].has_hashes && instance->has_hashes
        && ma_span_equal(chain->instances[at - 1].body_hash, instance->body_hash);
    if (instance->number <= protected_instance(chain)
        || (same_body && !recipe->body_is_lost && !ma_recipe_restores_fields(recipe)))
        return MA_DKIM2_GOOD;
    return (ma_dkim2_finding){ MAILAUTH_FAIL,
        ma_arena_copy(arena, MA_SPAN("Message has been modified despite a donotmodify request")) };
}

/* m=1 may tell what was before the first signature; that cannot be checked against anything. */
ma_dkim2_finding ma_dkim2_check_history(ma_arena *arena, const ma_dkim2_chain *chain, const ma_message *message,
    bool *ret_body_is_lost)
{
    state now = { .message = *message };
    for (size_t at = chain->instance_count; at-- > 0;) {
        const ma_dkim2_instance *instance = &chain->instances[at];
        ma_recipe recipe = { .fields = NULL };
        ma_dkim2_finding found = check_state(arena, instance, &now);
        if (found.reason != NULL || at == 0) {
            *ret_body_is_lost = now.body_is_lost;
            return found;
        }
        const char *trouble = instance->has_recipe ? ma_recipe_read(arena, instance->recipe, &recipe) : NULL;
        if (trouble != NULL)
            return (ma_dkim2_finding){ MAILAUTH_PERMERROR,
                ma_arena_print(arena, "Message-Instance m=%u syntax error: %s", instance->number, trouble) };
        found = check_unmodified(arena, chain, at, &recipe);
        if (found.reason == NULL)
            found = undo(arena, instance, &recipe, &now);
        if (found.reason != NULL)
            return found;
    }
    return MA_DKIM2_GOOD;
}
