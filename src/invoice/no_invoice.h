/* XML documents that travel with invoices and are none: known by name, so that people are told what came instead. */
#pragma once

#include "base/span.h"

/* "an order (Order-X)" for the namespace of such a root element, NULL for any other. Static text. */
const char *no_invoice_kind(Span root_namespace);
