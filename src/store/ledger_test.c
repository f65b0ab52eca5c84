/* The ledger and the audit log [PAY-012]: balanced, append-only, and whatever is done to the file behind the program's
 * back is found. */
#include <sqlite3.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "store_fixture.h"

typedef struct Verify { Id organization_id; GPtrArray *balances; } Verify;

static bool verify_ledger(StoreTx *tx, void *context, GError **error)
{
    Verify *verify = context;
    return store_ledger_verify(tx, verify->organization_id, &verify->balances, error);
}

static bool verify_audit(StoreTx *tx, void *context, GError **error)
{
    Verify *verify = context;
    return store_audit_verify(tx, verify->organization_id, error);
}

static void prepare_books(Fixture *fixture)
{
    fixture_open(fixture);
    for (int i = 0; i < 3; i++) {
        g_autofree char *number = g_strdup_printf("FV/%d", i);
        g_autoptr(Payment) payment = fixture_opened(fixture, fixture_invoice(&fixture->tx, &fixture->anna_mailbox, number, NULL));
        fixture_must_apply(&fixture->tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
        fixture_must_apply(&fixture->tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US);
    }
    fixture_leave(fixture);
}

/* NULL where all is well, else what was found. */
static char *verdict_on(const Fixture *fixture, StoreUnit *unit, guint *ret_balances)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = store_open(fixture->path, NULL, NULL);
    Verify verify = { .organization_id = fixture->organization_id };
    bool is_good = store_read(store, unit, &verify, &error);
    if (ret_balances != NULL)
        *ret_balances = verify.balances != NULL ? verify.balances->len : 0;
    g_clear_pointer(&verify.balances, g_ptr_array_unref);
    if (!is_good)
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
    return is_good ? NULL : g_strdup(error->message);
}

static void test_untouched(void)
{
    Fixture fixture;
    prepare_books(&fixture);
    guint balances = 0;
    g_assert_null(verdict_on(&fixture, verify_ledger, &balances));
    g_assert_cmpuint(balances, ==, 3); /* payer:pending, payer:card, biller:due */
    g_assert_null(verdict_on(&fixture, verify_audit, NULL));
    g_assert_cmpint(fixture_number(fixture.path,
                        "SELECT abs(sum(amount_minor)) FROM posting WHERE account = 'payer:card'"), ==, 3 * 12345);
    fixture_done(&fixture);
}

static void test_append_only(void)
{
    Fixture fixture;
    prepare_books(&fixture);
    const char *const changes[] = { "UPDATE posting SET amount_minor = 1", "DELETE FROM posting", "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit" };
    sqlite3 *raw = NULL;
    g_assert_cmpint(sqlite3_open(fixture.path, &raw), ==, SQLITE_OK);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++)
        g_assert_cmpint(sqlite3_exec(raw, changes[i], NULL, NULL, NULL), ==, SQLITE_CONSTRAINT);
    sqlite3_close(raw);
    fixture_done(&fixture);
}

static void expect_found(const char *tampering, StoreUnit *unit, const char *word)
{
    Fixture fixture;
    prepare_books(&fixture);
    fixture_tamper(fixture.path, "DROP TRIGGER posting_no_update; DROP TRIGGER posting_no_delete;"
                                 "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete");
    fixture_tamper(fixture.path, tampering);
    g_autofree char *found = verdict_on(&fixture, unit, NULL);
    g_test_message("%s → %s", tampering, found);
    g_assert_nonnull(found);
    g_assert_nonnull(strstr(found, word));
    fixture_done(&fixture);
}

static void test_tampering_is_found(void)
{
    expect_found("UPDATE posting SET amount_minor = amount_minor + 1 WHERE sequence = 5", verify_ledger, "row 5");
    expect_found("UPDATE posting SET account = 'payer:mine' WHERE sequence = 1", verify_ledger, "row 1:");
    expect_found("UPDATE posting SET at_us = at_us + 1 WHERE sequence = 3", verify_ledger, "row 3");
    expect_found("UPDATE posting SET currency = 'EUR' WHERE sequence = 4", verify_ledger, "row 4");
    expect_found("DELETE FROM posting WHERE sequence = 2", verify_ledger, "row 2");
    expect_found("DELETE FROM posting WHERE sequence >= 9", verify_ledger, "12 rows were written");
    expect_found("DELETE FROM posting", verify_ledger, "12 rows were written");
    expect_found("INSERT INTO posting SELECT organization_id, 99, payment_id, account, 0, currency, at_us, hash FROM posting"
                 " WHERE sequence = 1", verify_ledger, "row 13");
    expect_found("UPDATE audit SET actor = 'somebody' WHERE sequence = 2", verify_audit, "row 2");
    expect_found("UPDATE audit SET details = '{}' WHERE sequence = 6", verify_audit, "row 6");
    expect_found("DELETE FROM audit WHERE sequence = 9", verify_audit, "9 rows were written");
}

/* Somebody who recomputes the whole chain still has to make the sums agree. */
static void test_unbalanced_is_found(void)
{
    Fixture fixture;
    prepare_books(&fixture);
    Sql *sql = sql_connect(fixture.path, false, NULL);
    g_assert_true(sql_script(sql, "DROP TRIGGER posting_no_update; DROP TRIGGER posting_no_delete", NULL));
    g_assert_true(sql_begin_write(sql, NULL));
    StoreTx tx = { .sql = sql };
    ChainLink link;
    g_assert_true(chain_head(&tx, fixture.organization_id, "posting", &link, NULL));
    Id payment_id = id_new();
    JSON_AUTO *row = json_pack("{s:s,s:s,s:s,s:i,s:s,s:i}", "organization_id", fixture.organization_id.text, "payment_id",
        payment_id.text, "account", "payer:card", "amount_minor", 5, "currency", "PLN", "at_us", 7);
    chain_advance(&link, row);
    g_assert_true(sql_run(&tx, "INSERT INTO posting VALUES ($1, $2, $3, 'payer:card', 5, 'PLN', 7, $4)",
        SQL_WITH(sql_id(fixture.organization_id), sql_int(link.sequence), sql_id(payment_id), sql_str(link.hash)), NULL, NULL));
    g_assert_true(chain_keep(&tx, fixture.organization_id, "posting", &link, NULL));
    g_assert_true(sql_commit(sql, NULL));
    sql_disconnect(sql);
    g_autofree char *found = verdict_on(&fixture, verify_ledger, NULL);
    g_assert_nonnull(strstr(found, "do not sum to zero"));
    g_assert_nonnull(strstr(found, payment_id.text));
    fixture_done(&fixture);
}

/* [PAY-012] A decision that does not balance is a bug: the process ends rather than write it. */
static void test_unbalanced_decision_aborts(void)
{
    if (g_test_subprocess()) {
        Fixture fixture;
        fixture_open(&fixture);
        g_autoptr(Payment) payment = fixture_payment(fixture.anna, id_new());
        PayDecision decision = { .posting_count = 1, .postings = { { "payer:card", { 1, "PLN" } } } };
        ledger_post(&fixture.tx, payment, &decision, 1, NULL);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*sum.minor == 0*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/untouched", test_untouched);
    g_test_add_func("/ledger/append_only", test_append_only);
    g_test_add_func("/ledger/tampering_is_found", test_tampering_is_found);
    g_test_add_func("/ledger/unbalanced_is_found", test_unbalanced_is_found);
    g_test_add_func("/ledger/unbalanced_decision_aborts", test_unbalanced_decision_aborts);
    return g_test_run();
}
