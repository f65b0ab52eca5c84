/* The parsed message, as the files of this room see it. */
#pragma once

#include "mail/mail.h"

struct MailMessage {
    Span raw;
    Span headers;
    GArray *entries;      /* MailPart */
    GPtrArray *troubles;  /* char * */
    GPtrArray *decoded;   /* GBytes *: forwarded messages in base64 and the like, to which their parts point */
};

/* Notes a trouble once, for people. */
void message_note(const MailMessage *message, const char *text);
