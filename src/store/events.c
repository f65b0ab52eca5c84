/* What browsers are told: which thing changed, in which mailbox, in order. Old events are dropped. */
#include "base/clock.h"
#include "parts.h"
#include "store_limits.h"

void store_event_free(StoreEvent *event)
{
    if (event == NULL)
        return;
    g_free(event->topic);
    g_free(event);
}

static void event_destroy(gpointer data)
{
    store_event_free(data);
}

static bool prune(StoreTx *tx, int64_t newest, GError **error)
{
    return newest % STORE_EVENTS_PRUNE_EVERY != 0
        || sql_run(tx, "DELETE FROM event WHERE sequence <= $1", SQL_WITH(sql_int(newest - STORE_EVENTS_KEPT)), NULL,
            error);
}

static bool event_add_at(StoreTx *tx, Id organization_id, const char *topic, Id subject_id, Id mailbox_id,
    int64_t at_us, GError **error)
{
    int64_t sequence = 0;
    return sql_number(tx,
               "INSERT INTO event (organization_id, topic, subject_id, mailbox_id, at_us) VALUES ($1, $2, $3, $4, $5)"
               " RETURNING sequence",
               SQL_WITH(sql_id(organization_id), sql_str(topic), sql_id(subject_id), sql_id(mailbox_id), sql_int(at_us)), 0,
               &sequence, error)
        && prune(tx, sequence, error);
}

bool store_event_add(StoreTx *tx, Id organization_id, const char *topic, Id subject_id, Id mailbox_id, GError **error)
{
    return event_add_at(tx, organization_id, topic, subject_id, mailbox_id, time_now_us(), error);
}

bool events_of_invoice(StoreTx *tx, Id organization_id, Id invoice_id, const char *topic, Id subject_id, int64_t at_us,
    GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT DISTINCT message.mailbox_id FROM invoice_source JOIN message"
            " ON message.organization_id = invoice_source.organization_id AND message.id = invoice_source.message_id"
            " WHERE invoice_source.organization_id = $1 AND invoice_source.invoice_id = $2",
            SQL_WITH(sql_id(organization_id), sql_id(invoice_id)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW)
        if (!event_add_at(tx, organization_id, topic, subject_id, sql_take_id(&rows), at_us, error))
            return false;
    return step == SQL_END;
}

bool store_events_after(StoreTx *tx, int64_t sequence, unsigned limit, GPtrArray **ret_events, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT sequence, organization_id, topic, subject_id, mailbox_id FROM event WHERE sequence > $1"
            " ORDER BY sequence LIMIT $2",
            SQL_WITH(sql_int(sequence), sql_int(limit)), &rows, error))
        return false;
    g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func(event_destroy);
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        StoreEvent *event = g_new0(StoreEvent, 1);
        g_ptr_array_add(events, event);
        event->sequence = sql_take_int(&rows);
        event->organization_id = sql_take_id(&rows);
        event->topic = sql_take_text(&rows);
        event->subject_id = sql_take_id(&rows);
        event->mailbox_id = sql_take_id(&rows);
    }
    if (step == SQL_FAILED)
        return false;
    *ret_events = g_steal_pointer(&events);
    return true;
}

bool store_event_latest(StoreTx *tx, int64_t *ret_sequence, GError **error)
{
    return sql_number(tx, "SELECT max(sequence) FROM event", SQL_WITH_NOTHING, 0, ret_sequence, error);
}
