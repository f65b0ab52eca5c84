/* Borrowed bytes: a pointer and a length, never a terminator.
 *
 * Everything that came from outside travels as a Span until it is parsed; text that crosses
 * rooms must not contain NUL (span_to_text refuses it). Spans own nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Span {
    const char *at;
    size_t length;
} Span;

#define SPAN_EMPTY ((Span){ "", 0 })
#define SPAN(literal) ((Span){ "" literal "", sizeof(literal) - 1 })

/* The whole of a C string; NULL becomes the empty span. */
Span span_of(const char *text);

/* The bytes from `start` up to `end`, both clipped to the span. */
Span span_slice(Span span, size_t start, size_t end);

bool span_equal(Span left, Span right);
/* ASCII letters compare without case; all other bytes exactly. */
bool span_equal_nocase(Span left, Span right);
bool span_starts_with(Span span, Span prefix);
bool span_starts_with_nocase(Span span, Span prefix);
bool span_ends_with_nocase(Span span, Span suffix);

/* Index of the first occurrence, or span.length where there is none. */
size_t span_find_byte(Span span, char byte);
size_t span_find(Span span, Span needle);

/* Without leading and trailing space, tab, CR and LF. */
Span span_trim(Span span);

/* Cuts the part before the first `separator` off the front of `*rest`; the separator is dropped.
 * Returns false when `*rest` was already exhausted (its `at` is then NULL). */
bool span_cut(Span *rest, char separator, Span *ret_part);

/* Decimal digits only, no sign; false on anything else or on overflow. */
bool span_to_uint64(Span span, uint64_t *ret_value);

/* A newly allocated C string, or NULL where the span holds a NUL byte. Free with g_free. */
char *span_to_text(Span span);
