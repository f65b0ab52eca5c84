/* The processors that are built in, by name. */
#include "processors.h"

#include <string.h>

static const Processor *const processors[] = { &processor_sandbox };

const Processor *processor_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(processors); i++)
        if (strcmp(processors[i]->name, name) == 0)
            return processors[i];
    return NULL;
}

void processor_answer_done(ProcessorAnswer *answer)
{
    g_free(answer->token);
    g_free(answer->reference);
    g_free(answer->code);
    g_free(answer->text);
    *answer = (ProcessorAnswer){ 0 };
}
