/* Invoices of the billers: sums, wire forms, and which one a call means. */
#include "bill.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

void bill_free(Bill *bill)
{
    if (bill == NULL)
        return;
    char *texts[] = { bill->number, bill->customer, bill->customer_number, bill->language, bill->issue_date,
        bill->due_date, bill->confirmation, bill->paid_at };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    json_decref(bill->lines);
    g_free(bill);
}

Bill *bill_find(Book *book, const char *number)
{
    JSON_AUTO *row = book_row(book, "SELECT * FROM invoice WHERE number = ?", "s", number);
    if (row == NULL)
        return NULL;
    Bill *bill = g_new0(Bill, 1);
    bill->number = g_strdup(json_text(row, "number"));
    bill->customer = g_strdup(json_text(row, "customer"));
    bill->customer_number = g_strdup(json_text(row, "customer_number"));
    bill->language = g_strdup(json_text(row, "language"));
    bill->issue_date = g_strdup(json_text(row, "issue_date"));
    bill->due_date = g_strdup(json_text(row, "due_date"));
    bill->confirmation = g_strdup(json_text(row, "confirmation"));
    bill->paid_at = g_strdup(json_text(row, "paid_at"));
    g_strlcpy(bill->currency, json_text(row, "currency"), sizeof bill->currency);
    bill->lines = json_loads(json_text(row, "lines"), 0, NULL);
    bill->biller = world_find_biller(json_text(row, "biller"));
    bill->merchant = bill->biller == NULL ? NULL : world_find_merchant(bill->biller, json_text(row, "merchant_id"));
    g_assert(bill->lines != NULL && bill->merchant != NULL);
    return bill;
}

void bill_insert(Book *book, const Bill *bill)
{
    g_autofree char *lines = json_write(bill->lines);
    book_run(book,
        "INSERT INTO invoice(number, biller, merchant_id, customer, customer_number, language, currency, issue_date,"
        " due_date, lines, confirmation, paid_at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
        "ssssssssssss", bill->number, bill->biller->name, bill->merchant->merchant_id, bill->customer,
        bill->customer_number, bill->language, bill->currency, bill->issue_date, bill->due_date, lines,
        bill->confirmation, bill->paid_at);
}

void bill_mark_paid(Book *book, const char *number, const char *confirmation)
{
    char now[TIME_RFC3339_MAX];
    time_format_rfc3339(time_now_us(), now);
    book_run(book, "UPDATE invoice SET confirmation = ?, paid_at = ? WHERE number = ? AND paid_at IS NULL", "sss",
        confirmation, now, number);
}

/* Half up; the amounts of a credit are negative and round away from zero alike. */
static int64_t tax_of(int64_t net, int64_t percent)
{
    int64_t hundredfold = net * percent;
    return hundredfold >= 0 ? (hundredfold + 50) / 100 : -((-hundredfold + 50) / 100);
}

json_t *bill_taxes(const Bill *bill)
{
    json_t *taxes = json_array(), *line, *tax;
    size_t i, j;
    json_array_foreach(bill->lines, i, line) {
        int64_t vat = json_integer_or(line, "vat", 0), net = json_integer_or(line, "net", 0);
        json_t *found = NULL;
        json_array_foreach(taxes, j, tax) {
            if (json_integer_or(tax, "vat", -1) == vat)
                found = tax;
        }
        if (found == NULL) {
            found = json_pack("{s:I, s:I}", "vat", (json_int_t)vat, "net", (json_int_t)0);
            json_array_append_new(taxes, found);
        }
        json_put_integer(found, "net", json_integer_or(found, "net", 0) + net);
    }
    json_array_foreach(taxes, j, tax)
        json_put_integer(tax, "tax", tax_of(json_integer_or(tax, "net", 0), json_integer_or(tax, "vat", 0)));
    return taxes;
}

static Money money_of(const Bill *bill, int64_t minor)
{
    Money money = { .minor = minor };
    memcpy(money.currency, bill->currency, sizeof money.currency);
    return money;
}

Money bill_total(const Bill *bill)
{
    JSON_AUTO *taxes = bill_taxes(bill);
    int64_t total = 0;
    size_t i;
    json_t *tax;
    json_array_foreach(taxes, i, tax)
        total += json_integer_or(tax, "net", 0) + json_integer_or(tax, "tax", 0);
    return money_of(bill, total);
}

bool bill_is_polish(const Bill *bill)
{
    return strcmp(bill->language, "pl") == 0;
}

char *bill_url(const Bill *bill, const char *base_url)
{
    return g_strdup_printf("%s/billers/%s/invoices/%s.pdf", base_url, bill->biller->name, bill->number);
}

char *bill_amount_text(Money money, bool polish)
{
    char decimal[MONEY_TEXT_MAX];
    money_format_decimal(money, decimal);
    const char *digits = decimal[0] == '-' ? decimal + 1 : decimal;
    size_t whole = strcspn(digits, ".");
    GString *text = g_string_new(polish ? NULL : money.currency);
    if (!polish)
        g_string_append(text, "\302\240");
    if (decimal[0] == '-')
        g_string_append_c(text, '-');
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            g_string_append(text, polish ? "\302\240" : ",");
        g_string_append_c(text, digits[i]);
    }
    if (digits[whole] == '.')
        g_string_append_printf(text, "%c%s", polish ? ',' : '.', digits + whole + 1);
    if (polish)
        g_string_append_printf(text, "\302\240%s", money.currency);
    return g_string_free(text, FALSE);
}

json_t *wire_from_money(Money money)
{
    char value[MONEY_TEXT_MAX];
    money_format_decimal(money, value);
    return json_pack("{s:s, s:s}", "currency", money.currency, "value", value);
}

bool wire_to_money(const json_t *value, Money *ret_money)
{
    const char *currency = json_text(value, "currency"), *decimal = json_text(value, "value");
    return currency != NULL && decimal != NULL
        && money_parse(span_of(decimal), span_of(currency), ret_money) == MONEY_OK;
}

static json_t *organization(const char *name, const char *base_url, const char *biller, const char *logo)
{
    g_autofree char *url = g_strdup_printf("%s/billers/%s/logos/%s.png", base_url, biller, logo);
    return json_pack("{s:s, s:s, s:s}", "@type", "Organization", "name", name, "logo", url);
}

static const char *status_of(const Bill *bill)
{
    char today[DATE_TEXT_MAX];
    time_format_date(time_now_us(), today);
    if (bill->paid_at != NULL)
        return "PaymentComplete";
    return strcmp(bill->due_date, today) < 0 ? "PaymentPastDue" : "PaymentDue";
}

json_t *bill_entity(const Bill *bill, const char *base_url)
{
    g_autofree char *url = bill_url(bill, base_url);
    char price[MONEY_TEXT_MAX];
    Money due = bill->paid_at != NULL ? money_of(bill, 0) : bill_total(bill);
    money_format_decimal(due, price);
    json_t *entity = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:{s:s, s:s, s:s}, s:{s:s, s:s}}",
        "@context", "http://schema.org/extensions", "@type", "Invoice", "identifier", bill->number, "invoiceDate",
        bill->issue_date, "paymentDueDate", bill->due_date, "url", url, "paymentStatus", status_of(bill), "provider",
        organization(bill->merchant->legal_name, base_url, bill->biller->name, bill->merchant->logo),
        "totalPaymentDue", "@type", "PriceSpecification", "price", price, "priceCurrency", bill->currency,
        "customer", "@type", "Person", "name", bill->customer);
    if (bill->biller->address == NULL)
        json_object_set_new(entity, "broker", organization(bill->biller->title, base_url, bill->biller->name, "ledgerly"));
    if (bill->confirmation != NULL)
        json_put_text(entity, "confirmationNumber", bill->confirmation);
    return entity;
}

static void add_item(json_t *items, const char *label, Money amount)
{
    json_array_append_new(items, json_pack("{s:s, s:o}", "label", label, "amount", wire_from_money(amount)));
}

json_t *bill_display_items(const Bill *bill)
{
    json_t *items = json_array(), *line, *tax;
    size_t i;
    json_array_foreach(bill->lines, i, line)
        add_item(items, json_text(line, "label"), money_of(bill, json_integer_or(line, "net", 0)));
    JSON_AUTO *taxes = bill_taxes(bill);
    json_array_foreach(taxes, i, tax) {
        g_autofree char *label = g_strdup_printf("VAT %" G_GINT64_FORMAT "%%", json_integer_or(tax, "vat", 0));
        if (json_integer_or(tax, "tax", 0) != 0)
            add_item(items, label, money_of(bill, json_integer_or(tax, "tax", 0)));
    }
    return items;
}

char *bill_number_of_call(Book *book, const Call *call)
{
    const char *request_id = call_argument(call, "requestId");
    if (request_id != NULL) {
        JSON_AUTO *row = book_row(book, "SELECT number FROM request WHERE id = ?", "s", request_id);
        return g_strdup(json_text(row, "number"));
    }
    const json_t *method = json_array_get(json_object_get(call->json, "methodData"), 0);
    const json_t *context = json_object_get(json_object_get(method, "data"), "productContext");
    if (context == NULL)
        context = json_object_get(json_object_get(call->json, "details"), "productContext");
    if (context != NULL)
        return g_strdup(json_text(context, "invoice"));
    if (call->parts[1] != NULL && g_str_has_suffix(call->parts[1], ".pdf"))
        return g_strndup(call->parts[1], strlen(call->parts[1]) - strlen(".pdf"));
    return NULL;
}
