/* Tables of what CII and ZUGFeRD 1 share: both are made of the same UN/CEFACT parts, of two years. */
#pragma once

#include "xml.h"

extern const XmlRule cii_context_rules[];    /* ExchangedDocumentContext */
extern const XmlRule cii_document_rules[];   /* ExchangedDocument: number, date, type, notes */
extern const XmlRule cii_agreement_rules[];  /* of the whole invoice: parties and references */
extern const XmlRule cii_settlement_rules[]; /* of the whole invoice, but for its totals */
extern const XmlRule cii_total_rules[];      /* … MonetarySummation of the whole invoice */
extern const XmlRule cii_line_document_rules[], cii_line_product_rules[], cii_line_price_rules[], cii_line_delivery_rules[],
    cii_line_tax_rules[];
