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

typedef struct VerdictReason {
    char *code; /* stable, snake_case: the interface translates it */
    char *text; /* English, one line: what, where, what to do */
} VerdictReason;

typedef struct Verdict {
    VerdictKind kind;
    GPtrArray *reasons;     /* VerdictReason *, the deciding one first */
    /* Set for a card: */
    const Invoice *invoice; /* borrowed from the case, or `own_invoice` */
    Invoice *own_invoice;   /* the invoice re-read from the signed bytes of a SignedActionRequest */
    const Partner *partner;
    const Merchant *merchant;
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
    bool temporary_trouble;   /* nobody vouches and a DNS temperror is the cause: ask again later */
} TrustSender;
/* False where the JSON is not of that form. */
bool trust_sender_from_json(const json_t *authentication, TrustSender *ret_sender);

typedef struct TrustCase {
    bool readable;               /* the jail could read the message */
    const char *trouble;         /* why not, or NULL */
    TrustSender sender;
    const GPtrArray *invoices;   /* Invoice * as extracted */
    const char *recipient;       /* the mailbox address */
    int64_t received_us;         /* the clock for `iat`: when the mail came, not when it is looked at */
    const Registry *registry;
    const PolicySettings *policy;
} TrustCase;

/* A SignedActionRequest's `iat` may lie this far before and after the arrival of the mail. */
#define TRUST_REQUEST_AGE_MAX_S (7 * 24 * 3600)
#define TRUST_REQUEST_AHEAD_MAX_S 300

/* Never NULL. The order of questions: policy and rollout; readable; an invoice; who sent it [AUTH-001];
 * partner; signature; merchant; something to pay. */
Verdict *trust_judge(const TrustCase *trust_case);
