/* Intake: a message comes in, is authenticated, extracted, judged and stored; only then is it accepted.
 *
 * LMTP (RFC 2033) for the MTA, import for files, and the pipeline that both and `saldo inspect` share.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/span.h"
#include "jail/jail.h"
#include "mailauth.h"
#include "store/store.h"
#include "trust/verdict.h"

/* ---- Pipeline ------------------------------------------------------------------------------ */

typedef struct Envelope {
    const char *client_ip, *helo, *mail_from; /* NULL where unknown */
    int64_t received_us;
} Envelope;

/* Everything that was found out about one message before anyone looks at policy. */
typedef struct Reading {
    json_t *authentication; /* the archived form, see trust/verdict.h */
    Extraction *extraction;
} Reading;
void reading_free(Reading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reading, reading_free)

/* {"dkim":[…],"spf":{…},"dmarc":{…},"arc":{…},"vouched":{…},"warnings":[…],"evidence":[…]} */
json_t *authentication_to_json(const mailauth_report *report);

/* Authenticates the raw bytes in this process and extracts in the jail, at the same time.
 * NULL and `error` (UNAVAILABLE) when the jail or memory cannot be had. */
Reading *pipeline_read(mailauth *authenticator, Jail *jail, Span raw, const Envelope *envelope, bool is_mail,
    GError **error);

/* ---- Intake of one message into mailboxes --------------------------------------------------- */

typedef struct Intake {
    Store *store;
    Jail *jail;
    mailauth *authenticator;
} Intake;

/* Reads, judges for this mailbox, stores. Returns after the commit: the id, or none with `error`
 * (UNAVAILABLE/IO: 4xx, come again; LIMIT: 5xx). */
Id intake_deliver(const Intake *intake, const StoreMailbox *mailbox, Span raw, const Reading *reading,
    const Envelope *envelope, GError **error);

/* ---- LMTP ----------------------------------------------------------------------------------- */

typedef struct LmtpServer LmtpServer;
typedef struct LmtpOptions {
    const char *address;   /* "127.0.0.1:2424" or a path for a Unix socket */
    unsigned connections;  /* at most this many at once; more are told 421 */
    size_t message_bytes;  /* SIZE */
} LmtpOptions;
/* Only loopback and Unix sockets are accepted as addresses: the MTA in front is the one on the network. */
LmtpServer *lmtp_start(const Intake *intake, const LmtpOptions *options, GError **error);
void lmtp_stop(LmtpServer *server);
int lmtp_port(const LmtpServer *server); /* of a TCP address; useful with port 0 */

/* ---- Import ---------------------------------------------------------------------------------- */

typedef struct ImportProgress {
    uint64_t bytes_done, bytes_total, messages, refused;
} ImportProgress;
typedef void ImportReport(void *context, const ImportProgress *progress, const char *refused_text);

/* A .eml file, an mbox file or a Maildir/directory of .eml; every message that is refused is reported with its
 * place and the reason. False with `error` when `path` itself cannot be read. */
bool import_path(const Intake *intake, const StoreMailbox *mailbox, const char *path, ImportReport *report,
    void *context, GError **error);

/* A message as files keep it: where its first line ends in a bare LF, every bare LF becomes CRLF (what was sent and
 * signed); else the bytes are left as they are. Newly allocated. */
GBytes *import_message_bytes(Span file_bytes);
