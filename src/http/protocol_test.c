/* The server as a program on a network: hosts and origins, limits, files, many clients, stopping. */
#include "protocol_test.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"

World *world;

/* ---- Hosts and origins ---------------------------------------------------------------------------------- */

static void test_hosts(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    static const char *const strange[] = { "Host: evil.example", "Host: 127.0.0.1:1", "Host: 127.0.0.1.evil.example" };
    for (size_t i = 0; i < G_N_ELEMENTS(strange); i++) {
        g_autoptr(Answer) refused = client_call(anna, "GET", "/v1/folders", NULL, strange[i], NULL);
        g_assert_cmpint(refused->status, ==, 421);
        g_assert_cmpstr(json_text(refused->json, "code"), ==, "host_refused");
        g_autoptr(Answer) page = client_call(anna, "GET", "/", NULL, strange[i], NULL);
        g_assert_cmpint(page->status, ==, 421);
    }
    g_autofree char *localhost = g_strdup_printf("Host: localhost:%d", http_port(world->http));
    g_autoptr(Answer) loopback = client_call(anna, "GET", "/v1/folders", NULL, localhost, NULL);
    g_assert_cmpint(loopback->status, ==, 200);
    g_autoptr(Answer) probe = client_call(anna, "GET", "/livez", NULL, "Host: 10.0.0.7", NULL);
    g_assert_cmpint(probe->status, ==, 200);
}

static void test_origins(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    static const char *const strange[] = { "Origin: http://evil.example", "Origin: null", "Origin: https://127.0.0.1" };
    for (size_t i = 0; i < G_N_ELEMENTS(strange); i++) {
        g_autoptr(Answer) refused = client_call(anna, "DELETE", "/v1/session", NULL, strange[i], NULL);
        g_assert_cmpint(refused->status, ==, 403);
        g_assert_cmpstr(json_text(refused->json, "code"), ==, "origin_refused");
    }
    g_autofree char *own = g_strdup_printf("Origin: %s", world->url);
    g_autoptr(Answer) out = client_call(anna, "DELETE", "/v1/session", NULL, own, NULL);
    g_assert_cmpint(out->status, ==, 204);
}

/* ---- Bodies ----------------------------------------------------------------------------------------------- */

static char *repeated(const char *text, size_t count)
{
    GString *all = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append(all, text);
    return g_string_free(all, FALSE);
}

static void test_json(void)
{
    g_autoptr(Client) nobody = client_new(world);
    g_autofree char *deep = repeated("[", 10000);
    g_autoptr(Answer) too_deep = client_expect(nobody, 400, "malformed_json", "POST", "/v1/session", deep);
    g_assert_nonnull(strstr(json_text(too_deep->json, "detail"), "depth"));
    g_autofree char *objects = repeated("{\"a\":", 10000);
    answer_free(client_expect(nobody, 400, "malformed_json", "POST", "/v1/session", objects));
    static const char *const broken[] = { "{", "[]", "7", "{\"login\":\"a\",\"login\":\"b\"}", "{\"login\":\"\\u0000\"}", "nul" };
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++)
        answer_free(client_expect(nobody, 400, "malformed_json", "POST", "/v1/session", broken[i]));
    g_autofree char *spaces = repeated(" ", 256 * 1024 + 1);
    answer_free(client_expect(nobody, 413, "body_too_large", "POST", "/v1/session", spaces));
    spaces[256 * 1024] = '\0';
    answer_free(client_expect(nobody, 400, "malformed_json", "POST", "/v1/session", spaces));
}

static void test_methods_and_paths(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autoptr(Answer) wrong = client_expect(anna, 405, "method_not_allowed", "PUT", "/v1/session", "{}");
    g_autofree char *methods = answer_header(wrong, "Allow");
    g_assert_cmpstr(methods, ==, "GET, HEAD, POST, PATCH, DELETE");
    static const char *const nowhere[] = { "/v1/nothing", "/v1/messages/7", "/v1/messages/../session", "/v1/session/",
        "/v1//session", "/v1", "/v2/folders", "/api/folders", "/m", "/metrics", "/livez/", "/.well-known", "/assets/none", "/v1/messages/0197f0c0-0000-7000-8000-000000000000x" };
    for (size_t i = 0; i < G_N_ELEMENTS(nowhere); i++)
        answer_free(client_expect(anna, 404, "not_found", "GET", nowhere[i], NULL));
    g_autofree char *letters = repeated("a", 2000), *pairs = repeated("a=1&", 17);
    g_autofree char *long_path = g_strconcat("/v1/", letters, NULL);
    answer_free(client_expect(anna, 404, "not_found", "GET", long_path, NULL));
    g_autofree char *arguments = g_strconcat("/v1/messages?", pairs, NULL);
    answer_free(client_expect(anna, 400, "bad_request", "GET", arguments, NULL));
}

static void test_head(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    static const char *const paths[] = { "/livez", "/v1/folders", "/favicon.svg" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(Answer) get = client_expect(anna, 200, NULL, "GET", paths[i], NULL);
        g_autoptr(Answer) head = client_call(anna, "HEAD", paths[i], NULL, NULL);
        g_autofree char *type = answer_header(get, "Content-Type"), *same = answer_header(head, "Content-Type");
        g_assert_cmpint(head->status, ==, 200);
        g_assert_cmpuint(head->body->len, ==, 0);
        g_assert_cmpstr(type, ==, same);
    }
    g_autoptr(Answer) stream = client_call(anna, "HEAD", "/v1/events", NULL, NULL);
    g_assert_cmpint(stream->status, ==, 405);
    g_autoptr(Answer) action = client_call(anna, "HEAD", "/v1/cards", NULL, NULL);
    g_assert_cmpint(action->status, ==, 405);
}

static void test_headers(void)
{
    g_autoptr(Client) nobody = client_new(world);
    g_autofree char *letters = repeated("a", 20000), *large = g_strconcat("X-Large: ", letters, NULL);
    g_autoptr(Answer) refused = client_call(nobody, "GET", "/v1/session", NULL, large, NULL);
    g_assert_cmpint(refused->status, ==, 431);
    g_assert_cmpstr(json_text(refused->json, "code"), ==, "headers_too_large");
}

/* ---- The web app ------------------------------------------------------------------------------------------- */

static void test_page(void)
{
    g_autoptr(Client) nobody = client_new(world);
    static const char *const paths[] = { "/", "/wallet", "/payments/123", "/index.html" };
    g_autoptr(GHashTable) nonces = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(Answer) page = client_expect(nobody, 200, NULL, "GET", paths[i], NULL);
        g_autofree char *policy = answer_header(page, "Content-Security-Policy"), *cache = answer_header(page, "Cache-Control");
        g_assert_cmpstr(cache, ==, "no-store");
        const char *mark = "style-src 'self' 'nonce-", *at = strstr(policy, mark) + strlen(mark);
        g_autofree char *nonce = g_strndup(at, strcspn(at, "'"));
        g_assert_cmpuint(strlen(nonce), ==, 43);
        g_assert_nonnull(strstr(page->body->str, nonce));
        g_assert_null(strstr(page->body->str, "__CSP_NONCE__"));
        g_autofree char *frames = g_strdup_printf("frame-src 'self' %s;", world->sandbox_url);
        g_assert_nonnull(strstr(policy, frames));
        g_assert_nonnull(strstr(policy, "frame-ancestors 'none'"));
        g_assert_true(g_hash_table_add(nonces, g_steal_pointer(&nonce))); /* fresh each time */
    }
    g_autoptr(Answer) pay = client_expect(nobody, 200, NULL, "GET", "/pay/", NULL);
    g_autofree char *policy = answer_header(pay, "Content-Security-Policy");
    g_assert_nonnull(strstr(policy, "require-trusted-types-for 'script'"));
    g_assert_nonnull(strstr(policy, "style-src 'self';"));
    g_autoptr(Answer) moved = client_expect(nobody, 308, NULL, "GET", "/pay", NULL);
    answer_free(client_expect(nobody, 404, "not_found", "GET", "/pay/other", NULL));
    answer_free(client_expect(nobody, 405, "method_not_allowed", "POST", "/", "{}"));
    g_autoptr(Answer) head = client_expect(nobody, 200, NULL, "HEAD", "/", NULL);
    g_assert_cmpuint(head->body->len, ==, 0);
}

static void test_files(void)
{
    g_autoptr(Client) nobody = client_new(world);
    static const struct { const char *accept, *body, *encoding; } cases[] = {
        { "Accept-Encoding:", "console.log('app')", NULL }, { "Accept-Encoding: gzip, br", "(brotli)", "br" },
        { "Accept-Encoding: GZIP;q=0.5", "(gzip)", "gzip" }, { "Accept-Encoding: br;q=0, gzip", "(gzip)", "gzip" },
        { "Accept-Encoding: br;q=0.0", "console.log('app')", NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Answer) file = client_call(nobody, "GET", "/assets/app-1.js", NULL, cases[i].accept, NULL);
        g_autofree char *encoding = answer_header(file, "Content-Encoding"), *cache = answer_header(file, "Cache-Control");
        g_assert_cmpstr(file->body->str, ==, cases[i].body);
        g_assert_cmpstr(encoding, ==, cases[i].encoding);
        g_assert_nonnull(strstr(cache, "immutable"));
    }
    g_autoptr(Answer) icon = client_expect(nobody, 200, NULL, "GET", "/favicon.svg", NULL);
    g_autofree char *etag = answer_header(icon, "ETag"), *line = g_strconcat("If-None-Match: ", etag, NULL);
    g_autoptr(Answer) same = client_call(nobody, "GET", "/favicon.svg", NULL, line, NULL);
    g_assert_cmpint(same->status, ==, 304);
    static const char *const nowhere[] = { "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt",
        "/..%2fsecret.txt", "/link.txt", "/assets/", "/assets/none.js", "//secret.txt", "/assets/app-1.js/.", "/.git/config",
        "/favicon.svg%00.js" };
    for (size_t i = 0; i < G_N_ELEMENTS(nowhere); i++) {
        g_autoptr(Answer) answer = client_call(nobody, "GET", nowhere[i], NULL, NULL);
        g_assert_null(strstr(answer->body->str, "secret\n"));
        g_assert_cmpstr(answer->body->str, !=, "secret");
    }
}

/* ---- Metrics ------------------------------------------------------------------------------------------------ */

static void test_metrics(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    answer_free(client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL));
    g_autofree char *path = g_build_filename(world->directory, "metrics", NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(connection, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: metrics\r\nConnection: close\r\n\r\n";
    wire_send(connection, request, strlen(request));
    g_autoptr(GString) reply = wire_read(connection, NULL, 5000);
    close(connection);
    g_assert_nonnull(strstr(reply->str, "saldo_http_requests_total{method=\"GET\",route=\"/v1/folders\",status=\"2xx\"}"));
    g_assert_nonnull(strstr(reply->str, "saldo_vault_up 1\n"));
    g_assert_nonnull(strstr(reply->str, "saldo_jail_requests_total{kind=\"render\",outcome=\"busy\"} 0\n"));
    g_assert_nonnull(strstr(reply->str, "saldo_http_queue{lane=\"store\"}"));
    g_assert_null(strstr(reply->str, "anna"));
    answer_free(client_expect(anna, 404, "not_found", "GET", "/metrics.txt", NULL)); /* not on the public side */
}

/* ---- A slow biller ------------------------------------------------------------------------------------------------ */

/* The client is answered at its deadline, the inbox is as fast as ever, and the late answer of the worker is dropped. */
static void test_slow_biller(void)
{
    world->outside_ms = 500;
    world_restart_http(world);
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autoptr(Answer) list = client_expect(anna, 200, NULL, "GET", "/v1/messages?folder=to_pay", NULL);
    const json_t *row = json_array_get(json_object_get(list->json, "items"), 0);
    g_autofree char *path
        = g_strdup_printf("/v1/invoices/%s/review", json_text(json_object_get(row, "invoice"), "id"));
    world_fault(world, "{\"point\":\"loadentity\",\"kind\":\"delay\",\"delay_ms\":2000,\"count\":1}");
    int64_t started_us = time_monotonic_us();
    g_autoptr(Answer) late = client_expect(anna, 504, "no_answer_yet", "POST", path, NULL);
    g_assert_cmpint(time_monotonic_us() - started_us, <, 1500 * 1000);
    answer_free(client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL));
    world->outside_ms = 0;
    world_restart_http(world); /* waits for the worker */
    answer_free(client_expect(anna, 200, NULL, "POST", path, NULL));
}

/* ---- Many at once --------------------------------------------------------------------------------------------- */

static gpointer ask_often(gpointer data)
{
    g_autoptr(Client) client = client_new(world);
    client->cookie = g_strdup(data);
    for (int i = 0; i < 20; i++) {
        answer_free(client_expect(client, 200, NULL, "GET", "/v1/messages", NULL));
        answer_free(client_expect(client, 200, NULL, "GET", "/v1/folders", NULL));
    }
    return NULL;
}

static void test_many_clients(void)
{
    enum { CLIENTS = 64 };
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    GThread *threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        threads[i] = g_thread_new("client", ask_often, anna->cookie);
    for (int i = 0; i < CLIENTS; i++)
        g_thread_join(threads[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    world = world_start(argc, argv);
    world_deliver(world, "northwind-electricity.eml");
    world_deliver(world, "plain-letter.eml");
    g_test_add_func("/protocol/hosts", test_hosts);
    g_test_add_func("/protocol/origins", test_origins);
    g_test_add_func("/protocol/json", test_json);
    g_test_add_func("/protocol/methods-and-paths", test_methods_and_paths);
    g_test_add_func("/protocol/head", test_head);
    g_test_add_func("/protocol/headers", test_headers);
    g_test_add_func("/protocol/page", test_page);
    g_test_add_func("/protocol/files", test_files);
    g_test_add_func("/protocol/metrics", test_metrics);
    g_test_add_func("/protocol/slow-biller", test_slow_biller);
    g_test_add_func("/protocol/many-clients", test_many_clients);
    add_events_tests();
    add_wire_tests();
    int failed = g_test_run();
    world_stop(world);
    return failed;
}
