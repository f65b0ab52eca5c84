/* Reads zone files: $ORIGIN, $TTL, brackets, quotes, comments, repeated owners. And one directive of our own,
 * by which a test or an archived case can state what a zone cannot:
 *
 *     $ANSWER name type timeout|servfail|bogus|secure     (type may be ANY)
 */
#include "zone_reader.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

typedef struct token {
    ma_span text; /* quotes and escapes resolved */
    bool quoted;
} token;

typedef struct reader {
    ma_arena *arena;
    ma_span text;
    size_t at, line, first_line;
    token tokens[MA_ZONE_TOKENS_MAX];
    size_t count;
    bool indented; /* the entry began with white space: the owner is that of the one before */
    char *origin;
    char *owner;
    uint32_t ttl;
    const char *trouble;
} reader;

static bool more(const reader *in)
{
    return in->at < in->text.length;
}

/* One character, "\X" and "\DDD" resolved (RFC 1035 §5.1). */
static char take_character(reader *in)
{
    char byte = in->text.at[in->at++];
    if (byte != '\\' || !more(in))
        return byte;
    ma_span digits = ma_span_slice(in->text, in->at, in->at + 3);
    uint64_t number;
    if (digits.length == 3 && ma_span_to_number(digits, 3, &number) && number < 256) {
        in->at += 3;
        return (char)number;
    }
    return in->text.at[in->at++];
}

static bool ends_token(char byte)
{
    return ma_is_space(byte) || byte == ';' || byte == '(' || byte == ')' || byte == '"';
}

static void take_token(reader *in)
{
    if (in->count == MA_ZONE_TOKENS_MAX) {
        in->trouble = "too many words";
        return;
    }
    token *this = &in->tokens[in->count];
    ma_text text = ma_text_new(in->arena, MA_ANSWER_BYTES_MAX);
    this->quoted = in->text.at[in->at] == '"';
    in->at += this->quoted;
    while (more(in) && (this->quoted ? in->text.at[in->at] != '"' : !ends_token(in->text.at[in->at]))) {
        in->line += in->text.at[in->at] == '\n';
        ma_text_add_byte(&text, take_character(in));
    }
    if (this->quoted && !more(in))
        in->trouble = "a quoted string is not closed";
    else
        in->at += this->quoted;
    this->text = ma_text_span(&text);
    in->count++;
}

static void skip_comment(reader *in)
{
    in->at += ma_span_find(ma_span_slice(in->text, in->at, in->text.length), '\n');
}

/* The words up to the end of the line, brackets hiding line ends. */
static void take_entry(reader *in)
{
    size_t depth = 0;
    in->count = 0;
    in->first_line = in->line;
    in->indented = more(in) && ma_is_blank(in->text.at[in->at]);
    while (more(in) && in->trouble == NULL) {
        char byte = in->text.at[in->at];
        if (byte == ';') {
            skip_comment(in);
        } else if (byte == '(' || byte == ')') {
            if (byte == ')' && depth == 0)
                in->trouble = "a bracket closes that was not opened";
            depth += byte == '(' ? 1 : -1;
            in->at++;
        } else if (ma_is_space(byte)) {
            in->at++;
            in->line += byte == '\n';
            if (byte == '\n' && depth == 0)
                return;
        } else {
            take_token(in);
        }
    }
    if (depth > 0 && in->trouble == NULL)
        in->trouble = "a bracket is not closed";
}

/* A name, completed by $ORIGIN where it has no final dot; small letters, no final dot. */
static char *full_name(reader *in, ma_span text)
{
    if (ma_span_equal(text, MA_SPAN("@")))
        return in->origin;
    if (text.length > 1 && text.at[text.length - 1] == '.')
        return ma_arena_lower(in->arena, ma_span_slice(text, 0, text.length - 1));
    char *name = ma_arena_lower(in->arena, text);
    bool absolute = in->origin[0] == '\0' || ma_span_equal(text, MA_SPAN("."));
    return absolute ? name : ma_arena_print(in->arena, "%s.%s", name, in->origin);
}

/* The wire form of a name; NULL where a label or the whole is too long. An empty one is the root. */
static bool add_wire_name(ma_text *out, ma_span name)
{
    size_t start = out->length;
    ma_span label;
    if (ma_span_equal(name, MA_SPAN(".")))
        name = MA_EMPTY;
    while (name.length > 0 && ma_span_cut(&name, '.', &label)) {
        if (label.length == 0 || label.length > MA_LABEL_BYTES_MAX)
            return false;
        ma_text_add_byte(out, (char)label.length);
        ma_text_add(out, label);
    }
    ma_text_add_byte(out, '\0');
    return out->length - start <= MA_NAME_BYTES_MAX + 2 && !out->full;
}

typedef struct type_word {
    const char *word;
    uint16_t type; /* 0: known, of no use here, skipped */
} type_word;

static const type_word TYPES[] = { { "A", MAILAUTH_TYPE_A }, { "AAAA", MAILAUTH_TYPE_AAAA },
    { "MX", MAILAUTH_TYPE_MX }, { "PTR", MAILAUTH_TYPE_PTR }, { "TXT", MAILAUTH_TYPE_TXT },
    { "CNAME", MA_TYPE_CNAME }, { "ANY", MA_TYPE_ANY }, { "SOA", 0 }, { "NS", 0 }, { "SRV", 0 }, { "CAA", 0 },
    { "SPF", 0 }, { "DS", 0 }, { "DNSKEY", 0 }, { "RRSIG", 0 }, { "NSEC", 0 }, { "NSEC3", 0 }, { "NSEC3PARAM", 0 },
    { "TLSA", 0 }, { "HTTPS", 0 }, { "SVCB", 0 } };

static const type_word *type_of(ma_span word)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (ma_span_equal_nocase(word, ma_span_of(TYPES[i].word)))
            return &TYPES[i];
    return NULL;
}

static const char *address_rdata(reader *in, int family, size_t length, ma_text *out)
{
    char bytes[16];
    if (inet_pton(family, ma_arena_copy(in->arena, in->tokens[0].text), bytes) != 1)
        return "this is not an address";
    ma_text_add(out, (ma_span){ bytes, length });
    return NULL;
}

static const char *mx_rdata(reader *in, ma_text *out)
{
    uint64_t preference;
    if (in->count < 2 || !ma_span_to_number(in->tokens[0].text, 5, &preference) || preference > UINT16_MAX)
        return "an MX record is a preference and a name";
    ma_text_add_byte(out, (char)(preference >> 8));
    ma_text_add_byte(out, (char)preference);
    return add_wire_name(out, ma_span_of(full_name(in, in->tokens[1].text))) ? NULL : "this is not a name";
}

/* One character-string per word; a longer word is cut into several, as publishers' tools do. */
static const char *txt_rdata(reader *in, ma_text *out)
{
    for (size_t i = 0; i < in->count; i++) {
        ma_span rest = in->tokens[i].text;
        do {
            ma_span part = ma_span_slice(rest, 0, UINT8_MAX);
            ma_text_add_byte(out, (char)part.length);
            ma_text_add(out, part);
            rest = ma_span_slice(rest, part.length, rest.length);
        } while (rest.length > 0);
    }
    return out->full ? "a TXT record is longer than 64 KiB" : NULL;
}

static const char *rdata_read(reader *in, uint16_t type, ma_text *out)
{
    if (in->count == 0)
        return "the record has no data";
    switch (type) {
    case MAILAUTH_TYPE_A:
        return address_rdata(in, AF_INET, 4, out);
    case MAILAUTH_TYPE_AAAA:
        return address_rdata(in, AF_INET6, 16, out);
    case MAILAUTH_TYPE_MX:
        return mx_rdata(in, out);
    case MAILAUTH_TYPE_PTR:
        return add_wire_name(out, ma_span_of(full_name(in, in->tokens[0].text))) ? NULL : "this is not a name";
    case MAILAUTH_TYPE_TXT:
        return txt_rdata(in, out);
    case MA_TYPE_CNAME:
        ma_text_add(out, ma_span_of(full_name(in, in->tokens[0].text)));
        return NULL;
    default:
        return "records of this type cannot stand here";
    }
}

static void drop_tokens(reader *in, size_t count)
{
    in->count -= count;
    memmove(in->tokens, in->tokens + count, in->count * sizeof(token));
}

/* [TTL] [class] in either order, before the type. */
static void take_ttl_and_class(reader *in, uint32_t *ret_ttl)
{
    for (int i = 0; i < 2 && in->count > 0; i++) {
        uint64_t ttl;
        if (ma_span_to_number(in->tokens[0].text, 10, &ttl))
            *ret_ttl = ttl > INT32_MAX ? INT32_MAX : (uint32_t)ttl;
        else if (!ma_span_equal_nocase(in->tokens[0].text, MA_SPAN("IN")))
            return;
        drop_tokens(in, 1);
    }
}

static const char *read_record(reader *in, ma_zone_record_fn *found, void *context)
{
    if (!in->indented) {
        in->owner = full_name(in, in->tokens[0].text);
        drop_tokens(in, 1);
    }
    if (in->owner == NULL)
        return "the first record has no name";
    ma_zone_record record = { .name = in->owner, .ttl = in->ttl };
    take_ttl_and_class(in, &record.ttl);
    const type_word *type = in->count == 0 ? NULL : type_of(in->tokens[0].text);
    if (type == NULL)
        return "the record has no known type";
    if (type->type == 0)
        return NULL;
    drop_tokens(in, 1);
    record.type = type->type;
    ma_text rdata = ma_text_new(in->arena, MA_ANSWER_BYTES_MAX);
    const char *trouble = rdata_read(in, record.type, &rdata);
    ma_text_string(&rdata); /* ends it: an alias is read as a C string */
    record.rdata = ma_text_span(&rdata);
    if (trouble == NULL)
        found(context, &record);
    return trouble;
}

static bool status_of(ma_span word, ma_zone_status *ret_status)
{
    static const struct {
        const char *word;
        ma_zone_status status;
    } WORDS[] = { { "timeout", MA_ZONE_TIMEOUT }, { "servfail", MA_ZONE_SERVFAIL }, { "bogus", MA_ZONE_BOGUS },
        { "secure", MA_ZONE_SECURE } };
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (ma_span_equal_nocase(word, ma_span_of(WORDS[i].word))) {
            *ret_status = WORDS[i].status;
            return true;
        }
    return false;
}

static const char *read_answer(reader *in, ma_zone_record_fn *found, void *context)
{
    ma_zone_record record = { .ttl = in->ttl };
    const type_word *type = in->count == 4 ? type_of(in->tokens[2].text) : NULL;
    if (type == NULL || type->type == 0 || !status_of(in->tokens[3].text, &record.status))
        return "it is $ANSWER name type timeout|servfail|bogus|secure";
    record.name = full_name(in, in->tokens[1].text);
    record.type = type->type;
    found(context, &record);
    return NULL;
}

static const char *read_entry(reader *in, ma_zone_record_fn *found, void *context)
{
    ma_span first = in->tokens[0].text;
    if (in->indented || in->tokens[0].quoted || first.length == 0 || first.at[0] != '$')
        return read_record(in, found, context);
    if (ma_span_equal_nocase(first, MA_SPAN("$ANSWER")))
        return read_answer(in, found, context);
    uint64_t ttl;
    if (in->count == 2 && ma_span_equal_nocase(first, MA_SPAN("$ORIGIN")))
        in->origin = full_name(in, in->tokens[1].text);
    else if (in->count == 2 && ma_span_equal_nocase(first, MA_SPAN("$TTL"))
        && ma_span_to_number(in->tokens[1].text, 9, &ttl))
        in->ttl = (uint32_t)ttl;
    else
        return "this directive is not known";
    return NULL;
}

char *ma_zone_read_text(ma_arena *arena, ma_span text, ma_zone_record_fn *found, void *context)
{
    enum { TTL_DEFAULT_S = 300 };
    if (text.length > MA_ZONE_BYTES_MAX)
        return ma_arena_print(arena, "the zone file is longer than 64 MiB");
    reader *in = ma_arena_take(arena, sizeof *in);
    *in = (reader){ .arena = arena, .text = text, .line = 1, .ttl = TTL_DEFAULT_S };
    in->origin = ma_arena_copy(arena, MA_EMPTY);
    while (more(in)) {
        take_entry(in);
        if (in->trouble == NULL && in->count > 0)
            in->trouble = read_entry(in, found, context);
        if (in->trouble != NULL)
            return ma_arena_print(arena, "zone file, line %zu: %s", in->first_line, in->trouble);
    }
    return NULL;
}
