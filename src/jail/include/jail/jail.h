/* The jail: one hostile message at a time, read by a child that can touch nothing.
 *
 * This is the engine's side. saldo-jail is a warm parent; it forks children ahead of need that give up the system
 * (seccomp allow-list, Landlock where the kernel has it, rlimits: CPU 2 s, memory 256 MB, no files, no network). Each takes
 * one message over its own socket, writes one bounded answer and ends. A child that its limits end, or that
 * breaks down, is a result ("unreadable"). A child ended from outside (kill -9, the system out of memory) says
 * nothing about the message, nor does a jail parent that is gone: it is asked once more, then UNAVAILABLE.
 * Thread-safe: several threads may ask at once; at most `workers` messages are read at a time. The others wait, in a bounded
 * queue for a bounded time, then UNAVAILABLE: come again later. Of two or more workers, one is always left to those who
 * render bodies and read parts, and one to those who extract: neither keeps the other waiting.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"
#include "invoice/invoice.h"
#include "mail/mail.h"

typedef struct Jail Jail;

Jail *jail_start(unsigned workers, GError **error);
void jail_stop(Jail *jail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Jail, jail_stop)

/* What was read of a message. `readable` is false when the child was killed, timed out or answered
 * nonsense: then `trouble` says which, and the rest is empty. */
typedef struct Extraction {
    bool readable;
    char *trouble;
    MailSummary *summary; /* never NULL; empty where unreadable */
    GPtrArray *invoices;  /* Invoice *; never NULL */
} Extraction;

/* Readable, without invoices and (until it is set) without a summary: for the jail's reader. */
Extraction *extraction_new(void);
void extraction_free(Extraction *extraction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Extraction, extraction_free)
json_t *extraction_to_json(const Extraction *extraction);
Extraction *extraction_from_json(const json_t *json, GError **error);

/* A mail, or a bare file (XML, PDF, zip, .p7m, HTML) where `is_mail` is false.
 * NULL and `error` (UNAVAILABLE) only when the jail itself cannot be had, or its child was ended from outside
 * twice, or too many others wait: try again later, and store nothing. */
Extraction *jail_extract(Jail *jail, Span raw, bool is_mail, GError **error);

/* The message body as a sanitised HTML document, newly allocated. */
char *jail_render_body(Jail *jail, Span raw, bool allow_remote_pictures, GError **error);

/* One part's decoded bytes (at most LIMIT_EXTRACTION_BYTES). */
GBytes *jail_read_part(Jail *jail, Span raw, unsigned part, GError **error);

typedef enum JailQuestion { JAIL_QUESTION_EXTRACT, JAIL_QUESTION_RENDER, JAIL_QUESTION_PART, JAIL_QUESTIONS } JailQuestion;

/* How a request ended. From CPU to BROKEN the message ended its reader: it is unreadable. */
typedef enum JailOutcome {
    JAIL_OUTCOME_ANSWERED,
    JAIL_OUTCOME_REFUSED,     /* the reader says why not */
    JAIL_OUTCOME_CPU,         /* JAIL_CPU_SECONDS */
    JAIL_OUTCOME_WALL,        /* JAIL_WALL_US */
    JAIL_OUTCOME_MEMORY,      /* JAIL_MEMORY_BYTES, or the reader found a contradiction */
    JAIL_OUTCOME_FORBIDDEN,   /* a system call that is not listed */
    JAIL_OUTCOME_BROKEN,      /* it crashed, gave up, or answered too much */
    JAIL_OUTCOME_BUSY,        /* never asked: too many waited, or for too long */
    JAIL_OUTCOME_UNAVAILABLE, /* asked twice and ended from outside twice, or there is no jail */
    JAIL_OUTCOMES,
} JailOutcome;

typedef struct JailCounters {
    uint64_t requests[JAIL_QUESTIONS][JAIL_OUTCOMES];
    uint64_t interrupted; /* children that were ended from outside; each was asked again once */
    unsigned restarts;    /* parents after the first */
    unsigned workers, working, waiting; /* now */
    unsigned waiting_most; /* since the start */
    int landlock_version;  /* 0: this kernel has none */
} JailCounters;
JailCounters jail_counters(Jail *jail);
uint64_t jail_counters_sum(const JailCounters *counters, JailOutcome outcome);
/* One lower-case word: for metrics. */
const char *jail_question_name(JailQuestion question);
const char *jail_outcome_name(JailOutcome outcome);
/* For tests and doctor: the pid of the warm parent now, 0 where there is none. */
int jail_parent_pid(Jail *jail);
