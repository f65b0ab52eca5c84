/* The payment engine: what may happen to a payment, decided purely (payments.md).
 *
 * A payment, an event and the time go in; the next state, the ledger postings, the work to be done
 * outside and the audit line come out. Nobody else may change a payment. This room knows no store, no
 * network and no clock; src/store commits a PayDecision as one unit, src/checkout carries the work out.
 *
 * [PAY-003] the key is a function of (payment id, operation)      pay_idempotency_key
 * [PAY-005] SENT is durable before the first byte; on boot SENT becomes UNKNOWN   PAY_EVENT_RESTARTED
 * [PAY-007] timeout, reset, 5xx, unreadable answer = UNKNOWN       PAY_EVENT_OUTCOME_UNKNOWN
 * [PAY-008] the same request only while its key is younger than 20 h   PAY_KEY_WINDOW_US
 * [PAY-009] nothing new while one is not final                     pay_state_is_final
 * [PAY-010] a late success wins, with an alarm                     PAY_EVENT_SUCCEEDED on DECLINED
 * [PAY-013] consent names amount, currency, payee and invoice      pay_consent_hash
 * [PAY-012] postings of every decision sum to zero per currency    pay_decide asserts it
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/money.h"

typedef enum PayState {
    PAY_INTENT, PAY_SENT, PAY_ACTION, PAY_UNKNOWN, PAY_RETRY, PAY_CAPTURED, PAY_NOTIFIED, PAY_SETTLED,
    PAY_REFUND_PENDING, PAY_REFUNDED, PAY_DECLINED, PAY_CANCELLED, PAY_EXPIRED, PAY_MANUAL,
    PAY_STATE_COUNT,
} PayState;

const char *pay_state_name(PayState state); /* "intent", "sent", … as stored and as the API says it */
bool pay_state_from_name(const char *name, PayState *ret_state);
/* DECLINED, CANCELLED, EXPIRED: the invoice may be paid anew [PAY-009]. */
bool pay_state_is_final_unpaid(PayState state);
/* CAPTURED and everything after it that keeps the money with the biller. */
bool pay_state_is_paid(PayState state);
/* Its end is open: a live payment, at most one per invoice [PAY-002]. MANUAL is live: a person decides.
 * REFUND_PENDING and REFUNDED are none of the three: that money is on its way back. */
bool pay_state_is_live(PayState state);

#define PAY_KEY_WINDOW_US (20 * US_PER_HOUR)      /* [PAY-008] */
#define PAY_REVIEW_FRESH_US (60 * US_PER_SECOND)  /* VERIFIED is read again when older */
#define PAY_ACTION_WINDOW_US US_PER_HOUR          /* 3-D Secure */
#define PAY_CODE_WINDOW_US (15 * US_PER_MINUTE)   /* [PAY-011] the security code's life in the vault */
#define PAY_NEGATIVE_LOOKUPS_NEEDED 2             /* [PAY-009] */
#define PAY_UNKNOWN_MOST_US (72 * US_PER_HOUR)    /* after that a person decides, whatever the look-ups say */

typedef struct Payment {
    Id organization_id, id, invoice_id, account_id, card_id;
    PayState state;
    int64_t version;      /* grows with each commit; a stale writer loses */
    Money amount;
    char *payee;          /* [PAY-013] consent: amount, currency, payee, invoice */
    char *invoice_number;
    char *request_id;     /* details.id of the biller's answer */
    int64_t created_us, updated_us;
    int64_t key_born_us;  /* when the charge was first SENT; 0 before */
    int64_t next_check_us; /* when UNKNOWN/ACTION looks again; 0 = never */
    int checks;           /* look-ups made so far; in INTENT: tries that never left */
    int negative_lookups;
    char *processor_ref;  /* the processor's id of the token or charge, or NULL */
    char *biller_ref;     /* the biller's confirmation number, or NULL */
    char *reason_code;    /* "card_declined", "incorrect_cvc", "timeout" …, or NULL */
    char *reason_text;
    char *action_url;     /* 3-D Secure challenge, or NULL */
    bool test;            /* never counts as money */
} Payment;

Payment *payment_new(void);
void payment_free(Payment *payment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Payment, payment_free)

/* [PAY-003] "<payment id>:<operation>"; the payment id alone (operation NULL) for the biller's payment-complete
 * (wire.md §4). */
char *pay_idempotency_key(Id payment_id, const char *operation);

typedef enum PayEventKind {
    PAY_EVENT_SEND,            /* a courier is about to send: INTENT or RETRY → SENT */
    PAY_EVENT_SUCCEEDED,       /* biller_ref set */
    PAY_EVENT_DECLINED,        /* code, text */
    PAY_EVENT_NOT_SENT,        /* certain that no byte went out (refused connection, bad address): back to INTENT */
    PAY_EVENT_OUTCOME_UNKNOWN, /* code, text */
    PAY_EVENT_PENDING,         /* the biller says "pending": UNKNOWN with patience */
    PAY_EVENT_ACTION_REQUIRED, /* action_url */
    PAY_EVENT_ACTION_DONE,     /* the payer came back from the bank */
    PAY_EVENT_LOOKUP_FOUND_NOTHING,
    PAY_EVENT_LOOKUP_FAILED,   /* could not ask: try later */
    PAY_EVENT_CANCELLED,
    PAY_EVENT_TIMER,           /* next_check_us passed */
    PAY_EVENT_NOTIFIED,        /* the biller's books show it: biller_ref */
    PAY_EVENT_ALREADY_PAID_ELSEWHERE, /* [PAY-010] */
    PAY_EVENT_RESTARTED,       /* the engine starts */
    PAY_EVENT_REFUSED,         /* the request itself was turned away; says nothing about earlier attempts */
    PAY_EVENT_EXPIRED,         /* the challenge ended at the processor without a charge */
    PAY_EVENT_NOT_IN_REPORT,   /* [PAY-009] the settlement report of those days has no line of it */
    PAY_EVENT_SETTLED,         /* a statement or report line shows it */
    PAY_EVENT_REFUNDED,        /* the processor gave the money back */
    PAY_EVENT_FORBIDDEN,       /* judged again instead of SEND: partner, merchant or switch no longer allow it; code, text */
    PAY_EVENT_COUNT,
} PayEventKind;
const char *pay_event_name(PayEventKind kind); /* "send", "succeeded", … for the audit and logs */

typedef struct PayEvent {
    PayEventKind kind;
    const char *code, *text;      /* borrowed, may be NULL */
    const char *processor_ref, *biller_ref, *action_url;
} PayEvent;

/* Work that must be done outside after the commit; one outbox row each. */
typedef enum PayWork { PAY_WORK_CHARGE, PAY_WORK_LOOKUP, PAY_WORK_NOTIFY, PAY_WORK_RECEIPT, PAY_WORK_REFUND, PAY_WORK_DROP_CODE } PayWork;
const char *pay_work_name(PayWork work); /* "charge", "lookup", … */

typedef struct PayPosting {
    const char *account; /* "payer:pending", "payer:card", "payer:refund", "biller:due"; "test:…" before each for tests */
    Money amount;        /* signed */
} PayPosting;

enum { PAY_POSTINGS_MAX = 8, PAY_WORK_MAX = 4 };

typedef struct PayDecision {
    PayState next;
    int64_t key_born_us, next_check_us;
    int checks, negative_lookups;
    PayPosting postings[PAY_POSTINGS_MAX];
    size_t posting_count;
    struct { PayWork work; int64_t due_us; } work[PAY_WORK_MAX];
    size_t work_count;
    const char *alarm; /* static text, or NULL */
    /* Why the rules themselves chose this state ("biller_unreachable", …); static text, or NULL where the event says it. */
    const char *reason_code, *reason_text;
} PayDecision;

/* The postings and work that come with a new payment in INTENT. The ledger's position of a payment is a function of
 * its state alone; the postings of a decision are the difference of two positions [PAY-012]. */
void pay_open(const Payment *payment, int64_t now_us, PayDecision *ret_decision);

/* False with `error` (CONFLICT) where the event has no meaning in this state: nothing changes then.
 * SEND may lead elsewhere than to SENT (key too old [PAY-008], consent too old): send only where it is SENT. */
bool pay_decide(const Payment *payment, const PayEvent *event, int64_t now_us, PayDecision *ret_decision,
    GError **error);

/* [PAY-013] The consent text's hash: SHA-256 over amount, currency, payee, invoice number, request id. */
char *pay_consent_hash(Money amount, const char *payee, const char *invoice_number, const char *request_id);
