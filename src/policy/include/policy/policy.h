/* The administrator's switches (wire.md §8) and the rollout, as values; the store keeps them.
 *
 * Organization off beats everything; organization on lets the group switch decide; no per-person form
 * of the switches exists. Rollout says for whom the feature exists at all.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"

typedef enum PolicySwitch {
    POLICY_PAYMENTS,             /* OutlookPayEnabled */
    POLICY_SMTP_ACTIONABLE,      /* SmtpActionableMessagesEnabled */
    POLICY_CONNECTORS_ACTIONABLE, /* ConnectorsActionableMessagesEnabled */
    POLICY_CONNECTORS,           /* ConnectorsEnabled */
    POLICY_SWITCH_COUNT,
} PolicySwitch;

const char *policy_switch_name(PolicySwitch which);                    /* "OutlookPayEnabled" */
bool policy_switch_from_name(Span name, PolicySwitch *ret_which);      /* in any case */

typedef enum PolicyRollout { POLICY_ROLLOUT_OFF, POLICY_ROLLOUT_LISTED, POLICY_ROLLOUT_PERCENT, POLICY_ROLLOUT_EVERYBODY } PolicyRollout;
const char *policy_rollout_name(PolicyRollout rollout); /* "off", "listed", "percent", "everybody" */
bool policy_rollout_from_name(Span name, PolicyRollout *ret_rollout);

typedef struct PolicySettings {
    bool organization[POLICY_SWITCH_COUNT]; /* all default true */
    char *group_address;                    /* the group mailbox in question, or NULL */
    bool group_connectors;                  /* its ConnectorsEnabled; default true */
    PolicyRollout rollout;                  /* default everybody */
    unsigned rollout_percent;               /* 0..100 */
    GPtrArray *rollout_listed;              /* char *: addresses */
} PolicySettings;

PolicySettings *policy_settings_new(void);
void policy_settings_free(PolicySettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicySettings, policy_settings_free)

typedef struct PolicyDecision {
    bool allowed;
    char code[32];  /* "switch_off", "group_switch_off", "outside_rollout", "allowed" */
    char text[160]; /* which switch or rollout decided, in plain words */
} PolicyDecision;

/* `address` is the mailbox the mail came to. The percentage is stable per address. */
PolicyDecision policy_decide(const PolicySettings *settings, const char *address);

/* ---- Cmdlets, typed as an administrator types them ------------------------------------------- */

typedef enum PolicyVerb { POLICY_GET_ORGANIZATION, POLICY_SET_ORGANIZATION, POLICY_GET_GROUP, POLICY_SET_GROUP,
    POLICY_GET_ROLLOUT, POLICY_SET_ROLLOUT, POLICY_GET_ADDRESS, POLICY_SET_ADDRESS, POLICY_SEARCH_AUDIT } PolicyVerb;

typedef struct PolicyParameter {
    char *name;
    /* "$true", "$false" ("$true" for a bare switch), or text without its quotes: addresses and lists of them in
     * lower case with ',' between, Mode as policy_rollout_name, Percent as digits, days as "2026-11-23". */
    char *value;
} PolicyParameter;

typedef struct PolicyCommand {
    PolicyVerb verb;
    GPtrArray *parameters; /* PolicyParameter *, in order, names in their canonical spelling */
} PolicyCommand;

/* Reads one cmdlet line: names in any case, `-Name:$false`, `-Name $false`, 'quoted' values.
 * NULL and `error` (BAD_INPUT) that names the unknown word and what is known. */
PolicyCommand *policy_command_parse(Span line, GError **error);
void policy_command_free(PolicyCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyCommand, policy_command_free)
const char *policy_command_value(const PolicyCommand *command, const char *name); /* or NULL */
const char *policy_verb_name(PolicyVerb verb);
