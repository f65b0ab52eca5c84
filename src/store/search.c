/* Full-text search on FTS5: the one place whose SQL is SQLite's own.
 *
 * What is searchable of a mail: sender, subject, preview, and of each invoice its number, seller, due date and amounts.
 * What a person types is never FTS5 syntax: each word becomes a quoted prefix, all of them must be there. */
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "parts.h"
#include "store_limits.h"

/* One word of hex digits for the tokenizer. */
static void mailbox_word(Id mailbox_id, char word[sizeof mailbox_id.text])
{
    char *out = word;
    for (const char *at = mailbox_id.text; *at != '\0'; at++)
        if (*at != '-')
            *out++ = *at;
    *out = '\0';
}

/* ---- Adding --------------------------------------------------------------------------------------------- */

/* The tokenizer drops accents, but the stroke of "ł" is none to Unicode: who types "zloty" means "złoty" too. */
static char *without_strokes(const char *text)
{
    g_autoptr(GString) plain = g_string_new(text);
    g_string_replace(plain, "ł", "l", 0);
    g_string_replace(plain, "Ł", "L", 0);
    return g_string_free(g_steal_pointer(&plain), FALSE);
}

static void add_words(Buffer *words, const char *text)
{
    if (text == NULL)
        return;
    g_autofree char *plain = without_strokes(text);
    if (buffer_append_text(words, plain))
        buffer_append_byte(words, '\n');
}

/* An amount in the jail's form is a decimal text, in the store's {currency, minor}. */
static void add_amount(Buffer *words, const json_t *amount)
{
    Money money;
    char text[MONEY_TEXT_MAX];
    add_words(words, json_string_value(amount));
    if (json_to_money(amount, &money)) {
        money_format_decimal(money, text);
        add_words(words, text);
    }
}

static void add_invoice(Buffer *words, const json_t *invoice)
{
    add_words(words, json_text(invoice, "number"));
    add_words(words, json_text(invoice, "due_date"));
    add_words(words, json_text(invoice, "issue_date"));
    add_words(words, json_text(json_object_get(invoice, "seller"), "name"));
    add_words(words, json_text(json_object_get(invoice, "broker"), "name"));
    add_amount(words, json_object_get(invoice, "total"));
    add_amount(words, json_object_get(invoice, "amount_due"));
}

/* The next free key at or after the arrival, so that matches come newest first. Only where thousands of mails share a
 * microsecond does one get a later one's key; never an earlier one's. */
static bool find_key(StoreTx *tx, int64_t received_us, int64_t *ret_key, GError **error)
{
    int64_t slot = CLAMP(received_us, 0, INT64_MAX / STORE_KEYS_PER_US - STORE_KEY_SLACK_US);
    for (;; slot++) {
        int64_t first = slot * STORE_KEYS_PER_US, taken = 0;
        if (!sql_number(tx, "SELECT rowid FROM message_text WHERE rowid >= $1 AND rowid < $2 ORDER BY rowid DESC LIMIT 1",
                SQL_WITH(sql_int(first), sql_int(first + STORE_KEYS_PER_US)), first - 1, &taken, error))
            return false;
        if (taken + 1 < first + STORE_KEYS_PER_US) {
            *ret_key = taken + 1;
            return true;
        }
    }
}

bool search_add(StoreTx *tx, const StoreMessage *message, GError **error)
{
    BUFFER_AUTO words = BUFFER_INIT(STORE_TEXT_BYTES); /* what does not fit is not searchable: the mail's own text comes first */
    add_words(&words, message->from_name);
    add_words(&words, message->from_address);
    add_words(&words, message->subject);
    add_words(&words, message->preview);
    size_t index;
    json_t *invoice;
    json_array_foreach(json_object_get(message->extraction, "invoices"), index, invoice)
        add_invoice(&words, invoice);
    char mailbox[sizeof message->mailbox_id.text];
    mailbox_word(message->mailbox_id, mailbox);
    int64_t key = 0;
    return find_key(tx, message->received_us, &key, error)
        && sql_run(tx, "INSERT INTO message_text (rowid, message_id, mailbox, content) VALUES ($1, $2, $3, $4)",
            SQL_WITH(sql_int(key), sql_id(message->id), sql_str(mailbox), sql_str(words.length > 0 ? words.data : "")), NULL,
            error);
}

/* ---- Searching ------------------------------------------------------------------------------------------ */

/* "ab"* with quotes doubled: a prefix, whatever the word holds. */
static void add_prefix(GString *expression, const char *word)
{
    g_string_append(expression, expression->len > 0 ? " AND \"" : "\"");
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '"')
            g_string_append_c(expression, '"');
        g_string_append_c(expression, *at);
    }
    g_string_append(expression, "\" *");
}

static bool has_word_character(const char *word)
{
    for (const char *at = word; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_isalnum(g_utf8_get_char(at)))
            return true;
    return false;
}

/* The match expression for what a person typed, within one mailbox; NULL where it has no word. */
static char *search_expression(const char *typed, Id mailbox_id)
{
    g_autofree char *valid = g_utf8_make_valid(typed, (gssize)strnlen(typed, STORE_SEARCH_BYTES));
    g_autofree char *plain = without_strokes(valid);
    g_auto(GStrv) words = g_strsplit_set(plain, " \t\r\n\"", -1);
    g_autoptr(GString) prefixes = g_string_new(NULL);
    unsigned count = 0;
    for (char **word = words; *word != NULL && count < STORE_SEARCH_WORDS; word++)
        if (has_word_character(*word)) {
            add_prefix(prefixes, *word);
            count++;
        }
    if (count == 0)
        return NULL;
    char mailbox[sizeof mailbox_id.text];
    mailbox_word(mailbox_id, mailbox);
    return g_strdup_printf("mailbox : \"%s\" AND content : (%s)", mailbox, prefixes->str);
}

static bool is_before(const Candidate *candidate, const StoreMessageQuery *query)
{
    return query->before_us <= 0 || candidate->received_us < query->before_us
        || (candidate->received_us == query->before_us && strcmp(candidate->id.text, query->before_id.text) < 0);
}

/* Matches come by falling key, and no mail's key is below its arrival: once the page is full and the key has fallen below
 * the oldest arrival in it, nothing newer can follow. */
static bool take_newest(SqlRows *rows, const StoreMessageQuery *query, GArray *candidates, GError **error)
{
    guint count = 0;
    int64_t oldest_us = INT64_MAX;
    SqlStep step;
    while ((step = sql_next(rows, error)) == SQL_ROW) {
        int64_t slot_us = sql_take_int(rows) / STORE_KEYS_PER_US;
        Candidate candidate = { .received_us = sql_take_int(rows) };
        candidate.id = sql_take_id(rows);
        if (count >= query->limit && slot_us < oldest_us)
            return true;
        if (!is_before(&candidate, query))
            continue;
        g_array_append_val(candidates, candidate);
        oldest_us = MIN(oldest_us, candidate.received_us);
        count++;
    }
    return step == SQL_END;
}

bool search_candidates(StoreTx *tx, const StoreMailbox *mailbox, const StoreMessageQuery *query, const FolderPart *part,
    GArray *candidates, GError **error)
{
    g_autofree char *expression = search_expression(query->search, mailbox->id);
    if (expression == NULL)
        return true;
    int64_t most_us = INT64_MAX / STORE_KEYS_PER_US - STORE_KEY_SLACK_US;
    int64_t from_us = query->before_us > 0 ? MIN(query->before_us, most_us) : most_us;
    SQL_ROWS_AUTO rows = { 0 };
    return sql_open(tx,
               "SELECT message_text.rowid, message.received_us, message.id FROM message_text CROSS JOIN message"
               " ON message.organization_id = $1 AND message.id = message_text.message_id"
               " WHERE message_text MATCH $2 AND message_text.rowid < $3 AND message.mailbox_id = $4"
               " AND ($5 IS NULL OR message.folder = $5) AND ($6 = 0 OR " PAID_FROM_HERE ") ORDER BY message_text.rowid DESC",
               SQL_WITH(sql_id(mailbox->organization_id), sql_str(expression),
                   sql_int((from_us + STORE_KEY_SLACK_US) * STORE_KEYS_PER_US), sql_id(mailbox->id),
                   sql_str(part->folder), sql_int(part->only_paid_from_here)), &rows,
               error)
        && take_newest(&rows, query, candidates, error);
}
