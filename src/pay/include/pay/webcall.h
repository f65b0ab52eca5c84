/* One outgoing HTTP call: bounded in time and size, no redirects, no proxy, and honest about what is known of it.
 *
 * Exactly one request is made: a fresh connection each time, so that nothing is repeated behind our back. The only
 * user of libcurl; partner and processors build on it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/span.h"

/* Where a call may lead, by the address that the name resolved to. */
typedef enum WebReach {
    WEB_REACH_PUBLIC,   /* https only; private, loopback, link-local and other special addresses refused */
    WEB_REACH_LOOPBACK, /* these and loopback; plain http for loopback alone */
    WEB_REACH_PRIVATE,  /* test mode: anywhere; plain http for loopback alone */
} WebReach;

typedef struct WebRequest {
    const char *method;          /* "GET" or "POST" */
    const char *url;
    const char *const *headers;  /* "Name: value", NULL-terminated; or NULL */
    Span body;                   /* POST: with Content-Type: application/json */
    WebReach reach;
    unsigned connect_timeout_ms; /* of the connection alone, within the next */
    unsigned answer_timeout_ms;  /* of the whole call, to the last byte of the answer */
    size_t answer_bytes_max;
} WebRequest;

typedef enum WebOutcome {
    WEB_ANSWERED, /* status, media type and body are set */
    WEB_NOT_SENT, /* certain that no byte of the request went out */
    WEB_LOST,     /* sent, or perhaps sent, and no (whole, usable) answer came [PAY-007] */
} WebOutcome;

typedef struct WebAnswer {
    long status;
    char *media_type; /* lower case, without parameters; or NULL */
    unsigned retry_after_s; /* 0 where absent */
    Buffer body;
    char *trouble;    /* what went wrong, for people; NULL for WEB_ANSWERED */
} WebAnswer;
void web_answer_done(WebAnswer *answer);
#define WEB_ANSWER_AUTO __attribute__((cleanup(web_answer_done))) WebAnswer

WebOutcome web_call(const WebRequest *request, WebAnswer *ret_answer);

/* True where both are http(s) addresses with the same scheme, host and port. */
bool web_same_host(const char *left, const char *right);
/* True for a plain https address, or http on loopback: one that a payer's browser may be sent to. */
bool web_url_is_for_browsers(const char *url);

struct sockaddr;
/* Whether a resolved address may be called; `plain` is http without TLS. */
bool web_address_allowed(const struct sockaddr *address, WebReach reach, bool plain);
