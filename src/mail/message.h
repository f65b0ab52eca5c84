/* The parsed message, as the files of this room see it. */
#pragma once

#include "mail/mail.h"

typedef struct PartEntry {
    MailPart part;
    bool in_forward; /* stands inside a message/rfc822 part */
} PartEntry;

struct MailMessage {
    Span raw;
    Span headers;
    GArray *entries;      /* PartEntry */
    GPtrArray *troubles;  /* char * */
};

/* Notes a trouble once, for people. */
void message_note(const MailMessage *message, const char *text);
