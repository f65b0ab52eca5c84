/* ARC chains (RFC 8617): who says what a message's results were before it was changed on its way. */
#pragma once

#include "dkim_verify.h"

typedef struct ma_arc_chain ma_arc_chain;

typedef struct ma_arc_verdict {
    mailauth_result result; /* none, pass, fail, temperror, permerror */
    unsigned sets;
    char *sealer; /* d= of the newest seal, or NULL */
    char *reason;
} ma_arc_verdict;

/* Finds the sets of the message. Never NULL. */
ma_arc_chain *ma_arc_read(ma_arena *arena, const ma_message *message);
/* Starts the look-ups of its keys. */
void ma_arc_start(const ma_arc_chain *chain, ma_lookups *lookups);
/* RFC 8617 §5.2. */
ma_arc_verdict ma_arc_verify(ma_arena *arena, const ma_arc_chain *chain, const ma_message *message,
    ma_body_hashes *bodies, ma_lookups *lookups, int64_t now);
