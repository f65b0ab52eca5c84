/* Encoded words (RFC 2047). Neighbouring words of one charset are decoded together, because programs cut characters
 * in two; white space between them is dropped (§6.2). */
#include "header.h"

#include <glib.h>

#include "limits.h"
#include "mail/mail.h"
#include "transfer.h"

enum { CHARSET_LABEL_MAX = 64 };

typedef struct EncodedWord {
    Span charset, text;
    char encoding; /* 'b' or 'q' */
    size_t length; /* of the whole word */
} EncodedWord;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads "=?charset*language?B?text?=" at the front. */
static bool read_word(Span rest, EncodedWord *ret_word)
{
    if (!span_starts_with(rest, SPAN("=?")))
        return false;
    Span inside = span_slice(rest, 2, rest.length);
    size_t charset = span_find_byte(span_slice(inside, 0, CHARSET_LABEL_MAX), '?');
    if (charset == 0 || charset + 2 >= inside.length || inside.at[charset] != '?' || inside.at[charset + 2] != '?')
        return false;
    char encoding = g_ascii_tolower(inside.at[charset + 1]);
    Span text = span_slice(inside, charset + 3, inside.length);
    size_t end = span_find_byte(text, '?');
    if ((encoding != 'b' && encoding != 'q') || end + 1 >= text.length || text.at[end + 1] != '=')
        return false;
    Span label = span_slice(inside, 0, charset);
    *ret_word = (EncodedWord){
        .charset = span_slice(label, 0, span_find_byte(label, '*')),
        .text = span_slice(text, 0, end),
        .encoding = encoding,
        .length = 2 + charset + 3 + end + 2,
    };
    return true;
}

/* Bytes that wait to be decoded in one charset; label NULL: plain text between words. */
typedef struct Pending {
    GString *bytes;
    char *label;
} Pending;

static void flush(Pending *pending, GString *text)
{
    g_autofree char *decoded = mail_charset_to_utf8((Span){ pending->bytes->str, pending->bytes->len }, pending->label);
    g_string_append(text, decoded);
    g_string_truncate(pending->bytes, 0);
    g_clear_pointer(&pending->label, g_free);
}

static void append_word(Pending *pending, const EncodedWord *word, GString *text)
{
    g_autofree char *label = g_strndup(word->charset.at, word->charset.length);
    if (pending->label == NULL || g_ascii_strcasecmp(pending->label, label) != 0) {
        flush(pending, text);
        pending->label = g_steal_pointer(&label);
    }
    g_autofree char *bytes = g_malloc(word->text.length + 1);
    size_t length = word->encoding == 'b' ? transfer_decode_base64(word->text, bytes)
                                          : transfer_decode_q(word->text, bytes);
    g_string_append_len(pending->bytes, bytes, (gssize)length);
}

/* White space after a word is dropped when another word follows: returns its length then, else 0. */
static size_t blank_before_word(Span rest)
{
    size_t blank = 0;
    EncodedWord word;
    while (blank < rest.length && is_blank(rest.at[blank]))
        blank++;
    return blank > 0 && read_word(span_slice(rest, blank, rest.length), &word) ? blank : 0;
}

char *header_decode_words(Span value)
{
    value = span_slice(value, 0, MAIL_FIELD_BYTES_MAX);
    GString *text = g_string_new(NULL);
    Pending pending = { .bytes = g_string_new(NULL) };
    for (size_t i = 0; i < value.length;) {
        EncodedWord word;
        Span rest = span_slice(value, i, value.length);
        if (read_word(rest, &word)) {
            append_word(&pending, &word, text);
            i += word.length;
            i += blank_before_word(span_slice(value, i, value.length));
            continue;
        }
        if (pending.label != NULL)
            flush(&pending, text);
        g_string_append_c(pending.bytes, value.at[i++]);
    }
    flush(&pending, text);
    g_string_free(pending.bytes, TRUE);
    return g_string_free(text, FALSE);
}
