/* Payments as they are read, and the attempts made for them. What changes a payment is in payment_commit.c. */
#include <string.h>

#include "base/error.h"
#include "parts.h"
#include "store_limits.h"

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static bool take_state(SqlRows *rows, PayState *ret_state)
{
    const char *name = sql_peek_text(rows);
    return name != NULL && pay_state_from_name(name, ret_state);
}

static void take_outcome(SqlRows *rows, Payment *payment)
{
    payment->processor_ref = sql_take_text(rows);
    payment->biller_ref = sql_take_text(rows);
    payment->reason_code = sql_take_text(rows);
    payment->reason_text = sql_take_text(rows);
    payment->action_url = sql_take_text(rows);
    payment->test = sql_take_int(rows) != 0;
}

Payment *payment_take(SqlRows *rows, GError **error)
{
    g_autoptr(Payment) payment = payment_new();
    payment->organization_id = sql_take_id(rows);
    payment->id = sql_take_id(rows);
    payment->invoice_id = sql_take_id(rows);
    payment->account_id = sql_take_id(rows);
    payment->card_id = sql_take_id(rows);
    rows->damaged = !take_state(rows, &payment->state) || rows->damaged;
    payment->version = sql_take_int(rows);
    payment->amount = sql_take_money(rows);
    payment->payee = sql_take_text(rows);
    payment->invoice_number = sql_take_text(rows);
    payment->request_id = sql_take_text(rows);
    payment->created_us = sql_take_int(rows);
    payment->updated_us = sql_take_int(rows);
    payment->key_born_us = sql_take_int(rows);
    payment->next_check_us = sql_take_int(rows);
    payment->checks = (int)sql_take_int(rows);
    payment->negative_lookups = (int)sql_take_int(rows);
    take_outcome(rows, payment);
    return sql_rows_sound(rows, error) ? g_steal_pointer(&payment) : NULL;
}

static bool read_one(StoreTx *tx, const char *text, SqlValues values, Payment **ret_payment, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, text, values, "payment", &rows, error))
        return false;
    Payment *payment = payment_take(&rows, error);
    if (payment == NULL)
        return false;
    *ret_payment = payment;
    return true;
}

static void payment_destroy(gpointer data)
{
    payment_free(data);
}

static bool read_all(StoreTx *tx, const char *text, SqlValues values, GPtrArray **ret_payments, GError **error)
{
    g_autoptr(GPtrArray) payments = g_ptr_array_new_with_free_func(payment_destroy);
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, text, values, &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        Payment *payment = payment_take(&rows, error);
        if (payment == NULL)
            return false;
        g_ptr_array_add(payments, payment);
    }
    if (step == SQL_FAILED)
        return false;
    *ret_payments = g_steal_pointer(&payments);
    return true;
}

bool store_payment_get(StoreTx *tx, const StoreAccount *account, Id id, Payment **ret_payment, GError **error)
{
    return read_one(tx,
        "SELECT " PAYMENT_COLUMNS " FROM payment WHERE payment.organization_id = $1 AND payment.id = $3"
        " AND (payment.account_id = $2 OR EXISTS"
        "  (SELECT 1 FROM invoice_source JOIN message ON message.organization_id = invoice_source.organization_id"
        "   AND message.id = invoice_source.message_id WHERE invoice_source.organization_id = $1"
        "   AND invoice_source.invoice_id = payment.invoice_id AND message.mailbox_id IN " READABLE_MAILBOXES "))",
        SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(id)), ret_payment, error);
}

bool store_payment_by_id(StoreTx *tx, Id organization_id, Id id, Payment **ret_payment, GError **error)
{
    return read_one(tx, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = $1 AND id = $2",
        SQL_WITH(sql_id(organization_id), sql_id(id)), ret_payment, error);
}

bool store_payment_of_invoice(StoreTx *tx, Id organization_id, Id invoice_id, Payment **ret_payment, GError **error)
{
    return read_one(tx,
        "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = $1 AND invoice_id = $2"
        " ORDER BY occupies_invoice DESC, created_us DESC, id DESC LIMIT 1",
        SQL_WITH(sql_id(organization_id), sql_id(invoice_id)), ret_payment, error);
}

bool store_payments_in_state(StoreTx *tx, PayState state, GPtrArray **ret_payments, GError **error)
{
    return read_all(tx, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE state = $1 ORDER BY created_us, id",
        SQL_WITH(sql_str(pay_state_name(state))), ret_payments, error);
}

bool store_payments_list(StoreTx *tx, const StoreAccount *account, unsigned limit, GPtrArray **ret_payments,
    GError **error)
{
    return read_all(tx,
        "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = $1 AND account_id = $2"
        " ORDER BY created_us DESC, id DESC LIMIT $3",
        SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_int(limit)), ret_payments, error);
}

/* ---- Attempts ------------------------------------------------------------------------------------------------ */

bool store_attempt_begin(StoreTx *tx, const Payment *payment, const char *operation, int64_t sent_us, Id *ret_id,
    GError **error)
{
    Id id = id_new();
    g_autofree char *key = pay_idempotency_key(payment->id, operation); /* [PAY-003] */
    if (!sql_run(tx,
            "INSERT INTO payment_attempt (organization_id, id, payment_id, operation, idempotency_key, sent_us)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            SQL_WITH(sql_id(payment->organization_id), sql_id(id), sql_id(payment->id), sql_str(operation), sql_str(key),
                sql_int(sent_us)), NULL, error))
        return false;
    *ret_id = id;
    return true;
}

bool store_attempt_end(StoreTx *tx, Id organization_id, Id attempt_id, const char *outcome, const char *detail,
    int64_t now_us, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx,
            "UPDATE payment_attempt SET outcome = $1, detail = $2, answered_us = $3 WHERE organization_id = $4 AND id = $5",
            SQL_WITH(sql_str(outcome), sql_str(detail), sql_int(now_us), sql_id(organization_id), sql_id(attempt_id)),
            &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such attempt");
    return changed > 0;
}
