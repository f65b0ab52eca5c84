/* The verdict: may this mail show a payment card to this reader, and why (not)?
 *
 * Pure: everything it needs is in TrustCase; the same case gives the same verdict, so that a card
 * already shown can be judged again after a switch changed. Never a silent drop: each verdict carries
 * at least one reason, and names the switch or record that decided.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "invoice/invoice.h"
#include "policy/policy.h"
#include "trust/partner.h"

typedef enum VerdictKind { VERDICT_PLAIN, VERDICT_HOLD, VERDICT_CARD } VerdictKind;
const char *verdict_kind_name(VerdictKind kind);

/* Every code that a reason can carry, with the verdict it leads to. They are stable: the interface translates
 * them, archives hold them. A code is never renamed or given another meaning; new ones may come. */
#define VERDICT_CODES(X)                                                                                              \
    /* plain: no card, and nothing is wrong with the mail */                                                          \
    X(VERDICT_SWITCH_OFF, "switch_off")                    /* an organization's switch is off; the text names it */    \
    X(VERDICT_GROUP_SWITCH_OFF, "group_switch_off")        /* the group mailbox's ConnectorsEnabled is off */          \
    X(VERDICT_OUTSIDE_ROLLOUT, "outside_rollout")          /* the mailbox is not within the rollout */                 \
    X(VERDICT_NO_INVOICE, "no_invoice")                    /* no invoice was found */                                  \
    /* hold: the mail itself and who sent it [AUTH-001] */                                                            \
    X(VERDICT_UNREADABLE, "unreadable")                    /* the message could not be read within the limits */       \
    X(VERDICT_SENDER_NOT_SINGLE, "sender_not_single")      /* not exactly one From address */                          \
    X(VERDICT_SENDER_UNKNOWN_YET, "sender_unknown_yet")    /* DNS did not answer: judged again later */                \
    X(VERDICT_SENDER_UNAUTHENTICATED, "sender_unauthenticated") /* neither DKIM nor SPF vouches for From's domain */   \
    X(VERDICT_SENDER_SPF_ONLY, "sender_spf_only")          /* SPF alone, and no request signed by the partner */       \
    X(VERDICT_SENDER_NOT_REGISTERED, "sender_not_registered") /* From is no address or domain of the partner */        \
    /* hold: what the mail asks for */                                                                                \
    X(VERDICT_NO_PAYMENT_ACTION, "no_payment_action")      /* an invoice, but nothing says how to pay it */            \
    X(VERDICT_SEVERAL_INVOICES, "several_invoices")        /* two different payable invoices in one mail */            \
    X(VERDICT_FORWARDED, "forwarded")                      /* the request stands in a forwarded message */             \
    X(VERDICT_SOURCES_DISAGREE, "sources_disagree")        /* one invoice told in two ways that differ */              \
    /* hold: the partner */                                                                                           \
    X(VERDICT_PARTNER_UNKNOWN, "partner_unknown")          /* the originator is not in the registry */                 \
    X(VERDICT_PARTNER_NOT_APPROVED, "partner_not_approved") /* pending */                                              \
    X(VERDICT_PARTNER_IN_TEST, "partner_in_test")          /* state test, and the mailbox is no test recipient */      \
    X(VERDICT_PARTNER_SUSPENDED, "partner_suspended")                                                                  \
    /* hold: the signed request (wire.md §1) */                                                                       \
    X(VERDICT_REQUEST_NOT_SIGNED, "request_not_signed")    /* a dynamic sender without SignedActionRequest */          \
    X(VERDICT_REQUEST_MALFORMED, "request_malformed")      /* no compact JWS, or claims of another shape */            \
    X(VERDICT_REQUEST_ALGORITHM, "request_algorithm")      /* none, HS* or another that is not accepted */             \
    X(VERDICT_REQUEST_KEY_UNKNOWN, "request_key_unknown")  /* no registered key fits */                                \
    X(VERDICT_REQUEST_SIGNATURE_WRONG, "request_signature_wrong")                                                      \
    X(VERDICT_REQUEST_CLAIM_MISSING, "request_claim_missing") /* originator, sender, iat or the request itself */      \
    X(VERDICT_REQUEST_ORIGINATOR_DIFFERS, "request_originator_differs") /* claim and signed request name two */        \
    X(VERDICT_REQUEST_SENDER_DIFFERS, "request_sender_differs") /* the sender claim is not the From address */         \
    X(VERDICT_REQUEST_TOO_OLD, "request_too_old")          /* iat before TRUST_REQUEST_AGE_MAX_S */                    \
    X(VERDICT_REQUEST_FROM_FUTURE, "request_from_future")  /* iat after TRUST_REQUEST_AHEAD_MAX_S */                   \
    X(VERDICT_REQUEST_EXPIRED, "request_expired")          /* exp */                                                   \
    X(VERDICT_REQUEST_NOT_YET_VALID, "request_not_yet_valid") /* nbf */                                                \
    X(VERDICT_REQUEST_KID_MISSING, "request_kid_missing")  /* the partner is set to require kid */                     \
    X(VERDICT_REQUEST_AUDIENCE_MISSING, "request_audience_missing") /* … aud */                                        \
    X(VERDICT_REQUEST_AUDIENCE_DIFFERS, "request_audience_differs") /* aud is another recipient */                     \
    X(VERDICT_REQUEST_JTI_MISSING, "request_jti_missing")  /* … jti */                                                 \
    /* hold: the merchant behind the partner */                                                                       \
    X(VERDICT_MERCHANT_UNKNOWN, "merchant_unknown")                                                                    \
    X(VERDICT_MERCHANT_NOT_APPROVED, "merchant_not_approved")                                                          \
    X(VERDICT_MERCHANT_IN_TEST, "merchant_in_test")                                                                    \
    X(VERDICT_MERCHANT_SUSPENDED, "merchant_suspended")                                                                \
    /* hold: the invoice */                                                                                           \
    X(VERDICT_INVOICE_PAID, "invoice_paid")                /* the biller says so: nothing to pay */                    \
    X(VERDICT_INVOICE_AUTOMATIC, "invoice_automatic")      /* the biller collects it by itself */                      \
    X(VERDICT_INVOICE_CREDIT, "invoice_credit")            /* a credit note or a negative amount */                    \
    X(VERDICT_INVOICE_SELF_BILLED, "invoice_self_billed")  /* the recipient is the seller */                           \
    X(VERDICT_INVOICE_DIRECT_DEBIT, "invoice_direct_debit") /* the seller collects it by direct debit */               \
    X(VERDICT_NOTHING_DUE, "nothing_due")                  /* the amount due is zero */                                \
    X(VERDICT_AMOUNT_UNKNOWN, "amount_unknown")            /* cannot be read exactly [PAY-001] */                      \
    X(VERDICT_NUMBER_MISSING, "number_missing")            /* without it a second copy is not recognised [PAY-002] */  \
    X(VERDICT_INVOICE_CHECK, "invoice_check")              /* another check of the invoice holds; the text names it */ \
    /* card, and what may stand beside the deciding reason */                                                         \
    X(VERDICT_VERIFIED, "verified")                        /* all questions are answered */                            \
    X(VERDICT_TEST_MODE, "test_mode")                      /* partner or merchant in state test: no money moves */     \
    X(VERDICT_INVOICE_WARNING, "invoice_warning")          /* a check that warns, or a payee named otherwise */

typedef enum VerdictCode {
#define VERDICT_CODE_MEMBER(member, text) member,
    VERDICT_CODES(VERDICT_CODE_MEMBER)
#undef VERDICT_CODE_MEMBER
    VERDICT_CODE_COUNT,
} VerdictCode;
const char *verdict_code_name(VerdictCode code); /* "switch_off" */

typedef struct VerdictReason {
    char *code; /* a name of VERDICT_CODES */
    char *text; /* English, one line: what, where, what to do */
} VerdictReason;

typedef struct Verdict {
    VerdictKind kind;
    GPtrArray *reasons;     /* VerdictReason *, the deciding one first */
    /* Set for a card: */
    const Invoice *invoice; /* borrowed from the case, or `own_invoice` */
    Invoice *own_invoice;   /* the invoice re-read from the signed bytes of a SignedActionRequest, and where
                             * another than its first action is followed; else NULL */
    const Partner *partner;
    const Merchant *merchant; /* its legal_name is the payee; what a mail calls itself is only a claim */
    char *confirmed_domain; /* for "Sender confirmed: signed by …" */
} Verdict;

void verdict_free(Verdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)
json_t *verdict_to_json(const Verdict *verdict); /* {"kind","reasons":[{code,text}]} */

/* What mail authentication found, in the JSON form of `saldo inspect` ("authentication") with the extra
 * member "vouched":{"by":"dkim|spf|nobody","domain"}; archived with the message. */
typedef struct TrustSender {
    const char *from_address; /* borrowed from the JSON; NULL unless exactly one From */
    const char *vouched_by;   /* "dkim", "spf", "nobody" */
    const char *vouched_domain;
    bool temporary_trouble;   /* DKIM does not vouch and a DNS temperror may be the cause: ask again later */
    const char *reason;       /* why nobody vouches, in the words of the report; or NULL */
} TrustSender;
/* False where the JSON is not of that form. */
bool trust_sender_from_json(const json_t *authentication, TrustSender *ret_sender);

typedef struct TrustCase {
    bool readable;               /* the jail could read the message */
    const char *trouble;         /* why not, or NULL */
    TrustSender sender;
    const GPtrArray *invoices;   /* Invoice * as extracted */
    const char *recipient;       /* the mailbox address; NULL where there is none (a file on a command line) */
    int64_t received_us;         /* the clock for `iat`: when the mail came, not when it is looked at */
    const Registry *registry;
    const PolicySettings *policy;
} TrustCase;

/* A `jti` is checked for being there where the partner needs it, and not remembered: sending the same signed request
 * again is harmless, because originator, merchant and invoice number are the identity of the invoice [PAY-002], so that
 * the copy finds the same invoice, paid or not, and never makes another one.
 *
 * A SignedActionRequest's `iat` may lie this far before and after the arrival of the mail. */
#define TRUST_REQUEST_AGE_MAX_S (7 * 24 * 3600)
#define TRUST_REQUEST_AHEAD_MAX_S 300

/* Never NULL. The order of questions: policy and rollout; readable; an invoice; who sent it [AUTH-001];
 * partner; signature; merchant; something to pay. The first one that is not answered decides. */
Verdict *trust_judge(const TrustCase *trust_case);
