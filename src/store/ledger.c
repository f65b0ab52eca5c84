/* The ledger: postings of every commit sum to zero per currency, append-only and hash-chained [PAY-012]. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "parts.h"

static json_t *posting_row(Id organization_id, Id payment_id, const char *account, Money amount, int64_t at_us)
{
    json_t *row = json_object();
    json_put_text(row, "organization_id", organization_id.text);
    json_put_text(row, "payment_id", payment_id.text);
    json_put_text(row, "account", account);
    json_put_integer(row, "amount_minor", amount.minor);
    json_put_text(row, "currency", amount.currency);
    json_put_integer(row, "at_us", at_us);
    return row;
}

/* [PAY-012] A decision whose postings do not sum to zero is a bug: nothing of it may be written. */
static void assert_balanced(const PayDecision *decision)
{
    g_assert(decision->posting_count <= PAY_POSTINGS_MAX);
    for (size_t i = 0; i < decision->posting_count; i++) {
        Money sum = { 0 };
        memcpy(sum.currency, decision->postings[i].amount.currency, sizeof sum.currency);
        for (size_t j = 0; j < decision->posting_count; j++)
            if (money_same_currency(sum, decision->postings[j].amount))
                g_assert(money_add(sum, decision->postings[j].amount, &sum));
        g_assert(sum.minor == 0);
    }
}

static bool post_one(StoreTx *tx, const Payment *payment, const PayPosting *posting, ChainLink *link, int64_t now_us,
    GError **error)
{
    JSON_AUTO *row = posting_row(payment->organization_id, payment->id, posting->account, posting->amount, now_us);
    chain_advance(link, row);
    return sql_run(tx,
        "INSERT INTO posting (organization_id, sequence, payment_id, account, amount_minor, currency, at_us, hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        SQL_WITH(sql_id(payment->organization_id), sql_int(link->sequence), sql_id(payment->id), sql_str(posting->account),
            sql_int(posting->amount.minor), sql_str(posting->amount.currency), sql_int(now_us), sql_str(link->hash)), NULL,
        error);
}

bool ledger_post(StoreTx *tx, const Payment *payment, const PayDecision *decision, int64_t now_us, GError **error)
{
    assert_balanced(decision);
    if (decision->posting_count == 0)
        return true;
    ChainLink link;
    if (!chain_head(tx, payment->organization_id, "posting", &link, error))
        return false;
    for (size_t i = 0; i < decision->posting_count; i++)
        if (!post_one(tx, payment, &decision->postings[i], &link, now_us, error))
            return false;
    return chain_keep(tx, payment->organization_id, "posting", &link, error);
}

/* ---- Checking ---------------------------------------------------------------------------------------------- */

static bool check_chain(StoreTx *tx, Id organization_id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT sequence, payment_id, account, amount_minor, currency, at_us, hash FROM posting"
            " WHERE organization_id = $1 ORDER BY sequence",
            SQL_WITH(sql_id(organization_id)), &rows, error))
        return false;
    ChainLink link = { 0 };
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        int64_t sequence = sql_take_int(&rows);
        Id payment_id = sql_take_id(&rows);
        const char *account = sql_peek_text(&rows);
        Money amount = sql_take_money(&rows);
        int64_t at_us = sql_take_int(&rows);
        JSON_AUTO *row = posting_row(organization_id, payment_id, account, amount, at_us);
        if (!chain_check(&link, "posting", sequence, row, sql_peek_text(&rows), error))
            return false;
    }
    return step == SQL_END && chain_check_end(tx, organization_id, "posting", &link, error);
}

static bool check_zero(StoreTx *tx, Id organization_id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT payment_id, currency FROM posting WHERE organization_id = $1 GROUP BY payment_id, currency"
            " HAVING sum(amount_minor) <> 0 LIMIT 1",
            SQL_WITH(sql_id(organization_id)), &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    if (step == SQL_ROW) {
        const char *payment_id = sql_peek_text(&rows);
        error_set(error, SALDO_ERROR_DENIED, "the postings of payment %s do not sum to zero in %s [PAY-012]", payment_id,
            sql_peek_text(&rows));
    }
    return step == SQL_END;
}

static void balance_destroy(gpointer data)
{
    StoreBalance *balance = data;
    g_free(balance->account);
    g_free(balance);
}

static bool sum_accounts(StoreTx *tx, Id organization_id, GPtrArray *balances, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT account, sum(amount_minor), currency FROM posting WHERE organization_id = $1"
            " GROUP BY account, currency ORDER BY account, currency",
            SQL_WITH(sql_id(organization_id)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        StoreBalance *balance = g_new0(StoreBalance, 1);
        g_ptr_array_add(balances, balance);
        balance->account = sql_take_text(&rows);
        balance->amount = sql_take_money(&rows);
    }
    return step == SQL_END && sql_rows_sound(&rows, error);
}

bool store_ledger_verify(StoreTx *tx, Id organization_id, GPtrArray **ret_balances, GError **error)
{
    g_autoptr(GPtrArray) balances = g_ptr_array_new_with_free_func(balance_destroy);
    if (!check_chain(tx, organization_id, error) || !check_zero(tx, organization_id, error)
        || !sum_accounts(tx, organization_id, balances, error))
        return false;
    *ret_balances = g_steal_pointer(&balances);
    return true;
}
