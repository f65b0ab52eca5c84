/* The real sample maker against the rooms that will read its mails: who vouches for each by the zone,
 * and which verdict it gets — exactly the one that expected.tsv promises. */
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "invoice/invoice.h"
#include "invoice/read_xml.h"
#include "mail/mail.h"
#include "mailauth.h"
#include "policy/policy.h"
#include "trust/partner.h"
#include "trust/verdict.h"

static const char *program; /* saldo-sandbox */

typedef struct World {
    char *directory;
    mailauth_resolver *resolver;
    mailauth *authentication;
    Registry *registry;
    PolicySettings *policy;
} World;

static void make_samples(const char *directory, const char *language)
{
    const char *arguments[] = { program, "samples", directory, "--language", language, NULL };
    g_autoptr(GError) error = NULL;
    int status;
    g_assert_true(g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error));
    g_assert_cmpint(status, ==, 0);
}

static char *read_text(const char *directory, const char *name, size_t *ret_length)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    char *text;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, ret_length, &error);
    g_assert_no_error(error);
    return text;
}

static void world_open(World *world, const char *language)
{
    g_autoptr(GError) error = NULL;
    size_t length;
    char *trouble = NULL;
    world->directory = g_dir_make_tmp("sandbox-samples-XXXXXX", &error);
    make_samples(world->directory, language);
    g_autofree char *zone = read_text(world->directory, "dns.zone", &length);
    world->resolver = mailauth_resolver_from_zone(zone, length, &trouble);
    g_assert_cmpstr(trouble, ==, NULL);
    world->authentication = mailauth_new(world->resolver, NULL);
    g_autofree char *partners = read_text(world->directory, "partners.json", &length);
    JSON_AUTO *json = json_read((Span){ partners, length }, LIMIT_JSON_BYTES, "partners.json", &error);
    g_assert_no_error(error);
    world->registry = registry_from_json(json, &error);
    g_assert_no_error(error);
    world->policy = policy_settings_new();
}

static void world_close(World *world)
{
    mailauth_free(world->authentication);
    mailauth_resolver_free(world->resolver);
    registry_free(world->registry);
    policy_settings_free(world->policy);
    const char *arguments[] = { "rm", "-rf", world->directory, NULL };
    g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(world->directory);
}

/* As its mail server would deliver it (envelopes.tsv: file, client, HELO, sender); NULL: read from a file, no envelope. */
static mailauth_report *check_mail(const World *world, const char *mail, size_t length, GStrv delivered)
{
    mailauth_envelope envelope = { .now = g_get_real_time() / G_USEC_PER_SEC };
    if (delivered != NULL) {
        envelope.client_ip = delivered[1];
        envelope.helo = delivered[2];
        envelope.mail_from = delivered[3];
    }
    mailauth_report *report = mailauth_check(world->authentication, mail, length, &envelope);
    g_assert_nonnull(report);
    return report;
}

static void read_attached(const MailPart *part, GPtrArray *invoices)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;
    const char *format;
    if (strcmp(part->media_type, "application/xml") != 0)
        return;
    g_assert_true(mail_part_decode(part, &bytes, &error));
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_assert_true(invoice_read_xml((Span){ data, length }, INVOICE_SOURCE_XML, invoices, &format, &error));
    const Invoice *invoice = invoices->pdata[invoices->len - 1];
    g_assert_cmpuint(invoice->lines->len, >, 0);
    g_assert_cmpuint(invoice->checks->len, ==, 0); /* ours are right in themselves */
}

static GPtrArray *extract(Span mail)
{
    GPtrArray *invoices = g_ptr_array_new_with_free_func((GDestroyNotify)invoice_free);
    g_autoptr(MailMessage) message = mail_message_parse(mail);
    for (size_t i = 0; i < mail_message_part_count(message); i++) {
        const MailPart *part = mail_message_part(message, i);
        g_autofree char *html = strcmp(part->media_type, "text/html") == 0 ? mail_part_text(part, NULL) : NULL;
        g_autoptr(GPtrArray) scripts = html == NULL ? NULL : mail_html_json_scripts(span_of(html));
        for (guint j = 0; scripts != NULL && j < scripts->len; j++)
            invoice_read_json_ld(span_of(scripts->pdata[j]), invoices, NULL);
        read_attached(part, invoices);
    }
    return invoices;
}

static Verdict *judge(const World *world, Span mail, const mailauth_report *report, GPtrArray *invoices)
{
    static const char *const names[] = { [MAILAUTH_BY_NOBODY] = "nobody", [MAILAUTH_BY_SPF] = "spf",
        [MAILAUTH_BY_DKIM] = "dkim" };
    TrustCase trust_case = { .readable = true, .sender = { .from_address = report->from_address,
            .vouched_by = names[report->vouched.by], .vouched_domain = report->vouched.domain }, .invoices = invoices,
        .recipient = "anna@demo.example", .received_us = g_get_real_time(), .registry = world->registry,
        .policy = world->policy };
    return trust_judge(&trust_case);
}

static GStrv envelope_of(const World *world, const char *file)
{
    g_autofree char *text = read_text(world->directory, "envelopes.tsv", NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);
        if (g_strv_length(fields) == 4 && strcmp(fields[0], file) == 0)
            return g_steal_pointer(&fields);
    }
    g_assert_not_reached();
}

static void check_file(const World *world, const char *file, const char *kind, const char *reason)
{
    size_t length;
    g_autofree char *directory = g_build_filename(world->directory, "mail", NULL);
    g_autofree char *mail = read_text(directory, file, &length);
    g_auto(GStrv) envelope = envelope_of(world, file);
    mailauth_report *report = check_mail(world, mail, length, envelope);
    g_autoptr(GPtrArray) invoices = extract((Span){ mail, length });
    g_autoptr(Verdict) verdict = judge(world, (Span){ mail, length }, report, invoices);
    const VerdictReason *first = verdict->reasons->pdata[0];
    if (g_strcmp0(verdict_kind_name(verdict->kind), kind) != 0 || g_strcmp0(first->code, reason) != 0)
        g_test_message("%s: expected %s %s, got %s %s: %s", file, kind, reason, verdict_kind_name(verdict->kind), first->code,
            first->text);
    g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, kind);
    g_assert_cmpstr(first->code, ==, reason);
    bool without_dkim = g_str_has_prefix(reason, "sender_unauthenticated") || strcmp(reason, "sender_spf_only") == 0
        || strcmp(file, "truncated.eml") == 0 || strcmp(file, "two-from.eml") == 0;
    g_assert_cmpint(report->vouched.by == MAILAUTH_BY_DKIM, ==, !without_dkim);
    for (size_t i = 0; strcmp(kind, "card") == 0 && i < report->dkim_count; i++)
        g_assert_cmpint(report->dkim[i].result, ==, MAILAUTH_PASS);
    mailauth_report_free(report);
}

static void check_all(const World *world)
{
    size_t length, files = 0;
    g_autofree char *expected = read_text(world->directory, "expected.tsv", &length);
    g_auto(GStrv) lines = g_strsplit(expected, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);
        if (lines[i][0] == '#' || g_strv_length(fields) != 3)
            continue;
        check_file(world, fields[0], fields[1], fields[2]);
        files++;
    }
    g_assert_cmpuint(files, >=, 50);
}

static World english; /* for the tests that need no world of their own: key making takes its time */

static void test_expected(void)
{
    check_all(&english);
}

static void test_expected_polish(void)
{
    World polish;
    world_open(&polish, "pl");
    check_all(&polish);
    world_close(&polish);
}

/* [AUTH-001] Delivered by a client that SPF allows, an unsigned mail is vouched for by SPF alone: still no card. Read
 * from a file nobody vouches for it at all. */
static void test_spf_only(void)
{
    const World *world = &english;
    size_t length;
    g_autofree char *mail = read_text(world->directory, "mail/spf-only-unsigned.eml", &length);
    g_auto(GStrv) envelope = envelope_of(world, "spf-only-unsigned.eml");
    mailauth_report *from_file = check_mail(world, mail, length, NULL);
    g_assert_cmpint(from_file->vouched.by, ==, MAILAUTH_BY_NOBODY);
    mailauth_report_free(from_file);
    mailauth_report *report = check_mail(world, mail, length, envelope);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_SPF);
    g_autoptr(GPtrArray) invoices = extract((Span){ mail, length });
    g_autoptr(Verdict) verdict = judge(world, (Span){ mail, length }, report, invoices);
    const VerdictReason *first = verdict->reasons->pdata[0];
    g_assert_cmpint(verdict->kind, ==, VERDICT_HOLD);
    g_assert_cmpstr(first->code, ==, "sender_spf_only");
    mailauth_report_free(report);
}

static char *invoice_numbers(const char *directory)
{
    return read_text(directory, "invoices.tsv", NULL);
}

/* A second run issues new invoices under the same keys. */
static void test_runs_are_fresh(void)
{
    g_autofree char *zone = read_text(english.directory, "dns.zone", NULL), *first = invoice_numbers(english.directory);
    make_samples(english.directory, "en");
    g_autofree char *zone_after = read_text(english.directory, "dns.zone", NULL), *second = invoice_numbers(english.directory);
    g_assert_cmpstr(zone, ==, zone_after);
    g_assert_nonnull(strstr(first, "-001101"));
    g_assert_nonnull(strstr(second, "-002101"));
    g_assert_null(strstr(second, "-001101"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    program = argv[1];
    world_open(&english, "en");
    g_test_add_func("/sandbox/samples/expected", test_expected);
    g_test_add_func("/sandbox/samples/expected-polish", test_expected_polish);
    g_test_add_func("/sandbox/samples/spf-only", test_spf_only);
    g_test_add_func("/sandbox/samples/runs-are-fresh", test_runs_are_fresh);
    int outcome = g_test_run();
    world_close(&english);
    return outcome;
}
