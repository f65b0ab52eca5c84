/* The jail's processes as the engine has them: one warm parent and the children that wait for a message each.
 *
 * A thread of its own orders children ahead of need, hears how they ended, ends those that stay on, and starts a new parent
 * where the old one is gone or stuck. Thread-safe. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

typedef struct Pool Pool;

/* A child that was taken: its place, and the socket on which it waits (owned by the pool until it is given back). */
typedef struct PoolChild {
    unsigned place;
    int socket;
    unsigned generation; /* of its parent */
} PoolChild;

/* Returns when the parent's walls stand. NULL with `error` (IO) where the program is missing or ends at once. */
Pool *pool_start(const char *program, unsigned children, GError **error);
/* No child may be taken any more. */
void pool_stop(Pool *pool);

/* Waits for a child that is ready. False with `error` (UNAVAILABLE) where there is no parent, or none is ready in
 * JAIL_WALL_US + JAIL_PARENT_GRACE_US. */
bool pool_take(Pool *pool, PoolChild *ret_child, GError **error);
/* Ends the child by SIGKILL, soon. */
void pool_kill(Pool *pool, const PoolChild *child);
/* Waits for the parent's word on how the child ended. False where the parent is gone or, after JAIL_PARENT_GRACE_US, stuck:
 * it is then replaced. */
bool pool_await_end(Pool *pool, const PoolChild *child, JailEnd *ret_end);
/* Whoever took a child gives it back, ended or not; it never gets a second message. */
void pool_give_back(Pool *pool, const PoolChild *child);

typedef struct PoolFacts {
    int parent_pid; /* 0: there is none now */
    int landlock_version;
    unsigned restarts;
} PoolFacts;
PoolFacts pool_facts(Pool *pool);
