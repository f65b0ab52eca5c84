/* PDFs from which the embedded files are taken, beside poppler-glib doing the same: open from memory, list, save to memory.
 *
 *     pdf-bench [CORPUS]
 *
 * One process, one thread, CPU time; every figure that counts is a ratio of two rates of the same round, and the median of five
 * rounds. First over PDFs made here, then over all that CORPUS/invoices holds. Exits 1 below a bar, 2 when one of the two does
 * not find what is embedded. */
#include "invoice/pdf.h"
#include "measure.h"

#include <poppler.h>
#include <qpdf/qpdf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 5, BATCH_MS = 200, XML_LINES = 60, PAGES = 3, FONT_BYTES = 40 * 1024 };

/* Ours over poppler's. */
static const double BAR = 3;

typedef struct Set {
    const char *name;
    GPtrArray *documents; /* GBytes */
} Set;

typedef size_t subject_fn(GBytes *document); /* bytes of the files that were found */

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

/* ---- What is measured ---- */

static size_t ours(GBytes *document)
{
    gsize length;
    const char *data = g_bytes_get_data(document, &length);
    g_autoptr(PdfFiles) result = invoice_pdf_read((Span){ data, length }, NULL);
    size_t bytes = 0;
    for (unsigned i = 0; result != NULL && i < result->files->len; i++)
        bytes += ((const PdfFile *)result->files->pdata[i])->length;
    return bytes;
}

static gboolean keep(const gchar *bytes, gsize length, gpointer to, GError **error)
{
    g_byte_array_append(to, (const guint8 *)bytes, (guint)length);
    return TRUE;
}

static size_t popplers(GBytes *document)
{
    PopplerDocument *opened = poppler_document_new_from_bytes(document, NULL, NULL);
    GList *attachments = opened == NULL ? NULL : poppler_document_get_attachments(opened);
    size_t bytes = 0;
    for (GList *at = attachments; at != NULL; at = at->next) {
        g_autoptr(GByteArray) content = g_byte_array_new();
        if (poppler_attachment_save_to_callback(at->data, keep, content, NULL))
            bytes += content->len;
    }
    g_list_free_full(attachments, g_object_unref);
    g_clear_object(&opened);
    return bytes;
}

/* ---- Documents: a few pages, two fonts, one invoice, as writers of hybrid invoices make them ---- */

static qpdf_oh stream_of(qpdf_data pdf, const char *dictionary, const char *bytes, size_t length)
{
    qpdf_oh stream = qpdf_oh_new_stream(pdf), entries = qpdf_oh_parse(pdf, dictionary);
    qpdf_oh_replace_stream_data(pdf, stream, (const unsigned char *)bytes, length, qpdf_oh_new_null(pdf), qpdf_oh_new_null(pdf));
    qpdf_oh own = qpdf_oh_get_dict(pdf, stream);
    qpdf_oh_begin_dict_key_iter(pdf, entries);
    while (qpdf_oh_dict_more_keys(pdf)) {
        const char *key = qpdf_oh_dict_next_key(pdf);
        qpdf_oh_replace_key(pdf, own, key, qpdf_oh_get_key(pdf, entries, key));
    }
    return stream;
}

static void add_fonts(qpdf_data pdf, qpdf_oh resources)
{
    static const char *const names[] = { "/F1", "/F2" };
    qpdf_oh fonts = qpdf_oh_new_dictionary(pdf);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char program[FONT_BYTES];
        for (size_t byte = 0; byte < sizeof program; byte++)
            program[byte] = (char)g_random_int();
        qpdf_oh font = qpdf_oh_parse(pdf, "<</Type/Font/Subtype/TrueType/BaseFont/Sample/FirstChar 32/LastChar 33"
                                          "/Widths[500 500]>>");
        qpdf_oh descriptor = qpdf_oh_parse(pdf, "<</Type/FontDescriptor/FontName/Sample/Flags 32/FontBBox[0 0 1000 1000]"
                                                "/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>");
        qpdf_oh_replace_key(pdf, descriptor, "/FontFile2", stream_of(pdf, "<<>>", program, sizeof program));
        qpdf_oh_replace_key(pdf, font, "/FontDescriptor", qpdf_make_indirect_object(pdf, descriptor));
        qpdf_oh_replace_key(pdf, fonts, names[i], qpdf_make_indirect_object(pdf, font));
    }
    qpdf_oh_replace_key(pdf, resources, "/Font", fonts);
}

static void add_pages(qpdf_data pdf)
{
    qpdf_oh resources = qpdf_oh_new_dictionary(pdf);
    add_fonts(pdf, resources);
    qpdf_oh shared = qpdf_make_indirect_object(pdf, resources);
    for (int i = 0; i < PAGES; i++) {
        GString *text = g_string_new("BT /F1 10 Tf 50 800 Td 12 TL\n");
        for (unsigned line = 0; line < 200; line++)
            g_string_append_printf(text, "(Position %u, service rendered, %u.%02u EUR) Tj T*\n", line, g_random_int() % 1000,
                line % 100);
        g_string_append(text, "ET\n");
        qpdf_oh page = qpdf_oh_parse(pdf, "<</Type/Page/MediaBox[0 0 595 842]>>");
        qpdf_oh_replace_key(pdf, page, "/Resources", shared);
        qpdf_oh_replace_key(pdf, page, "/Contents", stream_of(pdf, "<<>>", text->str, text->len));
        qpdf_add_page(pdf, pdf, qpdf_make_indirect_object(pdf, page), QPDF_FALSE);
        g_string_free(text, TRUE);
    }
}

static void add_invoice(qpdf_data pdf)
{
    GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rsm:CrossIndustryInvoice "
                                "xmlns:rsm=\"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100\">\n");
    for (unsigned i = 0; i < XML_LINES; i++)
        g_string_append_printf(xml, "  <ram:IncludedSupplyChainTradeLineItem><ram:LineID>%u</ram:LineID>"
                                    "<ram:Name>Service %u</ram:Name><ram:ChargeAmount>%u.%02u</ram:ChargeAmount></ram:IncludedSupplyChainTradeLineItem>\n",
            i, g_random_int(), g_random_int() % 1000, i % 100);
    g_string_append(xml, "</rsm:CrossIndustryInvoice>\n");
    qpdf_oh embedded = qpdf_oh_new_dictionary(pdf), root = qpdf_get_root(pdf);
    qpdf_oh specification = qpdf_oh_parse(pdf, "<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/AFRelationship/Alternative>>");
    qpdf_oh_replace_key(pdf, embedded, "/F", stream_of(pdf, "<</Type/EmbeddedFile/Subtype/text#2Fxml>>", xml->str, xml->len));
    qpdf_oh_replace_key(pdf, specification, "/EF", embedded);
    specification = qpdf_make_indirect_object(pdf, specification);
    qpdf_oh names = qpdf_oh_parse(pdf, "<</EmbeddedFiles<</Names[(factur-x.xml)]>>>>");
    qpdf_oh_append_item(pdf, qpdf_oh_get_key(pdf, qpdf_oh_get_key(pdf, names, "/EmbeddedFiles"), "/Names"), specification);
    qpdf_oh_replace_key(pdf, root, "/Names", names);
    qpdf_oh_replace_key(pdf, root, "/AF", qpdf_oh_wrap_in_array(pdf, specification));
    g_string_free(xml, TRUE);
}

static GBytes *make_document(enum qpdf_object_stream_e object_streams)
{
    qpdf_data pdf = qpdf_init();
    if (qpdf_empty_pdf(pdf) != QPDF_SUCCESS)
        die("qpdf cannot make a PDF");
    add_pages(pdf);
    add_invoice(pdf);
    qpdf_init_write_memory(pdf);
    qpdf_set_object_stream_mode(pdf, object_streams);
    if (qpdf_write(pdf) != QPDF_SUCCESS)
        die("qpdf cannot write a PDF");
    GBytes *bytes = g_bytes_new(qpdf_get_buffer(pdf), qpdf_get_buffer_length(pdf));
    qpdf_cleanup(&pdf);
    return bytes;
}

static Set made(const char *name, enum qpdf_object_stream_e object_streams)
{
    Set set = { name, g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref) };
    for (unsigned i = 0; i < 8; i++)
        g_ptr_array_add(set.documents, make_document(object_streams));
    for (unsigned i = 0; i < set.documents->len; i++)
        if (ours(set.documents->pdata[i]) == 0 || ours(set.documents->pdata[i]) != popplers(set.documents->pdata[i]))
            die("the two do not find the same in a PDF made here");
    return set;
}

static void add_file(Set *set, GQueue *directories, char *path)
{
    char *bytes;
    gsize length;
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_queue_push_tail(directories, path);
        return;
    }
    if (g_str_has_suffix(path, ".pdf") && g_file_get_contents(path, &bytes, &length, NULL))
        g_ptr_array_add(set->documents, g_bytes_new_take(bytes, length));
    g_free(path);
}

static Set corpus(const char *folder)
{
    Set set = { "corpus", g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref) };
    g_autoptr(GQueue) directories = g_queue_new();
    g_queue_push_tail(directories, g_build_filename(folder, "invoices", NULL));
    while (!g_queue_is_empty(directories)) {
        g_autofree char *path = g_queue_pop_head(directories);
        g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
        for (const char *name; directory != NULL && (name = g_dir_read_name(directory)) != NULL;)
            add_file(&set, directories, g_build_filename(path, name, NULL));
    }
    if (set.documents->len == 0)
        die("the corpus holds no PDF");
    return set;
}

/* ---- Measuring ---- */

/* Documents per second of CPU. */
static double rate_of(const Set *set, subject_fn *subject)
{
    double start = cpu_seconds(), taken = 0;
    size_t done = 0;
    for (; taken < BATCH_MS / 1e3; taken = cpu_seconds() - start)
        for (unsigned i = 0; i < set->documents->len; i++, done++)
            subject(set->documents->pdata[i]);
    return (double)done / taken;
}

/* 1 where the bar is missed. */
static int run(Set set)
{
    double our_rates[ROUNDS], poppler_rates[ROUNDS], ratios[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        our_rates[round] = rate_of(&set, ours);
        poppler_rates[round] = rate_of(&set, popplers);
        ratios[round] = our_rates[round] / poppler_rates[round];
    }
    double ratio = median_of(ratios, ROUNDS);
    printf("%-16s %3u PDFs   ours %6.0f /s   poppler-glib %6.0f /s: %.1f times (bar %.0f)%s\n", set.name, set.documents->len,
        median_of(our_rates, ROUNDS), median_of(poppler_rates, ROUNDS), ratio, BAR, ratio < BAR ? "   BELOW" : "");
    g_ptr_array_unref(set.documents);
    return ratio < BAR;
}

static void silent(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer context)
{
    /* poppler-glib warns of broken samples; that is not what is measured */
}

int main(int argc, char **argv)
{
    g_log_set_default_handler(silent, NULL);
    int missed = run(made("table", qpdf_o_disable)) + run(made("object streams", qpdf_o_generate));
    if (argc > 1)
        missed += run(corpus(argv[1]));
    return missed > 0 ? 1 : 0;
}
