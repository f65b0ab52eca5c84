/* Event streams: a bounded buffer each, filled by the events thread, emptied by the event loop. */
#include "events.h"

#include <poll.h>
#include <string.h>

#include "handlers.h"
#include "base/error.h"
#include "problem.h"

/* One subscriber. Guarded by Events.lock once it is open. */
struct EventStream {
    Events *events;
    struct MHD_Connection *connection;
    int socket;
    Id organization_id, account_id;
    char *session_hash;
    GHashTable *mailboxes; /* set of char *: ids that this account may read */
    int64_t sequence;      /* the last that was rendered */
    int64_t comment_us;    /* when the next comment is due */
    GString *pending;
    bool is_suspended, is_ending;
};

struct Events {
    Server *server;
    GMutex lock;
    GCond changed;
    bool woken, stopping;
    GHashTable *streams; /* set of EventStream * */
    GThread *thread;
};

void event_stream_free(EventStream *stream)
{
    if (stream == NULL)
        return;
    g_free(stream->session_hash);
    g_hash_table_unref(stream->mailboxes);
    g_string_free(stream->pending, TRUE);
    g_free(stream);
}

/* ---- The event loop's side ------------------------------------------------------------------------ */

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t most)
{
    EventStream *stream = context;
    ssize_t length = 0;
    g_mutex_lock(&stream->events->lock);
    if (stream->pending->len > 0) {
        length = (ssize_t)MIN(most, stream->pending->len);
        memcpy(buffer, stream->pending->str, (size_t)length);
        g_string_erase(stream->pending, 0, length);
    } else if (stream->is_ending) {
        length = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->is_suspended = true;
        MHD_suspend_connection(stream->connection);
    }
    g_mutex_unlock(&stream->events->lock);
    return length;
}

static void close_stream(void *context)
{
    EventStream *stream = context;
    Events *events = stream->events;
    g_mutex_lock(&events->lock);
    g_hash_table_remove(events->streams, stream);
    g_mutex_unlock(&events->lock);
    event_stream_free(stream);
}

/* With the lock held. */
static void resume(EventStream *stream)
{
    if (!stream->is_suspended)
        return;
    stream->is_suspended = false;
    MHD_resume_connection(stream->connection);
}

struct MHD_Response *events_open(Events *events, EventStream *stream, struct MHD_Connection *connection)
{
    struct MHD_Response *response
        = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stream, stream, close_stream);
    if (response == NULL) {
        event_stream_free(stream);
        return NULL;
    }
    stream->connection = connection;
    stream->socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    g_mutex_lock(&events->lock);
    stream->is_ending = events->stopping;
    g_hash_table_add(events->streams, stream);
    events->woken = true; /* what happened since Last-Event-ID */
    g_cond_signal(&events->changed);
    g_mutex_unlock(&events->lock);
    return response;
}

/* ---- Rendering, with the lock held ------------------------------------------------------------------ */

static bool may_see(const EventStream *stream, const StoreEvent *event)
{
    if (!id_equal(stream->organization_id, event->organization_id))
        return false;
    return id_is_none(event->mailbox_id) || g_hash_table_contains(stream->mailboxes, event->mailbox_id.text);
}

static void render(EventStream *stream, int64_t sequence, const char *topic, const char *subject)
{
    g_string_append_printf(stream->pending, "id: %" G_GINT64_FORMAT "\nevent: %s\ndata: ", sequence, topic);
    if (subject[0] == '\0')
        g_string_append(stream->pending, "{\"id\":null}\n\n");
    else
        g_string_append_printf(stream->pending, "{\"id\":\"%s\"}\n\n", subject);
}

static void render_event(EventStream *stream, const StoreEvent *event)
{
    if (event->sequence <= stream->sequence)
        return;
    stream->sequence = event->sequence;
    if (may_see(stream, event))
        render(stream, event->sequence, event->topic, event->subject_id.text);
    if (stream->pending->len > HTTP_STREAM_BYTES)
        stream->is_ending = true; /* too slow: it comes again with its Last-Event-ID */
}

static void render_reload(EventStream *stream, int64_t sequence)
{
    static const char *const topics[] = { "message", "payment", "policy" };
    for (size_t i = 0; i < G_N_ELEMENTS(topics); i++)
        render(stream, sequence, topics[i], "");
    stream->sequence = sequence;
}

/* ---- The events thread ------------------------------------------------------------------------------- */

typedef struct Page {
    int64_t after, latest;
    GPtrArray *events; /* StoreEvent * */
} Page;

static bool read_latest(StoreTx *tx, void *context, GError **error)
{
    Page *page = context;
    return store_event_latest(tx, &page->latest, error);
}

static bool read_page(StoreTx *tx, void *context, GError **error)
{
    Page *page = context;
    return store_events_after(tx, page->after, HTTP_STREAM_PAGE, &page->events, error);
}

/* The lowest sequence that a stream still needs, after those too far behind were told to reload; `latest` where none. */
static int64_t lowest_sequence(Events *events, int64_t latest)
{
    int64_t lowest = latest;
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&events->lock);
    g_hash_table_iter_init(&iterator, events->streams);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        EventStream *stream = key;
        bool is_strange = stream->sequence > latest; /* an id of another database */
        if (is_strange || latest - stream->sequence > HTTP_STREAM_BEHIND) {
            render_reload(stream, latest);
            resume(stream);
        }
        lowest = MIN(lowest, stream->sequence);
    }
    g_mutex_unlock(&events->lock);
    return lowest;
}

static int64_t deliver_page(Events *events, const GPtrArray *page)
{
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&events->lock);
    g_hash_table_iter_init(&iterator, events->streams);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        EventStream *stream = key;
        for (guint i = 0; i < page->len && !stream->is_ending; i++)
            render_event(stream, page->pdata[i]);
        if (stream->pending->len > 0 || stream->is_ending)
            resume(stream);
    }
    g_mutex_unlock(&events->lock);
    return ((const StoreEvent *)page->pdata[page->len - 1])->sequence;
}

static void deliver_new(Events *events)
{
    Store *store = events->server->parts.store;
    Page page = { 0 };
    if (!store_read(store, read_latest, &page, NULL))
        return; /* readyz says why; the next round asks again */
    page.after = lowest_sequence(events, page.latest);
    while (page.after < page.latest) {
        if (!store_read(store, read_page, &page, NULL))
            return;
        bool is_empty = page.events->len == 0;
        page.after = is_empty ? page.latest : deliver_page(events, page.events);
        g_clear_pointer(&page.events, g_ptr_array_unref);
    }
}

typedef struct SessionCheck {
    const char *hash;
    bool is_live;
} SessionCheck;

static bool read_session(StoreTx *tx, void *context, GError **error)
{
    SessionCheck *check = context;
    g_autoptr(StoreAccount) account = NULL;
    g_autofree char *csrf = NULL;
    check->is_live = store_session_find(tx, check->hash, time_now_us(), &account, &csrf, error);
    return check->is_live;
}

/* Hashes of the sessions whose streams were due for a comment and got it. */
static GPtrArray *comment_where_due(Events *events)
{
    GPtrArray *hashes = g_ptr_array_new_with_free_func(g_free);
    int64_t now_us = time_monotonic_us();
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&events->lock);
    g_hash_table_iter_init(&iterator, events->streams);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        EventStream *stream = key;
        if (stream->comment_us > now_us)
            continue;
        stream->comment_us = now_us + HTTP_STREAM_COMMENT_US;
        g_string_append(stream->pending, ": still here\n\n");
        resume(stream);
        g_ptr_array_add(hashes, g_strdup(stream->session_hash));
    }
    g_mutex_unlock(&events->lock);
    return hashes;
}

void events_end_session(Events *events, const char *session_hash)
{
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&events->lock);
    g_hash_table_iter_init(&iterator, events->streams);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        EventStream *stream = key;
        if (session_hash != NULL && strcmp(stream->session_hash, session_hash) != 0)
            continue;
        stream->is_ending = true;
        resume(stream);
    }
    g_mutex_unlock(&events->lock);
}

/* A stream lives no longer than its session. */
static void comment_and_check(Events *events)
{
    g_autoptr(GPtrArray) hashes = comment_where_due(events);
    for (guint i = 0; i < hashes->len; i++) {
        SessionCheck check = { .hash = hashes->pdata[i] };
        g_autoptr(GError) error = NULL;
        bool is_gone = !store_read(events->server->parts.store, read_session, &check, &error)
            && g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
        if (is_gone)
            events_end_session(events, check.hash);
    }
}

/* A suspended connection does not notice that its client is gone: asked here, lest closed windows keep their places. */
static void end_abandoned(Events *events)
{
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&events->lock);
    g_hash_table_iter_init(&iterator, events->streams);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        EventStream *stream = key;
        struct pollfd state = { .fd = stream->socket, .events = POLLRDHUP };
        if (!stream->is_suspended || poll(&state, 1, 0) <= 0)
            continue;
        stream->is_ending = true;
        resume(stream);
    }
    g_mutex_unlock(&events->lock);
}

/* True to go on. */
static bool wait_for_news(Events *events)
{
    gint64 until = g_get_monotonic_time() + HTTP_STREAM_POLL_US;
    g_mutex_lock(&events->lock);
    while (!events->woken && !events->stopping && g_cond_wait_until(&events->changed, &events->lock, until))
        ;
    events->woken = false;
    bool goes_on = !events->stopping;
    g_mutex_unlock(&events->lock);
    return goes_on;
}

static gpointer run(gpointer data)
{
    Events *events = data;
    while (wait_for_news(events)) {
        if (events_count(events) == 0)
            continue;
        end_abandoned(events);
        deliver_new(events);
        comment_and_check(events);
    }
    return NULL;
}

Events *events_start(Server *server)
{
    Events *events = g_new0(Events, 1);
    events->server = server;
    g_mutex_init(&events->lock);
    g_cond_init(&events->changed);
    events->streams = g_hash_table_new(NULL, NULL);
    events->thread = g_thread_new("http-events", run, events);
    return events;
}

void events_stop(Events *events)
{
    if (events == NULL)
        return;
    g_mutex_lock(&events->lock);
    events->stopping = true;
    g_cond_signal(&events->changed);
    g_mutex_unlock(&events->lock);
    g_clear_pointer(&events->thread, g_thread_join);
    events_end_session(events, NULL);
}

void events_free(Events *events)
{
    if (events == NULL)
        return;
    g_assert(g_hash_table_size(events->streams) == 0);
    g_hash_table_unref(events->streams);
    g_cond_clear(&events->changed);
    g_mutex_clear(&events->lock);
    g_free(events);
}

void events_wake(void *context)
{
    Events *events = context;
    g_mutex_lock(&events->lock);
    events->woken = true;
    g_cond_signal(&events->changed);
    g_mutex_unlock(&events->lock);
}

unsigned events_count(Events *events)
{
    g_mutex_lock(&events->lock);
    unsigned count = g_hash_table_size(events->streams);
    g_mutex_unlock(&events->lock);
    return count;
}

/* ---- The handler ---------------------------------------------------------------------------------------- */

typedef struct Opening {
    const StoreAccount *account;
    GPtrArray *mailboxes;
    int64_t latest;
} Opening;

static bool read_opening(StoreTx *tx, void *context, GError **error)
{
    Opening *opening = context;
    return store_event_latest(tx, &opening->latest, error)
        && store_mailboxes_of(tx, opening->account, &opening->mailboxes, error);
}

static bool is_crowded(Events *events, Id account_id)
{
    unsigned own = 0;
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&events->lock);
    unsigned all = g_hash_table_size(events->streams);
    g_hash_table_iter_init(&iterator, events->streams);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        own += id_equal(((const EventStream *)key)->account_id, account_id);
    g_mutex_unlock(&events->lock);
    return all >= HTTP_STREAMS || own >= HTTP_STREAMS_PER_ACCOUNT;
}

static EventStream *stream_new(Events *events, const HttpRequest *request, const Opening *opening, int64_t sequence)
{
    EventStream *stream = g_new0(EventStream, 1);
    stream->events = events;
    stream->organization_id = request->account->organization_id;
    stream->account_id = request->account->id;
    stream->session_hash = g_strdup(request->session_hash);
    stream->sequence = sequence;
    stream->comment_us = time_monotonic_us() + HTTP_STREAM_COMMENT_US;
    stream->mailboxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < opening->mailboxes->len; i++)
        g_hash_table_add(stream->mailboxes, g_strdup(((const StoreMailbox *)opening->mailboxes->pdata[i])->id.text));
    /* The id alone tells the browser where to go on from, should the connection end before the first event. */
    stream->pending = g_string_new("retry: 3000\n");
    g_string_append_printf(stream->pending, "id: %" G_GINT64_FORMAT "\n\n", sequence);
    return stream;
}

void handle_stream_events(Server *server, HttpRequest *request, HttpReply *reply)
{
    uint64_t sequence;
    const char *last = request->last_event_id;
    if (last != NULL && (!span_to_uint64(span_of(last), &sequence) || sequence > INT64_MAX)) {
        problem_reply(reply, request, "bad_request", "Last-Event-ID must be the id of an event of this stream.");
        return;
    }
    if (is_crowded(server->events, request->account->id)) {
        problem_reply(reply, request, "busy", "Too many event streams are open; close other windows.");
        return;
    }
    Opening opening = { .account = request->account };
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, read_opening, &opening, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    g_autoptr(GPtrArray) mailboxes = opening.mailboxes;
    http_reply_empty(reply, 200);
    reply->media_type = "text/event-stream";
    http_reply_header(reply, "X-Accel-Buffering", "no");
    reply->stream = stream_new(server->events, request, &opening, last == NULL ? opening.latest : (int64_t)sequence);
}
