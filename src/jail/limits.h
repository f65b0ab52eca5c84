/* Limits of the jail, each with its reason (design.md §3, issue "jail"). */
#pragma once

#include "base/clock.h"

/* One child. Reading the slowest allowed mail takes under 0.5 s of CPU; the address space holds the message
 * (LIMIT_MESSAGE_BYTES), its decoded parts and the answer. */
#define JAIL_CPU_SECONDS 2
#define JAIL_MEMORY_BYTES (256UL * 1024 * 1024)
#define JAIL_WALL_US (5 * US_PER_SECOND)

/* How much longer than a child may take the engine waits for the warm parent's word before it counts as stuck. It only
 * waits, forks and reaps, so even a loaded machine lets it speak in a fraction of this. */
#define JAIL_PARENT_GRACE_US (10 * US_PER_SECOND)
/* From its start until its walls stand: tens of milliseconds; a sanitized build on a loaded machine takes seconds. */
#define JAIL_PARENT_START_US (60 * US_PER_SECOND)
/* A parent that ended before a child of it served anybody is not started anew at once: no storm of starts. */
#define JAIL_RESTART_PAUSE_US US_PER_SECOND
/* A child that has answered ends within a millisecond; one that stays on is ended after this. */
#define JAIL_LINGER_US US_PER_SECOND
/* How often the engine looks for what overstayed, where nothing else wakes it. */
#define JAIL_LOOK_US US_PER_SECOND

/* Messages read at once. */
#define JAIL_WORKERS_MAX 64
/* Children that are forked ahead beyond the workers: while one is still ending and another being forked in its place, the
 * next message finds a third. */
#define JAIL_SPARES 2
/* The parent's table; the engine never asks for more. */
#define JAIL_PLACES_MAX (JAIL_WORKERS_MAX + JAIL_SPARES)

/* The parent holds a child's socket for a moment. */
#define JAIL_PARENT_FILES 32

/* Requests that wait for a worker, above which the answer is "busy". The callers bound themselves (LMTP's connections, 20
 * unless configured; HTTP_JAIL_WORKERS, 4), so this is the last line; each holds its message in memory already. */
#define JAIL_WAITING_DELIVERIES_MAX 256
#define JAIL_WAITING_READERS_MAX 64
/* So long a request waits for a worker. An MTA waits ten minutes for the reply to its data (RFC 5321 section 4.5.3.2.6);
 * a person in front of a browser does not. */
#define JAIL_WAIT_DELIVERY_US (60 * US_PER_SECOND)
#define JAIL_WAIT_READER_US (15 * US_PER_SECOND)

/* What a child touches before its message comes: about what reading a mail of 20 KB needs, and below the 128 KB at which glibc
 * gives freed memory back to the kernel. */
#define JAIL_TOUCHED_BYTES (120UL * 1024)

/* A refusal's text, for people. */
#define JAIL_REFUSAL_BYTES 500

/* A sanitized build needs liberties (sandbox.c): terabytes of addresses, a call before it leaves, and for the thread
 * sanitizer a thread of its own in every process. */
#ifdef __has_feature
#define JAIL_HAS_FEATURE(name) __has_feature(name)
#else
#define JAIL_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || JAIL_HAS_FEATURE(thread_sanitizer)
#define JAIL_HAS_OTHER_THREADS 1
#else
#define JAIL_HAS_OTHER_THREADS 0
#endif
#if defined(__SANITIZE_ADDRESS__) || JAIL_HAS_OTHER_THREADS || JAIL_HAS_FEATURE(address_sanitizer)
#define JAIL_IS_SANITIZED 1
#else
#define JAIL_IS_SANITIZED 0
#endif
