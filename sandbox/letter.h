/* Mails as bytes: headers, MIME parts, transfer encodings and DKIM signatures. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "book.h"

typedef enum LetterTransfer {
    LETTER_QUOTED_PRINTABLE,
    LETTER_RAW, /* 8bit, lines as they are: for what must reach the reader byte for byte */
} LetterTransfer;

typedef struct Letter {
    const char *from_name, *from_address;
    const char *to_address;
    const char *subject;
    const char *message_id;    /* without angle brackets */
    int64_t date_us;
    const char *text;          /* text/plain, UTF-8 */
    const GString *html;       /* text/html, or NULL; may hold any bytes where `transfer` is LETTER_RAW */
    LetterTransfer transfer;   /* of the HTML part */
    const char *html_charset;  /* "utf-8" where NULL */
    const char *logo;          /* shown as cid:logo@<from domain>, or NULL */
    GBytes *attachment;        /* or NULL */
    const char *attachment_name;
    const char *attachment_type; /* "application/pdf" where NULL */
} Letter;

/* The whole message with CRLF line ends, not yet signed. */
GString *letter_compose(const Letter *letter);

typedef struct LetterSignature {
    const char *domain, *selector;
    const char *key_name; /* of keys_dkim_pem */
    const char *kind;     /* "rsa", "ed25519" */
    int64_t now;          /* t=, seconds */
    int64_t expires;      /* x=, or 0 */
} LetterSignature;

/* Puts a DKIM-Signature in front of the message; false where it cannot be signed. */
bool letter_sign(Book *book, GString *message, const LetterSignature *signature);
/* The TXT record of such a key, newly allocated (g_free). */
char *letter_key_record(Book *book, const char *key_name, const char *kind);
