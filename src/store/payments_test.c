/* Payments: one per invoice [PAY-002], one unit per decision [PAY-004], late successes [PAY-010], the
 * outbox, receipts. */
#include "base/error.h"
#include "base/json.h"
#include "store_fixture.h"

static char *invoice_state(Fixture *fixture, Id invoice_id)
{
    g_autoptr(StoreInvoice) invoice = NULL;
    g_assert_true(store_invoice_by_id(&fixture->tx, fixture->organization_id, invoice_id, &invoice, NULL));
    return g_steal_pointer(&invoice->state);
}

#define expect_invoice(fixture, invoice_id, expected) \
    do { \
        g_autofree char *state_ = invoice_state(fixture, invoice_id); \
        g_assert_cmpstr(state_, ==, expected); \
    } while (0)

/* ---- One payment per invoice [PAY-002] -------------------------------------------------------------------------------- */

typedef struct Race {
    Store *store;
    const Fixture *fixture;
    Id invoice_id;
    Id won[8];
    int winners;
} Race;

typedef struct Runner { Race *race; int number; Payment *payment, *existing; } Runner;

static bool open_unit(StoreTx *tx, void *context, GError **error)
{
    Runner *runner = context;
    return fixture_open_payment(tx, runner->payment, &runner->existing, error);
}

static gpointer run_race(gpointer data)
{
    Runner *runner = data;
    Race *race = runner->race;
    g_autoptr(GError) error = NULL;
    runner->payment = fixture_payment(race->fixture->anna, race->invoice_id);
    store_write(race->store, open_unit, runner, &error);
    g_assert_no_error(error);
    race->won[runner->number] = runner->existing != NULL ? runner->existing->id : runner->payment->id;
    if (runner->existing == NULL)
        g_atomic_int_inc(&race->winners);
    payment_free(runner->payment);
    payment_free(runner->existing);
    return NULL;
}

static void test_eight_racing(void)
{
    enum { RUNNERS = 8 };
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    fixture_leave(&fixture);
    Race race = { .store = store_open(fixture.path, NULL, NULL), .fixture = &fixture, .invoice_id = invoice_id };
    Runner runners[RUNNERS];
    GThread *threads[RUNNERS];
    for (int i = 0; i < RUNNERS; i++) {
        runners[i] = (Runner){ .race = &race, .number = i };
        threads[i] = g_thread_new("runner", run_race, &runners[i]);
    }
    for (int i = 0; i < RUNNERS; i++)
        g_thread_join(threads[i]);
    store_close(race.store);
    g_assert_cmpint(race.winners, ==, 1);
    for (int i = 1; i < RUNNERS; i++)
        g_assert_true(id_equal(race.won[i], race.won[0])); /* all are told of the same payment */
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM payment"), ==, 1);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM outbox"), ==, 1);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM audit WHERE action = 'payment.open'"), ==, 1);
    fixture_done(&fixture);
}

static void test_anew_only_after_the_end(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) first = fixture_opened(&fixture, invoice_id);
    const PayEventKind way[] = { PAY_EVENT_SEND, PAY_EVENT_OUTCOME_UNKNOWN };
    const char *const states[] = { "processing", "unknown" };
    for (size_t i = 0; i < G_N_ELEMENTS(way); i++) {
        fixture_must_apply(&fixture.tx, first, way[i], FIXTURE_NOW_US);
        expect_invoice(&fixture, invoice_id, states[i]);
        g_autoptr(Payment) second = fixture_payment(fixture.jan, invoice_id);
        g_autoptr(Payment) existing = NULL;
        g_assert_true(fixture_open_payment(&fixture.tx, second, &existing, NULL));
        g_assert_true(id_equal(existing->id, first->id));
        g_assert_cmpint(existing->version, ==, first->version);
    }
    fixture_must_apply(&fixture.tx, first, PAY_EVENT_DECLINED, FIXTURE_NOW_US);
    expect_invoice(&fixture, invoice_id, "declined");
    g_assert_cmpstr(first->reason_code, ==, "card_declined");
    g_autoptr(Payment) anew = fixture_opened(&fixture, invoice_id); /* [PAY-009] */
    expect_invoice(&fixture, invoice_id, "processing");
    fixture_must_apply(&fixture.tx, anew, PAY_EVENT_CANCELLED, FIXTURE_NOW_US);
    expect_invoice(&fixture, invoice_id, "due");
    g_autoptr(Payment) late = fixture_opened(&fixture, invoice_id);
    fixture_must_apply(&fixture.tx, late, PAY_EVENT_CANCELLED, FIXTURE_NOW_US + 60 * US_PER_DAY);
    expect_invoice(&fixture, invoice_id, "past_due");
    fixture_done(&fixture);
}

/* ---- One unit per decision [PAY-004] ------------------------------------------------------------------------------------ */

static void test_paid(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    fixture_invoice(&fixture.tx, &fixture.group_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_opened(&fixture, invoice_id);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US + 1);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US + 2);
    g_autoptr(StoreInvoice) invoice = NULL;
    g_assert_true(store_invoice_get(&fixture.tx, fixture.jan, invoice_id, &invoice, NULL)); /* by the group */
    g_assert_cmpstr(invoice->state, ==, "complete");
    g_assert_cmpstr(invoice->paid_by, ==, "Anna Nowak");
    g_assert_cmpint(invoice->paid_us, ==, FIXTURE_NOW_US + 2);
    g_assert_true(id_equal(invoice->paid_payment_id, payment->id));
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_NOTIFIED, FIXTURE_NOW_US + 3);
    g_autoptr(Payment) read = NULL;
    g_assert_true(store_payment_get(&fixture.tx, fixture.jan, payment->id, &read, NULL));
    g_assert_cmpint(read->state, ==, PAY_NOTIFIED);
    g_assert_cmpint(read->version, ==, 4);
    g_assert_cmpint(read->version, ==, payment->version);
    g_assert_cmpstr(read->biller_ref, ==, "CONF-1");
    g_assert_cmpint(read->key_born_us, ==, FIXTURE_NOW_US + 1);
    g_assert_true(money_equal(read->amount, (Money){ 12345, "PLN" }));
    g_assert_null(read->reason_code);
    fixture_leave(&fixture);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT paid_us FROM invoice"), ==, FIXTURE_NOW_US + 2); /* not moved by NOTIFIED */
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM audit WHERE action = 'payment.state'"), ==, 3);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM event WHERE topic = 'payment'"), ==, 4 * 2); /* two mailboxes */
    g_assert_cmpint(fixture_number(fixture.path, "SELECT count(*) FROM outbox WHERE work IN ('notify', 'receipt')"), ==, 2);
    g_assert_cmpint(fixture_number(fixture.path, "SELECT sum(amount_minor) FROM posting"), ==, 0);
    fixture_done(&fixture);
}

static void test_stale_writer_loses(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_opened(&fixture, invoice_id);
    g_autoptr(Payment) stale = NULL;
    g_assert_true(store_payment_by_id(&fixture.tx, fixture.organization_id, payment->id, &stale, NULL));
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_commit(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_true(sql_savepoint(fixture.sql, NULL));
    g_assert_false(fixture_apply(&fixture.tx, stale, PAY_EVENT_CANCELLED, FIXTURE_NOW_US, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    g_assert_cmpint(stale->state, ==, PAY_INTENT); /* what failed changed nothing in memory either */
    g_assert_cmpint(stale->version, ==, 1);
    g_assert_true(sql_savepoint_undo(fixture.sql, NULL));
    g_autoptr(Payment) read = NULL;
    g_assert_true(store_payment_by_id(&fixture.tx, fixture.organization_id, payment->id, &read, NULL));
    g_assert_cmpint(read->state, ==, PAY_SENT);
    fixture_done(&fixture);
}

/* ---- Late successes [PAY-010] --------------------------------------------------------------------------------------------- */

static void test_late_success_alone(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_opened(&fixture, invoice_id);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_DECLINED, FIXTURE_NOW_US);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US);
    expect_invoice(&fixture, invoice_id, "complete");
    g_assert_null(payment->reason_code);
    g_autoptr(Payment) second = fixture_payment(fixture.jan, invoice_id);
    g_autoptr(Payment) existing = NULL;
    g_assert_true(fixture_open_payment(&fixture.tx, second, &existing, NULL));
    g_assert_true(id_equal(existing->id, payment->id));
    fixture_done(&fixture);
}

static void test_late_success_beside_another(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) first = fixture_opened(&fixture, invoice_id);
    fixture_must_apply(&fixture.tx, first, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(&fixture.tx, first, PAY_EVENT_DECLINED, FIXTURE_NOW_US);
    g_autoptr(Payment) second = fixture_opened(&fixture, invoice_id);
    fixture_must_apply(&fixture.tx, second, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(&fixture.tx, first, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US); /* kept, though the invoice is the second's */
    expect_invoice(&fixture, invoice_id, "processing");
    g_autoptr(GPtrArray) alarms = NULL;
    g_assert_true(store_audit_search(&fixture.tx, fixture.organization_id, "payment.double", NULL, 0, 0, 10, &alarms, NULL));
    g_assert_cmpuint(alarms->len, ==, 1);
    g_assert_cmpstr(((StoreAudit *)alarms->pdata[0])->subject, ==, first->id.text);
    fixture_must_apply(&fixture.tx, second, PAY_EVENT_DECLINED, FIXTURE_NOW_US); /* gives the invoice up: the first has paid it */
    expect_invoice(&fixture, invoice_id, "complete");
    g_autoptr(Payment) holder = NULL;
    g_assert_true(store_payment_of_invoice(&fixture.tx, fixture.organization_id, invoice_id, &holder, NULL));
    g_assert_true(id_equal(holder->id, first->id));
    fixture_done(&fixture);
}

static void test_paid_elsewhere(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_opened(&fixture, invoice_id);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_OUTCOME_UNKNOWN, FIXTURE_NOW_US);
    g_assert_true(store_invoice_set_paid_elsewhere(&fixture.tx, fixture.organization_id, invoice_id, "C", 1, NULL));
    expect_invoice(&fixture, invoice_id, "unknown"); /* it may be ours that the biller means: the payment decides */
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US);
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_ALREADY_PAID_ELSEWHERE, FIXTURE_NOW_US);
    g_assert_cmpint(payment->state, ==, PAY_REFUND_PENDING);
    expect_invoice(&fixture, invoice_id, "complete");
    g_autoptr(Payment) second = fixture_payment(fixture.anna, invoice_id);
    g_autoptr(Payment) existing = NULL;
    g_assert_true(fixture_open_payment(&fixture.tx, second, &existing, NULL));
    g_assert_nonnull(existing); /* money on its way back still holds the invoice [PAY-009] */
    fixture_must_apply(&fixture.tx, payment, PAY_EVENT_REFUNDED, FIXTURE_NOW_US);
    expect_invoice(&fixture, invoice_id, "refunded");
    fixture_done(&fixture);
}

/* ---- Who may see it ---------------------------------------------------------------------------------------------------------- */

static void test_who_may_see(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_opened(&fixture, invoice_id);
    const StoreAccount *const others[] = { fixture.jan, fixture.stranger };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        Payment *seen = NULL;
        StoreInvoice *invoice = NULL;
        StoreReceipt *receipt = NULL;
        g_autoptr(GError) first = NULL, second = NULL, third = NULL;
        g_assert_false(store_payment_get(&fixture.tx, others[i], payment->id, &seen, &first));
        g_assert_false(store_invoice_get(&fixture.tx, others[i], invoice_id, &invoice, &second));
        g_assert_false(store_receipt_get(&fixture.tx, others[i], payment->id, &receipt, &third));
        g_assert_error(first, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
        g_assert_error(second, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
        g_assert_error(third, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    }
    fixture_done(&fixture);
}

/* ---- Outbox ------------------------------------------------------------------------------------------------------------------- */

static guint take(Fixture *fixture, int64_t now_us, int64_t until_us, int64_t *ret_sequence)
{
    g_autoptr(GPtrArray) work = NULL;
    g_assert_true(store_work_take(&fixture->tx, now_us, until_us, 10, &work, NULL));
    if (work->len > 0 && ret_sequence != NULL)
        *ret_sequence = ((StoreWork *)work->pdata[0])->sequence;
    return work->len;
}

static void test_leases(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id invoice_id = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    g_autoptr(Payment) payment = fixture_opened(&fixture, invoice_id);
    int64_t now_us = FIXTURE_NOW_US, sequence = 0, due_us = 0;
    g_assert_cmpuint(take(&fixture, now_us - 1, now_us, NULL), ==, 0); /* not due yet */
    g_assert_true(store_work_next_due(&fixture.tx, &due_us, NULL));
    g_assert_cmpint(due_us, ==, now_us);
    g_assert_cmpuint(take(&fixture, now_us, now_us + 100, &sequence), ==, 1);
    g_assert_cmpuint(take(&fixture, now_us + 99, now_us + 200, NULL), ==, 0); /* leased */
    g_assert_cmpuint(take(&fixture, now_us + 100, now_us + 200, NULL), ==, 1); /* the lease ended */
    g_assert_true(store_work_release_all(&fixture.tx, NULL));
    g_autoptr(GPtrArray) work = NULL;
    g_assert_true(store_work_take(&fixture.tx, now_us, now_us + 1, 10, &work, NULL));
    const StoreWork *charge = work->pdata[0];
    g_assert_cmpint(charge->work, ==, PAY_WORK_CHARGE);
    g_assert_cmpint(charge->tries, ==, 3);
    g_assert_true(id_equal(charge->payment_id, payment->id));
    g_assert_true(store_work_again(&fixture.tx, sequence, now_us + 1000, NULL));
    g_assert_cmpuint(take(&fixture, now_us + 999, now_us + 2000, NULL), ==, 0);
    g_assert_cmpuint(take(&fixture, now_us + 1000, now_us + 2000, NULL), ==, 1);
    g_assert_true(store_work_done(&fixture.tx, sequence, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(store_work_again(&fixture.tx, sequence, 1, &error)); /* what is done is not done again */
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    g_assert_cmpuint(take(&fixture, INT64_MAX - 1, INT64_MAX, NULL), ==, 0);
    g_assert_true(store_work_next_due(&fixture.tx, &due_us, NULL));
    g_assert_cmpint(due_us, ==, INT64_MAX);
    fixture_done(&fixture);
}

/* ---- Receipts ------------------------------------------------------------------------------------------------------------------ */

static void test_receipts(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    const int64_t times_us[] = { FIXTURE_NOW_US, FIXTURE_NOW_US, FIXTURE_NOW_US + 365 * US_PER_DAY };
    const char *const numbers[] = { "R-2026-000001", "R-2026-000002", "R-2027-000001" };
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autofree char *number = g_strdup_printf("FV/%zu", i);
        g_autoptr(Payment) payment = fixture_opened(&fixture, fixture_invoice(&fixture.tx, &fixture.anna_mailbox, number, NULL));
        JSON_AUTO *facts = json_pack("{s:s}", "payee", "Gazownia");
        g_autoptr(StoreReceipt) receipt = NULL;
        g_autoptr(StoreReceipt) again = NULL;
        g_assert_true(sql_savepoint(fixture.sql, NULL)); /* one that fails leaves no gap */
        g_assert_true(store_receipt_issue(&fixture.tx, payment, facts, times_us[i], &receipt, NULL));
        g_assert_true(sql_savepoint_undo(fixture.sql, NULL));
        g_clear_pointer(&receipt, store_receipt_free);
        g_assert_true(store_receipt_issue(&fixture.tx, payment, facts, times_us[i], &receipt, NULL));
        g_assert_cmpstr(receipt->number, ==, numbers[i]);
        g_assert_true(store_receipt_issue(&fixture.tx, payment, NULL, times_us[i] + 5, &again, NULL));
        g_assert_cmpstr(again->number, ==, numbers[i]);
        g_assert_cmpint(again->issued_us, ==, times_us[i]);
        g_assert_true(json_equal(again->facts, facts));
    }
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payments/eight_racing", test_eight_racing);
    g_test_add_func("/payments/anew_only_after_the_end", test_anew_only_after_the_end);
    g_test_add_func("/payments/paid", test_paid);
    g_test_add_func("/payments/stale_writer_loses", test_stale_writer_loses);
    g_test_add_func("/payments/late_success_alone", test_late_success_alone);
    g_test_add_func("/payments/late_success_beside_another", test_late_success_beside_another);
    g_test_add_func("/payments/paid_elsewhere", test_paid_elsewhere);
    g_test_add_func("/payments/who_may_see", test_who_may_see);
    g_test_add_func("/payments/leases", test_leases);
    g_test_add_func("/payments/receipts", test_receipts);
    return g_test_run();
}
