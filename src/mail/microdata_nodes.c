/* HTML → the nodes of its microdata, linear in the length of the HTML.
 *
 * Open elements are kept on a bounded stack, because an unclosed or misnested tag must end where a browser ends it: else a
 * property would belong to another item. The rules are those of the HTML standard (§13.1.2.4 optional tags, §13.2.4.2
 * scopes) without active formatting elements, which do not change what an item holds. */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "microdata.h"

/* ---- Elements ------------------------------------------------------------------------------------------------ */

typedef enum Trait {
    BLOCK = 1,      /* ends an open <p>; an end tag of an inline element does not reach through it */
    PARAGRAPH = 2,
    VOID = 4,       /* has no end tag */
    ITEM = 8,       /* li; as of the next four: one ends the one before it */
    TERM = 16,      /* dd, dt */
    CELL = 32,      /* td, th */
    ROW = 64,       /* tr */
    ROWS = 128,     /* tbody, thead, tfoot */
    TABLE = 256,    /* and what else no end tag of an element outside reaches into */
    LIST = 512,     /* ul, ol, dl, menu, dir */
    LINE_END = 1024, /* parts words, though it is no block */
} Trait;

enum { SPECIAL = BLOCK | CELL | ROW | ROWS | TABLE, PARTS_WORDS = SPECIAL | LINE_END };

/* An element that is not here is inline. */
static const struct Element {
    const char *name;
    unsigned traits;
} elements[] = { /* in strcmp order */
    { "address", BLOCK }, { "applet", TABLE }, { "area", VOID }, { "article", BLOCK }, { "aside", BLOCK }, { "base", VOID },
    { "blockquote", BLOCK }, { "body", BLOCK }, { "br", VOID | LINE_END }, { "button", TABLE }, { "caption", TABLE },
    { "center", BLOCK }, { "col", VOID }, { "dd", BLOCK | TERM }, { "details", BLOCK }, { "dialog", BLOCK },
    { "dir", BLOCK | LIST }, { "div", BLOCK }, { "dl", BLOCK | LIST }, { "dt", BLOCK | TERM }, { "embed", VOID },
    { "fieldset", BLOCK }, { "figcaption", BLOCK }, { "figure", BLOCK }, { "footer", BLOCK }, { "form", BLOCK },
    { "h1", BLOCK }, { "h2", BLOCK }, { "h3", BLOCK }, { "h4", BLOCK }, { "h5", BLOCK }, { "h6", BLOCK },
    { "header", BLOCK }, { "hgroup", BLOCK }, { "hr", BLOCK | VOID }, { "html", TABLE }, { "img", VOID }, { "input", VOID },
    { "keygen", VOID }, { "li", BLOCK | ITEM }, { "link", VOID }, { "main", BLOCK }, { "marquee", TABLE },
    { "menu", BLOCK | LIST }, { "meta", VOID }, { "nav", BLOCK }, { "object", TABLE }, { "ol", BLOCK | LIST },
    { "p", BLOCK | PARAGRAPH }, { "param", VOID }, { "pre", BLOCK }, { "search", BLOCK }, { "section", BLOCK },
    { "source", VOID }, { "summary", BLOCK }, { "table", BLOCK | TABLE }, { "tbody", ROWS }, { "td", CELL },
    { "template", TABLE }, { "tfoot", ROWS }, { "th", CELL }, { "thead", ROWS }, { "tr", ROW }, { "track", VOID },
    { "ul", BLOCK | LIST }, { "wbr", VOID },
};

static unsigned traits_of(Span name)
{
    const struct Element *found = bsearch(&name, elements, G_N_ELEMENTS(elements), sizeof *elements, html_compare_name);
    return found == NULL ? 0 : found->traits;
}

/* ---- Attributes ---------------------------------------------------------------------------------------------- */

typedef enum AttributeName {
    ITEMSCOPE, ITEMPROP, ITEMTYPE, ITEMID, ITEMREF, ID, CONTENT, HREF, SRC, DATA, VALUE, DATETIME, ATTRIBUTE_NAMES
} AttributeName;

static const char *const attribute_names[ATTRIBUTE_NAMES] = {
    [ITEMSCOPE] = "itemscope", [ITEMPROP] = "itemprop", [ITEMTYPE] = "itemtype", [ITEMID] = "itemid", [ITEMREF] = "itemref",
    [ID] = "id", [CONTENT] = "content", [HREF] = "href", [SRC] = "src", [DATA] = "data", [VALUE] = "value",
    [DATETIME] = "datetime",
};

typedef struct Attributes {
    Span value[ATTRIBUTE_NAMES];
    bool has[ATTRIBUTE_NAMES];
} Attributes;

/* The first of a name decides, as in browsers. */
static Attributes read_attributes(Microdata *microdata, Span rest)
{
    Attributes attributes = { 0 };
    for (HtmlAttribute attribute; html_next_attribute(&rest, &attribute); microdata->steps++)
        for (unsigned i = 0; i < ATTRIBUTE_NAMES; i++)
            if (!attributes.has[i] && span_equal_nocase(attribute.name, span_of(attribute_names[i]))) {
                attributes.value[i] = attribute.value;
                attributes.has[i] = true;
            }
    return attributes;
}

/* The attribute that gives an element's value (HTML standard §5.2.4). `content` on other elements than <meta> is not in the
 * standard but in schema.org's own examples, and readers follow it. */
static AttributeName value_attribute(Span element, const Attributes *attributes)
{
    static const struct {
        const char *elements;
        AttributeName attribute;
    } sources[] = {
        { "a area link", HREF },
        { "audio embed iframe img source track video", SRC },
        { "object", DATA },
        { "data meter", VALUE },
        { "time", DATETIME },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        if (attributes->has[sources[i].attribute] && html_is_one_of(element, sources[i].elements))
            return sources[i].attribute;
    return attributes->has[CONTENT] || html_is_one_of(element, "meta") ? CONTENT : ATTRIBUTE_NAMES;
}

/* ---- References ---------------------------------------------------------------------------------------------- */

static int find_reference(const Microdata *microdata, const char *id)
{
    for (unsigned i = 0; i < microdata->reference_count; i++)
        if (strcmp(microdata->references[i].id, id) == 0)
            return (int)i;
    return -1;
}

char **microdata_words(Span attribute, unsigned maximum)
{
    g_autofree char *text = html_decode_entities(attribute, MAIL_TEXT_MAX);
    g_auto(GStrv) split = g_strsplit_set(text, " \t\r\n\f", -1);
    char **words = g_new0(char *, maximum + 1);
    unsigned count = 0;
    for (char **word = split; *word != NULL && count < maximum; word++)
        if (**word != '\0')
            words[count++] = g_strdup(*word);
    return words;
}

/* The first reading: which ids matter at all. True where there is an item. */
static bool collect_references(Microdata *microdata, Span html)
{
    bool has_items = false;
    HtmlTokenizer tokenizer = html_tokenizer(html);
    for (HtmlToken token; html_next(&tokenizer, &token); microdata->steps++) {
        if (token.kind != HTML_START || token.attributes.length == 0)
            continue;
        const Attributes attributes = read_attributes(microdata, token.attributes);
        has_items = has_items || attributes.has[ITEMSCOPE];
        if (!attributes.has[ITEMSCOPE] || !attributes.has[ITEMREF])
            continue;
        g_auto(GStrv) words = microdata_words(attributes.value[ITEMREF], MAIL_MICRODATA_REFERENCES_MAX);
        for (char **word = words; *word != NULL && microdata->reference_count < MAIL_MICRODATA_REFERENCES_MAX; word++)
            if (find_reference(microdata, *word) < 0)
                microdata->references[microdata->reference_count++]
                    = (MicrodataReference){ .id = g_strdup(*word), .node = MICRODATA_NO_NODE };
    }
    return has_items;
}

static uint64_t reference_bits(const Microdata *microdata, Span itemref)
{
    G_STATIC_ASSERT(MAIL_MICRODATA_REFERENCES_MAX <= 64);
    uint64_t bits = 0;
    g_auto(GStrv) words = microdata_words(itemref, MAIL_MICRODATA_REFERENCES_MAX);
    for (char **word = words; *word != NULL; word++) {
        int found = find_reference(microdata, *word);
        bits |= found < 0 ? 0 : UINT64_C(1) << found;
    }
    return bits;
}

/* The reference that this element is the first to answer, or NULL. */
static MicrodataReference *answered_reference(Microdata *microdata, const Attributes *attributes)
{
    if (!attributes->has[ID] || microdata->reference_count == 0)
        return NULL;
    g_autofree char *id = html_decode_entities(attributes->value[ID], MAIL_TEXT_MAX);
    int found = find_reference(microdata, id);
    MicrodataReference *reference = found < 0 ? NULL : &microdata->references[found];
    return reference != NULL && reference->node == MICRODATA_NO_NODE ? reference : NULL;
}

/* ---- Open elements --------------------------------------------------------------------------------------------- */

typedef struct OpenElement {
    Span name;
    unsigned traits;
    int node;
} OpenElement;

typedef struct Reader {
    Microdata *microdata;
    OpenElement open[MAIL_MICRODATA_OPEN_MAX];
    unsigned depth;
    unsigned capturing; /* open properties whose value is their text */
    size_t too_deep;    /* start tags beyond the stack, not yet ended */
} Reader;

static MicrodataNode *node_at(const Reader *reader, int node)
{
    return &g_array_index(reader->microdata->nodes, MicrodataNode, node);
}

static bool takes_text(const MicrodataNode *node)
{
    return node->is_property && !node->is_item && !node->has_attribute;
}

static void close_node(Reader *reader, int index)
{
    if (index == MICRODATA_NO_NODE)
        return;
    Microdata *microdata = reader->microdata;
    MicrodataNode *node = node_at(reader, index);
    node->end = microdata->nodes->len;
    if (!takes_text(node))
        return;
    reader->capturing--;
    node->text_end = microdata->text.length;
    node->is_cut = microdata->text.overflowed;
}

static void pop_to(Reader *reader, unsigned depth)
{
    while (reader->depth > depth)
        close_node(reader, reader->open[--reader->depth].node);
}

/* What a start tag ends, and what it never reaches through. */
static void close_implied(Reader *reader, unsigned traits)
{
    static const struct {
        unsigned starts, ends, stops;
    } rules[] = {
        { BLOCK, PARAGRAPH, TABLE | CELL },
        { ITEM, ITEM, LIST | TABLE | CELL },
        { TERM, TERM, LIST | TABLE | CELL },
        { CELL, CELL, ROW | TABLE },
        { ROW, ROW, TABLE },
        { ROWS, ROWS, TABLE },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if ((traits & rules[i].starts) == 0)
            continue;
        for (unsigned at = reader->depth; at > 0; at--, reader->microdata->steps++) {
            unsigned open = reader->open[at - 1].traits;
            if ((open & rules[i].ends) != 0)
                pop_to(reader, at - 1);
            if ((open & (rules[i].ends | rules[i].stops)) != 0)
                break;
        }
    }
}

static unsigned stops_of(unsigned end_traits)
{
    if ((end_traits & (CELL | ROW | ROWS | TABLE)) != 0)
        return TABLE;
    return (end_traits & BLOCK) != 0 ? TABLE | CELL : SPECIAL;
}

static void part_words(Reader *reader, unsigned traits)
{
    if (reader->capturing > 0 && (traits & PARTS_WORDS) != 0)
        buffer_append_byte(&reader->microdata->text, ' ');
}

static void read_end(Reader *reader, Span name)
{
    unsigned traits = traits_of(name);
    part_words(reader, traits);
    if (reader->too_deep > 0) {
        reader->too_deep--;
        return;
    }
    unsigned stops = stops_of(traits);
    for (unsigned at = reader->depth; at > 0; at--, reader->microdata->steps++) {
        if (span_equal_nocase(reader->open[at - 1].name, name)) {
            pop_to(reader, at - 1);
            return;
        }
        if ((reader->open[at - 1].traits & stops) != 0)
            return;
    }
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------- */

/* The element's node, or MICRODATA_NO_NODE where it is none or there are too many. */
static int add_node(Reader *reader, Span name, const Attributes *attributes)
{
    Microdata *microdata = reader->microdata;
    MicrodataReference *reference = answered_reference(microdata, attributes);
    if ((!attributes->has[ITEMSCOPE] && !attributes->has[ITEMPROP] && reference == NULL)
        || microdata->nodes->len >= MAIL_MICRODATA_NODES_MAX)
        return MICRODATA_NO_NODE;
    AttributeName value = value_attribute(name, attributes);
    MicrodataNode node = {
        .names = attributes->value[ITEMPROP],
        .types = attributes->value[ITEMTYPE],
        .id = attributes->value[ITEMID],
        .is_item = attributes->has[ITEMSCOPE],
        .is_property = attributes->has[ITEMPROP],
        .has_attribute = value != ATTRIBUTE_NAMES,
        .attribute = value != ATTRIBUTE_NAMES ? attributes->value[value] : SPAN_EMPTY,
        .text_start = microdata->text.length,
    };
    if (node.is_item && attributes->has[ITEMREF])
        node.references = reference_bits(microdata, attributes->value[ITEMREF]);
    reader->capturing += takes_text(&node);
    g_array_append_val(microdata->nodes, node);
    int index = (int)microdata->nodes->len - 1;
    if (reference != NULL)
        reference->node = index;
    return index;
}

static void read_start(Reader *reader, const HtmlToken *token)
{
    unsigned traits = traits_of(token->name);
    part_words(reader, traits);
    bool is_void = (traits & VOID) != 0;
    /* Inside what is too deep nothing counts: it would be taken for a property of an item further out. */
    if (reader->too_deep > 0 || (!is_void && reader->depth == MAIL_MICRODATA_OPEN_MAX)) {
        reader->too_deep += !is_void;
        return;
    }
    close_implied(reader, traits);
    const Attributes attributes = read_attributes(reader->microdata, token->attributes);
    int node = add_node(reader, token->name, &attributes);
    if (is_void)
        close_node(reader, node);
    else
        reader->open[reader->depth++] = (OpenElement){ token->name, traits, node };
}

static void read_text(Reader *reader, Span text)
{
    if (reader->capturing == 0)
        return;
    g_autofree char *decoded = html_decode_entities(text, text.length);
    buffer_append_text(&reader->microdata->text, decoded);
}

/* Most mail holds no microdata, and this is far quicker than a tokenizer. */
static bool may_hold_items(Span html)
{
    for (size_t i = 0; i < html.length; i++)
        if ((html.at[i] == 'i' || html.at[i] == 'I')
            && span_starts_with_nocase(span_slice(html, i, html.length), SPAN("itemscope")))
            return true;
    return false;
}

void microdata_read_nodes(Microdata *microdata, Span html)
{
    if (!may_hold_items(html) || !collect_references(microdata, html))
        return;
    Reader reader = { .microdata = microdata };
    HtmlTokenizer tokenizer = html_tokenizer(html);
    for (HtmlToken token; html_next(&tokenizer, &token); microdata->steps++) {
        switch (token.kind) {
        case HTML_TEXT: read_text(&reader, token.text); break;
        case HTML_START: read_start(&reader, &token); break;
        case HTML_END: read_end(&reader, token.name); break;
        case HTML_RAW: break; /* scripts and styles are no text for anybody */
        }
    }
    pop_to(&reader, 0);
}

void microdata_init(Microdata *microdata)
{
    *microdata = (Microdata){
        .nodes = g_array_new(FALSE, FALSE, sizeof(MicrodataNode)),
        .text = BUFFER_INIT(MAIL_MICRODATA_TEXT_MAX),
    };
}

void microdata_done(Microdata *microdata)
{
    g_array_unref(microdata->nodes);
    buffer_done(&microdata->text);
    for (unsigned i = 0; i < microdata->reference_count; i++)
        g_free(microdata->references[i].id);
}
