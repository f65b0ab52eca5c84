/* The invoice model as JSON and back. Reading trusts nothing: texts are bounded and free of control characters,
 * dates are dates, amounts are exact decimals [PAY-001]. */
#include "invoice/invoice.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "limits.h"

static const char *const status_names[] = {
    [INVOICE_STATUS_UNSTATED] = "unstated",
    [INVOICE_STATUS_DUE] = "due",
    [INVOICE_STATUS_PAST_DUE] = "past_due",
    [INVOICE_STATUS_COMPLETE] = "complete",
    [INVOICE_STATUS_DECLINED] = "declined",
    [INVOICE_STATUS_AUTOMATIC] = "automatic",
};

static const char *const severity_names[] = { [INVOICE_WARN] = "warn", [INVOICE_HOLD] = "hold" };

/* ---- Writing ------------------------------------------------------------------------------------------ */

static json_t *party_to_json(const InvoiceParty *party)
{
    json_t *json = json_object();
    json_put_text(json, "name", party->name);
    json_put_text(json, "vat_id", party->vat_id);
    return json;
}

static json_t *accounts_to_json(const GPtrArray *accounts)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < accounts->len; i++) {
        const InvoiceAccount *account = accounts->pdata[i];
        json_t *json = json_object();
        json_put_text(json, "iban", account->iban);
        json_put_text(json, "bic", account->bic);
        json_array_append_new(array, json);
    }
    return array;
}

static json_t *checks_to_json(const GPtrArray *checks)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < checks->len; i++) {
        const InvoiceCheck *check = checks->pdata[i];
        json_t *json = json_object();
        json_put_text(json, "rule", check->rule);
        json_put_text(json, "severity", severity_names[check->severity]);
        json_put_text(json, "text", check->text);
        json_array_append_new(array, json);
    }
    return array;
}

static json_t *action_to_json(const InvoiceAction *action)
{
    if (action == NULL)
        return json_null();
    json_t *json = json_object();
    json_put_text(json, "originator", action->originator);
    json_put_text(json, "merchant_id", action->merchant_id);
    json_put_text(json, "display_id", action->display_id);
    json_object_set_new(json, "product_context",
        action->product_context == NULL ? json_null() : json_incref(action->product_context));
    return json;
}

static json_t *actions_to_json(const GPtrArray *actions)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < actions->len; i++)
        json_array_append_new(array, action_to_json(actions->pdata[i]));
    return array;
}

static void put_amount(json_t *json, const char *key, Money money)
{
    char text[MONEY_TEXT_MAX];
    if (!money_is_none(money))
        money_format_decimal(money, text);
    json_put_text(json, key, money_is_none(money) ? NULL : text);
}

json_t *invoice_to_json(const Invoice *invoice)
{
    json_t *json = json_object();
    json_put_text(json, "source", invoice_source_name(invoice->source));
    json_put_text(json, "format", invoice->format);
    json_put_text(json, "profile", invoice->profile);
    json_put_text(json, "type_code", invoice->type_code);
    json_put_text(json, "number", invoice->number);
    json_put_text(json, "issue_date", invoice->issue_date);
    json_put_text(json, "due_date", invoice->due_date);
    json_object_set_new(json, "seller", party_to_json(&invoice->seller));
    json_object_set_new(json, "broker", party_to_json(&invoice->broker));
    json_object_set_new(json, "buyer", party_to_json(&invoice->buyer));
    json_object_set_new(json, "accounts", accounts_to_json(invoice->accounts));
    Money named = money_is_none(invoice->total) ? invoice->amount_due : invoice->total;
    g_assert(money_is_none(invoice->amount_due) || money_same_currency(named, invoice->amount_due));
    json_put_text(json, "currency", money_is_none(named) ? NULL : named.currency);
    put_amount(json, "total", invoice->total);
    put_amount(json, "amount_due", invoice->amount_due);
    json_put_text(json, "currency_text", invoice->currency_text);
    json_put_text(json, "remittance", invoice->remittance);
    json_put_text(json, "url", invoice->url);
    json_put_text(json, "confirmation_number", invoice->confirmation_number);
    json_put_text(json, "status", status_names[invoice->status]);
    json_object_set_new(json, "action", action_to_json(invoice->action));
    json_object_set_new(json, "other_actions", actions_to_json(invoice->other_actions));
    json_put_flag(json, "forwarded", invoice->is_forwarded);
    json_put_text(json, "signed_request", invoice->signed_request);
    json_object_set_new(json, "checks", checks_to_json(invoice->checks));
    return json;
}

/* ---- Reading ------------------------------------------------------------------------------------------ */

/* One reading: the first trouble stays. */
typedef struct Reading {
    GError **error;
    bool failed;
} Reading;

static void fail(Reading *reading, const char *key, const char *expected)
{
    if (!reading->failed)
        error_set(reading->error, SALDO_ERROR_BAD_INPUT, "the invoice's member \"%s\" is not %s", key, expected);
    reading->failed = true;
}

/* A text, or NULL where absent or null. */
static char *take_text(Reading *reading, const json_t *json, const char *key, size_t maximum)
{
    const json_t *value = json_object_get(json, key);
    if (value == NULL || json_is_null(value))
        return NULL;
    Span text = { json_string_value(value), json_string_length(value) };
    if (!json_is_string(value) || !text_is_clean(text, maximum)) {
        fail(reading, key, "a clean text of reasonable length");
        return NULL;
    }
    return g_strndup(text.at, text.length);
}

static char *take_date(Reading *reading, const json_t *json, const char *key)
{
    g_autofree char *text = take_text(reading, json, key, DATE_TEXT_MAX - 1);
    int64_t time_us;
    if (text == NULL || (strlen(text) == DATE_TEXT_MAX - 1 && time_parse_date(span_of(text), &time_us)))
        return g_steal_pointer(&text);
    fail(reading, key, "a date (YYYY-MM-DD)");
    return NULL;
}

/* Position of the text in the names, or -1 with the failure noted. */
static int take_name(Reading *reading, const json_t *json, const char *key, const char *const *names, size_t count)
{
    const char *text = json_text(json, key);
    for (size_t i = 0; text != NULL && i < count; i++)
        if (strcmp(names[i], text) == 0)
            return (int)i;
    fail(reading, key, "one of the known words");
    return -1;
}

static void take_party(Reading *reading, const json_t *json, const char *key, InvoiceParty *party)
{
    const json_t *value = json_object_get(json, key);
    if (value != NULL && !json_is_null(value) && !json_is_object(value))
        fail(reading, key, "an object");
    party->name = take_text(reading, value, "name", INVOICE_TEXT_MAX);
    party->vat_id = take_text(reading, value, "vat_id", INVOICE_TEXT_MAX);
}

static Money take_amount(Reading *reading, const json_t *json, const char *key)
{
    const char *amount = json_text(json, key), *currency = json_text(json, "currency");
    Money money = { 0 };
    if (amount == NULL && (json_object_get(json, key) == NULL || json_is_null(json_object_get(json, key))))
        return money;
    if (amount == NULL || money_parse(span_of(amount), span_of(currency), &money) != MONEY_OK)
        fail(reading, key, "an exact decimal in a known currency [PAY-001]");
    return money;
}

/* The array's length; 0 where absent or not an array of at most `maximum` objects. */
static size_t take_array(Reading *reading, const json_t *json, const char *key, size_t maximum)
{
    const json_t *array = json_object_get(json, key);
    bool good = array == NULL || (json_is_array(array) && json_array_size(array) <= maximum);
    for (size_t i = 0; good && i < json_array_size(array); i++)
        good = json_is_object(json_array_get(array, i));
    if (!good)
        fail(reading, key, "a list of reasonable length");
    return good ? json_array_size(array) : 0;
}

static void take_accounts(Reading *reading, const json_t *json, Invoice *invoice)
{
    size_t count = take_array(reading, json, "accounts", INVOICE_ACCOUNTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(json_object_get(json, "accounts"), i);
        InvoiceAccount *account = g_new0(InvoiceAccount, 1);
        g_ptr_array_add(invoice->accounts, account);
        account->iban = take_text(reading, value, "iban", INVOICE_TEXT_MAX);
        account->bic = take_text(reading, value, "bic", INVOICE_TEXT_MAX);
    }
}

static void take_checks(Reading *reading, const json_t *json, Invoice *invoice)
{
    size_t count = take_array(reading, json, "checks", INVOICE_CHECKS_MAX);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(json_object_get(json, "checks"), i);
        g_autofree char *rule = take_text(reading, value, "rule", INVOICE_TEXT_MAX);
        g_autofree char *text = take_text(reading, value, "text", INVOICE_TEXT_MAX);
        int severity = take_name(reading, value, "severity", severity_names, G_N_ELEMENTS(severity_names));
        if (rule == NULL || text == NULL)
            fail(reading, "checks", "a list of {rule, severity, text}");
        if (!reading->failed)
            invoice_add_check(invoice, rule, (InvoiceSeverity)severity, text);
    }
}

static InvoiceAction *take_one_action(Reading *reading, const json_t *value)
{
    InvoiceAction *action = g_new0(InvoiceAction, 1);
    action->originator = take_text(reading, value, "originator", INVOICE_TEXT_MAX);
    action->merchant_id = take_text(reading, value, "merchant_id", INVOICE_TEXT_MAX);
    action->display_id = take_text(reading, value, "display_id", INVOICE_TEXT_MAX);
    action->product_context = json_incref(json_object_get(value, "product_context"));
    return action;
}

static void take_actions(Reading *reading, const json_t *json, Invoice *invoice)
{
    const json_t *value = json_object_get(json, "action");
    bool is_there = value != NULL && !json_is_null(value);
    if (is_there && !json_is_object(value))
        fail(reading, "action", "an object");
    else if (is_there)
        invoice->action = take_one_action(reading, value);
    size_t count = take_array(reading, json, "other_actions", INVOICE_ACTIONS_MAX - 1);
    if (count > 0 && !is_there)
        fail(reading, "action", "there, though others are");
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(invoice->other_actions,
            take_one_action(reading, json_array_get(json_object_get(json, "other_actions"), i)));
}

/* Absent is false. */
static bool take_flag(Reading *reading, const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    if (value != NULL && !json_is_boolean(value))
        fail(reading, key, "true or false");
    return json_is_true(value);
}

static void take_source(Reading *reading, const json_t *json, Invoice *invoice)
{
    static const InvoiceSource sources[]
        = { INVOICE_SOURCE_JSON_LD, INVOICE_SOURCE_ACTION_REQUEST, INVOICE_SOURCE_SIGNED_ACTION_REQUEST };
    const char *names[G_N_ELEMENTS(sources)];
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        names[i] = invoice_source_name(sources[i]);
    int place = take_name(reading, json, "source", names, G_N_ELEMENTS(names));
    invoice->source = place < 0 ? INVOICE_SOURCE_JSON_LD : sources[place];
}

static void take_texts(Reading *reading, const json_t *json, Invoice *invoice)
{
    invoice->profile = take_text(reading, json, "profile", INVOICE_TEXT_MAX);
    invoice->type_code = take_text(reading, json, "type_code", INVOICE_TEXT_MAX);
    invoice->number = take_text(reading, json, "number", INVOICE_TEXT_MAX);
    invoice->issue_date = take_date(reading, json, "issue_date");
    invoice->due_date = take_date(reading, json, "due_date");
    invoice->currency_text = take_text(reading, json, "currency_text", INVOICE_TEXT_MAX);
    invoice->remittance = take_text(reading, json, "remittance", INVOICE_TEXT_MAX);
    invoice->url = take_text(reading, json, "url", INVOICE_URL_MAX);
    invoice->confirmation_number = take_text(reading, json, "confirmation_number", INVOICE_TEXT_MAX);
    invoice->signed_request = take_text(reading, json, "signed_request", INVOICE_SIGNED_REQUEST_MAX);
    if (invoice->url != NULL && !g_str_has_prefix(invoice->url, "https://") && !g_str_has_prefix(invoice->url, "http://"))
        fail(reading, "url", "an http or https address");
}

Invoice *invoice_from_json(const json_t *json, GError **error)
{
    Reading reading = { .error = error };
    if (!json_is_object(json)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the invoice is not a JSON object");
        return NULL;
    }
    g_autoptr(Invoice) invoice = invoice_new(INVOICE_SOURCE_JSON_LD, NULL);
    invoice->format = take_text(&reading, json, "format", INVOICE_TEXT_MAX);
    if (invoice->format == NULL)
        fail(&reading, "format", "a text");
    take_source(&reading, json, invoice);
    take_texts(&reading, json, invoice);
    take_party(&reading, json, "seller", &invoice->seller);
    take_party(&reading, json, "broker", &invoice->broker);
    take_party(&reading, json, "buyer", &invoice->buyer);
    take_accounts(&reading, json, invoice);
    invoice->total = take_amount(&reading, json, "total");
    invoice->amount_due = take_amount(&reading, json, "amount_due");
    int status = take_name(&reading, json, "status", status_names, G_N_ELEMENTS(status_names));
    invoice->status = status < 0 ? INVOICE_STATUS_UNSTATED : (InvoiceStatus)status;
    take_actions(&reading, json, invoice);
    invoice->is_forwarded = take_flag(&reading, json, "forwarded");
    take_checks(&reading, json, invoice);
    return reading.failed ? NULL : g_steal_pointer(&invoice);
}
