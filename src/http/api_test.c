/* The API as the web app uses it: sessions, messages, wallet, the public addresses. Payments: payment_test.c, in the
 * same program, so that at the end every operation of docs/openapi.yaml was seen to succeed. */
#include "api_test.h"

#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "request.h"

World *world;

static json_t *member(const Answer *answer, const char *name)
{
    return json_object_get(answer->json, name);
}

/* ---- Sessions ---------------------------------------------------------------------------------------- */

static void test_sign_in_and_out(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_assert_true(g_str_has_prefix(anna->cookie, "__Host-saldo="));
    g_autoptr(Answer) session = client_expect(anna, 200, NULL, "GET", "/v1/session", NULL);
    g_assert_cmpstr(json_text(session->json, "csrf"), ==, anna->csrf);
    g_assert_cmpstr(json_text(member(session, "account"), "login"), ==, WORLD_PAYER);
    g_assert_cmpuint(json_array_size(member(session, "mailboxes")), ==, 1);
    g_autoptr(Answer) changed = client_expect(anna, 200, NULL, "PATCH", "/v1/session", "{\"language\":\"pl\"}");
    g_assert_cmpstr(json_text(member(changed, "account"), "language"), ==, "pl");
    g_autoptr(Answer) wrong = client_expect(anna, 400, "invalid_fields", "PATCH", "/v1/session", "{\"language\":\"de\"}");
    g_assert_cmpstr(json_text(json_array_get(member(wrong, "errors"), 0), "pointer"), ==, "/language");
    answer_free(client_expect(anna, 200, NULL, "PATCH", "/v1/session", "{\"language\":\"en\"}"));
    g_autoptr(Answer) out = client_expect(anna, 204, NULL, "DELETE", "/v1/session", NULL);
    g_autofree char *cookie = answer_header(out, "Set-Cookie");
    g_assert_nonnull(strstr(cookie, "Max-Age=0"));
    answer_free(client_expect(anna, 401, "session_ended", "GET", "/v1/session", NULL));
}

static void test_cookie_is_guarded(void)
{
    g_autoptr(Client) nobody = client_new(world);
    g_autoptr(Answer) answer = client_expect(nobody, 200, NULL, "POST", "/v1/session",
        "{\"login\":\"ANNA@demo.example\",\"password\":\"" WORLD_PASSWORD "\"}");
    g_autofree char *cookie = answer_header(answer, "Set-Cookie");
    static const char *const wanted[] = { "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/" };
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_assert_nonnull(strstr(cookie, wanted[i]));
    g_assert_null(strstr(cookie, "Domain"));
    g_assert_cmpuint(strcspn(cookie, ";") - strlen("__Host-saldo="), ==, 43); /* 256 bits */
}

static void test_sign_in_refused(void)
{
    world_add_person(world, "eve@demo.example");
    g_autoptr(Client) nobody = client_new(world);
    answer_free(client_expect(nobody, 401, "sign_in_failed", "POST", "/v1/session",
        "{\"login\":\"nobody@demo.example\",\"password\":\"x\"}"));
    for (int i = 0; i < 10; i++)
        answer_free(client_expect(nobody, 401, "sign_in_failed", "POST", "/v1/session",
            "{\"login\":\"eve@demo.example\",\"password\":\"guess\"}"));
    g_autoptr(Answer) limited = client_expect(nobody, 429, "too_many_requests", "POST", "/v1/session",
        "{\"login\":\"eve@demo.example\",\"password\":\"" WORLD_PASSWORD "\"}");
    g_autofree char *wait = answer_header(limited, "Retry-After");
    g_assert_cmpint(atoi(wait), >, 0);
    answer_free(client_expect(nobody, 400, "invalid_fields", "POST", "/v1/session", "{\"login\":\"a\"}"));
    answer_free(client_expect(nobody, 400, "invalid_fields", "POST", "/v1/session", "{\"login\":\"a\",\"password\":7}"));
    g_autoptr(Answer) form = client_call(nobody, "POST", "/v1/session", NULL, "Content-Type: text/plain", NULL);
    g_assert_cmpint(form->status, ==, 415);
}

/* Who guesses a login from elsewhere makes its owner wait, and no more. */
static void test_nobody_is_locked_out(void)
{
    static const char right[] = "{\"login\":\"eve@demo.example\",\"password\":\"" WORLD_PASSWORD "\"}";
    g_autoptr(Client) nobody = client_new(world); /* ten guesses were made from this machine before */
    g_autoptr(Answer) guesser = client_call(nobody, "POST", "/v1/session", right, NULL);
    g_assert_cmpint(guesser->status, ==, 429);
    int64_t started_us = time_monotonic_us();
    g_autoptr(Answer) owner = client_call(nobody, "POST", "/v1/session", right, "X-Forwarded-For: 192.0.2.7", NULL);
    g_assert_cmpint(owner->status, ==, 200);
    g_assert_cmpint(time_monotonic_us() - started_us, >=, US_PER_SECOND);
    for (int i = 0; i < 10; i++) {
        g_autoptr(Answer) wrong = client_call(nobody, "POST", "/v1/session",
            "{\"login\":\"frank@demo.example\",\"password\":\"x\"}", "X-Forwarded-For: 192.0.2.8", NULL);
        g_assert_cmpint(wrong->status, ==, 401);
    }
    g_autoptr(Answer) refused = client_call(nobody, "POST", "/v1/session",
        "{\"login\":\"frank@demo.example\",\"password\":\"x\"}", "X-Forwarded-For: 192.0.2.8", NULL);
    g_assert_cmpint(refused->status, ==, 429);
}

typedef struct OldSession {
    const char *hash;
} OldSession;

static bool create_old_session(StoreTx *tx, void *context, GError **error)
{
    const OldSession *old = context;
    StoreAccount account = { .organization_id = world->organization_id, .id = world->payer_id };
    return store_session_create(tx, &account, old->hash, "csrf", time_now_us() + US_PER_SECOND, error);
}

static void test_session_expires(void)
{
    g_autofree char *hash = encode_sha256_hex(SPAN("old-token"));
    world_write(world, create_old_session, &(OldSession){ hash });
    g_autoptr(Client) old = client_new(world);
    old->cookie = g_strdup("__Host-saldo=old-token");
    answer_free(client_expect(old, 200, NULL, "GET", "/v1/folders", NULL));
    g_usleep(1100 * 1000);
    answer_free(client_expect(old, 401, "session_ended", "GET", "/v1/folders", NULL));
    old->cookie[strlen(old->cookie) - 1] = '!';
    answer_free(client_expect(old, 401, "session_ended", "GET", "/v1/folders", NULL));
}

static void test_csrf(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *right = g_steal_pointer(&anna->csrf);
    answer_free(client_expect(anna, 403, "csrf_invalid", "PATCH", "/v1/session", "{\"language\":\"pl\"}"));
    anna->csrf = g_strdup(right);
    anna->csrf[0] = right[0] == 'A' ? 'B' : 'A';
    answer_free(client_expect(anna, 403, "csrf_invalid", "DELETE", "/v1/session", NULL));
    answer_free(client_expect(anna, 200, NULL, "GET", "/v1/session", NULL)); /* it is still there */
}

static void test_every_route_needs_its_session(void)
{
    g_autoptr(Client) nobody = client_new(world);
    g_autoptr(GPtrArray) operations = contract_operations(world->contract);
    for (guint i = 0; i < operations->len; i++) {
        g_auto(GStrv) words = g_strsplit(operations->pdata[i], " ", 2);
        bool is_open = strstr(words[1], "/.well-known/") != NULL || strcmp(words[1], "/livez") == 0
            || strcmp(words[1], "/readyz") == 0 || strcmp(operations->pdata[i], "POST /v1/session") == 0;
        if (is_open)
            continue;
        g_autoptr(GString) path = g_string_new(words[1]);
        g_string_replace(path, "{id}", "0197f0c0-0000-7000-8000-000000000000", 0);
        g_string_replace(path, "{part}", "0", 0);
        g_string_replace(path, "{name}", "sandbox", 0);
        bool has_body = strcmp(words[0], "GET") != 0 && strcmp(words[0], "DELETE") != 0;
        answer_free(client_expect(nobody, 401, "session_ended", words[0], path->str, has_body ? "{}" : NULL));
    }
}

/* ---- Messages ------------------------------------------------------------------------------------------ */

static void test_list_and_message(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver(world, "northwind-gas-overdue.eml");
    g_autoptr(Answer) list = client_expect(anna, 200, NULL, "GET", "/v1/messages?folder=to_pay&limit=1", NULL);
    const json_t *row = json_array_get(member(list, "items"), 0);
    g_assert_cmpstr(json_text(row, "id"), ==, id.text);
    g_assert_cmpstr(json_text(row, "verdict_kind"), ==, "card");
    g_assert_cmpstr(json_text(json_object_get(row, "invoice"), "state"), ==, "past_due");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) message = client_expect(anna, 200, NULL, "GET", path, NULL);
    const json_t *card = member(message, "card");
    g_assert_cmpint(json_integer_or(card, "overdue_days", 0), ==, 12);
    g_assert_cmpstr(json_text(card, "confirmed_domain"), ==, "northwind-energy.example");
    g_assert_true(json_is_null(json_object_get(card, "payment")));
    const json_t *dkim = json_array_get(json_object_get(member(message, "authentication"), "dkim"), 0);
    g_assert_cmpstr(json_text(dkim, "result"), ==, "pass");
    g_assert_false(json_flag(message->json, "seen"));
    answer_free(client_expect(anna, 204, NULL, "PATCH", path, "{\"seen\":true}"));
    g_autoptr(Answer) seen = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_true(json_flag(seen->json, "seen"));
    answer_free(client_expect(anna, 400, "invalid_fields", "PATCH", path, "{\"seen\":1}"));
    g_autoptr(Answer) folders = client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL);
    g_assert_cmpint(json_integer_or(folders->json, "to_pay", 0), >=, 1);
}

static void test_hold_is_explained(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver(world, "dkim-unaligned.eml");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) message = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_cmpstr(json_text(message->json, "verdict_kind"), ==, "hold");
    g_assert_true(json_is_null(member(message, "card")));
    g_assert_true(json_is_null(member(message, "invoice")));
    const json_t *reason = json_array_get(json_object_get(member(message, "verdict"), "reasons"), 0);
    g_assert_cmpstr(json_text(reason, "code"), ==, "sender_unauthenticated");
    g_assert_cmpuint(json_array_size(member(message, "claims")), >=, 1);
}

/* The invoice in a file is answered whole; the contract allows no member that it does not describe. */
static void test_invoice_is_shown(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver(world, "attached-ubl.eml");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) message = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_cmpstr(json_text(message->json, "verdict_kind"), ==, "hold");
    g_assert_cmpuint(json_array_size(member(message, "invoices")), ==, 1);
    const json_t *invoice = json_array_get(member(message, "invoices"), 0), *lines = json_object_get(invoice, "lines");
    g_assert_cmpstr(json_text(invoice, "format"), ==, "UBL Invoice");
    g_assert_cmpstr(json_text(json_object_get(invoice, "seller"), "name"), ==, "Tartak Olszyna sp. z o.o.");
    g_assert_cmpuint(json_array_size(lines), ==, 4);
    g_assert_cmpstr(json_text(json_array_get(lines, 3), "vat_rate"), ==, "8");
    g_assert_cmpuint(json_array_size(json_object_get(invoice, "vat")), ==, 2);
    g_assert_cmpstr(json_text(json_object_get(invoice, "totals"), "allowances"), ==, "231.00");
    g_assert_cmpstr(json_text(invoice, "amount_due"), ==, "10764.80");
    g_assert_cmpuint(json_array_size(json_object_get(invoice, "checks")), ==, 0);
    g_autoptr(Answer) list = client_expect(anna, 200, NULL, "GET", "/v1/messages?q=Tartak", NULL);
    const json_t *row = json_array_get(json_object_get(list->json, "items"), 0);
    g_assert_cmpstr(json_text(row, "id"), ==, id.text);
    g_assert_null(json_object_get(row, "invoices")); /* lists stay short */
}

/* What a payment is made from never leaves the server in this form: no signed request, no action, no link. */
static void test_invoice_shows_no_way_to_pay(void)
{
    static const char *const hidden[] = { "signed_request", "action", "other_actions", "url" };
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver(world, "ledgerly-studio-brzoza.eml");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) message = client_expect(anna, 200, NULL, "GET", path, NULL);
    const json_t *invoice = json_array_get(member(message, "invoices"), 0);
    g_assert_cmpstr(json_text(invoice, "source"), ==, "signed-action-request");
    for (size_t i = 0; i < G_N_ELEMENTS(hidden); i++)
        g_assert_null(json_object_get(invoice, hidden[i]));
}

static bool set_payments(StoreTx *tx, void *context, GError **error)
{
    return store_setting_put(tx, world->organization_id, "organization", policy_switch_name(POLICY_PAYMENTS), context,
        "test", "Set-OrganizationConfig", error);
}

/* A switch that changes closes the cards already shown, and opens them again. */
static void test_switch_counts_at_once(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver(world, "northwind-solar.eml");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    world_write(world, set_payments, (void *)"false");
    g_autoptr(Answer) closed = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_cmpstr(json_text(closed->json, "verdict_kind"), !=, "card");
    g_assert_true(json_is_null(member(closed, "card")));
    g_assert_cmpuint(json_array_size(member(closed, "claims")), ==, 0); /* no teaser */
    g_assert_cmpuint(json_array_size(member(closed, "invoices")), ==, 0);
    const json_t *reason = json_array_get(json_object_get(member(closed, "verdict"), "reasons"), 0);
    g_assert_cmpstr(json_text(reason, "code"), ==, "switch_off");
    g_autoptr(Answer) to_pay = client_expect(anna, 200, NULL, "GET", "/v1/messages?folder=to_pay", NULL);
    g_assert_cmpuint(json_array_size(member(to_pay, "items")), ==, 0);
    g_autoptr(Answer) folders = client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL);
    g_assert_cmpint(json_integer_or(folders->json, "to_pay", -1), ==, 0);
    g_autoptr(Answer) list = client_expect(anna, 200, NULL, "GET", "/v1/messages?limit=1", NULL);
    const json_t *row = json_array_get(member(list, "items"), 0);
    g_assert_cmpstr(json_text(row, "id"), ==, id.text);
    g_assert_cmpstr(json_text(row, "verdict_kind"), !=, "card");
    g_assert_true(json_is_null(json_object_get(row, "invoice")));
    world_write(world, set_payments, (void *)"true");
    g_autoptr(Answer) open = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_true(json_is_object(member(open, "card")));
    g_autoptr(Answer) again = client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL);
    g_assert_cmpint(json_integer_or(again->json, "to_pay", 0), >=, 1);
}

static bool suspend_northwind(StoreTx *tx, void *context, GError **error)
{
    return store_partner_set_state(tx, world->organization_id, "cd4a796a-f68a-4da2-87de-818c116ee6bf",
        *(const PartnerState *)context, "test", error);
}

/* A mail that came while its partner was suspended gets its card when the partner is approved again. */
static void test_card_comes_later(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    PartnerState state = PARTNER_SUSPENDED;
    world_write(world, suspend_northwind, &state);
    Id id = world_deliver(world, "northwind-paid-elsewhere.eml");
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    g_autoptr(Answer) held = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_cmpstr(json_text(held->json, "verdict_kind"), ==, "hold");
    state = PARTNER_APPROVED;
    world_write(world, suspend_northwind, &state);
    g_autoptr(Answer) open = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_cmpstr(json_text(open->json, "verdict_kind"), ==, "card");
    g_assert_true(json_is_object(member(open, "card")));
    g_assert_true(json_is_object(member(open, "invoice")));
}

static void test_pages(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    for (int i = 0; i < 5; i++)
        world_deliver(world, "newsletter.eml");
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *path = g_strdup("/v1/messages?limit=2");
    g_autofree char *cursor = NULL;
    g_autofree char *last = NULL;
    do {
        g_autoptr(Answer) page = client_expect(anna, 200, NULL, "GET", path, NULL);
        size_t index;
        json_t *row;
        json_array_foreach(member(page, "items"), index, row) {
            g_assert_true(g_hash_table_add(seen, g_strdup(json_text(row, "id"))));
            g_assert_true(last == NULL || strcmp(json_text(row, "received_at"), last) <= 0); /* newest first */
            g_free(last);
            last = g_strdup(json_text(row, "received_at"));
        }
        g_free(cursor);
        cursor = g_strdup(json_text(page->json, "next_cursor"));
        g_free(path);
        path = g_strconcat("/v1/messages?limit=2&cursor=", cursor, NULL);
    } while (cursor != NULL);
    g_autoptr(Answer) folders = client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL);
    g_assert_cmpint(json_integer_or(folders->json, "inbox", 0), ==, g_hash_table_size(seen));
}

static void test_cursor_is_guarded(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    world_add_person(world, "boris@demo.example");
    g_autoptr(Client) boris = client_of(world, "boris@demo.example");
    g_autoptr(Answer) page = client_expect(anna, 200, NULL, "GET", "/v1/messages?limit=1", NULL);
    const char *cursor = json_text(page->json, "next_cursor");
    g_autofree char *fine = g_strconcat("/v1/messages?cursor=", cursor, NULL);
    answer_free(client_expect(anna, 200, NULL, "GET", fine, NULL));
    answer_free(client_expect(boris, 400, "cursor_invalid", "GET", fine, NULL));
    g_autofree char *other_folder = g_strconcat(fine, "&folder=paid", NULL);
    answer_free(client_expect(anna, 400, "cursor_invalid", "GET", other_folder, NULL));
    for (size_t i = strlen("/v1/messages?cursor="); i < strlen(fine); i += 7) {
        g_autofree char *tampered = g_strdup(fine);
        tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
        answer_free(client_expect(anna, 400, "cursor_invalid", "GET", tampered, NULL));
    }
    answer_free(client_expect(anna, 400, "cursor_invalid", "GET", "/v1/messages?cursor=%00%ff", NULL));
}

static void test_list_arguments(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    static const char *const wrong[] = { "limit=0", "limit=201", "limit=x", "limit=-1", "folder=trash" };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *path = g_strconcat("/v1/messages?", wrong[i], NULL);
        answer_free(client_expect(anna, 400, "bad_request", "GET", path, NULL));
    }
    g_autoptr(Answer) found = client_expect(anna, 200, NULL, "GET", "/v1/messages?q=newsletter", NULL);
    g_autoptr(Answer) none = client_expect(anna, 200, NULL, "GET", "/v1/messages?q=zzzzqqqq%22%29OR", NULL);
    g_assert_cmpuint(json_array_size(member(none, "items")), ==, 0);
}

static void test_other_peoples_messages(void)
{
    g_autoptr(Client) boris = client_of(world, "boris@demo.example");
    Id id = world_deliver(world, "plain-letter.eml");
    static const char *const patterns[] = { "/v1/messages/%s", "/v1/messages/%s/parts/0", "/m/%s/body" };
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_auto(GStrv) halves = g_strsplit(patterns[i], "%s", 2);
        g_autofree char *path = g_strconcat(halves[0], id.text, halves[1], NULL);
        answer_free(client_expect(boris, 404, "not_found", "GET", path, NULL));
    }
    g_autofree char *path = g_strconcat("/v1/messages/", id.text, NULL);
    answer_free(client_expect(boris, 404, "not_found", "PATCH", path, "{\"seen\":true}"));
}

static const char hostile_mail[]
    = "From: <mallory@example.org>\r\nTo: anna@demo.example\r\nSubject: hello\r\n"
      "Date: Mon, 23 Nov 2026 04:10:36 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
      "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
      "<p onclick=\"x()\">Your <b>bill</b><script>evil()</script></p><img src=\"https://t.example/p.gif\">\r\n"
      "--b\r\nContent-Type: text/html; name=\"../../evil\\\".html\"\r\nContent-Disposition: attachment; "
      "filename=\"../../evil\\\".html\"\r\nContent-Transfer-Encoding: base64\r\n\r\nPHNjcmlwdD4=\r\n--b--\r\n";

static void test_body(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver_raw(world, span_of(hostile_mail));
    g_autofree char *path = g_strdup_printf("/m/%s/body", id.text);
    g_autoptr(Answer) body = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_nonnull(strstr(body->body->str, "<b>bill</b>"));
    g_assert_null(strstr(body->body->str, "evil"));
    g_assert_null(strstr(body->body->str, "t.example"));
    g_autofree char *policy = answer_header(body, "Content-Security-Policy");
    g_assert_cmpstr(policy, ==,
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'");
    g_assert_nonnull(strstr(body->body->str, "img-src data:; ")); /* the document says the same */
    g_autofree char *cache = answer_header(body, "Cache-Control");
    g_assert_cmpstr(cache, ==, "no-store");
    g_autofree char *with_pictures = g_strconcat(path, "?pictures=1", NULL);
    g_autoptr(Answer) pictures = client_expect(anna, 200, NULL, "GET", with_pictures, NULL);
    g_assert_nonnull(strstr(pictures->body->str, "https://t.example/p.gif"));
    g_autofree char *wider = answer_header(pictures, "Content-Security-Policy");
    g_assert_nonnull(strstr(wider, "img-src data: https:;"));
    g_assert_nonnull(strstr(pictures->body->str, "img-src data: https:; "));
    g_autofree char *wrong = g_strconcat(path, "?pictures=2", NULL);
    answer_free(client_expect(anna, 400, "bad_request", "GET", wrong, NULL));
}

static void test_part(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    Id id = world_deliver_raw(world, span_of(hostile_mail));
    g_autofree char *path = g_strdup_printf("/v1/messages/%s/parts/1", id.text);
    g_autoptr(Answer) part = client_expect(anna, 200, NULL, "GET", path, NULL);
    g_assert_cmpstr(part->body->str, ==, "<script>");
    g_autofree char *type = answer_header(part, "Content-Type"), *name = answer_header(part, "Content-Disposition");
    g_autofree char *policy = answer_header(part, "Content-Security-Policy");
    g_assert_cmpstr(type, ==, "application/octet-stream");
    g_assert_true(g_str_has_prefix(name, "attachment; filename*=UTF-8''"));
    g_assert_null(strchr(name + strlen("attachment; filename*=UTF-8''"), '/'));
    g_assert_null(strchr(name, '"'));
    g_assert_true(g_str_has_prefix(policy, "sandbox;"));
    g_autofree char *missing = g_strdup_printf("/v1/messages/%s/parts/99", id.text);
    answer_free(client_expect(anna, 404, "not_found", "GET", missing, NULL));
    g_autofree char *negative = g_strdup_printf("/v1/messages/%s/parts/-1", id.text);
    answer_free(client_expect(anna, 404, "not_found", "GET", negative, NULL));
}

/* ---- Billing --------------------------------------------------------------------------------------------- */

static void test_billing(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autoptr(Answer) before = client_expect(anna, 200, NULL, "GET", "/v1/wallet", NULL);
    g_assert_true(json_is_null(member(before, "billing")));
    static const char *const versions[] = { "Anna Nowak", "Anna Kowalska" };
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autofree char *body = g_strdup_printf("{\"name\":\"%s\",\"line1\":\"ul. Długa 1\",\"line2\":\"\","
            "\"postal_code\":\"00-001\",\"city\":\"Łódź\",\"country\":\"PL\",\"extra\":1}", versions[i]);
        answer_free(client_expect(anna, 204, NULL, "PUT", "/v1/wallet/billing", body));
        g_autoptr(Answer) after = client_expect(anna, 200, NULL, "GET", "/v1/wallet", NULL);
        g_assert_cmpstr(json_text(member(after, "billing"), "name"), ==, versions[i]);
        g_assert_cmpstr(json_text(member(after, "billing"), "city"), ==, "Łódź");
        g_assert_null(json_object_get(member(after, "billing"), "extra"));
    }
    g_autoptr(Answer) wrong = client_expect(anna, 400, "invalid_fields", "PUT", "/v1/wallet/billing",
        "{\"name\":\"\",\"line1\":\"a\\nb\",\"line2\":\"\",\"postal_code\":\"\",\"city\":\"x\",\"country\":\"Poland\"}");
    g_assert_cmpuint(json_array_size(member(wrong, "errors")), ==, 3);
}

/* ---- Public addresses -------------------------------------------------------------------------------------- */

static void test_public_addresses(void)
{
    g_autoptr(Client) nobody = client_new(world);
    answer_free(client_expect(nobody, 200, NULL, "GET", "/livez", NULL));
    g_autoptr(Answer) ready = client_expect(nobody, 200, NULL, "GET", "/readyz", NULL);
    g_assert_cmpstr(json_text(ready->json, "vault"), ==, "ready");
    g_autoptr(Answer) openid = client_expect(nobody, 200, NULL, "GET", "/.well-known/openid-configuration", NULL);
    g_assert_cmpstr(json_text(openid->json, "issuer"), ==, world->url);
    g_autoptr(Answer) jwks = client_expect(nobody, 200, NULL, "GET", "/.well-known/jwks.json", NULL);
    const json_t *key = json_array_get(member(jwks, "keys"), 0);
    g_assert_nonnull(json_text(key, "n"));
    g_assert_null(json_object_get(key, "d")); /* the private half stays */
    g_autoptr(Answer) security = client_expect(nobody, 200, NULL, "GET", "/.well-known/security.txt", NULL);
    g_assert_true(g_str_has_prefix(security->body->str, "Contact: mailto:security@localhost\n"));
}

/* [PAY-011] What a body held is gone with its request, also where its memory is not yet used again. */
static void test_body_is_wiped(void)
{
    HttpRequest request = { .body = BUFFER_INIT(LIMIT_JSON_BYTES), .json = json_pack("{s:s}", "security_code", "a.b.c.d.e") };
    json_t *code = json_incref(json_object_get(request.json, "security_code"));
    http_request_done(&request);
    g_assert_cmpmem(json_string_value(code), json_string_length(code), "\0\0\0\0\0\0\0\0\0", 9);
    json_decref(code);
    http_request_done(&request); /* without a body */
}

/* ---- A full disk -------------------------------------------------------------------------------------------------- */

static void expect_storage_trouble(Client *client, const char *method, const char *path, const char *body)
{
    g_autoptr(Answer) answer = client_expect(client, 503, "storage_unavailable", method, path, body);
    g_autofree char *wait = answer_header(answer, "Retry-After");
    g_assert_cmpint(atoi(wait), >, 0);
    g_assert_nonnull(strstr(json_text(answer->json, "detail"), "Try again in a moment"));
}

static void test_full_disk(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_usleep(1100 * 1000); /* what the last probe found is kept for a second */
    world_set_disk_full(true);
    g_autoptr(Answer) ready = client_expect(anna, 503, NULL, "GET", "/readyz", NULL);
    g_assert_cmpstr(json_text(ready->json, "database"), ==, "cannot commit");
    expect_storage_trouble(anna, "POST", "/v1/session",
        "{\"login\":\"anna@demo.example\",\"password\":\"" WORLD_PASSWORD "\"}");
    expect_storage_trouble(anna, "PATCH", "/v1/session", "{\"language\":\"pl\"}");
    answer_free(client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL)); /* reading goes on */
    world_set_disk_full(false);
    answer_free(client_expect(anna, 503, NULL, "GET", "/readyz", NULL)); /* tried once a second */
    g_usleep(1100 * 1000);
    answer_free(client_expect(anna, 200, NULL, "GET", "/readyz", NULL));
    answer_free(client_expect(anna, 200, NULL, "PATCH", "/v1/session", "{\"language\":\"en\"}"));
}

/* ---- The end: the whole description was served ---------------------------------------------------------------- */

static bool was_seen_to_succeed(gpointer operation)
{
    GHashTableIter iterator;
    gpointer seen;
    g_autofree char *prefix = g_strconcat(operation, " 2", NULL);
    g_hash_table_iter_init(&iterator, contract_seen(world->contract));
    while (g_hash_table_iter_next(&iterator, &seen, NULL))
        if (g_str_has_prefix(seen, prefix))
            return true;
    return false;
}

static void test_every_operation_was_seen(void)
{
    g_autoptr(GPtrArray) operations = contract_operations(world->contract);
    for (guint i = 0; i < operations->len; i++)
        if (strcmp(operations->pdata[i], "GET /v1/events") != 0 && !was_seen_to_succeed(operations->pdata[i]))
            g_error("%s never succeeded in these tests", (char *)operations->pdata[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    world = world_start(argc, argv);
    g_test_add_func("/api/sign-in-and-out", test_sign_in_and_out);
    g_test_add_func("/api/cookie-is-guarded", test_cookie_is_guarded);
    g_test_add_func("/api/sign-in-refused", test_sign_in_refused);
    g_test_add_func("/api/nobody-is-locked-out", test_nobody_is_locked_out);
    g_test_add_func("/api/session-expires", test_session_expires);
    g_test_add_func("/api/csrf", test_csrf);
    g_test_add_func("/api/every-route-needs-its-session", test_every_route_needs_its_session);
    g_test_add_func("/api/list-and-message", test_list_and_message);
    g_test_add_func("/api/hold-is-explained", test_hold_is_explained);
    g_test_add_func("/api/invoice-is-shown", test_invoice_is_shown);
    g_test_add_func("/api/invoice-shows-no-way-to-pay", test_invoice_shows_no_way_to_pay);
    g_test_add_func("/api/switch-counts-at-once", test_switch_counts_at_once);
    g_test_add_func("/api/card-comes-later", test_card_comes_later);
    g_test_add_func("/api/pages", test_pages);
    g_test_add_func("/api/cursor-is-guarded", test_cursor_is_guarded);
    g_test_add_func("/api/list-arguments", test_list_arguments);
    g_test_add_func("/api/other-peoples-messages", test_other_peoples_messages);
    g_test_add_func("/api/body", test_body);
    g_test_add_func("/api/part", test_part);
    g_test_add_func("/api/billing", test_billing);
    g_test_add_func("/api/public-addresses", test_public_addresses);
    g_test_add_func("/api/body-is-wiped", test_body_is_wiped);
    add_payment_tests();
    g_test_add_func("/z-contract/full-disk", test_full_disk);
    g_test_add_func("/z-contract/every-operation-was-seen", test_every_operation_was_seen);
    int failed = g_test_run();
    world_stop(world);
    return failed;
}
