/* The rules of payments.md as one table: {state, event, only if} → {next, what comes with it}.
 *
 * Several rows may stand for one (state, event): the first whose condition holds decides. A pair without a row
 * has no meaning. Everything else here carries a row out: counting, times, ledger positions, work.
 */
#include "pay/pay.h"

#include <string.h>

#include "base/error.h"

/* Look-ups of an UNKNOWN payment, each counted from the one before; the last repeats. The fourth is there for the
 * ten-minute alarm. */
static const int64_t lookup_delays_us[] = { 5 * US_PER_SECOND, 30 * US_PER_SECOND, 5 * US_PER_MINUTE, 5 * US_PER_MINUTE,
    US_PER_HOUR };
enum { LOOKUPS_BEFORE_ALARM = 4 };

/* A request that never left is tried again after these; then the payer is told that nothing was paid. */
static const int64_t send_delays_us[] = { 1 * US_PER_SECOND, 4 * US_PER_SECOND, 15 * US_PER_SECOND };

/* While the payer is at the bank: for those who confirm there and never come back here. */
#define ACTION_POLL_US (2 * US_PER_MINUTE)

typedef enum Condition {
    ALWAYS,
    INTENT_IS_STALE,    /* the consent was given too long ago; its security code is gone */
    KEY_IS_YOUNG,       /* [PAY-008] */
    LEAVES_NO_DOUBT,    /* no earlier attempt of this payment may have arrived */
    LEAVES_NO_DOUBT_AND_TRIES_LEFT,
    ACTION_WINDOW_OPEN,
    CHECK_IS_AHEAD,
    NOTHING_LEFT_TO_ASK, /* [PAY-009] window closed and enough negative look-ups, or unknown for too long */
    REPORT_DECIDES,      /* [PAY-009] window closed and enough negative look-ups */
} Condition;

typedef enum Effect {
    BEAR_KEY = 1 << 0,         /* the key's age begins, unless it has begun */
    FORGET_KEY = 1 << 1,       /* nothing was sent under it */
    COUNT_CHECK = 1 << 2,
    COUNT_NEGATIVE = 1 << 3,
    RESTART_CHECKS = 1 << 4,   /* the schedule begins anew */
    UNCOUNT_CHECK = 1 << 5,    /* brought forward: the place in the schedule is kept */
    LOOKUP_SCHEDULED = 1 << 6,
    LOOKUP_NOW = 1 << 7,
    LOOKUP_POLL = 1 << 8,
    CHARGE_NOW = 1 << 9,
    CHARGE_LATER = 1 << 10,
    AFTER_CAPTURE = 1 << 11,   /* notify, receipt, drop the code */
    DROP_CODE = 1 << 12,
    REFUND = 1 << 13,
} Effect;

typedef struct Rule {
    PayState state;
    PayEventKind event;
    Condition only_if;
    PayState next;
    unsigned effects;
    const char *reason_code, *reason_text, *alarm;
} Rule;

#define LATE_SUCCESS "a payment that had ended unpaid was charged after all [PAY-010]"
#define PAID_TWICE "the invoice was paid elsewhere as well: refund this payment [PAY-010]"
#define LATE_DECLINE "a captured payment was called declined afterwards: ask the biller"
#define GIVE_UP "nobody can say whether this payment was charged: look into the settlement report [PAY-009]"
#define NO_LINE "not_charged", "The settlement report has no line of this payment. Nothing was paid."

static const Rule rules[] = {
    { PAY_INTENT, PAY_EVENT_SEND, INTENT_IS_STALE, PAY_CANCELLED, DROP_CODE, "too_late",
        "The payment was not sent in time. Nothing was paid.", NULL },
    { PAY_INTENT, PAY_EVENT_SEND, KEY_IS_YOUNG, PAY_SENT, BEAR_KEY, NULL, NULL, NULL },
    { PAY_INTENT, PAY_EVENT_FORBIDDEN, ALWAYS, PAY_CANCELLED, DROP_CODE, NULL, NULL, NULL },
    { PAY_INTENT, PAY_EVENT_CANCELLED, ALWAYS, PAY_CANCELLED, DROP_CODE, NULL, NULL, NULL },
    { PAY_INTENT, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_CANCELLED, DROP_CODE, "already_paid",
        "The biller says that this invoice is paid already. Nothing was paid here.", NULL },
    { PAY_INTENT, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL,
        "a payment that was never sent was charged" },

    { PAY_SENT, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_DECLINED, ALWAYS, PAY_DECLINED, DROP_CODE, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_EXPIRED, ALWAYS, PAY_EXPIRED, DROP_CODE, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_NOT_SENT, LEAVES_NO_DOUBT_AND_TRIES_LEFT, PAY_INTENT, FORGET_KEY | COUNT_CHECK | CHARGE_LATER,
        NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_NOT_SENT, LEAVES_NO_DOUBT, PAY_DECLINED, DROP_CODE, "biller_unreachable",
        "The biller cannot be reached. Nothing was paid.", NULL },
    { PAY_SENT, PAY_EVENT_NOT_SENT, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_REFUSED, LEAVES_NO_DOUBT, PAY_DECLINED, DROP_CODE, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_REFUSED, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_OUTCOME_UNKNOWN, LEAVES_NO_DOUBT, PAY_UNKNOWN, RESTART_CHECKS | LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_OUTCOME_UNKNOWN, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_PENDING, LEAVES_NO_DOUBT, PAY_UNKNOWN, RESTART_CHECKS | LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_PENDING, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_RESTARTED, LEAVES_NO_DOUBT, PAY_UNKNOWN, RESTART_CHECKS | LOOKUP_SCHEDULED, "restarted",
        "The service was restarted while the payment was under way.", NULL },
    { PAY_SENT, PAY_EVENT_RESTARTED, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, "restarted",
        "The service was restarted while the payment was under way.", NULL },
    { PAY_SENT, PAY_EVENT_ACTION_REQUIRED, ALWAYS, PAY_ACTION, RESTART_CHECKS | LOOKUP_POLL, NULL, NULL, NULL },
    { PAY_SENT, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_UNKNOWN, LOOKUP_NOW, NULL, NULL, NULL },

    { PAY_ACTION, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_DECLINED, ALWAYS, PAY_DECLINED, DROP_CODE, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_EXPIRED, ALWAYS, PAY_EXPIRED, DROP_CODE, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_CANCELLED, ALWAYS, PAY_CANCELLED, DROP_CODE, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_ACTION_DONE, ALWAYS, PAY_UNKNOWN, LOOKUP_NOW, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_ACTION_REQUIRED, ACTION_WINDOW_OPEN, PAY_ACTION, LOOKUP_POLL, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_ACTION_REQUIRED, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_PENDING, ACTION_WINDOW_OPEN, PAY_ACTION, LOOKUP_POLL, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_PENDING, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_LOOKUP_FOUND_NOTHING, ACTION_WINDOW_OPEN, PAY_ACTION, LOOKUP_POLL, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_LOOKUP_FOUND_NOTHING, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_LOOKUP_FAILED, ACTION_WINDOW_OPEN, PAY_ACTION, LOOKUP_POLL, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_LOOKUP_FAILED, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_OUTCOME_UNKNOWN, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_TIMER, CHECK_IS_AHEAD, PAY_ACTION, LOOKUP_NOW, NULL, NULL, NULL },
    { PAY_ACTION, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_UNKNOWN, LOOKUP_NOW, NULL, NULL, NULL },

    { PAY_UNKNOWN, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_DECLINED, ALWAYS, PAY_DECLINED, DROP_CODE, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_EXPIRED, ALWAYS, PAY_EXPIRED, DROP_CODE, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_LOOKUP_FOUND_NOTHING, KEY_IS_YOUNG, PAY_RETRY, COUNT_CHECK | COUNT_NEGATIVE | CHARGE_NOW,
        NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_LOOKUP_FOUND_NOTHING, NOTHING_LEFT_TO_ASK, PAY_MANUAL, COUNT_CHECK | COUNT_NEGATIVE, NULL,
        NULL, GIVE_UP },
    { PAY_UNKNOWN, PAY_EVENT_LOOKUP_FOUND_NOTHING, ALWAYS, PAY_UNKNOWN, COUNT_CHECK | COUNT_NEGATIVE | LOOKUP_SCHEDULED,
        NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_LOOKUP_FAILED, NOTHING_LEFT_TO_ASK, PAY_MANUAL, COUNT_CHECK, NULL, NULL, GIVE_UP },
    { PAY_UNKNOWN, PAY_EVENT_LOOKUP_FAILED, ALWAYS, PAY_UNKNOWN, COUNT_CHECK | LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_PENDING, NOTHING_LEFT_TO_ASK, PAY_MANUAL, COUNT_CHECK, NULL, NULL, GIVE_UP },
    { PAY_UNKNOWN, PAY_EVENT_PENDING, ALWAYS, PAY_UNKNOWN, COUNT_CHECK | LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_ACTION_REQUIRED, ACTION_WINDOW_OPEN, PAY_ACTION, LOOKUP_POLL, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_ACTION_REQUIRED, NOTHING_LEFT_TO_ASK, PAY_MANUAL, COUNT_CHECK, NULL, NULL, GIVE_UP },
    { PAY_UNKNOWN, PAY_EVENT_ACTION_REQUIRED, ALWAYS, PAY_UNKNOWN, COUNT_CHECK | LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_TIMER, CHECK_IS_AHEAD, PAY_UNKNOWN, UNCOUNT_CHECK | LOOKUP_NOW, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_ACTION_DONE, CHECK_IS_AHEAD, PAY_UNKNOWN, UNCOUNT_CHECK | LOOKUP_NOW, NULL, NULL, NULL },
    { PAY_UNKNOWN, PAY_EVENT_NOT_IN_REPORT, REPORT_DECIDES, PAY_DECLINED, DROP_CODE, NO_LINE, NULL },

    { PAY_RETRY, PAY_EVENT_SEND, KEY_IS_YOUNG, PAY_SENT, BEAR_KEY, NULL, NULL, NULL },
    { PAY_RETRY, PAY_EVENT_SEND, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_RETRY, PAY_EVENT_FORBIDDEN, ALWAYS, PAY_UNKNOWN, LOOKUP_SCHEDULED, NULL, NULL, NULL },
    { PAY_RETRY, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, NULL },
    { PAY_RETRY, PAY_EVENT_DECLINED, ALWAYS, PAY_DECLINED, DROP_CODE, NULL, NULL, NULL },
    { PAY_RETRY, PAY_EVENT_EXPIRED, ALWAYS, PAY_EXPIRED, DROP_CODE, NULL, NULL, NULL },

    { PAY_CAPTURED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, 0, NULL, NULL, NULL },
    { PAY_CAPTURED, PAY_EVENT_DECLINED, ALWAYS, PAY_CAPTURED, 0, NULL, NULL, LATE_DECLINE },
    { PAY_CAPTURED, PAY_EVENT_NOTIFIED, ALWAYS, PAY_NOTIFIED, 0, NULL, NULL, NULL },
    { PAY_CAPTURED, PAY_EVENT_SETTLED, ALWAYS, PAY_SETTLED, 0, NULL, NULL, NULL },
    { PAY_CAPTURED, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_REFUND_PENDING, REFUND, NULL, NULL, PAID_TWICE },

    { PAY_NOTIFIED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_NOTIFIED, 0, NULL, NULL, NULL },
    { PAY_NOTIFIED, PAY_EVENT_DECLINED, ALWAYS, PAY_NOTIFIED, 0, NULL, NULL, LATE_DECLINE },
    { PAY_NOTIFIED, PAY_EVENT_NOTIFIED, ALWAYS, PAY_NOTIFIED, 0, NULL, NULL, NULL },
    { PAY_NOTIFIED, PAY_EVENT_SETTLED, ALWAYS, PAY_SETTLED, 0, NULL, NULL, NULL },
    { PAY_NOTIFIED, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_REFUND_PENDING, REFUND, NULL, NULL, PAID_TWICE },

    { PAY_SETTLED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_SETTLED, 0, NULL, NULL, NULL },
    { PAY_SETTLED, PAY_EVENT_DECLINED, ALWAYS, PAY_SETTLED, 0, NULL, NULL, LATE_DECLINE },
    { PAY_SETTLED, PAY_EVENT_NOTIFIED, ALWAYS, PAY_SETTLED, 0, NULL, NULL, NULL },
    { PAY_SETTLED, PAY_EVENT_SETTLED, ALWAYS, PAY_SETTLED, 0, NULL, NULL, NULL },
    { PAY_SETTLED, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_REFUND_PENDING, REFUND, NULL, NULL, PAID_TWICE },

    { PAY_REFUND_PENDING, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_REFUND_PENDING, 0, NULL, NULL, NULL },
    { PAY_REFUND_PENDING, PAY_EVENT_REFUNDED, ALWAYS, PAY_REFUNDED, 0, NULL, NULL, NULL },
    { PAY_REFUNDED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_REFUNDED, 0, NULL, NULL, NULL },
    { PAY_REFUNDED, PAY_EVENT_REFUNDED, ALWAYS, PAY_REFUNDED, 0, NULL, NULL, NULL },

    { PAY_DECLINED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, LATE_SUCCESS },
    { PAY_DECLINED, PAY_EVENT_DECLINED, ALWAYS, PAY_DECLINED, 0, NULL, NULL, NULL },
    { PAY_DECLINED, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_DECLINED, 0, NULL, NULL, NULL },
    { PAY_CANCELLED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, LATE_SUCCESS },
    { PAY_CANCELLED, PAY_EVENT_CANCELLED, ALWAYS, PAY_CANCELLED, 0, NULL, NULL, NULL },
    { PAY_CANCELLED, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_CANCELLED, 0, NULL, NULL, NULL },
    { PAY_EXPIRED, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, LATE_SUCCESS },
    { PAY_EXPIRED, PAY_EVENT_EXPIRED, ALWAYS, PAY_EXPIRED, 0, NULL, NULL, NULL },
    { PAY_EXPIRED, PAY_EVENT_ALREADY_PAID_ELSEWHERE, ALWAYS, PAY_EXPIRED, 0, NULL, NULL, NULL },

    { PAY_MANUAL, PAY_EVENT_SUCCEEDED, ALWAYS, PAY_CAPTURED, AFTER_CAPTURE, NULL, NULL, NULL },
    { PAY_MANUAL, PAY_EVENT_DECLINED, ALWAYS, PAY_DECLINED, DROP_CODE, NULL, NULL, NULL },
    { PAY_MANUAL, PAY_EVENT_EXPIRED, ALWAYS, PAY_EXPIRED, DROP_CODE, NULL, NULL, NULL },
    { PAY_MANUAL, PAY_EVENT_NOT_IN_REPORT, REPORT_DECIDES, PAY_DECLINED, DROP_CODE, NO_LINE, NULL },
    { PAY_MANUAL, PAY_EVENT_LOOKUP_FOUND_NOTHING, ALWAYS, PAY_MANUAL, COUNT_CHECK | COUNT_NEGATIVE, NULL, NULL, NULL },
    { PAY_MANUAL, PAY_EVENT_TIMER, ALWAYS, PAY_MANUAL, LOOKUP_NOW, NULL, NULL, NULL },
};

/* ---- Conditions -------------------------------------------------------------------------------- */

static bool key_is_young(const Payment *payment, int64_t now_us)
{
    return payment->key_born_us == 0 || now_us - payment->key_born_us < PAY_KEY_WINDOW_US;
}

/* RETRY is reached through a negative look-up only, so a SENT payment without one is on its first attempt. */
static bool leaves_no_doubt(const Payment *payment)
{
    return payment->negative_lookups == 0;
}

/* `negatives` counts the look-up that is being judged. */
static bool report_decides(const Payment *payment, int negatives, int64_t now_us)
{
    return !key_is_young(payment, now_us) && negatives >= PAY_NEGATIVE_LOOKUPS_NEEDED;
}

static bool condition_holds(Condition condition, const Payment *payment, const PayEvent *event, int64_t now_us)
{
    int negatives = payment->negative_lookups + (event->kind == PAY_EVENT_LOOKUP_FOUND_NOTHING ? 1 : 0);
    switch (condition) {
    case ALWAYS: return true;
    case INTENT_IS_STALE: return now_us - payment->created_us >= PAY_CODE_WINDOW_US;
    case KEY_IS_YOUNG: return key_is_young(payment, now_us);
    case LEAVES_NO_DOUBT: return leaves_no_doubt(payment);
    case LEAVES_NO_DOUBT_AND_TRIES_LEFT:
        return leaves_no_doubt(payment) && payment->checks < (int)G_N_ELEMENTS(send_delays_us);
    case ACTION_WINDOW_OPEN: return now_us - payment->key_born_us < PAY_ACTION_WINDOW_US;
    case CHECK_IS_AHEAD: return payment->next_check_us > now_us;
    case NOTHING_LEFT_TO_ASK:
        return report_decides(payment, negatives, now_us)
            || (payment->key_born_us != 0 && now_us - payment->key_born_us >= PAY_UNKNOWN_MOST_US);
    case REPORT_DECIDES: return report_decides(payment, negatives, now_us);
    }
    g_assert_not_reached();
}

static const Rule *find_rule(const Payment *payment, const PayEvent *event, int64_t now_us)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (rules[i].state == payment->state && rules[i].event == event->kind
            && condition_holds(rules[i].only_if, payment, event, now_us))
            return &rules[i];
    return NULL;
}

/* ---- Ledger [PAY-012] --------------------------------------------------------------------------- */

typedef enum Account { PAYER_PENDING, PAYER_CARD, PAYER_REFUND, BILLER_DUE, ACCOUNT_COUNT } Account;

static const char *const account_names[2][ACCOUNT_COUNT] = {
    { "payer:pending", "payer:card", "payer:refund", "biller:due" },
    { "test:payer:pending", "test:payer:card", "test:payer:refund", "test:biller:due" },
};

/* What each account holds of a payment in this state, in units of its amount; each row sums to zero. */
static const int *ledger_position(PayState state)
{
    static const int nothing[ACCOUNT_COUNT] = { 0 };
    static const int promised[ACCOUNT_COUNT] = { [PAYER_PENDING] = -1, [BILLER_DUE] = 1 };
    static const int paid[ACCOUNT_COUNT] = { [PAYER_CARD] = -1, [BILLER_DUE] = 1 };
    static const int coming_back[ACCOUNT_COUNT] = { [PAYER_CARD] = -1, [PAYER_REFUND] = 1 };
    if (state == PAY_REFUND_PENDING)
        return coming_back;
    if (pay_state_is_paid(state))
        return paid;
    return pay_state_is_live(state) ? promised : nothing;
}

static void post_difference(const Payment *payment, const int *before, const int *after, PayDecision *decision)
{
    int64_t sum = 0;
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        if (before[i] == after[i])
            continue;
        Money amount = payment->amount;
        g_assert(!__builtin_mul_overflow(amount.minor, (int64_t)(after[i] - before[i]), &amount.minor));
        g_assert(!__builtin_add_overflow(sum, amount.minor, &sum));
        decision->postings[decision->posting_count++] =
            (PayPosting){ .account = account_names[payment->test ? 1 : 0][i], .amount = amount };
    }
    g_assert(sum == 0);
}

/* ---- Carrying a rule out ------------------------------------------------------------------------ */

static void add_work(PayDecision *decision, PayWork work, int64_t due_us)
{
    g_assert(decision->work_count < PAY_WORK_MAX);
    decision->work[decision->work_count].work = work;
    decision->work[decision->work_count].due_us = due_us;
    decision->work_count++;
}

static void count(const Payment *payment, const Rule *rule, int64_t now_us, PayDecision *decision)
{
    decision->checks = payment->checks;
    decision->negative_lookups = payment->negative_lookups;
    decision->key_born_us = payment->key_born_us;
    if (rule->effects & RESTART_CHECKS)
        decision->checks = 0;
    if (rule->effects & COUNT_CHECK)
        decision->checks++;
    if ((rule->effects & UNCOUNT_CHECK) && decision->checks > 0)
        decision->checks--;
    if (rule->effects & COUNT_NEGATIVE)
        decision->negative_lookups++;
    if ((rule->effects & BEAR_KEY) && decision->key_born_us == 0)
        decision->key_born_us = now_us;
    if (rule->effects & FORGET_KEY)
        decision->key_born_us = 0;
}

static void schedule(const Rule *rule, int64_t now_us, PayDecision *decision)
{
    if (rule->effects & LOOKUP_SCHEDULED)
        decision->next_check_us = now_us + lookup_delays_us[MIN((size_t)decision->checks, G_N_ELEMENTS(lookup_delays_us) - 1)];
    if (rule->effects & LOOKUP_NOW)
        decision->next_check_us = now_us;
    if (rule->effects & LOOKUP_POLL)
        decision->next_check_us = now_us + ACTION_POLL_US;
    if (decision->next_check_us != 0)
        add_work(decision, PAY_WORK_LOOKUP, decision->next_check_us);
    if (rule->effects & CHARGE_NOW)
        add_work(decision, PAY_WORK_CHARGE, now_us);
    if (rule->effects & CHARGE_LATER)
        add_work(decision, PAY_WORK_CHARGE, now_us + send_delays_us[decision->checks - 1]);
    if (rule->effects & AFTER_CAPTURE) {
        add_work(decision, PAY_WORK_NOTIFY, now_us);
        add_work(decision, PAY_WORK_RECEIPT, now_us);
    }
    if (rule->effects & (AFTER_CAPTURE | DROP_CODE))
        add_work(decision, PAY_WORK_DROP_CODE, now_us);
    if (rule->effects & REFUND)
        add_work(decision, PAY_WORK_REFUND, now_us);
}

void pay_open(const Payment *payment, int64_t now_us, PayDecision *ret_decision)
{
    g_assert(payment->state == PAY_INTENT && payment->amount.minor > 0 && !money_is_none(payment->amount));
    *ret_decision = (PayDecision){ .next = PAY_INTENT };
    post_difference(payment, ledger_position(PAY_CANCELLED), ledger_position(PAY_INTENT), ret_decision);
    add_work(ret_decision, PAY_WORK_CHARGE, now_us);
}

bool pay_decide(const Payment *payment, const PayEvent *event, int64_t now_us, PayDecision *ret_decision,
    GError **error)
{
    const Rule *rule = find_rule(payment, event, now_us);
    if (rule == NULL) {
        error_set(error, SALDO_ERROR_CONFLICT, "payment %s is %s: \"%s\" changes nothing now", payment->id.text,
            pay_state_name(payment->state), pay_event_name(event->kind));
        return false;
    }
    PayDecision decision = { .next = rule->next, .alarm = rule->alarm, .reason_code = rule->reason_code,
        .reason_text = rule->reason_text };
    count(payment, rule, now_us, &decision);
    schedule(rule, now_us, &decision);
    post_difference(payment, ledger_position(payment->state), ledger_position(rule->next), &decision);
    if (rule->next == PAY_UNKNOWN && decision.checks == LOOKUPS_BEFORE_ALARM && (rule->effects & COUNT_CHECK))
        decision.alarm = "the outcome of a payment has been unknown for ten minutes";
    *ret_decision = decision;
    return true;
}
