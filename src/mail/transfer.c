/* Transfer decoding. Lenient: what is no digit is skipped (RFC 2045 §6.8), a broken "=" stays as it stands. */
#include "transfer.h"

#include <glib.h>
#include <string.h>

typedef struct Sink {
    char *out; /* NULL: only count */
    size_t length;
} Sink;

static void put(Sink *sink, unsigned byte)
{
    if (sink->out != NULL)
        sink->out[sink->length] = (char)byte;
    sink->length++;
}

static int digit_64(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t transfer_decode_base64(Span body, char *out)
{
    Sink sink = { out, 0 };
    uint32_t group = 0;
    unsigned digits = 0;
    for (size_t i = 0; i < body.length; i++) {
        if (body.at[i] == '=')
            digits = 0; /* the bits left over are padding; another run may follow */
        int value = digit_64((unsigned char)body.at[i]);
        if (value < 0)
            continue;
        group = group << 6 | (uint32_t)value;
        if (digits++ % 4 != 0)
            put(&sink, group >> (6 - 2 * ((digits - 1) % 4)) & 255);
    }
    return sink.length;
}

/* Length of the white space at the front, when a line end or the end of the text follows it; else 0. */
static size_t trailing_blank(Span rest)
{
    size_t length = 0;
    while (length < rest.length && (rest.at[length] == ' ' || rest.at[length] == '\t'))
        length++;
    bool at_end = length == rest.length || rest.at[length] == '\n'
        || (rest.at[length] == '\r' && length + 1 < rest.length && rest.at[length + 1] == '\n');
    return at_end ? length : 0;
}

/* Length of a soft line break after "=", blanks included; 0 where there is none. */
static size_t soft_break(Span rest)
{
    size_t blank = trailing_blank(rest);
    rest = span_slice(rest, blank, rest.length);
    if (rest.length == 0)
        return blank;
    if (rest.at[0] == '\n')
        return blank + 1;
    return rest.length > 1 && rest.at[0] == '\r' && rest.at[1] == '\n' ? blank + 2 : 0;
}

/* Handles what stands at the "="; returns how many bytes were used. */
static size_t decode_escape(Span rest, bool in_header, Sink *sink)
{
    int high = rest.length > 2 ? g_ascii_xdigit_value(rest.at[1]) : -1;
    int low = rest.length > 2 ? g_ascii_xdigit_value(rest.at[2]) : -1;
    if (high >= 0 && low >= 0) {
        put(sink, (unsigned)(high << 4 | low));
        return 3;
    }
    Span after = span_slice(rest, 1, rest.length);
    size_t soft = in_header ? 0 : soft_break(after);
    if (soft == 0 && (in_header || after.length > 0))
        put(sink, '=');
    return 1 + soft;
}

/* A run of blanks: dropped at a line end (RFC 2045 §6.7 rule 3), else kept. Returns its length. */
static size_t decode_blanks(Span rest, Sink *sink)
{
    size_t length = trailing_blank(rest);
    if (length > 0)
        return length;
    for (; length < rest.length && (rest.at[length] == ' ' || rest.at[length] == '\t'); length++)
        put(sink, (unsigned char)rest.at[length]);
    return length;
}

size_t transfer_decode_quoted(Span body, bool in_header, char *out)
{
    Sink sink = { out, 0 };
    for (size_t i = 0; i < body.length;) {
        Span rest = span_slice(body, i, body.length);
        char c = body.at[i];
        if (c == '=') {
            i += decode_escape(rest, in_header, &sink);
        } else if (!in_header && (c == ' ' || c == '\t')) {
            i += decode_blanks(rest, &sink);
        } else {
            put(&sink, in_header && c == '_' ? ' ' : (unsigned char)c);
            i++;
        }
    }
    return sink.length;
}

size_t transfer_decode(Span body, const char *encoding, char *out)
{
    if (encoding != NULL && g_ascii_strcasecmp(encoding, "base64") == 0)
        return transfer_decode_base64(body, out);
    if (encoding != NULL && g_ascii_strcasecmp(encoding, "quoted-printable") == 0)
        return transfer_decode_quoted(body, false, out);
    if (out != NULL && body.length > 0)
        memcpy(out, body.at, body.length);
    return body.length;
}
