/* The invoices of a message as documents to be read: the model's own JSON form, less what is not for eyes. It stays within
 * LIMIT_EXTRACTION_BYTES, which bounds all that was read of the message. */
#include "views.h"

/* What leads somewhere or pays: the card alone does that, from its own record of the invoice. */
static const char *const hidden[] = { "signed_request", "action", "other_actions", "url" };

static json_t *document_of(const Invoice *invoice)
{
    json_t *object = invoice_to_json(invoice);
    for (size_t i = 0; i < G_N_ELEMENTS(hidden); i++)
        json_object_del(object, hidden[i]);
    return object;
}

json_t *view_invoices(const GPtrArray *invoices)
{
    json_t *array = json_array();
    for (guint i = 0; i < invoices->len; i++)
        json_array_append_new(array, document_of(invoices->pdata[i]));
    return array;
}
