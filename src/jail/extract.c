/* From parts to invoices.
 *
 * Each attachment is told by its bytes, never by name or media type. Containers are opened one level deep: what a zip or a
 * CMS envelope holds is read, an archive inside of it is named. One walk serves the mail, the bare file and the container. */
#include "extract.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "invoice/pdf.h"
#include "invoice/read_xml.h"
#include "mail/container.h"
#include "mail/mail.h"

/* Containers are opened one level deep, and an envelope that stands in a zip. */
enum { ZIP_DEPTH_MAX = 0, CMS_DEPTH_MAX = 1 };

/* Where the bytes that are being read stand. */
typedef struct Place {
    const char *name; /* of the file, for people */
    bool in_forward;
    unsigned depth;    /* containers around it */
    bool is_alone;     /* a bare file: whoever gave it wants to know why it is no invoice */
    bool is_signed;    /* in a CMS envelope whose signature fits */
} Place;

static void tell(Extraction *extraction, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(Extraction *extraction, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    mail_summary_add_trouble(extraction->summary, text);
}

static void tell_all(Extraction *extraction, const char *name, const GPtrArray *troubles)
{
    for (unsigned i = 0; i < troubles->len; i++)
        tell(extraction, "%s: %s", name, (const char *)troubles->pdata[i]);
}

/* ---- XML, PDF ----------------------------------------------------------------------------------------------------- */

static void mark_new(Extraction *extraction, unsigned first, const Place *place, const char *origin)
{
    for (unsigned i = first; i < extraction->invoices->len; i++) {
        Invoice *invoice = extraction->invoices->pdata[i];
        invoice->is_forwarded = place->in_forward;
        if (invoice->origin == NULL)
            invoice->origin = g_strdup(origin);
    }
}

/* What the mail says of a KSeF document is held against its bytes. */
static void check_ksef(Span document, unsigned first, const char *origin, Extraction *extraction)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new();
    for (unsigned i = 0; i < extraction->summary->links->len; i++)
        g_ptr_array_add(links, ((MailLink *)extraction->summary->links->pdata[i])->address);
    g_ptr_array_add(links, NULL);
    for (unsigned i = first; i < extraction->invoices->len; i++)
        invoice_check_ksef(extraction->invoices->pdata[i], document, origin, (const char *const *)links->pdata);
}

static void read_xml(Span document, InvoiceSource source, const Place *place, const char *origin, Extraction *extraction)
{
    unsigned first = extraction->invoices->len;
    const char *format = NULL;
    g_autoptr(GError) error = NULL;
    if (invoice_read_xml(document, source, extraction->invoices, &format, &error)) {
        mark_new(extraction, first, place, origin);
        if (g_str_has_prefix(format, "KSeF"))
            check_ksef(document, first, origin, extraction);
    } else if (format != NULL)
        tell(extraction, "%s is an invoice in the format %s that cannot be read: %s. Ask the sender to send it again.", origin,
            format, error->message);
    else if (place->is_alone || !g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) /* other XML is nobody's business */
        tell(extraction, "%s cannot be read: %s. If you expect an invoice, ask the sender for it in another form.", origin,
            error->message);
}

static void read_pdf(Span document, const Place *place, Extraction *extraction)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PdfFiles) pdf = invoice_pdf_read(document, &error);
    if (pdf == NULL) {
        tell(extraction, "%s cannot be searched for an invoice: %s.", place->name, error->message);
        return;
    }
    tell_all(extraction, place->name, pdf->troubles);
    for (unsigned i = 0; i < pdf->files->len; i++) {
        const PdfFile *file = pdf->files->pdata[i];
        if (file->xml == NULL)
            continue;
        g_autofree char *origin = g_strdup_printf("%s: %s", place->name, file->name == NULL ? "a file without a name" : file->name);
        gsize length;
        const char *data = g_bytes_get_data(file->xml, &length);
        read_xml((Span){ data, length }, INVOICE_SOURCE_PDF, place, origin, extraction);
    }
}

/* ---- Containers --------------------------------------------------------------------------------------------------- */

static void read_file(Span bytes, const Place *place, Extraction *extraction);
static void read_parts(const MailMessage *mail, const Place *place, Extraction *extraction);

static void read_zip(Span archive, const Place *place, Extraction *extraction)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = mail_files_new();
    g_autoptr(GPtrArray) troubles = g_ptr_array_new_with_free_func(g_free);
    if (!mail_zip_read(archive, files, troubles, &error)) {
        tell(extraction, "%s cannot be read: %s.", place->name, error->message);
        return;
    }
    tell_all(extraction, place->name, troubles);
    for (unsigned i = 0; i < files->len; i++) {
        const MailFile *file = files->pdata[i];
        g_autofree char *name = g_strdup_printf("%s: %s", place->name, file->name == NULL ? "a file without a name" : file->name);
        Place inside = *place;
        inside.name = name;
        inside.depth++;
        gsize length;
        const char *data = g_bytes_get_data(file->bytes, &length);
        read_file((Span){ data, length }, &inside, extraction);
    }
}

/* fraud check 15: a signature that does not fit holds what it covers; one that nobody can check is told. */
static void judge_signature(const MailSigned *envelope, unsigned first, Extraction *extraction)
{
    const MailSigner *signer = envelope->signers->len == 0 ? NULL : envelope->signers->pdata[0];
    const char *reason = signer == NULL || signer->reason == NULL ? "it names no signer" : signer->reason;
    g_autofree char *text = NULL;
    switch (envelope->signature) {
    case MAIL_SIGNATURE_FITS:
        return;
    case MAIL_SIGNATURE_DOES_NOT_FIT:
        text = g_strdup_printf("The electronic signature of this document is not valid: %s.", reason);
        break;
    case MAIL_SIGNATURE_CANNOT_BE_CHECKED:
        text = g_strdup_printf("The electronic signature of this document cannot be checked: %s.", reason);
        break;
    }
    for (unsigned i = first; i < extraction->invoices->len; i++)
        invoice_add_check(extraction->invoices->pdata[i], "signature",
            envelope->signature == MAIL_SIGNATURE_DOES_NOT_FIT ? INVOICE_HOLD : INVOICE_WARN, text);
}

static void read_cms(Span bytes, const Place *place, Extraction *extraction)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MailSigned) envelope = mail_cms_read(bytes, &error);
    if (envelope == NULL) {
        tell(extraction, "%s cannot be read: %s.", place->name, error->message);
        return;
    }
    if (envelope->content == NULL)
        return; /* a signature beside what it signs, which is read as a part of its own */
    unsigned first = extraction->invoices->len;
    Place inside = *place;
    inside.depth = CMS_DEPTH_MAX + 1; /* nothing is opened in an envelope */
    inside.is_signed = envelope->signature == MAIL_SIGNATURE_FITS;
    gsize length;
    const char *data = g_bytes_get_data(envelope->content, &length);
    Span content = { data, length };
    if (mail_file_kind(span_slice(content, 0, MAIL_FILE_KIND_BYTES)) != MAIL_FILE_OTHER) {
        read_file(content, &inside, extraction);
    } else { /* a signed mail (RFC 8551): its MIME entity */
        g_autoptr(MailMessage) mail = mail_message_parse(content);
        read_parts(mail, &inside, extraction);
    }
    judge_signature(envelope, first, extraction);
}

static void read_file(Span bytes, const Place *place, Extraction *extraction)
{
    MailFileKind kind = mail_file_kind(span_slice(bytes, 0, MAIL_FILE_KIND_BYTES));
    bool is_too_deep = (kind == MAIL_FILE_ZIP && place->depth > ZIP_DEPTH_MAX) || (kind == MAIL_FILE_CMS && place->depth > CMS_DEPTH_MAX);
    if (is_too_deep)
        tell(extraction, "%s is a container inside another and was not opened.", place->name);
    else if (kind == MAIL_FILE_XML)
        read_xml(bytes, place->is_signed ? INVOICE_SOURCE_SIGNED_XML : INVOICE_SOURCE_XML, place, place->name, extraction);
    else if (kind == MAIL_FILE_PDF)
        read_pdf(bytes, place, extraction);
    else if (kind == MAIL_FILE_ZIP)
        read_zip(bytes, place, extraction);
    else if (kind == MAIL_FILE_CMS)
        read_cms(bytes, place, extraction);
}

/* ---- Parts of a mail -------------------------------------------------------------------------------------------------- */

static void read_markup(Span html, const Place *place, Extraction *extraction)
{
    unsigned first = extraction->invoices->len;
    g_autoptr(GPtrArray) scripts = mail_html_json_scripts(html);
    for (unsigned i = 0; i < scripts->len; i++) {
        g_autoptr(GError) error = NULL;
        if (!invoice_read_json_ld(span_of(scripts->pdata[i]), extraction->invoices, &error))
            tell(extraction, "The markup for programs cannot be read: %s.", error->message);
    }
    JSON_AUTO *items = mail_html_microdata(html);
    invoice_read_microdata(items, extraction->invoices);
    mark_new(extraction, first, place, NULL);
}

static void read_part(const MailPart *part, const Place *around, Extraction *extraction)
{
    g_autoptr(GError) error = NULL;
    bool is_html = strcmp(part->media_type, "text/html") == 0, is_text = strcmp(part->media_type, "text/plain") == 0;
    Place place = *around;
    place.name = part->name != NULL ? part->name : part->media_type;
    place.in_forward |= part->in_forward;
    if (is_html && !part->is_attachment) {
        g_autofree char *html = mail_part_text(part, &error);
        if (html != NULL)
            read_markup(span_of(html), &place, extraction);
    } else if (part->is_attachment || !is_text) {
        g_autoptr(GBytes) bytes = NULL;
        if (mail_part_decode(part, &bytes, &error)) {
            gsize length;
            const char *data = g_bytes_get_data(bytes, &length);
            read_file((Span){ data, length }, &place, extraction);
        }
    }
    if (error != NULL)
        tell(extraction, "%s: %s.", place.name, error->message);
}

static void read_parts(const MailMessage *mail, const Place *place, Extraction *extraction)
{
    for (size_t i = 0; i < mail_message_part_count(mail); i++)
        read_part(mail_message_part(mail, i), place, extraction);
}

static void end_reading(Extraction *extraction)
{
    if (extraction->invoices->len >= LIMIT_INVOICES_PER_MESSAGE)
        tell(extraction, "There are too many invoices; only the first %d were read.", LIMIT_INVOICES_PER_MESSAGE);
    invoice_merge(extraction->invoices);
}

void extract_mail(Span message, Extraction *extraction)
{
    g_autoptr(MailMessage) mail = mail_message_parse(message);
    extraction->summary = mail_message_summary(mail);
    const Place place = { .name = "" };
    read_parts(mail, &place, extraction);
    end_reading(extraction);
}

bool extract_shorten(Extraction *extraction)
{
    static const char told[] = "There is more in this mail's invoices than can be kept: some lines or notes are not shown.";
    const GPtrArray *troubles = extraction->summary->troubles;
    bool is_told = troubles->len > 0 && strcmp(troubles->pdata[troubles->len - 1], told) == 0, dropped = false;
    for (unsigned i = 0; i < extraction->invoices->len; i++)
        dropped |= invoice_shorten(extraction->invoices->pdata[i]);
    if (dropped && !is_told)
        tell(extraction, "%s", told);
    return dropped;
}

void extract_document(Span document, Extraction *extraction)
{
    extraction->summary = mail_summary_new();
    const Place place = { .name = "the file", .is_alone = true };
    bool is_html = mail_file_kind(span_slice(document, 0, MAIL_FILE_KIND_BYTES)) == MAIL_FILE_OTHER
        && span_starts_with(span_trim(document), SPAN("<"));
    if (is_html)
        read_markup(document, &place, extraction);
    else
        read_file(document, &place, extraction);
    end_reading(extraction);
    if (extraction->invoices->len > 0)
        return;
    const GPtrArray *troubles = extraction->summary->troubles;
    if (troubles->len == 0)
        tell(extraction, "There is no invoice in this file. Formats that are read: saldo inspect --format-help.");
    extraction->trouble = g_strdup(troubles->pdata[0]);
}
