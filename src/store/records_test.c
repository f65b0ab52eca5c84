/* People, invoices, partners, settings, answers, events: what is kept, who gets it, what is refused. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "store_fixture.h"

/* ---- People -------------------------------------------------------------------------------------------------------- */

static void test_accounts(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    g_autoptr(StoreAccount) account = NULL;
    g_autoptr(StoreAccount) missing = NULL;
    g_assert_true(store_account_by_login(tx, "ANNA@example.COM", &account, NULL));
    g_assert_true(id_equal(account->id, fixture.anna->id));
    g_assert_cmpstr(account->login, ==, "anna@example.com");
    g_assert_cmpstr(account->password_hash, ==, "$argon2id$test");
    g_assert_cmpint(account->role, ==, STORE_ROLE_PAYER);
    StoreAccount twin = *fixture.anna;
    twin.organization_id = fixture.other_organization_id;
    expect_error(store_account_create(tx, &twin, &error), SALDO_ERROR_CONFLICT);
    expect_error(store_account_by_login(tx, "nobody", &missing, &error), SALDO_ERROR_NOT_FOUND);
    g_assert_true(store_account_set_language(tx, account, "pl", NULL));
    g_assert_true(store_account_by_login(tx, "anna@example.com", &missing, NULL));
    g_assert_cmpstr(missing->language, ==, "pl");
    StoreAccount nowhere = { .organization_id = id_new(), .login = fixture.group_mailbox.address, .name = fixture.path };
    expect_error(store_account_create(tx, &nowhere, &error), SALDO_ERROR_NOT_FOUND); /* no such organization */
    fixture_done(&fixture);
}

static void test_organizations(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id id;
    expect_error(store_organization_find(&fixture.tx, NULL, &id, &error), SALDO_ERROR_CONFLICT); /* two: name one */
    g_assert_true(store_organization_find(&fixture.tx, "Other", &id, NULL));
    g_assert_true(id_equal(id, fixture.other_organization_id));
    expect_error(store_organization_find(&fixture.tx, "Third", &id, &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_organization_create(&fixture.tx, "Other", &id, &error), SALDO_ERROR_CONFLICT);
    fixture_done(&fixture);
}

static void test_mailboxes(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    const char *const found[] = { "anna@example.com", "Anna@EXAMPLE.com", "anna+bills@example.com", "anna+a+b@example.com" };
    for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
        g_autoptr(StoreMailbox) mailbox = NULL;
        g_assert_true(store_mailbox_by_address(tx, found[i], &mailbox, NULL));
        g_assert_true(id_equal(mailbox->id, fixture.anna_mailbox.id));
    }
    const char *const missing[] = { "ann@example.com", "+anna@example.com", "anna@other.example", "anna", "", "x+anna@example.com",
        "anna@example.com+x", "anna' OR '1'='1" };
    StoreMailbox *mailbox = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(missing); i++)
        expect_error(store_mailbox_by_address(tx, missing[i], &mailbox, &error), SALDO_ERROR_NOT_FOUND);
    g_autoptr(GPtrArray) of_anna = NULL, of_stranger = NULL, groups = NULL;
    g_assert_true(store_mailboxes_of(tx, fixture.anna, &of_anna, NULL));
    g_assert_true(store_mailboxes_of(tx, fixture.stranger, &of_stranger, NULL));
    g_assert_true(store_groups_list(tx, fixture.organization_id, &groups, NULL));
    g_assert_cmpuint(of_anna->len, ==, 2);
    g_assert_cmpuint(of_stranger->len, ==, 0);
    g_assert_cmpuint(groups->len, ==, 1);
    Id id;
    expect_error(store_group_create(tx, fixture.organization_id, "Anna@example.com", "x", &id, &error), SALDO_ERROR_CONFLICT);
    fixture_done(&fixture);
}

static void test_sessions(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    int64_t end_us = time_now_us() + US_PER_HOUR;
    g_autoptr(StoreAccount) account = NULL;
    g_autofree char *csrf = NULL;
    g_assert_true(store_session_create(tx, fixture.anna, "hash-1", "csrf-1", end_us, NULL));
    g_assert_true(store_session_find(tx, "hash-1", end_us - 1, &account, &csrf, NULL));
    g_assert_true(id_equal(account->id, fixture.anna->id));
    g_assert_cmpstr(csrf, ==, "csrf-1");
    StoreAccount *none = NULL;
    char *no_csrf = NULL;
    expect_error(store_session_find(tx, "hash-1", end_us, &none, &no_csrf, &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_session_find(tx, "hash-2", 1, &none, &no_csrf, &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_session_create(tx, fixture.jan, "hash-1", "x", end_us, &error), SALDO_ERROR_CONFLICT);
    g_assert_true(store_session_delete(tx, "hash-1", NULL));
    expect_error(store_session_find(tx, "hash-1", 1, &none, &no_csrf, &error), SALDO_ERROR_NOT_FOUND);
    fixture_done(&fixture);
}

/* ---- Invoices [PAY-002] ---------------------------------------------------------------------------------------------------- */

static void test_identity(void)
{
    static const char merchant[] = "0190E8A1-3C5E-7B6A-9D0F-2B1C4D5E6F70";
    g_autofree char *first = store_invoice_identity("Xero", merchant, "fv/1"), *same = store_invoice_identity("xero",
        "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70", " FV/1 ");
    g_assert_cmpstr(first, ==, same); /* a GUID in capitals, a number with spaces: the same invoice */
    g_autofree char *left = store_invoice_identity("a/b", "c", "d"), *right = store_invoice_identity("a", "b/c", "d");
    g_assert_cmpstr(left, !=, right); /* a slash in a part moves nothing into another */
}

static Id attach(Fixture *fixture, int64_t received_us, const char *due_date, int64_t minor, bool *ret_is_new)
{
    g_autoptr(StoreMessage) message = fixture_message(&fixture->anna_mailbox, received_us, "x", "card");
    g_assert_true(store_message_add(&fixture->tx, message, SPAN("x"), NULL));
    char identity[] = "p/x/m/1";
    g_autofree char *due = g_strdup(due_date);
    StoreInvoice invoice = { .organization_id = fixture->organization_id, .identity = identity, .due_date = due,
        .amount_due = { minor, "PLN" } };
    g_assert_true(store_invoice_attach(&fixture->tx, &invoice, message->id, "json-ld", ret_is_new, NULL));
    g_free(invoice.state);
    return invoice.id;
}

static void expect_amount(Fixture *fixture, Id id, int64_t minor, const char *due_date, const char *state)
{
    g_autoptr(StoreInvoice) invoice = NULL;
    g_assert_true(store_invoice_by_id(&fixture->tx, fixture->organization_id, id, &invoice, NULL));
    g_assert_true(money_equal(invoice->amount_due, (Money){ minor, "PLN" }));
    g_assert_cmpstr(invoice->due_date, ==, due_date);
    g_assert_cmpstr(invoice->state, ==, state);
}

static void test_invoice_mailed_again(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    bool is_new = false;
    Id id = attach(&fixture, FIXTURE_NOW_US, "2026-10-01", 100, &is_new);
    g_assert_true(is_new);
    g_assert_true(id_equal(attach(&fixture, FIXTURE_NOW_US + 1, "2026-10-02", 200, &is_new), id));
    g_assert_false(is_new);
    expect_amount(&fixture, id, 200, "2026-10-02", "due");
    attach(&fixture, FIXTURE_NOW_US - 1, "2026-09-01", 300, &is_new); /* an older mail comes late */
    expect_amount(&fixture, id, 200, "2026-10-02", "due");
    JSON_AUTO *review = json_pack("{s:s}", "id", "r");
    g_assert_true(store_invoice_set_review(&fixture.tx, fixture.organization_id, id, review, (Money){ 250, "PLN" }, "2026-08-01",
        FIXTURE_NOW_US, NULL));
    expect_amount(&fixture, id, 250, "2026-08-01", "past_due");
    attach(&fixture, FIXTURE_NOW_US + 9, "2026-12-01", 999, &is_new); /* a mail does not outrank the biller's answer */
    expect_amount(&fixture, id, 250, "2026-08-01", "past_due");
    fixture_done(&fixture);
}

/* Intake may name the invoice before the mail is there: the mail then finds it. */
static void test_invoice_before_mail(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(StoreMessage) message = fixture_message(&fixture.anna_mailbox, FIXTURE_NOW_US, "x", "card");
    message->id = id_new();
    char identity[] = "p/x/m/1";
    StoreInvoice invoice = { .organization_id = fixture.organization_id, .identity = identity };
    bool is_new = false;
    g_assert_true(store_invoice_attach(&fixture.tx, &invoice, message->id, "json-ld", &is_new, NULL));
    message->invoice_id = invoice.id;
    g_free(invoice.state);
    g_assert_true(store_message_add(&fixture.tx, message, SPAN("x"), NULL));
    StoreFolderCounts counts;
    g_assert_true(store_message_counts(&fixture.tx, fixture.anna, &counts, NULL));
    g_assert_cmpuint(counts.to_pay, ==, 1);
    g_autoptr(StoreInvoice) read = NULL;
    g_assert_true(store_invoice_get(&fixture.tx, fixture.anna, invoice.id, &read, NULL));
    g_assert_true(money_is_none(read->amount_due) && read->model == NULL && read->due_date == NULL);
    fixture_done(&fixture);
}

/* ---- Partners ------------------------------------------------------------------------------------------------------------------ */

static Partner *make_partner(const char *url, const char *processor)
{
    g_autoptr(GError) error = NULL;
    JSON_AUTO *json = json_pack("{s:s,s:s,s:s,s:[s],s:s,s:s,s:s,s:s,s:[{s:s,s:s,s:s,s:s},{s:s,s:s,s:s}]}", "originator", "xero",
        "name", "Xero", "state", "test", "addresses", "bills@xero.example", "payment_request_url", url, "payment_complete_url", url,
        "processor", processor, "processor_url", "https://api.processor.example/", "merchants", "merchant_id",
        "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70", "display_id", "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f71", "legal_name", "Gazownia",
        "state", "pending", "merchant_id", "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f72", "display_id",
        "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f73", "legal_name", "Wodociągi");
    Partner *partner = partner_from_json(json, &error);
    g_assert_no_error(error);
    return partner;
}

static void test_registry(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    Id organization = fixture.organization_id;
    g_autoptr(GError) trouble = NULL;
    g_autoptr(Partner) partner = make_partner("https://bills.xero.example/pay", "sandbox");
    store_partner_put(tx, organization, partner, "admin", &trouble);
    g_assert_no_error(trouble);
    g_assert_true(store_partner_put(tx, organization, partner, "admin", NULL)); /* again: replaced */
    g_assert_true(store_partner_set_state(tx, organization, "xero", PARTNER_APPROVED, "admin", NULL));
    g_assert_true(store_merchant_set_state(tx, organization, "xero", "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70", PARTNER_APPROVED, "admin", NULL));
    expect_error(store_partner_set_state(tx, organization, "nobody", PARTNER_APPROVED, "a", &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_merchant_set_state(tx, organization, "xero", "x", PARTNER_APPROVED, "a", &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_partner_set_state(tx, fixture.other_organization_id, "xero", PARTNER_APPROVED, "a", &error), SALDO_ERROR_NOT_FOUND);
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Registry) other = NULL;
    g_assert_true(store_registry_load(tx, organization, &registry, NULL));
    g_assert_true(store_registry_load(tx, fixture.other_organization_id, &other, NULL));
    g_assert_cmpuint(other->partners->len, ==, 0);
    const Partner *read = registry_find(registry, "xero");
    g_assert_cmpint(read->state, ==, PARTNER_APPROVED);
    g_assert_cmpstr(read->payment_request_url, ==, partner->payment_request_url);
    g_assert_cmpuint(read->merchants->len, ==, 2);
    const Merchant *merchant = read->merchants->pdata[0];
    g_assert_cmpint(merchant->state, ==, PARTNER_APPROVED);
    g_assert_cmpstr(merchant->legal_name, ==, "Gazownia");
    g_assert_cmpint(((Merchant *)read->merchants->pdata[1])->state, ==, PARTNER_PENDING);
    g_autoptr(GPtrArray) audit = NULL;
    g_assert_true(store_audit_search(tx, organization, "partner.state", "admin", 0, 0, 10, &audit, NULL));
    g_assert_cmpuint(audit->len, ==, 1);
    fixture_done(&fixture);
}

/* Plain HTTP is for tests on the same machine: such a partner is not approved. */
static void test_record_must_suit_the_state(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(Partner) partner = make_partner("http://127.0.0.1:8099/pay", "stripe");
    g_assert_true(store_partner_put(&fixture.tx, fixture.organization_id, partner, "admin", NULL));
    g_assert_true(sql_savepoint(fixture.sql, NULL));
    expect_error(store_partner_set_state(&fixture.tx, fixture.organization_id, "xero", PARTNER_APPROVED, "a", &error), SALDO_ERROR_BAD_INPUT);
    g_assert_true(sql_savepoint_undo(fixture.sql, NULL));
    fixture_done(&fixture);
}

/* ---- Settings -------------------------------------------------------------------------------------------------------------------- */

static void put(Fixture *fixture, const char *scope, const char *name, const char *value)
{
    g_autoptr(GError) error = NULL;
    store_setting_put(&fixture->tx, fixture->organization_id, scope, name, value, "admin", "Set-OrganizationConfig -X", &error);
    g_assert_no_error(error);
}

static PolicySettings *policy(Fixture *fixture, const char *address)
{
    PolicySettings *settings = NULL;
    g_assert_true(store_policy_load(&fixture->tx, fixture->organization_id, address, &settings, NULL));
    return settings;
}

static void test_policy(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(PolicySettings) before = policy(&fixture, "anna@example.com");
    g_assert_true(before->organization[POLICY_PAYMENTS] && before->group_connectors && before->group_address == NULL);
    put(&fixture, "organization", "outlookpayenabled", "$false");
    put(&fixture, "organization", STORE_SETTING_ROLLOUT, "percent");
    put(&fixture, "organization", STORE_SETTING_ROLLOUT_PERCENT, "25");
    put(&fixture, "organization", STORE_SETTING_ROLLOUT_LISTED, "A@b.example, c@d.example");
    put(&fixture, "Accounts@Example.com", "ConnectorsEnabled", "false");
    g_autoptr(PolicySettings) person = policy(&fixture, "anna@example.com");
    g_autoptr(PolicySettings) group = policy(&fixture, "ACCOUNTS@example.com");
    g_assert_false(person->organization[POLICY_PAYMENTS]);
    g_assert_true(person->organization[POLICY_CONNECTORS] && person->group_connectors);
    g_assert_cmpint(person->rollout, ==, POLICY_ROLLOUT_PERCENT);
    g_assert_cmpuint(person->rollout_percent, ==, 25);
    g_assert_cmpuint(person->rollout_listed->len, ==, 2);
    g_assert_cmpstr(person->rollout_listed->pdata[0], ==, "a@b.example");
    g_assert_cmpstr(group->group_address, ==, "accounts@example.com");
    g_assert_false(group->group_connectors);
    g_assert_true(group->organization[POLICY_CONNECTORS]);
    g_autofree char *value = NULL;
    g_assert_true(store_setting_get(&fixture.tx, fixture.organization_id, "organization", "OutlookPayEnabled", &value, NULL));
    g_assert_cmpstr(value, ==, "false");
    g_autoptr(GPtrArray) audit = NULL;
    g_assert_true(store_audit_search(&fixture.tx, fixture.organization_id, "Set-OrganizationConfig", "admin", 0, 0, 10, &audit, NULL));
    g_assert_cmpuint(audit->len, ==, 5);
    fixture_done(&fixture);
}

static void test_refused_settings(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    Id id = fixture.organization_id;
    const struct { const char *scope, *name, *value; int code; } cases[] = {
        { "organization", "OutlookPayEnabled", "yes", SALDO_ERROR_BAD_INPUT },
        { "organization", "NoSuchSetting", "true", SALDO_ERROR_BAD_INPUT },
        { "organization", STORE_SETTING_ROLLOUT, "some", SALDO_ERROR_BAD_INPUT },
        { "organization", STORE_SETTING_ROLLOUT_PERCENT, "101", SALDO_ERROR_BAD_INPUT },
        { "organization", STORE_SETTING_ROLLOUT_PERCENT, "-1", SALDO_ERROR_BAD_INPUT },
        { "accounts@example.com", "OutlookPayEnabled", "true", SALDO_ERROR_BAD_INPUT }, /* no group form of it */
        { "anna@example.com", "ConnectorsEnabled", "true", SALDO_ERROR_NOT_FOUND },     /* no person form of any */
        { "nobody@example.com", "ConnectorsEnabled", "true", SALDO_ERROR_NOT_FOUND },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_error(store_setting_put(tx, id, cases[i].scope, cases[i].name, cases[i].value, "a", NULL, &error), cases[i].code);
    char *value = NULL;
    expect_error(store_setting_get(tx, id, "organization", "OutlookPayEnabled", &value, &error), SALDO_ERROR_NOT_FOUND);
    fixture_done(&fixture);
}

/* ---- Answers, secrets, events, audit ------------------------------------------------------------------------------------------------ */

static void test_answers(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    int status = 0;
    g_autofree char *body = NULL;
    char *none = NULL;
    expect_error(store_answer_get(tx, fixture.anna, "k", "h", &status, &none, &error), SALDO_ERROR_NOT_FOUND);
    g_assert_true(store_answer_put(tx, fixture.anna, "k", "h", 202, "{\"id\":1}", 5, NULL));
    g_assert_true(store_answer_get(tx, fixture.anna, "k", "h", &status, &body, NULL));
    g_assert_cmpint(status, ==, 202);
    g_assert_cmpstr(body, ==, "{\"id\":1}");
    expect_error(store_answer_get(tx, fixture.anna, "k", "other", &status, &none, &error), SALDO_ERROR_CONFLICT);
    expect_error(store_answer_put(tx, fixture.anna, "k", "h", 200, "", 6, &error), SALDO_ERROR_CONFLICT);
    expect_error(store_answer_get(tx, fixture.jan, "k", "h", &status, &none, &error), SALDO_ERROR_NOT_FOUND);
    g_autofree char *long_key = g_strnfill(256, 'k');
    expect_error(store_answer_put(tx, fixture.anna, long_key, "h", 200, "", 6, &error), SALDO_ERROR_LIMIT);
    expect_error(store_answer_put(tx, fixture.anna, "", "h", 200, "", 6, &error), SALDO_ERROR_LIMIT);
    fixture_done(&fixture);
}

static void test_secrets(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    char *none = NULL;
    g_autofree char *value = NULL;
    expect_error(store_secret_get(&fixture.tx, "token-key", &none, &error), SALDO_ERROR_NOT_FOUND);
    g_assert_true(store_secret_put(&fixture.tx, "token-key", "1", NULL));
    g_assert_true(store_secret_put(&fixture.tx, "token-key", "2", NULL));
    g_assert_true(store_secret_get(&fixture.tx, "token-key", &value, NULL));
    g_assert_cmpstr(value, ==, "2");
    fixture_done(&fixture);
}

static void test_events(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    int64_t start = -1, latest = 0;
    g_assert_true(store_event_latest(tx, &start, NULL));
    g_assert_cmpint(start, ==, 0);
    Id message_id, invoice_id = fixture_invoice(tx, &fixture.anna_mailbox, "FV/1", &message_id);
    g_assert_true(store_event_add(tx, fixture.organization_id, "policy", ID_NONE, ID_NONE, NULL));
    g_assert_true(store_invoice_set_paid_elsewhere(tx, fixture.organization_id, invoice_id, NULL, 1, NULL));
    g_autoptr(GPtrArray) events = NULL;
    g_assert_true(store_events_after(tx, start, 10, &events, NULL));
    g_assert_cmpuint(events->len, ==, 3);
    const StoreEvent *message = events->pdata[0], *changed = events->pdata[1], *paid = events->pdata[2];
    g_assert_cmpstr(message->topic, ==, "message");
    g_assert_true(id_equal(message->subject_id, message_id) && id_equal(message->mailbox_id, fixture.anna_mailbox.id));
    g_assert_cmpstr(changed->topic, ==, "policy");
    g_assert_true(id_is_none(changed->mailbox_id));
    g_assert_cmpstr(paid->topic, ==, "payment");
    g_assert_true(store_event_latest(tx, &latest, NULL));
    g_assert_cmpint(paid->sequence, ==, latest);
    g_assert_true(message->sequence < changed->sequence && changed->sequence < paid->sequence);
    fixture_done(&fixture);
}

static void test_old_events_go(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_assert_true(sql_script(fixture.sql, "INSERT INTO event (sequence, organization_id, topic, at_us) VALUES (5, 'o', 'old', 1),"
                                          " (131071, 'o', 'new', 1)", NULL));
    g_assert_true(store_event_add(&fixture.tx, fixture.organization_id, "policy", ID_NONE, ID_NONE, NULL)); /* number 131072 */
    g_autoptr(GPtrArray) events = NULL;
    g_assert_true(store_events_after(&fixture.tx, 0, 10, &events, NULL));
    g_assert_cmpuint(events->len, ==, 2);
    g_assert_cmpstr(((StoreEvent *)events->pdata[0])->topic, ==, "new");
    fixture_done(&fixture);
}

static void test_audit_search(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    for (int i = 0; i < 6; i++)
        g_assert_true(audit_add_at(tx, fixture.organization_id, i % 2 ? "anna" : "jan", i < 3 ? "one" : "two", "s", NULL, 100 + i, NULL));
    const struct { const char *action, *actor; int64_t from_us, to_us; unsigned limit, count; int64_t first; } cases[] = {
        { NULL, NULL, 0, 0, 10, 6, 6 }, { "one", NULL, 0, 0, 10, 3, 3 }, { NULL, "anna", 0, 0, 10, 3, 6 }, { "two", "jan", 0, 0, 10, 1, 5 },
        { NULL, NULL, 102, 104, 10, 3, 5 }, { NULL, NULL, 0, 0, 2, 2, 6 }, { "three", NULL, 0, 0, 10, 0, 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) rows = NULL;
        g_assert_true(store_audit_search(tx, fixture.organization_id, cases[i].action, cases[i].actor, cases[i].from_us, cases[i].to_us,
            cases[i].limit, &rows, NULL));
        g_assert_cmpuint(rows->len, ==, cases[i].count);
        if (rows->len > 0)
            g_assert_cmpint(((StoreAudit *)rows->pdata[0])->sequence, ==, cases[i].first);
    }
    g_autoptr(GPtrArray) foreign = NULL;
    g_assert_true(store_audit_search(tx, fixture.other_organization_id, NULL, NULL, 0, 0, 10, &foreign, NULL));
    g_assert_cmpuint(foreign->len, ==, 0);
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/records/accounts", test_accounts);
    g_test_add_func("/records/organizations", test_organizations);
    g_test_add_func("/records/mailboxes", test_mailboxes);
    g_test_add_func("/records/sessions", test_sessions);
    g_test_add_func("/records/identity", test_identity);
    g_test_add_func("/records/invoice_mailed_again", test_invoice_mailed_again);
    g_test_add_func("/records/invoice_before_mail", test_invoice_before_mail);
    g_test_add_func("/records/registry", test_registry);
    g_test_add_func("/records/record_must_suit_the_state", test_record_must_suit_the_state);
    g_test_add_func("/records/policy", test_policy);
    g_test_add_func("/records/refused_settings", test_refused_settings);
    g_test_add_func("/records/answers", test_answers);
    g_test_add_func("/records/secrets", test_secrets);
    g_test_add_func("/records/events", test_events);
    g_test_add_func("/records/old_events_go", test_old_events_go);
    g_test_add_func("/records/audit_search", test_audit_search);
    return g_test_run();
}
