/* The cmdlets of wire.md §8: one table says which parameters each takes and of what kind; the parser
 * fills in canonical names and checked values, and names what it does not know. */
#include "policy/policy.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cmdlet_lex.h"

typedef enum Kind { KIND_SWITCH, KIND_ADDRESS, KIND_ADDRESSES, KIND_MODE, KIND_PERCENT, KIND_DATE, KIND_CMDLETS, KIND_WORDS, KIND_LINE, KIND_COUNTRY } Kind;

typedef struct Parameter {
    const char *name;
    Kind kind;
} Parameter;

enum { PARAMETERS_MAX = 7, LINE_CHARACTERS_MAX = 100 };

typedef struct Cmdlet {
    PolicyVerb verb;
    const char *name;
    Parameter parameters[PARAMETERS_MAX]; /* the first may be given without its name where it is an address */
    bool needs_first;
    unsigned least; /* parameters that must be there */
} Cmdlet;

static const Cmdlet cmdlets[] = {
    { POLICY_GET_ORGANIZATION, "Get-OrganizationConfig", { { NULL, 0 } }, false, 0 },
    { POLICY_SET_ORGANIZATION, "Set-OrganizationConfig",
        { { "OutlookPayEnabled", KIND_SWITCH }, { "SmtpActionableMessagesEnabled", KIND_SWITCH },
            { "ConnectorsActionableMessagesEnabled", KIND_SWITCH }, { "ConnectorsEnabled", KIND_SWITCH } }, false, 1 },
    { POLICY_GET_GROUP, "Get-UnifiedGroup", { { "Identity", KIND_ADDRESS } }, false, 0 },
    { POLICY_SET_GROUP, "Set-UnifiedGroup", { { "Identity", KIND_ADDRESS }, { "ConnectorsEnabled", KIND_SWITCH } }, true, 2 },
    { POLICY_GET_ROLLOUT, "Get-PaymentRollout", { { NULL, 0 } }, false, 0 },
    { POLICY_SET_ROLLOUT, "Set-PaymentRollout",
        { { "Mode", KIND_MODE }, { "Percent", KIND_PERCENT }, { "Add", KIND_ADDRESSES }, { "Remove", KIND_ADDRESSES },
            { "People", KIND_ADDRESSES } }, false, 1 },
    { POLICY_GET_ADDRESS, "Get-OrganizationAddress", { { NULL, 0 } }, false, 0 },
    { POLICY_SET_ADDRESS, "Set-OrganizationAddress",
        { { "Name", KIND_LINE }, { "Line1", KIND_LINE }, { "Line2", KIND_LINE }, { "PostalCode", KIND_LINE },
            { "City", KIND_LINE }, { "Country", KIND_COUNTRY } }, false, 1 },
    { POLICY_SEARCH_AUDIT, "Search-AdminAuditLog",
        { { "Cmdlets", KIND_CMDLETS }, { "Parameters", KIND_WORDS }, { "UserIds", KIND_WORDS }, { "StartDate", KIND_DATE },
            { "EndDate", KIND_DATE } }, false, 0 },
};

static const Cmdlet *cmdlet_find(Span name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cmdlets); i++)
        if (span_equal_nocase(span_of(cmdlets[i].name), name))
            return &cmdlets[i];
    return NULL;
}

const char *policy_verb_name(PolicyVerb verb)
{
    g_assert(verb < G_N_ELEMENTS(cmdlets) && cmdlets[verb].verb == verb);
    return cmdlets[verb].name;
}

static void parameter_free(gpointer data)
{
    PolicyParameter *parameter = data;
    g_free(parameter->name);
    g_free(parameter->value);
    g_free(parameter);
}

void policy_command_free(PolicyCommand *command)
{
    if (command == NULL)
        return;
    g_ptr_array_unref(command->parameters);
    g_free(command);
}

const char *policy_command_value(const PolicyCommand *command, const char *name)
{
    for (guint i = 0; i < command->parameters->len; i++) {
        const PolicyParameter *parameter = command->parameters->pdata[i];
        if (g_ascii_strcasecmp(parameter->name, name) == 0)
            return parameter->value;
    }
    return NULL;
}

/* ---- Names ------------------------------------------------------------------------------------ */

static char *known_cmdlets(void)
{
    g_autoptr(GString) list = g_string_new(cmdlets[0].name);
    for (size_t i = 1; i < G_N_ELEMENTS(cmdlets); i++)
        g_string_append_printf(list, ", %s", cmdlets[i].name);
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static char *known_parameters(const Cmdlet *cmdlet)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (const Parameter *known = cmdlet->parameters; known->name != NULL; known++)
        g_string_append_printf(list, "%s-%s", list->len > 0 ? ", " : "", known->name);
    return list->len == 0 ? g_strdup("no parameters") : g_string_free(g_steal_pointer(&list), FALSE);
}

/* The exact name in any case, else the only one that begins so, as PowerShell does. */
static const Parameter *parameter_find(const Cmdlet *cmdlet, const char *name, GError **error)
{
    const Parameter *begins = NULL;
    unsigned count = 0;
    for (const Parameter *known = cmdlet->parameters; known->name != NULL; known++) {
        if (g_ascii_strcasecmp(known->name, name) == 0)
            return known;
        if (g_ascii_strncasecmp(known->name, name, strlen(name)) == 0) {
            begins = known;
            count++;
        }
    }
    if (count == 1)
        return begins;
    g_autofree char *list = known_parameters(cmdlet);
    if (count > 1)
        error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is short for more than one parameter of %s; it takes %s", name,
            cmdlet->name, list);
    else if (cmdlet->verb == POLICY_SET_ORGANIZATION && g_ascii_strcasecmp(name, "Identity") == 0)
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "unknown parameter -Identity: %s speaks for the whole organization and takes %s; a group mailbox has "
            "Set-UnifiedGroup, a person has no such switch", cmdlet->name, list);
    else
        error_set(error, SALDO_ERROR_BAD_INPUT, "unknown parameter -%s: %s takes %s", name, cmdlet->name, list);
    return NULL;
}

/* ---- Values: each returns the canonical text, or NULL and `error` -------------------------------- */

static char *switch_value(const char *name, const char *value, GError **error)
{
    if (g_ascii_strcasecmp(value, "$true") == 0 || strcmp(value, "1") == 0)
        return g_strdup("$true");
    if (g_ascii_strcasecmp(value, "$false") == 0 || strcmp(value, "0") == 0)
        return g_strdup("$false");
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is $true or $false, not \"%s\"", name, value);
    return NULL;
}

static char *address_value(const char *name, const char *value, GError **error)
{
    if (text_is_address(value))
        return g_ascii_strdown(value, -1);
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is a mail address such as accounts@example.com, not \"%s\"", name, value);
    return NULL;
}

static char *addresses_value(const char *name, const char *value, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    for (char **part = parts; *part != NULL; part++) {
        g_autofree char *address = address_value(name, g_strstrip(*part), error);
        if (address == NULL)
            return NULL;
        g_string_append_printf(list, "%s%s", list->len > 0 ? "," : "", address);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static char *mode_value(const char *name, const char *value, GError **error)
{
    PolicyRollout rollout;
    if (policy_rollout_from_name(span_of(value), &rollout))
        return g_strdup(policy_rollout_name(rollout));
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is off, listed, percent or everybody, not \"%s\"", name, value);
    return NULL;
}

static char *percent_value(const char *name, const char *value, GError **error)
{
    Span digits = span_of(value);
    uint64_t percent;
    if (span_ends_with_nocase(digits, SPAN("%")))
        digits = span_slice(digits, 0, digits.length - 1);
    if (span_to_uint64(digits, &percent) && percent <= 100)
        return g_strdup_printf("%u", (unsigned)percent);
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is a whole number from 0 to 100, not \"%s\"", name, value);
    return NULL;
}

/* A day alone: "11/12/2026" would be another day on each side of an ocean. */
static char *date_value(const char *name, const char *value, GError **error)
{
    int64_t time_us;
    char day[DATE_TEXT_MAX];
    if (strlen(value) == DATE_TEXT_MAX - 1 && time_parse_date(span_of(value), &time_us)) {
        time_format_date(time_us, day);
        return g_strdup(day);
    }
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is a day written as 2026-11-23, not \"%s\"", name, value);
    return NULL;
}

/* One line of an address. */
static char *line_value(const char *name, const char *value, GError **error)
{
    bool is_long = g_utf8_strlen(value, -1) > LINE_CHARACTERS_MAX;
    if (!is_long && g_utf8_validate(value, -1, NULL) && strpbrk(value, "\r\n\t") == NULL)
        return g_strdup(value);
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is one line of at most %d characters", name, LINE_CHARACTERS_MAX);
    return NULL;
}

/* ISO 3166-1 alpha-2. */
static char *country_value(const char *name, const char *value, GError **error)
{
    if (strlen(value) == 2 && g_ascii_isalpha(value[0]) && g_ascii_isalpha(value[1]))
        return g_ascii_strup(value, -1);
    error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is a country's two letters such as PL, not \"%s\"", name, value);
    return NULL;
}

/* Known cmdlets in their own spelling; other words stay (the log also holds actions of other kinds). */
static char *cmdlets_value(const char *value)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    for (char **part = parts; *part != NULL; part++) {
        const Cmdlet *known = cmdlet_find(span_of(*part));
        g_string_append_printf(list, "%s%s", list->len > 0 ? "," : "", known == NULL ? *part : known->name);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static char *checked_value(const Parameter *known, const char *value, GError **error)
{
    switch (known->kind) {
    case KIND_SWITCH:
        return switch_value(known->name, value, error);
    case KIND_ADDRESS:
        return address_value(known->name, value, error);
    case KIND_ADDRESSES:
        return addresses_value(known->name, value, error);
    case KIND_MODE:
        return mode_value(known->name, value, error);
    case KIND_PERCENT:
        return percent_value(known->name, value, error);
    case KIND_DATE:
        return date_value(known->name, value, error);
    case KIND_CMDLETS:
        return cmdlets_value(value);
    case KIND_WORDS:
        return g_strdup(value);
    case KIND_LINE:
        return line_value(known->name, value, error);
    case KIND_COUNTRY:
        return country_value(known->name, value, error);
    }
    g_assert_not_reached();
}

/* ---- The line ------------------------------------------------------------------------------------ */

static bool add_parameter(PolicyCommand *command, const Parameter *known, const char *value, GError **error)
{
    if (policy_command_value(command, known->name) != NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "-%s is given twice", known->name);
        return false;
    }
    if (value == NULL && known->kind != KIND_SWITCH) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "-%s needs a value", known->name);
        return false;
    }
    char *checked = checked_value(known, value == NULL ? "$true" : value, error);
    if (checked == NULL)
        return false;
    PolicyParameter *parameter = g_new0(PolicyParameter, 1);
    parameter->name = g_strdup(known->name);
    parameter->value = checked;
    g_ptr_array_add(command->parameters, parameter);
    return true;
}

/* The word at *index and, for `-Name value`, the one after it. */
static bool read_parameter(const Cmdlet *cmdlet, const GPtrArray *words, guint *index, PolicyCommand *command,
    GError **error)
{
    const CmdletWord *word = words->pdata[(*index)++];
    if (word->parameter == NULL) {
        bool identity = cmdlet->parameters[0].name != NULL && cmdlet->parameters[0].kind == KIND_ADDRESS;
        if (identity && policy_command_value(command, cmdlet->parameters[0].name) == NULL)
            return add_parameter(command, &cmdlet->parameters[0], word->value, error);
        g_autofree char *list = known_parameters(cmdlet);
        error_set(error, SALDO_ERROR_BAD_INPUT, "unknown word \"%s\": %s takes %s", word->value, cmdlet->name, list);
        return false;
    }
    const Parameter *known = parameter_find(cmdlet, word->parameter, error);
    if (known == NULL)
        return false;
    const char *value = word->value;
    if (value == NULL && *index < words->len) {
        const CmdletWord *next = words->pdata[*index];
        if (next->parameter == NULL) {
            value = next->value;
            (*index)++;
        }
    }
    return add_parameter(command, known, value, error);
}

/* What one parameter cannot see. */
static bool check_rollout(const PolicyCommand *command, GError **error)
{
    const char *mode = policy_command_value(command, "Mode");
    bool changes = policy_command_value(command, "Add") != NULL || policy_command_value(command, "Remove") != NULL;
    if (changes && policy_command_value(command, "People") != NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "-People replaces the whole list; give either it or -Add and -Remove");
        return false;
    }
    if (g_strcmp0(mode, policy_rollout_name(POLICY_ROLLOUT_PERCENT)) == 0
        && policy_command_value(command, "Percent") == NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "-Mode percent needs -Percent with a number from 0 to 100");
        return false;
    }
    return true;
}

static bool check_whole(const Cmdlet *cmdlet, const PolicyCommand *command, GError **error)
{
    const char *first = cmdlet->parameters[0].name;
    if (cmdlet->needs_first && policy_command_value(command, first) == NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s needs -%s", cmdlet->name, first);
        return false;
    }
    if (command->parameters->len < cmdlet->least) {
        g_autofree char *list = known_parameters(cmdlet);
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s says nothing to set; it takes %s", cmdlet->name, list);
        return false;
    }
    const char *from = policy_command_value(command, "StartDate"), *to = policy_command_value(command, "EndDate");
    if (from != NULL && to != NULL && strcmp(from, to) > 0) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "-StartDate %s lies after -EndDate %s", from, to);
        return false;
    }
    return cmdlet->verb != POLICY_SET_ROLLOUT || check_rollout(command, error);
}

static const Cmdlet *read_name(const GPtrArray *words, GError **error)
{
    const CmdletWord *word = words->len == 0 ? NULL : words->pdata[0];
    const Cmdlet *cmdlet = word == NULL || word->parameter != NULL ? NULL : cmdlet_find(span_of(word->value));
    if (cmdlet != NULL)
        return cmdlet;
    g_autofree char *list = known_cmdlets();
    if (word == NULL)
        error_set(error, SALDO_ERROR_BAD_INPUT, "no cmdlet is given; known are %s", list);
    else
        error_set(error, SALDO_ERROR_BAD_INPUT, "unknown cmdlet \"%s\"; known are %s",
            word->parameter == NULL ? word->value : word->parameter, list);
    return NULL;
}

PolicyCommand *policy_command_parse(Span line, GError **error)
{
    g_autoptr(GPtrArray) words = cmdlet_words(line, error);
    const Cmdlet *cmdlet = words == NULL ? NULL : read_name(words, error);
    if (cmdlet == NULL)
        return NULL;
    g_autoptr(PolicyCommand) command = g_new0(PolicyCommand, 1);
    command->verb = cmdlet->verb;
    command->parameters = g_ptr_array_new_with_free_func(parameter_free);
    for (guint index = 1; index < words->len;)
        if (!read_parameter(cmdlet, words, &index, command, error))
            return NULL;
    return check_whole(cmdlet, command, error) ? g_steal_pointer(&command) : NULL;
}
