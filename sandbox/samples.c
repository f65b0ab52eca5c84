/* Writing the sample directory: the run, the files, partners.json, dns.zone and the lists.
 *
 * Each run has a number in the book, which is part of all its invoice numbers: the demo can be started
 * over with fresh, unpaid invoices while the old ones keep their history.
 */
#include "samples.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "keys.h"
#include "sample_set.h"
#include "trust/jws.h"
#include "trust/partner.h"
#include "zone.h"

static bool write_file(const char *directory, const char *name, const char *bytes, size_t length, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(GError) cause = NULL;
    if (g_file_set_contents(path, bytes, (gssize)length, &cause))
        return true;
    error_set(error, SALDO_ERROR_IO, "cannot write %s: %s", path, cause->message);
    return false;
}

Bill *sample_bill_make(const SampleSet *set, const SampleBill *sample, size_t line_count)
{
    Bill *bill = g_new0(Bill, 1);
    char issued[DATE_TEXT_MAX], due[DATE_TEXT_MAX];
    time_format_date(set->now_us - sample->issued_days_ago * US_PER_DAY, issued);
    time_format_date(set->now_us + sample->due_in_days * US_PER_DAY, due);
    bill->number = g_strdup_printf("%s-%.4s-%03d%03d", sample->prefix, issued, (int)set->run, sample->code);
    bill->biller = world_find_biller(sample->biller);
    bill->merchant = &bill->biller->merchants[sample->merchant];
    bill->language = g_strdup(sample->language != NULL ? sample->language : set->order->language);
    bool polish = bill_is_polish(bill);
    bill->customer = g_strdup("Anna Nowak");
    bill->customer_number = g_strdup_printf("C-%d", 10440 + (int)sample->merchant);
    bill->issue_date = g_strdup(issued);
    bill->due_date = g_strdup(due);
    g_strlcpy(bill->currency, sample->currency, sizeof bill->currency);
    bill->lines = json_array();
    for (size_t i = 0; i < SAMPLE_LINES_MAX && sample->lines[i].label != NULL && (line_count == 0 || i < line_count); i++) {
        const SampleLine *line = &sample->lines[i];
        json_array_append_new(bill->lines, json_pack("{s:s, s:s, s:I, s:i}", "label",
            polish && line->label_pl != NULL ? line->label_pl : line->label, "quantity", line->quantity, "net",
            (json_int_t)line->net, "vat", line->vat));
    }
    return bill;
}

/* The address in the first From header: these mails are our own, so one form is enough. */
static char *envelope_sender(const GString *message)
{
    Span header = { message->str, message->len };
    if (!span_starts_with(header, SPAN("From: "))) /* an unsigned mail begins with it */
        header = span_slice(header, span_find(header, SPAN("\r\nFrom: ")), header.length);
    header = span_slice(header, span_find_byte(header, '<') + 1, header.length);
    return g_strndup(header.at, span_find_byte(header, '>'));
}

/* Forged mail comes from a host that the domain does not name; all other mail from one that it does (zone.c). */
static void note_envelope(SampleSet *set, const char *file, const GString *message, const char *reason)
{
    bool forged = strcmp(reason, "sender_unauthenticated") == 0;
    g_autofree char *sender = envelope_sender(message);
    const char *at = strchr(sender, '@');
    g_string_append_printf(set->envelopes, "%s\t%s\tmail.%s\t%s\n", file, forged ? "203.0.113.66" : "192.0.2.25",
        at == NULL ? "unknown.example" : at + 1, sender);
}

bool sample_file_write(SampleSet *set, const char *file, const GString *message, const char *kind, const char *reason,
    const char *about, GError **error)
{
    g_string_append_printf(set->expected, "%s\t%s\t%s\n", file, kind, reason);
    g_string_append_printf(set->readme, "%-42s %-6s %-26s %s\n", file, kind, reason, about);
    note_envelope(set, file, message, reason);
    return write_file(set->mail_directory, file, message->str, message->len, error);
}

/* ---- Partners -------------------------------------------------------------------------------- */

static json_t *merchant_record(const WorldMerchant *merchant)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s}", "merchant_id", merchant->merchant_id, "display_id",
        merchant->display_id, "legal_name", merchant->legal_name, "state", partner_state_name(merchant->state));
    if (merchant->state == PARTNER_APPROVED) {
        json_put_text(record, "verified_by", "Sandbox onboarding desk");
        json_put_text(record, "verified_at", "2026-01-15T09:00:00Z");
        json_put_text(record, "verified_how", "company register, account check by a 1-cent transfer");
    }
    return record;
}

static void put_senders(Book *book, const WorldBiller *biller, json_t *record)
{
    json_put_flag(record, "dynamic_sender", biller->address == NULL);
    json_object_set_new(record, "addresses", biller->address == NULL ? json_array() : json_pack("[s]", biller->address));
    json_object_set_new(record, "domains", biller->address != NULL ? json_array() : json_pack("[s]", biller->domain));
    if (biller->address != NULL)
        return;
    JSON_AUTO *key = keys_biller_jwk(book, biller->name);
    json_object_set_new(record, "jwks", json_pack("{s:[o]}", "keys", jwk_public(key)));
}

static json_t *partner_record(Book *book, const WorldBiller *biller, const char *base_url)
{
    g_autofree char *request_url = g_strdup_printf("%s/billers/%s/payment-request", base_url, biller->name);
    g_autofree char *complete_url = g_strdup_printf("%s/billers/%s/payment-complete", base_url, biller->name);
    g_autofree char *processor_url = g_strdup_printf("%s/processor", base_url);
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s,s,s], s:[s,s], s:o}", "originator",
        biller->originator, "name", biller->title, "state", partner_state_name(biller->state), "payment_request_url",
        request_url, "payment_complete_url", complete_url, "processor", "sandbox", "processor_account", biller->account,
        "processor_url", processor_url, "networks", "visa", "mastercard", "amex", "types", "credit", "debit", "merchants",
        json_array());
    put_senders(book, biller, record);
    for (size_t i = 0; i < biller->merchant_count; i++)
        json_array_append_new(json_object_get(record, "merchants"), merchant_record(&biller->merchants[i]));
    return record;
}

/* Read back as `saldo partner add` will, so that a record nobody can read is never written. */
static bool write_partners(const SampleSet *set, GError **error)
{
    JSON_AUTO *partners = json_pack("{s:[]}", "partners");
    for (size_t i = 0; i < world_biller_count; i++)
        json_array_append_new(json_object_get(partners, "partners"),
            partner_record(set->book, &world_billers[i], set->order->base_url));
    g_autoptr(Registry) registry = registry_from_json(partners, error);
    if (registry == NULL)
        return false;
    char *text = json_dumps(partners, JSON_INDENT(2));
    bool written = write_file(set->order->directory, "partners.json", text, strlen(text), error);
    free(text);
    return written;
}

/* ---- All of it ------------------------------------------------------------------------------- */

static const char *const readme_head =
    "Sample mails made by `saldo-sandbox samples`.\n"
    "\n"
    "mail/          one mail per file; all are signed as their senders sign, unless the name says otherwise\n"
    "dns.zone       SPF, DKIM and DMARC records of the senders\n"
    "partners.json  the partner registry: two billers approved, one suspended, one pending\n"
    "envelopes.tsv  file, client address, HELO, envelope sender: as its mail server would say over LMTP\n"
    "expected.tsv   file, verdict, first reason code, with that envelope\n"
    "invoices.tsv   file, biller, invoice number, currency, amount in the mail, what will happen\n"
    "\n"
    "Run `saldo-sandbox serve` on the same state directory: it is the billers and the processor behind them.\n"
    "The last three digits of an invoice number say what it does: 901 the answer is lost after the charge,\n"
    "902 the biller is down, 903 the amount changed at the biller since the mail, 904 paid at the biller already;\n"
    "all others behave.\n"
    "\n"
    "Test cards (any date ahead, any code; 4 digits for American Express):\n"
    "  4242 4242 4242 4242   5555 5555 5555 4444   3782 822463 10005   pay\n"
    "  4000 0000 0000 0002 declined     …9995 no funds     …0127 wrong code     …0119 processing error\n"
    "  4000 0025 0000 3155 asks for a confirmation at the bank\n"
    "\n"
    "File                                       Kind   First reason               What it is\n";

static bool write_lists(const SampleSet *set, GError **error)
{
    g_autofree char *zone = zone_text(set->book);
    const char *directory = set->order->directory;
    return write_file(directory, "dns.zone", zone, strlen(zone), error) && write_partners(set, error)
        && write_file(directory, "expected.tsv", set->expected->str, set->expected->len, error)
        && write_file(directory, "envelopes.tsv", set->envelopes->str, set->envelopes->len, error)
        && write_file(directory, "invoices.tsv", set->invoices->str, set->invoices->len, error)
        && write_file(directory, "README.txt", set->readme->str, set->readme->len, error);
}

bool samples_write(Book *book, const SampleOrder *order, GError **error)
{
    SampleSet set = { .order = order, .book = book, .now_us = time_now_us(), .run = book_count_up(book, "sample-run"),
        .mail_directory = g_build_filename(order->directory, "mail", NULL),
        .expected = g_string_new("# file\tkind\tfirst reason\n"),
        .envelopes = g_string_new("# file\tclient\thelo\tsender\n"),
        .invoices = g_string_new("# file\tbiller\tnumber\tcurrency\tamount\twhat will happen\n"),
        .readme = g_string_new(readme_head) };
    bool good = g_mkdir_with_parents(set.mail_directory, 0700) == 0;
    if (!good)
        error_set(error, SALDO_ERROR_IO, "cannot make %s: %s", set.mail_directory, g_strerror(errno));
    good = good && samples_write_payable(&set, error) && samples_write_flawed(&set, error)
        && samples_write_attached(&set, error) && samples_write_ordinary(&set, error) && write_lists(&set, error);
    g_free(set.mail_directory);
    g_string_free(set.expected, TRUE);
    g_string_free(set.envelopes, TRUE);
    g_string_free(set.invoices, TRUE);
    g_string_free(set.readme, TRUE);
    return good;
}
