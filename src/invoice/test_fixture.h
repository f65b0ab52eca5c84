/* For the tests of this room only. */
#pragma once

#include <string.h>

#include "base/json.h"
#include "invoice/invoice.h"

static inline void free_invoice(void *invoice)
{
    invoice_free(invoice);
}

/* The JSON form reads back to the same JSON. */
static inline void expect_round_trip(const Invoice *invoice)
{
    g_autoptr(GError) error = NULL;
    JSON_AUTO *json = invoice_to_json(invoice);
    g_autoptr(Invoice) again = invoice_from_json(json, &error);
    g_assert_no_error(error);
    JSON_AUTO *second = invoice_to_json(again);
    g_assert_true(json_equal(json, second));
}

static inline const InvoiceCheck *find_check(const Invoice *invoice, const char *rule)
{
    for (unsigned i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        if (strcmp(check->rule, rule) == 0)
            return check;
    }
    return NULL;
}

/* The invoices of a JSON-LD text. */
static inline GPtrArray *read_all(const char *text)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *invoices = g_ptr_array_new_with_free_func(free_invoice);
    invoice_read_json_ld(span_of(text), invoices, &error);
    g_assert_no_error(error);
    return invoices;
}

/* The one invoice of a JSON-LD text. */
static inline Invoice *read_one(const char *text)
{
    g_autoptr(GPtrArray) invoices = read_all(text);
    g_assert_cmpuint(invoices->len, ==, 1);
    return g_ptr_array_steal_index(invoices, 0);
}
