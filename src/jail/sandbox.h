/* Giving up the system: what the warm parent and its children may still do. */
#pragma once

/* Compiles both filters, once, before anything is given up: children then load theirs with one system call. Aborts the
 * program when the system cannot do it: a jail without walls must not start. */
void sandbox_prepare(void);

/* The parent: fork, wait, take descriptors; no files, no network, no exec. Returns Landlock's version (landlock_enter). */
int sandbox_enter_parent(void);

/* A child: memory and one socket. CPU, memory and every other resource limited. */
void sandbox_enter_child(void);
