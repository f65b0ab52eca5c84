/* Files as uuencode writes them into text (POSIX, "uuencode"): a line "begin 644 name", lines of data, a line "end". */
#pragma once

#include <stdbool.h>

#include "base/span.h"

typedef struct UuFile {
    Span name;
    Span block; /* from its "begin" through its "end" */
} UuFile;

/* The first whole file in a text, each of its lines of the right form; false where there is none. Where it returns false,
 * the text was read once; so whoever goes on behind a file found reads everything once. */
bool uu_find(Span text, UuFile *ret_file);

/* True for the names that Content-Transfer-Encoding has for it ("x-uuencode", "uue", …), in any case. */
bool uu_is_encoding(const char *encoding);

/* The name in the first line "begin 644 name"; empty where there is none. */
Span uu_name(Span body);

/* As transfer_decode: the lines behind the first "begin" up to "end"; a body without a "begin" stays as it is. */
size_t uu_decode(Span body, char *out);
