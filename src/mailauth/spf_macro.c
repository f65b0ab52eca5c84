/* Checks and expands SPF macro strings. */
#include "spf_macro.h"

#include "limits.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct macro {
    char letter; /* small */
    bool escape; /* it was a capital: URL-escape the value */
    uint64_t keep; /* right-hand parts to keep; 0: all */
    bool reverse;
    ma_span delimiters;
} macro;

/* Reads "{…}" at the front of *rest, after the "%". */
static const char *take_macro(ma_span *rest, ma_spf_place place, macro *ret_macro)
{
    size_t end = ma_span_find(*rest, '}');
    if (end == rest->length || end < 2)
        return "a macro is not closed";
    ma_span inside = ma_span_slice(*rest, 1, end);
    *rest = ma_span_slice(*rest, end + 1, rest->length);
    macro this = { .letter = ma_lower(inside.at[0]) };
    this.escape = this.letter != inside.at[0];
    if (strchr(place == MA_SPF_EXPLANATION ? "slodiphcrtv" : "slodiphv", this.letter) == NULL || this.letter == '\0')
        return "a macro letter is not known here";
    size_t at = 1, digits = 1;
    while (digits < inside.length && ma_is_digit(inside.at[digits]))
        digits++;
    if (digits > at) {
        ma_span number = ma_span_slice(inside, at, digits);
        if (!ma_span_to_number(number, 18, &this.keep) || this.keep == 0)
            return "a macro keeps no part";
        at = digits;
    }
    this.reverse = at < inside.length && ma_lower(inside.at[at]) == 'r';
    at += this.reverse;
    this.delimiters = ma_span_slice(inside, at, inside.length);
    for (size_t i = 0; i < this.delimiters.length; i++)
        if (memchr(".-+,/_=", this.delimiters.at[i], 7) == NULL)
            return "a macro has an unknown delimiter";
    *ret_macro = this;
    return NULL;
}

/* Whether the text after the last macro ends in "." and a top label (RFC 7208 §7.1, domain-end). */
static bool ends_in_name(ma_span tail)
{
    if (tail.length > 0 && tail.at[tail.length - 1] == '.')
        tail.length--;
    const char *dot = tail.length == 0 ? NULL : memrchr(tail.at, '.', tail.length);
    if (dot == NULL)
        return false;
    ma_span label = ma_span_slice(tail, (size_t)(dot - tail.at) + 1, tail.length);
    bool has_other = false;
    for (size_t i = 0; i < label.length; i++) {
        if (!ma_is_letter(label.at[i]) && !ma_is_digit(label.at[i]) && label.at[i] != '-')
            return false;
        has_other |= !ma_is_digit(label.at[i]);
    }
    return has_other && label.at[0] != '-' && label.at[label.length - 1] != '-';
}

const char *ma_spf_macro_check(ma_span text, ma_spf_place place)
{
    ma_span rest = text, tail = text;
    bool after_macro = false;
    while (rest.length > 0) {
        char byte = rest.at[0];
        rest = ma_span_slice(rest, 1, rest.length);
        if ((byte < '!' && !(byte == ' ' && place == MA_SPF_EXPLANATION)) || byte > '~')
            return "it holds a character that may not stand there";
        if (byte != '%') {
            after_macro = false;
            continue;
        }
        char next = rest.length == 0 ? '\0' : rest.at[0];
        if (next == '{') {
            macro ignored;
            const char *trouble = take_macro(&rest, place, &ignored);
            if (trouble != NULL)
                return trouble;
            after_macro = true;
            tail = rest;
        } else if (next == '%' || next == '_' || next == '-') {
            rest = ma_span_slice(rest, 1, rest.length);
            after_macro = true; /* grammatically it may end a domain-spec; it never makes a valid name */
            tail = rest;
        } else {
            return "a \"%\" begins no macro";
        }
    }
    if (place == MA_SPF_DOMAIN_SPEC && !after_macro && !ends_in_name(tail))
        return "it does not end in a domain name";
    return NULL;
}

static void add_address(ma_text *out, const ma_spf_names *names)
{
    for (size_t i = 0; i < names->address_length; i++) {
        if (names->address_length == 4)
            ma_text_print(out, "%s%u", i == 0 ? "" : ".", names->address[i]);
        else
            ma_text_print(out, "%s%X.%X", i == 0 ? "" : ".", names->address[i] >> 4, names->address[i] & 15);
    }
}

static void add_readable_address(ma_text *out, const ma_spf_names *names)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(names->address_length == 4 ? AF_INET : AF_INET6, names->address, text, sizeof text) != NULL)
        ma_text_add(out, ma_span_of(text));
}

static void add_value(ma_text *out, char letter, const ma_spf_names *names)
{
    switch (letter) {
    case 's':
        ma_text_add(out, ma_span_of(names->sender));
        break;
    case 'l':
        ma_text_add(out, ma_span_of(names->local_part));
        break;
    case 'o':
        ma_text_add(out, ma_span_of(names->sender_domain));
        break;
    case 'd':
        ma_text_add(out, ma_span_of(names->domain));
        break;
    case 'h':
        ma_text_add(out, ma_span_of(names->helo));
        break;
    case 'i':
        add_address(out, names);
        break;
    case 'c':
        add_readable_address(out, names);
        break;
    case 'v':
        ma_text_add(out, names->address_length == 4 ? MA_SPAN("in-addr") : MA_SPAN("ip6"));
        break;
    case 'p':
        ma_text_add(out, ma_span_of(names->validated_name(names->context)));
        break;
    case 't':
        ma_text_print(out, "%lld", (long long)names->now);
        break;
    default: /* r: who receives is not told to the sender */
        ma_text_add(out, MA_SPAN("unknown"));
        break;
    }
}

static void add_escaped(ma_text *out, ma_span part, bool escape)
{
    for (size_t i = 0; i < part.length; i++) {
        char byte = part.at[i];
        bool plain = ma_is_letter(byte) || ma_is_digit(byte) || (byte != '\0' && strchr("-._~", byte) != NULL);
        if (plain || !escape)
            ma_text_add_byte(out, byte);
        else
            ma_text_print(out, "%%%02X", (uint8_t)byte);
    }
}

static bool is_delimiter(const macro *this, char byte)
{
    return this->delimiters.length == 0 ? byte == '.' : ma_span_find(this->delimiters, byte) < this->delimiters.length;
}

/* Splits the value at the delimiters, turns it round, keeps the right-hand parts, joins with dots. */
static void add_transformed(ma_arena *arena, ma_text *out, const macro *this, ma_span value)
{
    ma_span *parts = ma_arena_take(arena, (value.length + 1) * sizeof *parts);
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= value.length; i++)
        if (i == value.length || is_delimiter(this, value.at[i])) {
            parts[count++] = ma_span_slice(value, start, i);
            start = i + 1;
        }
    size_t kept = this->keep == 0 || this->keep > count ? count : (size_t)this->keep;
    for (size_t i = count - kept; i < count; i++) {
        add_escaped(out, parts[this->reverse ? count - 1 - i : i], this->escape);
        if (i + 1 < count)
            ma_text_add_byte(out, '.');
    }
}

static void add_macro(ma_arena *arena, ma_text *out, const macro *this, const ma_spf_names *names)
{
    ma_text value = ma_text_new(arena, MA_SPF_EXPANSION_BYTES_MAX);
    add_value(&value, this->letter, names);
    add_transformed(arena, out, this, ma_text_span(&value));
}

char *ma_spf_macro_expand(ma_arena *arena, ma_span text, const ma_spf_names *names)
{
    ma_text out = ma_text_new(arena, MA_SPF_EXPANSION_BYTES_MAX);
    while (text.length > 0 && !out.full) {
        size_t plain = ma_span_find(text, '%');
        ma_text_add(&out, ma_span_slice(text, 0, plain));
        text = ma_span_slice(text, plain + 1, text.length);
        if (text.length == 0)
            break;
        macro this;
        if (text.at[0] == '{') {
            if (take_macro(&text, MA_SPF_EXPLANATION, &this) != NULL)
                return NULL;
            add_macro(arena, &out, &this, names);
            continue;
        }
        ma_text_add(&out, text.at[0] == '%' ? MA_SPAN("%") : text.at[0] == '_' ? MA_SPAN(" ") : MA_SPAN("%20"));
        text = ma_span_slice(text, 1, text.length);
    }
    return out.full ? NULL : ma_text_string(&out);
}
