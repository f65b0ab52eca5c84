/* One sample mail on its way from a bill to a file, and the places where a flaw can be put in. */
#pragma once

#include "bill.h"
#include "samples.h"

typedef enum DraftSignature {
    DRAFT_SIGNED,        /* as the domain's records say */
    DRAFT_UNSIGNED,
    DRAFT_BY_RELAY,      /* a good signature of a domain that is not the sender's */
    DRAFT_EXPIRED,       /* x= has passed */
    DRAFT_REVOKED_KEY,   /* a selector whose record has an empty p= */
} DraftSignature;

typedef enum DraftRequest {
    DRAFT_AS_BILLER,     /* plain from a static sender, signed from a dynamic one */
    DRAFT_PLAIN,         /* an ActionRequest without signature */
    DRAFT_INVOICE_ONLY,  /* schema.org Invoice: nothing says how to pay */
    DRAFT_NO_MARKUP,
    DRAFT_ALG_NONE,
    DRAFT_ALG_HS256,     /* keyed with the biller's public key */
    DRAFT_FOREIGN_KEY,   /* signed by another key under the same kid */
    DRAFT_TAMPERED,      /* the payload was changed after signing */
} DraftRequest;

typedef struct Draft {
    const SampleOrder *order;
    Book *book;
    const Bill *bill;
    int64_t sent_us;
    bool reminder;
    bool attach_document;
    bool issued_as_text;      /* iat as a string, as old billers write it */
    const char *from_address; /* NULL: the merchant's own */
    const char *originator;   /* NULL: the biller's own */
    const char *domain;       /* signs; NULL: the biller's own */
    DraftSignature signature;
    DraftRequest request;
    int64_t issued_shift_s;   /* iat is off by this */
    const char *claimed_sender; /* NULL: the From address */
    bool raw_html;
    const char *html_charset;
    /* Each may be NULL. */
    void (*edit_request)(json_t *request); /* the ActionRequest before it is serialized */
    void (*edit_markup)(GString *markup);  /* the script's text */
    void (*edit_html)(GString *html);
    void (*edit_message)(GString *message); /* before DKIM signs it */
    void (*edit_signed)(GString *message);  /* after */
} Draft;

/* The mail's bytes; NULL and `error` where it cannot be made. */
GString *draft_finish(const Draft *draft, GError **error);
/* Signs with every key of `domain` (zone_keys). */
bool draft_sign(Book *book, GString *message, const char *domain, int64_t now_s, int64_t expires_s);
