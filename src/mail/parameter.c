/* Values with parameters: `text/html; charset="utf-8"; name*0*=utf-8''a%20; name*1=b` (RFC 2045 §5.1, RFC 2231). */
#include "header.h"

#include <glib.h>

#include "base/text.h"
#include "limits.h"
#include "mail/mail.h"

typedef struct Parameter {
    Span name;      /* without "*…" */
    Span value;     /* as it stands, quotation marks included */
    unsigned piece; /* number after "*", 0 where none */
    bool is_piece;
    bool is_extended; /* ends in "*": charset'language'%-encoded */
} Parameter;

/* What ends a token: NUL as well, which has no place in a header. */
static bool ends_token(char c)
{
    return c == ';' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
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
    while (rest.length > 0 && ends_token(rest.at[0]) && rest.at[0] != ';' && rest.at[0] != '\0')
        rest = span_slice(rest, 1, rest.length);
    return rest;
}

/* A quoted string or a token up to ';' or white space; moves *rest behind it. */
static Span take_value(Span *rest)
{
    size_t i = 0;
    if (rest->length > 0 && rest->at[0] == '"') {
        for (i = 1; i < rest->length && rest->at[i] != '"'; i++)
            i += rest->at[i] == '\\';
        i++;
    } else {
        while (i < rest->length && !ends_token(rest->at[i]))
            i++;
    }
    Span value = span_slice(*rest, 0, i);
    *rest = span_slice(*rest, i, rest->length);
    return value;
}

/* The value without quotation marks, backslashes and folds. */
static GString *unquoted(Span value)
{
    if (value.length == 0 || value.at[0] != '"')
        return g_string_new_len(value.at, (gssize)value.length);
    GString *text = g_string_sized_new(value.length);
    for (size_t i = 1; i < value.length && value.at[i] != '"'; i++) {
        if (value.at[i] == '\\' && i + 1 < value.length)
            i++;
        if (value.at[i] != '\r' && value.at[i] != '\n')
            g_string_append_c(text, value.at[i]);
    }
    return text;
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
        while (end < rest->length && rest->at[end] != '=' && !ends_token(rest->at[end]))
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

/* What was found of one parameter. */
typedef struct Forms {
    const char *name;
    Parameter plain;
    Parameter *pieces; /* MAIL_PARAMETER_PIECES_MAX of them once there is one; a value of NULL: not seen */
} Forms;

/* The first of several wins. */
static void keep_form(Forms *forms, const Parameter *parameter)
{
    if (!span_equal_nocase(parameter->name, span_of(forms->name)))
        return;
    bool in_pieces = parameter->is_piece || parameter->is_extended;
    if (in_pieces && forms->pieces == NULL)
        forms->pieces = g_new0(Parameter, MAIL_PARAMETER_PIECES_MAX);
    Parameter *place = in_pieces ? &forms->pieces[parameter->piece] : &forms->plain;
    if (place->value.at == NULL)
        *place = *parameter;
}

/* Puts the pieces 0, 1, 2 … together; stops at the first that is missing. */
static char *join_pieces(const Parameter *pieces)
{
    GString *bytes = g_string_new(NULL);
    g_autofree char *charset = NULL;
    for (unsigned i = 0; i < MAIL_PARAMETER_PIECES_MAX && pieces[i].value.at != NULL; i++) {
        GString *value = unquoted(pieces[i].value);
        Span text = { value->str, value->len };
        if (i == 0 && pieces[i].is_extended)
            charset = take_charset(&text);
        if (pieces[i].is_extended)
            append_percent_decoded(bytes, text);
        else
            g_string_append_len(bytes, text.at, (gssize)text.length);
        g_string_free(value, TRUE);
    }
    g_autofree char *text = mail_charset_to_utf8((Span){ bytes->str, bytes->len }, charset);
    g_string_free(bytes, TRUE);
    return text_clean(span_of(text), MAIL_TEXT_MAX);
}

/* A value that is already a clean line, as nearly all are: printable ASCII without blanks, escapes and encoded words; else
 * NULL. Newly allocated. */
static char *simple_text(Span value)
{
    if (value.length > MAIL_TEXT_MAX)
        return NULL;
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (c <= ' ' || c >= 0x7F || c == '"' || c == '\\' || c == '?')
            return NULL;
    }
    return g_strndup(value.at, value.length);
}

/* The plain form wins only where there is no extended one (RFC 2231 is the newer and exact form). */
static char *choose_form(const Forms *forms)
{
    if (forms->pieces != NULL && forms->pieces[0].value.at != NULL)
        return join_pieces(forms->pieces);
    if (forms->plain.value.at == NULL)
        return NULL;
    Span plain = forms->plain.value;
    bool is_quoted = plain.length >= 2 && plain.at[0] == '"' && plain.at[plain.length - 1] == '"';
    char *text = simple_text(is_quoted ? span_slice(plain, 1, plain.length - 1) : plain);
    if (text != NULL)
        return text;
    GString *value = unquoted(plain);
    text = header_text((Span){ value->str, value->len }, MAIL_TEXT_MAX);
    g_string_free(value, TRUE);
    return text;
}

char *header_parameter(Span value, const char *name)
{
    Span rest = span_slice(value, 0, MAIL_FIELD_BYTES_MAX);
    Parameter parameter;
    Forms forms = { .name = name };
    for (unsigned count = 0; count < MAIL_PARAMETERS_MAX && next_parameter(&rest, &parameter); count++)
        keep_form(&forms, &parameter);
    char *text = choose_form(&forms);
    g_free(forms.pieces);
    return text;
}

char *header_main_value(Span value)
{
    Span rest = skip_blank(value);
    size_t end = 0;
    while (end < rest.length && end < MAIL_TEXT_MAX && rest.at[end] != '(' && !ends_token(rest.at[end]))
        end++;
    Span word = span_slice(rest, 0, end);
    char *text = simple_text(word);
    if (text == NULL)
        text = text_clean(word, MAIL_TEXT_MAX);
    for (char *at = text; *at != '\0'; at++)
        *at = g_ascii_tolower(*at);
    return text;
}
