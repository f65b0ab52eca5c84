/* Limits of talking to billers, each with its reason. */
#pragma once

/* wire.md §4: time limits. */
#define PARTNER_CONNECT_MS 3000
#define PARTNER_REQUEST_MS 10000
#define PARTNER_COMPLETE_MS 30000

/* The full invoice behind entity.url: larger than any invoice seen, small enough to hold in memory. */
#define PARTNER_DOCUMENT_BYTES (8UL * 1024 * 1024)

/* displayItems of one invoice: above any seen; a pane cannot show more. */
#define PARTNER_LINES_MAX 1000

/* Longest text of an answer that is shown to a payer: four lines of the pane. */
#define PARTNER_TEXT_MAX 300

/* Longest id, code or confirmation number. */
#define PARTNER_ID_MAX 200

/* error → innererror → innererror: two levels are written, more are seen nowhere. */
#define PARTNER_ERROR_DEPTH 4

/* Networks or card types in one answer: six and three exist. */
#define PARTNER_NAMES_MAX 16

/* wire.md §5, §6. */
#define BEARER_LIFE_S 300
#define PAYMENT_TOKEN_LIFE_S (15 * 60)
