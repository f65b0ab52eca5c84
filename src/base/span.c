/* Borrowed bytes. */
#include "base/span.h"

#include <glib.h>
#include <string.h>

Span span_of(const char *text)
{
    return text == NULL ? SPAN_EMPTY : (Span){ text, strlen(text) };
}

Span span_slice(Span span, size_t start, size_t end)
{
    if (end > span.length)
        end = span.length;
    if (start > end)
        start = end;
    return (Span){ span.at == NULL ? NULL : span.at + start, end - start }; /* NULL + 0 is undefined in C */
}

bool span_equal(Span left, Span right)
{
    return left.length == right.length && (left.length == 0 || memcmp(left.at, right.at, left.length) == 0);
}

bool span_equal_nocase(Span left, Span right)
{
    return left.length == right.length && (left.length == 0 || g_ascii_strncasecmp(left.at, right.at, left.length) == 0);
}

bool span_starts_with(Span span, Span prefix)
{
    return span.length >= prefix.length && span_equal(span_slice(span, 0, prefix.length), prefix);
}

bool span_starts_with_nocase(Span span, Span prefix)
{
    return span.length >= prefix.length && span_equal_nocase(span_slice(span, 0, prefix.length), prefix);
}

bool span_ends_with_nocase(Span span, Span suffix)
{
    return span.length >= suffix.length
        && span_equal_nocase(span_slice(span, span.length - suffix.length, span.length), suffix);
}

size_t span_find_byte(Span span, char byte)
{
    const char *found = span.length == 0 ? NULL : memchr(span.at, byte, span.length);
    return found == NULL ? span.length : (size_t)(found - span.at);
}

size_t span_find(Span span, Span needle)
{
    const char *found = span.length == 0 ? NULL : memmem(span.at, span.length, needle.at, needle.length);
    return found == NULL ? span.length : (size_t)(found - span.at);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

Span span_trim(Span span)
{
    while (span.length > 0 && is_blank(span.at[0])) {
        span.at++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.at[span.length - 1]))
        span.length--;
    return span;
}

bool span_cut(Span *rest, char separator, Span *ret_part)
{
    if (rest->at == NULL)
        return false;
    size_t end = span_find_byte(*rest, separator);
    *ret_part = span_slice(*rest, 0, end);
    if (end == rest->length)
        *rest = (Span){ NULL, 0 };
    else
        *rest = span_slice(*rest, end + 1, rest->length);
    return true;
}

bool span_to_uint64(Span span, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (span.length == 0)
        return false;
    for (size_t i = 0; i < span.length; i++) {
        if (!g_ascii_isdigit(span.at[i]))
            return false;
        if (__builtin_mul_overflow(value, 10, &value)
            || __builtin_add_overflow(value, (uint64_t)(span.at[i] - '0'), &value))
            return false;
    }
    *ret_value = value;
    return true;
}

char *span_to_text(Span span)
{
    if (span_find_byte(span, '\0') != span.length)
        return NULL;
    return g_strndup(span.length == 0 ? "" : span.at, span.length);
}
