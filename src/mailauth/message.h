/* The raw bytes of a message cut into header fields and body. */
#pragma once

#include "arena.h"

typedef struct ma_field {
    ma_span name;   /* before the colon, white space before it dropped; empty where the line is no field */
    ma_span value;  /* after the colon, folded as it stands, without the final line end */
    ma_span line;   /* name, colon and value as they stand, without the final line end */
    ma_span ending; /* CR LF, a bare LF, or nothing at the end of the message */
} ma_field;

typedef struct ma_message {
    ma_field *fields;
    size_t field_count;
    ma_span body;
    size_t odd_lines;    /* header lines that are no fields */
    const char *trouble; /* why it cannot be judged: too large a header; or NULL */
} ma_message;

/* A field ends at CR LF or LF that no space or tab follows; the header ends at an empty line or with
 * the message. */
ma_message ma_message_read(ma_arena *arena, ma_span bytes);

/* The index of the first field of that name from `from` on, or field_count. */
size_t ma_message_find(const ma_message *message, const char *name, size_t from);
/* How many fields have that name. */
size_t ma_message_count(const ma_message *message, ma_span name);
