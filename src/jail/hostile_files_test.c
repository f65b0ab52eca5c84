/* Hostile attachments and bare files through the real jail: each ends in a reading or in a text that names the trouble, within
 * the limits of one child, and the parent goes on. What the readers make of them alone is tested in their own rooms. */
#include "jail/jail.h"

#include <string.h>
#include <zlib.h>

#include "limits.h"
#include "test_files.h"

static Jail *jail;

/* ---- Asking ------------------------------------------------------------------------------------------------------ */

static Extraction *read_mail_with(const GString *file, const char *name)
{
    g_autoptr(GString) mail = g_string_new("From: a@b.example\r\nSubject: bill\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
                                           "boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n");
    g_autofree char *encoded = g_base64_encode((const unsigned char *)file->str, file->len);
    g_string_append_printf(mail, "Content-Disposition: attachment; filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", name);
    for (const char *at = encoded; *at != '\0'; at += strnlen(at, 76))
        g_string_append_printf(mail, "%.76s\r\n", at);
    g_string_append(mail, "--b--\r\n");
    g_autoptr(GError) error = NULL;
    Extraction *extraction = jail_extract(jail, (Span){ mail->str, mail->len }, true, &error);
    g_assert_no_error(error);
    return extraction;
}

static bool is_told(const Extraction *extraction, const char *words)
{
    if (extraction->trouble != NULL && strstr(extraction->trouble, words) != NULL)
        return true;
    for (unsigned i = 0; extraction->summary != NULL && extraction->summary->troubles != NULL && i < extraction->summary->troubles->len; i++)
        if (strstr(extraction->summary->troubles->pdata[i], words) != NULL)
            return true;
    return false;
}

/* As an attachment and as a bare file: no invoice, and these words in what is told. Without words it is no invoice to anybody,
 * and only who asks for the bare file is told so. */
static void expect_refused(const GString *file, const char *name, const char *words)
{
    int parent = jail_parent_pid(jail);
    g_autoptr(Extraction) in_mail = read_mail_with(file, name);
    g_autoptr(Extraction) bare = jail_extract(jail, (Span){ file->str, file->len }, false, NULL);
    const Extraction *both[] = { in_mail, bare };
    for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
        if (both[i]->invoices->len != 0 || (*words != '\0' && !is_told(both[i], words)))
            g_error("%s: \"%s\" is not told", name, words);
    }
    g_assert_true(bare->trouble != NULL && *bare->trouble != '\0');
    g_assert_cmpint(jail_parent_pid(jail), ==, parent);
}

static void append_times(GString *text, const char *unit, size_t times)
{
    for (size_t i = 0; i < times; i++)
        g_string_append(text, unit);
}

/* ---- XML --------------------------------------------------------------------------------------------------------- */

enum { FLOOD = 100000 };

static void test_xml(void)
{
    g_autoptr(GString) bomb = g_string_new("<?xml version=\"1.0\"?><!DOCTYPE Invoice [<!ENTITY a \"aaaaaaaaaaaaaaaa\">");
    for (char entity = 'b'; entity <= 'k'; entity++)
        g_string_append_printf(bomb, "<!ENTITY %c \"&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;\">", entity, entity - 1, entity - 1, entity - 1,
            entity - 1, entity - 1, entity - 1, entity - 1, entity - 1, entity - 1, entity - 1);
    g_string_append(bomb, "]>" UBL_ROOT ">&k;</Invoice>");
    expect_refused(bomb, "bomb.xml", "DOCTYPE");
    g_autoptr(GString) external = g_string_new("<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"file:///etc/passwd\">" UBL_ROOT "/>");
    expect_refused(external, "external.xml", "DOCTYPE");
    g_autoptr(GString) deep = g_string_new("<?xml version=\"1.0\"?>" UBL_ROOT ">");
    append_times(deep, "<a>", FLOOD);
    expect_refused(deep, "deep.xml", "nested deeper");
    g_autoptr(GString) wide = g_string_new("<?xml version=\"1.0\"?>" UBL_ROOT);
    for (unsigned i = 0; i < FLOOD; i++)
        g_string_append_printf(wide, " a%u=''", i);
    g_string_append(wide, "/>");
    expect_refused(wide, "wide.xml", "attributes");
}

/* ---- zip ----------------------------------------------------------------------------------------------------------- */

static GString *deflated(size_t bytes, int window_bits)
{
    g_autofree char *zeros = g_malloc0(bytes);
    memcpy(zeros, "<?xml version=\"1.0\"?><a>", 24); /* worth inflating */
    memset(zeros + 24, ' ', bytes - 24);
    z_stream stream = { .next_in = (Bytef *)zeros, .avail_in = (uInt)bytes };
    g_assert_cmpint(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), ==, Z_OK);
    size_t bound = deflateBound(&stream, bytes);
    GString *out = g_string_sized_new(bound);
    stream.next_out = (Bytef *)out->str;
    stream.avail_out = (uInt)bound;
    g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
    g_string_set_size(out, stream.total_out);
    deflateEnd(&stream);
    return out;
}

static void test_zip(void)
{
    g_autoptr(GString) packed = deflated(200UL * 1024 * 1024, -15);
    g_autoptr(GString) bomb = zip_of(packed, Z_DEFLATED, 200UL * 1024 * 1024);
    expect_refused(bomb, "bomb.zip", "a.xml");
    g_autoptr(GString) shy = zip_of(packed, Z_DEFLATED, 100);
    expect_refused(shy, "shy.zip", "a.xml");
    g_autoptr(GString) small = g_string_new("<?xml version=\"1.0\"?>" UBL_ROOT "></Invoice>");
    g_autoptr(GString) boast = zip_of(small, 0, 1U << 30);
    expect_refused(boast, "boast.zip", "a.xml");
    g_autoptr(GString) nested = zip_of(bomb, 0, (uint32_t)bomb->len);
    expect_refused(nested, "nested.zip", "");
}

/* ---- PDF ----------------------------------------------------------------------------------------------------------- */

static void test_pdf(void)
{
    g_autoptr(GString) packed = deflated(200UL * 1024 * 1024, 15);
    g_autofree char *bomb_dictionary = g_strdup_printf("<< /Type /EmbeddedFile /Filter /FlateDecode /Length %zu >>", packed->len);
    g_autoptr(GString) bomb = pdf_with(bomb_dictionary, packed, "");
    expect_refused(bomb, "bomb.pdf", "a.xml");
    g_autoptr(GString) small = g_string_new("<?xml version=\"1.0\"?>" UBL_ROOT "></Invoice>");
    g_autoptr(GString) boast = pdf_with("<< /Type /EmbeddedFile /Length 1073741824 /Params << /Size 1073741824 >> >>", small, "");
    expect_refused(boast, "boast.pdf", "");
    g_autoptr(GString) locked = pdf_with("<< /Type /EmbeddedFile /Length 0 >>", small,
        "/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O (00000000000000000000000000000000) /U "
        "(00000000000000000000000000000000) >> /ID [(0123456789abcdef) (0123456789abcdef)]");
    expect_refused(locked, "locked.pdf", "password");
    PdfMaker loop = pdf_begin();
    pdf_object(&loop, "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 3 0 R >> >>", NULL);
    pdf_object(&loop, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>", NULL);
    pdf_object(&loop, "<< /Kids [3 0 R 4 0 R] >>", NULL);
    pdf_object(&loop, "<< /Kids [3 0 R] >>", NULL);
    g_autoptr(GString) looped = pdf_end(&loop, "");
    expect_refused(looped, "loop.pdf", "");
}

/* Objects that lie in a stream which inflates a thousandfold: read to get at the catalogue, so a limit has to end it. */
static void test_object_stream_bomb(void)
{
    g_autoptr(GString) packed = deflated(300UL * 1024 * 1024, 15);
    PdfMaker pdf = pdf_begin();
    g_autofree char *dictionary
        = g_strdup_printf("<< /Type /ObjStm /N 1 /First 10 /Filter /FlateDecode /Length %zu >>", packed->len);
    pdf_object(&pdf, dictionary, packed);
    size_t start = pdf.out->len;
    GString *rows = g_string_new(NULL); /* [type, second, third] of objects 0, 1, 2, 3: W [1 4 1] */
    const uint32_t entries[][3] = { { 0, 0, 0 }, { 1, (uint32_t)g_array_index(pdf.offsets, size_t, 0), 0 }, { 2, 1, 0 },
        { 1, (uint32_t)start, 0 } };
    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
        g_string_append_c(rows, (char)entries[i][0]);
        for (int shift = 24; shift >= 0; shift -= 8)
            g_string_append_c(rows, (char)(entries[i][1] >> shift));
        g_string_append_c(rows, (char)entries[i][2]);
    }
    g_string_append_printf(pdf.out, "3 0 obj\n<< /Type /XRef /Size 4 /W [1 4 1] /Root 2 0 R /Length %zu >>\nstream\n", rows->len);
    g_string_append_len(pdf.out, rows->str, (gssize)rows->len);
    g_string_append_printf(pdf.out, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", start);
    g_string_free(rows, TRUE);
    g_array_unref(pdf.offsets);
    g_autoptr(GString) whole = pdf.out;
    expect_refused(whole, "objects.pdf", "");
}

/* ---- After all that --------------------------------------------------------------------------------------------------- */

static void test_good_file_is_read(void)
{
    g_autoptr(GString) good = g_string_new("<?xml version=\"1.0\"?>" UBL_ROOT
                                           " xmlns:b=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\"><b:ID>7</b:ID></Invoice>");
    g_autoptr(GString) zip = zip_of(good, 0, (uint32_t)good->len);
    const GString *files[] = { good, zip };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(Extraction) extraction = read_mail_with(files[i], "good");
        g_assert_cmpuint(extraction->invoices->len, ==, 1);
        g_assert_cmpstr(((Invoice *)extraction->invoices->pdata[0])->number, ==, "7");
    }
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) started = jail_start(1, &error);
    g_assert_no_error(error);
    jail = started;
    g_test_add_func("/hostile-files/xml", test_xml);
    g_test_add_func("/hostile-files/zip", test_zip);
    g_test_add_func("/hostile-files/pdf", test_pdf);
    g_test_add_func("/hostile-files/object-stream-bomb", test_object_stream_bomb);
    g_test_add_func("/hostile-files/good-file-is-read", test_good_file_is_read);
    return g_test_run();
}
