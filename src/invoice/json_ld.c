/* Finding the invoices in one JSON-LD text.
 *
 * The text is walked with a list of its own, not by recursion: whatever stands nested (@graph, lists, partOfInvoice)
 * is found in document order. The signature of a SignedActionRequest is not judged here: room trust does that. */
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "lenient.h"
#include "limits.h"
#include "schema_org.h"

/* ---- SignedActionRequest ----------------------------------------------------------------------------------- */

/* The claims of a JWS compact text, its signature left alone. */
static json_t *read_claims(Span jws, GError **error)
{
    Span rest = jws, header, payload;
    g_autofree char *bytes = NULL;
    size_t length;
    if (!span_cut(&rest, '.', &header) || !span_cut(&rest, '.', &payload)
        || !decode_base64url(payload, &bytes, &length)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the signed request is no JWS compact text (header.payload.signature)");
        return NULL;
    }
    return json_read_lenient((Span){ bytes, length }, LIMIT_JSON_BYTES, "the signed request's payload", error);
}

static Invoice *read_signed_payload(Span jws, GError **error)
{
    JSON_AUTO *claims = read_claims(jws, error);
    if (claims == NULL)
        return NULL;
    const json_t *request = json_member_lenient(claims, "actionRequestSerialized");
    if (!json_is_string(request)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the signed request has no text claim actionRequestSerialized");
        return NULL;
    }
    return invoice_read_action_request((Span){ json_string_value(request), json_string_length(request) },
        INVOICE_SOURCE_SIGNED_ACTION_REQUEST, error);
}

/* What cannot be read still becomes an invoice with its reason, so that the reader is told. */
static Invoice *unreadable_invoice(InvoiceSource source, const char *format, const char *rule, const GError *trouble)
{
    Invoice *invoice = invoice_new(source, format);
    g_autofree char *text = text_clean(span_of(trouble->message), INVOICE_TEXT_MAX);
    invoice_add_check(invoice, rule, INVOICE_HOLD, text);
    return invoice;
}

static Invoice *read_signed(const json_t *object)
{
    const json_t *value = json_member_lenient(object, "signedActionRequest");
    Span jws = span_trim((Span){ json_string_value(value), json_string_length(value) });
    g_autoptr(GError) trouble = NULL;
    Invoice *invoice = NULL;
    bool kept = json_is_string(value) && jws.length > 0 && text_is_clean(jws, INVOICE_SIGNED_REQUEST_MAX);
    if (kept)
        invoice = read_signed_payload(jws, &trouble);
    else
        error_set(&trouble, SALDO_ERROR_BAD_INPUT, "the signed request is empty, no text, or longer than %lu characters",
            INVOICE_SIGNED_REQUEST_MAX);
    if (invoice == NULL)
        invoice = unreadable_invoice(INVOICE_SOURCE_SIGNED_ACTION_REQUEST, "SignedActionRequest", "signed-request", trouble);
    invoice->signed_request = kept ? g_strndup(jws.at, jws.length) : NULL;
    return invoice;
}

static Invoice *read_plain(const LinkedNodes *nodes, const json_t *object)
{
    g_autoptr(GError) trouble = NULL;
    Invoice *invoice = schema_org_read_action_request(nodes, object, INVOICE_SOURCE_ACTION_REQUEST, &trouble);
    return invoice != NULL ? invoice
                           : unreadable_invoice(INVOICE_SOURCE_ACTION_REQUEST, "ActionRequest", "action-request", trouble);
}

/* ---- The walk ----------------------------------------------------------------------------------------------- */

typedef struct Place {
    const json_t *node;
    const json_t *owner; /* the nearest object around it, or NULL */
} Place;

typedef struct Walk {
    GArray *waiting; /* Place, the next one last */
    size_t visited;
} Walk;

static void push(Walk *walk, const json_t *node, const json_t *owner)
{
    const Place place = { node, owner };
    if (json_is_object(node) || json_is_array(node))
        g_array_append_val(walk->waiting, place);
}

/* Children in reverse, so that the first one is taken first. */
static void push_children(Walk *walk, const Place *place)
{
    unsigned first = walk->waiting->len;
    size_t index;
    const char *key;
    json_t *child;
    json_array_foreach((json_t *)place->node, index, child)
        push(walk, child, place->owner);
    json_object_foreach((json_t *)place->node, key, child)
        push(walk, child, place->node);
    Place *places = (Place *)walk->waiting->data;
    for (unsigned low = first, high = walk->waiting->len; low + 1 < high; low++) {
        const Place other = places[--high];
        places[high] = places[low];
        places[low] = other;
    }
}

/* The next place in document order; false at the end, or at the limit. */
static bool walk_next(Walk *walk, Place *ret_place)
{
    if (walk->waiting->len == 0 || ++walk->visited > JSON_LD_NODES_MAX)
        return false;
    *ret_place = g_array_index(walk->waiting, Place, walk->waiting->len - 1);
    g_array_set_size(walk->waiting, walk->waiting->len - 1);
    return true;
}

static json_t *index_by_id(const json_t *document)
{
    json_t *by_id = json_object();
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Place));
    Walk walk = { .waiting = waiting };
    push(&walk, document, NULL);
    for (Place place; walk_next(&walk, &place); push_children(&walk, &place)) {
        const char *id = json_text(place.node, "@id");
        if (id != NULL && json_object_size(place.node) > 1 && json_object_get(by_id, id) == NULL)
            json_object_set(by_id, id, (json_t *)place.node);
    }
    return by_id;
}

/* True where the node was an invoice of its own kind; its inside is then not searched again. */
static bool read_node(const LinkedNodes *nodes, const Place *place, GPtrArray *invoices)
{
    if (lenient_is_type(place->node, "SignedActionRequest"))
        g_ptr_array_add(invoices, read_signed(place->node));
    else if (lenient_is_type(place->node, "ActionRequest"))
        g_ptr_array_add(invoices, read_plain(nodes, place->node));
    else if (lenient_is_type(place->node, "Invoice"))
        g_ptr_array_add(invoices,
            schema_org_read_invoice(nodes, place->node, place->owner, INVOICE_SOURCE_JSON_LD, "schema.org Invoice"));
    else
        return false;
    return true;
}

bool invoice_read_json_ld(Span text, GPtrArray *invoices, GError **error)
{
    JSON_AUTO *document = json_read_lenient(text, LIMIT_JSON_BYTES, "the JSON-LD markup", error);
    if (document == NULL)
        return false;
    JSON_AUTO *by_id = index_by_id(document);
    const LinkedNodes nodes = { .by_id = by_id };
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Place));
    Walk walk = { .waiting = waiting };
    push(&walk, document, NULL);
    for (Place place; invoices->len < LIMIT_INVOICES_PER_MESSAGE && walk_next(&walk, &place);)
        if (!read_node(&nodes, &place, invoices))
            push_children(&walk, &place);
    return true;
}
