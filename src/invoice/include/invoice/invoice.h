/* One model for every invoice format (formats.md, EN 16931 business terms), and its JSON form.
 *
 * The JSON form is the one that the jail answers with, the store keeps, the API serves and
 * `saldo inspect --json` prints. What a mail says here is a claim, never an instruction to pay.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/money.h"
#include "base/span.h"

/* Where the invoice was read from; a higher value outranks a lower one (formats.md). */
typedef enum InvoiceSource {
    INVOICE_SOURCE_JSON_LD,
    INVOICE_SOURCE_ACTION_REQUEST,
    INVOICE_SOURCE_SIGNED_ACTION_REQUEST,
} InvoiceSource;

const char *invoice_source_name(InvoiceSource source); /* "json-ld", "action-request", "signed-action-request" */

typedef struct InvoiceParty {
    char *name;
    char *vat_id;
} InvoiceParty;

typedef struct InvoiceAccount {
    char *iban;
    char *bic;
} InvoiceAccount;

typedef enum InvoiceSeverity { INVOICE_WARN, INVOICE_HOLD } InvoiceSeverity;

typedef struct InvoiceCheck {
    char *rule;  /* "PAY-001", "BR-CO-16", "status" … */
    InvoiceSeverity severity;
    char *text;
} InvoiceCheck;

/* The three values that lead to the biller (wire.md §1). */
typedef struct InvoiceAction {
    char *originator;
    char *merchant_id;
    char *display_id;
    json_t *product_context; /* any JSON, echoed untouched */
} InvoiceAction;

/* Payment states that a mail or a biller may claim (wire.md §7), read in any of their spellings. */
typedef enum InvoiceStatus {
    INVOICE_STATUS_UNSTATED,
    INVOICE_STATUS_DUE,
    INVOICE_STATUS_PAST_DUE,
    INVOICE_STATUS_COMPLETE,
    INVOICE_STATUS_DECLINED,
    INVOICE_STATUS_AUTOMATIC, /* PaymentAutomaticallyApplied: collected by the biller, nothing to pay */
} InvoiceStatus;

typedef struct Invoice {
    InvoiceSource source;
    char *format;       /* "ActionRequest", "schema.org Invoice", later "UBL", … */
    char *profile;      /* BT-24 or NULL */
    char *type_code;    /* BT-3 or NULL */
    char *number;       /* BT-1 */
    char *issue_date;   /* YYYY-MM-DD */
    char *due_date;     /* YYYY-MM-DD */
    InvoiceParty seller; /* provider */
    InvoiceParty broker; /* the invoicing service that sends for the seller, name NULL where none */
    InvoiceParty buyer;
    GPtrArray *accounts; /* InvoiceAccount */
    Money total;         /* money_is_none where unknown */
    Money amount_due;    /* money_is_none where unknown */
    char *currency_text; /* as written, where the amount could not be read as Money; else NULL */
    char *remittance;
    char *url;           /* the full invoice at the biller, or NULL */
    char *confirmation_number;
    InvoiceStatus status;
    InvoiceAction *action; /* NULL: nothing says how to pay it */
    GPtrArray *other_actions; /* InvoiceAction: further ones of the request, in its order (wire.md §1) */
    bool is_forwarded;     /* read inside a forwarded message: whoever signed the mail around it does not vouch for it */
    char *signed_request;  /* the JWS compact text of a SignedActionRequest, not yet verified; else NULL */
    GPtrArray *checks;     /* InvoiceCheck */
} Invoice;

Invoice *invoice_new(InvoiceSource source, const char *format);
void invoice_free(Invoice *invoice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Invoice, invoice_free)
/* Makes other_actions[index] the action; the one before takes its place. */
void invoice_choose_action(Invoice *invoice, unsigned index);
void invoice_add_check(Invoice *invoice, const char *rule, InvoiceSeverity severity, const char *text);

json_t *invoice_to_json(const Invoice *invoice);
/* NULL and `error` (BAD_INPUT) where a member has the wrong shape. */
Invoice *invoice_from_json(const json_t *json, GError **error);

/* ---- Readers --------------------------------------------------------------------------------- */

/* Every invoice in one JSON-LD text: ActionRequest, SignedActionRequest (payload decoded, signature
 * NOT verified), schema.org Invoice in @graph, arrays, partOfInvoice. Appends to `invoices` (Invoice *),
 * at most LIMIT_INVOICES_PER_MESSAGE in all; returns false with `error` where the text is no JSON. */
bool invoice_read_json_ld(Span text, GPtrArray *invoices, GError **error);

/* One ActionRequest object (the text of the claim actionRequestSerialized). NULL and `error` where it is none. */
Invoice *invoice_read_action_request(Span json, InvoiceSource source, GError **error);

/* One schema.org Invoice object, as billers return it in webhooks ("entity"). NULL and `error` where it is none. */
Invoice *invoice_read_entity(const json_t *entity, GError **error);

/* "$70.00", 70, "1.234,50"? Only what wire.md §7 names: a number or a string with a currency sign around
 * a decimal with a point. The currency must be given; a sign alone leaves it uncertain. */
MoneyParse invoice_read_price(const json_t *price, const char *currency, Money *ret_money);

/* [PAY-002] Number as an identity compares it: compatibility forms (full width, superscript) as plain characters
 * (NFKC), every dash as "-", upper case, no spaces and nothing invisible; so that look-alikes of one number are one
 * invoice. Newly allocated. */
char *invoice_number_normalize(const char *number);

/* What a file is by its own first bytes (never by name or media type): "UBL Invoice", "PDF", "XML" …; NULL where it
 * is none of the kinds that may carry an invoice. Static text. */
const char *invoice_document_format(Span document);
