/* Any line ends in a command whose own parts are well formed, or in an error with a text. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyCommand) command = policy_command_parse((Span){ (const char *)data, size }, &error);
    if (command == NULL) {
        g_assert_true(error != NULL && error->message[0] != '\0');
        return 0;
    }
    for (guint i = 0; i < command->parameters->len; i++) {
        const PolicyParameter *parameter = command->parameters->pdata[i];
        g_assert_true(policy_command_value(command, parameter->name) == parameter->value);
    }
    return 0;
}
