/* Reads the From field strictly: exactly one mailbox, or none. */
#include "address.h"

#include "domain.h"
#include "limits.h"

#include <string.h>

typedef struct reader {
    ma_span text;
    size_t at;
    const char *trouble;
} reader;

static bool at_end(const reader *in)
{
    return in->at >= in->text.length;
}

static char peek(const reader *in)
{
    return at_end(in) ? '\0' : in->text.at[in->at];
}

static void skip_comment(reader *in)
{
    size_t depth = 0;
    do {
        char byte = peek(in);
        if (byte == '(' && ++depth > MA_COMMENT_DEPTH_MAX) {
            in->trouble = "the From field nests comments too deeply";
            return;
        }
        depth -= byte == ')';
        in->at += byte == '\\' ? 2 : 1;
    } while (depth > 0 && !at_end(in));
    if (depth > 0)
        in->trouble = "a comment in the From field is not closed";
}

static void skip_space(reader *in)
{
    while (!at_end(in) && in->trouble == NULL) {
        if (peek(in) == '(')
            skip_comment(in);
        else if (ma_is_space(peek(in)))
            in->at++;
        else
            return;
    }
}

/* RFC 5322 §3.2.3, with the dots of an atom and everything above 127 (RFC 6532). */
static bool is_atom_byte(char byte)
{
    static const bool SPECIAL[128] = { ['('] = true, [')'] = true, ['<'] = true, ['>'] = true, ['['] = true, [']'] = true,
        [':'] = true, [';'] = true, ['@'] = true, ['\\'] = true, [','] = true, ['"'] = true };
    return (uint8_t)byte >= 128 || (byte > ' ' && byte < 127 && !SPECIAL[(uint8_t)byte]);
}

static ma_span read_quoted(reader *in)
{
    size_t start = in->at++;
    while (!at_end(in) && peek(in) != '"')
        in->at += peek(in) == '\\' ? 2 : 1;
    if (at_end(in)) {
        in->trouble = "a quoted string in the From field is not closed";
        return MA_EMPTY;
    }
    in->at++;
    return ma_span_slice(in->text, start, in->at);
}

/* An atom or a quoted string; empty where neither stands here. */
static ma_span read_word(reader *in)
{
    if (peek(in) == '"')
        return read_quoted(in);
    size_t start = in->at;
    while (!at_end(in) && is_atom_byte(peek(in)))
        in->at++;
    return ma_span_slice(in->text, start, in->at);
}

typedef struct address {
    ma_span local, domain;
} address;

/* local@domain, blanks and comments allowed around its parts. */
static bool read_address(reader *in, address *ret_address)
{
    skip_space(in);
    ret_address->local = read_word(in);
    skip_space(in);
    if (in->trouble != NULL || ret_address->local.length == 0 || peek(in) != '@')
        return false;
    in->at++;
    skip_space(in);
    size_t start = in->at;
    while (!at_end(in) && is_atom_byte(peek(in)))
        in->at++;
    ret_address->domain = ma_span_slice(in->text, start, in->at);
    skip_space(in);
    return in->trouble == NULL && ret_address->domain.length > 0;
}

/* The words before "<". Many senders repeat their address there unquoted; that is told, not refused. */
static void skip_display_name(reader *in, bool *ret_has_at)
{
    skip_space(in);
    while (in->trouble == NULL && !at_end(in) && peek(in) != '<') {
        if (peek(in) == '@') {
            *ret_has_at = true;
            in->at++;
        } else {
            ma_span word = read_word(in);
            if (word.length == 0) {
                if (in->trouble == NULL)
                    in->trouble = strchr(",;:", peek(in)) != NULL
                        ? "the From field holds more than one mailbox or a group"
                        : "the From field cannot be read";
                return;
            }
            *ret_has_at |= ma_span_find(word, '@') < word.length;
        }
        skip_space(in);
    }
}

static bool read_mailbox(reader *in, address *ret_address, bool *ret_has_at)
{
    if (ma_span_find(in->text, '<') == in->text.length)
        return read_address(in, ret_address) && at_end(in);
    reader bare = *in; /* "<" may stand in a comment or a quoted local part only */
    if (read_address(&bare, ret_address) && at_end(&bare))
        return true;
    skip_display_name(in, ret_has_at);
    if (in->trouble != NULL || peek(in) != '<')
        return false;
    in->at++;
    if (!read_address(in, ret_address) || peek(in) != '>')
        return false;
    in->at++;
    skip_space(in);
    return in->trouble == NULL && at_end(in);
}

static bool has_control(ma_span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (((uint8_t)text.at[i] < ' ' && !ma_is_space(text.at[i])) || text.at[i] == 127)
            return true;
    return false;
}

static const char *local_trouble(ma_span local)
{
    for (size_t i = 0; i < local.length; i++)
        if (ma_is_space(local.at[i]) && local.at[i] != ' ')
            return "the From address is folded inside its local part";
    if (!ma_span_is_utf8(local))
        return "the From address is not UTF-8";
    if (local.at[0] == '"')
        return NULL;
    bool dots = local.at[0] == '.' || local.at[local.length - 1] == '.'
        || memmem(local.at, local.length, "..", 2) != NULL;
    return dots ? "the From address has an empty word before \"@\"" : NULL;
}

static ma_author author_of_value(ma_arena *arena, ma_span value)
{
    ma_author author = { .trouble = NULL };
    if (value.length > MA_ADDRESS_BYTES_MAX)
        return (ma_author){ .trouble = "the From field is longer than 16 KiB" };
    if (has_control(value))
        return (ma_author){ .trouble = "the From field holds a control character" };
    reader in = { .text = value };
    address found;
    if (!read_mailbox(&in, &found, &author.name_has_at)) {
        const char *trouble = in.trouble;
        if (trouble == NULL)
            trouble = peek(&in) == ',' ? "the From field holds more than one mailbox"
                                       : "the From field does not hold exactly one mailbox";
        return (ma_author){ .trouble = trouble };
    }
    author.trouble = local_trouble(found.local);
    author.domain = ma_domain_read(arena, found.domain);
    if (author.trouble == NULL && author.domain == NULL)
        author.trouble = "the domain of the From address is not a domain name";
    if (author.trouble != NULL)
        return (ma_author){ .trouble = author.trouble };
    ma_text text = ma_text_new(arena, MA_ADDRESS_BYTES_MAX + 4 * MA_NAME_BYTES_MAX);
    ma_text_add(&text, found.local);
    ma_text_add_byte(&text, '@');
    ma_text_add(&text, ma_span_of(author.domain));
    author.address = ma_text_string(&text);
    return author;
}

ma_author ma_author_read(ma_arena *arena, const ma_message *message)
{
    size_t first = ma_message_find(message, "From", 0);
    if (first == message->field_count)
        return (ma_author){ .trouble = "there is no From field" };
    if (ma_message_find(message, "From", first + 1) < message->field_count)
        return (ma_author){ .trouble = "there is more than one From field" };
    return author_of_value(arena, message->fields[first].value);
}
