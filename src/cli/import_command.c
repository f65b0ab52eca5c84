/* saldo import: files into a mailbox, with a progress bar. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "command.h"
#include "engine.h"

enum { BAR_WIDTH = 30 };

typedef struct Progress {
    bool terminal;
    int64_t drawn_us;
    ImportProgress last;
} Progress;

static void draw_bar(const ImportProgress *progress)
{
    double share = progress->bytes_total == 0 ? 1 : (double)progress->bytes_done / (double)progress->bytes_total;
    int filled = (int)(share * BAR_WIDTH);
    fprintf(stderr, "\r[%.*s%*s] %3d %%  %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " refused", filled,
        "##############################", BAR_WIDTH - filled, "", (int)(share * 100), progress->messages,
        progress->refused);
}

static void report(void *context, const ImportProgress *progress, const char *refused_text)
{
    Progress *shown = context;
    shown->last = *progress;
    if (refused_text != NULL)
        fprintf(stderr, "%ssaldo: %s\n", shown->terminal ? "\r\033[K" : "", refused_text);
    int64_t now_us = time_monotonic_us();
    if (shown->terminal && (now_us - shown->drawn_us > US_PER_SECOND / 10 || progress->bytes_done == progress->bytes_total)) {
        draw_bar(progress);
        shown->drawn_us = now_us;
    }
}

typedef struct MailboxUnit {
    const char *address;
    StoreMailbox *mailbox;
} MailboxUnit;

static bool find_mailbox_unit(StoreTx *tx, void *context, GError **error)
{
    MailboxUnit *unit = context;
    return store_mailbox_by_address(tx, unit->address, &unit->mailbox, error);
}

static ExitCode run(int argc, char **argv)
{
    g_autofree char *state = NULL, *address = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        { "mailbox", 'm', 0, G_OPTION_ARG_STRING, &address, "Mailbox the messages go to", "ADDRESS" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_import, &argc, &argv, entries, &state))
        return EXIT_USAGE;
    if (address == NULL || argc < 2)
        return command_misused(&command_import, "--mailbox ADDRESS and at least one PATH are needed");
    g_autoptr(GError) error = NULL;
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL || !engine_open_intake(engine, &error))
        return command_failed(error);
    MailboxUnit unit = { .address = address };
    if (!store_read(engine->store, find_mailbox_unit, &unit, &error))
        return command_failed(error);
    g_autoptr(StoreMailbox) mailbox = unit.mailbox;
    uint64_t messages = 0, refused = 0;
    for (int i = 1; i < argc; i++) {
        Progress progress = { .terminal = isatty(STDERR_FILENO) };
        if (!import_path(&engine->intake, mailbox, argv[i], report, &progress, &error))
            return command_failed(error);
        if (progress.terminal)
            fputc('\n', stderr);
        messages += progress.last.messages;
        refused += progress.last.refused;
    }
    printf(json ? "{\"messages\":%" G_GUINT64_FORMAT ",\"refused\":%" G_GUINT64_FORMAT "}\n"
                : "%" G_GUINT64_FORMAT " messages stored, %" G_GUINT64_FORMAT " refused\n", messages, refused);
    return refused == 0 ? EXIT_OK : EXIT_FAILED;
}

const Command command_import = {
    .name = "import",
    .run = run,
    .usage = "--mailbox ADDRESS [--json] PATH…",
    .summary = "Read .eml, mbox or Maildir into a mailbox",
    .details = "PATH is a .eml file, an mbox file, a Maildir or a directory of .eml files. Nothing is known of the envelope of an\n"
               "imported message, so only DKIM can prove its sender. May run while the server runs.\n"
               "Exits 1 when a message was refused; each is named with its place and the reason.",
};
