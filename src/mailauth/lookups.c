/* The DNS look-ups of one check. */
#include "lookups.h"

#include "limits.h"

#include <string.h>
#include <time.h>

typedef struct lookup {
    ma_lookups *all;
    const char *name;
    uint16_t type;
    ma_answer *answer; /* NULL while open */
} lookup;

struct ma_lookups {
    ma_arena *arena; /* its own: see ma_lookups_free */
    mailauth_resolver *resolver;
    ma_cache *cache;
    int64_t begun_us, deadline_us;
    size_t open;
    bool broken; /* the resolver could not wait: nothing more will be known */
    lookup *items[MA_LOOKUPS_MAX];
    size_t count;
    ma_answer *unknown; /* the answer to all beyond MA_LOOKUPS_MAX; NULL until it is wanted */
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

ma_lookups *ma_lookups_new(mailauth_resolver *resolver, ma_cache *cache, int64_t timeout_us)
{
    ma_arena *arena = ma_arena_new();
    ma_lookups *lookups = ma_arena_take(arena, sizeof *lookups);
    lookups->arena = arena;
    lookups->resolver = resolver;
    lookups->cache = cache;
    lookups->begun_us = now_us();
    lookups->deadline_us = lookups->begun_us + timeout_us;
    return lookups;
}

static void answered(void *context, const mailauth_answer *answer)
{
    lookup *this = context;
    this->answer = ma_answer_new(answer, this->type);
    this->all->open--;
    if (this->all->cache != NULL)
        ma_cache_keep(this->all->cache, this->name, this->type, this->answer, now_us());
}

static lookup *find(const ma_lookups *lookups, const char *name, uint16_t type)
{
    for (size_t i = 0; i < lookups->count; i++)
        if (lookups->items[i]->type == type && strcmp(lookups->items[i]->name, name) == 0)
            return lookups->items[i];
    return NULL;
}

static void begin(ma_lookups *lookups, lookup *this)
{
    this->answer = ma_cache_find(lookups->cache, this->name, this->type, lookups->begun_us);
    if (this->answer != NULL)
        return;
    lookups->open++;
    mailauth_resolver *resolver = lookups->resolver;
    if (!lookups->broken
        && resolver->start(resolver->self, this->name, this->type, lookups->deadline_us, answered, this) == 0)
        return;
    lookups->open--;
    this->answer = ma_answer_failure(MAILAUTH_DNS_SERVFAIL);
}

/* NULL beyond the limit. */
static lookup *find_or_start(ma_lookups *lookups, const char *name, uint16_t type)
{
    char *lower = ma_arena_lower(lookups->arena, ma_span_of(name));
    lookup *this = find(lookups, lower, type);
    if (this != NULL)
        return this;
    if (lookups->count == MA_LOOKUPS_MAX)
        return NULL;
    this = ma_arena_take(lookups->arena, sizeof *this);
    this->all = lookups;
    this->name = lower;
    this->type = type;
    lookups->items[lookups->count++] = this;
    begin(lookups, this);
    return this;
}

void ma_lookups_start(ma_lookups *lookups, const char *name, uint16_t type)
{
    find_or_start(lookups, name, type);
}

/* false when the resolver cannot wait. */
static bool wait_once(ma_lookups *lookups)
{
    if (lookups->broken || lookups->resolver->wait(lookups->resolver->self) != 0)
        lookups->broken = true;
    return !lookups->broken;
}

static ma_answer *unknown(ma_lookups *lookups)
{
    if (lookups->unknown == NULL)
        lookups->unknown = ma_answer_failure(MAILAUTH_DNS_SERVFAIL);
    return lookups->unknown;
}

ma_answer *ma_lookups_get(ma_lookups *lookups, const char *name, uint16_t type)
{
    lookup *this = find_or_start(lookups, name, type);
    if (this == NULL)
        return unknown(lookups);
    while (this->answer == NULL && lookups->open > 0)
        if (!wait_once(lookups))
            return unknown(lookups);
    return this->answer == NULL ? unknown(lookups) : this->answer;
}

static void drain(ma_lookups *lookups)
{
    while (lookups->open > 0 && wait_once(lookups))
        continue;
}

mailauth_evidence *ma_lookups_evidence(ma_lookups *lookups, ma_arena *arena, size_t *ret_count)
{
    drain(lookups);
    mailauth_evidence *evidence = ma_arena_take(arena, (lookups->count + 1) * sizeof *evidence);
    for (size_t i = 0; i < lookups->count; i++) {
        const lookup *this = lookups->items[i];
        const ma_answer *answer = this->answer == NULL ? unknown(lookups) : this->answer;
        evidence[i] = (mailauth_evidence){ .name = ma_arena_copy(arena, ma_span_of(this->name)), .type = this->type,
            .rcode = answer->rcode, .dnssec = answer->dnssec, .text = ma_answer_text(arena, answer, this->type) };
    }
    *ret_count = lookups->count;
    return evidence;
}

void ma_lookups_free(ma_lookups *lookups)
{
    drain(lookups);
    if (lookups->open > 0) {
        /* A resolver that failed to wait may still answer later: what it would write to stays. */
        lookups->cache = NULL;
        return;
    }
    for (size_t i = 0; i < lookups->count; i++)
        ma_answer_release(lookups->items[i]->answer);
    ma_answer_release(lookups->unknown);
    ma_arena_free(lookups->arena);
}
