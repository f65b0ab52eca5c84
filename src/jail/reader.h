/* What a child of saldo-jail does: reads one message and answers. */
#pragma once

#include "warm_parent.h"

/* See JailReader. */
int read_message(const JailRequest *request, Span message, Buffer *answer);

/* Does everything once that libraries set up on first use (charsets, hash seeds): later there are no files. */
void reader_warm_up(void);
