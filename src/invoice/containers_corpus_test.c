/* Takes the invoice out of every PDF and CMS file that the oracle of a corpus knows.
 *
 *     containers_corpus_test CORPUS
 *
 * CORPUS holds invoices/ and oracle.tsv, one row per invoice: first the file, then its format ("PDF/…", "FatturaPA-p7m"), in the
 * fourth place the invoice's number, last a note where "att=NAME" names the file inside a PDF. Prints `pdf: passed/total` and
 * `cms: passed/total`, with each failure before them. Exits 1 when something fails, 2 when the corpus cannot be read. */
#include "invoice/pdf.h"

#include <stdio.h>
#include <string.h>

#include "mail/container.h"

enum { COLUMN_FILE, COLUMN_FORMAT, COLUMN_NUMBER = 3, COLUMNS_MIN };

typedef struct Tally {
    unsigned passed, total;
} Tally;

static Span bytes_of(GBytes *bytes)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return (Span){ data, length };
}

static bool contains(GBytes *bytes, const char *number)
{
    Span text = bytes_of(bytes);
    return span_find(text, span_of(number)) != text.length;
}

static bool is_named(const char *note, const PdfFile *file)
{
    g_autofree char *wanted = g_strdup_printf("att=%s", file->name);
    const char *at = strstr(note, wanted);
    return at != NULL && strchr(";", at[strlen(wanted)]) != NULL; /* or its end */
}

/* NULL where the invoice was found, else why not; newly allocated. */
static char *check_pdf(Span bytes, const char *number, const char *note)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PdfFiles) result = invoice_pdf_read(bytes, &error);
    if (result == NULL)
        return g_strdup(error->message);
    for (unsigned i = 0; i < result->files->len; i++) {
        const PdfFile *file = result->files->pdata[i];
        if (file->xml != NULL && is_named(note, file))
            return contains(file->xml, number) ? NULL : g_strdup_printf("\"%s\" does not hold the number %s", file->name, number);
    }
    return g_strdup_printf("%u files, none is XML with the right name (%s)", result->files->len, note);
}

static char *check_cms(Span bytes, const char *number, const char *note)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MailSigned) signed_data = mail_cms_read(bytes, &error);
    if (signed_data == NULL)
        return g_strdup(error->message);
    if (signed_data->signature != MAIL_SIGNATURE_FITS)
        return g_strdup("the signature does not fit");
    if (signed_data->content == NULL || mail_file_kind(bytes_of(signed_data->content)) != MAIL_FILE_XML)
        return g_strdup("the content is no XML");
    return contains(signed_data->content, number) ? NULL : g_strdup_printf("the content does not hold the number %s", number);
}

/* A corpus may lack files. */
static void check_row(const char *corpus, char **row, char *(*check)(Span, const char *, const char *), Tally *tally)
{
    g_autofree char *path = g_build_filename(corpus, "invoices", row[COLUMN_FILE], NULL), *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        return;
    g_autofree char *failure = check((Span){ bytes, length }, row[COLUMN_NUMBER], row[g_strv_length(row) - 1]);
    tally->total++;
    tally->passed += failure == NULL;
    if (failure != NULL)
        printf("  %s: %s\n", row[COLUMN_FILE], failure);
}

/* A suite of which nothing is there is not spoken of. */
static bool close_suite(const char *name, const Tally *tally)
{
    if (tally->total > 0)
        printf("%s: %u/%u\n", name, tally->passed, tally->total);
    return tally->passed == tally->total;
}

int main(int argc, char **argv)
{
    g_autofree char *path = argc == 2 ? g_build_filename(argv[1], "oracle.tsv", NULL) : NULL, *text = NULL;
    if (path == NULL || !g_file_get_contents(path, &text, NULL, NULL)) {
        fputs("usage: containers_corpus_test CORPUS (which holds oracle.tsv and invoices/)\n", stderr);
        return 2;
    }
    Tally pdf = { 0 }, cms = { 0 };
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) row = g_strsplit(*line, "\t", -1);
        if (g_strv_length(row) < COLUMNS_MIN)
            continue;
        if (g_str_has_prefix(row[COLUMN_FORMAT], "PDF/"))
            check_row(argv[1], row, check_pdf, &pdf);
        else if (g_str_has_suffix(row[COLUMN_FORMAT], "-p7m"))
            check_row(argv[1], row, check_cms, &cms);
    }
    bool all_passed = close_suite("pdf", &pdf), all_fit = close_suite("cms", &cms);
    return all_passed && all_fit ? 0 : 1;
}
