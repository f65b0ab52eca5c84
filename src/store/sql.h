/* The statement layer: what the typed files of this room know of a database.
 *
 * A statement is a fixed text with $1, $2, … (SQLite and PostgreSQL both read them), prepared once per connection; values go in as tagged SqlValues and columns come out in order with sql_take_….
 * The texts keep to the dialect that both databases share; full-text search, which differs, is in search.c.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/money.h"
#include "base/span.h"

typedef struct Sql Sql; /* one connection, used by one thread at a time */

/* What a unit of work holds while it runs. */
typedef struct StoreTx {
    Sql *sql;
    bool shredded; /* deleted something that must not stay in the log either: store.c empties it after the commit */
} StoreTx;

/* ---- Values ------------------------------------------------------------------------------------ */

typedef enum SqlKind { SQL_NULL, SQL_INTEGER, SQL_TEXT, SQL_BLOB } SqlKind;
typedef struct SqlValue {
    SqlKind kind;
    int64_t integer;
    Span bytes; /* text is copied by the statement; a blob must live until the statement ends */
    Id id;      /* the text of an id, when `bytes` is empty and kind is TEXT */
} SqlValue;

SqlValue sql_int(int64_t integer);
SqlValue sql_str(const char *text); /* NULL is null */
SqlValue sql_id(Id id);             /* none is null */
SqlValue sql_blob(Span bytes);

typedef struct SqlValues {
    const SqlValue *values;
    size_t count;
} SqlValues;

#define SQL_WITH(...) \
    ((SqlValues){ (const SqlValue[]){ __VA_ARGS__ }, sizeof((const SqlValue[]){ __VA_ARGS__ }) / sizeof(SqlValue) })
#define SQL_WITH_NOTHING ((SqlValues){ NULL, 0 })

/* ---- Statements -------------------------------------------------------------------------------- */

typedef struct SqlStatement SqlStatement;
typedef struct SqlRows {
    SqlStatement *statement;
    int column;   /* the next that sql_take_… reads */
    bool damaged; /* a column held what this room never writes */
} SqlRows;
typedef enum SqlStep { SQL_ROW, SQL_END, SQL_FAILED } SqlStep;

/* Gives the statement back; safe on a SqlRows that never ran. */
void sql_rows_done(SqlRows *rows);
#define SQL_ROWS_AUTO __attribute__((cleanup(sql_rows_done))) SqlRows

/* A statement that answers nothing. Rows changed in *ret_changed unless NULL.
 * Errors: CONFLICT (uniqueness), NOT_FOUND (a foreign key leads nowhere), UNAVAILABLE (locked), IO. */
bool sql_run(StoreTx *tx, const char *text, SqlValues values, int64_t *ret_changed, GError **error);
/* A statement that answers rows; step with sql_next. */
bool sql_open(StoreTx *tx, const char *text, SqlValues values, SqlRows *ret_rows, GError **error);
SqlStep sql_next(SqlRows *rows, GError **error);
/* Opens and steps to the first row; where there is none: NOT_FOUND, "no <what>". */
bool sql_first(StoreTx *tx, const char *text, SqlValues values, const char *what, SqlRows *ret_rows, GError **error);
/* A statement that answers one integer, such as a count; `otherwise` where there is no row or it is null. */
bool sql_number(StoreTx *tx, const char *text, SqlValues values, int64_t otherwise, int64_t *ret_number,
    GError **error);

/* The next column of the current row; what is null reads as 0, NULL or none. */
int64_t sql_take_int(SqlRows *rows);
char *sql_take_text(SqlRows *rows);           /* newly allocated */
const char *sql_peek_text(SqlRows *rows);     /* borrowed until the next step */
Id sql_take_id(SqlRows *rows);
json_t *sql_take_json(SqlRows *rows);         /* new reference */
GBytes *sql_take_bytes(SqlRows *rows);
Money sql_take_money(SqlRows *rows);          /* two columns: minor, currency */
/* IO where a column of any row read so far held what is never written here. */
bool sql_rows_sound(const SqlRows *rows, GError **error);

/* ---- Connections and transactions (store.c and migrations.c) ------------------------------------- */

/* A reader's connection refuses to write. `path` is created 0600. */
Sql *sql_connect(const char *path, bool reader, GError **error);
void sql_disconnect(Sql *sql);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sql, sql_disconnect)

bool sql_begin_write(Sql *sql, GError **error); /* takes the write lock, waits for it a while: UNAVAILABLE */
bool sql_begin_read(Sql *sql, GError **error);  /* one snapshot from the first read on */
bool sql_commit(Sql *sql, GError **error);
void sql_rollback(Sql *sql);                    /* fine outside a transaction too */
bool sql_in_transaction(const Sql *sql);
bool sql_savepoint(Sql *sql, GError **error);
bool sql_savepoint_keep(Sql *sql, GError **error);
bool sql_savepoint_undo(Sql *sql, GError **error);
/* Several statements without values, as a migration is. */
bool sql_script(Sql *sql, const char *script, GError **error);
/* Empties the write-ahead log, so that what was deleted is in no file any more. Best effort: a reader may hold it. */
void sql_empty_log(Sql *sql);
