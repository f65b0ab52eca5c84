/* saldo partner: the registry of partners and their merchants. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "command.h"
#include "engine.h"

#define PARTNER_ACTOR "cli"
#define PARTNER_FILE_MAX (4UL * 1024 * 1024)

typedef struct PartnerUnit {
    const Engine *engine;
    Registry *given;              /* add */
    const char *originator, *merchant; /* approve, suspend */
    PartnerState state;
    Registry *loaded;             /* list */
} PartnerUnit;

static bool add_unit(StoreTx *tx, void *context, GError **error)
{
    PartnerUnit *unit = context;
    for (guint i = 0; i < unit->given->partners->len; i++)
        if (!store_partner_put(tx, unit->engine->organization_id, unit->given->partners->pdata[i], PARTNER_ACTOR, error))
            return false;
    return true;
}

static bool set_state_unit(StoreTx *tx, void *context, GError **error)
{
    PartnerUnit *unit = context;
    Id organization_id = unit->engine->organization_id;
    return unit->merchant == NULL
        ? store_partner_set_state(tx, organization_id, unit->originator, unit->state, PARTNER_ACTOR, error)
        : store_merchant_set_state(tx, organization_id, unit->originator, unit->merchant, unit->state, PARTNER_ACTOR, error);
}

static bool list_unit(StoreTx *tx, void *context, GError **error)
{
    PartnerUnit *unit = context;
    return store_registry_load(tx, unit->engine->organization_id, &unit->loaded, error);
}

static ExitCode add(Engine *engine, const char *path, bool approve)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    size_t length;
    if (!g_file_get_contents(path, &text, &length, &error))
        return command_failed(error);
    JSON_AUTO *json = json_read((Span){ text, length }, PARTNER_FILE_MAX, path, &error);
    g_autoptr(Registry) registry = json == NULL ? NULL : registry_from_json(json, &error);
    if (registry == NULL)
        return command_failed(error);
    for (guint i = 0; !approve && i < registry->partners->len; i++) {
        Partner *partner = registry->partners->pdata[i];
        if (partner->state != PARTNER_SUSPENDED)
            partner->state = PARTNER_PENDING; /* what a file says of itself is no vetting */
    }
    PartnerUnit unit = { .engine = engine, .given = registry };
    if (!store_write(engine->store, add_unit, &unit, &error))
        return command_failed(error);
    for (guint i = 0; i < registry->partners->len; i++) {
        const Partner *partner = registry->partners->pdata[i];
        printf("%s: %s, %u merchants\n", partner->originator, partner_state_name(partner->state), partner->merchants->len);
        if (partner->state == PARTNER_PENDING)
            printf("  after vetting: saldo partner approve %s\n", partner->originator);
    }
    return EXIT_OK;
}

static ExitCode set_state(Engine *engine, const char *originator, const char *merchant, PartnerState state)
{
    g_autoptr(GError) error = NULL;
    PartnerUnit unit = { .engine = engine, .originator = originator, .merchant = merchant, .state = state };
    if (!store_write(engine->store, set_state_unit, &unit, &error))
        return command_failed(error);
    printf("%s%s%s: %s\n", originator, merchant == NULL ? "" : ", merchant ", merchant == NULL ? "" : merchant,
        partner_state_name(state));
    return EXIT_OK;
}

static void print_partner(const Partner *partner)
{
    printf("%-10s %s  %s, %s sender", partner_state_name(partner->state), partner->originator,
        partner->name == NULL ? "" : partner->name, partner->dynamic_sender ? "dynamic" : "static");
    const GPtrArray *senders = partner->dynamic_sender ? partner->domains : partner->addresses;
    for (guint i = 0; i < senders->len; i++)
        printf("%s%s", i == 0 ? " " : ", ", (const char *)senders->pdata[i]);
    putchar('\n');
    for (guint i = 0; i < partner->merchants->len; i++) {
        const Merchant *merchant = partner->merchants->pdata[i];
        printf("  %-10s %s  %s%s%s\n", partner_state_name(merchant->state), merchant->merchant_id, merchant->legal_name,
            merchant->verified_by == NULL ? " (not verified)" : ", verified by ",
            merchant->verified_by == NULL ? "" : merchant->verified_by);
    }
}

static ExitCode list(Engine *engine, bool as_json)
{
    g_autoptr(GError) error = NULL;
    PartnerUnit unit = { .engine = engine };
    if (!store_read(engine->store, list_unit, &unit, &error))
        return command_failed(error);
    g_autoptr(Registry) registry = unit.loaded;
    JSON_AUTO *partners = json_array();
    for (guint i = 0; i < registry->partners->len; i++) {
        if (as_json)
            json_array_append_new(partners, partner_to_json(registry->partners->pdata[i]));
        else
            print_partner(registry->partners->pdata[i]);
    }
    if (as_json) {
        JSON_AUTO *root = json_object();
        json_object_set(root, "partners", partners);
        json_dumpf(root, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (registry->partners->len == 0) {
        puts("No partner yet: saldo partner add FILE");
    }
    return EXIT_OK;
}

static ExitCode run(int argc, char **argv)
{
    g_autofree char *state = NULL, *merchant = NULL;
    gboolean json = FALSE, approve = FALSE;
    const GOptionEntry entries[] = {
        { "merchant", 0, 0, G_OPTION_ARG_STRING, &merchant, "approve, suspend: this merchant of the partner", "ID" },
        { "approve", 0, 0, G_OPTION_ARG_NONE, &approve, "add: take the states as the file gives them", NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &json, "list: print JSON, in the form that add reads", NULL },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_partner, &argc, &argv, entries, &state))
        return EXIT_USAGE;
    const char *what = argc > 1 ? argv[1] : "";
    bool is_list = strcmp(what, "list") == 0, is_add = strcmp(what, "add") == 0, is_approve = strcmp(what, "approve") == 0;
    bool is_suspend = strcmp(what, "suspend") == 0;
    if (!is_list && !is_add && !is_approve && !is_suspend)
        return command_misused(&command_partner, "say what to do: add, approve, suspend or list");
    if (argc != (is_list ? 2 : 3))
        return command_misused(&command_partner, is_list ? "list takes nothing more" : is_add ? "name one file" : "name one originator");
    g_autoptr(GError) error = NULL;
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL)
        return command_failed(error);
    if (is_list)
        return list(engine, json);
    if (is_add)
        return add(engine, argv[2], approve);
    return set_state(engine, argv[2], merchant, is_approve ? PARTNER_APPROVED : PARTNER_SUSPENDED);
}

const Command command_partner = {
    .name = "partner",
    .run = run,
    .usage = "add FILE | approve ORIGINATOR | suspend ORIGINATOR | list  [--merchant ID] [--json]",
    .summary = "Add, approve, suspend or list partners and merchants",
    .details = "FILE holds {\"partners\":[…]}, as `saldo partner list --json` prints it. A partner that was added is pending and shows no\n"
               "card until it is approved; suspending one closes its cards at once. Both are audited.",
};
