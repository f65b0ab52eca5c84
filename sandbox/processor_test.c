/* The processor over HTTP: stored answers, single use, test cards, faults, refunds. One server for all tests. */
#include <string.h>

#include "base/json.h"
#include "test_support.h"

static TestSandbox world;

#define MERCHANT "46ea7460-39fd-4dd7-a059-5e219847b76c"
static const char *const account_header = "Authorization: Bearer acct_northwind";

typedef struct Token {
    char *payment_id, *key_header;
    const char *value;
} Token;

static Token token_new(const char *value)
{
    Token token = { .payment_id = test_uuid(), .value = value };
    token.key_header = g_strdup_printf("Idempotency-Key: %s:token", token.payment_id);
    return token;
}

static void token_done(Token *token)
{
    g_free(token->payment_id);
    g_free(token->key_header);
}
#define TOKEN_AUTO __attribute__((cleanup(token_done))) Token

/* `code` NULL: none is sent. */
static TestAnswer ask_token(const Token *token, const char *number, const char *expiry, const char *code)
{
    g_autofree char *card = test_seal_card(&world, number, expiry), *sealed_code = code == NULL ? NULL : test_seal_code(&world, code);
    return test_call_json(&world, "POST", "/processor/tokens", (const char *const[]){ account_header, token->key_header, NULL },
        json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:s?}", "account", "acct_northwind", "merchant_id", MERCHANT,
            "payment_id", token->payment_id, "amount", "currency", "GBP", "value", token->value, "card", card,
            "security_code", sealed_code));
}

static TestAnswer ask_charge(const Token *token, const char *id, const char *merchant, const char *value)
{
    return test_call_json(&world, "POST", "/processor/charges", (const char *const[]){ account_header, NULL },
        json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s}", "token", id, "payment_id", token->payment_id, "merchant_id", merchant,
            "amount", "currency", "GBP", "value", value, "invoice", "TEST-1"));
}

static const char *error_code(const TestAnswer *answer)
{
    return json_text(json_object_get(answer->json, "error"), "code");
}

static void assert_status(const Token *token, const char *status, const char *code)
{
    g_autofree char *path = g_strdup_printf("/processor/payments/%s", token->payment_id);
    TEST_ANSWER_AUTO answer = test_call(&world, "GET", path, NULL, NULL);
    g_assert_cmpint(answer.status, ==, status == NULL ? 404 : 200);
    g_assert_cmpstr(json_text(answer.json, "status"), ==, status);
    if (status != NULL)
        g_assert_cmpstr(json_text(answer.json, "code"), ==, code);
}

/* [PAY-003] The same key gives the same answer, whatever the sealing; another request under it is refused. */
static void test_token_idempotency(void)
{
    TOKEN_AUTO token = token_new("12.34");
    TEST_ANSWER_AUTO first = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    TEST_ANSWER_AUTO again = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    TEST_ANSWER_AUTO without_code = ask_token(&token, "4242424242424242", test_good_expiry(), NULL);
    g_assert_cmpint(first.status, ==, 200);
    g_assert_true(g_str_has_prefix(json_text(first.json, "id"), "tok_"));
    g_assert_cmpstr(first.text, ==, again.text);
    g_assert_cmpstr(first.text, ==, without_code.text);
    token.value = "12.35";
    TEST_ANSWER_AUTO other = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    g_assert_cmpint(other.status, ==, 409);
    token.value = "12.34";
    g_free(token.key_header);
    token.key_header = g_strdup("Idempotency-Key: another");
    TEST_ANSWER_AUTO second = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    g_assert_cmpint(second.status, ==, 409);
    g_assert_cmpstr(error_code(&second), ==, "payment_exists");
}

static void test_declines_at_token(void)
{
    const struct {
        const char *number, *expiry, *code, *reason;
    } cases[] = {
        { "4242424242424242", test_good_expiry(), NULL, "incorrect_cvc" },
        { "4242424242424242", test_good_expiry(), "12", "invalid_cvc" },
        { "378282246310005", test_good_expiry(), "123", "invalid_cvc" },
        { "4000000000000127", test_good_expiry(), "123", "incorrect_cvc" },
        { "4242424242424241", test_good_expiry(), "123", "incorrect_number" },
        { "4111111111111111", test_good_expiry(), "123", "card_declined" },
        { "4242424242424242", "01/20", "123", "expired_card" },
        { "4242424242424242", "13/40", "123", "invalid_expiry_month" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        TOKEN_AUTO token = token_new("5.00");
        TEST_ANSWER_AUTO answer = ask_token(&token, cases[i].number, cases[i].expiry, cases[i].code);
        g_assert_cmpint(answer.status, ==, 402);
        g_assert_cmpstr(error_code(&answer), ==, cases[i].reason);
        assert_status(&token, "declined", cases[i].reason);
        TEST_ANSWER_AUTO mended = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
        g_assert_cmpint(mended.status, ==, 402); /* final */
    }
}

/* What is not sealed to this key, or not with the one pair of algorithms, is never taken for a card. */
static void test_sealing(void)
{
    g_autofree char *good = test_seal_card(&world, "4242424242424242", test_good_expiry());
    g_auto(GStrv) parts = g_strsplit(good, ".", 5);
    g_autofree char *other_tag = g_strdup_printf("%s.%s.%s.%s.%s", parts[0], parts[1], parts[2], parts[3],
        "AAAAAAAAAAAAAAAAAAAAAA");
    g_autofree char *other_header = g_strdup_printf("%s.%s.%s.%s.%s", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ",
        parts[1], parts[2], parts[3], parts[4]);
    const char *bad[] = { other_tag, other_header, "a.b.c.d.e", "", "....", "{\"number\":\"4242424242424242\"}" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        TOKEN_AUTO token = token_new("5.00");
        TEST_ANSWER_AUTO answer = test_call_json(&world, "POST", "/processor/tokens",
            (const char *const[]){ account_header, token.key_header, NULL },
            json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:n}", "merchant_id", MERCHANT, "payment_id", token.payment_id, "amount",
                "currency", "GBP", "value", "5.00", "card", bad[i], "security_code"));
        g_assert_cmpint(answer.status, ==, 402);
        g_assert_cmpstr(error_code(&answer), ==, "unreadable_card");
    }
}

static void test_who_may_ask(void)
{
    TOKEN_AUTO token = token_new("5.00");
    TEST_ANSWER_AUTO nobody = test_call(&world, "POST", "/processor/tokens", NULL, "{}");
    TEST_ANSWER_AUTO stranger = test_call(&world, "POST", "/processor/charges",
        (const char *const[]){ "Authorization: Bearer acct_nobody", NULL }, "{}");
    TEST_ANSWER_AUTO not_json = test_call(&world, "POST", "/processor/tokens",
        (const char *const[]){ account_header, token.key_header, NULL }, "[1,");
    TEST_ANSWER_AUTO other_merchant = test_call_json(&world, "POST", "/processor/tokens",
        (const char *const[]){ "Authorization: Bearer acct_ledgerly", token.key_header, NULL },
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:s}", "merchant_id", MERCHANT, "payment_id", token.payment_id, "amount",
            "currency", "GBP", "value", "5.00", "card", "x"));
    g_assert_cmpint(nobody.status, ==, 401);
    g_assert_cmpint(stranger.status, ==, 401);
    g_assert_cmpint(not_json.status, ==, 400);
    g_assert_cmpint(other_merchant.status, ==, 403);
}

/* The token is good for one merchant, one amount, one payment; charging twice charges once. */
static void test_charge_binding(void)
{
    TOKEN_AUTO token = token_new("20.00");
    TOKEN_AUTO other = token_new("20.00");
    TEST_ANSWER_AUTO minted = ask_token(&token, "5555555555554444", test_good_expiry(), "123");
    TEST_ANSWER_AUTO other_minted = ask_token(&other, "378282246310005", test_good_expiry(), "1234");
    const char *id = json_text(minted.json, "id"), *other_id = json_text(other_minted.json, "id");
    TEST_ANSWER_AUTO more = ask_charge(&token, id, MERCHANT, "20.01");
    TEST_ANSWER_AUTO merchant = ask_charge(&token, id, "5b317ac0-d161-4601-a8a0-c69bb244d5ee", "20.00");
    TEST_ANSWER_AUTO swapped = ask_charge(&token, other_id, MERCHANT, "20.00");
    g_assert_cmpint(more.status, ==, 409);
    g_assert_cmpint(merchant.status, ==, 409);
    g_assert_cmpint(swapped.status, ==, 409);
    assert_status(&token, "tokenized", NULL);
    TEST_ANSWER_AUTO first = ask_charge(&token, id, MERCHANT, "20.00");
    TEST_ANSWER_AUTO again = ask_charge(&token, id, MERCHANT, "20.00");
    g_assert_cmpint(first.status, ==, 200);
    g_assert_cmpstr(first.text, ==, again.text);
    assert_status(&token, "charged", NULL);
    assert_status(&other, "tokenized", NULL);
    g_assert_cmpint(test_charges_of(&world, "by_payment", token.payment_id), ==, 1);
    g_assert_cmpint(test_charges_of(&world, "by_payment", other.payment_id), ==, 0);
}

static void test_declines_at_charge(void)
{
    const char *cases[][2] = { { "4000000000000002", "card_declined" }, { "4000000000009995", "insufficient_funds" },
        { "4000000000000119", "processing_error" } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        TOKEN_AUTO token = token_new("7.00");
        TEST_ANSWER_AUTO minted = ask_token(&token, cases[i][0], test_good_expiry(), "123");
        g_assert_cmpint(minted.status, ==, 200);
        TEST_ANSWER_AUTO first = ask_charge(&token, json_text(minted.json, "id"), MERCHANT, "7.00");
        TEST_ANSWER_AUTO again = ask_charge(&token, json_text(minted.json, "id"), MERCHANT, "7.00");
        g_assert_cmpint(first.status, ==, 402);
        g_assert_cmpstr(error_code(&first), ==, cases[i][1]);
        g_assert_cmpstr(first.text, ==, again.text);
        assert_status(&token, "declined", cases[i][1]);
        g_assert_cmpint(test_charges_of(&world, "by_payment", token.payment_id), ==, 0);
    }
}

static TestAnswer ask_refund(const Token *token, const char *key, const char *value)
{
    g_autofree char *header = g_strdup_printf("Idempotency-Key: %s:%s", token->payment_id, key);
    return test_call_json(&world, "POST", "/processor/refunds", (const char *const[]){ account_header, header, NULL },
        json_pack("{s:s, s:{s:s, s:s}}", "payment_id", token->payment_id, "amount", "currency", "GBP", "value", value));
}

static void test_refunds(void)
{
    TOKEN_AUTO token = token_new("10.00");
    TEST_ANSWER_AUTO minted = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    TEST_ANSWER_AUTO early = ask_refund(&token, "r0", "1.00");
    g_assert_cmpint(early.status, ==, 404);
    TEST_ANSWER_AUTO charged = ask_charge(&token, json_text(minted.json, "id"), MERCHANT, "10.00");
    g_assert_cmpint(charged.status, ==, 200);
    TEST_ANSWER_AUTO part = ask_refund(&token, "r1", "4.00");
    TEST_ANSWER_AUTO again = ask_refund(&token, "r1", "4.00");
    TEST_ANSWER_AUTO changed = ask_refund(&token, "r1", "5.00");
    TEST_ANSWER_AUTO too_much = ask_refund(&token, "r2", "6.01");
    assert_status(&token, "charged", NULL);
    TEST_ANSWER_AUTO rest = ask_refund(&token, "r3", "6.00");
    g_assert_cmpint(part.status, ==, 200);
    g_assert_cmpstr(part.text, ==, again.text);
    g_assert_cmpint(changed.status, ==, 409);
    g_assert_cmpint(too_much.status, ==, 409);
    g_assert_cmpint(rest.status, ==, 200);
    assert_status(&token, "refunded", NULL);
}

/* After: the work is done and durable, the answer is lost; before: nothing was done. */
static void test_faults(void)
{
    TOKEN_AUTO lost = token_new("3.00");
    TOKEN_AUTO never = token_new("3.00");
    test_fault(&world, "processor.token.after", "drop", NULL);
    TEST_ANSWER_AUTO dropped = ask_token(&lost, "4242424242424242", test_good_expiry(), "123");
    g_assert_cmpint(dropped.status, ==, 0);
    assert_status(&lost, "tokenized", NULL);
    TEST_ANSWER_AUTO retried = ask_token(&lost, "4242424242424242", test_good_expiry(), NULL);
    g_assert_cmpint(retried.status, ==, 200);
    test_fault(&world, "processor.token", "drop_before", NULL);
    TEST_ANSWER_AUTO unheard = ask_token(&never, "4242424242424242", test_good_expiry(), "123");
    g_assert_cmpint(unheard.status, ==, 0);
    assert_status(&never, NULL, NULL);
    test_fault(&world, "processor.charge", "status_500_after", NULL);
    TEST_ANSWER_AUTO broken = ask_charge(&lost, json_text(retried.json, "id"), MERCHANT, "3.00");
    g_assert_cmpint(broken.status, ==, 500);
    g_assert_cmpint(test_charges_of(&world, "by_payment", lost.payment_id), ==, 1);
    test_fault(&world, "processor.lookup", "lookup_lag", NULL);
    assert_status(&lost, NULL, NULL);
    assert_status(&lost, "charged", NULL);
    test_fault(&world, "processor.token", "429", NULL);
    TEST_ANSWER_AUTO busy = ask_token(&never, "4242424242424242", test_good_expiry(), "123");
    g_assert_cmpint(busy.status, ==, 429);
    test_fault(&world, "processor.keys", "garbage", NULL);
    TEST_ANSWER_AUTO garbage = test_call(&world, "GET", "/processor/keys", NULL, NULL);
    g_assert_cmpint(garbage.status, ==, 200);
    g_assert_null(garbage.json);
    test_fault(&world, "processor.keys", "down", NULL);
    test_clear_faults(&world);
    TEST_ANSWER_AUTO up = test_call(&world, "GET", "/processor/keys", NULL, NULL);
    g_assert_cmpint(up.status, ==, 200);
    g_assert_nonnull(up.json);
}

static void test_fault_descriptions(void)
{
    const char *bad[] = { "{}", "{\"point\":\"nowhere\",\"kind\":\"drop\"}", "{\"point\":\"loadentity\",\"kind\":\"explode\"}",
        "{\"point\":\"loadentity.before\",\"kind\":\"drop_after\"}", "{\"point\":\"loadentity\",\"kind\":\"drop\",\"count\":0}",
        "{\"point\":\"loadentity\",\"kind\":\"delay\",\"delay_ms\":9999999}", "not json" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        TEST_ANSWER_AUTO answer = test_call(&world, "POST", "/admin/faults", NULL, bad[i]);
        g_assert_cmpint(answer.status, ==, 400);
    }
    gint64 before = g_get_monotonic_time();
    TEST_ANSWER_AUTO slow = test_call(&world, "POST", "/admin/faults", NULL,
        "{\"point\":\"processor.keys\",\"kind\":\"delay\",\"delay_ms\":300}");
    g_assert_cmpint(slow.status, ==, 200);
    TEST_ANSWER_AUTO keys = test_call(&world, "GET", "/processor/keys", NULL, NULL);
    g_assert_cmpint(keys.status, ==, 200);
    g_assert_cmpint(g_get_monotonic_time() - before, >=, 300 * 1000);
}

/* Answers outlive the process: they are in the book before they are sent. */
static void test_kill(void)
{
    TOKEN_AUTO token = token_new("9.00");
    TEST_ANSWER_AUTO minted = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    TEST_ANSWER_AUTO charged = ask_charge(&token, json_text(minted.json, "id"), MERCHANT, "9.00");
    g_assert_cmpint(charged.status, ==, 200);
    test_sandbox_kill_and_restart(&world);
    TEST_ANSWER_AUTO again = ask_token(&token, "4242424242424242", test_good_expiry(), "123");
    TEST_ANSWER_AUTO charged_again = ask_charge(&token, json_text(minted.json, "id"), MERCHANT, "9.00");
    g_assert_cmpstr(minted.text, ==, again.text);
    g_assert_cmpstr(charged.text, ==, charged_again.text);
    g_assert_cmpint(test_charges_of(&world, "by_payment", token.payment_id), ==, 1);
}

static void test_too_large(void)
{
    g_autofree char *body = g_strnfill(300 * 1024, ' ');
    TEST_ANSWER_AUTO answer = test_call(&world, "POST", "/processor/tokens", NULL, body);
    g_assert_cmpint(answer.status, ==, 413);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    test_sandbox_start(&world, argv[1]);
    g_test_add_func("/sandbox/processor/token-idempotency", test_token_idempotency);
    g_test_add_func("/sandbox/processor/declines-at-token", test_declines_at_token);
    g_test_add_func("/sandbox/processor/sealing", test_sealing);
    g_test_add_func("/sandbox/processor/who-may-ask", test_who_may_ask);
    g_test_add_func("/sandbox/processor/charge-binding", test_charge_binding);
    g_test_add_func("/sandbox/processor/declines-at-charge", test_declines_at_charge);
    g_test_add_func("/sandbox/processor/refunds", test_refunds);
    g_test_add_func("/sandbox/processor/faults", test_faults);
    g_test_add_func("/sandbox/processor/fault-descriptions", test_fault_descriptions);
    g_test_add_func("/sandbox/processor/kill", test_kill);
    g_test_add_func("/sandbox/processor/too-large", test_too_large);
    int outcome = g_test_run();
    test_sandbox_stop(&world);
    return outcome;
}
