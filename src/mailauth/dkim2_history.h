/* Whether a message is, and was, what its Message-Instance fields say. */
#pragma once

#include "dkim2.h"
#include "dkim2_fields.h"

struct ma_dkim2_chain {
    ma_dkim2_signature signatures[MA_DKIM2_CHAIN_MAX]; /* by number, from 1 on, once read without trouble */
    ma_dkim2_instance instances[MA_DKIM2_CHAIN_MAX];
    size_t signature_count, instance_count;
    bool bare_paths;
    char *trouble;
};

/* What is wrong; no reason as long as nothing is. */
typedef struct ma_dkim2_finding {
    mailauth_result result;
    char *reason;
} ma_dkim2_finding;

static const ma_dkim2_finding MA_DKIM2_GOOD = { MAILAUTH_PASS, NULL };

/* *ret_body_is_lost: some earlier body cannot be had, and was not checked. */
ma_dkim2_finding ma_dkim2_check_history(ma_arena *arena, const ma_dkim2_chain *chain, const ma_message *message,
    bool *ret_body_is_lost);
