/* The audit log: who did what to what, append-only and hash-chained. */
#include "base/clock.h"
#include "base/json.h"
#include "parts.h"
#include "store_limits.h"

void store_audit_free(StoreAudit *audit)
{
    if (audit == NULL)
        return;
    g_free(audit->actor);
    g_free(audit->action);
    g_free(audit->subject);
    json_decref(audit->details);
    g_free(audit->hash);
    g_free(audit);
}

static void audit_destroy(gpointer data)
{
    store_audit_free(data);
}

/* Everything that the hash covers but the sequence, which chain_advance adds. */
static json_t *audit_row(Id organization_id, int64_t at_us, const char *actor, const char *action, const char *subject,
    const char *details)
{
    json_t *row = json_object();
    json_put_text(row, "organization_id", organization_id.text);
    json_put_integer(row, "at_us", at_us);
    json_put_text(row, "actor", actor);
    json_put_text(row, "action", action);
    json_put_text(row, "subject", subject);
    json_put_text(row, "details", details);
    return row;
}

bool audit_add_at(StoreTx *tx, Id organization_id, const char *actor, const char *action, const char *subject,
    const json_t *details, int64_t at_us, GError **error)
{
    ChainLink link;
    if (!chain_head(tx, organization_id, "audit", &link, error))
        return false;
    g_autofree char *text = details != NULL ? json_write(details) : g_strdup("{}");
    JSON_AUTO *row = audit_row(organization_id, at_us, actor, action, subject, text);
    chain_advance(&link, row);
    return sql_run(tx,
               "INSERT INTO audit (organization_id, sequence, at_us, actor, action, subject, details, hash)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
               SQL_WITH(sql_id(organization_id), sql_int(link.sequence), sql_int(at_us), sql_str(actor), sql_str(action),
                   sql_str(subject), sql_str(text), sql_str(link.hash)), NULL, error)
        && chain_keep(tx, organization_id, "audit", &link, error);
}

bool store_audit_add(StoreTx *tx, Id organization_id, const char *actor, const char *action, const char *subject,
    const json_t *details, GError **error)
{
    return audit_add_at(tx, organization_id, actor, action, subject, details, time_now_us(), error);
}

bool store_audit_search(StoreTx *tx, Id organization_id, const char *action_or_null, const char *actor_or_null,
    int64_t from_us, int64_t to_us, unsigned limit, GPtrArray **ret_rows, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT sequence, at_us, actor, action, subject, details, hash FROM audit WHERE organization_id = $1"
            " AND ($2 IS NULL OR action = $2) AND ($3 IS NULL OR actor = $3) AND at_us >= $4 AND at_us <= $5"
            " ORDER BY sequence DESC LIMIT $6",
            SQL_WITH(sql_id(organization_id), sql_str(action_or_null), sql_str(actor_or_null), sql_int(from_us),
                sql_int(to_us > 0 ? to_us : INT64_MAX), sql_int(limit)), &rows, error))
        return false;
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(audit_destroy);
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        StoreAudit *audit = g_new0(StoreAudit, 1);
        g_ptr_array_add(found, audit);
        audit->sequence = sql_take_int(&rows);
        audit->at_us = sql_take_int(&rows);
        audit->actor = sql_take_text(&rows);
        audit->action = sql_take_text(&rows);
        audit->subject = sql_take_text(&rows);
        audit->details = sql_take_json(&rows);
        audit->hash = sql_take_text(&rows);
    }
    if (step == SQL_FAILED || !sql_rows_sound(&rows, error))
        return false;
    *ret_rows = g_steal_pointer(&found);
    return true;
}

static bool check_row(SqlRows *rows, Id organization_id, ChainLink *link, GError **error)
{
    int64_t sequence = sql_take_int(rows);
    int64_t at_us = sql_take_int(rows);
    const char *actor = sql_peek_text(rows);
    const char *action = sql_peek_text(rows);
    const char *subject = sql_peek_text(rows);
    const char *details = sql_peek_text(rows);
    JSON_AUTO *row = audit_row(organization_id, at_us, actor, action, subject, details);
    return chain_check(link, "audit", sequence, row, sql_peek_text(rows), error);
}

bool store_audit_verify(StoreTx *tx, Id organization_id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT sequence, at_us, actor, action, subject, details, hash FROM audit WHERE organization_id = $1"
            " ORDER BY sequence",
            SQL_WITH(sql_id(organization_id)), &rows, error))
        return false;
    ChainLink link = { 0 };
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW)
        if (!check_row(&rows, organization_id, &link, error))
            return false;
    return step == SQL_END && chain_check_end(tx, organization_id, "audit", &link, error);
}
