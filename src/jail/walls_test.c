/* The walls hold: the same parent and sandbox as saldo-jail, around a reader that tries to get out (misbehaving_test.c). */
#include "engine.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "limits.h"

static Jail *jail;

#define FORBIDDEN "reading the message led to something that is forbidden and was stopped"

static void expect_unreadable(const char *deed, const char *trouble)
{
    g_autoptr(GError) error = NULL;
    int64_t start_us = time_monotonic_us();
    g_autoptr(Extraction) extraction = jail_extract(jail, span_of(deed), true, &error);
    g_assert_no_error(error);
    g_assert_false(extraction->readable);
    g_assert_cmpstr(extraction->trouble, ==, trouble);
    g_assert_cmpuint(extraction->invoices->len, ==, 0);
    g_assert_nonnull(extraction->summary);
    g_assert_cmpint(time_monotonic_us() - start_us, <, JAIL_WALL_US + JAIL_PARENT_GRACE_US);
}

/* And counted as that. */
static void expect_counted(const char *deed, const char *trouble, JailOutcome outcome)
{
    uint64_t before = jail_counters(jail).requests[JAIL_QUESTION_EXTRACT][outcome];
    expect_unreadable(deed, trouble);
    g_assert_cmpuint(jail_counters(jail).requests[JAIL_QUESTION_EXTRACT][outcome], ==, before + 1);
}

/* The parent is the same as before, and still serves. */
static void expect_alive(int parent)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(jail_read_part(jail, SPAN("refuse"), 0, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_assert_cmpstr(error->message, ==, "no[31m way");
    g_assert_cmpint(jail_parent_pid(jail), ==, parent);
}

static void test_forbidden_deeds(void)
{
    /* The thread sanitizer needs the last two for itself (limits.h). */
    static const char *const deeds[]
        = { "open", "openat2", "write-file", "socket", "engine", "exec", "kill", "ptrace", "code", "limit", "fork", "thread" };
    size_t count = G_N_ELEMENTS(deeds) - (JAIL_HAS_OTHER_THREADS ? 2 : 0);
    int parent = jail_parent_pid(jail);
    for (size_t i = 0; i < count; i++) {
        expect_unreadable(deeds[i], FORBIDDEN);
        expect_alive(parent);
    }
    g_assert_cmpint(access("/tmp/escaped", F_OK), ==, -1);
}

static void test_nothing_else_is_open(void)
{
    expect_unreadable("write", "held");
}

static void test_crash_and_memory(void)
{
    int parent = jail_parent_pid(jail);
    if (!JAIL_IS_SANITIZED) { /* sanitizers catch the fault themselves, and allow no limit on addresses */
        expect_counted("break", "the reader broke down on the message", JAIL_OUTCOME_BROKEN);
        expect_counted("eat", "reading the message took too much memory or came to a contradiction and was stopped",
            JAIL_OUTCOME_MEMORY);
    }
    expect_counted("open", FORBIDDEN, JAIL_OUTCOME_FORBIDDEN);
    expect_counted("flood", "reading the message gave more than can be taken", JAIL_OUTCOME_BROKEN);
    expect_counted("short", "the reader gave up on the message", JAIL_OUTCOME_BROKEN);
    expect_counted("no-such-refusal", "the reader's answer makes no sense", JAIL_OUTCOME_BROKEN);
    expect_counted("flood-behind", "the reader's answer makes no sense", JAIL_OUTCOME_ANSWERED);
    expect_alive(parent);
}

static void test_loop_and_sleep(void)
{
    int parent = jail_parent_pid(jail);
    int64_t start_us = time_monotonic_us();
    expect_counted("sleep", "reading the message took too long and was stopped", JAIL_OUTCOME_WALL);
    g_assert_cmpint(time_monotonic_us() - start_us, >=, JAIL_WALL_US);
    g_autoptr(Extraction) extraction = jail_extract(jail, SPAN("loop"), true, NULL);
    /* On a busy machine the wall clock may come before two seconds of computing. */
    g_assert_false(extraction->readable);
    g_assert_nonnull(strstr(extraction->trouble, "took too"));
    /* SIGKILL at the hard limit is ours too: unreadable, not "ended from outside, try again". */
    uint64_t interrupted = jail_counters(jail).interrupted;
    g_autoptr(Extraction) deaf = jail_extract(jail, SPAN("loop-deaf"), true, NULL);
    g_assert_false(deaf->readable);
    g_assert_nonnull(strstr(deaf->trouble, "took too"));
    g_assert_cmpuint(jail_counters(jail).interrupted, ==, interrupted);
    expect_alive(parent);
}

/* ---- Hostile mails and good ones beside each other ------------------------------------------------------------------ */

/* Outcomes in the order in which they came. */
static struct {
    pthread_mutex_t lock;
    unsigned good_deliveries, good_readers, hostile;
    unsigned readers_before_first_hostile, deliveries_before_last_hostile;
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER };

enum { HOSTILE_MAILS = 4, GOOD_ASKERS = 3, GOOD_EACH = 5 };

static void *ask_hostile(void *data)
{
    g_autoptr(Extraction) extraction = jail_extract(jail, SPAN("loop"), true, NULL);
    g_assert_false(extraction->readable);
    pthread_mutex_lock(&seen.lock);
    if (seen.hostile++ == 0)
        seen.readers_before_first_hostile = seen.good_readers;
    seen.deliveries_before_last_hostile = seen.good_deliveries;
    pthread_mutex_unlock(&seen.lock);
    return NULL;
}

static void *ask_good_deliveries(void *data)
{
    for (unsigned i = 0; i < GOOD_EACH; i++) {
        g_autoptr(Extraction) extraction = jail_extract(jail,
            SPAN("{\"readable\":true,\"summary\":{\"attachments\":[],\"troubles\":[]},\"invoices\":[]}"), true, NULL);
        g_assert_true(extraction->readable);
        pthread_mutex_lock(&seen.lock);
        seen.good_deliveries++;
        pthread_mutex_unlock(&seen.lock);
    }
    return NULL;
}

static void *ask_good_readers(void *data)
{
    for (unsigned i = 0; i < GOOD_EACH; i++) {
        g_autofree char *html = jail_render_body(jail, SPAN("<p>good"), false, NULL);
        g_assert_cmpstr(html, ==, "<p>good");
        pthread_mutex_lock(&seen.lock);
        seen.good_readers++;
        pthread_mutex_unlock(&seen.lock);
    }
    return NULL;
}

/* Three workers: hostile deliveries hold two at most. Readers pass them all, without one having ended; a delivery waits
 * for no more than the hostile ones before it, each at its limit of computing time; and nobody is lost. */
static void test_hostile_mails_beside_good_ones(void)
{
    const QueueLimits limits = jail_limits(3);
    g_autoptr(Jail) three = jail_start_program("jail-misbehaving", &limits, NULL);
    Jail *outer = jail;
    jail = three;
    GThread *threads[HOSTILE_MAILS + 2 * GOOD_ASKERS];
    for (unsigned i = 0; i < HOSTILE_MAILS; i++)
        threads[i] = g_thread_new("hostile", ask_hostile, NULL);
    while (jail_counters(jail).working < 2)
        g_usleep(1000);
    for (unsigned i = HOSTILE_MAILS; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("good", i % 2 == 0 ? ask_good_deliveries : ask_good_readers, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(seen.hostile, ==, HOSTILE_MAILS);
    g_assert_cmpuint(seen.good_deliveries, ==, GOOD_ASKERS * GOOD_EACH);
    g_assert_cmpuint(seen.good_readers, ==, GOOD_ASKERS * GOOD_EACH);
    g_assert_cmpuint(seen.readers_before_first_hostile, ==, GOOD_ASKERS * GOOD_EACH);
    const JailCounters counters = jail_counters(jail);
    g_assert_cmpuint(jail_counters_sum(&counters, JAIL_OUTCOME_CPU) + jail_counters_sum(&counters, JAIL_OUTCOME_WALL), ==,
        HOSTILE_MAILS);
    g_assert_cmpuint(jail_counters_sum(&counters, JAIL_OUTCOME_ANSWERED), ==, 2 * GOOD_ASKERS * GOOD_EACH);
    g_assert_cmpuint(counters.waiting_most, >=, HOSTILE_MAILS - 2);
    g_assert_cmpuint(counters.working + counters.waiting + counters.restarts, ==, 0);
    jail = outer;
}

/* One hostile mail holds one worker: the other deliveries are all done before it is. */
static void test_one_hostile_mail_holds_one_worker(void)
{
    const QueueLimits limits = jail_limits(3);
    g_autoptr(Jail) three = jail_start_program("jail-misbehaving", &limits, NULL);
    Jail *outer = jail;
    jail = three;
    seen.good_deliveries = seen.hostile = 0;
    GThread *hostile = g_thread_new("hostile", ask_hostile, NULL);
    while (jail_counters(jail).working < 1)
        g_usleep(1000);
    ask_good_deliveries(NULL);
    g_thread_join(hostile);
    g_assert_cmpuint(seen.deliveries_before_last_hostile, ==, GOOD_EACH);
    jail = outer;
}

/* With the queue full the answer is "busy", at once and for a while; the message is not judged. */
static void test_full_queue_is_busy(void)
{
    QueueLimits limits = jail_limits(1);
    limits.waiting_max[QUEUE_DELIVERY] = 0;
    limits.wait_us[QUEUE_READER] = 50000;
    g_autoptr(Jail) one = jail_start_program("jail-misbehaving", &limits, NULL);
    Jail *outer = jail;
    jail = one;
    seen.hostile = 0;
    GThread *hostile = g_thread_new("hostile", ask_hostile, NULL);
    while (jail_counters(jail).working < 1)
        g_usleep(1000);
    g_autoptr(GError) full = NULL, waited = NULL;
    g_assert_null(jail_extract(jail, SPAN("refuse"), true, &full));
    g_assert_error(full, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(full->message, "try again later"));
    g_assert_null(jail_render_body(jail, SPAN("refuse"), false, &waited));
    g_assert_error(waited, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    const JailCounters counters = jail_counters(jail);
    g_assert_cmpuint(counters.requests[JAIL_QUESTION_EXTRACT][JAIL_OUTCOME_BUSY], ==, 1);
    g_assert_cmpuint(counters.requests[JAIL_QUESTION_RENDER][JAIL_OUTCOME_BUSY], ==, 1);
    g_thread_join(hostile);
    expect_alive(jail_parent_pid(jail));
    jail = outer;
}

/* A child that answers and stays takes no place for long: more of them than there are places, each answered. */
static void test_children_that_stay_on(void)
{
    int parent = jail_parent_pid(jail);
    for (unsigned i = 0; i < 2 * (2 + JAIL_SPARES); i++) {
        g_autofree char *html = jail_render_body(jail, SPAN("stay"), false, NULL);
        g_assert_cmpstr(html, ==, "stayed");
    }
    expect_alive(parent);
}

static void test_landlock_is_told(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    g_assert_cmpint(jail_counters(jail).landlock_version, ==, version < 0 ? 0 : version);
}

static void test_lying_answers(void)
{
    static const char *const lies[] = { "", "{", "[]", "null", "{}", "{\"readable\":true}", "{\"readable\":1,\"summary\":{}}",
        "{\"readable\":true,\"summary\":{\"attachments\":[],\"troubles\":[]},\"invoices\":[{}]}",
        "{\"readable\":true,\"summary\":{\"attachments\":[],\"troubles\":[],\"subject\":\"a\\u0007\"},\"invoices\":[]}",
        "{\"readable\":true,\"invoices\":[],\"summary\":{\"troubles\":[],\"attachments\":[{\"part\":-1,\"bytes\":1}]}}" };
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++)
        expect_unreadable(lies[i], "the reader's answer makes no sense");
    g_autofree char *deep = g_strnfill(10000, '[');
    expect_unreadable(deep, "the reader's answer makes no sense");
    g_autoptr(GError) error = NULL;
    g_assert_null(jail_render_body(jail, SPAN("\xff\xfe"), false, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_autoptr(Extraction) honest = jail_extract(jail,
        SPAN("{\"readable\":true,\"summary\":{\"attachments\":[],\"troubles\":[]},\"invoices\":[]}"), true, NULL);
    g_assert_true(honest->readable);
}

/* A parent that hangs (stopped) is replaced: children that were forked ahead serve on, then it is missed. */
static void test_stuck_parent_is_replaced(void)
{
    if (!g_test_slow()) {
        g_test_skip("waits for the engine's own deadline: run with -m slow");
        return;
    }
    int parent = jail_parent_pid(jail);
    g_assert_cmpint(kill(parent, SIGSTOP), ==, 0);
    for (unsigned i = 0; i <= 2 + JAIL_SPARES; i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(jail_read_part(jail, SPAN("refuse"), 0, &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    }
    g_assert_cmpint(jail_parent_pid(jail), !=, parent);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    const QueueLimits limits = jail_limits(2);
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) started = jail_start_program("jail-misbehaving", &limits, &error);
    g_assert_no_error(error);
    jail = started;
    g_test_add_func("/walls/forbidden-deeds", test_forbidden_deeds);
    g_test_add_func("/walls/nothing-else-is-open", test_nothing_else_is_open);
    g_test_add_func("/walls/crash-and-memory", test_crash_and_memory);
    g_test_add_func("/walls/loop-and-sleep", test_loop_and_sleep);
    g_test_add_func("/walls/hostile-mails-beside-good-ones", test_hostile_mails_beside_good_ones);
    g_test_add_func("/walls/one-hostile-mail-holds-one-worker", test_one_hostile_mail_holds_one_worker);
    g_test_add_func("/walls/full-queue-is-busy", test_full_queue_is_busy);
    g_test_add_func("/walls/children-that-stay-on", test_children_that_stay_on);
    g_test_add_func("/walls/landlock-is-told", test_landlock_is_told);
    g_test_add_func("/walls/lying-answers", test_lying_answers);
    g_test_add_func("/walls/stuck-parent-is-replaced", test_stuck_parent_is_replaced);
    return g_test_run();
}
