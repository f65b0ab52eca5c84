/* Any bytes end in an error or in files within the limits; names and troubles are text that can be shown. */
#include "invoice/pdf.h"

#include "base/text.h"
#include "limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    g_assert_true(text == NULL || text_is_clean(span_of(text), PDF_NAME_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PdfFiles) result = invoice_pdf_read((Span){ (const char *)data, size }, &error);
    g_assert_true((result == NULL) == (error != NULL));
    if (result == NULL)
        return 0;
    g_assert_cmpuint(result->files->len, <=, PDF_FILES_MAX);
    g_assert_cmpuint(result->troubles->len, <=, PDF_TROUBLES_MAX);
    for (unsigned i = 0; i < result->files->len; i++) {
        const PdfFile *file = result->files->pdata[i];
        check_text(file->name);
        check_text(file->relationship);
        check_text(file->media_type);
        g_assert_cmpuint(file->length, <=, PDF_FILE_BYTES_MAX);
        g_assert_true(file->xml == NULL || g_bytes_get_size(file->xml) == file->length);
    }
    return 0;
}
