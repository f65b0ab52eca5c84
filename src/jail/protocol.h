/* What the engine and saldo-jail say to each other.
 *
 * Engine → parent: one packet JailRequest with three descriptors: the message (a sealed memory file), the pipe for the
 * answer, the pipe for the parent's word on how the child ended. Child → engine: the answer's bytes. Parent → engine: one
 * JailEnd. A request that is not exactly so ends the parent (style.md, rule 5). */
#pragma once

#include <stdint.h>

typedef enum JailKind {
    JAIL_EXTRACT = 1, /* flag: the bytes are a mail. Answer: an Extraction as JSON */
    JAIL_RENDER,      /* flag: remote pictures are allowed. Answer: HTML */
    JAIL_READ_PART,   /* number: the part. Answer: its bytes */
} JailKind;

typedef struct JailRequest {
    uint32_t kind;
    uint32_t flag;
    uint32_t number;
} JailRequest;

enum { JAIL_MESSAGE_FD, JAIL_ANSWER_FD, JAIL_END_FD, JAIL_REQUEST_FDS };

typedef struct JailEnd {
    int32_t wait_status;
    uint32_t timed_out; /* killed at its limit of wall-clock or, deaf to SIGXCPU, of computing time */
} JailEnd;

/* Exit codes of a child: 0 and an answer, or this plus a SaldoError and a text that says why not. */
enum { JAIL_EXIT_REFUSED = 16 };
