/* Mails as they came: one row of findings, the compressed bytes beside it, the searchable text, an event. */
#include <zstd.h>

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "message_row.h"
#include "parts.h"
#include "store_limits.h"

StoreMessage *store_message_new(void)
{
    return g_new0(StoreMessage, 1);
}

void store_message_free(StoreMessage *message)
{
    if (message == NULL)
        return;
    g_free(message->from_name);
    g_free(message->from_address);
    g_free(message->subject);
    g_free(message->preview);
    json_decref(message->envelope);
    json_decref(message->authentication);
    json_decref(message->extraction);
    g_free(message->verdict_kind);
    json_decref(message->verdict);
    g_free(message->invoice_state);
    g_free(message->mailbox_address);
    g_clear_pointer(&message->packed, g_bytes_unref);
    g_free(message);
}

/* ---- Folders ------------------------------------------------------------------------------------------- */

const char *folder_of_state(const char *invoice_state)
{
    static const struct { const char *state, *folder; } folders[] = {
        { "due", "to_pay" }, { "past_due", "to_pay" }, { "part_paid", "to_pay" }, { "declined", "to_pay" },
        { "processing", "to_pay" }, { "unknown", "to_pay" }, { "disputed", "to_pay" }, { "scheduled", "scheduled" },
        { "complete", "paid" }, { "refunded", "paid" }, { "cancelled", NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        if (strcmp(folders[i].state, invoice_state) == 0)
            return folders[i].folder;
    g_assert_not_reached();
}

bool messages_follow_invoice(StoreTx *tx, Id organization_id, Id invoice_id, const char *state, GError **error)
{
    return sql_run(tx,
        "UPDATE message SET folder = $1 WHERE organization_id = $2 AND invoice_id = $3 AND verdict_kind = 'card'",
        SQL_WITH(sql_str(folder_of_state(state)), sql_id(organization_id), sql_id(invoice_id)), NULL, error);
}

bool message_take_invoice(StoreTx *tx, Id organization_id, Id message_id, Id invoice_id, const char *state,
    GError **error)
{
    return sql_run(tx,
        "UPDATE message SET invoice_id = $1, folder = $2 WHERE organization_id = $3 AND id = $4 AND invoice_id IS NULL",
        SQL_WITH(sql_id(invoice_id), sql_str(folder_of_state(state)), sql_id(organization_id), sql_id(message_id)), NULL,
        error);
}

/* The folder that a new mail belongs to, as its invoice stands now; "" where none. */
static bool find_folder(StoreTx *tx, const StoreMessage *message, const char **ret_folder, GError **error)
{
    *ret_folder = NULL;
    if (id_is_none(message->invoice_id))
        return true;
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT state FROM invoice WHERE organization_id = $1 AND id = $2",
            SQL_WITH(sql_id(message->organization_id), sql_id(message->invoice_id)), "invoice", &rows, error))
        return false;
    *ret_folder = folder_of_state(sql_peek_text(&rows));
    return true;
}

/* ---- Raw bytes ------------------------------------------------------------------------------------------ */

static void free_compressor(gpointer data)
{
    ZSTD_freeCCtx(data);
}

/* One per thread: making one costs more than compressing a small mail. */
static ZSTD_CCtx *own_compressor(void)
{
    static GPrivate compressors = G_PRIVATE_INIT(free_compressor);
    ZSTD_CCtx *compressor = g_private_get(&compressors);
    if (compressor == NULL) {
        compressor = ZSTD_createCCtx();
        g_assert(compressor != NULL);
        g_private_set(&compressors, compressor);
    }
    return compressor;
}

bool store_message_pack(StoreMessage *message, Span raw, GError **error)
{
    if (raw.length > LIMIT_MESSAGE_BYTES) {
        error_set(error, SALDO_ERROR_LIMIT, "the message has %zu bytes; at most %lu are kept", raw.length,
            LIMIT_MESSAGE_BYTES);
        return false;
    }
    size_t room = ZSTD_compressBound(raw.length);
    char *bytes = g_malloc(room);
    size_t length = ZSTD_compressCCtx(own_compressor(), bytes, room, raw.at, raw.length, STORE_ZSTD_LEVEL);
    g_assert(!ZSTD_isError(length));
    g_clear_pointer(&message->packed, g_bytes_unref);
    message->packed = g_bytes_new_take(g_realloc(bytes, length), length);
    message->bytes = raw.length;
    return true;
}

/* Never more than `bytes`, which is never more than a message may have, whatever the frame says of itself. */
static GBytes *unpack(GBytes *packed, size_t bytes, GError **error)
{
    size_t length = 0;
    const void *frame = g_bytes_get_data(packed, &length);
    bool is_sane = bytes <= LIMIT_MESSAGE_BYTES && ZSTD_getFrameContentSize(frame, length) == bytes;
    g_autofree char *raw = is_sane ? g_malloc(bytes + 1) : NULL;
    if (!is_sane || ZSTD_decompress(raw, bytes, frame, length) != bytes) {
        error_set(error, SALDO_ERROR_IO, "the stored bytes of a message are damaged; restore the database from a backup");
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&raw), bytes);
}

static bool raw_add(StoreTx *tx, const StoreMessage *message, Id id, GError **error)
{
    size_t length = 0;
    const char *frame = g_bytes_get_data(message->packed, &length);
    return sql_run(tx, "INSERT INTO message_raw (organization_id, message_id, zstd) VALUES ($1, $2, $3)",
        SQL_WITH(sql_id(message->organization_id), sql_id(id), sql_blob((Span){ frame, length })), NULL, error);
}

/* ---- Adding --------------------------------------------------------------------------------------------- */

static char *write_json_or_null(const json_t *value)
{
    return value != NULL ? json_write(value) : g_strdup("null");
}

static bool row_add(StoreTx *tx, const StoreMessage *message, const char *folder, GError **error)
{
    g_autofree char *envelope = write_json_or_null(message->envelope);
    g_autofree char *authentication = write_json_or_null(message->authentication);
    g_autofree char *extraction = write_json_or_null(message->extraction);
    g_autofree char *verdict = write_json_or_null(message->verdict);
    bool has_invoice = json_array_size(json_object_get(message->extraction, "invoices")) > 0;
    return sql_run(tx,
        "INSERT INTO message (organization_id, id, mailbox_id, received_us, seen, folder, invoice_id, verdict_kind, bytes,"
        " from_name, from_address, subject, preview, has_invoice, extraction, envelope, authentication, verdict)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        SQL_WITH(sql_id(message->organization_id), sql_id(message->id), sql_id(message->mailbox_id),
            sql_int(message->received_us), sql_int(message->seen), sql_str(folder), sql_id(message->invoice_id),
            sql_str(message->verdict_kind), sql_int((int64_t)message->bytes), sql_str(message->from_name),
            sql_str(message->from_address), sql_str(message->subject), sql_str(message->preview), sql_int(has_invoice),
            sql_str(extraction), sql_str(envelope), sql_str(authentication), sql_str(verdict)), NULL, error);
}

bool store_message_add(StoreTx *tx, StoreMessage *message, Span raw, GError **error)
{
    const char *folder = NULL;
    if ((message->packed == NULL && !store_message_pack(message, raw, error))
        || !find_folder(tx, message, &folder, error))
        return false;
    if (id_is_none(message->id))
        message->id = id_new();
    return row_add(tx, message, folder, error) && raw_add(tx, message, message->id, error)
        && search_add(tx, message, error)
        && store_event_add(tx, message->organization_id, "message", message->id, message->mailbox_id, error);
}

/* ---- Reading one ----------------------------------------------------------------------------------------- */

bool store_message_of_invoice(StoreTx *tx, const StoreAccount *account, Id invoice_id, Id *ret_message_id, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT id FROM message WHERE organization_id = $1 AND invoice_id = $3 AND mailbox_id IN " READABLE_MAILBOXES
            " ORDER BY received_us DESC, id DESC LIMIT 1",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(invoice_id)), "mail of this invoice", &rows,
            error))
        return false;
    *ret_message_id = sql_take_id(&rows);
    return true;
}

bool store_message_get(StoreTx *tx, const StoreAccount *account, Id id, StoreMessage **ret_message, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT " MESSAGE_COLUMNS ", message.extraction, message.authentication, message.verdict FROM " MESSAGE_TABLES
            " WHERE message.organization_id = $1 AND message.mailbox_id IN " READABLE_MAILBOXES " AND message.id = $3",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(id)), "message", &rows, error))
        return false;
    g_autoptr(StoreMessage) message = message_take(&rows);
    message->extraction = sql_take_json(&rows);
    message->authentication = sql_take_json(&rows);
    message->verdict = sql_take_json(&rows);
    if (!sql_rows_sound(&rows, error))
        return false;
    *ret_message = g_steal_pointer(&message);
    return true;
}

StoreMessage *message_take(SqlRows *rows)
{
    StoreMessage *message = store_message_new();
    message->organization_id = sql_take_id(rows);
    message->id = sql_take_id(rows);
    message->mailbox_id = sql_take_id(rows);
    message->received_us = sql_take_int(rows);
    message->seen = sql_take_int(rows) != 0;
    message->invoice_id = sql_take_id(rows);
    message->verdict_kind = sql_take_text(rows);
    message->bytes = (size_t)sql_take_int(rows);
    message->from_name = sql_take_text(rows);
    message->from_address = sql_take_text(rows);
    message->subject = sql_take_text(rows);
    message->preview = sql_take_text(rows);
    message->envelope = sql_take_json(rows);
    message->mailbox_address = sql_take_text(rows);
    message->invoice_state = sql_take_text(rows);
    return message;
}

bool store_message_raw(StoreTx *tx, const StoreAccount *account, Id id, GBytes **ret_raw, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT message.bytes, message_raw.zstd FROM message JOIN message_raw"
            " ON message_raw.organization_id = message.organization_id AND message_raw.message_id = message.id"
            " WHERE message.organization_id = $1 AND message.mailbox_id IN " READABLE_MAILBOXES " AND message.id = $3",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_id(id)), "message", &rows, error))
        return false;
    size_t bytes = (size_t)sql_take_int(&rows);
    g_autoptr(GBytes) packed = sql_take_bytes(&rows);
    GBytes *raw = unpack(packed, bytes, error);
    if (raw == NULL)
        return false;
    *ret_raw = raw;
    return true;
}

bool store_message_mark_seen(StoreTx *tx, const StoreAccount *account, Id id, bool seen, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx,
            "UPDATE message SET seen = $3 WHERE organization_id = $1 AND mailbox_id IN " READABLE_MAILBOXES " AND id = $4",
            SQL_WITH(sql_id(account->organization_id), sql_id(account->id), sql_int(seen), sql_id(id)), &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_NOT_FOUND, "there is no such message");
    return changed > 0;
}
