/* Cursors of list pages: opaque and signed, so that nobody can put anything else in their place. */
#pragma once

#include "store/store.h"

/* The signing key, made and kept in the store on first use; NULL and `error`. */
char *cursor_key_load(Store *store, GError **error);
/* A cursor that goes on after (received_us, id) in the list that `scope` describes (account, folder, search). */
char *cursor_make(const char *key, const char *scope, int64_t received_us, Id id);
/* False where it is not one that cursor_make made for this scope. */
bool cursor_read(const char *key, const char *scope, const char *cursor, int64_t *ret_received_us, Id *ret_id);
