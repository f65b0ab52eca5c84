/* Applies the migrations that a database has not seen, each in a transaction of its own, and records them. */
#include "migrations.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

static const char record_table[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    "version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_us INTEGER NOT NULL)";

static bool refuse_newer(StoreTx *tx, size_t count, GError **error)
{
    int64_t newest = 0;
    if (!sql_number(tx, "SELECT max(version) FROM schema_migration", SQL_WITH_NOTHING, 0, &newest, error))
        return false;
    if (newest > (int64_t)count)
        error_set(error, SALDO_ERROR_CONFLICT,
            "the database has schema %" G_GINT64_FORMAT ", this program knows %zu at most: start a newer program", newest,
            count);
    return newest <= (int64_t)count;
}

/* True in *ret_is_applied where this very migration is recorded. */
static bool find_record(StoreTx *tx, const Migration *migration, bool *ret_is_applied, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, "SELECT sha256 FROM schema_migration WHERE version = $1", SQL_WITH(sql_int(migration->version)),
            &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    if (step == SQL_ROW && strcmp(sql_peek_text(&rows), migration->sha256) != 0) {
        error_set(error, SALDO_ERROR_CONFLICT,
            "the database was made with another text of migration %04d (%s): start the program that made it, or a new "
            "database", migration->version, migration->name);
        return false;
    }
    *ret_is_applied = step == SQL_ROW;
    return step != SQL_FAILED;
}

static bool apply_one(StoreTx *tx, const Migration *migration, GError **error)
{
    bool is_applied = false;
    if (!find_record(tx, migration, &is_applied, error))
        return false;
    if (is_applied)
        return true;
    if (!sql_script(tx->sql, migration->script, error)) {
        g_prefix_error(error, "migration %04d (%s): ", migration->version, migration->name);
        return false;
    }
    log_info("store", "migration %04d (%s) applied", migration->version, migration->name);
    return sql_run(tx, "INSERT INTO schema_migration (version, name, sha256, applied_us) VALUES ($1, $2, $3, $4)",
        SQL_WITH(sql_int(migration->version), sql_str(migration->name), sql_str(migration->sha256),
            sql_int(time_now_us())), NULL, error);
}

static bool commit_or_undo(Sql *sql, bool is_good, GError **error)
{
    bool committed = is_good && sql_commit(sql, error);
    sql_rollback(sql);
    return committed;
}

bool migrations_apply(Sql *sql, const Migration *list, size_t count, GError **error)
{
    StoreTx tx = { .sql = sql };
    if (!sql_begin_write(sql, error))
        return false;
    bool is_known = sql_script(sql, record_table, error) && refuse_newer(&tx, count, error);
    if (!commit_or_undo(sql, is_known, error))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!sql_begin_write(sql, error) || !commit_or_undo(sql, apply_one(&tx, &list[i], error), error))
            return false;
    return true;
}
