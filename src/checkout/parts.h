/* What the files of this room share. */
#pragma once

#include "checkout/checkout.h"
#include "jail/jail.h"
#include "pay/courier.h"
#include "pay/processor.h"
#include "trust/verdict.h"

struct Checkout {
    Store *store;
    Vault *vault;
    const TokenKeys *keys;
    GMutex lock;
    GCond changed;
    uint64_t wakes;   /* grows with each checkout_wake */
    bool stopping;
    GPtrArray *couriers; /* GThread * */
};

/* ---- checkout.c -------------------------------------------------------------------------------------- */

/* A courier rests so long; false where the engine ends meanwhile. */
bool checkout_rest(Checkout *checkout, int64_t duration_us);

/* ---- standing.c: may this invoice be paid by this account now, and how is its biller called? -------- */

typedef struct Standing {
    StoreInvoice *invoice;
    StoreMessage *message;   /* the newest mail of it that the account may read */
    Extraction *extraction;
    Registry *registry;
    PolicySettings *policy;
    Verdict *verdict;
    const char *sender;      /* the From address, from mail authentication and never from the jail; borrowed */
    Payment *payment;        /* the live or paid one, else the newest, or NULL */
} Standing;
void standing_free(Standing *standing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Standing, standing_free)

/* Reads everything in one snapshot and judges. NOT_FOUND, IO, or DENIED where there is no card any more. */
Standing *standing_read(Checkout *checkout, const StoreAccount *account, Id invoice_id, GError **error);
/* Judges a committed payment once more, inside the commit that would mark it SENT: a partner, merchant or switch that
 * changed since must not get money. NULL where it may go out; else why not, newly allocated, and a static code. False
 * with `error` where it cannot be judged now. */
bool standing_judge_again(StoreTx *tx, const Payment *payment, const char **ret_code, char **ret_text, GError **error);
/* Borrows from the standing. */
PartnerCall standing_call(const Checkout *checkout, const Standing *standing);
/* Test money: the biller asked for it, or partner or merchant is in state test (wire.md §9). */
bool standing_is_test(const Standing *standing, const BillerReview *review);
/* A payment that keeps the invoice from being paid anew [PAY-009], or NULL. Borrowed. */
const Payment *standing_payment(const Standing *standing);

/* What a courier needs later to call the same biller for the same payer: kept with the review. */
json_t *standing_to_kept(const Standing *standing, const StoreAccount *account, const BillerReview *review);

typedef struct Kept {
    StoreInvoice *invoice;
    Registry *registry;
    PartnerCall call; /* borrows from the two above */
    const char *payer_name, *payer_email;
} Kept;
void kept_done(Kept *kept);
#define KEPT_AUTO __attribute__((cleanup(kept_done))) Kept
/* For the biller of this payment. False with `error` where the partner or merchant is no longer registered. */
bool kept_read(Checkout *checkout, const Payment *payment, Kept *ret_kept, GError **error);

/* ---- review.c -------------------------------------------------------------------------------------- */

/* Asks the biller and checks its sum [PAY-001]. Errors as partner_load_entity. */
BillerReview *review_ask(const Checkout *checkout, const Standing *standing, GError **error);
/* Keeps the answer with the invoice, in one commit; an invoice that the biller calls paid becomes so. */
bool review_keep(Checkout *checkout, const Standing *standing, const StoreAccount *account, const BillerReview *biller,
    GError **error);
/* The same inside a unit of work; writes nothing while a payment is live. */
bool review_put(StoreTx *tx, const Standing *standing, const json_t *kept, const BillerReview *biller, int64_t now_us,
    GError **error);
/* Takes the answer over. */
Review *review_make(const Standing *standing, BillerReview *biller);

/* ---- errand.c --------------------------------------------------------------------------------------- */

/* Carries one row of the outbox out. */
void errand_run(Checkout *checkout, const StoreWork *work);
/* Commits one event of a payment and wakes the couriers where it adds work. */
PayCommit errand_commit(Checkout *checkout, Id organization_id, Id payment_id, const PayEvent *event,
    Payment **ret_payment);

/* ---- receipt.c, receipt_page.c ------------------------------------------------------------------------ */

bool receipt_issue(Checkout *checkout, const Payment *payment, GError **error);
typedef struct ReceiptFacts {
    const char *number, *payee, *invoice_number, *card_brand, *card_last4, *confirmation, *payer, *payment_id;
    Money amount;
    int64_t paid_us;
    bool test;
} ReceiptFacts;
/* NULL and `error` (IO) where the fonts are missing or the file cannot be made. */
GBytes *receipt_page(const ReceiptFacts *facts, const char *language, GError **error);
/* "PLN 1,234.50" or "1234,50 zł". Newly allocated. */
char *receipt_amount(Money amount, const char *language);
