/* Paying, and following a payment to its end. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "fields.h"
#include "handlers.h"
#include "idempotency.h"
#include "problem.h"
#include "reviews.h"
#include "views.h"

/* ---- Showing ------------------------------------------------------------------------------------- */

typedef struct PaymentWork {
    const StoreAccount *account;
    Id id;
    json_t *view;
} PaymentWork;

static bool view_one(StoreTx *tx, void *context, GError **error)
{
    PaymentWork *work = context;
    g_autoptr(Payment) payment = NULL;
    if (!store_payment_get(tx, work->account, work->id, &payment, error))
        return false;
    work->view = view_payment(tx, payment, error);
    return work->view != NULL;
}

static void reply_payment(Server *server, const HttpRequest *request, HttpReply *reply, Id id, unsigned status)
{
    PaymentWork work = { .account = request->account, .id = id };
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, view_one, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    http_reply_json(reply, status, work.view);
    if (status == 202)
        http_reply_header(reply, "Location", "/v1/payments/%s", id.text);
}

void handle_get_payment(Server *server, HttpRequest *request, HttpReply *reply)
{
    reply_payment(server, request, reply, http_request_id(request), 200);
}

static bool view_list(StoreTx *tx, void *context, GError **error)
{
    PaymentWork *work = context;
    g_autoptr(GPtrArray) payments = NULL;
    if (!store_payments_list(tx, work->account, HTTP_PAYMENTS_MOST, &payments, error))
        return false;
    for (guint i = 0; i < payments->len; i++) {
        json_t *view = view_payment(tx, payments->pdata[i], error);
        if (view == NULL)
            return false;
        json_array_append_new(work->view, view);
    }
    return true;
}

void handle_list_payments(Server *server, HttpRequest *request, HttpReply *reply)
{
    JSON_AUTO *items = json_array();
    PaymentWork work = { .account = request->account, .view = items };
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, view_list, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    json_t *list = json_object();
    json_object_set(list, "items", items);
    http_reply_json(reply, 200, list);
}

/* ---- Paying ---------------------------------------------------------------------------------------- */

static bool find_card(StoreTx *tx, void *context, GError **error)
{
    const PaymentWork *work = context;
    g_autoptr(StoreCard) card = NULL;
    return store_card_get(tx, work->account, work->id, &card, error);
}

/* False with the problem as reply. */
static bool require_card(Server *server, const HttpRequest *request, HttpReply *reply, Id card_id)
{
    PaymentWork work = { .account = request->account, .id = card_id };
    g_autoptr(GError) error = NULL;
    if (store_read(server->parts.store, find_card, &work, &error))
        return true;
    if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        problem_reply(reply, request, "card_unknown", "Choose another card; this one is not in your wallet.");
    else
        problem_reply_error(reply, request, error);
    return false;
}

/* [PAY-006] [PAY-013] The fresh review goes back with the refusal: the payer looks at it and consents anew. */
static void refuse_with_review(Server *server, const HttpRequest *request, HttpReply *reply, const char *code,
    const char *detail, Id invoice_id, const Review *review)
{
    g_autoptr(GError) error = NULL;
    json_t *view = review == NULL ? NULL : reviews_to_json(server, request->account, invoice_id, review, &error);
    if (view == NULL && error != NULL)
        problem_reply_error(reply, request, error);
    else
        problem_reply_with(reply, request, code, detail, view == NULL ? NULL : "review", view);
}

/* The payment that this key already has, as it stands now. */
void replay_payment(Server *server, const HttpRequest *request, HttpReply *reply, const json_t *kept)
{
    const char *text = json_text(kept, "id");
    Id id;
    g_assert(text != NULL && id_parse(span_of(text), &id)); /* checkout_pay wrote it */
    reply_payment(server, request, reply, id, 200);
}

static PayOrder read_order(Fields *fields)
{
    return (PayOrder){
        .invoice_id = fields_id(fields, "invoice_id"),
        .card_id = fields_id(fields, "card_id"),
        .amount = fields_money(fields, "amount"),
        .payee = fields_text(fields, "payee", 1, 1000),
        .invoice_number = fields_text(fields, "invoice_number", 1, 200),
        .request_id = fields_text(fields, "request_id", 1, 1000),
        .code_jwe = fields_compact_jwe(fields, "security_code", VAULT_CODE_MAX),
    };
}

static void run_order(Server *server, HttpRequest *request, HttpReply *reply, const PayOrder *order)
{
    int64_t started_us = time_now_us();
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) review = NULL;
    g_autoptr(GError) error = NULL;
    PayRefusal refusal = checkout_pay(server->parts.checkout, request->account, order, &payment, &review, &error);
    const char *why = error == NULL ? "" : error->message;
    switch (refusal) {
    case PAY_REFUSED_NOT:
        reply_payment(server, request, reply, payment->id, payment->created_us >= started_us ? 202 : 200);
        return;
    case PAY_REFUSED_CONSENT_VOID:
        refuse_with_review(server, request, reply, "consent_void",
            "Amount, currency, payee or invoice changed since you looked; nothing was paid.", order->invoice_id, review);
        return;
    case PAY_REFUSED_ALREADY_PAID:
        refuse_with_review(server, request, reply, "already_paid", "Nothing was paid now.", order->invoice_id, review);
        return;
    case PAY_REFUSED_NO_CARD:
        problem_reply(reply, request, "no_card", "%s", why);
        return;
    case PAY_REFUSED_BILLER:
        reviews_reply_error(reply, request, error);
        return;
    case PAY_REFUSED_OTHER:
        if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT))
            problem_reply(reply, request, "order_unusable", "%s", why);
        else if (!problem_reply_storage(reply, request, "Nothing was paid. ", error)) /* no payment was opened [PAY-004] */
            problem_reply_error(reply, request, error);
        return;
    }
    g_assert_not_reached();
}

void handle_pay(Server *server, HttpRequest *request, HttpReply *reply)
{
    Fields fields = fields_of(request);
    PayOrder order = read_order(&fields);
    if (fields_refused(&fields, request, reply) || !require_card(server, request, reply, order.card_id))
        return;
    g_autofree char *hash = idempotency_request_hash(request);
    order.idempotency_key = request->idempotency_key;
    order.request_hash = hash;
    run_order(server, request, reply, &order);
}

/* ---- Following ---------------------------------------------------------------------------------------- */

typedef bool PaymentStep(Checkout *checkout, const StoreAccount *account, Id payment_id, GError **error);

static void run_step(Server *server, const HttpRequest *request, HttpReply *reply, PaymentStep *step, unsigned status,
    const char *conflict_code)
{
    Id id = http_request_id(request);
    g_autoptr(GError) error = NULL;
    if (step(server->parts.checkout, request->account, id, &error))
        reply_payment(server, request, reply, id, status);
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_CONFLICT))
        problem_reply(reply, request, conflict_code, "%s", error->message);
    else
        problem_reply_error(reply, request, error);
}

void handle_check_payment(Server *server, HttpRequest *request, HttpReply *reply)
{
    run_step(server, request, reply, checkout_check_now, 202, "conflict");
}

void handle_return_from_bank(Server *server, HttpRequest *request, HttpReply *reply)
{
    run_step(server, request, reply, checkout_action_done, 202, "conflict");
}

void handle_cancel_payment(Server *server, HttpRequest *request, HttpReply *reply)
{
    run_step(server, request, reply, checkout_cancel, 200, "too_late");
}

void handle_get_receipt(Server *server, HttpRequest *request, HttpReply *reply)
{
    const char *language = http_request_query(request, "language");
    if (language == NULL)
        language = "en";
    if (strcmp(language, "en") != 0 && strcmp(language, "pl") != 0) {
        problem_reply(reply, request, "bad_request", "`language` is en or pl.");
        return;
    }
    Id id = http_request_id(request);
    g_autoptr(GError) error = NULL;
    GBytes *pdf = checkout_receipt_pdf(server->parts.checkout, request->account, id, language, &error);
    if (pdf == NULL) {
        problem_reply_error(reply, request, error);
        return;
    }
    http_reply_bytes(reply, 200, "application/pdf", pdf);
    http_reply_header(reply, "Content-Disposition", "attachment; filename=\"receipt-%s.pdf\"", id.text);
}
