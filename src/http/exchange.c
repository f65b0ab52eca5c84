/* Exchanges: reference counted, answered once. */
#include "exchange.h"

#include "problem.h"

struct Exchanges {
    GMutex lock;
    GHashTable *suspended; /* set of Exchange *, a reference each */
};

static void unref(gpointer data)
{
    exchange_unref(data);
}

Exchanges *exchanges_new(void)
{
    Exchanges *exchanges = g_new0(Exchanges, 1);
    g_mutex_init(&exchanges->lock);
    exchanges->suspended = g_hash_table_new(NULL, NULL);
    return exchanges;
}

void exchanges_free(Exchanges *exchanges)
{
    if (exchanges == NULL)
        return;
    g_assert(g_hash_table_size(exchanges->suspended) == 0);
    g_hash_table_unref(exchanges->suspended);
    g_mutex_clear(&exchanges->lock);
    g_free(exchanges);
}

unsigned exchanges_count(Exchanges *exchanges)
{
    g_mutex_lock(&exchanges->lock);
    unsigned count = g_hash_table_size(exchanges->suspended);
    g_mutex_unlock(&exchanges->lock);
    return count;
}

Exchange *exchange_new(Server *server, struct MHD_Connection *connection)
{
    Exchange *exchange = g_new0(Exchange, 1);
    exchange->server = server;
    exchange->connection = connection;
    exchange->references = 1;
    exchange->started_us = time_monotonic_us();
    exchange->request.id = id_new();
    exchange->request.body = BUFFER_INIT(LIMIT_JSON_BYTES);
    return exchange;
}

Exchange *exchange_ref(Exchange *exchange)
{
    g_atomic_int_inc(&exchange->references);
    return exchange;
}

void exchange_unref(Exchange *exchange)
{
    if (!g_atomic_int_dec_and_test(&exchange->references))
        return;
    http_request_done(&exchange->request);
    http_reply_done(&exchange->reply);
    g_free(exchange);
}

void exchange_suspend(Exchange *exchange, int64_t deadline_us)
{
    Exchanges *exchanges = exchange->server->exchanges;
    exchange->queued_us = time_monotonic_us();
    exchange->deadline_us = deadline_us;
    MHD_suspend_connection(exchange->connection);
    g_mutex_lock(&exchanges->lock);
    g_hash_table_add(exchanges->suspended, exchange_ref(exchange));
    g_mutex_unlock(&exchanges->lock);
}

bool exchange_is_answered(Exchange *exchange)
{
    return g_atomic_int_get(&exchange->answered) != 0;
}

void exchange_answer(Exchange *exchange, HttpReply *reply)
{
    if (!g_atomic_int_compare_and_exchange(&exchange->answered, 0, 1)) {
        http_reply_done(reply);
        return;
    }
    exchange->reply = *reply;
    *reply = (HttpReply){ 0 };
    Exchanges *exchanges = exchange->server->exchanges;
    MHD_resume_connection(exchange->connection);
    /* Only now: http_stop waits until this table is empty before it ends the daemon. */
    g_mutex_lock(&exchanges->lock);
    g_hash_table_remove(exchanges->suspended, exchange);
    g_mutex_unlock(&exchanges->lock);
    exchange_unref(exchange);
}

static void answer_late(Exchange *exchange, bool stopping)
{
    HttpReply reply = { 0 };
    if (stopping)
        problem_reply(&reply, &exchange->request, "busy", "The server is being restarted; try again in a moment.");
    else
        problem_reply(&reply, &exchange->request, "no_answer_yet",
            "What you asked for is still being worked on. Ask again, with the same Idempotency-Key where there was one.");
    exchange_answer(exchange, &reply);
}

void exchanges_answer_late(Exchanges *exchanges, int64_t now_us, bool stopping)
{
    g_autoptr(GPtrArray) late = g_ptr_array_new_with_free_func(unref);
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&exchanges->lock);
    g_hash_table_iter_init(&iterator, exchanges->suspended);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        if (((Exchange *)key)->deadline_us <= now_us)
            g_ptr_array_add(late, exchange_ref(key));
    g_mutex_unlock(&exchanges->lock);
    for (guint i = 0; i < late->len; i++)
        answer_late(late->pdata[i], stopping);
}
