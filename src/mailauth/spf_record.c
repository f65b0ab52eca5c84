/* Reads SPF records. One error anywhere makes the whole record invalid (RFC 7208 §4.6). */
#include "spf_record.h"

#include "spf_macro.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

typedef struct mechanism_word {
    const char *word;
    ma_spf_kind kind;
} mechanism_word;

static const mechanism_word MECHANISMS[] = { { "all", MA_SPF_ALL }, { "include", MA_SPF_INCLUDE }, { "a", MA_SPF_A },
    { "mx", MA_SPF_MX }, { "ptr", MA_SPF_PTR }, { "ip4", MA_SPF_IP4 }, { "ip6", MA_SPF_IP6 },
    { "exists", MA_SPF_EXISTS } };

static bool read_prefix(ma_span text, uint64_t most, uint8_t *ret_prefix)
{
    uint64_t prefix;
    if (!ma_span_to_number(text, 3, &prefix) || prefix > most || (text.length > 1 && text.at[0] == '0'))
        return false;
    *ret_prefix = (uint8_t)prefix;
    return true;
}

/* Cuts "/n" or "//n" off the end of *rest; *ret_double tells which. false where there is none. */
static bool cut_prefix(ma_span *rest, ma_span *ret_number, bool *ret_double)
{
    size_t end = rest->length;
    while (end > 0 && ma_is_digit(rest->at[end - 1]))
        end--;
    if (end == 0 || rest->at[end - 1] != '/')
        return false;
    *ret_number = ma_span_slice(*rest, end, rest->length);
    *ret_double = end > 1 && rest->at[end - 2] == '/';
    *rest = ma_span_slice(*rest, 0, end - 1 - *ret_double);
    return true;
}

/* [ "/" n4 ] [ "//" n6 ] at the end. */
static const char *read_dual_prefix(ma_span *rest, ma_spf_term *term)
{
    ma_span number;
    bool is_double;
    if (cut_prefix(rest, &number, &is_double)) {
        if (!read_prefix(number, is_double ? 128 : 32, is_double ? &term->prefix6 : &term->prefix4))
            return "a prefix length is not one";
        if (!is_double)
            return NULL;
        if (cut_prefix(rest, &number, &is_double) && (is_double || !read_prefix(number, 32, &term->prefix4)))
            return "a prefix length is not one";
    }
    return NULL;
}

/* ":domain-spec", or nothing where it may be left out. */
static const char *read_domain_spec(ma_span rest, bool needed, ma_spf_term *term)
{
    if (rest.length == 0)
        return needed ? "a mechanism lacks its domain" : NULL;
    if (rest.at[0] != ':')
        return "a mechanism is followed by something odd";
    term->domain = ma_span_slice(rest, 1, rest.length);
    if (term->domain.length == 0)
        return "a mechanism lacks its domain";
    return ma_spf_macro_check(term->domain, MA_SPF_DOMAIN_SPEC);
}

static const char *read_network(ma_span rest, int family, ma_spf_term *term)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (rest.length == 0 || rest.at[0] != ':')
        return "an address mechanism lacks its address";
    ma_span address;
    rest = ma_span_slice(rest, 1, rest.length);
    ma_span_cut(&rest, '/', &address);
    if (address.length >= sizeof text || memchr(address.at, '\0', address.length) != NULL)
        return "an address is not one";
    memcpy(text, address.at, address.length);
    if (inet_pton(family, text, term->address) != 1)
        return "an address is not one";
    if (rest.at == NULL)
        return NULL;
    bool good = family == AF_INET ? read_prefix(rest, 32, &term->prefix4) : read_prefix(rest, 128, &term->prefix6);
    return good ? NULL : "a prefix length is not one";
}

static const char *read_argument(ma_span rest, ma_spf_term *term)
{
    const char *trouble;
    switch (term->kind) {
    case MA_SPF_ALL:
        return rest.length == 0 ? NULL : "\"all\" takes nothing";
    case MA_SPF_A:
    case MA_SPF_MX:
        trouble = read_dual_prefix(&rest, term);
        return trouble != NULL ? trouble : read_domain_spec(rest, false, term);
    case MA_SPF_PTR:
        return read_domain_spec(rest, false, term);
    case MA_SPF_INCLUDE:
    case MA_SPF_EXISTS:
        return read_domain_spec(rest, true, term);
    case MA_SPF_IP4:
        return read_network(rest, AF_INET, term);
    case MA_SPF_IP6:
        return read_network(rest, AF_INET6, term);
    }
    return NULL;
}

static const char *read_mechanism(ma_span word, ma_spf_record *record)
{
    ma_spf_term term = { .qualifier = MAILAUTH_PASS, .domain = MA_EMPTY, .prefix4 = 32, .prefix6 = 128 };
    static const struct {
        char sign;
        mailauth_result result;
    } QUALIFIERS[] = { { '+', MAILAUTH_PASS }, { '-', MAILAUTH_FAIL }, { '~', MAILAUTH_SOFTFAIL },
        { '?', MAILAUTH_NEUTRAL } };
    for (size_t i = 0; i < sizeof QUALIFIERS / sizeof QUALIFIERS[0]; i++)
        if (word.at[0] == QUALIFIERS[i].sign) {
            term.qualifier = QUALIFIERS[i].result;
            word = ma_span_slice(word, 1, word.length);
            break;
        }
    size_t end = 0;
    while (end < word.length && (ma_is_letter(word.at[end]) || ma_is_digit(word.at[end])))
        end++;
    for (size_t i = 0; i < sizeof MECHANISMS / sizeof MECHANISMS[0]; i++)
        if (ma_span_equal_nocase(ma_span_slice(word, 0, end), ma_span_of(MECHANISMS[i].word))) {
            term.kind = MECHANISMS[i].kind;
            const char *trouble = read_argument(ma_span_slice(word, end, word.length), &term);
            if (trouble == NULL)
                record->terms[record->count++] = term;
            return trouble;
        }
    return "a mechanism is not known";
}

/* name "=" macro-string: the name begins with a letter and holds only letters, digits, "-_." */
static bool split_modifier(ma_span word, ma_span *ret_name, ma_span *ret_value)
{
    size_t end = 0;
    while (end < word.length
        && (ma_is_letter(word.at[end]) || (end > 0 && (ma_is_digit(word.at[end]) || strchr("-_.", word.at[end]) != NULL))))
        end++;
    if (end == 0 || end == word.length || word.at[end] != '=')
        return false;
    *ret_name = ma_span_slice(word, 0, end);
    *ret_value = ma_span_slice(word, end + 1, word.length);
    return true;
}

static const char *read_modifier(ma_span name, ma_span value, ma_spf_record *record)
{
    ma_span *place = ma_span_equal_nocase(name, MA_SPAN("redirect")) ? &record->redirect
        : ma_span_equal_nocase(name, MA_SPAN("exp"))                 ? &record->explanation
                                                                     : NULL;
    if (place == NULL)
        return ma_spf_macro_check(value, MA_SPF_EXPLANATION);
    if (place->length > 0)
        return "a modifier occurs twice";
    if (value.length == 0)
        return "a modifier lacks its domain";
    *place = value;
    return ma_spf_macro_check(value, MA_SPF_DOMAIN_SPEC);
}

static size_t count_words(ma_span text)
{
    ma_span word;
    size_t count = 0;
    while (ma_span_cut(&text, ' ', &word))
        count += word.length > 0;
    return count;
}

ma_spf_record ma_spf_record_read(ma_arena *arena, ma_span text)
{
    ma_spf_record record = { .redirect = MA_EMPTY, .explanation = MA_EMPTY };
    size_t words = count_words(text);
    if (text.length > MA_SPF_RECORD_BYTES_MAX || words > MA_SPF_RECORD_TERMS_MAX) {
        record.trouble = "it is too long";
        return record;
    }
    record.terms = ma_arena_take(arena, words * sizeof *record.terms);
    ma_span word, name, value;
    while (record.trouble == NULL && ma_span_cut(&text, ' ', &word)) {
        if (word.length == 0)
            continue;
        if (split_modifier(word, &name, &value))
            record.trouble = read_modifier(name, value, &record);
        else
            record.trouble = read_mechanism(word, &record);
    }
    return record;
}

typedef struct parsed_spf {
    ma_parsed base;
    ma_arena *arena;
    size_t count;
    ma_spf_record record;
} parsed_spf;

static void free_parsed(ma_parsed *parsed)
{
    parsed_spf *this = (parsed_spf *)parsed;
    ma_arena_free(this->arena);
    free(this);
}

/* "v=spf1" and then a space or the end. */
static bool take_version(ma_span text, ma_span *ret_rest)
{
    const ma_span version = MA_SPAN("v=spf1");
    if (!ma_span_starts_nocase(text, version) || (text.length > version.length && text.at[version.length] != ' '))
        return false;
    *ret_rest = ma_span_slice(text, version.length, text.length);
    return true;
}

static parsed_spf *read_answer(const ma_answer *answer)
{
    parsed_spf *parsed = ma_allocate(sizeof *parsed);
    parsed->base.free = free_parsed;
    parsed->arena = ma_arena_new();
    ma_span rest, only = MA_EMPTY;
    for (size_t i = 0; i < answer->record_count; i++)
        if (take_version(answer->records[i], &rest)) {
            parsed->count++;
            only = rest;
        }
    if (parsed->count == 1)
        parsed->record = ma_spf_record_read(parsed->arena, only);
    return parsed;
}

ma_spf_found ma_spf_records_of(ma_answer *answer)
{
    parsed_spf *parsed = (parsed_spf *)ma_answer_kept(answer, MA_PARSED_SPF);
    if (parsed == NULL)
        parsed = (parsed_spf *)ma_answer_keep(answer, MA_PARSED_SPF, &read_answer(answer)->base);
    return (ma_spf_found){ parsed->count, parsed->count == 1 ? &parsed->record : NULL };
}
