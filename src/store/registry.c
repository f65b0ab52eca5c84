/* The partner registry: one row per partner, one per merchant, so that each has its own state. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static Merchant *merchant_take(SqlRows *rows)
{
    Merchant *merchant = g_new0(Merchant, 1);
    merchant->merchant_id = sql_take_text(rows);
    merchant->display_id = sql_take_text(rows);
    const char *state = sql_peek_text(rows);
    rows->damaged = !partner_state_from_name(span_of(state), &merchant->state) || rows->damaged;
    merchant->legal_name = sql_take_text(rows);
    merchant->verified_by = sql_take_text(rows);
    merchant->verified_at = sql_take_text(rows);
    merchant->verified_how = sql_take_text(rows);
    return merchant;
}

static bool add_merchants(StoreTx *tx, Id organization_id, Partner *partner, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT merchant_id, display_id, state, legal_name, verified_by, verified_at, verified_how FROM merchant"
            " WHERE organization_id = $1 AND originator = $2 ORDER BY merchant_id, display_id",
            SQL_WITH(sql_id(organization_id), sql_str(partner->originator)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW)
        g_ptr_array_add(partner->merchants, merchant_take(&rows));
    return step == SQL_END && sql_rows_sound(&rows, error);
}

/* Reads the columns record, state; then the merchants. */
static Partner *partner_take(StoreTx *tx, Id organization_id, SqlRows *rows, GError **error)
{
    JSON_AUTO *record = sql_take_json(rows);
    const char *state = sql_peek_text(rows);
    if (!sql_rows_sound(rows, error))
        return NULL;
    json_put_text(record, "state", state);
    g_assert(json_object_set_new(record, "merchants", json_array()) == 0);
    g_autoptr(Partner) partner = partner_from_json(record, error);
    if (partner == NULL || !add_merchants(tx, organization_id, partner, error))
        return NULL;
    return g_steal_pointer(&partner);
}

bool store_registry_load(StoreTx *tx, Id organization_id, Registry **ret_registry, GError **error)
{
    g_autoptr(Registry) registry = registry_new();
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, "SELECT record, state FROM partner WHERE organization_id = $1 ORDER BY originator",
            SQL_WITH(sql_id(organization_id)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        Partner *partner = partner_take(tx, organization_id, &rows, error);
        if (partner == NULL)
            return false;
        g_ptr_array_add(registry->partners, partner);
    }
    if (step == SQL_FAILED)
        return false;
    *ret_registry = g_steal_pointer(&registry);
    return true;
}

/* ---- Writing ------------------------------------------------------------------------------------------------ */

static bool audit_partner(StoreTx *tx, Id organization_id, const char *actor, const char *action, const char *originator,
    const char *merchant_id, PartnerState state, GError **error)
{
    JSON_AUTO *details = json_object();
    json_put_text(details, "merchant_id", merchant_id);
    json_put_text(details, "state", partner_state_name(state));
    return store_audit_add(tx, organization_id, actor, action, originator, details, error)
        && store_event_add(tx, organization_id, "policy", ID_NONE, ID_NONE, error);
}

static bool partner_write(StoreTx *tx, Id organization_id, const Partner *partner, GError **error)
{
    JSON_AUTO *record = partner_to_json(partner);
    json_object_del(record, "state");
    json_object_del(record, "merchants");
    g_autofree char *text = json_write(record);
    return sql_run(tx,
        "INSERT INTO partner (organization_id, originator, state, record, changed_us) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (organization_id, originator) DO UPDATE SET state = excluded.state, record = excluded.record,"
        " changed_us = excluded.changed_us",
        SQL_WITH(sql_id(organization_id), sql_str(partner->originator), sql_str(partner_state_name(partner->state)),
            sql_str(text), sql_int(time_now_us())), NULL, error);
}

static bool merchant_write(StoreTx *tx, Id organization_id, const char *originator, const Merchant *merchant,
    GError **error)
{
    return sql_run(tx,
        "INSERT INTO merchant (organization_id, originator, merchant_id, display_id, state, legal_name, verified_by,"
        " verified_at, verified_how) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        SQL_WITH(sql_id(organization_id), sql_str(originator), sql_str(merchant->merchant_id),
            sql_str(merchant->display_id), sql_str(partner_state_name(merchant->state)), sql_str(merchant->legal_name),
            sql_str(merchant->verified_by), sql_str(merchant->verified_at), sql_str(merchant->verified_how)), NULL, error);
}

bool store_partner_put(StoreTx *tx, Id organization_id, const Partner *partner, const char *actor, GError **error)
{
    if (!partner_write(tx, organization_id, partner, error)
        || !sql_run(tx, "DELETE FROM merchant WHERE organization_id = $1 AND originator = $2",
            SQL_WITH(sql_id(organization_id), sql_str(partner->originator)), NULL, error))
        return false;
    for (guint i = 0; i < partner->merchants->len; i++)
        if (!merchant_write(tx, organization_id, partner->originator, partner->merchants->pdata[i], error))
            return false;
    return audit_partner(tx, organization_id, actor, "partner.put", partner->originator, NULL, partner->state, error);
}

/* The record read in its new state: what the state forbids (plain HTTP when approved, say) is refused here. */
static bool check_record(StoreTx *tx, Id organization_id, const char *originator, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT record, state FROM partner WHERE organization_id = $1 AND originator = $2",
            SQL_WITH(sql_id(organization_id), sql_str(originator)), "partner", &rows, error))
        return false;
    g_autoptr(Partner) partner = partner_take(tx, organization_id, &rows, error);
    return partner != NULL;
}

bool store_partner_set_state(StoreTx *tx, Id organization_id, const char *originator, PartnerState state,
    const char *actor, GError **error)
{
    return sql_run(tx, "UPDATE partner SET state = $1, changed_us = $2 WHERE organization_id = $3 AND originator = $4",
               SQL_WITH(sql_str(partner_state_name(state)), sql_int(time_now_us()), sql_id(organization_id),
                   sql_str(originator)), NULL, error)
        && check_record(tx, organization_id, originator, error)
        && audit_partner(tx, organization_id, actor, "partner.state", originator, NULL, state, error);
}

bool store_merchant_set_state(StoreTx *tx, Id organization_id, const char *originator, const char *merchant_id,
    PartnerState state, const char *actor, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx,
            "UPDATE merchant SET state = $1 WHERE organization_id = $2 AND originator = $3 AND merchant_id = $4",
            SQL_WITH(sql_str(partner_state_name(state)), sql_id(organization_id), sql_str(originator), sql_str(merchant_id)),
            &changed, error))
        return false;
    if (changed == 0) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "partner %s has no merchant %s", originator, merchant_id);
        return false;
    }
    return audit_partner(tx, organization_id, actor, "merchant.state", originator, merchant_id, state, error);
}
