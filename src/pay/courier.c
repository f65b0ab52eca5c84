/* Carrying work out: charge, look-up, notify, receipt, refund, drop the code. */
#include "pay/courier.h"

/* Waits of work that stays open; the last repeats. */
static const int64_t again_us[] = { 2 * US_PER_SECOND, 10 * US_PER_SECOND, US_PER_MINUTE, 5 * US_PER_MINUTE, US_PER_HOUR };

void pay_answer_done(PayAnswer *answer)
{
    g_free(answer->token);
    g_free(answer->processor_ref);
    g_free(answer->biller_ref);
    g_free(answer->code);
    g_free(answer->text);
    g_free(answer->action_url);
    *answer = (PayAnswer){ 0 };
}

#define PAY_ANSWER_AUTO __attribute__((cleanup(pay_answer_done))) PayAnswer

static bool come_again(const PayOutside *outside, int tries, int64_t *ret_again_us)
{
    size_t step = MIN((size_t)MAX(tries, 0), G_N_ELEMENTS(again_us) - 1);
    *ret_again_us = outside->now_us(outside->context) + again_us[step];
    return false;
}

static PayEvent event_of(PayEventKind kind, const PayAnswer *answer)
{
    return (PayEvent){ .kind = kind, .code = answer->code, .text = answer->text, .processor_ref = answer->processor_ref,
        .biller_ref = answer->biller_ref, .action_url = answer->action_url };
}

/* False only where the disk refused: the work stays open and finds out later what is stored. */
static bool commit(const PayOutside *outside, PayEventKind kind, const PayAnswer *answer)
{
    PayEvent event = event_of(kind, answer);
    g_autoptr(Payment) after = NULL;
    return outside->commit(outside->context, &event, &after) != PAY_COMMIT_CANNOT;
}

/* ---- Charge ------------------------------------------------------------------------------------- */

static PayEventKind judge_complete(PayReply reply)
{
    switch (reply) {
    case PAY_REPLY_YES: return PAY_EVENT_SUCCEEDED;
    case PAY_REPLY_NO: return PAY_EVENT_DECLINED;
    case PAY_REPLY_REFUSED: return PAY_EVENT_REFUSED;
    case PAY_REPLY_EXPIRED: return PAY_EVENT_EXPIRED;
    case PAY_REPLY_PENDING: return PAY_EVENT_PENDING;
    case PAY_REPLY_ACTION: return PAY_EVENT_ACTION_REQUIRED;
    case PAY_REPLY_NOT_SENT: return PAY_EVENT_NOT_SENT;
    case PAY_REPLY_REFUNDED:
    case PAY_REPLY_NOTHING:
    case PAY_REPLY_UNKNOWN: return PAY_EVENT_OUTCOME_UNKNOWN; /* [PAY-007] */
    }
    g_assert_not_reached();
}

/* The token's own fate is no money: a charge needs the biller, and the biller has not been asked yet. So a mint whose
 * answer was lost counts as not sent, and is asked again under the same key. */
static PayEventKind judge_mint(PayReply reply)
{
    return reply == PAY_REPLY_NO ? PAY_EVENT_DECLINED : PAY_EVENT_NOT_SENT;
}

/* A "no" to a repeated request may only mean "again?" (a biller without idempotency says "already paid"): the processor
 * knows whether the first one was charged. */
static PayEventKind doubt(const PayOutside *outside, const Payment *payment, PayEventKind judged, PayAnswer *answer)
{
    if (judged != PAY_EVENT_DECLINED || payment->negative_lookups == 0)
        return judged;
    PAY_ANSWER_AUTO processor = { 0 };
    PayReply says = outside->ask_processor(outside->context, payment, &processor);
    if (says == PAY_REPLY_YES) {
        pay_answer_done(answer);
        answer->processor_ref = g_steal_pointer(&processor.processor_ref);
        return PAY_EVENT_SUCCEEDED;
    }
    return says == PAY_REPLY_NO || says == PAY_REPLY_NOTHING ? judged : PAY_EVENT_OUTCOME_UNKNOWN;
}

/* The payment is SENT and that is durable [PAY-005]. */
static bool send(const PayOutside *outside, const Payment *payment)
{
    PAY_ANSWER_AUTO minted = { 0 }, answer = { 0 };
    g_autofree char *token_key = pay_idempotency_key(payment->id, "token"); /* [PAY-003] */
    PayReply mint = outside->mint(outside->context, payment, token_key, &minted);
    if (mint != PAY_REPLY_YES) {
        PayEventKind judged = doubt(outside, payment, judge_mint(mint), &minted);
        return commit(outside, judged, &minted);
    }
    g_autofree char *key = pay_idempotency_key(payment->id, NULL);
    PayReply reply = outside->complete(outside->context, payment, key, minted.token, &answer);
    PayEventKind judged = doubt(outside, payment, judge_complete(reply), &answer);
    if (answer.processor_ref == NULL)
        answer.processor_ref = g_strdup(minted.processor_ref);
    if (!commit(outside, judged, &answer))
        return false;
    return judged != PAY_EVENT_SUCCEEDED || !answer.in_books || commit(outside, PAY_EVENT_NOTIFIED, &answer);
}

static bool carry_charge(const PayOutside *outside, const Payment *payment)
{
    /* Taken up a second time while SENT: whoever sent it has not come back. */
    if (payment->state == PAY_SENT)
        return commit(outside, PAY_EVENT_OUTCOME_UNKNOWN,
            &(PayAnswer){ .code = (char *)"interrupted", .text = (char *)"The answer of the biller was not recorded." });
    if (payment->state != PAY_INTENT && payment->state != PAY_RETRY)
        return true;
    g_autoptr(Payment) sent = NULL;
    switch (outside->commit(outside->context, &(PayEvent){ .kind = PAY_EVENT_SEND }, &sent)) {
    case PAY_COMMITTED: return sent->state != PAY_SENT || send(outside, sent);
    case PAY_COMMIT_NO_MEANING: return true;
    case PAY_COMMIT_CANNOT: return false;
    }
    g_assert_not_reached();
}

/* ---- Look-up ------------------------------------------------------------------------------------ */

PayEventKind pay_judge_lookups(PayReply biller, PayReply processor)
{
    if (biller == PAY_REPLY_YES || processor == PAY_REPLY_YES)
        return PAY_EVENT_SUCCEEDED;
    if (biller == PAY_REPLY_PENDING && processor != PAY_REPLY_NO && processor != PAY_REPLY_EXPIRED)
        return PAY_EVENT_PENDING;
    if (biller == PAY_REPLY_EXPIRED || processor == PAY_REPLY_EXPIRED)
        return PAY_EVENT_EXPIRED;
    if (biller == PAY_REPLY_NO || processor == PAY_REPLY_NO)
        return PAY_EVENT_DECLINED;
    if (biller == PAY_REPLY_ACTION)
        return PAY_EVENT_ACTION_REQUIRED;
    if (processor == PAY_REPLY_PENDING || processor == PAY_REPLY_ACTION)
        return PAY_EVENT_PENDING;
    if (biller == PAY_REPLY_NOTHING && processor == PAY_REPLY_NOTHING)
        return PAY_EVENT_LOOKUP_FOUND_NOTHING;
    return PAY_EVENT_LOOKUP_FAILED;
}

/* The first of two texts that is there, given away. */
static char *either(char **first, char **second)
{
    return *first != NULL ? g_steal_pointer(first) : g_steal_pointer(second);
}

static bool carry_lookup(const PayOutside *outside, const Payment *payment)
{
    bool asks = payment->state == PAY_UNKNOWN || payment->state == PAY_ACTION || payment->state == PAY_MANUAL;
    /* Each decision names the next check; a row that comes earlier was overtaken by it. */
    if (!asks || payment->next_check_us > outside->now_us(outside->context))
        return true;
    PAY_ANSWER_AUTO biller = { 0 }, processor = { 0 }, both = { 0 };
    PayReply biller_says = outside->ask_biller(outside->context, payment, &biller);
    PayReply processor_says = outside->ask_processor(outside->context, payment, &processor);
    both.biller_ref = g_steal_pointer(&biller.biller_ref);
    both.processor_ref = either(&processor.processor_ref, &biller.processor_ref);
    both.action_url = g_steal_pointer(&biller.action_url);
    bool processor_decided = processor_says == PAY_REPLY_NO && biller_says != PAY_REPLY_NO;
    both.code = processor_decided ? g_steal_pointer(&processor.code) : either(&biller.code, &processor.code);
    both.text = processor_decided ? g_steal_pointer(&processor.text) : either(&biller.text, &processor.text);
    return commit(outside, pay_judge_lookups(biller_says, processor_says), &both);
}

/* ---- The rest ------------------------------------------------------------------------------------ */

/* One confirmation number written in two ways is one: letters and digits count, without case. */
static bool same_reference(const char *left, const char *right)
{
    for (;; left++, right++) {
        while (*left != '\0' && !g_ascii_isalnum(*left))
            left++;
        while (*right != '\0' && !g_ascii_isalnum(*right))
            right++;
        if (g_ascii_tolower(*left) != g_ascii_tolower(*right))
            return false;
        if (*left == '\0')
            return true;
    }
}

/* [PAY-010] The books name another payment than ours: the invoice was paid twice, and ours goes back. */
static bool is_paid_elsewhere(const Payment *payment, const PayAnswer *books)
{
    return payment->biller_ref != NULL && books->biller_ref != NULL && !same_reference(payment->biller_ref, books->biller_ref);
}

static bool carry_notify(const PayOutside *outside, const Payment *payment)
{
    if (payment->state != PAY_CAPTURED)
        return true;
    PAY_ANSWER_AUTO books = { 0 };
    if (outside->ask_books(outside->context, payment, &books) != PAY_REPLY_YES)
        return false;
    if (!is_paid_elsewhere(payment, &books))
        return commit(outside, PAY_EVENT_NOTIFIED, &books);
    return commit(outside, PAY_EVENT_ALREADY_PAID_ELSEWHERE, /* our own number stays */
        &(PayAnswer){ .code = (char *)"paid_twice",
            .text = (char *)"The biller says that this invoice was paid elsewhere as well. This payment is being refunded." });
}

static bool is_refunded(const PayOutside *outside, const Payment *payment)
{
    PAY_ANSWER_AUTO answer = { 0 };
    return outside->ask_processor(outside->context, payment, &answer) == PAY_REPLY_REFUNDED;
}

/* Looks first: the biller or a person may have given it back already. Repeated under one key [PAY-003]. */
static bool carry_refund(const PayOutside *outside, const Payment *payment)
{
    if (payment->state != PAY_REFUND_PENDING)
        return true;
    PAY_ANSWER_AUTO answer = { 0 };
    g_autofree char *key = pay_idempotency_key(payment->id, "refund");
    bool refunded = is_refunded(outside, payment)
        || (outside->refund(outside->context, payment, key, &answer) == PAY_REPLY_YES && is_refunded(outside, payment));
    return refunded && commit(outside, PAY_EVENT_REFUNDED, &answer);
}

static bool carry(const PayOutside *outside, PayWork work, const Payment *payment)
{
    switch (work) {
    case PAY_WORK_CHARGE: return carry_charge(outside, payment);
    case PAY_WORK_LOOKUP: return carry_lookup(outside, payment);
    case PAY_WORK_NOTIFY: return carry_notify(outside, payment);
    case PAY_WORK_RECEIPT: return !pay_state_is_paid(payment->state) || outside->issue_receipt(outside->context, payment);
    case PAY_WORK_REFUND: return carry_refund(outside, payment);
    case PAY_WORK_DROP_CODE: return pay_state_is_live(payment->state) || outside->drop_code(outside->context, payment);
    }
    g_assert_not_reached();
}

bool pay_courier_carry(const PayOutside *outside, PayWork work, int tries, int64_t *ret_again_us)
{
    g_autoptr(Payment) payment = NULL;
    if (outside->load(outside->context, &payment) && carry(outside, work, payment))
        return true;
    return come_again(outside, tries, ret_again_us);
}
