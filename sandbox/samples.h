/* The sample maker: mails, their DNS, the partner registry, and the invoices behind them. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "book.h"

typedef struct SampleOrder {
    const char *directory;  /* made where it is missing */
    const char *recipient;
    const char *base_url;   /* where the billers and the processor will answer */
    const char *language;   /* "en", "pl": of the mails of the static biller */
} SampleOrder;

/* Writes everything; each run issues new invoices. False with `error` (IO). */
bool samples_write(Book *book, const SampleOrder *order, GError **error);
