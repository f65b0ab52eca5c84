/* The engine: opening, migrations, group commit, failure of one unit and of all, death in mid-flow, two processes. */
#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "migrations.h"
#include "store_fixture.h"

static Store *open_store(const char *path, const StoreOptions *options)
{
    g_autoptr(GError) error = NULL;
    Store *store = store_open(path, options, &error);
    g_assert_no_error(error);
    return store;
}

/* ---- Opening --------------------------------------------------------------------------------------------------- */

static void test_open_twice(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    store_close(open_store(fixture.path, NULL));
    int64_t applied_us = fixture_number(fixture.path, "SELECT applied_us FROM schema_migration WHERE version = 1");
    Store *store = open_store(fixture.path, NULL);
    Store *beside = open_store(fixture.path, NULL);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT applied_us FROM schema_migration WHERE version = 1"), ==, applied_us);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM schema_migration"), ==, (int64_t)migration_count);
    store_close(beside);
    store_close(store);
    fixture_done(&fixture);
}

static void test_is_private(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    mode_t old = umask(0);
    g_assert_true(g_file_set_contents(fixture.path, "", 0, NULL)); /* made by somebody careless */
    g_chmod(fixture.path, 0666);
    Store *store = open_store(fixture.path, NULL);
    umask(old);
    const char *endings[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(fixture.path, endings[i], NULL);
        struct stat status;
        g_assert_cmpint(stat(path, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    }
    store_close(store);
    fixture_done(&fixture);
}

static void expect_refusal(const char *path, SaldoError code, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(path, NULL, &error));
    g_assert_error(error, SALDO_ERROR, (gint)code);
    g_assert_nonnull(strstr(error->message, word));
}

static void test_refuses_other_schemas(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    store_close(open_store(fixture.path, NULL));
    fixture_tamper(fixture.path, "INSERT INTO schema_migration VALUES (9999, 'later', 'x', 1)");
    expect_refusal(fixture.path, SALDO_ERROR_CONFLICT, "9999");
    fixture_tamper(fixture.path, "DELETE FROM schema_migration WHERE version = 9999;"
                                 "UPDATE schema_migration SET sha256 = 'another'");
    expect_refusal(fixture.path, SALDO_ERROR_CONFLICT, "another text");
    g_assert_true(g_file_set_contents(fixture.path, "This is no database, but it is long enough to be looked at.", -1, NULL));
    expect_refusal(fixture.path, SALDO_ERROR_IO, "not a database");
    expect_refusal("/nowhere/at/all.db", SALDO_ERROR_IO, "/nowhere/at/all.db");
    fixture_done(&fixture);
}

static void test_broken_migration_leaves_nothing(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    g_autoptr(Sql) sql = sql_connect(fixture.path, false, NULL);
    const Migration list[] = { { 1, "good", "a", "CREATE TABLE one (id INTEGER)" },
        { 2, "bad", "b", "CREATE TABLE two (id INTEGER); CREATE TABLE two (id INTEGER)" } };
    g_autoptr(GError) error = NULL;
    g_assert_false(migrations_apply(sql, list, 2, &error));
    g_assert_nonnull(strstr(error->message, "migration 0002 (bad)"));
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM sqlite_schema WHERE name IN ('one', 'two')"), ==, 1);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT max(version) FROM schema_migration"), ==, 1);
    g_clear_pointer(&sql, sql_disconnect);
    fixture_done(&fixture);
}

/* ---- Units ------------------------------------------------------------------------------------------------------- */

static bool add_secret(StoreTx *tx, void *context, GError **error)
{
    return store_secret_put(tx, context, "value", error);
}

static bool add_secret_and_fail(StoreTx *tx, void *context, GError **error)
{
    if (!store_secret_put(tx, context, "value", error))
        return false;
    error_set(error, SALDO_ERROR_DENIED, "on purpose");
    return false;
}

static bool read_secret(StoreTx *tx, void *context, GError **error)
{
    g_autofree char *value = NULL;
    return store_secret_get(tx, context, &value, error);
}

static bool has_secret(Store *store, const char *name)
{
    return store_read(store, read_secret, (void *)name, NULL);
}

typedef struct Worker {
    Store *store;
    int number, units;
    int report; /* descriptor, or -1 */
    int succeeded, failed;
} Worker;

static void report_name(int report, const char *name)
{
    g_autofree char *line = g_strconcat(name, "\n", NULL); /* shorter than PIPE_BUF: written whole or not at all */
    g_assert_cmpint(write(report, line, strlen(line)), ==, (ssize_t)strlen(line));
}

/* Every third unit fails on purpose: it must not take its group with it. */
static gpointer work(gpointer data)
{
    Worker *worker = data;
    for (int i = 0; i < worker->units; i++) {
        g_autofree char *name = g_strdup_printf("%d-%d", worker->number, i);
        g_autoptr(GError) error = NULL;
        bool must_fail = i % 3 == 2;
        bool is_good = store_write(worker->store, must_fail ? add_secret_and_fail : add_secret, name, &error);
        g_assert_true(is_good != must_fail);
        if (must_fail)
            g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
        worker->succeeded += is_good;
        worker->failed += !is_good;
        if (is_good && worker->report >= 0)
            report_name(worker->report, name);
    }
    return NULL;
}

enum { WORKERS = 16 };

static void run_workers(Store *store, int units, int report, int *ret_succeeded)
{
    Worker workers[WORKERS];
    GThread *threads[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (Worker){ .store = store, .number = i, .units = units, .report = report };
        threads[i] = g_thread_new("worker", work, &workers[i]);
    }
    *ret_succeeded = 0;
    for (int i = 0; i < WORKERS; i++) {
        g_thread_join(threads[i]);
        *ret_succeeded += workers[i].succeeded;
    }
}

static void count_commit(void *context)
{
    g_atomic_int_inc((int *)context);
}

static void test_group_commit(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    Store *store = open_store(fixture.path, NULL);
    int commits = 0, succeeded = 0;
    store_on_commit(store, count_commit, &commits);
    run_workers(store, 60, -1, &succeeded);
    g_assert_cmpint(succeeded, ==, WORKERS * 40);
    g_assert_true(has_secret(store, "3-0"));
    g_assert_false(has_secret(store, "3-2")); /* failed, rolled back alone */
    store_close(store);
    g_test_message("%d units in %d commits", WORKERS * 60, commits);
    g_assert_cmpint(commits, <, WORKERS * 60); /* several units shared a commit */
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM secret"), ==, succeeded);
    fixture_done(&fixture);
}

static bool write_in_reader(StoreTx *tx, void *context, GError **error)
{
    return store_secret_put(tx, "reader", "value", error);
}

static void test_reader_cannot_write(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    Store *store = open_store(fixture.path, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_read(store, write_in_reader, NULL, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_IO);
    store_close(store);
    fixture_done(&fixture);
}

typedef struct Gate {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool entered, may_go;
} Gate;

static void gate_set(Gate *gate, bool *flag)
{
    pthread_mutex_lock(&gate->mutex);
    *flag = true;
    pthread_cond_broadcast(&gate->cond);
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_wait(Gate *gate, const bool *flag)
{
    pthread_mutex_lock(&gate->mutex);
    while (!*flag)
        pthread_cond_wait(&gate->cond, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

/* Holds the writer until the test lets it go. */
static bool hold_writer(StoreTx *tx, void *context, GError **error)
{
    Gate *gate = context;
    gate_set(gate, &gate->entered);
    gate_wait(gate, &gate->may_go);
    return true;
}

typedef struct Held { Store *store; Gate *gate; } Held;

static gpointer hold(gpointer data)
{
    Held *held = data;
    g_assert_true(store_write(held->store, hold_writer, held->gate, NULL));
    return NULL;
}

typedef struct Crowd { Store *store; int queued, refused; } Crowd;

static gpointer write_one(gpointer data)
{
    Crowd *crowd = data;
    g_autoptr(GError) error = NULL;
    char name[] = "queued";
    if (store_write(crowd->store, add_secret, name, &error))
        g_atomic_int_inc(&crowd->queued);
    else {
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
        g_atomic_int_inc(&crowd->refused);
    }
    return NULL;
}

static void test_full_queue(void)
{
    enum { CROWD = 8, ROOM = 3 };
    Fixture fixture;
    fixture_directory(&fixture);
    Store *store = open_store(fixture.path, &(StoreOptions){ .queue_most = ROOM });
    Gate gate = { .mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };
    Crowd crowd = { .store = store };
    GThread *threads[CROWD], *holder = g_thread_new("holder", hold, &(Held){ store, &gate });
    gate_wait(&gate, &gate.entered);
    for (int i = 0; i < CROWD; i++)
        threads[i] = g_thread_new("crowd", write_one, &crowd);
    while (g_atomic_int_get(&crowd.refused) < CROWD - ROOM)
        g_usleep(1000);
    gate_set(&gate, &gate.may_go);
    g_thread_join(holder);
    for (int i = 0; i < CROWD; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(crowd.queued, ==, ROOM);
    g_assert_cmpint(crowd.refused, ==, CROWD - ROOM);
    store_close(store);
    fixture_done(&fixture);
}

/* ---- Death in mid-flow ------------------------------------------------------------------------------------------- */

static void write_until_killed(const char *path, int report)
{
    int succeeded = 0;
    Store *store = open_store(path, NULL);
    run_workers(store, 1000000, report, &succeeded);
    _exit(0);
}

/* Reads names until `enough` came, kills the child, and goes on to what it had still reported. */
static GPtrArray *collect_and_kill(int report, pid_t child, guint enough)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    FILE *lines = fdopen(report, "r");
    char line[64];
    while (fgets(line, sizeof line, lines) != NULL) {
        if (strchr(line, '\n') == NULL)
            break; /* cut off by the kill */
        g_ptr_array_add(names, g_strndup(line, strlen(line) - 1));
        if (names->len == enough)
            kill(child, SIGKILL);
    }
    fclose(lines);
    return names;
}

static void test_killed(void)
{
    for (guint round = 1; round <= 4; round++) {
        Fixture fixture;
        fixture_directory(&fixture);
        int report[2];
        g_assert_cmpint(pipe(report), ==, 0);
        pid_t child = fork();
        if (child == 0) {
            close(report[0]);
            write_until_killed(fixture.path, report[1]);
        }
        close(report[1]);
        g_autoptr(GPtrArray) names = collect_and_kill(report[0], child, 150 * round);
        int status = 0;
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        Store *store = open_store(fixture.path, NULL);
        for (guint i = 0; i < names->len; i++)
            g_assert_true(has_secret(store, names->pdata[i]));
        store_close(store);
        g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), ==, 0);
        fixture_done(&fixture);
    }
}

static void test_two_processes(void)
{
    Fixture fixture;
    fixture_directory(&fixture);
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        Store *store = open_store(fixture.path, NULL); /* both make the schema, one wins */
        for (int unit = 0; unit < 200; unit++) {
            g_autofree char *name = g_strdup_printf("process-%d-%d", i, unit);
            g_assert_true(store_write(store, add_secret, name, NULL));
        }
        store_close(store);
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        int status = 1;
        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        g_assert_cmpint(status, ==, 0);
    }
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM secret"), ==, 400);
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/open_twice", test_open_twice);
    g_test_add_func("/store/is_private", test_is_private);
    g_test_add_func("/store/refuses_other_schemas", test_refuses_other_schemas);
    g_test_add_func("/store/broken_migration", test_broken_migration_leaves_nothing);
    g_test_add_func("/store/two_processes", test_two_processes);
    g_test_add_func("/store/killed", test_killed);
    g_test_add_func("/store/group_commit", test_group_commit);
    g_test_add_func("/store/reader_cannot_write", test_reader_cannot_write);
    g_test_add_func("/store/full_queue", test_full_queue);
    return g_test_run();
}
