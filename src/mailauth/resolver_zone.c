/* A resolver over a zone in memory: every answer is at hand when the question is put. */
#include "mailauth.h"

#include "domain.h"
#include "zone.h"

#include <stdlib.h>

static int zone_start(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
    void *context)
{
    (void)deadline_us;
    ma_zone_answer(self, name, type, done, context);
    return 0;
}

static int zone_wait(void *self)
{
    (void)self;
    return 0;
}

static void zone_free(void *self)
{
    ma_zone_free(self);
}

mailauth_resolver *mailauth_resolver_from_zone(const char *text, size_t length, char **ret_error)
{
    ma_zone *zone = ma_zone_read((ma_span){ text, length }, ret_error);
    if (zone == NULL)
        return NULL;
    mailauth_resolver *resolver = ma_allocate(sizeof *resolver);
    *resolver = (mailauth_resolver){ .self = zone, .start = zone_start, .wait = zone_wait, .free = zone_free };
    return resolver;
}

void mailauth_resolver_free(mailauth_resolver *resolver)
{
    if (resolver == NULL)
        return;
    resolver->free(resolver->self);
    free(resolver);
}
