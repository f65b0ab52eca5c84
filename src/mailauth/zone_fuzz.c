/* Any text as a zone file: it is read or refused with a text, and what is read can be asked. */
#include "mailauth.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *context, const mailauth_answer *answer)
{
    *(size_t *)context += 1;
    for (size_t i = 0; i < answer->record_count; i++)
        assert(answer->records[i].at != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t TYPES[] = { MAILAUTH_TYPE_A, MAILAUTH_TYPE_MX, MAILAUTH_TYPE_TXT };
    char *error = NULL;
    mailauth_resolver *zone = mailauth_resolver_from_zone((const char *)data, size, &error);
    assert((zone == NULL) == (error != NULL));
    free(error);
    size_t calls = 0;
    for (size_t i = 0; zone != NULL && i < 3; i++)
        zone->start(zone->self, "a", TYPES[i], 0, count, &calls);
    assert(zone == NULL || calls == 3);
    mailauth_resolver_free(zone);
    return 0;
}
