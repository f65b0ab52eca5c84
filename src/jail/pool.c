/* The jail's processes. Each child has a place in a table; the lock guards the table and the parent's socket, and is never
 * held while anybody waits for a process. */
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/process.h"
#include "limits.h"

typedef enum PlaceState {
    PLACE_EMPTY, /* a child is to be ordered */
    PLACE_READY, /* a child waits for a message */
    PLACE_TAKEN,
    PLACE_LEFT,  /* given back; its child has not ended yet */
} PlaceState;

typedef struct Place {
    PlaceState state;
    int socket;   /* our end; -1 where closed */
    bool ended;   /* the parent has said so: `end` */
    bool orphan;  /* its parent was gone before it said so */
    JailEnd end;
    int64_t left_us; /* of PLACE_LEFT */
} Place;

struct Pool {
    pthread_mutex_t lock; /* not GMutex: the thread sanitizer sees through this one */
    pthread_cond_t changed;
    pthread_t keeper;
    char *program;
    Process parent;       /* socket -1 where there is none */
    unsigned generation;  /* counts the parents */
    bool has_served;      /* a child of this parent has ended */
    int64_t started_us;   /* this parent, or the last try to start one */
    unsigned restarts;
    int landlock_version;
    bool is_down;         /* the last start failed; tried again after JAIL_RESTART_PAUSE_US */
    bool is_stuck;        /* shot for its silence: its places are not to be had, though the keeper has not seen it yet */
    bool stopping;
    int wake;             /* an event for the keeper */
    unsigned count;
    Place places[JAIL_PLACES_MAX];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- Ordering children (called with the lock held) ------------------------------------------------------------------ */

/* Never blocks: the socket holds more packets than there are places. `socket` goes along unless -1. */
static bool send_order(Pool *pool, JailOrderKind kind, unsigned place, int socket)
{
    const JailOrder order = { .kind = kind, .place = place };
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec body = { (void *)&order, sizeof order };
    struct msghdr packet = { .msg_iov = &body, .msg_iovlen = 1 };
    if (socket >= 0) {
        packet.msg_control = &control;
        packet.msg_controllen = sizeof control;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof socket);
        memcpy(CMSG_DATA(rights), &socket, sizeof socket);
    }
    return pool->parent.socket >= 0
        && sendmsg(pool->parent.socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof order;
}

/* A message may be put into the socket before its child is even forked. A place that cannot be filled now stays empty until
 * the keeper looks again. */
static void order_child(Pool *pool, unsigned number)
{
    Place *place = &pool->places[number];
    int ends[2] = { -1, -1 };
    close_fd(&place->socket);
    *place = (Place){ .state = PLACE_EMPTY, .socket = -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0
        && send_order(pool, JAIL_ORDER_FORK, number, ends[1])) {
        *place = (Place){ .state = PLACE_READY, .socket = ends[0] };
        ends[0] = -1;
        pthread_cond_broadcast(&pool->changed);
    }
    close_fd(&ends[0]);
    close_fd(&ends[1]);
}

/* ---- The parent's life (called by the keeper, or before there is one) ------------------------------------------------ */

/* False where the parent has ended, or does not get ready. */
static bool await_ready(const Process *parent, int *ret_landlock_version)
{
    struct pollfd socket = { .fd = parent->socket, .events = POLLIN };
    int64_t deadline_us = time_monotonic_us() + JAIL_PARENT_START_US, left_us;
    while ((left_us = deadline_us - time_monotonic_us()) > 0) {
        JailNews news;
        if (poll(&socket, 1, (int)(left_us / 1000) + 1) < 1)
            continue; /* a signal, or the end of the time */
        if (recv(parent->socket, &news, sizeof news, MSG_DONTWAIT) != (ssize_t)sizeof news
            || news.kind != JAIL_NEWS_READY)
            return false;
        *ret_landlock_version = (int)news.number;
        return true;
    }
    return false;
}

static void tell_walls(int landlock_version)
{
    if (landlock_version > 0)
        log_debug("jail", "the jail stands: seccomp, limits and Landlock version %d", landlock_version);
    else
        log_warning("jail", "this kernel has no Landlock (Linux 5.13 and later have it, where lsm= names it): "
                            "the jail stands on seccomp and limits alone");
}

/* Without the lock: it takes a while. */
static bool start_parent(const char *program, Process *ret_parent, int *ret_landlock_version, GError **error)
{
    Process parent;
    if (!process_start(program, NULL, -1, &parent, error))
        return false;
    if (await_ready(&parent, ret_landlock_version)) {
        tell_walls(*ret_landlock_version);
        *ret_parent = parent;
        return true;
    }
    process_stop(&parent, SIGKILL);
    error_set(error, SALDO_ERROR_IO, "%s ended before its walls stood: it needs a kernel with seccomp filters, "
        "and at most %lu MB of addresses", program, JAIL_MEMORY_BYTES >> 20);
    return false;
}

/* Called with the lock held. */
static void fill_places(Pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++)
        if (pool->places[i].state == PLACE_EMPTY)
            order_child(pool, i);
}

/* Called with the lock held; what the old parent's children were asked is for their askers to ask again. */
static void forget_children(Pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++) {
        Place *place = &pool->places[i];
        if (place->state == PLACE_TAKEN) {
            place->orphan = !place->ended;
            continue;
        }
        close_fd(&place->socket);
        *place = (Place){ .state = PLACE_EMPTY, .socket = -1 };
    }
    pool->generation++;
    pool->is_stuck = false;
    pthread_cond_broadcast(&pool->changed);
}

/* Takes the old parent away; its children are tied to it. */
static void lose_parent(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    Process gone = pool->parent;
    pool->parent = (Process){ .socket = -1 };
    forget_children(pool);
    pthread_mutex_unlock(&pool->lock);
    process_stop(&gone, SIGKILL);
}

static void replace_parent(Pool *pool)
{
    g_autoptr(GError) error = NULL;
    Process parent = { .socket = -1 };
    int landlock_version = 0;
    bool was_down = pool->is_down; /* told once, tried on and on */
    if (!was_down)
        log_warning("jail", "the jail's parent process is gone; a new one is started");
    bool started = start_parent(pool->program, &parent, &landlock_version, &error);
    if (!started && !was_down)
        log_alarm("jail", "no message can be read: %s", error->message);
    pthread_mutex_lock(&pool->lock);
    pool->parent = parent;
    pool->landlock_version = landlock_version;
    pool->started_us = time_monotonic_us();
    pool->has_served = false;
    pool->is_down = !started;
    pool->restarts += started;
    fill_places(pool);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- The keeper ------------------------------------------------------------------------------------------------------- */

/* False where the parent says what it may not. */
static bool take_news(Pool *pool, const JailNews *news)
{
    if (news->kind != JAIL_NEWS_ENDED || news->number >= pool->count)
        return false;
    pthread_mutex_lock(&pool->lock);
    Place *place = &pool->places[news->number];
    place->ended = true;
    place->end = news->end;
    pool->has_served = true;
    if (place->state == PLACE_TAKEN)
        pthread_cond_broadcast(&pool->changed);
    else
        order_child(pool, news->number);
    pthread_mutex_unlock(&pool->lock);
    return true;
}

/* False where the parent is gone. */
static bool hear_parent(Pool *pool)
{
    JailNews news;
    ssize_t length;
    while ((length = recv(pool->parent.socket, &news, sizeof news, MSG_DONTWAIT)) == (ssize_t)sizeof news)
        if (!take_news(pool, &news))
            return false;
    return length < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Ends who stays on after the answer. False where the parent does not even do that: it is stuck. */
static bool look_after_places(Pool *pool)
{
    int64_t now_us = time_monotonic_us();
    bool is_stuck = false;
    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++) {
        const Place *place = &pool->places[i];
        int64_t stayed_us = place->state == PLACE_LEFT ? now_us - place->left_us : 0;
        is_stuck |= stayed_us > JAIL_PARENT_GRACE_US;
        if (stayed_us > JAIL_LINGER_US)
            send_order(pool, JAIL_ORDER_KILL, i, -1);
    }
    fill_places(pool);
    pthread_mutex_unlock(&pool->lock);
    return !is_stuck;
}

static bool is_stopping(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    bool stopping = pool->stopping;
    pthread_mutex_unlock(&pool->lock);
    return stopping;
}

/* True where a new parent may be started now. */
static bool has_paused(const Pool *pool)
{
    return (pool->has_served && !pool->is_down) || time_monotonic_us() - pool->started_us >= JAIL_RESTART_PAUSE_US;
}

/* Only this thread changes pool->parent, so it may read it without the lock. */
static void *keep(void *data)
{
    Pool *pool = data;
    while (!is_stopping(pool)) {
        struct pollfd ends[] = { { pool->wake, POLLIN, 0 }, { pool->parent.socket, POLLIN, 0 } };
        poll(ends, G_N_ELEMENTS(ends), JAIL_LOOK_US / 1000);
        bool has_parent = pool->parent.socket >= 0;
        if (has_parent && ((ends[1].revents != 0 && !hear_parent(pool)) || !look_after_places(pool))) {
            lose_parent(pool);
            has_parent = false;
        }
        if (!has_parent && has_paused(pool) && !is_stopping(pool))
            replace_parent(pool);
    }
    return NULL;
}

/* ---- Start and stop ----------------------------------------------------------------------------------------------------- */

static void init_conditions(Pool *pool)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

Pool *pool_start(const char *program, unsigned children, GError **error)
{
    Process parent;
    int landlock_version;
    if (!start_parent(program, &parent, &landlock_version, error))
        return NULL;
    Pool *pool = g_new0(Pool, 1);
    init_conditions(pool);
    pool->program = g_strdup(program);
    pool->parent = parent;
    pool->landlock_version = landlock_version;
    pool->started_us = time_monotonic_us();
    pool->count = MIN(children, JAIL_PLACES_MAX);
    pool->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (unsigned i = 0; i < pool->count; i++)
        pool->places[i].socket = -1;
    fill_places(pool);
    g_assert(pool->wake >= 0 && pthread_create(&pool->keeper, NULL, keep, pool) == 0);
    return pool;
}

void pool_stop(Pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_mutex_unlock(&pool->lock);
    eventfd_write(pool->wake, 1);
    pthread_join(pool->keeper, NULL);
    process_stop(&pool->parent, SIGKILL); /* its children are tied to it */
    for (unsigned i = 0; i < pool->count; i++)
        close_fd(&pool->places[i].socket);
    close(pool->wake);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->changed);
    g_free(pool->program);
    g_free(pool);
}

PoolFacts pool_facts(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    const PoolFacts facts = { pool->parent.pid, pool->landlock_version, pool->restarts };
    pthread_mutex_unlock(&pool->lock);
    return facts;
}

/* ---- Taking and giving back --------------------------------------------------------------------------------------------- */

static bool wait_for_change(Pool *pool, int64_t until_us)
{
    const struct timespec until = { until_us / US_PER_SECOND, until_us % US_PER_SECOND * 1000 };
    return pthread_cond_timedwait(&pool->changed, &pool->lock, &until) != ETIMEDOUT;
}

/* Called with the lock held; -1 where none is ready. */
static int find_ready(const Pool *pool)
{
    for (unsigned i = 0; i < pool->count && !pool->is_stuck; i++)
        if (pool->places[i].state == PLACE_READY)
            return (int)i;
    return -1;
}

bool pool_take(Pool *pool, PoolChild *ret_child, GError **error)
{
    int64_t until_us = time_monotonic_us() + JAIL_WALL_US + JAIL_PARENT_GRACE_US;
    int found;
    pthread_mutex_lock(&pool->lock);
    while ((found = find_ready(pool)) < 0 && !pool->is_down && wait_for_change(pool, until_us))
        continue;
    if (found >= 0) {
        pool->places[found].state = PLACE_TAKEN;
        *ret_child = (PoolChild){ (unsigned)found, pool->places[found].socket, pool->generation };
    }
    pthread_mutex_unlock(&pool->lock);
    if (found < 0)
        error_set(error, SALDO_ERROR_UNAVAILABLE, "no process to read messages can be had: try again later");
    return found >= 0;
}

void pool_kill(Pool *pool, const PoolChild *child)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->generation == child->generation)
        send_order(pool, JAIL_ORDER_KILL, child->place, -1);
    pthread_mutex_unlock(&pool->lock);
}

bool pool_await_end(Pool *pool, const PoolChild *child, JailEnd *ret_end)
{
    int64_t until_us = time_monotonic_us() + JAIL_PARENT_GRACE_US;
    const Place *place = &pool->places[child->place];
    pthread_mutex_lock(&pool->lock);
    while (!place->ended && !place->orphan && wait_for_change(pool, until_us))
        continue;
    bool ended = place->ended;
    if (ended)
        *ret_end = place->end;
    else if (!place->orphan && pool->parent.pid > 0) {
        pool->is_stuck = true;
        kill(pool->parent.pid, SIGKILL); /* the keeper sees its end and starts another */
    }
    pthread_mutex_unlock(&pool->lock);
    return ended;
}

void pool_give_back(Pool *pool, const PoolChild *child)
{
    pthread_mutex_lock(&pool->lock);
    Place *place = &pool->places[child->place];
    close_fd(&place->socket);
    place->state = PLACE_LEFT;
    place->left_us = time_monotonic_us();
    if (place->ended || place->orphan)
        order_child(pool, child->place);
    pthread_mutex_unlock(&pool->lock);
}
