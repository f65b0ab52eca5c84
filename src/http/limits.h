/* Limits of the HTTP room, each with its reason. Limits that other rooms share stand in base/limits.h. */
#pragma once

#include "base/clock.h"
#include "base/limits.h"

/* Connections at once. Each costs up to HTTP_CONNECTION_MEMORY; a proxy in front reuses few. */
#define HTTP_CONNECTIONS 1024
/* libmicrohttpd's memory per connection: the header block and the buffers for both directions. */
#define HTTP_CONNECTION_MEMORY (64UL * 1024)
/* All header names and values of one request together; browsers send 1-2 KiB. */
#define HTTP_HEADER_BYTES (16UL * 1024)
#define HTTP_QUERY_ARGUMENTS 16
#define HTTP_PATH_BYTES 512
/* Nothing heard or sent for so long closes the connection. */
#define HTTP_IDLE_S 30
/* From the first byte to the end of the body: a client that drips bytes is cut off here. */
#define HTTP_READ_US (15 * US_PER_SECOND)
/* Between two requests on one connection, the reading of the second included. */
#define HTTP_KEEP_US (60 * US_PER_SECOND)
/* Taking the whole reply: 8 MB at 70 kB/s. */
#define HTTP_WRITE_US (120 * US_PER_SECOND)
/* How long http_stop waits for replies that are on their way out. */
#define HTTP_STOP_US (3 * US_PER_SECOND)

/* Requests that wait for a worker; above it 503. At 64 KiB each the queue stays below 32 MiB. */
#define HTTP_QUEUE 512
/* A request that waited longer is answered 503: its browser has given up. */
#define HTTP_QUEUE_WAIT_US (10 * US_PER_SECOND)
/* A call to a biller may take 3 s + 10 s (wire.md §4), and paying makes one after reading the store. */
#define HTTP_OUTSIDE_US (20 * US_PER_SECOND)
/* What a client is told to wait after 503. */
#define HTTP_RETRY_AFTER_S 2

#define HTTP_STORE_WORKERS 8
#define HTTP_OUTSIDE_WORKERS 8
#define HTTP_WORKERS_MOST 64
/* Rendering hostile mail takes up to the jail's CPU limit: it never holds up the list. */
#define HTTP_JAIL_WORKERS 4
/* Each check of a password takes 64 MiB and about 0.1 s of CPU. */
#define HTTP_PASSWORD_WORKERS 4

/* A probe of readiness commits at most this often: anybody may ask. */
#define HTTP_READY_FRESH_US US_PER_SECOND
/* A commit that takes longer than this counts as failed. */
#define HTTP_READY_COMMIT_US (2 * US_PER_SECOND)

#define HTTP_SESSION_LIFE_US (12 * US_PER_HOUR)
#define HTTP_LOGIN_BYTES 254
#define HTTP_PASSWORD_BYTES 1024
/* Failed sign-ins within HTTP_TRIES_WINDOW_US: of one login from one address, and of one address. Above it they are
 * refused. A login alone is never refused, or anybody could lock its owner out; it gets slower. */
#define HTTP_TRIES_PER_LOGIN 10
#define HTTP_TRIES_PER_ADDRESS 50
#define HTTP_TRIES_WINDOW_US (5 * US_PER_MINUTE)
/* How long a try waits for a login that failed more often than HTTP_TRIES_PER_LOGIN, from wherever. */
#define HTTP_TRIES_SLOW_US US_PER_SECOND
/* As many may wait at once; the last worker always goes on. */
#define HTTP_TRIES_SLOW_MOST (HTTP_PASSWORD_WORKERS - 1)
/* Places of the table of tries (4 MB): what collides shares its count, so that it never grows; with this many, hardly
 * ever somebody who did not fail. */
#define HTTP_TRIES_PLACES (256 * 1024)

#define HTTP_KEY_LEAST 8
#define HTTP_KEY_MOST 64

#define HTTP_PAGE_DEFAULT 50
#define HTTP_PAGE_MOST 200
#define HTTP_SEARCH_CHARACTERS 200
#define HTTP_CURSOR_BYTES 256
#define HTTP_PAYMENTS_MOST 200

#define HTTP_STREAMS 512
#define HTTP_STREAMS_PER_ACCOUNT 16
/* What may wait for one slow reader of the event stream; above it the stream ends and comes again. */
#define HTTP_STREAM_BYTES (256UL * 1024)
#define HTTP_STREAM_COMMENT_US (25 * US_PER_SECOND)
/* `saldo admin` is another process on the same database: no commit of ours wakes us for it. */
#define HTTP_STREAM_POLL_US (US_PER_SECOND / 2)
/* Further behind than this, a browser is told to read everything again. */
#define HTTP_STREAM_BEHIND 1000
#define HTTP_STREAM_PAGE 500

#define HTTP_FILES 4096
#define HTTP_FILE_BYTES (16UL * 1024 * 1024)
#define HTTP_FILES_BYTES (64UL * 1024 * 1024)

#define HTTP_KEYS_FRESH_US US_PER_MINUTE
