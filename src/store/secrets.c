/* Secrets of the server itself: whoever puts one in has sealed it or means it to be public. */
#include "parts.h"

bool store_secret_get(StoreTx *tx, const char *name, char **ret_value, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT value FROM secret WHERE name = $1", SQL_WITH(sql_str(name)), "secret", &rows, error))
        return false;
    *ret_value = sql_take_text(&rows);
    return true;
}

bool store_secret_put(StoreTx *tx, const char *name, const char *value, GError **error)
{
    return sql_run(tx,
        "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        SQL_WITH(sql_str(name), sql_str(value)), NULL, error);
}
