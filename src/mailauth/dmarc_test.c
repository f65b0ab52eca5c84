/* DMARC: records, the tree walk, alignment, policies (RFC 9989). */
#include "dmarc.h"
#include "test_world.h"

#include <string.h>

static void test_records(void)
{
    static const struct {
        const char *text;
        bool found;
        ma_policy policy, subdomain, absent;
    } RECORDS[] = {
        { "v=DMARC1; p=reject", true, MA_POLICY_REJECT, MA_POLICY_REJECT, MA_POLICY_REJECT },
        { "v = DMARC1 ; sp=none ; p=quarantine;", true, MA_POLICY_QUARANTINE, MA_POLICY_NONE, MA_POLICY_NONE },
        { "v=DMARC1;p=none;sp=quarantine;np=reject", true, MA_POLICY_NONE, MA_POLICY_QUARANTINE, MA_POLICY_REJECT },
        { "v=DMARC1; p=REJECT; pct=0; ri=1; nonsense; x=y", true, MA_POLICY_REJECT, MA_POLICY_REJECT,
            MA_POLICY_REJECT },
        { "v=DMARC1; rua=mailto:a@example.com", true, MA_POLICY_NONE, MA_POLICY_NONE, MA_POLICY_NONE },
        { "v=DMARC1; p=reject; sp=what; rua=mailto:a@example.com", true, MA_POLICY_NONE, MA_POLICY_NONE,
            MA_POLICY_NONE },
        { "v=DMARC1; p=what", false, 0, 0, 0 },
        { "v=DMARC1; p=what; rua=nonsense", false, 0, 0, 0 },
        { "v=DMARC1", false, 0, 0, 0 },
        { "v=dmarc1; p=reject", false, 0, 0, 0 },
        { "v=DMARC12; p=reject", false, 0, 0, 0 },
        { "p=reject; v=DMARC1", false, 0, 0, 0 },
        { "", false, 0, 0, 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(RECORDS); i++) {
        ma_dmarc_record record;
        g_test_message("%s", RECORDS[i].text);
        g_assert_cmpint(ma_dmarc_record_read(ma_span_of(RECORDS[i].text), &record), ==, RECORDS[i].found);
        if (!RECORDS[i].found)
            continue;
        g_assert_cmpint(record.policy, ==, RECORDS[i].policy);
        g_assert_cmpint(record.subdomain_policy, ==, RECORDS[i].subdomain);
        g_assert_cmpint(record.absent_policy, ==, RECORDS[i].absent);
    }
}

/* SPF passes for `sender`; is it aligned with the author, and which policy applies? */
typedef struct Case {
    const char *zone, *author, *sender;
    bool aligned;
    mailauth_result result;
    const char *policy, *found_at;
} Case;

static const Case CASES[] = {
    { "", "example.com", "example.com", true, MAILAUTH_NONE, "", NULL },
    { "", "a.example.com", "example.com", false, MAILAUTH_NONE, "", NULL },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com", "example.com", true, MAILAUTH_PASS, "reject",
        "example.com" },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com", "evil.example", false, MAILAUTH_FAIL,
        "reject", "example.com" },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"\na.example.com. A 192.0.2.1", "a.example.com",
        "b.example.com", true, MAILAUTH_PASS, "quarantine", "example.com" },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s\"", "a.example.com", "example.com", false, MAILAUTH_FAIL,
        "reject", "example.com" },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s\"", "example.com", "example.com", true, MAILAUTH_PASS,
        "reject", "example.com" },
    /* np= for names that do not exist, sp= for those that do. */
    { "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"", "ghost.example.com", "x.example",
        false, MAILAUTH_FAIL, "reject", "example.com" },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\nlive.example.com. A 192.0.2.1",
        "live.example.com", "x.example", false, MAILAUTH_FAIL, "quarantine", "example.com" },
    /* t=y: one step milder. */
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"", "example.com", "x.example", false, MAILAUTH_FAIL,
        "quarantine", "example.com" },
    { "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; t=y\"", "example.com", "x.example", false, MAILAUTH_FAIL,
        "none", "example.com" },
    /* psd=n ends the walk below the parent: the two are different organizations. */
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n_dmarc.a.example.com. TXT \"v=DMARC1; p=none; psd=n\"",
        "a.example.com", "b.example.com", false, MAILAUTH_FAIL, "none", "a.example.com" },
    { "_dmarc.a.example.com. TXT \"v=DMARC1; p=none; psd=n\"", "x.a.example.com", "y.a.example.com", true,
        MAILAUTH_PASS, "none", "a.example.com" },
    /* psd=y: organizations begin one label below. */
    { "_dmarc.bank.example. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.giant.bank.example. TXT \"v=DMARC1; p=none\"",
        "giant.bank.example", "mega.bank.example", false, MAILAUTH_FAIL, "none", "giant.bank.example" },
    { "_dmarc.bank.example. TXT \"v=DMARC1; p=reject; psd=y\"", "giant.bank.example", "mega.bank.example", false,
        MAILAUTH_FAIL, "reject", "bank.example" },
    { "_dmarc.bank.example. TXT \"v=DMARC1; p=reject; psd=y\"", "a.giant.bank.example", "b.giant.bank.example", true,
        MAILAUTH_PASS, "reject", "bank.example" },
    /* A public suffix that forgets psd=y does not make one organization of all below it. */
    { "_dmarc.co.uk. TXT \"v=DMARC1; p=reject\"", "a.co.uk", "b.co.uk", false, MAILAUTH_FAIL, "reject", "co.uk" },
    { "_dmarc.com. TXT \"v=DMARC1; p=reject\"", "a.com", "b.com", false, MAILAUTH_FAIL, "reject", "com" },
    /* Two records are none; something else beside one does not matter. */
    { "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"", "example.com",
        "x.example", false, MAILAUTH_NONE, "", NULL },
    { "_dmarc.example.com. TXT \"v=spf1 -all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"", "example.com",
        "x.example", false, MAILAUTH_FAIL, "none", "example.com" },
    /* Unknown is not none. */
    { "$ANSWER _dmarc.example.com. TXT servfail", "example.com", "example.com", true, MAILAUTH_TEMPERROR, "", NULL },
    { "$ANSWER _dmarc.example.com. TXT timeout", "a.example.com", "example.com", false, MAILAUTH_TEMPERROR, "",
        NULL },
    /* Eight look-ups at most: the record in the middle of a very long name is not asked for. */
    { "_dmarc.j.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"",
        "a.b.c.d.e.f.g.h.i.j.example.com", "example.com", true, MAILAUTH_PASS, "reject", "example.com" },
    { "_dmarc.b.c.d.e.f.g.h.i.j.example.com. TXT \"v=DMARC1; p=none\"", "a.b.c.d.e.f.g.h.i.j.example.com",
        "x.example", false, MAILAUTH_NONE, "", NULL },
};

static void test_walks(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *this = &CASES[i];
        g_autofree char *zone = g_strdup_printf("%s\n%s. TXT \"v=spf1 +all\"\n", this->zone, this->sender);
        g_autofree char *mail = g_strdup_printf("From: joe@%s\r\n\r\n", this->author);
        g_autofree char *sender = g_strdup_printf("bounce@%s", this->sender);
        g_autoptr(mailauth_report) report = test_check_from(zone, mail, strlen(mail), "192.0.2.1", sender);
        g_test_message("%s <- %s: %s", this->author, this->sender, report->dmarc.reason);
        g_assert_cmpint(report->spf.result, ==, MAILAUTH_PASS);
        g_assert_cmpint(report->spf.aligned, ==, this->aligned);
        g_assert_cmpstr(mailauth_result_name(report->dmarc.result), ==, mailauth_result_name(this->result));
        g_assert_cmpstr(report->dmarc.policy, ==, this->policy);
        g_assert_cmpstr(report->dmarc.domain, ==, this->found_at);
        g_assert_cmpint(report->vouched.by, ==, this->aligned ? MAILAUTH_BY_SPF : MAILAUTH_BY_NOBODY);
    }
}

/* The walk asks at most eight names, and the longest first. */
static void test_walk_length(void)
{
    static const char MAIL[] = "From: joe@a.b.c.d.e.f.g.h.i.j.example.com\r\n\r\n";
    g_autoptr(mailauth_report) report = test_check("", MAIL, strlen(MAIL));
    g_assert_cmpuint(report->evidence_count, ==, 8);
    g_assert_cmpstr(report->evidence[0].name, ==, "_dmarc.a.b.c.d.e.f.g.h.i.j.example.com");
    g_assert_cmpstr(report->evidence[1].name, ==, "_dmarc.f.g.h.i.j.example.com");
    g_assert_cmpstr(report->evidence[7].name, ==, "_dmarc.com");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/dmarc/records", test_records);
    g_test_add_func("/mailauth/dmarc/walks", test_walks);
    g_test_add_func("/mailauth/dmarc/walk-length", test_walk_length);
    return g_test_run();
}
