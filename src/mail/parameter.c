/* Values with parameters: `text/html; charset="utf-8"; name*0*=utf-8''a%20; name*1=b` (RFC 2045 §5.1, RFC 2231). */
#include "header.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"
#include "charset.h"
#include "limits.h"

typedef struct Parameter {
    Span name;      /* without "*…" */
    unsigned piece; /* number after "*", 0 where none */
    bool is_piece;
    bool is_extended; /* ends in "*": charset'language'%-encoded */
    GString *value;   /* unquoted */
} Parameter;

static void parameter_clear(Parameter *parameter)
{
    if (parameter->value != NULL)
        g_string_free(parameter->value, TRUE);
    parameter->value = NULL;
}

/* Drops comments and white space from the front: "(a (b) c)". */
static Span skip_blank(Span rest)
{
    unsigned depth = 0;
    size_t i = 0;
    for (; i < rest.length; i++) {
        char c = rest.at[i];
        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (c == '\\' && depth > 0)
            i++;
        else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n')
            break;
    }
    return span_slice(rest, i, rest.length);
}

/* White space only: comments are skipped where the text moves on with them, so that all stays linear. */
static Span skip_space(Span rest)
{
    while (rest.length > 0 && strchr(" \t\r\n", rest.at[0]) != NULL && rest.at[0] != '\0')
        rest = span_slice(rest, 1, rest.length);
    return rest;
}

/* A quoted string or a token up to ';' or white space; moves *rest behind it. */
static GString *take_value(Span *rest)
{
    GString *value = g_string_new(NULL);
    size_t i = 0;
    if (rest->length > 0 && rest->at[0] == '"') {
        for (i = 1; i < rest->length && rest->at[i] != '"'; i++) {
            if (rest->at[i] == '\\' && i + 1 < rest->length)
                i++;
            if (rest->at[i] != '\r' && rest->at[i] != '\n')
                g_string_append_c(value, rest->at[i]);
        }
        i++;
    } else {
        for (; i < rest->length && strchr("; \t\r\n", rest->at[i]) == NULL; i++)
            g_string_append_c(value, rest->at[i]);
    }
    *rest = span_slice(*rest, i, rest->length);
    return value;
}

/* "name", "name*", "name*3", "name*3*". */
static void read_name(Span name, Parameter *parameter)
{
    parameter->is_extended = name.length > 0 && name.at[name.length - 1] == '*';
    if (parameter->is_extended)
        name.length--;
    size_t star = span_find_byte(name, '*');
    uint64_t piece;
    parameter->is_piece = star < name.length && span_to_uint64(span_slice(name, star + 1, name.length), &piece)
        && piece < MAIL_PARAMETER_PIECES_MAX;
    bool is_unfit = star < name.length && !parameter->is_piece; /* then it has no name, and no one asks for it */
    parameter->name = is_unfit ? SPAN_EMPTY : span_slice(name, 0, star);
    parameter->piece = parameter->is_piece ? (unsigned)piece : 0;
}

/* Takes the next parameter off the front; false at the end. */
static bool next_parameter(Span *rest, Parameter *ret_parameter)
{
    for (;;) {
        size_t semicolon = span_find_byte(*rest, ';');
        if (semicolon == rest->length)
            return false;
        *rest = skip_blank(span_slice(*rest, semicolon + 1, rest->length));
        size_t end = 0;
        while (end < rest->length && strchr("=; \t\r\n", rest->at[end]) == NULL)
            end++;
        Span name = span_slice(*rest, 0, end);
        Span after = skip_space(span_slice(*rest, end, rest->length));
        if (name.length == 0 || after.length == 0 || after.at[0] != '=')
            continue;
        *rest = skip_blank(span_slice(after, 1, after.length));
        read_name(name, ret_parameter);
        ret_parameter->value = take_value(rest);
        return true;
    }
}

static void append_percent_decoded(GString *bytes, Span text)
{
    for (size_t i = 0; i < text.length; i++) {
        int high = i + 2 < text.length && text.at[i] == '%' ? g_ascii_xdigit_value(text.at[i + 1]) : -1;
        int low = high >= 0 ? g_ascii_xdigit_value(text.at[i + 2]) : -1;
        if (low >= 0)
            i += 2;
        g_string_append_c(bytes, low >= 0 ? (char)(high << 4 | low) : text.at[i]);
    }
}

/* Cuts "charset'language'" off the first extended piece. */
static char *take_charset(Span *text)
{
    size_t first = span_find_byte(*text, '\'');
    Span after = span_slice(*text, first + 1, text->length);
    size_t second = span_find_byte(after, '\'');
    if (first == text->length || second == after.length)
        return NULL;
    char *charset = g_strndup(text->at, first);
    *text = span_slice(after, second + 1, after.length);
    return charset;
}

/* Puts the pieces 0, 1, 2 … together; stops at the first that is missing. */
static char *join_pieces(Parameter *pieces)
{
    GString *bytes = g_string_new(NULL);
    g_autofree char *charset = NULL;
    for (unsigned i = 0; i < MAIL_PARAMETER_PIECES_MAX && pieces[i].value != NULL; i++) {
        Span text = { pieces[i].value->str, pieces[i].value->len };
        if (i == 0 && pieces[i].is_extended)
            charset = take_charset(&text);
        if (pieces[i].is_extended)
            append_percent_decoded(bytes, text);
        else
            g_string_append_len(bytes, text.at, (gssize)text.length);
    }
    char *text = charset_to_utf8((Span){ bytes->str, bytes->len }, charset);
    g_string_free(bytes, TRUE);
    return text;
}

/* The plain form wins only where there is no extended one (RFC 2231 is the newer and exact form). */
static char *choose_form(Parameter *plain, Parameter *pieces)
{
    if (pieces[0].value != NULL)
        return join_pieces(pieces);
    return plain->value == NULL ? NULL : header_decode_words((Span){ plain->value->str, plain->value->len });
}

char *header_parameter(Span value, const char *name)
{
    Span rest = span_slice(value, 0, MAIL_FIELD_BYTES_MAX);
    Parameter parameter = { 0 }, plain = { 0 };
    Parameter pieces[MAIL_PARAMETER_PIECES_MAX] = { 0 };
    for (unsigned count = 0; count < MAIL_PARAMETERS_MAX && next_parameter(&rest, &parameter); count++) {
        bool in_pieces = parameter.is_piece || parameter.is_extended;
        Parameter *place = in_pieces ? &pieces[parameter.piece] : &plain;
        if (place->value == NULL && span_equal_nocase(parameter.name, span_of(name)))
            *place = parameter;
        else
            parameter_clear(&parameter);
    }
    g_autofree char *decoded = choose_form(&plain, pieces);
    parameter_clear(&plain);
    for (unsigned i = 0; i < MAIL_PARAMETER_PIECES_MAX; i++)
        parameter_clear(&pieces[i]);
    return decoded == NULL ? NULL : text_clean(span_of(decoded), MAIL_TEXT_MAX);
}

char *header_main_value(Span value)
{
    Span rest = skip_blank(value);
    size_t end = 0;
    while (end < rest.length && end < MAIL_TEXT_MAX && strchr("; \t\r\n(", rest.at[end]) == NULL)
        end++;
    g_autofree char *text = text_clean(span_slice(rest, 0, end), MAIL_TEXT_MAX);
    return g_ascii_strdown(text, -1);
}
