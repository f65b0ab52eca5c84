/* saldo-vault: holds the keys, the way into sealed records, and the security codes [PAY-011].
 *
 * Started by the engine with a socket (descriptor 3) and the key directory (descriptor 4). It may: read the keys
 * once, then answer the requests of server.c on that socket. It may not: open files, reach the network, start
 * programs, be dumped, or serve a request that is not in the table - any of these ends it. It ends with its socket. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto.h"
#include "sandbox.h"
#include "server.h"

enum { EXIT_START_REFUSED = 2, EXIT_OUT_OF_TABLE = 3, EXIT_BROKEN = 4 };

_Static_assert((int)SANDBOX_TROUBLE_BYTES == KEYS_TROUBLE_BYTES, "one buffer serves both");

static _Noreturn void end(Server *server, int status, const char *last_words)
{
    if (last_words != NULL) {
        char line[KEYS_TROUBLE_BYTES + 32];
        int length = snprintf(line, sizeof line, "saldo-vault: %s\n", last_words);
        (void)!write(STDERR_FILENO, line, (size_t)length);
    }
    vault_crypto_wipe(server, sizeof *server);
    _exit(status);
}

static bool send_answer(const Server *server)
{
    size_t length = server_answer_bytes(server);
    ssize_t sent;
    do
        sent = send(VAULT_SOCKET, &server->answer, length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)length;
}

/* The first message: ready, or why not. */
static bool send_greeting(Server *server, VaultOutcome outcome, const char *text)
{
    server->answer.head = (VaultHead){ VAULT_HELLO, 0 };
    server->answer.outcome = outcome;
    server->answer.length = (uint32_t)strlen(text);
    memcpy(server->answer.bytes, text, server->answer.length);
    return send_answer(server);
}

static void start(Server *server)
{
    char trouble[KEYS_TROUBLE_BYTES] = "the cryptographic library cannot start";
    const int outlived[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE }; /* meant for the engine: this ends with its socket */
    for (size_t i = 0; i < sizeof outlived / sizeof outlived[0]; i++)
        signal(outlived[i], SIG_IGN);
    bool ready = sandbox_prepare(server, sizeof *server, trouble) && vault_crypto_start()
        && vault_keys_load(VAULT_DIRECTORY, &server->keys, trouble) && sandbox_enter(VAULT_SOCKET, trouble);
    if (!ready) {
        (void)send_greeting(server, VAULT_START_REFUSED, trouble);
        end(server, EXIT_START_REFUSED, NULL); /* the engine says it, with the directory's name */
    }
    if (!send_greeting(server, VAULT_DONE, ""))
        end(server, EXIT_BROKEN, "the engine is gone");
}

/* Waits for a request, wiping codes at the moment they expire. */
static void wait_for_request(Server *server)
{
    for (;;) {
        int64_t now_us = vault_clock_us(), next_us = codes_expire(&server->codes, now_us);
        struct pollfd waiting = { .fd = VAULT_SOCKET, .events = POLLIN };
        int ready = poll(&waiting, 1, next_us == 0 ? -1 : (int)((next_us - now_us) / 1000 + 1));
        if (ready > 0)
            return;
        if (ready < 0 && errno != EINTR)
            end(server, EXIT_BROKEN, "cannot wait for requests");
    }
}

static _Noreturn void serve(Server *server)
{
    for (;;) {
        wait_for_request(server);
        ssize_t got = recv(VAULT_SOCKET, server->request.bytes, sizeof server->request.bytes, MSG_TRUNC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            end(server, EXIT_SUCCESS, NULL);
        if (!server_handle(server, (size_t)got))
            end(server, EXIT_OUT_OF_TABLE, "a request is not in the table, or not allowed now: ending");
        bool sent = send_answer(server);
        vault_crypto_wipe(server->answer.bytes, server->answer.length);
        if (!sent)
            end(server, EXIT_SUCCESS, NULL);
    }
}

int main(void)
{
    Server *server = mmap(NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (server == MAP_FAILED) {
        fputs("saldo-vault: out of memory\n", stderr);
        return EXIT_BROKEN;
    }
    start(server);
    serve(server);
}
