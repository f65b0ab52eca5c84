/* A disk that fails on demand, for tests: SQLite's own file layer with one step counted and broken. */
#pragma once

#include <stdbool.h>

typedef enum Fault {
    FAULT_NONE,
    FAULT_WRITE_ONCE, /* the n-th write, truncation or sync fails, later ones work */
    FAULT_DISK_FULL,  /* from the n-th on every write fails */
    FAULT_KILL,       /* the process is killed before the n-th */
} Fault;

/* Becomes the file layer of every connection opened from now on. */
void fault_vfs_install(void);
/* Counts from 1, from now. */
void fault_vfs_arm(Fault fault, int at);
/* Steps seen since it was armed; counting ends. */
int fault_vfs_disarm(void);
