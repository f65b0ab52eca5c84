/* Every state × event pair against a table written a second time, by hand, and the promises of pay.h. */
#include <string.h>

#include "base/error.h"
#include "pay/pay.h"

#define NOW (1000 * US_PER_DAY)

/* One letter per state, in the order of PayState. */
static const char letters[] = "ISAURCNTPFDXEM";
/* Columns in the order of PayEventKind:  Send Succ Decl NotS Unkn Pend ActR ActD LNot LFai Canc Timr Noti Paid Rest Refu Expi NRep Sett Rfnd Forb */
/* First attempt, key young, windows open, the next check ahead. */
static const char *const fresh[PAY_STATE_COUNT] = {
    "S C . . . . . . . . X . . X . . . . . . X", /* intent */
    ". C D I U U A . . . . . . U U D E . . . .", /* sent */
    ". C D . U A A U A A X A . U . . E . . . .", /* action */
    ". C D . . U A U R U . U . . . . E . . . .", /* unknown */
    "S C D . . . . . . . . . . . . . E . . . U", /* retry */
    ". C C . . . . . . . . . N P . . . . T . .", /* captured */
    ". N N . . . . . . . . . N P . . . . T . .", /* notified */
    ". T T . . . . . . . . . T P . . . . T . .", /* settled */
    ". P . . . . . . . . . . . . . . . . . F .", /* refund_pending */
    ". F . . . . . . . . . . . . . . . . . F .", /* refunded */
    ". C D . . . . . . . . . . D . . . . . . .", /* declined */
    ". C . . . . . . . . X . . X . . . . . . .", /* cancelled */
    ". C . . . . . . . . . . . E . . E . . . .", /* expired */
    ". C D . . . . . M . . M . . . . E . . . .", /* manual */
};
/* A day later: key too old, two negative look-ups, windows closed, the check due. */
static const char *const old[PAY_STATE_COUNT] = {
    "X C . . . . . . . . X . . X . . . . . . X", /* intent */
    ". C D U U U A . . . . . . U U U E . . . .", /* sent */
    ". C D . U U U U U U X . . U . . E . . . .", /* action */
    ". C D . . M M . M M . . . . . . E D . . .", /* unknown */
    "U C D . . . . . . . . . . . . . E . . . U", /* retry */
    ". C C . . . . . . . . . N P . . . . T . .", /* captured */
    ". N N . . . . . . . . . N P . . . . T . .", /* notified */
    ". T T . . . . . . . . . T P . . . . T . .", /* settled */
    ". P . . . . . . . . . . . . . . . . . F .", /* refund_pending */
    ". F . . . . . . . . . . . . . . . . . F .", /* refunded */
    ". C D . . . . . . . . . . D . . . . . . .", /* declined */
    ". C . . . . . . . . X . . X . . . . . . .", /* cancelled */
    ". C . . . . . . . . . . . E . . E . . . .", /* expired */
    ". C D . . . . . M . . M . . . . E D . . .", /* manual */
};

static Payment *payment_in(PayState state, bool is_old)
{
    Payment *payment = payment_new();
    payment->organization_id = payment->invoice_id = payment->account_id = payment->card_id = id_new();
    payment->id = id_new();
    payment->state = state;
    payment->amount = (Money){ .minor = 123450, .currency = "PLN" };
    payment->created_us = NOW - (is_old ? 21 * US_PER_HOUR : 10 * US_PER_SECOND);
    payment->key_born_us = state == PAY_INTENT ? 0 : payment->created_us;
    payment->next_check_us = is_old ? NOW : NOW + US_PER_MINUTE;
    payment->negative_lookups = is_old ? PAY_NEGATIVE_LOOKUPS_NEEDED : 0;
    payment->checks = is_old ? 9 : 0;
    return payment;
}

static bool decide(const Payment *payment, PayEventKind kind, PayDecision *ret_decision)
{
    g_autoptr(GError) error = NULL;
    bool decided = pay_decide(payment, &(PayEvent){ .kind = kind }, NOW, ret_decision, &error);
    if (!decided)
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    return decided;
}

static void assert_sums_to_zero(const PayDecision *decision) /* [PAY-012] */
{
    int64_t sum = 0;
    for (size_t i = 0; i < decision->posting_count; i++) {
        g_assert_cmpstr(decision->postings[i].amount.currency, ==, "PLN");
        sum += decision->postings[i].amount.minor;
    }
    g_assert_cmpint(sum, ==, 0);
}

static bool has_work(const PayDecision *decision, PayWork work)
{
    for (size_t i = 0; i < decision->work_count; i++)
        if (decision->work[i].work == work)
            return true;
    return false;
}

/* Entering an end drops the code; only what may be sent is charged; a look-up comes when it says. */
static void assert_work_fits(const Payment *payment, const PayDecision *decision)
{
    bool enters_end = payment->state != decision->next && !pay_state_is_live(decision->next) && pay_state_is_live(payment->state);
    g_assert_true(!enters_end || has_work(decision, PAY_WORK_DROP_CODE) || decision->next == PAY_REFUND_PENDING);
    g_assert_true(!has_work(decision, PAY_WORK_CHARGE) || decision->next == PAY_INTENT || decision->next == PAY_RETRY);
    g_assert_true(decision->next != PAY_UNKNOWN || has_work(decision, PAY_WORK_LOOKUP));
    g_assert_true(decision->next != PAY_ACTION || has_work(decision, PAY_WORK_LOOKUP));
    g_assert_true(decision->next != PAY_RETRY || has_work(decision, PAY_WORK_CHARGE));
    g_assert_true(decision->next != PAY_CAPTURED || payment->state == PAY_CAPTURED
        || (has_work(decision, PAY_WORK_NOTIFY) && has_work(decision, PAY_WORK_RECEIPT)));
    for (size_t i = 0; i < decision->work_count; i++)
        if (decision->work[i].work == PAY_WORK_LOOKUP)
            g_assert_cmpint(decision->work[i].due_us, ==, decision->next_check_us);
}

static void check_pairs(const char *const *expected, bool is_old)
{
    for (int state = 0; state < PAY_STATE_COUNT; state++) {
        g_assert_cmpuint(strlen(expected[state]), ==, 2 * PAY_EVENT_COUNT - 1);
        for (int event = 0; event < PAY_EVENT_COUNT; event++) {
            g_autoptr(Payment) payment = payment_in((PayState)state, is_old);
            PayDecision decision;
            bool decided = decide(payment, (PayEventKind)event, &decision);
            char found = decided ? letters[decision.next] : '.';
            if (found != expected[state][2 * event])
                g_error("%s + %s: %c, expected %c", pay_state_name((PayState)state), pay_event_name((PayEventKind)event),
                    found, expected[state][2 * event]);
            if (!decided)
                continue;
            assert_sums_to_zero(&decision);
            assert_work_fits(payment, &decision);
        }
    }
}

static void test_every_pair_fresh(void)
{
    check_pairs(fresh, false);
}

static void test_every_pair_old(void)
{
    check_pairs(old, true);
}

/* ---- Single promises --------------------------------------------------------------------------------------- */

static void test_key_depends_on_payment_and_operation_alone(void) /* [PAY-003] */
{
    Id id = id_new();
    g_autofree char *token = pay_idempotency_key(id, "token"), *again = pay_idempotency_key(id, "token");
    g_autofree char *complete = pay_idempotency_key(id, NULL);
    g_autofree char *expected = g_strconcat(id.text, ":token", NULL);
    g_assert_cmpstr(token, ==, again);
    g_assert_cmpstr(token, ==, expected);
    g_assert_cmpstr(complete, ==, id.text);
}

static void test_key_window_is_exact(void) /* [PAY-008] */
{
    g_autoptr(Payment) payment = payment_in(PAY_RETRY, false);
    PayDecision decision;
    payment->key_born_us = NOW - PAY_KEY_WINDOW_US + 1;
    g_assert_true(decide(payment, PAY_EVENT_SEND, &decision));
    g_assert_cmpint(decision.next, ==, PAY_SENT);
    g_assert_cmpint(decision.key_born_us, ==, payment->key_born_us);
    payment->key_born_us--;
    g_assert_true(decide(payment, PAY_EVENT_SEND, &decision));
    g_assert_cmpint(decision.next, ==, PAY_UNKNOWN);
}

static void test_key_is_born_once(void)
{
    g_autoptr(Payment) payment = payment_in(PAY_INTENT, false);
    PayDecision decision;
    g_assert_true(decide(payment, PAY_EVENT_SEND, &decision));
    g_assert_cmpint(decision.key_born_us, ==, NOW);
}

static void test_final_failure_needs_all_three(void) /* [PAY-009] */
{
    for (int missing = 0; missing < 3; missing++) {
        g_autoptr(Payment) payment = payment_in(PAY_MANUAL, true);
        PayDecision decision;
        if (missing == 0)
            payment->key_born_us = NOW - PAY_KEY_WINDOW_US + 1;
        if (missing == 1)
            payment->negative_lookups = PAY_NEGATIVE_LOOKUPS_NEEDED - 1;
        bool decided = decide(payment, PAY_EVENT_NOT_IN_REPORT, &decision);
        g_assert_true(decided == (missing == 2));
    }
}

static void test_late_success_wins_with_alarm(void) /* [PAY-010] */
{
    const PayState ends[] = { PAY_DECLINED, PAY_CANCELLED, PAY_EXPIRED };
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autoptr(Payment) payment = payment_in(ends[i], false);
        PayDecision decision;
        g_assert_true(decide(payment, PAY_EVENT_SUCCEEDED, &decision));
        g_assert_cmpint(decision.next, ==, PAY_CAPTURED);
        g_assert_nonnull(decision.alarm);
        g_assert_cmpuint(decision.posting_count, ==, 2);
    }
    g_autoptr(Payment) paid = payment_in(PAY_NOTIFIED, false);
    PayDecision decision;
    g_assert_true(decide(paid, PAY_EVENT_ALREADY_PAID_ELSEWHERE, &decision));
    g_assert_cmpint(decision.next, ==, PAY_REFUND_PENDING);
    g_assert_true(decision.alarm != NULL && has_work(&decision, PAY_WORK_REFUND));
}

static void test_nothing_paid_is_nothing_to_refund(void) /* [PAY-010] */
{
    const PayState ends[] = { PAY_DECLINED, PAY_CANCELLED, PAY_EXPIRED };
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autoptr(Payment) payment = payment_in(ends[i], false);
        PayDecision decision;
        g_assert_true(decide(payment, PAY_EVENT_ALREADY_PAID_ELSEWHERE, &decision));
        g_assert_cmpint(decision.next, ==, ends[i]);
        g_assert_true(decision.posting_count == 0 && decision.work_count == 0 && decision.alarm == NULL);
    }
}

/* Carries a decision over, as the store does. */
static void take(Payment *payment, const PayDecision *decision)
{
    payment->state = decision->next;
    payment->key_born_us = decision->key_born_us;
    payment->next_check_us = decision->next_check_us;
    payment->checks = decision->checks;
    payment->negative_lookups = decision->negative_lookups;
}

static void test_unreachable_biller_is_tried_four_times(void)
{
    g_autoptr(Payment) payment = payment_in(PAY_INTENT, false);
    PayDecision decision;
    int sends = 0;
    while (payment->state == PAY_INTENT) {
        g_assert_true(decide(payment, PAY_EVENT_SEND, &decision));
        take(payment, &decision);
        sends++;
        g_assert_true(decide(payment, PAY_EVENT_NOT_SENT, &decision));
        take(payment, &decision);
    }
    g_assert_cmpint(sends, ==, 4);
    g_assert_cmpint(payment->state, ==, PAY_DECLINED);
    g_assert_cmpstr(decision.reason_code, ==, "biller_unreachable");
}

static void test_look_ups_come_less_and_less_often(void) /* [PAY-007] */
{
    const int64_t seconds[] = { 5, 30, 300, 300, 3600, 3600, 3600 };
    g_autoptr(Payment) payment = payment_in(PAY_SENT, false);
    payment->checks = 2; /* tries that never left */
    PayDecision decision;
    g_assert_true(decide(payment, PAY_EVENT_OUTCOME_UNKNOWN, &decision));
    for (size_t i = 0; i < G_N_ELEMENTS(seconds); i++) {
        g_assert_cmpint(decision.next, ==, PAY_UNKNOWN);
        g_assert_cmpint(decision.next_check_us - NOW, ==, seconds[i] * US_PER_SECOND);
        g_assert_true((decision.alarm != NULL) == (i == 4)); /* after the look-up at ten minutes */
        take(payment, &decision);
        g_assert_true(decide(payment, PAY_EVENT_LOOKUP_FAILED, &decision));
    }
}

static void test_check_now_keeps_the_schedule(void)
{
    g_autoptr(Payment) payment = payment_in(PAY_UNKNOWN, false);
    payment->checks = 3;
    PayDecision decision;
    g_assert_true(decide(payment, PAY_EVENT_TIMER, &decision));
    g_assert_cmpint(decision.next_check_us, ==, NOW);
    take(payment, &decision);
    g_assert_false(decide(payment, PAY_EVENT_TIMER, &decision)); /* asked already */
    g_assert_true(decide(payment, PAY_EVENT_LOOKUP_FAILED, &decision));
    g_assert_cmpint(decision.checks, ==, 3);
}

static void test_repeated_request_in_doubt_is_never_called_unsent(void) /* [PAY-007] */
{
    const PayEventKind events[] = { PAY_EVENT_NOT_SENT, PAY_EVENT_REFUSED };
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        g_autoptr(Payment) payment = payment_in(PAY_SENT, false);
        payment->negative_lookups = 1;
        PayDecision decision;
        g_assert_true(decide(payment, events[i], &decision));
        g_assert_cmpint(decision.next, ==, PAY_UNKNOWN);
    }
}

static void test_ledger_follows_the_state(void) /* [PAY-012] */
{
    g_autoptr(Payment) payment = payment_in(PAY_INTENT, false);
    PayDecision decision;
    pay_open(payment, NOW, &decision);
    assert_sums_to_zero(&decision);
    g_assert_cmpuint(decision.posting_count, ==, 2);
    g_assert_true(has_work(&decision, PAY_WORK_CHARGE));
    g_assert_cmpstr(decision.postings[0].account, ==, "payer:pending");
    g_assert_cmpint(decision.postings[0].amount.minor, ==, -123450);
    payment->state = PAY_SENT;
    g_assert_true(decide(payment, PAY_EVENT_SUCCEEDED, &decision));
    g_assert_cmpuint(decision.posting_count, ==, 2);
    g_assert_cmpstr(decision.postings[1].account, ==, "payer:card");
    g_assert_cmpint(decision.postings[1].amount.minor, ==, -123450);
    payment->test = true; /* never counts as money */
    g_assert_true(decide(payment, PAY_EVENT_SUCCEEDED, &decision));
    for (size_t i = 0; i < decision.posting_count; i++)
        g_assert_true(g_str_has_prefix(decision.postings[i].account, "test:"));
}

static void test_consent_names_everything(void) /* [PAY-013] */
{
    Money amount = { .minor = 100, .currency = "PLN" }, more = { .minor = 101, .currency = "PLN" }, euro = { .minor = 100, .currency = "EUR" };
    g_autofree char *base = pay_consent_hash(amount, "Zieleń", "F/1", "r1"), *same = pay_consent_hash(amount, "Zieleń", "F/1", "r1");
    g_assert_cmpstr(base, ==, same);
    const struct {
        Money amount;
        const char *payee, *number, *request;
    } changed[] = { { more, "Zieleń", "F/1", "r1" }, { euro, "Zieleń", "F/1", "r1" }, { amount, "Zielen", "F/1", "r1" },
        { amount, "Zieleń", "F/2", "r1" }, { amount, "Zieleń", "F/1", "r2" }, { amount, "ZieleńF/1", "", "r1" } };
    for (size_t i = 0; i < G_N_ELEMENTS(changed); i++) {
        g_autofree char *hash = pay_consent_hash(changed[i].amount, changed[i].payee, changed[i].number, changed[i].request);
        g_assert_cmpstr(hash, !=, base);
    }
}

static void test_states_are_of_one_kind(void)
{
    for (int state = 0; state < PAY_STATE_COUNT; state++) {
        PayState back, one = (PayState)state;
        g_assert_true(pay_state_from_name(pay_state_name(one), &back) && back == one);
        bool on_its_way_back = one == PAY_REFUND_PENDING || one == PAY_REFUNDED;
        g_assert_cmpint(pay_state_is_final_unpaid(one) + pay_state_is_paid(one) + pay_state_is_live(one) + on_its_way_back, ==, 1);
    }
    PayState none;
    g_assert_false(pay_state_from_name("paid", &none));
    g_assert_false(pay_state_from_name(NULL, &none));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pay/every-pair/fresh", test_every_pair_fresh);
    g_test_add_func("/pay/every-pair/old", test_every_pair_old);
    g_test_add_func("/pay/key", test_key_depends_on_payment_and_operation_alone);
    g_test_add_func("/pay/key-window", test_key_window_is_exact);
    g_test_add_func("/pay/key-born-once", test_key_is_born_once);
    g_test_add_func("/pay/final-failure", test_final_failure_needs_all_three);
    g_test_add_func("/pay/late-success", test_late_success_wins_with_alarm);
    g_test_add_func("/pay/transitions/nothing-to-refund", test_nothing_paid_is_nothing_to_refund);
    g_test_add_func("/pay/unreachable", test_unreachable_biller_is_tried_four_times);
    g_test_add_func("/pay/look-ups", test_look_ups_come_less_and_less_often);
    g_test_add_func("/pay/check-now", test_check_now_keeps_the_schedule);
    g_test_add_func("/pay/doubt", test_repeated_request_in_doubt_is_never_called_unsent);
    g_test_add_func("/pay/ledger", test_ledger_follows_the_state);
    g_test_add_func("/pay/consent", test_consent_names_everything);
    g_test_add_func("/pay/kinds", test_states_are_of_one_kind);
    return g_test_run();
}
