/* Organizations and the people in them; what proves a person lies in `credential`. */
#include "parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"

/* ---- Organizations ----------------------------------------------------------------------------------- */

bool store_organization_create(StoreTx *tx, const char *name, Id *ret_id, GError **error)
{
    Id id = id_new();
    int64_t added = 0;
    if (!sql_run(tx, "INSERT INTO organization (id, name, created_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            SQL_WITH(sql_id(id), sql_str(name), sql_int(time_now_us())), &added, error))
        return false;
    if (added == 0) {
        error_set(error, SALDO_ERROR_CONFLICT, "an organization named %s exists already", name);
        return false;
    }
    *ret_id = id;
    return true;
}

bool store_organization_find(StoreTx *tx, const char *name_or_null, Id *ret_id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT id FROM organization WHERE $1 IS NULL OR name = $1 ORDER BY id LIMIT 2",
            SQL_WITH(sql_str(name_or_null)), "organization (saldo init makes one)", &rows, error))
        return false;
    Id id = sql_take_id(&rows);
    SqlStep more = sql_next(&rows, error);
    if (more == SQL_ROW)
        error_set(error, SALDO_ERROR_CONFLICT, "there are several organizations: name one");
    if (more != SQL_END)
        return false;
    *ret_id = id;
    return true;
}

bool store_organization_name(StoreTx *tx, Id id, char **ret_name, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT name FROM organization WHERE id = $1", SQL_WITH(sql_id(id)), "organization", &rows, error))
        return false;
    *ret_name = sql_take_text(&rows);
    return true;
}

/* ---- Accounts ------------------------------------------------------------------------------------------ */

static const char *role_name(StoreRole role)
{
    switch (role) {
    case STORE_ROLE_PAYER:
        return "payer";
    case STORE_ROLE_ADMINISTRATOR:
        return "administrator";
    }
    g_assert_not_reached();
}

void store_account_free(StoreAccount *account)
{
    if (account == NULL)
        return;
    g_free(account->login);
    g_free(account->name);
    g_free(account->password_hash);
    g_free(account->language);
    g_free(account);
}

StoreAccount *account_take(SqlRows *rows)
{
    StoreAccount *account = g_new0(StoreAccount, 1);
    account->organization_id = sql_take_id(rows);
    account->id = sql_take_id(rows);
    account->login = sql_take_text(rows);
    account->name = sql_take_text(rows);
    const char *role = sql_peek_text(rows);
    account->role = g_strcmp0(role, role_name(STORE_ROLE_ADMINISTRATOR)) == 0 ? STORE_ROLE_ADMINISTRATOR : STORE_ROLE_PAYER;
    account->language = sql_take_text(rows);
    account->password_hash = sql_take_text(rows);
    return account;
}

static bool keep_password(StoreTx *tx, const StoreAccount *account, Id id, GError **error)
{
    return account->password_hash == NULL
        || sql_run(tx,
            "INSERT INTO credential (organization_id, account_id, kind, id, value, created_us)"
            " VALUES ($1, $2, 'password', 'password', $3, $4)",
            SQL_WITH(sql_id(account->organization_id), sql_id(id), sql_str(account->password_hash),
                sql_int(time_now_us())), NULL, error);
}

bool store_account_create(StoreTx *tx, StoreAccount *account, GError **error)
{
    Id id = id_new();
    g_autofree char *login = g_utf8_strdown(account->login, -1);
    int64_t added = 0;
    if (!sql_run(tx,
            "INSERT INTO account (organization_id, id, login, name, role, language, created_us)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            SQL_WITH(sql_id(account->organization_id), sql_id(id), sql_str(login), sql_str(account->name),
                sql_str(role_name(account->role)), sql_str(account->language != NULL ? account->language : "en"),
                sql_int(time_now_us())), &added, error))
        return false;
    if (added == 0) {
        error_set(error, SALDO_ERROR_CONFLICT, "an account with the login %s exists already", login);
        return false;
    }
    if (!keep_password(tx, account, id, error))
        return false;
    account->id = id;
    return true;
}

bool store_account_by_login(StoreTx *tx, const char *login, StoreAccount **ret_account, GError **error)
{
    g_autofree char *lower = g_utf8_strdown(login, -1);
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT " ACCOUNT_COLUMNS " FROM " ACCOUNT_TABLES " WHERE account.login = $1",
            SQL_WITH(sql_str(lower)), "account", &rows, error))
        return false;
    *ret_account = account_take(&rows);
    return true;
}

bool store_account_set_language(StoreTx *tx, const StoreAccount *account, const char *language, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx, "UPDATE account SET language = $1 WHERE organization_id = $2 AND id = $3",
            SQL_WITH(sql_str(language), sql_id(account->organization_id), sql_id(account->id)), &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such account");
    return changed > 0;
}
