/* One request and its reply as plain values: what a handler sees. No handler knows libmicrohttpd.
 *
 * A handler is a blocking function HttpRequest → HttpReply that runs on a worker thread. The request was
 * bounded, its Host and Origin checked, and (as its route asks) its session, CSRF value and key found good.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/id.h"
#include "base/span.h"
#include "limits.h"
#include "store/store.h"

typedef struct Server Server;
typedef struct Route Route;
typedef struct EventStream EventStream;

/* A stream that was never opened (events.c). */
void event_stream_free(EventStream *stream);

enum { HTTP_PARAMETERS_MAX = 2 };

typedef struct HttpRequest {
    Id id; /* in logs and problems */
    const Route *route; /* NULL: a file of the web app */
    char *path;
    char *parameters[HTTP_PARAMETERS_MAX]; /* of the route's pattern, in order */
    char *query_names[HTTP_QUERY_ARGUMENTS], *query_values[HTTP_QUERY_ARGUMENTS];
    size_t query_count;
    char *method, *host, *origin, *content_type, *session_token, *csrf, *idempotency_key, *last_event_id, *accept_encoding,
        *if_none_match, *client_address;
    Buffer body;
    json_t *json; /* the body, where the route takes one */
    /* Where the route needs a session: */
    StoreAccount *account;
    char *session_csrf, *session_hash;
} HttpRequest;

void http_request_done(HttpRequest *request);
/* The first value of a query argument, or NULL. */
const char *http_request_query(const HttpRequest *request, const char *name);

/* The {id} of the route's pattern. */
Id http_request_id(const HttpRequest *request);

typedef struct HttpReply {
    unsigned status;
    const char *media_type;  /* static */
    GBytes *body;
    GPtrArray *headers;      /* char *: name, value, name, value … */
    const char *problem;     /* code, for logs and counters */
    EventStream *stream;     /* instead of a body */
} HttpReply;

typedef void HttpHandler(Server *server, HttpRequest *request, HttpReply *reply);
typedef void HttpReplay(Server *server, const HttpRequest *request, HttpReply *reply, const json_t *kept);

void http_reply_done(HttpReply *reply);
void http_reply_header(HttpReply *reply, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes over the reference to `value`. */
void http_reply_json(HttpReply *reply, unsigned status, json_t *value);
void http_reply_text(HttpReply *reply, unsigned status, const char *media_type, const char *text);
/* Takes over the reference to `body`. */
void http_reply_bytes(HttpReply *reply, unsigned status, const char *media_type, GBytes *body);
void http_reply_empty(HttpReply *reply, unsigned status);
