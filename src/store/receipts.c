/* Receipts: numbered without gaps per organization and year, at most one per payment. */
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"

void store_receipt_free(StoreReceipt *receipt)
{
    if (receipt == NULL)
        return;
    g_free(receipt->number);
    json_decref(receipt->facts);
    g_free(receipt);
}

static StoreReceipt *receipt_take(SqlRows *rows)
{
    StoreReceipt *receipt = g_new0(StoreReceipt, 1);
    receipt->payment_id = sql_take_id(rows);
    receipt->number = sql_take_text(rows);
    receipt->issued_us = sql_take_int(rows);
    receipt->facts = sql_take_json(rows);
    return receipt;
}

/* *ret_receipt is NULL where there is none. */
static bool find_receipt(StoreTx *tx, Id organization_id, Id payment_id, StoreReceipt **ret_receipt, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT payment_id, number, issued_us, facts FROM receipt WHERE organization_id = $1 AND payment_id = $2",
            SQL_WITH(sql_id(organization_id), sql_id(payment_id)), &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    g_autoptr(StoreReceipt) receipt = step == SQL_ROW ? receipt_take(&rows) : NULL;
    if (step == SQL_FAILED || !sql_rows_sound(&rows, error))
        return false;
    *ret_receipt = g_steal_pointer(&receipt);
    return true;
}

/* "R-2026-000001": the next of the year, taken in this unit, so that one that fails leaves no gap. */
static bool next_number(StoreTx *tx, Id organization_id, int64_t now_us, char **ret_number, GError **error)
{
    char date[DATE_TEXT_MAX];
    time_format_date(now_us, date);
    g_autofree char *counter = g_strdup_printf("receipt-%.4s", date);
    int64_t value = 0;
    if (!sql_number(tx,
            "INSERT INTO counter (organization_id, name, value) VALUES ($1, $2, 1)"
            " ON CONFLICT (organization_id, name) DO UPDATE SET value = counter.value + 1 RETURNING value",
            SQL_WITH(sql_id(organization_id), sql_str(counter)), 0, &value, error))
        return false;
    *ret_number = g_strdup_printf("R-%.4s-%06" G_GINT64_FORMAT, date, value);
    return true;
}

bool store_receipt_issue(StoreTx *tx, const Payment *payment, const json_t *facts, int64_t now_us,
    StoreReceipt **ret_receipt, GError **error)
{
    g_autoptr(StoreReceipt) receipt = NULL;
    if (!find_receipt(tx, payment->organization_id, payment->id, &receipt, error))
        return false;
    if (receipt == NULL) {
        g_autofree char *number = NULL;
        g_autofree char *text = json_write(facts);
        if (!next_number(tx, payment->organization_id, now_us, &number, error)
            || !sql_run(tx,
                "INSERT INTO receipt (organization_id, payment_id, number, issued_us, facts) VALUES ($1, $2, $3, $4, $5)",
                SQL_WITH(sql_id(payment->organization_id), sql_id(payment->id), sql_str(number), sql_int(now_us),
                    sql_str(text)), NULL, error)
            || !find_receipt(tx, payment->organization_id, payment->id, &receipt, error))
            return false;
    }
    *ret_receipt = g_steal_pointer(&receipt);
    return true;
}

bool store_receipt_get(StoreTx *tx, const StoreAccount *account, Id payment_id, StoreReceipt **ret_receipt,
    GError **error)
{
    g_autoptr(Payment) payment = NULL; /* whoever may see the payment may see its receipt */
    g_autoptr(StoreReceipt) receipt = NULL;
    if (!store_payment_get(tx, account, payment_id, &payment, error)
        || !find_receipt(tx, payment->organization_id, payment_id, &receipt, error))
        return false;
    if (receipt == NULL) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "payment %s has no receipt yet", payment_id.text);
        return false;
    }
    *ret_receipt = g_steal_pointer(&receipt);
    return true;
}
