/* Records sealed by the vault: the organization's data key, made on first use, and the two halves of a safe write. */
#pragma once

#include "server.h"

/* The wrapped data key, made where there is none; two who make one at once end with the same. */
GBytes *sealing_key(Server *server, Id organization_id, GError **error);
/* Inside the unit that keeps a sealed record: CONFLICT where the key it was sealed with is no longer the organization's
 * (the last record was shredded meanwhile, and the key with it). Seal anew then. */
bool sealing_key_stands(StoreTx *tx, Id organization_id, GBytes *wrapped, GError **error);
enum { SEALING_TRIES = 3 };
