/* Starting the programs that hold one trust level each (design.md §3).
 *
 * A child program stands beside the running executable (or in the directory that the environment variable
 * SALDO_PROGRAMS names: for a build tree, where each program has a directory of its own), gets one inherited
 * socket as descriptor 3 and nothing else that is open, and an empty environment. It ends when that socket
 * reaches its end, so it never outlives the program that started it (PR_SET_PDEATHSIG would follow a thread, not the process).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

enum { PROCESS_SOCKET = 3 };

typedef struct Process {
    pid_t pid;
    int socket; /* our end, SOCK_SEQPACKET, close-on-exec */
} Process;

/* `arguments` is NULL-terminated and does not include the program name; `extra_fd` (or -1) becomes
 * descriptor 4 of the child. Returns false with `error` (IO) where the program is missing or cannot start. */
bool process_start(const char *program, const char *const *arguments, int extra_fd, Process *ret_process,
    GError **error);
/* Sends `signal_number`, waits for the end and closes the socket; safe on a process that is gone. */
void process_stop(Process *process, int signal_number);
/* True while the child has not ended; reaps it when it has (wait status in *ret_status, may be NULL). */
bool process_is_alive(Process *process, int *ret_status);

/* Directory of the running executable, newly allocated. */
char *process_own_directory(void);
/* Where the programs stand: SALDO_PROGRAMS, else that directory; newly allocated. */
char *process_programs_directory(void);
