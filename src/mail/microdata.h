/* Microdata of HTML in two steps: the elements that matter, flat and in document order (microdata_nodes.c); then items
 * with their properties (microdata.c). No tree of the document is built. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "limits.h"

/* One element with itemscope, itemprop or an id that some itemref names. What stands inside it are the nodes behind it up
 * to `end`. Spans are attributes as written, entities not decoded. */
typedef struct MicrodataNode {
    Span names;     /* itemprop */
    Span types;     /* itemtype */
    Span id;        /* itemid */
    Span attribute; /* the value, where an attribute gives it */
    size_t text_start, text_end; /* else the value in Microdata.text */
    uint64_t references; /* itemref: bit i is references[i] */
    unsigned end;
    unsigned seen; /* the crawl that met it last */
    bool is_item, is_property;
    bool has_attribute;
    bool is_cut; /* its text was longer than the limit: no value rather than half of one */
} MicrodataNode;

enum { MICRODATA_NO_NODE = -1 };

typedef struct MicrodataReference {
    char *id;
    int node; /* the first element with that id, or MICRODATA_NO_NODE */
} MicrodataReference;

typedef struct Microdata {
    GArray *nodes; /* MicrodataNode */
    Buffer text;   /* of all properties whose value is their text */
    MicrodataReference references[MAIL_MICRODATA_REFERENCES_MAX];
    unsigned reference_count;
    size_t steps; /* tokens, attributes, open elements and nodes looked at: what the time grows with */
} Microdata;

void microdata_init(Microdata *microdata);
void microdata_done(Microdata *microdata);
#define MICRODATA_AUTO __attribute__((cleanup(microdata_done))) Microdata

/* The words of an attribute that is a list of them, at most `maximum`. Newly allocated. */
char **microdata_words(Span attribute, unsigned maximum);

/* Fills the nodes; none where the HTML holds no itemscope. */
void microdata_read_nodes(Microdata *microdata, Span html);
/* The items of the nodes, as mail_html_microdata gives them. */
json_t *microdata_items(Microdata *microdata);
