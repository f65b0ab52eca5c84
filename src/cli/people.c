/* saldo account, saldo group: the people and group mailboxes of an installation. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "command.h"
#include "engine.h"

/* ---- saldo account ------------------------------------------------------------------------------------- */

static ExitCode add_account(Engine *engine, EnginePerson person)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *password = engine_read_password(&error);
    Id id;
    if (password == NULL)
        return command_failed(error);
    person.password = password;
    bool added = engine_add_person(engine, &person, &id, &error);
    explicit_bzero(password, strlen(password));
    if (!added)
        return command_failed(error);
    printf("%s can sign in and reads %s\n", person.login, person.address);
    return EXIT_OK;
}

static ExitCode run_account(int argc, char **argv)
{
    g_autofree char *state = NULL, *login = NULL, *name = NULL, *address = NULL, *language = NULL;
    gboolean administrator = FALSE;
    const GOptionEntry entries[] = {
        { "login", 0, 0, G_OPTION_ARG_STRING, &login, "Login", "LOGIN" },
        { "name", 0, 0, G_OPTION_ARG_STRING, &name, "Name (default: the login)", "NAME" },
        { "address", 0, 0, G_OPTION_ARG_STRING, &address, "Mailbox address (default: the login)", "ADDRESS" },
        { "language", 0, 0, G_OPTION_ARG_STRING, &language, "en or pl (default: en)", "LANGUAGE" },
        { "administrator", 0, 0, G_OPTION_ARG_NONE, &administrator, "An administrator, not a payer", NULL },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_account, &argc, &argv, entries, &state))
        return EXIT_USAGE;
    const char *mailbox = address != NULL ? address : login;
    if (argc != 2 || strcmp(argv[1], "add") != 0 || login == NULL)
        return command_misused(&command_account, "say add, with --login");
    if (!text_is_address(mailbox))
        return command_misused(&command_account, "--address must be a mail address; \"%s\" is none", mailbox);
    if (language != NULL && strcmp(language, "en") != 0 && strcmp(language, "pl") != 0)
        return command_misused(&command_account, "--language is en or pl");
    g_autoptr(GError) error = NULL;
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL)
        return command_failed(error);
    return add_account(engine, (EnginePerson){ .login = login, .name = name != NULL ? name : login, .address = mailbox,
        .language = language != NULL ? language : "en", .role = administrator ? STORE_ROLE_ADMINISTRATOR : STORE_ROLE_PAYER });
}

const Command command_account = {
    .name = "account",
    .run = run_account,
    .usage = "add --login LOGIN [--name NAME] [--address ADDRESS] [--administrator] < PASSWORD",
    .summary = "Add a person with a mailbox",
    .details = "The password is one line on standard input. May run while the server runs.",
};

/* ---- saldo group ----------------------------------------------------------------------------------------- */

typedef struct GroupUnit {
    const Engine *engine;
    const char *address, *name; /* add */
    const char *login;          /* join */
    GPtrArray *groups;          /* list */
} GroupUnit;

static bool add_group_unit(StoreTx *tx, void *context, GError **error)
{
    GroupUnit *unit = context;
    Id id;
    return store_group_create(tx, unit->engine->organization_id, unit->address, unit->name, &id, error);
}

static bool join_group_unit(StoreTx *tx, void *context, GError **error)
{
    GroupUnit *unit = context;
    g_autoptr(StoreMailbox) mailbox = NULL;
    g_autoptr(StoreAccount) account = NULL;
    if (!store_mailbox_by_address(tx, unit->address, &mailbox, error)
        || !store_account_by_login(tx, unit->login, &account, error))
        return false;
    if (id_is_none(mailbox->group_id)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s is a person's mailbox, not a group's", unit->address);
        return false;
    }
    return store_group_add_member(tx, unit->engine->organization_id, mailbox->group_id, account->id, error);
}

static bool list_groups_unit(StoreTx *tx, void *context, GError **error)
{
    GroupUnit *unit = context;
    return store_groups_list(tx, unit->engine->organization_id, &unit->groups, error);
}

static ExitCode list_groups(const Engine *engine)
{
    g_autoptr(GError) error = NULL;
    GroupUnit unit = { .engine = engine };
    if (!store_read(engine->store, list_groups_unit, &unit, &error))
        return command_failed(error);
    g_autoptr(GPtrArray) groups = unit.groups;
    for (guint i = 0; i < groups->len; i++)
        puts(((const StoreMailbox *)groups->pdata[i])->address);
    return EXIT_OK;
}

static ExitCode change_groups(const Engine *engine, const char *what, GroupUnit *unit)
{
    g_autoptr(GError) error = NULL;
    bool is_join = strcmp(what, "join") == 0;
    if (!store_write(engine->store, is_join ? join_group_unit : add_group_unit, unit, &error))
        return command_failed(error);
    if (is_join)
        printf("%s reads %s\n", unit->login, unit->address);
    else
        printf("%s is a group mailbox; who reads it: saldo group join --address %s --login LOGIN\n", unit->address, unit->address);
    return EXIT_OK;
}

static ExitCode run_group(int argc, char **argv)
{
    g_autofree char *state = NULL, *address = NULL, *name = NULL, *login = NULL;
    const GOptionEntry entries[] = {
        { "address", 0, 0, G_OPTION_ARG_STRING, &address, "The group mailbox", "ADDRESS" },
        { "name", 0, 0, G_OPTION_ARG_STRING, &name, "add: its name (default: the address)", "NAME" },
        { "login", 0, 0, G_OPTION_ARG_STRING, &login, "join: who shall read it", "LOGIN" },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_group, &argc, &argv, entries, &state))
        return EXIT_USAGE;
    const char *what = argc == 2 ? argv[1] : "";
    bool is_list = strcmp(what, "list") == 0, is_join = strcmp(what, "join") == 0;
    if (!is_list && !is_join && strcmp(what, "add") != 0)
        return command_misused(&command_group, "say what to do: add, join or list");
    if (!is_list && (address == NULL || !text_is_address(address)))
        return command_misused(&command_group, "--address must be a mail address");
    if (is_join && login == NULL)
        return command_misused(&command_group, "join needs --login");
    g_autoptr(GError) error = NULL;
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL)
        return command_failed(error);
    if (is_list)
        return list_groups(engine);
    g_autofree char *lower = g_ascii_strdown(address, -1);
    GroupUnit unit = { .engine = engine, .address = lower, .name = name != NULL ? name : lower, .login = login };
    return change_groups(engine, what, &unit);
}

const Command command_group = {
    .name = "group",
    .run = run_group,
    .usage = "add --address ADDRESS [--name NAME] | join --address ADDRESS --login LOGIN | list",
    .summary = "Add a group mailbox, let people read it, list them",
    .details = "Set-UnifiedGroup (see `saldo admin --help`) switches connectors off for one group mailbox.",
};
