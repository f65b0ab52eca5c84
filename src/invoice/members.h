/* The parts of the invoice model as tables of members, which making, freeing, and the JSON form share. */
#pragma once

#include <stddef.h>

#include "invoice/invoice.h"

typedef enum MemberKind {
    MEMBER_TEXT, /* char *, clean, at most INVOICE_TEXT_MAX characters */
    MEMBER_NOTE, /* char *, clean, at most INVOICE_NOTE_MAX */
    MEMBER_URL,  /* char *, at most INVOICE_URL_MAX */
    MEMBER_SIGNED, /* char *, at most INVOICE_SIGNED_REQUEST_MAX */
    MEMBER_DATE, /* char *, YYYY-MM-DD */
    MEMBER_DECIMAL,
    MEMBER_FLAG, /* bool */
} MemberKind;

typedef struct Member {
    const char *key; /* in JSON; NULL ends the table */
    MemberKind kind;
    size_t offset;
} Member;

extern const Member party_members[], account_members[], totals_members[], line_members[], vat_members[], adjustment_members[],
    document_members[], invoice_members[];

/* A list of structures of one kind in the invoice. */
typedef struct MemberList {
    const char *key;
    size_t offset;         /* of the GPtrArray * */
    const Member *members; /* NULL: a list of texts */
    size_t size;           /* of one structure */
    unsigned maximum;
} MemberList;

/* Ends with a NULL key. */
extern const MemberList invoice_lists[];

/* A zeroed structure added to the list; NULL where the list is full. */
void *invoice_list_add(Invoice *invoice, size_t offset);
/* The same for a text, taken over; freed where the list is full or the text is empty. */
void invoice_list_add_text(Invoice *invoice, size_t offset, char *text);
/* Drops what stands behind the first `length` members. */
void invoice_list_shorten(Invoice *invoice, size_t offset, unsigned length);
/* Frees the texts of a structure, not the structure. */
void members_clear(const Member *members, void *structure);
