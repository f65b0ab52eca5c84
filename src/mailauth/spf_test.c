/* SPF: the examples of RFC 7208 and each limit from both sides. */
#include "test_world.h"

#include <string.h>

/* RFC 7208 Appendix A. */
static const char EXAMPLE_ZONE[] = "$ORIGIN example.com.\n"
                                   "@ MX 10 mail-a\n"
                                   "@ MX 20 mail-b\n"
                                   "@ A 192.0.2.10\n"
                                   "@ A 192.0.2.11\n"
                                   "amy A 192.0.2.65\n"
                                   "bob A 192.0.2.66\n"
                                   "mail-a A 192.0.2.129\n"
                                   "mail-b A 192.0.2.130\n"
                                   "$ORIGIN example.org.\n"
                                   "@ MX 10 mail-c\n"
                                   "mail-c A 192.0.2.140\n"
                                   "$ORIGIN 2.0.192.in-addr.arpa.\n"
                                   "10 PTR example.com.\n"
                                   "65 PTR amy.example.com.\n"
                                   "140 PTR mail-c.example.org.\n"
                                   "10.0.0.10.in-addr.arpa. PTR example.com.\n";

typedef struct Case {
    const char *record, *client_ip;
    mailauth_result result;
} Case;

static const Case CASES[] = {
    { "v=spf1 +all", "203.0.113.1", MAILAUTH_PASS },
    { "v=spf1 a -all", "192.0.2.10", MAILAUTH_PASS },
    { "v=spf1 a -all", "192.0.2.12", MAILAUTH_FAIL },
    { "v=spf1 a:example.org -all", "192.0.2.10", MAILAUTH_FAIL },
    { "v=spf1 mx -all", "192.0.2.129", MAILAUTH_PASS },
    { "v=spf1 mx:example.org -all", "192.0.2.140", MAILAUTH_PASS },
    { "v=spf1 mx mx:example.org -all", "192.0.2.140", MAILAUTH_PASS },
    { "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", MAILAUTH_PASS },
    { "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", MAILAUTH_FAIL },
    { "v=spf1 ptr -all", "192.0.2.65", MAILAUTH_PASS },
    { "v=spf1 ptr -all", "192.0.2.140", MAILAUTH_FAIL },
    { "v=spf1 ptr -all", "10.0.0.10", MAILAUTH_FAIL }, /* it does not point back */
    { "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", MAILAUTH_FAIL },
    { "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", MAILAUTH_PASS },
    { "v=spf1 ip4:192.0.2.128/28 ~all", "::ffff:192.0.2.129", MAILAUTH_PASS },
    { "v=spf1 ip6:2001:db8::/32 ?all", "2001:db8::1", MAILAUTH_PASS },
    { "v=spf1 ip6:2001:db8::/32 ?all", "2001:db9::1", MAILAUTH_NEUTRAL },
    { "v=spf1 ip6:2001:db8::/32", "192.0.2.1", MAILAUTH_NEUTRAL },
    { "v=spf1 ~all", "192.0.2.1", MAILAUTH_SOFTFAIL },
    { "v=spf1 exists:%{ir}.in-addr.arpa -all", "192.0.2.1", MAILAUTH_FAIL },
    { "v=spf1 exists:%{l}.example.com -all", "192.0.2.1", MAILAUTH_PASS },
    { "v=spf1 include:nowhere.example -all", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 redirect=nowhere.example", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 redirect=spf.example.com", "192.0.2.1", MAILAUTH_PERMERROR }, /* to itself, for ever */
    { "v=spf1 include:spf.example.com", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 a:one.void.example a:two.void.example ?all", "192.0.2.1", MAILAUTH_NEUTRAL },
    { "v=spf1 a:one.void.example a:two.void.example a:three.void.example ?all", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 a a a a a a a a a a ?all", "192.0.2.1", MAILAUTH_NEUTRAL },
    { "v=spf1 a a a a a a a a a a a ?all", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 a a a a a a a a a a redirect=example.org", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 a:slow.example -all", "192.0.2.1", MAILAUTH_TEMPERROR },
    { "v=spf1 ptr:slow.example ?all", "203.0.113.9", MAILAUTH_NEUTRAL },
    { "v=spf1 mx:eleven.example ?all", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 foo -all", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 -all ip4:999.0.2.1", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf1 unknown=%{i} -all", "192.0.2.1", MAILAUTH_FAIL },
    { "v=spf1 unknown=%{x} -all", "192.0.2.1", MAILAUTH_PERMERROR },
    { "v=spf10 -all", "192.0.2.1", MAILAUTH_NONE },
    { "v=spf1 +all", NULL, MAILAUTH_NONE },
    { "v=spf1 +all", "not an address", MAILAUTH_NONE },
};

static char *zone_with(const char *record)
{
    g_autoptr(GString) zone = g_string_new(EXAMPLE_ZONE);
    g_string_append_printf(zone, "spf.example.com. TXT \"%s\"\n", record);
    g_string_append(zone, "spf.example.com. A 192.0.2.10\nspf.example.com. A 192.0.2.11\n");
    g_string_append(zone, "spf.example.com. MX 10 mail-a.example.com.\nspf.example.com. MX 20 mail-b.example.com.\n");
    g_string_append(zone, "$ANSWER slow.example. ANY timeout\n$ANSWER 9.113.0.203.in-addr.arpa. PTR timeout\n");
    for (int i = 0; i < 11; i++)
        g_string_append_printf(zone, "eleven.example. MX %d mail-a.example.com.\n", i);
    return g_strdup(zone->str);
}

static void test_table(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *zone = zone_with(CASES[i].record);
        g_autofree char *changed = g_strdup(zone);
        bool ptr = strstr(CASES[i].record, "ptr -all") != NULL;
        /* The ptr examples are those of example.com itself. */
        if (ptr) {
            g_autofree char *own = g_strdup_printf("%sexample.com. TXT \"%s\"\n", EXAMPLE_ZONE, CASES[i].record);
            g_free(changed);
            changed = g_steal_pointer(&own);
        }
        g_autoptr(mailauth_report) report
            = test_check_from(changed, "", 0, CASES[i].client_ip, ptr ? "amy@example.com" : "amy@spf.example.com");
        g_test_message("%s for %s: %s", CASES[i].record, CASES[i].client_ip, report->spf.reason);
        g_assert_cmpstr(mailauth_result_name(report->spf.result), ==, mailauth_result_name(CASES[i].result));
    }
}

/* RFC 7208 §7.4: strong-bad@email.example.com from 192.0.2.3 and 2001:db8::cb01. */
static void test_macros(void)
{
    static const struct {
        const char *macro, *client_ip, *text;
    } MACROS[] = {
        { "%{s}", "192.0.2.3", "strong-bad@email.example.com" },
        { "%{o}", "192.0.2.3", "email.example.com" },
        { "%{d}", "192.0.2.3", "email.example.com" },
        { "%{d4}", "192.0.2.3", "email.example.com" },
        { "%{d2}", "192.0.2.3", "example.com" },
        { "%{d1}", "192.0.2.3", "com" },
        { "%{dr}", "192.0.2.3", "com.example.email" },
        { "%{d2r}", "192.0.2.3", "example.email" },
        { "%{l}", "192.0.2.3", "strong-bad" },
        { "%{l-}", "192.0.2.3", "strong.bad" },
        { "%{lr-}", "192.0.2.3", "bad.strong" },
        { "%{l1r-}", "192.0.2.3", "strong" },
        { "%{ir}.%{v}._spf.%{d2}", "192.0.2.3", "3.2.0.192.in-addr._spf.example.com" },
        { "%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01",
            "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com" },
        { "%{c} %{p} %{h} %{r}", "192.0.2.3", "192.0.2.3 unknown mx.example.org unknown" },
        { "%{S}%%%_%-", "192.0.2.3", "strong-bad%40email.example.com% %20" },
        { "%{t}", "192.0.2.3", "1795424400" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(MACROS); i++) {
        g_autofree char *zone = g_strdup_printf("email.example.com. TXT \"v=spf1 -all exp=why.example.com\"\n"
                                                "why.example.com. TXT \"%s\"\n",
            MACROS[i].macro);
        g_autoptr(mailauth_report) report
            = test_check_from(zone, "", 0, MACROS[i].client_ip, "strong-bad@email.example.com");
        g_assert_cmpint(report->spf.result, ==, MAILAUTH_FAIL);
        g_assert_cmpstr(report->spf.explanation, ==, MACROS[i].text);
    }
}

static void test_senders(void)
{
    static const char ZONE[] = "mx.example.org. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";
    g_autoptr(mailauth_report) null_sender = test_check_from(ZONE, "", 0, "192.0.2.1", "");
    g_assert_cmpint(null_sender->spf.result, ==, MAILAUTH_PASS);
    g_assert_cmpstr(null_sender->spf.domain, ==, "mx.example.org");
    g_autoptr(mailauth_report) unknown = test_check_from(ZONE, "", 0, "192.0.2.1", NULL);
    g_assert_cmpint(unknown->spf.result, ==, MAILAUTH_NONE);
    g_autoptr(mailauth_report) literal = test_check_from(ZONE, "", 0, "192.0.2.1", "a@[192.0.2.1]");
    g_assert_cmpint(literal->spf.result, ==, MAILAUTH_NONE);
}

/* The explanation goes into a reply to the client, which chose the macros' values: it stays one line of ASCII. */
static void test_explanation_is_one_line(void)
{
    static const char ZONE[] = "d.example. TXT \"v=spf1 -all exp=why.d.example\"\nwhy.d.example. TXT \"no mail of %{l}\"\n";
    g_autoptr(mailauth_report) report
        = test_check_from(ZONE, "", 0, "192.0.2.1", "a\r\n250 b\x01\xc3\xa9\x7f@d.example");
    g_assert_cmpint(report->spf.result, ==, MAILAUTH_FAIL);
    g_assert_cmpstr(report->spf.explanation, ==, "no mail of a??250 b????");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/spf/table", test_table);
    g_test_add_func("/mailauth/spf/macros", test_macros);
    g_test_add_func("/mailauth/spf/senders", test_senders);
    g_test_add_func("/mailauth/spf/explanation-is-one-line", test_explanation_is_one_line);
    return g_test_run();
}
