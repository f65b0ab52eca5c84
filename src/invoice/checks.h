/* What can be judged from the invoice alone. */
#pragma once

#include "invoice/invoice.h"

/* Notes what is missing, contradictory, or leaves nothing to pay, once all fields are read. */
void invoice_check_claims(Invoice *invoice);
