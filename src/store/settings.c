/* Settings of an organization and of its group mailboxes, and the policy that follows from them (wire.md §8). */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"
#include "store_limits.h"

static const char organization_scope[] = "organization";

/* ---- What may be set ---------------------------------------------------------------------------------------- */

static bool read_flag(const char *value, bool *ret_flag)
{
    const char *word = value[0] == '$' ? value + 1 : value;
    if (g_ascii_strcasecmp(word, "true") != 0 && g_ascii_strcasecmp(word, "false") != 0)
        return false;
    *ret_flag = g_ascii_strcasecmp(word, "true") == 0;
    return true;
}

static bool is_percent(const char *value)
{
    uint64_t percent;
    return span_to_uint64(span_of(value), &percent) && percent <= 100;
}

/* The value as it is kept, newly allocated; NULL where it is none for this name. */
static char *value_of(const char *name, const char *value)
{
    bool flag = false;
    PolicySwitch which;
    PolicyRollout rollout;
    if (policy_switch_from_name(span_of(name), &which))
        return read_flag(value, &flag) ? g_strdup(flag ? "true" : "false") : NULL;
    if (strcmp(name, STORE_SETTING_ROLLOUT) == 0)
        return policy_rollout_from_name(span_of(value), &rollout) ? g_strdup(policy_rollout_name(rollout)) : NULL;
    if (strcmp(name, STORE_SETTING_ROLLOUT_PERCENT) == 0)
        return is_percent(value) ? g_strdup(value) : NULL;
    if (strcmp(name, STORE_SETTING_ROLLOUT_LISTED) == 0)
        return strlen(value) <= STORE_SETTING_BYTES ? g_utf8_strdown(value, -1) : NULL;
    if (strcmp(name, STORE_SETTING_COMPANY_BILLING) == 0) {
        JSON_AUTO *address = json_read(span_of(value), STORE_SETTING_BYTES, "the address", NULL);
        return json_is_object(address) ? json_write(address) : NULL;
    }
    return NULL;
}

/* The name as policy.h spells it. */
static const char *canonical_name(const char *name)
{
    PolicySwitch which;
    return policy_switch_from_name(span_of(name), &which) ? policy_switch_name(which) : name;
}

static bool check_scope(StoreTx *tx, Id organization_id, const char *scope, const char *name, GError **error)
{
    if (strcmp(scope, organization_scope) == 0)
        return true;
    int64_t groups = 0;
    if (!sql_number(tx, "SELECT count(*) FROM group_mailbox WHERE organization_id = $1 AND address = $2",
            SQL_WITH(sql_id(organization_id), sql_str(scope)), 0, &groups, error))
        return false;
    if (groups == 0) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no group mailbox %s", scope);
        return false;
    }
    bool is_group_switch = strcmp(name, policy_switch_name(POLICY_CONNECTORS)) == 0;
    if (!is_group_switch)
        error_set(error, SALDO_ERROR_BAD_INPUT, "a group mailbox has no setting %s, only %s", name,
            policy_switch_name(POLICY_CONNECTORS));
    return is_group_switch;
}

/* ---- Keeping -------------------------------------------------------------------------------------------------- */

static bool audit_setting(StoreTx *tx, Id organization_id, const char *scope, const char *name, const char *value,
    const char *actor, const char *command_line, GError **error)
{
    JSON_AUTO *details = json_object();
    json_put_text(details, "name", name);
    json_put_text(details, "value", value);
    json_put_text(details, "command_line", command_line);
    g_auto(GStrv) words = g_strsplit(command_line != NULL ? command_line : "setting.put", " ", 2);
    const char *action = words[0] != NULL ? words[0] : "setting.put";
    return store_audit_add(tx, organization_id, actor, action, scope, details, error)
        && store_event_add(tx, organization_id, "policy", ID_NONE, ID_NONE, error);
}

bool store_setting_put(StoreTx *tx, Id organization_id, const char *scope, const char *name, const char *value,
    const char *actor, const char *command_line, GError **error)
{
    g_autofree char *lower = g_utf8_strdown(scope, -1);
    g_autofree char *kept = value_of(name, value);
    const char *canonical = canonical_name(name);
    if (kept == NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "\"%s\" is no value for a setting named %s", value, name);
        return false;
    }
    return check_scope(tx, organization_id, lower, canonical, error)
        && sql_run(tx,
            "INSERT INTO setting (organization_id, scope, name, value, changed_us, changed_by)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, scope, name) DO UPDATE SET"
            " value = excluded.value, changed_us = excluded.changed_us, changed_by = excluded.changed_by",
            SQL_WITH(sql_id(organization_id), sql_str(lower), sql_str(canonical), sql_str(kept), sql_int(time_now_us()),
                sql_str(actor)), NULL, error)
        && audit_setting(tx, organization_id, lower, canonical, kept, actor, command_line, error);
}

bool store_setting_get(StoreTx *tx, Id organization_id, const char *scope, const char *name, char **ret_value,
    GError **error)
{
    g_autofree char *lower = g_utf8_strdown(scope, -1);
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT value FROM setting WHERE organization_id = $1 AND scope = $2 AND name = $3",
            SQL_WITH(sql_id(organization_id), sql_str(lower), sql_str(canonical_name(name))), "setting", &rows, error))
        return false;
    *ret_value = sql_take_text(&rows);
    return true;
}

/* ---- The policy for one mailbox --------------------------------------------------------------------------------- */

static void take_listed(PolicySettings *settings, const char *value)
{
    g_auto(GStrv) addresses = g_strsplit(value, ",", -1);
    for (char **address = addresses; *address != NULL; address++)
        if (g_strstrip(*address)[0] != '\0')
            g_ptr_array_add(settings->rollout_listed, g_strdup(*address));
}

/* What is kept went through value_of, so it reads. */
static void take_setting(PolicySettings *settings, bool is_group, const char *name, const char *value)
{
    PolicySwitch which;
    uint64_t percent = 0;
    bool is_on = strcmp(value, "true") == 0;
    if (is_group)
        settings->group_connectors = is_on;
    else if (policy_switch_from_name(span_of(name), &which))
        settings->organization[which] = is_on;
    else if (strcmp(name, STORE_SETTING_ROLLOUT) == 0)
        policy_rollout_from_name(span_of(value), &settings->rollout);
    else if (strcmp(name, STORE_SETTING_ROLLOUT_LISTED) == 0)
        take_listed(settings, value);
    else if (strcmp(name, STORE_SETTING_ROLLOUT_PERCENT) == 0 && span_to_uint64(span_of(value), &percent))
        settings->rollout_percent = (unsigned)percent;
}

static bool find_group(StoreTx *tx, Id organization_id, const char *address, PolicySettings *settings, GError **error)
{
    int64_t groups = 0;
    if (!sql_number(tx, "SELECT count(*) FROM group_mailbox WHERE organization_id = $1 AND address = $2",
            SQL_WITH(sql_id(organization_id), sql_str(address)), 0, &groups, error))
        return false;
    if (groups > 0)
        settings->group_address = g_strdup(address);
    return true;
}

bool store_policy_load(StoreTx *tx, Id organization_id, const char *mailbox_address, PolicySettings **ret_settings,
    GError **error)
{
    g_autofree char *address = g_utf8_strdown(mailbox_address, -1);
    g_autoptr(PolicySettings) settings = policy_settings_new();
    SQL_ROWS_AUTO rows = { 0 };
    if (!find_group(tx, organization_id, address, settings, error)
        || !sql_open(tx,
            "SELECT scope, name, value FROM setting WHERE organization_id = $1 AND scope IN ('organization', $2)",
            SQL_WITH(sql_id(organization_id), sql_str(address)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        bool is_group = strcmp(sql_peek_text(&rows), organization_scope) != 0;
        const char *name = sql_peek_text(&rows);
        take_setting(settings, is_group, name, sql_peek_text(&rows));
    }
    if (step == SQL_FAILED)
        return false;
    *ret_settings = g_steal_pointer(&settings);
    return true;
}
