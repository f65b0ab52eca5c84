/* The inside of a draft, which draft.c, draft_terms.c and draft_groups.c share. */
#pragma once

#include "draft.h"

enum { TAX_TOTALS_MAX = 4 };

typedef struct TaxTotal {
    char *currency; /* NULL: none given */
    Decimal amount;
} TaxTotal;

/* Parts of the party that is open. */
typedef struct PartyParts {
    GString *name, *vat_id, *street;
    char *postcode, *city;
} PartyParts;

struct Draft {
    InvoiceSource source;
    const char *format;
    DraftFinish finish;
    GPtrArray *invoices;
    unsigned first;  /* place of the document's first invoice among them */
    bool has_bodies; /* GROUP_INVOICE was opened */
    bool shared_payee; /* the payee stood before it */

    Invoice *invoice; /* never NULL */
    bool was_put;     /* anything since it was begun */
    char *currency;
    char *slots[DRAFT_SLOTS], *shared_slots[DRAFT_SLOTS]; /* shared: of a document with several invoices */
    Decimal sums[DRAFT_SUMS];
    TaxTotal tax_totals[TAX_TOTALS_MAX];
    unsigned tax_total_count;
    char *tax_total_currency;
    bool is_other_date; /* the next date is in a form that is not read */
    Decimal lines_sum;

    /* The groups that are open, or NULL. */
    InvoiceParty *party;
    PartyParts parts;
    InvoiceParty other_party;
    bool is_payee;
    bool in_registration, is_vat_registration;
    char *tax_id;
    InvoiceAccount *account;
    bool is_factor_account;
    GPtrArray *more_numbers; /* char *: of the open account, after its first */
    InvoiceVat *vat;
    InvoiceAdjustment *adjustment;
    InvoiceLine *line;
    bool is_line_before;
    InvoiceLine spare_line; /* of lines that are counted but not kept */
    InvoiceDocument *document;
};

/* Sets a text that is not set yet; an empty one sets nothing. draft_terms.c */
void draft_put_text(char **member, Span text, size_t maximum);
/* The number can be printed and read back. draft_terms.c */
bool draft_is_writable(Decimal decimal);
/* Whatever was put since the last one is an invoice. draft.c */
void draft_finish_invoice(Draft *draft);
