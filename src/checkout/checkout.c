/* The couriers: threads that take committed work from the outbox, carry it out and close it. */
#include "checkout/checkout.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "parts.h"

/* Longer than the longest errand: mint, payment-complete and a look-up, each to its limits. */
#define LEASE_US (3 * US_PER_MINUTE)
/* Looks at the outbox at least this often, for work that another process added. */
#define IDLE_MOST_US (30 * US_PER_SECOND)
/* After trouble with the store. */
#define TROUBLE_PAUSE_US US_PER_SECOND

/* ---- Start: whatever was under way is unknown now [PAY-005] -------------------------------------------- */

typedef struct Leftovers {
    GPtrArray *sent; /* Payment * */
} Leftovers;

static bool find_leftovers(StoreTx *tx, void *context, GError **error)
{
    Leftovers *leftovers = context;
    g_clear_pointer(&leftovers->sent, g_ptr_array_unref);
    return store_work_release_all(tx, error) && store_payments_in_state(tx, PAY_SENT, &leftovers->sent, error);
}

static bool recover(Checkout *checkout, GError **error)
{
    Leftovers leftovers = { 0 };
    if (!store_write(checkout->store, find_leftovers, &leftovers, error))
        return false;
    g_autoptr(GPtrArray) sent = leftovers.sent;
    for (guint i = 0; i < sent->len; i++) {
        const Payment *payment = g_ptr_array_index(sent, i);
        g_autoptr(Payment) after = NULL;
        PayEvent restarted = { .kind = PAY_EVENT_RESTARTED };
        if (errand_commit(checkout, payment->organization_id, payment->id, &restarted, &after) == PAY_COMMIT_CANNOT) {
            error_set(error, SALDO_ERROR_IO, "payment %s was under way and could not be marked as unknown",
                payment->id.text);
            return false;
        }
        log_info("checkout", "payment %s was under way when the engine ended: it is being looked up", payment->id.text);
    }
    return true;
}

/* ---- Couriers ------------------------------------------------------------------------------------------- */

typedef struct Taking {
    int64_t next_due_us;
    GPtrArray *work; /* StoreWork * */
} Taking;

static bool read_due(StoreTx *tx, void *context, GError **error)
{
    return store_work_next_due(tx, &((Taking *)context)->next_due_us, error);
}

static bool take_unit(StoreTx *tx, void *context, GError **error)
{
    Taking *taking = context;
    g_clear_pointer(&taking->work, g_ptr_array_unref);
    int64_t now_us = time_now_us();
    return store_work_take(tx, now_us, now_us + LEASE_US, 1, &taking->work, error);
}

/* True when something was done; else *ret_wait_us says how long there is nothing to do. */
static bool take_and_run(Checkout *checkout, int64_t *ret_wait_us)
{
    Taking taking = { 0 };
    g_autoptr(GError) error = NULL;
    bool fine = store_read(checkout->store, read_due, &taking, &error);
    int64_t wait_us = taking.next_due_us - time_now_us();
    if (fine && wait_us > 0) {
        *ret_wait_us = MIN(wait_us, IDLE_MOST_US);
        return false;
    }
    fine = fine && store_write(checkout->store, take_unit, &taking, &error);
    g_autoptr(GPtrArray) work = taking.work;
    if (!fine)
        log_warning("checkout", "the outbox cannot be read: %s", error->message);
    *ret_wait_us = TROUBLE_PAUSE_US;
    if (!fine || work->len == 0) /* another courier was faster */
        return false;
    errand_run(checkout, g_ptr_array_index(work, 0));
    return true;
}

/* Waits until woken, stopped, or the time is over. `seen` is the last wake that was looked after. */
static bool wait_for_work(Checkout *checkout, uint64_t *seen, int64_t wait_us)
{
    gint64 until = g_get_monotonic_time() + wait_us;
    g_mutex_lock(&checkout->lock);
    while (!checkout->stopping && checkout->wakes == *seen)
        if (!g_cond_wait_until(&checkout->changed, &checkout->lock, until))
            break;
    *seen = checkout->wakes;
    bool goes_on = !checkout->stopping;
    g_mutex_unlock(&checkout->lock);
    return goes_on;
}

bool checkout_rest(Checkout *checkout, int64_t duration_us)
{
    gint64 until = g_get_monotonic_time() + duration_us;
    g_mutex_lock(&checkout->lock);
    while (!checkout->stopping && g_cond_wait_until(&checkout->changed, &checkout->lock, until)) { }
    bool goes_on = !checkout->stopping;
    g_mutex_unlock(&checkout->lock);
    return goes_on;
}

static gpointer courier_main(gpointer context)
{
    Checkout *checkout = context;
    uint64_t seen = 0;
    int64_t wait_us = 0;
    while (wait_for_work(checkout, &seen, wait_us))
        wait_us = take_and_run(checkout, &wait_us) ? 0 : wait_us;
    return NULL;
}

void checkout_wake(Checkout *checkout)
{
    g_mutex_lock(&checkout->lock);
    checkout->wakes++;
    g_cond_broadcast(&checkout->changed);
    g_mutex_unlock(&checkout->lock);
}

Checkout *checkout_start(Store *store, Vault *vault, const TokenKeys *keys, unsigned couriers, GError **error)
{
    Checkout *checkout = g_new0(Checkout, 1);
    checkout->store = store;
    checkout->vault = vault;
    checkout->keys = keys;
    checkout->couriers = g_ptr_array_new();
    g_mutex_init(&checkout->lock);
    g_cond_init(&checkout->changed);
    if (!recover(checkout, error)) {
        checkout_stop(checkout);
        return NULL;
    }
    for (unsigned i = 0; i < couriers; i++)
        g_ptr_array_add(checkout->couriers, g_thread_new("courier", courier_main, checkout));
    return checkout;
}

void checkout_stop(Checkout *checkout)
{
    if (checkout == NULL)
        return;
    g_mutex_lock(&checkout->lock);
    checkout->stopping = true;
    g_cond_broadcast(&checkout->changed);
    g_mutex_unlock(&checkout->lock);
    for (guint i = 0; i < checkout->couriers->len; i++)
        g_thread_join(g_ptr_array_index(checkout->couriers, i));
    g_ptr_array_unref(checkout->couriers);
    g_cond_clear(&checkout->changed);
    g_mutex_clear(&checkout->lock);
    g_free(checkout);
}
