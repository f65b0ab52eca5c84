/* Checkout: leads one payment from *Review and pay* to the receipt.
 *
 * It asks the biller (partner), decides by the rules (pay), commits (store), keeps the code in the vault, and
 * runs the couriers that carry out what was committed. Nothing outside is called inside a unit of work
 * [PAY-004]. All functions block; call them from worker threads.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "partner/partner_client.h"
#include "pay/pay.h"
#include "store/store.h"
#include "vault/vault.h"

typedef struct Checkout Checkout;

/* Borrows all three for its life. Turns every SENT payment into UNKNOWN first [PAY-005], then starts `couriers` threads. */
Checkout *checkout_start(Store *store, Vault *vault, const TokenKeys *keys, unsigned couriers, GError **error);
/* Ends the couriers after the call each is in (bounded by the webhook limits). */
void checkout_stop(Checkout *checkout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Checkout, checkout_stop)
/* Couriers look at the outbox now (called after commits that may have added work). */
void checkout_wake(Checkout *checkout);

/* What only the biller can put right; other troubles are SALDO_ERROR. */
typedef enum CheckoutError {
    CHECKOUT_ERROR_BILLER_REFUSED,   /* the biller turned the request away; its own words */
    CHECKOUT_ERROR_BILLER_ASKS_MORE, /* the biller needs something of the payer that cannot be given here */
} CheckoutError;
#define CHECKOUT_ERROR (checkout_error_quark())
GQuark checkout_error_quark(void);

/* What the pane shows after *Review and pay*. */
typedef struct Review {
    BillerReview *biller;
    GPtrArray *differences; /* ReviewDifference *: where the answer and the mail disagree */
    Id live_payment_id;     /* a live or paid payment of this invoice, or none */
} Review;
typedef struct ReviewDifference { char *field, *in_mail, *at_biller; } ReviewDifference; /* "amount", "currency", "payee", "number" */
void review_free(Review *review);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Review, review_free)

/* Judges the invoice's newest mail again (switches, partner, merchant), asks the biller, keeps the answer with the
 * invoice. DENIED: no card any more (text names the switch or record). CHECKOUT_ERROR where the biller refuses or asks
 * for more. Others as partner_load_entity. */
Review *checkout_review(Checkout *checkout, const StoreAccount *account, Id invoice_id, GError **error);

/* The full invoice document that the biller names; the biller is asked first where nobody reviewed the invoice yet. */
GBytes *checkout_document(Checkout *checkout, const StoreAccount *account, Id invoice_id, char **ret_media_type,
    GError **error);

typedef enum PayRefusal {
    PAY_REFUSED_NOT = 0,       /* accepted, or the payment that this key or invoice already has */
    PAY_REFUSED_CONSENT_VOID,  /* [PAY-006] [PAY-013] amount, currency, payee or invoice changed: *ret_review is fresh */
    PAY_REFUSED_ALREADY_PAID,  /* the biller says so */
    PAY_REFUSED_NO_CARD,       /* the verdict changed */
    PAY_REFUSED_BILLER,        /* the biller cannot be asked now */
    PAY_REFUSED_OTHER,         /* error says */
} PayRefusal;

typedef struct PayOrder {
    Id invoice_id, card_id;
    Money amount;              /* the consent */
    const char *payee, *invoice_number, *request_id;
    const char *code_jwe;      /* [PAY-011] goes to the vault, nowhere else; NULL for a test payment */
    const char *idempotency_key; /* the API's, or NULL: {"id"} of the payment is kept for it in the payment's own commit */
    const char *request_hash;    /* beside the key: the same key with another request is a CONFLICT */
} PayOrder;

/* [PAY-002] [PAY-006] [PAY-013] Reads the amount again, then commits INTENT with its outbox row, or returns the
 * payment that is already there for this invoice. */
PayRefusal checkout_pay(Checkout *checkout, const StoreAccount *account, const PayOrder *order, Payment **ret_payment,
    Review **ret_review, GError **error);

/* *Check now*: brings the next look-up of an UNKNOWN payment forward. */
bool checkout_check_now(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error);
/* [PAY-009] What the settlement report of those days says of a payment: a line with the charge, or none. Ends what is
 * UNKNOWN or MANUAL; settles what is paid. CONFLICT where it decides nothing (yet): the text says why. */
bool checkout_settlement(Checkout *checkout, Id organization_id, Id payment_id, bool has_line, GError **error);
/* The payer is back from the bank, or gives up there. What waits at the bank is cancelled there: CONFLICT says so. */
bool checkout_action_done(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error);
bool checkout_cancel(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error);

/* The receipt as a PDF, in "en" or "pl". */
GBytes *checkout_receipt_pdf(Checkout *checkout, const StoreAccount *account, Id payment_id, const char *language,
    GError **error);
