/* See store_fixture.h. */
#include "store_fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/json.h"
#include "migrations.h"

void fixture_directory(Fixture *fixture)
{
    *fixture = (Fixture){ 0 };
    fixture->directory = g_dir_make_tmp("saldo-store-XXXXXX", NULL);
    g_assert_nonnull(fixture->directory);
    fixture->path = g_build_filename(fixture->directory, "saldo.db", NULL);
}

static StoreAccount *make_account(StoreTx *tx, Id organization_id, const char *login, const char *name)
{
    g_autoptr(GError) error = NULL;
    StoreAccount *account = g_new0(StoreAccount, 1);
    *account = (StoreAccount){ .organization_id = organization_id, .login = g_strdup(login), .name = g_strdup(name),
        .password_hash = g_strdup("$argon2id$test"), .language = g_strdup("en") };
    g_assert_true(store_account_create(tx, account, &error));
    return account;
}

static void make_mailbox(StoreTx *tx, const StoreAccount *account, const char *address, StoreMailbox *ret_mailbox)
{
    *ret_mailbox = (StoreMailbox){ .organization_id = account->organization_id, .account_id = account->id,
        .address = g_strdup(address) };
    g_assert_true(store_mailbox_create(tx, ret_mailbox, NULL));
}

static void make_group(Fixture *fixture)
{
    StoreTx *tx = &fixture->tx;
    StoreMailbox *found = NULL;
    g_assert_true(store_group_create(tx, fixture->organization_id, "accounts@example.com", "Accounts", &fixture->group_id, NULL));
    g_assert_true(store_group_add_member(tx, fixture->organization_id, fixture->group_id, fixture->anna->id, NULL));
    g_assert_true(store_group_add_member(tx, fixture->organization_id, fixture->group_id, fixture->jan->id, NULL));
    g_assert_true(store_mailbox_by_address(tx, "accounts@example.com", &found, NULL));
    fixture->group_mailbox = *found;
    g_free(found);
}

void fixture_open(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture_directory(fixture);
    fixture->sql = sql_connect(fixture->path, false, &error);
    g_assert_no_error(error);
    g_assert_true(migrations_apply(fixture->sql, migrations, migration_count, &error));
    fixture->tx = (StoreTx){ .sql = fixture->sql };
    StoreTx *tx = &fixture->tx;
    g_assert_true(sql_begin_write(fixture->sql, &error));
    g_assert_true(store_organization_create(tx, "Example", &fixture->organization_id, &error));
    g_assert_true(store_organization_create(tx, "Other", &fixture->other_organization_id, &error));
    fixture->anna = make_account(tx, fixture->organization_id, "Anna@Example.com", "Anna Nowak");
    fixture->jan = make_account(tx, fixture->organization_id, "jan@example.com", "Jan Kowal");
    fixture->stranger = make_account(tx, fixture->other_organization_id, "eve@other.example", "Eve");
    make_mailbox(tx, fixture->anna, "anna@example.com", &fixture->anna_mailbox);
    make_mailbox(tx, fixture->jan, "jan@example.com", &fixture->jan_mailbox);
    make_group(fixture);
}

void fixture_commit(Fixture *fixture)
{
    g_assert_true(sql_commit(fixture->sql, NULL));
    g_assert_true(sql_begin_write(fixture->sql, NULL));
}

void fixture_leave(Fixture *fixture)
{
    g_assert_true(sql_commit(fixture->sql, NULL));
    g_clear_pointer(&fixture->sql, sql_disconnect);
}

static void remove_directory(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(directory);
}

void fixture_done(Fixture *fixture)
{
    if (fixture->sql != NULL)
        sql_rollback(fixture->sql);
    sql_disconnect(fixture->sql);
    store_account_free(fixture->anna);
    store_account_free(fixture->jan);
    store_account_free(fixture->stranger);
    g_free(fixture->anna_mailbox.address);
    g_free(fixture->jan_mailbox.address);
    g_free(fixture->group_mailbox.address);
    remove_directory(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture->path);
}

/* ---- Mails and invoices -------------------------------------------------------------------------------------- */

StoreMessage *fixture_message(const StoreMailbox *mailbox, int64_t received_us, const char *subject,
    const char *verdict_kind)
{
    StoreMessage *message = store_message_new();
    message->organization_id = mailbox->organization_id;
    message->mailbox_id = mailbox->id;
    message->received_us = received_us;
    message->from_name = g_strdup("Zażółć Gaz Sp. z o.o.");
    message->from_address = g_strdup("faktury@gaz.example");
    message->subject = g_strdup(subject);
    message->preview = g_strdup("Please find your bill below.");
    message->verdict_kind = g_strdup(verdict_kind);
    message->envelope = json_pack("{s:s}", "client_ip", "192.0.2.1");
    message->authentication = json_pack("{s:[]}", "dkim");
    message->verdict = json_pack("{s:s}", "kind", verdict_kind);
    message->extraction = json_pack("{s:[{s:s,s:s,s:{s:s}}]}", "invoices", "number", subject, "total", "123.45", "seller",
        "name", "Gazownia");
    return message;
}

Id fixture_invoice(StoreTx *tx, const StoreMailbox *mailbox, const char *number, Id *ret_message_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreMessage) message = fixture_message(mailbox, FIXTURE_NOW_US, number, "card");
    g_assert_true(store_message_add(tx, message, SPAN("From: a\r\n\r\nbody\r\n"), &error));
    g_autofree char *identity = store_invoice_identity("xero", "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70", number);
    char originator[] = "xero", due_date[] = "2026-10-01";
    StoreInvoice invoice = { .organization_id = mailbox->organization_id, .identity = identity, .originator = originator,
        .number = (char *)number, .due_date = due_date, .amount_due = { 12345, "PLN" } };
    bool is_new = false;
    g_assert_true(store_invoice_attach(tx, &invoice, message->id, "action-request", &is_new, &error));
    g_free(invoice.state);
    if (ret_message_id != NULL)
        *ret_message_id = message->id;
    return invoice.id;
}

/* ---- Payments -------------------------------------------------------------------------------------------------- */

Payment *fixture_payment(const StoreAccount *account, Id invoice_id)
{
    Payment *payment = payment_new();
    payment->organization_id = account->organization_id;
    payment->id = id_new();
    payment->invoice_id = invoice_id;
    payment->account_id = account->id;
    payment->card_id = id_new();
    payment->amount = (Money){ 12345, "PLN" };
    payment->payee = g_strdup("Gazownia");
    payment->invoice_number = g_strdup("FV/1");
    payment->request_id = g_strdup("request-1");
    payment->created_us = FIXTURE_NOW_US;
    return payment;
}

bool fixture_open_payment(StoreTx *tx, Payment *payment, Payment **ret_existing, GError **error)
{
    PayDecision decision;
    pay_open(payment, payment->created_us, &decision);
    JSON_AUTO *consent = json_pack("{s:s}", "payee", payment->payee);
    return store_payment_open(tx, payment, consent, &decision, ret_existing, error);
}

Payment *fixture_opened(Fixture *fixture, Id invoice_id)
{
    g_autoptr(GError) error = NULL;
    Payment *payment = fixture_payment(fixture->anna, invoice_id), *existing = payment;
    fixture_open_payment(&fixture->tx, payment, &existing, &error);
    g_assert_no_error(error);
    g_assert_null(existing);
    return payment;
}

bool fixture_apply(StoreTx *tx, Payment *payment, PayEventKind kind, int64_t now_us, GError **error)
{
    PayEvent event = { .kind = kind };
    PayDecision decision;
    if (kind == PAY_EVENT_DECLINED) {
        event.code = "card_declined";
        event.text = "The bank said no.";
    }
    if (kind == PAY_EVENT_SUCCEEDED)
        event.biller_ref = "CONF-1";
    return pay_decide(payment, &event, now_us, &decision, error)
        && store_payment_apply(tx, payment, &event, &decision, now_us, error);
}

void fixture_must_apply(StoreTx *tx, Payment *payment, PayEventKind kind, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    fixture_apply(tx, payment, kind, now_us, &error);
    g_assert_no_error(error);
}

/* ---- The file seen from outside ---------------------------------------------------------------------------------- */

int64_t fixture_number(const char *path, const char *sql)
{
    sqlite3 *raw = NULL;
    sqlite3_stmt *statement = NULL;
    g_assert_true(sqlite3_open(path, &raw) == SQLITE_OK);
    sqlite3_busy_timeout(raw, 5000);
    g_assert_true(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL) == SQLITE_OK);
    g_assert_true(sqlite3_step(statement) == SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    g_assert_true(sqlite3_close(raw) == SQLITE_OK);
    return number;
}

void fixture_tamper(const char *path, const char *sql)
{
    sqlite3 *raw = NULL;
    g_assert_true(sqlite3_open(path, &raw) == SQLITE_OK);
    sqlite3_busy_timeout(raw, 5000);
    char *trouble = NULL;
    sqlite3_exec(raw, sql, NULL, NULL, &trouble);
    g_assert_null(trouble);
    g_assert_true(sqlite3_close(raw) == SQLITE_OK);
}
