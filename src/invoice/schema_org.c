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
#include "price.h"

bool linked_is_reference(const json_t *value)
{
    return json_text(value, "@id") != NULL && json_object_size(value) == 1 + (json_object_get(value, "@type") != NULL);
}

const json_t *linked_object(const LinkedNodes *nodes, const json_t *value)
{
    value = lenient_single(value);
    bool is_linked = nodes != NULL && linked_is_reference(value);
    const json_t *named = is_linked ? json_object_get(nodes->by_id, json_text(value, "@id")) : NULL;
    return named != NULL ? named : value;
}

static const json_t *member_object(const LinkedNodes *nodes, const json_t *object, const char *key)
{
    return linked_object(nodes, json_member_lenient(object, key));
}

/* ---- Amount --------------------------------------------------------------------------------------------- */

/* As written, for people, where it could not be read as money. */
static void note_price_trouble(Invoice *invoice, MoneyParse outcome, const json_t *price, const char *currency)
{
    g_autofree char *text = lenient_text(price, INVOICE_TEXT_MAX / 2);
    g_autofree char *both = g_strjoin(text != NULL && currency != NULL ? " " : "", text == NULL ? "" : text,
        currency == NULL ? "" : currency, NULL);
    price_note_trouble(invoice, outcome, both);
}

/* A PriceSpecification, a MonetaryAmount or a bare price, into *ret_money; false where there is no amount, the check added. */
static bool read_amount(const json_t *object, const json_t *amount, Invoice *invoice, Money *ret_money)
{
    const json_t *price = json_is_object(amount) ? json_member_lenient(amount, "price") : amount;
    if (price == NULL)
        price = json_member_lenient(amount, "value");
    const json_t *code = json_member_lenient(amount, "priceCurrency");
    if (code == NULL)
        code = json_member_lenient(amount, "currency");
    if (code == NULL)
        code = json_member_lenient(object, "priceCurrency");
    g_autofree char *currency = lenient_text(code, INVOICE_TEXT_MAX / 4);
    if (lenient_is_ambiguous(price) || lenient_is_ambiguous(code)) {
        invoice_add_check(invoice, "amounts", INVOICE_HOLD, "The invoice names several different amounts due.");
        return false;
    }
    MoneyParse outcome = invoice_read_price(price, currency, ret_money);
    if (outcome != MONEY_OK)
        note_price_trouble(invoice, outcome, price, currency);
    return outcome == MONEY_OK;
}

/* totalPaymentDue, else minimumPaymentDue. */
static void read_amounts(const LinkedNodes *nodes, const json_t *object, Invoice *invoice)
{
    const json_t *listed = json_member_lenient(object, "totalPaymentDue"), *due = linked_object(nodes, listed);
    bool is_total = due != NULL && !json_is_null(due);
    if (!is_total) {
        listed = json_member_lenient(object, "minimumPaymentDue");
        due = linked_object(nodes, listed);
    }
    if (due == NULL || json_is_null(due)) {
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The invoice names no amount due (totalPaymentDue).");
        return;
    }
    if (lenient_is_ambiguous(listed)) {
        invoice_add_check(invoice, "amounts", INVOICE_HOLD, "The invoice names several different amounts due.");
        return;
    }
    if (read_amount(object, due, invoice, &invoice->amount_due) && is_total)
        invoice->total = invoice->amount_due; /* this vocabulary names one amount only */
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
    if (party->name != NULL && lenient_is_reference(party->name))
        g_clear_pointer(&party->name, g_free);
}

/* "http://schema.org/PaymentDue", "payment_due", "Payment due": one state. */
static bool is_same_state(const char *text, const char *term)
{
    for (text = lenient_term(text); *text != '\0'; text++) {
        if (strchr(" _-/", *text) != NULL)
            continue;
        if (g_ascii_tolower(*text) != g_ascii_tolower(*term))
            return false;
        term++;
    }
    return *term == '\0';
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
    const json_t *listed = json_member_lenient(object, "paymentStatus"), *value = lenient_single(listed);
    if (json_text(value, "@id") != NULL)
        value = json_object_get(value, "@id");
    g_autofree char *text = lenient_text(value, INVOICE_TEXT_MAX / 4);
    if (text == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(statuses) && !lenient_is_ambiguous(listed); i++)
        if (is_same_state(text, statuses[i].term)) {
            invoice->status = statuses[i].status;
            return;
        }
    g_autofree char *trouble = lenient_is_ambiguous(listed)
        ? g_strdup("The invoice names several different payment states.")
        : g_strdup_printf("The payment status \"%s\" is not known here.", text);
    invoice_add_check(invoice, "status", INVOICE_HOLD, trouble);
}

static void read_url(const json_t *object, Invoice *invoice)
{
    const json_t *value = json_member_lenient(object, "url");
    invoice->url = lenient_web_address(value);
    if (invoice->url == NULL && value != NULL && !json_is_null(value))
        invoice_add_check(invoice, "url", INVOICE_WARN, "The link to the full invoice is no web address and was left out.");
}

/* The seller of the order that the invoice belongs to: the one it stands in, names, or is named by. */
static void read_order_seller(const LinkedNodes *nodes, const json_t *object, const json_t *owner, Invoice *invoice)
{
    const char *id = json_text(object, "@id");
    const json_t *orders[] = { owner, member_object(nodes, object, "referencesOrder"),
        nodes == NULL || id == NULL ? NULL : json_object_get(nodes->owners, id) };
    for (size_t i = 0; i < G_N_ELEMENTS(orders) && invoice->seller.name == NULL && invoice->seller.vat_id == NULL; i++)
        read_party(nodes, orders[i], "seller", &invoice->seller);
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
    read_order_seller(nodes, object, owner, invoice);
    read_party(nodes, object, "broker", &invoice->broker);
    read_party(nodes, object, "customer", &invoice->buyer);
    read_amounts(nodes, object, invoice);
    read_status(object, invoice);
    read_url(object, invoice);
    invoice->confirmation_number = lenient_member_text(object, "confirmationNumber", INVOICE_TEXT_MAX);
    invoice_check_claims(invoice);
    return invoice;
}

/* ---- ActionRequest ---------------------------------------------------------------------------------------- */

InvoiceAction *schema_org_read_action(const json_t *object, const json_t *one)
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
            invoice->action = schema_org_read_action(object, one);
        else
            g_ptr_array_add(invoice->other_actions, schema_org_read_action(object, one));
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
