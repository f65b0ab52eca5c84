/* Address lists (RFC 5322 §3.4), for showing: what vouches for a sender is judged in room mailauth. */
#pragma once

#include <glib.h>

#include "base/span.h"

typedef struct Mailbox {
    char *name;    /* clean text, or NULL */
    char *address; /* clean text without spaces, or NULL */
} Mailbox;

/* The mailboxes of a list, groups flattened, at most MAIL_MAILBOXES_MAX: Mailbox *. */
GPtrArray *address_list_parse(Span value);
/* "Name <address>, address2"; NULL where the list is empty. Newly allocated. */
char *address_list_text(const GPtrArray *mailboxes);
