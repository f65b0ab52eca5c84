/* Any text ends in an error or in invoices whose JSON form reads back to the same JSON. */
#include "invoice/invoice.h"

#include "base/json.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void free_invoice(void *invoice)
{
    invoice_free(invoice);
}

static void round_trip(const Invoice *invoice)
{
    g_autoptr(GError) error = NULL;
    JSON_AUTO *json = invoice_to_json(invoice);
    g_autoptr(Invoice) again = invoice_from_json(json, &error);
    g_assert_no_error(error);
    JSON_AUTO *second = invoice_to_json(again);
    g_assert_true(json_equal(json, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    Span text = { (const char *)data, size };
    bool read = invoice_read_json_ld(text, invoices, &error);
    g_assert_true(read == (error == NULL));
    g_assert_cmpuint(invoices->len, <=, LIMIT_INVOICES_PER_MESSAGE);
    for (unsigned i = 0; i < invoices->len; i++)
        round_trip(invoices->pdata[i]);
    /* The same bytes as what the store or a child of the jail might hold. */
    JSON_AUTO *json = json_read(text, LIMIT_JSON_BYTES, "the input", NULL);
    g_autoptr(Invoice) claimed = json == NULL ? NULL : invoice_from_json(json, NULL);
    if (claimed != NULL)
        round_trip(claimed);
    g_autoptr(Invoice) request = invoice_read_action_request(text, INVOICE_SOURCE_ACTION_REQUEST, NULL);
    if (request != NULL)
        round_trip(request);
    const char *format = invoice_document_format(text);
    g_assert_true(format == NULL || format[0] != '\0');
    return 0;
}
