/* An invoice in the making: what any format's reader hands over, term by term, in document order.
 *
 * A reader opens and closes groups and puts terms into them (EN 16931: BG and BT). Where a term stands twice, the first
 * one counts, unless it is said below that they are kept or added up. Nothing here knows any format. */
#pragma once

#include "invoice/invoice.h"

typedef enum Term {
    TERM_NONE,

    /* Groups. A group's terms are ignored outside of it. */
    /* One of several invoices in a document: parties, a factor's account, the profile and slots put before it are shared
     * by all. */
    GROUP_INVOICE,
    GROUP_SELLER,
    GROUP_BUYER,
    GROUP_PAYEE,
    GROUP_OTHER_PARTY, /* kept as the payee where it is said to be that, else not */
    GROUP_TAX_REGISTRATION, /* inside a party */
    GROUP_ACCOUNT,          /* a means of payment; kept where it names an account or a bank; numbers after the first
                               are accounts of their own; the same account twice is one */
    GROUP_FACTOR_ACCOUNT,   /* the same, and comes first */
    GROUP_VAT,
    GROUP_ADJUSTMENT,
    GROUP_CHARGE, /* an adjustment that is always a charge */
    GROUP_LINE,
    GROUP_DOCUMENT,
    GROUP_LAST = GROUP_DOCUMENT,

    /* The invoice. */
    TERM_DATE_FORMAT, /* of the next date, by UN/EDIFACT 2379: only 102 (YYYYMMDD) is read */
    TERM_PROFILE,
    TERM_TYPE_CODE,
    TERM_NUMBER,
    TERM_SERIES,
    TERM_ISSUE_DATE,
    TERM_CURRENCY,
    TERM_DUE_DATE, /* all are kept */
    TERM_PERIOD_START,
    TERM_PERIOD_END,
    TERM_PAYMENT_TERMS, /* all are kept, joined with "; " */
    TERM_BUYER_REFERENCE,
    TERM_ORDER_REFERENCE,
    TERM_PRECEDING_NUMBER,
    TERM_NOTE, /* all are kept */
    TERM_MEANS_CODE,
    TERM_REMITTANCE,
    TERM_PAYER_ACCOUNT,
    TERM_MANDATE,

    /* Totals. */
    TERM_TOTAL_LINES,
    TERM_TOTAL_ALLOWANCES,
    TERM_TOTAL_CHARGES,
    TERM_TOTAL_WITHOUT_VAT,
    TERM_TOTAL_VAT_CURRENCY, /* of the next TERM_TOTAL_VAT */
    TERM_TOTAL_VAT,          /* the one in the invoice's currency counts, else the first */
    TERM_TOTAL_WITH_VAT,
    TERM_TOTAL_PREPAID,
    TERM_TOTAL_ROUNDING,
    TERM_TOTAL_DUE,

    /* A party. */
    TERM_PARTY_NAME,
    TERM_PARTY_NAME_PART, /* joined with spaces, where no TERM_PARTY_NAME comes */
    TERM_PARTY_TRADING_NAME,
    TERM_PARTY_VAT_ID,
    TERM_PARTY_VAT_ID_PART, /* joined: country, then number */
    TERM_PARTY_LEGAL_ID,
    TERM_PARTY_ID,
    TERM_PARTY_ENDPOINT,
    TERM_PARTY_EMAIL,
    TERM_PARTY_STREET, /* all are kept */
    TERM_PARTY_POSTCODE,
    TERM_PARTY_CITY,
    TERM_PARTY_COUNTRY,
    TERM_PARTY_IS_PAYEE, /* "true" or "1": this other party is to be paid */
    TERM_TAX_ID,     /* inside a tax registration */
    TERM_TAX_SCHEME, /* "VAT" (UN/ECE 5153): the id is a VAT id, else another tax number */
    TERM_TAX_QUALIFIER, /* the same by UNTDID 1153: "VA" */

    /* A means of payment. */
    TERM_ACCOUNT_NUMBER,
    TERM_ACCOUNT_BIC,
    TERM_ACCOUNT_NAME,

    /* VAT breakdown. */
    TERM_VAT_CATEGORY,
    TERM_VAT_RATE,
    TERM_VAT_BASE,
    TERM_VAT_AMOUNT,
    TERM_VAT_REASON,

    /* An allowance or charge on the whole document. */
    TERM_ADJUSTMENT_IS_CHARGE, /* "true", "1", or "MG" (maggiorazione) */
    TERM_ADJUSTMENT_AMOUNT,
    TERM_ADJUSTMENT_REASON,

    /* A line. */
    TERM_LINE_ID,
    TERM_LINE_NAME,
    TERM_LINE_DESCRIPTION,
    TERM_LINE_QUANTITY,
    TERM_LINE_UNIT,
    TERM_LINE_PRICE,
    TERM_LINE_NET,
    TERM_LINE_VAT_CATEGORY,
    TERM_LINE_VAT_RATE,
    TERM_LINE_IS_BEFORE, /* "true" or "1": as it was before a correction: kept with opposite signs, sums are differences */
    TERM_LINE_STATUS, /* "GROUP" or "INFORMATION": not added up */

    /* An attached document. */
    TERM_DOCUMENT_ID,
    TERM_DOCUMENT_DESCRIPTION,
    TERM_DOCUMENT_NAME,
    TERM_DOCUMENT_MEDIA_TYPE,

    /* What only one format has, read back by its finish function: texts (the first one counts) and sums. */
    TERM_SLOT_FIRST = 100,
    TERM_SUM_FIRST = 200,
} Term;

enum { DRAFT_SLOTS = 64, DRAFT_SUMS = 32 };
#define TERM_SLOT(number) (TERM_SLOT_FIRST + (number))
#define TERM_SUM(number) (TERM_SUM_FIRST + (number))

typedef struct Draft Draft;

/* What a format needs done once all of an invoice was put: its own habits, before the common checks. */
typedef void (*DraftFinish)(Draft *draft, Invoice *invoice);

/* Finished invoices are appended to `invoices`, at most LIMIT_INVOICES_PER_MESSAGE in all. `format` is what they are
 * called; `finish` may be NULL. */
Draft *draft_new(InvoiceSource source, const char *format, DraftFinish finish, GPtrArray *invoices);
void draft_free(Draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Draft, draft_free)

void draft_open(Draft *draft, Term group);
void draft_close(Draft *draft, Term group);
/* `where` names the element in texts for people. A text that is no date, decimal … is told as a check of the invoice. */
void draft_put(Draft *draft, Term term, Span text, Span where);
/* The end of the document: the last invoice is finished. False where none was begun. */
bool draft_end(Draft *draft);

/* For finish functions. NULL or unknown where nothing was put. */
const char *draft_slot(const Draft *draft, unsigned slot);
Decimal draft_sum(const Draft *draft, unsigned sum);
const char *draft_currency(const Draft *draft);
void draft_set_currency(Draft *draft, const char *currency);
/* Sum of all lines' net amounts (also of those not kept); unknown where one is unknown or there are none. */
Decimal draft_lines_sum(const Draft *draft);
