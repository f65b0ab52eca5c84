/* Labels and values as cards write them for people, in English and Polish. Nothing is guessed: what can be read in two ways
 * is not read. */
#pragma once

#include "base/clock.h"
#include "invoice/invoice.h"

typedef enum CardField {
    CARD_NUMBER,
    CARD_AMOUNT_DUE,
    CARD_TOTAL,
    CARD_DUE_DATE,
    CARD_ISSUE_DATE,
    CARD_SELLER,
    CARD_CURRENCY,
    CARD_STATUS,
    CARD_FIELDS,
    CARD_NO_FIELD = CARD_FIELDS,
} CardField;

/* "Amount due", for a text to people. */
const char *card_field_name(CardField field);

/* Text without Markdown's emphasis and links, clean. Newly allocated. */
char *card_plain_text(const char *text, size_t length);

/* What a label names; CARD_NO_FIELD where it is not in the table. */
CardField card_label_field(const char *label);

/* True where the text is such a value: a number of an invoice, an amount (be its currency uncertain), a date … */
bool card_value_fits(CardField field, const char *value);
/* True where two texts give the same value. */
bool card_same_value(CardField field, const char *left, const char *right);

/* Digits stand in it, and it is neither a date nor an amount nor a sentence. */
bool card_is_number(const char *text);
/* ISO, "15.02.2026", "15 February 2026", "Feb 15, 2026", "15 lutego 2026", {{DATE(…)}}; never "02/03/2026". */
bool card_read_date(const char *text, char ret_date[DATE_TEXT_MAX]);
/* INVOICE_STATUS_UNSTATED where the words are not known. */
InvoiceStatus card_read_status(const char *text);
