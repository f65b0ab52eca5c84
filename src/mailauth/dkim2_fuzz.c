/* Any text as a recipe, and as the header of a message with a chain: what is read keeps its promises, what is undone stays
 * within its bounds, and nothing passes that nobody signed. */
#include "dkim2_fields.h"
#include "dkim2_recipe.h"
#include "mailauth.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ZONE[]
    = "s._domainkey.a.example. TXT \"v=DKIM1; k=ed25519; p=hwjviTXyzUXSCWayBqE17s/4NSynQKxw58jayHudRAI=\"\n";

static void undo(ma_span json)
{
    static const char MAIL[] = "Subject: a\r\nX: 1\r\nsubject: b\r\n c\r\nFrom: d\r\n\r\n1\r\n2\n2\r\n\r\nlast";
    ma_arena *arena = ma_arena_new();
    ma_recipe recipe;
    ma_message message = ma_message_read(arena, ma_span_of(MAIL)), before;
    ma_span body;
    if (ma_recipe_read(arena, json, &recipe) == NULL) {
        assert(recipe.step_count <= MA_DKIM2_STEPS_MAX && recipe.field_count <= MA_DKIM2_NAMES_MAX);
        if (ma_recipe_undo_fields(arena, &recipe, &message, &before))
            assert(before.field_count <= message.field_count + recipe.step_count);
        if (ma_recipe_undo_body(arena, &recipe, message.body, &body))
            assert(body.length <= message.body.length + 2 * recipe.step_count + 2 + json.length);
    }
    ma_arena_free(arena);
}

static void read_fields(ma_span text)
{
    ma_arena *arena = ma_arena_new();
    ma_field field = { .name = MA_SPAN("DKIM2-Signature"), .value = text, .line = text, .ending = MA_EMPTY };
    ma_dkim2_signature signature;
    ma_dkim2_instance instance;
    if (ma_dkim2_signature_read(arena, &field, true, &signature) == NULL) {
        assert(signature.number > 0 && signature.instance > 0 && signature.domain != NULL && signature.key_count > 0);
        assert((signature.next_domain == NULL) == (signature.recipient_count > 0));
        for (size_t i = 0; i < signature.key_count; i++)
            assert(signature.keys[i].area.at >= text.at
                && signature.keys[i].area.at + signature.keys[i].area.length <= text.at + text.length);
    }
    if (ma_dkim2_instance_read(arena, &field, &instance) == NULL)
        assert(!instance.has_hashes
            || (instance.header_hash.length == MA_HASH_BYTES && instance.body_hash.length == MA_HASH_BYTES));
    ma_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mailauth *context;
    if (context == NULL)
        context = mailauth_new(mailauth_resolver_from_zone(ZONE, strlen(ZONE), NULL),
            &(mailauth_options){ .dkim2 = MAILAUTH_DKIM2_BARE_PATHS });
    ma_span text = { (const char *)data, size };
    undo(text);
    read_fields(text);
    const char *const recipients[] = { "b@b.example", NULL };
    mailauth_envelope envelope = { .mail_from = "a@a.example", .recipients = recipients, .now = 1740000060 };
    mailauth_report *report = mailauth_check(context, text.at, size, &envelope);
    assert(report->dkim2.result != MAILAUTH_PASS && report->dkim2.reason != NULL);
    assert(report->vouched.by == MAILAUTH_BY_NOBODY);
    mailauth_report_free(report);
    return 0;
}
