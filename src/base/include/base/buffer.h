/* A growing run of bytes with a maximum that is given when it is made.
 *
 * Appending past the maximum, or out of memory, marks the buffer `overflowed` and appends nothing;
 * the caller may test each call or only the mark at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

typedef struct Buffer {
    char *data; /* always NUL-terminated once something was appended */
    size_t length;
    size_t capacity;
    size_t maximum;
    bool overflowed;
} Buffer;

#define BUFFER_INIT(maximum_bytes) ((Buffer){ .maximum = (maximum_bytes) })

void buffer_done(Buffer *buffer);
/* Wipes the content before it is freed: for secrets. */
void buffer_done_secret(Buffer *buffer);
bool buffer_append(Buffer *buffer, Span bytes);
bool buffer_append_text(Buffer *buffer, const char *text);
bool buffer_append_byte(Buffer *buffer, char byte);
bool buffer_append_format(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Forgets the content and the overflow mark, keeps the memory. */
void buffer_clear(Buffer *buffer);
Span buffer_span(const Buffer *buffer);

#define BUFFER_AUTO __attribute__((cleanup(buffer_done))) Buffer
