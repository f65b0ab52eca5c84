/* Reading one message, inside the walls. */
#include "reader.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "jail/jail.h"
#include "limits.h"

static int refuse(const GError *error, Buffer *answer)
{
    buffer_clear(answer);
    buffer_append(answer, span_slice(span_of(error->message), 0, JAIL_REFUSAL_BYTES));
    return JAIL_EXIT_REFUSED + error->code;
}

static int answer_with(Span bytes, Buffer *answer)
{
    if (buffer_append(answer, bytes))
        return 0;
    g_autoptr(GError) error = NULL;
    error_set(&error, SALDO_ERROR_LIMIT, "what was read has %zu bytes; at most %lu can be answered", bytes.length,
        LIMIT_EXTRACTION_BYTES);
    return refuse(error, answer);
}

/* ---- Extract ---------------------------------------------------------------------------------------------------- */

static void read_scripts(const char *html, bool in_forward, Extraction *extraction)
{
    unsigned first = extraction->invoices->len;
    g_autoptr(GPtrArray) scripts = mail_html_json_scripts(span_of(html));
    for (unsigned i = 0; i < scripts->len; i++) {
        g_autoptr(GError) trouble = NULL;
        if (invoice_read_json_ld(span_of(scripts->pdata[i]), extraction->invoices, &trouble))
            continue;
        g_autofree char *text = g_strdup_printf("The markup for programs cannot be read: %s.", trouble->message);
        mail_summary_add_trouble(extraction->summary, text);
    }
    for (unsigned i = first; i < extraction->invoices->len; i++)
        ((Invoice *)extraction->invoices->pdata[i])->is_forwarded = in_forward;
}

/* The front of an attachment is enough to tell an invoice format. */
enum { FORMAT_BYTES = 32 * 1024 };

static void note_unread_format(const MailPart *part, Extraction *extraction)
{
    MailPart front = *part;
    front.body = span_slice(part->body, 0, FORMAT_BYTES);
    g_autoptr(GBytes) bytes = NULL;
    if (!mail_part_decode(&front, &bytes, NULL))
        return;
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    const char *format = invoice_document_format((Span){ data, length });
    /* Any attachment may be a PDF or XML; only what is an invoice for certain is worth a word. */
    if (format == NULL || strcmp(format, "PDF") == 0 || strcmp(format, "XML") == 0)
        return;
    g_autofree char *text = g_strdup_printf("The attachment \"%s\" is an invoice in the format %s, which is not read yet.",
        part->name == NULL ? part->media_type : part->name, format);
    mail_summary_add_trouble(extraction->summary, text);
}

static void read_part_markup(const MailPart *part, Extraction *extraction)
{
    if (part->is_attachment) {
        note_unread_format(part, extraction);
        return;
    }
    if (strcmp(part->media_type, "text/html") != 0)
        return;
    g_autoptr(GError) trouble = NULL;
    g_autofree char *html = mail_part_text(part, &trouble);
    if (html != NULL)
        read_scripts(html, part->in_forward, extraction);
    else
        mail_summary_add_trouble(extraction->summary, trouble->message);
}

static void extract_mail(Span message, Extraction *extraction)
{
    g_autoptr(MailMessage) mail = mail_message_parse(message);
    extraction->summary = mail_message_summary(mail);
    for (size_t i = 0; i < mail_message_part_count(mail); i++)
        read_part_markup(mail_message_part(mail, i), extraction);
    if (extraction->invoices->len >= LIMIT_INVOICES_PER_MESSAGE)
        mail_summary_add_trouble(extraction->summary, "The mail holds too many invoices; only the first ones were read.");
}

/* A bare file: its format is told; formats with a reader are read here. */
static void extract_document(Span document, Extraction *extraction)
{
    const char *format = invoice_document_format(document);
    extraction->summary = mail_summary_new();
    g_autofree char *text = format == NULL
        ? g_strdup("This file is neither a mail nor a PDF or XML document: there is no invoice to read.")
        : g_strdup_printf("This file is %s; invoices in this format are not read yet.", format);
    mail_summary_add_trouble(extraction->summary, text);
    extraction->trouble = g_steal_pointer(&text);
}

static int extract(const JailRequest *request, Span message, Buffer *answer)
{
    g_autoptr(Extraction) extraction = extraction_new();
    if (request->flag != 0)
        extract_mail(message, extraction);
    else
        extract_document(message, extraction);
    JSON_AUTO *json = extraction_to_json(extraction);
    g_autofree char *text = json_write(json);
    return answer_with(span_of(text), answer);
}

/* ---- Render, read a part -------------------------------------------------------------------------------------------- */

static int render(const JailRequest *request, Span message, Buffer *answer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MailMessage) mail = mail_message_parse(message);
    int body = mail_message_body_part(mail);
    const MailPart *part = body < 0 ? NULL : mail_message_part(mail, (size_t)body);
    g_autofree char *text = part == NULL ? g_strdup("") : mail_part_text(part, &error);
    if (text == NULL)
        return refuse(error, answer);
    bool is_html = part != NULL && strcmp(part->media_type, "text/html") == 0;
    g_autofree char *html
        = is_html ? mail_html_sanitize(span_of(text), mail, request->flag != 0) : mail_text_to_html(span_of(text));
    return answer_with(span_of(html), answer);
}

static int read_part(const JailRequest *request, Span message, Buffer *answer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(MailMessage) mail = mail_message_parse(message);
    size_t count = mail_message_part_count(mail);
    if (request->number >= count)
        error_set(&error, SALDO_ERROR_NOT_FOUND, "the message has %zu parts and no part %u", count, request->number);
    else
        mail_part_decode(mail_message_part(mail, request->number), &bytes, &error);
    if (error != NULL)
        return refuse(error, answer);
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return answer_with((Span){ data, length }, answer);
}

int read_message(const JailRequest *request, Span message, Buffer *answer)
{
    static const struct {
        JailKind kind;
        int (*handle)(const JailRequest *request, Span message, Buffer *answer);
    } handlers[] = { { JAIL_EXTRACT, extract }, { JAIL_RENDER, render }, { JAIL_READ_PART, read_part } };
    for (size_t i = 0; i < G_N_ELEMENTS(handlers); i++)
        if (handlers[i].kind == request->kind)
            return handlers[i].handle(request, message, answer);
    return 1; /* out of state */
}

void reader_warm_up(void)
{
    static const char sample[]
        = "From: =?utf-8?q?A?= <a@example.org>\r\nDate: Mon, 23 Nov 2026 03:10:36 +0000\r\n"
          "Content-Type: text/html; charset=iso-8859-2\r\n\r\n"
          "<script type=\"application/ld+json\">{\"@type\":\"Invoice\",\"totalPaymentDue\":{\"price\":1.5,"
          "\"priceCurrency\":\"EUR\"}}</script><p style='color:red'>\xb1";
    static const JailRequest requests[] = { { JAIL_EXTRACT, 1, 0 }, { JAIL_RENDER, 0, 0 }, { JAIL_READ_PART, 0, 0 } };
    mail_charsets_warm_up();
    json_object_seed(0);
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        BUFFER_AUTO answer = BUFFER_INIT(LIMIT_EXTRACTION_BYTES);
        g_assert(read_message(&requests[i], (Span){ sample, sizeof sample - 1 }, &answer) == 0 && answer.length > 0);
    }
}
