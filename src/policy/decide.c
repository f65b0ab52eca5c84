/* May the mailbox have payment cards at all? Switches first, then the rollout (wire.md §8). */
#include "policy/policy.h"

#include <string.h>

#include "base/encoding.h"

static PolicyDecision decision(bool allowed, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static PolicyDecision decision(bool allowed, const char *code, const char *format, ...)
{
    PolicyDecision made = { .allowed = allowed };
    g_strlcpy(made.code, code, sizeof made.code);
    va_list arguments;
    va_start(arguments, format);
    g_vsnprintf(made.text, sizeof made.text, format, arguments);
    va_end(arguments);
    const char *whole; /* a name that is not ASCII may have been cut in the middle of a character */
    g_utf8_validate(made.text, -1, &whole);
    made.text[whole - made.text] = '\0';
    return made;
}

/* 0..99, the same for an address for ever and in any spelling of case: raising the percentage keeps
 * everybody who was in. SHA-256 and not GLib's hash, whose value may change between releases. */
static unsigned address_bucket(const char *address)
{
    g_autofree char *lower = g_ascii_strdown(address, -1);
    g_autofree char *hash = encode_sha256_hex(span_of(lower));
    hash[8] = '\0';
    return (unsigned)(g_ascii_strtoull(hash, NULL, 16) % 100);
}

static bool is_listed(const GPtrArray *addresses, const char *address)
{
    for (guint i = 0; i < addresses->len; i++)
        if (g_ascii_strcasecmp(addresses->pdata[i], address) == 0)
            return true;
    return false;
}

static PolicyDecision decide_rollout(const PolicySettings *settings, const char *address)
{
    switch (settings->rollout) {
    case POLICY_ROLLOUT_OFF:
        return decision(false, "outside_rollout",
            "The rollout of payments is off for everybody. Set-PaymentRollout -Mode changes it.");
    case POLICY_ROLLOUT_LISTED:
        if (is_listed(settings->rollout_listed, address))
            break;
        return decision(false, "outside_rollout",
            "Payments are rolled out to listed people and this mailbox is not listed. Set-PaymentRollout -Add adds it.");
    case POLICY_ROLLOUT_PERCENT:
        if (address_bucket(address) < settings->rollout_percent)
            break;
        return decision(false, "outside_rollout",
            "Payments are rolled out to %u %% of mailboxes and this one is not among them. "
            "Set-PaymentRollout -Percent changes it.", settings->rollout_percent);
    case POLICY_ROLLOUT_EVERYBODY:
        break;
    }
    return decision(true, "allowed", "All switches are on and this mailbox is within the rollout (%s).",
        policy_rollout_name(settings->rollout));
}

PolicyDecision policy_decide(const PolicySettings *settings, const char *address)
{
    for (size_t i = 0; i < POLICY_SWITCH_COUNT; i++)
        if (!settings->organization[i])
            return decision(false, "switch_off",
                "%s is $false for the organization. An administrator turns it on with Set-OrganizationConfig.",
                policy_switch_name((PolicySwitch)i));
    if (settings->group_address != NULL && !settings->group_connectors)
        return decision(false, "group_switch_off",
            "%s is $false for the group mailbox %.64s. Set-UnifiedGroup turns it on.",
            policy_switch_name(POLICY_CONNECTORS), settings->group_address);
    return decide_rollout(settings, address);
}
