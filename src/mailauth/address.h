/* The one mailbox of a From field (RFC 5322 §3.4, §3.6.2). */
#pragma once

#include "message.h"

typedef struct ma_author {
    char *address;       /* local part as written, "@", domain in small A-label form; NULL unless exactly one */
    char *domain;
    const char *trouble; /* why there is not exactly one */
    bool name_has_at;    /* the display name holds an "@": it can pass for another address */
} ma_author;

/* Groups, source routes, domain literals, control characters and anything after the mailbox are refused:
 * where readers could disagree about who wrote the mail, nobody did. */
ma_author ma_author_read(ma_arena *arena, const ma_message *message);
