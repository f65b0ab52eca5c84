/* Limits of the invoice room, each with its reason. */
#pragma once

/* Names, numbers, remittance texts: the longest in 3,899 sample invoices has 300 characters. */
#define INVOICE_TEXT_MAX 500

/* Texts that only lead somewhere. 2,048 is what browsers and mail programs are known to carry. */
#define INVOICE_URL_MAX 2048

/* A SignedActionRequest: claims of a few KB and one signature. */
#define INVOICE_SIGNED_REQUEST_MAX (64UL * 1024)

/* Accounts and checks in one invoice: the most accounts in one sample is 9. */
#define INVOICE_ACCOUNTS_MAX 32
#define INVOICE_CHECKS_MAX 64

/* Payment actions of one request: the format allows any number, every sample has one. */
#define INVOICE_ACTIONS_MAX 16

/* Nodes that are visited in one JSON-LD text: a text of LIMIT_JSON_BYTES holds at most one node per 2 bytes. */
#define JSON_LD_NODES_MAX (128UL * 1024)

/* Digits that an IEEE double keeps exactly in decimal: a JSON number with more is refused as a price. */
#define PRICE_EXACT_DIGITS 15
