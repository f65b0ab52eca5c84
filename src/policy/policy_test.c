#include "policy/policy.h"

#include <string.h>

#include "base/error.h"

/* ---- Decision ------------------------------------------------------------------------------------ */

static void expect_code(const PolicySettings *settings, const char *address, const char *code, const char *names)
{
    PolicyDecision decision = policy_decide(settings, address);
    g_assert_cmpstr(decision.code, ==, code);
    g_assert_cmpint(decision.allowed, ==, strcmp(code, "allowed") == 0);
    g_assert_nonnull(strstr(decision.text, names));
}

static void test_defaults_allow(void)
{
    g_autoptr(PolicySettings) settings = policy_settings_new();
    expect_code(settings, "ann@example.com", "allowed", "everybody");
}

/* Organization × group: off beats everything, on lets the group decide. */
static void test_precedence(void)
{
    for (int which = 0; which < POLICY_SWITCH_COUNT; which++)
        for (int group = 0; group < 3; group++) { /* no group, group on, group off */
            g_autoptr(PolicySettings) settings = policy_settings_new();
            settings->group_address = group == 0 ? NULL : g_strdup("pay@example.com");
            settings->group_connectors = group != 2;
            expect_code(settings, "pay@example.com", group == 2 ? "group_switch_off" : "allowed",
                group == 2 ? "ConnectorsEnabled is $false for the group mailbox pay@example.com" : "on");
            settings->organization[which] = false;
            expect_code(settings, "pay@example.com", "switch_off", policy_switch_name((PolicySwitch)which));
            g_assert_nonnull(strstr(policy_decide(settings, "x@y").text, "for the organization"));
        }
}

static void test_organization_off_beats_rollout(void)
{
    g_autoptr(PolicySettings) settings = policy_settings_new();
    settings->rollout = POLICY_ROLLOUT_OFF;
    expect_code(settings, "ann@example.com", "outside_rollout", "off for everybody");
    settings->organization[POLICY_PAYMENTS] = false;
    expect_code(settings, "ann@example.com", "switch_off", "OutlookPayEnabled");
}

static void test_listed(void)
{
    g_autoptr(PolicySettings) settings = policy_settings_new();
    settings->rollout = POLICY_ROLLOUT_LISTED;
    g_ptr_array_add(settings->rollout_listed, g_strdup("ann@example.com"));
    expect_code(settings, "Ann@Example.com", "allowed", "listed");
    expect_code(settings, "bob@example.com", "outside_rollout", "not listed");
}

static void test_percent_is_stable_and_grows(void)
{
    g_autoptr(PolicySettings) settings = policy_settings_new();
    settings->rollout = POLICY_ROLLOUT_PERCENT;
    unsigned within = 0;
    for (int person = 0; person < 2000; person++) {
        g_autofree char *address = g_strdup_printf("person%d@example.com", person);
        g_autofree char *upper = g_ascii_strup(address, -1);
        bool was = false;
        for (unsigned percent = 0; percent <= 100; percent += 10) {
            settings->rollout_percent = percent;
            bool now = policy_decide(settings, address).allowed;
            g_assert_cmpint(now, ==, policy_decide(settings, upper).allowed);
            g_assert_true(now || !was);
            g_assert_true(percent != 0 || !now);
            g_assert_true(percent != 100 || now);
            within += percent == 30 && now;
            was = now;
        }
    }
    g_assert_cmpuint(within, >, 500);
    g_assert_cmpuint(within, <, 700);
}

/* The longest names must not be cut out of the sentence. */
static void test_texts_fit(void)
{
    g_autoptr(PolicySettings) settings = policy_settings_new();
    settings->organization[POLICY_CONNECTORS_ACTIONABLE] = false;
    g_assert_true(g_str_has_suffix(policy_decide(settings, "x@y").text, "."));
    settings->organization[POLICY_CONNECTORS_ACTIONABLE] = true;
    settings->group_address = g_strnfill(300, 'a');
    settings->group_connectors = false;
    g_assert_true(g_str_has_suffix(policy_decide(settings, "x@y").text, "."));
    g_free(settings->group_address);
    settings->group_address = g_strdup("\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC"
        "\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBCxx"
        "\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC\xC5\xBC x\xC5\xBC");
    g_assert_true(g_utf8_validate(policy_decide(settings, "x@y").text, -1, NULL));
    settings->group_connectors = true;
    for (int rollout = POLICY_ROLLOUT_OFF; rollout <= POLICY_ROLLOUT_EVERYBODY; rollout++) {
        settings->rollout = (PolicyRollout)rollout;
        g_assert_true(g_str_has_suffix(policy_decide(settings, "x@y").text, "."));
    }
}

static void test_names(void)
{
    PolicySwitch which;
    PolicyRollout rollout;
    g_assert_true(policy_switch_from_name(SPAN("outlookpayenabled"), &which) && which == POLICY_PAYMENTS);
    g_assert_false(policy_switch_from_name(SPAN("OutlookPay"), &which));
    g_assert_true(policy_rollout_from_name(SPAN("EVERYBODY"), &rollout) && rollout == POLICY_ROLLOUT_EVERYBODY);
    g_assert_false(policy_rollout_from_name(SPAN(""), &rollout));
}

/* ---- Cmdlets --------------------------------------------------------------------------------------- */

/* "verb|Name=value|Name=value" of a parsed line, or "error: …". */
static char *describe(const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyCommand) command = policy_command_parse(span_of(line), &error);
    if (command == NULL) {
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
        return g_strconcat("error: ", error->message, NULL);
    }
    g_autoptr(GString) text = g_string_new(policy_verb_name(command->verb));
    for (guint i = 0; i < command->parameters->len; i++) {
        const PolicyParameter *parameter = command->parameters->pdata[i];
        g_string_append_printf(text, "|%s=%s", parameter->name, parameter->value);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static const struct { const char *line, *expected; } good[] = {
    { "Get-OrganizationConfig", "Get-OrganizationConfig" },
    { "  get-organizationconfig \r\n", "Get-OrganizationConfig" },
    { "Set-OrganizationConfig -ConnectorsEnabled:$false", "Set-OrganizationConfig|ConnectorsEnabled=$false" },
    { "set-ORGANIZATIONconfig -connectorsenabled $False", "Set-OrganizationConfig|ConnectorsEnabled=$false" },
    { "Set-OrganizationConfig -ConnectorsEnabled: $true", "Set-OrganizationConfig|ConnectorsEnabled=$true" },
    { "Set-OrganizationConfig -OutlookPayEnabled", "Set-OrganizationConfig|OutlookPayEnabled=$true" },
    { "Set-OrganizationConfig -OutlookPayEnabled 0 -Smtp 1",
        "Set-OrganizationConfig|OutlookPayEnabled=$false|SmtpActionableMessagesEnabled=$true" },
    { "Set-OrganizationConfig -OutlookPay -ConnectorsE:$false",
        "Set-OrganizationConfig|OutlookPayEnabled=$true|ConnectorsEnabled=$false" },
    { "Set-OrganizationConfig \xE2\x80\x93OutlookPayEnabled \xE2\x80\x9C$false\xE2\x80\x9D",
        "Set-OrganizationConfig|OutlookPayEnabled=$false" },
    { "Get-UnifiedGroup", "Get-UnifiedGroup" },
    { "Get-UnifiedGroup Pay@Example.com", "Get-UnifiedGroup|Identity=pay@example.com" },
    { "Set-UnifiedGroup -Identity 'pay@example.com' -ConnectorsEnabled:$false",
        "Set-UnifiedGroup|Identity=pay@example.com|ConnectorsEnabled=$false" },
    { "Set-UnifiedGroup -ConnectorsEnabled:$false \"pay@example.com\"",
        "Set-UnifiedGroup|ConnectorsEnabled=$false|Identity=pay@example.com" },
    { "Get-PaymentRollout", "Get-PaymentRollout" },
    { "Set-PaymentRollout -Mode Percent -Percent 25%", "Set-PaymentRollout|Mode=percent|Percent=25" },
    { "Set-PaymentRollout -Mode listed -People a@x.com, 'B@x.com' ,c@x.com",
        "Set-PaymentRollout|Mode=listed|People=a@x.com,b@x.com,c@x.com" },
    { "Set-PaymentRollout -Add a@x.com -Remove b@x.com", "Set-PaymentRollout|Add=a@x.com|Remove=b@x.com" },
    { "Search-AdminAuditLog -Cmdlets set-organizationconfig,other -UserIds \"root ann\" -StartDate 2026-11-01 -End 2026-11-30",
        "Search-AdminAuditLog|Cmdlets=Set-OrganizationConfig,other|UserIds=root ann|StartDate=2026-11-01|EndDate=2026-11-30" },
    { "Search-AdminAuditLog -UserIds 'it''s' -Parameters \"a`\"b\"", "Search-AdminAuditLog|UserIds=it's|Parameters=a\"b" },
};

static void test_good_lines(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *described = describe(good[i].line);
        g_assert_cmpstr(described, ==, good[i].expected);
    }
}

/* Each error names the word, and what is known or wanted. */
static const struct { const char *line, *names, *wants; } bad[] = {
    { "", "no cmdlet", "Search-AdminAuditLog" },
    { "Get-Mailbox", "\"Get-Mailbox\"", "Set-UnifiedGroup" },
    { "-OutlookPayEnabled:$false", "\"OutlookPayEnabled\"", "Set-OrganizationConfig" },
    { "Get-OrganizationConfig -Identity x", "-Identity", "no parameters" },
    { "Set-OrganizationConfig", "nothing to set", "-OutlookPayEnabled" },
    { "Set-OrganizationConfig -PayEnabled:$false", "-PayEnabled", "-OutlookPayEnabled" },
    { "Set-OrganizationConfig -Connectors $false", "-Connectors", "more than one" },
    { "Set-OrganizationConfig -Identity ann@example.com -ConnectorsEnabled:$false", "-Identity", "a person has no such switch" },
    { "Set-OrganizationConfig ann@example.com -ConnectorsEnabled:$false", "\"ann@example.com\"", "-ConnectorsEnabled" },
    { "Set-OrganizationConfig -ConnectorsEnabled false", "\"false\"", "$true or $false" },
    { "Set-OrganizationConfig -ConnectorsEnabled:", "-ConnectorsEnabled", "missing" },
    { "Set-OrganizationConfig -ConnectorsEnabled=$false", "-ConnectorsEnabled", "write -ConnectorsEnabled:value" },
    { "Set-OrganizationConfig -ConnectorsEnabled:$false -connectorsenabled:$true", "-ConnectorsEnabled", "twice" },
    { "Set-OrganizationConfig -ConnectorsEnabled:$false; Get-UnifiedGroup", "\";\"", "one cmdlet per line" },
    { "Get-UnifiedGroup | Set-UnifiedGroup", "\"|\"", "pipes" },
    { "Set-UnifiedGroup -ConnectorsEnabled:$false", "-Identity", "needs" },
    { "Set-UnifiedGroup -Identity pay@example.com", "nothing to set", "-ConnectorsEnabled" },
    { "Set-UnifiedGroup -Identity sales -ConnectorsEnabled:$false", "\"sales\"", "mail address" },
    { "Set-UnifiedGroup -Identity -ConnectorsEnabled:$false", "-Identity", "needs a value" },
    { "Set-UnifiedGroup -Identity 'pay@example.com -ConnectorsEnabled:$false", "'", "not closed" },
    { "Set-UnifiedGroup -Identity 'pay@example.com'x", "pay@example.com", "space is missing" },
    { "Set-PaymentRollout -Mode some", "\"some\"", "listed" },
    { "Set-PaymentRollout -Mode percent", "-Percent", "0 to 100" },
    { "Set-PaymentRollout -Percent 101", "\"101\"", "0 to 100" },
    { "Set-PaymentRollout -Percent -5", "\"-5\"", "0 to 100" },
    { "Set-PaymentRollout -People a@x.com -Add b@x.com", "-People", "either" },
    { "Set-PaymentRollout -Add a@x.com,", "missing", "value" },
    { "Set-PaymentRollout -P a@x.com", "-P", "more than one" },
    { "Search-AdminAuditLog -StartDate 11/12/2026", "\"11/12/2026\"", "2026-11-23" },
    { "Search-AdminAuditLog -StartDate 2026-02-30", "\"2026-02-30\"", "2026-11-23" },
    { "Search-AdminAuditLog -StartDate 2026-11-02 -EndDate 2026-11-01", "2026-11-02", "after" },
    { "Get-UnifiedGroup \x01", "control character", "byte 18" },
    { "Get-UnifiedGroup \xFF", "UTF-8", "bytes" },
};

static void test_bad_lines(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *described = describe(bad[i].line);
        if (!g_str_has_prefix(described, "error: ") || strstr(described, bad[i].names) == NULL
            || strstr(described, bad[i].wants) == NULL)
            g_error("%s gave: %s", bad[i].line, described);
    }
}

static void test_long_lines(void)
{
    g_autofree char *spaces = g_strnfill(9000, ' ');
    g_autofree char *long_line = describe(spaces);
    g_assert_nonnull(strstr(long_line, "at most 8192 bytes"));
    g_autoptr(GString) many = g_string_new("Get-UnifiedGroup");
    for (int i = 0; i < 100; i++)
        g_string_append(many, " a@x.com");
    g_autofree char *words = describe(many->str);
    g_assert_nonnull(strstr(words, "at most 64 words"));
    g_assert_null(policy_command_parse((Span){ "Get\0Set", 7 }, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy/defaults-allow", test_defaults_allow);
    g_test_add_func("/policy/organization-over-group", test_precedence);
    g_test_add_func("/policy/organization-over-rollout", test_organization_off_beats_rollout);
    g_test_add_func("/policy/listed", test_listed);
    g_test_add_func("/policy/percent-is-stable-and-grows", test_percent_is_stable_and_grows);
    g_test_add_func("/policy/texts-fit", test_texts_fit);
    g_test_add_func("/policy/names", test_names);
    g_test_add_func("/policy/cmdlets-read", test_good_lines);
    g_test_add_func("/policy/cmdlets-refused", test_bad_lines);
    g_test_add_func("/policy/long-lines", test_long_lines);
    return g_test_run();
}
