/* Giving up the system before the first request: no files, no sockets, no programs, no core, nothing on disk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SANDBOX_TROUBLE_BYTES = 256 };

/* Before keys are read: no core dumps, not readable through /proc, no new privileges, `secrets` locked in memory
 * and left out of dumps. On false `trouble` says what to do. */
bool sandbox_prepare(void *secrets, size_t length, char trouble[SANDBOX_TROUBLE_BYTES]);
/* After keys are read: closes all descriptors but `socket` and standard error, then allows only the system calls in
 * sandbox.c's list; any other ends the process with SIGSYS. */
bool sandbox_enter(int socket, char trouble[SANDBOX_TROUBLE_BYTES]);
