/* Any text is an identifier or none: nothing is read past its end, and what is valid stays so with spaces in it. */
#include "identifiers.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_the_same(const char *text)
{
    g_autoptr(GString) spaced = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at++)
        g_string_append_printf(spaced, "%c ", g_ascii_tolower(*at));
    g_assert_cmpint(iban_check(spaced->str), ==, iban_check(text));
    g_assert_cmpint(bic_is_valid(spaced->str), ==, bic_is_valid(text));
    g_assert_cmpint(rf_reference_check(spaced->str), ==, rf_reference_check(text));
    g_assert_cmpint(vat_id_check(spaced->str), ==, vat_id_check(text));
    g_assert_cmpint(nip_is_valid(spaced->str), ==, nip_is_valid(text));
    g_assert_cmpint(nrb_is_valid(spaced->str), ==, nrb_is_valid(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(Invoice) invoice = invoice_new(INVOICE_SOURCE_XML, "KSeF FA(3)");
    InvoiceAccount *account = g_new0(InvoiceAccount, 1);
    g_ptr_array_add(invoice->accounts, account);
    account->number = g_strdup(text);
    account->bic = g_strdup(text);
    invoice->remittance = g_strdup(text);
    invoice->issue_date = g_strdup(text);
    invoice->seller.vat_id = g_strdup(text);
    invoice->seller.country = g_strdup(text);
    if (g_utf8_validate(text, -1, NULL))
        invoice_check_identifiers(invoice);
    expect_the_same(text);
    g_assert_true(!ksef_number_is_valid(text) || strlen(text) == 35);
    g_assert_true(ksef_link_check(text, SPAN("document"), invoice) != KSEF_LINK_FITS);
    return 0;
}
