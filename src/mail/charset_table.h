/* Charsets of one byte per character, as a table that is made from iconv's converter once.
 *
 * A converter is a module with five mappings, and each costs every child of the jail a microsecond to inherit and to leave:
 * with a table the module can go again. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"

typedef struct CharsetTable {
    char utf8[256][4]; /* at most three bytes, ended by NUL; empty where the byte means nothing. Byte 0 is NUL itself */
} CharsetTable;

/* NULL where there is no such converter, or a character may take more than one byte or its neighbours. */
CharsetTable *charset_table_new(const char *iconv_name);
/* Newly allocated; U+FFFD stands for each byte that means nothing. */
GString *charset_table_convert(const CharsetTable *table, Span bytes);
