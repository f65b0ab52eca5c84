/* The outbox: work that was committed with a decision and is done outside afterwards [PAY-004]. A row is leased while a
 * courier works on it, and kept once it is done. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "parts.h"

bool outbox_add(StoreTx *tx, const Payment *payment, const PayDecision *decision, GError **error)
{
    g_assert(decision->work_count <= PAY_WORK_MAX);
    for (size_t i = 0; i < decision->work_count; i++)
        if (!sql_run(tx, "INSERT INTO outbox (organization_id, payment_id, work, due_us) VALUES ($1, $2, $3, $4)",
                SQL_WITH(sql_id(payment->organization_id), sql_id(payment->id),
                    sql_str(pay_work_name(decision->work[i].work)), sql_int(decision->work[i].due_us)), NULL, error))
            return false;
    return true;
}

static bool work_from_name(const char *name, PayWork *ret_work)
{
    for (PayWork work = PAY_WORK_CHARGE; work <= PAY_WORK_DROP_CODE; work++)
        if (strcmp(pay_work_name(work), name) == 0) {
            *ret_work = work;
            return true;
        }
    return false;
}

static StoreWork *work_take(SqlRows *rows)
{
    StoreWork *work = g_new0(StoreWork, 1);
    work->sequence = sql_take_int(rows);
    work->organization_id = sql_take_id(rows);
    work->payment_id = sql_take_id(rows);
    rows->damaged = !work_from_name(sql_peek_text(rows), &work->work) || rows->damaged;
    work->tries = (int)sql_take_int(rows);
    return work;
}

static bool read_due(StoreTx *tx, int64_t now_us, unsigned most, GPtrArray *work, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT sequence, organization_id, payment_id, work, tries FROM outbox"
            " WHERE done_us = 0 AND due_us <= $1 AND leased_until_us <= $1 ORDER BY due_us, sequence LIMIT $2",
            SQL_WITH(sql_int(now_us), sql_int(most)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW)
        g_ptr_array_add(work, work_take(&rows));
    return step == SQL_END && sql_rows_sound(&rows, error);
}

bool store_work_take(StoreTx *tx, int64_t now_us, int64_t lease_until_us, unsigned most, GPtrArray **ret_work,
    GError **error)
{
    g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func(g_free);
    if (!read_due(tx, now_us, most, taken, error))
        return false;
    for (guint i = 0; i < taken->len; i++) {
        StoreWork *work = taken->pdata[i];
        work->tries++;
        if (!sql_run(tx, "UPDATE outbox SET leased_until_us = $1, tries = $2 WHERE sequence = $3",
                SQL_WITH(sql_int(lease_until_us), sql_int(work->tries), sql_int(work->sequence)), NULL, error))
            return false;
    }
    *ret_work = g_steal_pointer(&taken);
    return true;
}

static bool change_open(StoreTx *tx, const char *text, int64_t value, int64_t sequence, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx, text, SQL_WITH(sql_int(value), sql_int(sequence)), &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no open work %" G_GINT64_FORMAT, sequence);
    return changed > 0;
}

bool store_work_done(StoreTx *tx, int64_t sequence, GError **error)
{
    return change_open(tx, "UPDATE outbox SET done_us = $1, leased_until_us = 0 WHERE sequence = $2 AND done_us = 0",
        time_now_us(), sequence, error);
}

bool store_work_again(StoreTx *tx, int64_t sequence, int64_t due_us, GError **error)
{
    return change_open(tx, "UPDATE outbox SET due_us = $1, leased_until_us = 0 WHERE sequence = $2 AND done_us = 0", due_us,
        sequence, error);
}

bool store_work_release_all(StoreTx *tx, GError **error)
{
    return sql_run(tx, "UPDATE outbox SET leased_until_us = 0 WHERE done_us = 0 AND leased_until_us > 0", SQL_WITH_NOTHING,
        NULL, error);
}

bool store_work_next_due(StoreTx *tx, int64_t *ret_due_us, GError **error)
{
    return sql_number(tx, "SELECT min(CASE WHEN leased_until_us > due_us THEN leased_until_us ELSE due_us END) FROM outbox"
                          " WHERE done_us = 0",
        SQL_WITH_NOTHING, INT64_MAX, ret_due_us, error);
}
