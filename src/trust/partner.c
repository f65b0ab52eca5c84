/* The values Partner, Merchant and Registry: names, look-ups, memory. Their JSON form is in partner_json.c. */
#include "trust/partner.h"

#include "base/error.h"
#include "partner_parts.h"

static const char *const state_names[] = {
    [PARTNER_PENDING] = "pending",
    [PARTNER_TEST] = "test",
    [PARTNER_APPROVED] = "approved",
    [PARTNER_SUSPENDED] = "suspended",
};

const char *partner_state_name(PartnerState state)
{
    g_assert(state < G_N_ELEMENTS(state_names));
    return state_names[state];
}

bool partner_state_from_name(Span name, PartnerState *ret_state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(state_names); i++)
        if (span_equal_nocase(span_of(state_names[i]), name)) {
            *ret_state = (PartnerState)i;
            return true;
        }
    return false;
}

void merchant_free(Merchant *merchant)
{
    if (merchant == NULL)
        return;
    g_free(merchant->merchant_id);
    g_free(merchant->display_id);
    g_free(merchant->legal_name);
    g_free(merchant->verified_by);
    g_free(merchant->verified_at);
    g_free(merchant->verified_how);
    g_free(merchant);
}

Partner *partner_new(void)
{
    Partner *partner = g_new0(Partner, 1);
    GPtrArray **texts[] = { &partner->addresses, &partner->domains, &partner->networks, &partner->types,
        &partner->test_recipients };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_ptr_array_new_with_free_func(g_free);
    partner->merchants = g_ptr_array_new_with_free_func((GDestroyNotify)merchant_free);
    return partner;
}

void partner_free(Partner *partner)
{
    if (partner == NULL)
        return;
    char *texts[] = { partner->originator, partner->name, partner->jwks_uri, partner->payment_request_url,
        partner->payment_complete_url, partner->processor, partner->processor_account, partner->processor_url };
    GPtrArray *lists[] = { partner->addresses, partner->domains, partner->networks, partner->types,
        partner->test_recipients, partner->merchants };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_unref(lists[i]);
    json_decref(partner->jwks);
    g_free(partner);
}

const Merchant *partner_find_merchant(const Partner *partner, const char *merchant_id, const char *display_id)
{
    for (guint i = 0; i < partner->merchants->len; i++) {
        const Merchant *merchant = partner->merchants->pdata[i];
        if (g_ascii_strcasecmp(merchant->merchant_id, merchant_id) == 0
            && g_ascii_strcasecmp(merchant->display_id, display_id) == 0)
            return merchant;
    }
    return NULL;
}

Registry *registry_new(void)
{
    Registry *registry = g_new0(Registry, 1);
    registry->partners = g_ptr_array_new_with_free_func((GDestroyNotify)partner_free);
    return registry;
}

void registry_free(Registry *registry)
{
    if (registry == NULL)
        return;
    g_ptr_array_unref(registry->partners);
    g_free(registry);
}

const Partner *registry_find(const Registry *registry, const char *originator)
{
    for (guint i = 0; i < registry->partners->len; i++) {
        const Partner *partner = registry->partners->pdata[i];
        if (g_ascii_strcasecmp(partner->originator, originator) == 0)
            return partner;
    }
    return NULL;
}

/* ---- One registration, one partner ------------------------------------------------------------------------------ */

/* The first text of both lists, or NULL. */
static const char *common_text(const GPtrArray *left, const GPtrArray *right)
{
    for (guint i = 0; i < left->len; i++)
        for (guint k = 0; k < right->len; k++)
            if (g_ascii_strcasecmp(left->pdata[i], right->pdata[k]) == 0)
                return left->pdata[i];
    return NULL;
}

/* The first merchant_id with a display_id that both have, or NULL. */
static const char *common_merchant(const Partner *left, const Partner *right)
{
    for (guint i = 0; i < left->merchants->len; i++) {
        const Merchant *merchant = left->merchants->pdata[i];
        if (partner_find_merchant(right, merchant->merchant_id, merchant->display_id) != NULL)
            return merchant->merchant_id;
    }
    return NULL;
}

static bool admit_beside(const Partner *other, const Partner *partner, GError **error)
{
    const struct {
        const char *what, *shared;
    } claims[] = {
        { "the sender address", common_text(partner->addresses, other->addresses) },
        { "the domain", common_text(partner->domains, other->domains) },
        { "the merchant and display ids of merchant", common_merchant(partner, other) },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(claims); i++)
        if (claims[i].shared != NULL) {
            error_set(error, SALDO_ERROR_CONFLICT,
                "%s and %s both claim %s %s: each can belong to one partner only; change one of the two records",
                partner->originator, other->originator, claims[i].what, claims[i].shared);
            return false;
        }
    return true;
}

bool registry_admits(const Registry *registry, const Partner *partner, GError **error)
{
    for (guint i = 0; i < registry->partners->len; i++) {
        const Partner *other = registry->partners->pdata[i];
        if (g_ascii_strcasecmp(other->originator, partner->originator) != 0 && !admit_beside(other, partner, error))
            return false;
    }
    return true;
}
