/* Printing what `saldo inspect` found: one JSON object, or lines for people. */
#include "inspect_print.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* The claims of the mail, but the invoice that was re-read from signed bytes where there is one. */
static const Invoice *invoice_to_show(const Reading *reading, const Verdict *verdict, guint index)
{
    const Invoice *claimed = reading->extraction->invoices->pdata[index];
    bool replaced = verdict->own_invoice != NULL && claimed->source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST
        && g_strcmp0(claimed->number, verdict->own_invoice->number) == 0;
    return replaced ? verdict->own_invoice : claimed;
}

void inspect_print_json(const Reading *reading, const Verdict *verdict)
{
    const MailSummary *summary = reading->extraction->summary;
    JSON_AUTO *root = json_object();
    json_t *message = json_object();
    json_put_text(message, "from", summary->from_address);
    json_put_text(message, "subject", summary->subject);
    json_put_text(message, "message_id", summary->message_id);
    json_put_text(message, "date", summary->date);
    json_put_flag(message, "readable", reading->extraction->readable);
    json_put_text(message, "trouble", reading->extraction->trouble);
    json_t *troubles = json_array();
    for (guint i = 0; summary->troubles != NULL && i < summary->troubles->len; i++)
        json_array_append_new(troubles, json_from_text(summary->troubles->pdata[i]));
    json_object_set_new(message, "troubles", troubles);
    json_object_set_new(root, "message", message);
    json_object_set(root, "authentication", reading->authentication);
    json_t *invoices = json_array();
    for (guint i = 0; i < reading->extraction->invoices->len; i++)
        json_array_append_new(invoices, invoice_to_json(invoice_to_show(reading, verdict, i)));
    json_object_set_new(root, "invoices", invoices);
    json_object_set_new(root, "verdict", verdict_to_json(verdict));
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
}

/* ---- For people ---------------------------------------------------------------------------------------- */

/* Control characters from the mail must not steer the terminal. */
static void print_field(const char *label, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    printf("  %-14s ", label);
    for (const char *at = value; *at != '\0'; at++)
        putchar((unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at);
    putchar('\n');
}

static void print_result(const char *label, const json_t *result)
{
    g_autofree char *domain = json_text(result, "domain") == NULL ? g_strdup("") : g_strdup_printf(" (%s)", json_text(result, "domain"));
    g_autofree char *line = g_strdup_printf("%s%s: %s", json_text(result, "result"), domain,
        json_text(result, "reason") == NULL ? "" : json_text(result, "reason"));
    print_field(label, line);
}

static void print_authentication(const json_t *authentication)
{
    size_t index;
    json_t *signature, *warning;
    puts("Sender");
    json_array_foreach(json_object_get(authentication, "dkim"), index, signature)
        print_result("DKIM", signature);
    if (index == 0)
        print_field("DKIM", "no signature");
    print_result("SPF", json_object_get(authentication, "spf"));
    print_result("DMARC", json_object_get(authentication, "dmarc"));
    print_result("ARC", json_object_get(authentication, "arc"));
    const json_t *vouched = json_object_get(authentication, "vouched");
    g_autofree char *who = json_text(vouched, "domain") == NULL
        ? g_strdup("nobody")
        : g_strdup_printf("%s, by %s", json_text(vouched, "domain"), json_text(vouched, "by"));
    print_field("vouched for by", who);
    json_array_foreach(json_object_get(authentication, "warnings"), index, warning)
        print_field("beware", json_string_value(warning));
}

static void print_money(const char *label, Money money)
{
    if (money_is_none(money))
        return;
    char text[MONEY_TEXT_MAX];
    money_format_decimal(money, text);
    g_autofree char *line = g_strdup_printf("%s %s", money.currency, text);
    print_field(label, line);
}

static void print_invoice(const Invoice *invoice)
{
    g_autofree char *heading = g_strdup_printf("%s (%s)", invoice->format, invoice_source_name(invoice->source));
    printf("Invoice\n");
    print_field("format", heading);
    print_field("number", invoice->number);
    print_field("seller", invoice->seller.name);
    print_field("sent through", invoice->broker.name);
    print_field("issued", invoice->issue_date);
    print_field("due", invoice->due_date);
    print_money("total", invoice->total);
    print_money("amount due", invoice->amount_due);
    for (guint i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        print_field(check->severity == INVOICE_HOLD ? "hold" : "warning", check->text);
    }
}

void inspect_print_text(const Reading *reading, const Verdict *verdict)
{
    const MailSummary *summary = reading->extraction->summary;
    puts("Message");
    print_field("from", summary->from_address);
    print_field("subject", summary->subject);
    print_field("date", summary->date);
    print_field("unreadable", reading->extraction->trouble);
    for (guint i = 0; summary->troubles != NULL && i < summary->troubles->len; i++)
        print_field("trouble", summary->troubles->pdata[i]);
    print_authentication(reading->authentication);
    for (guint i = 0; i < reading->extraction->invoices->len; i++)
        print_invoice(invoice_to_show(reading, verdict, i));
    printf("Verdict: %s\n", verdict_kind_name(verdict->kind));
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const VerdictReason *reason = verdict->reasons->pdata[i];
        print_field(reason->code, reason->text);
    }
}
