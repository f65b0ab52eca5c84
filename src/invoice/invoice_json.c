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
#include "members.h"

static const char *const status_names[] = {
    [INVOICE_STATUS_UNSTATED] = "unstated",
    [INVOICE_STATUS_DUE] = "due",
    [INVOICE_STATUS_PAST_DUE] = "past_due",
    [INVOICE_STATUS_COMPLETE] = "complete",
    [INVOICE_STATUS_DECLINED] = "declined",
    [INVOICE_STATUS_AUTOMATIC] = "automatic",
};

static const char *const kind_names[] = {
    [INVOICE_KIND_BILL] = "bill",
    [INVOICE_KIND_CREDIT] = "credit",
    [INVOICE_KIND_SELF_BILLED] = "self_billed",
    [INVOICE_KIND_DIRECT_DEBIT] = "direct_debit",
};

static const char *const severity_names[] = { [INVOICE_WARN] = "warn", [INVOICE_HOLD] = "hold" };

/* ---- Writing ------------------------------------------------------------------------------------------ */

static json_t *member_to_json(const Member *member, const void *structure)
{
    const void *at = (const char *)structure + member->offset;
    if (member->kind == MEMBER_FLAG)
        return json_boolean(*(const bool *)at);
    if (member->kind != MEMBER_DECIMAL)
        return json_from_text(*(char *const *)at);
    char text[DECIMAL_TEXT_MAX];
    const Decimal decimal = *(const Decimal *)at;
    if (decimal.is_known)
        decimal_format(decimal, text);
    return json_from_text(decimal.is_known ? text : NULL);
}

/* What is unknown is left out, what is false too. */
static json_t *structure_to_json(const Member *members, const void *structure)
{
    json_t *json = json_object();
    for (const Member *member = members; member->key != NULL; member++) {
        JSON_AUTO *value = member_to_json(member, structure);
        if (!json_is_null(value) && !json_is_false(value))
            json_object_set(json, member->key, value);
    }
    return json;
}

static json_t *list_to_json(const MemberList *list, const Invoice *invoice)
{
    const GPtrArray *array = *(GPtrArray *const *)((const char *)invoice + list->offset);
    json_t *json = json_array();
    for (unsigned i = 0; i < array->len; i++)
        json_array_append_new(json,
            list->members == NULL ? json_from_text(array->pdata[i]) : structure_to_json(list->members, array->pdata[i]));
    return json;
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

/* Every member of the invoice itself is there, null where it is unknown. */
json_t *invoice_to_json(const Invoice *invoice)
{
    json_t *json = json_object();
    json_put_text(json, "source", invoice_source_name(invoice->source));
    json_put_text(json, "kind", kind_names[invoice->kind]);
    for (const Member *member = invoice_members; member->key != NULL; member++)
        json_object_set_new(json, member->key, member_to_json(member, invoice));
    json_object_set_new(json, "seller", structure_to_json(party_members, &invoice->seller));
    json_object_set_new(json, "broker", structure_to_json(party_members, &invoice->broker));
    json_object_set_new(json, "buyer", structure_to_json(party_members, &invoice->buyer));
    json_object_set_new(json, "payee", structure_to_json(party_members, &invoice->payee));
    json_object_set_new(json, "totals", structure_to_json(totals_members, &invoice->totals));
    for (const MemberList *list = invoice_lists; list->key != NULL; list++)
        json_object_set_new(json, list->key, list_to_json(list, invoice));
    json_put_integer(json, "line_count", invoice->line_count);
    Money named = money_is_none(invoice->total) ? invoice->amount_due : invoice->total;
    g_assert(money_is_none(invoice->amount_due) || money_same_currency(named, invoice->amount_due));
    json_put_text(json, "currency", money_is_none(named) ? NULL : named.currency);
    put_amount(json, "total", invoice->total);
    put_amount(json, "amount_due", invoice->amount_due);
    json_put_text(json, "status", status_names[invoice->status]);
    json_object_set_new(json, "action", action_to_json(invoice->action));
    json_object_set_new(json, "other_actions", actions_to_json(invoice->other_actions));
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

static Decimal take_decimal(Reading *reading, const json_t *json, const char *key)
{
    Decimal decimal = DECIMAL_UNKNOWN;
    g_autofree char *text = take_text(reading, json, key, DECIMAL_TEXT_MAX);
    if (text != NULL && !decimal_parse(span_of(text), &decimal))
        fail(reading, key, "an exact decimal");
    return decimal;
}

static char *take_url(Reading *reading, const json_t *json, const char *key)
{
    char *url = take_text(reading, json, key, INVOICE_URL_MAX);
    if (url != NULL && !g_str_has_prefix(url, "https://") && !g_str_has_prefix(url, "http://"))
        fail(reading, key, "an http or https address");
    return url;
}

/* Absent is false. */
static bool take_flag(Reading *reading, const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    if (value != NULL && !json_is_boolean(value))
        fail(reading, key, "true or false");
    return json_is_true(value);
}

static void take_member(Reading *reading, const json_t *json, const Member *member, void *at)
{
    switch (member->kind) {
    case MEMBER_TEXT:
        *(char **)at = take_text(reading, json, member->key, INVOICE_TEXT_MAX);
        return;
    case MEMBER_NOTE:
        *(char **)at = take_text(reading, json, member->key, INVOICE_NOTE_MAX);
        return;
    case MEMBER_URL:
        *(char **)at = take_url(reading, json, member->key);
        return;
    case MEMBER_SIGNED:
        *(char **)at = take_text(reading, json, member->key, INVOICE_SIGNED_REQUEST_MAX);
        return;
    case MEMBER_DATE:
        *(char **)at = take_date(reading, json, member->key);
        return;
    case MEMBER_DECIMAL:
        *(Decimal *)at = take_decimal(reading, json, member->key);
        return;
    case MEMBER_FLAG:
        *(bool *)at = take_flag(reading, json, member->key);
        return;
    }
    g_assert_not_reached();
}

/* Members of the object into the zeroed structure. */
static void take_structure(Reading *reading, const json_t *json, const Member *members, void *structure)
{
    for (const Member *member = members; member->key != NULL; member++)
        take_member(reading, json, member, (char *)structure + member->offset);
}

/* An object under this key, or NULL where absent. */
static const json_t *take_object(Reading *reading, const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    if (value != NULL && !json_is_null(value) && !json_is_object(value))
        fail(reading, key, "an object");
    return value;
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

/* The array's length; 0 where absent or not an array of at most `maximum` members of this type. */
static size_t take_array(Reading *reading, const json_t *json, const char *key, size_t maximum, json_type type)
{
    const json_t *array = json_object_get(json, key);
    bool good = array == NULL || (json_is_array(array) && json_array_size(array) <= maximum);
    for (size_t i = 0; good && i < json_array_size(array); i++)
        good = json_typeof(json_array_get(array, i)) == type;
    if (!good)
        fail(reading, key, "a list of reasonable length");
    return good ? json_array_size(array) : 0;
}

static void take_list(Reading *reading, const json_t *json, const MemberList *list, Invoice *invoice)
{
    size_t count = take_array(reading, json, list->key, list->maximum, list->members == NULL ? JSON_STRING : JSON_OBJECT);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(json_object_get(json, list->key), i);
        Span text = { json_string_value(value), json_string_length(value) };
        if (list->members != NULL)
            take_structure(reading, value, list->members, invoice_list_add(invoice, list->offset));
        else if (text_is_clean(text, INVOICE_NOTE_MAX))
            invoice_list_add_text(invoice, list->offset, g_strndup(text.at, text.length));
        else
            fail(reading, list->key, "a list of clean texts");
    }
}

static void take_checks(Reading *reading, const json_t *json, Invoice *invoice)
{
    size_t count = take_array(reading, json, "checks", INVOICE_CHECKS_MAX, JSON_OBJECT);
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
    size_t count = take_array(reading, json, "other_actions", INVOICE_ACTIONS_MAX - 1, JSON_OBJECT);
    if (count > 0 && !is_there)
        fail(reading, "action", "there, though others are");
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(invoice->other_actions,
            take_one_action(reading, json_array_get(json_object_get(json, "other_actions"), i)));
}

static void take_source(Reading *reading, const json_t *json, Invoice *invoice)
{
    const char *names[INVOICE_SOURCE_SIGNED_XML + 1];
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        names[i] = invoice_source_name((InvoiceSource)i);
    int place = take_name(reading, json, "source", names, G_N_ELEMENTS(names));
    invoice->source = place < 0 ? INVOICE_SOURCE_CARD_TEXT : (InvoiceSource)place;
}

static void take_kind(Reading *reading, const json_t *json, Invoice *invoice)
{
    bool is_there = json_object_get(json, "kind") != NULL; /* invoices stored earlier have none */
    int kind = is_there ? take_name(reading, json, "kind", kind_names, G_N_ELEMENTS(kind_names)) : INVOICE_KIND_BILL;
    invoice->kind = kind < 0 ? INVOICE_KIND_BILL : (InvoiceKind)kind;
    int64_t lines = json_integer_or(json, "line_count", 0);
    if (lines < invoice->lines->len || lines > UINT32_MAX)
        fail(reading, "line_count", "the number of lines");
    else
        invoice->line_count = (unsigned)lines;
}

Invoice *invoice_from_json(const json_t *json, GError **error)
{
    Reading reading = { .error = error };
    if (!json_is_object(json)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the invoice is not a JSON object");
        return NULL;
    }
    g_autoptr(Invoice) invoice = invoice_new(INVOICE_SOURCE_JSON_LD, NULL);
    take_structure(&reading, json, invoice_members, invoice);
    if (invoice->format == NULL)
        fail(&reading, "format", "a text");
    take_source(&reading, json, invoice);
    take_structure(&reading, take_object(&reading, json, "seller"), party_members, &invoice->seller);
    take_structure(&reading, take_object(&reading, json, "broker"), party_members, &invoice->broker);
    take_structure(&reading, take_object(&reading, json, "buyer"), party_members, &invoice->buyer);
    take_structure(&reading, take_object(&reading, json, "payee"), party_members, &invoice->payee);
    take_structure(&reading, take_object(&reading, json, "totals"), totals_members, &invoice->totals);
    for (const MemberList *list = invoice_lists; list->key != NULL; list++)
        take_list(&reading, json, list, invoice);
    take_kind(&reading, json, invoice);
    invoice->total = take_amount(&reading, json, "total");
    invoice->amount_due = take_amount(&reading, json, "amount_due");
    int status = take_name(&reading, json, "status", status_names, G_N_ELEMENTS(status_names));
    invoice->status = status < 0 ? INVOICE_STATUS_UNSTATED : (InvoiceStatus)status;
    take_actions(&reading, json, invoice);
    take_checks(&reading, json, invoice);
    return reading.failed ? NULL : g_steal_pointer(&invoice);
}
