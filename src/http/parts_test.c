/* The small parts, alone: origins, cursors, tries, lanes. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "card_number.h"
#include "cursor.h"
#include "lane.h"
#include "limits.h"
#include "origin.h"
#include "tries.h"

static Origin parsed(const char *text)
{
    Origin origin;
    g_autoptr(GError) error = NULL;
    g_assert_true(origin_parse(text, &origin, &error));
    return origin;
}

static void test_origin_parse(void)
{
    static const struct { const char *text, *written; } good[] = {
        { "https://Pay.Example.org", "https://pay.example.org" }, { "https://pay.example.org/", "https://pay.example.org" },
        { "https://pay.example.org:443", "https://pay.example.org" },
        { "https://pay.example.org:8443", "https://pay.example.org:8443" },
        { "http://127.0.0.1:8080", "http://127.0.0.1:8080" }, { "http://[::1]:8080", "http://[::1]:8080" },
        { "http://localhost", "http://localhost" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        Origin origin = parsed(good[i].text);
        g_assert_cmpstr(origin.text, ==, good[i].written);
        origin_done(&origin);
    }
    static const char *const bad[] = { "", "pay.example.org", "http://pay.example.org", "https://", "https://a:0", "https://a:x",
        "https://a:70000", "https://user@a", "https://a/path", "https://a b", "ftp://a", "https://[::1", "http://127.0.0.2:80" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        Origin origin;
        g_autoptr(GError) error = NULL;
        g_assert_false(origin_parse(bad[i], &origin, &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    }
}

static void test_origin_hosts(void)
{
    Origin loopback = parsed("http://127.0.0.1:8080"), public = parsed("https://pay.example.org");
    g_assert_true(origin_allows_host(&loopback, "127.0.0.1:8080"));
    g_assert_true(origin_allows_host(&loopback, "LocalHost:8080"));
    g_assert_true(origin_allows_host(&loopback, "[::1]:8080"));
    static const char *const strange[] = { "127.0.0.1", "127.0.0.1:8081", "evil.example:8080", "127.0.0.1:8080@evil.example",
        "127.0.0.1.evil.example:8080", "", ":8080", "localhost.:8080" };
    for (size_t i = 0; i < G_N_ELEMENTS(strange); i++)
        g_assert_false(origin_allows_host(&loopback, strange[i]));
    g_assert_false(origin_allows_host(&loopback, NULL));
    g_assert_true(origin_allows_host(&public, "pay.example.org"));
    g_assert_true(origin_allows_host(&public, "pay.example.org:443"));
    g_assert_false(origin_allows_host(&public, "localhost"));
    g_assert_true(origin_is_same(&loopback, "localhost:8080", "http://localhost:8080"));
    g_assert_false(origin_is_same(&loopback, "localhost:8080", "http://127.0.0.1:8080"));
    g_assert_false(origin_is_same(&loopback, "localhost:8080", "null"));
    g_assert_false(origin_is_same(&public, "pay.example.org", "http://pay.example.org"));
    origin_done(&loopback);
    origin_done(&public);
}

static void test_origin_of_url(void)
{
    g_autofree char *plain = origin_of_url("https://pay.example/3ds?x=1"), *port = origin_of_url("http://127.0.0.1:81/a");
    g_assert_cmpstr(plain, ==, "https://pay.example");
    g_assert_cmpstr(port, ==, "http://127.0.0.1:81");
    g_assert_null(origin_of_url("javascript:alert(1)"));
    g_assert_null(origin_of_url("https://a;script-src *"));
    g_assert_null(origin_of_url("https://"));
}

static void test_cursor(void)
{
    Id id = id_new(), read_id;
    int64_t read_us;
    g_autofree char *cursor = cursor_make("key", "list anna", 1234567, id);
    g_assert_true(cursor_read("key", "list anna", cursor, &read_us, &read_id));
    g_assert_cmpint(read_us, ==, 1234567);
    g_assert_true(id_equal(id, read_id));
    g_assert_false(cursor_read("key", "list boris", cursor, &read_us, &read_id));
    g_assert_false(cursor_read("other", "list anna", cursor, &read_us, &read_id));
    for (size_t i = 0; cursor[i] != '\0'; i++) {
        g_autofree char *tampered = g_strdup(cursor);
        tampered[i] = tampered[i] == 'x' ? 'y' : 'x';
        g_assert_false(cursor_read("key", "list anna", tampered, &read_us, &read_id));
    }
    g_assert_false(cursor_read("key", "list anna", "", &read_us, &read_id));
}

static void test_card_number(void)
{
    static const char *const numbers[] = { "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "Anna 4242424242424242x",
        "378282246310005", "1 4242 4242 4242 4242", "4242 4242 4242 4242 123", "4242\u00a04242\u20134242\u200b4242",
        "\uff14\uff12\uff14\uff12\uff14\uff12\uff14\uff12\uff14\uff12\uff14\uff12\uff14\uff12\uff14\uff12" };
    static const char *const others[] = { "", "Anna Nowak", "4242424242424241", "4242", "00-001", "42424242424", "+48 601 234 567",
        "4242/4242/4242/4242", "42424242424242424242", "Visa **** 4242" };
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        g_assert_true(card_number_stands_in(numbers[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(card_number_stands_in(others[i]));
    g_autofree char *many = g_strnfill(5000, '1');
    g_assert_false(card_number_stands_in(many));
}

static void test_tries(void)
{
    Tries *tries = tries_new();
    unsigned wait_s = 0;
    for (int i = 0; i < 3; i++)
        g_assert_true(tries_begin(tries, 'l', "anna", 3, US_PER_DAY, &wait_s));
    g_assert_false(tries_begin(tries, 'l', "anna", 3, US_PER_DAY + US_PER_SECOND, &wait_s));
    g_assert_cmpuint(wait_s, ==, HTTP_TRIES_WINDOW_US / US_PER_SECOND);
    g_assert_true(tries_begin(tries, 'a', "anna", 3, US_PER_DAY, &wait_s)); /* another kind */
    g_assert_cmpuint(tries_count(tries, 'l', "anna", US_PER_DAY), ==, 3);
    g_assert_cmpuint(tries_count(tries, 'l', "boris", US_PER_DAY), ==, 0);
    tries_take_back(tries, 'l', "anna");
    g_assert_true(tries_begin(tries, 'l', "anna", 3, US_PER_DAY, &wait_s));
    g_assert_true(tries_begin(tries, 'l', "anna", 3, US_PER_DAY + HTTP_TRIES_WINDOW_US, &wait_s)); /* forgotten */
    g_assert_cmpuint(tries_count(tries, 'l', "anna", US_PER_DAY + HTTP_TRIES_WINDOW_US), ==, 1);
    tries_free(tries);
}

typedef struct Gate {
    GMutex lock;
    gint done;
} Gate;

static void pass_gate(void *job, void *context)
{
    Gate *gate = context;
    g_mutex_lock(&gate->lock);
    gate->done++;
    g_mutex_unlock(&gate->lock);
}

/* A full queue refuses; what was taken is run before the end. */
static void test_lane(void)
{
    Gate gate = { .done = 0 };
    g_mutex_init(&gate.lock);
    g_mutex_lock(&gate.lock); /* the worker waits here */
    Lane *lane = lane_start("test", 1, 4, pass_gate, &gate);
    unsigned taken = 0;
    for (int i = 0; i < 100; i++)
        taken += lane_push(lane, &gate);
    g_assert_cmpuint(taken, >=, 4);
    g_assert_cmpuint(taken, <=, 5); /* one may be with the worker already */
    g_mutex_unlock(&gate.lock);
    lane_stop(lane);
    g_assert_cmpint(gate.done, ==, taken);
    g_assert_false(lane_push(lane, &gate));
    lane_free(lane);
    g_mutex_clear(&gate.lock);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/parts/origin-parse", test_origin_parse);
    g_test_add_func("/parts/origin-hosts", test_origin_hosts);
    g_test_add_func("/parts/origin-of-url", test_origin_of_url);
    g_test_add_func("/parts/cursor", test_cursor);
    g_test_add_func("/parts/card-number", test_card_number);
    g_test_add_func("/parts/tries", test_tries);
    g_test_add_func("/parts/lane", test_lane);
    return g_test_run();
}
