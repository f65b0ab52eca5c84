/* Judging stored messages again. */
#include "judge.h"

#include "checkout/card.h"

bool judge_init(Judge *judge, StoreTx *tx, Id organization_id, GError **error)
{
    *judge = (Judge){ .organization_id = organization_id };
    if (!store_registry_load(tx, organization_id, &judge->registry, error))
        return false;
    judge->policies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)policy_settings_free);
    return true;
}

void judge_done(Judge *judge)
{
    g_clear_pointer(&judge->registry, registry_free);
    g_clear_pointer(&judge->policies, g_hash_table_unref);
}

void judged_done(Judged *judged)
{
    g_clear_pointer(&judged->verdict, verdict_free);
    g_clear_pointer(&judged->extraction, extraction_free);
}

static const PolicySettings *policy_for(Judge *judge, StoreTx *tx, const char *address, GError **error)
{
    PolicySettings *policy = g_hash_table_lookup(judge->policies, address);
    if (policy != NULL)
        return policy;
    if (!store_policy_load(tx, judge->organization_id, address, &policy, error))
        return NULL;
    g_hash_table_insert(judge->policies, g_strdup(address), policy);
    return policy;
}

bool judge_message(Judge *judge, StoreTx *tx, const StoreMessage *message, Judged *ret_judged, GError **error)
{
    const PolicySettings *policy = policy_for(judge, tx, message->mailbox_address, error);
    if (policy == NULL)
        return false;
    g_autoptr(Extraction) extraction = extraction_from_json(message->extraction, error);
    if (extraction == NULL)
        return false;
    ret_judged->verdict = checkout_judge(message->authentication, extraction, message->mailbox_address, message->received_us,
        judge->registry, policy, error);
    if (ret_judged->verdict == NULL)
        return false;
    ret_judged->extraction = g_steal_pointer(&extraction);
    return true;
}
