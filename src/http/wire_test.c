/* Clients that do not behave: dripping, hanging up, talking nonsense, talking too fast. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol_test.h"

int wire_connect(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(world->http)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(connection, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return connection;
}

void wire_send(int connection, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server hung up: what it said is read by the caller */
        data += sent;
        length -= (size_t)sent;
    }
}

GString *wire_read(int connection, const char *until, int wait_ms)
{
    GString *text = g_string_new(NULL);
    int64_t end_us = time_monotonic_us() + wait_ms * INT64_C(1000);
    while (until == NULL || strstr(text->str, until) == NULL) {
        struct pollfd waiting = { .fd = connection, .events = POLLIN };
        int left_ms = (int)((end_us - time_monotonic_us()) / 1000);
        char buffer[4096];
        if (left_ms <= 0 || poll(&waiting, 1, left_ms) <= 0)
            break;
        ssize_t length = recv(connection, buffer, sizeof(buffer), 0);
        if (length <= 0)
            break;
        g_string_append_len(text, buffer, length);
    }
    return text;
}

char *wire_host(void)
{
    return g_strdup_printf("Host: 127.0.0.1:%d\r\n", http_port(world->http));
}

/* ---- Slow clients ------------------------------------------------------------------------------------------ */

/* One byte each 100 ms would take for ever: after 15 s the server hangs up, and serves others all the while. */
static void test_dripping_clients(void)
{
    enum { DRIPPERS = 50 };
    int connections[DRIPPERS];
    unsigned open = DRIPPERS;
    for (int i = 0; i < DRIPPERS; i++) {
        connections[i] = wire_connect();
        wire_send(connections[i], "GET / HTTP/1.1\r\nX: ", 19);
    }
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    int stream = open_stream(anna, NULL);
    int64_t started_us = time_monotonic_us();
    while (open > 0 && time_monotonic_us() - started_us < 25 * US_PER_SECOND) {
        for (int i = 0; i < DRIPPERS; i++) {
            if (connections[i] < 0)
                continue;
            struct pollfd state = { .fd = connections[i], .events = POLLIN };
            if (poll(&state, 1, 0) > 0) {
                close(connections[i]);
                connections[i] = -1;
                open--;
            } else {
                wire_send(connections[i], "a", 1);
            }
        }
        answer_free(client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL));
        g_usleep(100 * 1000);
    }
    g_assert_cmpuint(open, ==, 0);
    g_assert_cmpint(time_monotonic_us() - started_us, >, 10 * US_PER_SECOND);
    /* An event stream is not a slow client: it lives on, and says so every 25 s. */
    g_autoptr(GString) text = wire_read(stream, ": still here", 20000);
    g_assert_nonnull(strstr(text->str, ": still here\n\n"));
    close(stream);
}

/* ---- Hanging up ---------------------------------------------------------------------------------------------- */

static void test_hanging_up(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *host = wire_host();
    g_autofree char *request
        = g_strdup_printf("GET /v1/messages?limit=200 HTTP/1.1\r\n%sCookie: %s\r\n\r\n", host, anna->cookie);
    for (int i = 0; i < 100; i++) {
        int connection = wire_connect();
        wire_send(connection, request, strlen(request));
        struct linger hard = { .l_onoff = 1 };
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)); /* RST */
        close(connection);
    }
    answer_free(client_expect(anna, 200, NULL, "GET", "/v1/folders", NULL));
}

/* ---- Pipelining ------------------------------------------------------------------------------------------------- */

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

static void test_pipelined_requests(void)
{
    g_autoptr(Client) anna = client_of(world, WORLD_PAYER);
    g_autofree char *host = wire_host();
    g_autoptr(GString) requests = g_string_new(NULL);
    for (int i = 0; i < 10; i++)
        g_string_append_printf(requests, "GET /v1/folders HTTP/1.1\r\n%sCookie: %s\r\n%s\r\n", host, anna->cookie,
            i == 9 ? "Connection: close\r\n" : "");
    int connection = wire_connect();
    wire_send(connection, requests->str, requests->len);
    g_autoptr(GString) replies = wire_read(connection, NULL, 10000);
    close(connection);
    g_assert_cmpuint(count_of(replies->str, "HTTP/1.1 200"), ==, 10);
    g_assert_cmpuint(count_of(replies->str, "\"inbox\""), ==, 10);
}

/* ---- Nonsense ----------------------------------------------------------------------------------------------------- */

static void expect_status(const char *request, const char *status)
{
    int connection = wire_connect();
    wire_send(connection, request, strlen(request));
    g_autoptr(GString) reply = wire_read(connection, "\r\n\r\n", 5000);
    close(connection);
    g_autofree char *wanted = g_strdup_printf("HTTP/1.1 %s", status);
    if (!g_str_has_prefix(reply->str, wanted))
        g_error("%s instead of %s for %s", reply->str, status, request);
}

static void test_nonsense(void)
{
    g_autofree char *host = wire_host();
    g_autofree char *two_hosts = g_strdup_printf("GET /v1/session HTTP/1.1\r\n%s%s\r\n", host, "Host: evil.example\r\n");
    expect_status(two_hosts, "400");
    g_autofree char *no_host = g_strdup("GET /v1/session HTTP/1.1\r\n\r\n");
    expect_status(no_host, "400");
    g_autofree char *two_lengths = g_strdup_printf(
        "POST /v1/session HTTP/1.1\r\n%sContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", host);
    expect_status(two_lengths, "400");
    g_autofree char *smuggle = g_strdup_printf(
        "POST /v1/session HTTP/1.1\r\n%sContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", host);
    expect_status(smuggle, "400");
    g_autofree char *huge = g_strdup_printf("POST /v1/session HTTP/1.1\r\n%sContent-Length: 99999999999\r\n\r\n", host);
    expect_status(huge, "413");
}

/* Without a length: at most a little more than the limit is read. */
static void test_endless_chunks(void)
{
    g_autofree char *host = wire_host();
    g_autofree char *head = g_strdup_printf(
        "POST /v1/session HTTP/1.1\r\n%sContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", host);
    int connection = wire_connect();
    wire_send(connection, head, strlen(head));
    char chunk[4096 + 8];
    memcpy(chunk, "1000\r\n", 6);
    memset(chunk + 6, ' ', 4096);
    memcpy(chunk + 6 + 4096, "\r\n", 2);
    size_t sent = 0;
    while (sent < 8 * 1024 * 1024) {
        if (send(connection, chunk, 6 + 4096 + 2, MSG_NOSIGNAL) <= 0)
            break;
        sent += 4096;
    }
    close(connection);
    g_assert_cmpuint(sent, <, 8 * 1024 * 1024);
    expect_status("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", "200");
}

void add_wire_tests(void)
{
    g_test_add_func("/wire/hanging-up", test_hanging_up);
    g_test_add_func("/wire/pipelined-requests", test_pipelined_requests);
    g_test_add_func("/wire/nonsense", test_nonsense);
    g_test_add_func("/wire/endless-chunks", test_endless_chunks);
    g_test_add_func("/wire/dripping-clients", test_dripping_clients);
}
