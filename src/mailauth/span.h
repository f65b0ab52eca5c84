/* Borrowed bytes with a length, never a terminator; and the ASCII rules of mail. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct ma_span {
    const char *at;
    size_t length;
} ma_span;

#define MA_EMPTY ((ma_span){ "", 0 })
#define MA_SPAN(literal) ((ma_span){ "" literal "", sizeof(literal) - 1 })
#define MA_FORMAT(span) (int)(span).length, (span).at /* for "%.*s" */

/* The whole of a C string; NULL becomes the empty span. */
ma_span ma_span_of(const char *text);
/* The bytes from `start` up to `end`, both clipped to the span. */
static inline ma_span ma_span_slice(ma_span span, size_t start, size_t end);
/* Index of the first `byte`, or span.length. */
size_t ma_span_find(ma_span span, char byte);
static inline bool ma_span_equal(ma_span left, ma_span right);
static inline bool ma_span_equal_nocase(ma_span left, ma_span right);
/* The same for spans known to be of one length. */
bool ma_span_same_letters(ma_span left, ma_span right);
bool ma_span_starts_nocase(ma_span span, ma_span prefix);
/* Without leading and trailing space, tab, CR and LF. */
ma_span ma_span_trim(ma_span span);
/* Cuts the part before the first `separator` off the front of *rest and drops the separator.
 * false when *rest was already used up (its `at` is then NULL). */
bool ma_span_cut(ma_span *rest, char separator, ma_span *ret_part);
/* Decimal digits only, at most `digits_max` (up to 18) of them. */
bool ma_span_to_number(ma_span span, size_t digits_max, uint64_t *ret_number);
/* The word `word` stands in the list `list` of words parted by `separator`, without case. */
bool ma_span_lists(ma_span list, char separator, ma_span word);

/* The character of well-formed UTF-8 above U+007F that begins at *at, which is moved behind it; 0 where there is none. */
uint32_t ma_utf8_next(ma_span text, size_t *at);
bool ma_span_is_utf8(ma_span text);

int ma_hex_digit(char byte); /* 0 to 15, or -1 */

/* Inline: every byte of a header passes through these. */

static inline bool ma_is_blank(char byte) /* space or tab */
{
    return byte == ' ' || byte == '\t';
}

static inline bool ma_is_space(char byte) /* or CR, LF */
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static inline bool ma_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static inline char ma_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static inline bool ma_is_letter(char byte)
{
    return ma_lower(byte) >= 'a' && ma_lower(byte) <= 'z';
}

/* Most pairs that are compared differ in their first byte: then nothing is called. */

static inline bool ma_span_equal(ma_span left, ma_span right)
{
    return left.length == right.length
        && (left.length == 0 || (left.at[0] == right.at[0] && memcmp(left.at, right.at, left.length) == 0));
}

static inline bool ma_span_equal_nocase(ma_span left, ma_span right)
{
    return left.length == right.length
        && (left.length == 0 || (ma_lower(left.at[0]) == ma_lower(right.at[0]) && ma_span_same_letters(left, right)));
}

static inline ma_span ma_span_slice(ma_span span, size_t start, size_t end)
{
    if (end > span.length)
        end = span.length;
    if (start > end)
        start = end;
    return (ma_span){ span.at + start, end - start };
}
