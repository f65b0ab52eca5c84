/* Limits of the invoice room, each with its reason. */
#pragma once

/* Names, numbers, remittance texts: the longest in 3,899 sample invoices has 300 characters. */
#define INVOICE_TEXT_MAX 500

/* Notes, descriptions, terms of payment: whole paragraphs; the longest in one sample has 2,600 characters. */
#define INVOICE_NOTE_MAX 4000

/* Texts that only lead somewhere. 2,048 is what browsers and mail programs are known to carry. */
#define INVOICE_URL_MAX 2048

/* A SignedActionRequest: claims of a few KB and one signature. */
#define INVOICE_SIGNED_REQUEST_MAX (64UL * 1024)

/* Accounts and checks in one invoice: the most accounts in one sample is 9. */
#define INVOICE_ACCOUNTS_MAX 32
#define INVOICE_DUE_DATES_MAX 32
/* Sources of one mail that agree: one for each kind of source, and some to spare. */
#define INVOICE_AGREEING_MAX 32

/* Lines kept of one invoice, for the reader's eyes; the longest sample has 1,300. All are counted and added up. */
#define INVOICE_LINES_MAX 2000
/* VAT rates, allowances and charges, attached documents, notes: the most in one sample is 24. */
#define INVOICE_VAT_MAX 64
#define INVOICE_ADJUSTMENTS_MAX 128
#define INVOICE_DOCUMENTS_MAX 128
#define INVOICE_NOTES_MAX 64
#define INVOICE_CHECKS_MAX 64

/* Payment actions of one request: the format allows any number, every sample has one. */
#define INVOICE_ACTIONS_MAX 16

/* Characters of what a document says that are quoted in the text of a check, so that the whole stays within
 * INVOICE_TEXT_MAX. */
#define INVOICE_QUOTE_MAX 300

/* Characters of an invoice number in a card's text: the longest among the sample invoices has 33; more is a sentence. */
#define CARD_NUMBER_MAX 50

/* Nodes that are visited in one JSON-LD text: a text of LIMIT_JSON_BYTES holds at most one node per 2 bytes. */
#define JSON_LD_NODES_MAX (128UL * 1024)

/* Digits that an IEEE double keeps exactly in decimal: a JSON number with more is refused as a price. */
#define PRICE_EXACT_DIGITS 15

/* Levels of an XML invoice: the deepest sample has 13. */
#define XML_DEPTH_MAX 100
/* Attributes of one element: the root of one sample has 12 (schema locations), no other more than 6. */
#define XML_ATTRIBUTES_MAX 64
/* Declarations of namespaces in force at one place: 14 at the most in one sample. */
#define XML_NAMESPACES_MAX 64
/* Text of one element, in UTF-8: more than INVOICE_NOTE_MAX characters are never kept. */
#define XML_TEXT_BYTES_MAX (4UL * INVOICE_NOTE_MAX)

/* ---- PDF ---- */

/* Nodes of name tree and page tree, files and annotations that are visited: a document of 500 pages with 10 links on each
 * stays below. Each is compared with all before it, about 20 ms in all. */
#define PDF_NODES_MAX 10000
/* Files tried in one PDF, well or not: the most in the sample invoices is 4. A broken one costs a search for its end. */
#define PDF_FILES_MAX 32
#define PDF_TROUBLES_MAX 10
/* One inflated file: the largest XML in the sample PDFs has 90 KB; attached scans have a few MB. */
#define PDF_FILE_BYTES_MAX (16UL * 1024 * 1024)
/* All of them: they stand beside the message (40 MB) and qpdf's tables in the jail's 256 MB. */
#define PDF_TOTAL_BYTES_MAX (48UL * 1024 * 1024)
/* Streams that qpdf unpacks (LZW, ASCII85, predictors), which it does without a limit: LZW reaches 1,400 times the size. No
 * sample has one. */
#define PDF_ODD_STREAM_BYTES_MAX (32UL * 1024)
#define PDF_FILTERS_MAX 4
/* Characters of a file's name that are kept. */
#define PDF_NAME_MAX 200
