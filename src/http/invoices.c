/* Review and pay: what the biller says is due now, and its full document. */
#include <string.h>

#include "base/error.h"
#include "handlers.h"
#include "judge.h"
#include "problem.h"
#include "reviews.h"
#include "views.h"

typedef struct ReviewWork {
    const StoreAccount *account;
    Id invoice_id;
    const Review *review;
    char *confirmed_domain;
    json_t *view;
} ReviewWork;

/* Who vouches for the newest mail of the invoice; nothing where that lies in a mailbox which this reader may not open. */
static bool find_confirmed_domain(StoreTx *tx, ReviewWork *work, Judge *judge, const StoreInvoice *invoice, GError **error)
{
    g_autoptr(StoreMessage) message = NULL;
    g_autoptr(GError) missing = NULL;
    JUDGED_AUTO judged = { 0 };
    if (!store_message_get(tx, work->account, invoice->newest_message_id, &message, &missing)) {
        if (g_error_matches(missing, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    if (!judge_message(judge, tx, message, &judged, error))
        return false;
    work->confirmed_domain = g_strdup(judged.verdict->confirmed_domain);
    return true;
}

static bool view_work(StoreTx *tx, void *context, GError **error)
{
    ReviewWork *work = context;
    g_autoptr(StoreInvoice) invoice = NULL;
    JUDGE_AUTO judge = { 0 };
    if (!store_invoice_get(tx, work->account, work->invoice_id, &invoice, error)
        || !judge_init(&judge, tx, work->account->organization_id, error)
        || !find_confirmed_domain(tx, work, &judge, invoice, error))
        return false;
    const Partner *partner = registry_find(judge.registry, invoice->originator);
    work->view = view_review(tx, work->account->organization_id, work->invoice_id, work->review,
        partner == NULL ? NULL : partner->processor, work->confirmed_domain, time_now_us(), error);
    return work->view != NULL;
}

json_t *reviews_to_json(Server *server, const StoreAccount *account, Id invoice_id, const Review *review, GError **error)
{
    ReviewWork work = { .account = account, .invoice_id = invoice_id, .review = review };
    bool is_viewed = store_read(server->parts.store, view_work, &work, error);
    g_free(work.confirmed_domain);
    return is_viewed ? work.view : NULL;
}

void reviews_reply_error(HttpReply *reply, const HttpRequest *request, const GError *error)
{
    if (g_error_matches(error, CHECKOUT_ERROR, CHECKOUT_ERROR_BILLER_REFUSED))
        problem_reply(reply, request, "biller_refused", "%s", error->message);
    else if (g_error_matches(error, CHECKOUT_ERROR, CHECKOUT_ERROR_BILLER_ASKS_MORE))
        problem_reply(reply, request, "biller_asks_more", "%s", error->message);
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_DENIED))
        problem_reply(reply, request, "no_card", "%s", error->message);
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE))
        problem_reply(reply, request, "biller_unavailable", "%s", error->message);
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT)
        || g_error_matches(error, SALDO_ERROR, SALDO_ERROR_LIMIT))
        problem_reply(reply, request, "biller_answer_unusable", "%s", error->message);
    else
        problem_reply_error(reply, request, error);
}

void handle_review_invoice(Server *server, HttpRequest *request, HttpReply *reply)
{
    Id invoice_id = http_request_id(request);
    g_autoptr(GError) error = NULL;
    g_autoptr(Review) review = checkout_review(server->parts.checkout, request->account, invoice_id, &error);
    if (review == NULL) {
        reviews_reply_error(reply, request, error);
        return;
    }
    json_t *view = reviews_to_json(server, request->account, invoice_id, review, &error);
    if (view == NULL)
        problem_reply_error(reply, request, error);
    else
        http_reply_json(reply, 200, view);
}

/* A document of another kind than PDF is not shown: the pane's viewer reads PDF alone. */
static bool is_pdf(GBytes *document, const char *media_type)
{
    gsize length;
    const char *data = g_bytes_get_data(document, &length);
    return g_ascii_strncasecmp(media_type, "application/pdf", 15) == 0 && length > 5 && memcmp(data, "%PDF-", 5) == 0;
}

void handle_get_invoice_document(Server *server, HttpRequest *request, HttpReply *reply)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *media_type = NULL;
    g_autoptr(GBytes) document = checkout_document(server->parts.checkout, request->account, http_request_id(request),
        &media_type, &error);
    if (document == NULL) {
        reviews_reply_error(reply, request, error);
        return;
    }
    if (!is_pdf(document, media_type == NULL ? "" : media_type)) {
        problem_reply(reply, request, "biller_answer_unusable", "The biller's document is not a PDF.");
        return;
    }
    http_reply_bytes(reply, 200, "application/pdf", g_steal_pointer(&document));
    http_reply_header(reply, "Content-Disposition", "inline; filename=\"invoice.pdf\"");
    http_reply_header(reply, "Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'self'");
}
