/* The origin that browsers use (RFC 6454), and what follows from it: which Host and Origin are ours.
 *
 * A Host that is not ours is refused: a page of another site whose name was made to point here (DNS rebinding)
 * would otherwise read mail with the reader's own browser. Loopback hosts are one another's equals.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Origin {
    char *text;   /* "https://pay.example.org", as browsers write it */
    char *scheme; /* "https", "http" */
    char *host;   /* lower case, without port; "[::1]" in brackets */
    int port;
    bool is_loopback;
} Origin;

/* False with `error` (BAD_INPUT): not an origin, or plain http outside loopback, where no cookie could be secure. */
bool origin_parse(const char *text, Origin *ret_origin, GError **error);
void origin_done(Origin *origin);
/* The Host header names us. */
bool origin_allows_host(const Origin *origin, const char *host);
/* The Origin header is the one of the page that `host` serves. */
bool origin_is_same(const Origin *origin, const char *host, const char *header);
/* "https://sandbox.example" of a longer URL, newly allocated; NULL where it is no http(s) URL. */
char *origin_of_url(const char *url);
