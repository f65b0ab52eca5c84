/* Reading XML invoices of every format (formats.md). Runs only in the jail and in tests. */
#pragma once

#include "invoice/invoice.h"

/* Chooses the format by the root element's namespace, never by file name or media type. Appends every invoice of the
 * document to `invoices` (Invoice *), at most LIMIT_INVOICES_PER_MESSAGE in all. False and `error`: BAD_INPUT (a DOCTYPE,
 * not well-formed, no invoice in it), LIMIT, or NOT_FOUND (a root of no known format). *ret_format is the format's name
 * where the root was known, also on failure; else NULL. */
bool invoice_read_xml(Span document, InvoiceSource source, GPtrArray *invoices, const char **ret_format, GError **error);

/* Builds the formats' tables, so that a child forked later finds them ready. */
void invoice_xml_warm_up(void);

/* The formats' names in order; NULL past the last one. */
const char *invoice_xml_format_name(unsigned index);
