/* How often somebody failed lately: limits guessing of passwords, whose counts are kept per kind and name.
 *
 * A table of fixed size with a seeded hash: what collides shares its count, so that no flood makes it grow.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Tries Tries;

Tries *tries_new(void);
void tries_free(Tries *tries);
/* Counts one try for `kind` and `name`. False where there were `most` within the window already:
 * *ret_wait_s says how long to wait. */
bool tries_begin(Tries *tries, char kind, const char *name, unsigned most, int64_t now_us, unsigned *ret_wait_s);
/* Tries counted within the window. */
unsigned tries_count(Tries *tries, char kind, const char *name, int64_t now_us);
/* The try was good after all: not counted. */
void tries_take_back(Tries *tries, char kind, const char *name);
