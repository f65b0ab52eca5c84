/* Can the database commit? The only sure sign is a commit, and /readyz may be asked by anybody as often as they like: one
 * tiny commit a second is tried, and between them its outcome stands. */
#pragma once

#include "store/store.h"

typedef struct Readiness Readiness;

Readiness *readiness_new(void);
void readiness_free(Readiness *readiness);
/* Waits for its commit, where it is this call's turn to try one. */
bool readiness_can_commit(Readiness *readiness, Store *store);
