/* The scanner: characters and names, references, attributes and namespaces, tags, and what stands between them. Each step
 * moves `at` forward or stops the scan. */
#include "xml_scan.h"

#include <string.h>

#include "limits.h"

#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"
#define XMLNS_NAMESPACE "http://www.w3.org/2000/xmlns/"

typedef struct Qualified {
    Span whole, prefix, local; /* as written */
} Qualified;

typedef struct Binding {
    Span prefix, namespace;
} Binding;

typedef struct OpenElement {
    Span name; /* as written */
    unsigned bindings_before;
} OpenElement;

struct XmlScan {
    const char *start, *at, *end;
    const XmlHandler *handler;
    void *context;
    GError **error;
    bool failed;

    OpenElement open[XML_DEPTH_MAX];
    unsigned depth;
    Binding bindings[XML_NAMESPACES_MAX];
    unsigned binding_count;
    Qualified written[XML_ATTRIBUTES_MAX]; /* of the element that is begun: names of all its attributes */
    XmlAttribute attributes[XML_ATTRIBUTES_MAX];
    unsigned attribute_count;
    GPtrArray *decoded; /* char *: namespaces that were written with references */
};

void xml_scan_stop(XmlScan *scan, SaldoError code, const char *text)
{
    if (scan->failed)
        return;
    unsigned long line = 1;
    for (const char *byte = scan->start; byte < scan->at; byte++)
        line += *byte == '\n';
    error_set(scan->error, code, "line %lu: %s", line, text);
    scan->failed = true;
}

static void broken(XmlScan *scan, const char *text)
{
    xml_scan_stop(scan, SALDO_ERROR_BAD_INPUT, text);
}

/* ---- Characters --------------------------------------------------------------------------------------------------------- */

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* Char of the fifth edition. */
static bool is_legal(gunichar c)
{
    return (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF) || c == '\t' || c == '\n'
        || c == '\r';
}

/* The character at `at`; 0 where the bytes are no UTF-8 or no legal character. */
static gunichar character_at(const char *at, const char *end)
{
    gunichar c = g_utf8_get_char_validated(at, end - at);
    return c != (gunichar)-1 && c != (gunichar)-2 && is_legal(c) ? c : 0;
}

/* Every character is a legal one; else `at` stands at the first that is not. */
static bool check_characters(XmlScan *scan)
{
    const char *at = scan->at;
    while (at < scan->end) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x20 && byte < 0x80) {
            at++;
            continue;
        }
        gunichar c = byte >= 0x80 ? character_at(at, scan->end) : is_space(*at);
        if (c == 0) {
            scan->at = at;
            broken(scan, "it has a byte that is no character of its encoding");
            return false;
        }
        at = g_utf8_next_char(at);
    }
    return true;
}

static bool in_ranges(gunichar c, const gunichar (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* NameStartChar and NameChar, but for the colon. */
static bool is_name_character(gunichar c, bool is_first)
{
    static const gunichar start[][2] = { { 0xC0, 0xD6 }, { 0xD8, 0xF6 }, { 0xF8, 0x2FF }, { 0x370, 0x37D }, { 0x37F, 0x1FFF },
        { 0x200C, 0x200D }, { 0x2070, 0x218F }, { 0x2C00, 0x2FEF }, { 0x3001, 0xD7FF }, { 0xF900, 0xFDCF }, { 0xFDF0, 0xFFFD },
        { 0x10000, 0xEFFFF } };
    static const gunichar inside[][2] = { { 0xB7, 0xB7 }, { 0x300, 0x36F }, { 0x203F, 0x2040 } };
    if (c < 0x80)
        return g_ascii_isalpha((char)c) || c == '_' || (!is_first && (g_ascii_isdigit((char)c) || c == '-' || c == '.'));
    return in_ranges(c, start, G_N_ELEMENTS(start)) || (!is_first && in_ranges(c, inside, G_N_ELEMENTS(inside)));
}

/* ---- Small steps -------------------------------------------------------------------------------------------------------- */

static bool stands(const XmlScan *scan, Span words)
{
    return (size_t)(scan->end - scan->at) >= words.length && memcmp(scan->at, words.at, words.length) == 0;
}

static bool take(XmlScan *scan, Span words)
{
    if (!stands(scan, words))
        return false;
    scan->at += words.length;
    return true;
}

static bool skip_space(XmlScan *scan)
{
    const char *from = scan->at;
    while (scan->at < scan->end && is_space(*scan->at))
        scan->at++;
    return scan->at > from;
}

/* Up to the words and past them; what stood before. False where they do not come. */
static bool take_until(XmlScan *scan, Span words, Span *ret_before)
{
    Span rest = { scan->at, (size_t)(scan->end - scan->at) };
    size_t at = span_find(rest, words);
    if (at == rest.length)
        return false;
    *ret_before = span_slice(rest, 0, at);
    scan->at += at + words.length;
    return true;
}

/* A name without colon; empty where there is none. */
static Span take_part(XmlScan *scan)
{
    const char *from = scan->at;
    while (scan->at < scan->end) {
        unsigned char byte = (unsigned char)*scan->at;
        gunichar c = byte < 0x80 ? byte : g_utf8_get_char(scan->at);
        if (!is_name_character(c, scan->at == from))
            break;
        scan->at += byte < 0x80 ? 1 : g_utf8_skip[byte];
    }
    return (Span){ from, (size_t)(scan->at - from) };
}

static bool take_name(XmlScan *scan, Qualified *ret_name)
{
    const char *from = scan->at;
    Span first = take_part(scan), second = SPAN_EMPTY;
    bool has_prefix = first.length > 0 && scan->at < scan->end && *scan->at == ':';
    if (has_prefix) {
        scan->at++;
        second = take_part(scan);
    }
    if (first.length == 0 || (has_prefix && second.length == 0) || (scan->at < scan->end && *scan->at == ':')) {
        broken(scan, "a name is missing or has a character that stands in no name");
        return false;
    }
    *ret_name = (Qualified){ { from, (size_t)(scan->at - from) }, has_prefix ? first : SPAN_EMPTY, has_prefix ? second : first };
    return true;
}

/* ---- References --------------------------------------------------------------------------------------------------------- */

/* "lt", "#65", "#x41": between & and ;. 0 where it is no reference to a legal character. */
static gunichar reference_character(Span name)
{
    static const struct {
        const char *name;
        char c;
    } known[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "apos", '\'' }, { "quot", '"' } };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (span_equal(name, span_of(known[i].name)))
            return (gunichar)known[i].c;
    bool is_hex = span_starts_with(name, SPAN("#x"));
    if (!span_starts_with(name, SPAN("#")))
        return 0;
    Span digits = span_slice(name, is_hex ? 2 : 1, name.length);
    gunichar c = 0;
    for (size_t i = 0; i < digits.length && c <= 0x10FFFF; i++) {
        if (is_hex ? !g_ascii_isxdigit(digits.at[i]) : !g_ascii_isdigit(digits.at[i]))
            return 0;
        c = is_hex ? c * 16 + (gunichar)g_ascii_xdigit_value(digits.at[i]) : c * 10 + (gunichar)g_ascii_digit_value(digits.at[i]);
    }
    return digits.length > 0 && is_legal(c) ? c : 0;
}

/* Cuts what stands before the first reference off the front of `*rest`. False at the end. *ret_character is 0 where no
 * reference follows; *ret_is_good is false where it is broken. */
static bool cut_reference(Span *rest, Span *ret_before, gunichar *ret_character, bool *ret_is_good)
{
    if (rest->length == 0)
        return false;
    size_t at = span_find_byte(*rest, '&');
    *ret_before = span_slice(*rest, 0, at);
    *ret_character = 0;
    *ret_is_good = true;
    Span after = span_slice(*rest, at + 1, rest->length);
    size_t end = span_find_byte(after, ';');
    if (at < rest->length) {
        *ret_character = end == after.length ? 0 : reference_character(span_slice(after, 0, end));
        *ret_is_good = *ret_character != 0;
    }
    *rest = at < rest->length && *ret_is_good ? span_slice(after, end + 1, after.length) : SPAN_EMPTY;
    return true;
}

static Span encode(gunichar c, char bytes[6])
{
    return (Span){ bytes, (size_t)g_unichar_to_utf8(c, bytes) };
}

void xml_attribute_value(Span raw, Buffer *value)
{
    Span before;
    gunichar c;
    bool is_good;
    char bytes[6];
    while (cut_reference(&raw, &before, &c, &is_good)) {
        for (size_t i = 0; i < before.length; i++)
            if (before.at[i] != '\n' || i == 0 || before.at[i - 1] != '\r') /* an end of line is one space */
                buffer_append_byte(value, is_space(before.at[i]) ? ' ' : before.at[i]);
        if (c != 0)
            buffer_append(value, encode(c, bytes));
    }
}

static const char BAD_REFERENCE[] = "an undefined entity, or a reference to no character";

static bool references_are_good(XmlScan *scan, Span raw)
{
    Span before;
    gunichar c;
    bool is_good = true;
    while (is_good && cut_reference(&raw, &before, &c, &is_good))
        ;
    if (!is_good)
        broken(scan, BAD_REFERENCE);
    return is_good;
}

/* ---- Attributes and namespaces ------------------------------------------------------------------------------------------- */

static void take_attribute(XmlScan *scan)
{
    if (scan->attribute_count == XML_ATTRIBUTES_MAX) {
        xml_scan_stop(scan, SALDO_ERROR_LIMIT, "an element has more attributes than an invoice needs");
        return;
    }
    Qualified *name = &scan->written[scan->attribute_count];
    if (!take_name(scan, name))
        return;
    skip_space(scan);
    bool is_good = take(scan, SPAN("="));
    skip_space(scan);
    char quote = scan->at < scan->end ? *scan->at : '\0';
    const char *close = quote == '"' || quote == '\'' ? memchr(scan->at + 1, quote, (size_t)(scan->end - scan->at - 1)) : NULL;
    if (!is_good || close == NULL) {
        broken(scan, "an attribute has no value in quotes");
        return;
    }
    Span raw = { scan->at + 1, (size_t)(close - scan->at - 1) };
    if (memchr(raw.at, '<', raw.length) != NULL)
        broken(scan, "the value of an attribute has a \"<\"");
    if (memchr(raw.at, '&', raw.length) != NULL && !references_are_good(scan, raw))
        return;
    for (unsigned i = 0; i < scan->attribute_count; i++)
        if (span_equal(scan->written[i].whole, name->whole))
            broken(scan, "an element has one attribute twice");
    scan->attributes[scan->attribute_count++].raw = raw;
    scan->at = close + 1;
}

static bool is_declaration(const Qualified *name)
{
    return span_equal(name->prefix, SPAN("xmlns")) || span_equal(name->whole, SPAN("xmlns"));
}

/* The namespace's text: of the document, or decoded and kept where it was written with references or white space. */
static Span namespace_of(XmlScan *scan, Span raw)
{
    bool is_plain = memchr(raw.at, '&', raw.length) == NULL;
    for (size_t i = 0; is_plain && i < raw.length; i++)
        is_plain = !is_space(raw.at[i]);
    if (is_plain)
        return raw;
    BUFFER_AUTO value = BUFFER_INIT(raw.length + 1);
    xml_attribute_value(raw, &value);
    Span text = buffer_span(&value);
    char *kept = g_strndup(text.at, text.length);
    g_ptr_array_add(scan->decoded, kept);
    return (Span){ kept, text.length };
}

static void declare(XmlScan *scan, const Qualified *name, Span raw)
{
    Span prefix = name->prefix.length == 0 ? SPAN_EMPTY : name->local, namespace = namespace_of(scan, raw);
    bool is_xml = span_equal(prefix, SPAN("xml"));
    if (prefix.length > 0 && namespace.length == 0)
        broken(scan, "a prefix is bound to no namespace");
    if (span_equal(prefix, SPAN("xmlns")) || is_xml != span_equal(namespace, SPAN(XML_NAMESPACE))
        || span_equal(namespace, SPAN(XMLNS_NAMESPACE)))
        broken(scan, "a reserved prefix or namespace is bound");
    if (scan->binding_count == XML_NAMESPACES_MAX)
        xml_scan_stop(scan, SALDO_ERROR_LIMIT, "it declares more namespaces than an invoice needs");
    if (!scan->failed)
        scan->bindings[scan->binding_count++] = (Binding){ prefix, namespace };
}

/* No prefix, no declaration: no namespace. */
static Span resolve(XmlScan *scan, Span prefix)
{
    for (unsigned i = scan->binding_count; i-- > 0;) {
        Span known = scan->bindings[i].prefix;
        if (known.length == prefix.length && memcmp(known.at, prefix.at, prefix.length) == 0)
            return scan->bindings[i].namespace;
    }
    if (span_equal(prefix, SPAN("xml")))
        return SPAN(XML_NAMESPACE);
    if (prefix.length > 0)
        broken(scan, "a prefix is bound to no namespace");
    return SPAN_EMPTY;
}

/* Declarations first, whatever their place; then the others move together at the front. */
static void resolve_attributes(XmlScan *scan)
{
    for (unsigned i = 0; i < scan->attribute_count && !scan->failed; i++)
        if (is_declaration(&scan->written[i]))
            declare(scan, &scan->written[i], scan->attributes[i].raw);
    unsigned kept = 0;
    for (unsigned i = 0; i < scan->attribute_count && !scan->failed; i++) {
        if (is_declaration(&scan->written[i]))
            continue;
        Span prefix = scan->written[i].prefix;
        XmlAttribute attribute
            = { { prefix.length == 0 ? SPAN_EMPTY : resolve(scan, prefix), scan->written[i].local }, scan->attributes[i].raw };
        for (unsigned k = 0; k < kept && prefix.length > 0; k++)
            if (span_equal(scan->attributes[k].name.local, attribute.name.local)
                && span_equal(scan->attributes[k].name.namespace, attribute.name.namespace))
                broken(scan, "an element has one attribute twice");
        scan->attributes[kept++] = attribute;
    }
    scan->attribute_count = kept;
}

/* ---- Tags ------------------------------------------------------------------------------------------------------------------ */

static void close_element(XmlScan *scan)
{
    scan->binding_count = scan->open[--scan->depth].bindings_before;
    scan->handler->on_end(scan->context);
}

static void open_element(XmlScan *scan, const Qualified *name)
{
    if (scan->depth == XML_DEPTH_MAX) {
        xml_scan_stop(scan, SALDO_ERROR_LIMIT, "elements are nested deeper than any invoice needs");
        return;
    }
    scan->open[scan->depth++] = (OpenElement){ name->whole, scan->binding_count };
    resolve_attributes(scan);
    if (span_equal(name->prefix, SPAN("xmlns")))
        broken(scan, "a reserved prefix names an element");
    XmlName resolved = { resolve(scan, name->prefix), name->local };
    if (!scan->failed)
        scan->handler->on_start(scan->context, resolved, scan->attributes, scan->attribute_count);
}

static void take_start_tag(XmlScan *scan)
{
    Qualified name;
    scan->at++;
    scan->attribute_count = 0;
    if (!take_name(scan, &name))
        return;
    bool is_end = false;
    while (!scan->failed && !is_end) {
        bool has_space = skip_space(scan);
        is_end = stands(scan, SPAN(">")) || stands(scan, SPAN("/>"));
        if (!is_end && !has_space)
            broken(scan, "a tag does not end");
        else if (!is_end)
            take_attribute(scan);
    }
    if (scan->failed)
        return;
    open_element(scan, &name);
    bool is_empty = take(scan, SPAN("/"));
    scan->at++;
    if (is_empty && !scan->failed)
        close_element(scan);
}

static void take_end_tag(XmlScan *scan)
{
    scan->at += 2;
    bool fits = take(scan, scan->open[scan->depth - 1].name);
    skip_space(scan);
    if (fits && take(scan, SPAN(">")))
        close_element(scan);
    else
        broken(scan, "mismatched tag: another element is open");
}

/* ---- What stands between tags ---------------------------------------------------------------------------------------------- */

static void take_comment(XmlScan *scan)
{
    Span before;
    scan->at += 4;
    if (!take_until(scan, SPAN("--"), &before) || !take(scan, SPAN(">")))
        broken(scan, "a comment does not end, or has \"--\" inside");
}

static void take_instruction(XmlScan *scan)
{
    Qualified target;
    Span before;
    scan->at += 2;
    if (!take_name(scan, &target))
        return;
    bool is_good = target.prefix.length == 0 && !span_equal_nocase(target.whole, SPAN("xml"))
        && (stands(scan, SPAN("?>")) || skip_space(scan)) && take_until(scan, SPAN("?>"), &before);
    if (!is_good)
        broken(scan, "a processing instruction is misplaced or does not end");
}

static void take_cdata(XmlScan *scan)
{
    Span text;
    scan->at += strlen("<![CDATA[");
    if (!take_until(scan, SPAN("]]>"), &text))
        broken(scan, "a CDATA section does not end");
    else if (text.length > 0)
        scan->handler->on_text(scan->context, text);
}

static void take_text(XmlScan *scan, const char *end)
{
    Span text = { scan->at, (size_t)(end - scan->at) }, before;
    gunichar c;
    bool is_good = true;
    char bytes[6];
    if (memchr(text.at, ']', text.length) != NULL && span_find(text, SPAN("]]>")) != text.length)
        broken(scan, "\"]]>\" stands outside of a CDATA section");
    if (!scan->failed && memchr(text.at, '&', text.length) == NULL)
        scan->handler->on_text(scan->context, text);
    else
        while (!scan->failed && cut_reference(&text, &before, &c, &is_good)) {
            if (before.length > 0)
                scan->handler->on_text(scan->context, before);
            if (c != 0)
                scan->handler->on_text(scan->context, encode(c, bytes));
        }
    if (!is_good)
        broken(scan, BAD_REFERENCE);
    scan->at = end;
}

static void take_markup(XmlScan *scan)
{
    if (stands(scan, SPAN("</")))
        take_end_tag(scan);
    else if (stands(scan, SPAN("<!--")))
        take_comment(scan);
    else if (stands(scan, SPAN("<![CDATA[")))
        take_cdata(scan);
    else if (stands(scan, SPAN("<?")))
        take_instruction(scan);
    else
        take_start_tag(scan);
}

static void take_content(XmlScan *scan)
{
    while (!scan->failed && scan->depth > 0) {
        const char *tag = memchr(scan->at, '<', (size_t)(scan->end - scan->at));
        if (tag == NULL) {
            broken(scan, "the document ends inside an element");
            return;
        }
        if (tag > scan->at)
            take_text(scan, tag);
        if (!scan->failed)
            take_markup(scan);
    }
}

/* ---- The document ------------------------------------------------------------------------------------------------------------ */

/* name = "value" after white space; NULL where that name does not stand here. */
static bool take_pseudo_attribute(XmlScan *scan, Span name, Span *ret_value)
{
    const char *from = scan->at;
    bool has_name = skip_space(scan) && take(scan, name);
    if (!has_name) {
        scan->at = from;
        return false;
    }
    skip_space(scan);
    bool is_good = take(scan, SPAN("="));
    skip_space(scan);
    bool is_double = stands(scan, SPAN("\""));
    Span quote = is_double ? SPAN("\"") : SPAN("'");
    is_good = is_good && take(scan, quote) && take_until(scan, quote, ret_value);
    if (!is_good)
        broken(scan, "the XML declaration is broken");
    return is_good;
}

/* What it says of the encoding was heard before: here the document is UTF-8. */
static void take_declaration(XmlScan *scan)
{
    Span version = SPAN_EMPTY, encoding = SPAN("UTF-8"), standalone = SPAN("no");
    scan->at += strlen("<?xml");
    take_pseudo_attribute(scan, SPAN("version"), &version);
    take_pseudo_attribute(scan, SPAN("encoding"), &encoding);
    take_pseudo_attribute(scan, SPAN("standalone"), &standalone);
    skip_space(scan);
    bool is_good = span_starts_with(version, SPAN("1.")) && encoding.length > 0 && g_ascii_isalpha(encoding.at[0])
        && (span_equal(standalone, SPAN("yes")) || span_equal(standalone, SPAN("no")));
    for (size_t i = 2; i < version.length; i++)
        is_good = is_good && g_ascii_isdigit(version.at[i]);
    for (size_t i = 0; i < encoding.length; i++)
        is_good = is_good && (g_ascii_isalnum(encoding.at[i]) || strchr("._-", encoding.at[i]) != NULL);
    if (!take(scan, SPAN("?>")) || !is_good)
        broken(scan, "the XML declaration is broken");
}

/* Before and after the root element. */
static void take_outside(XmlScan *scan)
{
    bool had_root = false;
    while (!scan->failed && (skip_space(scan), scan->at < scan->end)) {
        if (stands(scan, SPAN("<!DOCTYPE")))
            broken(scan, "it has a DOCTYPE, which no invoice needs and attacks use");
        else if (stands(scan, SPAN("<!--")))
            take_comment(scan);
        else if (stands(scan, SPAN("<?")))
            take_instruction(scan);
        else if (*scan->at == '<' && !had_root) {
            had_root = true;
            take_start_tag(scan);
            take_content(scan);
        } else
            broken(scan, had_root ? "something stands behind the end of the document" : "no element stands at its beginning");
    }
    if (!had_root)
        broken(scan, "no element found");
}

bool xml_scan_run(XmlScan *scan)
{
    take(scan, SPAN("\xEF\xBB\xBF"));
    if (check_characters(scan)) {
        if (stands(scan, SPAN("<?xml")) && scan->end - scan->at > (ptrdiff_t)strlen("<?xml") && is_space(scan->at[strlen("<?xml")]))
            take_declaration(scan);
        take_outside(scan);
    }
    return !scan->failed;
}

XmlScan *xml_scan_new(Span document, const XmlHandler *handler, void *context, GError **error)
{
    XmlScan *scan = g_new0(XmlScan, 1);
    scan->start = scan->at = document.at;
    scan->end = document.at + document.length;
    scan->handler = handler;
    scan->context = context;
    scan->error = error;
    scan->decoded = g_ptr_array_new_with_free_func(g_free);
    return scan;
}

void xml_scan_free(XmlScan *scan)
{
    if (scan == NULL)
        return;
    g_ptr_array_free(scan->decoded, TRUE);
    g_free(scan);
}
