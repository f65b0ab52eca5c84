/* Address lists: one pass, one character at a time, no recursion. */
#include "address.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "header.h"
#include "limits.h"

typedef struct Reader {
    GString *words, *address, *comment;
    bool has_address;
    GPtrArray *mailboxes;
} Reader;

static void mailbox_free(void *data)
{
    Mailbox *mailbox = data;
    g_free(mailbox->name);
    g_free(mailbox->address);
    g_free(mailbox);
}

static char *clean_name(const GString *raw)
{
    g_autofree char *text = header_text((Span){ raw->str, raw->len }, MAIL_TEXT_MAX);
    return text[0] == '\0' ? NULL : g_steal_pointer(&text);
}

/* White space may stand beside an "@" or a dot (RFC 5322 §4.4). */
static bool joins(char c)
{
    return c == '@' || c == '.';
}

/* Only what can be an address: the first word with an "@". */
static char *clean_address(const GString *raw)
{
    g_autofree char *text = text_clean((Span){ raw->str, raw->len }, MAIL_TEXT_MAX);
    g_autoptr(GString) joined = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at++)
        if (*at != ' ' || !(joins(at[1]) || joins(at[-1]))) /* clean text starts with no blank */
            g_string_append_c(joined, *at);
    Span rest = { joined->str, joined->len }, word;
    while (span_cut(&rest, ' ', &word))
        if (span_find_byte(word, '@') < word.length)
            return g_strndup(word.at, word.length);
    return NULL;
}

/* Ends one mailbox: "Name <address>", "address (Name)" or a bare address. */
static void finish(Reader *reader)
{
    Mailbox mailbox = { 0 };
    if (reader->has_address) {
        mailbox.address = clean_address(reader->address);
        mailbox.name = clean_name(reader->words);
    } else {
        mailbox.address = clean_address(reader->words);
        mailbox.name = clean_name(mailbox.address == NULL ? reader->words : reader->comment);
    }
    if (mailbox.name != NULL || mailbox.address != NULL)
        g_ptr_array_add(reader->mailboxes, g_memdup2(&mailbox, sizeof mailbox));
    g_string_truncate(reader->words, 0);
    g_string_truncate(reader->address, 0);
    g_string_truncate(reader->comment, 0);
    reader->has_address = false;
}

/* Copies up to the closing character, backslashes resolved; returns how many bytes were used. */
static size_t take_until(Span rest, char close, GString *into)
{
    size_t i = 1;
    for (; i < rest.length && rest.at[i] != close; i++) {
        if (rest.at[i] == '\\' && i + 1 < rest.length)
            i++;
        g_string_append_c(into, rest.at[i]);
    }
    return MIN(i + 1, rest.length);
}

static size_t take_comment(Span rest, GString *into)
{
    unsigned depth = 0;
    for (size_t i = 0; i < rest.length; i++) {
        char c = rest.at[i];
        if (c == ')' && --depth == 0)
            return i + 1;
        if (c == '\\' && i + 1 < rest.length)
            c = rest.at[++i];
        else if (c == '(' && depth++ == 0)
            continue;
        g_string_append_c(into, c);
    }
    return rest.length;
}

static size_t take_some(Reader *reader, Span rest)
{
    switch (rest.at[0]) {
    case '"':
        return take_until(rest, '"', reader->words);
    case '(':
        return take_comment(rest, reader->comment);
    case '<':
        reader->has_address = true;
        g_string_truncate(reader->address, 0);
        return take_until(rest, '>', reader->address);
    case ',':
    case ';':
        finish(reader);
        return 1;
    case ':': /* the name of a group stands before it */
        g_string_truncate(reader->words, 0);
        return 1;
    default:
        g_string_append_c(reader->words, rest.at[0]);
        return 1;
    }
}

GPtrArray *address_list_parse(Span value)
{
    value = span_slice(value, 0, MAIL_FIELD_BYTES_MAX);
    Reader reader = { g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), false,
        g_ptr_array_new_with_free_func(mailbox_free) };
    for (size_t i = 0; i < value.length && reader.mailboxes->len < MAIL_MAILBOXES_MAX;)
        i += take_some(&reader, span_slice(value, i, value.length));
    if (reader.mailboxes->len < MAIL_MAILBOXES_MAX)
        finish(&reader);
    g_string_free(reader.words, TRUE);
    g_string_free(reader.address, TRUE);
    g_string_free(reader.comment, TRUE);
    return reader.mailboxes;
}

char *address_list_text(const GPtrArray *mailboxes)
{
    if (mailboxes->len == 0)
        return NULL;
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < mailboxes->len; i++) {
        const Mailbox *mailbox = mailboxes->pdata[i];
        g_string_append(text, i == 0 ? "" : ", ");
        if (mailbox->name != NULL)
            g_string_append(text, mailbox->name);
        if (mailbox->address != NULL)
            g_string_append_printf(text, mailbox->name == NULL ? "%s" : " <%s>", mailbox->address);
    }
    char *clean = text_clean((Span){ text->str, text->len }, MAIL_TEXT_MAX);
    g_string_free(text, TRUE);
    return clean;
}
