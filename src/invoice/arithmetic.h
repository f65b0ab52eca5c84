/* EN 16931's arithmetic: do a document's own numbers agree with each other? */
#pragma once

#include "invoice/invoice.h"

/* One check for each rule that fails, named by its number ("BR-CO-16"): INVOICE_HOLD where the document claims a profile of
 * EN 16931, else INVOICE_WARN. A rule whose terms the document does not state is not judged, nor is one that its format knows
 * nothing of. The kind must be chosen. `lines_sum` is the sum of all lines, unknown where it cannot be told. */
void invoice_check_arithmetic(Invoice *invoice, Decimal lines_sum);
