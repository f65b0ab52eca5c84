/* The verdict as it is at this moment, for a message that was stored with what was found out about it then.
 *
 * Judged again on every look: a switch, partner or merchant that changed since shows at once.
 */
#pragma once

#include "jail/jail.h"
#include "store/store.h"
#include "trust/verdict.h"

/* Registry and policies, loaded once for all messages of one reply; valid within the unit that loads it. */
typedef struct Judge {
    Id organization_id;
    Registry *registry;
    GHashTable *policies; /* by mailbox address */
} Judge;

bool judge_init(Judge *judge, StoreTx *tx, Id organization_id, GError **error);
void judge_done(Judge *judge);
#define JUDGE_AUTO __attribute__((cleanup(judge_done))) Judge

/* A message judged again. `verdict` borrows from `extraction` and from the Judge's registry. */
typedef struct Judged {
    Extraction *extraction;
    Verdict *verdict;
} Judged;
void judged_done(Judged *judged);
#define JUDGED_AUTO __attribute__((cleanup(judged_done))) Judged

/* The message must carry its authentication and extraction. */
bool judge_message(Judge *judge, StoreTx *tx, const StoreMessage *message, Judged *ret_judged, GError **error);
