/* saldo init: a new state directory with its first administrator. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "command.h"
#include "engine.h"

static ExitCode run(int argc, char **argv)
{
    g_autofree char *state = NULL, *organization = NULL, *login = NULL, *name = NULL, *address = NULL, *language = NULL;
    const GOptionEntry entries[] = {
        { "organization", 0, 0, G_OPTION_ARG_STRING, &organization, "Name of the organization", "NAME" },
        { "login", 0, 0, G_OPTION_ARG_STRING, &login, "Login of the first administrator", "LOGIN" },
        { "name", 0, 0, G_OPTION_ARG_STRING, &name, "Name of that person (default: the login)", "NAME" },
        { "address", 0, 0, G_OPTION_ARG_STRING, &address, "Mailbox address of that person (default: the login)", "ADDRESS" },
        { "language", 0, 0, G_OPTION_ARG_STRING, &language, "en or pl (default: en)", "LANGUAGE" },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_init, &argc, &argv, entries, &state))
        return EXIT_USAGE;
    const char *mailbox = address != NULL ? address : login;
    if (argc != 1 || organization == NULL || login == NULL)
        return command_misused(&command_init, "--organization and --login are needed");
    if (!text_is_address(mailbox))
        return command_misused(&command_init, "--address must be a mail address; \"%s\" is none", mailbox);
    if (language != NULL && strcmp(language, "en") != 0 && strcmp(language, "pl") != 0)
        return command_misused(&command_init, "--language is en or pl");
    g_autoptr(GError) error = NULL;
    g_autofree char *password = engine_read_password(&error);
    if (password == NULL || !engine_create(state, NULL, organization, &error))
        return command_failed(error);
    g_autoptr(Engine) engine = engine_open(state, &error);
    const EnginePerson person = { .login = login, .name = name != NULL ? name : login, .password = password,
        .address = mailbox, .language = language != NULL ? language : "en", .role = STORE_ROLE_ADMINISTRATOR };
    Id account_id;
    if (engine == NULL || !engine_add_person(engine, &person, &account_id, &error))
        return command_failed(error);
    explicit_bzero(password, strlen(password));
    printf("Made %s. Look through %s/saldo.conf, then: saldo serve --state %s\n", state, state, state);
    return EXIT_OK;
}

const Command command_init = {
    .name = "init",
    .run = run,
    .usage = "--organization NAME --login LOGIN [--state DIR] < PASSWORD",
    .summary = "Make a new state directory with its first administrator",
    .details = "The password is one line on standard input.",
};
