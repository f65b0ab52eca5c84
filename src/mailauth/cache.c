/* The cache: sets of a few ways, like that of a processor, so that it never grows and never walks. The set
 * of a name is chosen by SipHash under a key of the process: names come from outside, and whoever could
 * choose names that share a set could keep others out of it. */
#include "cache.h"

#include "limits.h"

#include <assert.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char *name;
    uint16_t type;
    int64_t ends_us;
    ma_answer *answer;
} entry;

struct ma_cache {
    pthread_mutex_t lock;
    uint64_t key[2];
    entry sets[MA_CACHE_SETS][MA_CACHE_WAYS];
};

static uint64_t turn(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = turn(v[1], 13) ^ v[0];
    v[3] = turn(v[3], 16) ^ v[2];
    v[0] = turn(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = turn(v[1], 17) ^ v[2];
    v[3] = turn(v[3], 21) ^ v[0];
    v[2] = turn(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein 2012, with fewer rounds, as usual for tables). */
static uint64_t sip_hash(const uint64_t key[2], ma_span bytes)
{
    uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
        key[1] ^ 0x7465646279746573 };
    for (size_t at = 0; at <= bytes.length; at += 8) {
        uint64_t word = 0;
        size_t left = bytes.length - at, some = left < 8 ? left : 8;
        memcpy(&word, bytes.at + at, some);
        if (some < 8)
            word |= (uint64_t)(bytes.length & 255) << 56;
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 255;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

ma_cache *ma_cache_new(void)
{
    ma_cache *cache = ma_allocate(sizeof *cache);
    int seeded = RAND_bytes((unsigned char *)cache->key, sizeof cache->key);
    assert(seeded == 1);
    (void)seeded;
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void entry_clear(entry *this)
{
    free(this->name);
    ma_answer_release(this->answer);
    *this = (entry){ .name = NULL };
}

void ma_cache_free(ma_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t set = 0; set < MA_CACHE_SETS; set++)
        for (size_t way = 0; way < MA_CACHE_WAYS; way++)
            entry_clear(&cache->sets[set][way]);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static entry *set_of(ma_cache *cache, const char *name, uint16_t type)
{
    return cache->sets[(sip_hash(cache->key, ma_span_of(name)) ^ type) % MA_CACHE_SETS];
}

static entry *entry_of(entry *set, const char *name, uint16_t type)
{
    for (size_t way = 0; way < MA_CACHE_WAYS; way++)
        if (set[way].name != NULL && set[way].type == type && strcmp(set[way].name, name) == 0)
            return &set[way];
    return NULL;
}

ma_answer *ma_cache_find(ma_cache *cache, const char *name, uint16_t type, int64_t now_us)
{
    pthread_mutex_lock(&cache->lock);
    entry *found = entry_of(set_of(cache, name, type), name, type);
    ma_answer *answer = found != NULL && found->ends_us > now_us ? ma_answer_hold(found->answer) : NULL;
    pthread_mutex_unlock(&cache->lock);
    return answer;
}

static uint32_t seconds_to_keep(const ma_answer *answer)
{
    if (answer->rcode == MAILAUTH_DNS_TIMEOUT)
        return MA_CACHE_TIMEOUT_TTL_S;
    if (ma_answer_is_unknown(answer))
        return MA_CACHE_FAILURE_TTL_S;
    uint32_t most = answer->record_count == 0 ? MA_CACHE_ABSENT_TTL_MAX_S : MA_CACHE_TTL_MAX_S;
    return answer->ttl < most ? answer->ttl : most;
}

/* The entry to use for a new answer: a free one, else the one that ends first. */
static entry *entry_to_replace(entry *set)
{
    entry *chosen = &set[0];
    for (size_t way = 0; way < MA_CACHE_WAYS; way++) {
        if (set[way].name == NULL)
            return &set[way];
        if (set[way].ends_us < chosen->ends_us)
            chosen = &set[way];
    }
    return chosen;
}

void ma_cache_keep(ma_cache *cache, const char *name, uint16_t type, ma_answer *answer, int64_t now_us)
{
    uint32_t seconds = seconds_to_keep(answer);
    if (seconds == 0)
        return;
    pthread_mutex_lock(&cache->lock);
    entry *set = set_of(cache, name, type), *place = entry_of(set, name, type);
    if (place == NULL)
        place = entry_to_replace(set);
    entry_clear(place);
    *place = (entry){ strdup(name), type, now_us + (int64_t)seconds * 1000000, ma_answer_hold(answer) };
    if (place->name == NULL)
        entry_clear(place);
    pthread_mutex_unlock(&cache->lock);
}
