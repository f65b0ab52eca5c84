/* The HTTP side of the test world: one thread per connection, one table of routes, faults around each.
 *
 * Handlers block: a biller's handler calls the processor over HTTP on the same listener, as it would
 * call one elsewhere. It listens on loopback for a demo and for tests; it is not built for the open net.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/span.h"
#include "book.h"

/* wire.md §4: a body over 256 KiB is refused. */
#define SERVER_BODY_MAX (256UL * 1024)
/* A segment that a '*' of the route stands for. */
enum { CALL_PARTS_MAX = 2 };

typedef struct Sandbox {
    Book *book;
    char *base_url;     /* "http://127.0.0.1:8081": of this listener */
    char *trust_issuer; /* the only issuer whose tokens count, or NULL: any on loopback */
    char *challenge_policy; /* CSP of the bank page: who may frame it */
    json_t *processor_jwk;
    struct IssuerCache *issuers; /* bearer.c */
    GMutex invoice_locks[16];    /* striped by invoice number: one payment-complete at a time each */
} Sandbox;

typedef struct Call {
    struct MHD_Connection *connection;
    const char *method, *path;
    char *parts[CALL_PARTS_MAX];
    Span body;
    json_t *json; /* the body where it is a JSON object, else NULL */
} Call;

typedef struct Reply {
    unsigned status;
    const char *media_type;
    char *body;           /* owned */
    size_t length;
    const char *header, *header_value; /* one more header, or NULL; borrowed */
    bool drop;            /* close the connection without an answer */
} Reply;

const char *call_header(const Call *call, const char *name);   /* or NULL */
const char *call_argument(const Call *call, const char *name); /* of the query, or NULL */

/* Take over what the reply said before. `body` is borrowed. */
void reply_json(Reply *reply, unsigned status, const json_t *body);
/* {"error":{"code","message"}} */
void reply_error(Reply *reply, unsigned status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Takes `body` over. */
void reply_bytes(Reply *reply, unsigned status, const char *media_type, char *body, size_t length);
void reply_done(Reply *reply);

typedef void Handler(Sandbox *sandbox, const Call *call, Reply *reply);

/* "127.0.0.1:0" chooses a port. Sets sandbox->base_url. NULL and `error` where it cannot listen. */
struct MHD_Daemon *server_start(Sandbox *sandbox, const char *listen_on, GError **error);
void server_stop(struct MHD_Daemon *daemon);
