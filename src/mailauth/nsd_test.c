/* libunbound against a real name server: Debian's nsd on a loopback port, with a zone of the test's own, signed by
 * ldns-signzone. Secure, insecure, bogus and expired answers are what the server and the validator make of it; a port that
 * swallows everything stands for a server that is gone. */
#include "test_world.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct World {
    char *directory, *anchor, *stale_anchor;
    TestKey *key;
    int port;
    GPid server;
} World;

static World world;

static char *program(const char *name)
{
    char *path = g_find_program_in_path(name);
    g_autofree char *system = g_build_filename("/usr/sbin", name, NULL);
    return path != NULL ? path : g_file_test(system, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer(&system) : NULL;
}

static char *in_world(const char *name)
{
    return g_build_filename(world.directory, name, NULL);
}

static char *read_world(const char *name)
{
    g_autofree char *path = in_world(name);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void write_world(const char *name, const char *text)
{
    g_autofree char *path = in_world(name);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* Runs it inside the directory; its output without the line end. */
static char *run(const char *const *arguments)
{
    char *output = NULL, *errors = NULL;
    int status = 0;
    GError *error = NULL;
    g_autofree char *path = program(arguments[0]);
    g_auto(GStrv) copy = g_strdupv((char **)arguments);
    g_free(copy[0]);
    copy[0] = g_strdup(path);
    g_spawn_sync(world.directory, copy, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors, &status, &error);
    g_assert_no_error(error);
    if (!g_spawn_check_wait_status(status, NULL))
        g_error("%s failed: %s", arguments[0], errors);
    g_free(errors);
    return g_strchomp(output);
}

/* ---- The zones ---- */

#define HEAD(zone) \
    "$ORIGIN " zone ".\n$TTL 60\n" \
    "@ SOA ns." zone ". hostmaster." zone ". 1 3600 600 86400 60\n@ NS ns." zone ".\nns A 127.0.0.1\n"

/* Signs `zone` in the file of its name; returns its DS record. */
static char *sign_zone(const char *zone, const char *inception, const char *expiration)
{
    g_autofree char *key = run((const char *[]){ "ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone, NULL });
    g_free(run((const char *[]){ "ldns-signzone", "-i", inception, "-e", expiration, zone, key, NULL }));
    g_autofree char *ds = g_strconcat(key, ".ds", NULL);
    return g_strchomp(read_world(ds));
}

static void write_zones(void)
{
    g_autofree char *record = mailauth_key_record(world.key->key);
    g_autofree char *keys = g_strdup_printf("s1._domainkey TXT \"%s\"\n", record);
    g_autofree char *secure = g_strconcat(HEAD("secure.example"), keys,
        "bogus._domainkey TXT \"as it was signed\"\nchild NS ns.child\nns.child A 127.0.0.1\n", NULL);
    g_autofree char *plain = g_strconcat(HEAD("plain.example"), keys, NULL);
    g_autofree char *child = g_strconcat(HEAD("child.secure.example"), keys, NULL);
    write_world("secure.example", secure);
    write_world("plain.example", plain);
    write_world("child.secure.example", child);
    write_world("stale.example", HEAD("stale.example") "t TXT \"too late\"\n");
    g_autofree char *from = g_strdup_printf("%" G_GINT64_FORMAT, g_get_real_time() / G_USEC_PER_SEC - 86400);
    g_autofree char *until = g_strdup_printf("%" G_GINT64_FORMAT, g_get_real_time() / G_USEC_PER_SEC + 86400);
    world.anchor = sign_zone("secure.example", from, until);
    world.stale_anchor = sign_zone("stale.example", "20200101000000", "20200201000000");
    g_autofree char *signed_text = read_world("secure.example.signed");
    g_auto(GStrv) parts = g_strsplit(signed_text, "as it was signed", -1);
    g_assert_cmpuint(g_strv_length(parts), ==, 2);
    g_autofree char *changed = g_strjoinv("changed on its way", parts);
    write_world("secure.example.signed", changed);
}

/* ---- The server ---- */

/* A UDP port that nobody uses; *ret_socket keeps it, and answers nothing. */
static int take_port(int *ret_socket)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    *ret_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(*ret_socket, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(*ret_socket, (struct sockaddr *)&address, &length), ==, 0);
    return ntohs(address.sin_port);
}

/* Whether the server answers a question for the SOA of plain.example. */
static bool server_answers(void)
{
    static const uint8_t QUESTION[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0\5plain\7example\0\0\6\0\1";
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)world.port) };
    struct timeval patience = { .tv_usec = 100000 };
    uint8_t answer[512];
    int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sendto(udp, QUESTION, sizeof QUESTION - 1, 0, (struct sockaddr *)&address, sizeof address);
    bool answered = recv(udp, answer, sizeof answer, 0) > (ssize_t)sizeof QUESTION;
    close(udp);
    return answered;
}

/* In the server before it starts: it ends with the test, however that ends. */
static void end_with_the_test(gpointer data)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void start_server(void)
{
    static const char *const ZONES[][2] = { { "secure.example", "secure.example.signed" },
        { "stale.example", "stale.example.signed" }, { "plain.example", "plain.example" },
        { "child.secure.example", "child.secure.example" } };
    int reserved;
    world.port = take_port(&reserved);
    close(reserved);
    g_autoptr(GString) settings = g_string_new(NULL);
    g_string_printf(settings,
        "server:\n ip-address: 127.0.0.1@%d\n username: \"\"\n chroot: \"\"\n zonesdir: \"%s\"\n database: \"\"\n"
        " pidfile: \"%s/nsd.pid\"\n zonelistfile: \"%s/zone.list\"\n xfrdfile: \"%s/xfrd.state\"\n xfrdir: \"%s\"\n"
        " server-count: 1\n hide-version: yes\nremote-control:\n control-enable: no\n",
        world.port, world.directory, world.directory, world.directory, world.directory, world.directory);
    for (size_t i = 0; i < G_N_ELEMENTS(ZONES); i++)
        g_string_append_printf(settings, "zone:\n name: \"%s\"\n zonefile: \"%s\"\n", ZONES[i][0], ZONES[i][1]);
    write_world("nsd.conf", settings->str);
    g_autofree char *nsd = program("nsd"), *path = in_world("nsd.conf");
    char *arguments[] = { nsd, (char *)"-d", (char *)"-c", path, NULL };
    GError *error = NULL;
    g_spawn_async(world.directory, arguments, NULL,
        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, end_with_the_test, NULL,
        &world.server, &error);
    g_assert_no_error(error);
    for (int tries = 0; !server_answers(); tries++) {
        g_assert_cmpint(tries, <, 100);
        g_usleep(50000);
    }
}

static void stop_world(void)
{
    kill(world.server, SIGTERM);
    waitpid(world.server, NULL, 0);
    GDir *files = g_dir_open(world.directory, 0, NULL);
    for (const char *name; (name = g_dir_read_name(files)) != NULL;) {
        g_autofree char *path = in_world(name);
        g_unlink(path);
    }
    g_dir_close(files);
    g_rmdir(world.directory);
    g_free(world.directory);
    g_free(world.anchor);
    g_free(world.stale_anchor);
    test_key_free(world.key);
}

/* ---- Asking ---- */

static mailauth_resolver *resolver_at(int port, const char *anchor)
{
    g_autofree char *address = g_strdup_printf("127.0.0.1@%d", port);
    mailauth_unbound_options options = { .forward_to = address, .trust_anchor = anchor };
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_unbound(&options, &error);
    if (resolver == NULL)
        g_error("%s", error);
    return resolver;
}

typedef struct Got {
    bool answered;
    mailauth_rcode rcode;
    mailauth_dnssec dnssec;
    size_t count;
} Got;

static void take(void *context, const mailauth_answer *answer)
{
    *(Got *)context = (Got){ true, answer->rcode, answer->dnssec, answer->record_count };
}

static Got ask(mailauth_resolver *resolver, const char *name)
{
    Got got = { .answered = false };
    g_assert_cmpint(resolver->start(resolver->self, name, MAILAUTH_TYPE_TXT, g_get_monotonic_time() + 10 * G_USEC_PER_SEC,
                        take, &got), ==, 0);
    while (!got.answered)
        g_assert_cmpint(resolver->wait(resolver->self), ==, 0);
    return got;
}

static void test_answers(void)
{
    static const struct {
        const char *name;
        mailauth_rcode rcode;
        mailauth_dnssec dnssec;
        size_t count;
    } CASES[] = {
        { "s1._domainkey.secure.example", MAILAUTH_DNS_OK, MAILAUTH_DNSSEC_SECURE, 1 },
        { "absent.secure.example", MAILAUTH_DNS_NXDOMAIN, MAILAUTH_DNSSEC_SECURE, 0 },
        { "ns.secure.example", MAILAUTH_DNS_OK, MAILAUTH_DNSSEC_SECURE, 0 },
        { "s1._domainkey.child.secure.example", MAILAUTH_DNS_OK, MAILAUTH_DNSSEC_INSECURE, 1 },
        { "s1._domainkey.plain.example", MAILAUTH_DNS_OK, MAILAUTH_DNSSEC_INSECURE, 1 },
        { "absent.plain.example", MAILAUTH_DNS_NXDOMAIN, MAILAUTH_DNSSEC_INSECURE, 0 },
    };
    mailauth_resolver *resolver = resolver_at(world.port, world.anchor);
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Got got = ask(resolver, CASES[i].name);
        g_test_message("%s", CASES[i].name);
        g_assert_cmpint(got.rcode, ==, CASES[i].rcode);
        g_assert_cmpint(got.dnssec, ==, CASES[i].dnssec);
        g_assert_cmpuint(got.count, ==, CASES[i].count);
    }
    mailauth_resolver_free(resolver);
}

static void test_bogus(void)
{
    mailauth_resolver *resolver = resolver_at(world.port, world.anchor);
    Got changed = ask(resolver, "bogus._domainkey.secure.example");
    g_assert_cmpint(changed.dnssec, ==, MAILAUTH_DNSSEC_BOGUS);
    g_assert_cmpuint(changed.count, ==, 0);
    mailauth_resolver_free(resolver);
    mailauth_resolver *late = resolver_at(world.port, world.stale_anchor);
    Got expired = ask(late, "t.stale.example");
    g_assert_cmpint(expired.dnssec, ==, MAILAUTH_DNSSEC_BOGUS);
    g_assert_cmpuint(expired.count, ==, 0);
    mailauth_resolver_free(late);
}

/* ---- Whole mails ---- */

static mailauth_report *check_mail(mailauth_resolver *resolver, const char *mail, int64_t timeout_us)
{
    mailauth_options options = { .dns_timeout_us = timeout_us };
    mailauth *context = mailauth_new(resolver, &options);
    mailauth_envelope envelope = { .client_ip = "192.0.2.1", .helo = "mx.secure.example",
        .mail_from = "a@secure.example", .now = TEST_NOW };
    mailauth_report *report = mailauth_check(context, mail, strlen(mail), &envelope);
    mailauth_free(context);
    return report;
}

static char *mail_of(const char *domain)
{
    g_autofree char *message = g_strdup_printf("From: a@%s\r\nSubject: x\r\n\r\nText\r\n", domain);
    return test_signed(world.key, message, domain, NULL, NULL);
}

/* [AUTH-001] A signed key vouches as a plain one does, and the report says which it was; a bogus one does not. */
static void test_mails(void)
{
    mailauth_resolver *resolver = resolver_at(world.port, world.anchor);
    static const char *const DOMAINS[] = { "secure.example", "child.secure.example", "plain.example" };
    for (size_t i = 0; i < G_N_ELEMENTS(DOMAINS); i++) {
        g_autofree char *mail = mail_of(DOMAINS[i]);
        g_autoptr(mailauth_report) report = check_mail(resolver, mail, 0);
        g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
        g_assert_cmpint(report->dkim[0].dnssec, ==, i == 0);
        g_assert_cmpstr(report->vouched.domain, ==, DOMAINS[i]);
    }
    g_autofree char *mail = mail_of("secure.example");
    g_auto(GStrv) parts = g_strsplit(mail, "s=s1;", 2);
    g_autofree char *bogus = g_strjoinv("s=bogus;", parts);
    g_autoptr(mailauth_report) report = check_mail(resolver, bogus, 0);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpstr(report->dkim[0].reason, ==, "its key could not be had: its DNSSEC signatures do not verify");
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    mailauth_resolver_free(resolver);
}

/* Nothing comes back at all: the deadline of the whole mail holds, and no result claims to know. */
static void test_black_hole(void)
{
    int silent;
    mailauth_resolver *resolver = resolver_at(take_port(&silent), NULL);
    g_autofree char *mail = mail_of("secure.example");
    int64_t before = g_get_monotonic_time();
    g_autoptr(mailauth_report) report = check_mail(resolver, mail, 400000);
    int64_t took = g_get_monotonic_time() - before;
    g_assert_cmpint(took, >=, 400000);
    g_assert_cmpint(took, <, 3 * G_USEC_PER_SEC);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(report->spf.result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(report->dmarc.result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    mailauth_resolver_free(resolver);
    close(silent);
}

/* Several threads on one resolver: mails are judged alike on each. */
static gpointer check_many(gpointer data)
{
    enum { MAILS = 10 };
    for (int i = 0; i < MAILS; i++) {
        g_autofree char *mail = mail_of(i % 2 == 0 ? "secure.example" : "plain.example");
        g_autoptr(mailauth_report) report = check_mail(data, mail, 20 * G_USEC_PER_SEC);
        g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
        g_assert_cmpint(report->dkim[0].dnssec, ==, i % 2 == 0);
    }
    return NULL;
}

static void test_threads(void)
{
    GThread *threads[4];
    mailauth_resolver *resolver = resolver_at(world.port, world.anchor);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("checks", check_many, resolver);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    mailauth_resolver_free(resolver);
}

int main(int argc, char **argv)
{
    static const char *const NEEDED[] = { "nsd", "ldns-keygen", "ldns-signzone" };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(NEEDED); i++) {
        g_autofree char *path = program(NEEDED[i]);
        if (path == NULL) {
            printf("1..0 # SKIP %s is not installed (Debian: nsd and ldnsutils)\n", NEEDED[i]);
            return 0;
        }
    }
    world.directory = g_dir_make_tmp("mailauth-nsd-XXXXXX", NULL);
    world.key = test_key_new("ed25519");
    write_zones();
    start_server();
    g_test_add_func("/mailauth/nsd/answers", test_answers);
    g_test_add_func("/mailauth/nsd/bogus", test_bogus);
    g_test_add_func("/mailauth/nsd/mails", test_mails);
    g_test_add_func("/mailauth/nsd/black-hole", test_black_hole);
    g_test_add_func("/mailauth/nsd/threads", test_threads);
    int code = g_test_run();
    stop_world();
    return code;
}
