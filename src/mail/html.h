/* HTML tokens, linear in the length of the text: no tree is built, nothing is read twice (formats.md, "HTML"). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"

typedef enum HtmlKind {
    HTML_TEXT,  /* `text`: characters with entities */
    HTML_START, /* `name`, `attributes` */
    HTML_END,   /* `name` */
    HTML_RAW,   /* `text`: the inside of a raw-text element (script, style, title …), after its HTML_START */
} HtmlKind; /* comments, declarations and instructions are left out */

typedef struct HtmlToken {
    HtmlKind kind;
    Span name;       /* as written: compare without case */
    Span attributes; /* for html_next_attribute */
    Span text;
    bool closes_itself; /* "<br/>" */
} HtmlToken;

typedef struct HtmlTokenizer {
    Span rest;
    Span raw_name; /* the raw-text element that was just opened, else empty */
} HtmlTokenizer;

HtmlTokenizer html_tokenizer(Span html);
/* False at the end. A tag that never ends is the end, as in browsers. */
bool html_next(HtmlTokenizer *tokenizer, HtmlToken *ret_token);

typedef struct HtmlAttribute {
    Span name;
    Span value; /* entities not decoded; empty where there is none */
} HtmlAttribute;
bool html_next_attribute(Span *attributes, HtmlAttribute *ret_attribute);

/* Entities decoded (HTML 4's names, decimal and hexadecimal numbers), at most `maximum` bytes of result. */
char *html_decode_entities(Span text, size_t maximum);
/* Decodes the entity at the front ("&amp;"); returns the bytes it takes, 0 where it is none. `utf8` gets at most 6 bytes
 * and a NUL. */
size_t html_read_entity(Span text, char utf8[7]);

/* The text a reader sees, as one clean line of at most `maximum` characters. */
char *html_to_text(Span html, size_t maximum);
/* The charset of a <meta> in the first 1,024 bytes, or NULL. Newly allocated. */
char *html_declared_charset(Span html);

/* True where the span is one of the lower-case words, one space between them, in any case. For short lists. */
bool html_is_one_of(Span name, const char *words);
/* For bsearch in a sorted table whose entries start with a `const char *` in lower case: a Span * against an entry, in
 * any case. */
int html_compare_name(const void *key, const void *entry);
