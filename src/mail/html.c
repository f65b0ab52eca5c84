/* The HTML tokenizer: the states of the HTML standard (§13.2.5) that decide where a tag, a comment or a raw text ends.
 * Every byte is passed once; whatever is not closed runs to the end of the text. */
#include "html.h"

#include <string.h>

HtmlTokenizer html_tokenizer(Span html)
{
    return (HtmlTokenizer){ .rest = html, .raw_name = SPAN_EMPTY };
}

bool html_is_one_of(Span name, const char *words)
{
    const char first = name.length == 0 ? '\0' : g_ascii_tolower(name.at[0]);
    for (const char *at = words; first != '\0' && at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ';
        bool ends_there = *at == first && strcspn(at, " ") == name.length;
        if (ends_there && g_ascii_strncasecmp(at, name.at, name.length) == 0)
            return true;
    }
    return false;
}

int html_compare_name(const void *key, const void *entry)
{
    const Span *name = key;
    const char *word = *(const char *const *)entry;
    size_t length = strlen(word);
    int order = g_ascii_strncasecmp(name->at, word, MIN(name->length, length));
    return order != 0 ? order : (name->length > length) - (name->length < length);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool ends_name(char c)
{
    return is_space(c) || c == '/' || c == '>';
}

static void advance(HtmlTokenizer *tokenizer, size_t count)
{
    tokenizer->rest = span_slice(tokenizer->rest, count, tokenizer->rest.length);
}

/* ---- Raw text ------------------------------------------------------------------------------------------------ */

/* True where the rest starts with "<NAME" or "</NAME" and the name ends there. */
static bool at_tag(Span rest, Span opening, Span name)
{
    size_t end = opening.length + name.length;
    return rest.length > end && span_starts_with(rest, opening) && ends_name(rest.at[end])
        && span_equal_nocase(span_slice(rest, opening.length, end), name);
}

/* Where the raw text ends: at its end tag, or with the text. Inside a script, "<!-- <script" hides one "</script"
 * (the standard's "script data double escaped" state). */
static size_t raw_length(Span rest, Span name)
{
    bool is_script = span_equal_nocase(name, SPAN("script")), is_escaped = false, is_double = false;
    for (size_t i = 0; i < rest.length; i++) {
        char c = rest.at[i];
        Span here = span_slice(rest, i, rest.length);
        if (c == '-' && is_escaped && span_starts_with(here, SPAN("-->"))) {
            is_escaped = is_double = false;
        } else if (c == '<' && is_script && span_starts_with(here, SPAN("<!--"))) {
            is_escaped = true;
            i++; /* "<!-->" and "<!--->" close at once: their dashes are looked at again */
        } else if (c == '<' && is_escaped && !is_double && at_tag(here, SPAN("<"), name)) {
            is_double = true;
        } else if (c == '<' && at_tag(here, SPAN("</"), name)) {
            if (!is_double)
                return i;
            is_double = false;
        }
    }
    return rest.length;
}

static bool is_raw_text(Span name)
{
    return html_is_one_of(name, "script style title textarea xmp iframe noembed noframes plaintext");
}

/* ---- Tags ---------------------------------------------------------------------------------------------------------- */

/* Skips one attribute value; returns its length in the text. */
static size_t value_length(Span rest, Span *ret_value)
{
    if (rest.length > 0 && (rest.at[0] == '"' || rest.at[0] == '\'')) {
        Span inside = span_slice(rest, 1, rest.length);
        size_t end = span_find_byte(inside, rest.at[0]);
        *ret_value = span_slice(inside, 0, end);
        return MIN(end + 2, rest.length);
    }
    size_t end = 0;
    while (end < rest.length && !is_space(rest.at[end]) && rest.at[end] != '>')
        end++;
    *ret_value = span_slice(rest, 0, end);
    return end;
}

static size_t spaces(Span rest)
{
    size_t count = 0;
    while (count < rest.length && is_space(rest.at[count]))
        count++;
    return count;
}

bool html_next_attribute(Span *attributes, HtmlAttribute *ret_attribute)
{
    size_t i = 0;
    while (i < attributes->length && (is_space(attributes->at[i]) || attributes->at[i] == '/'))
        i++;
    Span rest = span_slice(*attributes, i, attributes->length);
    if (rest.length == 0 || rest.at[0] == '>') {
        *attributes = rest;
        return false;
    }
    size_t end = 1; /* a "=" at the front belongs to the name */
    while (end < rest.length && !ends_name(rest.at[end]) && rest.at[end] != '=')
        end++;
    ret_attribute->name = span_slice(rest, 0, end);
    ret_attribute->value = SPAN_EMPTY;
    size_t equals = end + spaces(span_slice(rest, end, rest.length));
    if (equals < rest.length && rest.at[equals] == '=') {
        size_t start = equals + 1;
        start += spaces(span_slice(rest, start, rest.length));
        end = start + value_length(span_slice(rest, start, rest.length), &ret_attribute->value);
    } else {
        end = equals;
    }
    *attributes = span_slice(rest, end, rest.length);
    return true;
}

/* Reads "<name …>" or "</name …>" at the front; false where the tag never ends. */
static bool read_tag(HtmlTokenizer *tokenizer, bool is_end, HtmlToken *ret_token)
{
    Span inside = span_slice(tokenizer->rest, is_end ? 2 : 1, tokenizer->rest.length);
    size_t name = 0;
    while (name < inside.length && !ends_name(inside.at[name]))
        name++;
    Span attributes = span_slice(inside, name, inside.length), rest = attributes;
    HtmlAttribute unused;
    while (html_next_attribute(&rest, &unused))
        continue;
    if (rest.length == 0)
        return false;
    *ret_token = (HtmlToken){
        .kind = is_end ? HTML_END : HTML_START,
        .name = span_slice(inside, 0, name),
        .attributes = span_slice(attributes, 0, attributes.length - rest.length),
        .closes_itself = rest.at[-1] == '/',
    };
    tokenizer->rest = span_slice(rest, 1, rest.length);
    if (!is_end && is_raw_text(ret_token->name))
        tokenizer->raw_name = ret_token->name;
    return true;
}

/* ---- Comments and declarations ---------------------------------------------------------------------------------------- */

static size_t length_through(Span rest, Span end)
{
    size_t at = span_find(rest, end);
    return at == rest.length ? at : at + end.length;
}

/* Length of what stands at "<!", "<?" or "</" and is no tag; a comment ends at "-->", "--!>" or as "<!-->". */
static size_t markup_length(Span rest)
{
    if (!span_starts_with(rest, SPAN("<!--")))
        return length_through(rest, SPAN(">"));
    if (span_starts_with(rest, SPAN("<!-->")))
        return 5;
    if (span_starts_with(rest, SPAN("<!--->")))
        return 6;
    for (size_t i = 4; i + 2 < rest.length; i++) {
        if (rest.at[i] != '-' || rest.at[i + 1] != '-')
            continue;
        if (rest.at[i + 2] == '>')
            return i + 3;
        if (rest.at[i + 2] == '!' && i + 3 < rest.length && rest.at[i + 3] == '>')
            return i + 4;
    }
    return rest.length;
}

/* Length of the text at the front, up to the next "<" that starts markup. */
static size_t text_length(Span rest)
{
    for (size_t i = 0; i < rest.length; i++) {
        i += span_find_byte(span_slice(rest, i, rest.length), '<');
        if (i + 1 >= rest.length)
            break;
        char next = rest.at[i + 1];
        if (g_ascii_isalpha(next) || next == '/' || next == '!' || next == '?')
            return i;
    }
    return rest.length;
}

/* What the "<" at the front starts: a tag into *ret_token (true), or something that is passed over (false). */
static bool read_markup(HtmlTokenizer *tokenizer, HtmlToken *ret_token)
{
    Span rest = tokenizer->rest;
    bool is_end = rest.at[1] == '/';
    if (g_ascii_isalpha(rest.at[1]) || (is_end && rest.length > 2 && g_ascii_isalpha(rest.at[2]))) {
        if (read_tag(tokenizer, is_end, ret_token))
            return true;
        tokenizer->rest = SPAN_EMPTY;
        return false;
    }
    advance(tokenizer, markup_length(rest));
    return false;
}

bool html_next(HtmlTokenizer *tokenizer, HtmlToken *ret_token)
{
    if (tokenizer->raw_name.length > 0) {
        size_t length = raw_length(tokenizer->rest, tokenizer->raw_name);
        *ret_token = (HtmlToken){
            .kind = HTML_RAW, .name = tokenizer->raw_name, .text = span_slice(tokenizer->rest, 0, length)
        };
        tokenizer->raw_name = SPAN_EMPTY;
        advance(tokenizer, length);
        return true;
    }
    while (tokenizer->rest.length > 0) {
        size_t length = text_length(tokenizer->rest);
        if (length > 0) {
            *ret_token = (HtmlToken){ .kind = HTML_TEXT, .text = span_slice(tokenizer->rest, 0, length) };
            advance(tokenizer, length);
            return true;
        }
        if (read_markup(tokenizer, ret_token))
            return true;
    }
    return false;
}

/* ---- Small readers ------------------------------------------------------------------------------------------------------ */

enum { META_BYTES = 1024, CHARSET_LABEL_BYTES = 64 };

char *html_declared_charset(Span html)
{
    HtmlTokenizer tokenizer = html_tokenizer(span_slice(html, 0, META_BYTES));
    HtmlToken token;
    while (html_next(&tokenizer, &token)) {
        HtmlAttribute attribute;
        while (token.kind == HTML_START && span_equal_nocase(token.name, SPAN("meta"))
            && html_next_attribute(&token.attributes, &attribute)) {
            Span value = attribute.value;
            if (span_equal_nocase(attribute.name, SPAN("content"))) {
                size_t at = span_find(value, SPAN("charset="));
                value = span_slice(value, at + 8, value.length);
            } else if (!span_equal_nocase(attribute.name, SPAN("charset"))) {
                continue;
            }
            value = span_trim(span_slice(value, 0, MIN(span_find_byte(value, ';'), CHARSET_LABEL_BYTES)));
            if (value.length > 0 && !span_starts_with_nocase(value, SPAN("utf-16")))
                return span_to_text(value);
        }
    }
    return NULL;
}
