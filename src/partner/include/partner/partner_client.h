/* Talking to a biller: the two webhooks of wire.md §3 and §4, the bearer token (§5) and the payment
 * token (§6). Emits strictly, reads leniently (§7). Blocking; call from a worker or courier thread.
 *
 * Limits: connect 3 s; answer 10 s (payment-request), 30 s (payment-complete); 256 KiB; no redirects;
 * no private addresses outside test mode.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/money.h"
#include "invoice/invoice.h"
#include "trust/partner.h"

/* Our identity towards billers: the issuer URL and the signing keys (RS256), newest first. */
typedef struct TokenKeys {
    char *issuer;       /* "http://127.0.0.1:8080" */
    GPtrArray *private_jwks; /* json_t *, newest first; old ones stay until their last token expired */
} TokenKeys;
TokenKeys *token_keys_new(const char *issuer);
void token_keys_free(TokenKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TokenKeys, token_keys_free)
json_t *token_keys_public(const TokenKeys *keys); /* {"keys":[…]} for /.well-known/jwks.json */

/* Time limits of the calls; NULL in PartnerCall stands for those above. */
typedef struct PartnerLimits {
    unsigned connect_ms, request_ms, complete_ms;
} PartnerLimits;

typedef struct PartnerCall {
    const Partner *partner;
    const Merchant *merchant;
    const TokenKeys *keys;
    const char *payer_address;  /* `sub` */
    const char *mail_from;      /* `sender` */
    const json_t *product_context;
    const char *idempotency_key;
    int64_t now_us;
    const PartnerLimits *limits;
} PartnerCall;

/* wire.md §9: a biller's wish for test mode is honoured for a partner in state test and for listed recipients. */
bool partner_allows_test(const Partner *partner, const char *payer_address);

/* What the biller says is due now (loadentity). */
typedef struct BillerLine { char *label; Money amount; } BillerLine;
typedef struct BillerReview {
    Invoice *invoice;     /* the entity as it stands now */
    char *named_payee;    /* the seller as the biller calls it, where the verified name was put in its place; not kept */
    bool already_paid;    /* PaymentComplete and no details: no Pay button */
    char *request_id;     /* details.id; minted by us where the biller gave none (§7) */
    char *total_label;
    Money total;          /* none where already paid */
    GPtrArray *lines;     /* BillerLine *: displayItems */
    bool lines_add_up;    /* [PAY-001] false: refused */
    GPtrArray *networks;  /* char * */
    GPtrArray *types;     /* char * */
    bool asks_payer_name, asks_payer_email, asks_payer_phone, asks_shipping;
    bool test;            /* mode TEST, honoured */
    json_t *raw;          /* the whole answer, kept for the archive and for payment-complete */
} BillerReview;
void biller_review_free(BillerReview *review);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BillerReview, biller_review_free)
json_t *biller_review_to_json(const BillerReview *review);
BillerReview *biller_review_from_json(const json_t *json, GError **error);

/* NULL and `error`: UNAVAILABLE (down, slow, 5xx: try again), BAD_INPUT (an answer that cannot be used; the
 * text says which member), DENIED (the biller refused: 4xx with its words). */
BillerReview *partner_load_entity(const PartnerCall *call, GError **error);

/* The full invoice document behind entity.url: only from a host of the partner's own URLs, at most 8 MB. */
GBytes *partner_fetch_document(const PartnerCall *call, const char *url, char **ret_media_type, GError **error);

typedef enum CompleteOutcome {
    COMPLETE_SUCCESS,
    COMPLETE_FAIL,      /* final: the biller says that it did not charge */
    COMPLETE_REFUSED,   /* 4xx without a result: this request was turned away; says nothing about earlier ones */
    COMPLETE_PENDING,   /* result "pending" or HTTP 202 */
    COMPLETE_ACTION,    /* pending, and the payer has to go to `action_url` (3-D Secure) */
    COMPLETE_NOT_SENT,  /* certain that no byte of the request went out */
    COMPLETE_UNKNOWN,   /* [PAY-007] */
    COMPLETE_NOTHING,   /* look-up: the biller knows no such request */
} CompleteOutcome;

typedef struct CompleteAnswer {
    char *confirmation_number;
    char *code;    /* inner code of wire.md §4: "card_declined", "incorrect_cvc" … */
    char *text;    /* for the payer */
    Invoice *invoice; /* the updated entity, or NULL */
    char *action_url;
    char *note;    /* a leniency that was used (§7), or what was wrong with the answer; or NULL */
} CompleteAnswer;
void complete_answer_done(CompleteAnswer *answer);

typedef struct CompleteRequest {
    const char *request_id;
    Money amount;
    const char *token;         /* the processor's */
    const char *token_format;  /* "Stripe", "Sandbox" */
    bool test;
    const char *payer_name, *payer_email, *payer_phone; /* NULL unless asked for */
} CompleteRequest;

/* Builds the payment token and posts it. Exactly one HTTP request is made. */
CompleteOutcome partner_complete(const PartnerCall *call, const CompleteRequest *request, CompleteAnswer *ret_answer);
/* GET payment_complete_url?requestId= . COMPLETE_UNKNOWN where it cannot be asked. */
CompleteOutcome partner_complete_lookup(const PartnerCall *call, const char *request_id, CompleteAnswer *ret_answer);
