/* Uuencoded files: finding them in text, and decoding. */
#include "uuencode.h"

#include <glib.h>
#include <string.h>

/* Each data line starts with the number of its bytes, and each of its characters stands for six bits, from ' ' up to '`'
 * (which is 0 as well). Some programs write a checksum or fill the last group behind it. */
enum { UU_FIRST = ' ', UU_LAST = '`', UU_MODE_MIN = 3, UU_MODE_MAX = 5, UU_EXTRA = 4 };

/* The next line without its line end; *rest moves behind it. */
static bool next_line(Span *rest, Span *ret_line)
{
    if (rest->length == 0)
        return false;
    size_t end = span_find_byte(*rest, '\n');
    *ret_line = span_slice(*rest, 0, end);
    *rest = span_slice(*rest, end + 1, rest->length);
    if (ret_line->length > 0 && ret_line->at[ret_line->length - 1] == '\r')
        ret_line->length--;
    return true;
}

/* "begin 644 name" */
static bool read_begin(Span line, Span *ret_name)
{
    if (!span_starts_with(line, SPAN("begin ")))
        return false;
    Span rest = span_slice(line, 6, line.length);
    size_t mode = 0;
    while (mode < rest.length && rest.at[mode] >= '0' && rest.at[mode] <= '7')
        mode++;
    if (mode < UU_MODE_MIN || mode > UU_MODE_MAX || mode >= rest.length || rest.at[mode] != ' ')
        return false;
    *ret_name = span_trim(span_slice(rest, mode, rest.length));
    return ret_name->length > 0;
}

static bool is_end(Span line)
{
    return span_equal(span_trim(line), SPAN("end"));
}

static unsigned value_of(char c)
{
    return (unsigned)(c - UU_FIRST) & 63;
}

static bool is_data(Span line)
{
    if (line.length == 0)
        return true; /* a last line of zero bytes whose blank was taken away */
    size_t bytes = value_of(line.at[0]), needed = (bytes + 2) / 3 * 4;
    for (size_t i = 0; i < line.length; i++)
        if (line.at[i] < UU_FIRST || line.at[i] > UU_LAST)
            return false;
    return line.length <= 1 + needed + UU_EXTRA;
}

/* The whole file whose "begin" stood before *rest; moves it behind the file, or up to the line that is of no file: it may be
 * another "begin". */
static bool take_file(Span *rest, const char *begin, UuFile *file)
{
    Span line;
    for (Span before = *rest; next_line(rest, &line); before = *rest) {
        if (is_end(line)) {
            file->block = (Span){ begin, (size_t)(rest->at - begin) };
            return true;
        }
        if (!is_data(line)) {
            *rest = before;
            return false;
        }
    }
    return false;
}

bool uu_find(Span text, UuFile *ret_file)
{
    Span rest = text, line;
    while (next_line(&rest, &line)) {
        UuFile file;
        if (!read_begin(line, &file.name) || !take_file(&rest, line.at, &file))
            continue;
        *ret_file = file;
        return true;
    }
    return false;
}

bool uu_is_encoding(const char *encoding)
{
    static const char *const names[] = { "x-uuencode", "uuencode", "x-uue", "uue" };
    for (size_t i = 0; encoding != NULL && i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(names[i], encoding) == 0)
            return true;
    return false;
}

/* Moves *rest behind the first "begin". */
static bool skip_begin(Span *rest, Span *ret_name)
{
    Span line;
    while (next_line(rest, &line))
        if (read_begin(line, ret_name))
            return true;
    return false;
}

Span uu_name(Span body)
{
    Span name;
    return skip_begin(&body, &name) ? name : SPAN_EMPTY;
}

/* The bytes of one data line that have their characters; blanks lost at its end are lost. Returns how many. */
static size_t decode_line(Span line, char *out)
{
    size_t characters = line.length - 1, bytes = MIN(value_of(line.at[0]), characters * 3 / 4);
    for (size_t i = 0; out != NULL && i < bytes; i++) {
        const char *at = line.at + 1 + i / 3 * 4 + i % 3;
        unsigned shift = 2 * (unsigned)(i % 3);
        out[i] = (char)(value_of(at[0]) << (2 + shift) | value_of(at[1]) >> (4 - shift));
    }
    return bytes;
}

size_t uu_decode(Span body, char *out)
{
    Span rest = body, name, line;
    size_t length = 0;
    if (!skip_begin(&rest, &name)) {
        if (out != NULL && body.length > 0)
            memcpy(out, body.at, body.length);
        return body.length;
    }
    while (next_line(&rest, &line) && !is_end(line))
        if (line.length > 1)
            length += decode_line(line, out == NULL ? NULL : out + length);
    return length;
}
