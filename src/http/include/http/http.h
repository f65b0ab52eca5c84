/* HTTP: the API under /v1 (docs/openapi.yaml), the message bodies under /m, the web app's files, server push.
 *
 * libmicrohttpd's event threads parse, authenticate and bound each request, suspend the connection and queue
 * the request; worker threads run the handler, which may block on a commit; the connection is resumed with the
 * reply. A full queue is 503 with Retry-After. Calls to billers have workers of their own, so that a slow biller
 * never delays the inbox.
 */
#pragma once

#include <glib.h>

#include "checkout/checkout.h"
#include "jail/jail.h"
#include "partner/partner_client.h"
#include "store/store.h"
#include "vault/vault.h"

typedef struct HttpServer HttpServer;

typedef struct HttpOptions {
    const char *address;      /* "127.0.0.1:8080" */
    const char *public_url;   /* origin that browsers use: https, or http on a loopback host; NULL: from the address */
    const char *web_directory; /* built front end (web/dist), read into memory at start; NULL: none */
    const char *metrics_socket; /* Unix socket path for /metrics, or NULL */
    unsigned workers;         /* for the store; 0 = 8 */
    unsigned outside_workers; /* for billers; 0 = 8 */
    unsigned outside_ms;      /* after so long a request to a biller is answered 504 no_answer_yet; 0 = 20 s */
} HttpOptions;

typedef struct HttpParts { /* borrowed for the server's life */
    Store *store;
    Checkout *checkout;
    Vault *vault;
    Jail *jail;
    const TokenKeys *keys;
} HttpParts;

/* Port 0 in `address` takes a free one; public_url NULL is then "http://<address>" with it. */
HttpServer *http_start(const HttpParts *parts, const HttpOptions *options, GError **error);
/* The port that is listened on. */
int http_port(const HttpServer *server);
/* Stops accepting, answers what is open, ends the threads. */
void http_stop(HttpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpServer, http_stop)
