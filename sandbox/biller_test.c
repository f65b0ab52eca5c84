/* The billers over HTTP: webhooks of wire.md §3 and §4, tokens of §5 and §6, answers lost on the way, the bank page.
 * One server for all tests; every test takes an invoice of its own from the samples. */
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "test_support.h"
#include "trust/jws.h"

static TestSandbox world;

static const char *const northwind = "46ea7460-39fd-4dd7-a059-5e219847b76c";
static const char *const brzoza = "5b317ac0-d161-4601-a8a0-c69bb244d5ee";

/* One payment as the payer's server makes it. */
typedef struct Pay {
    const char *biller, *merchant, *account;
    char *invoice, *currency, *value; /* of the mail */
    char *payment_id, *request_id, *token;
} Pay;

static Pay pay_new(const char *biller, const char *merchant, const char *file)
{
    Pay pay = { .biller = biller, .merchant = merchant, .payment_id = test_uuid() };
    pay.account = strcmp(biller, "northwind") == 0 ? "acct_northwind" : "acct_ledgerly";
    pay.invoice = test_invoice_of(&world, file, &pay.currency, &pay.value);
    return pay;
}

static void pay_done(Pay *pay)
{
    char *texts[] = { pay->invoice, pay->currency, pay->value, pay->payment_id, pay->request_id, pay->token };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
#define PAY_AUTO __attribute__((cleanup(pay_done))) Pay

/* ---- What the payer's server sends ----------------------------------------------------------- */

static int64_t now_s(void)
{
    return time_now_us() / US_PER_SECOND;
}

static char *bearer_of(const char *issuer, const char *audience, int64_t expires_s, const json_t *key)
{
    JSON_AUTO *claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "iss", issuer, "aud", audience, "sub",
        "anna@demo.example", "sender", "billing@northwind-energy.example", "iat", (json_int_t)(expires_s - 300), "exp",
        (json_int_t)expires_s, "jti", "j");
    g_autofree char *payload = json_write(claims);
    g_autofree char *token = jws_sign(span_of(payload), key, NULL, NULL);
    return g_strdup_printf("Authorization: Bearer %s", token);
}

static char *bearer(const Pay *pay)
{
    return bearer_of(world.issuer_url, pay->merchant, now_s() + 300, world.issuer_key);
}

static char *payment_token(const Pay *pay, const char *merchant, const char *value, int64_t expiry_s)
{
    JSON_AUTO *header = json_pack("{s:s, s:{s:s, s:s}, s:b, s:s, s:s, s:I, s:s}", "Format", "Sandbox", "Amount", "currency",
        pay->currency, "value", value, "TestMode", 0, "MerchantId", merchant, "RequestId", pay->request_id, "Expiry",
        (json_int_t)expiry_s, "jti", "t");
    return jws_sign(span_of(pay->token), world.issuer_key, header, NULL);
}

static TestAnswer ask_review_as(const Pay *pay, const char *authorization, const char *event)
{
    g_autofree char *path = g_strdup_printf("/billers/%s/payment-request", pay->biller);
    return test_call_json(&world, "POST", path, (const char *const[]){ authorization, NULL },
        json_pack("{s:[{s:s, s:{s:s, s:{s:s}}}]}", "methodData", "supportedMethods", "https://pay.example/method", "data",
            "event", event, "productContext", "invoice", pay->invoice));
}

static TestAnswer ask_review(const Pay *pay)
{
    g_autofree char *authorization = bearer(pay);
    return ask_review_as(pay, authorization, "loadentity");
}

static const json_t *entity_of(const json_t *answer)
{
    const json_t *method = json_array_get(json_object_get(answer, "methodData"), 0);
    return json_object_get(json_object_get(method, "data"), "entity");
}

/* loadentity, then the processor's token for what is due. */
static void review_and_mint(Pay *pay, const char *card_number)
{
    TEST_ANSWER_AUTO review = ask_review(pay);
    g_assert_cmpint(review.status, ==, 200);
    const json_t *details = json_object_get(review.json, "details");
    const json_t *amount = json_object_get(json_object_get(details, "total"), "amount");
    g_free(pay->request_id);
    g_free(pay->value);
    pay->request_id = g_strdup(json_text(details, "id"));
    pay->value = g_strdup(json_text(amount, "value"));
    g_autofree char *account = g_strdup_printf("Authorization: Bearer %s", pay->account);
    g_autofree char *key = g_strdup_printf("Idempotency-Key: %s:token", pay->payment_id);
    g_autofree char *card = test_seal_card(&world, card_number, test_good_expiry()), *code = test_seal_code(&world, "123");
    TEST_ANSWER_AUTO minted = test_call_json(&world, "POST", "/processor/tokens", (const char *const[]){ account, key, NULL },
        json_pack("{s:s, s:s, s:O, s:s, s:s}", "merchant_id", pay->merchant, "payment_id", pay->payment_id, "amount", amount,
            "card", card, "security_code", code));
    g_assert_cmpint(minted.status, ==, 200);
    g_free(pay->token);
    pay->token = g_strdup(json_text(minted.json, "id"));
}

static TestAnswer complete_with(const Pay *pay, const char *key, const char *value, const char *token)
{
    g_autofree char *path = g_strdup_printf("/billers/%s/payment-complete", pay->biller), *authorization = bearer(pay);
    g_autofree char *key_header = g_strdup_printf("Idempotency-Key: %s", key);
    return test_call_json(&world, "POST", path, (const char *const[]){ authorization, key_header, NULL },
        json_pack("{s:s, s:s, s:{s:{s:s}, s:s, s:{s:s, s:s}}}", "requestId", pay->request_id, "methodName",
            "https://pay.example/method", "details", "productContext", "invoice", pay->invoice, "paymentToken", token, "amount",
            "currency", pay->currency, "value", value));
}

static TestAnswer complete(const Pay *pay)
{
    g_autofree char *token = payment_token(pay, pay->merchant, pay->value, now_s() + 900);
    return complete_with(pay, pay->payment_id, pay->value, token);
}

static TestAnswer look_up(const Pay *pay)
{
    g_autofree char *path = g_strdup_printf("/billers/%s/payment-complete?requestId=%s", pay->biller, pay->request_id);
    g_autofree char *authorization = bearer(pay);
    return test_call(&world, "GET", path, (const char *const[]){ authorization, NULL }, NULL);
}

static void assert_result(const TestAnswer *answer, const Pay *pay, const char *result)
{
    g_assert_cmpint(answer->status, ==, 200);
    g_assert_cmpstr(json_text(answer->json, "result"), ==, result);
    g_assert_cmpstr(json_text(answer->json, "requestId"), ==, pay->request_id);
}

static const char *innermost_code(const TestAnswer *answer)
{
    const json_t *level = json_object_get(answer->json, "error");
    while (json_object_get(level, "innererror") != NULL)
        level = json_object_get(level, "innererror");
    return json_text(level, "code");
}

static int charges(const Pay *pay)
{
    return test_charges_of(&world, "by_invoice", pay->invoice);
}

/* ---- Payment-request ------------------------------------------------------------------------- */

static int64_t minor_of(const json_t *amount)
{
    Money money;
    g_assert_cmpint(money_parse(span_of(json_text(amount, "value")), span_of(json_text(amount, "currency")), &money), ==,
        MONEY_OK);
    return money.minor;
}

/* [PAY-001] The items sum to the total, the total is the mail's; the same request id as long as nothing changes. */
static void test_review(void)
{
    PAY_AUTO pay = pay_new("ledgerly", brzoza, "ledgerly-studio-brzoza.eml");
    TEST_ANSWER_AUTO first = ask_review(&pay);
    TEST_ANSWER_AUTO again = ask_review(&pay);
    g_assert_cmpint(first.status, ==, 200);
    g_assert_cmpstr(first.text, ==, again.text);
    const json_t *details = json_object_get(first.json, "details"), *total = json_object_get(details, "total");
    g_assert_cmpstr(json_text(json_object_get(total, "amount"), "value"), ==, pay.value);
    int64_t sum = 0;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(details, "displayItems"), i, item)
        sum += minor_of(json_object_get(item, "amount"));
    g_assert_cmpint(sum, ==, minor_of(json_object_get(total, "amount")));
    const json_t *entity = entity_of(first.json);
    g_assert_cmpstr(json_text(entity, "identifier"), ==, pay.invoice);
    g_assert_cmpstr(json_text(entity, "paymentStatus"), ==, "PaymentDue");
    g_assert_cmpstr(json_text(json_object_get(entity, "provider"), "name"), ==, "Studio Brzoza sp. z o.o.");
    g_assert_cmpstr(json_text(json_object_get(entity, "broker"), "name"), ==, "Ledgerly");
    g_autofree char *authorization = bearer(&pay);
    TEST_ANSWER_AUTO shipping = ask_review_as(&pay, authorization, "shippingaddresschange");
    g_assert_nonnull(json_text(json_object_get(shipping.json, "details"), "error"));
    TEST_ANSWER_AUTO nonsense = ask_review_as(&pay, authorization, "explode");
    g_assert_cmpint(nonsense.status, ==, 400);
}

static void test_bearer(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-solar.eml");
    JSON_AUTO *stranger = jwk_generate("RS256", NULL);
    json_put_text(stranger, "kid", json_text(world.issuer_key, "kid"));
    int64_t soon = now_s() + 300;
    g_autofree char *good = bearer_of(world.issuer_url, northwind, soon, world.issuer_key);
    g_autofree char *forged = bearer_of(world.issuer_url, northwind, soon, stranger);
    g_autofree char *expired = bearer_of(world.issuer_url, northwind, soon - 3600, world.issuer_key);
    g_autofree char *audience = bearer_of(world.issuer_url, brzoza, soon, world.issuer_key);
    g_autofree char *issuer = bearer_of("http://127.0.0.1:1", northwind, soon, world.issuer_key);
    const char *bad[] = { "Accept: */*", "Authorization: Bearer ", "Authorization: Bearer a.b.c", forged, expired, audience, issuer };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        TEST_ANSWER_AUTO answer = ask_review_as(&pay, bad[i], "loadentity");
        g_assert_cmpint(answer.status, ==, 401);
    }
    TEST_ANSWER_AUTO answer = ask_review_as(&pay, good, "loadentity");
    g_assert_cmpint(answer.status, ==, 200);
    pay.biller = "ledgerly"; /* another biller does not take this merchant's token */
    TEST_ANSWER_AUTO elsewhere = ask_review_as(&pay, good, "loadentity");
    g_assert_cmpint(elsewhere.status, ==, 401);
}

/* ---- Payment-complete ------------------------------------------------------------------------ */

static void test_success(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-solar.eml");
    review_and_mint(&pay, "4242424242424242");
    TEST_ANSWER_AUTO before = look_up(&pay);
    g_assert_cmpint(before.status, ==, 404);
    TEST_ANSWER_AUTO paid = complete(&pay);
    assert_result(&paid, &pay, "success");
    const json_t *entity = json_object_get(paid.json, "entity");
    g_assert_cmpstr(json_text(entity, "paymentStatus"), ==, "PaymentComplete");
    g_assert_nonnull(json_text(entity, "confirmationNumber"));
    TEST_ANSWER_AUTO again = complete(&pay); /* another payment token, the same key */
    TEST_ANSWER_AUTO found = look_up(&pay);
    g_assert_cmpstr(paid.text, ==, again.text);
    g_assert_cmpstr(paid.text, ==, found.text);
    g_assert_cmpint(charges(&pay), ==, 1);
    TEST_ANSWER_AUTO review = ask_review(&pay);
    g_assert_cmpstr(json_text(entity_of(review.json), "paymentStatus"), ==, "PaymentComplete");
    g_assert_null(json_object_get(review.json, "details"));
    g_assert_null(json_object_get(review.json, "options"));
    g_autofree char *token = payment_token(&pay, northwind, "1.00", now_s() + 900);
    TEST_ANSWER_AUTO other = complete_with(&pay, pay.payment_id, "1.00", token);
    g_assert_cmpint(other.status, ==, 422);
    g_autofree char *second_id = test_uuid(), *second_token = payment_token(&pay, northwind, pay.value, now_s() + 900);
    TEST_ANSWER_AUTO second = complete_with(&pay, second_id, pay.value, second_token);
    assert_result(&second, &pay, "fail");
    g_assert_cmpstr(innermost_code(&second), ==, "already_paid");
    g_assert_cmpint(charges(&pay), ==, 1);
}

/* Nothing is charged on a token that was not made for exactly this. */
static void test_payment_token(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-gas-overdue.eml");
    review_and_mint(&pay, "4242424242424242");
    JSON_AUTO *stranger = jwk_generate("RS256", NULL);
    g_autofree char *amount = payment_token(&pay, northwind, "0.01", now_s() + 900);
    g_autofree char *merchant = payment_token(&pay, brzoza, pay.value, now_s() + 900);
    g_autofree char *expired = payment_token(&pay, northwind, pay.value, now_s() - 1);
    g_autofree char *forged = jws_sign(span_of(pay.token), stranger, NULL, NULL);
    const char *bad[] = { amount, merchant, expired, forged, "tok_bare" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        TEST_ANSWER_AUTO answer = complete_with(&pay, pay.payment_id, pay.value, bad[i]);
        g_assert_cmpint(answer.status, ==, 400);
    }
    TEST_ANSWER_AUTO nothing = look_up(&pay);
    g_assert_cmpint(nothing.status, ==, 404);
    g_assert_cmpint(charges(&pay), ==, 0);
}

static void test_decline(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-gas-overdue.eml");
    review_and_mint(&pay, "4000000000009995");
    TEST_ANSWER_AUTO declined = complete(&pay);
    TEST_ANSWER_AUTO found = look_up(&pay);
    assert_result(&declined, &pay, "fail");
    g_assert_cmpstr(innermost_code(&declined), ==, "insufficient_funds");
    g_assert_cmpstr(json_text(json_object_get(declined.json, "error"), "code"), ==, "card_error");
    g_assert_cmpstr(declined.text, ==, found.text);
    g_assert_cmpint(charges(&pay), ==, 0);
    PAY_AUTO next = pay_new("northwind", northwind, "northwind-gas-overdue.eml");
    review_and_mint(&next, "4242424242424242");
    TEST_ANSWER_AUTO paid = complete(&next);
    assert_result(&paid, &next, "success");
    g_assert_cmpint(charges(&next), ==, 1);
}

/* ---- Lost on the way ------------------------------------------------------------------------- */

/* The sample that loses its answer: charged, silence, then the look-up tells. */
static void test_answer_lost(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-answer-lost.eml");
    test_clear_faults(&world); /* the sample's own fault stays */
    review_and_mint(&pay, "4242424242424242");
    TEST_ANSWER_AUTO lost = complete(&pay);
    g_assert_cmpint(lost.status, ==, 0);
    g_assert_cmpint(charges(&pay), ==, 1);
    TEST_ANSWER_AUTO found = look_up(&pay);
    assert_result(&found, &pay, "success");
    TEST_ANSWER_AUTO retried = complete(&pay);
    g_assert_cmpstr(found.text, ==, retried.text);
    g_assert_cmpint(charges(&pay), ==, 1);
}

static void test_lost_before(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-electricity.eml");
    review_and_mint(&pay, "4242424242424242");
    test_fault(&world, "biller.complete", "drop_before", pay.invoice);
    TEST_ANSWER_AUTO lost = complete(&pay);
    g_assert_cmpint(lost.status, ==, 0);
    TEST_ANSWER_AUTO nothing = look_up(&pay);
    g_assert_cmpint(nothing.status, ==, 404);
    g_assert_cmpint(charges(&pay), ==, 0);
    /* The biller charges but hears nothing from its processor: pending, settled by the look-up. */
    test_fault(&world, "processor.charge.after", "drop", NULL);
    TEST_ANSWER_AUTO pending = complete(&pay);
    assert_result(&pending, &pay, "pending");
    g_assert_cmpint(charges(&pay), ==, 1);
    TEST_ANSWER_AUTO found = look_up(&pay);
    assert_result(&found, &pay, "success");
    g_assert_cmpint(charges(&pay), ==, 1);
}

typedef struct Race {
    const Pay *pay;
    char *text;
} Race;

static void *race_one(void *context)
{
    Race *race = context;
    TEST_ANSWER_AUTO answer = complete(race->pay);
    race->text = g_strdup(answer.text);
    return NULL;
}

/* Four deliveries of one payment at once: one charge, one answer. */
static void test_race(void)
{
    PAY_AUTO pay = pay_new("northwind", northwind, "northwind-with-document.eml");
    review_and_mint(&pay, "5555555555554444");
    Race races[4] = { { 0 } };
    GThread *threads[G_N_ELEMENTS(races)];
    for (size_t i = 0; i < G_N_ELEMENTS(races); i++) {
        races[i].pay = &pay;
        threads[i] = g_thread_new("race", race_one, &races[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(races); i++) {
        g_thread_join(threads[i]);
        g_assert_cmpstr(races[i].text, ==, races[0].text);
    }
    g_assert_nonnull(strstr(races[0].text, "\"result\":\"success\""));
    g_assert_cmpint(charges(&pay), ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(races); i++)
        g_free(races[i].text);
}

static void test_kill(void)
{
    PAY_AUTO pay = pay_new("ledgerly", brzoza, "ledgerly-studio-brzoza.eml");
    review_and_mint(&pay, "4242424242424242");
    TEST_ANSWER_AUTO paid = complete(&pay);
    assert_result(&paid, &pay, "success");
    test_sandbox_kill_and_restart(&world);
    TEST_ANSWER_AUTO again = complete(&pay);
    TEST_ANSWER_AUTO found = look_up(&pay);
    assert_result(&again, &pay, "success");
    g_assert_cmpstr(again.text, ==, paid.text);
    g_assert_cmpstr(found.text, ==, paid.text);
    g_assert_cmpint(charges(&pay), ==, 1);
}

static void *complete_unheard(void *context)
{
    TEST_ANSWER_AUTO answer = complete(context);
    return GINT_TO_POINTER((int)answer.status);
}

static void slow_charges(const char *point)
{
    g_autofree char *fault = g_strdup_printf("{\"point\":\"%s\",\"kind\":\"delay\",\"delay_ms\":3000}", point);
    TEST_ANSWER_AUTO answer = test_call(&world, "POST", "/admin/faults", NULL, fault);
    g_assert_cmpint(answer.status, ==, 200);
}

static void wait_for_charge(const Pay *pay)
{
    for (int tries = 0; tries < 100 && charges(pay) == 0; tries++)
        g_usleep(50 * 1000);
    g_assert_cmpint(charges(pay), ==, 1);
}

/* Killed when the processor has charged and the biller has not heard of it: the look-up carries on, charging nothing twice. */
static void test_kill_in_mid_charge(void)
{
    PAY_AUTO pay = pay_new("ledgerly", "38cd9f86-7b09-4457-bee2-60506e4297e4", "ledgerly-harbour-coffee.eml");
    review_and_mint(&pay, "4242424242424242");
    slow_charges("processor.charge.after");
    GThread *thread = g_thread_new("complete", complete_unheard, &pay);
    wait_for_charge(&pay);
    gint64 asked = g_get_monotonic_time();
    TEST_ANSWER_AUTO running = look_up(&pay);
    assert_result(&running, &pay, "pending");
    g_assert_cmpint(g_get_monotonic_time() - asked, <, 2 * G_USEC_PER_SEC);
    test_sandbox_kill_and_restart(&world);
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(thread)), ==, 0);
    TEST_ANSWER_AUTO found = look_up(&pay);
    assert_result(&found, &pay, "success");
    TEST_ANSWER_AUTO retried = complete(&pay);
    g_assert_cmpstr(retried.text, ==, found.text);
    g_assert_cmpint(charges(&pay), ==, 1);
}

/* ---- What the samples do by themselves; the bank page; documents ------------------------------- */

static void test_special_invoices(void)
{
    PAY_AUTO down = pay_new("northwind", northwind, "northwind-biller-down.eml");
    TEST_ANSWER_AUTO first = ask_review(&down);
    TEST_ANSWER_AUTO second = ask_review(&down);
    g_assert_cmpint(first.status, ==, 503);
    g_assert_cmpint(second.status, ==, 503);
    PAY_AUTO elsewhere = pay_new("northwind", northwind, "northwind-paid-elsewhere.eml");
    TEST_ANSWER_AUTO paid = ask_review(&elsewhere);
    g_assert_cmpstr(json_text(entity_of(paid.json), "paymentStatus"), ==, "PaymentComplete");
    PAY_AUTO overdue = pay_new("ledgerly", "38cd9f86-7b09-4457-bee2-60506e4297e4", "ledgerly-harbour-coffee-overdue.eml");
    TEST_ANSWER_AUTO late = ask_review(&overdue);
    g_assert_cmpstr(json_text(entity_of(late.json), "paymentStatus"), ==, "PaymentPastDue");
}

/* [PAY-006] The amount at the biller is not the mail's; what is asked with the old amount is not charged. */
static void test_amount_changed(void)
{
    PAY_AUTO pay = pay_new("ledgerly", brzoza, "ledgerly-studio-brzoza-amount-changed.eml");
    g_autofree char *in_mail = g_strdup(pay.value);
    review_and_mint(&pay, "4242424242424242");
    g_assert_cmpstr(pay.value, !=, in_mail);
    g_autofree char *old_request = g_strdup(pay.request_id), *path = g_strdup_printf("/admin/invoices/%s", pay.invoice);
    TEST_ANSWER_AUTO changed = test_call(&world, "POST", path, NULL, "{\"amount\":{\"currency\":\"PLN\",\"value\":\"900.00\"}}");
    g_assert_cmpint(changed.status, ==, 200);
    TEST_ANSWER_AUTO refused = complete(&pay);
    assert_result(&refused, &pay, "fail");
    g_assert_cmpstr(innermost_code(&refused), ==, "amount_changed");
    g_assert_cmpint(charges(&pay), ==, 0);
    g_free(pay.payment_id);
    pay.payment_id = test_uuid();
    review_and_mint(&pay, "4242424242424242");
    g_assert_cmpstr(pay.value, ==, "900.00");
    g_assert_cmpstr(pay.request_id, !=, old_request);
    TEST_ANSWER_AUTO marked = test_call(&world, "POST", path, NULL, "{\"status\":\"paid\"}");
    g_assert_cmpint(marked.status, ==, 200);
    TEST_ANSWER_AUTO too_late = complete(&pay);
    g_assert_cmpstr(innermost_code(&too_late), ==, "already_paid");
    g_assert_cmpint(charges(&pay), ==, 0);
}

static char *challenge_path(const TestAnswer *pending)
{
    const char *url = json_text(json_object_get(pending->json, "nextAction"), "url");
    g_assert_true(g_str_has_prefix(url, world.url));
    return g_strdup(url + strlen(world.url));
}

/* 3-D Secure: pending with the bank's page; what is answered there decides, once. */
static void test_challenge(const void *answer_text)
{
    bool confirm = strcmp(answer_text, "confirm") == 0;
    PAY_AUTO pay = pay_new("ledgerly", "26402c40-84cf-4779-8077-3fb0f70de364", "ledgerly-atelier-linden.eml");
    review_and_mint(&pay, "4000002500003155");
    TEST_ANSWER_AUTO pending = complete(&pay);
    assert_result(&pending, &pay, "pending");
    g_assert_cmpstr(json_text(pending.json, "details"), ==, "challenge");
    g_autofree char *path = challenge_path(&pending);
    TEST_ANSWER_AUTO still = look_up(&pay);
    assert_result(&still, &pay, "pending");
    TEST_ANSWER_AUTO page = test_call(&world, "GET", path, (const char *const[]){ "Accept-Language: pl", NULL }, NULL);
    g_assert_cmpint(page.status, ==, 200);
    g_assert_nonnull(strstr(page.text, "Potwierdź"));
    g_assert_nonnull(strstr(page.text, "Atelier Linden GmbH"));
    g_autofree char *body = g_strdup_printf("answer=%s", confirm ? "confirm" : "cancel");
    TEST_ANSWER_AUTO nonsense = test_call(&world, "POST", path, NULL, "answer=perhaps");
    TEST_ANSWER_AUTO answered = test_call(&world, "POST", path, NULL, body);
    TEST_ANSWER_AUTO again = test_call(&world, "POST", path, NULL, "answer=confirm");
    g_assert_cmpint(nonsense.status, ==, 400);
    g_assert_cmpint(answered.status, ==, 200);
    g_assert_cmpint(again.status, ==, 410);
    TEST_ANSWER_AUTO found = look_up(&pay);
    assert_result(&found, &pay, confirm ? "success" : "fail");
    if (!confirm)
        g_assert_cmpstr(innermost_code(&found), ==, "authentication_failed");
    g_assert_cmpint(charges(&pay), ==, confirm ? 1 : 0);
}

static void test_documents(void)
{
    const char *files[][2] = { { "northwind", "northwind-with-document.eml" }, { "ledgerly", "ledgerly-studio-brzoza.eml" } };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        PAY_AUTO pay = pay_new(files[i][0], northwind, files[i][1]);
        g_autofree char *path = g_strdup_printf("/billers/%s/invoices/%s.pdf", pay.biller, pay.invoice);
        TEST_ANSWER_AUTO document = test_call(&world, "GET", path, NULL, NULL);
        g_assert_cmpint(document.status, ==, 200);
        g_assert_true(g_str_has_prefix(document.text, "%PDF-"));
        g_assert_cmpuint(document.length, >, 10000);
    }
    TEST_ANSWER_AUTO none = test_call(&world, "GET", "/billers/northwind/invoices/NONE.pdf", NULL, NULL);
    g_assert_cmpint(none.status, ==, 404);
    TEST_ANSWER_AUTO logo = test_call(&world, "GET", "/billers/ledgerly/logos/brzoza.png", NULL, NULL);
    g_assert_cmpint(logo.status, ==, 200);
    g_assert_true(g_str_has_prefix(logo.text, "\x89PNG"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    test_sandbox_start(&world, argv[1]);
    g_test_add_func("/sandbox/biller/review", test_review);
    g_test_add_func("/sandbox/biller/bearer", test_bearer);
    g_test_add_func("/sandbox/biller/success", test_success);
    g_test_add_func("/sandbox/biller/payment-token", test_payment_token);
    g_test_add_func("/sandbox/biller/decline", test_decline);
    g_test_add_func("/sandbox/biller/answer-lost", test_answer_lost);
    g_test_add_func("/sandbox/biller/lost-before", test_lost_before);
    g_test_add_func("/sandbox/biller/race", test_race);
    g_test_add_func("/sandbox/biller/special-invoices", test_special_invoices);
    g_test_add_func("/sandbox/biller/amount-changed", test_amount_changed);
    g_test_add_data_func("/sandbox/biller/challenge-cancel", "cancel", test_challenge);
    g_test_add_data_func("/sandbox/biller/challenge-confirm", "confirm", test_challenge);
    g_test_add_func("/sandbox/biller/documents", test_documents);
    g_test_add_func("/sandbox/biller/kill", test_kill);
    g_test_add_func("/sandbox/biller/kill-in-mid-charge", test_kill_in_mid_charge);
    int outcome = g_test_run();
    test_sandbox_stop(&world);
    return outcome;
}
