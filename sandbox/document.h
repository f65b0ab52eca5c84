/* The full invoice as a PDF, one A4 page: who, what, VAT per rate, what is due and how to pay. */
#pragma once

#include <glib.h>

#include "bill.h"

/* NULL and `error` (IO: the DejaVu fonts are missing; IO: libhpdf failed). */
GBytes *document_render(const Bill *bill, GError **error);
