/* Domain names: reading, comparing, U-labels to A-labels (RFC 3492, RFC 5891). */
#include "domain.h"

#include "limits.h"

#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

/* Punycode's parameters, RFC 3492 §5. */
enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS_FIRST = 72, CODE_FIRST = 128 };

static uint32_t adapt(uint32_t delta, uint32_t count, bool first)
{
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / count;
    uint32_t k = 0;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static void add_digit(ma_text *out, uint32_t digit)
{
    ma_text_add_byte(out, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
}

static void add_number(ma_text *out, uint32_t number, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t threshold = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (number < threshold) {
            add_digit(out, number);
            return;
        }
        add_digit(out, threshold + (number - threshold) % (BASE - threshold));
        number = (number - threshold) / (BASE - threshold);
    }
}

static uint32_t least_from(const uint32_t *codes, size_t count, uint32_t from)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        if (codes[i] >= from && codes[i] < least)
            least = codes[i];
    return least;
}

static void punycode(ma_text *out, const uint32_t *codes, size_t count)
{
    uint32_t basic = 0;
    for (size_t i = 0; i < count; i++)
        if (codes[i] < CODE_FIRST) {
            ma_text_add_byte(out, (char)codes[i]);
            basic++;
        }
    if (basic > 0)
        ma_text_add_byte(out, '-');
    uint32_t code = CODE_FIRST, delta = 0, bias = BIAS_FIRST;
    /* At most 63 codes below 2^21: no sum here reaches 2^32. */
    for (uint32_t done = basic; done < count; delta++, code++) {
        uint32_t next = least_from(codes, count, code);
        delta += (next - code) * (done + 1);
        code = next;
        for (size_t i = 0; i < count; i++) {
            if (codes[i] < code)
                delta++;
            if (codes[i] != code)
                continue;
            add_number(out, delta, bias);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
}

static bool label_to_ascii(ma_text *out, ma_span label)
{
    uint32_t codes[MA_LABEL_BYTES_MAX];
    size_t count = 0;
    for (size_t at = 0; at < label.length;) {
        if (count == MA_LABEL_BYTES_MAX)
            return false;
        uint32_t code = (uint8_t)label.at[at] < CODE_FIRST ? (uint32_t)label.at[at++] : ma_utf8_next(label, &at);
        if (code == 0)
            return false;
        codes[count++] = code;
    }
    ma_text_add(out, MA_SPAN("xn--"));
    punycode(out, codes, count);
    return true;
}

static bool is_ascii(ma_span span)
{
    for (size_t i = 0; i < span.length; i++)
        if ((uint8_t)span.at[i] >= CODE_FIRST)
            return false;
    return true;
}

/* The name with its U-labels mapped to small, normalized letters and written as A-labels. */
static char *to_ascii(ma_arena *arena, ma_span text)
{
    if (memchr(text.at, '\0', text.length) != NULL || !ma_span_is_utf8(text))
        return NULL;
    char *mapped = NULL;
    if (psl_str_to_utf8lower(ma_arena_copy(arena, text), "utf-8", NULL, &mapped) != PSL_SUCCESS || mapped == NULL)
        return NULL;
    ma_span rest = ma_span_of(ma_arena_copy(arena, ma_span_of(mapped))), label;
    psl_free_string(mapped);
    ma_text out = ma_text_new(arena, 4 * MA_NAME_BYTES_MAX);
    while (ma_span_cut(&rest, '.', &label)) {
        if (is_ascii(label))
            ma_text_add(&out, label);
        else if (!label_to_ascii(&out, label))
            return NULL;
        if (rest.at != NULL)
            ma_text_add_byte(&out, '.');
    }
    return out.full ? NULL : ma_text_string(&out);
}

static bool label_is_valid(ma_span label)
{
    if (label.length == 0 || label.length > MA_LABEL_BYTES_MAX)
        return false;
    for (size_t i = 0; i < label.length; i++)
        if (!ma_is_letter(label.at[i]) && !ma_is_digit(label.at[i]) && label.at[i] != '-' && label.at[i] != '_')
            return false;
    return true;
}

char *ma_domain_read(ma_arena *arena, ma_span text)
{
    if (text.length == 0 || text.length > 4 * MA_NAME_BYTES_MAX)
        return NULL;
    char *name = is_ascii(text) ? ma_arena_lower(arena, text) : to_ascii(arena, text);
    ma_span whole = is_ascii(text) ? (ma_span){ name, text.length } : ma_span_of(name);
    if (name == NULL || whole.length == 0)
        return NULL;
    if (whole.at[whole.length - 1] == '.')
        name[--whole.length] = '\0';
    if (whole.length > MA_NAME_BYTES_MAX)
        return NULL;
    ma_span label;
    while (ma_span_cut(&whole, '.', &label))
        if (!label_is_valid(label))
            return NULL;
    return name;
}

bool ma_domain_is_within(const char *name, const char *parent)
{
    size_t length = strlen(name), tail = strlen(parent);
    if (length == tail)
        return strcmp(name, parent) == 0;
    return length > tail && name[length - tail - 1] == '.' && strcmp(name + length - tail, parent) == 0;
}

const char *ma_domain_parent(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot == NULL ? NULL : dot + 1;
}

size_t ma_domain_label_count(const char *name)
{
    size_t count = 0;
    for (; name != NULL; name = ma_domain_parent(name))
        count++;
    return count;
}

static void add_wire_label(ma_text *text, const uint8_t *label, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = ma_lower((char)label[i]);
        if (label[i] > ' ' && label[i] < 127 && byte != '.' && byte != '\\')
            ma_text_add_byte(text, byte);
        else
            ma_text_print(text, "\\%03u", label[i]);
    }
}

char *ma_domain_from_wire(ma_arena *arena, const uint8_t *at, size_t length, size_t *ret_used)
{
    ma_text text = ma_text_new(arena, 4 * MA_NAME_BYTES_MAX);
    size_t used = 0;
    while (used < length && at[used] != 0) {
        size_t label = at[used];
        if (label > MA_LABEL_BYTES_MAX || label >= length - used || used + label > MA_NAME_BYTES_MAX)
            return NULL;
        if (text.length > 0)
            ma_text_add_byte(&text, '.');
        add_wire_label(&text, at + used + 1, label);
        used += label + 1;
    }
    if (used >= length || text.full)
        return NULL;
    *ret_used = used + 1;
    return ma_text_string(&text);
}
