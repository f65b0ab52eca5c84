/* [AUTH-001] Who vouches: whole messages, attacks on them, hostile input, several threads. */
#include "limits.h"
#include "test_world.h"

#include <stdlib.h>
#include <string.h>

#define DOMAIN "brightforge.example"
#define REST "To: anna@payer.example\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nSubject: Invoice\r\n\r\nPay 42 EUR.\r\n"
#define MESSAGE "From: billing@" DOMAIN "\r\n" REST

typedef struct World {
    TestKey *key;
    char *mail, *zone; /* MESSAGE signed by DOMAIN, and its key */
} World;

static World world_new(const char *names)
{
    World world = { .key = test_key_new("ed25519") };
    world.mail = test_signed(world.key, MESSAGE, DOMAIN, NULL, names);
    world.zone = test_key_zone(world.key, DOMAIN);
    return world;
}

static void world_done(World *world)
{
    test_key_free(world->key);
    g_free(world->mail);
    g_free(world->zone);
}

static bool warns(const mailauth_report *report, const char *text)
{
    for (size_t i = 0; i < report->warning_count; i++)
        if (strcmp(report->warnings[i], text) == 0)
            return true;
    return false;
}

/* [AUTH-001] A good signature of somebody else's domain vouches for nothing. */
static void test_unaligned(void)
{
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *mail = test_signed(key, MESSAGE, "evil.example", NULL, NULL);
    g_autofree char *zone = test_key_zone(key, "evil.example");
    g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_false(report->dkim[0].aligned);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    g_assert_null(report->vouched.domain);
}

/* [AUTH-001] An aligned one wins, wherever it stands among others. */
static void test_several_signatures(void)
{
    g_autoptr(TestKey) other = test_key_new("rsa");
    World world = world_new(NULL);
    g_autofree char *platform = test_signed(other, world.mail, "platform.example", NULL, NULL);
    g_autofree char *bad = g_strconcat("DKIM-Signature: nonsense\r\n", platform, NULL);
    g_autofree char *platform_zone = test_key_zone(other, "platform.example");
    g_autofree char *zone = g_strconcat(world.zone, platform_zone, NULL);
    g_autoptr(mailauth_report) report = test_check(zone, bad, strlen(bad));
    g_assert_cmpuint(report->dkim_count, ==, 3);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PERMERROR);
    g_assert_cmpint(report->dkim[1].result, ==, MAILAUTH_PASS);
    g_assert_false(report->dkim[1].aligned);
    g_assert_cmpint(report->dkim[2].result, ==, MAILAUTH_PASS);
    g_assert_true(report->dkim[2].aligned);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_DKIM);
    g_assert_cmpstr(report->vouched.domain, ==, DOMAIN);
    world_done(&world);
}

/* [AUTH-001] SPF vouches only where DKIM does not, and says so. */
static void test_spf_alone(void)
{
    World world = world_new(NULL);
    g_autofree char *zone = g_strconcat(world.zone, DOMAIN ". TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", NULL);
    g_autoptr(mailauth_report) both
        = test_check_from(zone, world.mail, strlen(world.mail), "192.0.2.1", "bounce@" DOMAIN);
    g_assert_cmpint(both->vouched.by, ==, MAILAUTH_BY_DKIM);
    g_autoptr(mailauth_report) alone
        = test_check_from(zone, MESSAGE, strlen(MESSAGE), "192.0.2.1", "bounce@" DOMAIN);
    g_assert_cmpint(alone->vouched.by, ==, MAILAUTH_BY_SPF);
    g_assert_cmpstr(alone->vouched.domain, ==, DOMAIN);
    g_autoptr(mailauth_report) stranger
        = test_check_from(zone, MESSAGE, strlen(MESSAGE), "192.0.2.2", "bounce@" DOMAIN);
    g_assert_cmpint(stranger->spf.result, ==, MAILAUTH_FAIL);
    g_assert_cmpint(stranger->vouched.by, ==, MAILAUTH_BY_NOBODY);
    world_done(&world);
}

/* What an attacker puts around a signed mail. */
static void test_additions(void)
{
    static const struct {
        const char *before, *after;
    } ADDITIONS[] = {
        { "From: evil@evil.example\r\n", "" },
        { "FROM : billing@" DOMAIN "\r\n", "" },
        { "Subject: Pay 4200 EUR\r\n", "" },
        { "Content-Type: text/html\r\n", "" },
        { "To: you\r\n", "" },
        { "", "P.S. Our account number has changed.\r\n" },
    };
    World world = world_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ADDITIONS); i++) {
        g_autofree char *mail = g_strconcat(ADDITIONS[i].before, world.mail, ADDITIONS[i].after, NULL);
        g_autoptr(mailauth_report) report = test_check(world.zone, mail, strlen(mail));
        g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_FAIL);
        g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    }
    g_autofree char *harmless = g_strconcat("X-Spam: no\r\n", world.mail, NULL);
    g_autoptr(mailauth_report) report = test_check(world.zone, harmless, strlen(harmless));
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_DKIM);
    world_done(&world);
}

/* Without oversigning the same additions are found and told; a second From is never anybody's mail. */
static void test_unsigned_fields(void)
{
    World world = world_new("From:Subject:Date");
    g_autoptr(mailauth_report) plain = test_check(world.zone, world.mail, strlen(world.mail));
    g_assert_cmpint(plain->vouched.by, ==, MAILAUTH_BY_DKIM);
    g_assert_cmpuint(plain->warning_count, ==, 1);
    g_assert_true(warns(plain, "To is not signed by " DOMAIN));
    g_autofree char *second = g_strconcat("Subject: Pay 4200 EUR\r\n", world.mail, NULL);
    g_autoptr(mailauth_report) subject = test_check(world.zone, second, strlen(second));
    g_assert_cmpint(subject->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_true(warns(subject, "a second Subject is not signed by " DOMAIN));
    g_assert_true(warns(subject, "Subject occurs 2 times"));
    g_autofree char *two = g_strconcat("From: boss@" DOMAIN "\r\n", world.mail, NULL);
    g_autoptr(mailauth_report) from = test_check(world.zone, two, strlen(two));
    g_assert_cmpint(from->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_false(from->dkim[0].aligned);
    g_assert_null(from->from_address);
    g_assert_cmpint(from->vouched.by, ==, MAILAUTH_BY_NOBODY);
    g_assert_cmpint(from->dmarc.result, ==, MAILAUTH_PERMERROR);
    g_assert_cmpstr(from->dmarc.reason, ==, "there is more than one From field");
    world_done(&world);
}

/* A temperror of an aligned signature is DMARC's too; a pass beside it is a pass. */
static void test_temporary(void)
{
    World world = world_new(NULL);
    static const char POLICY[] = "_dmarc." DOMAIN ". TXT \"v=DMARC1; p=reject\"\n";
    g_autofree char *zone = g_strconcat(POLICY, "$ANSWER s1._domainkey." DOMAIN ". TXT timeout\n", NULL);
    g_autoptr(mailauth_report) report = test_check(zone, world.mail, strlen(world.mail));
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_TEMPERROR);
    g_assert_true(report->dkim[0].aligned);
    g_assert_cmpint(report->dmarc.result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    g_autofree char *good = g_strconcat(POLICY, world.zone, DOMAIN ". A 192.0.2.1\n$ANSWER " DOMAIN ". TXT servfail\n", NULL);
    g_autoptr(mailauth_report) passed
        = test_check_from(good, world.mail, strlen(world.mail), "192.0.2.1", "bounce@" DOMAIN);
    g_assert_cmpint(passed->spf.result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(passed->dmarc.result, ==, MAILAUTH_PASS);
    g_assert_cmpstr(passed->dmarc.policy, ==, "reject");
    world_done(&world);
}

static void test_evidence(void)
{
    World world = world_new(NULL);
    g_autoptr(mailauth_report) report = test_check(world.zone, world.mail, strlen(world.mail));
    bool found = false;
    for (size_t i = 0; i < report->evidence_count; i++) {
        const mailauth_evidence *evidence = &report->evidence[i];
        if (strcmp(evidence->name, "s1._domainkey." DOMAIN) != 0)
            continue;
        found = true;
        char *record = mailauth_key_record(world.key->key);
        g_assert_cmpint(evidence->type, ==, MAILAUTH_TYPE_TXT);
        g_assert_cmpint(evidence->rcode, ==, MAILAUTH_DNS_OK);
        g_assert_cmpstr(evidence->text, ==, record);
        free(record);
    }
    g_assert_true(found);
    world_done(&world);
}

/* Mail that no one should have sent: a report each time, and nobody vouches. */
static void test_hostile(void)
{
    World world = world_new(NULL);
    static const char NUL_BODY[] = MESSAGE "\0more";
    g_autofree char *long_line = g_strnfill(2 << 20, 'x');
    g_autofree char *folds = g_strnfill(100000, ' ');
    for (size_t i = 0; i + 1 < 100000; i += 2)
        folds[i] = '\n';
    g_autofree char *huge = g_strconcat("X: ", long_line, "\r\n", world.mail, NULL);
    g_autofree char *folded = g_strconcat("From: a@", folds, "b.example\r\n", world.mail, NULL);
    g_autoptr(GString) fields = g_string_new(NULL);
    for (int i = 0; i < MA_FIELDS_MAX; i++)
        g_string_append(fields, "A:\n");
    g_string_append(fields, world.mail);
    g_autoptr(GString) signatures = g_string_new(NULL);
    for (int i = 0; i < MA_SIGNATURES_MAX; i++)
        g_string_append(signatures, "DKIM-Signature: a=b\r\n");
    g_string_append(signatures, world.mail);
    const struct {
        const char *at;
        size_t length;
    } MAILS[] = { { "", 0 }, { NUL_BODY, sizeof NUL_BODY - 1 }, { huge, strlen(huge) }, { folded, strlen(folded) },
        { fields->str, fields->len }, { signatures->str, signatures->len }, { long_line, 2 << 20 },
        { "\0\0\0", 3 }, { ":", 1 }, { "From", 4 }, { "From: a@b.example", 17 } };
    for (size_t i = 0; i < G_N_ELEMENTS(MAILS); i++) {
        g_autoptr(mailauth_report) report = test_check(world.zone, MAILS[i].at, MAILS[i].length);
        g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
        g_assert_nonnull(report->dmarc.reason);
        g_assert_nonnull(report->spf.reason);
        g_assert_nonnull(report->arc.reason);
    }
    world_done(&world);
}

static void test_too_many_signatures_are_told(void)
{
    World world = world_new(NULL);
    g_autoptr(GString) mail = g_string_new(NULL);
    for (int i = 0; i < MA_SIGNATURES_MAX; i++)
        g_string_append(mail, "DKIM-Signature: a=b\r\n");
    g_string_append(mail, world.mail);
    g_autoptr(mailauth_report) report = test_check(world.zone, mail->str, mail->len);
    g_assert_cmpuint(report->dkim_count, ==, MA_SIGNATURES_MAX + 1);
    g_assert_cmpint(report->dkim[MA_SIGNATURES_MAX].result, ==, MAILAUTH_POLICY);
    world_done(&world);
}

/* Each name of h= is looked for among all fields: what that may cost has a bound, and at the bound it is still done. */
static void test_long_header_with_many_names(void)
{
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *zone = test_key_zone(key, DOMAIN);
    g_autoptr(GString) names = g_string_new("From"), mail = g_string_new(MESSAGE), longer = g_string_new(NULL);
    for (int i = 1; i < MA_SIGNED_NAMES_MAX; i++)
        g_string_append(names, ":A");
    for (int i = 4; i < MA_FIELD_SEARCHES_MAX / MA_SIGNED_NAMES_MAX - 1; i++)
        g_string_prepend(mail, "B:\r\n");
    g_autofree char *most = test_signed(key, mail->str, DOMAIN, NULL, names->str);
    g_autoptr(mailauth_report) good = test_check(zone, most, strlen(most));
    g_assert_cmpint(good->dkim[0].result, ==, MAILAUTH_PASS);
    g_string_printf(longer, "B:\r\n%s", most);
    g_autoptr(mailauth_report) report = test_check(zone, longer->str, longer->len);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_POLICY);
    g_assert_cmpstr(report->dkim[0].reason, ==, "not checked: it names too many fields (h=) for so long a header");
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
}

/* A header with a line that no server would have passed on is not judged; a field of many lines is. */
static void test_long_lines(void)
{
    World world = world_new(NULL);
    g_autofree char *most = g_strnfill(MA_LINE_BYTES_MAX - 4, 'x'); /* with "A:" and CR LF */
    g_autofree char *good = g_strconcat("A:", most, "\r\n ", most, "\r\n", world.mail, NULL);
    g_autoptr(mailauth_report) passed = test_check(world.zone, good, strlen(good));
    g_assert_cmpint(passed->vouched.by, ==, MAILAUTH_BY_DKIM);
    g_autofree char *bad = g_strconcat("A:", most, "x\r\n", world.mail, NULL);
    g_autoptr(mailauth_report) report = test_check(world.zone, bad, strlen(bad));
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    g_assert_cmpstr(report->dmarc.reason, ==, "the header has a line of more than 64 KiB");
    world_done(&world);
}

/* Bytes above 127 and NUL in a signed body are bytes like others. */
static void test_eight_bit(void)
{
    g_autoptr(TestKey) key = test_key_new("ed25519");
    static const char TEXT[] = "From: J\xc3\xb6rg <billing@" DOMAIN ">\r\nSubject: \xff\xfe\r\n\r\n\x80\xff\xc3\xb6\r\n";
    g_autofree char *mail = test_signed(key, TEXT, DOMAIN, NULL, NULL);
    g_autofree char *zone = test_key_zone(key, DOMAIN);
    g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_DKIM);
}

/* ---- One context, several threads, one cache ---- */

typedef struct Shared {
    mailauth *context;
    const World *world;
} Shared;

static gpointer check_many(gpointer data)
{
    enum { ROUNDS = 200 };
    const Shared *shared = data;
    mailauth_envelope envelope = { .now = TEST_NOW };
    gsize passed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        g_autoptr(mailauth_report) report
            = mailauth_check(shared->context, shared->world->mail, strlen(shared->world->mail), &envelope);
        passed += report->vouched.by == MAILAUTH_BY_DKIM;
    }
    return GSIZE_TO_POINTER(passed == ROUNDS);
}

/* Counts how often the resolver is really asked. */
typedef struct Counting {
    mailauth_resolver *inner;
    int asked;
} Counting;

static int counting_start(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
    void *context)
{
    Counting *this = self;
    g_atomic_int_inc(&this->asked);
    return this->inner->start(this->inner->self, name, type, deadline_us, done, context);
}

static int counting_wait(void *self)
{
    Counting *this = self;
    return this->inner->wait(this->inner->self);
}

static void counting_free(void *self)
{
    mailauth_resolver_free(((Counting *)self)->inner);
}

static void test_threads_and_cache(void)
{
    enum { THREADS = 4 };
    World world = world_new(NULL);
    Counting counting = { .inner = mailauth_resolver_from_zone(world.zone, strlen(world.zone), NULL) };
    mailauth_resolver resolver
        = { .self = &counting, .start = counting_start, .wait = counting_wait, .free = counting_free };
    Shared shared = { .context = mailauth_new(&resolver, NULL), .world = &world };
    GThread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("check", check_many, &shared);
    for (int i = 0; i < THREADS; i++)
        g_assert_nonnull(g_thread_join(threads[i]));
    /* The key and two names of the walk, at most once for each thread. */
    g_assert_cmpint(counting.asked, >=, 3);
    g_assert_cmpint(counting.asked, <=, 3 * THREADS);
    mailauth_free(shared.context);
    resolver.free(resolver.self);
    world_done(&world);
}

/* A resolver that cannot start, and one that cannot wait. */
static int refusing_start(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
    void *context)
{
    return -1;
}

static int refusing_wait(void *self)
{
    return -1;
}

static void test_broken_resolver(void)
{
    World world = world_new(NULL);
    mailauth_resolver resolver = { .start = refusing_start, .wait = refusing_wait };
    mailauth *context = mailauth_new(&resolver, NULL);
    mailauth_envelope envelope = { .now = TEST_NOW };
    g_autoptr(mailauth_report) report = mailauth_check(context, world.mail, strlen(world.mail), &envelope);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(report->dmarc.result, ==, MAILAUTH_TEMPERROR);
    mailauth_free(context);
    world_done(&world);
}

static void test_suffix_list_that_is_absent(void)
{
    World world = world_new(NULL);
    mailauth_resolver *resolver = mailauth_resolver_from_zone(world.zone, strlen(world.zone), NULL);
    mailauth_options options = { .public_suffix_list = "/nonexistent/list" };
    mailauth *context = mailauth_new(resolver, &options);
    mailauth_envelope envelope = { .now = TEST_NOW };
    g_autoptr(mailauth_report) report = mailauth_check(context, world.mail, strlen(world.mail), &envelope);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_DKIM);
    g_assert_true(warns(report, "the public suffix list /nonexistent/list cannot be read; libpsl's own is used"));
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    world_done(&world);
}

/* DKIM alone: nothing but the key is asked for, nobody vouches, whatever the envelope says. */
static void test_dkim_only(void)
{
    World world = world_new("From:To:Date");
    g_autofree char *zone = g_strconcat(world.zone,
        DOMAIN ". TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc." DOMAIN ". TXT \"v=DMARC1; p=reject\"\n", NULL);
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, strlen(zone), NULL);
    mailauth *context = mailauth_new(resolver, &(mailauth_options){ .dkim2 = MAILAUTH_DKIM2_ON, .dkim_only = true });
    mailauth_envelope envelope = { .client_ip = "192.0.2.1", .mail_from = "bounce@" DOMAIN, .now = TEST_NOW };
    g_autoptr(mailauth_report) report = mailauth_check(context, world.mail, strlen(world.mail), &envelope);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_false(report->dkim[0].aligned);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    g_assert_cmpint(report->spf.result, ==, MAILAUTH_NONE);
    g_assert_cmpint(report->dmarc.result, ==, MAILAUTH_NONE);
    g_assert_cmpint(report->arc.result, ==, MAILAUTH_NONE);
    g_assert_cmpint(report->dkim2.result, ==, MAILAUTH_NONE);
    g_assert_cmpstr(report->dmarc.reason, ==, "only DKIM was asked for");
    g_assert_cmpuint(report->evidence_count, ==, 1);
    g_assert_true(warns(report, "Subject is not signed by " DOMAIN));
    g_autofree char *field = mailauth_results_write(report, "mx.payer.example", &envelope);
    g_assert_nonnull(strstr(field, "dkim=pass"));
    g_assert_null(strstr(field, "spf="));
    g_assert_null(strstr(field, "dmarc="));
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    world_done(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/check/unaligned", test_unaligned);
    g_test_add_func("/mailauth/check/several-signatures", test_several_signatures);
    g_test_add_func("/mailauth/check/spf-alone", test_spf_alone);
    g_test_add_func("/mailauth/check/additions", test_additions);
    g_test_add_func("/mailauth/check/unsigned-fields", test_unsigned_fields);
    g_test_add_func("/mailauth/check/temporary", test_temporary);
    g_test_add_func("/mailauth/check/evidence", test_evidence);
    g_test_add_func("/mailauth/check/hostile", test_hostile);
    g_test_add_func("/mailauth/check/too-many-signatures", test_too_many_signatures_are_told);
    g_test_add_func("/mailauth/check/long-header-with-many-names", test_long_header_with_many_names);
    g_test_add_func("/mailauth/check/long-lines", test_long_lines);
    g_test_add_func("/mailauth/check/eight-bit", test_eight_bit);
    g_test_add_func("/mailauth/check/threads-and-cache", test_threads_and_cache);
    g_test_add_func("/mailauth/check/broken-resolver", test_broken_resolver);
    g_test_add_func("/mailauth/check/suffix-list-absent", test_suffix_list_that_is_absent);
    g_test_add_func("/mailauth/check/dkim-only", test_dkim_only);
    return g_test_run();
}
