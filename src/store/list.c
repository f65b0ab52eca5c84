/* The message list, newest first, and its counts.
 *
 * An account reads several mailboxes (its own, its groups'); an index gives each of them in order. So a page is made in
 * three steps: the newest (received_us, id) of each mailbox, from the index alone; the newest of all these; their rows.
 *
 * The folders of invoices follow the present policy of each mailbox: where cards are not allowed now, nothing of it is to
 * pay or scheduled, and Paid keeps what was paid from here, which is history. */
#include <string.h>

#include "base/error.h"
#include "message_row.h"
#include "parts.h"
#include "store_limits.h"

static const char *folder_name(StoreFolder folder)
{
    switch (folder) {
    case STORE_FOLDER_INBOX:
        return NULL;
    case STORE_FOLDER_TO_PAY:
        return "to_pay";
    case STORE_FOLDER_PAID:
        return "paid";
    case STORE_FOLDER_SCHEDULED:
        return "scheduled";
    }
    g_assert_not_reached();
}

/* Candidate statements: $1 organization, $2 mailbox, $3 and $4 the cursor, $5 how many. */
static const char inbox_sql[] =
    "SELECT received_us, id FROM message WHERE organization_id = $1 AND mailbox_id = $2 AND (received_us, id) < ($3, $4)"
    " ORDER BY received_us DESC, id DESC LIMIT $5";
static const char folder_sql[] =
    "SELECT received_us, id FROM message WHERE organization_id = $1 AND mailbox_id = $2 AND (received_us, id) < ($3, $4)"
    " AND folder = $6 ORDER BY received_us DESC, id DESC LIMIT $5";

static const char history_sql[] =
    "SELECT received_us, id FROM message WHERE organization_id = $1 AND mailbox_id = $2 AND (received_us, id) < ($3, $4)"
    " AND folder = $6 AND " PAID_FROM_HERE " ORDER BY received_us DESC, id DESC LIMIT $5";

static bool ask_policy(StoreTx *tx, const StoreMailbox *mailbox, bool *ret_allowed, GError **error)
{
    g_autoptr(PolicySettings) policy = NULL;
    if (!store_policy_load(tx, mailbox->organization_id, mailbox->address, &policy, error))
        return false;
    *ret_allowed = policy_decide(policy, mailbox->address).allowed;
    return true;
}

/* *ret_any is false where the folder shows nothing of this mailbox. */
static bool find_part(StoreTx *tx, const StoreMailbox *mailbox, StoreFolder folder, FolderPart *ret_part, bool *ret_any,
    GError **error)
{
    bool is_allowed = true;
    if (folder != STORE_FOLDER_INBOX && !ask_policy(tx, mailbox, &is_allowed, error))
        return false;
    *ret_part = (FolderPart){ .folder = folder_name(folder), .only_paid_from_here = !is_allowed };
    *ret_any = is_allowed || folder == STORE_FOLDER_PAID;
    return true;
}

static bool take_candidates(SqlRows *rows, GArray *candidates, GError **error)
{
    SqlStep step;
    while ((step = sql_next(rows, error)) == SQL_ROW) {
        Candidate candidate = { .received_us = sql_take_int(rows) };
        candidate.id = sql_take_id(rows);
        g_array_append_val(candidates, candidate);
    }
    return step == SQL_END;
}

static bool add_part(StoreTx *tx, const StoreMailbox *mailbox, const StoreMessageQuery *query, const FolderPart *part,
    GArray *candidates, GError **error)
{
    int64_t before_us = query->before_us > 0 ? query->before_us : INT64_MAX;
    if (query->search != NULL)
        return search_candidates(tx, mailbox, query, part, candidates, error);
    const char *folder_statement = part->only_paid_from_here ? history_sql : folder_sql;
    SQL_ROWS_AUTO rows = { 0 };
    SqlValue organization = sql_id(mailbox->organization_id), mailbox_id = sql_id(mailbox->id);
    SqlValue before = sql_int(before_us), before_id = sql_str(query->before_id.text), limit = sql_int(query->limit);
    bool is_open = part->folder == NULL
        ? sql_open(tx, inbox_sql, SQL_WITH(organization, mailbox_id, before, before_id, limit), &rows, error)
        : sql_open(tx, folder_statement,
            SQL_WITH(organization, mailbox_id, before, before_id, limit, sql_str(part->folder)), &rows, error);
    return is_open && take_candidates(&rows, candidates, error);
}

static bool add_candidates(StoreTx *tx, const StoreMailbox *mailbox, const StoreMessageQuery *query, GArray *candidates,
    GError **error)
{
    FolderPart part;
    bool any;
    return find_part(tx, mailbox, query->folder, &part, &any, error)
        && (!any || add_part(tx, mailbox, query, &part, candidates, error));
}

static gint newest_first(gconstpointer left, gconstpointer right)
{
    const Candidate *a = left, *b = right;
    if (a->received_us != b->received_us)
        return a->received_us < b->received_us ? 1 : -1;
    return strcmp(b->id.text, a->id.text);
}

static void message_destroy(gpointer data)
{
    store_message_free(data);
}

static bool add_message(StoreTx *tx, Id organization_id, Id id, GPtrArray *messages, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT " MESSAGE_COLUMNS ", message.has_invoice FROM " MESSAGE_TABLES
            " WHERE message.organization_id = $1 AND message.id = $2",
            SQL_WITH(sql_id(organization_id), sql_id(id)), "message", &rows, error))
        return false;
    StoreMessage *message = message_take(&rows);
    g_ptr_array_add(messages, message);
    message->has_invoice = sql_take_int(&rows) != 0;
    return sql_rows_sound(&rows, error);
}

bool store_message_list(StoreTx *tx, const StoreAccount *account, const StoreMessageQuery *query,
    GPtrArray **ret_messages, GError **error)
{
    if (query->limit < 1 || query->limit > STORE_PAGE_MOST) {
        error_set(error, SALDO_ERROR_LIMIT, "a page has 1 to %d messages, not %u", STORE_PAGE_MOST, query->limit);
        return false;
    }
    g_autoptr(GPtrArray) mailboxes = NULL;
    if (!store_mailboxes_of(tx, account, &mailboxes, error))
        return false;
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    for (guint i = 0; i < mailboxes->len; i++)
        if (!add_candidates(tx, mailboxes->pdata[i], query, candidates, error))
            return false;
    g_array_sort(candidates, newest_first);
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(message_destroy);
    for (guint i = 0; i < candidates->len && i < query->limit; i++)
        if (!add_message(tx, account->organization_id, g_array_index(candidates, Candidate, i).id, messages, error))
            return false;
    *ret_messages = g_steal_pointer(&messages);
    return true;
}

/* ---- Counts --------------------------------------------------------------------------------------------- */

/* The counters hold what the folders have where cards are allowed; else what was paid from here is counted. */
static bool keep_history(StoreTx *tx, const StoreMailbox *mailbox, StoreFolderCounts *counts, GError **error)
{
    bool is_allowed;
    int64_t paid = 0;
    if (!ask_policy(tx, mailbox, &is_allowed, error))
        return false;
    if (is_allowed)
        return true;
    if (counts->paid > 0
        && !sql_number(tx,
            "SELECT count(*) FROM message WHERE organization_id = $1 AND mailbox_id = $2 AND folder = 'paid' AND " PAID_FROM_HERE,
            SQL_WITH(sql_id(mailbox->organization_id), sql_id(mailbox->id)), 0, &paid, error))
        return false;
    counts->to_pay = counts->scheduled = 0;
    counts->paid = (uint64_t)paid;
    return true;
}

static bool read_counts(StoreTx *tx, const StoreMailbox *mailbox, StoreFolderCounts *ret_counts, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx,
            "SELECT inbox, unseen, to_pay, paid, scheduled FROM mailbox_count WHERE organization_id = $1 AND mailbox_id = $2",
            SQL_WITH(sql_id(mailbox->organization_id), sql_id(mailbox->id)), &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    StoreFolderCounts counts = { 0 };
    if (step == SQL_ROW) { /* none before its first mail */
        counts.inbox = (uint64_t)sql_take_int(&rows);
        counts.unseen = (uint64_t)sql_take_int(&rows);
        counts.to_pay = (uint64_t)sql_take_int(&rows);
        counts.paid = (uint64_t)sql_take_int(&rows);
        counts.scheduled = (uint64_t)sql_take_int(&rows);
    }
    if (step == SQL_FAILED)
        return false;
    *ret_counts = counts;
    return true;
}

static bool add_counts(StoreTx *tx, const StoreMailbox *mailbox, StoreFolderCounts *sum, GError **error)
{
    StoreFolderCounts counts;
    if (!read_counts(tx, mailbox, &counts, error))
        return false;
    bool has_invoices = counts.to_pay + counts.paid + counts.scheduled > 0;
    if (has_invoices && !keep_history(tx, mailbox, &counts, error))
        return false;
    sum->inbox += counts.inbox;
    sum->unseen += counts.unseen;
    sum->to_pay += counts.to_pay;
    sum->paid += counts.paid;
    sum->scheduled += counts.scheduled;
    return true;
}

bool store_message_counts(StoreTx *tx, const StoreAccount *account, StoreFolderCounts *ret_counts, GError **error)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    if (!store_mailboxes_of(tx, account, &mailboxes, error))
        return false;
    StoreFolderCounts counts = { 0 };
    for (guint i = 0; i < mailboxes->len; i++)
        if (!add_counts(tx, mailboxes->pdata[i], &counts, error))
            return false;
    *ret_counts = counts;
    return true;
}
