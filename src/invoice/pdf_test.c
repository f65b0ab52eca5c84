/* PDFs written here, object by object: honest, broken and hostile ones. What qpdf inflates by itself is tried in a child with the
 * jail's limits. */
#include "invoice/pdf.h"

#include <qpdf/qpdf-c.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "limits.h"

/* A sanitizer maps terabytes and takes its time. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

/* What one document may take, of the 2 seconds that a child of the jail has. */
#define CPU_SECONDS_MAX (IS_SANITIZED ? 10 : 1.5)

#define XML "<?xml version=\"1.0\"?><Invoice xmlns=\"urn:example\"/>"

/* ---- Writing PDFs: object 1 is the catalogue, each further one is written in order --------------------------------- */

typedef struct Pdf {
    GString *bytes;
    GArray *offsets; /* size_t */
} Pdf;

static Pdf pdf_new(void)
{
    return (Pdf){ g_string_new("%PDF-1.7\n"), g_array_new(FALSE, FALSE, sizeof(size_t)) };
}

static void pdf_done(Pdf *pdf)
{
    g_string_free(pdf->bytes, TRUE);
    g_array_unref(pdf->offsets);
}

#define PDF_AUTO __attribute__((cleanup(pdf_done))) Pdf

/* Its number. */
static unsigned begin(Pdf *pdf)
{
    g_array_append_val(pdf->offsets, pdf->bytes->len);
    g_string_append_printf(pdf->bytes, "%u 0 obj\n", pdf->offsets->len);
    return pdf->offsets->len;
}

static void object(Pdf *pdf, const char *body)
{
    begin(pdf);
    g_string_append_printf(pdf->bytes, "%s\nendobj\n", body);
}

static void stream(Pdf *pdf, const char *entries, Span data)
{
    begin(pdf);
    g_string_append_printf(pdf->bytes, "<<%s/Length %zu>>\nstream\n", entries, data.length);
    g_string_append_len(pdf->bytes, data.at, (gssize)data.length);
    g_string_append(pdf->bytes, "\nendstream\nendobj\n");
}

static void specification(Pdf *pdf, const char *name, unsigned stream_number)
{
    g_autofree char *body = g_strdup_printf("<</Type/Filespec/F(%s)/UF(%s)/AFRelationship/Alternative/EF<</F %u 0 R>>>>", name,
        name, stream_number);
    object(pdf, body);
}

/* A specification and its stream: two objects. */
static void embed(Pdf *pdf, const char *name, const char *content)
{
    specification(pdf, name, pdf->offsets->len + 2);
    stream(pdf, "/Type/EmbeddedFile/Subtype/text#2Fxml", span_of(content));
}

static GString *deflated(const char *bytes, size_t length)
{
    uLongf room = compressBound(length);
    GString *packed = g_string_sized_new(room);
    g_string_set_size(packed, room);
    g_assert_cmpint(compress2((Bytef *)packed->str, &room, (const Bytef *)bytes, length, 9), ==, Z_OK);
    g_string_truncate(packed, room);
    return packed;
}

static void embed_packed(Pdf *pdf, const char *name, const char *entries, const char *bytes, size_t length)
{
    GString *packed = deflated(bytes, length);
    specification(pdf, name, pdf->offsets->len + 2);
    stream(pdf, entries, (Span){ packed->str, packed->len });
    g_string_free(packed, TRUE);
}

/* Borrowed from the PDF. */
static Span finish(Pdf *pdf)
{
    size_t at = pdf->bytes->len;
    g_string_append_printf(pdf->bytes, "xref\n0 %u\n0000000000 65535 f \n", pdf->offsets->len + 1);
    for (unsigned i = 0; i < pdf->offsets->len; i++)
        g_string_append_printf(pdf->bytes, "%010zu 00000 n \n", g_array_index(pdf->offsets, size_t, i));
    g_string_append_printf(pdf->bytes, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", pdf->offsets->len + 1, at);
    return (Span){ pdf->bytes->str, pdf->bytes->len };
}

/* ---- Reading them -------------------------------------------------------------------------------------------------- */

/* "name=length* name=length|trouble": a star where it is XML. Newly allocated. */
static char *read_all(Span document)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PdfFiles) result = invoice_pdf_read(document, &error);
    GString *text = g_string_new(error == NULL ? "" : error->message);
    for (unsigned i = 0; result != NULL && i < result->files->len; i++) {
        const PdfFile *file = result->files->pdata[i];
        g_string_append_printf(text, "%s%s=%zu%s", i > 0 ? " " : "", file->name, file->length, file->xml != NULL ? "*" : "");
    }
    for (unsigned i = 0; result != NULL && i < result->troubles->len; i++)
        g_string_append_printf(text, "|%s", (char *)result->troubles->pdata[i]);
    return g_string_free(text, FALSE);
}

static void expect(Span document, const char *expected)
{
    g_autofree char *found = read_all(document);
    g_assert_cmpstr(found, ==, expected);
}

static void expect_words(Span document, const char *words)
{
    g_autofree char *found = read_all(document);
    if (strstr(found, words) == NULL)
        g_error("\"%s\" is not in \"%s\"", words, found);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- Where files stand --------------------------------------------------------------------------------------------- */

static void test_name_tree(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Type/Catalog/Names<</EmbeddedFiles<</Names[(k)2 0 R(scan)4 0 R]>>>>>>");
    embed_packed(&pdf, "factur-x.xml", "/Filter/FlateDecode/Subtype/text#2Fxml", XML, strlen(XML));
    embed(&pdf, "scan.png", "\x89PNG\r\n");
    Span document = finish(&pdf);
    expect(document, "factur-x.xml=51* scan.png=6");
    g_autoptr(PdfFiles) result = invoice_pdf_read(document, NULL);
    const PdfFile *file = result->files->pdata[0];
    g_assert_cmpstr(file->relationship, ==, "Alternative");
    g_assert_cmpstr(file->media_type, ==, "text/xml");
    g_assert_cmpmem(g_bytes_get_data(file->xml, NULL), g_bytes_get_size(file->xml), XML, strlen(XML));
    g_assert_false(result->is_encrypted);
    g_assert_false(result->is_signed);
}

/* Kids that are out of order, with keys out of order and limits that are wrong: a look-up by name would fail. */
static void test_unsorted_kids(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Names<</EmbeddedFiles<</Kids[2 0 R 3 0 R]>>>>>>");
    object(&pdf, "<</Limits[(a)(a)]/Names[(z)4 0 R(b)6 0 R]>>");
    object(&pdf, "<</Kids[<</Names[(a)8 0 R]>>]>>");
    embed(&pdf, "z.xml", XML);
    embed(&pdf, "b.xml", XML);
    embed(&pdf, "a.xml", XML);
    expect(finish(&pdf), "z.xml=51* b.xml=51* a.xml=51*");
}

static void test_associated(void)
{
    PDF_AUTO array = pdf_new(), direct = pdf_new(), page = pdf_new();
    object(&array, "<</AF[2 0 R]>>");
    embed(&array, "a.xml", XML);
    expect(finish(&array), "a.xml=51*");
    object(&direct, "<</AF 2 0 R>>");
    embed(&direct, "b.xml", XML);
    expect(finish(&direct), "b.xml=51*");
    object(&page, "<</Pages<</Kids[<</Kids[<</AF[2 0 R]>>]>>]>>>>");
    embed(&page, "c.xml", XML);
    expect(finish(&page), "c.xml=51*");
}

static void test_annotations(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Pages<</Kids[<</Type/Page/Annots[<</Subtype/Link>><</Subtype/FileAttachment/FS 2 0 R>>null 7]>>]>>>>");
    embed(&pdf, "a.xml", XML);
    expect(finish(&pdf), "a.xml=51*");
}

static void test_each_once(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</AF[2 0 R 4 0 R]/Names<</EmbeddedFiles<</Names[(a)2 0 R(b)2 0 R(c)4 0 R]>>>>"
                 "/Pages<</Kids[<</Annots[<</Subtype/FileAttachment/FS 4 0 R>>]>>]>>>>");
    embed(&pdf, "factur-x.xml", XML);
    specification(&pdf, "the same again.xml", 3);
    expect(finish(&pdf), "factur-x.xml=51*");
}

static void test_names(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Names<</EmbeddedFiles<</Names[(key.xml)2 0 R]>>>>/AF[4 0 R 5 0 R 6 0 R]>>");
    object(&pdf, "<</EF<</DOS 3 0 R>>>>");
    stream(&pdf, "", SPAN(XML));
    object(&pdf, "<</F(plain.xml)/UF<FEFF017C002E0078006D006C>/EF<</UF 7 0 R>>>>");
    object(&pdf, "<</F(a\\nb)/EF<</F 8 0 R>>>>");
    object(&pdf, "<</F(nothing is embedded here)>>");
    stream(&pdf, "", SPAN(XML));
    stream(&pdf, "", SPAN(XML));
    expect(finish(&pdf), "key.xml=51* ż.xml=51* a b=51*");
}

static void test_nothing(void)
{
    PDF_AUTO pdf = pdf_new(), odd = pdf_new();
    object(&pdf, "<</Type/Catalog>>");
    expect(finish(&pdf), "");
    object(&odd, "<</Names 7/AF(x)/Pages[]/AcroForm[]/Perms 1>>");
    expect(finish(&odd), "");
}

static void expect_signed(const char *catalogue, bool expected)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, catalogue);
    g_autoptr(PdfFiles) result = invoice_pdf_read(finish(&pdf), NULL);
    g_assert_cmpint(result->is_signed, ==, expected);
}

static void test_signed(void)
{
    expect_signed("<</AcroForm<</SigFlags 3>>>>", true);
    expect_signed("<</AcroForm<</SigFlags 2>>>>", false);
    expect_signed("<</Perms<</DocMDP<<>>>>>>", true);
}

/* ---- Filters ------------------------------------------------------------------------------------------------------- */

static void expect_filter(const char *entries, Span data, const char *expected)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</AF[2 0 R]>>");
    specification(&pdf, "a", 3);
    stream(&pdf, entries, data);
    expect(finish(&pdf), expected);
}

#define NOT_READ "|\"a\" in the PDF was not read: "

static void test_filters(void)
{
    GString *once = deflated(XML, strlen(XML)), *twice = deflated(once->str, once->len);
    Span packed = { once->str, once->len }, packed_twice = { twice->str, twice->len };
    expect_filter("", SPAN(XML), "a=51*");
    expect_filter("/Filter[]", SPAN(XML), "a=51*");
    expect_filter("/Filter/FlateDecode", packed, "a=51*");
    expect_filter("/Filter[/FlateDecode]", packed, "a=51*");
    expect_filter("/Filter/FlateDecode/DecodeParms<</Predictor 1>>", packed, "a=51*");
    expect_filter("/Filter/ASCIIHexDecode", SPAN("3C 61 20 78 6D 6C 6E 73 3D 22 22 2F 3E>"), "a=13*");
    expect_filter("/Filter[/ASCII85Decode]", SPAN("87cURD]i,\"Ebo80~>"), "a=12");
    expect_filter("/Filter[/FlateDecode/FlateDecode]", packed_twice, NOT_READ "it is packed in a way that is not read here.");
    expect_filter("/Filter/DCTDecode", SPAN("\xFF\xD8"), NOT_READ "it is packed in a way that is not read here.");
    expect_filter("/Filter/FlateDecode", SPAN("<a/>"), NOT_READ "its packed bytes are broken or cut short.");
    expect_filter("/Filter/FlateDecode", span_slice(packed, 0, packed.length - 2), "a=51*"); /* the checksum alone is broken */
    expect_filter("/Filter/FlateDecode", SPAN_EMPTY, "a=0");
    g_string_free(once, TRUE);
    g_string_free(twice, TRUE);
}

/* ---- Encryption ---------------------------------------------------------------------------------------------------- */

typedef void encrypt_fn(qpdf_data pdf, const char *password);

static void encrypt_r3(qpdf_data pdf, const char *password)
{
    qpdf_set_r3_encryption_parameters_insecure(pdf, password, "owner", 1, 1, 1, 1, 1, 1, qpdf_r3p_full);
}

static void encrypt_r4(qpdf_data pdf, const char *password)
{
    qpdf_set_r4_encryption_parameters_insecure(pdf, password, "owner", 1, 1, 1, 1, 1, 1, qpdf_r3p_full, 1, 1);
}

static void encrypt_r6(qpdf_data pdf, const char *password)
{
    qpdf_set_r6_encryption_parameters2(pdf, password, "owner", 1, 1, 1, 1, 1, 1, qpdf_r3p_full, 1);
}

/* The same document, encrypted; newly allocated. */
static GString *encrypted(Span document, encrypt_fn *encrypt, const char *password)
{
    qpdf_data pdf = qpdf_init();
    g_assert_cmpint(qpdf_read_memory(pdf, "test", document.at, document.length, NULL), ==, QPDF_SUCCESS);
    g_assert_cmpint(qpdf_init_write_memory(pdf), ==, QPDF_SUCCESS);
    encrypt(pdf, password);
    g_assert_cmpint(qpdf_write(pdf), ==, QPDF_SUCCESS);
    GString *bytes = g_string_new_len((const char *)qpdf_get_buffer(pdf), (gssize)qpdf_get_buffer_length(pdf));
    qpdf_cleanup(&pdf);
    return bytes;
}

static void test_encrypted(void)
{
    static encrypt_fn *const ways[] = { encrypt_r3, encrypt_r4, encrypt_r6 };
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</AF[2 0 R]/Pages<</Type/Pages/Count 0/Kids[]>>>>");
    embed(&pdf, "a.xml", XML);
    Span document = finish(&pdf);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        GString *open = encrypted(document, ways[i], ""), *closed = encrypted(document, ways[i], "secret");
        g_autoptr(GError) error = NULL;
        expect((Span){ open->str, open->len }, "a.xml=51*");
        g_autoptr(PdfFiles) result = invoice_pdf_read((Span){ open->str, open->len }, NULL);
        g_assert_true(result->is_encrypted);
        g_assert_null(invoice_pdf_read((Span){ closed->str, closed->len }, &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
        g_string_free(open, TRUE);
        g_string_free(closed, TRUE);
    }
}

static void test_unknown_encryption(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Type/Catalog>>");
    finish(&pdf);
    char *trailer = strstr(pdf.bytes->str, "/Root");
    g_string_insert(pdf.bytes, trailer - pdf.bytes->str, "/ID[(a)(a)]/Encrypt<</Filter/Other/V 9/R 9/Length 128>>");
    expect_words((Span){ pdf.bytes->str, pdf.bytes->len }, "encrypted in a way that is not known");
}

/* ---- Broken -------------------------------------------------------------------------------------------------------- */

static void test_recovery(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</AF[2 0 R]>>");
    embed(&pdf, "a.xml", XML);
    finish(&pdf);
    char *table = strstr(pdf.bytes->str, "xref\n0");
    memset(table, 'x', strlen(table) / 2);
    expect((Span){ pdf.bytes->str, pdf.bytes->len }, "a.xml=51*");
    /* And with a length of the stream that is wrong: the line end before "endstream" is then taken along. */
    char *length = strstr(pdf.bytes->str, "/Length 51");
    memcpy(length, "/Length 99", 10);
    expect((Span){ pdf.bytes->str, pdf.bytes->len }, "a.xml=52*");
}

static void test_broken(void)
{
    static const char none[] = "the file is no PDF, or it is damaged or cut short";
    expect(SPAN_EMPTY, none);
    expect(SPAN("%PDF-1.7"), none);
    expect(SPAN("Dear customer"), none);
    expect(SPAN("%PDF-1.7\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"),
        "the PDF is damaged or cut short: it has no catalogue");
}

static void test_truncated(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</AF[2 0 R 4 0 R]>>");
    embed(&pdf, "a.xml", XML);
    embed_packed(&pdf, "b.xml", "/Filter/FlateDecode", XML, strlen(XML));
    Span whole = finish(&pdf);
    unsigned named = 0;
    for (size_t i = 0; i < 50; i++) {
        /* Exactly as large as what is left, so that a read beyond it is seen. */
        size_t length = whole.length * i / 50;
        g_autofree char *bytes = g_memdup2(whole.at, length), *found = read_all((Span){ bytes, length });
        named += strstr(found, "cut short") != NULL;
        g_assert_true(strstr(found, "cut short") != NULL || strstr(found, "b.xml=51*") != NULL);
    }
    g_assert_cmpuint(named, >, 30);
}

/* ---- Hostile ------------------------------------------------------------------------------------------------------- */

static void test_loops(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Names<</EmbeddedFiles 2 0 R>>/Pages 3 0 R/AF 3 0 R>>");
    object(&pdf, "<</Kids[2 0 R 3 0 R 2 0 R 4 0 R]>>");
    object(&pdf, "<</Kids[2 0 R 3 0 R]/Names[(a)3 0 R(b)5 0 R]/Annots[3 0 R]/AF[3 0 R]/EF 3 0 R/F 3 0 R>>");
    object(&pdf, "<</Kids 4 0 R/Names 4 0 R>>");
    embed(&pdf, "a.xml", XML);
    expect(finish(&pdf), "a.xml=51*");
}

static void test_deep_kids(void)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</Names<</EmbeddedFiles 2 0 R>>/Pages 2 0 R>>");
    for (unsigned i = 2; i < 100000; i++) {
        g_autofree char *body = g_strdup_printf("<</Kids[%u 0 R]>>", i + 1);
        object(&pdf, body);
    }
    Span document = finish(&pdf);
    double start = cpu_seconds();
    expect(document, "|The PDF has too many parts; files behind the first ones were not looked at.");
    g_assert_cmpfloat(cpu_seconds() - start, <, CPU_SECONDS_MAX);
}

/* A million entries of each kind of list. */
static void test_wide(void)
{
    static const char *const catalogues[] = { "<</Names<</EmbeddedFiles<</Names 2 0 R>>>>>>", "<</AF 2 0 R>>",
        "<</Pages<</Kids 2 0 R>>>>", "<</Pages<</Kids[<</Annots 2 0 R>>]>>>>" };
    GString *list = g_string_new("[");
    for (unsigned i = 0; i < 1000000; i++)
        g_string_append(list, "3 0 R ");
    g_string_append_c(list, ']');
    for (size_t i = 0; i < G_N_ELEMENTS(catalogues); i++) {
        PDF_AUTO pdf = pdf_new();
        object(&pdf, catalogues[i]);
        object(&pdf, list->str);
        object(&pdf, "<<>>");
        double start = cpu_seconds();
        expect_words(finish(&pdf), "too many parts");
        g_assert_cmpfloat(cpu_seconds() - start, <, CPU_SECONDS_MAX);
    }
    g_string_free(list, TRUE);
}

/* Streams without an end: for each that is tried, the rest of the document is searched for one. */
static void test_endless_streams(void)
{
    PDF_AUTO pdf = pdf_new();
    GString *catalogue = g_string_new("<</AF[");
    for (unsigned i = 2; i < 30000; i++)
        g_string_append_printf(catalogue, "<</EF<</F %u 0 R>>>>", i);
    g_string_append(catalogue, "]>>");
    object(&pdf, catalogue->str);
    for (unsigned i = 2; i < 30000; i++) {
        begin(&pdf);
        g_string_append(pdf.bytes, "<</Length 999999999>>\nstream\nendless\n");
    }
    g_string_free(catalogue, TRUE);
    double start = cpu_seconds();
    expect_words(finish(&pdf), "\"(no name)\" in the PDF was not read: it is damaged or missing.");
    g_assert_cmpfloat(cpu_seconds() - start, <, CPU_SECONDS_MAX);
}

static void test_deep_object(void)
{
    PDF_AUTO pdf = pdf_new();
    GString *deep = g_string_new("<</AF ");
    for (unsigned i = 0; i < 1000000; i++)
        g_string_append_c(deep, '[');
    object(&pdf, deep->str);
    g_string_free(deep, TRUE);
    expect_words(finish(&pdf), "damaged");
}

static void test_bomb(void)
{
    PDF_AUTO pdf = pdf_new();
    g_autofree char *spaces = g_strnfill(100 << 20, ' ');
    object(&pdf, "<</AF[2 0 R 4 0 R]>>");
    embed_packed(&pdf, "bomb.xml", "/Filter/FlateDecode", spaces, 100 << 20);
    embed(&pdf, "a.xml", XML);
    double start = cpu_seconds();
    expect(finish(&pdf), "a.xml=51*|\"bomb.xml\" in the PDF was not read: it unpacks to more than 300 times its size.");
    g_assert_cmpfloat(cpu_seconds() - start, <, CPU_SECONDS_MAX);
}

static void test_many_files(void)
{
    PDF_AUTO pdf = pdf_new();
    GString *catalogue = g_string_new("<</AF[");
    for (unsigned i = 0; i < 100; i++)
        g_string_append_printf(catalogue, "%u 0 R ", 2 + 2 * i);
    g_string_append(catalogue, "]>>");
    object(&pdf, catalogue->str);
    for (unsigned i = 0; i < 100; i++)
        embed(&pdf, "a", XML);
    g_string_free(catalogue, TRUE);
    g_autoptr(PdfFiles) result = invoice_pdf_read(finish(&pdf), NULL);
    g_assert_cmpuint(result->files->len, ==, PDF_FILES_MAX);
    g_assert_cmpstr(result->troubles->pdata[0], ==, "The PDF carries too many files; only the first ones were read.");
}

/* ---- What qpdf inflates by itself ---------------------------------------------------------------------------------- */

/* A document whose objects 1 and 2 stand in an object stream that inflates to `length` bytes; newly allocated. */
static GString *object_stream_pdf(size_t length, const char *count)
{
    enum { ROWS = 6, ROW_BYTES = 6 };
    PDF_AUTO pdf = pdf_new();
    g_autofree char *content = g_strnfill(length, ' ');
    static const char objects[] = "1 0 2 20 <</AF[2 0 R]      >><</F(a)/EF<</F 5 0 R>>>>";
    memcpy(content, objects, strlen(objects));
    GString *packed = deflated(content, length);
    g_array_set_size(pdf.offsets, 3); /* 1 and 2 are inside, 3 is free */
    g_autofree char *entries = g_strdup_printf("/Type/ObjStm/N %s/First 9/Filter/FlateDecode", count);
    stream(&pdf, entries, (Span){ packed->str, packed->len });
    stream(&pdf, "", SPAN(XML));
    g_string_free(packed, TRUE);
    /* Each row: kind 1 byte, offset or object stream 4, place in it 1. */
    unsigned char table[ROWS * ROW_BYTES] = { [ROW_BYTES] = 2, 0, 0, 0, 4, 0, 2, 0, 0, 0, 4, 1 };
    for (unsigned i = 4; i <= 5; i++) {
        size_t offset = g_array_index(pdf.offsets, size_t, i - 1);
        table[ROW_BYTES * i] = 1;
        for (unsigned byte = 0; byte < 4; byte++)
            table[ROW_BYTES * i + 1 + byte] = (unsigned char)(offset >> (24 - 8 * byte));
    }
    size_t at = pdf.bytes->len;
    stream(&pdf, "/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R", (Span){ (char *)table, sizeof table });
    g_string_append_printf(pdf.bytes, "startxref\n%zu\n%%%%EOF\n", at);
    return g_string_new_len(pdf.bytes->str, (gssize)pdf.bytes->len);
}

/* In a child with the jail's limits: true where it answers, with the answer; false where it was killed. */
static bool read_in_child(const GString *document, char *answer, size_t room)
{
    int ends[2], status;
    g_assert_cmpint(pipe(ends), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit memory = { 256 << 20, 256 << 20 }, cpu = { 2, 3 };
        setrlimit(RLIMIT_AS, &memory);
        setrlimit(RLIMIT_CPU, &cpu);
        g_autofree char *found = read_all((Span){ document->str, document->len });
        _exit(write(ends[1], found, strlen(found)) < 0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], answer, room - 1);
    answer[MAX(length, 0)] = '\0';
    close(ends[0]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_object_streams(void)
{
    GString *small = object_stream_pdf(200, "2"), *wrong = object_stream_pdf(200, "1000000000");
    expect((Span){ small->str, small->len }, "a=51*");
    expect_words((Span){ wrong->str, wrong->len }, "damaged");
    g_string_free(small, TRUE);
    g_string_free(wrong, TRUE);
}

/* 1,000 times its size: 40 MB are inflated within the limits; 400 MB do not fit, which is named, and no dead child. */
static void test_object_stream_bomb(void)
{
    char answer[500];
    if (IS_SANITIZED) {
        g_test_skip("a sanitizer cannot live within the jail's memory");
        return;
    }
    GString *large = object_stream_pdf(40 << 20, "2"), *huge = object_stream_pdf(400 << 20, "2");
    g_assert_cmpuint(huge->len, <, 1 << 20);
    g_assert_true(read_in_child(large, answer, sizeof answer));
    g_assert_cmpstr(answer, ==, "a=51*");
    g_assert_true(read_in_child(huge, answer, sizeof answer));
    g_assert_nonnull(strstr(answer, "unpacks to more than can be read"));
    g_string_free(large, TRUE);
    g_string_free(huge, TRUE);
}

static void expect_declared(const char *from, const char *to)
{
    PDF_AUTO pdf = pdf_new();
    object(&pdf, "<</AF[2 0 R]>>");
    embed(&pdf, "a.xml", XML);
    finish(&pdf);
    char *place = strstr(pdf.bytes->str, from);
    g_assert_nonnull(place);
    gssize at = place - pdf.bytes->str;
    g_string_erase(pdf.bytes, at, (gssize)strlen(from));
    g_string_insert(pdf.bytes, at, to);
    double start = cpu_seconds();
    expect_words((Span){ pdf.bytes->str, pdf.bytes->len }, "a.xml=5");
    g_assert_cmpfloat(cpu_seconds() - start, <, CPU_SECONDS_MAX);
}

static void test_declared_sizes(void)
{
    expect_declared("/Length 51", "/Length 1073741824");
    expect_declared("/Size 4", "/Size 2147483647");
    expect_declared("xref\n0 4", "xref\n0 1073741824");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    invoice_pdf_warm_up();
    g_test_add_func("/pdf/name-tree", test_name_tree);
    g_test_add_func("/pdf/unsorted-kids", test_unsorted_kids);
    g_test_add_func("/pdf/associated", test_associated);
    g_test_add_func("/pdf/annotations", test_annotations);
    g_test_add_func("/pdf/each-once", test_each_once);
    g_test_add_func("/pdf/names", test_names);
    g_test_add_func("/pdf/nothing", test_nothing);
    g_test_add_func("/pdf/signed", test_signed);
    g_test_add_func("/pdf/filters", test_filters);
    g_test_add_func("/pdf/encrypted", test_encrypted);
    g_test_add_func("/pdf/unknown-encryption", test_unknown_encryption);
    g_test_add_func("/pdf/recovery", test_recovery);
    g_test_add_func("/pdf/broken", test_broken);
    g_test_add_func("/pdf/truncated", test_truncated);
    g_test_add_func("/pdf/loops", test_loops);
    g_test_add_func("/pdf/deep-kids", test_deep_kids);
    g_test_add_func("/pdf/wide", test_wide);
    g_test_add_func("/pdf/endless-streams", test_endless_streams);
    g_test_add_func("/pdf/deep-object", test_deep_object);
    g_test_add_func("/pdf/bomb", test_bomb);
    g_test_add_func("/pdf/many-files", test_many_files);
    g_test_add_func("/pdf/object-streams", test_object_streams);
    g_test_add_func("/pdf/object-stream-bomb", test_object_stream_bomb);
    g_test_add_func("/pdf/declared-sizes", test_declared_sizes);
    return g_test_run();
}
