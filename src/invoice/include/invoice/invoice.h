/* One model for every invoice format (formats.md, EN 16931 business terms), and its JSON form.
 *
 * The JSON form is the one that the jail answers with, the store keeps, the API serves and
 * `saldo inspect --json` prints. What a mail says here is a claim, never an instruction to pay.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/decimal.h"
#include "base/money.h"
#include "base/span.h"

/* Where the invoice was read from; a higher value outranks a lower one (formats.md). */
typedef enum InvoiceSource {
    INVOICE_SOURCE_CARD_TEXT, /* MessageCard, AdaptiveCard: amounts found in text for people */
    INVOICE_SOURCE_MICRODATA,
    INVOICE_SOURCE_JSON_LD,
    INVOICE_SOURCE_ACTION_REQUEST,
    INVOICE_SOURCE_SIGNED_ACTION_REQUEST,
    INVOICE_SOURCE_PDF, /* XML that a PDF carries */
    INVOICE_SOURCE_XML,
    INVOICE_SOURCE_SIGNED_XML, /* XML inside a CMS envelope whose signature fits its bytes */
} InvoiceSource;

const char *invoice_source_name(InvoiceSource source); /* "card-text", "microdata", "json-ld", … as above with hyphens */

typedef struct InvoiceParty {
    char *name;         /* BT-27, BT-44, BT-59 */
    char *trading_name; /* BT-28, BT-45 */
    char *vat_id;       /* BT-31, BT-48; a national tax number where the format has no other (NIP, NIF, partita IVA) */
    char *tax_id;       /* BT-32: a tax registration that is no VAT id */
    char *legal_id;     /* BT-30, BT-47: number in a register (KRS, SIREN, HRB …) */
    char *id;           /* BT-29, BT-46: any other number it is known by (GLN, the buyer's own …) */
    char *endpoint;     /* BT-34, BT-49: electronic address */
    char *email;        /* BT-43, BT-58 */
    char *address;      /* street, postal code and town, in one line */
    char *country;      /* BT-40, BT-55: ISO 3166 as written */
} InvoiceParty;

typedef struct InvoiceAccount {
    char *number; /* BT-84 without white space: an IBAN, or whatever else the document names; may be NULL beside a BIC */
    char *bic;    /* BT-86 */
    char *name;   /* BT-85, or the bank's */
    bool is_factor; /* the seller has sold the claim: to be paid before all others (KSeF) */
} InvoiceAccount;

/* What the document is to its reader; only a bill is ever payable (formats.md, "Traps"). */
typedef enum InvoiceKind {
    INVOICE_KIND_BILL,
    INVOICE_KIND_CREDIT,       /* a credit note, or any correction that gives back */
    INVOICE_KIND_SELF_BILLED,  /* made out by the buyer: the recipient is the seller */
    INVOICE_KIND_DIRECT_DEBIT, /* the seller collects the amount by itself */
} InvoiceKind;

/* Totals as the document states them; unknown where it does not. */
typedef struct InvoiceTotals {
    Decimal lines;       /* BT-106 */
    Decimal allowances;  /* BT-107 */
    Decimal charges;     /* BT-108 */
    Decimal without_vat; /* BT-109 */
    Decimal vat;         /* BT-110, in the document's currency */
    Decimal with_vat;    /* BT-112 */
    Decimal prepaid;     /* BT-113 */
    Decimal rounding;    /* BT-114 */
    Decimal due;         /* BT-115 */
} InvoiceTotals;

/* BG-25 */
typedef struct InvoiceLine {
    char *id;           /* BT-126 */
    char *name;         /* BT-153 */
    char *description;  /* BT-154, or the line's note BT-127 */
    Decimal quantity;   /* BT-129 */
    char *unit;         /* BT-130 */
    Decimal price;      /* BT-146 */
    Decimal net;        /* BT-131 */
    char *vat_category; /* BT-151 */
    char *vat_rate;     /* BT-152: percent as written; some formats have words here ("zw", "oo") */
    bool is_group;      /* a heading or subtotal over other lines: its amount is in theirs */
} InvoiceLine;

/* BG-23 */
typedef struct InvoiceVat {
    char *category; /* BT-118 */
    char *rate;     /* BT-119, as the line's */
    Decimal base;   /* BT-116 */
    Decimal amount; /* BT-117 */
    char *reason;   /* BT-120 */
} InvoiceVat;

/* BG-20, BG-21: on the whole document */
typedef struct InvoiceAdjustment {
    bool is_charge; /* else an allowance */
    Decimal amount; /* BT-92, BT-99 */
    char *reason;   /* BT-97, BT-104 */
} InvoiceAdjustment;

/* BG-24: a document that belongs to the invoice */
typedef struct InvoiceDocument {
    char *id;          /* BT-122 */
    char *description; /* BT-123 */
    char *name;        /* file name of BT-125, or NULL */
    char *media_type;  /* or NULL */
} InvoiceDocument;

typedef enum InvoiceSeverity { INVOICE_WARN, INVOICE_HOLD } InvoiceSeverity;

typedef struct InvoiceCheck {
    char *rule; /* "PAY-001", "BR-CO-16", "status" … */
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
    char *format;        /* "ActionRequest", "schema.org Invoice", "UBL Invoice", "KSeF FA(3)" … */
    char *origin;        /* the file that it was read from: "faktura.xml", "rachunek.pdf: factur-x.xml"; NULL for markup */
    GPtrArray *agreeing; /* char *: other sources of the same mail that say the same ("pdf", "json-ld" …) */
    char *profile;       /* BT-24 or NULL */
    InvoiceKind kind;
    char *type_code;     /* BT-3 or NULL */
    char *number;        /* BT-1 */
    char *series;        /* of the number, where the format keeps it apart (Facturae): only both together are unique */
    char *issue_date;    /* YYYY-MM-DD */
    char *due_date;      /* YYYY-MM-DD: the first that the document names (BT-9) */
    GPtrArray *due_dates; /* char *: all of them, with the first */
    char *period_start, *period_end; /* BT-73, BT-74 */
    char *payment_terms;    /* BT-20 */
    char *buyer_reference;  /* BT-10 */
    char *order_reference;  /* BT-13 */
    char *preceding_number; /* BT-25: the invoice that this one corrects */
    InvoiceParty seller; /* provider */
    InvoiceParty broker; /* the invoicing service that sends for the seller, name NULL where none */
    InvoiceParty buyer;
    InvoiceParty payee;  /* BG-10, name NULL where it is the seller */
    char *means_code;    /* BT-81, in the format's own code list */
    GPtrArray *accounts; /* InvoiceAccount, in document order, a factor's first */
    char *payer_account; /* BT-91: the payer's own, never to be paid to */
    char *mandate;       /* BT-89 */
    bool is_split_payment; /* KSeF P_18A: the transfer needs the split payment title */
    InvoiceTotals totals;
    Money total;         /* BT-112; money_is_none where unknown */
    Money amount_due;    /* what is to be paid, by the rules of the format; money_is_none where unknown */
    char *currency_text; /* as written, where the amount could not be read as Money; else NULL */
    GPtrArray *lines;       /* InvoiceLine, at most INVOICE_LINES_MAX of */
    unsigned line_count;    /* as many as the document has */
    GPtrArray *vat;         /* InvoiceVat */
    GPtrArray *adjustments; /* InvoiceAdjustment */
    GPtrArray *documents;   /* InvoiceDocument */
    GPtrArray *notes;       /* char *: BT-22 */
    char *remittance;    /* BT-83 */
    char *url;           /* the full invoice at the biller, or NULL */
    char *confirmation_number;
    InvoiceStatus status;
    InvoiceAction *action; /* NULL: nothing says how to pay it */
    GPtrArray *other_actions; /* InvoiceAction: further ones of the request, in its order (wire.md §1) */
    bool is_forwarded;     /* read inside a forwarded message: whoever signed the mail around it does not vouch for it */
    char *signed_request;  /* the JWS compact text of a SignedActionRequest or signed card, not yet verified; else NULL */
    GPtrArray *checks;     /* InvoiceCheck */
} Invoice;

Invoice *invoice_new(InvoiceSource source, const char *format);
void invoice_free(Invoice *invoice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Invoice, invoice_free)
/* Drops some of what is only there to be read: half of the lines (line_count stays), at last notes and documents. False where
 * nothing is left to drop. */
bool invoice_shorten(Invoice *invoice);
/* Makes other_actions[index] the action; the one before takes its place. */
void invoice_choose_action(Invoice *invoice, unsigned index);
void invoice_add_check(Invoice *invoice, const char *rule, InvoiceSeverity severity, const char *text);

json_t *invoice_to_json(const Invoice *invoice);
/* NULL and `error` (BAD_INPUT) where a member has the wrong shape. */
Invoice *invoice_from_json(const json_t *json, GError **error);

/* ---- Readers --------------------------------------------------------------------------------- */

/* Every invoice in one JSON-LD text: ActionRequest, SignedActionRequest (payload decoded, signature
 * NOT verified), schema.org Invoice in @graph, arrays, partOfInvoice; MessageCard and AdaptiveCard where they speak of
 * one, and their signed forms (held: "signed-card"). Appends to `invoices` (Invoice *),
 * at most LIMIT_INVOICES_PER_MESSAGE in all; returns false with `error` where the text is no JSON. */
bool invoice_read_json_ld(Span text, GPtrArray *invoices, GError **error);

/* Every schema.org Invoice and signed card among microdata items in JSON-LD's shape (mail_html_microdata), appended in the
 * same way. No ActionRequest: that is JSON only (wire.md §1). */
void invoice_read_microdata(const json_t *items, GPtrArray *invoices);

/* One ActionRequest object (the text of the claim actionRequestSerialized). NULL and `error` where it is none. */
Invoice *invoice_read_action_request(Span json, InvoiceSource source, GError **error);

/* One schema.org Invoice object, as billers return it in webhooks ("entity"). NULL and `error` where it is none. */
Invoice *invoice_read_entity(const json_t *entity, GError **error);

/* "$70.00", 70, "1,234.50": a number, or a string with a currency sign or code around a decimal (wire.md §7). Groups of
 * three digits and a decimal comma are read where they can mean one amount only, so not "1,234". The currency must be given;
 * a sign alone leaves it uncertain. */
MoneyParse invoice_read_price(const json_t *price, const char *currency, Money *ret_money);

/* [PAY-002] Number as an identity compares it: compatibility forms (full width, superscript) as plain characters
 * (NFKC), every dash as "-", upper case, no spaces and nothing invisible; so that look-alikes of one number are one
 * invoice. Newly allocated. */
char *invoice_number_normalize(const char *number);
/* Series and number as one, as written; NULL where there is no number. Newly allocated. */
char *invoice_full_number(const Invoice *invoice);
/* The same as an identity compares it; empty where there is no number. Newly allocated. */
char *invoice_identity_number(const Invoice *invoice);

/* ---- Several sources of one invoice ------------------------------------------------------------ */

/* What all sources of an invoice have to tell alike (formats.md: any disagreement holds). */
typedef enum InvoiceFact {
    INVOICE_FACT_NUMBER,
    INVOICE_FACT_AMOUNT_DUE, /* with its currency */
    INVOICE_FACT_TOTAL,      /* of documents: markup knows one amount only */
    INVOICE_FACT_DUE_DATE,
    INVOICE_FACT_SELLER, /* by either of its names, without case, white space and punctuation */
    INVOICE_FACT_PAYEE,  /* the seller where a document names none */
    INVOICE_FACT_ACCOUNT,
    INVOICE_FACT_KIND, /* of documents */
} InvoiceFact;
enum { INVOICE_FACT_COUNT = INVOICE_FACT_KIND + 1 };

const char *invoice_fact_name(InvoiceFact fact); /* "number", "amount", "due date" … for texts */
bool invoice_states(const Invoice *invoice, InvoiceFact fact);
/* True where both state the fact and no value of one (of several due dates, accounts, names) is one of the other's. Then
 * *ret_left and *ret_right (each may be NULL) are the first values as text for people, newly allocated. */
bool invoice_disagrees(const Invoice *left, const Invoice *right, InvoiceFact fact, char **ret_left, char **ret_right);

/* All invoices read from one mail, in its order: those that speak of the same one (the same normalised number; without a
 * number the same amount due, where nothing else leaves a doubt) become one. The highest source wins and takes over what it
 * lacks: the payment action with its signed request, and what the others state beside it; but what says who is to be paid,
 * how much and where is never taken from an unsigned source into a signed one. `agreeing` names the others; each
 * disagreement is a check "sources" that holds and shows both values. Two payment actions, or two signed requests that
 * differ, stay apart, and so does what stands in a forwarded message, unless it is a copy of what stands outside of one. */
void invoice_merge(GPtrArray *invoices);

/* What the mail around a KSeF document says of it: its file name, where that is a KSeF number, and its links (NULL ends), where
 * one is KSeF's verification link, which names the SHA-256 of the document. Adds the checks "ksef-number" and "ksef-link". */
void invoice_check_ksef(Invoice *invoice, Span document, const char *file_name, const char *const *links);

/* A format that is read, for people: --format-help. */
typedef struct InvoiceFormat {
    const char *name; /* as Invoice.format has it */
    const char *standard;
    const char *found_in;
} InvoiceFormat;

extern const InvoiceFormat invoice_formats[]; /* ends with a NULL name */
