/* saldo partner: the registry of partners and their merchants. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "command.h"
#include "engine.h"
#include "partner.h"

#define PARTNER_ACTOR "cli"
#define PARTNER_FILE_MAX (4UL * 1024 * 1024)

typedef struct PartnerUnit {
    const Engine *engine;
    Registry *given;              /* add */
    const char *originator, *merchant; /* approve, suspend */
    bool all_merchants;           /* approve */
    PartnerState state;
    Registry *loaded;             /* list; approve, suspend: as it stands afterwards */
} PartnerUnit;

bool partners_put(StoreTx *tx, Id organization_id, const Registry *given, const char *actor, GError **error)
{
    for (guint i = 0; i < given->partners->len; i++) {
        const Partner *partner = given->partners->pdata[i];
        g_autoptr(Registry) registered = NULL; /* with the ones just put, so that two of one file are compared too */
        if (!store_registry_load(tx, organization_id, &registered, error) || !registry_admits(registered, partner, error)
            || !store_partner_put(tx, organization_id, partner, actor, error))
            return false;
    }
    return true;
}

static bool add_unit(StoreTx *tx, void *context, GError **error)
{
    PartnerUnit *unit = context;
    return partners_put(tx, unit->engine->organization_id, unit->given, PARTNER_ACTOR, error);
}

static bool is_verified(const Merchant *merchant)
{
    return merchant->verified_by != NULL && merchant->verified_how != NULL;
}

/* Only who waits and was verified: a suspended merchant stays so until it is named. */
static bool approve_waiting(StoreTx *tx, const PartnerUnit *unit, GError **error)
{
    Id organization_id = unit->engine->organization_id;
    g_autoptr(Registry) registry = NULL;
    if (!store_registry_load(tx, organization_id, &registry, error))
        return false;
    const Partner *partner = registry_find(registry, unit->originator);
    for (guint i = 0; partner != NULL && i < partner->merchants->len; i++) {
        const Merchant *merchant = partner->merchants->pdata[i];
        if (merchant->state == PARTNER_PENDING && is_verified(merchant)
            && !store_merchant_set_state(tx, organization_id, unit->originator, merchant->merchant_id, PARTNER_APPROVED,
                PARTNER_ACTOR, error))
            return false;
    }
    return true;
}

/* As in a file: who is approved was verified by somebody, and in some way. */
static bool check_verified(const Partner *partner, GError **error)
{
    for (guint i = 0; partner != NULL && i < partner->merchants->len; i++) {
        const Merchant *merchant = partner->merchants->pdata[i];
        if (merchant->state == PARTNER_APPROVED && !is_verified(merchant)) {
            error_set(error, SALDO_ERROR_BAD_INPUT,
                "merchant %s (%s) is not verified: add its record with verified_by and verified_how first",
                merchant->merchant_id, merchant->legal_name);
            return false;
        }
    }
    return true;
}

static bool set_state_unit(StoreTx *tx, void *context, GError **error)
{
    PartnerUnit *unit = context;
    Id organization_id = unit->engine->organization_id;
    bool done = unit->merchant == NULL
        ? store_partner_set_state(tx, organization_id, unit->originator, unit->state, PARTNER_ACTOR, error)
        : store_merchant_set_state(tx, organization_id, unit->originator, unit->merchant, unit->state, PARTNER_ACTOR, error);
    return done && (!unit->all_merchants || approve_waiting(tx, unit, error))
        && store_registry_load(tx, organization_id, &unit->loaded, error)
        && check_verified(registry_find(unit->loaded, unit->originator), error);
}

static bool list_unit(StoreTx *tx, void *context, GError **error)
{
    PartnerUnit *unit = context;
    return store_registry_load(tx, unit->engine->organization_id, &unit->loaded, error);
}

/* What a file says of itself is no vetting. */
static void set_pending(Partner *partner)
{
    if (partner->state != PARTNER_SUSPENDED)
        partner->state = PARTNER_PENDING;
    for (guint i = 0; i < partner->merchants->len; i++) {
        Merchant *merchant = partner->merchants->pdata[i];
        if (merchant->state != PARTNER_SUSPENDED)
            merchant->state = PARTNER_PENDING;
    }
}

/* Who shows no card yet, and what would change that. */
static void print_waiting(const Partner *partner)
{
    if (partner->state == PARTNER_PENDING)
        printf("  after vetting: saldo partner approve %s\n", partner->originator);
    for (guint i = 0; i < partner->merchants->len; i++) {
        const Merchant *merchant = partner->merchants->pdata[i];
        if (merchant->state == PARTNER_PENDING && !is_verified(merchant))
            printf("  waits: %s; not verified: add its record with verified_by and verified_how\n", merchant->legal_name);
        else if (merchant->state == PARTNER_PENDING)
            printf("  waits: %s; after vetting: saldo partner approve %s --merchant %s\n", merchant->legal_name,
                partner->originator, merchant->merchant_id);
    }
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
    for (guint i = 0; !approve && i < registry->partners->len; i++)
        set_pending(registry->partners->pdata[i]);
    PartnerUnit unit = { .engine = engine, .given = registry };
    if (!store_write(engine->store, add_unit, &unit, &error))
        return command_failed(error);
    for (guint i = 0; i < registry->partners->len; i++) {
        const Partner *partner = registry->partners->pdata[i];
        printf("%s: %s, %u merchants\n", partner->originator, partner_state_name(partner->state), partner->merchants->len);
        print_waiting(partner);
    }
    return EXIT_OK;
}

static ExitCode set_state(PartnerUnit *unit)
{
    g_autoptr(GError) error = NULL;
    bool done = store_write(unit->engine->store, set_state_unit, unit, &error);
    g_autoptr(Registry) registry = unit->loaded;
    if (!done)
        return command_failed(error);
    printf("%s%s%s: %s\n", unit->originator, unit->merchant == NULL ? "" : ", merchant ",
        unit->merchant == NULL ? "" : unit->merchant, partner_state_name(unit->state));
    const Partner *partner = registry_find(registry, unit->originator);
    if (unit->state == PARTNER_APPROVED && partner != NULL)
        print_waiting(partner);
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
    gboolean json = FALSE, approve = FALSE, all_merchants = FALSE;
    const GOptionEntry entries[] = {
        { "merchant", 0, 0, G_OPTION_ARG_STRING, &merchant, "approve, suspend: this merchant of the partner", "ID" },
        { "all-merchants", 0, 0, G_OPTION_ARG_NONE, &all_merchants, "approve: all its waiting merchants too", NULL },
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
    if (all_merchants && (!is_approve || merchant != NULL))
        return command_misused(&command_partner, "--all-merchants goes with approve, and without --merchant");
    g_autoptr(GError) error = NULL;
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL)
        return command_failed(error);
    if (is_list)
        return list(engine, json);
    if (is_add)
        return add(engine, argv[2], approve);
    PartnerUnit unit = { .engine = engine, .originator = argv[2], .merchant = merchant, .all_merchants = all_merchants,
        .state = is_approve ? PARTNER_APPROVED : PARTNER_SUSPENDED };
    return set_state(&unit);
}

const Command command_partner = {
    .name = "partner",
    .run = run,
    .usage = "add FILE | approve ORIGINATOR | suspend ORIGINATOR | list  [--merchant ID | --all-merchants] [--json]",
    .summary = "Add, approve, suspend or list partners and merchants",
    .details = "FILE holds {\"partners\":[…]}, as `saldo partner list --json` prints it. A partner that was added is pending, and so\n"
               "are its merchants: no card is shown until both are approved. An address, a domain or a merchant belongs to one partner. Suspending one closes its cards at once. Both are audited.",
};
