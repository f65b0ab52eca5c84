/* saldo-jail: reads hostile messages for the engine.
 *
 * May do: take orders from the engine on descriptor 3 and fork a child for each, which takes one message over a socket of its
 * own, answers there and ends. May not: open files, use the network, run programs; and its children may not even fork.
 * Rights are dropped before the first order is taken (sandbox.c). Started by the engine only (pool.c). */
#include <stdio.h>
#include <sys/socket.h>

#include "base/process.h"
#include "reader.h"

int main(void)
{
    int type;
    socklen_t length = sizeof type;
    if (getsockopt(PROCESS_SOCKET, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_SEQPACKET) {
        fputs("saldo-jail is started by saldo itself, with a socket as descriptor 3; start saldo instead.\n", stderr);
        return 2;
    }
    reader_warm_up();
    warm_parent_run(read_message);
}
