/* Header fields and body of a message. */
#include "message.h"

#include "limits.h"

#include <string.h>

/* The length of the field at the front, its final line end included; and that of its longest line. */
static size_t field_length(ma_span rest, size_t *ret_longest_line)
{
    size_t at = 0, longest = 0;
    do {
        size_t line = ma_span_find(ma_span_slice(rest, at, rest.length), '\n');
        line += at + line < rest.length; /* the LF itself */
        longest = line > longest ? line : longest;
        at += line;
    } while (at < rest.length && ma_is_blank(rest.at[at]));
    *ret_longest_line = longest;
    return at;
}

static size_t line_end_length(ma_span line)
{
    if (line.length == 0 || line.at[line.length - 1] != '\n')
        return 0;
    return line.length > 1 && line.at[line.length - 2] == '\r' ? 2 : 1;
}

/* RFC 5322 §3.6.8: printable but the colon; obsolete syntax allows white space before the colon. */
static ma_span field_name(ma_span line, size_t colon)
{
    ma_span name = ma_span_slice(line, 0, colon);
    while (name.length > 0 && ma_is_blank(name.at[name.length - 1]))
        name.length--;
    for (size_t i = 0; i < name.length; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~')
            return MA_EMPTY;
    return name;
}

static ma_field field_read(ma_span whole)
{
    size_t ending = line_end_length(whole);
    ma_field field = { .name = MA_EMPTY, .value = MA_EMPTY };
    field.line = ma_span_slice(whole, 0, whole.length - ending);
    field.ending = ma_span_slice(whole, whole.length - ending, whole.length);
    size_t colon = ma_span_find(field.line, ':');
    if (colon == field.line.length)
        return field;
    field.name = field_name(field.line, colon);
    field.value = ma_span_slice(field.line, colon + 1, field.line.length);
    return field;
}

static void message_add(ma_arena *arena, ma_message *message, size_t *capacity, ma_field field)
{
    if (message->field_count == *capacity) {
        *capacity = *capacity == 0 ? 32 : *capacity * 2;
        ma_field *larger = ma_arena_take(arena, *capacity * sizeof(ma_field));
        if (message->field_count > 0)
            memcpy(larger, message->fields, message->field_count * sizeof(ma_field));
        message->fields = larger;
    }
    message->fields[message->field_count++] = field;
    message->odd_lines += field.name.length == 0;
}

ma_message ma_message_read(ma_arena *arena, ma_span bytes)
{
    ma_message message = { .body = MA_EMPTY };
    size_t capacity = 0, at = 0;
    while (at < bytes.length) {
        ma_span rest = ma_span_slice(bytes, at, bytes.length);
        size_t empty = rest.at[0] == '\n' ? 1 : rest.length > 1 && memcmp(rest.at, "\r\n", 2) == 0 ? 2 : 0;
        if (empty > 0) {
            message.body = ma_span_slice(rest, empty, rest.length);
            return message;
        }
        if (message.field_count == MA_FIELDS_MAX) {
            message.trouble = "the header has more than 4000 fields";
            return message;
        }
        size_t longest_line, length = field_length(rest, &longest_line);
        if (at + length > MA_HEADER_BYTES_MAX) {
            message.trouble = "the header is longer than 1 MiB";
            return message;
        }
        if (longest_line > MA_LINE_BYTES_MAX) {
            message.trouble = "the header has a line of more than 64 KiB";
            return message;
        }
        message_add(arena, &message, &capacity, field_read(ma_span_slice(rest, 0, length)));
        at += length;
    }
    return message;
}

size_t ma_message_find(const ma_message *message, const char *name, size_t from)
{
    ma_span wanted = ma_span_of(name);
    for (size_t i = from; i < message->field_count; i++)
        if (ma_span_equal_nocase(message->fields[i].name, wanted))
            return i;
    return message->field_count;
}

size_t ma_message_count(const ma_message *message, ma_span name)
{
    size_t count = 0;
    for (size_t i = 0; i < message->field_count; i++)
        count += ma_span_equal_nocase(message->fields[i].name, name);
    return count;
}
