/* The two resolvers: zone files, and libunbound against a name server on loopback, a silent one, and none. */
#include "mailauth.h"

#include <arpa/inet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct Got {
    int calls;
    mailauth_rcode rcode;
    mailauth_dnssec dnssec;
    size_t count, length;
    uint32_t ttl;
    uint8_t first[512];
} Got;

static void take(void *context, const mailauth_answer *answer)
{
    Got *got = context;
    got->calls++;
    got->rcode = answer->rcode;
    got->dnssec = answer->dnssec;
    got->count = answer->record_count;
    got->ttl = answer->ttl;
    if (answer->record_count > 0) {
        got->length = answer->records[0].length;
        memcpy(got->first, answer->records[0].at, MIN(got->length, sizeof got->first));
    }
}

static int64_t now_us(void)
{
    return g_get_monotonic_time();
}

static Got ask_within(mailauth_resolver *resolver, const char *name, uint16_t type, int64_t timeout_us)
{
    Got got = { .calls = 0 };
    if (resolver->start(resolver->self, name, type, now_us() + timeout_us, take, &got) != 0)
        return got;
    while (got.calls == 0)
        g_assert_cmpint(resolver->wait(resolver->self), ==, 0);
    g_assert_cmpint(got.calls, ==, 1);
    return got;
}

static Got ask(mailauth_resolver *resolver, const char *name, uint16_t type)
{
    return ask_within(resolver, name, type, 5 * G_USEC_PER_SEC);
}

/* ---- Zone files ---- */

static const char ZONE[] = "; a comment\n"
                           "$TTL 60\n"
                           "full.example. 120 IN A 192.0.2.1\n"
                           "        IN 30 A 192.0.2.2 ; the same name\n"
                           "unrooted.example AAAA 2001:db8::1\n"
                           "$ORIGIN example.\n"
                           "@ MX 10 mail\n"
                           "text TXT ( \"one; \\\"two\\\"\" ; inside\n"
                           "           three\\032four \"\" )\n"
                           "Alias CNAME text\n"
                           "loop CNAME loop\n"
                           "deep.er.x PTR full\n"
                           "ns NS elsewhere\n"
                           "$ANSWER slow A timeout\n"
                           "$ANSWER bad ANY bogus\n"
                           "bad A 192.0.2.3\n"
                           "sec A 192.0.2.4\n"
                           "$ANSWER sec A secure\n";

static void test_zone(void)
{
    char *error = NULL;
    mailauth_resolver *zone = mailauth_resolver_from_zone(ZONE, strlen(ZONE), &error);
    g_assert_cmpstr(error, ==, NULL);
    Got got = ask(zone, "full.example", MAILAUTH_TYPE_A);
    g_assert_cmpuint(got.count, ==, 2);
    g_assert_cmpuint(got.ttl, ==, 30);
    g_assert_cmpmem(got.first, got.length, "\xc0\x00\x02\x01", 4);
    g_assert_cmpuint(ask(zone, "unrooted.example", MAILAUTH_TYPE_AAAA).length, ==, 16);
    got = ask(zone, "example", MAILAUTH_TYPE_MX);
    g_assert_cmpmem(got.first, got.length, "\0\x0a\4mail\7example\0", 16);
    got = ask(zone, "alias.example", MAILAUTH_TYPE_TXT);
    g_assert_cmpmem(got.first, got.length, "\x0aone; \"two\"\x0athree four\0", 23);
    g_assert_cmpint(ask(zone, "loop.example", MAILAUTH_TYPE_A).rcode, ==, MAILAUTH_DNS_SERVFAIL);
    g_assert_cmpint(ask(zone, "er.x.example", MAILAUTH_TYPE_A).rcode, ==, MAILAUTH_DNS_OK);
    g_assert_cmpint(ask(zone, "none.example", MAILAUTH_TYPE_A).rcode, ==, MAILAUTH_DNS_NXDOMAIN);
    g_assert_cmpint(ask(zone, "slow.example", MAILAUTH_TYPE_A).rcode, ==, MAILAUTH_DNS_TIMEOUT);
    got = ask(zone, "bad.example", MAILAUTH_TYPE_A);
    g_assert_cmpint(got.dnssec, ==, MAILAUTH_DNSSEC_BOGUS);
    g_assert_cmpuint(got.count, ==, 0);
    got = ask(zone, "sec.example", MAILAUTH_TYPE_A);
    g_assert_cmpint(got.dnssec, ==, MAILAUTH_DNSSEC_SECURE);
    g_assert_cmpuint(got.count, ==, 1);
    mailauth_resolver_free(zone);
}

static void test_zone_errors(void)
{
    static const struct {
        const char *text, *error;
    } ZONES[] = {
        { "a.example. A 192.0.2\n", "zone file, line 1: this is not an address" },
        { "\n\na.example. WHAT x\n", "zone file, line 3: the record has no known type" },
        { "a.example. TXT\n", "zone file, line 1: the record has no data" },
        { "a.example. TXT \"open\n", "zone file, line 1: a quoted string is not closed" },
        { "a.example. TXT ( x\n", "zone file, line 1: a bracket is not closed" },
        { "a.example. TXT ) x\n", "zone file, line 1: a bracket closes that was not opened" },
        { "a.example. MX mail.example.\n", "zone file, line 1: an MX record is a preference and a name" },
        { "  A 192.0.2.1\n", "zone file, line 1: the first record has no name" },
        { "$INCLUDE x\n", "zone file, line 1: this directive is not known" },
        { "$ANSWER a.example. A maybe\n",
            "zone file, line 1: it is $ANSWER name type timeout|servfail|bogus|secure" },
        { "a.example. PTR a..b.\n", "zone file, line 1: this is not a name" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ZONES); i++) {
        char *error = NULL;
        g_assert_null(mailauth_resolver_from_zone(ZONES[i].text, strlen(ZONES[i].text), &error));
        g_assert_cmpstr(error, ==, ZONES[i].error);
        free(error);
    }
}

/* ---- libunbound ---- */

static void test_unbound_zone_only(void)
{
    g_autofree char *path = NULL;
    int descriptor = g_file_open_tmp("zone-XXXXXX", &path, NULL);
    g_assert_cmpint(write(descriptor, ZONE, strlen(ZONE)), ==, (int)strlen(ZONE));
    close(descriptor);
    mailauth_unbound_options options = { .zone_file = path, .no_network = true };
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_unbound(&options, &error);
    g_assert_cmpstr(error, ==, NULL);
    g_assert_cmpuint(ask(resolver, "full.example", MAILAUTH_TYPE_A).count, ==, 2);
    g_assert_cmpint(ask(resolver, "www.example.com", MAILAUTH_TYPE_A).rcode, ==, MAILAUTH_DNS_NXDOMAIN);
    mailauth_resolver_free(resolver);
    g_unlink(path);
    g_assert_null(mailauth_resolver_unbound(&options, &error));
    g_assert_true(g_str_has_prefix(error, "the zone file cannot be read"));
    free(error);
}

/* A name server of one answer: TXT "answer for <first label>" to every TXT question, NXDOMAIN to names that
 * begin with "no", nothing at all to those that begin with "silent". */
typedef struct Server {
    int socket;
    char address[32];
    GThread *thread;
    int silent; /* atomic: answer nothing */
} Server;

static size_t write_answer(uint8_t *packet, size_t question_end)
{
    enum { HEADER = 12, FLAGS = 2, RCODE = 3, ANSWERS = 7, ADDITIONAL = 11, NXDOMAIN = 3 };
    uint8_t label = packet[HEADER];
    bool absent = label >= 2 && memcmp(packet + HEADER + 1, "no", 2) == 0;
    packet[FLAGS] = 0x84 | (packet[FLAGS] & 1);
    packet[RCODE] = 0x80 | (absent ? NXDOMAIN : 0);
    packet[ANSWERS] = absent ? 0 : 1;
    packet[ADDITIONAL] = 0;
    if (absent)
        return question_end;
    g_autofree char *text = g_strdup_printf("answer for %.*s", label, packet + HEADER + 1);
    uint8_t *at = packet + question_end;
    memcpy(at, "\xc0\x0c\0\x10\0\1\0\0\0\x3c", 10);
    at[10] = 0;
    at[11] = (uint8_t)(strlen(text) + 1);
    at[12] = (uint8_t)strlen(text);
    memcpy(at + 13, text, strlen(text));
    return question_end + 13 + strlen(text);
}

static gpointer serve(gpointer data)
{
    Server *server = data;
    uint8_t packet[2048];
    struct sockaddr_in peer;
    for (;;) {
        socklen_t peer_length = sizeof peer;
        ssize_t length = recvfrom(server->socket, packet, 1024, 0, (struct sockaddr *)&peer, &peer_length);
        if (length < 17)
            return NULL; /* the end: a short packet of the test itself */
        size_t end = 12;
        while (packet[end] != 0)
            end += packet[end] + 1u;
        bool silent = g_atomic_int_get(&server->silent) || memcmp(packet + 13, "silent", 6) == 0;
        if (!silent)
            sendto(server->socket, packet, write_answer(packet, end + 5), 0, (struct sockaddr *)&peer, peer_length);
    }
}

static void server_start(Server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    server->socket = socket(AF_INET, SOCK_DGRAM, 0);
    g_assert_cmpint(bind(server->socket, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(server->socket, (struct sockaddr *)&address, &length), ==, 0);
    g_snprintf(server->address, sizeof server->address, "127.0.0.1@%d", ntohs(address.sin_port));
    server->thread = g_thread_new("server", serve, server);
}

static void server_stop(Server *server)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(server->socket, (struct sockaddr *)&address, &length);
    sendto(server->socket, "end", 3, 0, (struct sockaddr *)&address, length);
    g_thread_join(server->thread);
    close(server->socket);
}

static mailauth_resolver *unbound_for(const Server *server)
{
    mailauth_unbound_options options = { .forward_to = server->address };
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_unbound(&options, &error);
    g_assert_cmpstr(error, ==, NULL);
    return resolver;
}

static void test_unbound_answers(void)
{
    Server server = { .silent = 0 };
    server_start(&server);
    mailauth_resolver *resolver = unbound_for(&server);
    Got got = ask(resolver, "key.example.org", MAILAUTH_TYPE_TXT);
    g_assert_cmpint(got.rcode, ==, MAILAUTH_DNS_OK);
    g_assert_cmpint(got.dnssec, ==, MAILAUTH_DNSSEC_INSECURE);
    g_assert_cmpmem(got.first, got.length, "\x0e" "answer for key", 15);
    g_assert_cmpint(ask(resolver, "no.example.org", MAILAUTH_TYPE_TXT).rcode, ==, MAILAUTH_DNS_NXDOMAIN);
    mailauth_resolver_free(resolver);
    server_stop(&server);
}

/* Zone file and network together: the file answers its own names and no others; odd names reach the server whole. */
static void test_unbound_mixed(void)
{
    static const char OWN[] = "a.example.org. TXT \"from the file\"\n";
    g_autofree char *path = NULL;
    int descriptor = g_file_open_tmp("zone-XXXXXX", &path, NULL);
    g_assert_cmpint(write(descriptor, OWN, strlen(OWN)), ==, (int)strlen(OWN));
    close(descriptor);
    Server server = { .silent = 0 };
    server_start(&server);
    mailauth_unbound_options options = { .zone_file = path, .forward_to = server.address };
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_unbound(&options, &error);
    g_assert_cmpstr(error, ==, NULL);
    Got got = ask(resolver, "a.example.org", MAILAUTH_TYPE_TXT);
    g_assert_cmpmem(got.first, got.length, "\x0d" "from the file", 14);
    got = ask(resolver, "b.a.example.org", MAILAUTH_TYPE_TXT);
    g_assert_cmpmem(got.first, got.length, "\x0c" "answer for b", 13);
    got = ask(resolver, "example.org", MAILAUTH_TYPE_TXT);
    g_assert_cmpmem(got.first, got.length, "\x12" "answer for example", 19);
    got = ask(resolver, "q\\ ;x.example.org", MAILAUTH_TYPE_TXT);
    g_assert_cmpmem(got.first, got.length, "\x10" "answer for q\\ ;x", 17);
    mailauth_resolver_free(resolver);
    server_stop(&server);
    g_unlink(path);
}

/* A silent server: the deadline holds, and the resolver can be freed with the question still open. */
static void test_unbound_deadline(void)
{
    Server server = { .silent = 1 };
    server_start(&server);
    mailauth_resolver *resolver = unbound_for(&server);
    int64_t before = now_us();
    Got got = ask_within(resolver, "silent.example.org", MAILAUTH_TYPE_TXT, 200000);
    int64_t took = now_us() - before;
    g_assert_cmpint(got.rcode, ==, MAILAUTH_DNS_TIMEOUT);
    g_assert_cmpint(took, >=, 200000);
    g_assert_cmpint(took, <, 2 * G_USEC_PER_SEC);
    mailauth_resolver_free(resolver);
    server_stop(&server);
}

/* Many look-ups at once from several threads: each is called back on its own thread, with its own answer. */
typedef struct Asker {
    mailauth_resolver *resolver;
    int number;
} Asker;

typedef struct Expected {
    Got got;
    GThread *thread;
    bool foreign;
} Expected;

static void take_own(void *context, const mailauth_answer *answer)
{
    Expected *expected = context;
    expected->foreign |= expected->thread != g_thread_self();
    take(&expected->got, answer);
}

static gpointer ask_many(gpointer data)
{
    enum { LOOKUPS = 50 };
    const Asker *asker = data;
    g_autofree Expected *all = g_new0(Expected, LOOKUPS);
    int done = 0;
    for (int i = 0; i < LOOKUPS; i++) {
        g_autofree char *name = g_strdup_printf("t%d-%d.example.org", asker->number, i);
        all[i].thread = g_thread_self();
        g_assert_cmpint(asker->resolver->start(asker->resolver->self, name, MAILAUTH_TYPE_TXT,
                            now_us() + 20 * G_USEC_PER_SEC, take_own, &all[i]), ==, 0);
    }
    while (done < LOOKUPS) {
        g_assert_cmpint(asker->resolver->wait(asker->resolver->self), ==, 0);
        done = 0;
        for (int i = 0; i < LOOKUPS; i++)
            done += all[i].got.calls;
    }
    for (int i = 0; i < LOOKUPS; i++) {
        g_autofree char *text = g_strdup_printf("answer for t%d-%d", asker->number, i);
        g_assert_false(all[i].foreign);
        g_assert_cmpint(all[i].got.calls, ==, 1);
        g_assert_cmpmem(all[i].got.first + 1, all[i].got.length - 1, text, strlen(text));
    }
    return NULL;
}

static void test_unbound_threads(void)
{
    enum { THREADS = 4 };
    Server server = { .silent = 0 };
    server_start(&server);
    mailauth_resolver *resolver = unbound_for(&server);
    Asker askers[THREADS];
    GThread *threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (Asker){ resolver, i };
        threads[i] = g_thread_new("asker", ask_many, &askers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    mailauth_resolver_free(resolver);
    server_stop(&server);
}

static void test_unbound_errors(void)
{
    mailauth_unbound_options options = { .forward_to = "not an address" };
    char *error = NULL;
    g_assert_null(mailauth_resolver_unbound(&options, &error));
    g_assert_true(g_str_has_prefix(error, "libunbound cannot use the name server not an address"));
    free(error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/resolver/zone", test_zone);
    g_test_add_func("/mailauth/resolver/zone-errors", test_zone_errors);
    g_test_add_func("/mailauth/resolver/unbound-zone-only", test_unbound_zone_only);
    g_test_add_func("/mailauth/resolver/unbound-answers", test_unbound_answers);
    g_test_add_func("/mailauth/resolver/unbound-mixed", test_unbound_mixed);
    g_test_add_func("/mailauth/resolver/unbound-deadline", test_unbound_deadline);
    g_test_add_func("/mailauth/resolver/unbound-threads", test_unbound_threads);
    g_test_add_func("/mailauth/resolver/unbound-errors", test_unbound_errors);
    return g_test_run();
}
