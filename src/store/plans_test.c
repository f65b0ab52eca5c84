/* How the database goes about the statements of this room: every statement that a full round of calls runs is
 * collected, and none of them may read a large table from end to end. */
#include <sqlite3.h>
#include <string.h>

#include "base/json.h"
#include "store_fixture.h"

static GHashTable *statements; /* text of every statement that any connection ran */

static int remember(unsigned kind, void *context, void *statement, void *text)
{
    const char *sql = sqlite3_sql(statement);
    if (sql != NULL && (g_str_has_prefix(sql, "SELECT") || g_str_has_prefix(sql, "INSERT") || g_str_has_prefix(sql, "UPDATE")
            || g_str_has_prefix(sql, "DELETE")))
        g_hash_table_add(statements, g_strdup(sql));
    return 0;
}

static int watch(sqlite3 *handle, const char **trouble, const void *routines)
{
    return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, remember, NULL);
}

/* ---- A round of calls ------------------------------------------------------------------------------------------- */

static void read_mails(StoreTx *tx, const StoreAccount *account, Id message_id, Id invoice_id)
{
    const StoreMessageQuery queries[] = { { .limit = 50 }, { .limit = 50, .before_us = FIXTURE_NOW_US },
        { .folder = STORE_FOLDER_TO_PAY, .limit = 50 }, { .folder = STORE_FOLDER_PAID, .limit = 50 },
        { .search = "gaz", .limit = 50 } };
    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_autoptr(GPtrArray) messages = NULL;
        g_assert_true(store_message_list(tx, account, &queries[i], &messages, NULL));
    }
    StoreFolderCounts counts;
    g_autoptr(StoreMessage) message = NULL;
    g_autoptr(StoreInvoice) invoice = NULL;
    g_autoptr(GBytes) raw = NULL;
    g_assert_true(store_message_counts(tx, account, &counts, NULL));
    g_assert_true(store_message_get(tx, account, message_id, &message, NULL));
    g_assert_true(store_message_raw(tx, account, message_id, &raw, NULL));
    g_assert_true(store_message_mark_seen(tx, account, message_id, true, NULL));
    g_assert_true(store_invoice_get(tx, account, invoice_id, &invoice, NULL));
    Id newest;
    g_assert_true(store_message_of_invoice(tx, account, invoice_id, &newest, NULL));
}

static void read_payments(StoreTx *tx, const StoreAccount *account, const Payment *payment)
{
    g_autoptr(Payment) read = NULL, same = NULL, again = NULL;
    g_autoptr(GPtrArray) in_state = NULL, list = NULL;
    g_autoptr(StoreReceipt) receipt = NULL;
    JSON_AUTO *facts = json_object();
    Id attempt;
    g_assert_true(store_payment_get(tx, account, payment->id, &read, NULL));
    g_assert_true(store_payment_by_id(tx, payment->organization_id, payment->id, &same, NULL));
    g_assert_true(store_payment_of_invoice(tx, payment->organization_id, payment->invoice_id, &again, NULL));
    g_assert_true(store_payments_in_state(tx, PAY_CAPTURED, &in_state, NULL));
    g_assert_true(store_payments_list(tx, account, 50, &list, NULL));
    g_assert_true(store_attempt_begin(tx, payment, "charge", 1, &attempt, NULL));
    g_assert_true(store_attempt_end(tx, payment->organization_id, attempt, "succeeded", NULL, 2, NULL));
    g_assert_true(store_receipt_issue(tx, payment, facts, FIXTURE_NOW_US, &receipt, NULL));
}

static void work_through(StoreTx *tx)
{
    g_autoptr(GPtrArray) work = NULL;
    g_autoptr(GPtrArray) events = NULL;
    int64_t number = 0;
    g_assert_true(store_work_next_due(tx, &number, NULL));
    g_assert_true(store_work_take(tx, INT64_MAX - 1, INT64_MAX, 10, &work, NULL));
    g_assert_cmpuint(work->len, >=, 2);
    g_assert_true(store_work_done(tx, ((StoreWork *)work->pdata[0])->sequence, NULL));
    g_assert_true(store_work_again(tx, ((StoreWork *)work->pdata[1])->sequence, 1, NULL));
    g_assert_true(store_work_release_all(tx, NULL));
    g_assert_true(store_event_latest(tx, &number, NULL));
    g_assert_true(store_events_after(tx, number - 1, 10, &events, NULL));
}

static void use_people(StoreTx *tx, const StoreAccount *account)
{
    g_autoptr(StoreAccount) found = NULL, by_session = NULL;
    g_autoptr(StoreMailbox) mailbox = NULL;
    g_autoptr(GPtrArray) cards = NULL;
    g_autoptr(GPtrArray) audit = NULL;
    g_autofree char *csrf = NULL, *body = NULL;
    int status = 0;
    g_assert_true(store_account_by_login(tx, account->login, &found, NULL));
    g_assert_true(store_mailbox_by_address(tx, "anna+bills@example.com", &mailbox, NULL));
    g_assert_true(store_session_create(tx, account, "hash", "csrf", INT64_MAX, NULL));
    g_assert_true(store_session_find(tx, "hash", 1, &by_session, &csrf, NULL));
    g_assert_true(store_session_delete(tx, "hash", NULL));
    g_assert_true(store_card_list(tx, account, &cards, NULL));
    g_assert_true(store_answer_put(tx, account, "key", "hash", 202, "{}", 1, NULL));
    g_assert_true(store_answer_get(tx, account, "key", "hash", &status, &body, NULL));
    g_assert_true(store_audit_search(tx, account->organization_id, NULL, NULL, 0, 0, 10, &audit, NULL));
}

static void whole_round(Fixture *fixture)
{
    StoreTx *tx = &fixture->tx;
    Id message_id, invoice_id = fixture_invoice(tx, &fixture->anna_mailbox, "FV/1", &message_id);
    fixture_invoice(tx, &fixture->group_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_payment(fixture->anna, invoice_id);
    Payment *existing = NULL;
    g_assert_true(fixture_open_payment(tx, payment, &existing, NULL));
    g_autoptr(Payment) second = fixture_payment(fixture->anna, invoice_id);
    g_autoptr(Payment) first = NULL;
    g_assert_true(fixture_open_payment(tx, second, &first, NULL));
    fixture_must_apply(tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(tx, payment, PAY_EVENT_DECLINED, FIXTURE_NOW_US);
    fixture_must_apply(tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US);
    g_assert_true(store_invoice_set_paid_elsewhere(tx, payment->organization_id, invoice_id, "C", 1, NULL));
    g_assert_true(store_invoice_set_review(tx, payment->organization_id, invoice_id, NULL, payment->amount, NULL, 1, NULL));
    read_mails(tx, fixture->anna, message_id, invoice_id);
    read_payments(tx, fixture->anna, payment);
    work_through(tx);
    use_people(tx, fixture->anna);
}

/* ---- The plans --------------------------------------------------------------------------------------------------------- */

static bool reads_all_of(const char *detail, const char *table)
{
    g_autofree char *whole = g_strdup_printf("SCAN %s", table);
    return strcmp(detail, whole) == 0;
}

static void check_plan(sqlite3 *raw, const char *sql)
{
    static const char *const large[] = { "message", "newest", "this", "message_raw", "invoice", "invoice_source", "payment",
        "payment_attempt", "posting", "outbox", "audit", "event", "receipt", "session", "mailbox", "account", "card",
        "api_answer", "group_member", "credential" };
    g_autofree char *explain = g_strconcat("EXPLAIN QUERY PLAN ", sql, NULL);
    sqlite3_stmt *plan = NULL;
    g_assert_cmpint(sqlite3_prepare_v2(raw, explain, -1, &plan, NULL), ==, SQLITE_OK);
    bool is_list = g_str_has_prefix(sql, "SELECT received_us, id FROM message");
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(plan, 3);
        g_test_message("%.70s… : %s", sql, detail);
        for (size_t i = 0; i < G_N_ELEMENTS(large); i++)
            g_assert_false(reads_all_of(detail, large[i]));
        /* a page of a folder comes out of its index in order, without looking at the mails themselves */
        g_assert_false(is_list && (strstr(detail, "TEMP B-TREE") != NULL || strstr(detail, "COVERING INDEX") == NULL));
    }
    sqlite3_finalize(plan);
}

static void test_no_table_is_read_whole(void)
{
    Fixture fixture;
    statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_assert_cmpint(sqlite3_auto_extension((void (*)(void))watch), ==, SQLITE_OK);
    fixture_open(&fixture);
    whole_round(&fixture);
    sqlite3_reset_auto_extension();
    fixture_leave(&fixture);
    sqlite3 *raw = NULL;
    g_assert_cmpint(sqlite3_open(fixture.path, &raw), ==, SQLITE_OK);
    g_assert_cmpuint(g_hash_table_size(statements), >, 60);
    GHashTableIter each;
    gpointer sql;
    g_hash_table_iter_init(&each, statements);
    while (g_hash_table_iter_next(&each, &sql, NULL))
        check_plan(raw, sql);
    sqlite3_close(raw);
    g_hash_table_destroy(statements);
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plans/no_table_is_read_whole", test_no_table_is_read_whole);
    return g_test_run();
}
