/* Messages and their payment cards as JSON. */
#include "views.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "views_parts.h"

json_t *view_maybe_money(Money money)
{
    return money_is_none(money) ? json_null() : json_from_money(money);
}

json_t *view_maybe_time(int64_t time_us)
{
    if (time_us == 0)
        return json_null();
    char text[TIME_RFC3339_MAX];
    time_format_rfc3339(time_us, text);
    return json_string(text);
}

void views_put(json_t *object, const char *name, json_t *value)
{
    g_assert(json_object_set_new(object, name, value) == 0);
}

int64_t views_overdue_days(const char *due_date, int64_t now_us)
{
    int64_t due_us;
    if (due_date == NULL || !time_parse_date(span_of(due_date), &due_us) || now_us < due_us)
        return 0;
    return (now_us - due_us) / US_PER_DAY;
}

json_t *views_texts(const GPtrArray *texts)
{
    json_t *array = json_array();
    for (guint i = 0; texts != NULL && i < texts->len; i++)
        json_array_append_new(array, json_string(texts->pdata[i]));
    return array;
}

/* What is due and late is past due, whenever it was last written. */
static const char *shown_state(const StoreInvoice *invoice, int64_t now_us)
{
    bool is_late = strcmp(invoice->state, "due") == 0 && views_overdue_days(invoice->due_date, now_us) > 0;
    return is_late ? "past_due" : invoice->state;
}

/* ---- The list ------------------------------------------------------------------------------------ */

static json_t *invoice_brief(const StoreInvoice *invoice, int64_t now_us)
{
    json_t *object = json_object();
    json_put_text(object, "id", invoice->id.text);
    json_put_text(object, "seller_name", invoice->seller_name);
    json_put_text(object, "number", invoice->number);
    views_put(object, "amount_due", view_maybe_money(invoice->amount_due));
    json_put_text(object, "due_date", invoice->due_date);
    json_put_text(object, "state", shown_state(invoice, now_us));
    return object;
}

static json_t *row_of(const StoreMessage *message, const char *verdict_kind)
{
    json_t *object = json_object();
    json_put_text(object, "id", message->id.text);
    views_put(object, "received_at", view_maybe_time(message->received_us));
    json_put_text(object, "from_name", message->from_name);
    json_put_text(object, "from_address", message->from_address);
    json_put_text(object, "subject", message->subject);
    json_put_text(object, "preview", message->preview);
    json_put_flag(object, "seen", message->seen);
    json_put_text(object, "mailbox_address", message->mailbox_address);
    json_put_text(object, "verdict_kind", verdict_kind);
    views_put(object, "invoice", json_null());
    return object;
}

static bool put_brief(StoreTx *tx, json_t *row, Id organization_id, Id invoice_id, int64_t now_us, GError **error)
{
    if (id_is_none(invoice_id))
        return true;
    g_autoptr(StoreInvoice) invoice = NULL;
    if (!store_invoice_by_id(tx, organization_id, invoice_id, &invoice, error))
        return false;
    views_put(row, "invoice", invoice_brief(invoice, now_us));
    return true;
}

json_t *view_message_row(StoreTx *tx, const StoreMessage *message, const char *verdict_kind, Id invoice_id, int64_t now_us,
    GError **error)
{
    JSON_AUTO *row = row_of(message, verdict_kind);
    return put_brief(tx, row, message->organization_id, invoice_id, now_us, error) ? g_steal_pointer(&row) : NULL;
}

/* ---- What was found out --------------------------------------------------------------------------- */

static json_t *copy_of(const json_t *source, const char *const *names)
{
    json_t *object = json_object();
    for (; *names != NULL; names++)
        json_put_text(object, *names, json_text(source, *names));
    if (json_text(object, "result") == NULL)
        json_put_text(object, "result", "none");
    return object;
}

/* The archived form without what only machines need (evidence). */
static json_t *authentication_view(const json_t *archived)
{
    static const char *const dkim_names[] = { "result", "domain", "selector", "algorithm", "reason", NULL };
    static const char *const spf_names[] = { "result", "domain", "reason", NULL };
    static const char *const dmarc_names[] = { "result", "domain", "policy", "reason", NULL };
    static const char *const arc_names[] = { "result", "reason", NULL };
    json_t *dkim = json_array();
    size_t index;
    json_t *signature;
    json_array_foreach(json_object_get(archived, "dkim"), index, signature)
        json_array_append_new(dkim, copy_of(signature, dkim_names));
    json_t *object = json_object();
    views_put(object, "dkim", dkim);
    views_put(object, "spf", copy_of(json_object_get(archived, "spf"), spf_names));
    views_put(object, "dmarc", copy_of(json_object_get(archived, "dmarc"), dmarc_names));
    views_put(object, "arc", copy_of(json_object_get(archived, "arc"), arc_names));
    return object;
}

static json_t *attachments_view(const GPtrArray *attachments)
{
    json_t *array = json_array();
    for (guint i = 0; attachments != NULL && i < attachments->len; i++) {
        const MailAttachment *attachment = attachments->pdata[i];
        json_t *object = json_object();
        json_put_integer(object, "part", attachment->part);
        json_put_text(object, "name", attachment->name);
        json_put_text(object, "media_type", attachment->media_type);
        json_put_integer(object, "bytes", (int64_t)attachment->bytes);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *troubles_view(const Extraction *extraction)
{
    json_t *array = views_texts(extraction->summary->troubles);
    if (!extraction->readable && extraction->trouble != NULL)
        json_array_insert_new(array, 0, json_string(extraction->trouble));
    return array;
}

/* "1234.50 PLN", or as the mail wrote it where that is no money. */
static json_t *claimed_total(const Invoice *invoice)
{
    Money money = money_is_none(invoice->amount_due) ? invoice->total : invoice->amount_due;
    if (money_is_none(money))
        return invoice->currency_text == NULL ? json_null() : json_string(invoice->currency_text);
    char decimal[MONEY_TEXT_MAX];
    money_format_decimal(money, decimal);
    g_autofree char *text = g_strdup_printf("%s %s", decimal, money.currency);
    return json_string(text);
}

/* None in a plain mail: who is outside the rollout, or switched off, sees the mail as if nothing were there. */
static json_t *claims_view(const Judged *judged)
{
    json_t *array = json_array();
    const GPtrArray *invoices = judged->extraction->invoices;
    for (guint i = 0; i < invoices->len && judged->verdict->kind != VERDICT_PLAIN; i++) {
        const Invoice *invoice = invoices->pdata[i];
        json_t *object = json_object();
        json_put_text(object, "number", invoice->number);
        json_put_text(object, "seller_name", invoice->seller.name);
        views_put(object, "total", claimed_total(invoice));
        json_put_text(object, "due_date", invoice->due_date);
        json_array_append_new(array, object);
    }
    return array;
}

/* ---- The payment card -------------------------------------------------------------------------------- */

/* False where the store fails; *ret_payment stays NULL where there is none. */
static bool find_payment(StoreTx *tx, const StoreInvoice *invoice, Payment **ret_payment, GError **error)
{
    g_autoptr(GError) missing = NULL;
    if (store_payment_of_invoice(tx, invoice->organization_id, invoice->id, ret_payment, &missing)
        || g_error_matches(missing, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&missing));
    return false;
}

/* Of our payment, else as the biller or the mail said it. */
static const char *confirmation_of(const StoreInvoice *invoice, const Payment *payment)
{
    if (payment != NULL && pay_state_is_paid(payment->state))
        return payment->biller_ref;
    const char *said = json_text(json_object_get(invoice->review, "invoice"), "confirmation_number");
    return said != NULL ? said : json_text(invoice->model, "confirmation_number");
}

/* The payee is the verified merchant, whatever the mail calls it. */
static json_t *card_of(const StoreInvoice *invoice, const Verdict *verdict, const Payment *payment, int64_t now_us)
{
    json_t *object = json_object();
    bool is_open = invoice->paid_us == 0 && strcmp(invoice->state, "complete") != 0;
    json_put_text(object, "invoice_id", invoice->id.text);
    json_put_text(object, "seller_name", verdict->merchant->legal_name);
    json_put_text(object, "broker_name", verdict->invoice->broker.name);
    json_put_text(object, "number", invoice->number);
    views_put(object, "amount_due", view_maybe_money(invoice->amount_due));
    json_put_text(object, "due_date", invoice->due_date);
    json_put_integer(object, "overdue_days", is_open ? views_overdue_days(invoice->due_date, now_us) : 0);
    json_put_text(object, "state", shown_state(invoice, now_us));
    json_put_text(object, "confirmed_domain", verdict->confirmed_domain);
    views_put(object, "paid_at", view_maybe_time(invoice->paid_us));
    json_put_text(object, "paid_by", invoice->paid_by);
    json_put_text(object, "confirmation_number", confirmation_of(invoice, payment));
    return object;
}

static json_t *payment_card(StoreTx *tx, const StoreMessage *message, const Verdict *verdict, Id invoice_id,
    int64_t now_us, GError **error)
{
    g_autoptr(StoreInvoice) invoice = NULL;
    g_autoptr(Payment) payment = NULL;
    if (!store_invoice_by_id(tx, message->organization_id, invoice_id, &invoice, error)
        || !find_payment(tx, invoice, &payment, error))
        return NULL;
    json_t *shown_payment = payment == NULL ? json_null() : view_payment(tx, payment, error);
    if (shown_payment == NULL)
        return NULL;
    json_t *object = card_of(invoice, verdict, payment, now_us);
    views_put(object, "payment", shown_payment);
    return object;
}

static void put_message_facts(json_t *object, const StoreMessage *message, const Judged *judged)
{
    const MailSummary *summary = judged->extraction->summary;
    json_put_text(object, "to", summary->to);
    json_put_text(object, "reply_to", summary->reply_to);
    json_put_text(object, "message_id", summary->message_id);
    json_put_text(object, "date", summary->date);
    views_put(object, "verdict", verdict_to_json(judged->verdict));
    views_put(object, "authentication", authentication_view(message->authentication));
    views_put(object, "attachments", attachments_view(summary->attachments));
    views_put(object, "troubles", troubles_view(judged->extraction));
    views_put(object, "claims", claims_view(judged));
    bool is_plain = judged->verdict->kind == VERDICT_PLAIN; /* as with the claims: no teaser */
    views_put(object, "invoices", is_plain ? json_array() : view_invoices(judged->extraction->invoices));
}

json_t *view_message(StoreTx *tx, const StoreMessage *message, const Judged *judged, Id invoice_id, int64_t now_us,
    GError **error)
{
    const Verdict *verdict = judged->verdict;
    JSON_AUTO *object = view_message_row(tx, message, verdict_kind_name(verdict->kind), invoice_id, now_us, error);
    if (object == NULL)
        return NULL;
    json_t *card
        = id_is_none(invoice_id) ? json_null() : payment_card(tx, message, verdict, invoice_id, now_us, error);
    if (card == NULL)
        return NULL;
    views_put(object, "card", card);
    put_message_facts(object, message, judged);
    return g_steal_pointer(&object);
}
