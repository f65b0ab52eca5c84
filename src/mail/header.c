/* Header blocks and fields. */
#include "header.h"

#include <glib.h>

#include "base/text.h"
#include "limits.h"

/* Length of the line at the front with its line end. */
static size_t line_length(Span rest)
{
    size_t end = span_find_byte(rest, '\n');
    return end == rest.length ? end : end + 1;
}

static bool is_empty_line(Span line)
{
    return line.length == 0 || line.at[0] == '\n' || (line.at[0] == '\r' && (line.length == 1 || line.at[1] == '\n'));
}

/* Length of the field name before its colon (RFC 5322 §2.2; blanks before the colon are obsolete but seen); 0: no field. */
static size_t name_length(Span line)
{
    size_t end = 0;
    while (end < line.length && line.at[end] > ' ' && line.at[end] < 127 && line.at[end] != ':')
        end++;
    size_t colon = end;
    while (colon < line.length && (line.at[colon] == ' ' || line.at[colon] == '\t'))
        colon++;
    return colon < line.length && line.at[colon] == ':' ? end : 0;
}

static bool is_continuation(Span line)
{
    return line.length > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
}

HeaderBlock header_block(Span entity, bool is_part)
{
    HeaderBlock block = { .body_start = entity.length };
    size_t at = 0;
    bool has_field = false;
    while (at < entity.length) {
        Span rest = span_slice(entity, at, entity.length);
        Span line = span_slice(rest, 0, line_length(rest));
        if (is_empty_line(line)) {
            block.body_start = at + line.length;
            break;
        }
        bool is_field = name_length(line) > 0;
        bool is_envelope = at == 0 && (span_starts_with(line, SPAN("From ")) || span_starts_with(line, SPAN(">From ")));
        bool is_odd = !is_field && !is_envelope && !is_continuation(line);
        if (is_odd && is_part) {
            block.body_start = at;
            break;
        }
        has_field |= is_field;
        block.has_odd_lines |= is_odd;
        at += line.length;
    }
    if (!is_part && !has_field && at > 0)
        return (HeaderBlock){ .fields = span_slice(entity, 0, 0) };
    block.fields = span_slice(entity, 0, MIN(at, MAIL_HEADER_BYTES_MAX));
    block.is_cut = at > MAIL_HEADER_BYTES_MAX;
    return block;
}

bool header_next(Span *block, HeaderField *ret_field)
{
    while (block->length > 0) {
        size_t length = line_length(*block), name = name_length(span_slice(*block, 0, length));
        while (length < block->length && is_continuation(span_slice(*block, length, block->length)))
            length += line_length(span_slice(*block, length, block->length));
        Span field = span_slice(*block, 0, length);
        *block = span_slice(*block, length, block->length);
        if (name == 0 || is_continuation(field))
            continue;
        size_t colon = span_find_byte(field, ':');
        ret_field->name = span_slice(field, 0, name);
        ret_field->value = span_trim(span_slice(field, colon + 1, MIN(field.length, colon + 1 + MAIL_FIELD_BYTES_MAX)));
        return true;
    }
    return false;
}

char *header_text(Span value, size_t maximum)
{
    g_autofree char *decoded = header_decode_words(value);
    return text_clean(span_of(decoded), maximum);
}
