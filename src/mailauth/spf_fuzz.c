/* Any text as an SPF record, asked in a small world: a verdict comes within the limits. */
#include "limits.h"
#include "mailauth.h"
#include "spf_macro.h"
#include "spf_record.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct World {
    const uint8_t *record;
    size_t length;
    unsigned asked;
} World;

/* Every TXT is the record; every address exists; MX and PTR point to one host. */
static int start(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done, void *context)
{
    World *world = self;
    uint8_t text[512];
    size_t length = world->length > 250 ? 250 : world->length;
    memcpy(text + 1, "v=spf1", 6);
    memcpy(text + 7, world->record, length > 249 ? 249 : length);
    text[0] = (uint8_t)(6 + (length > 249 ? 249 : length));
    mailauth_rdata record = { text, (size_t)text[0] + 1 };
    if (type == MAILAUTH_TYPE_A)
        record = (mailauth_rdata){ (const uint8_t *)"\x01\x02\x03\x04", 4 };
    else if (type == MAILAUTH_TYPE_MX)
        record = (mailauth_rdata){ (const uint8_t *)"\0\x0a\1h\7example\0", 13 };
    else if (type == MAILAUTH_TYPE_PTR)
        record = (mailauth_rdata){ (const uint8_t *)"\1h\7example\0", 11 };
    bool absent = name[0] == 'n' || type == MAILAUTH_TYPE_AAAA;
    world->asked++;
    done(context, &(mailauth_answer){ .ttl = 0 /* never cached */, .records = &record, .record_count = absent ? 0 : 1 });
    return 0;
}

static int wait_nothing(void *self)
{
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ma_span text = { (const char *)data, size };
    ma_arena *arena = ma_arena_new();
    ma_spf_record read = ma_spf_record_read(arena, text);
    assert(read.count <= MA_SPF_RECORD_TERMS_MAX);
    ma_arena_free(arena);
    static World world;
    static mailauth_resolver resolver = { .self = &world, .start = start, .wait = wait_nothing };
    static mailauth *context;
    world = (World){ data, size, 0 };
    if (context == NULL)
        context = mailauth_new(&resolver, NULL);
    static const char MAIL[] = "From: a@h.example\r\n\r\n";
    static const char *const CLIENTS[] = { "1.2.3.4", "2001:db8::1" };
    for (size_t i = 0; i < 2; i++) {
        mailauth_envelope envelope
            = { .client_ip = CLIENTS[i], .helo = "helo.example", .mail_from = "l.o-c@h.example", .now = 1 };
        mailauth_report *report = mailauth_check(context, MAIL, strlen(MAIL), &envelope);
        assert(report->spf.result != MAILAUTH_POLICY && report->spf.reason != NULL);
        assert(world.asked <= MA_LOOKUPS_MAX);
        world.asked = 0;
        mailauth_report_free(report);
    }
    return 0;
}
