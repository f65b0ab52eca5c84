/* Which XML formats are read: the list, and the way in. */
#include "formats.h"
#include "invoice/read_xml.h"

const XmlFormat *const invoice_xml_formats[] = {
    &ubl_invoice,
    &ubl_credit_note,
    &cii_invoice,
    &zugferd1_invoice,
    &ksef_fa3,
    &ksef_fa2,
    &ksef_fa1,
    &ksef_rr1,
    &fatturapa_invoice,
    &fatturapa_simplified,
    &facturae_invoice,
    NULL,
};

bool invoice_read_xml(Span document, InvoiceSource source, GPtrArray *invoices, const char **ret_format, GError **error)
{
    return xml_read(document, invoice_xml_formats, source, invoices, ret_format, error);
}

void invoice_xml_warm_up(void)
{
    xml_warm_up(invoice_xml_formats);
}

const char *invoice_xml_format_name(unsigned index)
{
    return index < G_N_ELEMENTS(invoice_xml_formats) - 1 ? invoice_xml_formats[index]->name : NULL;
}
