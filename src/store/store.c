/* The store's engine: a queue of units of work, one writer thread that commits them in groups, a pool of readers.
 * The locks are pthread's own: the thread sanitizer understands those, and not GLib's. */
#include "store/store.h"

#include <pthread.h>

#include "base/error.h"
#include "base/log.h"
#include "migrations.h"
#include "sql.h"
#include "store_limits.h"

/* One waiting unit; lives on its caller's stack until `is_done`. */
typedef struct Job {
    StoreUnit *unit;
    void *context;
    GError *error;
    bool is_good;
    bool is_done;
    pthread_cond_t done;
} Job;

struct Store {
    pthread_mutex_t mutex; /* over the queue and the free readers */
    pthread_cond_t work;
    GQueue queue; /* Job * */
    bool closing;
    unsigned group_most, queue_most;
    pthread_mutex_t hook_mutex; /* held while the hook runs, so that one that was taken away runs no more */
    StoreCommitHook *hook;
    void *hook_context;
    Sql *writer;
    GThread *thread;
    GPtrArray *free_readers; /* Sql * */
    pthread_cond_t reader_free;
    unsigned readers;
};

/* Set while a unit or the hook runs on this thread: neither ever waits for another unit. */
static _Thread_local const void *inside_unit;

static bool run_unit(StoreUnit *unit, void *context, StoreTx *tx, GError **error)
{
    GError *trouble = NULL;
    inside_unit = tx;
    bool is_good = unit(tx, context, &trouble);
    inside_unit = NULL;
    g_assert(is_good || trouble != NULL);
    if (is_good)
        g_clear_error(&trouble);
    else
        g_propagate_error(error, trouble);
    return is_good;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

/* Fails every unit of the group that had succeeded so far: what it wrote is gone. */
static void fail_group(Job **group, size_t count, const GError *reason)
{
    for (size_t i = 0; i < count; i++) {
        if (!group[i]->is_good)
            continue;
        group[i]->is_good = false;
        group[i]->error = g_error_copy(reason);
    }
}

/* Runs one unit in its savepoint. False where the whole transaction is gone, with the reason. */
static bool run_job(StoreTx *tx, Job *job, GError **error)
{
    if (!sql_savepoint(tx->sql, error)) {
        job->error = g_error_copy(*error);
        return false;
    }
    job->is_good = run_unit(job->unit, job->context, tx, &job->error);
    if (sql_in_transaction(tx->sql))
        return job->is_good ? sql_savepoint_keep(tx->sql, error) : sql_savepoint_undo(tx->sql, error);
    error_set(error, SALDO_ERROR_IO, "a unit of the same commit broke the transaction: %s",
        job->error != NULL ? job->error->message : "it ended it");
    return false;
}

/* Runs units in one transaction and commits it; returns how many have their outcome then. Where a unit broke the
 * transaction (a full disk does), those after it have not run and wait for the next one. */
static size_t run_group(Store *store, Job **group, size_t count)
{
    g_autoptr(GError) error = NULL;
    StoreTx tx = { .sql = store->writer };
    size_t ran = 0;
    bool has_begun = sql_begin_write(store->writer, &error);
    bool is_good = has_begun;
    while (is_good && ran < count)
        is_good = run_job(&tx, group[ran++], &error);
    is_good = is_good && sql_commit(store->writer, &error);
    if (is_good && tx.shredded)
        sql_empty_log(store->writer);
    if (is_good)
        return count;
    sql_rollback(store->writer);
    log_alarm("store", "a commit of %zu units failed: %s", has_begun ? ran : count, error->message);
    fail_group(group, ran, error);
    for (size_t i = 0; !has_begun && i < count; i++)
        group[i]->error = g_error_copy(error);
    return has_begun ? ran : count;
}

static void wake_callers(Store *store, Job **group, size_t count)
{
    pthread_mutex_lock(&store->mutex);
    for (size_t i = 0; i < count; i++) {
        group[i]->is_done = true;
        pthread_cond_signal(&group[i]->done); /* the job is its caller's again once the mutex is free */
    }
    pthread_mutex_unlock(&store->mutex);
}

static void call_hook(Store *store)
{
    pthread_mutex_lock(&store->hook_mutex);
    inside_unit = store; /* it must not wait for the writer that calls it */
    if (store->hook != NULL)
        store->hook(store->hook_context);
    inside_unit = NULL;
    pthread_mutex_unlock(&store->hook_mutex);
}

/* Waits for units and takes as many as fit one group; 0 when the store closes and none is left. */
static size_t take_group(Store *store, Job **group)
{
    size_t count = 0;
    pthread_mutex_lock(&store->mutex);
    while (g_queue_is_empty(&store->queue) && !store->closing)
        pthread_cond_wait(&store->work, &store->mutex);
    while (count < store->group_most && !g_queue_is_empty(&store->queue))
        group[count++] = g_queue_pop_head(&store->queue);
    pthread_mutex_unlock(&store->mutex);
    return count;
}

static gpointer writer_main(gpointer data)
{
    Store *store = data;
    g_autofree Job **group = g_new(Job *, store->group_most);
    for (size_t count = take_group(store, group); count > 0; count = take_group(store, group)) {
        for (size_t settled = 0; settled < count;)
            settled += run_group(store, group + settled, count - settled);
        wake_callers(store, group, count);
        call_hook(store);
    }
    return NULL;
}

static bool enqueue_and_wait(Store *store, Job *job)
{
    pthread_mutex_lock(&store->mutex);
    bool has_room = !store->closing && g_queue_get_length(&store->queue) < store->queue_most;
    if (has_room) {
        g_queue_push_tail(&store->queue, job);
        pthread_cond_signal(&store->work);
        while (!job->is_done)
            pthread_cond_wait(&job->done, &store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
    return has_room;
}

bool store_write(Store *store, StoreUnit *unit, void *context, GError **error)
{
    g_assert(inside_unit == NULL);
    Job job = { .unit = unit, .context = context };
    pthread_cond_init(&job.done, NULL);
    bool ran = enqueue_and_wait(store, &job);
    pthread_cond_destroy(&job.done);
    if (!ran)
        error_set(error, SALDO_ERROR_UNAVAILABLE, "the store is busy or closing: try again");
    else if (!job.is_good)
        g_propagate_error(error, job.error);
    return ran && job.is_good;
}

void store_on_commit(Store *store, StoreCommitHook *hook, void *context)
{
    pthread_mutex_lock(&store->hook_mutex);
    store->hook = hook;
    store->hook_context = context;
    pthread_mutex_unlock(&store->hook_mutex);
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static Sql *take_reader(Store *store)
{
    pthread_mutex_lock(&store->mutex);
    while (store->free_readers->len == 0)
        pthread_cond_wait(&store->reader_free, &store->mutex);
    Sql *reader = g_ptr_array_steal_index_fast(store->free_readers, store->free_readers->len - 1);
    pthread_mutex_unlock(&store->mutex);
    return reader;
}

static void give_reader(Store *store, Sql *reader)
{
    pthread_mutex_lock(&store->mutex);
    g_ptr_array_add(store->free_readers, reader);
    pthread_cond_signal(&store->reader_free);
    pthread_mutex_unlock(&store->mutex);
}

bool store_read(Store *store, StoreUnit *unit, void *context, GError **error)
{
    g_assert(inside_unit == NULL);
    Sql *reader = take_reader(store);
    StoreTx tx = { .sql = reader };
    bool is_good = sql_begin_read(reader, error) && run_unit(unit, context, &tx, error);
    sql_rollback(reader);
    give_reader(store, reader);
    return is_good;
}

/* ---- Opening and closing ----------------------------------------------------------------------------- */

static void disconnect(gpointer data)
{
    sql_disconnect(data);
}

static bool connect_all(Store *store, const char *path, GError **error)
{
    store->writer = sql_connect(path, false, error);
    if (store->writer == NULL || !migrations_apply(store->writer, migrations, migration_count, error))
        return false;
    for (unsigned i = 0; i < store->readers; i++) {
        Sql *reader = sql_connect(path, true, error);
        if (reader == NULL)
            return false;
        g_ptr_array_add(store->free_readers, reader);
    }
    return true;
}

Store *store_open(const char *path, const StoreOptions *options, GError **error)
{
    StoreOptions chosen = options != NULL ? *options : (StoreOptions){ 0 };
    g_autoptr(Store) store = g_new0(Store, 1);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_mutex_init(&store->hook_mutex, NULL);
    pthread_cond_init(&store->work, NULL);
    pthread_cond_init(&store->reader_free, NULL);
    g_queue_init(&store->queue);
    store->readers = chosen.readers > 0 ? MIN(chosen.readers, STORE_READERS_MAX) : STORE_READERS;
    store->group_most = chosen.group_most > 0 ? chosen.group_most : STORE_GROUP_MOST;
    store->queue_most = chosen.queue_most > 0 ? chosen.queue_most : STORE_QUEUE_MOST;
    store->free_readers = g_ptr_array_new_with_free_func(disconnect);
    if (!connect_all(store, path, error))
        return NULL;
    store->thread = g_thread_new("store-writer", writer_main, store);
    return g_steal_pointer(&store);
}

void store_close(Store *store)
{
    if (store == NULL)
        return;
    pthread_mutex_lock(&store->mutex);
    store->closing = true;
    pthread_cond_signal(&store->work);
    pthread_mutex_unlock(&store->mutex);
    if (store->thread != NULL) {
        g_thread_join(store->thread);
        g_assert(store->free_readers->len == store->readers); /* nobody reads any more */
    }
    g_ptr_array_unref(store->free_readers);
    sql_disconnect(store->writer);
    pthread_cond_destroy(&store->work);
    pthread_cond_destroy(&store->reader_free);
    pthread_mutex_destroy(&store->mutex);
    pthread_mutex_destroy(&store->hook_mutex);
    g_free(store);
}
