/* A strict scanner of XML 1.0 (fifth edition) with Namespaces 1.0: UTF-8 without DOCTYPE, which is all that an invoice may be.
 *
 * No tree and no copies: names and texts are spans of the document. Well-formedness is checked in full; what is not
 * well-formed ends the scan. That it reads the same as expat is what xml_scan_fuzz.c proves. */
#pragma once

#include <glib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/span.h"

typedef struct XmlName {
    Span namespace; /* empty: none. Two equal namespaces of one declaration have the same `at` */
    Span local;
} XmlName;

typedef struct XmlAttribute {
    XmlName name;
    Span raw; /* the value as written: xml_attribute_value gives its text */
} XmlAttribute;

typedef struct XmlScan XmlScan;

/* Declarations of namespaces are no attributes here. A text may come in several pieces. */
typedef struct XmlHandler {
    void (*on_start)(void *context, XmlName name, const XmlAttribute *attributes, unsigned attribute_count);
    void (*on_end)(void *context);
    void (*on_text)(void *context, Span text);
} XmlHandler;

XmlScan *xml_scan_new(Span document, const XmlHandler *handler, void *context, GError **error);
void xml_scan_free(XmlScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XmlScan, xml_scan_free)

/* The whole document. False and `error`, with the line: BAD_INPUT, LIMIT (XML_DEPTH_MAX, XML_ATTRIBUTES_MAX,
 * XML_NAMESPACES_MAX), or what a handler gave to xml_scan_stop. */
bool xml_scan_run(XmlScan *scan);

/* For handlers: the scan ends with this error. Only the first one counts. */
void xml_scan_stop(XmlScan *scan, SaldoError code, const char *text);

/* Appends the value, references resolved, white space as spaces. */
void xml_attribute_value(Span raw, Buffer *value);
