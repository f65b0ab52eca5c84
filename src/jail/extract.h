/* Finding every invoice in a mail or a bare file, wherever it hides (formats.md). */
#pragma once

#include "jail/jail.h"

/* A mail: its summary, and the invoices of all parts, merged (invoice_merge). What could not be read is in the summary's
 * troubles. */
void extract_mail(Span message, Extraction *extraction);
/* Drops some of what is only there to be read, and says so in a trouble; false where nothing is left to drop. */
bool extract_shorten(Extraction *extraction);
/* A bare XML, PDF, zip, .p7m or HTML file. extraction->trouble says why where no invoice was found. */
void extract_document(Span document, Extraction *extraction);
