/* Whose turn it is. Each who waits has a condition of his own: one worker that comes free wakes one thread. */
#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"

/* Stands on the stack of the thread that waits. */
typedef struct Waiter {
    pthread_cond_t turn;
    bool has_worker;
} Waiter;

struct Queue {
    pthread_mutex_t lock; /* not GMutex: the thread sanitizer sees through this one */
    QueueLimits limits;
    QueueCounts counts;
    QueueClass went_last;
    GQueue waiters[QUEUE_CLASSES]; /* Waiter *, borrowed */
};

Queue *queue_new(const QueueLimits *limits)
{
    Queue *queue = g_new0(Queue, 1);
    pthread_mutex_init(&queue->lock, NULL);
    queue->limits = *limits;
    return queue;
}

void queue_free(Queue *queue)
{
    if (queue == NULL)
        return;
    g_assert(queue->waiters[QUEUE_DELIVERY].length == 0 && queue->waiters[QUEUE_READER].length == 0);
    pthread_mutex_destroy(&queue->lock);
    g_free(queue);
}

QueueCounts queue_counts(Queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    QueueCounts counts = queue->counts;
    pthread_mutex_unlock(&queue->lock);
    return counts;
}

/* ---- The rule (called with the lock held) ------------------------------------------------------------------------- */

static bool may_work(const Queue *queue, QueueClass class)
{
    const unsigned *working = queue->counts.working, workers = queue->limits.workers;
    unsigned share = workers > 1 ? workers - 1 : 1;
    return working[QUEUE_DELIVERY] + working[QUEUE_READER] < workers && working[class] < share;
}

static QueueClass other(QueueClass class)
{
    return class == QUEUE_DELIVERY ? QUEUE_READER : QUEUE_DELIVERY;
}

/* True where a waiter of this class is the next to go. */
static bool goes_next(Queue *queue, QueueClass class)
{
    const unsigned *working = queue->counts.working;
    if (queue->waiters[class].length == 0 || !may_work(queue, class))
        return false;
    if (queue->waiters[other(class)].length == 0 || !may_work(queue, other(class)))
        return true;
    return working[class] < working[other(class)] || (working[class] == working[other(class)] && queue->went_last != class);
}

static void go(Queue *queue, QueueClass class)
{
    queue->counts.working[class]++;
    queue->went_last = class;
}

static void let_in(Queue *queue)
{
    for (QueueClass class = 0; class < QUEUE_CLASSES; class++) {
        if (!goes_next(queue, class))
            continue;
        Waiter *waiter = g_queue_pop_head(&queue->waiters[class]);
        queue->counts.waiting[class]--;
        waiter->has_worker = true;
        go(queue, class);
        pthread_cond_signal(&waiter->turn);
        return;
    }
}

/* ---- Waiting -------------------------------------------------------------------------------------------------------- */

static void waiter_init(Waiter *waiter)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter->turn, &attributes);
    pthread_condattr_destroy(&attributes);
    waiter->has_worker = false;
}

/* Called with the lock held; false after the longest wait. */
static bool wait_for_turn(Queue *queue, QueueClass class)
{
    Waiter waiter;
    waiter_init(&waiter);
    int64_t until_us = time_monotonic_us() + queue->limits.wait_us[class];
    const struct timespec until = { until_us / US_PER_SECOND, until_us % US_PER_SECOND * 1000 };
    g_queue_push_tail(&queue->waiters[class], &waiter);
    unsigned waiting = ++queue->counts.waiting[class] + queue->counts.waiting[other(class)];
    queue->counts.waiting_most = MAX(queue->counts.waiting_most, waiting);
    while (!waiter.has_worker && pthread_cond_timedwait(&waiter.turn, &queue->lock, &until) != ETIMEDOUT)
        continue;
    if (!waiter.has_worker) {
        g_queue_remove(&queue->waiters[class], &waiter);
        queue->counts.waiting[class]--;
    }
    pthread_cond_destroy(&waiter.turn);
    return waiter.has_worker;
}

bool queue_enter(Queue *queue, QueueClass class, GError **error)
{
    pthread_mutex_lock(&queue->lock);
    bool at_once = queue->waiters[class].length == 0 && may_work(queue, class);
    bool has_room = queue->waiters[class].length < queue->limits.waiting_max[class];
    if (at_once)
        go(queue, class);
    bool entered = at_once || (has_room && wait_for_turn(queue, class));
    pthread_mutex_unlock(&queue->lock);
    if (!entered && has_room)
        error_set(error, SALDO_ERROR_UNAVAILABLE, "all message readers were busy for %d seconds: try again later",
            (int)(queue->limits.wait_us[class] / US_PER_SECOND));
    else if (!entered)
        error_set(error, SALDO_ERROR_UNAVAILABLE, "all message readers are busy, and %u others wait already: try again later",
            queue->limits.waiting_max[class]);
    return entered;
}

void queue_leave(Queue *queue, QueueClass class)
{
    pthread_mutex_lock(&queue->lock);
    queue->counts.working[class]--;
    let_in(queue);
    pthread_mutex_unlock(&queue->lock);
}
