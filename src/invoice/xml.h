/* XML → terms, by the scanner (xml_scan.h) and one table of paths for each format. No tree is built.
 *
 * Refused as a whole, with line and reason: DOCTYPE, more than XML_DEPTH_MAX levels or XML_ATTRIBUTES_MAX attributes, and
 * what is not well-formed. Elements in a namespace that is not the format's are passed over with all they hold. */
#pragma once

#include "draft.h"

typedef struct XmlRule {
    const char *path; /* local names from the element around: "cac/cbc" without prefixes, "a/@attribute"; NULL ends */
    int term;         /* a Term: a group is opened and closed with the element, any other gets its text */
    const struct XmlRule *inside; /* rules for what stands inside, or NULL */
} XmlRule;

/* For formats whose namespace has no other document. */
#define XML_ANY_ROOT "*"

typedef struct XmlFormat {
    const char *name;              /* "UBL Invoice" */
    const char *root;              /* local name, or XML_ANY_ROOT */
    const char *root_namespace;    /* all of it, or its beginning where it ends with '*'; several with a space between */
    const char *const *namespaces; /* of the elements inside, beside the root's own; "" is none; NULL ends */
    const XmlRule *rules;          /* from the root element */
    DraftFinish finish;
} XmlFormat;

/* Reads the document as the first format of the list (NULL ends) whose root it has. Appends to `invoices`.
 * False and `error`: BAD_INPUT (not well-formed, a DOCTYPE, no invoice in it), LIMIT,
 * or NOT_FOUND (a root of no known format). *ret_format is
 * the format's name where the root was known, also on failure; else NULL. */
bool xml_read(Span document, const XmlFormat *const *formats, InvoiceSource source, GPtrArray *invoices,
    const char **ret_format, GError **error);

/* Compiles the tables of these formats for the life of the process; xml_read does it otherwise at first use. */
void xml_warm_up(const XmlFormat *const *formats);
