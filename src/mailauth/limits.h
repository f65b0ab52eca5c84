/* Every bound of libmailauth, with its reason. What exceeds one is an error of the message or of the
 * record, told in its reason; it is never silently cut. */
#pragma once

enum {
    /* One message. */
    MA_HEADER_BYTES_MAX = 1 << 20,   /* the longest seen in the wild is 160 KB; MTAs refuse more than 1 MB */
    MA_LINE_BYTES_MAX = 64 << 10,    /* of the header: RFC 5322 §2.1.1 allows 998, servers break longer lines on the way */
    MA_FIELDS_MAX = 4000,            /* a long mailing-list path adds some 300 */
    MA_WARNINGS_MAX = 32,            /* a reader looks at the first few */
    MA_ADDRESS_BYTES_MAX = 16 << 10, /* a From field: one mailbox, however much display name and comment */
    MA_COMMENT_DEPTH_MAX = 32,       /* nested RFC 5322 comments; people write one */

    /* Tag lists: DKIM signatures and keys, DMARC records, ARC fields. */
    MA_TAGS_MAX = 64,                /* RFC 6376 defines 13 */
    MA_TAG_LIST_BYTES_MAX = 32 << 10,
    MA_SIGNED_NAMES_MAX = 512,       /* names in one h= */

    /* DKIM. */
    MA_SIGNATURES_MAX = 16,          /* looked at; the rest is reported as policy. Real mail carries one to four */
    MA_FIELD_SEARCHES_MAX = 1 << 18, /* names in one h= times fields of the header; a long list's mail has 60 times 300 */
    MA_RSA_BITS_MIN = 1024,          /* RFC 8301 §3.2: less never passes */
    MA_RSA_BITS_MAX = 8192,          /* 8192 bits verify in 0.3 ms; more only serves to burn time */
    MA_RSA_EXPONENT_BYTES_MAX = 8,   /* larger ones make verifying as slow as signing */
    MA_KEY_RECORD_BYTES_MAX = 4096,  /* an 8192-bit key takes 1,400 */
    MA_CLOCK_SKEW_S = 3600,          /* t= ahead of our clock: beyond an hour it is not drift */
    MA_TIMESTAMP_DIGITS_MAX = 12,    /* RFC 6376 §3.5, t= and x= */
    MA_LENGTH_DIGITS_MAX = 18,       /* l=: RFC 6376 allows 76, no message needs more than 2^59 */

    /* DNS. */
    MA_LOOKUPS_MAX = 320,            /* of one message: SPF may ask 120, 16 signatures with their walks 144; DKIM2 comes last */
    MA_RECORDS_MAX = 100,            /* in one answer; DMARC, DKIM and SPF all want one */
    MA_ANSWER_BYTES_MAX = 64 << 10,  /* a DNS message holds no more */
    MA_DNS_TIMEOUT_US = 5000000,     /* when the caller gives none */
    MA_NAME_BYTES_MAX = 253,         /* RFC 1035 §3.1, presentation form without the final dot */
    MA_LABEL_BYTES_MAX = 63,
    MA_CNAME_CHAIN_MAX = 8,          /* as common resolvers */
    MA_OPEN_LOOKUPS_MAX = 10000,     /* of one libunbound resolver, all threads together */

    /* The cache of answers and of the records read from them. */
    MA_CACHE_SETS = 1024,
    MA_CACHE_WAYS = 4,               /* 4,096 answers, at some 1 KB each */
    MA_CACHE_TTL_MAX_S = 86400,      /* a key that is revoked must not live on for longer */
    MA_CACHE_ABSENT_TTL_MAX_S = 300, /* a record just published should be seen soon */
    MA_CACHE_FAILURE_TTL_S = 5,      /* SERVFAIL, bogus: spare the server, but try again soon */
    MA_CACHE_TIMEOUT_TTL_S = 1,

    /* SPF, RFC 7208 §4.6.4. */
    MA_SPF_TERMS_MAX = 10,           /* terms that ask the DNS */
    MA_SPF_VOID_MAX = 2,
    MA_SPF_MX_MAX = 10,
    MA_SPF_PTR_MAX = 10,
    MA_SPF_RECORD_TERMS_MAX = 256,   /* a record of 4 KB of the shortest terms would hold more; none does */
    MA_SPF_RECORD_BYTES_MAX = 16 << 10,
    MA_SPF_EXPANSION_BYTES_MAX = 4096, /* an expanded macro string; names are cut to 253 after it */
    MA_SPF_LOCAL_PART_BYTES_MAX = 512, /* RFC 5321 §4.5.3.1.1 says 64; what is longer is not mail we judge */

    /* DMARC, RFC 9989 §4.10. */
    MA_DMARC_WALK_MAX = 8,

    /* ARC, RFC 8617 §4.2.1. */
    MA_ARC_SETS_MAX = 50,

    /* DKIM2, draft-ietf-dkim-dkim2-spec-04. */
    MA_DKIM2_CHAIN_MAX = 50,         /* signatures, and instances: as many hops as ARC allows */
    MA_DKIM2_FIELD_BYTES_MAX = 512 << 10, /* an instance carries what was changed, a replaced body with it */
    MA_DKIM2_KEYS_MAX = 4,           /* signatures in one s=: one per algorithm, and there are two */
    MA_DKIM2_RECIPIENTS_MAX = 1000,  /* in one rt=; RFC 5321 §4.5.3.1.8 makes servers take 100 */
    MA_DKIM2_HASHES_MAX = 8,         /* hash algorithms in one h= */
    MA_DKIM2_NONCE_MAX = 64,         /* §8.3 */
    MA_DKIM2_AGE_MAX_S = 14 * 86400, /* §11.3 */
    MA_DKIM2_STEPS_MAX = 20000,      /* of one recipe */
    MA_DKIM2_NAMES_MAX = 256,        /* field names in one recipe; a list rewrites some twenty */
    MA_DKIM2_REBUILT_BYTES_MAX = 64 << 20, /* bodies of earlier instances, together */
    MA_JSON_DEPTH_MAX = 16,          /* of members that are skipped; a recipe itself needs five */

    /* Authentication-Results, RFC 8601. */
    MA_RESULTS_FIELDS_MAX = 16,      /* servers write one to three */
    MA_RESULTS_STATED_MAX = 64,      /* in all of them */
    MA_RESULTS_PROPERTIES_MAX = 32,  /* of one result; five are common */
    MA_RESULTS_FIELD_BYTES_MAX = 16 << 10,
    MA_RESULTS_VALUE_BYTES_MAX = 400, /* written: a line may hold 998 bytes, escapes double a value */

    /* Zone files given by the operator. */
    MA_ZONE_BYTES_MAX = 64 << 20,
    MA_ZONE_TOKENS_MAX = 512,        /* on one line, brackets included: a TXT of 64 KB has 257 strings */
};
