/* Each step that can fail is failed once in turn while a payment is opened, sent and captured, and the process is killed
 * before each write: what is there afterwards is whole units only [PAY-004]. */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "fault_vfs.h"
#include "store_fixture.h"

/* ---- Three units of work -------------------------------------------------------------------------------------------- */

typedef struct Flow {
    Store *store;
    Payment *payment;
    int done; /* units that store_write called durable */
} Flow;

static bool open_unit(StoreTx *tx, void *context, GError **error)
{
    Payment *existing = NULL;
    return fixture_open_payment(tx, context, &existing, error);
}

static bool send_unit(StoreTx *tx, void *context, GError **error)
{
    return fixture_apply(tx, context, PAY_EVENT_SEND, FIXTURE_NOW_US + 1, error);
}

static bool capture_unit(StoreTx *tx, void *context, GError **error)
{
    return fixture_apply(tx, context, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US + 2, error);
}

enum { UNITS = 3 };

/* Runs until the first unit fails; *ret_error is then set. */
static void run_flow(Flow *flow, int report, GError **ret_error)
{
    static StoreUnit *const units[UNITS] = { open_unit, send_unit, capture_unit };
    while (flow->done < UNITS && store_write(flow->store, units[flow->done], flow->payment, ret_error)) {
        flow->done++;
        if (report >= 0)
            g_assert_cmpint(write(report, ".", 1), ==, 1);
    }
}

/* What must be there after so many units, and nothing else. */
static void expect_whole(const char *path, int units)
{
    static const char *const states[UNITS + 1] = { "due", "processing", "processing", "complete" };
    static const int postings[UNITS + 1] = { 0, 2, 2, 4 }, work[UNITS + 1] = { 0, 1, 1, 4 };
    g_autofree char *state = g_strdup_printf("SELECT count(*) FROM invoice WHERE state = '%s'", states[units]);
    g_autofree char *folder = g_strdup_printf("SELECT count(*) FROM message WHERE folder = '%s'", units == 3 ? "paid" : "to_pay");
    g_assert_cmpint(fixture_number(path, "SELECT coalesce(max(version), 0) FROM payment"), ==, units);
    g_assert_cmpint(fixture_number(path, "SELECT count(*) FROM posting"), ==, postings[units]);
    g_assert_cmpint(fixture_number(path, "SELECT coalesce(max(sequence), 0) FROM chain_head WHERE chain = 'posting'"), ==, postings[units]);
    g_assert_cmpint(fixture_number(path, "SELECT count(*) FROM outbox"), ==, work[units]);
    g_assert_cmpint(fixture_number(path, "SELECT count(*) FROM audit"), ==, units);
    g_assert_cmpint(fixture_number(path, "SELECT count(*) FROM event WHERE topic = 'payment'"), ==, units);
    g_assert_cmpint(fixture_number(path, state), ==, 1);
    g_assert_cmpint(fixture_number(path, folder), ==, 1);
    g_assert_cmpint(fixture_number(path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), ==, 0);
}

/* ---- One database per try ------------------------------------------------------------------------------------------------ */

typedef struct Lab {
    Fixture fixture;
    Id invoice_id;
    char *pattern; /* the database as it is before each try */
    gsize pattern_length;
} Lab;

static void lab_open(Lab *lab)
{
    fixture_open(&lab->fixture);
    lab->invoice_id = fixture_invoice(&lab->fixture.tx, &lab->fixture.anna_mailbox, "FV/1", NULL);
    fixture_leave(&lab->fixture);
    g_assert_true(g_file_get_contents(lab->fixture.path, &lab->pattern, &lab->pattern_length, NULL));
}

static void lab_reset(Lab *lab)
{
    static const char *const endings[] = { "-wal", "-shm" };
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(lab->fixture.path, endings[i], NULL);
        unlink(path);
    }
    g_assert_true(g_file_set_contents(lab->fixture.path, lab->pattern, (gssize)lab->pattern_length, NULL));
}

static void lab_done(Lab *lab)
{
    g_free(lab->pattern);
    fixture_done(&lab->fixture);
}

static Flow lab_start(Lab *lab)
{
    g_autoptr(GError) error = NULL;
    Flow flow = { .payment = fixture_payment(lab->fixture.anna, lab->invoice_id) };
    flow.store = store_open(lab->fixture.path, &(StoreOptions){ .readers = 1 }, &error);
    g_assert_no_error(error);
    return flow;
}

static bool read_unit(StoreTx *tx, void *context, GError **error)
{
    Flow *flow = context;
    Payment *read = NULL;
    if (!store_payment_by_id(tx, flow->payment->organization_id, flow->payment->id, &read, error))
        return false;
    payment_free(flow->payment);
    flow->payment = read;
    return true;
}

/* What a failed unit left in memory did not happen. */
static void read_again(Flow *flow)
{
    g_assert_true(flow->done == 0 || store_read(flow->store, read_unit, flow, NULL));
}

static void flow_end(Flow *flow)
{
    store_close(flow->store);
    payment_free(flow->payment);
}

/* ---- A statement is refused --------------------------------------------------------------------------------------------- */

static int refuse_at, actions; /* 0: none is refused */

static int authorize(void *context, int action, const char *a, const char *b, const char *c, const char *d)
{
    bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if (!writes || refuse_at == 0)
        return SQLITE_OK;
    return ++actions == refuse_at ? SQLITE_DENY : SQLITE_OK;
}

static int watch_statements(sqlite3 *handle, const char **trouble, const void *routines)
{
    return sqlite3_set_authorizer(handle, authorize, NULL);
}

static void test_each_statement_refused(void)
{
    Lab lab;
    lab_open(&lab);
    sqlite3_auto_extension((void (*)(void))watch_statements);
    int tries = 0;
    for (bool failed = true; failed; tries++) {
        g_autoptr(GError) error = NULL;
        lab_reset(&lab);
        Flow flow = lab_start(&lab);
        actions = 0;
        refuse_at = tries + 1;
        run_flow(&flow, -1, &error);
        failed = error != NULL;
        refuse_at = 0;
        int done = flow.done;
        flow_end(&flow);
        g_assert_true(failed == (done < UNITS));
        expect_whole(lab.fixture.path, done);
    }
    sqlite3_cancel_auto_extension((void (*)(void))watch_statements);
    g_test_message("%d statements refused in turn", tries - 1);
    g_assert_cmpint(tries, >, 15);
    lab_done(&lab);
}

/* ---- The engine is interrupted -------------------------------------------------------------------------------------------- */

static int interrupt_at, operations;

static int interrupt(void *context)
{
    return interrupt_at > 0 && ++operations == interrupt_at;
}

static int watch_operations(sqlite3 *handle, const char **trouble, const void *routines)
{
    sqlite3_progress_handler(handle, 1, interrupt, NULL);
    return SQLITE_OK;
}

static void test_each_operation_interrupted(void)
{
    Lab lab;
    lab_open(&lab);
    sqlite3_auto_extension((void (*)(void))watch_operations);
    int tries = 0;
    for (bool failed = true; failed; tries++) {
        g_autoptr(GError) error = NULL;
        lab_reset(&lab);
        Flow flow = lab_start(&lab);
        operations = 0;
        interrupt_at = 1 + tries * 11; /* every eleventh: an interruption ends a whole statement anyway */
        run_flow(&flow, -1, &error);
        failed = error != NULL;
        interrupt_at = 0;
        int done = flow.done;
        if (failed) { /* the store works on after it */
            read_again(&flow);
            run_flow(&flow, -1, NULL);
            g_assert_cmpint(flow.done, ==, UNITS);
            done = UNITS;
        }
        flow_end(&flow);
        expect_whole(lab.fixture.path, done);
    }
    sqlite3_cancel_auto_extension((void (*)(void))watch_operations);
    g_test_message("%d interruptions", tries - 1);
    g_assert_cmpint(tries, >, 15);
    lab_done(&lab);
}

/* ---- The disk fails --------------------------------------------------------------------------------------------------------- */

static void fail_disk_in_turn(Fault fault)
{
    Lab lab;
    lab_open(&lab);
    int tries = 0;
    for (bool failed = true; failed; tries++) {
        g_autoptr(GError) error = NULL;
        lab_reset(&lab);
        Flow flow = lab_start(&lab);
        fault_vfs_arm(fault, tries + 1);
        run_flow(&flow, -1, &error);
        failed = error != NULL;
        fault_vfs_disarm();
        if (failed)
            g_assert_error(error, SALDO_ERROR, SALDO_ERROR_IO);
        int done = flow.done;
        flow_end(&flow);
        expect_whole(lab.fixture.path, done);
    }
    g_test_message("%d steps failed in turn", tries - 1);
    g_assert_cmpint(tries, >, 15);
    lab_done(&lab);
}

static void test_each_write_fails(void)
{
    fail_disk_in_turn(FAULT_WRITE_ONCE);
}

static void test_disk_full(void)
{
    fail_disk_in_turn(FAULT_DISK_FULL);
}

/* ---- The process is killed before each write ---------------------------------------------------------------------------------- */

/* The child reports each durable unit by one byte; *ret_survived where nothing was left to kill it before. */
static int run_and_kill(Lab *lab, int at, bool *ret_survived)
{
    int report[2], status = 0, reported = 0;
    char byte;
    g_assert_cmpint(pipe(report), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        Flow flow = lab_start(lab);
        fault_vfs_arm(FAULT_KILL, at);
        run_flow(&flow, report[1], NULL);
        _exit(0);
    }
    close(report[1]);
    while (read(report[0], &byte, 1) == 1)
        reported++;
    close(report[0]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    *ret_survived = !WIFSIGNALED(status);
    g_assert_true(*ret_survived ? status == 0 : WTERMSIG(status) == SIGKILL);
    return reported;
}

static void test_killed_before_each_write(void)
{
    Lab lab;
    lab_open(&lab);
    int tries = 0;
    for (bool survived = false; !survived; tries++) {
        lab_reset(&lab);
        int reported = run_and_kill(&lab, tries + 1, &survived);
        store_close(store_open(lab.fixture.path, NULL, NULL)); /* as the next start does */
        int there = (int)fixture_number(lab.fixture.path, "SELECT coalesce(max(version), 0) FROM payment");
        g_assert_true(there == reported || there == reported + 1); /* durable before it was reported, never after */
        expect_whole(lab.fixture.path, there);
    }
    g_test_message("killed before %d writes in turn", tries - 1);
    g_assert_cmpint(tries, >, 15);
    lab_done(&lab);
}

/* ---- One failed commit fails all its units --------------------------------------------------------------------------------------- */

typedef struct Crowd {
    Store *store;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool holding, may_go;
    int waiting, failed;
} Crowd;

static bool hold_unit(StoreTx *tx, void *context, GError **error)
{
    Crowd *crowd = context;
    pthread_mutex_lock(&crowd->mutex);
    crowd->holding = true;
    pthread_cond_broadcast(&crowd->cond);
    while (!crowd->may_go)
        pthread_cond_wait(&crowd->cond, &crowd->mutex);
    pthread_mutex_unlock(&crowd->mutex);
    return store_secret_put(tx, "held", "value", error);
}

static gpointer hold(gpointer data)
{
    Crowd *crowd = data;
    g_assert_true(store_write(crowd->store, hold_unit, crowd, NULL));
    return NULL;
}

static bool secret_unit(StoreTx *tx, void *context, GError **error)
{
    return store_secret_put(tx, context, "value", error);
}

static gpointer write_one(gpointer data)
{
    Crowd *crowd = data;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("unit-%d", g_atomic_int_add(&crowd->waiting, 1));
    if (!store_write(crowd->store, secret_unit, name, &error)) {
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_IO);
        g_atomic_int_inc(&crowd->failed);
    }
    return NULL;
}

/* After the holder's commit, so that the crowd's own fails. */
static void break_disk(void *context)
{
    fault_vfs_arm(FAULT_DISK_FULL, 1);
}

static void test_failed_commit_fails_all(void)
{
    enum { CROWD = 8 };
    Fixture fixture;
    fixture_directory(&fixture);
    Crowd crowd = { .store = store_open(fixture.path, NULL, NULL), .mutex = PTHREAD_MUTEX_INITIALIZER,
        .cond = PTHREAD_COND_INITIALIZER };
    GThread *threads[CROWD], *holder = g_thread_new("holder", hold, &crowd);
    pthread_mutex_lock(&crowd.mutex);
    while (!crowd.holding)
        pthread_cond_wait(&crowd.cond, &crowd.mutex);
    pthread_mutex_unlock(&crowd.mutex);
    for (int i = 0; i < CROWD; i++)
        threads[i] = g_thread_new("crowd", write_one, &crowd);
    while (g_atomic_int_get(&crowd.waiting) < CROWD)
        g_usleep(1000);
    store_on_commit(crowd.store, break_disk, NULL);
    pthread_mutex_lock(&crowd.mutex);
    crowd.may_go = true;
    pthread_cond_broadcast(&crowd.cond);
    pthread_mutex_unlock(&crowd.mutex);
    g_thread_join(holder);
    for (int i = 0; i < CROWD; i++)
        g_thread_join(threads[i]);
    store_on_commit(crowd.store, NULL, NULL);
    fault_vfs_disarm();
    g_assert_cmpint(crowd.failed, ==, CROWD);
    char after[] = "after";
    g_assert_true(store_write(crowd.store, secret_unit, after, NULL)); /* there is room again */
    store_close(crowd.store);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM secret"), ==, 2); /* held, after */
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fault_vfs_install();
    g_test_add_func("/faults/killed_before_each_write", test_killed_before_each_write);
    g_test_add_func("/faults/each_statement_refused", test_each_statement_refused);
    g_test_add_func("/faults/each_operation_interrupted", test_each_operation_interrupted);
    g_test_add_func("/faults/each_write_fails", test_each_write_fails);
    g_test_add_func("/faults/disk_full", test_disk_full);
    g_test_add_func("/faults/failed_commit_fails_all", test_failed_commit_fails_all);
    return g_test_run();
}
