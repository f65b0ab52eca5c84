/* SQLite behind sql.h: one connection with its prepared statements, errors named, values bound and read.
 * Nothing outside this file and search.c's SQL knows that the database is SQLite. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "sql.h"
#include "store_limits.h"

enum { SQL_VALUES_MAX = 32 };

struct SqlStatement {
    sqlite3_stmt *handle;
    Sql *sql;
    bool in_use;
    bool is_cached; /* else it was prepared beside a running twin and ends with its use */
    uint8_t number[SQL_VALUES_MAX]; /* of SQLite's parameter i: the $number that it stands for, from 1 */
};

struct Sql {
    sqlite3 *handle;
    GHashTable *statements; /* text → SqlStatement */
    char *path;
};

/* ---- Errors -------------------------------------------------------------------------------------- */

static SaldoError error_code_of(int result)
{
    switch (result) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return SALDO_ERROR_CONFLICT;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return SALDO_ERROR_NOT_FOUND;
    }
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SALDO_ERROR_UNAVAILABLE;
    case SQLITE_CONSTRAINT:
        return SALDO_ERROR_BAD_INPUT;
    }
    return SALDO_ERROR_IO;
}

static const char *advice_for(int result)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another process holds it: try again";
    case SQLITE_FULL:
        return "; make room on the disk";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; restore it from a backup";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
        return "; check the disk and the rights of its directory";
    }
    return "";
}

static bool fail(const Sql *sql, const char *text, GError **error)
{
    int result = sqlite3_extended_errcode(sql->handle);
    error_set(error, error_code_of(result), "database %s: %s%s (in \"%.60s\")", sql->path,
        sqlite3_errmsg(sql->handle), advice_for(result), text);
    return false;
}

/* ---- Connections ----------------------------------------------------------------------------------- */

/* The database must never be readable by others, not even for a moment; its log and index take its rights. A database
 * that is there is never opened here: closing any descriptor of it would drop the locks of all connections of this
 * process (POSIX), and another process would then take the log away under their feet. */
static bool make_private(const char *path, GError **error)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    if (file >= 0)
        close(file);
    if ((file >= 0 || errno == EEXIST) && chmod(path, 0600) == 0)
        return true;
    error_set(error, SALDO_ERROR_IO, "database %s cannot be opened: %s", path, g_strerror(errno));
    return false;
}

static const char connection_set_up[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;" /* a commit is on the disk when it returns */
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA secure_delete = ON;" /* a deleted card is overwritten */
    "PRAGMA temp_store = MEMORY;" /* nothing of a mail in temporary files */
    "PRAGMA cache_size = -16384;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA wal_autocheckpoint = 4000;" /* pages: 16 MB; a page that many commits write goes home once */;

static void statement_free(gpointer data)
{
    SqlStatement *statement = data;
    sqlite3_finalize(statement->handle);
    g_free(statement);
}

/* Making the log is the one step for which SQLite does not wait when two processes open a new database at once. */
static bool set_up(Sql *sql, GError **error)
{
    int64_t until_us = time_monotonic_us() + STORE_BUSY_WAIT_MS * INT64_C(1000);
    for (;;) {
        g_autoptr(GError) trouble = NULL;
        if (sql_script(sql, connection_set_up, &trouble))
            return true;
        if (!g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE) || time_monotonic_us() > until_us) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        g_usleep(STORE_BUSY_RETRY_US);
    }
}

Sql *sql_connect(const char *path, bool reader, GError **error)
{
    if (!make_private(path, error))
        return NULL;
    g_autoptr(Sql) sql = g_new0(Sql, 1);
    sql->path = g_strdup(path);
    sql->statements = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, statement_free);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(path, &sql->handle, flags, NULL) != SQLITE_OK) {
        fail(sql, "open", error);
        return NULL;
    }
    sqlite3_busy_timeout(sql->handle, STORE_BUSY_WAIT_MS);
    sqlite3_db_config(sql->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(sql->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (!set_up(sql, error) || (reader && !sql_script(sql, "PRAGMA query_only = ON", error)))
        return NULL;
    return g_steal_pointer(&sql);
}

void sql_disconnect(Sql *sql)
{
    if (sql == NULL)
        return;
    g_hash_table_destroy(sql->statements);
    g_assert(sqlite3_close(sql->handle) == SQLITE_OK); /* a statement left open is a bug */
    g_free(sql->path);
    g_free(sql);
}

bool sql_script(Sql *sql, const char *script, GError **error)
{
    return sqlite3_exec(sql->handle, script, NULL, NULL, NULL) == SQLITE_OK || fail(sql, script, error);
}

/* ---- Transactions ---------------------------------------------------------------------------------- */

static bool run_plain(Sql *sql, const char *text, GError **error)
{
    StoreTx tx = { .sql = sql };
    return sql_run(&tx, text, SQL_WITH_NOTHING, NULL, error);
}

bool sql_begin_write(Sql *sql, GError **error)
{
    return run_plain(sql, "BEGIN IMMEDIATE", error);
}

bool sql_begin_read(Sql *sql, GError **error)
{
    return run_plain(sql, "BEGIN", error);
}

bool sql_commit(Sql *sql, GError **error)
{
    return run_plain(sql, "COMMIT", error);
}

void sql_rollback(Sql *sql)
{
    g_autoptr(GError) error = NULL;
    if (sql_in_transaction(sql) && !run_plain(sql, "ROLLBACK", &error))
        log_alarm("store", "a rollback failed: %s", error->message);
}

bool sql_in_transaction(const Sql *sql)
{
    return sqlite3_get_autocommit(sql->handle) == 0;
}

bool sql_savepoint(Sql *sql, GError **error)
{
    return run_plain(sql, "SAVEPOINT unit", error);
}

bool sql_savepoint_keep(Sql *sql, GError **error)
{
    return run_plain(sql, "RELEASE unit", error);
}

bool sql_savepoint_undo(Sql *sql, GError **error)
{
    return run_plain(sql, "ROLLBACK TO unit", error) && run_plain(sql, "RELEASE unit", error);
}

void sql_empty_log(Sql *sql)
{
    int left = 0;
    int result = sqlite3_wal_checkpoint_v2(sql->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, &left, NULL);
    if (result != SQLITE_OK)
        log_warning("store", "the log of %s could not be emptied after a deletion: %s", sql->path,
            sqlite3_errmsg(sql->handle));
}

/* ---- Statements ------------------------------------------------------------------------------------ */

/* SQLite numbers $1, $2, … by their first appearance, PostgreSQL by their names: the names count here too. */
static void map_parameters(SqlStatement *statement, size_t count)
{
    g_assert(count <= SQL_VALUES_MAX && (size_t)sqlite3_bind_parameter_count(statement->handle) == count);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = 0;
        const char *name = sqlite3_bind_parameter_name(statement->handle, (int)i + 1);
        g_assert(name[0] == '$' && span_to_uint64(span_of(name + 1), &number) && number >= 1 && number <= count);
        statement->number[i] = (uint8_t)number;
    }
}

static SqlStatement *prepare(Sql *sql, const char *text, size_t values, bool keep, GError **error)
{
    sqlite3_stmt *handle = NULL;
    if (sqlite3_prepare_v3(sql->handle, text, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &handle, NULL) != SQLITE_OK) {
        fail(sql, text, error);
        return NULL;
    }
    SqlStatement *statement = g_new0(SqlStatement, 1);
    *statement = (SqlStatement){ .handle = handle, .sql = sql, .is_cached = keep };
    map_parameters(statement, values);
    if (keep)
        g_hash_table_insert(sql->statements, (gpointer)sqlite3_sql(handle), statement);
    return statement;
}

static SqlStatement *take_statement(Sql *sql, const char *text, size_t values, GError **error)
{
    SqlStatement *statement = g_hash_table_lookup(sql->statements, text);
    if (statement == NULL || statement->in_use)
        statement = prepare(sql, text, values, statement == NULL, error);
    if (statement != NULL)
        statement->in_use = true;
    return statement;
}

static void give_back(SqlStatement *statement)
{
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->in_use = false;
    if (!statement->is_cached)
        statement_free(statement);
}

static int bind_value(sqlite3_stmt *handle, int index, const SqlValue *value)
{
    switch (value->kind) {
    case SQL_NULL:
        return sqlite3_bind_null(handle, index);
    case SQL_INTEGER:
        return sqlite3_bind_int64(handle, index, value->integer);
    case SQL_TEXT: {
        Span text = value->bytes.at == NULL ? span_of(value->id.text) : value->bytes;
        return sqlite3_bind_text64(handle, index, text.at, text.length, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    case SQL_BLOB:
        return sqlite3_bind_blob64(handle, index, value->bytes.at, value->bytes.length, SQLITE_STATIC);
    }
    g_assert_not_reached();
}

bool sql_open(StoreTx *tx, const char *text, SqlValues values, SqlRows *ret_rows, GError **error)
{
    SqlStatement *statement = take_statement(tx->sql, text, values.count, error);
    if (statement == NULL)
        return false;
    for (size_t i = 0; i < values.count; i++)
        if (bind_value(statement->handle, (int)i + 1, &values.values[statement->number[i] - 1]) != SQLITE_OK) {
            fail(tx->sql, text, error);
            give_back(statement);
            return false;
        }
    g_assert(ret_rows->statement == NULL);
    *ret_rows = (SqlRows){ .statement = statement };
    return true;
}

void sql_rows_done(SqlRows *rows)
{
    if (rows->statement != NULL)
        give_back(rows->statement);
    *rows = (SqlRows){ 0 };
}

SqlStep sql_next(SqlRows *rows, GError **error)
{
    rows->column = 0;
    sqlite3_stmt *handle = rows->statement->handle;
    switch (sqlite3_step(handle)) {
    case SQLITE_ROW:
        return SQL_ROW;
    case SQLITE_DONE:
        return SQL_END;
    }
    fail(rows->statement->sql, sqlite3_sql(handle), error);
    return SQL_FAILED;
}

bool sql_run(StoreTx *tx, const char *text, SqlValues values, int64_t *ret_changed, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, text, values, &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    if (step == SQL_FAILED)
        return false;
    g_assert(step == SQL_END);
    if (ret_changed != NULL)
        *ret_changed = sqlite3_changes64(tx->sql->handle);
    return true;
}

bool sql_first(StoreTx *tx, const char *text, SqlValues values, const char *what, SqlRows *ret_rows, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, text, values, &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    if (step == SQL_END)
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such %s", what);
    if (step != SQL_ROW)
        return false;
    *ret_rows = rows;
    rows = (SqlRows){ 0 };
    return true;
}

bool sql_number(StoreTx *tx, const char *text, SqlValues values, int64_t otherwise, int64_t *ret_number,
    GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, text, values, &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    if (step == SQL_FAILED)
        return false;
    bool has_value = step == SQL_ROW && sqlite3_column_type(rows.statement->handle, 0) != SQLITE_NULL;
    int64_t number = has_value ? sql_take_int(&rows) : otherwise;
    while (step == SQL_ROW) /* to its end: a statement that changes rows may answer one too */
        step = sql_next(&rows, error);
    if (step == SQL_END)
        *ret_number = number;
    return step == SQL_END;
}

/* ---- Values in, columns out ------------------------------------------------------------------------- */

SqlValue sql_int(int64_t integer)
{
    return (SqlValue){ .kind = SQL_INTEGER, .integer = integer };
}

SqlValue sql_str(const char *text)
{
    return (SqlValue){ .kind = text == NULL ? SQL_NULL : SQL_TEXT, .bytes = span_of(text) };
}

SqlValue sql_id(Id id)
{
    return (SqlValue){ .kind = id_is_none(id) ? SQL_NULL : SQL_TEXT, .id = id };
}

SqlValue sql_blob(Span bytes)
{
    return (SqlValue){ .kind = SQL_BLOB, .bytes = bytes };
}

int64_t sql_take_int(SqlRows *rows)
{
    return sqlite3_column_int64(rows->statement->handle, rows->column++);
}

const char *sql_peek_text(SqlRows *rows)
{
    return (const char *)sqlite3_column_text(rows->statement->handle, rows->column++);
}

char *sql_take_text(SqlRows *rows)
{
    return g_strdup(sql_peek_text(rows));
}

Id sql_take_id(SqlRows *rows)
{
    Id id = ID_NONE;
    const char *text = sql_peek_text(rows);
    if (text != NULL && !id_parse(span_of(text), &id))
        rows->damaged = true;
    return id;
}

static Span column_bytes(SqlRows *rows)
{
    sqlite3_stmt *handle = rows->statement->handle;
    int column = rows->column++;
    const char *at = sqlite3_column_blob(handle, column);
    return at == NULL ? SPAN_EMPTY : (Span){ at, (size_t)sqlite3_column_bytes(handle, column) };
}

json_t *sql_take_json(SqlRows *rows)
{
    Span text = column_bytes(rows);
    if (text.length == 0)
        return NULL;
    if (text.length > STORE_JSON_BYTES) {
        rows->damaged = true;
        return NULL;
    }
    json_t *value = json_loadb(text.at, text.length, JSON_DECODE_ANY, NULL);
    rows->damaged = rows->damaged || value == NULL;
    if (json_is_null(value))
        return NULL;
    return value;
}

GBytes *sql_take_bytes(SqlRows *rows)
{
    Span bytes = column_bytes(rows);
    return g_bytes_new(bytes.at, bytes.length);
}

Money sql_take_money(SqlRows *rows)
{
    Money money = { .minor = sql_take_int(rows) };
    const char *currency = sql_peek_text(rows);
    if (currency == NULL || currency[0] == '\0')
        return (Money){ 0 };
    if (money_currency_exponent(span_of(currency)) < 0) {
        rows->damaged = true;
        return (Money){ 0 };
    }
    memcpy(money.currency, currency, 3);
    return money;
}

bool sql_rows_sound(const SqlRows *rows, GError **error)
{
    if (rows->damaged)
        error_set(error, SALDO_ERROR_IO, "database %s holds a damaged row (in \"%.60s\"); restore it from a backup",
            rows->statement->sql->path, sqlite3_sql(rows->statement->handle));
    return !rows->damaged;
}
