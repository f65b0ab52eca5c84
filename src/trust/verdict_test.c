/* Verdicts over whole mails' worth of input: markup read by the invoice room, requests really signed, one thing
 * changed per case. Every code of VERDICT_CODES has to come up. */
#include "trust/verdict.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "trust/jws.h"

#define MERCHANT "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70"
#define DISPLAY "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f71"
#define NOW_S INT64_C(1795000000)

static json_t *own_key, *other_key; /* ES256, made once */

/* One case: all that goes into a verdict, as the change functions find it. */
typedef struct World {
    json_t *partner;        /* onboarding record */
    json_t *request;        /* ActionRequest */
    json_t *claims;         /* of the SignedActionRequest; actionRequestSerialized is added unless it is there */
    json_t *header;
    json_t *key;            /* signs; borrowed */
    bool is_signed;
    char *compact;          /* instead of the signed request */
    json_t *authentication; /* archived report */
    GPtrArray *more;        /* further JSON-LD texts */
    bool without_request;
    bool is_forwarded;      /* the request stands in a forwarded message */
    bool is_merged;         /* the sources were made one invoice before, as the jail does */
    Invoice *document;      /* attached to the mail; given to the first verdict */
    const char *recipient, *trouble;
    PolicySettings *policy;
} World;

static json_t *entity_of(const char *number, const char *price)
{
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s}}", "@type", "Invoice", "identifier", number,
        "paymentDueDate", "2026-12-01", "provider", "@type", "LocalBusiness", "name", "Joe's Roofs", "totalPaymentDue", "@type",
        "PriceSpecification", "price", price, "priceCurrency", "PLN");
}

static json_t *request_of(const char *number, const char *price)
{
    return json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:{s:s}}], s:o}", "@context", "http://schema.org/extensions", "@type",
        "ActionRequest", "originator", "biller-1", "actions", "@type", "PaymentAction", "merchantId", MERCHANT, "displayId",
        DISPLAY, "productContext", "invoiceId", number, "entity", entity_of(number, price));
}

static json_t *partner_of(bool dynamic)
{
    json_t *partner = json_pack("{s:s, s:s, s:s, s:b, s:[s], s:[s], s:s, s:s, s:s, s:s, s:{s:[o]}, s:[s], s:[{s:s, s:s, s:s, s:s, s:s, s:s}]}",
        "originator", "biller-1", "name", "Ledgerly", "state", "approved", "dynamic_sender", dynamic, "addresses",
        "bills@ledgerly.example", "domains", "ledgerly.example", "payment_request_url", "https://ledgerly.example/r",
        "payment_complete_url", "https://ledgerly.example/c", "processor", "sandbox", "processor_url", "https://pay.example",
        "jwks", "keys", jwk_public(own_key), "test_recipients", "tester@example.com", "merchants", "merchant_id", MERCHANT,
        "display_id", DISPLAY, "legal_name", "Joe's Roofs Ltd", "state", "approved", "verified_by", "root", "verified_how",
        "register");
    g_assert_nonnull(partner);
    return partner;
}

static json_t *authentication_of(const char *from, const char *by, const char *domain)
{
    return json_pack("{s:s, s:[{s:s, s:b, s:s}], s:{s:s}, s:{s:s, s:s}, s:{s:s, s:s?}}", "from_address", from, "dkim", "result",
        strcmp(by, "dkim") == 0 ? "pass" : "fail", "aligned", true, "reason", "the body was changed", "spf", "result", "none",
        "dmarc", "result", "fail", "reason", "nothing aligned passes", "vouched", "by", by, "domain", domain);
}

static World *world_new(bool dynamic)
{
    World *world = g_new0(World, 1);
    world->partner = partner_of(dynamic);
    world->request = request_of("INV-7", "123.45");
    world->claims = json_pack("{s:s, s:s, s:I, s:s}", "originator", "biller-1", "sender", "bills@ledgerly.example", "iat",
        (json_int_t)(NOW_S - 60), "sub", "customer-9");
    world->header = json_object();
    world->key = own_key;
    world->is_signed = dynamic;
    world->authentication = authentication_of("bills@ledgerly.example", "dkim", "ledgerly.example");
    world->more = g_ptr_array_new_with_free_func(g_free);
    world->recipient = "ann@example.com";
    world->policy = policy_settings_new();
    return world;
}

static void world_free(World *world)
{
    json_t *values[] = { world->partner, world->request, world->claims, world->header, world->authentication };
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        json_decref(values[i]);
    g_ptr_array_unref(world->more);
    policy_settings_free(world->policy);
    g_free(world->compact);
    invoice_free(world->document);
    g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static char *signed_request(const World *world)
{
    if (world->compact != NULL)
        return g_strdup(world->compact);
    if (json_object_get(world->claims, "actionRequestSerialized") == NULL) {
        g_autofree char *request = json_write(world->request);
        json_put_text(world->claims, "actionRequestSerialized", request);
    }
    g_autofree char *claims = json_write(world->claims);
    g_autoptr(GError) error = NULL;
    char *compact = jws_sign(span_of(claims), world->key, world->header, &error);
    g_assert_no_error(error);
    return compact;
}

static char *markup_of(const World *world)
{
    if (!world->is_signed)
        return json_write(world->request);
    g_autofree char *compact = signed_request(world);
    JSON_AUTO *markup = json_pack("{s:s, s:s, s:s}", "@context", "http://schema.org/extensions", "@type", "SignedActionRequest",
        "signedActionRequest", compact);
    return json_write(markup);
}

typedef struct Judged {
    Registry *registry;
    GPtrArray *invoices;
    Verdict *verdict;
} Judged;

static void judged_done(Judged *judged)
{
    verdict_free(judged->verdict);
    g_ptr_array_unref(judged->invoices);
    registry_free(judged->registry);
}

static Judged judge(World *world)
{
    g_autoptr(GError) error = NULL;
    Judged judged = { .invoices = g_ptr_array_new_with_free_func((GDestroyNotify)invoice_free) };
    JSON_AUTO *file = json_pack("{s:[O]}", "partners", world->partner);
    judged.registry = registry_from_json(file, &error);
    g_assert_no_error(error);
    g_autofree char *markup = markup_of(world);
    if (!world->without_request)
        g_assert_true(invoice_read_json_ld(span_of(markup), judged.invoices, NULL));
    for (guint i = 0; i < judged.invoices->len; i++)
        ((Invoice *)judged.invoices->pdata[i])->is_forwarded = world->is_forwarded;
    for (guint i = 0; i < world->more->len; i++)
        g_assert_true(invoice_read_json_ld(span_of(world->more->pdata[i]), judged.invoices, NULL));
    if (world->document != NULL)
        g_ptr_array_add(judged.invoices, g_steal_pointer(&world->document));
    if (world->is_merged)
        invoice_merge(judged.invoices);
    TrustCase mail = { .readable = world->trouble == NULL, .trouble = world->trouble, .invoices = judged.invoices,
        .recipient = world->recipient, .received_us = NOW_S * US_PER_SECOND, .registry = judged.registry,
        .policy = world->policy };
    g_assert_true(trust_sender_from_json(world->authentication, &mail.sender));
    judged.verdict = trust_judge(&mail);
    return judged;
}

/* ---- Changes --------------------------------------------------------------------------------------------- */

static void set_claim(World *world, const char *name, json_t *value)
{
    g_assert_cmpint(json_object_set_new(world->claims, name, value), ==, 0);
}

static void set_sender(World *world, const char *from, const char *by, const char *domain)
{
    json_decref(world->authentication);
    world->authentication = authentication_of(from, by, domain);
}

static json_t *merchant_of(World *world)
{
    return json_array_get(json_object_get(world->partner, "merchants"), 0);
}

static json_t *entity_in(World *world)
{
    return json_object_get(world->request, "entity");
}

static void add_markup(World *world, json_t *markup)
{
    g_ptr_array_add(world->more, json_write(markup));
    json_decref(markup);
}

/* Header and payload as they stand, with another header text or signature: what an attacker can write. */
static void forge(World *world, const char *header, const char *signature)
{
    g_autofree char *compact = signed_request(world);
    g_auto(GStrv) parts = g_strsplit(compact, ".", 3);
    g_autofree char *encoded = header == NULL ? g_strdup(parts[0]) : encode_base64url(span_of(header));
    world->compact = g_strjoin(".", encoded, parts[1], signature == NULL ? parts[2] : signature, NULL);
}

static void no_change(World *world) {}
static void switch_off(World *world) { world->policy->organization[POLICY_PAYMENTS] = false; }
static void group_off(World *world) { world->policy->group_address = g_strdup("ann@example.com"); world->policy->group_connectors = false; }
static void rollout_off(World *world) { world->policy->rollout = POLICY_ROLLOUT_LISTED; }
static void no_invoice(World *world) { world->without_request = true; }
static void unreadable(World *world) { world->trouble = "the reader was stopped after 2 s"; }
static void two_froms(World *world) { json_put_text(world->authentication, "from_address", NULL); }
static void nobody(World *world) { set_sender(world, "bills@ledgerly.example", "nobody", NULL); }
static void dns_down(World *world)
{
    nobody(world);
    json_put_text(json_object_get(world->authentication, "dmarc"), "result", "temperror");
}
static void spf_only(World *world) { set_sender(world, "bills@ledgerly.example", "spf", "ledgerly.example"); }
static void spf_and_dns_down(World *world)
{
    spf_only(world);
    json_put_text(json_array_get(json_object_get(world->authentication, "dkim"), 0), "result", "temperror");
}
static void other_address(World *world) { set_sender(world, "ceo@ledgerly.example", "dkim", "ledgerly.example"); }
static void any_address(World *world)
{
    set_sender(world, "joe@Ledgerly.example", "dkim", "ledgerly.example");
    set_claim(world, "sender", json_string("Joe@ledgerly.example"));
}
static void other_domain(World *world)
{
    set_sender(world, "bills@evil.example", "dkim", "evil.example"); /* the attacker's own domain passes */
    set_claim(world, "sender", json_string("bills@evil.example"));
}
static void lookalike(World *world)
{
    set_sender(world, "bills@1edgerly.example", "dkim", "1edgerly.example");
    set_claim(world, "sender", json_string("bills@1edgerly.example"));
}
static void subdomain(World *world)
{
    set_sender(world, "bills@x.ledgerly.example", "dkim", "ledgerly.example");
    set_claim(world, "sender", json_string("bills@x.ledgerly.example"));
}
static void suffix_domain(World *world)
{
    set_sender(world, "bills@evilledgerly.example", "dkim", "evilledgerly.example");
    set_claim(world, "sender", json_string("bills@evilledgerly.example"));
}
static void address_as_local_part(World *world) { set_sender(world, "\"bills@ledgerly.example\"@evil.example", "dkim", "evil.example"); }

static void no_action(World *world) { world->without_request = true; add_markup(world, entity_of("INV-7", "123.45")); }
static void second_invoice(World *world) { add_markup(world, request_of("INV-8", "1.00")); }
static void same_twice(World *world) { add_markup(world, request_of(" inv-7", "123.45")); }
static void other_amount(World *world) { add_markup(world, entity_of("INV-7", "999.00")); }
static void other_number(World *world) { add_markup(world, entity_of("INV-9", "123.45")); }
static void other_due_date(World *world)
{
    json_t *entity = entity_of("INV-7", "123.45");
    json_put_text(entity, "paymentDueDate", "2027-01-01");
    add_markup(world, entity);
}
static void other_seller(World *world)
{
    json_t *entity = entity_of("INV-7", "123.45");
    json_put_text(json_object_get(entity, "provider"), "name", "Mallory Ltd");
    add_markup(world, entity);
}
/* An unsigned copy beside the signed one: the reader must not see the one and pay the other. */
static void unsigned_copy(World *world) { add_markup(world, request_of("INV-7", "1.00")); }

static void forwarded(World *world) { world->is_forwarded = true; }
static void forwarded_and_own(World *world)
{
    /* The mail's own request counts, whatever it forwards beside it. */
    forwarded(world);
    same_twice(world);
}
static void forwarded_and_other(World *world) { forwarded(world); second_invoice(world); }

static void unknown_partner(World *world) { json_put_text(world->partner, "originator", "biller-2"); }
static void pending(World *world) { json_put_text(world->partner, "state", "pending"); }
static void suspended(World *world) { json_put_text(world->partner, "state", "suspended"); }
static void in_test(World *world) { json_put_text(world->partner, "state", "test"); }
static void in_test_listed(World *world) { in_test(world); world->recipient = "Tester@example.com"; }

static void not_signed(World *world) { world->is_signed = false; }
static void by_other_key(World *world) { world->key = other_key; }
static void by_unregistered_kid(World *world)
{
    json_t *registered = json_array_get(json_object_get(json_object_get(world->partner, "jwks"), "keys"), 0);
    json_put_text(registered, "kid", "another");
}
static void wrong_key_same_kid(World *world)
{
    json_t *registered = json_array_get(json_object_get(json_object_get(world->partner, "jwks"), "keys"), 0);
    json_put_text(registered, "x", json_text(other_key, "x"));
    json_put_text(registered, "y", json_text(other_key, "y"));
}
static void alg_none(World *world) { forge(world, "{\"alg\":\"none\"}", ""); }
static void alg_hs256(World *world) { forge(world, "{\"alg\":\"HS256\"}", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"); }
static void tampered(World *world)
{
    g_autofree char *compact = signed_request(world);
    g_auto(GStrv) parts = g_strsplit(compact, ".", 3);
    json_decref(world->request);
    world->request = request_of("INV-7", "0.01");
    json_object_del(world->claims, "actionRequestSerialized");
    g_autofree char *cheaper = signed_request(world);
    g_auto(GStrv) cheaper_parts = g_strsplit(cheaper, ".", 3);
    world->compact = g_strjoin(".", parts[0], cheaper_parts[1], parts[2], NULL);
}
static void cut_compact(World *world)
{
    g_autofree char *compact = signed_request(world);
    *strrchr(compact, '.') = '\0';
    world->compact = g_steal_pointer(&compact);
}
static void garbage(World *world) { world->compact = g_strdup("garbage"); }
static void crit(World *world) { json_object_set_new(world->header, "crit", json_pack("[s]", "b64")); }
static void no_originator(World *world) { json_object_del(world->claims, "originator"); }
static void no_sender(World *world) { json_object_del(world->claims, "sender"); }
static void no_iat(World *world) { json_object_del(world->claims, "iat"); }
static void no_request(World *world) { set_claim(world, "actionRequestSerialized", json_integer(1)); }
static void originator_claim(World *world) { set_claim(world, "originator", json_string("biller-2")); }
static void sender_claim(World *world) { set_claim(world, "sender", json_string("other@ledgerly.example")); }
static void iat_old(World *world) { set_claim(world, "iat", json_integer(NOW_S - TRUST_REQUEST_AGE_MAX_S - 1)); }
static void iat_edge(World *world) { set_claim(world, "iat", json_integer(NOW_S - TRUST_REQUEST_AGE_MAX_S)); }
static void iat_future(World *world) { set_claim(world, "iat", json_integer(NOW_S + TRUST_REQUEST_AHEAD_MAX_S + 1)); }
static void iat_ahead(World *world) { set_claim(world, "iat", json_integer(NOW_S + TRUST_REQUEST_AHEAD_MAX_S)); }
static void iat_text(World *world) { set_claim(world, "iat", json_string("1794999940")); } /* as old billers send it */
static void iat_text_old(World *world) { set_claim(world, "iat", json_string("1000000000")); }
static void iat_words(World *world) { set_claim(world, "iat", json_string("yesterday")); }
static void iat_huge(World *world) { set_claim(world, "iat", json_real(1e300)); }
static void iat_negative(World *world) { set_claim(world, "iat", json_integer(-5)); }
static void iat_nothing(World *world) { set_claim(world, "iat", json_null()); }
static void exp_past(World *world) { set_claim(world, "exp", json_integer(NOW_S - TRUST_REQUEST_AHEAD_MAX_S - 1)); }
static void exp_good(World *world) { set_claim(world, "exp", json_integer(NOW_S + 10)); }
static void nbf_future(World *world) { set_claim(world, "nbf", json_integer(NOW_S + TRUST_REQUEST_AHEAD_MAX_S + 1)); }
static void aud_right(World *world) { set_claim(world, "aud", json_pack("[s, s]", "x@example.com", "ANN@example.com")); }
static void aud_other(World *world) { set_claim(world, "aud", json_string("bob@example.com")); }
static void aud_but_no_mailbox(World *world) { aud_right(world); world->recipient = NULL; }
static void in_test_but_no_mailbox(World *world) { json_put_text(world->partner, "state", "test"); world->recipient = NULL; }
static void listed_but_no_mailbox(World *world)
{
    rollout_off(world);
    g_ptr_array_add(world->policy->rollout_listed, g_strdup("ann@example.com"));
    world->recipient = NULL;
}
static void no_mailbox(World *world) { world->recipient = NULL; }
static void aud_number(World *world) { set_claim(world, "aud", json_integer(7)); }
static void needs_kid(World *world)
{
    json_put_flag(world->partner, "requires_kid", true);
    json_object_del(world->key, "kid"); /* restored by the case runner */
}
static void needs_audience(World *world) { json_put_flag(world->partner, "requires_audience", true); }
static void needs_jti(World *world) { json_put_flag(world->partner, "requires_jti", true); }
static void jti_empty(World *world) { needs_jti(world); set_claim(world, "jti", json_string("")); }
static void jti_number(World *world) { set_claim(world, "jti", json_integer(7)); }
static void needs_all_and_has(World *world)
{
    json_put_flag(world->partner, "requires_kid", true);
    needs_audience(world);
    needs_jti(world);
    aud_right(world);
    set_claim(world, "jti", json_string("request-1"));
}
static void inner_originator(World *world)
{
    /* Signed by biller-1 all through, but the request inside is another biller's. */
    json_t *inner = request_of("INV-7", "123.45");
    json_put_text(inner, "originator", "biller-2");
    g_autofree char *text = json_write(inner);
    json_decref(inner);
    json_put_text(world->claims, "actionRequestSerialized", text);
    add_markup(world, request_of("INV-7", "123.45"));
}

static void merchant_unknown(World *world) { json_put_text(merchant_of(world), "merchant_id", DISPLAY); }
static void merchant_pending(World *world) { json_put_text(merchant_of(world), "state", "pending"); }
static void merchant_suspended(World *world) { json_put_text(merchant_of(world), "state", "suspended"); }
static void merchant_in_test(World *world) { json_put_text(merchant_of(world), "state", "test"); }
static void merchant_in_test_listed(World *world) { merchant_in_test(world); world->recipient = "tester@example.com"; }
static void no_merchant(World *world) { json_object_del(json_array_get(json_object_get(world->request, "actions"), 0), "merchantId"); }

static void paid(World *world) { json_put_text(entity_in(world), "paymentStatus", "http://schema.org/PaymentComplete"); }
static void automatic(World *world) { json_put_text(entity_in(world), "paymentStatus", "PaymentAutomaticallyApplied"); }
static void set_price(World *world, const char *price) { json_put_text(json_object_get(entity_in(world), "totalPaymentDue"), "price", price); }
static void zero(World *world) { set_price(world, "0.00"); }
static void negative(World *world) { set_price(world, "-5.00"); }
static void too_precise(World *world) { set_price(world, "1.005"); }
static void no_amount(World *world) { json_object_del(entity_in(world), "totalPaymentDue"); }
static void no_number(World *world) { json_object_del(entity_in(world), "identifier"); }
static void odd_status(World *world) { json_put_text(entity_in(world), "paymentStatus", "PaymentPerhaps"); }
static void declined_before(World *world) { json_put_text(entity_in(world), "paymentStatus", "PaymentDeclined"); }

/* ---- The cases ------------------------------------------------------------------------------------------------ */

enum { S = 1, D = 2, BOTH = 3 }; /* static sender, dynamic sender */

static const struct { const char *name; int senders; void (*change)(World *); const char *kind, *code, *says; } cases[] = {
    { "all right", BOTH, no_change, "card", "verified", "ledgerly.example" },
    { "organization off", BOTH, switch_off, "plain", "switch_off", "OutlookPayEnabled" },
    { "group off", BOTH, group_off, "plain", "group_switch_off", "ConnectorsEnabled" },
    { "not in the rollout", BOTH, rollout_off, "plain", "outside_rollout", "not listed" },
    { "unreadable", BOTH, unreadable, "hold", "unreadable", "stopped after 2 s" },
    { "no invoice", BOTH, no_invoice, "plain", "no_invoice", "No invoice" },
    { "two From addresses", BOTH, two_froms, "hold", "sender_not_single", "exactly one sender" },
    { "[AUTH-001] nobody vouches", BOTH, nobody, "hold", "sender_unauthenticated", "the body was changed" },
    { "[AUTH-001] DNS down", BOTH, dns_down, "hold", "sender_unknown_yet", "again later" },
    { "[AUTH-001] SPF alone, plain request", S, spf_only, "hold", "sender_spf_only", "not enough" },
    { "[AUTH-001] SPF alone, DKIM unknown yet", S, spf_and_dns_down, "hold", "sender_unknown_yet", "again later" },
    { "[AUTH-001] SPF alone, signed request", D, spf_only, "card", "verified", "ledgerly.example" },
    { "[AUTH-001] SPF alone, signed, DKIM unknown yet", D, spf_and_dns_down, "card", "verified", "" },
    { "another address of the domain", S, other_address, "hold", "sender_not_registered", "ceo@ledgerly.example" },
    { "any address of the domain", D, any_address, "card", "verified", "" },
    { "unregistered domain that passes", BOTH, other_domain, "hold", "sender_not_registered", "evil.example" },
    { "lookalike domain that passes", BOTH, lookalike, "hold", "sender_not_registered", "1edgerly.example" },
    { "subdomain", BOTH, subdomain, "hold", "sender_not_registered", "x.ledgerly.example" },
    { "domain that ends alike", BOTH, suffix_domain, "hold", "sender_not_registered", "evilledgerly.example" },
    { "registered address as a local part", BOTH, address_as_local_part, "hold", "sender_not_registered", "evil.example" },
    { "no payment action", BOTH, no_action, "hold", "no_payment_action", "as you usually do" },
    { "two invoices", BOTH, second_invoice, "hold", "several_invoices", "INV-8" },
    { "one invoice twice", BOTH, same_twice, "card", "verified", "" },
    { "another amount elsewhere", BOTH, other_amount, "hold", "sources_disagree", "123.45 PLN and 999.00 PLN" },
    { "another number elsewhere", BOTH, other_number, "hold", "sources_disagree", "INV-7 and INV-9" },
    { "another due date elsewhere", BOTH, other_due_date, "hold", "sources_disagree", "2027-01-01" },
    { "another seller elsewhere", BOTH, other_seller, "hold", "sources_disagree", "Mallory Ltd" },
    { "unsigned copy with another amount", D, unsigned_copy, "hold", "sources_disagree", "1.00 PLN" },
    { "forwarded", BOTH, forwarded, "hold", "forwarded", "Joe's Roofs" },
    { "forwarded beside the mail's own", S, forwarded_and_own, "card", "verified", "" },
    { "another one forwarded", BOTH, forwarded_and_other, "hold", "several_invoices", "INV-8" },
    { "unknown partner", BOTH, unknown_partner, "hold", "partner_unknown", "biller-1" },
    { "pending partner", BOTH, pending, "hold", "partner_not_approved", "Ledgerly" },
    { "suspended partner", BOTH, suspended, "hold", "partner_suspended", "Ledgerly" },
    { "partner in test", BOTH, in_test, "hold", "partner_in_test", "test recipients" },
    { "partner in test, listed recipient", BOTH, in_test_listed, "card", "verified", "" },
    { "not signed", D, not_signed, "hold", "request_not_signed", "Ledgerly" },
    { "unregistered key", D, by_other_key, "hold", "request_key_unknown", "not registered" },
    { "unregistered kid", D, by_unregistered_kid, "hold", "request_key_unknown", "kid" },
    { "wrong key under the kid", D, wrong_key_same_kid, "hold", "request_signature_wrong", "Do not pay" },
    { "none", D, alg_none, "hold", "request_algorithm", "none" },
    { "HS256", D, alg_hs256, "hold", "request_algorithm", "HS256" },
    { "tampered payload", D, tampered, "hold", "request_signature_wrong", "Ledgerly" },
    { "without its signature", D, cut_compact, "hold", "request_malformed", "three parts" },
    { "garbage", D, garbage, "hold", "request_malformed", "JWS" },
    { "critical extension", D, crit, "hold", "request_malformed", "crit" },
    { "no originator claim", D, no_originator, "hold", "request_claim_missing", "originator" },
    { "no sender claim", D, no_sender, "hold", "request_claim_missing", "sender" },
    { "no iat", D, no_iat, "hold", "request_claim_missing", "iat" },
    { "iat null", D, iat_nothing, "hold", "request_claim_missing", "iat" },
    { "no request inside", D, no_request, "hold", "request_malformed", "actionRequestSerialized" },
    { "another originator claim", D, originator_claim, "hold", "request_originator_differs", "biller-2" },
    { "another originator inside", D, inner_originator, "hold", "several_invoices", "INV-7" },
    { "wrong sender", D, sender_claim, "hold", "request_sender_differs", "other@ledgerly.example" },
    { "stale iat", D, iat_old, "hold", "request_too_old", "7 days" },
    { "iat at the edge", D, iat_edge, "card", "verified", "" },
    { "future iat", D, iat_future, "hold", "request_from_future", "clock" },
    { "iat a little ahead", D, iat_ahead, "card", "verified", "" },
    { "iat as text", D, iat_text, "card", "verified", "" },
    { "stale iat as text", D, iat_text_old, "hold", "request_too_old", "2001-09-09" },
    { "iat as words", D, iat_words, "hold", "request_malformed", "iat" },
    { "iat out of range", D, iat_huge, "hold", "request_malformed", "iat" },
    { "iat negative", D, iat_negative, "hold", "request_malformed", "iat" },
    { "expired", D, exp_past, "hold", "request_expired", "expired" },
    { "not expired", D, exp_good, "card", "verified", "" },
    { "not yet valid", D, nbf_future, "hold", "request_not_yet_valid", "not yet" },
    { "right audience", D, aud_right, "card", "verified", "" },
    { "other recipient in aud", D, aud_other, "hold", "request_audience_differs", "ann@example.com" },
    { "aud, but no mailbox", D, aud_but_no_mailbox, "hold", "request_audience_differs", "" },
    { "in test, but no mailbox", BOTH, in_test_but_no_mailbox, "hold", "partner_in_test", "" },
    { "listed, but no mailbox", BOTH, listed_but_no_mailbox, "plain", "outside_rollout", "" },
    { "no mailbox", BOTH, no_mailbox, "card", "verified", "" },
    { "aud of another type", D, aud_number, "hold", "request_audience_differs", "" },
    { "kid required", D, needs_kid, "hold", "request_kid_missing", "kid" },
    { "aud required", D, needs_audience, "hold", "request_audience_missing", "aud" },
    { "jti required", D, needs_jti, "hold", "request_jti_missing", "jti" },
    { "jti required, empty", D, jti_empty, "hold", "request_jti_missing", "jti" },
    { "jti of another type", D, jti_number, "hold", "request_malformed", "jti" },
    { "all required, all there", D, needs_all_and_has, "card", "verified", "" },
    { "platform signed, merchant unknown", BOTH, merchant_unknown, "hold", "merchant_unknown", "Joe's Roofs" },
    { "no merchant named", BOTH, no_merchant, "hold", "merchant_unknown", "" },
    { "pending merchant", BOTH, merchant_pending, "hold", "merchant_not_approved", "Joe's Roofs Ltd" },
    { "suspended merchant", BOTH, merchant_suspended, "hold", "merchant_suspended", "Joe's Roofs Ltd" },
    { "merchant in test", BOTH, merchant_in_test, "hold", "merchant_in_test", "" },
    { "merchant in test, listed recipient", BOTH, merchant_in_test_listed, "card", "verified", "" },
    { "paid", BOTH, paid, "hold", "invoice_paid", "INV-7" },
    { "collected automatically", BOTH, automatic, "hold", "invoice_automatic", "by itself" },
    { "zero", BOTH, zero, "hold", "nothing_due", "zero" },
    { "negative", BOTH, negative, "hold", "invoice_credit", "credit" },
    { "[PAY-001] too precise", BOTH, too_precise, "hold", "amount_unknown", "1.005" },
    { "no amount", BOTH, no_amount, "hold", "amount_unknown", "" },
    { "[PAY-002] no number", BOTH, no_number, "hold", "number_missing", "twice" },
    { "unknown status", BOTH, odd_status, "hold", "invoice_check", "PaymentPerhaps" },
    { "declined before", BOTH, declined_before, "card", "verified", "" },
};

static bool seen[VERDICT_CODE_COUNT];

static void note_codes(const Verdict *verdict)
{
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const VerdictReason *reason = verdict->reasons->pdata[i];
        int code = 0;
        while (code < VERDICT_CODE_COUNT && strcmp(verdict_code_name((VerdictCode)code), reason->code) != 0)
            code++;
        g_assert_cmpint(code, <, VERDICT_CODE_COUNT);
        seen[code] = true;
    }
}

static void check_card(const Verdict *verdict, bool dynamic)
{
    g_assert_nonnull(verdict->partner);
    g_assert_cmpstr(verdict->merchant->legal_name, ==, "Joe's Roofs Ltd");
    g_assert_cmpstr(verdict->confirmed_domain, ==, "ledgerly.example");
    g_assert_cmpint(verdict->invoice->amount_due.minor, ==, 12345);
    g_assert_true((verdict->own_invoice != NULL) == dynamic);
    g_assert_true(!dynamic || verdict->invoice == verdict->own_invoice);
}

/* Whether the sources were merged or not, the verdict is the same; only its words may differ. */
static void run_case(size_t number, bool dynamic, bool merged)
{
    g_autoptr(World) world = world_new(dynamic);
    world->is_merged = merged;
    g_autofree char *kid = g_strdup(json_text(own_key, "kid"));
    cases[number].change(world);
    Judged judged = judge(world);
    json_put_text(own_key, "kid", kid);
    const Verdict *verdict = judged.verdict;
    const VerdictReason *first = verdict->reasons->pdata[0];
    if (strcmp(verdict_kind_name(verdict->kind), cases[number].kind) != 0 || strcmp(first->code, cases[number].code) != 0
        || (!merged && strstr(first->text, cases[number].says) == NULL))
        g_error("%s (%s sender): %s, %s: %s", cases[number].name, dynamic ? "dynamic" : "static",
            verdict_kind_name(verdict->kind), first->code, first->text);
    if (verdict->kind == VERDICT_CARD)
        check_card(verdict, dynamic);
    else
        g_assert_true(verdict->invoice == NULL && verdict->partner == NULL && verdict->merchant == NULL);
    note_codes(verdict);
    judged_done(&judged);
}

static void test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (unsigned merged = 0; merged < 2; merged++) {
            if (cases[i].senders & S)
                run_case(i, false, merged);
            if (cases[i].senders & D)
                run_case(i, true, merged);
        }
    }
}

/* Kinds that no JSON-LD carries: invoices made by hand, as later formats will give them. */
static void test_document_kinds(void)
{
    static const struct { InvoiceKind kind; const char *code; } kinds[] = { { INVOICE_KIND_CREDIT, "invoice_credit" },
        { INVOICE_KIND_SELF_BILLED, "invoice_self_billed" }, { INVOICE_KIND_DIRECT_DEBIT, "invoice_direct_debit" },
        { INVOICE_KIND_BILL, "verified" } };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(World) world = world_new(false);
        Judged judged = judge(world);
        verdict_free(judged.verdict);
        ((Invoice *)judged.invoices->pdata[0])->kind = kinds[i].kind;
        TrustCase mail = { .readable = true, .invoices = judged.invoices, .recipient = world->recipient,
            .registry = judged.registry, .policy = world->policy };
        g_assert_true(trust_sender_from_json(world->authentication, &mail.sender));
        judged.verdict = trust_judge(&mail);
        g_assert_cmpstr(((VerdictReason *)judged.verdict->reasons->pdata[0])->code, ==, kinds[i].code);
        note_codes(judged.verdict);
        judged_done(&judged);
    }
}

/* An attached document that tells the same invoice, and what it may tell otherwise. */
static Invoice *document_of_request(void)
{
    Invoice *document = invoice_new(INVOICE_SOURCE_XML, "UBL Invoice");
    document->number = g_strdup("inv-7");
    document->due_date = g_strdup("2026-12-01");
    document->seller.name = g_strdup("JOE'S ROOFS");
    g_assert_cmpint(money_parse(SPAN("123.45"), SPAN("PLN"), &document->amount_due), ==, MONEY_OK);
    return document;
}

static void document_agrees(Invoice *document) { }
static void document_of_other_amount(Invoice *document) { document->amount_due.minor = 1; }
static void document_of_other_seller(Invoice *document) { g_free(document->seller.name); document->seller.name = g_strdup("Mallory"); }
static void document_of_other_number(Invoice *document) { g_free(document->number); document->number = g_strdup("INV-8"); }
static void document_is_credit(Invoice *document) { document->kind = INVOICE_KIND_CREDIT; }
static void document_is_debited(Invoice *document) { document->kind = INVOICE_KIND_DIRECT_DEBIT; }
static void document_is_paid(Invoice *document) { document->status = INVOICE_STATUS_COMPLETE; }
static void document_fails(Invoice *document) { invoice_add_check(document, "BR-CO-10", INVOICE_HOLD, "The lines differ."); }
static void document_warns(Invoice *document) { invoice_add_check(document, "BR-CO-10", INVOICE_WARN, "The lines differ."); }
static void document_is_forwarded(Invoice *document) { document->is_forwarded = true; }

/* What is paid is what was signed, or what the mail's own signature covers; the document beside it can only hold it. */
static void test_document_beside_the_request(void)
{
    static const struct { void (*change)(Invoice *); const char *code, *last; } documents[] = {
        { document_agrees, "verified", NULL }, { document_of_other_amount, "sources_disagree", NULL },
        { document_of_other_seller, "sources_disagree", NULL }, { document_of_other_number, "sources_disagree", NULL },
        { document_is_credit, "invoice_credit", NULL }, { document_is_debited, "invoice_direct_debit", NULL },
        { document_is_paid, "invoice_paid", NULL }, { document_fails, "invoice_check", NULL },
        { document_warns, "verified", "The lines differ." }, { document_is_forwarded, "verified", NULL } };
    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
        for (unsigned dynamic = 0; dynamic < 2; dynamic++) {
            g_autoptr(World) world = world_new(dynamic);
            world->document = document_of_request();
            world->is_merged = true;
            documents[i].change(world->document);
            Judged judged = judge(world);
            const VerdictReason *first = judged.verdict->reasons->pdata[0];
            const VerdictReason *last = judged.verdict->reasons->pdata[judged.verdict->reasons->len - 1];
            g_assert_cmpstr(first->code, ==, documents[i].code);
            if (documents[i].last != NULL)
                g_assert_cmpstr(last->text, ==, documents[i].last);
            if (judged.verdict->kind == VERDICT_CARD) {
                g_assert_cmpint(judged.verdict->invoice->amount_due.minor, ==, 12345);
                g_assert_true((judged.verdict->invoice == judged.verdict->own_invoice) == dynamic);
            }
            judged_done(&judged);
        }
}

/* A bad signature is seen through the document that took the request over. */
static void test_document_hides_no_signature(void)
{
    g_autoptr(World) world = world_new(true);
    world->document = document_of_request();
    world->is_merged = true;
    world->key = other_key;
    Judged judged = judge(world);
    g_assert_cmpstr(((VerdictReason *)judged.verdict->reasons->pdata[0])->code, ==, "request_key_unknown");
    judged_done(&judged);
}

/* Nor does the jail's word count for it: what it merged is compared with what was signed. */
static void test_document_against_the_signed_bytes(void)
{
    g_autoptr(World) world = world_new(true);
    world->document = document_of_request();
    world->is_merged = true;
    Judged judged = judge(world);
    g_assert_cmpint(judged.verdict->kind, ==, VERDICT_CARD);
    verdict_free(judged.verdict);
    ((Invoice *)judged.invoices->pdata[0])->amount_due.minor = 1;
    TrustCase mail = { .readable = true, .invoices = judged.invoices, .recipient = world->recipient,
        .received_us = NOW_S * US_PER_SECOND, .registry = judged.registry, .policy = world->policy };
    g_assert_true(trust_sender_from_json(world->authentication, &mail.sender));
    judged.verdict = trust_judge(&mail);
    g_assert_cmpstr(((VerdictReason *)judged.verdict->reasons->pdata[0])->code, ==, "sources_disagree");
    judged_done(&judged);
}

/* A static partner may sign too; then the signature counts, and a bad one is not overlooked. */
static void test_static_partner_that_signs(void)
{
    g_autoptr(World) world = world_new(false);
    world->is_signed = true;
    spf_only(world);
    Judged judged = judge(world);
    g_assert_cmpint(judged.verdict->kind, ==, VERDICT_CARD);
    judged_done(&judged);
    set_sender(world, "bills@ledgerly.example", "dkim", "ledgerly.example");
    alg_none(world);
    judged = judge(world);
    g_assert_cmpint(judged.verdict->kind, ==, VERDICT_HOLD);
    judged_done(&judged);
}

/* The request inside is read from the signed bytes, and an originator changed there is seen. */
static void test_originator_inside(void)
{
    g_autoptr(World) world = world_new(true);
    Judged judged = judge(world);
    verdict_free(judged.verdict);
    Invoice *claimed = judged.invoices->pdata[0]; /* a broken jail could claim what it likes */
    json_put_text(world->request, "originator", "biller-2");
    json_object_del(world->claims, "actionRequestSerialized");
    g_free(claimed->signed_request);
    claimed->signed_request = signed_request(world);
    claimed->amount_due.minor = 1;
    TrustCase mail = { .readable = true, .invoices = judged.invoices, .recipient = world->recipient,
        .received_us = NOW_S * US_PER_SECOND, .registry = judged.registry, .policy = world->policy };
    g_assert_true(trust_sender_from_json(world->authentication, &mail.sender));
    judged.verdict = trust_judge(&mail);
    g_assert_cmpstr(((VerdictReason *)judged.verdict->reasons->pdata[0])->code, ==, "request_originator_differs");
    note_codes(judged.verdict);
    verdict_free(judged.verdict);

    json_put_text(world->request, "originator", "biller-1");
    json_object_del(world->claims, "actionRequestSerialized");
    g_free(claimed->signed_request);
    claimed->signed_request = signed_request(world);
    judged.verdict = trust_judge(&mail);
    g_assert_cmpint(judged.verdict->kind, ==, VERDICT_CARD);
    g_assert_cmpint(judged.verdict->invoice->amount_due.minor, ==, 12345); /* not the jail's word */
    judged_done(&judged);
}

/* The same case gives the same verdict; after a switch goes off the card closes. */
static void test_pure(void)
{
    g_autoptr(World) world = world_new(true);
    Judged first = judge(world), second = judge(world);
    JSON_AUTO *first_json = verdict_to_json(first.verdict), *second_json = verdict_to_json(second.verdict);
    g_assert_true(json_equal(first_json, second_json));
    g_assert_cmpstr(json_text(first_json, "kind"), ==, "card");
    judged_done(&first);
    judged_done(&second);
    switch_off(world);
    first = judge(world);
    JSON_AUTO *closed = verdict_to_json(first.verdict);
    g_autofree char *text = json_write(closed);
    g_assert_true(g_str_has_prefix(text, "{\"kind\":\"plain\",\"reasons\":[{\"code\":\"switch_off\",\"text\":\""));
    judged_done(&first);
}

/* The payee is the verified merchant; a mail that calls it otherwise is told so, in any case and spacing but the same. */
static void test_payee(void)
{
    static const struct { const char *provider; bool warned; } names[] = { { "JOE'S  roofs ltd", false },
        { "Joe'sRoofs Ltd", false }, { "Joe's Roofs", true }, { "Tax Office", true } };
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(names); i++) {
        g_autoptr(World) world = world_new(i % 2 != 0);
        json_put_text(json_object_get(entity_in(world), "provider"), "name", names[i / 2].provider);
        Judged judged = judge(world);
        const GPtrArray *reasons = judged.verdict->reasons;
        g_assert_cmpint(judged.verdict->kind, ==, VERDICT_CARD);
        g_assert_cmpuint(reasons->len, ==, (names[i / 2].warned ? 2 : 1));
        if (names[i / 2].warned) {
            const VerdictReason *last = reasons->pdata[1];
            g_assert_cmpstr(last->code, ==, "invoice_warning");
            g_autofree char *quoted = g_strdup_printf("\"%s\"", names[i / 2].provider);
            g_assert_true(strstr(last->text, quoted) != NULL && strstr(last->text, "is Joe's Roofs Ltd.") != NULL);
        }
        judged_done(&judged);
    }
}

/* Of several actions the first one with an approved merchant is followed, its context too; with none, the first tells why. */
static void test_several_actions(void)
{
    static const struct { const char *state, *kind, *code; } merchants[] = { { "approved", "card", "verified" },
        { "test", "hold", "merchant_unknown" }, { "pending", "hold", "merchant_unknown" } };
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(merchants); i++) {
        g_autoptr(World) world = world_new(i % 2 != 0);
        json_put_text(merchant_of(world), "state", merchants[i / 2].state);
        json_t *unknown = json_pack("{s:s, s:s, s:s, s:s}", "@type", "PaymentAction", "merchantId", DISPLAY, "displayId", DISPLAY,
            "productContext", "of nobody");
        json_array_insert_new(json_object_get(world->request, "actions"), 0, unknown);
        Judged judged = judge(world);
        const Verdict *verdict = judged.verdict;
        g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, merchants[i / 2].kind);
        g_assert_cmpstr(((VerdictReason *)verdict->reasons->pdata[0])->code, ==, merchants[i / 2].code);
        if (verdict->kind == VERDICT_CARD) {
            g_assert_cmpstr(verdict->invoice->action->merchant_id, ==, MERCHANT);
            g_assert_cmpstr(json_text(verdict->invoice->action->product_context, "invoiceId"), ==, "INV-7");
            g_assert_cmpstr(verdict->merchant->merchant_id, ==, MERCHANT);
        }
        g_assert_cmpstr(((Invoice *)judged.invoices->pdata[0])->action->merchant_id, ==, DISPLAY); /* left as it was read */
        judged_done(&judged);
    }
}

/* [PAY-002] The same signed request once more, `jti` and all: both mails lead to one invoice identity, so that nothing can
 * be paid twice by it, and a replay needs no memory of jti. */
static void test_replay(void)
{
    g_autoptr(World) world = world_new(true);
    needs_all_and_has(world);
    world->compact = signed_request(world);
    Judged first = judge(world), again = judge(world);
    const Verdict *verdicts[] = { first.verdict, again.verdict };
    char *numbers[2];
    for (size_t i = 0; i < 2; i++) {
        g_assert_cmpint(verdicts[i]->kind, ==, VERDICT_CARD);
        numbers[i] = invoice_number_normalize(verdicts[i]->invoice->number);
    }
    g_assert_cmpstr(numbers[0], ==, numbers[1]);
    g_assert_cmpstr(verdicts[0]->partner->originator, ==, verdicts[1]->partner->originator);
    g_assert_cmpstr(verdicts[0]->merchant->merchant_id, ==, verdicts[1]->merchant->merchant_id);
    for (size_t i = 0; i < 2; i++)
        g_free(numbers[i]);
    judged_done(&first);
    judged_done(&again);
}

static void test_sender_forms(void)
{
    static const char *const bad[] = { "{}", "[]", "{\"vouched\":{\"by\":\"dkim\",\"domain\":\"x\"}}",
        "{\"dkim\":[],\"vouched\":{\"by\":\"arc\",\"domain\":\"x\"}}", "{\"dkim\":[],\"vouched\":{\"by\":\"dkim\"}}",
        "{\"dkim\":[],\"vouched\":{\"by\":\"spf\",\"domain\":7}}", "{\"dkim\":[],\"vouched\":7}" };
    TrustSender sender;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        JSON_AUTO *json = json_loads(bad[i], 0, NULL);
        g_assert_false(trust_sender_from_json(json, &sender));
    }
    g_assert_false(trust_sender_from_json(NULL, &sender));
    JSON_AUTO *least = json_loads("{\"dkim\":[7],\"vouched\":{\"by\":\"nobody\"}}", 0, NULL);
    g_assert_true(trust_sender_from_json(least, &sender));
    g_assert_true(sender.from_address == NULL && !sender.temporary_trouble && sender.reason == NULL);
}

static void test_codes(void)
{
    for (int code = 0; code < VERDICT_CODE_COUNT; code++) {
        const char *name = verdict_code_name((VerdictCode)code);
        for (const char *at = name; *at != '\0'; at++)
            g_assert_true(g_ascii_islower(*at) || *at == '_');
        for (int other = 0; other < code; other++)
            g_assert_cmpstr(verdict_code_name((VerdictCode)other), !=, name);
        if (!seen[code])
            g_error("no case ends in %s", name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    own_key = jwk_generate("ES256", NULL);
    other_key = jwk_generate("ES256", NULL);
    g_test_add_func("/verdict/cases", test_cases);
    g_test_add_func("/verdict/document-kinds", test_document_kinds);
    g_test_add_func("/verdict/document-beside-the-request", test_document_beside_the_request);
    g_test_add_func("/verdict/document-hides-no-signature", test_document_hides_no_signature);
    g_test_add_func("/verdict/document-against-the-signed-bytes", test_document_against_the_signed_bytes);
    g_test_add_func("/verdict/static-partner-that-signs", test_static_partner_that_signs);
    g_test_add_func("/verdict/originator-inside", test_originator_inside);
    g_test_add_func("/verdict/pure", test_pure);
    g_test_add_func("/verdict/payee", test_payee);
    g_test_add_func("/verdict/several-actions", test_several_actions);
    g_test_add_func("/verdict/replay", test_replay);
    g_test_add_func("/verdict/sender-forms", test_sender_forms);
    g_test_add_func("/verdict/every-code-comes-up", test_codes); /* after the cases */
    int status = g_test_run();
    json_decref(own_key);
    json_decref(other_key);
    return status;
}
