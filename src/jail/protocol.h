/* What the engine, the warm parent and its children say to each other.
 *
 * The engine orders children before it needs them: one packet JailOrder with the child's end of a socket pair. The child
 * waits there for one JailTask and the message's bytes, and answers with one JailReply and the answer's bytes; nobody
 * else holds that socket, so a child can neither see another's message nor speak for another. The parent tells with one
 * JailNews that its walls stand, and how each child ended. An order that is not exactly so ends the parent (style.md, rule 5). */
#pragma once

#include <stdint.h>

/* ---- Engine → parent, parent → engine (packets) ---- */

typedef enum JailOrderKind {
    JAIL_ORDER_FORK = 1, /* with one descriptor; the place is free */
    JAIL_ORDER_KILL,     /* a child that has ended by then is no mistake */
} JailOrderKind;

typedef struct JailOrder {
    uint32_t kind;
    uint32_t place; /* the engine's number for the child, below JAIL_PLACES_MAX */
} JailOrder;

/* How a child ended. */
typedef struct JailEnd {
    int32_t wait_status;
    uint32_t used_its_time; /* deaf to SIGXCPU, it was ended at its hard limit of computing time */
} JailEnd;

typedef enum JailNewsKind {
    JAIL_NEWS_READY = 1, /* number: the version of Landlock, 0 where the kernel has none */
    JAIL_NEWS_ENDED,     /* number: the place */
} JailNewsKind;

typedef struct JailNews {
    uint32_t kind;
    uint32_t number;
    JailEnd end;
} JailNews;

/* ---- Engine → child, child → engine (a stream) ---- */

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

/* What a child is told first; `bytes` of message follow. */
typedef struct JailTask {
    JailRequest request;
    uint32_t bytes;
} JailTask;

/* What it answers first; `bytes` of answer follow. */
typedef struct JailReply {
    uint32_t code;
    uint32_t bytes;
} JailReply;

/* Codes: 0 and the answer, or this plus a SaldoError and a text that says why not. */
enum { JAIL_EXIT_REFUSED = 16 };
