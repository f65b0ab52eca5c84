/* DKIM2 (draft-ietf-dkim-dkim2-spec-04): the chain of signatures from hop to hop, with the changes made on the way. */
#pragma once

#include "dkim_verify.h"

typedef struct ma_dkim2_chain ma_dkim2_chain;

typedef struct ma_dkim2_verdict {
    mailauth_result result; /* none, pass, policy, fail, temperror, permerror */
    unsigned signatures, instances;
    char *domain; /* d= of the newest signature, or NULL */
    char *reason;
} ma_dkim2_verdict;

/* Finds the fields of the message. Never NULL. `mode` is not off. */
ma_dkim2_chain *ma_dkim2_read(ma_arena *arena, const ma_message *message, mailauth_dkim2_mode mode);
/* Starts the look-ups of its keys. */
void ma_dkim2_start(const ma_dkim2_chain *chain, ma_lookups *lookups);
/* §11. Stops at the first thing that is wrong. */
ma_dkim2_verdict ma_dkim2_verify(ma_arena *arena, const ma_dkim2_chain *chain, const ma_message *message,
    ma_lookups *lookups, const mailauth_envelope *envelope);
