/* The switches' and rollout's names, and their defaults. */
#include "policy/policy.h"

static const char *const switch_names[POLICY_SWITCH_COUNT] = {
    [POLICY_PAYMENTS] = "OutlookPayEnabled",
    [POLICY_SMTP_ACTIONABLE] = "SmtpActionableMessagesEnabled",
    [POLICY_CONNECTORS_ACTIONABLE] = "ConnectorsActionableMessagesEnabled",
    [POLICY_CONNECTORS] = "ConnectorsEnabled",
};

static const char *const rollout_names[] = {
    [POLICY_ROLLOUT_OFF] = "off",
    [POLICY_ROLLOUT_LISTED] = "listed",
    [POLICY_ROLLOUT_PERCENT] = "percent",
    [POLICY_ROLLOUT_EVERYBODY] = "everybody",
};

/* Index of `name` in any case, or `count`. */
static size_t find_name(const char *const *names, size_t count, Span name)
{
    size_t i = 0;
    while (i < count && !span_equal_nocase(span_of(names[i]), name))
        i++;
    return i;
}

const char *policy_switch_name(PolicySwitch which)
{
    g_assert(which < POLICY_SWITCH_COUNT);
    return switch_names[which];
}

bool policy_switch_from_name(Span name, PolicySwitch *ret_which)
{
    size_t found = find_name(switch_names, G_N_ELEMENTS(switch_names), name);
    if (found == G_N_ELEMENTS(switch_names))
        return false;
    *ret_which = (PolicySwitch)found;
    return true;
}

const char *policy_rollout_name(PolicyRollout rollout)
{
    g_assert(rollout < G_N_ELEMENTS(rollout_names));
    return rollout_names[rollout];
}

bool policy_rollout_from_name(Span name, PolicyRollout *ret_rollout)
{
    size_t found = find_name(rollout_names, G_N_ELEMENTS(rollout_names), name);
    if (found == G_N_ELEMENTS(rollout_names))
        return false;
    *ret_rollout = (PolicyRollout)found;
    return true;
}

PolicySettings *policy_settings_new(void)
{
    PolicySettings *settings = g_new0(PolicySettings, 1);
    for (size_t i = 0; i < POLICY_SWITCH_COUNT; i++)
        settings->organization[i] = true;
    settings->group_connectors = true;
    settings->rollout = POLICY_ROLLOUT_EVERYBODY;
    settings->rollout_listed = g_ptr_array_new_with_free_func(g_free);
    return settings;
}

void policy_settings_free(PolicySettings *settings)
{
    if (settings == NULL)
        return;
    g_free(settings->group_address);
    g_ptr_array_unref(settings->rollout_listed);
    g_free(settings);
}
