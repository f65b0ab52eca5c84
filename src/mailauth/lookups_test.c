/* What a check asks the DNS, when, and for how long it remembers: a resolver that counts and holds answers back. */
#include "cache.h"
#include "lookups.h"
#include "limits.h"
#include "test_world.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Answers come from a zone, but only inside `wait`. */
typedef struct Question {
    char *name;
    uint16_t type;
    mailauth_answer_fn *done;
    void *context;
} Question;

typedef struct Counter {
    mailauth_resolver *zone;
    GArray *open;    /* Question */
    GPtrArray *asked; /* "name type" */
    guint asked_before_first_wait;
} Counter;

static int count_start(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
    void *context)
{
    Counter *counter = self;
    Question question = { g_strdup(name), type, done, context };
    g_array_append_val(counter->open, question);
    g_ptr_array_add(counter->asked, g_strdup_printf("%s %u", name, type));
    return 0;
}

static int count_wait(void *self)
{
    Counter *counter = self;
    if (counter->asked_before_first_wait == 0)
        counter->asked_before_first_wait = counter->asked->len;
    if (counter->open->len == 0)
        return 0;
    Question question = g_array_index(counter->open, Question, counter->open->len - 1);
    g_array_remove_index(counter->open, counter->open->len - 1);
    counter->zone->start(counter->zone->self, question.name, question.type, 0, question.done, question.context);
    g_free(question.name);
    return 0;
}

static void counter_init(Counter *counter, const char *zone)
{
    *counter = (Counter){ mailauth_resolver_from_zone(zone, strlen(zone), NULL), g_array_new(FALSE, FALSE, sizeof(Question)),
        g_ptr_array_new_with_free_func(g_free), 0 };
    g_assert_nonnull(counter->zone);
}

static void counter_done(Counter *counter)
{
    g_assert_cmpuint(counter->open->len, ==, 0);
    mailauth_resolver_free(counter->zone);
    g_array_free(counter->open, TRUE);
    g_ptr_array_free(counter->asked, TRUE);
}

static void forget(Counter *counter)
{
    g_ptr_array_set_size(counter->asked, 0);
    counter->asked_before_first_wait = 0;
}

static guint times_asked(const Counter *counter, const char *question)
{
    guint times = 0;
    for (guint i = 0; i < counter->asked->len; i++)
        times += strcmp(g_ptr_array_index(counter->asked, i), question) == 0;
    return times;
}

static mailauth_report *check(mailauth *context, const char *mail)
{
    mailauth_envelope envelope
        = { .client_ip = "192.0.2.1", .helo = "mx.b.example", .mail_from = "x@b.example", .now = TEST_NOW };
    return mailauth_check(context, mail, strlen(mail), &envelope);
}

/* ---- All at once ---- */

#define SIGNED(domain) \
    "DKIM-Signature: v=1; a=rsa-sha256; d=" domain "; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=YUJj\r\n"

static const char MAIL[] = SIGNED("a.example") SIGNED("c.example") SIGNED("A.example") //
    "From: me@deep.a.example\r\n\r\n";

/* [AUTH-001] Both keys, the SPF record and the whole walk for the policy are asked for before anything is waited for. */
static void test_all_at_once(void)
{
    static const char *const WANTED[] = { "s._domainkey.a.example 16", "s._domainkey.c.example 16", "b.example 16",
        "_dmarc.deep.a.example 16", "_dmarc.a.example 16", "_dmarc.example 16" };
    Counter counter;
    counter_init(&counter, "b.example. 300 TXT \"v=spf1 -all\"\n");
    mailauth_resolver resolver = { .self = &counter, .start = count_start, .wait = count_wait };
    mailauth *context = mailauth_new(&resolver, NULL);
    g_autoptr(mailauth_report) report = check(context, MAIL);
    for (size_t i = 0; i < G_N_ELEMENTS(WANTED); i++)
        g_assert_cmpuint(times_asked(&counter, WANTED[i]), ==, 1);
    g_assert_cmpuint(counter.asked_before_first_wait, ==, G_N_ELEMENTS(WANTED));
    g_assert_cmpint(report->spf.result, ==, MAILAUTH_FAIL);
    mailauth_free(context);
    counter_done(&counter);
}

/* ---- Remembering ---- */

/* What was asked is asked again only once its time is up: a TTL of one second, of an hour, of none. */
static void test_ttl(void)
{
    Counter counter;
    counter_init(&counter, "b.example. 1 TXT \"v=spf1 -all\"\n"
                           "_dmarc.deep.a.example. 3600 TXT \"v=DMARC1; p=reject\"\n"
                           "s._domainkey.c.example. 0 TXT \"v=DKIM1; p=\"\n");
    mailauth_resolver resolver = { .self = &counter, .start = count_start, .wait = count_wait };
    mailauth *context = mailauth_new(&resolver, NULL);
    mailauth_report_free(check(context, MAIL));
    forget(&counter);
    mailauth_report_free(check(context, MAIL));
    g_assert_cmpuint(counter.asked->len, ==, 1);
    g_assert_cmpuint(times_asked(&counter, "s._domainkey.c.example 16"), ==, 1);
    g_usleep(1100000);
    forget(&counter);
    mailauth_report_free(check(context, MAIL));
    g_assert_cmpuint(counter.asked->len, ==, 2);
    g_assert_cmpuint(times_asked(&counter, "b.example 16"), ==, 1);
    mailauth_free(context);
    counter_done(&counter);
}

/* A timeout is remembered for a second, and never as anything but a timeout. */
static void test_failures_are_remembered(void)
{
    Counter counter;
    counter_init(&counter, "$ANSWER b.example. TXT timeout\n$ANSWER s._domainkey.a.example. TXT servfail\n");
    mailauth_resolver resolver = { .self = &counter, .start = count_start, .wait = count_wait };
    mailauth *context = mailauth_new(&resolver, NULL);
    for (int i = 0; i < 3; i++) {
        g_autoptr(mailauth_report) report = check(context, MAIL);
        g_assert_cmpint(report->spf.result, ==, MAILAUTH_TEMPERROR);
        g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_TEMPERROR);
    }
    g_assert_cmpuint(times_asked(&counter, "b.example 16"), ==, 1);
    g_assert_cmpuint(times_asked(&counter, "s._domainkey.a.example 16"), ==, 1);
    g_usleep(1100000);
    mailauth_report_free(check(context, MAIL));
    g_assert_cmpuint(times_asked(&counter, "b.example 16"), ==, 2);
    g_assert_cmpuint(times_asked(&counter, "s._domainkey.a.example 16"), ==, 1);
    mailauth_free(context);
    counter_done(&counter);
}

static int64_t seconds_kept(const mailauth_answer *answer)
{
    ma_cache *cache = ma_cache_new();
    ma_answer *made = ma_answer_new(answer, MAILAUTH_TYPE_TXT);
    ma_cache_keep(cache, "a.example", MAILAUTH_TYPE_TXT, made, 0);
    int64_t kept = -1;
    static const int64_t SECONDS[] = { 0, 1, 5, 60, 300, 301, 86400, 1000000 };
    for (size_t i = 0; i < G_N_ELEMENTS(SECONDS); i++) {
        ma_answer *found = ma_cache_find(cache, "a.example", MAILAUTH_TYPE_TXT, SECONDS[i] * G_USEC_PER_SEC - 1);
        if (found != NULL)
            kept = SECONDS[i];
        ma_answer_release(found);
    }
    ma_answer_release(made);
    ma_cache_free(cache);
    return kept;
}

static void test_how_long(void)
{
    const mailauth_rdata text = { (const uint8_t *)"\1x", 2 };
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .ttl = 60, .records = &text, .record_count = 1 }), ==, 60);
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .ttl = 4000000, .records = &text, .record_count = 1 }), ==, 86400);
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .ttl = 4000000 }), ==, 300);
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .rcode = MAILAUTH_DNS_NXDOMAIN, .ttl = 60 }), ==, 60);
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .rcode = MAILAUTH_DNS_SERVFAIL }), ==, 5);
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .dnssec = MAILAUTH_DNSSEC_BOGUS, .ttl = 60 }), ==, 5);
    g_assert_cmpint(seconds_kept(&(mailauth_answer){ .rcode = MAILAUTH_DNS_TIMEOUT }), ==, 1);
}

/* However many names come, no more than MA_CACHE_SETS × MA_CACHE_WAYS answers stay. */
static void test_bounded(void)
{
    enum { NAMES = 3 * MA_CACHE_SETS * MA_CACHE_WAYS };
    const mailauth_rdata text = { (const uint8_t *)"\1x", 2 };
    ma_cache *cache = ma_cache_new();
    guint found = 0;
    for (int i = 0; i < 2 * NAMES; i++) {
        g_autofree char *name = g_strdup_printf("n%d.example", i % NAMES);
        ma_answer *answer = ma_cache_find(cache, name, MAILAUTH_TYPE_TXT, 0);
        found += i >= NAMES && answer != NULL;
        if (i < NAMES) {
            answer = ma_answer_new(&(mailauth_answer){ .ttl = 60, .records = &text, .record_count = 1 }, MAILAUTH_TYPE_TXT);
            ma_cache_keep(cache, name, MAILAUTH_TYPE_TXT, answer, 0);
        }
        ma_answer_release(answer);
    }
    g_assert_cmpuint(found, >, MA_CACHE_SETS);
    g_assert_cmpuint(found, <=, MA_CACHE_SETS * MA_CACHE_WAYS);
    ma_cache_free(cache);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/lookups/all-at-once", test_all_at_once);
    g_test_add_func("/mailauth/lookups/ttl", test_ttl);
    g_test_add_func("/mailauth/lookups/failures-are-remembered", test_failures_are_remembered);
    g_test_add_func("/mailauth/lookups/how-long", test_how_long);
    g_test_add_func("/mailauth/lookups/bounded", test_bounded);
    return g_test_run();
}
