/* saldo: dispatches to one command from one table. */
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "command.h"

static const Command *const commands[] = {
    &command_demo, &command_init, &command_serve, &command_import, &command_inspect, &command_admin, &command_partner,
    &command_account, &command_group, &command_config,
};

static void print_help(FILE *to)
{
    fputs("saldo: turns the invoices in a mailbox into verified cards and pays them without leaving the inbox.\n\n"
          "Usage: saldo COMMAND [OPTIONS]\n\nCommands:\n", to);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n`saldo COMMAND --help` teaches one command. To see everything at work: saldo demo\n"
          "Exit codes: 0 done; 1 tried and failed (standard error says why); 2 the command line is wrong.\n", to);
}

bool command_parse(const Command *command, int *argc, char ***argv, const GOptionEntry *entries, char **ret_state)
{
    g_autofree char *state = NULL;
    const GOptionEntry common[] = {
        { "state", 0, 0, G_OPTION_ARG_FILENAME, &state, "Directory with saldo.conf, the database and the vault (default: $SALDO_STATE, else /var/lib/saldo; for demo ./demo-state)", "DIR" },
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(command->usage);
    g_autofree char *name = g_strdup_printf("saldo %s", command->name);
    g_set_prgname(name);
    g_option_context_set_summary(context, command->summary);
    g_option_context_set_description(context, command->details);
    if (entries != NULL)
        g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, common, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse(context, argc, argv, &error)) {
        command_misused(command, "%s", error->message);
        return false;
    }
    if (state == NULL) {
        const char *environment = g_getenv("SALDO_STATE");
        state = g_strdup(environment != NULL ? environment : "/var/lib/saldo");
    }
    *ret_state = g_canonicalize_filename(state, NULL);
    return true;
}

ExitCode command_failed(const GError *error)
{
    fprintf(stderr, "saldo: %s\n", error->message);
    return EXIT_FAILED;
}

ExitCode command_misused(const Command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "saldo %s: %s\nUsage: saldo %s %s (more: saldo %s --help)\n", command->name, text, command->name,
        command->usage, command->name);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    umask(077); /* mail and money: nobody else's business */
    const char *name = argc < 2 ? "" : argv[1];
    if (strcmp(name, "--version") == 0) {
        puts("saldo " SALDO_VERSION);
        return EXIT_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    if (argc >= 2)
        fprintf(stderr, "saldo: there is no command \"%s\"\n\n", name);
    print_help(stderr);
    return EXIT_USAGE;
}
