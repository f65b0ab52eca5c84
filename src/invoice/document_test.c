/* Formats are told by their first bytes. */
#include "invoice/invoice.h"

static void expect(const char *document, const char *format)
{
    g_assert_cmpstr(invoice_document_format(span_of(document)), ==, format);
}

static void test_formats(void)
{
    expect("", NULL);
    expect("Dear customer", NULL);
    expect("<html><body>", NULL);
    expect("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", NULL);
    expect("%PDF-1.7\n", "PDF");
    expect("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- a --><?b?>\n<ubl:Invoice "
           "xmlns:ubl=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\">", "UBL Invoice");
    expect("<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"/>", "UBL Invoice");
    expect("<?xml version='1.0'?><Faktura xmlns='http://crd.gov.pl/wzor/2025/06/25/13775/'>", "KSeF FA(3)");
    expect("<?xml version='1.0'?><a><Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/></a>", "XML");
    expect("<?xml version='1.0'?><!DOCTYPE a><a/>", "XML");
    expect("<?xml", "XML");
    expect("<!--", NULL);
    g_assert_cmpstr(invoice_document_format(SPAN("\xFF\xFE<\0?\0x\0")), ==, "XML");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/invoice/document-formats", test_formats);
    return g_test_run();
}
