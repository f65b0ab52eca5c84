/* The DNS of the test world: which domain signs with what, and the zone file with all their records. */
#pragma once

#include <glib.h>

#include "book.h"

typedef struct ZoneKey {
    const char *selector, *kind; /* "rsa", "ed25519" */
} ZoneKey;

/* Domains that play no biller. */
#define ZONE_RELAY_DOMAIN "bulk-relay.example"
#define ZONE_LOOKALIKE_DOMAIN "northwlnd-energy.example"
#define ZONE_STRANGER_DOMAIN "quillpress.example"
#define ZONE_NEWSLETTER_DOMAIN "allotment-weekly.example"
#define ZONE_FRIEND_DOMAIN "brzeg-poczta.example"
#define ZONE_SUPPLIER_DOMAIN "tartak-olszyna.example"
/* Every biller's domain has a key under this selector that was taken back (empty p=). */
#define ZONE_REVOKED_SELECTOR "old2024"

/* The keys that a domain signs with; *ret_count is 0 where it is none of this world. */
const ZoneKey *zone_keys(const char *domain, size_t *ret_count);
/* SPF, DKIM and DMARC records of every domain as a zone file (RFC 1035 §5), newly allocated. */
char *zone_text(Book *book);
