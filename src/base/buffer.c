/* A growing run of bytes with a maximum. */
#include "base/buffer.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buffer_done(Buffer *buffer)
{
    g_free(buffer->data);
    *buffer = (Buffer){ .maximum = buffer->maximum };
}

void buffer_done_secret(Buffer *buffer)
{
    if (buffer->data != NULL)
        explicit_bzero(buffer->data, buffer->capacity);
    buffer_done(buffer);
}

static bool buffer_reserve(Buffer *buffer, size_t more)
{
    if (buffer->overflowed || more > buffer->maximum - buffer->length) {
        buffer->overflowed = true;
        return false;
    }
    size_t needed = buffer->length + more + 1;
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = MAX(needed, MIN(MAX(buffer->capacity * 2, 256), buffer->maximum + 1));
    /* Not realloc: the old block may hold a secret that buffer_done_secret would then miss. */
    char *data = g_try_malloc(capacity);
    if (data == NULL) {
        buffer->overflowed = true;
        return false;
    }
    if (buffer->data != NULL) {
        memcpy(data, buffer->data, buffer->length);
        explicit_bzero(buffer->data, buffer->length);
        g_free(buffer->data);
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(Buffer *buffer, Span bytes)
{
    if (!buffer_reserve(buffer, bytes.length))
        return false;
    if (bytes.length > 0)
        memcpy(buffer->data + buffer->length, bytes.at, bytes.length);
    buffer->length += bytes.length;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool buffer_append_text(Buffer *buffer, const char *text)
{
    return buffer_append(buffer, span_of(text));
}

bool buffer_append_byte(Buffer *buffer, char byte)
{
    return buffer_append(buffer, (Span){ &byte, 1 });
}

bool buffer_append_format(Buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return buffer_append_text(buffer, text);
}

void buffer_clear(Buffer *buffer)
{
    buffer->length = 0;
    buffer->overflowed = false;
}

Span buffer_span(const Buffer *buffer)
{
    return buffer->data == NULL ? SPAN_EMPTY : (Span){ buffer->data, buffer->length };
}
