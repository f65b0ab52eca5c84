/* JSON, read without recursion. */
#include "json.h"

#include "limits.h"

#include <string.h>

ma_json ma_json_new(ma_arena *arena, ma_span text)
{
    return (ma_json){ .arena = arena, .rest = text };
}

static bool fail(ma_json *json)
{
    json->failed = true;
    json->rest = MA_EMPTY;
    return false;
}

static void advance(ma_json *json, size_t bytes)
{
    json->rest = ma_span_slice(json->rest, bytes, json->rest.length);
}

static void skip_space(ma_json *json)
{
    while (json->rest.length > 0 && ma_is_space(json->rest.at[0]))
        advance(json, 1);
}

bool ma_json_take(ma_json *json, char mark)
{
    skip_space(json);
    if (json->rest.length == 0 || json->rest.at[0] != mark)
        return false;
    advance(json, 1);
    return true;
}

static bool take_word(ma_json *json, const char *word)
{
    size_t length = strlen(word);
    skip_space(json);
    if (json->rest.length < length || memcmp(json->rest.at, word, length) != 0)
        return false;
    advance(json, length);
    return true;
}

bool ma_json_take_null(ma_json *json)
{
    return take_word(json, "null");
}

/* ---- Strings ---- */

static bool hex4(ma_json *json, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = json->rest.length > i ? ma_hex_digit(json->rest.at[i]) : -1;
        if (digit < 0)
            return fail(json);
        unit = unit << 4 | (uint32_t)digit;
    }
    advance(json, 4);
    *ret_unit = unit;
    return true;
}

static void add_utf8(ma_text *text, uint32_t point)
{
    if (point < 0x80) {
        ma_text_add_byte(text, (char)point);
    } else if (point < 0x800) {
        ma_text_add_byte(text, (char)(0xc0 | point >> 6));
        ma_text_add_byte(text, (char)(0x80 | (point & 63)));
    } else {
        if (point < 0x10000) {
            ma_text_add_byte(text, (char)(0xe0 | point >> 12));
        } else {
            ma_text_add_byte(text, (char)(0xf0 | point >> 18));
            ma_text_add_byte(text, (char)(0x80 | (point >> 12 & 63)));
        }
        ma_text_add_byte(text, (char)(0x80 | (point >> 6 & 63)));
        ma_text_add_byte(text, (char)(0x80 | (point & 63)));
    }
}

/* After "\u". */
static bool add_escaped_point(ma_json *json, ma_text *text)
{
    uint32_t high, low;
    if (!hex4(json, &high))
        return false;
    if (high >= 0xdc00 && high < 0xe000)
        return fail(json);
    if (high >= 0xd800 && high < 0xdc00) {
        if (json->rest.length < 2 || memcmp(json->rest.at, "\\u", 2) != 0)
            return fail(json);
        advance(json, 2);
        if (!hex4(json, &low))
            return false;
        if (low < 0xdc00 || low >= 0xe000)
            return fail(json);
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    add_utf8(text, high);
    return true;
}

/* After the backslash. */
static bool add_escape(ma_json *json, ma_text *text)
{
    static const char NAMES[] = "\"\\/bfnrt", MEANINGS[] = "\"\\/\b\f\n\r\t";
    if (json->rest.length == 0)
        return fail(json);
    char letter = json->rest.at[0];
    advance(json, 1);
    if (letter == 'u')
        return add_escaped_point(json, text);
    const char *found = letter == '\0' ? NULL : strchr(NAMES, letter);
    if (found == NULL)
        return fail(json);
    ma_text_add_byte(text, MEANINGS[found - NAMES]);
    return true;
}

bool ma_json_string(ma_json *json, ma_span *ret_text)
{
    if (json->failed || !ma_json_take(json, '"'))
        return fail(json);
    ma_text text = ma_text_new(json->arena, json->rest.length);
    for (;;) {
        size_t plain = 0;
        while (plain < json->rest.length && (uint8_t)json->rest.at[plain] >= ' ' && json->rest.at[plain] != '"'
            && json->rest.at[plain] != '\\')
            plain++;
        ma_text_add(&text, ma_span_slice(json->rest, 0, plain));
        advance(json, plain);
        char stop = json->rest.length == 0 ? '\0' : json->rest.at[0];
        if (stop != '"' && stop != '\\')
            return fail(json);
        advance(json, 1);
        if (stop == '"')
            break;
        if (!add_escape(json, &text))
            return false;
    }
    *ret_text = ma_text_span(&text);
    return true;
}

/* ---- Other values ---- */

bool ma_json_number(ma_json *json, uint64_t *ret_number)
{
    enum { DIGITS_MAX = 9 };
    skip_space(json);
    size_t digits = 0;
    while (digits < json->rest.length && ma_is_digit(json->rest.at[digits]))
        digits++;
    bool leading_zero = digits > 1 && json->rest.at[0] == '0';
    bool goes_on = digits < json->rest.length && strchr(".eE", json->rest.at[digits]) != NULL
        && json->rest.at[digits] != '\0';
    if (leading_zero || goes_on || !ma_span_to_number(ma_span_slice(json->rest, 0, digits), DIGITS_MAX, ret_number))
        return fail(json);
    advance(json, digits);
    return true;
}

static bool skip_number(ma_json *json)
{
    size_t length = 0;
    while (length < json->rest.length
        && (ma_is_digit(json->rest.at[length]) || memchr("+-.eE", json->rest.at[length], 5) != NULL))
        length++;
    advance(json, length);
    return length > 0 || fail(json);
}

static bool skip_scalar(ma_json *json)
{
    ma_span ignored;
    skip_space(json);
    if (json->rest.length > 0 && json->rest.at[0] == '"')
        return ma_json_string(json, &ignored);
    return take_word(json, "true") || take_word(json, "false") || take_word(json, "null") || skip_number(json);
}

/* Closes what ends here and moves on to the next element. true: a value follows. */
static bool skip_to_next(ma_json *json, const char *closing, size_t *depth)
{
    ma_span ignored;
    while (*depth > 0 && ma_json_take(json, closing[*depth - 1]))
        (*depth)--;
    if (*depth == 0)
        return false;
    if (!ma_json_take(json, ','))
        return fail(json);
    return closing[*depth - 1] == ']' || (ma_json_string(json, &ignored) && (ma_json_take(json, ':') || fail(json)));
}

/* Opens what begins here, down to the first scalar or empty bracket. */
static bool skip_open(ma_json *json, char *closing, size_t *depth)
{
    ma_span ignored;
    for (;;) {
        bool array = ma_json_take(json, '[');
        if (!array && !ma_json_take(json, '{'))
            return skip_scalar(json);
        if (*depth == MA_JSON_DEPTH_MAX)
            return fail(json);
        closing[(*depth)++] = array ? ']' : '}';
        skip_space(json);
        if (json->rest.length > 0 && json->rest.at[0] == closing[*depth - 1])
            return true;
        if (!array && (!ma_json_string(json, &ignored) || (!ma_json_take(json, ':') && !fail(json))))
            return false;
    }
}

bool ma_json_skip(ma_json *json)
{
    char closing[MA_JSON_DEPTH_MAX];
    size_t depth = 0;
    do {
        if (json->failed || !skip_open(json, closing, &depth))
            return false;
    } while (skip_to_next(json, closing, &depth));
    return !json->failed;
}

bool ma_json_next(ma_json *json, char closing, bool *started)
{
    if (json->failed || ma_json_take(json, closing))
        return false;
    if (*started && !ma_json_take(json, ','))
        return fail(json);
    *started = true;
    return true;
}

bool ma_json_done(ma_json *json)
{
    skip_space(json);
    return !json->failed && json->rest.length == 0;
}
