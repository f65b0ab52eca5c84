/* What was read of a message, as a value and as JSON. The JSON comes from a child that may have been taken over: every
 * member is checked, and only the first LIMIT_INVOICES_PER_MESSAGE invoices could ever be there. */
#include "jail/jail.h"

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

enum { TROUBLE_MAX = 1000 };

static void free_invoice(void *invoice)
{
    invoice_free(invoice);
}

Extraction *extraction_new(void)
{
    Extraction *extraction = g_new0(Extraction, 1);
    extraction->readable = true;
    extraction->invoices = g_ptr_array_new_with_free_func(free_invoice);
    return extraction;
}

void extraction_free(Extraction *extraction)
{
    if (extraction == NULL)
        return;
    g_free(extraction->trouble);
    mail_summary_free(extraction->summary);
    g_ptr_array_unref(extraction->invoices);
    g_free(extraction);
}

json_t *extraction_to_json(const Extraction *extraction)
{
    json_t *json = json_object(), *invoices = json_array();
    for (unsigned i = 0; i < extraction->invoices->len; i++)
        json_array_append_new(invoices, invoice_to_json(extraction->invoices->pdata[i]));
    json_put_flag(json, "readable", extraction->readable);
    json_put_text(json, "trouble", extraction->trouble);
    json_object_set_new(json, "summary", mail_summary_to_json(extraction->summary));
    json_object_set_new(json, "invoices", invoices);
    return json;
}

static bool take_invoices(const json_t *json, Extraction *extraction, GError **error)
{
    const json_t *invoices = json_object_get(json, "invoices");
    if (!json_is_array(invoices) || json_array_size(invoices) > LIMIT_INVOICES_PER_MESSAGE) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the extraction's invoices are no list of at most %d",
            LIMIT_INVOICES_PER_MESSAGE);
        return false;
    }
    for (size_t i = 0; i < json_array_size(invoices); i++) {
        Invoice *invoice = invoice_from_json(json_array_get(invoices, i), error);
        if (invoice == NULL)
            return false;
        g_ptr_array_add(extraction->invoices, invoice);
    }
    return true;
}

Extraction *extraction_from_json(const json_t *json, GError **error)
{
    g_autoptr(Extraction) extraction = extraction_new();
    const char *trouble = json_text(json, "trouble");
    extraction->readable = json_flag(json, "readable");
    extraction->trouble = g_strdup(trouble);
    if (!json_is_boolean(json_object_get(json, "readable"))
        || (trouble != NULL && !text_is_clean(span_of(trouble), TROUBLE_MAX))) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the extraction is not an object with \"readable\" and a clean \"trouble\"");
        return NULL;
    }
    extraction->summary = mail_summary_from_json(json_object_get(json, "summary"), error);
    if (extraction->summary == NULL || !take_invoices(json, extraction, error))
        return NULL;
    return g_steal_pointer(&extraction);
}
