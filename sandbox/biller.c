/* The payment-request webhook (wire.md §3): what is due now, as the biller's books say. */
#include "biller.h"

#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "routes.h"

bool biller_open_call(Sandbox *sandbox, const Call *call, const WorldBiller **ret_biller, Caller *ret_caller, Reply *reply)
{
    const WorldBiller *biller = world_find_biller(call->parts[0]);
    if (biller == NULL) {
        reply_error(reply, 404, "not_found", "there is no biller \"%s\" here", call->parts[0]);
        return false;
    }
    g_autoptr(GError) error = NULL;
    if (!bearer_check(sandbox, biller, call, ret_caller, &error)) {
        reply_error(reply, 401, "unauthorized", "%s", error->message);
        reply->header = "WWW-Authenticate";
        reply->header_value = "Bearer error=\"invalid_token\"";
        return false;
    }
    *ret_biller = biller;
    return true;
}

Bill *biller_find_bill(Book *book, const Caller *caller, const json_t *product_context, Reply *reply)
{
    const char *number = json_text(product_context, "invoice");
    Bill *bill = number == NULL ? NULL : bill_find(book, number);
    if (bill != NULL && bill->merchant == caller->merchant)
        return bill;
    bill_free(bill);
    reply_error(reply, 404, "invoice_not_found", "productContext.invoice names no invoice of this merchant");
    return NULL;
}

GMutex *biller_invoice_lock(Sandbox *sandbox, const char *number)
{
    return &sandbox->invoice_locks[g_str_hash(number) % G_N_ELEMENTS(sandbox->invoice_locks)];
}

/* The same details.id as long as the same amount is due, so that a payer's consent stays good. */
static char *request_id_for(Book *book, const Bill *bill)
{
    Money total = bill_total(bill);
    book_begin(book);
    JSON_AUTO *row = book_row(book, "SELECT id FROM request WHERE number = ? AND currency = ? AND minor = ?", "ssi",
        bill->number, total.currency, total.minor);
    char *id = row != NULL ? g_strdup(json_text(row, "id")) : g_strdup_printf("req-%s", id_new().text);
    if (row == NULL)
        book_run(book, "INSERT INTO request(id, number, currency, minor, born_us) VALUES(?,?,?,?,?)", "sssii", id,
            bill->number, total.currency, total.minor, time_now_us());
    book_commit(book);
    return id;
}

static json_t *method_data(const Sandbox *sandbox, const Bill *bill, const json_t *asked)
{
    const json_t *data = json_object_get(asked, "data");
    json_t *answer = json_pack("[{s:O?, s:{s:O?, s:O?, s:[s,s,s], s:[s,s], s:o}}]", "supportedMethods",
        json_object_get(asked, "supportedMethods"), "data", "event", json_object_get(data, "event"), "productContext",
        json_object_get(data, "productContext"), "supportedNetworks", "visa", "mastercard", "amex", "supportedTypes",
        "credit", "debit", "entity", bill_entity(bill, sandbox->base_url));
    g_assert(answer != NULL);
    return answer;
}

static json_t *whole_answer(const Sandbox *sandbox, const Bill *bill, const json_t *asked)
{
    g_autofree char *request_id = request_id_for(sandbox->book, bill);
    const char *label = bill_is_polish(bill) ? "Do zapłaty" : "Amount due";
    return json_pack("{s:s, s:o, s:{s:b, s:b, s:b, s:b}, s:{s:s, s:{s:s, s:o, s:b}, s:o, s:[]}, s:n, s:n}", "id",
        request_id, "methodData", method_data(sandbox, bill, asked), "options", "requestPayerName", 0,
        "requestPayerEmail", 0, "requestPayerPhone", 0, "requestShipping", 0, "details", "id", request_id, "total", "label",
        label, "amount", wire_from_money(bill_total(bill)), "pending", 0, "displayItems", bill_display_items(bill),
        "shippingOptions", "shippingAddress", "shippingOption");
}

/* PaymentComplete without options and details: the pane shows a paid invoice and no Pay button. */
static json_t *paid_answer(const Sandbox *sandbox, const Bill *bill, const json_t *asked)
{
    return json_pack("{s:s, s:o}", "id", bill->number, "methodData", method_data(sandbox, bill, asked));
}

static void answer_event(const Sandbox *sandbox, const Bill *bill, const json_t *asked, const char *event, Reply *reply)
{
    if (bill->paid_at != NULL) {
        JSON_AUTO *paid = paid_answer(sandbox, bill, asked);
        reply_json(reply, 200, paid);
        return;
    }
    JSON_AUTO *answer = whole_answer(sandbox, bill, asked);
    if (strcmp(event, "loadentity") != 0)
        json_put_text(json_object_get(answer, "details"), "error",
            bill_is_polish(bill) ? "Tej faktury nie wysyłamy pocztą, więc nie ma czego wybierać."
                                 : "Nothing is shipped with this invoice, so there is nothing to choose.");
    reply_json(reply, 200, answer);
}

void biller_payment_request(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const WorldBiller *biller;
    CALLER_AUTO caller = { 0 };
    if (!biller_open_call(sandbox, call, &biller, &caller, reply))
        return;
    const json_t *asked = json_array_get(json_object_get(call->json, "methodData"), 0);
    const json_t *data = json_object_get(asked, "data");
    const char *event = json_text(data, "event");
    if (event == NULL || (strcmp(event, "loadentity") != 0 && strcmp(event, "shippingaddresschange") != 0
            && strcmp(event, "shippingoptionchange") != 0)) {
        reply_error(reply, 400, "invalid_request", "methodData[0].data.event is loadentity, shippingaddresschange or"
            " shippingoptionchange");
        return;
    }
    const json_t *context = json_object_get(data, "productContext");
    g_autoptr(Bill) known = biller_find_bill(sandbox->book, &caller, context, reply);
    if (known == NULL)
        return;
    biller_settle_open_attempts(sandbox, known->number);
    g_autoptr(Bill) bill = bill_find(sandbox->book, known->number);
    answer_event(sandbox, bill, asked, event, reply);
}
