/* The sandbox's store on SQLite: schema, statements with positional arguments, rows as JSON. */
#include "book.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"

struct Book {
    sqlite3 *database;
    GRecMutex lock;
};

/* Long enough for `samples` to finish a unit while `serve` waits. */
#define BUSY_TIMEOUT_MS 10000

static const char *const schema =
    "CREATE TABLE IF NOT EXISTS value(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    /* Billers. `lines` is the JSON of bill.h; `currency` and the lines give the amount due. */
    "CREATE TABLE IF NOT EXISTS invoice(number TEXT PRIMARY KEY, biller TEXT NOT NULL, merchant_id TEXT NOT NULL,"
    " customer TEXT NOT NULL, customer_number TEXT NOT NULL, language TEXT NOT NULL, currency TEXT NOT NULL,"
    " issue_date TEXT NOT NULL, due_date TEXT NOT NULL, lines TEXT NOT NULL, confirmation TEXT, paid_at TEXT) STRICT;"
    "CREATE TABLE IF NOT EXISTS request(id TEXT PRIMARY KEY, number TEXT NOT NULL, currency TEXT NOT NULL,"
    " minor INTEGER NOT NULL, born_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS attempt(sequence INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, request_id TEXT NOT NULL,"
    " number TEXT NOT NULL, fingerprint TEXT NOT NULL, token TEXT NOT NULL, result TEXT NOT NULL, code TEXT, body TEXT,"
    " calls INTEGER NOT NULL, at TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS attempt_request ON attempt(request_id);"
    /* The processor. One row per payment id: one token, at most one charge. */
    "CREATE TABLE IF NOT EXISTS payment(payment_id TEXT PRIMARY KEY, account TEXT NOT NULL, merchant_id TEXT NOT NULL,"
    " currency TEXT NOT NULL, minor INTEGER NOT NULL, status TEXT NOT NULL, reference TEXT NOT NULL, token TEXT UNIQUE,"
    " card TEXT, behaviour TEXT, invoice TEXT, code TEXT, message TEXT, challenge TEXT UNIQUE, challenged_us INTEGER,"
    " at TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS charge(sequence INTEGER PRIMARY KEY, payment_id TEXT NOT NULL UNIQUE,"
    " reference TEXT NOT NULL, account TEXT NOT NULL, merchant_id TEXT NOT NULL, invoice TEXT, currency TEXT NOT NULL,"
    " minor INTEGER NOT NULL, at TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS refund(id TEXT PRIMARY KEY, payment_id TEXT NOT NULL, currency TEXT NOT NULL,"
    " minor INTEGER NOT NULL, at TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS answer(scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " status INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(scope, key)) STRICT;"
    /* Faults: `remaining` < 0 is for ever; `origin` "sample" survives DELETE /admin/faults. */
    "CREATE TABLE IF NOT EXISTS fault(id INTEGER PRIMARY KEY, point TEXT NOT NULL, moment TEXT NOT NULL,"
    " kind TEXT NOT NULL, remaining INTEGER NOT NULL, invoice TEXT, delay_ms INTEGER NOT NULL, origin TEXT NOT NULL)"
    " STRICT;";

static void must(Book *book, int outcome, const char *sql)
{
    if (outcome == SQLITE_OK || outcome == SQLITE_ROW || outcome == SQLITE_DONE)
        return;
    log_alarm("sandbox", "the book cannot go on: %s (%s); check the disk and start again",
        sqlite3_errmsg(book->database), sql);
    exit(1);
}

static void execute(Book *book, const char *sql)
{
    must(book, sqlite3_exec(book->database, sql, NULL, NULL, NULL), sql);
}

Book *book_open(const char *directory, GError **error)
{
    if (g_mkdir_with_parents(directory, 0700) != 0) {
        error_set(error, SALDO_ERROR_IO, "cannot make the state directory %s: %s", directory, g_strerror(errno));
        return NULL;
    }
    g_autofree char *path = g_build_filename(directory, "sandbox.db", NULL);
    Book *book = g_new0(Book, 1);
    g_rec_mutex_init(&book->lock);
    const char *const pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";
    bool opened = sqlite3_open(path, &book->database) == SQLITE_OK
        && sqlite3_busy_timeout(book->database, BUSY_TIMEOUT_MS) == SQLITE_OK
        && sqlite3_exec(book->database, pragmas, NULL, NULL, NULL) == SQLITE_OK
        && sqlite3_exec(book->database, schema, NULL, NULL, NULL) == SQLITE_OK;
    if (opened)
        return book;
    error_set(error, SALDO_ERROR_IO, "cannot open %s: %s; give a directory that can be written with --state", path,
        sqlite3_errmsg(book->database));
    book_close(book);
    return NULL;
}

void book_close(Book *book)
{
    if (book == NULL)
        return;
    sqlite3_close(book->database);
    g_rec_mutex_clear(&book->lock);
    g_free(book);
}

void book_begin(Book *book)
{
    g_rec_mutex_lock(&book->lock);
    g_assert(sqlite3_get_autocommit(book->database));
    execute(book, "BEGIN IMMEDIATE");
}

void book_commit(Book *book)
{
    execute(book, "COMMIT");
    g_rec_mutex_unlock(&book->lock);
}

static sqlite3_stmt *prepare(Book *book, const char *sql, const char *types, va_list arguments)
{
    sqlite3_stmt *statement;
    must(book, sqlite3_prepare_v2(book->database, sql, -1, &statement, NULL), sql);
    g_assert(sqlite3_bind_parameter_count(statement) == (int)strlen(types));
    for (int i = 0; types[i] != '\0'; i++) {
        g_assert(types[i] == 's' || types[i] == 'i');
        if (types[i] == 's')
            must(book, sqlite3_bind_text(statement, i + 1, va_arg(arguments, const char *), -1, SQLITE_TRANSIENT), sql);
        else
            must(book, sqlite3_bind_int64(statement, i + 1, va_arg(arguments, int64_t)), sql);
    }
    return statement;
}

static json_t *read_row(sqlite3_stmt *statement)
{
    json_t *row = json_object();
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        json_t *value = sqlite3_column_type(statement, i) == SQLITE_INTEGER
            ? json_integer(sqlite3_column_int64(statement, i))
            : sqlite3_column_type(statement, i) == SQLITE_NULL ? json_null()
                                                               : json_string((const char *)sqlite3_column_text(statement, i));
        json_object_set_new(row, sqlite3_column_name(statement, i), value);
    }
    return row;
}

static json_t *collect(Book *book, sqlite3_stmt *statement, const char *sql)
{
    json_t *rows = json_array();
    int outcome;
    while ((outcome = sqlite3_step(statement)) == SQLITE_ROW)
        json_array_append_new(rows, read_row(statement));
    must(book, outcome, sql);
    sqlite3_finalize(statement);
    return rows;
}

int64_t book_run(Book *book, const char *sql, const char *types, ...)
{
    g_rec_mutex_lock(&book->lock);
    va_list arguments;
    va_start(arguments, types);
    sqlite3_stmt *statement = prepare(book, sql, types, arguments);
    va_end(arguments);
    json_decref(collect(book, statement, sql));
    int64_t changes = sqlite3_changes64(book->database);
    g_rec_mutex_unlock(&book->lock);
    return changes;
}

json_t *book_rows(Book *book, const char *sql, const char *types, ...)
{
    g_rec_mutex_lock(&book->lock);
    va_list arguments;
    va_start(arguments, types);
    sqlite3_stmt *statement = prepare(book, sql, types, arguments);
    va_end(arguments);
    json_t *rows = collect(book, statement, sql);
    g_rec_mutex_unlock(&book->lock);
    return rows;
}

json_t *book_row(Book *book, const char *sql, const char *types, ...)
{
    g_rec_mutex_lock(&book->lock);
    va_list arguments;
    va_start(arguments, types);
    sqlite3_stmt *statement = prepare(book, sql, types, arguments);
    va_end(arguments);
    json_t *rows = collect(book, statement, sql);
    g_rec_mutex_unlock(&book->lock);
    json_t *first = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return first;
}

char *book_value(Book *book, const char *name, BookMake *make)
{
    book_begin(book);
    json_t *row = book_row(book, "SELECT value FROM value WHERE name = ?", "s", name);
    char *value = g_strdup(json_string_value(json_object_get(row, "value")));
    json_decref(row);
    if (value == NULL) {
        value = make();
        book_run(book, "INSERT INTO value(name, value) VALUES(?, ?)", "ss", name, value);
    }
    book_commit(book);
    return value;
}

int64_t book_count_up(Book *book, const char *name)
{
    json_t *row = book_row(book,
        "INSERT INTO value(name, value) VALUES(?, '1')"
        " ON CONFLICT(name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
        " RETURNING CAST(value AS INTEGER) AS count",
        "s", name);
    int64_t count = json_integer_value(json_object_get(row, "count"));
    json_decref(row);
    return count;
}
