/* Finding the invoices in markup for programs: one JSON-LD text, or microdata in the same shape.
 *
 * Whatever stands nested (@graph, lists, partOfInvoice) is found in document order. An @type decides what an object is, for
 * cards come under the same media type. */
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "cards.h"
#include "json_walk.h"
#include "lenient.h"
#include "schema_org.h"
#include "signed.h"

static Invoice *read_request(const LinkedNodes *nodes, const json_t *object)
{
    g_autoptr(GError) trouble = NULL;
    Invoice *invoice = schema_org_read_action_request(nodes, object, INVOICE_SOURCE_ACTION_REQUEST, &trouble);
    return invoice != NULL
        ? invoice
        : signed_unreadable_invoice(INVOICE_SOURCE_ACTION_REQUEST, "ActionRequest", "action-request", trouble);
}

/* ---- References ----------------------------------------------------------------------------------------------- */

static void note_links(const JsonPlace *place, const LinkedNodes *nodes)
{
    const char *id = json_text(place->node, "@id");
    if (id == NULL)
        return;
    bool is_reference = linked_is_reference(place->node);
    json_t *table = is_reference ? nodes->owners : nodes->by_id;
    const json_t *linked = is_reference ? place->owner : place->node;
    if (linked != NULL && json_object_get(table, id) == NULL)
        json_object_set(table, id, (json_t *)linked);
}

static void index_links(const json_t *document, const LinkedNodes *nodes)
{
    JSON_WALK_AUTO walk;
    json_walk_init(&walk);
    json_walk_push(&walk, document, NULL);
    for (JsonPlace place; json_walk_next(&walk, &place); json_walk_push_children(&walk, &place))
        note_links(&place, nodes);
}

/* ---- Invoices ------------------------------------------------------------------------------------------------- */

/* A bare reference is read where the object stands that it names. */
static bool is_invoice(const json_t *object)
{
    return lenient_is_type(object, "Invoice") && !linked_is_reference(object);
}

/* The invoice that the place itself is; NULL where it is none. Its inside is then not searched again. */
static Invoice *read_place(const LinkedNodes *nodes, const JsonPlace *place, InvoiceSource source)
{
    const json_t *node = place->node;
    if (is_invoice(node))
        return schema_org_read_invoice(nodes, node, place->owner, source,
            lenient_is_type(place->owner, "Order") ? "schema.org Order" : "schema.org Invoice");
    if (source == INVOICE_SOURCE_JSON_LD && lenient_is_type(node, "SignedActionRequest"))
        return signed_read_request(node);
    if (source == INVOICE_SOURCE_JSON_LD && lenient_is_type(node, "ActionRequest"))
        return read_request(nodes, node);
    Invoice *invoice = signed_read_card(node);
    return invoice != NULL ? invoice : card_read(node, NULL);
}

static void read_document(const json_t *document, InvoiceSource source, GPtrArray *invoices)
{
    JSON_AUTO *by_id = json_object();
    JSON_AUTO *owners = json_object();
    const LinkedNodes nodes = { .by_id = by_id, .owners = owners };
    index_links(document, &nodes);
    JSON_WALK_AUTO walk;
    json_walk_init(&walk);
    json_walk_push(&walk, document, NULL);
    for (JsonPlace place; invoices->len < LIMIT_INVOICES_PER_MESSAGE && json_walk_next(&walk, &place);) {
        Invoice *invoice = read_place(&nodes, &place, source);
        if (invoice != NULL)
            g_ptr_array_add(invoices, invoice);
        else
            json_walk_push_children(&walk, &place);
    }
}

bool invoice_read_json_ld(Span text, GPtrArray *invoices, GError **error)
{
    JSON_AUTO *document = json_read_lenient(text, LIMIT_JSON_BYTES, "the JSON-LD markup", error);
    if (document == NULL)
        return false;
    read_document(document, INVOICE_SOURCE_JSON_LD, invoices);
    return true;
}

void invoice_read_microdata(const json_t *items, GPtrArray *invoices)
{
    read_document(items, INVOICE_SOURCE_MICRODATA, invoices);
}
