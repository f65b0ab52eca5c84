/* Hash chains: a row's hash covers its own content and the hash before it, so that a row which is changed, put in or
 * taken out later no longer fits [PAY-012]. */
#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"

bool chain_head(StoreTx *tx, Id organization_id, const char *chain, ChainLink *ret_link, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, "SELECT sequence, hash FROM chain_head WHERE organization_id = $1 AND chain = $2",
            SQL_WITH(sql_id(organization_id), sql_str(chain)), &rows, error))
        return false;
    SqlStep step = sql_next(&rows, error);
    if (step == SQL_FAILED)
        return false;
    *ret_link = (ChainLink){ 0 };
    if (step == SQL_ROW) {
        ret_link->sequence = sql_take_int(&rows);
        g_strlcpy(ret_link->hash, sql_peek_text(&rows), sizeof ret_link->hash);
    }
    return true;
}

void chain_advance(ChainLink *link, json_t *row)
{
    link->sequence++;
    json_put_integer(row, "sequence", link->sequence);
    g_autofree char *canonical = json_write(row);
    g_autofree char *bytes = g_strconcat(link->hash, canonical, NULL);
    g_autofree char *hash = encode_sha256_hex(span_of(bytes));
    g_strlcpy(link->hash, hash, sizeof link->hash);
}

bool chain_keep(StoreTx *tx, Id organization_id, const char *chain, const ChainLink *link, GError **error)
{
    return sql_run(tx,
        "INSERT INTO chain_head (organization_id, chain, sequence, hash) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (organization_id, chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        SQL_WITH(sql_id(organization_id), sql_str(chain), sql_int(link->sequence), sql_str(link->hash)), NULL, error);
}

bool chain_check(ChainLink *link, const char *chain, int64_t sequence, json_t *row, const char *hash, GError **error)
{
    chain_advance(link, row);
    if (sequence == link->sequence && g_strcmp0(hash, link->hash) == 0)
        return true;
    error_set(error, SALDO_ERROR_DENIED,
        "the %s chain is broken at row %" G_GINT64_FORMAT ": a row was changed, added or removed here; compare with a "
        "backup", chain, link->sequence);
    return false;
}

bool chain_check_end(StoreTx *tx, Id organization_id, const char *chain, const ChainLink *link, GError **error)
{
    ChainLink head;
    if (!chain_head(tx, organization_id, chain, &head, error))
        return false;
    bool is_whole = head.sequence == link->sequence && strcmp(head.hash, link->hash) == 0;
    if (!is_whole)
        error_set(error, SALDO_ERROR_DENIED,
            "the %s chain ends at row %" G_GINT64_FORMAT " but %" G_GINT64_FORMAT " rows were written; compare with a "
            "backup", chain, link->sequence, head.sequence);
    return is_whole;
}
