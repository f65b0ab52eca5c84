/* The jail: one hostile message at a time, read by a child that can touch nothing.
 *
 * This is the engine's side. saldo-jail is a warm parent; for each request it forks a child that
 * gives up the system (seccomp allow-list, rlimits: CPU 2 s, memory 256 MB, no files, no network),
 * reads the message from a memory file and writes one bounded answer. A child that its limits end, or that
 * breaks down, is a result ("unreadable"). A child ended from outside (kill -9, the system out of memory) says
 * nothing about the message, nor does a jail parent that is gone: it is asked once more, then UNAVAILABLE.
 * Thread-safe: several threads may ask at once; at most `workers` children run, the others wait.
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

/* A mail (or a bare XML/PDF file where `is_mail` is false: named as unsupported until readers exist).
 * NULL and `error` (UNAVAILABLE) only when the jail itself cannot be had, or its child was ended from outside
 * twice: try again later, and store nothing. */
Extraction *jail_extract(Jail *jail, Span raw, bool is_mail, GError **error);

/* The message body as a sanitised HTML document, newly allocated. */
char *jail_render_body(Jail *jail, Span raw, bool allow_remote_pictures, GError **error);

/* One part's decoded bytes (at most LIMIT_EXTRACTION_BYTES). */
GBytes *jail_read_part(Jail *jail, Span raw, unsigned part, GError **error);

typedef struct JailCounters {
    uint64_t asked, answered;
    uint64_t killed;      /* children that their limits or their own breakdown ended: the message is unreadable */
    uint64_t interrupted; /* children that were ended from outside */
    uint64_t restarted;
} JailCounters;
JailCounters jail_counters(Jail *jail);
/* For tests and doctor: the pid of the warm parent now. */
int jail_parent_pid(Jail *jail);
