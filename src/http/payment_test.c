/* Paying through the API: cards, review, pay, following, receipt; keys and refusals. */
#include <string.h>

#include "api_test.h"
#include "base/json.h"

static json_t *member(const Answer *answer, const char *name)
{
    return json_object_get(answer->json, name);
}

/* ---- Cards ------------------------------------------------------------------------------------------- */

static char *sealed_card(Client *client, const char *number)
{
    g_autoptr(Answer) keys = client_expect(client, 200, NULL, "GET", "/v1/processors/sandbox/keys", NULL);
    g_autofree char *plain = g_strdup_printf("{\"number\":\"%s\",\"expiry\":\"08/33\",\"holder\":\"ANNA NOWAK\"}", number);
    return seal_to(keys->json, plain);
}

static char *new_card_body(Client *client, const char *number, const char *brand)
{
    g_autofree char *jwe = sealed_card(client, number);
    return g_strdup_printf("{\"processor\":\"sandbox\",\"card\":\"%s\",\"brand\":\"%s\",\"last4\":\"%s\",\"expiry\":\"08/33\","
                           "\"holder\":\"ANNA NOWAK\",\"nickname\":\"Firm\",\"make_default\":true}",
        jwe, brand, number + strlen(number) - 4);
}

static Answer *post_with_key(Client *client, const char *path, const char *key, const char *body)
{
    g_autofree char *header = g_strconcat("Idempotency-Key: ", key, NULL);
    return client_call(client, "POST", path, body, header, NULL);
}

static char *add_card(Client *client, const char *number, const char *brand)
{
    g_autofree char *body = new_card_body(client, number, brand);
    Id key = id_new();
    g_autoptr(Answer) answer = post_with_key(client, "/v1/cards", key.text, body);
    g_assert_cmpint(answer->status, ==, 201);
    return g_strdup(json_text(answer->json, "id"));
}

static void test_cards(void)
{
    world_add_person(world, "carla@demo.example");
    g_autoptr(Client) carla = client_of(world, "carla@demo.example");
    g_autofree char *first = add_card(carla, "4242424242424242", "visa");
    g_autofree char *second = add_card(carla, "5555555555554444", "mastercard");
    g_autoptr(Answer) wallet = client_expect(carla, 200, NULL, "GET", "/v1/wallet", NULL);
    g_assert_cmpuint(json_array_size(member(wallet, "cards")), ==, 2);
    g_assert_null(strstr(wallet->body->str, "42424242"));
    g_autofree char *path = g_strconcat("/v1/cards/", first, NULL);
    g_autoptr(Answer) changed = client_expect(carla, 200, NULL, "PATCH", path, "{\"nickname\":\"Mine\",\"is_default\":true}");
    g_assert_cmpstr(json_text(changed->json, "nickname"), ==, "Mine");
    g_assert_true(json_flag(changed->json, "is_default"));
    g_autoptr(Answer) unnamed = client_expect(carla, 200, NULL, "PATCH", path, "{\"nickname\":null}");
    g_assert_true(json_is_null(member(unnamed, "nickname")));
    answer_free(client_expect(carla, 400, "invalid_fields", "PATCH", path, "{\"is_default\":false}"));
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    answer_free(client_expect(anna, 404, "card_unknown", "PATCH", path, "{\"nickname\":\"Mine\"}"));
    answer_free(client_expect(anna, 404, "card_unknown", "DELETE", path, NULL));
    answer_free(client_expect(carla, 204, NULL, "DELETE", path, NULL));
    answer_free(client_expect(carla, 404, "card_unknown", "DELETE", path, NULL));
}

static void test_card_key_is_used_once(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *body = new_card_body(anna, "378282246310005", "amex");
    g_autofree char *other = new_card_body(anna, "378282246310005", "amex");
    answer_free(client_expect(anna, 400, "idempotency_key_missing", "POST", "/v1/cards", body));
    g_autoptr(Answer) short_key = post_with_key(anna, "/v1/cards", "short", body);
    g_assert_cmpint(short_key->status, ==, 400);
    g_autoptr(Answer) first = post_with_key(anna, "/v1/cards", "key-of-a-card", body);
    g_autoptr(Answer) again = post_with_key(anna, "/v1/cards", "key-of-a-card", body);
    g_assert_cmpint(again->status, ==, 201);
    g_assert_cmpstr(again->body->str, ==, first->body->str);
    g_autoptr(Answer) reused = post_with_key(anna, "/v1/cards", "key-of-a-card", other);
    g_assert_cmpint(reused->status, ==, 422);
    g_assert_cmpstr(json_text(reused->json, "code"), ==, "idempotency_key_reused");
    g_autofree char *path = g_strconcat("/v1/cards/", json_text(first->json, "id"), NULL);
    answer_free(client_expect(anna, 204, NULL, "DELETE", path, NULL));
}

/* A number pasted into the wrong field is refused in plain words, and never said back. */
static void test_card_number_in_other_fields(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *jwe = sealed_card(anna, "4242424242424242");
    static const char *const texts[][2] = { { "4242 4242 4242 4242", "Blue" }, { "Anna Nowak", "my 4242424242424242" } };
    static const char *const pointers[] = { "/holder", "/nickname" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *body = g_strdup_printf("{\"processor\":\"sandbox\",\"card\":\"%s\",\"brand\":\"visa\",\"last4\":\"4242\","
            "\"expiry\":\"08/33\",\"holder\":\"%s\",\"nickname\":\"%s\"}", jwe, texts[i][0], texts[i][1]);
        g_autoptr(Answer) refused = post_with_key(anna, "/v1/cards", "key-of-a-shown-number", body);
        g_assert_cmpint(refused->status, ==, 400);
        const json_t *complaint = json_array_get(member(refused, "errors"), 0);
        g_assert_cmpstr(json_text(complaint, "pointer"), ==, pointers[i]);
        g_assert_cmpstr(json_text(complaint, "code"), ==, "card_number");
        g_assert_nonnull(strstr(json_text(refused->json, "detail"), "A card number belongs only"));
        g_assert_null(strstr(refused->body->str, "4242"));
    }
    g_autofree char *card = add_card(anna, "4242424242424242", "visa"), *path = g_strconcat("/v1/cards/", card, NULL);
    answer_free(client_expect(anna, 400, "invalid_fields", "PATCH", path, "{\"nickname\":\"4242-4242-4242-4242\"}"));
    answer_free(client_expect(anna, 204, NULL, "DELETE", path, NULL));
    answer_free(client_expect(anna, 400, "invalid_fields", "PUT", "/v1/wallet/billing", "{\"name\":\"Anna\",\"line1\":\"a\","
        "\"line2\":\"4242424242424242\",\"postal_code\":\"\",\"city\":\"x\",\"country\":\"PL\"}"));
}

static void test_card_fields(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autoptr(Answer) wrong = post_with_key(anna, "/v1/cards", "key-of-a-bad-card",
        "{\"processor\":\"none\",\"card\":\"4242424242424242\",\"brand\":\"maestro\",\"last4\":\"42a2\",\"expiry\":\"13/99\","
        "\"holder\":\"\"}");
    g_assert_cmpint(wrong->status, ==, 400);
    g_assert_cmpuint(json_array_size(member(wrong, "errors")), ==, 6);
    g_autoptr(Answer) expired = post_with_key(anna, "/v1/cards", "key-of-an-old-card",
        "{\"processor\":\"sandbox\",\"card\":\"a.b.c.d.e\",\"brand\":\"visa\",\"last4\":\"4242\",\"expiry\":\"01/20\","
        "\"holder\":\"A\"}");
    g_assert_cmpstr(json_text(json_array_get(member(expired, "errors"), 0), "code"), ==, "expired");
    answer_free(client_expect(anna, 404, "not_found", "GET", "/v1/processors/other/keys", NULL));
}

/* ---- Review --------------------------------------------------------------------------------------------- */

static char *invoice_of(Client *client, const char *mail)
{
    Id id = world_deliver(world, mail);
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) message = client_expect(client, 200, NULL, "GET", path, NULL);
    g_assert_true(json_is_object(member(message, "card")));
    return g_strdup(json_text(member(message, "card"), "invoice_id"));
}

static Answer *review_of(Client *client, const char *invoice_id)
{
    g_autofree char *path = g_strdup_printf("/v1/invoices/%s/review", invoice_id);
    return client_expect(client, 200, NULL, "POST", path, NULL);
}

/* What the pane sends after this review; `minor_more` changes the amount. */
static char *order_of(Client *client, const Answer *review, const char *card_id, int64_t minor_more)
{
    g_autoptr(Answer) keys = client_expect(client, 200, NULL, "GET", "/v1/processors/sandbox/keys", NULL);
    g_autofree char *code = seal_to(keys->json, "{\"code\":\"123\",\"nonce\":\"n-1\"}");
    Money amount;
    g_assert_true(json_to_money(member(review, "amount"), &amount));
    amount.minor += minor_more;
    JSON_AUTO *order = json_pack("{s:s,s:s,s:o,s:s,s:s,s:s,s:s}", "invoice_id", json_text(review->json, "invoice_id"),
        "card_id", card_id, "amount", json_from_money(amount), "payee", json_text(review->json, "payee"), "invoice_number",
        json_text(review->json, "invoice_number"), "request_id", json_text(review->json, "request_id"), "security_code", code);
    return json_write(order);
}

/* The payment once it is paid or finally not; at most 30 s. */
static Answer *wait_for_end(Client *client, const char *payment_id)
{
    g_autofree char *path = g_strconcat("/v1/payments/", payment_id, NULL);
    for (int i = 0; i < 300; i++) {
        Answer *answer = client_expect(client, 200, NULL, "GET", path, NULL);
        if (json_flag(answer->json, "is_paid") || json_flag(answer->json, "is_final"))
            return answer;
        answer_free(answer);
        g_usleep(100 * 1000);
    }
    g_error("the payment did not come to an end");
}

static void assert_paid(const Answer *payment)
{
    if (!json_flag(payment->json, "is_paid"))
        g_error("not paid: %s", payment->body->str);
}

static void test_pay(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4242424242424242", "visa");
    g_autofree char *invoice = invoice_of(anna, "northwind-electricity.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_assert_cmpstr(json_text(review->json, "confirmed_domain"), ==, "northwind-energy.example");
    g_assert_cmpstr(json_text(review->json, "processor"), ==, "sandbox");
    g_assert_true(json_is_null(member(review, "live_payment")));
    g_autofree char *order = order_of(anna, review, card, 0);
    g_autoptr(Answer) accepted = post_with_key(anna, "/v1/payments", "key-of-electricity", order);
    g_assert_cmpint(accepted->status, ==, 202);
    const char *id = json_text(accepted->json, "id");
    g_autofree char *location = answer_header(accepted, "Location"), *path = g_strconcat("/v1/payments/", id, NULL);
    g_assert_cmpstr(location, ==, path);
    g_autoptr(Answer) same = post_with_key(anna, "/v1/payments", "key-of-electricity", order);
    g_assert_cmpint(same->status, ==, 200);
    g_assert_cmpstr(json_text(same->json, "id"), ==, id);
    g_autoptr(Answer) second_tab = post_with_key(anna, "/v1/payments", "key-of-another-tab", order);
    g_assert_cmpint(second_tab->status, ==, 200);
    g_assert_cmpstr(json_text(second_tab->json, "id"), ==, id);
    g_autofree char *changed = order_of(anna, review, card, 1);
    g_autoptr(Answer) reused = post_with_key(anna, "/v1/payments", "key-of-electricity", changed);
    g_assert_cmpint(reused->status, ==, 422);
    g_autoptr(Answer) paid = wait_for_end(anna, id);
    assert_paid(paid);
    g_assert_cmpstr(json_text(member(paid, "card"), "last4"), ==, "4242");
    g_autoptr(Answer) list = client_expect(anna, 200, NULL, "GET", "/v1/payments", NULL);
    g_assert_cmpuint(json_array_size(member(list, "items")), ==, 1);
}

/* The reminder of an invoice that is paid shows it paid, with its receipt. */
static void test_paid_state(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver(world, "northwind-electricity-reminder.eml");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) message = client_expect(anna, 200, NULL, "GET", path, NULL);
    const json_t *card = member(message, "card"), *payment = json_object_get(card, "payment");
    g_assert_cmpstr(json_text(card, "state"), ==, "complete");
    g_assert_cmpstr(json_text(card, "paid_by"), ==, "Anna Nowak");
    g_assert_nonnull(json_text(card, "paid_at"));
    g_assert_nonnull(json_text(card, "confirmation_number"));
    g_assert_true(json_flag(payment, "is_paid"));
    const char *payment_id = json_text(payment, "id");
    static const char *const languages[] = { "", "?language=en", "?language=pl" };
    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++) {
        g_autofree char *receipt_path = g_strdup_printf("/v1/payments/%s/receipt%s", payment_id, languages[i]);
        g_autoptr(Answer) receipt = client_expect(anna, 200, NULL, "GET", receipt_path, NULL);
        g_assert_true(g_str_has_prefix(receipt->body->str, "%PDF-"));
    }
    g_autofree char *wrong = g_strdup_printf("/v1/payments/%s/receipt?language=xx", payment_id);
    answer_free(client_expect(anna, 400, "bad_request", "GET", wrong, NULL));
    g_autofree char *cancel = g_strdup_printf("/v1/payments/%s/cancel", payment_id);
    answer_free(client_expect(anna, 409, "too_late", "POST", cancel, NULL));
    g_autoptr(Client) boris = client_of(world, "boris@demo.example");
    g_autofree char *payment_path = g_strconcat("/v1/payments/", payment_id, NULL);
    answer_free(client_expect(boris, 404, "not_found", "GET", payment_path, NULL));
}

/* [PAY-013] A consent to another amount is void, and the fresh review comes with the refusal. */
static void test_consent(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4242424242424242", "visa");
    g_autofree char *invoice = invoice_of(anna, "ledgerly-studio-brzoza.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_autofree char *order = order_of(anna, review, card, -1);
    g_autoptr(Answer) refused = post_with_key(anna, "/v1/payments", "key-of-a-void-consent", order);
    g_assert_cmpint(refused->status, ==, 409);
    g_assert_cmpstr(json_text(refused->json, "code"), ==, "consent_void");
    g_assert_cmpstr(json_text(member(refused, "review"), "invoice_id"), ==, invoice);
    g_autofree char *right = order_of(anna, review, "0197f0c0-0000-7000-8000-000000000000", 0);
    g_autoptr(Answer) no_card = post_with_key(anna, "/v1/payments", "key-without-a-card", right);
    g_assert_cmpstr(json_text(no_card->json, "code"), ==, "card_unknown");
    g_autoptr(Answer) nothing = post_with_key(anna, "/v1/payments", "key-of-nothing", "{}");
    g_assert_cmpuint(json_array_size(member(nothing, "errors")), ==, 7);
}

static void test_already_paid_elsewhere(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *invoice = invoice_of(anna, "northwind-paid-elsewhere.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_assert_true(json_flag(review->json, "already_paid"));
    g_assert_nonnull(json_text(review->json, "confirmation_number"));
}

static void test_biller_down(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *invoice = invoice_of(anna, "northwind-biller-down.eml");
    g_autofree char *path = g_strdup_printf("/v1/invoices/%s/review", invoice);
    g_autoptr(Answer) answer = client_expect(anna, 503, "biller_unavailable", "POST", path, NULL);
    g_autofree char *wait = answer_header(answer, "Retry-After");
    g_assert_nonnull(wait);
}

static bool set_payments(StoreTx *tx, void *context, GError **error)
{
    return store_setting_put(tx, world->organization_id, "organization", policy_switch_name(POLICY_PAYMENTS), context,
        "test", "Set-OrganizationConfig", error);
}

static void test_no_card(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *invoice = invoice_of(anna, "ledgerly-harbour-coffee.eml");
    g_autofree char *path = g_strdup_printf("/v1/invoices/%s/review", invoice);
    world_write(world, set_payments, (void *)"false");
    g_autoptr(Answer) refused = client_expect(anna, 403, "no_card", "POST", path, NULL);
    g_assert_nonnull(strstr(json_text(refused->json, "detail"), "OutlookPayEnabled"));
    world_write(world, set_payments, (void *)"true");
    g_autoptr(Client) boris = client_of(world, "boris@demo.example");
    answer_free(client_expect(boris, 404, "not_found", "POST", path, NULL));
}

static void test_document(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *invoice = invoice_of(anna, "northwind-with-document.eml");
    g_autofree char *path = g_strdup_printf("/v1/invoices/%s/document", invoice);
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_assert_true(json_flag(review->json, "has_document"));
    g_autoptr(Answer) document = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_true(g_str_has_prefix(document->body->str, "%PDF-"));
}

/* A card that the bank wants confirmed: the payment waits, shows the bank's page, and ends when the payer is back. */
static void test_bank_confirmation(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4000002500003155", "visa");
    g_autofree char *invoice = invoice_of(anna, "northwind-solar.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_autofree char *order = order_of(anna, review, card, 0);
    g_autoptr(Answer) accepted = post_with_key(anna, "/v1/payments", "key-of-a-challenge", order);
    g_assert_cmpint(accepted->status, ==, 202);
    const char *id = json_text(accepted->json, "id");
    g_autofree char *path = g_strconcat("/v1/payments/", id, NULL), *card_path = g_strconcat("/v1/cards/", card, NULL);
    g_autofree char *action = NULL;
    for (int i = 0; i < 200 && action == NULL; i++) {
        g_autoptr(Answer) payment = client_expect(anna, 200, NULL, "GET", path, NULL);
        action = g_strdup(json_text(payment->json, "action_url"));
        g_usleep(50 * 1000);
    }
    g_assert_nonnull(action);
    g_assert_true(g_str_has_prefix(action, world->sandbox_url));
    answer_free(client_expect(anna, 409, "card_in_use", "DELETE", card_path, NULL));
    g_autofree char *back = g_strconcat(path, "/return", NULL), *check = g_strconcat(path, "/check", NULL);
    answer_free(client_expect(anna, 202, NULL, "POST", back, NULL));
    answer_free(client_expect(anna, 202, NULL, "POST", check, NULL));
}

static void test_declined(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4000000000000002", "visa");
    g_autofree char *invoice = invoice_of(anna, "ledgerly-atelier-linden.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_autofree char *order = order_of(anna, review, card, 0);
    g_autoptr(Answer) accepted = post_with_key(anna, "/v1/payments", "key-of-a-declined-one", order);
    g_assert_cmpint(accepted->status, ==, 202);
    g_autoptr(Answer) end = wait_for_end(anna, json_text(accepted->json, "id"));
    g_assert_true(json_flag(end->json, "is_final"));
    g_assert_cmpstr(json_text(end->json, "reason_code"), ==, "card_declined");
}

/* Two tabs and an impatient finger: 12 requests at once, one payment. */
typedef struct Impatient {
    const char *order;
    char key[32];
    char *payment_id;
} Impatient;

static gpointer press_pay(gpointer data)
{
    Impatient *press = data;
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    for (;;) {
        g_autoptr(Answer) answer = post_with_key(anna, "/v1/payments", press->key, press->order);
        if (answer->status == 409) { /* the same key runs in another thread */
            g_assert_cmpstr(json_text(answer->json, "code"), ==, "idempotency_key_running");
            g_usleep(20 * 1000);
            continue;
        }
        g_assert_true(answer->status == 200 || answer->status == 202);
        press->payment_id = g_strdup(json_text(answer->json, "id"));
        return NULL;
    }
}

static void test_impatient_payer(void)
{
    enum { PRESSES = 12 };
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4242424242424242", "visa");
    g_autofree char *invoice = invoice_of(anna, "ledgerly-harbour-coffee-overdue.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_autofree char *order = order_of(anna, review, card, 0);
    Impatient presses[PRESSES];
    GThread *threads[PRESSES];
    for (int i = 0; i < PRESSES; i++) {
        presses[i] = (Impatient){ .order = order };
        g_snprintf(presses[i].key, sizeof(presses[i].key), "key-of-finger-%d", i % 3);
        threads[i] = g_thread_new("finger", press_pay, &presses[i]);
    }
    for (int i = 0; i < PRESSES; i++) {
        g_thread_join(threads[i]);
        g_assert_cmpstr(presses[i].payment_id, ==, presses[0].payment_id);
    }
    g_autoptr(Answer) end = wait_for_end(anna, presses[0].payment_id);
    assert_paid(end);
    for (int i = 0; i < PRESSES; i++)
        g_free(presses[i].payment_id);
}

static bool move_processor(StoreTx *tx, void *context, GError **error)
{
    g_autoptr(Registry) registry = NULL;
    if (!store_registry_load(tx, world->organization_id, &registry, error))
        return false;
    for (guint i = 0; i < registry->partners->len; i++) {
        Partner *partner = registry->partners->pdata[i];
        if (strcmp(partner->name, "Ledgerly") != 0)
            continue;
        g_free(partner->processor_url);
        partner->processor_url = g_strdup(context);
        return store_partner_put(tx, world->organization_id, partner, "test", error);
    }
    g_assert_not_reached();
}

/* Nothing listens where the processor should be: the payment waits unsent, and may be cancelled. */
static void test_cancel(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4242424242424242", "visa");
    g_autofree char *invoice = invoice_of(anna, "ledgerly-studio-brzoza.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_autofree char *order = order_of(anna, review, card, 0);
    world_write(world, move_processor, (void *)"http://127.0.0.1:9/processor");
    g_autoptr(Answer) accepted = post_with_key(anna, "/v1/payments", "key-of-an-unsent-one", order);
    g_assert_cmpint(accepted->status, ==, 202);
    g_autofree char *path = g_strdup_printf("/v1/payments/%s/cancel", json_text(accepted->json, "id"));
    long status = 0;
    for (int i = 0; i < 100 && status != 200; i++) { /* 409 while it is being tried */
        g_autoptr(Answer) cancelled = client_call(anna, "POST", path, NULL, NULL);
        status = cancelled->status;
        if (status == 200)
            g_assert_cmpstr(json_text(cancelled->json, "state"), ==, "cancelled");
        else
            g_assert_cmpstr(json_text(cancelled->json, "code"), ==, "too_late");
        g_usleep(20 * 1000);
    }
    g_assert_cmpint(status, ==, 200);
    g_autofree char *back = g_strconcat(world->sandbox_url, "/processor", NULL);
    world_write(world, move_processor, back);
    answer_free(client_expect(anna, 404, "not_found", "POST",
        "/v1/payments/0197f0c0-0000-7000-8000-000000000000/cancel", NULL));
}

/* The server knows that no payment was opened, and says so; the same key pays once there is room again. */
static void test_pay_on_full_disk(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *card = add_card(anna, "4242424242424242", "visa");
    g_autofree char *invoice = invoice_of(anna, "ledgerly-studio-brzoza.eml");
    g_autoptr(Answer) review = review_of(anna, invoice);
    g_autofree char *order = order_of(anna, review, card, 0);
    world_set_disk_full(true);
    g_autoptr(Answer) refused = post_with_key(anna, "/v1/payments", "key-on-a-full-disk", order);
    world_set_disk_full(false);
    g_assert_cmpint(refused->status, ==, 503);
    g_assert_cmpstr(json_text(refused->json, "code"), ==, "storage_unavailable");
    g_assert_true(g_str_has_prefix(json_text(refused->json, "detail"), "Nothing was paid. "));
    g_autoptr(Answer) paid = post_with_key(anna, "/v1/payments", "key-on-a-full-disk", order);
    g_assert_cmpint(paid->status, ==, 202);
}

void add_payment_tests(void)
{
    g_test_add_func("/payment/cards", test_cards);
    g_test_add_func("/payment/card-key-is-used-once", test_card_key_is_used_once);
    g_test_add_func("/payment/card-number-in-other-fields", test_card_number_in_other_fields);
    g_test_add_func("/payment/card-fields", test_card_fields);
    g_test_add_func("/payment/pay", test_pay);
    g_test_add_func("/payment/paid-state", test_paid_state);
    g_test_add_func("/payment/consent", test_consent);
    g_test_add_func("/payment/already-paid-elsewhere", test_already_paid_elsewhere);
    g_test_add_func("/payment/biller-down", test_biller_down);
    g_test_add_func("/payment/no-card", test_no_card);
    g_test_add_func("/payment/document", test_document);
    g_test_add_func("/payment/bank-confirmation", test_bank_confirmation);
    g_test_add_func("/payment/declined", test_declined);
    g_test_add_func("/payment/impatient-payer", test_impatient_payer);
    g_test_add_func("/payment/cancel", test_cancel);
    g_test_add_func("/payment/full-disk", test_pay_on_full_disk);
}
