/* A payment as a value: names of states, events and work, keys, consent. The rules are in transitions.c. */
#include "pay/pay.h"

#include <string.h>

#include "base/encoding.h"
#include "base/json.h"

static const char *const state_names[PAY_STATE_COUNT] = {
    [PAY_INTENT] = "intent", [PAY_SENT] = "sent", [PAY_ACTION] = "action", [PAY_UNKNOWN] = "unknown",
    [PAY_RETRY] = "retry", [PAY_CAPTURED] = "captured", [PAY_NOTIFIED] = "notified", [PAY_SETTLED] = "settled",
    [PAY_REFUND_PENDING] = "refund_pending", [PAY_REFUNDED] = "refunded", [PAY_DECLINED] = "declined",
    [PAY_CANCELLED] = "cancelled", [PAY_EXPIRED] = "expired", [PAY_MANUAL] = "manual",
};

static const char *const event_names[PAY_EVENT_COUNT] = {
    [PAY_EVENT_SEND] = "send", [PAY_EVENT_SUCCEEDED] = "succeeded", [PAY_EVENT_DECLINED] = "declined",
    [PAY_EVENT_NOT_SENT] = "not_sent", [PAY_EVENT_OUTCOME_UNKNOWN] = "outcome_unknown", [PAY_EVENT_PENDING] = "pending",
    [PAY_EVENT_ACTION_REQUIRED] = "action_required", [PAY_EVENT_ACTION_DONE] = "action_done",
    [PAY_EVENT_LOOKUP_FOUND_NOTHING] = "lookup_found_nothing", [PAY_EVENT_LOOKUP_FAILED] = "lookup_failed",
    [PAY_EVENT_CANCELLED] = "cancelled", [PAY_EVENT_TIMER] = "timer", [PAY_EVENT_NOTIFIED] = "notified",
    [PAY_EVENT_ALREADY_PAID_ELSEWHERE] = "already_paid_elsewhere", [PAY_EVENT_RESTARTED] = "restarted",
    [PAY_EVENT_REFUSED] = "refused", [PAY_EVENT_EXPIRED] = "expired", [PAY_EVENT_NOT_IN_REPORT] = "not_in_report", [PAY_EVENT_SETTLED] = "settled",
    [PAY_EVENT_REFUNDED] = "refunded", [PAY_EVENT_FORBIDDEN] = "forbidden",
};

const char *pay_state_name(PayState state)
{
    g_assert((unsigned)state < PAY_STATE_COUNT);
    return state_names[state];
}

bool pay_state_from_name(const char *name, PayState *ret_state)
{
    for (size_t i = 0; i < PAY_STATE_COUNT; i++) {
        if (g_strcmp0(name, state_names[i]) == 0) {
            *ret_state = (PayState)i;
            return true;
        }
    }
    return false;
}

const char *pay_event_name(PayEventKind kind)
{
    g_assert((unsigned)kind < PAY_EVENT_COUNT);
    return event_names[kind];
}

const char *pay_work_name(PayWork work)
{
    switch (work) {
    case PAY_WORK_CHARGE: return "charge";
    case PAY_WORK_LOOKUP: return "lookup";
    case PAY_WORK_NOTIFY: return "notify";
    case PAY_WORK_RECEIPT: return "receipt";
    case PAY_WORK_REFUND: return "refund";
    case PAY_WORK_DROP_CODE: return "drop_code";
    }
    g_assert_not_reached();
}

bool pay_state_is_final_unpaid(PayState state)
{
    return state == PAY_DECLINED || state == PAY_CANCELLED || state == PAY_EXPIRED;
}

bool pay_state_is_paid(PayState state)
{
    return state == PAY_CAPTURED || state == PAY_NOTIFIED || state == PAY_SETTLED;
}

bool pay_state_is_live(PayState state)
{
    return state == PAY_INTENT || state == PAY_SENT || state == PAY_ACTION || state == PAY_UNKNOWN
        || state == PAY_RETRY || state == PAY_MANUAL;
}

Payment *payment_new(void)
{
    return g_new0(Payment, 1);
}

void payment_free(Payment *payment)
{
    if (payment == NULL)
        return;
    g_free(payment->payee);
    g_free(payment->invoice_number);
    g_free(payment->request_id);
    g_free(payment->processor_ref);
    g_free(payment->biller_ref);
    g_free(payment->reason_code);
    g_free(payment->reason_text);
    g_free(payment->action_url);
    g_free(payment);
}

/* [PAY-003] */
char *pay_idempotency_key(Id payment_id, const char *operation)
{
    g_assert(!id_is_none(payment_id));
    return operation == NULL ? g_strdup(payment_id.text) : g_strdup_printf("%s:%s", payment_id.text, operation);
}

/* [PAY-013] A JSON array, so that no two different consents share one text. */
char *pay_consent_hash(Money amount, const char *payee, const char *invoice_number, const char *request_id)
{
    JSON_AUTO *consent = json_pack("[s, I, s?, s?, s?]", amount.currency, (json_int_t)amount.minor, payee, invoice_number,
        request_id);
    g_assert(consent != NULL);
    g_autofree char *text = json_write(consent);
    return encode_sha256_hex(span_of(text));
}
