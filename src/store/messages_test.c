/* Mails: kept whole, listed in order, searchable, and seen only by those who may. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "store_fixture.h"

static Id add(Fixture *fixture, const StoreMailbox *mailbox, int64_t received_us, const char *subject)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreMessage) message = fixture_message(mailbox, received_us, subject, "plain");
    g_assert_true(store_message_add(&fixture->tx, message, SPAN("Subject: x\r\n\r\nbody\r\n"), &error));
    return message->id;
}

static GPtrArray *list(Fixture *fixture, const StoreAccount *account, StoreMessageQuery query)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *messages = NULL;
    store_message_list(&fixture->tx, account, &query, &messages, &error);
    g_assert_no_error(error);
    return messages;
}

static unsigned found(Fixture *fixture, const StoreAccount *account, const char *search)
{
    g_autoptr(GPtrArray) messages = list(fixture, account, (StoreMessageQuery){ .search = search, .limit = 50 });
    return messages->len;
}

/* ---- One mail -------------------------------------------------------------------------------------------------- */

static void test_kept_whole(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = g_malloc(300000);
    for (int i = 0; i < 300000; i++)
        bytes[i] = (char)((unsigned)i * (unsigned)i >> 7); /* every byte value, NUL too */
    g_autoptr(StoreMessage) message = fixture_message(&fixture.anna_mailbox, FIXTURE_NOW_US, "FV/7", "hold");
    g_assert_true(store_message_pack(message, (Span){ bytes, 300000 }, &error));
    g_assert_true(store_message_add(&fixture.tx, message, SPAN_EMPTY, &error));
    g_autoptr(GBytes) raw = NULL;
    g_assert_true(store_message_raw(&fixture.tx, fixture.anna, message->id, &raw, &error));
    g_assert_cmpmem(g_bytes_get_data(raw, NULL), g_bytes_get_size(raw), bytes, 300000);
    g_autoptr(StoreMessage) read = NULL;
    g_assert_true(store_message_get(&fixture.tx, fixture.anna, message->id, &read, &error));
    g_assert_cmpstr(read->subject, ==, "FV/7");
    g_assert_cmpstr(read->from_name, ==, "Zażółć Gaz Sp. z o.o.");
    g_assert_cmpstr(read->mailbox_address, ==, "anna@example.com");
    g_assert_cmpstr(read->verdict_kind, ==, "hold");
    g_assert_cmpuint(read->bytes, ==, 300000);
    g_assert_true(json_equal(read->extraction, message->extraction));
    g_assert_true(json_equal(read->authentication, message->authentication));
    g_assert_true(json_equal(read->verdict, message->verdict) && json_equal(read->envelope, message->envelope));
    g_assert_true(id_is_none(read->invoice_id) && read->invoice_state == NULL && !read->seen);
    fixture_done(&fixture);
}

static void test_too_large(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreMessage) message = store_message_new();
    g_autofree char *bytes = g_malloc0(LIMIT_MESSAGE_BYTES + 1);
    g_assert_false(store_message_pack(message, (Span){ bytes, LIMIT_MESSAGE_BYTES + 1 }, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
}

/* A row that lies about its length, or whose bytes are another's, is an error and never an allocation by its word. */
static void test_damaged_bytes(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id id = add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "a");
    const char *const damages[] = { "UPDATE message SET bytes = 99999999999", "UPDATE message SET bytes = -1",
        "UPDATE message SET bytes = 19", "UPDATE message_raw SET zstd = x'28b52ffd'", "UPDATE message_raw SET zstd = x''" };
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autoptr(GError) error = NULL;
        GBytes *raw = NULL;
        g_assert_true(sql_savepoint(fixture.sql, NULL));
        g_assert_true(sql_script(fixture.sql, damages[i], NULL));
        g_assert_false(store_message_raw(&fixture.tx, fixture.anna, id, &raw, &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_IO);
        g_assert_true(sql_savepoint_undo(fixture.sql, NULL));
    }
    fixture_done(&fixture);
}

static void expect_hidden(Fixture *fixture, const StoreAccount *account, Id id)
{
    StoreMessage *message = NULL;
    GBytes *raw = NULL;
    g_autoptr(GError) first = NULL, second = NULL, third = NULL;
    g_assert_false(store_message_get(&fixture->tx, account, id, &message, &first));
    g_assert_false(store_message_raw(&fixture->tx, account, id, &raw, &second));
    g_assert_false(store_message_mark_seen(&fixture->tx, account, id, true, &third));
    g_assert_error(first, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    g_assert_error(second, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    g_assert_error(third, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
}

static void test_who_may_read(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id own = add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "own");
    Id shared = add(&fixture, &fixture.group_mailbox, FIXTURE_NOW_US, "shared");
    expect_hidden(&fixture, fixture.jan, own);
    expect_hidden(&fixture, fixture.stranger, own);
    expect_hidden(&fixture, fixture.stranger, shared);
    expect_hidden(&fixture, fixture.anna, id_new());
    g_autoptr(StoreMessage) message = NULL;
    g_assert_true(store_message_get(&fixture.tx, fixture.jan, shared, &message, NULL));
    g_assert_true(store_message_mark_seen(&fixture.tx, fixture.jan, shared, true, NULL));
    StoreAccount forged = *fixture.stranger; /* a right account id in the wrong organization */
    forged.id = fixture.anna->id;
    expect_hidden(&fixture, &forged, own);
    g_assert_cmpuint(found(&fixture, fixture.jan, "own"), ==, 0);
    g_assert_cmpuint(found(&fixture, fixture.jan, "shared"), ==, 1);
    g_assert_cmpuint(found(&fixture, fixture.stranger, "shared"), ==, 0);
    fixture_done(&fixture);
}

/* ---- The list ------------------------------------------------------------------------------------------------------ */

/* Anna reads two mailboxes; many mails share a microsecond; new ones come while she turns the pages. */
static void test_pages(void)
{
    enum { MAILS = 90, PAGE = 7 };
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(GHashTable) expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < MAILS; i++) {
        const StoreMailbox *mailbox = i % 3 == 0 ? &fixture.group_mailbox : &fixture.anna_mailbox;
        Id id = add(&fixture, mailbox, FIXTURE_NOW_US + i / 10, "page");
        g_hash_table_add(expected, g_strdup(id.text));
    }
    StoreMessageQuery query = { .limit = PAGE };
    int64_t last_us = INT64_MAX;
    Id last_id = ID_NONE;
    for (bool more = true; more;) {
        g_autoptr(GPtrArray) messages = list(&fixture, fixture.anna, query);
        for (guint i = 0; i < messages->len; i++) {
            const StoreMessage *message = messages->pdata[i];
            g_assert_true(message->received_us < last_us
                || (message->received_us == last_us && strcmp(message->id.text, last_id.text) < 0));
            g_assert_true(g_hash_table_remove(expected, message->id.text)); /* each once, none that came later */
            query.before_us = last_us = message->received_us;
            query.before_id = last_id = message->id;
        }
        more = messages->len == PAGE;
        add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US + 1000, "newer");
    }
    g_assert_cmpuint(g_hash_table_size(expected), ==, 0);
    fixture_done(&fixture);
}

/* The same order and the same cursor when searching, where mails come out of order and many share a microsecond. */
static void test_search_pages(void)
{
    enum { MAILS = 2600, SAME = 2200, PAGE = 97 };
    Fixture fixture;
    fixture_open(&fixture);
    for (int i = 0; i < MAILS; i++) /* more of one microsecond than it has keys; the rest in falling order of arrival */
        add(&fixture, &fixture.anna_mailbox, i < SAME ? FIXTURE_NOW_US : FIXTURE_NOW_US + MAILS - i - 200, "needle");
    add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "straw");
    StoreMessageQuery query = { .limit = PAGE, .search = "needle" };
    int64_t last_us = INT64_MAX;
    Id last_id = ID_NONE;
    int seen = 0;
    for (bool more = true; more;) {
        g_autoptr(GPtrArray) messages = list(&fixture, fixture.anna, query);
        for (guint i = 0; i < messages->len; i++, seen++) {
            const StoreMessage *message = messages->pdata[i];
            g_assert_true(message->received_us < last_us
                || (message->received_us == last_us && strcmp(message->id.text, last_id.text) < 0));
            query.before_us = last_us = message->received_us;
            query.before_id = last_id = message->id;
        }
        more = messages->len == PAGE;
    }
    g_assert_cmpint(seen, ==, MAILS);
    fixture_done(&fixture);
}

static void test_page_limits(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    GPtrArray *messages = NULL;
    const unsigned limits[] = { 0, 201 };
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(store_message_list(&fixture.tx, fixture.anna, &(StoreMessageQuery){ .limit = limits[i] }, &messages, &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    }
    fixture_done(&fixture);
}

/* Each reader's newest copy, not the newest of all. */
static void test_mail_of_an_invoice(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    Id shared, own, found;
    Id invoice = fixture_invoice(&fixture.tx, &fixture.group_mailbox, "FV/1", &shared);
    fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", &own); /* the same time, a later id */
    g_assert_true(store_message_of_invoice(&fixture.tx, fixture.anna, invoice, &found, NULL));
    g_assert_true(id_equal(found, own));
    g_assert_true(store_message_of_invoice(&fixture.tx, fixture.jan, invoice, &found, NULL));
    g_assert_true(id_equal(found, shared));
    g_autoptr(GError) error = NULL;
    g_assert_false(store_message_of_invoice(&fixture.tx, fixture.stranger, invoice, &found, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    fixture_done(&fixture);
}

static void expect_counts(Fixture *fixture, uint64_t inbox, uint64_t unseen, uint64_t to_pay, uint64_t paid)
{
    StoreFolderCounts counts;
    g_assert_true(store_message_counts(&fixture->tx, fixture->anna, &counts, NULL));
    g_assert_cmpuint(counts.inbox, ==, inbox);
    g_assert_cmpuint(counts.unseen, ==, unseen);
    g_assert_cmpuint(counts.to_pay, ==, to_pay);
    g_assert_cmpuint(counts.paid, ==, paid);
    g_assert_cmpuint(counts.scheduled, ==, 0);
    g_autoptr(GPtrArray) due = list(fixture, fixture->anna, (StoreMessageQuery){ .folder = STORE_FOLDER_TO_PAY, .limit = 50 });
    g_autoptr(GPtrArray) done = list(fixture, fixture->anna, (StoreMessageQuery){ .folder = STORE_FOLDER_PAID, .limit = 50 });
    g_assert_cmpuint(due->len, ==, to_pay);
    g_assert_cmpuint(done->len, ==, paid);
}

static void test_folders(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(GError) error = NULL;
    Id first_mail, plain = add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "plain");
    Id invoice = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", &first_mail);
    Id same = fixture_invoice(&fixture.tx, &fixture.group_mailbox, "fv/1", NULL); /* mailed again [PAY-002] */
    g_assert_true(id_equal(invoice, same));
    fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/2", NULL);
    expect_counts(&fixture, 4, 4, 3, 0);
    g_assert_true(store_message_mark_seen(&fixture.tx, fixture.anna, plain, true, &error));
    expect_counts(&fixture, 4, 3, 3, 0);
    g_assert_true(store_invoice_set_paid_elsewhere(&fixture.tx, fixture.organization_id, invoice, "C-1", FIXTURE_NOW_US, &error));
    expect_counts(&fixture, 4, 3, 1, 2); /* both mails of it moved */
    g_autoptr(StoreMessage) message = NULL;
    g_assert_true(store_message_get(&fixture.tx, fixture.anna, first_mail, &message, &error));
    g_assert_cmpstr(message->invoice_state, ==, "complete");
    g_assert_true(id_equal(message->invoice_id, invoice));
    g_assert_cmpuint(found(&fixture, fixture.anna, "FV/2"), ==, 1);
    g_autoptr(GPtrArray) both = list(&fixture, fixture.anna,
        (StoreMessageQuery){ .folder = STORE_FOLDER_PAID, .search = "gazownia", .limit = 50 });
    g_assert_cmpuint(both->len, ==, 2);
    fixture_done(&fixture);
}

/* ---- Folders follow the policy of each mailbox ---- */

static void set(Fixture *fixture, const char *scope, const char *name, const char *value)
{
    g_autoptr(GError) error = NULL;
    store_setting_put(&fixture->tx, fixture->organization_id, scope, name, value, "test", NULL, &error);
    g_assert_no_error(error);
}

static unsigned found_paid(Fixture *fixture, const char *search)
{
    g_autoptr(GPtrArray) messages
        = list(fixture, fixture->anna, (StoreMessageQuery){ .folder = STORE_FOLDER_PAID, .search = search, .limit = 50 });
    return messages->len;
}

static void pay(Fixture *fixture, Id invoice)
{
    g_autoptr(Payment) payment = fixture_opened(fixture, invoice);
    fixture_must_apply(&fixture->tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(&fixture->tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US);
}

static void test_folders_follow_policy(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    g_autoptr(GError) error = NULL;
    fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/1", NULL);
    fixture_invoice(&fixture.tx, &fixture.group_mailbox, "FV/2", NULL);
    pay(&fixture, fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/3", NULL));
    Id elsewhere = fixture_invoice(&fixture.tx, &fixture.anna_mailbox, "FV/4", NULL);
    g_assert_true(store_invoice_set_paid_elsewhere(&fixture.tx, fixture.organization_id, elsewhere, "C-1", FIXTURE_NOW_US, &error));
    expect_counts(&fixture, 4, 4, 2, 2);
    set(&fixture, fixture.group_mailbox.address, "ConnectorsEnabled", "false");
    expect_counts(&fixture, 4, 4, 1, 2); /* the group's mailbox alone */
    set(&fixture, "organization", "OutlookPayEnabled", "false");
    expect_counts(&fixture, 4, 4, 0, 1); /* what was paid from here is history */
    g_assert_cmpuint(found_paid(&fixture, "gazownia"), ==, 1);
    g_assert_cmpuint(found_paid(&fixture, "FV/4"), ==, 0);
    g_assert_cmpuint(found(&fixture, fixture.anna, "gazownia"), ==, 4); /* the inbox has all */
    set(&fixture, "organization", "OutlookPayEnabled", "true");
    set(&fixture, fixture.group_mailbox.address, "ConnectorsEnabled", "true");
    expect_counts(&fixture, 4, 4, 2, 2); /* and back, mails not touched */
    set(&fixture, "organization", STORE_SETTING_ROLLOUT, "listed");
    expect_counts(&fixture, 4, 4, 0, 1);
    set(&fixture, "organization", STORE_SETTING_ROLLOUT_LISTED, fixture.anna_mailbox.address);
    expect_counts(&fixture, 4, 4, 1, 2);
    fixture_done(&fixture);
}

static void test_list_fields(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "with invoice");
    g_autoptr(StoreMessage) bare = fixture_message(&fixture.anna_mailbox, FIXTURE_NOW_US - 1, "bare", "plain");
    json_object_clear(bare->extraction);
    g_assert_true(store_message_add(&fixture.tx, bare, SPAN("x"), NULL));
    g_autoptr(GPtrArray) messages = list(&fixture, fixture.anna, (StoreMessageQuery){ .limit = 10 });
    const StoreMessage *first = messages->pdata[0], *second = messages->pdata[1];
    g_assert_true(first->has_invoice && !second->has_invoice);
    g_assert_null(first->extraction);
    g_assert_null(first->authentication);
    g_assert_null(first->verdict);
    fixture_done(&fixture);
}

/* ---- Search ----------------------------------------------------------------------------------------------------------- */

static void test_search(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "FV/2026/09/17");
    add(&fixture, &fixture.anna_mailbox, FIXTURE_NOW_US, "Żółta łódź");
    const struct { const char *typed; unsigned count; } cases[] = {
        { "zazolc", 2 }, { "ZAŻÓŁĆ", 2 }, { "gaz.example", 2 }, { "2026/09", 1 }, { "fv/2026", 1 }, { "123.45", 2 },
        { "gazow", 2 }, { "zolta", 1 }, { "bill please", 2 }, { "bill nowhere", 0 }, { "nowhere", 0 },
        { "", 0 }, { "   ", 0 }, { "\"", 0 }, { "***", 0 }, { "-", 0 },
        /* the syntax of the search engine is only words here */
        { "mailbox : x", 0 }, { "gaz OR nowhere", 0 }, { "NEAR(gaz bill)", 0 }, { "content:gaz", 0 }, { "\"gaz", 2 }, { "gaz*", 2 },
        { "^gaz", 2 }, { "(gaz", 2 }, { "gaz)", 2 }, { "{gaz", 2 }, { "a\xff\xfe", 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("search %zu", i);
        g_assert_cmpuint(found(&fixture, fixture.anna, cases[i].typed), ==, cases[i].count);
    }
    g_autofree char *long_text = g_strnfill(100000, 'a');
    g_assert_cmpuint(found(&fixture, fixture.anna, long_text), ==, 0);
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/messages/kept_whole", test_kept_whole);
    g_test_add_func("/messages/too_large", test_too_large);
    g_test_add_func("/messages/damaged_bytes", test_damaged_bytes);
    g_test_add_func("/messages/who_may_read", test_who_may_read);
    g_test_add_func("/messages/pages", test_pages);
    g_test_add_func("/messages/search_pages", test_search_pages);
    g_test_add_func("/messages/page_limits", test_page_limits);
    g_test_add_func("/messages/mail-of-an-invoice", test_mail_of_an_invoice);
    g_test_add_func("/messages/folders", test_folders);
    g_test_add_func("/messages/folders_follow_policy", test_folders_follow_policy);
    g_test_add_func("/messages/list_fields", test_list_fields);
    g_test_add_func("/messages/search", test_search);
    return g_test_run();
}
