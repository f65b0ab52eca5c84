/* Borrowed bytes. */
#include "span.h"

#include <string.h>

ma_span ma_span_of(const char *text)
{
    return text == NULL ? MA_EMPTY : (ma_span){ text, strlen(text) };
}

size_t ma_span_find(ma_span span, char byte)
{
    const char *found = span.length == 0 ? NULL : memchr(span.at, byte, span.length);
    return found == NULL ? span.length : (size_t)(found - span.at);
}

bool ma_span_same_letters(ma_span left, ma_span right)
{
    char differing = 0; /* without a branch: the compiler then tests many bytes at once */
    for (size_t i = 0; i < left.length; i++)
        differing |= ma_lower(left.at[i]) ^ ma_lower(right.at[i]);
    return differing == 0;
}

bool ma_span_starts_nocase(ma_span span, ma_span prefix)
{
    return span.length >= prefix.length && ma_span_equal_nocase(ma_span_slice(span, 0, prefix.length), prefix);
}

ma_span ma_span_trim(ma_span span)
{
    while (span.length > 0 && ma_is_space(span.at[0])) {
        span.at++;
        span.length--;
    }
    while (span.length > 0 && ma_is_space(span.at[span.length - 1]))
        span.length--;
    return span;
}

bool ma_span_cut(ma_span *rest, char separator, ma_span *ret_part)
{
    if (rest->at == NULL)
        return false;
    size_t end = ma_span_find(*rest, separator);
    *ret_part = ma_span_slice(*rest, 0, end);
    *rest = end == rest->length ? (ma_span){ NULL, 0 } : ma_span_slice(*rest, end + 1, rest->length);
    return true;
}

bool ma_span_to_number(ma_span span, size_t digits_max, uint64_t *ret_number)
{
    if (span.length == 0 || span.length > digits_max || digits_max > 18)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < span.length; i++) {
        if (!ma_is_digit(span.at[i]))
            return false;
        number = number * 10 + (uint64_t)(span.at[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool ma_span_lists(ma_span list, char separator, ma_span word)
{
    ma_span part;
    while (ma_span_cut(&list, separator, &part))
        if (ma_span_equal_nocase(ma_span_trim(part), word))
            return true;
    return false;
}

int ma_hex_digit(char byte)
{
    if (ma_is_digit(byte))
        return byte - '0';
    char lower = ma_lower(byte);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

uint32_t ma_utf8_next(ma_span text, size_t *at)
{
    uint8_t first = (uint8_t)text.at[*at];
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    static const uint32_t LEAST[] = { 0, 0x80, 0x800, 0x10000 };
    if (first < 0xc2 || first > 0xf4 || more >= text.length - *at)
        return 0;
    uint32_t code = first & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        uint8_t byte = (uint8_t)text.at[*at + i];
        if ((byte & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (byte & 0x3f);
    }
    *at += more + 1;
    return code < LEAST[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : code;
}

bool ma_span_is_utf8(ma_span text)
{
    for (size_t at = 0; at < text.length;)
        if ((uint8_t)text.at[at] < 128)
            at++;
        else if (ma_utf8_next(text, &at) == 0)
            return false;
    return true;
}
