/* The other libraries that `make bench-mailauth` measures libmailauth beside, each given its records at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct Records {
    const char *author;   /* domain of the From address, of d= and of MAIL FROM */
    const char *client;   /* IPv4 address */
    const char *key, *spf, *dmarc; /* the texts of the three TXT records */
} Records;

typedef struct Peers Peers;

/* NULL when one of the libraries cannot start. */
Peers *peers_new(const Records *records);
void peers_free(Peers *peers);

/* libopendkim over the whole message; true when the signature is good. */
bool peers_verify_dkim(Peers *peers, const char *message, size_t length);
/* The same, then libspf2 and libopendmarc; true when DMARC passes. */
bool peers_verify_all(Peers *peers, const char *message, size_t length);
