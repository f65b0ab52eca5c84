/* Data keys for sealed records. */
#include "sealing.h"

#include "base/error.h"

typedef struct KeyWork {
    Id organization_id;
    GBytes *wrapped;
} KeyWork;

static bool get_key(StoreTx *tx, void *context, GError **error)
{
    KeyWork *work = context;
    return store_data_key_get(tx, work->organization_id, &work->wrapped, error);
}

static bool put_key(StoreTx *tx, void *context, GError **error)
{
    KeyWork *work = context;
    return store_data_key_put(tx, work->organization_id, work->wrapped, error);
}

GBytes *sealing_key(Server *server, Id organization_id, GError **error)
{
    KeyWork found = { .organization_id = organization_id };
    g_autoptr(GError) trouble = NULL;
    if (store_read(server->parts.store, get_key, &found, &trouble))
        return found.wrapped;
    if (!g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return NULL;
    }
    KeyWork made = { .organization_id = organization_id, .wrapped = vault_make_data_key(server->parts.vault, error) };
    if (made.wrapped == NULL)
        return NULL;
    g_clear_error(&trouble);
    if (store_write(server->parts.store, put_key, &made, &trouble))
        return made.wrapped;
    g_bytes_unref(made.wrapped);
    if (g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_CONFLICT)) /* somebody else made one first */
        return store_read(server->parts.store, get_key, &found, error) ? found.wrapped : NULL;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return NULL;
}

bool sealing_key_stands(StoreTx *tx, Id organization_id, GBytes *wrapped, GError **error)
{
    g_autoptr(GBytes) now = NULL;
    g_autoptr(GError) missing = NULL;
    if (store_data_key_get(tx, organization_id, &now, &missing) && g_bytes_equal(now, wrapped))
        return true;
    if (missing != NULL && !g_error_matches(missing, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    error_set(error, SALDO_ERROR_CONFLICT, "the organization's data key changed meanwhile; try again");
    return false;
}
