/* The walls hold: the same parent and sandbox as saldo-jail, around a reader that tries to get out (misbehaving_test.c). */
#include "engine.h"

#include <signal.h>
#include <string.h>
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
        = { "open", "write-file", "socket", "engine", "exec", "kill", "ptrace", "code", "limit", "fork", "thread" };
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
    uint64_t killed = jail_counters(jail).killed;
    if (!JAIL_IS_SANITIZED) { /* sanitizers catch the fault themselves, and allow no limit on addresses */
        expect_unreadable("break", "the reader broke down on the message");
        expect_unreadable("eat",
            "reading the message took too much memory or came to a contradiction and was stopped");
        killed += 2;
    }
    expect_unreadable("flood", "reading the message gave more than can be taken");
    g_assert_cmpuint(jail_counters(jail).killed, ==, killed + 1);
    expect_alive(parent);
}

static void test_loop_and_sleep(void)
{
    int parent = jail_parent_pid(jail);
    int64_t start_us = time_monotonic_us();
    expect_unreadable("sleep", "reading the message took too long and was stopped");
    g_assert_cmpint(time_monotonic_us() - start_us, >=, JAIL_WALL_US);
    g_autoptr(Extraction) extraction = jail_extract(jail, SPAN("loop"), true, NULL);
    /* On a busy machine the wall clock may come before two seconds of computing. */
    g_assert_false(extraction->readable);
    g_assert_nonnull(strstr(extraction->trouble, "took too"));
    /* SIGKILL at the hard limit is ours too: unreadable, not "ended from outside, try again". */
    uint64_t interrupted = jail_counters(jail).interrupted;
    expect_unreadable("loop-deaf", "reading the message took too long and was stopped");
    g_assert_cmpuint(jail_counters(jail).interrupted, ==, interrupted);
    expect_alive(parent);
}

static void *ask_loop(void *data)
{
    g_autoptr(Extraction) extraction = jail_extract(jail, SPAN("sleep"), true, NULL);
    g_assert_false(extraction->readable);
    return NULL;
}

/* One hostile message holds one worker; the others go on. */
static void test_hostile_message_delays_nobody(void)
{
    GThread *hostile = g_thread_new("hostile", ask_loop, NULL);
    int64_t start_us = time_monotonic_us();
    for (unsigned i = 0; i < 20; i++)
        expect_alive(jail_parent_pid(jail));
    g_assert_cmpint(time_monotonic_us() - start_us, <, JAIL_WALL_US - US_PER_SECOND);
    g_thread_join(hostile);
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

/* A parent that hangs (stopped) is replaced, at the engine's own deadline. */
static void test_stuck_parent_is_replaced(void)
{
    if (!g_test_slow()) {
        g_test_skip("waits for the engine's own deadline: run with -m slow");
        return;
    }
    int parent = jail_parent_pid(jail);
    g_assert_cmpint(kill(parent, SIGSTOP), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(jail_read_part(jail, SPAN("refuse"), 0, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_assert_cmpint(jail_parent_pid(jail), !=, parent);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) started = jail_start_program("jail-misbehaving", 2, &error);
    g_assert_no_error(error);
    jail = started;
    g_test_add_func("/walls/forbidden-deeds", test_forbidden_deeds);
    g_test_add_func("/walls/nothing-else-is-open", test_nothing_else_is_open);
    g_test_add_func("/walls/crash-and-memory", test_crash_and_memory);
    g_test_add_func("/walls/loop-and-sleep", test_loop_and_sleep);
    g_test_add_func("/walls/hostile-message-delays-nobody", test_hostile_message_delays_nobody);
    g_test_add_func("/walls/lying-answers", test_lying_answers);
    g_test_add_func("/walls/stuck-parent-is-replaced", test_stuck_parent_is_replaced);
    return g_test_run();
}
