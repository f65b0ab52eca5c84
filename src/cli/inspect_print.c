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
    for (guint i = 0; i < summary->troubles->len; i++)
        json_array_append_new(troubles, json_from_text(summary->troubles->pdata[i]));
    json_object_set_new(message, "troubles", troubles);
    json_t *links = json_array();
    for (guint i = 0; i < summary->links->len; i++) {
        const MailLink *link = summary->links->pdata[i];
        json_array_append_new(links, json_pack("{s:s, s:s, s:b}", "text", link->text, "address", link->address, "misleads",
            mail_link_misleads(link)));
    }
    json_object_set_new(message, "links", links);
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

static void print_misleading(const MailLink *link)
{
    g_autofree char *line = g_strdup_printf("a link says \"%s\" and leads to %s", link->text, link->address);
    if (mail_link_misleads(link))
        print_field("beware", line);
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

/* "1,234.50" has no place here: plain decimals, "?" where unknown. */
static const char *decimal_text(Decimal decimal, char text[DECIMAL_TEXT_MAX])
{
    if (!decimal.is_known)
        return "?";
    decimal_format(decimal, text);
    return text;
}

/* The texts that are there, with commas between. */
static char *join_known(const char *first, const char *second, const char *third)
{
    const char *const texts[] = { first, second, third };
    GString *joined = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i] != NULL)
            g_string_append_printf(joined, "%s%s", joined->len > 0 ? ", " : "", texts[i]);
    return g_string_free(joined, FALSE);
}

static void print_party(const char *label, const InvoiceParty *party)
{
    g_autofree char *line = join_known(party->name, party->vat_id != NULL ? party->vat_id : party->tax_id, party->address);
    print_field(label, line);
}

static void print_payment(const Invoice *invoice)
{
    print_money("total", invoice->total);
    print_money("amount due", invoice->amount_due);
    if (money_is_none(invoice->amount_due))
        print_field("as written", invoice->currency_text);
    print_field("terms", invoice->payment_terms);
    print_field("means", invoice->means_code);
    for (guint i = 0; i < invoice->accounts->len; i++) {
        const InvoiceAccount *account = invoice->accounts->pdata[i];
        g_autofree char *line = join_known(account->number, account->bic, account->name);
        print_field(account->is_factor ? "factor account" : "account", line);
    }
    print_field("reference", invoice->remittance);
}

static void print_line(const InvoiceLine *line)
{
    char quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], net[DECIMAL_TEXT_MAX];
    g_autofree char *text = g_strdup_printf("%s: %s%s%s x %s = %s%s%s%s", line->name == NULL ? "(no name)" : line->name,
        decimal_text(line->quantity, quantity), line->unit == NULL ? "" : " ", line->unit == NULL ? "" : line->unit,
        decimal_text(line->price, price), decimal_text(line->net, net), line->vat_rate == NULL ? "" : ", VAT ",
        line->vat_rate == NULL ? "" : line->vat_rate, line->is_group ? " (heading)" : "");
    print_field(line->id == NULL ? "line" : line->id, text);
}

static void print_contents(const Invoice *invoice)
{
    char base[DECIMAL_TEXT_MAX], amount[DECIMAL_TEXT_MAX];
    for (guint i = 0; i < invoice->lines->len; i++)
        print_line(invoice->lines->pdata[i]);
    if (invoice->line_count > invoice->lines->len)
        printf("  %-14s %u of %u are shown\n", "lines", invoice->lines->len, invoice->line_count);
    for (guint i = 0; i < invoice->adjustments->len; i++) {
        const InvoiceAdjustment *adjustment = invoice->adjustments->pdata[i];
        g_autofree char *text = join_known(decimal_text(adjustment->amount, amount), adjustment->reason, NULL);
        print_field(adjustment->is_charge ? "charge" : "allowance", text);
    }
    for (guint i = 0; i < invoice->vat->len; i++) {
        const InvoiceVat *vat = invoice->vat->pdata[i];
        g_autofree char *text = g_strdup_printf("%s%s%s of %s: %s", vat->category == NULL ? "" : vat->category,
            vat->category == NULL ? "" : " ", vat->rate == NULL ? "?" : vat->rate, decimal_text(vat->base, base),
            decimal_text(vat->amount, amount));
        print_field("VAT", text);
    }
    for (guint i = 0; i < invoice->documents->len; i++) {
        const InvoiceDocument *document = invoice->documents->pdata[i];
        g_autofree char *text = join_known(document->id, document->description, document->name);
        print_field("document", text);
    }
    for (guint i = 0; i < invoice->notes->len; i++)
        print_field("note", invoice->notes->pdata[i]);
}

static void print_invoice(const Invoice *invoice)
{
    GString *heading = g_string_new(invoice->format);
    g_string_append_printf(heading, " (%s", invoice_source_name(invoice->source));
    for (guint i = 0; i < invoice->agreeing->len; i++)
        g_string_append_printf(heading, ", and so says %s", (const char *)invoice->agreeing->pdata[i]);
    g_autofree char *format = g_strconcat(heading->str, ")", NULL);
    g_string_free(heading, TRUE);
    printf("Invoice\n");
    print_field("format", format);
    print_field("read from", invoice->origin);
    print_field("profile", invoice->profile);
    print_field("series", invoice->series);
    print_field("number", invoice->number);
    print_field("type", invoice->type_code);
    print_party("seller", &invoice->seller);
    print_field("sent through", invoice->broker.name);
    print_party("buyer", &invoice->buyer);
    print_party("payee", &invoice->payee);
    print_field("issued", invoice->issue_date);
    for (guint i = 0; i < invoice->due_dates->len; i++)
        print_field("due", invoice->due_dates->pdata[i]);
    if (invoice->due_dates->len == 0)
        print_field("due", invoice->due_date);
    print_payment(invoice);
    print_contents(invoice);
    for (guint i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        g_autofree char *text = g_strdup_printf("%s [%s]", check->text, check->rule);
        print_field(check->severity == INVOICE_HOLD ? "hold" : "warning", text);
    }
}

/* ---- --format-help ------------------------------------------------------------------------------------------ */

void inspect_print_formats(bool as_json)
{
    JSON_AUTO *list = json_array();
    for (const InvoiceFormat *format = invoice_formats; format->name != NULL; format++) {
        json_array_append_new(list,
            json_pack("{s:s, s:s, s:s}", "name", format->name, "standard", format->standard, "found_in", format->found_in));
        if (!as_json)
            printf("%-21s %s\n%-21s   %s\n", format->name, format->standard, "", format->found_in);
    }
    if (as_json) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
    }
}

/* ---- The whole ---------------------------------------------------------------------------------------------- */

static void print_troubles(const Extraction *extraction)
{
    const GPtrArray *troubles = extraction->summary->troubles;
    if (!extraction->readable)
        print_field("unreadable", extraction->trouble);
    for (guint i = 0; i < troubles->len; i++)
        print_field("trouble", troubles->pdata[i]);
}

void inspect_print_document(const Reading *reading)
{
    puts("File");
    print_field("sender", "none: a bare file is no mail, so nothing can be paid from it");
    print_troubles(reading->extraction);
    for (guint i = 0; i < reading->extraction->invoices->len; i++)
        print_invoice(reading->extraction->invoices->pdata[i]);
}

void inspect_print_text(const Reading *reading, const Verdict *verdict)
{
    const MailSummary *summary = reading->extraction->summary;
    puts("Message");
    print_field("from", summary->from_address);
    print_field("subject", summary->subject);
    print_field("date", summary->date);
    print_troubles(reading->extraction);
    for (guint i = 0; i < summary->links->len; i++)
        print_misleading(summary->links->pdata[i]);
    print_authentication(reading->authentication);
    for (guint i = 0; i < reading->extraction->invoices->len; i++)
        print_invoice(invoice_to_show(reading, verdict, i));
    printf("Verdict: %s\n", verdict_kind_name(verdict->kind));
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const VerdictReason *reason = verdict->reasons->pdata[i];
        print_field(reason->code, reason->text);
    }
}
