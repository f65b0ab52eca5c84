/* Invoice mails as billers design them: tables with inline styles, since mail programs read no others.
 *
 * Parts: words; pieces; the page; the plain text.
 */
#include "letter_html.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "logo.h"

#define FONT "font-family:'Segoe UI',Helvetica,Arial,sans-serif;"

void letter_body_done(LetterBody *body)
{
    g_free(body->subject);
    g_free(body->text);
    if (body->html != NULL)
        g_string_free(body->html, TRUE);
    *body = (LetterBody){ 0 };
}

/* ---- Words ----------------------------------------------------------------------------------- */

typedef struct Words {
    const char *subject, *reminder_subject, *hello, *intro_due, *intro_overdue, *amount_due, *due_date, *number, *issued,
        *line, *net, *vat, *total, *view, *reference, *account, *questions, *sent_by, *customer;
} Words;

static const Words words_en = {
    .subject = "Invoice %s from %s", .reminder_subject = "Reminder: invoice %s from %s", .hello = "Hello %s,",
    .intro_due = "here is your invoice. Please pay it by %s.",
    .intro_overdue = "our books still show this invoice as unpaid. It was due on %s.",
    .amount_due = "Amount due", .due_date = "Due date", .number = "Invoice number", .issued = "Issued", .line = "Description",
    .net = "Net", .vat = "VAT", .total = "Total", .view = "View full invoice", .reference = "Payment reference",
    .account = "Bank account", .questions = "Questions about this invoice? Write to", .sent_by = "Sent for %s by Ledgerly",
    .customer = "Customer number" };
static const Words words_pl = {
    .subject = "Faktura %s od: %s", .reminder_subject = "Przypomnienie: faktura %s od: %s", .hello = "Dzień dobry,",
    .intro_due = "przesyłamy fakturę. Prosimy o płatność do %s.",
    .intro_overdue = "ta faktura nadal figuruje jako niezapłacona. Termin płatności minął %s.",
    .amount_due = "Do zapłaty", .due_date = "Termin płatności", .number = "Numer faktury", .issued = "Data wystawienia",
    .line = "Nazwa", .net = "Netto", .vat = "VAT", .total = "Razem", .view = "Zobacz pełną fakturę",
    .reference = "Tytuł przelewu", .account = "Numer rachunku", .questions = "Pytania do faktury? Prosimy pisać na adres",
    .sent_by = "Wysłano w imieniu %s przez Ledgerly", .customer = "Numer klienta" };

/* "26 November 2026", "26 listopada 2026". */
static char *date_text(const char *date, bool polish)
{
    static const char *const months[][12] = {
        { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
            "December" },
        { "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
            "listopada", "grudnia" },
    };
    int64_t time_us;
    g_assert(time_parse_date(span_of(date), &time_us));
    g_autoptr(GDateTime) day = g_date_time_new_from_unix_utc(time_us / US_PER_SECOND);
    return g_strdup_printf("%d %s %d", g_date_time_get_day_of_month(day), months[polish][g_date_time_get_month(day) - 1],
        g_date_time_get_year(day));
}

static bool is_overdue(const Bill *bill)
{
    char today[DATE_TEXT_MAX];
    time_format_date(time_now_us(), today);
    return strcmp(bill->due_date, today) < 0;
}

/* `value` where the words have their %s, if they have one: Polish names are not declined, so it greets nobody by name. */
static char *format_text(const char *words, const char *value)
{
    g_auto(GStrv) halves = g_strsplit(words, "%s", 2);
    return halves[1] == NULL ? g_strdup(words) : g_strconcat(halves[0], value, halves[1], NULL);
}

/* ---- Pieces ---------------------------------------------------------------------------------- */

typedef struct Page {
    const Bill *bill;
    const Words *words;
    GString *html;
    const char *base_url;
    bool polish;
} Page;

static void add(Page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(Page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_string_append_vprintf(page->html, format, arguments);
    va_end(arguments);
}

static char *amount(const Page *page, int64_t minor)
{
    Money money = { .minor = minor };
    memcpy(money.currency, page->bill->currency, sizeof money.currency);
    return bill_amount_text(money, page->polish);
}

/* A static sender's logo travels in the mail (cid:), a dynamic one's as data:. */
static void add_header(Page *page)
{
    const WorldMerchant *merchant = page->bill->merchant;
    const WorldBiller *biller = page->bill->biller;
    add(page, "<tr><td style=\"background:%s;padding:24px 32px;border-radius:8px 8px 0 0\"><table role=\"presentation\" "
              "cellpadding=\"0\" cellspacing=\"0\"><tr><td style=\"padding-right:16px\">",
        merchant->colour);
    if (biller->address != NULL)
        add(page, "<img src=\"cid:logo@%s\" width=\"48\" height=\"48\" alt=\"\" style=\"display:block;border-radius:10px\">",
            biller->domain);
    else
        add(page, "<img src=\"data:image/png;base64,%s\" width=\"48\" height=\"48\" alt=\"\" style=\"display:block;"
                  "border-radius:10px\">",
            logo_base64(merchant->logo));
    add(page, "</td><td style=\"" FONT "color:#ffffff;font-size:20px;font-weight:600\">%s</td></tr></table></td></tr>",
        merchant->legal_name);
}

static void add_intro(Page *page)
{
    const Bill *bill = page->bill;
    g_autofree char *due = date_text(bill->due_date, page->polish);
    g_autofree char *hello = format_text(page->words->hello, bill->customer);
    g_autofree char *intro = format_text(is_overdue(bill) ? page->words->intro_overdue : page->words->intro_due, due);
    add(page, "<tr><td style=\"padding:28px 32px 8px;" FONT "font-size:15px;line-height:22px;color:#242424\">"
              "<p style=\"margin:0 0 12px\">%s</p><p style=\"margin:0\">%s</p></td></tr>",
        hello, intro);
}

static void add_fact(Page *page, const char *label, const char *value)
{
    add(page, "<td style=\"padding:0 24px 0 0;vertical-align:top\"><div style=\"" FONT "font-size:12px;color:#605e5c\">%s</div>"
              "<div style=\"" FONT "font-size:15px;color:#242424;font-weight:600\">%s</div></td>",
        label, value);
}

static void add_facts(Page *page)
{
    const Bill *bill = page->bill;
    g_autofree char *total = amount(page, bill_total(bill).minor);
    g_autofree char *due = date_text(bill->due_date, page->polish);
    add(page, "<tr><td style=\"padding:16px 32px\"><div style=\"" FONT "font-size:12px;color:#605e5c\">%s</div>"
              "<div style=\"" FONT "font-size:32px;line-height:40px;font-weight:600;color:%s\">%s</div></td></tr>",
        page->words->amount_due, bill->merchant->colour, total);
    add(page, "<tr><td style=\"padding:0 32px 20px\"><table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\"><tr>");
    add_fact(page, page->words->due_date, due);
    add_fact(page, page->words->number, bill->number);
    add_fact(page, page->words->customer, bill->customer_number);
    add(page, "</tr></table></td></tr>");
}

static void add_row(Page *page, const char *label, const char *detail, const char *value, const char *style)
{
    add(page, "<tr><td style=\"padding:9px 0;border-bottom:1px solid #edebe9;" FONT "font-size:14px;color:#242424;%s\">%s"
              "<span style=\"color:#605e5c\"> %s</span></td><td align=\"right\" style=\"padding:9px 0;border-bottom:1px solid "
              "#edebe9;" FONT "font-size:14px;color:#242424;white-space:nowrap;%s\">%s</td></tr>",
        style, label, detail, style, value);
}

static void add_lines(Page *page)
{
    size_t i;
    json_t *line, *tax;
    add(page, "<tr><td style=\"padding:4px 32px 20px\"><table role=\"presentation\" width=\"100%%\" cellpadding=\"0\" "
              "cellspacing=\"0\" style=\"border-top:2px solid %s\">",
        page->bill->merchant->colour);
    json_array_foreach(page->bill->lines, i, line) {
        g_autofree char *net = amount(page, json_integer_or(line, "net", 0));
        add_row(page, json_text(line, "label"), json_text(line, "quantity"), net, "");
    }
    JSON_AUTO *taxes = bill_taxes(page->bill);
    json_array_foreach(taxes, i, tax) {
        g_autofree char *label = g_strdup_printf("VAT %d%%", (int)json_integer_or(tax, "vat", 0));
        g_autofree char *value = amount(page, json_integer_or(tax, "tax", 0));
        add_row(page, label, "", value, "color:#605e5c;");
    }
    g_autofree char *total = amount(page, bill_total(page->bill).minor);
    add_row(page, page->words->total, "", total, "font-weight:600;");
    add(page, "</table></td></tr>");
}

static void add_button_and_foot(Page *page)
{
    const Bill *bill = page->bill;
    const WorldMerchant *merchant = bill->merchant;
    g_autofree char *url = bill_url(bill, page->base_url);
    g_autofree char *sent_by = format_text(page->words->sent_by, merchant->legal_name);
    add(page, "<tr><td style=\"padding:4px 32px 28px\"><a href=\"%s\" style=\"" FONT "display:inline-block;padding:12px 24px;"
              "background:%s;color:#ffffff;text-decoration:none;font-size:15px;font-weight:600;border-radius:6px\">%s</a></td></tr>",
        url, merchant->colour, page->words->view);
    add(page, "<tr><td style=\"padding:20px 32px;background:#faf9f8;border-radius:0 0 8px 8px;" FONT "font-size:12px;"
              "line-height:18px;color:#605e5c\">%s: %s<br>%s: %s<br><br>%s <a href=\"mailto:%s\" style=\"color:%s\">%s</a>."
              "<br>%s, %s, %s, %s · VAT %s",
        page->words->account, merchant->iban, page->words->reference, bill->number, page->words->questions,
        merchant->contact, merchant->colour, merchant->contact, merchant->legal_name, merchant->street, merchant->city,
        merchant->country, merchant->vat_id);
    if (bill->biller->address == NULL)
        add(page, "<br><br>%s", sent_by);
    add(page, "</td></tr>");
}

/* ---- The page -------------------------------------------------------------------------------- */

/* "</" inside a script would end it. */
static void add_script(Page *page, const char *markup)
{
    g_auto(GStrv) pieces = g_strsplit(markup, "</", -1);
    g_autofree char *safe = g_strjoinv("<\\/", pieces);
    add(page, "<script type=\"application/ld+json\">%s</script>\n", safe);
}

static GString *render_html(const Bill *bill, const Words *words, const char *base_url, const char *markup, const char *title)
{
    Page page = { .bill = bill, .words = words, .html = g_string_new(NULL), .base_url = base_url,
        .polish = words == &words_pl };
    add(&page, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s</title>\n", bill->language, title);
    if (markup != NULL)
        add_script(&page, markup);
    add(&page, "</head><body style=\"margin:0;padding:24px 0;background:#f3f2f1\"><table role=\"presentation\" align=\"center\" "
               "width=\"600\" cellpadding=\"0\" cellspacing=\"0\" style=\"width:600px;max-width:100%%;margin:0 auto;"
               "background:#ffffff;border-radius:8px\">\n");
    add_header(&page);
    add_intro(&page);
    add_facts(&page);
    add_lines(&page);
    add_button_and_foot(&page);
    add(&page, "</table></body></html>\n");
    return page.html;
}

/* ---- The plain text -------------------------------------------------------------------------- */

static char *render_text(const Bill *bill, const Words *words, const char *base_url)
{
    bool polish = words == &words_pl;
    g_autofree char *total = bill_amount_text(bill_total(bill), polish);
    g_autofree char *due = date_text(bill->due_date, polish);
    g_autofree char *issued = date_text(bill->issue_date, polish);
    g_autofree char *url = bill_url(bill, base_url);
    g_autofree char *hello = format_text(words->hello, bill->customer);
    g_autofree char *intro = format_text(is_overdue(bill) ? words->intro_overdue : words->intro_due, due);
    return g_strdup_printf("%s\n\n%s\n\n%s: %s\n%s: %s\n%s: %s\n%s: %s\n\n%s: %s\n%s: %s\n%s: %s\n\n%s %s.\n-- \n%s\n%s, %s\n",
        hello, intro, words->amount_due, total, words->due_date, due, words->number, bill->number, words->issued, issued,
        words->view, url, words->account, bill->merchant->iban, words->reference, bill->number, words->questions,
        bill->merchant->contact, bill->merchant->legal_name, bill->merchant->street, bill->merchant->city);
}

LetterBody letter_body_for(const Bill *bill, const char *base_url, const char *markup, bool reminder)
{
    const Words *words = bill_is_polish(bill) ? &words_pl : &words_en;
    g_autofree char *with_number = format_text(reminder ? words->reminder_subject : words->subject, bill->number);
    LetterBody body = { .subject = format_text(with_number, bill->merchant->legal_name) };
    body.text = render_text(bill, words, base_url);
    body.html = render_html(bill, words, base_url, markup, body.subject);
    return body;
}
