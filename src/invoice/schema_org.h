/* schema.org Invoice and ActionRequest objects → Invoice. */
#pragma once

#include "invoice/invoice.h"

/* Objects of one document by their @id (borrowed), for members that only name one: {"@id": "#seller"}. */
typedef struct LinkedNodes {
    json_t *by_id;  /* an object of objects, or NULL */
    json_t *owners; /* by the @id of an object: the first object that names it in a bare reference, or NULL */
} LinkedNodes;

/* True where the value only names an object: it has an @id, and besides at most an @type. */
bool linked_is_reference(const json_t *value);

/* The object that stands for the value: the first of a list, the named one for a bare reference (one step). */
const json_t *linked_object(const LinkedNodes *nodes, const json_t *value);

/* One object of @type Invoice. `owner` is the object that it stands in (an Order, say), or NULL: its seller is the
 * invoice's where the invoice names none. Never NULL. */
Invoice *schema_org_read_invoice(const LinkedNodes *nodes, const json_t *object, const json_t *owner,
    InvoiceSource source, const char *format);
/* One object of @type ActionRequest; NULL and `error` where it holds no Invoice as its entity. */
Invoice *schema_org_read_action_request(const LinkedNodes *nodes, const json_t *object, InvoiceSource source,
    GError **error);
/* The three values of one payment action, with the originator of the request that it stands in. */
InvoiceAction *schema_org_read_action(const json_t *request, const json_t *one);
