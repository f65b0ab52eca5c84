/* Mailboxes of people and of groups, and who may read them. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "parts.h"
#include "store_limits.h"

void store_mailbox_free(StoreMailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    g_free(mailbox->address);
    g_free(mailbox);
}

static void mailbox_destroy(gpointer data)
{
    store_mailbox_free(data);
}

#define MAILBOX_COLUMNS "mailbox.organization_id, mailbox.id, mailbox.account_id, mailbox.group_id, mailbox.address"

static StoreMailbox *mailbox_take(SqlRows *rows)
{
    StoreMailbox *mailbox = g_new0(StoreMailbox, 1);
    mailbox->organization_id = sql_take_id(rows);
    mailbox->id = sql_take_id(rows);
    mailbox->account_id = sql_take_id(rows);
    mailbox->group_id = sql_take_id(rows);
    mailbox->address = sql_take_text(rows);
    return mailbox;
}

static bool take_all(SqlRows *rows, GPtrArray **ret_mailboxes, GError **error)
{
    g_autoptr(GPtrArray) mailboxes = g_ptr_array_new_with_free_func(mailbox_destroy);
    SqlStep step;
    while ((step = sql_next(rows, error)) == SQL_ROW)
        g_ptr_array_add(mailboxes, mailbox_take(rows));
    if (step == SQL_FAILED)
        return false;
    *ret_mailboxes = g_steal_pointer(&mailboxes);
    return true;
}

/* ---- Mailboxes ---------------------------------------------------------------------------------------- */

bool store_mailbox_create(StoreTx *tx, StoreMailbox *mailbox, GError **error)
{
    Id id = id_new();
    g_autofree char *address = g_utf8_strdown(mailbox->address, -1);
    int64_t added = 0;
    if (!sql_run(tx,
            "INSERT INTO mailbox (organization_id, id, account_id, group_id, address, created_us)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            SQL_WITH(sql_id(mailbox->organization_id), sql_id(id), sql_id(mailbox->account_id), sql_id(mailbox->group_id),
                sql_str(address), sql_int(time_now_us())), &added, error))
        return false;
    if (added == 0) {
        error_set(error, SALDO_ERROR_CONFLICT, "a mailbox with the address %s exists already", address);
        return false;
    }
    mailbox->id = id;
    return true;
}

static bool find_exactly(StoreTx *tx, const char *address, StoreMailbox **ret_mailbox, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT " MAILBOX_COLUMNS " FROM mailbox WHERE address = $1", SQL_WITH(sql_str(address)),
            "mailbox", &rows, error))
        return false;
    *ret_mailbox = mailbox_take(&rows);
    return true;
}

/* "user+detail@d" becomes "user@d"; NULL where there is no detail. */
static char *without_detail(const char *address)
{
    const char *at = strrchr(address, '@');
    const char *plus = strchr(address, '+');
    if (at == NULL || plus == NULL || plus > at || plus == address)
        return NULL;
    return g_strdup_printf("%.*s%s", (int)(plus - address), address, at);
}

bool store_mailbox_by_address(StoreTx *tx, const char *address, StoreMailbox **ret_mailbox, GError **error)
{
    g_autofree char *lower = g_utf8_strdown(address, -1);
    g_autofree char *plain = without_detail(lower);
    g_autoptr(GError) trouble = NULL;
    if (find_exactly(tx, lower, ret_mailbox, &trouble))
        return true;
    if (plain != NULL && g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return find_exactly(tx, plain, ret_mailbox, error);
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

bool store_mailboxes_of(StoreTx *tx, const StoreAccount *account, GPtrArray **ret_mailboxes, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    return sql_open(tx,
               "SELECT " MAILBOX_COLUMNS " FROM mailbox WHERE organization_id = $1 AND id IN " READABLE_MAILBOXES
               " ORDER BY group_id IS NOT NULL, address LIMIT $3",
               SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_int(STORE_MAILBOXES_MOST)), &rows, error)
        && take_all(&rows, ret_mailboxes, error);
}

/* ---- Groups -------------------------------------------------------------------------------------------- */

bool store_group_create(StoreTx *tx, Id organization_id, const char *address, const char *name, Id *ret_id,
    GError **error)
{
    Id id = id_new();
    g_autofree char *lower = g_utf8_strdown(address, -1);
    StoreMailbox mailbox = { .organization_id = organization_id, .group_id = id, .address = lower };
    if (!store_mailbox_create(tx, &mailbox, error)
        || !sql_run(tx,
            "INSERT INTO group_mailbox (organization_id, id, address, name, created_us) VALUES ($1, $2, $3, $4, $5)",
            SQL_WITH(sql_id(organization_id), sql_id(id), sql_str(lower), sql_str(name), sql_int(time_now_us())), NULL,
            error))
        return false;
    *ret_id = id;
    return true;
}

bool store_group_add_member(StoreTx *tx, Id organization_id, Id group_id, Id account_id, GError **error)
{
    return sql_run(tx,
        "INSERT INTO group_member (organization_id, group_id, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        SQL_WITH(sql_id(organization_id), sql_id(group_id), sql_id(account_id)), NULL, error);
}

bool store_groups_list(StoreTx *tx, Id organization_id, GPtrArray **ret_groups, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    return sql_open(tx,
               "SELECT " MAILBOX_COLUMNS " FROM mailbox WHERE organization_id = $1 AND group_id IS NOT NULL ORDER BY address",
               SQL_WITH(sql_id(organization_id)), &rows, error)
        && take_all(&rows, ret_groups, error);
}
