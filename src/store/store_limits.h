/* Limits of the store, each with its reason. */
#pragma once

#include "base/clock.h"

enum {
    STORE_READERS = 4,             /* connections; a page of the inbox takes well under a millisecond */
    STORE_READERS_MAX = 64,
    STORE_GROUP_MOST = 256,        /* units per commit: above this the gain per fsync is gone and latency grows */
    STORE_QUEUE_MOST = 4096,       /* waiting units: a fraction of a second of work */
    STORE_BUSY_WAIT_MS = 10000,    /* another process (the command line) may hold the write lock */
    STORE_BUSY_RETRY_US = 5000,    /* where SQLite itself does not wait */
    STORE_PAGE_MOST = 200,         /* rows in one answer */
    STORE_MAILBOXES_MOST = 1000,   /* mailboxes of one account: its groups */
    STORE_SEARCH_BYTES = 256,      /* of what was typed; the rest is not looked at */
    STORE_SEARCH_WORDS = 16,
    STORE_TEXT_BYTES = 16 * 1024,  /* searchable text of one message */
    STORE_KEYS_PER_US = 1024,      /* search keys to a microsecond of arrival: enough until the year 2255 */
    STORE_KEY_SLACK_US = 1000000,  /* how far a key may lie behind its mail's arrival: a billion mails in one microsecond */
    STORE_EVENTS_KEPT = 65536,     /* a browser further behind than this reads everything anew */
    STORE_EVENTS_PRUNE_EVERY = 1024,
    STORE_ZSTD_LEVEL = 3,          /* level 6 gains 4 % on mail and costs three times the time */
    STORE_SETTING_BYTES = 64 * 1024,
    STORE_KEY_BYTES = 255,         /* an Idempotency-Key */
};

#define STORE_JSON_BYTES (16UL * 1024 * 1024) /* twice the largest extraction: text that this room wrote itself */
