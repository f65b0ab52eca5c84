/* One conversation with a child: a message there, an answer back. Trusts nothing that comes back. */
#pragma once

#include "base/buffer.h"
#include "base/span.h"
#include "protocol.h"

typedef enum TalkEnd {
    TALK_ANSWERED, /* a whole answer of at most `answer`'s maximum */
    TALK_TOO_MUCH, /* an answer was announced that is more than that */
    TALK_BROKEN,   /* the child's end is closed: it has ended, or given up the socket */
    TALK_TOO_LATE, /* JAIL_WALL_US are over */
} TalkEnd;

/* `message` is at most LIMIT_MESSAGE_BYTES. */
TalkEnd talk(int socket, const JailRequest *request, Span message, Buffer *answer, uint32_t *ret_code);
