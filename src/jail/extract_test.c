/* Where an invoice can hide in a mail, and what becomes of several of them (formats.md, "Traps", "Mail"). The same reader as in
 * the jail, without its walls. */
#include "extract.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "reader.h"
#include "test_files.h"

/* ---- Making mails ------------------------------------------------------------------------------------------------- */

static char *ubl(const char *number, const char *due)
{
    return g_strdup_printf("<?xml version=\"1.0\"?>" UBL_ROOT
                           " xmlns:b=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\" "
                           "xmlns:a=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\"><b:ID>%s</b:ID>"
                           "<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode><a:LegalMonetaryTotal>"
                           "<b:PayableAmount>%s</b:PayableAmount></a:LegalMonetaryTotal></Invoice>", number, due);
}

static GString *pdf_of(const char *xml)
{
    g_autoptr(GString) content = g_string_new(xml);
    g_autofree char *dictionary = g_strdup_printf("<< /Type /EmbeddedFile /Length %zu >>", content->len);
    return pdf_with(dictionary, content, "");
}

/* A multipart/mixed mail; ends with mail_text. */
static GString *mail_begin(void)
{
    return g_string_new("From: a@b.example\r\nSubject: bill\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n");
}

static void attach(GString *mail, const char *headers, const char *bytes, gssize length)
{
    size_t size = length < 0 ? strlen(bytes) : (size_t)length;
    g_autofree char *encoded = g_base64_encode((const unsigned char *)bytes, size);
    g_string_append_printf(mail, "\r\n--b\r\n%sContent-Transfer-Encoding: base64\r\n\r\n", headers);
    for (const char *at = encoded; *at != '\0'; at += strnlen(at, 76))
        g_string_append_printf(mail, "%.76s\r\n", at);
}

#define OCTETS "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"f.bin\"\r\n"

static Extraction *read_mail(GString *mail)
{
    Extraction *extraction = extraction_new();
    g_string_append(mail, "\r\n--b--\r\n");
    extract_mail((Span){ mail->str, mail->len }, extraction);
    return extraction;
}

static const Invoice *only_invoice(const Extraction *extraction, const char *number)
{
    g_assert_cmpuint(extraction->invoices->len, ==, 1);
    const Invoice *invoice = extraction->invoices->pdata[0];
    g_assert_cmpstr(invoice->number, ==, number);
    return invoice;
}

static bool has_check(const Invoice *invoice, const char *rule, InvoiceSeverity severity)
{
    for (unsigned i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        if (strcmp(check->rule, rule) == 0 && check->severity == severity)
            return true;
    }
    return false;
}

/* ---- One invoice, many places ------------------------------------------------------------------------------------------ */

static void test_attached(void)
{
    static const char *const headers[] = { OCTETS, "Content-Type: text/xml\r\n", "Content-Type: application/xml; name=\"a.xml\"\r\n",
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''faktura%20%C5%BC.pdf\r\n" };
    g_autofree char *xml = ubl("F/1", "10.00");
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(GString) mail = mail_begin();
        attach(mail, headers[i], xml, -1);
        g_autoptr(Extraction) extraction = read_mail(mail);
        const Invoice *invoice = only_invoice(extraction, "F/1");
        g_assert_cmpint(invoice->source, ==, INVOICE_SOURCE_XML);
        g_assert_cmpint(invoice->amount_due.minor, ==, 1000);
    }
}

static void test_name_is_kept(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    g_autoptr(GString) mail = mail_begin();
    attach(mail, "Content-Type: application/xml\r\nContent-Disposition: attachment; filename*0*=utf-8''fak; filename*1*=tura%20%C5%BC.xml\r\n", xml, -1);
    g_autoptr(Extraction) extraction = read_mail(mail);
    g_assert_cmpstr(only_invoice(extraction, "F/1")->origin, ==, "faktura \xc5\xbc.xml");
}

static void test_utf16(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    gsize length;
    g_autofree char *wide = g_convert(xml, -1, "UTF-16", "UTF-8", NULL, &length, NULL);
    g_autoptr(GString) mail = mail_begin();
    attach(mail, OCTETS, wide, (gssize)length);
    g_autoptr(Extraction) extraction = read_mail(mail);
    only_invoice(extraction, "F/1");
}

static void test_in_pdf_and_zip(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    g_autoptr(GString) pdf = pdf_of(xml), text = g_string_new(xml);
    g_autoptr(GString) zip = zip_of(text, 0, (uint32_t)text->len), zipped_pdf = zip_of(pdf, 0, (uint32_t)pdf->len);
    const GString *files[] = { pdf, zip, zipped_pdf };
    static const InvoiceSource sources[] = { INVOICE_SOURCE_PDF, INVOICE_SOURCE_XML, INVOICE_SOURCE_PDF };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GString) mail = mail_begin();
        attach(mail, OCTETS, files[i]->str, (gssize)files[i]->len);
        g_autoptr(Extraction) extraction = read_mail(mail);
        g_assert_cmpint(only_invoice(extraction, "F/1")->source, ==, sources[i]);
    }
}

static void test_forwarded(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    g_autoptr(GString) mail = mail_begin();
    g_string_append_printf(mail, "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nContent-Type: text/xml\r\n\r\n%s", xml);
    g_autoptr(Extraction) extraction = read_mail(mail);
    g_assert_true(only_invoice(extraction, "F/1")->is_forwarded);
}

static void test_markup(void)
{
    g_autoptr(GString) mail = mail_begin();
    g_string_append(mail, "\r\n--b\r\nContent-Type: text/html\r\n\r\n<div itemscope itemtype='https://schema.org/Invoice'><span "
                          "itemprop=accountId>x</span><span itemprop=identifier>F/1</span></div>");
    g_autoptr(Extraction) extraction = read_mail(mail);
    g_assert_cmpint(only_invoice(extraction, "F/1")->source, ==, INVOICE_SOURCE_MICRODATA);
}

/* ---- Signed files --------------------------------------------------------------------------------------------------------- */

static GString *signed_file(const char *content)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const unsigned char *)"Seller", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, key);
    g_assert_cmpint(X509_sign(certificate, key, EVP_sha256()), >, 0);
    BIO *in = BIO_new_mem_buf(content, -1), *out = BIO_new(BIO_s_mem());
    CMS_ContentInfo *envelope = CMS_sign(certificate, key, NULL, in, CMS_BINARY);
    g_assert_cmpint(i2d_CMS_bio(out, envelope), ==, 1);
    char *bytes;
    long length = BIO_get_mem_data(out, &bytes);
    GString *file = g_string_new_len(bytes, length);
    CMS_ContentInfo_free(envelope);
    BIO_free(in);
    BIO_free(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return file;
}

static void test_signed(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    g_autoptr(GString) good = signed_file(xml), bad = signed_file(xml);
    *strstr(memmem(bad->str, bad->len, "10.00", 5), "10.00") = '9';
    const GString *files[] = { good, bad };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GString) mail = mail_begin();
        attach(mail, OCTETS, files[i]->str, (gssize)files[i]->len);
        g_autoptr(Extraction) extraction = read_mail(mail);
        const Invoice *invoice = only_invoice(extraction, "F/1");
        g_assert_cmpint(invoice->source, ==, i == 0 ? INVOICE_SOURCE_SIGNED_XML : INVOICE_SOURCE_XML);
        g_assert_true(has_check(invoice, "signature", INVOICE_HOLD) == (i == 1));
    }
}

/* ---- Several --------------------------------------------------------------------------------------------------------------- */

static void test_one_in_two_files(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    g_autoptr(GString) pdf = pdf_of(xml), mail = mail_begin();
    attach(mail, OCTETS, pdf->str, (gssize)pdf->len);
    attach(mail, OCTETS, xml, -1);
    g_autoptr(Extraction) extraction = read_mail(mail);
    const Invoice *invoice = only_invoice(extraction, "F/1");
    g_assert_cmpint(invoice->source, ==, INVOICE_SOURCE_XML);
    g_assert_cmpuint(invoice->agreeing->len, ==, 1);
    g_assert_cmpstr(invoice->agreeing->pdata[0], ==, "pdf");
    g_assert_false(has_check(invoice, "sources", INVOICE_HOLD));
}

static void test_two_files_disagree(void)
{
    g_autofree char *xml = ubl("F/1", "10.00"), *other = ubl("F/1", "99.00");
    g_autoptr(GString) pdf = pdf_of(other), mail = mail_begin();
    attach(mail, OCTETS, pdf->str, (gssize)pdf->len);
    attach(mail, OCTETS, xml, -1);
    g_autoptr(Extraction) extraction = read_mail(mail);
    g_assert_true(has_check(only_invoice(extraction, "F/1"), "sources", INVOICE_HOLD));
}

static void test_two_invoices(void)
{
    g_autofree char *one = ubl("F/1", "10.00"), *two = ubl("F/2", "10.00");
    g_autoptr(GString) mail = mail_begin();
    attach(mail, OCTETS, one, -1);
    attach(mail, OCTETS, two, -1);
    g_autoptr(Extraction) extraction = read_mail(mail);
    g_assert_cmpuint(extraction->invoices->len, ==, 2);
}

/* What is an invoice and cannot be read is named; what is none is nobody's business. */
static void test_told(void)
{
    g_autofree char *xml = ubl("F/1", "10.00");
    g_autoptr(GString) mail = mail_begin();
    attach(mail, OCTETS, xml, (gssize)strlen(xml) - 20);
    attach(mail, OCTETS, "<?xml version=\"1.0\"?><order xmlns=\"urn:x\"/>", -1);
    attach(mail, OCTETS, "just text", -1);
    g_autoptr(Extraction) extraction = read_mail(mail);
    g_assert_cmpuint(extraction->invoices->len, ==, 0);
    g_assert_cmpuint(extraction->summary->troubles->len, ==, 1);
    g_assert_nonnull(strstr(extraction->summary->troubles->pdata[0], "f.bin is an invoice in the format UBL Invoice that cannot be read"));
}

/* An invoice that is longer than what is kept of a mail keeps its front, its number of lines and its totals; a bare file is
 * told whole. */
static void test_long_invoice(void)
{
    enum { LINES = 1900 };
    g_autofree char *short_xml = ubl("F/1", "10.00"), *words = g_strnfill(400, 'x');
    g_autoptr(GString) xml = g_string_new_len(short_xml, (gssize)(strlen(short_xml) - strlen("</Invoice>")));
    for (unsigned i = 0; i < LINES; i++)
        g_string_append_printf(xml, "<a:InvoiceLine><b:ID>%u</b:ID><b:Note>%s</b:Note></a:InvoiceLine>", i, words);
    g_string_append(xml, "</Invoice>");
    g_autoptr(GString) mail = mail_begin();
    attach(mail, OCTETS, xml->str, (gssize)xml->len);
    g_string_append(mail, "\r\n--b--\r\n");
    const Span inputs[] = { { xml->str, xml->len }, { mail->str, mail->len } };
    for (uint32_t is_mail = 0; is_mail < 2; is_mail++) {
        BUFFER_AUTO answer = BUFFER_INIT(LIMIT_EXTRACTION_BYTES);
        const JailRequest request = { JAIL_EXTRACT, is_mail, 0 };
        g_assert_cmpint(read_message(&request, inputs[is_mail], &answer), ==, 0);
        JSON_AUTO *json = json_read(buffer_span(&answer), LIMIT_EXTRACTION_BYTES, "the answer", NULL);
        g_autoptr(Extraction) extraction = extraction_from_json(json, NULL);
        const Invoice *invoice = only_invoice(extraction, "F/1");
        g_assert_cmpuint(invoice->line_count, ==, LINES);
        g_assert_cmpint(invoice->amount_due.minor, ==, 1000);
        g_assert_true((invoice->lines->len == LINES) == (is_mail == 0) && invoice->lines->len > 100);
        g_assert_true((answer.length <= LIMIT_EXTRACTION_KEPT_BYTES) == (is_mail == 1));
        g_assert_cmpuint(extraction->summary->troubles->len, ==, is_mail);
    }
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/extract/attached", test_attached);
    g_test_add_func("/extract/name-is-kept", test_name_is_kept);
    g_test_add_func("/extract/utf-16", test_utf16);
    g_test_add_func("/extract/in-pdf-and-zip", test_in_pdf_and_zip);
    g_test_add_func("/extract/forwarded", test_forwarded);
    g_test_add_func("/extract/markup", test_markup);
    g_test_add_func("/extract/signed", test_signed);
    g_test_add_func("/extract/one-in-two-files", test_one_in_two_files);
    g_test_add_func("/extract/two-files-disagree", test_two_files_disagree);
    g_test_add_func("/extract/two-invoices", test_two_invoices);
    g_test_add_func("/extract/told", test_told);
    g_test_add_func("/extract/long-invoice", test_long_invoice);
    return g_test_run();
}
