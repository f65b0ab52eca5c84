/* The formats that are read, for people. A test holds this list against the readers' own (catalogue_test.c). */
#include "invoice/invoice.h"

#define IN_FILE "attached, in a zip, or signed (.p7m)"
#define IN_PDF "attached, in a zip, signed (.p7m), or inside a PDF"
#define IN_HTML "in the HTML of the mail"

const InvoiceFormat invoice_formats[] = {
    { "UBL Invoice", "OASIS UBL 2.0 to 2.4: Peppol BIS 3, XRechnung, EN 16931 and national uses", IN_PDF },
    { "UBL CreditNote", "the same, for credit notes", IN_PDF },
    { "CII", "UN/CEFACT Cross Industry Invoice: Factur-X, ZUGFeRD 2, XRechnung, all profiles", IN_PDF },
    { "ZUGFeRD 1", "ZUGFeRD 1.0, all profiles", IN_PDF },
    { "KSeF FA(1)", "Poland, structured invoice, schema of 2021", IN_FILE },
    { "KSeF FA(2)", "Poland, structured invoice, schema of 2023", IN_FILE },
    { "KSeF FA(3)", "Poland, structured invoice, schema of 2025", IN_FILE },
    { "KSeF FA_RR(1)", "Poland, invoice for a flat-rate farmer, schema of 2026", IN_FILE },
    { "FatturaPA", "Italy, FatturaPA 1.0 to 1.2, several bodies in one file", IN_FILE },
    { "FatturaPA simplified", "Italy, simplified invoice (FSM10)", IN_FILE },
    { "Facturae", "Spain, Facturae 3.0 to 3.2.2, several invoices in one file", IN_FILE },
    { "ActionRequest", "payment request of the Outlook form, with schema.org Invoice", IN_HTML },
    { "SignedActionRequest", "the same as a signed text (JWS)", IN_HTML },
    { "schema.org Invoice", "JSON-LD or microdata", IN_HTML },
    { "schema.org Order", "an order's invoice that says little of its own: JSON-LD or microdata", IN_HTML },
    { "MessageCard", "labelled values of the card, never paid from", IN_HTML },
    { "AdaptiveCard", "labelled values of the card, never paid from", IN_HTML },
    { "SignedMessageCard", "the same as a signed text (JWS), its signature not proved", IN_HTML },
    { "SignedAdaptiveCard", "the same as a signed text (JWS), its signature not proved", IN_HTML },
    { NULL, NULL, NULL },
};
