/* Reading the words of one cmdlet line as PowerShell would, without its expressions. */
#include "cmdlet_lex.h"

#include <string.h>

#include "base/error.h"

typedef struct Lexer {
    const char *at; /* NUL-terminated */
    GError **error;
} Lexer;

static void word_free(gpointer data)
{
    CmdletWord *word = data;
    g_free(word->parameter);
    g_free(word->value);
    g_free(word);
}

/* U+2013..2015 → '-', U+2018..201B → ', U+201C..201E → ". */
static char typographic_ascii(const char *at)
{
    if ((unsigned char)at[0] != 0xE2 || (unsigned char)at[1] != 0x80)
        return '\0';
    unsigned char last = (unsigned char)at[2];
    if (last >= 0x93 && last <= 0x95)
        return '-';
    if (last >= 0x98 && last <= 0x9B)
        return '\'';
    return last >= 0x9C && last <= 0x9E ? '"' : '\0';
}

/* The line as valid UTF-8 with plain dashes and quotes, or NULL and `error`. */
static char *plain_line(Span line, GError **error)
{
    if (line.length > CMDLET_LINE_BYTES_MAX || !g_utf8_validate(line.at, (gssize)line.length, NULL)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "a cmdlet line is UTF-8 text of at most %d bytes",
            CMDLET_LINE_BYTES_MAX);
        return NULL;
    }
    g_autoptr(GString) plain = g_string_sized_new(line.length);
    for (size_t i = 0; i < line.length;) {
        char ascii = i + 2 < line.length ? typographic_ascii(line.at + i) : '\0';
        unsigned char byte = (unsigned char)line.at[i];
        if (byte == 0x7F || (byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n')) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "the cmdlet line has a control character at byte %zu", i + 1);
            return NULL;
        }
        g_string_append_c(plain, ascii != '\0' ? ascii : line.at[i]);
        i += ascii != '\0' ? 3 : 1;
    }
    return g_string_free(g_steal_pointer(&plain), FALSE);
}

static void skip_space(Lexer *lexer)
{
    while (*lexer->at != '\0' && strchr(" \t\r\n", *lexer->at) != NULL)
        lexer->at++;
}

/* Inside 'single' quotes a doubled quote is one; inside "double" ones a backtick also escapes. */
static bool read_quoted(Lexer *lexer, GString *text)
{
    char quote = *lexer->at++;
    for (; *lexer->at != '\0'; lexer->at++) {
        if (quote == '"' && *lexer->at == '`' && lexer->at[1] != '\0')
            lexer->at++;
        else if (*lexer->at == quote && lexer->at[1] == quote)
            lexer->at++;
        else if (*lexer->at == quote) {
            lexer->at++;
            return true;
        }
        g_string_append_c(text, *lexer->at);
    }
    error_set(lexer->error, SALDO_ERROR_BAD_INPUT, "a quotation mark %c is not closed", quote);
    return false;
}

static bool ends_bare_word(char byte)
{
    return byte == '\0' || strchr(" \t\r\n,", byte) != NULL;
}

static bool read_element(Lexer *lexer, GString *text)
{
    if (*lexer->at == '\'' || *lexer->at == '"')
        return read_quoted(lexer, text);
    if (ends_bare_word(*lexer->at)) {
        error_set(lexer->error, SALDO_ERROR_BAD_INPUT, "a value is missing %s",
            *lexer->at == ',' ? "before a comma" : "at the end of the line");
        return false;
    }
    for (; !ends_bare_word(*lexer->at); lexer->at++) {
        if (strchr("|;&<>(){}`", *lexer->at) != NULL) {
            error_set(lexer->error, SALDO_ERROR_BAD_INPUT,
                "\"%c\" is not read here: one cmdlet per line, without pipes, expressions or scripts", *lexer->at);
            return false;
        }
        g_string_append_c(text, *lexer->at);
    }
    return true;
}

/* One element or several with commas between, spaces allowed around them. */
static char *read_value(Lexer *lexer)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (;;) {
        if (!read_element(lexer, text))
            return NULL;
        const char *after = lexer->at;
        skip_space(lexer);
        if (*lexer->at != ',') {
            if (after == lexer->at && *after != '\0') {
                error_set(lexer->error, SALDO_ERROR_BAD_INPUT, "a space is missing after \"%s\"", text->str);
                return NULL;
            }
            return g_string_free(g_steal_pointer(&text), FALSE);
        }
        lexer->at++;
        skip_space(lexer);
        g_string_append_c(text, ',');
    }
}

static CmdletWord *read_parameter(Lexer *lexer)
{
    const char *start = ++lexer->at;
    while (g_ascii_isalnum(*lexer->at) || *lexer->at == '_')
        lexer->at++;
    g_autofree char *name = g_strndup(start, (gsize)(lexer->at - start));
    g_autofree char *value = NULL;
    if (*lexer->at == ':') {
        lexer->at++;
        skip_space(lexer);
        value = read_value(lexer);
        if (value == NULL) {
            if (lexer->error != NULL && *lexer->error != NULL)
                g_prefix_error(lexer->error, "-%s: ", name);
            return NULL;
        }
    } else if (!ends_bare_word(*lexer->at)) {
        error_set(lexer->error, SALDO_ERROR_BAD_INPUT, "\"-%s%.8s\" is not a parameter name: write -%s:value or -%s value",
            name, lexer->at, name, name);
        return NULL;
    }
    CmdletWord *word = g_new0(CmdletWord, 1);
    word->parameter = g_steal_pointer(&name);
    word->value = g_steal_pointer(&value);
    return word;
}

static CmdletWord *read_word(Lexer *lexer)
{
    if (*lexer->at == '-' && g_ascii_isalpha(lexer->at[1]))
        return read_parameter(lexer);
    char *value = read_value(lexer);
    if (value == NULL)
        return NULL;
    CmdletWord *word = g_new0(CmdletWord, 1);
    word->value = value;
    return word;
}

GPtrArray *cmdlet_words(Span line, GError **error)
{
    g_autofree char *plain = plain_line(line, error);
    if (plain == NULL)
        return NULL;
    Lexer lexer = { .at = plain, .error = error };
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(word_free);
    for (skip_space(&lexer); *lexer.at != '\0'; skip_space(&lexer)) {
        if (words->len == CMDLET_WORDS_MAX) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "a cmdlet line has at most %d words", CMDLET_WORDS_MAX);
            return NULL;
        }
        CmdletWord *word = read_word(&lexer);
        if (word == NULL)
            return NULL;
        g_ptr_array_add(words, word);
    }
    return g_steal_pointer(&words);
}
