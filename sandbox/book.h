/* The test world's own durable store: one SQLite file, sandbox.db, in the state directory.
 *
 * The program uses sqlite3 directly, not src/store: it plays outside parties, whose books must never be
 * those of the payer's server. WAL, synchronous=FULL: an answer is only given for what would survive a
 * crash. A write that fails ends the program (an answer without books would be a lie). Several
 * processes (`serve` and `samples`) may have the file open; several threads share one Book.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Book Book;

/* Makes directory (0700) and tables where they are missing. NULL and `error` (IO) where it cannot. */
Book *book_open(const char *directory, GError **error);
void book_close(Book *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Book, book_close)

/* One unit of work: the calling thread holds the book alone until the commit. Units do not nest. */
void book_begin(Book *book);
void book_commit(Book *book);

/* `types` has one letter per argument: s = const char * (NULL becomes SQL NULL), i = int64_t.
 * Inside or outside a unit of work. */
/* Returns the number of changed rows. */
int64_t book_run(Book *book, const char *sql, const char *types, ...);
/* Rows as a JSON array of objects, columns by name. */
json_t *book_rows(Book *book, const char *sql, const char *types, ...);
/* The first row, or NULL. */
json_t *book_row(Book *book, const char *sql, const char *types, ...);

/* A value kept under a name (keys, counters), made by `make` where it is not there yet: the first
 * process to ask decides. Newly allocated. */
typedef char *BookMake(void);
char *book_value(Book *book, const char *name, BookMake *make);
/* Counts up from 1. */
int64_t book_count_up(Book *book, const char *name);
