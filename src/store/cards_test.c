/* Cards and billing profiles: whose they are, which is the default, when one may go, and that it is gone then. */
#include <string.h>

#include "base/error.h"
#include "store_fixture.h"

/* ---- Cards ------------------------------------------------------------------------------------------------------------ */

static Id add_card(StoreTx *tx, const StoreAccount *account, const char *secret, bool is_default)
{
    g_autoptr(GError) error = NULL;
    char processor[] = "sandbox", brand[] = "visa", last4[] = "4242", expiry[] = "08/28", holder[] = "Anna Nowak";
    StoreCard card = { .organization_id = account->organization_id, .id = id_new(), .account_id = account->id,
        .processor = processor, .brand = brand, .last4 = last4, .expiry = expiry, .holder = holder, .version = 1,
        .is_default = is_default };
    g_autoptr(GBytes) sealed = g_bytes_new(secret, strlen(secret));
    card.sealed = sealed;
    store_card_add(tx, &card, &error);
    g_assert_no_error(error);
    return card.id;
}

static Id default_card(StoreTx *tx, const StoreAccount *account)
{
    g_autoptr(GPtrArray) cards = NULL;
    g_assert_true(store_card_list(tx, account, &cards, NULL));
    unsigned defaults = 0;
    for (guint i = 0; i < cards->len; i++) {
        const StoreCard *card = cards->pdata[i];
        g_assert_null(card->sealed); /* never in a list */
        defaults += card->is_default;
    }
    g_assert_cmpuint(defaults, ==, cards->len > 0);
    return cards->len > 0 ? ((StoreCard *)cards->pdata[0])->id : ID_NONE;
}

static void test_cards(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    Id first = add_card(tx, fixture.anna, "one", false), second = add_card(tx, fixture.anna, "two", false);
    g_assert_true(id_equal(default_card(tx, fixture.anna), first)); /* the first is it */
    g_assert_true(store_card_update(tx, fixture.anna, second, "Travel", true, NULL));
    g_assert_true(id_equal(default_card(tx, fixture.anna), second));
    g_autoptr(StoreCard) card = NULL;
    g_assert_true(store_card_get(tx, fixture.anna, second, &card, NULL));
    g_assert_cmpstr(card->nickname, ==, "Travel");
    g_assert_cmpmem(g_bytes_get_data(card->sealed, NULL), g_bytes_get_size(card->sealed), "two", 3);
    StoreCard *hidden = NULL;
    expect_error(store_card_get(tx, fixture.jan, second, &hidden, &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_card_update(tx, fixture.jan, second, "x", false, &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_card_delete(tx, fixture.jan, second, &error), SALDO_ERROR_NOT_FOUND);
    expect_error(store_card_get(tx, fixture.stranger, second, &hidden, &error), SALDO_ERROR_NOT_FOUND);
    g_assert_true(store_card_delete(tx, fixture.anna, second, NULL));
    g_assert_true(id_equal(default_card(tx, fixture.anna), first)); /* another takes its place */
    g_assert_true(id_is_none(default_card(tx, fixture.jan)));
    fixture_done(&fixture);
}

static void test_card_in_use(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    Id card_id = add_card(tx, fixture.anna, "one", true);
    g_autoptr(Payment) payment = fixture_payment(fixture.anna, fixture_invoice(tx, &fixture.anna_mailbox, "FV/1", NULL));
    Payment *existing = NULL;
    payment->card_id = card_id;
    g_assert_true(fixture_open_payment(tx, payment, &existing, NULL));
    g_autoptr(StoreCard) card = NULL;
    g_assert_true(store_card_for_payment(tx, payment, &card, NULL));
    g_assert_true(id_equal(card->id, card_id));
    g_assert_cmpint(card->last_used_us, ==, FIXTURE_NOW_US);
    expect_error(store_card_delete(tx, fixture.anna, card_id, &error), SALDO_ERROR_CONFLICT);
    fixture_must_apply(tx, payment, PAY_EVENT_SEND, FIXTURE_NOW_US);
    fixture_must_apply(tx, payment, PAY_EVENT_SUCCEEDED, FIXTURE_NOW_US);
    g_assert_true(store_card_delete(tx, fixture.anna, card_id, NULL)); /* paid: no longer needed */
    fixture_done(&fixture);
}

static void expect_in_files(const Fixture *fixture, const char *secret, bool is_there)
{
    static const char *const endings[] = { "", "-wal" };
    bool found = false;
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(fixture->path, endings[i], NULL), *bytes = NULL;
        gsize length = 0;
        if (g_file_get_contents(path, &bytes, &length, NULL))
            found = found || memmem(bytes, length, secret, strlen(secret)) != NULL;
    }
    g_assert_true(found == is_there);
}

typedef struct Wallet { StoreAccount *account; Id card_id; } Wallet;

static bool fill_wallet(StoreTx *tx, void *context, GError **error)
{
    Wallet *wallet = context;
    g_autoptr(GBytes) key = g_bytes_new_static("WRAPPED-DATA-KEY", 16);
    if (!store_data_key_put(tx, wallet->account->organization_id, key, error))
        return false;
    wallet->card_id = add_card(tx, wallet->account, "SEALED-CARD-RECORD", true);
    return true;
}

static bool empty_wallet(StoreTx *tx, void *context, GError **error)
{
    Wallet *wallet = context;
    return store_card_delete(tx, wallet->account, wallet->card_id, error);
}

/* After a deletion neither the record nor the key is in the file or its log. */
static void test_shredding(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    fixture_leave(&fixture);
    Store *store = store_open(fixture.path, NULL, NULL);
    Wallet wallet = { .account = fixture.anna };
    g_assert_true(store_write(store, fill_wallet, &wallet, NULL));
    expect_in_files(&fixture, "SEALED-CARD-RECORD", true);
    expect_in_files(&fixture, "WRAPPED-DATA-KEY", true);
    g_assert_true(store_write(store, empty_wallet, &wallet, NULL));
    expect_in_files(&fixture, "SEALED-CARD-RECORD", false);
    expect_in_files(&fixture, "WRAPPED-DATA-KEY", false);
    store_close(store);
    fixture_done(&fixture);
}

static void test_data_key_goes_with_the_last_record(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    g_autoptr(GBytes) key = g_bytes_new_static("key", 3);
    g_autoptr(GBytes) read = NULL;
    StoreBilling billing = { .sealed = key, .version = 1, .record_id = id_new() };
    g_assert_true(store_data_key_put(tx, fixture.organization_id, key, NULL));
    expect_error(store_data_key_put(tx, fixture.organization_id, key, &error), SALDO_ERROR_CONFLICT);
    Id anna_card = add_card(tx, fixture.anna, "a", true), jan_card = add_card(tx, fixture.jan, "j", true);
    g_assert_true(store_card_delete(tx, fixture.anna, anna_card, NULL));
    g_assert_true(store_data_key_get(tx, fixture.organization_id, &read, NULL)); /* jan's card needs it */
    g_assert_true(g_bytes_equal(read, key));
    g_assert_true(store_billing_put(tx, fixture.anna, &billing, NULL));
    g_assert_true(store_card_delete(tx, fixture.jan, jan_card, NULL));
    g_clear_pointer(&read, g_bytes_unref);
    g_assert_true(store_data_key_get(tx, fixture.organization_id, &read, NULL)); /* the billing profile needs it */
    g_assert_true(sql_script(fixture.sql, "DELETE FROM billing_profile", NULL));
    Id last = add_card(tx, fixture.anna, "z", true);
    g_assert_true(store_card_delete(tx, fixture.anna, last, NULL));
    GBytes *gone = NULL;
    expect_error(store_data_key_get(tx, fixture.organization_id, &gone, &error), SALDO_ERROR_NOT_FOUND);
    fixture_done(&fixture);
}

static void test_billing(void)
{
    Fixture fixture;
    fixture_open(&fixture);
    StoreTx *tx = &fixture.tx;
    g_autoptr(GBytes) sealed = g_bytes_new_static("sealed", 6);
    StoreBilling billing = { .sealed = sealed, .version = 1, .record_id = id_new() }, read = { 0 };
    expect_error(store_billing_get(tx, fixture.anna, &read, &error), SALDO_ERROR_NOT_FOUND);
    g_assert_true(store_billing_put(tx, fixture.anna, &billing, NULL));
    expect_error(store_billing_put(tx, fixture.anna, &billing, &error), SALDO_ERROR_CONFLICT); /* the version must grow */
    billing.version = 2;
    g_assert_true(store_billing_put(tx, fixture.anna, &billing, NULL));
    g_assert_true(store_billing_get(tx, fixture.anna, &read, NULL));
    g_assert_cmpuint(read.version, ==, 2);
    g_assert_true(id_equal(read.record_id, billing.record_id) && g_bytes_equal(read.sealed, sealed));
    store_billing_done(&read);
    expect_error(store_billing_get(tx, fixture.jan, &read, &error), SALDO_ERROR_NOT_FOUND);
    fixture_done(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cards/cards", test_cards);
    g_test_add_func("/cards/card_in_use", test_card_in_use);
    g_test_add_func("/cards/shredding", test_shredding);
    g_test_add_func("/cards/data_key", test_data_key_goes_with_the_last_record);
    g_test_add_func("/cards/billing", test_billing);
    return g_test_run();
}
