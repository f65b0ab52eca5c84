/* Server push: what arrives, in order, resumed, for whom, and when it ends. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol_test.h"

int open_stream(const Client *client, const char *last_event_id)
{
    g_autofree char *host = wire_host();
    g_autofree char *last = last_event_id == NULL ? g_strdup("") : g_strdup_printf("Last-Event-ID: %s\r\n", last_event_id);
    g_autofree char *request
        = g_strdup_printf("GET /v1/events HTTP/1.1\r\n%sCookie: %s\r\n%s\r\n", host, client->cookie, last);
    int connection = wire_connect();
    wire_send(connection, request, strlen(request));
    return connection;
}

static char *field_before(const char *text, const char *end, const char *name)
{
    g_autofree char *part = g_strndup(text, (gsize)(end - text));
    const char *at = g_strrstr(part, name);
    g_assert_nonnull(at);
    at += strlen(name);
    return g_strndup(at, strcspn(at, "\r\n"));
}

static bool add_stray_event(StoreTx *tx, void *context, GError **error)
{
    return store_event_add(tx, world->organization_id, "message", id_new(), id_new(), error); /* no mailbox of Anna's */
}

static void test_stream(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int connection = open_stream(anna, NULL);
    g_autoptr(GString) head = wire_read(connection, "id: ", 5000);
    g_assert_nonnull(strstr(head->str, "HTTP/1.1 200"));
    g_assert_nonnull(strstr(head->str, "Content-Type: text/event-stream"));
    g_assert_nonnull(strstr(head->str, "retry: 3000"));
    world_write(world, add_stray_event, NULL);
    Id id = world_deliver(world, "plain-letter.eml");
    g_autofree char *wanted = g_strdup_printf("event: message\ndata: {\"id\":\"%s\"}\n\n", id.text);
    g_autoptr(GString) text = wire_read(connection, wanted, 5000);
    g_assert_nonnull(strstr(text->str, wanted));
    g_assert_null(strstr(strstr(text->str, "event: ") + 1, "event: ")); /* the other mailbox's stays untold */
    close(connection);
}

static bool add_event(StoreTx *tx, void *context, GError **error)
{
    return store_event_add(tx, world->organization_id, "policy", ID_NONE, ID_NONE, error);
}

/* `saldo admin` is another process: its commits wake nobody here, and are told within a second all the same. */
static void test_other_process(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int connection = open_stream(anna, NULL);
    g_string_free(wire_read(connection, "id: ", 5000), TRUE);
    g_autofree char *path = g_build_filename(world->directory, "saldo.db", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) other = store_open(path, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(store_write(other, add_event, NULL, &error));
    int64_t started_us = time_monotonic_us();
    g_autoptr(GString) text = wire_read(connection, "event: policy\ndata: {\"id\":null}\n\n", 5000);
    g_assert_nonnull(strstr(text->str, "event: policy"));
    g_assert_cmpint(time_monotonic_us() - started_us, <, 1500 * 1000);
    close(connection);
}

static void test_resume(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int first = open_stream(anna, NULL);
    Id known = world_deliver(world, "plain-letter.eml");
    g_autofree char *wanted = g_strdup_printf("data: {\"id\":\"%s\"}\n\n", known.text);
    g_autoptr(GString) text = wire_read(first, wanted, 5000);
    const char *at = strstr(text->str, wanted);
    g_assert_nonnull(at);
    g_autofree char *last = field_before(text->str, at, "id: ");
    close(first);
    Id missed[3];
    for (int i = 0; i < 3; i++)
        missed[i] = world_deliver(world, "newsletter.eml");
    int second = open_stream(anna, last);
    g_autoptr(GString) rest = wire_read(second, missed[2].text, 5000);
    const char *place = rest->str;
    for (int i = 0; i < 3; i++) { /* each, in order */
        place = strstr(place, missed[i].text);
        g_assert_nonnull(place);
    }
    g_assert_null(strstr(rest->str, known.text)); /* none twice */
    close(second);
}

/* An id of another database, or one from long ago: read everything again. */
static void test_strange_resume(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int connection = open_stream(anna, "999999999");
    g_autoptr(GString) text = wire_read(connection, "event: policy\ndata: {\"id\":null}", 5000);
    g_assert_nonnull(strstr(text->str, "event: message\ndata: {\"id\":null}"));
    g_assert_nonnull(strstr(text->str, "event: policy\ndata: {\"id\":null}"));
    close(connection);
    g_autoptr(Answer) wrong = client_call(anna, "GET", "/v1/events", NULL, "Last-Event-ID: abc", NULL);
    g_assert_cmpint(wrong->status, ==, 400);
}

static void test_stream_ends_with_session(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int connection = open_stream(anna, NULL);
    g_string_free(wire_read(connection, "id: ", 5000), TRUE);
    answer_free(client_expect(anna, 204, NULL, "DELETE", "/v1/session", NULL));
    g_autoptr(GString) rest = wire_read(connection, "0\r\n\r\n", 5000); /* the last chunk */
    g_assert_nonnull(strstr(rest->str, "0\r\n\r\n"));
    close(connection);
}

static void test_streams_are_bounded(void)
{
    enum { OWN_MOST = 16 };
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int connections[OWN_MOST];
    for (int i = 0; i < OWN_MOST; i++) {
        connections[i] = open_stream(anna, NULL);
        g_string_free(wire_read(connections[i], "id: ", 5000), TRUE);
    }
    g_autoptr(Answer) refused = client_call(anna, "GET", "/v1/events", NULL, NULL);
    g_assert_cmpint(refused->status, ==, 503);
    for (int i = 0; i < OWN_MOST; i++)
        close(connections[i]);
    bool has_room = false; /* closed windows give their places back soon, not only with the next comment */
    for (int i = 0; i < 30 && !has_room; i++) {
        g_usleep(100 * 1000);
        int connection = open_stream(anna, NULL);
        g_autoptr(GString) head = wire_read(connection, "\r\n\r\n", 5000);
        has_room = g_str_has_prefix(head->str, "HTTP/1.1 200");
        close(connection);
    }
    g_assert_true(has_room);
}

/* The server stops at once, although a stream is open and a request is on its way. */
static void test_stop_with_open_stream(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int connection = open_stream(anna, NULL);
    g_string_free(wire_read(connection, "id: ", 5000), TRUE);
    int64_t started_us = time_monotonic_us();
    world_restart_http(world);
    g_assert_cmpint(time_monotonic_us() - started_us, <, 2 * US_PER_SECOND);
    g_autoptr(GString) rest = wire_read(connection, NULL, 2000);
    g_assert_nonnull(strstr(rest->str, "0\r\n\r\n"));
    close(connection);
    answer_free(client_expect(anna, 200, NULL, "GET", "/v1/session", NULL)); /* sessions outlive the server */
}

void add_events_tests(void)
{
    g_test_add_func("/events/stream", test_stream);
    g_test_add_func("/events/other-process", test_other_process);
    g_test_add_func("/events/resume", test_resume);
    g_test_add_func("/events/strange-resume", test_strange_resume);
    g_test_add_func("/events/ends-with-session", test_stream_ends_with_session);
    g_test_add_func("/events/stop-with-open-stream", test_stop_with_open_stream);
    g_test_add_func("/events/bounded", test_streams_are_bounded);
}
