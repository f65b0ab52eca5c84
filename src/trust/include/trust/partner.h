/* The onboarding record of a partner (wire.md §2) and the registry of all of them, as values. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/span.h"

typedef enum PartnerState { PARTNER_PENDING, PARTNER_TEST, PARTNER_APPROVED, PARTNER_SUSPENDED } PartnerState;
const char *partner_state_name(PartnerState state);
bool partner_state_from_name(Span name, PartnerState *ret_state);

typedef struct Merchant {
    char *merchant_id;
    char *display_id;
    char *legal_name;
    char *verified_by;   /* who, or NULL: not verified */
    char *verified_at;   /* RFC 3339 */
    char *verified_how;
    PartnerState state;
} Merchant;

typedef struct Partner {
    char *originator;
    char *name;
    PartnerState state;
    bool dynamic_sender;       /* requests must be signed; `domains` count, not `addresses` */
    GPtrArray *addresses;      /* char *: exact From addresses of a static sender, lower case */
    GPtrArray *domains;        /* char *: registered domains of a dynamic sender, lower case */
    json_t *jwks;              /* {"keys":[…]}, or NULL */
    char *jwks_uri;            /* or NULL */
    bool requires_kid, requires_audience, requires_jti;
    char *payment_request_url;
    char *payment_complete_url;
    char *processor;           /* "sandbox" */
    char *processor_account;   /* the partner's account there */
    char *processor_url;       /* base URL of the processor's API */
    GPtrArray *networks;       /* char *: "visa", … */
    GPtrArray *types;          /* char *: "credit", "debit", "prepaid" */
    bool written_for_old_service; /* METHOD and leniencies of wire.md §3, §7 */
    GPtrArray *test_recipients; /* char * */
    GPtrArray *merchants;      /* Merchant * */
} Partner;

void partner_free(Partner *partner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Partner, partner_free)
/* The form of partners.json's array members, of `saldo partner add` and of the store: an object whose members carry the
 * names of the fields above (`merchants` a list of objects with those of Merchant). */
json_t *partner_to_json(const Partner *partner);
/* NULL and `error` (BAD_INPUT) naming the member: URLs must be https (http only for loopback hosts in
 * state test or for a processor "sandbox"), merchant and display ids GUIDs, addresses addresses, keys public and sound.
 * Needed: originator, name, both payment URLs, processor, processor_url; addresses for a static sender, domains and keys
 * for a dynamic one; verified_by and verified_how for an approved merchant. Absent state = pending, absent networks
 * and types = all. An unknown member is refused: a misspelt safeguard must not pass unnoticed. */
Partner *partner_from_json(const json_t *json, GError **error);

typedef struct Registry {
    GPtrArray *partners; /* Partner * */
} Registry;

Registry *registry_new(void);
void registry_free(Registry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registry, registry_free)
/* A file {"partners":[…]}. NULL and `error` (BAD_INPUT) naming the partner and the member. */
Registry *registry_from_json(const json_t *json, GError **error);
/* Or NULL. Ids are compared without case. */
const Partner *registry_find(const Registry *registry, const char *originator);
/* May this partner be added (or replace its own record) beside the others? False and `error` (CONFLICT) naming both
 * originators where another partner, in whatever state, has registered the same sender address, the same domain, or a
 * merchant with the same pair of ids: a mail could then be taken for either. */
bool registry_admits(const Registry *registry, const Partner *partner, GError **error);
const Merchant *partner_find_merchant(const Partner *partner, const char *merchant_id, const char *display_id);
