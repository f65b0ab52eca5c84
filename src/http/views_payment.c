/* Payments, reviews and cards as JSON. */
#include "views.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "views_parts.h"

/* ---- Payments ------------------------------------------------------------------------------------------ */

static bool put_payment_card(StoreTx *tx, json_t *object, const Payment *payment, GError **error)
{
    g_autoptr(StoreCard) card = NULL;
    g_autoptr(GError) missing = NULL;
    if (!store_card_for_payment(tx, payment, &card, &missing)) {
        views_put(object, "card", json_null()); /* shredded since */
        if (g_error_matches(missing, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    json_t *shown = json_object();
    json_put_text(shown, "brand", card->brand);
    json_put_text(shown, "last4", card->last4);
    views_put(object, "card", shown);
    return true;
}

static bool put_receipt(StoreTx *tx, json_t *object, const Payment *payment, GError **error)
{
    /* The receipt of a payment that may be shown may be named: asked as the one who paid. */
    const StoreAccount payer = { .organization_id = payment->organization_id, .id = payment->account_id };
    g_autoptr(StoreReceipt) receipt = NULL;
    g_autoptr(GError) missing = NULL;
    bool found = store_receipt_get(tx, &payer, payment->id, &receipt, &missing);
    json_put_text(object, "receipt_number", found ? receipt->number : NULL);
    if (found || g_error_matches(missing, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&missing));
    return false;
}

static json_t *payment_facts(const Payment *payment)
{
    json_t *object = json_object();
    json_put_text(object, "id", payment->id.text);
    json_put_text(object, "invoice_id", payment->invoice_id.text);
    json_put_text(object, "state", pay_state_name(payment->state));
    json_put_flag(object, "is_final", pay_state_is_final_unpaid(payment->state));
    json_put_flag(object, "is_paid", pay_state_is_paid(payment->state));
    views_put(object, "amount", json_from_money(payment->amount));
    json_put_text(object, "payee", payment->payee);
    json_put_text(object, "invoice_number", payment->invoice_number);
    views_put(object, "created_at", view_maybe_time(payment->created_us));
    views_put(object, "updated_at", view_maybe_time(payment->updated_us));
    views_put(object, "next_check_at", view_maybe_time(payment->next_check_us));
    json_put_text(object, "biller_ref", payment->biller_ref);
    json_put_text(object, "reason_code", payment->reason_code);
    json_put_text(object, "reason_text", payment->reason_text);
    json_put_text(object, "action_url", payment->action_url);
    json_put_flag(object, "test", payment->test);
    return object;
}

json_t *view_payment(StoreTx *tx, const Payment *payment, GError **error)
{
    json_t *object = payment_facts(payment);
    if (put_payment_card(tx, object, payment, error) && put_receipt(tx, object, payment, error))
        return object;
    json_decref(object);
    return NULL;
}

/* ---- The review ------------------------------------------------------------------------------------------ */

static json_t *lines_view(const GPtrArray *lines)
{
    json_t *array = json_array();
    for (guint i = 0; lines != NULL && i < lines->len; i++) {
        const BillerLine *line = lines->pdata[i];
        json_t *object = json_object();
        json_put_text(object, "label", line->label);
        views_put(object, "amount", json_from_money(line->amount));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *differences_view(const GPtrArray *differences)
{
    json_t *array = json_array();
    for (guint i = 0; differences != NULL && i < differences->len; i++) {
        const ReviewDifference *difference = differences->pdata[i];
        json_t *object = json_object();
        json_put_text(object, "field", difference->field);
        json_put_text(object, "in_mail", difference->in_mail);
        json_put_text(object, "at_biller", difference->at_biller);
        json_array_append_new(array, object);
    }
    return array;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static json_t *review_facts(const Review *review, int64_t now_us)
{
    const BillerReview *biller = review->biller;
    const Invoice *invoice = biller->invoice;
    json_t *object = json_object();
    json_put_text(object, "request_id", or_empty(biller->request_id));
    json_put_text(object, "payee", or_empty(invoice->seller.name));
    json_put_text(object, "broker_name", invoice->broker.name);
    json_put_text(object, "invoice_number", or_empty(invoice->number));
    json_put_text(object, "issue_date", invoice->issue_date);
    json_put_text(object, "due_date", invoice->due_date);
    json_put_integer(object, "overdue_days", biller->already_paid ? 0 : views_overdue_days(invoice->due_date, now_us));
    views_put(object, "amount", view_maybe_money(biller->total));
    views_put(object, "lines", lines_view(biller->lines));
    json_put_flag(object, "already_paid", biller->already_paid);
    json_put_text(object, "confirmation_number", invoice->confirmation_number);
    json_put_flag(object, "has_document", invoice->url != NULL);
    views_put(object, "networks", views_texts(biller->networks));
    views_put(object, "types", views_texts(biller->types));
    views_put(object, "differences", differences_view(review->differences));
    json_put_flag(object, "test", biller->test);
    return object;
}

json_t *view_review(StoreTx *tx, Id organization_id, Id invoice_id, const Review *review, const char *processor,
    const char *confirmed_domain, int64_t now_us, GError **error)
{
    json_t *live = json_null();
    if (!id_is_none(review->live_payment_id)) {
        g_autoptr(Payment) payment = NULL;
        if (!store_payment_by_id(tx, organization_id, review->live_payment_id, &payment, error)
            || (live = view_payment(tx, payment, error)) == NULL)
            return NULL;
    }
    json_t *object = review_facts(review, now_us);
    json_put_text(object, "invoice_id", invoice_id.text);
    json_put_text(object, "processor", or_empty(processor));
    json_put_text(object, "confirmed_domain", or_empty(confirmed_domain));
    views_put(object, "live_payment", live);
    return object;
}

/* ---- The wallet --------------------------------------------------------------------------------------------- */

bool views_is_expired(const char *expiry, int64_t now_us)
{
    char today[DATE_TEXT_MAX];
    time_format_date(now_us, today);
    g_autofree char *month = g_strdup_printf("20%.2s-%.2s", expiry + 3, expiry);
    return strncmp(month, today, 7) < 0;
}

json_t *view_card(const StoreCard *card, int64_t now_us)
{
    json_t *object = json_object();
    json_put_text(object, "id", card->id.text);
    json_put_text(object, "processor", card->processor);
    json_put_text(object, "brand", card->brand);
    json_put_text(object, "last4", card->last4);
    json_put_text(object, "expiry", card->expiry);
    json_put_flag(object, "expired", strlen(card->expiry) != 5 || views_is_expired(card->expiry, now_us));
    json_put_text(object, "holder", card->holder);
    bool is_named = card->nickname != NULL && card->nickname[0] != '\0';
    json_put_text(object, "nickname", is_named ? card->nickname : NULL);
    json_put_flag(object, "is_default", card->is_default);
    views_put(object, "created_at", view_maybe_time(card->created_us));
    views_put(object, "last_used_at", view_maybe_time(card->last_used_us));
    return object;
}
