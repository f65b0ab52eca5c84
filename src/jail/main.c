/* saldo-jail: reads hostile messages for the engine.
 *
 * May do: take messages from the engine on descriptor 3, fork one child per message, answer through the pipes it is given.
 * May not: open files, use the network, run programs; and its children may not even fork. Rights are dropped before the
 * first message is taken (sandbox.c). Started by the engine only (jail.c). */
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
