/* ARC chains built here, whole and broken in each way; sealers that count and that do not. */
#include "arc.h"
#include "signing_key.h"
#include "test_world.h"

#include <stdlib.h>
#include <string.h>

static const char MESSAGE[] = "From: list@sender.example\r\nTo: anna@payer.example\r\nSubject: Hello\r\n\r\nBody.\r\n";

static const char *signed_field(ma_arena *arena, const TestKey *key, const char *begin, const uint8_t *digest)
{
    return ma_arena_print(arena, "%s%s\r\n", begin, ma_sign_digest(arena, key->key, digest));
}

/* The set of `instance` in front of `mail`, as a sealer of relay.example would add it. */
static const char *seal(ma_arena *arena, const TestKey *key, const char *mail, unsigned instance, const char *chain)
{
    uint8_t digest[MA_HASH_BYTES];
    ma_message message = ma_message_read(arena, ma_span_of(mail));
    const char *results = ma_arena_print(arena, "ARC-Authentication-Results: i=%u; relay.example; dkim=pass\r\n", instance);
    const char *begin = ma_arena_print(arena,
        "ARC-Message-Signature: i=%u; a=ed25519-sha256; c=relaxed/relaxed; d=relay.example; s=s1;\r\n"
        " h=from:to:subject; bh=%s; b=", instance, ma_body_hash_text(arena, MA_RELAXED, message.body));
    ma_message own = ma_message_read(arena, ma_span_of(ma_arena_print(arena, "%sAAAA", begin)));
    ma_signature signature = ma_signature_read_arc(arena, &own.fields[0]);
    g_assert_cmpstr(signature.trouble, ==, NULL);
    ma_signature_hash_header(&signature, &message, arena, digest);
    const char *message_signature = signed_field(arena, key, begin, digest);
    const char *seal_begin = ma_arena_print(arena,
        "ARC-Seal: i=%u; a=ed25519-sha256; cv=%s; d=relay.example; s=s1; t=%d; b=", instance, chain, TEST_NOW);
    /* All earlier sets in order, then this one. */
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    static const char *const KINDS[] = { "ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal" };
    for (unsigned i = instance - 1; i > 0; i--) /* the newest set stands first */
        for (size_t kind = 0; kind < G_N_ELEMENTS(KINDS); kind++) {
            size_t at = ma_message_find(&message, KINDS[kind], 0);
            for (unsigned skip = 1; skip < i; skip++)
                at = ma_message_find(&message, KINDS[kind], at + 1);
            ma_canonical_field(&hash, MA_RELAXED, &message.fields[at], MA_EMPTY, true);
        }
    ma_message set = ma_message_read(arena, ma_span_of(ma_arena_print(arena, "%s%s%s", results, message_signature, seal_begin)));
    for (size_t i = 0; i < 3; i++)
        ma_canonical_field(&hash, MA_RELAXED, &set.fields[i], MA_EMPTY, i < 2);
    ma_hash_done(&hash, digest);
    return ma_arena_print(arena, "%s%s%s%s", signed_field(arena, key, seal_begin, digest), message_signature, results, mail);
}

static mailauth_report *check_with(const char *zone, const char *mail, const char *const *sealers)
{
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, strlen(zone), NULL);
    mailauth_options options = { .trusted_sealers = sealers };
    mailauth *context = mailauth_new(resolver, &options);
    mailauth_envelope envelope = { .now = TEST_NOW };
    mailauth_report *report = mailauth_check(context, mail, strlen(mail), &envelope);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    return report;
}

static void test_chain(void)
{
    static const char *const TRUSTED[] = { "other.example", "Relay.Example", NULL };
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *zone = test_key_zone(key, "relay.example");
    ma_arena *arena = ma_arena_new();
    const char *one = seal(arena, key, MESSAGE, 1, "none"), *two = seal(arena, key, one, 2, "pass");
    g_autoptr(mailauth_report) none = check_with(zone, MESSAGE, TRUSTED);
    g_assert_cmpint(none->arc.result, ==, MAILAUTH_NONE);
    g_autoptr(mailauth_report) first = check_with(zone, one, TRUSTED);
    g_assert_cmpstr(first->arc.reason, ==, "all seals and the newest message signature are good");
    g_assert_cmpint(first->arc.result, ==, MAILAUTH_PASS);
    g_assert_cmpuint(first->arc.sets, ==, 1);
    g_assert_true(first->arc.trusted);
    g_autoptr(mailauth_report) second = check_with(zone, two, NULL);
    g_assert_cmpint(second->arc.result, ==, MAILAUTH_PASS);
    g_assert_cmpuint(second->arc.sets, ==, 2);
    g_assert_cmpstr(second->arc.sealer, ==, "relay.example");
    g_assert_false(second->arc.trusted);
    /* [AUTH-001] A chain alone vouches for nobody. */
    g_assert_cmpint(first->vouched.by, ==, MAILAUTH_BY_NOBODY);
    ma_arena_free(arena);
}

static void test_broken(void)
{
    static const struct {
        const char *from, *to;
        mailauth_result result;
    } CHANGES[] = {
        { "Body.", "Other", MAILAUTH_FAIL },
        { "Subject: Hello", "Subject: Hollo", MAILAUTH_FAIL },
        { "i=1; relay.example; dkim=pass", "i=1; relay.example; dkim=fail", MAILAUTH_FAIL },
        { "cv=none", "cv=pass", MAILAUTH_FAIL },
        { "cv=pass", "cv=fail", MAILAUTH_FAIL },
        { "ARC-Seal: i=1", "X-Seal: i=1", MAILAUTH_FAIL },
        { "ARC-Seal: i=1", "ARC-Seal: i=2", MAILAUTH_FAIL },
        { "ARC-Seal: i=2", "ARC-Seal: i=0", MAILAUTH_FAIL },
        { "ARC-Seal: i=2", "ARC-Seal: i=51", MAILAUTH_FAIL },
        { "ARC-Seal: i=2;", "ARC-Seal: i=2; h=from;", MAILAUTH_FAIL },
        { "ARC-Message-Signature: i=1", "ARC-Message-Signature: i=3", MAILAUTH_FAIL },
        { "ARC-Authentication-Results: i=2;", "ARC-Authentication-Results: 2;", MAILAUTH_FAIL },
        { "h=from:to:subject", "h=from:to:subject:arc-seal", MAILAUTH_FAIL },
        { "To: anna", "Received: here\r\nTo: anna", MAILAUTH_PASS },
    };
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *zone = test_key_zone(key, "relay.example");
    ma_arena *arena = ma_arena_new();
    const char *two = seal(arena, key, seal(arena, key, MESSAGE, 1, "none"), 2, "pass");
    for (size_t i = 0; i < G_N_ELEMENTS(CHANGES); i++) {
        g_autoptr(GString) changed = g_string_new(two);
        g_assert_cmpuint(g_string_replace(changed, CHANGES[i].from, CHANGES[i].to, 1), ==, 1);
        g_autoptr(mailauth_report) report = check_with(zone, changed->str, NULL);
        g_test_message("%s -> %s: %s", CHANGES[i].from, CHANGES[i].to, report->arc.reason);
        g_assert_cmpint(report->arc.result, ==, CHANGES[i].result);
    }
    g_autoptr(mailauth_report) unknown = check_with("$ANSWER s1._domainkey.relay.example. TXT servfail\n", two, NULL);
    g_assert_cmpint(unknown->arc.result, ==, MAILAUTH_TEMPERROR);
    ma_arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/arc/chain", test_chain);
    g_test_add_func("/mailauth/arc/broken", test_broken);
    return g_test_run();
}
