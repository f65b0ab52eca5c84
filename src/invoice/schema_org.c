/* schema.org Invoice and ActionRequest (wire.md §1), parsed leniently (§7). */
#include "schema_org.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "checks.h"
#include "lenient.h"
#include "limits.h"

const json_t *linked_object(const LinkedNodes *nodes, const json_t *value)
{
    value = lenient_single(value);
    const char *id = json_text(value, "@id");
    bool only_names = id != NULL && json_object_size(value) == 1;
    const json_t *named = only_names && nodes != NULL ? json_object_get(nodes->by_id, id) : NULL;
    return named != NULL ? named : value;
}

static const json_t *member_object(const LinkedNodes *nodes, const json_t *object, const char *key)
{
    return linked_object(nodes, json_member_lenient(object, key));
}

/* ---- Amount --------------------------------------------------------------------------------------------- */

/* As written, for people, where it could not be read as money. */
static char *amount_as_written(const json_t *price, const char *currency)
{
    g_autofree char *text = lenient_text(price, INVOICE_TEXT_MAX / 2);
    g_autofree char *both = g_strjoin(text != NULL && currency != NULL ? " " : "", text == NULL ? "" : text,
        currency == NULL ? "" : currency, NULL);
    return text_clean(span_of(both), INVOICE_TEXT_MAX);
}

static void note_price_trouble(Invoice *invoice, MoneyParse outcome, const json_t *price, const char *currency)
{
    invoice->currency_text = amount_as_written(price, currency);
    g_autofree char *text = outcome == MONEY_BAD_CURRENCY
        ? g_strdup_printf("The currency of the amount \"%s\" is uncertain: a sign alone does not name one currency.",
            invoice->currency_text)
        : g_strdup_printf("The amount \"%s\" cannot be read exactly [PAY-001]: %s.", invoice->currency_text,
            money_parse_text(outcome));
    invoice_add_check(invoice, outcome == MONEY_BAD_CURRENCY ? "currency" : "PAY-001", INVOICE_HOLD, text);
}

/* totalPaymentDue, else minimumPaymentDue: a PriceSpecification, a MonetaryAmount or a bare price. */
static void read_amount(const LinkedNodes *nodes, const json_t *object, Invoice *invoice)
{
    const json_t *due = member_object(nodes, object, "totalPaymentDue");
    if (due == NULL || json_is_null(due))
        due = member_object(nodes, object, "minimumPaymentDue");
    if (due == NULL || json_is_null(due)) {
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The invoice names no amount due (totalPaymentDue).");
        return;
    }
    const json_t *price = json_is_object(due) ? json_member_lenient(due, "price") : due;
    if (price == NULL)
        price = json_member_lenient(due, "value");
    g_autofree char *currency = lenient_member_text(due, "priceCurrency", INVOICE_TEXT_MAX / 4);
    if (currency == NULL)
        currency = lenient_member_text(due, "currency", INVOICE_TEXT_MAX / 4);
    if (currency == NULL)
        currency = lenient_member_text(object, "priceCurrency", INVOICE_TEXT_MAX / 4);
    MoneyParse outcome = invoice_read_price(price, currency, &invoice->amount_due);
    if (outcome == MONEY_OK)
        invoice->total = invoice->amount_due; /* this vocabulary names one amount only */
    else
        note_price_trouble(invoice, outcome, price, currency);
}

/* ---- Other members -------------------------------------------------------------------------------------- */

static void read_date(const json_t *object, const char *const *keys, const char *rule, Invoice *invoice, char **date)
{
    g_autofree char *text = NULL;
    for (; text == NULL && *keys != NULL; keys++)
        text = lenient_member_text(object, *keys, INVOICE_TEXT_MAX / 4);
    int64_t time_us;
    if (text == NULL)
        return;
    if (time_parse_date(span_of(text), &time_us)) {
        *date = g_strndup(text, DATE_TEXT_MAX - 1);
        return;
    }
    g_autofree char *trouble = g_strdup_printf("The date \"%s\" is not of the form YYYY-MM-DD.", text);
    invoice_add_check(invoice, rule, INVOICE_WARN, trouble);
}

static void read_party(const LinkedNodes *nodes, const json_t *object, const char *key, InvoiceParty *party)
{
    const json_t *value = member_object(nodes, object, key);
    if (json_is_object(value)) {
        party->name = lenient_member_text(value, "name", INVOICE_TEXT_MAX);
        if (party->name == NULL)
            party->name = lenient_member_text(value, "legalName", INVOICE_TEXT_MAX);
        party->vat_id = lenient_member_text(value, "vatID", INVOICE_TEXT_MAX);
    } else {
        party->name = lenient_text(value, INVOICE_TEXT_MAX);
    }
}

static void read_status(const json_t *object, Invoice *invoice)
{
    static const struct {
        const char *term;
        InvoiceStatus status;
    } statuses[] = {
        { "PaymentDue", INVOICE_STATUS_DUE },
        { "PaymentPastDue", INVOICE_STATUS_PAST_DUE },
        { "PaymentComplete", INVOICE_STATUS_COMPLETE },
        { "PaymentDeclined", INVOICE_STATUS_DECLINED },
        { "PaymentAutomaticallyApplied", INVOICE_STATUS_AUTOMATIC },
    };
    const json_t *value = lenient_single(json_member_lenient(object, "paymentStatus"));
    if (json_is_object(value))
        value = json_member_lenient(value, "@id");
    g_autofree char *text = lenient_text(value, INVOICE_TEXT_MAX / 4);
    if (text == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (g_ascii_strcasecmp(lenient_term(text), statuses[i].term) == 0) {
            invoice->status = statuses[i].status;
            return;
        }
    g_autofree char *trouble = g_strdup_printf("The payment status \"%s\" is not known here.", text);
    invoice_add_check(invoice, "status", INVOICE_HOLD, trouble);
}

static void read_url(const json_t *object, Invoice *invoice)
{
    g_autofree char *url = lenient_member_text(object, "url", INVOICE_URL_MAX);
    if (url == NULL)
        return;
    bool web = g_ascii_strncasecmp(url, "https://", 8) == 0 || g_ascii_strncasecmp(url, "http://", 7) == 0;
    if (web && strpbrk(url, " \"'<>\\") == NULL) {
        char *rest = strstr(url, "://");
        g_autofree char *scheme = g_ascii_strdown(url, rest - url);
        invoice->url = g_strconcat(scheme, rest, NULL);
    } else {
        invoice_add_check(invoice, "url", INVOICE_WARN, "The link to the full invoice is no web address and was left out.");
    }
}

Invoice *schema_org_read_invoice(const LinkedNodes *nodes, const json_t *object, const json_t *owner,
    InvoiceSource source, const char *format)
{
    static const char *const issue_keys[] = { "invoiceDate", "dateIssued", NULL };
    static const char *const due_keys[] = { "paymentDueDate", "paymentDue", NULL };
    Invoice *invoice = invoice_new(source, format);
    invoice->number = lenient_member_text(object, "identifier", INVOICE_TEXT_MAX);
    if (invoice->number == NULL)
        invoice->number = lenient_member_text(object, "invoiceNumber", INVOICE_TEXT_MAX);
    read_date(object, issue_keys, "issue_date", invoice, &invoice->issue_date);
    read_date(object, due_keys, "due_date", invoice, &invoice->due_date);
    read_party(nodes, object, "provider", &invoice->seller);
    if (invoice->seller.name == NULL && invoice->seller.vat_id == NULL)
        read_party(nodes, owner, "seller", &invoice->seller);
    read_party(nodes, object, "broker", &invoice->broker);
    read_party(nodes, object, "customer", &invoice->buyer);
    read_amount(nodes, object, invoice);
    read_status(object, invoice);
    read_url(object, invoice);
    invoice->confirmation_number = lenient_member_text(object, "confirmationNumber", INVOICE_TEXT_MAX);
    invoice_check_claims(invoice);
    return invoice;
}

/* ---- ActionRequest ---------------------------------------------------------------------------------------- */

static InvoiceAction *read_one_action(const json_t *object, const json_t *one)
{
    InvoiceAction *action = g_new0(InvoiceAction, 1);
    action->originator = lenient_member_text(object, "originator", INVOICE_TEXT_MAX);
    action->merchant_id = lenient_member_text(one, "merchantId", INVOICE_TEXT_MAX);
    action->display_id = lenient_member_text(one, "displayId", INVOICE_TEXT_MAX);
    action->product_context = json_incref((json_t *)json_member_lenient(one, "productContext"));
    return action;
}

/* Every PaymentAction: the first one is the action unless the registry says that another can be followed (trust). */
static void read_actions(const LinkedNodes *nodes, const json_t *object, Invoice *invoice)
{
    const json_t *actions = json_member_lenient(object, "actions");
    size_t count = json_is_array(actions) ? json_array_size(actions) : actions != NULL;
    for (size_t i = 0; i < count && invoice->other_actions->len < INVOICE_ACTIONS_MAX - 1; i++) {
        const json_t *one = linked_object(nodes, json_is_array(actions) ? json_array_get(actions, i) : actions);
        if (!lenient_is_type(one, "PaymentAction"))
            continue;
        if (invoice->action == NULL)
            invoice->action = read_one_action(object, one);
        else
            g_ptr_array_add(invoice->other_actions, read_one_action(object, one));
    }
    if (invoice->other_actions->len > 0)
        invoice_add_check(invoice, "action", INVOICE_WARN,
            "The request names several payment actions; the first one whose merchant is approved here counts.");
    if (invoice->action == NULL)
        invoice_add_check(invoice, "action", INVOICE_HOLD, "The request names no payment action (PaymentAction).");
    else if (invoice->action->originator == NULL || (invoice->action->merchant_id == NULL && invoice->other_actions->len == 0))
        invoice_add_check(invoice, "action", INVOICE_HOLD,
            "The request does not say which biller and merchant are to be paid (originator, merchantId).");
}

Invoice *schema_org_read_action_request(const LinkedNodes *nodes, const json_t *object, InvoiceSource source,
    GError **error)
{
    const json_t *entity = member_object(nodes, object, "entity");
    if (!lenient_is_type(entity, "Invoice")) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the ActionRequest's entity is not a schema.org Invoice");
        return NULL;
    }
    Invoice *invoice = schema_org_read_invoice(nodes, entity, NULL, source,
        source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST ? "SignedActionRequest" : "ActionRequest");
    read_actions(nodes, object, invoice);
    return invoice;
}

Invoice *invoice_read_action_request(Span json, InvoiceSource source, GError **error)
{
    JSON_AUTO *object = json_read_lenient(json, LIMIT_JSON_BYTES, "the ActionRequest", error);
    if (object == NULL)
        return NULL;
    if (!lenient_is_type(object, "ActionRequest")) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the text is JSON but its @type is not ActionRequest");
        return NULL;
    }
    return schema_org_read_action_request(NULL, object, source, error);
}

Invoice *invoice_read_entity(const json_t *entity, GError **error)
{
    if (!lenient_is_type(entity, "Invoice")) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the entity's @type is not Invoice");
        return NULL;
    }
    return schema_org_read_invoice(NULL, entity, NULL, INVOICE_SOURCE_JSON_LD, "schema.org Invoice");
}
