/* Folders, the list and one message. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "checkout/card.h"
#include "cursor.h"
#include "fields.h"
#include "handlers.h"
#include "judge.h"
#include "problem.h"
#include "server.h"
#include "views.h"

/* ---- Folders ------------------------------------------------------------------------------------ */

typedef struct FolderWork {
    const StoreAccount *account;
    StoreFolderCounts counts;
} FolderWork;

static bool count_folders(StoreTx *tx, void *context, GError **error)
{
    FolderWork *work = context;
    return store_message_counts(tx, work->account, &work->counts, error);
}

void handle_get_folders(Server *server, HttpRequest *request, HttpReply *reply)
{
    FolderWork work = { .account = request->account };
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, count_folders, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    json_t *object = json_object();
    json_put_integer(object, "inbox", (int64_t)work.counts.inbox);
    json_put_integer(object, "unseen", (int64_t)work.counts.unseen);
    json_put_integer(object, "to_pay", (int64_t)work.counts.to_pay);
    json_put_integer(object, "paid", (int64_t)work.counts.paid);
    json_put_integer(object, "scheduled", (int64_t)work.counts.scheduled);
    http_reply_json(reply, 200, object);
}

/* ---- The list -------------------------------------------------------------------------------------- */

typedef struct ListWork {
    const StoreAccount *account;
    StoreMessageQuery query;
    int64_t now_us;
    json_t *items; /* made */
    int64_t last_us; /* of the last row, where a further page may exist */
    Id last_id;
} ListWork;

static bool folder_from_name(const char *name, StoreFolder *ret_folder)
{
    static const char *const names[] = {
        [STORE_FOLDER_INBOX] = "inbox",
        [STORE_FOLDER_TO_PAY] = "to_pay",
        [STORE_FOLDER_PAID] = "paid",
        [STORE_FOLDER_SCHEDULED] = "scheduled",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0) {
            *ret_folder = (StoreFolder)i;
            return true;
        }
    return false;
}

/* What a cursor is bound to. */
static char *list_scope(const HttpRequest *request, const StoreMessageQuery *query)
{
    return g_strdup_printf("messages %s %d %s", request->account->id.text, (int)query->folder,
        query->search == NULL ? "" : query->search);
}

static bool refuse_argument(const HttpRequest *request, HttpReply *reply, const char *detail)
{
    problem_reply(reply, request, "bad_request", "%s", detail);
    return false;
}

static bool read_filter(const HttpRequest *request, HttpReply *reply, StoreMessageQuery *query)
{
    const char *folder = http_request_query(request, "folder"), *search = http_request_query(request, "q");
    const char *limit = http_request_query(request, "limit");
    uint64_t number = HTTP_PAGE_DEFAULT;
    if (folder != NULL && !folder_from_name(folder, &query->folder))
        return refuse_argument(request, reply, "`folder` is inbox, to_pay, paid or scheduled.");
    if (search != NULL && g_utf8_strlen(search, -1) > HTTP_SEARCH_CHARACTERS)
        return refuse_argument(request, reply, "`q` may have 200 characters.");
    if (limit != NULL && (!span_to_uint64(span_of(limit), &number) || number < 1 || number > HTTP_PAGE_MOST))
        return refuse_argument(request, reply, "`limit` is a number from 1 to 200.");
    query->search = search == NULL || search[0] == '\0' ? NULL : search;
    query->limit = (unsigned)number;
    return true;
}

static bool read_cursor(Server *server, const HttpRequest *request, HttpReply *reply, StoreMessageQuery *query)
{
    const char *cursor = http_request_query(request, "cursor");
    g_autofree char *scope = list_scope(request, query);
    if (cursor == NULL || cursor_read(server->cursor_key, scope, cursor, &query->before_us, &query->before_id))
        return true;
    problem_reply(reply, request, "cursor_invalid",
        "Use `next_cursor` of the page before, with the same folder and search; or begin again without a cursor.");
    return false;
}

/* The list carries no authentication: what must be judged is read whole. */
static bool judge_row(StoreTx *tx, const ListWork *work, Judge *judge, const StoreMessage *row, json_t **ret_view,
    GError **error)
{
    g_autoptr(StoreMessage) message = NULL;
    JUDGED_AUTO judged = { 0 };
    if (!store_message_get(tx, work->account, row->id, &message, error)
        || !judge_message(judge, tx, message, &judged, error))
        return false;
    bool is_card = judged.verdict->kind == VERDICT_CARD;
    *ret_view = view_message_row(tx, row, verdict_kind_name(judged.verdict->kind), is_card ? row->invoice_id : ID_NONE,
        work->now_us, error);
    return *ret_view != NULL;
}

static bool add_row(StoreTx *tx, const ListWork *work, Judge *judge, const StoreMessage *row, GError **error)
{
    json_t *view = NULL;
    if (row->has_invoice) {
        if (!judge_row(tx, work, judge, row, &view, error))
            return false;
    } else {
        /* Without an invoice there is nothing that a switch could change. */
        view = view_message_row(tx, row, row->verdict_kind, ID_NONE, work->now_us, error);
        if (view == NULL)
            return false;
    }
    json_array_append_new(work->items, view);
    return true;
}

static bool list_messages(StoreTx *tx, void *context, GError **error)
{
    ListWork *work = context;
    JUDGE_AUTO judge = { 0 };
    g_autoptr(GPtrArray) rows = NULL;
    if (!judge_init(&judge, tx, work->account->organization_id, error)
        || !store_message_list(tx, work->account, &work->query, &rows, error))
        return false;
    for (guint i = 0; i < rows->len; i++)
        if (!add_row(tx, work, &judge, rows->pdata[i], error))
            return false;
    if (rows->len == work->query.limit) {
        const StoreMessage *last = rows->pdata[rows->len - 1];
        work->last_us = last->received_us;
        work->last_id = last->id;
    }
    return true;
}

void handle_list_messages(Server *server, HttpRequest *request, HttpReply *reply)
{
    ListWork work = { .account = request->account, .now_us = time_now_us() };
    if (!read_filter(request, reply, &work.query) || !read_cursor(server, request, reply, &work.query))
        return;
    JSON_AUTO *items = work.items = json_array();
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, list_messages, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    g_autofree char *scope = list_scope(request, &work.query);
    g_autofree char *next = id_is_none(work.last_id) ? NULL
                                                     : cursor_make(server->cursor_key, scope, work.last_us, work.last_id);
    json_t *page = json_object();
    json_object_set(page, "items", items);
    json_put_text(page, "next_cursor", next);
    http_reply_json(reply, 200, page);
}

/* ---- One message -------------------------------------------------------------------------------------- */

typedef struct MessageWork {
    const StoreAccount *account;
    Id id;
    int64_t now_us;
    bool seen;
    bool must_attach; /* a card now, but none on arrival: its invoice must be made first */
    json_t *view;
} MessageWork;

static bool view_one(StoreTx *tx, MessageWork *work, bool may_write, GError **error)
{
    JUDGE_AUTO judge = { 0 };
    g_autoptr(StoreMessage) message = NULL;
    JUDGED_AUTO judged = { 0 };
    if (!store_message_get(tx, work->account, work->id, &message, error)
        || !judge_init(&judge, tx, work->account->organization_id, error)
        || !judge_message(&judge, tx, message, &judged, error))
        return false;
    Id invoice_id = judged.verdict->kind == VERDICT_CARD ? message->invoice_id : ID_NONE;
    work->must_attach = judged.verdict->kind == VERDICT_CARD && id_is_none(invoice_id) && !may_write;
    if (work->must_attach)
        return true;
    if (judged.verdict->kind == VERDICT_CARD && id_is_none(invoice_id)
        && !checkout_attach_invoice(tx, message->organization_id, message->id, judged.verdict, &invoice_id, error))
        return false;
    work->view = view_message(tx, message, &judged, invoice_id, work->now_us, error);
    return work->view != NULL;
}

static bool read_message(StoreTx *tx, void *context, GError **error)
{
    return view_one(tx, context, false, error);
}

static bool attach_and_read_message(StoreTx *tx, void *context, GError **error)
{
    return view_one(tx, context, true, error);
}

void handle_get_message(Server *server, HttpRequest *request, HttpReply *reply)
{
    MessageWork work = { .account = request->account, .id = http_request_id(request), .now_us = time_now_us() };
    g_autoptr(GError) error = NULL;
    bool is_read = store_read(server->parts.store, read_message, &work, &error);
    if (is_read && work.must_attach)
        is_read = store_write(server->parts.store, attach_and_read_message, &work, &error);
    if (is_read)
        http_reply_json(reply, 200, work.view);
    else if (!work.must_attach || !problem_reply_storage(reply, request, "", error))
        problem_reply_error(reply, request, error);
}

static bool mark_message(StoreTx *tx, void *context, GError **error)
{
    const MessageWork *work = context;
    return store_message_mark_seen(tx, work->account, work->id, work->seen, error);
}

void handle_mark_message(Server *server, HttpRequest *request, HttpReply *reply)
{
    Fields fields = fields_of(request);
    MessageWork work = { .account = request->account, .id = http_request_id(request) };
    work.seen = fields_flag(&fields, "seen");
    if (fields_refused(&fields, request, reply))
        return;
    g_autoptr(GError) error = NULL;
    if (store_write(server->parts.store, mark_message, &work, &error))
        http_reply_empty(reply, 204);
    else
        problem_reply_error(reply, request, error);
}
