/* Authentication-Results and Received-SPF: what is written is read back; what outsiders write is not believed. */
#include "test_world.h"

#include <stdlib.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mailauth_results, mailauth_results_free)

static const char *const OURS[] = { "mx.Ours.example", "mx2.ours.example", NULL };
static const mailauth_envelope ENVELOPE
    = { .client_ip = "2001:db8::1", .helo = "mx.example.org", .mail_from = "a b\"@example.org", .now = TEST_NOW };

static mailauth_results *read_mail(const char *mail)
{
    return mailauth_results_read(mail, strlen(mail), OURS);
}

/* ---- Writing ---- */

static mailauth_report *hostile_report(void)
{
    static mailauth_dkim dkim = { .result = MAILAUTH_PASS, .domain = (char *)"example.org",
        .identity = (char *)"\"x\r\nBcc: y\"; dkim=pass (\xc3\xa9\xff\x7f\\@example.org", .selector = (char *)"s1",
        .algorithm = (char *)"rsa-sha256", .reason = (char *)"the signature is good" };
    static mailauth_report report = { .from_domain = (char *)"example.org", .dkim = &dkim, .dkim_count = 1,
        .spf = { .result = MAILAUTH_SOFTFAIL, .reason = (char *)"a \"reason\"" },
        .dmarc = { .result = MAILAUTH_TEMPERROR, .policy = (char *)"reject", .reason = (char *)"no answer" },
        .arc = { .result = MAILAUTH_NONE, .reason = (char *)"no chain" } };
    return &report;
}

static void test_write(void)
{
    char *field = mailauth_results_write(hostile_report(), "MX.ours.example", &ENVELOPE);
    g_assert_cmpstr(field, ==,
        "Authentication-Results: mx.ours.example;\r\n"
        "\tdkim=pass reason=\"the signature is good\"\r\n"
        "\t header.d=example.org\r\n"
        "\t header.i=\"\\\"x??Bcc: y\\\"; dkim=pass (\xc3\xa9??\\\\@example.org\"\r\n"
        "\t header.s=s1\r\n"
        "\t header.a=rsa-sha256;\r\n"
        "\tspf=softfail reason=\"a \\\"reason\\\"\"\r\n"
        "\t smtp.remote-ip=\"2001:db8::1\"\r\n"
        "\t smtp.mailfrom=\"a b\\\"@example.org\";\r\n"
        "\tdmarc=temperror reason=\"no answer\"\r\n"
        "\t header.from=example.org\r\n"
        "\t policy.dmarc=reject;\r\n"
        "\tarc=none reason=\"no chain\"\r\n");
    free(field);
    g_assert_null(mailauth_results_write(hostile_report(), "mx ours\r\nX: y", &ENVELOPE));
}

/* Nothing that a field cannot hold is cut in the middle: it is left out. */
static void test_write_long(void)
{
    g_autofree char *longest = g_strnfill(400, '"'), *longer = g_strnfill(401, 'x');
    mailauth_dkim dkim = { .result = MAILAUTH_FAIL, .domain = longer, .identity = longest, .reason = longer };
    mailauth_report report = { .dkim = &dkim, .dkim_count = 1, .spf.reason = longest, .dmarc.reason = longest,
        .arc.reason = longest };
    char *field = mailauth_results_write(&report, "mx.ours.example", &ENVELOPE);
    g_auto(GStrv) lines = g_strsplit(field, "\r\n", -1);
    for (char **line = lines; *line != NULL; line++)
        g_assert_cmpuint(strlen(*line), <=, 998);
    g_assert_null(strstr(field, "header.d"));
    g_autoptr(mailauth_results) results = read_mail(field);
    g_assert_cmpuint(results->stated_count, ==, 4);
    g_assert_null(results->stated[0].reason);
    g_assert_cmpstr(results->stated[0].properties[0].value, ==, longest);
    free(field);
}

static void test_received_spf(void)
{
    char *field = mailauth_received_spf_write(hostile_report(), "mx.ours.example", &ENVELOPE);
    g_assert_cmpstr(field, ==,
        "Received-SPF: softfail\r\n"
        "\t receiver=mx.ours.example;\r\n"
        "\t client-ip=\"2001:db8::1\";\r\n"
        "\t envelope-from=\"a b\\\"@example.org\";\r\n"
        "\t helo=mx.example.org;\r\n"
        "\t identity=mailfrom;\r\n"
        "\t problem=\"a \\\"reason\\\"\";\r\n");
    free(field);
}

/* ---- Reading ---- */

static void test_round_trip(void)
{
    char *field = mailauth_results_write(hostile_report(), "mx.ours.example", &ENVELOPE);
    g_autofree char *mail = g_strconcat("Received: x\r\n", field, "From: a@b.example\r\n\r\n", NULL);
    g_autoptr(mailauth_results) results = read_mail(mail);
    free(field);
    g_assert_cmpstr(results->reason, ==, NULL);
    g_assert_cmpstr(results->authserv_id, ==, "mx.ours.example");
    g_assert_cmpuint(results->stated_count, ==, 4);
    const mailauth_stated *dkim = &results->stated[0], *spf = &results->stated[1];
    g_assert_cmpstr(dkim->method, ==, "dkim");
    g_assert_cmpint(dkim->result, ==, MAILAUTH_PASS);
    g_assert_cmpstr(dkim->reason, ==, "the signature is good");
    g_assert_cmpuint(dkim->property_count, ==, 4);
    g_assert_cmpstr(dkim->properties[1].name, ==, "header.i");
    g_assert_cmpstr(dkim->properties[1].value, ==, "\"x??Bcc: y\"; dkim=pass (\xc3\xa9??\\@example.org");
    g_assert_cmpint(spf->result, ==, MAILAUTH_SOFTFAIL);
    g_assert_cmpstr(spf->properties[1].value, ==, "a b\"@example.org");
    g_assert_cmpint(results->stated[2].result, ==, MAILAUTH_TEMPERROR);
    g_assert_cmpint(results->stated[3].result, ==, MAILAUTH_NONE);
}

/* As mail servers write it: versions, comments, bare addresses, words that are not registered, a ";" at the end. */
static void test_as_written_by_others(void)
{
    g_autoptr(mailauth_results) results = read_mail(
        "Authentication-Results: mx.ours.example 1 (a \\) (nested) comment);\r\n"
        "       dkim/1 = pass (2048-bit) header.i=@example.com header.b=\"Ab/+=\";\r\n"
        "       SPF=pass (ours: domain of a@b.example designates) smtp.mailfrom=a@b.example;\r\n"
        "       x-tls=hardfail;\r\n"
        "       dmarc=pass (p=NONE sp=NONE) header.from=example.com;\r\n"
        "Authentication-Results: mx2.ours.example; none\r\n"
        "Authentication-Results: mx2.ours.example; arc=pass\r\n"
        "Subject: x\r\n"
        "Authentication-Results: mx2.ours.example; spf=fail\r\n\r\n");
    g_assert_cmpstr(results->reason, ==, NULL);
    g_assert_cmpstr(results->authserv_id, ==, "mx.ours.example");
    g_assert_cmpuint(results->stated_count, ==, 4);
    g_assert_cmpstr(results->stated[0].properties[0].value, ==, "@example.com");
    g_assert_cmpstr(results->stated[0].properties[1].value, ==, "Ab/+=");
    g_assert_cmpstr(results->stated[1].method, ==, "spf");
    g_assert_cmpstr(results->stated[1].properties[0].value, ==, "a@b.example");
    g_assert_cmpstr(results->stated[2].method, ==, "dmarc");
    g_assert_cmpstr(results->stated[3].method, ==, "arc");
}

#define OF_STRANGER "the topmost Authentication-Results field is not of a configured name"
#define UNREADABLE "the topmost Authentication-Results field cannot be read"

/* Everything here says nothing at all. */
static void test_not_believed(void)
{
    static const struct {
        const char *header, *reason;
    } CASES[] = {
        { "From: a@b.example\r\n", "there is no Authentication-Results field" },
        { "Subject: x\r\n\r\nAuthentication-Results: mx.ours.example; dkim=pass\r\n", "there is no Authentication-Results field" },
        { "Authentication-Results: evil.example; dkim=pass\r\n", OF_STRANGER },
        { "Authentication-Results: mx.ours.example.evil.example; dkim=pass\r\n", OF_STRANGER },
        { "Authentication-Results: evil.example (mx.ours.example); dkim=pass\r\n", OF_STRANGER },
        { "Authentication-Results: evil.example; dkim=pass\r\nAuthentication-Results: mx.ours.example; dkim=pass\r\n", OF_STRANGER },
        { "Authentication-Results: (mx.ours.example; dkim=pass\r\n", UNREADABLE },
        { "Authentication-Results:\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example 2; dkim=pass\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example dkim=pass\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example; dkim=pass header.d=\"example.com\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example; dkim=pass header.d\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example; dkim=pass; =\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example; dkim=pass (x\r\n", UNREADABLE },
        { "Authentication-Results: mx.ours.example; dkim=pass header.d=a\x01\x62\r\n", UNREADABLE },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *mail = g_strconcat(CASES[i].header, "\r\n", NULL);
        g_autoptr(mailauth_results) results = read_mail(mail);
        g_assert_cmpstr(results->reason, ==, CASES[i].reason);
        g_assert_cmpuint(results->stated_count, ==, 0);
        g_assert_null(results->authserv_id);
    }
    static const char PASS[] = "Authentication-Results: mx.ours.example; dkim=pass\r\n\r\n";
    g_autoptr(mailauth_results) nobody = mailauth_results_read(PASS, strlen(PASS), NULL);
    g_assert_cmpuint(nobody->stated_count, ==, 0);
}

/* A field below the topmost that cannot be read, or is of another server, ends what counts; what was read stays. */
static void test_block_ends(void)
{
    static const char *const SECOND[] = { "evil.example; spf=pass", "mx.ours.example; spf=pass (", "" };
    for (size_t i = 0; i < G_N_ELEMENTS(SECOND); i++) {
        g_autofree char *mail = g_strdup_printf("Authentication-Results: mx.ours.example; dkim=fail\r\n"
                                                "Authentication-Results: %s\r\n"
                                                "Authentication-Results: mx.ours.example; dkim=pass\r\n\r\n", SECOND[i]);
        g_autoptr(mailauth_results) results = read_mail(mail);
        g_assert_cmpuint(results->stated_count, ==, 1);
        g_assert_cmpint(results->stated[0].result, ==, MAILAUTH_FAIL);
    }
}

/* More than is looked at: too many results, properties, brackets. */
static void test_limits(void)
{
    g_autoptr(GString) many = g_string_new("Authentication-Results: mx.ours.example");
    for (int i = 0; i < 65; i++)
        g_string_append(many, "; dkim=pass");
    g_string_append(many, "\r\n\r\n");
    g_autoptr(mailauth_results) results = read_mail(many->str);
    g_assert_cmpstr(results->reason, ==, UNREADABLE);
    g_autofree char *brackets = g_strnfill(33, '('), *closing = g_strnfill(33, ')');
    g_autofree char *deep = g_strdup_printf("Authentication-Results: %s%s mx.ours.example; none\r\n\r\n", brackets, closing);
    g_autoptr(mailauth_results) too_deep = read_mail(deep);
    g_assert_cmpstr(too_deep->reason, ==, UNREADABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/results/write", test_write);
    g_test_add_func("/mailauth/results/write-long", test_write_long);
    g_test_add_func("/mailauth/results/received-spf", test_received_spf);
    g_test_add_func("/mailauth/results/round-trip", test_round_trip);
    g_test_add_func("/mailauth/results/as-written-by-others", test_as_written_by_others);
    g_test_add_func("/mailauth/results/not-believed", test_not_believed);
    g_test_add_func("/mailauth/results/block-ends", test_block_ends);
    g_test_add_func("/mailauth/results/limits", test_limits);
    return g_test_run();
}
