/* The nodes of microdata → items as JSON-LD has them (HTML standard §5.2.5 "crawl", §5.4 "items as JSON"). */
#include "microdata.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "html.h"
#include "mail/mail.h"

/* One item whose properties are being written. */
typedef struct Frame {
    unsigned item;    /* its node */
    json_t *object;   /* borrowed from what stands around it */
    GArray *found;    /* unsigned: the nodes of its properties, in document order */
    unsigned next;
} Frame;

typedef struct Writer {
    Microdata *microdata;
    Frame frames[MAIL_MICRODATA_DEPTH_MAX]; /* from the item down to the one inside it, … */
    unsigned depth;
    unsigned crawls;
    size_t visits;
    size_t bytes; /* of values so far */
} Writer;

static MicrodataNode *node_at(const Writer *writer, unsigned index)
{
    return &g_array_index(writer->microdata->nodes, MicrodataNode, index);
}

/* ---- Values ------------------------------------------------------------------------------------------------- */

/* Text within what may be written in all, or NULL. */
static json_t *bounded_text(Writer *writer, Span text)
{
    if (text.length > MAIL_MICRODATA_VALUE_MAX)
        return NULL;
    writer->bytes += text.length;
    if (writer->bytes > MAIL_MICRODATA_BYTES_MAX)
        return NULL;
    g_autofree char *clean = text_clean(text, MAIL_MICRODATA_VALUE_MAX);
    return json_string(clean);
}

static json_t *attribute_text(Writer *writer, Span attribute)
{
    if (attribute.length > MAIL_MICRODATA_VALUE_MAX || writer->bytes > MAIL_MICRODATA_BYTES_MAX)
        return NULL;
    g_autofree char *decoded = html_decode_entities(attribute, attribute.length);
    writer->bytes += attribute.length - strlen(decoded); /* what was looked at counts, not what it came to */
    return bounded_text(writer, span_of(decoded));
}

static json_t *property_text(Writer *writer, const MicrodataNode *node)
{
    if (node->has_attribute)
        return attribute_text(writer, node->attribute);
    if (node->is_cut)
        return NULL;
    return bounded_text(writer, span_slice(buffer_span(&writer->microdata->text), node->text_start, node->text_end));
}

/* A second value of the same name makes a list of them. */
static void add_value(json_t *object, const char *name, json_t *value)
{
    json_t *there = json_object_get(object, name);
    if (there == NULL) {
        json_object_set(object, name, value);
    } else if (json_is_array(there)) {
        json_array_append(there, value);
    } else {
        json_t *list = json_array();
        json_array_append(list, there);
        json_array_append(list, value);
        json_object_set_new(object, name, list);
    }
}

static bool is_fit_name(const json_t *object, const char *name)
{
    /* Cards name their type a second time as a property; JSON-LD's other keywords would be read as such. */
    if (name[0] == '@')
        return strcmp(name, "@type") == 0 && json_object_get(object, name) == NULL;
    return name[0] != '\0' && strlen(name) <= MAIL_MICRODATA_NAME_MAX && text_is_clean(span_of(name), MAIL_MICRODATA_NAME_MAX);
}

/* False where no name is fit. An item is added under its first name only: one object in several places, level below level,
 * would be a tree of exponential size to whoever walks it. */
static bool add_property(json_t *object, Span names, json_t *value)
{
    bool is_added = false, is_item = json_is_object(value);
    g_auto(GStrv) words = microdata_words(names, MAIL_MICRODATA_WORDS_MAX);
    for (char **word = words; value != NULL && *word != NULL && !(is_item && is_added); word++)
        if (is_fit_name(object, *word)) {
            add_value(object, *word, value);
            is_added = true;
        }
    return is_added;
}

/* ---- Items -------------------------------------------------------------------------------------------------- */

static json_t *new_item(Writer *writer, const MicrodataNode *node)
{
    json_t *object = json_object();
    g_auto(GStrv) types = microdata_words(node->types, MAIL_MICRODATA_WORDS_MAX);
    for (char **type = types; *type != NULL; type++) {
        json_t *text = bounded_text(writer, span_of(*type));
        if (text != NULL)
            add_value(object, "@type", text);
        json_decref(text);
    }
    if (node->id.length > 0)
        json_object_set_new(object, "@id", attribute_text(writer, node->id));
    return object;
}

/* Notes the properties among the nodes from `start` to `end` that belong to the item, each node once in one crawl. */
static void crawl_nodes(Writer *writer, unsigned item, unsigned start, unsigned end, GArray *found)
{
    for (unsigned i = start; i < end && writer->visits < MAIL_MICRODATA_VISITS_MAX; writer->visits++) {
        MicrodataNode *node = node_at(writer, i);
        bool is_new = i != item && node->seen != writer->crawls;
        node->seen = writer->crawls;
        if (is_new && node->is_property)
            g_array_append_val(found, i);
        i = node->is_item ? node->end : i + 1;
    }
}

static int compare_numbers(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    return (a > b) - (a < b);
}

static GArray *crawl(Writer *writer, unsigned item)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(unsigned));
    const MicrodataNode *node = node_at(writer, item);
    writer->crawls++;
    crawl_nodes(writer, item, item + 1, node->end, found);
    for (unsigned i = 0; i < writer->microdata->reference_count; i++) {
        int referred = writer->microdata->references[i].node;
        if ((node->references >> i & 1) != 0 && referred != MICRODATA_NO_NODE)
            crawl_nodes(writer, item, (unsigned)referred, node_at(writer, (unsigned)referred)->end, found);
    }
    if (node->references != 0)
        g_array_sort(found, compare_numbers);
    return found;
}

/* True where the item may be written now: not one that is being written further out (a loop of references). */
static bool may_enter(const Writer *writer, unsigned item)
{
    for (unsigned i = 0; i < writer->depth; i++)
        if (writer->frames[i].item == item)
            return false;
    return writer->depth < MAIL_MICRODATA_DEPTH_MAX && writer->visits < MAIL_MICRODATA_VISITS_MAX
        && writer->bytes <= MAIL_MICRODATA_BYTES_MAX;
}

static void enter(Writer *writer, unsigned item, json_t *object)
{
    writer->frames[writer->depth++] = (Frame){ .item = item, .object = object, .found = crawl(writer, item) };
}

static void write_property(Writer *writer, const Frame *frame, unsigned index)
{
    const MicrodataNode *node = node_at(writer, index);
    json_t *value = NULL;
    if (!node->is_item)
        value = property_text(writer, node);
    else if (may_enter(writer, index))
        value = new_item(writer, node);
    bool is_kept = add_property(frame->object, node->names, value);
    json_decref(value);
    if (is_kept && node->is_item)
        enter(writer, index, value); /* the object around it holds it */
}

/* One item with all that stands in it; by a stack of its own, never by recursion. */
static json_t *write_item(Writer *writer, unsigned item)
{
    json_t *object = new_item(writer, node_at(writer, item));
    enter(writer, item, object);
    while (writer->depth > 0) {
        Frame *frame = &writer->frames[writer->depth - 1];
        if (frame->next < frame->found->len) {
            write_property(writer, frame, g_array_index(frame->found, unsigned, frame->next++));
        } else {
            g_array_unref(frame->found);
            writer->depth--;
        }
    }
    return object;
}

json_t *microdata_items(Microdata *microdata)
{
    json_t *items = json_array();
    Writer writer = { .microdata = microdata };
    for (unsigned i = 0; i < microdata->nodes->len && json_array_size(items) < MAIL_MICRODATA_ITEMS_MAX; i++) {
        const MicrodataNode *node = node_at(&writer, i);
        if (!node->is_item || node->is_property || !may_enter(&writer, i))
            continue;
        json_t *item = write_item(&writer, i);
        if (json_object_get(item, "@type") != NULL) /* without one nobody knows what it is */
            json_array_append(items, item);
        json_decref(item);
    }
    microdata->steps += writer.visits;
    return items;
}

json_t *mail_html_microdata(Span html)
{
    MICRODATA_AUTO microdata;
    microdata_init(&microdata);
    microdata_read_nodes(&microdata, html);
    return microdata_items(&microdata);
}
