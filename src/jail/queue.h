/* Whose turn it is to have a message read: a fixed number of workers, two classes of callers, a bounded wait.
 *
 * Deliveries come in bulk and can wait; readers sit in front of a browser. Of two or more workers neither class may hold
 * all, so that a flood of deliveries never keeps a reader waiting, nor readers of hostile mail the deliveries. When a worker
 * comes free, the class that has fewer at work goes first, on a tie the one that did not go last; within a class the one
 * who came first. Thread-safe; knows nothing of processes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum QueueClass { QUEUE_DELIVERY, QUEUE_READER, QUEUE_CLASSES } QueueClass;

typedef struct QueueLimits {
    unsigned workers;
    unsigned waiting_max[QUEUE_CLASSES];
    int64_t wait_us[QUEUE_CLASSES];
} QueueLimits;

typedef struct Queue Queue;

Queue *queue_new(const QueueLimits *limits);
/* Nobody may be at work or wait any more. */
void queue_free(Queue *queue);

/* Waits for a worker. False with `error` (UNAVAILABLE: come again later) where too many wait already, or after wait_us. */
bool queue_enter(Queue *queue, QueueClass class, GError **error);
void queue_leave(Queue *queue, QueueClass class);

typedef struct QueueCounts {
    unsigned working[QUEUE_CLASSES], waiting[QUEUE_CLASSES];
    unsigned waiting_most; /* of both classes together, since the start */
} QueueCounts;
QueueCounts queue_counts(Queue *queue);
