/* What can be judged from the invoice alone. */
#pragma once

#include "invoice/invoice.h"

/* Chooses the kind by type code, means of payment and sign, where the reader has not, and notes what is missing,
 * contradictory, or leaves nothing to pay, once all fields are read. */
void invoice_check_claims(Invoice *invoice);
/* The same for a document of an XML format, with its kind, arithmetic and identifiers before it. `lines_sum` is the sum of
 * all lines (also of those not kept), unknown where it cannot be told. */
void invoice_check_document(Invoice *invoice, Decimal lines_sum);
