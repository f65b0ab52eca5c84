/* Any bytes, read as an XML invoice of whatever format their root names, end in an error or in invoices whose JSON form
 * reads back to the same JSON. */
#include "invoice/read_xml.h"

#include "base/limits.h"
#include "limits.h"
#include "test_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_invoice(const Invoice *invoice)
{
    expect_round_trip(invoice);
    g_assert_cmpuint(invoice->lines->len, <=, INVOICE_LINES_MAX);
    g_assert_cmpuint(invoice->line_count, >=, invoice->lines->len);
    g_assert_cmpuint(invoice->accounts->len, <=, INVOICE_ACCOUNTS_MAX);
    g_assert_true((invoice->due_date == NULL) == (invoice->due_dates->len == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    const char *format = NULL;
    bool read = invoice_read_xml((Span){ (const char *)data, size }, INVOICE_SOURCE_XML, invoices, &format, &error);
    g_assert_true(read == (error == NULL));
    g_assert_true(read == (invoices->len > 0));
    g_assert_true(!read || format != NULL);
    g_assert_cmpuint(invoices->len, <=, LIMIT_INVOICES_PER_MESSAGE);
    for (unsigned i = 0; i < invoices->len; i++)
        check_invoice(invoices->pdata[i]);
    return 0;
}
