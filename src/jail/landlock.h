/* The wall against files and the network that stands even where seccomp let a call through (Landlock, Linux 5.13 and later). */
#pragma once

/* Gives up for good, for this process and all that it forks: every file and directory, and as far as the kernel's version
 * goes, TCP (4), device control (5), abstract sockets and signals to others than its own descendants (6). What is open
 * stays open. Returns Landlock's version, 0 where the kernel has none (or has it switched off), which is no error: the
 * other walls stand on their own. PR_SET_NO_NEW_PRIVS must be set. Aborts where the kernel has it but refuses. */
int landlock_enter(void);
