/* Words, values, comments. Control characters stand in none of them; folds are white space. */
#include "results_lexer.h"

#include <string.h>

static void advance(ma_span *rest, size_t bytes)
{
    *rest = ma_span_slice(*rest, bytes, rest->length);
}

static bool is_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 127;
}

/* At an opening bracket. */
static bool skip_comment(ma_span *rest)
{
    size_t depth = 0, at = 0;
    do {
        if (at == rest->length || (is_control(rest->at[at]) && !ma_is_space(rest->at[at])))
            return false;
        char byte = rest->at[at++];
        if (byte == '(' && ++depth > MA_COMMENT_DEPTH_MAX)
            return false;
        if (byte == '\\' && at++ == rest->length)
            return false;
        depth -= byte == ')';
    } while (depth > 0);
    advance(rest, at);
    return true;
}

bool ma_results_skip(ma_span *rest)
{
    while (rest->length > 0 && (ma_is_space(rest->at[0]) || rest->at[0] == '(')) {
        if (rest->at[0] != '(')
            advance(rest, 1);
        else if (!skip_comment(rest))
            return false;
    }
    return true;
}

bool ma_results_take(ma_span *rest, char mark)
{
    if (!ma_results_skip(rest) || rest->length == 0 || rest->at[0] != mark)
        return false;
    advance(rest, 1);
    return true;
}

char *ma_results_word(ma_arena *arena, ma_span *rest)
{
    size_t length = 0;
    if (!ma_results_skip(rest))
        return NULL;
    while (length < rest->length
        && (ma_is_letter(rest->at[length]) || ma_is_digit(rest->at[length])
            || (rest->at[length] != '\0' && strchr("-_.", rest->at[length]) != NULL)))
        length++;
    if (length == 0)
        return NULL;
    char *word = ma_arena_lower(arena, ma_span_slice(*rest, 0, length));
    advance(rest, length);
    return word;
}

/* After the opening quote. A fold inside counts as its blanks. */
static char *quoted(ma_arena *arena, ma_span *rest)
{
    ma_text text = ma_text_new(arena, rest->length);
    size_t at = 0;
    for (; at < rest->length && rest->at[at] != '"'; at++) {
        if (rest->at[at] == '\\' && ++at == rest->length)
            return NULL;
        bool fold = rest->at[at] == '\r' || rest->at[at] == '\n';
        if (is_control(rest->at[at]) && !fold && rest->at[at] != '\t')
            return NULL;
        if (!fold)
            ma_text_add_byte(&text, rest->at[at]);
    }
    if (at == rest->length)
        return NULL;
    advance(rest, at + 1);
    return ma_text_string(&text);
}

static bool ends_value(char byte)
{
    return ma_is_space(byte) || byte == ';' || byte == '(' || byte == ')' || byte == '"' || byte == '\\';
}

char *ma_results_value(ma_arena *arena, ma_span *rest)
{
    size_t length = 0;
    if (!ma_results_skip(rest))
        return NULL;
    if (ma_results_take(rest, '"'))
        return quoted(arena, rest);
    while (length < rest->length && !ends_value(rest->at[length]) && !is_control(rest->at[length]))
        length++;
    if (length == 0)
        return NULL;
    char *value = ma_arena_copy(arena, ma_span_slice(*rest, 0, length));
    advance(rest, length);
    return value;
}
