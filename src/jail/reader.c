/* Reading one message, inside the walls. */
#include "reader.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "extract.h"
#include "invoice/pdf.h"
#include "invoice/read_xml.h"
#include "mail/container.h"
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

/* ---- The three requests ------------------------------------------------------------------------------------- */

/* At most `maximum` bytes, as far as there is something to leave out. */
static char *write_extraction(Extraction *extraction, size_t maximum)
{
    for (;;) {
        JSON_AUTO *json = extraction_to_json(extraction);
        g_autofree char *text = json_write(json);
        if (strlen(text) <= maximum || !extract_shorten(extraction))
            return g_steal_pointer(&text);
    }
}

static int extract(const JailRequest *request, Span message, Buffer *answer)
{
    g_autoptr(Extraction) extraction = extraction_new();
    if (request->flag != 0)
        extract_mail(message, extraction);
    else
        extract_document(message, extraction);
    g_autofree char *text = write_extraction(extraction, request->flag != 0 ? LIMIT_EXTRACTION_KEPT_BYTES : LIMIT_EXTRACTION_BYTES);
    return answer_with(span_of(text), answer);
}

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
    mail_cms_warm_up();
    invoice_xml_warm_up();
    invoice_pdf_warm_up();
    json_object_seed(0);
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        BUFFER_AUTO answer = BUFFER_INIT(LIMIT_EXTRACTION_BYTES);
        g_assert(read_message(&requests[i], (Span){ sample, sizeof sample - 1 }, &answer) == 0 && answer.length > 0);
    }
}
