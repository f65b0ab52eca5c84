/* A document's elements through one format's table.
 *
 * The table is compiled once into places: each element that matters is a place with its parent, its term and group. While
 * reading, a stack of places follows the open elements; an element without a place is passed over by counting levels. */
#include "xml.h"

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "limits.h"
#include "mail/mail.h"
#include "no_invoice.h"
#include "xml_scan.h"

/* ---- Compiled tables -------------------------------------------------------------------------------------------- */

enum { PLACE_ROOT, PLACE_NONE = UINT16_MAX };

typedef struct Place {
    Span name; /* '@' at the front of an attribute's */
    uint16_t first_child, next;
    bool has_attributes; /* some child is an attribute */
    Term group, term;
} Place;

typedef struct Plan {
    const XmlFormat *format;
    GArray *places; /* Place; the first is the root */
} Plan;

static uint16_t add_place(GArray *places, uint16_t parent, Span name)
{
    uint16_t *last = &g_array_index(places, Place, parent).first_child;
    while (*last != PLACE_NONE) {
        Place *child = &g_array_index(places, Place, *last);
        if (span_equal(child->name, name))
            return *last;
        last = &child->next;
    }
    g_assert(places->len < PLACE_NONE);
    uint16_t added = (uint16_t)places->len;
    *last = added;
    if (name.at[0] == '@')
        g_array_index(places, Place, parent).has_attributes = true;
    const Place place = { .name = name, .first_child = PLACE_NONE, .next = PLACE_NONE };
    g_array_append_val(places, place);
    return added;
}

/* Recursive over our own tables, never over a document. */
static void add_rules(GArray *places, uint16_t around, const XmlRule *rules)
{
    for (const XmlRule *rule = rules; rule->path != NULL; rule++) {
        uint16_t at = around;
        Span rest = span_of(rule->path), name;
        while (span_cut(&rest, '/', &name))
            at = add_place(places, at, name);
        Place *place = &g_array_index(places, Place, at);
        if (rule->term > TERM_NONE && rule->term <= GROUP_LAST)
            place->group = (Term)rule->term;
        else if (rule->term != TERM_NONE)
            place->term = (Term)rule->term;
        if (rule->inside != NULL)
            add_rules(places, at, rule->inside);
    }
}

enum { PLANS_MAX = 32 };

/* The jail's child has one thread and the warm parent compiles all before it forks. */
static Plan plans[PLANS_MAX];

static const Plan *plan_of(const XmlFormat *format)
{
    size_t i = 0;
    while (i < PLANS_MAX && plans[i].format != NULL && plans[i].format != format)
        i++;
    g_assert(i < PLANS_MAX);
    if (plans[i].format == NULL) {
        GArray *places = g_array_new(FALSE, FALSE, sizeof(Place));
        const Place root = { .name = span_of(format->root), .first_child = PLACE_NONE, .next = PLACE_NONE };
        g_array_append_val(places, root);
        add_rules(places, PLACE_ROOT, format->rules);
        plans[i] = (Plan){ format, places };
    }
    return &plans[i];
}

void xml_warm_up(const XmlFormat *const *formats)
{
    for (; *formats != NULL; formats++)
        plan_of(*formats);
}

static uint16_t find_child(const Plan *plan, uint16_t parent, Span name)
{
    const Place *places = (const Place *)plan->places->data;
    uint16_t at = places[parent].first_child;
    while (at != PLACE_NONE
        && (places[at].name.length != name.length || memcmp(places[at].name.at, name.at, name.length) != 0))
        at = places[at].next;
    return at;
}

/* ---- Reading ------------------------------------------------------------------------------------------------------- */

/* Namespaces of elements seen, and whether they are the format's. */
enum { NAMESPACES_KNOWN = 4 };

typedef struct KnownNamespace {
    Span namespace;
    bool belongs;
} KnownNamespace;

typedef struct XmlReading {
    XmlScan *scan;
    const XmlFormat *const *formats;
    InvoiceSource source;
    GPtrArray *invoices;
    const char **ret_format;

    const Plan *plan;
    Draft *draft;
    KnownNamespace known[NAMESPACES_KNOWN];
    unsigned known_next;
    uint16_t stack[XML_DEPTH_MAX]; /* places of the open elements that matter */
    unsigned depth, passed_over;   /* open elements of either kind */
    Buffer text;                   /* of the innermost place, where it has a term */
} XmlReading;

static bool is_root_of(const XmlFormat *format, XmlName name)
{
    if (strcmp(format->root, XML_ANY_ROOT) != 0 && !span_equal(name.local, span_of(format->root)))
        return false;
    Span rest = span_of(format->root_namespace), expected;
    bool fits = false;
    while (!fits && span_cut(&rest, ' ', &expected)) {
        bool is_prefix = expected.length > 0 && expected.at[expected.length - 1] == '*';
        expected = span_slice(expected, 0, expected.length - is_prefix);
        fits = is_prefix ? span_starts_with(name.namespace, expected) : span_equal(name.namespace, expected);
    }
    return fits;
}

static bool find_namespace(const XmlFormat *format, Span namespace)
{
    for (const char *const *known = format->namespaces; *known != NULL; known++)
        if (span_equal(namespace, span_of(*known)))
            return true;
    return false;
}

/* One declaration's namespace has one address: it is compared once. */
static bool belongs(XmlReading *reading, Span namespace)
{
    for (size_t i = 0; i < NAMESPACES_KNOWN; i++)
        if (reading->known[i].namespace.at == namespace.at && reading->known[i].namespace.length == namespace.length)
            return reading->known[i].belongs;
    KnownNamespace known = { namespace, find_namespace(reading->plan->format, namespace) };
    reading->known[reading->known_next++ % NAMESPACES_KNOWN] = known;
    return known.belongs;
}

static void put_attribute(XmlReading *reading, const Place *place, const XmlAttribute *attribute)
{
    buffer_clear(&reading->text);
    xml_attribute_value(attribute->raw, &reading->text);
    draft_put(reading->draft, place->term, buffer_span(&reading->text), attribute->name.local);
    buffer_clear(&reading->text);
}

static void put_attributes(XmlReading *reading, uint16_t at, const XmlAttribute *attributes, unsigned count)
{
    const Place *places = (const Place *)reading->plan->places->data;
    for (uint16_t child = places[at].first_child; child != PLACE_NONE; child = places[child].next)
        for (unsigned i = 0; places[child].name.at[0] == '@' && i < count; i++)
            if (attributes[i].name.namespace.length == 0
                && span_equal(attributes[i].name.local, span_slice(places[child].name, 1, places[child].name.length)))
                put_attribute(reading, &places[child], &attributes[i]);
}

static void enter(XmlReading *reading, uint16_t at, const XmlAttribute *attributes, unsigned count)
{
    const Place *place = &g_array_index(reading->plan->places, Place, at);
    reading->stack[reading->depth++] = at;
    buffer_clear(&reading->text);
    if (place->group != TERM_NONE)
        draft_open(reading->draft, place->group);
    if (place->has_attributes)
        put_attributes(reading, at, attributes, count);
}

static void refuse_root(XmlReading *reading, XmlName name)
{
    enum { NAME_SHOWN_MAX = 100, NAMESPACE_SHOWN_MAX = 200 };
    const char *kind = no_invoice_kind(name.namespace);
    g_autofree char *text = kind != NULL
        ? g_strdup_printf("it is %s, not an invoice", kind)
        : g_strdup_printf("the root element %.*s%s%.*s%s is of no invoice format that is read here",
              (int)MIN(name.local.length, NAME_SHOWN_MAX), name.local.at, name.namespace.length > 0 ? " (" : "",
              (int)MIN(name.namespace.length, NAMESPACE_SHOWN_MAX), name.namespace.at, name.namespace.length > 0 ? ")" : "");
    xml_scan_stop(reading->scan, SALDO_ERROR_NOT_FOUND, text);
}

static void begin_root(XmlReading *reading, XmlName name, const XmlAttribute *attributes, unsigned count)
{
    const XmlFormat *const *format = reading->formats;
    while (*format != NULL && !is_root_of(*format, name))
        format++;
    if (*format == NULL) {
        refuse_root(reading, name);
        return;
    }
    *reading->ret_format = (*format)->name;
    reading->plan = plan_of(*format);
    reading->draft = draft_new(reading->source, (*format)->name, (*format)->finish, reading->invoices);
    enter(reading, PLACE_ROOT, attributes, count);
}

static void on_start(void *context, XmlName name, const XmlAttribute *attributes, unsigned count)
{
    XmlReading *reading = context;
    if (reading->depth == 0) {
        begin_root(reading, name, attributes, count);
        return;
    }
    uint16_t child = PLACE_NONE;
    if (reading->passed_over == 0)
        child = find_child(reading->plan, reading->stack[reading->depth - 1], name.local);
    if (child != PLACE_NONE && belongs(reading, name.namespace))
        enter(reading, child, attributes, count);
    else
        reading->passed_over++;
}

static void on_end(void *context)
{
    XmlReading *reading = context;
    if (reading->passed_over > 0) {
        reading->passed_over--;
        return;
    }
    const Place *place = &g_array_index(reading->plan->places, Place, reading->stack[--reading->depth]);
    if (place->term != TERM_NONE)
        draft_put(reading->draft, place->term, buffer_span(&reading->text), place->name);
    if (place->group != TERM_NONE)
        draft_close(reading->draft, place->group);
    buffer_clear(&reading->text);
}

static void on_text(void *context, Span text)
{
    XmlReading *reading = context;
    if (reading->passed_over > 0)
        return;
    const Place *place = &g_array_index(reading->plan->places, Place, reading->stack[reading->depth - 1]);
    if (place->term == TERM_NONE)
        return;
    size_t left = XML_TEXT_BYTES_MAX - reading->text.length; /* more than any member keeps */
    buffer_append(&reading->text, span_slice(text, 0, left));
}

static const XmlHandler handler = { on_start, on_end, on_text };

/* ---- Encodings --------------------------------------------------------------------------------------------------------- */

/* UTF-16 by its mark, or by how every document begins; NULL for any other. */
static const char *utf16_kind(Span document)
{
    if (span_starts_with(document, SPAN("\xFF\xFE")) || span_starts_with(document, SPAN("<\0")))
        return "utf-16le";
    if (span_starts_with(document, SPAN("\xFE\xFF")) || span_starts_with(document, SPAN("\0<")))
        return "utf-16be";
    return NULL;
}

/* The encoding that the declaration names; newly allocated, NULL for UTF-8. */
static char *declared_encoding(Span document)
{
    enum { DECLARATION_MAX = 200 };
    Span head = span_slice(document, 0, DECLARATION_MAX);
    if (!span_starts_with(head, SPAN("<?xml")))
        return NULL;
    head = span_slice(head, 0, span_find(head, SPAN("?>")));
    size_t at = span_find(head, SPAN("encoding"));
    Span rest = span_slice(head, at, head.length);
    size_t quote = MIN(span_find_byte(rest, '"'), span_find_byte(rest, '\''));
    if (quote == rest.length)
        return NULL;
    Span name = span_slice(rest, quote + 1, rest.length);
    name = span_slice(name, 0, span_find_byte(name, rest.at[quote]));
    return span_equal_nocase(name, SPAN("utf-8")) || span_equal_nocase(name, SPAN("us-ascii")) ? NULL : span_to_text(name);
}

/* The document as UTF-8: *ret_decoded is newly allocated, or NULL where it is UTF-8 already. */
static bool decode(Span document, char **ret_decoded, GError **error)
{
    enum { MARK_BYTES = 2 };
    const char *utf16 = utf16_kind(document);
    if (utf16 != NULL) {
        bool has_mark = (unsigned char)document.at[0] >= 0xFE;
        *ret_decoded = mail_charset_to_utf8(span_slice(document, has_mark ? MARK_BYTES : 0, document.length), utf16);
        return true;
    }
    g_autofree char *label = declared_encoding(document);
    bool is_wide = label != NULL && (g_ascii_strncasecmp(label, "utf-16", 6) == 0 || g_ascii_strncasecmp(label, "utf-32", 6) == 0);
    if (label != NULL && (is_wide || !mail_charset_is_known(label))) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "its encoding \"%.40s\" is not %s", label,
            is_wide ? "the one that it is written in" : "one that is read here");
        return false;
    }
    *ret_decoded = label == NULL ? NULL : mail_charset_to_utf8(document, label);
    return true;
}

/* ---- The whole --------------------------------------------------------------------------------------------------------- */

static bool run(XmlReading *reading, Span document, GError **error)
{
    g_autoptr(XmlScan) scan = reading->scan = xml_scan_new(document, &handler, reading, error);
    if (!xml_scan_run(scan))
        return false;
    bool has_invoice = draft_end(reading->draft);
    if (!has_invoice)
        xml_scan_stop(scan, SALDO_ERROR_BAD_INPUT, "there is no invoice in the document");
    return has_invoice;
}

bool xml_read(Span document, const XmlFormat *const *formats, InvoiceSource source, GPtrArray *invoices,
    const char **ret_format, GError **error)
{
    *ret_format = NULL;
    unsigned before = invoices->len;
    g_autofree char *decoded = NULL;
    if (!decode(document, &decoded, error))
        return false;
    XmlReading reading = { .formats = formats, .source = source, .invoices = invoices, .ret_format = ret_format,
        .text = BUFFER_INIT(XML_TEXT_BYTES_MAX) };
    bool read = run(&reading, decoded == NULL ? document : span_of(decoded), error);
    if (!read)
        g_ptr_array_set_size(invoices, (int)before); /* half a document is no invoice */
    draft_free(reading.draft);
    buffer_done(&reading.text);
    return read;
}
