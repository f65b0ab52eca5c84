/* One tiny commit at a time, its outcome kept for a second. */
#include "readiness.h"

#include "limits.h"

struct Readiness {
    GMutex lock;
    bool is_trying, can_commit;
    int64_t tried_us; /* monotonic: when the newest commit began; 0 before the first */
};

Readiness *readiness_new(void)
{
    Readiness *readiness = g_new0(Readiness, 1);
    g_mutex_init(&readiness->lock);
    readiness->can_commit = true; /* opening the store committed */
    return readiness;
}

void readiness_free(Readiness *readiness)
{
    if (readiness == NULL)
        return;
    g_mutex_clear(&readiness->lock);
    g_free(readiness);
}

/* True where this call is to commit; else *ret_outcome is what is known. */
static bool take_turn(Readiness *readiness, int64_t now_us, bool *ret_outcome)
{
    g_mutex_lock(&readiness->lock);
    int64_t age_us = now_us - readiness->tried_us;
    bool is_turn = !readiness->is_trying && (readiness->tried_us == 0 || age_us >= HTTP_READY_FRESH_US);
    bool hangs = readiness->is_trying && age_us >= HTTP_READY_COMMIT_US;
    *ret_outcome = readiness->can_commit && !hangs;
    if (is_turn) {
        readiness->is_trying = true;
        readiness->tried_us = now_us;
    }
    g_mutex_unlock(&readiness->lock);
    return is_turn;
}

static bool commit_time(StoreTx *tx, void *context, GError **error)
{
    return store_secret_put(tx, "readiness", context, error); /* one row, always the same */
}

bool readiness_can_commit(Readiness *readiness, Store *store)
{
    bool can_commit;
    if (!take_turn(readiness, time_monotonic_us(), &can_commit))
        return can_commit;
    char text[TIME_RFC3339_MAX];
    time_format_rfc3339(time_now_us(), text);
    can_commit = store_write(store, commit_time, text, NULL);
    g_mutex_lock(&readiness->lock);
    readiness->is_trying = false;
    readiness->can_commit = can_commit;
    g_mutex_unlock(&readiness->lock);
    return can_commit;
}
