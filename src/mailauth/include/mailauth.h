/* libmailauth: who vouches for this mail? DKIM (RFC 6376, 8301, 8463), SPF (RFC 7208),
 * DMARC (RFC 9989), ARC (RFC 8617) and, where asked for, DKIM2 (draft-ietf-dkim-dkim2-spec) over the
 * raw bytes of one message.
 *
 * Pure apart from the resolver it is given: bytes, DNS answers and a clock go in, a report comes out.
 * It uses nothing of Saldo and no GLib; its names are its own. Every function is thread-safe on
 * distinct objects; one `mailauth` and one resolver may serve several threads at once.
 * When memory runs out the process is aborted, with a line on standard error: half a verdict on who
 * sent a mail is worse than none. No function returns NULL for that reason.
 */
#ifndef MAILAUTH_H
#define MAILAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined __GNUC__
#pragma GCC visibility push(default) /* what the shared library exports is what stands here */
#endif

/* ---- Results (RFC 8601 §2.7) ------------------------------------------------------------- */

typedef enum mailauth_result {
    MAILAUTH_NONE,
    MAILAUTH_PASS,
    MAILAUTH_FAIL,
    MAILAUTH_SOFTFAIL,
    MAILAUTH_NEUTRAL,
    MAILAUTH_POLICY,
    MAILAUTH_TEMPERROR, /* timeout, SERVFAIL or bogus DNSSEC: unknown, never none or fail */
    MAILAUTH_PERMERROR,
} mailauth_result;

/* The word of RFC 8601 §2.7: "pass", "temperror", … */
const char *mailauth_result_name(mailauth_result result);

/* ---- DNS --------------------------------------------------------------------------------- */

typedef enum mailauth_rcode {
    MAILAUTH_DNS_OK = 0,       /* record_count may be 0: NODATA */
    MAILAUTH_DNS_NXDOMAIN = 3,
    MAILAUTH_DNS_SERVFAIL = 2, /* also any other refusal of a server */
    MAILAUTH_DNS_TIMEOUT = 256, /* the deadline passed */
} mailauth_rcode;

typedef enum mailauth_dnssec { MAILAUTH_DNSSEC_INSECURE, MAILAUTH_DNSSEC_SECURE, MAILAUTH_DNSSEC_BOGUS } mailauth_dnssec;

enum { MAILAUTH_TYPE_A = 1, MAILAUTH_TYPE_PTR = 12, MAILAUTH_TYPE_MX = 15, MAILAUTH_TYPE_TXT = 16, MAILAUTH_TYPE_AAAA = 28 };

/* One record's data as on the wire (RFC 1035 §3.3), names inside it uncompressed. Borrowed until the
 * callback returns. */
typedef struct mailauth_rdata {
    const uint8_t *at;
    size_t length;
} mailauth_rdata;

typedef struct mailauth_answer {
    mailauth_rcode rcode;
    mailauth_dnssec dnssec;
    uint32_t ttl; /* seconds; the least of the records, or the negative TTL */
    const mailauth_rdata *records;
    size_t record_count;
} mailauth_answer;

typedef void mailauth_answer_fn(void *context, const mailauth_answer *answer);

/* A resolver: any implementation of these three calls.
 * `start` begins one look-up and returns 0, or -1 when it cannot (then `done` is never called).
 * `done` is called exactly once for each started look-up: from inside `start` (an answer at hand) or
 * from inside `wait`, always on the thread that started it. A look-up that outlives `deadline_us`
 * (monotonic microseconds, CLOCK_MONOTONIC) is answered with MAILAUTH_DNS_TIMEOUT.
 * `wait` runs callbacks of this thread's look-ups and returns 0 once at least one ran or none is
 * open, -1 on failure. `name` is a presentation-form name without a final dot. */
typedef struct mailauth_resolver {
    void *self;
    int (*start)(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
        void *context);
    int (*wait)(void *self);
    void (*free)(void *self);
} mailauth_resolver;

/* A resolver over the text of a zone file (RFC 1035 §5: fully qualified names, or relative ones after
 * $ORIGIN; A AAAA MX PTR TXT CNAME; a name that is absent answers NXDOMAIN). Returns NULL and a newly
 * allocated text (free) in *ret_error on a line that cannot be read. What a zone cannot state, a line
 *     $ANSWER name type timeout|servfail|bogus|secure
 * does (type may be ANY): so archived evidence and tests can be replayed whole. */
mailauth_resolver *mailauth_resolver_from_zone(const char *text, size_t length, char **ret_error);

/* libunbound, asynchronous and validating. NULL fields mean the host's own configuration. */
typedef struct mailauth_unbound_options {
    const char *forward_to;    /* "127.0.0.1@5353": ask this server */
    const char *zone_file;     /* answer these names from local data; a demo's or a test's world */
    const char *trust_anchor;  /* one DS or DNSKEY record */
    bool no_network;           /* answer from zone_file alone; all else is NXDOMAIN */
} mailauth_unbound_options;
mailauth_resolver *mailauth_resolver_unbound(const mailauth_unbound_options *options, char **ret_error);

void mailauth_resolver_free(mailauth_resolver *resolver);

/* ---- Checking ---------------------------------------------------------------------------- */

typedef struct mailauth mailauth; /* settings and the cache of parsed records */

typedef enum mailauth_dkim2_mode {
    MAILAUTH_DKIM2_OFF,
    MAILAUTH_DKIM2_ON,
    MAILAUTH_DKIM2_BARE_PATHS, /* on, and mf= and rt= may lack their angle brackets, as early drafts wrote them */
} mailauth_dkim2_mode;

typedef struct mailauth_options {
    int64_t dns_timeout_us;               /* for one message, all look-ups together; 0 = 5 s */
    const char *const *trusted_sealers;   /* ARC sealing domains that count, NULL-terminated; NULL = none */
    const char *public_suffix_list;       /* path of a list to cross-check the tree walk with; NULL = libpsl's own */
    mailauth_dkim2_mode dkim2;            /* the draft is still moving: off unless asked for */
    bool dkim_only; /* signatures alone, for who judges policies elsewhere: the report holds dkim, warnings and evidence,
                     * all else is none. No policy is asked for, so nothing counts as aligned and nobody vouches */
} mailauth_options;

/* Borrows the resolver. NULL options mean the defaults. Never NULL. */
mailauth *mailauth_new(mailauth_resolver *resolver, const mailauth_options *options);
void mailauth_free(mailauth *context);

typedef struct mailauth_envelope {
    const char *client_ip; /* "192.0.2.1", "2001:db8::1" or NULL: then SPF is none */
    const char *helo;      /* or NULL */
    const char *mail_from; /* without <>, "" for the null sender, NULL when unknown: then SPF is none */
    int64_t now;           /* UTC seconds since 1970 */
    const char *const *recipients; /* RCPT TO without <>, NULL-terminated; NULL when unknown. For DKIM2 alone */
} mailauth_envelope;

typedef struct mailauth_dkim {
    mailauth_result result;
    char *domain;    /* d=, lower case; NULL where it could not be read */
    char *selector;  /* s= */
    char *identity;  /* i= */
    char *algorithm; /* a= */
    unsigned key_bits;
    bool test_mode;  /* key t=y */
    bool aligned;    /* with the From domain, by the DMARC record's adkim (relaxed where there is none) */
    bool partial_body; /* l= shorter than the body: never authenticates, its result is policy */
    bool dnssec;     /* the key record was DNSSEC-secure */
    char *reason;    /* one line for people: why not pass, or what to know about a pass; never NULL */
} mailauth_dkim;

typedef enum mailauth_mechanism { MAILAUTH_BY_NOBODY, MAILAUTH_BY_SPF, MAILAUTH_BY_DKIM } mailauth_mechanism;

typedef struct mailauth_evidence { /* one DNS answer that the report rests on, for the archive */
    char *name;
    uint16_t type;
    mailauth_rcode rcode;
    mailauth_dnssec dnssec;
    char *text; /* TXT joined, addresses in text form; NULL where there was no record */
} mailauth_evidence;

typedef struct mailauth_report {
    char *from_address; /* the only From mailbox, domain in lower-case A-label form; NULL unless exactly one */
    char *from_domain;

    mailauth_dkim *dkim;
    size_t dkim_count;

    struct {
        mailauth_result result;
        char *domain; /* of MAIL FROM, or of HELO for the null sender */
        bool aligned;
        char *explanation; /* exp= text on fail, printable ASCII, or NULL */
        char *reason;
    } spf;

    struct {
        mailauth_result result; /* pass: an aligned DKIM or SPF pass */
        char *domain;           /* where the record was found, or NULL */
        char *policy;           /* the policy that applies: "none", "quarantine", "reject", or "" */
        char *reason;
    } dmarc;

    struct {
        mailauth_result result; /* of the chain as a whole */
        unsigned sets;
        char *sealer;           /* d= of the newest seal */
        bool trusted;           /* passes and its sealer is in trusted_sealers */
        char *reason;
    } arc;

    /* [AUTH-001] Who vouches: an aligned DKIM pass (BY_DKIM), else an aligned SPF pass (BY_SPF, which
     * alone is not enough for a payment card), else nobody. */
    struct {
        mailauth_mechanism by;
        char *domain;
    } vouched;

    /* Unsigned second From/Subject/To/Date/Content-Type, and the like: what a reader could be fooled with. */
    char **warnings;
    size_t warning_count;

    mailauth_evidence *evidence;
    size_t evidence_count;

    /* The chain of DKIM2 signatures as a whole; none unless options ask for it. It vouches for nobody yet. */
    struct {
        mailauth_result result; /* policy: good, but without the envelope it could be a replay */
        unsigned signatures, instances;
        char *domain; /* d= of the newest signature, or NULL */
        char *reason; /* never NULL */
    } dkim2;

    bool dkim_only; /* as the option: nothing else was looked at */
} mailauth_report;

/* Checks one message. Lines end in CRLF (a bare LF is taken as a line end for reading headers and is
 * hashed as it stands). Never NULL. */
mailauth_report *mailauth_check(mailauth *context, const char *message, size_t length,
    const mailauth_envelope *envelope);
void mailauth_report_free(mailauth_report *report);

/* The registrable domain of a name by the Public Suffix List in use ("example.co.uk" for
 * "www.Example.co.uk"; A-label form, newly allocated, free); NULL where the name is a suffix itself or no name. */
char *mailauth_registrable_domain(const mailauth *context, const char *name);

/* ---- Results as header fields (RFC 8601; RFC 7208 §9.1) ------------------------------------ */

/* A complete "Authentication-Results: …\r\n" field that states the report in the name of `authserv_id`
 * (RFC 8601 §2.2), newly allocated (free). What came from outside is quoted; control characters and what is not
 * UTF-8 become "?", values that no field can hold are left out. NULL where authserv_id is not a domain name. */
char *mailauth_results_write(const mailauth_report *report, const char *authserv_id,
    const mailauth_envelope *envelope);
/* A complete "Received-SPF: …\r\n" field (RFC 7208 §9.1), likewise. */
char *mailauth_received_spf_write(const mailauth_report *report, const char *receiver,
    const mailauth_envelope *envelope);

typedef struct mailauth_property { /* "header.d" = "example.org" */
    char *name;  /* small letters */
    char *value; /* unquoted */
} mailauth_property;

typedef struct mailauth_stated { /* one result, as another server states it (RFC 8601 §2.3) */
    char *method; /* "dkim", "spf", "dmarc", … in small letters */
    mailauth_result result;
    char *reason; /* or NULL */
    mailauth_property *properties;
    size_t property_count;
} mailauth_stated;

typedef struct mailauth_results {
    char *authserv_id; /* whose results these are; NULL where nothing counts */
    mailauth_stated *stated;
    size_t stated_count;
    char *reason; /* why nothing counts, or NULL */
} mailauth_results;

/* What servers inside the trust boundary state about a message (RFC 8601 §5): for mail fetched from a mailbox,
 * whose envelope and client are gone. Only the topmost Authentication-Results field of the header counts, with those
 * that follow it without another field between, as far as they bear one of `authserv_ids` (NULL-terminated).
 * Anything below could have been sent along by anybody: where the topmost is not of a configured name, or cannot be
 * read, nothing counts. That holds only where the named server adds its field to every message; [AUTH-001] does not
 * rest on it. Never NULL; free with mailauth_results_free. Results of unknown words are left out. */
mailauth_results *mailauth_results_read(const char *message, size_t length, const char *const *authserv_ids);
void mailauth_results_free(mailauth_results *results);

/* ---- Signing (for the mail that a program itself sends, and for tests) --------------------- */

typedef struct mailauth_key mailauth_key;

/* A private key in PEM: RSA of at least 1024 bits or Ed25519. NULL where it is neither. */
mailauth_key *mailauth_key_read(const char *pem, size_t length);
/* A new key: "rsa" (2048 bits) or "ed25519". */
mailauth_key *mailauth_key_generate(const char *kind);
void mailauth_key_free(mailauth_key *key);
/* The TXT record to publish, "v=DKIM1; k=…; p=…", newly allocated (free). */
char *mailauth_key_record(const mailauth_key *key);

typedef struct mailauth_sign_options {
    const char *domain, *selector;
    const char *headers;      /* h=, colon-separated; NULL = the usual ones, From/Subject/To/Date/Content-Type oversigned */
    const char *canonicalization; /* "relaxed/relaxed" where NULL */
    int64_t now;              /* t=; 0 = no t= */
    int64_t expires;          /* x=; 0 = no x= */
} mailauth_sign_options;

/* A complete "DKIM-Signature: …\r\n" header to put in front of the message, newly allocated (free);
 * NULL where it cannot sign. */
char *mailauth_dkim_sign(const mailauth_key *key, const char *message, size_t length,
    const mailauth_sign_options *options);

#if defined __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
