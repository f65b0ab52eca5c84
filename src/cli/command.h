/* One command of `saldo`: what main.c's table needs to know, and what the commands share. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Exit codes of every command (documented in the man page). */
typedef enum ExitCode {
    EXIT_OK = 0,
    EXIT_FAILED = 1, /* it was tried and did not work; standard error says what, where and what to do */
    EXIT_USAGE = 2,  /* the command line is wrong */
} ExitCode;

typedef struct Command {
    const char *name;
    ExitCode (*run)(int argc, char **argv);
    const char *usage;   /* after "saldo NAME" */
    const char *summary; /* one line */
    const char *details; /* what --help teaches below the options */
} Command;

extern const Command command_serve, command_demo, command_init, command_import, command_inspect, command_admin,
    command_partner, command_account, command_group, command_config;

/* Parses options into `entries`; `--state DIR` is added for every command. On failure the text was printed. */
bool command_parse(const Command *command, int *argc, char ***argv, const GOptionEntry *entries, char **ret_state);

/* Prints "saldo: TEXT" and returns EXIT_FAILED. */
ExitCode command_failed(const GError *error);
/* Prints the text and how to get help, returns EXIT_USAGE. */
ExitCode command_misused(const Command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
