/* Transfer decoding; base64.c and uuencode.c do theirs. Lenient: a broken "=" stays as it stands. */
#include "transfer.h"

#include <glib.h>
#include <string.h>

#include "block.h"
#include "uuencode.h"

/* Value of each hexadecimal digit plus one, so that what is not named here is 0. */
static const uint8_t digits[256] = { ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16 };

/* Reads the "=C5" at text.at[i]; false where it is not of this form. */
static inline bool read_escape(Span text, size_t i, char *ret_byte)
{
    if (text.length - i < 3)
        return false;
    unsigned high = digits[(unsigned char)text.at[i + 1]], low = digits[(unsigned char)text.at[i + 2]];
    *ret_byte = (char)((high - 1) << 4 | (low - 1));
    return high != 0 && low != 0;
}

size_t transfer_decode_q(Span text, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++, length++) {
        char byte = text.at[i] == '_' ? ' ' : text.at[i], escaped;
        if (byte == '=' && read_escape(text, i, &escaped)) {
            byte = escaped;
            i += 2;
        }
        if (out != NULL)
            out[length] = byte;
    }
    return length;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Blanks at the end of what was read of a line (RFC 2045 §6.7 rule 3 drops them). */
static size_t blanks_at_end(Span line)
{
    size_t length = line.length;
    while (length > 0 && is_blank(line.at[length - 1]))
        length--;
    return line.length - length;
}

/* Length of a soft line break at the "=" at the front, blanks included; 0 where it is none. The end of the text is one. */
static size_t soft_break(Span rest)
{
    size_t end = 1;
    while (end < rest.length && is_blank(rest.at[end]))
        end++;
    if (end + 1 < rest.length && rest.at[end] == '\r' && rest.at[end + 1] == '\n')
        return end + 2;
    if (end < rest.length && rest.at[end] == '\n')
        return end + 1;
    return end == rest.length ? end : 0;
}

/* True for an '=', and for a line feed with blanks before its line end. */
static inline bool is_special(Span text, size_t i)
{
    size_t line_end = i > 0 && text.at[i - 1] == '\r' ? i - 1 : i;
    return text.at[i] == '=' || (text.at[i] == '\n' && line_end > 0 && is_blank(text.at[line_end - 1]));
}

static inline Block blanks_in(Block block)
{
    return (Block)((block == block_of(' ')) | (block == block_of('\t')));
}

enum { STRIDE = 4 * sizeof(Block) }; /* bytes that are looked at together: one bit each in a word */

/* Which of the STRIDE bytes are special, the first one in the lowest bit; the two bytes before them are read too. */
static inline uint64_t specials_in(const char *at)
{
    uint64_t places = 0;
    for (unsigned i = 0; i < STRIDE / sizeof(Block); i++, at += sizeof(Block)) {
        Block block = block_at(at), before = block_at(at - 1);
        Block blank_line_end = blanks_in(before) | ((Block)(before == block_of('\r')) & blanks_in(block_at(at - 2)));
        Block special = (Block)(block == block_of('=')) | ((Block)(block == block_of('\n')) & blank_line_end);
        places |= (uint64_t)block_places(special) << i * sizeof(Block);
    }
    return places;
}

static inline void copy_stride(const char *from, char *out)
{
    if (out != NULL)
        memcpy(out, from, STRIDE);
}

/* Ends a line at its line feed: the blanks before its end, which were already written, are taken back. */
static size_t end_line(Span body, size_t i, char *out, size_t length)
{
    bool has_return = i > 0 && body.at[i - 1] == '\r';
    length -= has_return + blanks_at_end((Span){ body.at, i - has_return });
    if (out != NULL)
        memcpy(out + length, has_return ? "\r\n" : "\n", 1U + has_return);
    return length + 1 + has_return;
}

/* Handles the run of "=" at body.at[i], of which one character often has several; returns the bytes used. */
static inline size_t decode_escapes(Span body, size_t i, char *out, size_t *length)
{
    size_t start = i, soft;
    char escaped;
    for (; i < body.length && body.at[i] == '=' && read_escape(body, i, &escaped); i += 3, (*length)++)
        if (out != NULL)
            out[*length] = escaped;
    if (i > start)
        return i - start;
    if ((soft = soft_break((Span){ body.at + i, body.length - i })) > 0)
        return soft;
    if (out != NULL)
        out[*length] = '=';
    (*length)++;
    return 1;
}

/* What is special at body.at[i]: returns the bytes used. */
static inline size_t decode_special(Span body, size_t i, char *out, size_t *length)
{
    if (body.at[i] == '=')
        return decode_escapes(body, i, out, length);
    *length = end_line(body, i, out, *length);
    return 1;
}

/* Decodes STRIDE bytes at body.at[i], and an escape that begins in them; twice as many must follow, and two stand before.
 * Between two special bytes a whole stride is copied: what is too much is overwritten. Returns the bytes used. */
static inline size_t decode_stride(Span body, size_t i, char *out, size_t *length)
{
    size_t at = 0;
    for (uint64_t places = specials_in(body.at + i); places != 0; places &= at < STRIDE ? UINT64_MAX << at : 0) {
        size_t special = (size_t)__builtin_ctzll(places);
        copy_stride(body.at + i + at, out == NULL ? NULL : out + *length);
        *length += special - at;
        at = special + decode_special(body, i + special, out, length);
    }
    if (at >= STRIDE)
        return at;
    copy_stride(body.at + i + at, out == NULL ? NULL : out + *length);
    *length += STRIDE - at;
    return STRIDE;
}

size_t transfer_decode_quoted(Span body, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < body.length;) {
        if (i >= 2 && i + 2 * STRIDE <= body.length) {
            i += decode_stride(body, i, out, &length);
        } else if (is_special(body, i)) {
            i += decode_special(body, i, out, &length);
        } else {
            if (out != NULL)
                out[length] = body.at[i];
            length++;
            i++;
            if (i == body.length)
                length -= blanks_at_end(body);
        }
    }
    return length;
}

size_t transfer_decode(Span body, const char *encoding, char *out)
{
    if (encoding != NULL && g_ascii_strcasecmp(encoding, "base64") == 0)
        return transfer_decode_base64(body, out);
    if (encoding != NULL && g_ascii_strcasecmp(encoding, "quoted-printable") == 0)
        return transfer_decode_quoted(body, out);
    if (uu_is_encoding(encoding))
        return uu_decode(body, out);
    if (out != NULL && body.length > 0)
        memcpy(out, body.at, body.length);
    return body.length;
}
