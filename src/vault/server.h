/* Requests by a table {type, allowed state, size, handler}; whatever is not in it ends the process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "codes.h"
#include "keys.h"

typedef enum ServerState { SERVER_STARTING, SERVER_SERVING } ServerState;

/* Everything secret is in here, so that one stretch of memory is locked and wiped. */
typedef struct Server {
    ServerState state;
    Keys keys;
    Codes codes;
    union {
        VaultHead head;
        uint64_t aligned;
        uint8_t bytes[sizeof(VaultRecordRequest) + 1]; /* one more: a longer message is seen, not cut */
    } request;
    VaultAnswer answer;
} Server;

/* Answers the request of `length` bytes in server->request with server->answer; the request is wiped.
 * False: it is not in the table (or not in this state, or not of that size or form), and the process has to end. */
bool server_handle(Server *server, size_t length);
size_t server_answer_bytes(const Server *server);

/* Microseconds that also pass while the machine sleeps. clock.c in the program; a test links its own. */
int64_t vault_clock_us(void);
