/* Invoices: one row per identity, however often it is mailed [PAY-002]; its state moves here and nowhere else. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "invoice/invoice.h"
#include "parts.h"

void store_invoice_free(StoreInvoice *invoice)
{
    if (invoice == NULL)
        return;
    g_free(invoice->identity);
    g_free(invoice->originator);
    g_free(invoice->merchant_id);
    g_free(invoice->display_id);
    g_free(invoice->number);
    g_free(invoice->seller_name);
    g_free(invoice->due_date);
    g_free(invoice->state);
    json_decref(invoice->model);
    json_decref(invoice->review);
    g_free(invoice->paid_by);
    g_free(invoice);
}

/* Its parts come from mails: a slash in one must not make it look like another, nor a GUID in capitals. */
static char *identity_part(const char *part)
{
    g_autofree char *lower = g_ascii_strdown(part != NULL ? part : "", -1);
    return g_uri_escape_string(lower, NULL, TRUE);
}

char *store_invoice_identity(const char *originator, const char *merchant_id, const char *number)
{
    g_autofree char *normal = number != NULL ? invoice_number_normalize(number) : NULL;
    g_autofree char *first = identity_part(originator);
    g_autofree char *second = identity_part(merchant_id);
    g_autofree char *third = identity_part(normal);
    return g_strdup_printf("p/%s/%s/%s", first, second, third);
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

#define INVOICE_COLUMNS \
    "invoice.organization_id, invoice.id, invoice.identity, invoice.originator, invoice.merchant_id," \
    " invoice.display_id, invoice.number, invoice.seller_name, invoice.due_date, invoice.amount_due_minor," \
    " invoice.currency, invoice.state, invoice.model, invoice.review, invoice.reviewed_us, invoice.paid_us," \
    " invoice.paid_payment_id, invoice.paid_by, invoice.newest_message_id"

static StoreInvoice *invoice_take(SqlRows *rows)
{
    StoreInvoice *invoice = g_new0(StoreInvoice, 1);
    invoice->organization_id = sql_take_id(rows);
    invoice->id = sql_take_id(rows);
    invoice->identity = sql_take_text(rows);
    invoice->originator = sql_take_text(rows);
    invoice->merchant_id = sql_take_text(rows);
    invoice->display_id = sql_take_text(rows);
    invoice->number = sql_take_text(rows);
    invoice->seller_name = sql_take_text(rows);
    invoice->due_date = sql_take_text(rows);
    invoice->amount_due = sql_take_money(rows);
    invoice->state = sql_take_text(rows);
    invoice->model = sql_take_json(rows);
    invoice->review = sql_take_json(rows);
    invoice->reviewed_us = sql_take_int(rows);
    invoice->paid_us = sql_take_int(rows);
    invoice->paid_payment_id = sql_take_id(rows);
    invoice->paid_by = sql_take_text(rows);
    invoice->newest_message_id = sql_take_id(rows);
    return invoice;
}

static bool read_one(StoreTx *tx, const char *text, SqlValues values, StoreInvoice **ret_invoice, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, text, values, "invoice", &rows, error))
        return false;
    g_autoptr(StoreInvoice) invoice = invoice_take(&rows);
    if (!sql_rows_sound(&rows, error))
        return false;
    *ret_invoice = g_steal_pointer(&invoice);
    return true;
}

bool store_invoice_get(StoreTx *tx, const StoreAccount *account, Id id, StoreInvoice **ret_invoice, GError **error)
{
    return read_one(tx,
        "SELECT " INVOICE_COLUMNS " FROM invoice WHERE invoice.organization_id = $1 AND invoice.id = $3 AND EXISTS"
        " (SELECT 1 FROM invoice_source JOIN message ON message.organization_id = invoice_source.organization_id"
        "  AND message.id = invoice_source.message_id WHERE invoice_source.organization_id = $1"
        "  AND invoice_source.invoice_id = $3 AND message.mailbox_id IN " READABLE_MAILBOXES ")",
        SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(id)), ret_invoice, error);
}

bool store_invoice_by_id(StoreTx *tx, Id organization_id, Id id, StoreInvoice **ret_invoice, GError **error)
{
    return read_one(tx, "SELECT " INVOICE_COLUMNS " FROM invoice WHERE organization_id = $1 AND id = $2",
        SQL_WITH(sql_id(organization_id), sql_id(id)), ret_invoice, error);
}

/* ---- States ------------------------------------------------------------------------------------------------ */

bool invoice_set_state(StoreTx *tx, Id organization_id, Id invoice_id, const char *state, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx, "UPDATE invoice SET state = $1 WHERE organization_id = $2 AND id = $3",
            SQL_WITH(sql_str(state), sql_id(organization_id), sql_id(invoice_id)), &changed, error))
        return false;
    if (changed == 0) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such invoice");
        return false;
    }
    return messages_follow_invoice(tx, organization_id, invoice_id, state, error);
}

const char *invoice_open_state(const char *due_date_or_null, int64_t now_us)
{
    int64_t due_us = 0;
    bool is_late = due_date_or_null != NULL && time_parse_date(span_of(due_date_or_null), &due_us)
        && due_us + US_PER_DAY <= now_us;
    return is_late ? "past_due" : "due";
}

/* ---- Mails ------------------------------------------------------------------------------------------------- */

static bool invoice_add(StoreTx *tx, StoreInvoice *invoice, Id message_id, GError **error)
{
    Id id = id_new();
    g_autofree char *model = invoice->model != NULL ? json_write(invoice->model) : g_strdup("null");
    if (!sql_run(tx,
            "INSERT INTO invoice (organization_id, id, identity, originator, merchant_id, display_id, number, seller_name,"
            " due_date, amount_due_minor, currency, state, model, newest_message_id, created_us)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'due', $12, $13, $14)",
            SQL_WITH(sql_id(invoice->organization_id), sql_id(id), sql_str(invoice->identity), sql_str(invoice->originator),
                sql_str(invoice->merchant_id), sql_str(invoice->display_id), sql_str(invoice->number),
                sql_str(invoice->seller_name), sql_str(invoice->due_date), sql_int(invoice->amount_due.minor),
                sql_str(invoice->amount_due.currency), sql_str(model), sql_id(message_id), sql_int(time_now_us())), NULL,
            error))
        return false;
    invoice->id = id;
    return true;
}

/* A newer mail's words replace the older one's. What it says of amount and date counts only while the biller was not
 * asked: the answer of wire.md §3 outranks any mail. */
static bool refresh(StoreTx *tx, const StoreInvoice *invoice, Id message_id, GError **error)
{
    g_autofree char *model = invoice->model != NULL ? json_write(invoice->model) : g_strdup("null");
    return sql_run(tx,
        "UPDATE invoice SET display_id = coalesce($1, display_id), number = coalesce($2, number),"
        " seller_name = coalesce($3, seller_name), model = $4, newest_message_id = $5,"
        " due_date = CASE WHEN reviewed_us = 0 THEN $6 ELSE due_date END,"
        " amount_due_minor = CASE WHEN reviewed_us = 0 THEN $7 ELSE amount_due_minor END,"
        " currency = CASE WHEN reviewed_us = 0 THEN $8 ELSE currency END WHERE organization_id = $9 AND id = $10",
        SQL_WITH(sql_str(invoice->display_id), sql_str(invoice->number), sql_str(invoice->seller_name), sql_str(model),
            sql_id(message_id), sql_str(invoice->due_date), sql_int(invoice->amount_due.minor),
            sql_str(invoice->amount_due.currency), sql_id(invoice->organization_id), sql_id(invoice->id)), NULL, error);
}

/* Whether the invoice's newest mail came after this one (one that is not here yet comes now). */
static bool has_newer_mail(StoreTx *tx, Id organization_id, Id newest_id, Id message_id, bool *ret_has, GError **error)
{
    int64_t newer = 0;
    bool is_good = sql_number(tx,
        "SELECT 1 FROM message AS newest JOIN message AS this ON this.organization_id = newest.organization_id"
        " WHERE newest.organization_id = $1 AND newest.id = $2 AND this.id = $3 AND newest.received_us > this.received_us",
        SQL_WITH(sql_id(organization_id), sql_id(newest_id), sql_id(message_id)), 0, &newer, error);
    *ret_has = newer != 0;
    return is_good;
}

/* Fills id and state of the invoice with this identity; *ret_newest_id is none where there is no such invoice yet. */
static bool find_identity(StoreTx *tx, StoreInvoice *invoice, Id *ret_newest_id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, "SELECT id, state, newest_message_id FROM invoice WHERE organization_id = $1 AND identity = $2",
            SQL_WITH(sql_id(invoice->organization_id), sql_str(invoice->identity)), &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    *ret_newest_id = ID_NONE;
    if (step == SQL_ROW) {
        invoice->id = sql_take_id(&rows);
        g_free(invoice->state);
        invoice->state = sql_take_text(&rows);
        *ret_newest_id = sql_take_id(&rows);
    }
    return step != SQL_FAILED;
}

static bool add_or_refresh(StoreTx *tx, StoreInvoice *invoice, Id message_id, Id newest_id, GError **error)
{
    if (id_is_none(newest_id)) {
        g_free(invoice->state);
        invoice->state = g_strdup("due");
        return invoice_add(tx, invoice, message_id, error);
    }
    bool has_newer = false;
    return has_newer_mail(tx, invoice->organization_id, newest_id, message_id, &has_newer, error)
        && (has_newer || refresh(tx, invoice, message_id, error));
}

bool store_invoice_attach(StoreTx *tx, StoreInvoice *invoice, Id message_id, const char *source, bool *ret_is_new,
    GError **error)
{
    Id newest_id;
    if (!find_identity(tx, invoice, &newest_id, error) || !add_or_refresh(tx, invoice, message_id, newest_id, error))
        return false;
    if (!sql_run(tx,
            "INSERT INTO invoice_source (organization_id, invoice_id, message_id, source, attached_us)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            SQL_WITH(sql_id(invoice->organization_id), sql_id(invoice->id), sql_id(message_id), sql_str(source),
                sql_int(time_now_us())), NULL, error)
        || !message_take_invoice(tx, invoice->organization_id, message_id, invoice->id, invoice->state, error))
        return false;
    *ret_is_new = id_is_none(newest_id);
    return true;
}

/* ---- The biller's word -------------------------------------------------------------------------------------- */

bool store_invoice_set_review(StoreTx *tx, Id organization_id, Id id, const json_t *review, Money amount_due,
    const char *due_date, int64_t reviewed_us, GError **error)
{
    g_autofree char *text = review != NULL ? json_write(review) : NULL;
    g_autoptr(StoreInvoice) invoice = NULL;
    if (!store_invoice_by_id(tx, organization_id, id, &invoice, error)
        || !sql_run(tx,
            "UPDATE invoice SET review = $1, amount_due_minor = $2, currency = $3, due_date = $4, reviewed_us = $5"
            " WHERE organization_id = $6 AND id = $7",
            SQL_WITH(sql_str(text), sql_int(amount_due.minor), sql_str(amount_due.currency), sql_str(due_date),
                sql_int(reviewed_us), sql_id(organization_id), sql_id(id)), NULL, error))
        return false;
    bool is_open = strcmp(invoice->state, "due") == 0 || strcmp(invoice->state, "past_due") == 0;
    return !is_open || invoice_set_state(tx, organization_id, id, invoice_open_state(due_date, reviewed_us), error);
}

bool store_invoice_set_paid_elsewhere(StoreTx *tx, Id organization_id, Id id, const char *confirmation, int64_t now_us,
    GError **error)
{
    int64_t ours = 0, changed = 0;
    if (!sql_number(tx, "SELECT count(*) FROM payment WHERE organization_id = $1 AND invoice_id = $2 AND occupies_invoice = 1",
            SQL_WITH(sql_id(organization_id), sql_id(id)), 0, &ours, error)
        || !sql_run(tx,
            "UPDATE invoice SET confirmation = coalesce($1, confirmation),"
            " paid_us = CASE WHEN $2 > 0 OR paid_us > 0 THEN paid_us ELSE $3 END WHERE organization_id = $4 AND id = $5",
            SQL_WITH(sql_str(confirmation), sql_int(ours), sql_int(now_us), sql_id(organization_id), sql_id(id)), &changed,
            error))
        return false;
    if (changed == 0) {
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such invoice");
        return false;
    }
    return ours > 0
        || (invoice_set_state(tx, organization_id, id, "complete", error)
            && events_of_invoice(tx, organization_id, id, "payment", ID_NONE, now_us, error));
}
