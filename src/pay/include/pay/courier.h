/* The courier: carries one piece of committed work out and commits what came of it.
 *
 * Its order of steps is part of the rules (SENT is durable before the first byte [PAY-005], look up before asking
 * again, one key for ever [PAY-003]), so it lives here, with clock, disk and network behind one interface: the
 * engine stands behind it in src/checkout, a seeded simulator in pay_simulator_test.c.
 */
#pragma once

#include <stdbool.h>

#include "pay/pay.h"

/* What somebody outside said. */
typedef enum PayReply {
    PAY_REPLY_YES,      /* it happened: minted, paid, shown in the books */
    PAY_REPLY_REFUSED,  /* the request was turned away; earlier ones with the same key may have been taken */
    PAY_REPLY_NO,       /* final, and nothing was charged: code and text */
    PAY_REPLY_EXPIRED,  /* final: the challenge ended without a charge */
    PAY_REPLY_PENDING,
    PAY_REPLY_ACTION,   /* action_url */
    PAY_REPLY_REFUNDED,
    PAY_REPLY_NOTHING,  /* look-up: certain that there is no such payment */
    PAY_REPLY_NOT_SENT, /* certain that no byte went out */
    PAY_REPLY_UNKNOWN,  /* [PAY-007] */
} PayReply;

typedef struct PayAnswer {
    char *token;         /* mint */
    char *processor_ref;
    char *biller_ref;
    char *code, *text;
    char *action_url;
    bool in_books;       /* complete: the answer itself shows the invoice as paid */
} PayAnswer;
void pay_answer_done(PayAnswer *answer);

typedef enum PayCommit {
    PAY_COMMITTED,
    PAY_COMMIT_NO_MEANING, /* the payment has moved on; nothing changed */
    PAY_COMMIT_CANNOT,     /* disk: nothing is known to have changed */
} PayCommit;

/* Everything a courier touches. All functions get `context`; answers start empty. */
typedef struct PayOutside {
    void *context;
    int64_t (*now_us)(void *context);
    /* The payment as stored now, newly allocated. */
    bool (*load)(void *context, Payment **ret_payment);
    /* One commit [PAY-004]: reads the payment again, decides, applies. *ret_payment is the payment afterwards, set
     * for PAY_COMMITTED alone. SEND also writes the attempt row, every other event ends it. */
    PayCommit (*commit)(void *context, const PayEvent *event, Payment **ret_payment);
    PayReply (*mint)(void *context, const Payment *payment, const char *key, PayAnswer *ret_answer);
    PayReply (*complete)(void *context, const Payment *payment, const char *key, const char *token, PayAnswer *ret_answer);
    PayReply (*ask_biller)(void *context, const Payment *payment, PayAnswer *ret_answer);
    PayReply (*ask_processor)(void *context, const Payment *payment, PayAnswer *ret_answer);
    /* Whether the biller's books show the invoice as paid; biller_ref is the confirmation number they give. */
    PayReply (*ask_books)(void *context, const Payment *payment, PayAnswer *ret_answer);
    /* Asks the processor to give the money back; YES where it took that on. Whether it happened, ask_processor says. */
    PayReply (*refund)(void *context, const Payment *payment, const char *key, PayAnswer *ret_answer);
    bool (*issue_receipt)(void *context, const Payment *payment);
    bool (*drop_code)(void *context, const Payment *payment);
} PayOutside;

/* True when the work is done (or has become pointless); false when it is to be taken up again at *ret_again_us.
 * `tries` is how often it was taken up before. */
bool pay_courier_carry(const PayOutside *outside, PayWork work, int tries, int64_t *ret_again_us);

/* What two look-ups mean together: the processor knows what was charged, the biller what it asked for. */
PayEventKind pay_judge_lookups(PayReply biller, PayReply processor);
