/* A bounded queue with worker threads. */
#include "lane.h"

struct Lane {
    GMutex lock;
    GCond changed;
    GQueue jobs;
    size_t most;
    bool stopping;
    GPtrArray *threads;
    LaneRun *run;
    void *context;
};

static void *next_job(Lane *lane)
{
    g_mutex_lock(&lane->lock);
    while (g_queue_is_empty(&lane->jobs) && !lane->stopping)
        g_cond_wait(&lane->changed, &lane->lock);
    void *job = g_queue_pop_head(&lane->jobs);
    g_mutex_unlock(&lane->lock);
    return job;
}

static gpointer work(gpointer data)
{
    Lane *lane = data;
    void *job;
    while ((job = next_job(lane)) != NULL)
        lane->run(job, lane->context);
    return NULL;
}

Lane *lane_start(const char *name, unsigned workers, size_t most, LaneRun *run, void *context)
{
    Lane *lane = g_new0(Lane, 1);
    g_mutex_init(&lane->lock);
    g_cond_init(&lane->changed);
    g_queue_init(&lane->jobs);
    lane->most = most;
    lane->run = run;
    lane->context = context;
    lane->threads = g_ptr_array_new();
    for (unsigned i = 0; i < workers; i++)
        g_ptr_array_add(lane->threads, g_thread_new(name, work, lane));
    return lane;
}

bool lane_push(Lane *lane, void *job)
{
    g_mutex_lock(&lane->lock);
    bool fits = !lane->stopping && lane->jobs.length < lane->most;
    if (fits) {
        g_queue_push_tail(&lane->jobs, job);
        g_cond_signal(&lane->changed);
    }
    g_mutex_unlock(&lane->lock);
    return fits;
}

size_t lane_depth(Lane *lane)
{
    g_mutex_lock(&lane->lock);
    size_t depth = lane->jobs.length;
    g_mutex_unlock(&lane->lock);
    return depth;
}

void lane_stop(Lane *lane)
{
    g_mutex_lock(&lane->lock);
    lane->stopping = true;
    g_cond_broadcast(&lane->changed);
    g_mutex_unlock(&lane->lock);
    for (guint i = 0; i < lane->threads->len; i++)
        g_thread_join(lane->threads->pdata[i]);
    g_ptr_array_set_size(lane->threads, 0);
}

void lane_free(Lane *lane)
{
    if (lane == NULL)
        return;
    g_assert(lane->threads->len == 0);
    g_ptr_array_unref(lane->threads);
    g_cond_clear(&lane->changed);
    g_mutex_clear(&lane->lock);
    g_free(lane);
}
