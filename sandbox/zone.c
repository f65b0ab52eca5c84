/* dns.zone: one line per record, fully qualified, so that any reader of zone files takes it. */
#include "zone.h"

#include <string.h>

#include "letter.h"

static const ZoneKey rsa_only[] = { { "bill2026", "rsa" } };
static const ZoneKey both[] = { { "r2026", "rsa" }, { "e2026", "ed25519" } };

static const struct {
    const char *domain;
    const ZoneKey *keys;
    size_t key_count;
} domains[] = {
    { "northwind-energy.example", rsa_only, G_N_ELEMENTS(rsa_only) },
    { "mail.ledgerly.example", both, G_N_ELEMENTS(both) },
    { "greyfield-media.example", rsa_only, G_N_ELEMENTS(rsa_only) },
    { "pinecone-post.example", rsa_only, G_N_ELEMENTS(rsa_only) },
    { ZONE_RELAY_DOMAIN, rsa_only, G_N_ELEMENTS(rsa_only) },
    { ZONE_LOOKALIKE_DOMAIN, rsa_only, G_N_ELEMENTS(rsa_only) },
    { ZONE_STRANGER_DOMAIN, both, G_N_ELEMENTS(both) },
    { ZONE_NEWSLETTER_DOMAIN, rsa_only, G_N_ELEMENTS(rsa_only) },
    { ZONE_FRIEND_DOMAIN, both, G_N_ELEMENTS(both) },
    { ZONE_SUPPLIER_DOMAIN, rsa_only, G_N_ELEMENTS(rsa_only) },
};

/* RFC 1035 §3.3: a character string has at most 255 bytes; a long record is several strings. */
enum { STRING_MAX = 250 };

const ZoneKey *zone_keys(const char *domain, size_t *ret_count)
{
    for (size_t i = 0; i < G_N_ELEMENTS(domains); i++) {
        if (strcmp(domains[i].domain, domain) == 0) {
            *ret_count = domains[i].key_count;
            return domains[i].keys;
        }
    }
    *ret_count = 0;
    return NULL;
}

static void add_txt(GString *zone, const char *owner, const char *text)
{
    g_string_append_printf(zone, "%s. 300 IN TXT", owner);
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += STRING_MAX)
        g_string_append_printf(zone, " \"%.*s\"", (int)MIN(length - at, (size_t)STRING_MAX), text + at);
    g_string_append_c(zone, '\n');
}

static void add_key(GString *zone, const char *domain, const char *selector, const char *record)
{
    g_autofree char *owner = g_strdup_printf("%s._domainkey.%s", selector, domain);
    add_txt(zone, owner, record);
}

static void add_domain(GString *zone, Book *book, const char *domain, const ZoneKey *keys, size_t key_count)
{
    g_autofree char *dmarc = g_strdup_printf("_dmarc.%s", domain);
    g_string_append_printf(zone, "\n; %s\n%s. 300 IN A 192.0.2.25\n%s. 300 IN MX 10 %s.\n", domain, domain, domain, domain);
    /* 127.0.0.1 and ::1: the demo's own deliveries; 192.0.2.0/24: documentation addresses in tests. */
    add_txt(zone, domain, "v=spf1 ip4:127.0.0.1 ip6:::1 ip4:192.0.2.0/24 -all");
    add_txt(zone, dmarc, "v=DMARC1; p=reject; adkim=r; aspf=r");
    for (size_t i = 0; i < key_count; i++) {
        g_autofree char *record = letter_key_record(book, domain, keys[i].kind);
        add_key(zone, domain, keys[i].selector, record);
    }
    add_key(zone, domain, ZONE_REVOKED_SELECTOR, "v=DKIM1; k=rsa; p=");
}

char *zone_text(Book *book)
{
    GString *zone = g_string_new("; DNS of the sandbox's world: SPF, DKIM and DMARC of every domain that sends samples.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(domains); i++)
        add_domain(zone, book, domains[i].domain, domains[i].keys, domains[i].key_count);
    add_txt(zone, "_dmarc.ledgerly.example", "v=DMARC1; p=reject");
    return g_string_free(zone, FALSE);
}
