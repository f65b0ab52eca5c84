/* The queue by itself: who goes next, what is refused, how long a wait lasts. */
#include "queue.h"

#include "base/error.h"

enum { LONG_US = 60 * 1000000, SHORT_US = 20000, SOON_US = 500 };

static Queue *new_queue(unsigned workers, unsigned waiting_max, int64_t wait_us)
{
    const QueueLimits limits = { workers, { waiting_max, waiting_max }, { wait_us, wait_us } };
    return queue_new(&limits);
}

static void enter(Queue *queue, QueueClass class)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(queue_enter(queue, class, &error));
    g_assert_no_error(error);
}

/* ---- Threads that enter in a known order, and write down when they got in ------------------------------------------- */

typedef struct Line {
    Queue *queue;
    char order[16]; /* 'd' and 'r' as they got in */
    gint length;
} Line;

typedef struct Asker {
    Line *line;
    QueueClass class;
    GThread *thread;
} Asker;

/* Writes before it leaves: nobody else gets in between. */
static void *enter_and_leave(void *data)
{
    const Asker *asker = data;
    enter(asker->line->queue, asker->class);
    asker->line->order[g_atomic_int_add(&asker->line->length, 1)] = asker->class == QUEUE_DELIVERY ? 'd' : 'r';
    queue_leave(asker->line->queue, asker->class);
    return NULL;
}

/* Returns when the asker waits. */
static void start(Asker *asker, Line *line, QueueClass class)
{
    unsigned before = queue_counts(line->queue).waiting[class];
    *asker = (Asker){ line, class, NULL };
    asker->thread = g_thread_new("asker", enter_and_leave, asker);
    while (queue_counts(line->queue).waiting[class] == before)
        g_usleep(SOON_US);
}

static void test_one_worker_alternates(void)
{
    Line line = { .queue = new_queue(1, 8, LONG_US) };
    Asker askers[6];
    enter(line.queue, QUEUE_DELIVERY);
    for (unsigned i = 0; i < G_N_ELEMENTS(askers); i++) /* four deliveries came first */
        start(&askers[i], &line, i < 4 ? QUEUE_DELIVERY : QUEUE_READER);
    g_assert_cmpuint(queue_counts(line.queue).waiting_most, ==, 6);
    queue_leave(line.queue, QUEUE_DELIVERY);
    for (unsigned i = 0; i < G_N_ELEMENTS(askers); i++)
        g_thread_join(askers[i].thread);
    g_assert_cmpstr(line.order, ==, "rdrddd");
    const QueueCounts counts = queue_counts(line.queue);
    g_assert_cmpuint(counts.working[0] + counts.working[1] + counts.waiting[0] + counts.waiting[1], ==, 0);
    queue_free(line.queue);
}

/* Of three workers no class gets all: the third delivery waits, a reader walks in. */
static void test_one_worker_is_kept_for_each(void)
{
    for (QueueClass class = 0; class < QUEUE_CLASSES; class++) {
        QueueClass other = class == QUEUE_DELIVERY ? QUEUE_READER : QUEUE_DELIVERY;
        Queue *queue = new_queue(3, 8, SHORT_US);
        enter(queue, class);
        enter(queue, class);
        g_autoptr(GError) error = NULL;
        g_assert_false(queue_enter(queue, class, &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
        enter(queue, other);
        g_clear_error(&error);
        g_assert_false(queue_enter(queue, other, &error)); /* all three are at work */
        queue_leave(queue, other);
        queue_leave(queue, class);
        enter(queue, class);
        queue_leave(queue, class);
        queue_leave(queue, class);
        queue_free(queue);
    }
}

/* Among those who may go, the class with fewer at work does. */
static void test_fewer_at_work_go_first(void)
{
    Line line = { .queue = new_queue(3, 8, LONG_US) };
    Asker reader, delivery;
    enter(line.queue, QUEUE_READER);
    enter(line.queue, QUEUE_READER);
    enter(line.queue, QUEUE_DELIVERY);
    start(&reader, &line, QUEUE_READER);
    start(&delivery, &line, QUEUE_DELIVERY);
    queue_leave(line.queue, QUEUE_READER); /* one of each is at work; a delivery went last */
    g_thread_join(reader.thread);
    g_thread_join(delivery.thread);
    g_assert_cmpstr(line.order, ==, "rd");
    queue_leave(line.queue, QUEUE_READER);
    queue_leave(line.queue, QUEUE_DELIVERY);
    queue_free(line.queue);
}

static void test_full(void)
{
    Line line = { .queue = new_queue(1, 1, LONG_US) };
    Asker waiting;
    enter(line.queue, QUEUE_READER);
    start(&waiting, &line, QUEUE_DELIVERY);
    g_autoptr(GError) error = NULL;
    g_assert_false(queue_enter(line.queue, QUEUE_DELIVERY, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_cmpstr(error->message, ==, "all message readers are busy, and 1 others wait already: try again later");
    queue_leave(line.queue, QUEUE_READER);
    g_thread_join(waiting.thread);
    g_assert_cmpstr(line.order, ==, "d");
    queue_free(line.queue);
}

static void test_wait_ends(void)
{
    Queue *queue = new_queue(1, 4, SHORT_US);
    enter(queue, QUEUE_DELIVERY);
    g_autoptr(GError) error = NULL;
    g_assert_false(queue_enter(queue, QUEUE_READER, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_cmpuint(queue_counts(queue).waiting[QUEUE_READER], ==, 0);
    queue_leave(queue, QUEUE_DELIVERY);
    enter(queue, QUEUE_READER); /* who gave up is not waited for */
    queue_leave(queue, QUEUE_READER);
    queue_free(queue);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/queue/one-worker-alternates", test_one_worker_alternates);
    g_test_add_func("/queue/one-worker-is-kept-for-each", test_one_worker_is_kept_for_each);
    g_test_add_func("/queue/fewer-at-work-go-first", test_fewer_at_work_go_first);
    g_test_add_func("/queue/full", test_full);
    g_test_add_func("/queue/wait-ends", test_wait_ends);
    return g_test_run();
}
