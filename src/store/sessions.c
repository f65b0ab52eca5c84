/* Sessions of the web app. Whoever reads the database cannot use one: only the SHA-256 of its token is here. */
#include "base/clock.h"
#include "parts.h"

bool store_session_create(StoreTx *tx, const StoreAccount *account, const char *token_sha256, const char *csrf,
    int64_t expires_us, GError **error)
{
    int64_t now_us = time_now_us();
    return sql_run(tx, "DELETE FROM session WHERE expires_us <= $1", SQL_WITH(sql_int(now_us)), NULL, error)
        && sql_run(tx,
            "INSERT INTO session (organization_id, token_sha256, account_id, csrf, created_us, expires_us)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            SQL_WITH(sql_id(account->organization_id), sql_str(token_sha256), sql_id(account->id), sql_str(csrf),
                sql_int(now_us), sql_int(expires_us)), NULL, error);
}

bool store_session_find(StoreTx *tx, const char *token_sha256, int64_t now_us, StoreAccount **ret_account,
    char **ret_csrf, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT session.csrf, " ACCOUNT_COLUMNS " FROM session JOIN " ACCOUNT_TABLES
            " WHERE session.token_sha256 = $1 AND session.expires_us > $2"
            " AND account.organization_id = session.organization_id AND account.id = session.account_id",
            SQL_WITH(sql_str(token_sha256), sql_int(now_us)), "session", &rows, error))
        return false;
    *ret_csrf = sql_take_text(&rows);
    *ret_account = account_take(&rows);
    return true;
}

bool store_session_delete(StoreTx *tx, const char *token_sha256, GError **error)
{
    return sql_run(tx, "DELETE FROM session WHERE token_sha256 = $1", SQL_WITH(sql_str(token_sha256)), NULL, error);
}
