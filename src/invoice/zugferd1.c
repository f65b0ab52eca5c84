/* ZUGFeRD 1.0 (2014): an early draft of CII, with other names for its frame and the same parts (cii.h). */
#include "cii.h"
#include "formats.h"

#define PARTS "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12"
#define ROOT "urn:ferd:CrossIndustryDocument:invoice:1p0"
#define VALUES "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15"

static const char *const namespaces[] = { PARTS, VALUES, ROOT, NULL };

static const XmlRule line_rules[] = {
    { "AssociatedDocumentLineDocument", TERM_NONE, cii_line_document_rules },
    { "SpecifiedTradeProduct", TERM_NONE, cii_line_product_rules },
    { "SpecifiedSupplyChainTradeAgreement", TERM_NONE, cii_line_price_rules },
    { "SpecifiedSupplyChainTradeDelivery", TERM_NONE, cii_line_delivery_rules },
    { "SpecifiedSupplyChainTradeSettlement", TERM_NONE, cii_line_tax_rules },
    { "SpecifiedSupplyChainTradeSettlement/SpecifiedTradeSettlementMonetarySummation/LineTotalAmount", TERM_LINE_NET, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule transaction_rules[] = {
    { "ApplicableSupplyChainTradeAgreement", TERM_NONE, cii_agreement_rules },
    { "ApplicableSupplyChainTradeSettlement", TERM_NONE, cii_settlement_rules },
    { "ApplicableSupplyChainTradeSettlement/SpecifiedTradeSettlementMonetarySummation", TERM_NONE, cii_total_rules },
    { "IncludedSupplyChainTradeLineItem", GROUP_LINE, line_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule rules[] = {
    { "SpecifiedExchangedDocumentContext", TERM_NONE, cii_context_rules },
    { "HeaderExchangedDocument", TERM_NONE, cii_document_rules },
    { "SpecifiedSupplyChainTradeTransaction", TERM_NONE, transaction_rules },
    { NULL, TERM_NONE, NULL },
};

const XmlFormat zugferd1_invoice = { "ZUGFeRD 1", XML_ANY_ROOT, ROOT, namespaces, rules, NULL };
