/* Answers kept for Idempotency-Key: the same request again gets the same answer, another one with the same key none. */
#include <string.h>

#include "base/error.h"
#include "parts.h"
#include "store_limits.h"

bool store_answer_get(StoreTx *tx, const StoreAccount *account, const char *key, const char *request_hash,
    int *ret_status, char **ret_body, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT request_hash, status, body FROM api_answer WHERE organization_id = $1 AND account_id = $2 AND key = $3",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_str(key)), "answer", &rows, error))
        return false;
    if (strcmp(sql_peek_text(&rows), request_hash) != 0) {
        error_set(error, SALDO_ERROR_CONFLICT, "this Idempotency-Key was used for another request: use a new one");
        return false;
    }
    *ret_status = (int)sql_take_int(&rows);
    *ret_body = sql_take_text(&rows);
    return true;
}

bool store_answer_put(StoreTx *tx, const StoreAccount *account, const char *key, const char *request_hash, int status,
    const char *body, int64_t now_us, GError **error)
{
    if (key[0] == '\0' || strlen(key) > STORE_KEY_BYTES) {
        error_set(error, SALDO_ERROR_LIMIT, "an Idempotency-Key has 1 to %d bytes", STORE_KEY_BYTES);
        return false;
    }
    int64_t added = 0;
    if (!sql_run(tx,
            "INSERT INTO api_answer (organization_id, account_id, key, request_hash, status, body, at_us)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_str(key), sql_str(request_hash),
                sql_int(status), sql_str(body), sql_int(now_us)), &added, error))
        return false;
    if (added == 0)
        error_set(error, SALDO_ERROR_CONFLICT, "this Idempotency-Key has an answer already: read that one");
    return added > 0;
}
