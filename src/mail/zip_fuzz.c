/* Any bytes end in an error or in files within the limits; troubles are text that can be shown. */
#include "mail/container.h"

#include "base/text.h"
#include "limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = mail_files_new(), troubles = g_ptr_array_new_with_free_func(g_free);
    Span archive = { (const char *)data, size };
    bool read = mail_zip_read(archive, files, troubles, &error);
    g_assert_true(read == (error == NULL));
    g_assert_cmpuint(files->len, <=, MAIL_ZIP_FILES_MAX);
    g_assert_cmpuint(troubles->len, <=, MAIL_ZIP_TROUBLES_MAX);
    size_t total = 0;
    for (unsigned i = 0; i < files->len; i++) {
        const MailFile *file = files->pdata[i];
        gsize length;
        const char *bytes = g_bytes_get_data(file->bytes, &length);
        g_assert_cmpuint(length, <=, MAIL_ZIP_FILE_BYTES_MAX);
        g_assert_true(file->name == NULL || text_is_clean(span_of(file->name), MAIL_FILE_NAME_MAX));
        MailFileKind kind = mail_file_kind((Span){ bytes, length });
        g_assert_true(kind == MAIL_FILE_XML || kind == MAIL_FILE_PDF || kind == MAIL_FILE_CMS);
        total += length;
    }
    g_assert_cmpuint(total, <=, MAIL_ZIP_TOTAL_BYTES_MAX);
    for (unsigned i = 0; i < troubles->len; i++)
        g_assert_true(g_utf8_validate(troubles->pdata[i], -1, NULL));
    return 0;
}
