/* The bounded table of tries. */
#include "tries.h"

#include <glib.h>
#include <string.h>

#include "limits.h"
#include "random.h"

typedef struct Place {
    int64_t since_us;
    unsigned count;
} Place;

struct Tries {
    GMutex lock;
    char *seed;
    Place places[HTTP_TRIES_PLACES];
};

Tries *tries_new(void)
{
    Tries *tries = g_new0(Tries, 1);
    g_mutex_init(&tries->lock);
    tries->seed = random_token();
    return tries;
}

void tries_free(Tries *tries)
{
    if (tries == NULL)
        return;
    g_mutex_clear(&tries->lock);
    g_free(tries->seed);
    g_free(tries);
}

static Place *place_of(Tries *tries, char kind, const char *name)
{
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)tries->seed, strlen(tries->seed));
    g_hmac_update(hmac, (const guchar *)&kind, 1);
    g_hmac_update(hmac, (const guchar *)name, (gssize)strlen(name));
    guint8 digest[32];
    gsize length = sizeof(digest);
    g_hmac_get_digest(hmac, digest, &length);
    uint32_t number;
    memcpy(&number, digest, sizeof(number));
    return &tries->places[number % HTTP_TRIES_PLACES];
}

/* Forgets what is older than the window. */
static Place *fresh_place(Tries *tries, char kind, const char *name, int64_t now_us)
{
    Place *place = place_of(tries, kind, name);
    if (now_us - place->since_us >= HTTP_TRIES_WINDOW_US)
        *place = (Place){ .since_us = now_us };
    return place;
}

bool tries_begin(Tries *tries, char kind, const char *name, unsigned most, int64_t now_us, unsigned *ret_wait_s)
{
    g_mutex_lock(&tries->lock);
    Place *place = fresh_place(tries, kind, name, now_us);
    bool allowed = place->count < most;
    if (allowed)
        place->count++;
    else
        *ret_wait_s = (unsigned)((place->since_us + HTTP_TRIES_WINDOW_US - now_us) / US_PER_SECOND) + 1;
    g_mutex_unlock(&tries->lock);
    return allowed;
}

unsigned tries_count(Tries *tries, char kind, const char *name, int64_t now_us)
{
    g_mutex_lock(&tries->lock);
    unsigned count = fresh_place(tries, kind, name, now_us)->count;
    g_mutex_unlock(&tries->lock);
    return count;
}

void tries_take_back(Tries *tries, char kind, const char *name)
{
    g_mutex_lock(&tries->lock);
    Place *place = place_of(tries, kind, name);
    if (place->count > 0)
        place->count--;
    g_mutex_unlock(&tries->lock);
}
