/* What a file is, by its first bytes: for XML the root element's namespace decides (formats.md, "Namespaces").
 * A format gets a reader as one file of this room; until then its name is what the payer is told. */
#include "invoice/invoice.h"

#include <string.h>

/* The root element stands within this many bytes in every sample; a longer prologue is just "XML". */
enum { DOCUMENT_HEAD_BYTES = 16 * 1024 };

static const struct {
    const char *namespace;
    const char *format;
} xml_formats[] = {
    { "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "UBL Invoice" },
    { "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2", "UBL CreditNote" },
    { "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "CII" },
    { "urn:ferd:CrossIndustryDocument:invoice:1p0", "ZUGFeRD 1" },
    { "http://crd.gov.pl/wzor/2021/11/29/11089/", "KSeF FA(1)" },
    { "http://crd.gov.pl/wzor/2023/06/29/12648/", "KSeF FA(2)" },
    { "http://crd.gov.pl/wzor/2025/06/25/13775/", "KSeF FA(3)" },
    { "http://crd.gov.pl/wzor/2026/03/06/14189/", "KSeF FA_RR(1)" },
    { "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1", "FatturaPA" },
    { "http://www.facturae.es/Facturae/", "Facturae" },
    { "http://www.facturae.gob.es/formato/Versiones/Facturaev3", "Facturae" },
};

static Span skip_past(Span rest, Span end)
{
    size_t at = span_find(rest, end);
    return span_slice(rest, at == rest.length ? at : at + end.length, rest.length);
}

/* The start tag of the root element: after the declaration, comments and instructions; empty where there is none. */
static Span root_tag(Span head)
{
    for (;;) {
        head = span_trim(head);
        if (span_starts_with(head, SPAN("<?")))
            head = skip_past(head, SPAN("?>"));
        else if (span_starts_with(head, SPAN("<!--")))
            head = skip_past(head, SPAN("-->"));
        else
            break;
    }
    bool is_tag = head.length > 1 && head.at[0] == '<' && (g_ascii_isalpha(head.at[1]) || head.at[1] == '_');
    return is_tag ? span_slice(head, 0, span_find_byte(head, '>')) : SPAN_EMPTY;
}

static const char *xml_format(Span head)
{
    Span root = root_tag(head);
    for (size_t i = 0; i < G_N_ELEMENTS(xml_formats); i++)
        if (span_find(root, span_of(xml_formats[i].namespace)) != root.length)
            return xml_formats[i].format;
    bool is_html = span_starts_with_nocase(root, SPAN("<html"));
    return span_starts_with(head, SPAN("<?xml")) && !is_html ? "XML" : NULL;
}

const char *invoice_document_format(Span document)
{
    Span head = span_slice(document, 0, DOCUMENT_HEAD_BYTES);
    if (span_starts_with(head, SPAN("\xEF\xBB\xBF")))
        head = span_slice(head, 3, head.length);
    head = span_trim(head);
    if (span_starts_with(head, SPAN("%PDF-")))
        return "PDF";
    if (span_starts_with(head, SPAN("\xFF\xFE<\0?\0")) || span_starts_with(head, SPAN("\xFE\xFF\0<\0?")))
        return "XML";
    return xml_format(head);
}
