/* Adding partners, for the command and for the demo. */
#pragma once

#include "store/store.h"

/* Adds or replaces each partner of `given`; false with `error` (CONFLICT) where one claims what another partner has
 * registered. */
bool partners_put(StoreTx *tx, Id organization_id, const Registry *given, const char *actor, GError **error);
