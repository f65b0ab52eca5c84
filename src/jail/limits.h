/* Limits of the jail, each with its reason (design.md §3, issue "jail"). */
#pragma once

#include "base/clock.h"

/* One child. Reading the slowest allowed mail takes under 0.5 s of CPU; the address space holds the message
 * (LIMIT_MESSAGE_BYTES), its decoded parts and the answer. */
#define JAIL_CPU_SECONDS 2
#define JAIL_MEMORY_BYTES (256UL * 1024 * 1024)
#define JAIL_WALL_US (5 * US_PER_SECOND)

/* How much longer than a child may take the engine waits for the warm parent's word before it counts as stuck. */
#define JAIL_PARENT_GRACE_US (10 * US_PER_SECOND)

/* Children at once; the parent's table has this many places and the engine never asks for more. */
#define JAIL_WORKERS_MAX 64

/* The parent holds three descriptors per request for a moment and one per child. */
#define JAIL_PARENT_FILES 256

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
