/* Any bytes end in an error or in a signed document whose claims can be shown. */
#include "mail/container.h"

#include "base/text.h"
#include "limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(MailSigned *signed_data, const GError *error)
{
    g_assert_true((signed_data == NULL) == (error != NULL));
    if (signed_data == NULL)
        return;
    g_assert_cmpuint(signed_data->signers->len, <=, MAIL_SIGNERS_MAX);
    g_assert_true(signed_data->signature != MAIL_SIGNATURE_FITS || signed_data->signers->len > 0);
    for (unsigned i = 0; i < signed_data->signers->len; i++) {
        const MailSigner *signer = signed_data->signers->pdata[i];
        g_assert_true((signer->signature == MAIL_SIGNATURE_FITS) == (signer->reason == NULL));
        g_assert_true(signer->name == NULL || text_is_clean(span_of(signer->name), MAIL_FILE_NAME_MAX));
    }
    mail_signed_free(signed_data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL, other = NULL;
    Span bytes = { (const char *)data, size };
    (void)mail_file_kind(bytes);
    MailSigned *inside = mail_cms_read(bytes, &error);
    check(inside, error);
    MailSigned *beside = mail_cms_check(bytes, SPAN("Content-Type: text/plain\n\nx\n"), &other);
    check(beside, other);
    return 0;
}
