/* Saved cards and billing profiles: sealed by the vault, kept here, shredded when they go (payments.md, "The vault"). */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "parts.h"

void store_card_free(StoreCard *card)
{
    if (card == NULL)
        return;
    g_free(card->processor);
    g_free(card->brand);
    g_free(card->last4);
    g_free(card->expiry);
    g_free(card->holder);
    g_free(card->nickname);
    g_clear_pointer(&card->sealed, g_bytes_unref);
    g_free(card);
}

static void card_destroy(gpointer data)
{
    store_card_free(data);
}

static Span bytes_span(GBytes *bytes)
{
    gsize length = 0;
    const char *at = g_bytes_get_data(bytes, &length);
    return (Span){ at, length };
}

/* ---- Data keys -------------------------------------------------------------------------------------------- */

bool store_data_key_get(StoreTx *tx, Id organization_id, GBytes **ret_wrapped, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT wrapped FROM data_key WHERE organization_id = $1", SQL_WITH(sql_id(organization_id)),
            "data key", &rows, error))
        return false;
    *ret_wrapped = sql_take_bytes(&rows);
    return true;
}

bool store_data_key_put(StoreTx *tx, Id organization_id, GBytes *wrapped, GError **error)
{
    int64_t added = 0;
    if (!sql_run(tx,
            "INSERT INTO data_key (organization_id, wrapped, created_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            SQL_WITH(sql_id(organization_id), sql_blob(bytes_span(wrapped)), sql_int(time_now_us())), &added, error))
        return false;
    if (added == 0)
        error_set(error, SALDO_ERROR_CONFLICT, "the organization has a data key already: use that one");
    return added > 0;
}

/* With the organization's last sealed record its data key goes: then no copy of any of them can be opened. */
static bool drop_key_with_last_record(StoreTx *tx, Id organization_id, GError **error)
{
    return sql_run(tx,
        "DELETE FROM data_key WHERE organization_id = $1"
        " AND NOT EXISTS (SELECT 1 FROM card WHERE organization_id = $1)"
        " AND NOT EXISTS (SELECT 1 FROM billing_profile WHERE organization_id = $1)",
        SQL_WITH(sql_id(organization_id)), NULL, error);
}

/* ---- Cards ------------------------------------------------------------------------------------------------- */

#define CARD_COLUMNS \
    "organization_id, id, account_id, processor, brand, last4, expiry, holder, nickname, is_default, version," \
    " created_us, last_used_us"

static StoreCard *card_take(SqlRows *rows)
{
    StoreCard *card = g_new0(StoreCard, 1);
    card->organization_id = sql_take_id(rows);
    card->id = sql_take_id(rows);
    card->account_id = sql_take_id(rows);
    card->processor = sql_take_text(rows);
    card->brand = sql_take_text(rows);
    card->last4 = sql_take_text(rows);
    card->expiry = sql_take_text(rows);
    card->holder = sql_take_text(rows);
    card->nickname = sql_take_text(rows);
    card->is_default = sql_take_int(rows) != 0;
    card->version = (uint32_t)sql_take_int(rows);
    card->created_us = sql_take_int(rows);
    card->last_used_us = sql_take_int(rows);
    return card;
}

/* One default per account: the index would refuse a second. */
static bool clear_default(StoreTx *tx, Id organization_id, Id account_id, GError **error)
{
    return sql_run(tx,
        "UPDATE card SET is_default = 0 WHERE organization_id = $1 AND account_id = $2 AND is_default = 1",
        SQL_WITH(sql_id(organization_id), sql_id(account_id)), NULL, error);
}

bool store_card_add(StoreTx *tx, StoreCard *card, GError **error)
{
    g_assert(!id_is_none(card->id) && card->sealed != NULL);
    int64_t others = 0;
    if (!sql_number(tx, "SELECT count(*) FROM card WHERE organization_id = $1 AND account_id = $2",
            SQL_WITH(sql_id(card->organization_id), sql_id(card->account_id)), 0, &others, error))
        return false;
    bool is_default = card->is_default || others == 0;
    if (is_default && !clear_default(tx, card->organization_id, card->account_id, error))
        return false;
    int64_t created_us = card->created_us > 0 ? card->created_us : time_now_us();
    if (!sql_run(tx,
            "INSERT INTO card (organization_id, id, account_id, processor, brand, last4, expiry, holder, nickname,"
            " is_default, version, sealed, created_us, last_used_us)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            SQL_WITH(sql_id(card->organization_id), sql_id(card->id), sql_id(card->account_id), sql_str(card->processor),
                sql_str(card->brand), sql_str(card->last4), sql_str(card->expiry), sql_str(card->holder),
                sql_str(card->nickname), sql_int(is_default), sql_int(card->version), sql_blob(bytes_span(card->sealed)),
                sql_int(created_us), sql_int(card->last_used_us)), NULL, error))
        return false;
    card->is_default = is_default;
    card->created_us = created_us;
    return true;
}

bool store_card_list(StoreTx *tx, const StoreAccount *account, GPtrArray **ret_cards, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT " CARD_COLUMNS " FROM card WHERE organization_id = $1 AND account_id = $2"
            " ORDER BY is_default DESC, created_us DESC, id DESC",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id)), &rows, error))
        return false;
    g_autoptr(GPtrArray) cards = g_ptr_array_new_with_free_func(card_destroy);
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW)
        g_ptr_array_add(cards, card_take(&rows));
    if (step == SQL_FAILED)
        return false;
    *ret_cards = g_steal_pointer(&cards);
    return true;
}

/* A payment's own account is the one whose card it uses: the caller says whose it must be. */
static bool read_card(StoreTx *tx, Id organization_id, Id account_id, Id id, StoreCard **ret_card, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT " CARD_COLUMNS ", sealed FROM card WHERE organization_id = $1 AND account_id = $2 AND id = $3",
            SQL_WITH(sql_id(organization_id), sql_id(account_id), sql_id(id)), "card", &rows, error))
        return false;
    *ret_card = card_take(&rows);
    (*ret_card)->sealed = sql_take_bytes(&rows);
    return true;
}

bool store_card_get(StoreTx *tx, const StoreAccount *account, Id id, StoreCard **ret_card, GError **error)
{
    return read_card(tx, account->organization_id, account->id, id, ret_card, error);
}

bool store_card_for_payment(StoreTx *tx, const Payment *payment, StoreCard **ret_card, GError **error)
{
    return read_card(tx, payment->organization_id, payment->account_id, payment->card_id, ret_card, error);
}

bool store_card_update(StoreTx *tx, const StoreAccount *account, Id id, const char *nickname_or_null,
    bool make_default, GError **error)
{
    if (make_default && !clear_default(tx, account->organization_id, account->id, error))
        return false;
    int64_t changed = 0;
    if (!sql_run(tx,
            "UPDATE card SET nickname = coalesce($1, nickname), is_default = CASE WHEN $2 = 1 THEN 1 ELSE is_default END"
            " WHERE organization_id = $3 AND account_id = $4 AND id = $5",
            SQL_WITH(sql_str(nickname_or_null), sql_int(make_default), sql_id(account->organization_id), sql_id(account->id),
                sql_id(id)), &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such card");
    return changed > 0;
}

/* ---- Deleting a card ----------------------------------------------------------------------------------------- */

static bool refuse_while_paying(StoreTx *tx, Id organization_id, Id id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, "SELECT state FROM payment WHERE organization_id = $1 AND card_id = $2 AND occupies_invoice = 1",
            SQL_WITH(sql_id(organization_id), sql_id(id)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        PayState state;
        if (!pay_state_from_name(sql_peek_text(&rows), &state) || !pay_state_is_live(state))
            continue;
        error_set(error, SALDO_ERROR_CONFLICT, "a payment with this card is not finished: delete it afterwards");
        return false;
    }
    return step == SQL_END;
}

static bool choose_default(StoreTx *tx, const StoreAccount *account, GError **error)
{
    return sql_run(tx,
        "UPDATE card SET is_default = 1 WHERE organization_id = $1 AND account_id = $2"
        " AND NOT EXISTS (SELECT 1 FROM card WHERE organization_id = $1 AND account_id = $2 AND is_default = 1)"
        " AND id = (SELECT id FROM card WHERE organization_id = $1 AND account_id = $2"
        "  ORDER BY last_used_us DESC, created_us DESC, id DESC LIMIT 1)",
        SQL_WITH(sql_id(account->organization_id), sql_id(account->id)), NULL, error);
}

bool store_card_delete(StoreTx *tx, const StoreAccount *account, Id id, GError **error)
{
    g_autoptr(StoreCard) card = NULL;
    if (!store_card_get(tx, account, id, &card, error)
        || !refuse_while_paying(tx, account->organization_id, id, error)
        || !sql_run(tx, "DELETE FROM card WHERE organization_id = $1 AND account_id = $2 AND id = $3",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(id)), NULL, error)
        || !choose_default(tx, account, error)
        || !drop_key_with_last_record(tx, account->organization_id, error))
        return false;
    tx->shredded = true;
    return true;
}

/* ---- Billing profiles ------------------------------------------------------------------------------------------ */

void store_billing_done(StoreBilling *billing)
{
    g_clear_pointer(&billing->sealed, g_bytes_unref);
    *billing = (StoreBilling){ 0 };
}

bool store_billing_get(StoreTx *tx, const StoreAccount *account, StoreBilling *ret_billing, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT record_id, version, sealed FROM billing_profile WHERE organization_id = $1 AND account_id = $2",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id)), "billing profile", &rows, error))
        return false;
    ret_billing->record_id = sql_take_id(&rows);
    ret_billing->version = (uint32_t)sql_take_int(&rows);
    ret_billing->sealed = sql_take_bytes(&rows);
    return true;
}

bool store_billing_put(StoreTx *tx, const StoreAccount *account, const StoreBilling *billing, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx,
            "INSERT INTO billing_profile (organization_id, account_id, record_id, version, sealed)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, account_id) DO UPDATE SET"
            " record_id = excluded.record_id, version = excluded.version, sealed = excluded.sealed"
            " WHERE billing_profile.version < excluded.version",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(billing->record_id),
                sql_int(billing->version), sql_blob(bytes_span(billing->sealed))), &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_CONFLICT, "the billing profile was changed meanwhile: read it again");
    return changed > 0;
}
