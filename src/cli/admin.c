/* saldo admin: the switches, typed as administrators know them (wire.md §8). */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "command.h"
#include "engine.h"

/* Rows of the log that one search looks through, newest first. */
enum { AUDIT_ROWS_MAX = 100000 };

typedef struct AdminUnit {
    const Engine *engine;
    const PolicyCommand *command;
    const char *line, *actor;
    json_t *answer; /* array of objects: what the cmdlet outputs */
} AdminUnit;

/* Who types: the operating system's user, since the command line is their authority. */
static char *operator_name(void)
{
    const struct passwd *entry = getpwuid(getuid());
    return g_strdup_printf("cli:%s", entry != NULL ? entry->pw_name : "unknown");
}

static bool set_switch(StoreTx *tx, const AdminUnit *unit, const char *scope, const char *name, const char *value,
    GError **error)
{
    return store_setting_put(tx, unit->engine->organization_id, scope, name, strcmp(value, "$true") == 0 ? "true" : "false",
        unit->actor, unit->line, error);
}

static bool get_organization(StoreTx *tx, AdminUnit *unit, GError **error)
{
    g_autoptr(PolicySettings) settings = NULL;
    if (!store_policy_load(tx, unit->engine->organization_id, "", &settings, error))
        return false;
    json_t *object = json_object();
    for (int i = 0; i < POLICY_SWITCH_COUNT; i++)
        json_put_flag(object, policy_switch_name((PolicySwitch)i), settings->organization[i]);
    json_array_append_new(unit->answer, object);
    return true;
}

static bool set_organization(StoreTx *tx, AdminUnit *unit, GError **error)
{
    for (guint i = 0; i < unit->command->parameters->len; i++) {
        const PolicyParameter *parameter = unit->command->parameters->pdata[i];
        if (!set_switch(tx, unit, "organization", parameter->name, parameter->value, error))
            return false;
    }
    return get_organization(tx, unit, error);
}

static bool get_groups(StoreTx *tx, AdminUnit *unit, GError **error)
{
    const char *identity = policy_command_value(unit->command, "Identity");
    g_autoptr(GPtrArray) groups = NULL;
    if (!store_groups_list(tx, unit->engine->organization_id, &groups, error))
        return false;
    for (guint i = 0; i < groups->len; i++) {
        const StoreMailbox *group = groups->pdata[i];
        if (identity != NULL && g_ascii_strcasecmp(identity, group->address) != 0)
            continue;
        g_autoptr(PolicySettings) settings = NULL;
        if (!store_policy_load(tx, unit->engine->organization_id, group->address, &settings, error))
            return false;
        json_t *object = json_object();
        json_put_text(object, "Identity", group->address);
        json_put_flag(object, "ConnectorsEnabled", settings->group_connectors);
        json_array_append_new(unit->answer, object);
    }
    if (identity != NULL && json_array_size(unit->answer) == 0) {
        error_set(error, SALDO_ERROR_NOT_FOUND,
            "there is no group mailbox \"%s\"; these switches have no form for a single person", identity);
        return false;
    }
    return true;
}

static bool set_group(StoreTx *tx, AdminUnit *unit, GError **error)
{
    if (!get_groups(tx, unit, error)) /* refuses an unknown identity */
        return false;
    json_array_clear(unit->answer);
    g_autofree char *identity = g_ascii_strdown(policy_command_value(unit->command, "Identity"), -1);
    const char *value = policy_command_value(unit->command, "ConnectorsEnabled");
    return (value == NULL || set_switch(tx, unit, identity, "ConnectorsEnabled", value, error)) && get_groups(tx, unit, error);
}

/* ---- Rollout -------------------------------------------------------------------------------------------- */

static bool get_rollout(StoreTx *tx, AdminUnit *unit, GError **error)
{
    g_autoptr(PolicySettings) settings = NULL;
    if (!store_policy_load(tx, unit->engine->organization_id, "", &settings, error))
        return false;
    json_t *object = json_object(), *people = json_array();
    json_put_text(object, "Mode", policy_rollout_name(settings->rollout));
    json_put_integer(object, "Percent", settings->rollout_percent);
    for (guint i = 0; i < settings->rollout_listed->len; i++)
        json_array_append_new(people, json_string(settings->rollout_listed->pdata[i]));
    json_object_set_new(object, "People", people);
    json_array_append_new(unit->answer, object);
    return true;
}

static void change_people(GPtrArray *people, const char *list, bool add)
{
    g_auto(GStrv) names = g_strsplit(list, ",", -1);
    for (char **name = names; *name != NULL; name++) {
        g_autofree char *address = g_ascii_strdown(g_strstrip(*name), -1);
        guint index;
        bool known = g_ptr_array_find_with_equal_func(people, address, g_str_equal, &index);
        if (add && !known && *address != '\0')
            g_ptr_array_add(people, g_steal_pointer(&address));
        else if (!add && known)
            g_ptr_array_remove_index(people, index);
    }
}

static char *join_people(const GPtrArray *people)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < people->len; i++)
        g_string_append_printf(text, "%s%s", i == 0 ? "" : ",", (const char *)people->pdata[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool put_rollout(StoreTx *tx, const AdminUnit *unit, const char *name, const char *value, GError **error)
{
    return value == NULL
        || store_setting_put(tx, unit->engine->organization_id, "organization", name, value, unit->actor, unit->line, error);
}

static bool set_rollout(StoreTx *tx, AdminUnit *unit, GError **error)
{
    g_autoptr(PolicySettings) settings = NULL;
    if (!store_policy_load(tx, unit->engine->organization_id, "", &settings, error))
        return false;
    const char *people = policy_command_value(unit->command, "People");
    const char *add = policy_command_value(unit->command, "Add"), *take = policy_command_value(unit->command, "Remove");
    if (people != NULL)
        g_ptr_array_set_size(settings->rollout_listed, 0);
    if (people != NULL)
        change_people(settings->rollout_listed, people, true);
    if (add != NULL)
        change_people(settings->rollout_listed, add, true);
    if (take != NULL)
        change_people(settings->rollout_listed, take, false);
    g_autofree char *listed = join_people(settings->rollout_listed);
    bool list_changed = people != NULL || add != NULL || take != NULL;
    return put_rollout(tx, unit, STORE_SETTING_ROLLOUT, policy_command_value(unit->command, "Mode"), error)
        && put_rollout(tx, unit, STORE_SETTING_ROLLOUT_PERCENT, policy_command_value(unit->command, "Percent"), error)
        && put_rollout(tx, unit, STORE_SETTING_ROLLOUT_LISTED, list_changed ? listed : NULL, error) && get_rollout(tx, unit, error);
}

/* ---- The organization's address ------------------------------------------------------------------------------ */

static const struct {
    const char *parameter, *member;
} address_parts[] = { { "Name", "name" }, { "Line1", "line1" }, { "Line2", "line2" }, { "PostalCode", "postal_code" },
    { "City", "city" }, { "Country", "country" } };

/* The address as kept, or one of empty parts; NULL and `error` where it cannot be read. */
static json_t *load_address(StoreTx *tx, const AdminUnit *unit, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) trouble = NULL;
    if (store_setting_get(tx, unit->engine->organization_id, "organization", STORE_SETTING_COMPANY_BILLING, &text, &trouble))
        return json_read(span_of(text), LIMIT_JSON_BYTES, "the stored address", error);
    if (!g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return NULL;
    }
    json_t *address = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(address_parts); i++)
        json_put_text(address, address_parts[i].member, "");
    return address;
}

static bool get_address(StoreTx *tx, AdminUnit *unit, GError **error)
{
    JSON_AUTO *address = load_address(tx, unit, error);
    if (address == NULL)
        return false;
    json_t *object = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(address_parts); i++)
        json_put_text(object, address_parts[i].parameter, json_text(address, address_parts[i].member));
    json_array_append_new(unit->answer, object);
    return true;
}

static bool set_address(StoreTx *tx, AdminUnit *unit, GError **error)
{
    JSON_AUTO *address = load_address(tx, unit, error);
    if (address == NULL)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(address_parts); i++) {
        const char *value = policy_command_value(unit->command, address_parts[i].parameter);
        if (value != NULL)
            json_put_text(address, address_parts[i].member, value);
    }
    g_autofree char *text = json_write(address);
    return store_setting_put(tx, unit->engine->organization_id, "organization", STORE_SETTING_COMPANY_BILLING, text, unit->actor,
               unit->line, error)
        && get_address(tx, unit, error);
}

/* ---- Audit ------------------------------------------------------------------------------------------------ */

/* "2026-11-01" or with a time: the day counts. */
static bool read_day(const PolicyCommand *command, const char *name, int64_t otherwise_us, int64_t *ret_us, GError **error)
{
    const char *text = policy_command_value(command, name);
    *ret_us = otherwise_us;
    if (text == NULL || time_parse_date(span_of(text), ret_us))
        return true;
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s needs a date such as 2026-11-01; \"%s\" is none", name, text);
    return false;
}

/* Whether one of the words, separated by commas, is the text; NULL means any. "root" also names "cli:root". */
static bool is_named(const char *words, const char *text)
{
    const char *colon = strchr(text, ':');
    g_auto(GStrv) list = g_strsplit(words == NULL ? "" : words, ",", -1);
    for (char **word = list; *word != NULL; word++)
        if (g_ascii_strcasecmp(*word, text) == 0 || (colon != NULL && g_ascii_strcasecmp(*word, colon + 1) == 0))
            return true;
    return words == NULL;
}

static bool is_mentioned(const char *words, const json_t *details)
{
    g_autofree char *text = json_write(details);
    g_auto(GStrv) list = g_strsplit(words == NULL ? "" : words, ",", -1);
    for (char **word = list; *word != NULL; word++)
        if (strstr(text, *word) != NULL)
            return true;
    return words == NULL;
}

static json_t *audit_to_json(const StoreAudit *row)
{
    char when[TIME_RFC3339_MAX];
    time_format_rfc3339(row->at_us, when);
    json_t *object = json_object();
    json_put_text(object, "RunDate", when);
    json_put_text(object, "Caller", row->actor);
    json_put_text(object, "CmdletName", row->action);
    json_put_text(object, "ObjectModified", row->subject);
    json_object_set(object, "CmdletParameters", row->details);
    return object;
}

static bool search_audit(StoreTx *tx, AdminUnit *unit, GError **error)
{
    int64_t from_us, to_us;
    const PolicyCommand *command = unit->command;
    g_autoptr(GPtrArray) rows = NULL;
    if (!read_day(command, "StartDate", 0, &from_us, error)
        || !read_day(command, "EndDate", INT64_MAX - US_PER_DAY, &to_us, error)
        || !store_audit_search(tx, unit->engine->organization_id, NULL, NULL, from_us, to_us + US_PER_DAY, AUDIT_ROWS_MAX,
            &rows, error))
        return false;
    for (guint i = 0; i < rows->len; i++) {
        const StoreAudit *row = rows->pdata[i];
        if (is_named(policy_command_value(command, "Cmdlets"), row->action)
            && is_named(policy_command_value(command, "UserIds"), row->actor)
            && is_mentioned(policy_command_value(command, "Parameters"), row->details))
            json_array_append_new(unit->answer, audit_to_json(row));
    }
    return true;
}

/* ---- Running ------------------------------------------------------------------------------------------------ */

static bool admin_unit(StoreTx *tx, void *context, GError **error)
{
    AdminUnit *unit = context;
    switch (unit->command->verb) {
    case POLICY_GET_ORGANIZATION: return get_organization(tx, unit, error);
    case POLICY_SET_ORGANIZATION: return set_organization(tx, unit, error);
    case POLICY_GET_GROUP: return get_groups(tx, unit, error);
    case POLICY_SET_GROUP: return set_group(tx, unit, error);
    case POLICY_GET_ROLLOUT: return get_rollout(tx, unit, error);
    case POLICY_SET_ROLLOUT: return set_rollout(tx, unit, error);
    case POLICY_GET_ADDRESS: return get_address(tx, unit, error);
    case POLICY_SET_ADDRESS: return set_address(tx, unit, error);
    case POLICY_SEARCH_AUDIT: return search_audit(tx, unit, error);
    }
    g_assert_not_reached();
}

/* As PowerShell's Format-List prints: "Name : value", a blank line between objects. */
static void print_list(const json_t *answer)
{
    size_t index;
    json_t *object;
    json_array_foreach(answer, index, object) {
        const char *key;
        json_t *value;
        if (index > 0)
            putchar('\n');
        json_object_foreach(object, key, value) {
            g_autofree char *text = json_is_string(value) ? g_strdup(json_string_value(value))
                : json_is_boolean(value)                  ? g_strdup(json_is_true(value) ? "True" : "False")
                                                          : json_write(value);
            printf("%-36s : %s\n", key, text);
        }
    }
}

static ExitCode run(int argc, char **argv)
{
    g_autofree char *state = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the answer as JSON", NULL },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_admin, &argc, &argv, entries, &state))
        return EXIT_USAGE;
    if (argc != 2)
        return command_misused(&command_admin, "give one cmdlet in quotes");
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyCommand) command = policy_command_parse(span_of(argv[1]), &error);
    if (command == NULL)
        return command_misused(&command_admin, "%s", error->message);
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL)
        return command_failed(error);
    g_autofree char *actor = operator_name();
    JSON_AUTO *answer = json_array();
    AdminUnit unit = { .engine = engine, .command = command, .line = argv[1], .actor = actor, .answer = answer };
    if (!store_write(engine->store, admin_unit, &unit, &error))
        return command_failed(error);
    if (json) {
        json_dumpf(answer, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        print_list(answer);
    }
    return EXIT_OK;
}

const Command command_admin = {
    .name = "admin",
    .run = run,
    .usage = "[--json] 'CMDLET'",
    .summary = "Run one administrator's cmdlet: switches, rollout, audit log",
    .details = "Cmdlets:\n"
               "  Get-OrganizationConfig\n"
               "  Set-OrganizationConfig [-OutlookPayEnabled $true|$false] [-ConnectorsEnabled …]\n"
               "      [-SmtpActionableMessagesEnabled …] [-ConnectorsActionableMessagesEnabled …]\n"
               "  Get-UnifiedGroup [-Identity ADDRESS]\n"
               "  Set-UnifiedGroup -Identity ADDRESS -ConnectorsEnabled:$false\n"
               "  Get-PaymentRollout; Set-PaymentRollout -Mode off|listed|percent|everybody [-Percent N]\n"
               "      [-People A,B] [-Add A] [-Remove A]\n"
               "  Get-OrganizationAddress; Set-OrganizationAddress [-Name TEXT] [-Line1 TEXT] [-Line2 TEXT]\n"
               "      [-PostalCode TEXT] [-City TEXT] [-Country PL]   (\"Same as company address\" in the payment pane)\n"
               "  Search-AdminAuditLog [-Cmdlets NAME] [-Parameters NAME] [-UserIds WHO] [-StartDate DAY] [-EndDate DAY]\n\n"
               "Organization off beats everything; organization on lets the group's switch decide. A change closes the cards\n"
               "that are open at that moment. Use single quotes, so that the shell leaves $true alone.",
};
