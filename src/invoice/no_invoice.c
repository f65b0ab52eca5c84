/* Orders, receipts and answers, by the namespace of their root element (UBL 2.4, Order-X 1.0, KSeF, SdI, ISO 20022). */
#include "no_invoice.h"

#include <glib.h>

#define UBL "urn:oasis:names:specification:ubl:schema:xsd:"
#define CEFACT "urn:un:unece:uncefact:data:"

/* Namespaces by their beginning: what follows is a version. */
static const struct {
    const char *namespace;
    const char *kind;
} kinds[] = {
    { CEFACT "SCRDMCCBDACIOMessageStructure:", "an order (Order-X)" },
    { CEFACT "standard:CrossDomainAcknowledgementAndResponse:", "an acknowledgement of an invoice (CDAR)" },
    { CEFACT "standard:CrossIndustryOrder:", "an order (UN/CEFACT)" },
    { CEFACT "standard:CrossIndustryOrderResponse:", "an answer to an order (UN/CEFACT)" },
    { CEFACT "standard:CrossIndustryDespatchAdvice:", "a despatch advice (UN/CEFACT)" },
    { UBL "ApplicationResponse-2", "an acknowledgement of a document (UBL ApplicationResponse)" },
    { UBL "Catalogue-2", "a catalogue (UBL)" },
    { UBL "DebitNote-2", "a debit note that a buyer made out (UBL)" },
    { UBL "DespatchAdvice-2", "a despatch advice (UBL)" },
    { UBL "Order-2", "an order (UBL)" },
    { UBL "OrderCancellation-2", "the cancellation of an order (UBL)" },
    { UBL "OrderChange-2", "a change of an order (UBL)" },
    { UBL "OrderResponse-2", "an answer to an order (UBL)" },
    { UBL "OrderResponseSimple-2", "an answer to an order (UBL)" },
    { UBL "Quotation-2", "a quotation (UBL)" },
    { UBL "ReceiptAdvice-2", "a receipt advice (UBL)" },
    { UBL "Reminder-2", "a reminder, which names invoices (UBL)" },
    { UBL "RemittanceAdvice-2", "a remittance advice (UBL)" },
    { UBL "RequestForQuotation-2", "a request for quotation (UBL)" },
    { UBL "SelfBilledCreditNote-2", "a credit note that its buyer made out (UBL)" },
    { UBL "SelfBilledInvoice-2", "a self-billed document, made out by its buyer (UBL)" },
    { UBL "Statement-2", "a statement of account (UBL)" },
    { "http://upo.schematy.mf.gov.pl/KSeF/", "an official receipt of an invoice (KSeF UPO)" },
    { "http://www.fatturapa.gov.it/sdi/messaggi/", "a notification of the Italian exchange (SdI)" },
    { "urn:iso:std:iso:20022:tech:xsd:camt.", "a bank statement (ISO 20022 camt)" },
    { "urn:iso:std:iso:20022:tech:xsd:pain.", "a payment order (ISO 20022 pain)" },
};

const char *no_invoice_kind(Span root_namespace)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (span_starts_with(root_namespace, span_of(kinds[i].namespace)))
            return kinds[i].kind;
    return NULL;
}
