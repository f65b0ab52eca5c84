/* saldo serve: the server in the foreground. */
#include <stdio.h>

#include "base/log.h"
#include "command.h"
#include "engine.h"

static ExitCode run(int argc, char **argv)
{
    g_autofree char *state = NULL;
    if (!command_parse(&command_serve, &argc, &argv, NULL, &state))
        return EXIT_USAGE;
    if (argc != 1)
        return command_misused(&command_serve, "there is nothing to name beside options: \"%s\"", argv[1]);
    engine_block_signals();
    g_autoptr(GError) error = NULL;
    g_autoptr(Engine) engine = engine_open(state, &error);
    if (engine == NULL || !engine_serve(engine, &error))
        return command_failed(error);
    log_info("serve", "web at %s, LMTP at %s", config_text(engine->config, CONFIG_SERVER_PUBLIC_URL),
        config_text(engine->config, CONFIG_LMTP_ADDRESS));
    engine_wait(0);
    log_info("serve", "stopping: finishing what is in hand");
    return EXIT_OK;
}

const Command command_serve = {
    .name = "serve",
    .run = run,
    .usage = "[--state DIR]",
    .summary = "Run the server in the foreground until SIGINT or SIGTERM",
    .details = "Reads DIR/saldo.conf (see `saldo config show`). The mail server delivers over LMTP; for Postfix:\n"
               "  mailbox_transport = lmtp:inet:127.0.0.1:2424\n  lmtp_send_xforward_command = yes",
};
