/* Runs the published vectors (tests/vectors/README.md): every case of a directory's *.json through mailauth_check.
 *
 *   mailauth_vectors_test DIRECTORY             as an ordinary test
 *   mailauth_vectors_test --summary DIRECTORY   one line, "vectors-NAME: passed/total", for `make conformance`
 */
#include "mailauth.h"

#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mailauth_report, mailauth_report_free)

enum { DIFFERENCES_SHOWN = 10 };

/* ---- Reasons: the codes of the vectors, and what a reason of ours then says ---- */

typedef struct Reason {
    const char *code, *text;
} Reason;

static const Reason REASONS[] = {
    { "good", "the signature is good" },
    { "key-size-noted", "its key is short" },
    { "length-noted", "would not cover what is appended (l=)" },
    { "test-mode", "only testing (t=y)" },
    { "signature-mismatch", "the signature does not match" },
    { "body-changed", "the body was changed after signing" },
    { "body-short", "the body is shorter than was signed" },
    { "partial-body", "only the beginning of the body is signed" },
    { "expired", "has expired (x=)" },
    { "dated-in-future", "dated in the future" },
    { "not-checked", "too many signatures" },
    { "rsa-sha1", "rsa-sha1 proves nothing" },
    { "algorithm-unknown", "its algorithm (a=) is not known" },
    { "a-missing", "it has no a=" },
    { "d-missing", "it has no d=" },
    { "s-missing", "it has no s=" },
    { "h-missing", "it has no h=" },
    { "b-missing", "it has no b=" },
    { "b-unreadable", "its b= is not base64" },
    { "bh-unreadable", "its bh= is not a SHA-256" },
    { "c-unknown", "its c= is not known" },
    { "d-unreadable", "its d= is not a domain name" },
    { "s-unreadable", "its s= is not a selector" },
    { "h-unreadable", "its h= holds something that is not a field name" },
    { "from-not-signed", "it does not sign From" },
    { "i-not-within-d", "its i= is not within d=" },
    { "i-unreadable", "its i= has no \"@\"" },
    { "i-strict", "the key allows no subdomain in i=" },
    { "l-unreadable", "its l= is not a number" },
    { "q-unknown", "its key is not in the DNS" },
    { "t-unreadable", "its t= is not a time" },
    { "x-unreadable", "its x= is not a time" },
    { "x-before-t", "it expires (x=) before it was made" },
    { "v-wrong", "its v= is not 1" },
    { "tag-list", "a tag" }, /* "a tag has no =", "a tag's value …"; or: */
    { "tag-list", "the same tag twice" },
    { "key-no-name", "there is no such name" },
    { "key-no-record", "there is no such record" },
    { "key-timeout", "no answer came in time" },
    { "key-servfail", "the name server failed" },
    { "key-bogus", "DNSSEC signatures do not verify" },
    { "key-several", "more than one key at its name" },
    { "key-revoked", "the key was revoked" },
    { "key-no-p", "the key record has no p=" },
    { "key-unreadable", "the key's p= is not" },
    { "key-short", "shorter than 1024 bits" },
    { "key-long", "longer than 8192 bits" },
    { "key-kind", "the key's kind (k=) is not known" },
    { "key-hash", "not for SHA-256 (h=)" },
    { "key-service", "not for mail (s=)" },
    { "key-version", "not a DKIM key (v=)" },
    { "key-tag-list", "the key record is not a list of tags" },
    { "key-of-another-kind", "of another kind than the signature" },
    { "by-dkim", "an aligned signature is good" },
    { "by-spf", "an aligned sender is allowed by SPF" },
    { "no-record", "has no DMARC record" },
    { "not-aligned", "neither DKIM nor SPF of the author's domain passes" },
    { "policy-unknown", "the policy could not be asked for" },
    { "authentication-unknown", "could not be checked" },
    { "from-twice", "more than one From field" },
    { "from-missing", "no From field" },
    { "from-several", "more than one mailbox" },
    { "from-several", "exactly one mailbox" },
    { "from-several", "the From field cannot be read" },
    { "from-several", "not a domain name" },
    { "from-domain", "not a domain name" },
    { "from-unreadable", "is not closed" },
    { "from-unreadable", "control character" },
};

static bool reason_fits(const char *code, const char *reason)
{
    bool known = false;
    for (size_t i = 0; i < G_N_ELEMENTS(REASONS); i++) {
        if (strcmp(REASONS[i].code, code) != 0)
            continue;
        known = true;
        if (strstr(reason, REASONS[i].text) != NULL)
            return true;
    }
    if (!known)
        g_error("the vectors use a reason that this runner does not know: %s", code);
    return false;
}

/* ---- Comparing: `differences` collects what is not as expected ---- */

static void compare_text(GString *differences, const char *what, const json_t *expected, const char *got)
{
    if (expected == NULL || g_strcmp0(json_string_value(expected), got) == 0)
        return;
    const char *wanted = json_string_value(expected);
    g_string_append_printf(differences, " %s is %s, not %s;", what, got == NULL ? "absent" : got,
        wanted == NULL ? "absent" : wanted);
}

static void compare_number(GString *differences, const char *what, const json_t *expected, json_int_t got)
{
    json_int_t wanted = json_is_boolean(expected) ? json_is_true(expected) : json_integer_value(expected);
    if (expected != NULL && wanted != got)
        g_string_append_printf(differences, " %s is %lld, not %lld;", what, (long long)got, (long long)wanted);
}

static void compare_reason(GString *differences, const json_t *expected, const char *got)
{
    const char *code = json_string_value(json_object_get(expected, "reason"));
    if (code != NULL && !reason_fits(code, got))
        g_string_append_printf(differences, " the reason is \"%s\", not %s;", got, code);
}

static void compare_signature(GString *differences, const json_t *expected, const mailauth_dkim *got)
{
    compare_text(differences, "result", json_object_get(expected, "result"), mailauth_result_name(got->result));
    compare_reason(differences, expected, got->reason);
    compare_text(differences, "domain", json_object_get(expected, "domain"), got->domain);
    compare_text(differences, "selector", json_object_get(expected, "selector"), got->selector);
    compare_text(differences, "identity", json_object_get(expected, "identity"), got->identity);
    compare_text(differences, "algorithm", json_object_get(expected, "algorithm"), got->algorithm);
    compare_number(differences, "key_bits", json_object_get(expected, "key_bits"), got->key_bits);
    compare_number(differences, "test_mode", json_object_get(expected, "test_mode"), got->test_mode);
    compare_number(differences, "partial_body", json_object_get(expected, "partial_body"), got->partial_body);
    compare_number(differences, "dnssec", json_object_get(expected, "dnssec"), got->dnssec);
    compare_number(differences, "aligned", json_object_get(expected, "aligned"), got->aligned);
}

static void compare_dkim(GString *differences, const json_t *expected, const mailauth_report *report)
{
    if (expected == NULL)
        return;
    if (json_array_size(expected) != report->dkim_count)
        g_string_append_printf(differences, " %zu signatures, not %zu;", report->dkim_count, json_array_size(expected));
    for (size_t i = 0; i < MIN(json_array_size(expected), report->dkim_count); i++)
        compare_signature(differences, json_array_get(expected, i), &report->dkim[i]);
}

static void compare_dmarc(GString *differences, const json_t *expected, const mailauth_report *report)
{
    if (expected == NULL)
        return;
    compare_text(differences, "dmarc", json_object_get(expected, "result"), mailauth_result_name(report->dmarc.result));
    compare_reason(differences, expected, report->dmarc.reason);
    compare_text(differences, "policy", json_object_get(expected, "policy"), report->dmarc.policy);
    compare_text(differences, "record", json_object_get(expected, "domain"), report->dmarc.domain);
}

static const char *mechanism_name(mailauth_mechanism mechanism)
{
    switch (mechanism) {
    case MAILAUTH_BY_NOBODY:
        return "nobody";
    case MAILAUTH_BY_SPF:
        return "spf";
    case MAILAUTH_BY_DKIM:
        return "dkim";
    }
    return NULL;
}

static void compare_voucher(GString *differences, const json_t *expected, const mailauth_report *report)
{
    compare_text(differences, "voucher", json_object_get(expected, "by"), mechanism_name(report->vouched.by));
    compare_text(differences, "vouching domain", json_object_get(expected, "domain"), report->vouched.domain);
}

static bool has_warning(const mailauth_report *report, const char *text)
{
    for (size_t i = 0; i < report->warning_count; i++)
        if (g_str_has_prefix(report->warnings[i], text))
            return true;
    return false;
}

static char *warning_text(const json_t *expected)
{
    const char *field = json_string_value(json_object_get(expected, "field"));
    const char *what = json_string_value(json_object_get(expected, "what"));
    if (g_strcmp0(what, "not-signed") == 0)
        return g_strdup_printf("%s is not signed by ", field);
    if (g_strcmp0(what, "second-not-signed") == 0)
        return g_strdup_printf("a second %s is not signed by ", field);
    g_assert_cmpstr(what, ==, "repeated");
    return g_strdup_printf("%s occurs ", field);
}

static void compare_warnings(GString *differences, const json_t *expected, const mailauth_report *report)
{
    for (size_t i = 0; i < json_array_size(expected); i++) {
        g_autofree char *text = warning_text(json_array_get(expected, i));
        if (!has_warning(report, text))
            g_string_append_printf(differences, " no warning that %s…;", text);
    }
    if (json_is_array(expected) && json_array_size(expected) != report->warning_count)
        g_string_append_printf(differences, " %zu warnings, not %zu;", report->warning_count, json_array_size(expected));
}

/* The names of policy records that were asked for, in any order: a verifier may ask them at once. */
static void compare_queries(GString *differences, const json_t *expected, const mailauth_report *report)
{
    size_t asked = 0;
    for (size_t i = 0; i < report->evidence_count; i++)
        asked += g_str_has_prefix(report->evidence[i].name, "_dmarc.");
    if (expected != NULL && asked != json_array_size(expected))
        g_string_append_printf(differences, " %zu policy queries, not %zu;", asked, json_array_size(expected));
    for (size_t i = 0; i < json_array_size(expected); i++) {
        const char *name = json_string_value(json_array_get(expected, i));
        bool found = false;
        for (size_t j = 0; j < report->evidence_count; j++)
            found |= g_strcmp0(report->evidence[j].name, name) == 0;
        if (!found)
            g_string_append_printf(differences, " %s was not asked for;", name);
    }
}

/* ---- One case ---- */

/* Each character of the text, U+0000 to U+00FF, is one byte of the message. */
static GByteArray *message_bytes(const json_t *text)
{
    GByteArray *bytes = g_byte_array_new();
    const char *end = json_string_value(text) + json_string_length(text);
    for (const char *at = json_string_value(text); at < end; at = g_utf8_next_char(at)) {
        gunichar letter = *at == '\0' ? 0 : g_utf8_get_char(at);
        g_assert_cmpuint(letter, <, 256);
        guint8 byte = (guint8)letter;
        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

static const char *member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static mailauth_report *check_case(const json_t *this)
{
    const char *zone = member_text(this, "zone");
    g_assert_nonnull(zone);
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, strlen(zone), &error);
    if (resolver == NULL)
        g_error("%s: %s", member_text(this, "name"), error);
    const json_t *given = json_object_get(this, "envelope");
    mailauth_envelope envelope = { .client_ip = member_text(given, "client_ip"), .helo = member_text(given, "helo"),
        .mail_from = member_text(given, "mail_from"), .now = json_integer_value(json_object_get(this, "clock")) };
    g_autoptr(GByteArray) message = message_bytes(json_object_get(this, "message"));
    mailauth *context = mailauth_new(resolver, NULL);
    mailauth_report *report = mailauth_check(context, (const char *)message->data, message->len, &envelope);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    return report;
}

/* What differs, or NULL. */
static char *run_case(const json_t *this)
{
    g_autoptr(mailauth_report) report = check_case(this);
    const json_t *expected = json_object_get(this, "expected");
    GString *differences = g_string_new(NULL);
    g_assert_cmpuint(json_object_size(expected), >, 0);
    compare_dkim(differences, json_object_get(expected, "dkim"), report);
    compare_dmarc(differences, json_object_get(expected, "dmarc"), report);
    compare_voucher(differences, json_object_get(expected, "vouched"), report);
    compare_text(differences, "author's domain", json_object_get(expected, "from_domain"), report->from_domain);
    compare_warnings(differences, json_object_get(expected, "warnings"), report);
    compare_queries(differences, json_object_get(expected, "policy_queries"), report);
    if (differences->len > 0)
        return g_string_free(differences, FALSE);
    g_string_free(differences, TRUE);
    return NULL;
}

/* ---- All of them ---- */

typedef struct Run {
    const char *directory;
    char *suite;
    size_t passed, total;
    GString *shown; /* the first differences */
} Run;

static void run_file(Run *run, const char *name)
{
    g_autofree char *path = g_build_filename(run->directory, name, NULL);
    json_error_t error;
    g_autoptr(json_t) document = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (document == NULL)
        g_error("%s:%d: %s", path, error.line, error.text);
    g_free(run->suite);
    run->suite = g_strdup(member_text(document, "suite"));
    const json_t *cases = json_object_get(document, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *this = json_array_get(cases, i);
        g_autofree char *differences = run_case(this);
        run->total++;
        run->passed += differences == NULL;
        if (differences != NULL && run->total - run->passed <= DIFFERENCES_SHOWN)
            g_string_append_printf(run->shown, "  %s/%s:%s\n    (%s: %s)\n", name, member_text(this, "name"), differences,
                member_text(this, "rule"), member_text(this, "description"));
    }
}

static void run_all(Run *run)
{
    g_autoptr(GDir) folder = g_dir_open(run->directory, 0, NULL);
    if (folder == NULL)
        g_error("there is no directory %s", run->directory);
    for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder))
        if (g_str_has_suffix(name, ".json"))
            run_file(run, name);
}

static void test_all(gconstpointer directory)
{
    Run run = { .directory = directory, .shown = g_string_new(NULL) };
    run_all(&run);
    g_test_message("vectors-%s: %zu/%zu", run.suite, run.passed, run.total);
    if (run.passed < run.total)
        g_error("%zu of %zu cases differ:\n%s", run.total - run.passed, run.total, run.shown->str);
    g_assert_cmpuint(run.total, >=, 80);
    g_string_free(run.shown, TRUE);
    g_free(run.suite);
}

static int summarize(const char *directory)
{
    Run run = { .directory = directory, .shown = g_string_new(NULL) };
    run_all(&run);
    printf("%svectors-%s: %zu/%zu\n", run.shown->str, run.suite == NULL ? "none" : run.suite, run.passed, run.total);
    g_string_free(run.shown, TRUE);
    g_free(run.suite);
    return run.total > 0 && run.passed == run.total ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--summary") == 0)
        return summarize(argv[2]);
    g_test_init(&argc, &argv, NULL);
    if (argc != 2)
        g_error("usage: %s [--summary] DIRECTORY", argv[0]);
    g_test_add_data_func("/mailauth/vectors", argv[1], test_all);
    return g_test_run();
}
