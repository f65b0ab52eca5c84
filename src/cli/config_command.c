/* saldo config: show what is in force. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config.h"

static ExitCode run(int argc, char **argv)
{
    g_autofree char *state = NULL;
    if (!command_parse(&command_config, &argc, &argv, NULL, &state))
        return EXIT_USAGE;
    if (argc == 2 && strcmp(argv[1], "man") == 0) {
        g_autofree char *page = config_man_page();
        fputs(page, stdout);
        return EXIT_OK;
    }
    if (argc != 2 || strcmp(argv[1], "show") != 0)
        return command_misused(&command_config, "say what to do: show or man");
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_read(state, &error);
    if (config == NULL)
        return command_failed(error);
    g_autofree char *text = config_show(config);
    fputs(text, stdout);
    return EXIT_OK;
}

const Command command_config = {
    .name = "config",
    .run = run,
    .usage = "show | man",
    .summary = "Show the configuration in force, every key with its meaning",
    .details = "The output has the form of saldo.conf itself. `man` prints the source of saldo.conf(5), from the same\n"
               "table, for scdoc.",
};
