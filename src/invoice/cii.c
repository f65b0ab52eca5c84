/* UN/CEFACT Cross Industry Invoice: Factur-X and ZUGFeRD 2 in every profile (MINIMUM, BASIC WL, BASIC, EN 16931, EXTENDED),
 * XRechnung, and all that is written as CII D16B or D22B.
 *
 * Paths as in EN 16931-3-3 and Factur-X 1.0.7 (EXTENDED). All profiles have the same paths; a low one has fewer of them.
 * What ZUGFeRD 1 names alike is shared with it (cii.h): where the two differ in a name, one table has both. */
#include "cii.h"

#include "formats.h"

#define PARTS "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
#define ROOT "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
#define VALUES "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"

static const char *const namespaces[] = { PARTS, VALUES, ROOT, NULL };

/* ---- Shared with ZUGFeRD 1 -------------------------------------------------------------------------------------------- */

/* A date says by a code of UN/EDIFACT 2379 how it is written. */
#define DATE(path, term) { path "/DateTimeString/@format", TERM_DATE_FORMAT, NULL }, { path "/DateTimeString", term, NULL }

const XmlRule cii_context_rules[] = {
    { "GuidelineSpecifiedDocumentContextParameter/ID", TERM_PROFILE, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_document_rules[] = {
    { "ID", TERM_NUMBER, NULL },
    { "TypeCode", TERM_TYPE_CODE, NULL },
    DATE("IssueDateTime", TERM_ISSUE_DATE),
    { "IncludedNote/Content", TERM_NOTE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule tax_registration_rules[] = {
    { "ID/@schemeID", TERM_TAX_QUALIFIER, NULL },
    { "ID", TERM_TAX_ID, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule party_rules[] = {
    { "ID", TERM_PARTY_ID, NULL },
    { "GlobalID", TERM_PARTY_ID, NULL },
    { "Name", TERM_PARTY_NAME, NULL },
    { "SpecifiedLegalOrganization/ID", TERM_PARTY_LEGAL_ID, NULL },
    { "SpecifiedLegalOrganization/TradingBusinessName", TERM_PARTY_TRADING_NAME, NULL },
    { "DefinedTradeContact/EmailURIUniversalCommunication/URIID", TERM_PARTY_EMAIL, NULL },
    { "PostalTradeAddress/PostcodeCode", TERM_PARTY_POSTCODE, NULL },
    { "PostalTradeAddress/LineOne", TERM_PARTY_STREET, NULL },
    { "PostalTradeAddress/LineTwo", TERM_PARTY_STREET, NULL },
    { "PostalTradeAddress/LineThree", TERM_PARTY_STREET, NULL },
    { "PostalTradeAddress/CityName", TERM_PARTY_CITY, NULL },
    { "PostalTradeAddress/CountryID", TERM_PARTY_COUNTRY, NULL },
    { "URIUniversalCommunication/URIID", TERM_PARTY_ENDPOINT, NULL },
    { "SpecifiedTaxRegistration", GROUP_TAX_REGISTRATION, tax_registration_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule reference_rules[] = {
    { "IssuerAssignedID", TERM_DOCUMENT_ID, NULL },
    { "ID", TERM_DOCUMENT_ID, NULL }, /* ZUGFeRD 1 */
    { "Name", TERM_DOCUMENT_DESCRIPTION, NULL },
    { "AttachmentBinaryObject/@filename", TERM_DOCUMENT_NAME, NULL },
    { "AttachmentBinaryObject/@mimeCode", TERM_DOCUMENT_MEDIA_TYPE, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_agreement_rules[] = {
    { "BuyerReference", TERM_BUYER_REFERENCE, NULL },
    { "SellerTradeParty", GROUP_SELLER, party_rules },
    { "BuyerTradeParty", GROUP_BUYER, party_rules },
    { "BuyerOrderReferencedDocument/IssuerAssignedID", TERM_ORDER_REFERENCE, NULL },
    { "BuyerOrderReferencedDocument/ID", TERM_ORDER_REFERENCE, NULL }, /* ZUGFeRD 1 */
    { "AdditionalReferencedDocument", GROUP_DOCUMENT, reference_rules },
    { NULL, TERM_NONE, NULL },
};

/* One account may be named by its IBAN and by its national number: both are kept, the first one is the account. */
static const XmlRule means_rules[] = {
    { "TypeCode", TERM_MEANS_CODE, NULL },
    { "PayerPartyDebtorFinancialAccount/IBANID", TERM_PAYER_ACCOUNT, NULL },
    { "PayeePartyCreditorFinancialAccount/IBANID", TERM_ACCOUNT_NUMBER, NULL },
    { "PayeePartyCreditorFinancialAccount/AccountName", TERM_ACCOUNT_NAME, NULL },
    { "PayeePartyCreditorFinancialAccount/ProprietaryID", TERM_ACCOUNT_NUMBER, NULL },
    { "PayeeSpecifiedCreditorFinancialInstitution/BICID", TERM_ACCOUNT_BIC, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule tax_rules[] = {
    { "CalculatedAmount", TERM_VAT_AMOUNT, NULL },
    { "ExemptionReason", TERM_VAT_REASON, NULL },
    { "BasisAmount", TERM_VAT_BASE, NULL },
    { "CategoryCode", TERM_VAT_CATEGORY, NULL },
    { "RateApplicablePercent", TERM_VAT_RATE, NULL },
    { "ApplicablePercent", TERM_VAT_RATE, NULL }, /* ZUGFeRD 1 */
    { NULL, TERM_NONE, NULL },
};

static const XmlRule adjustment_rules[] = {
    { "ChargeIndicator/Indicator", TERM_ADJUSTMENT_IS_CHARGE, NULL },
    { "ActualAmount", TERM_ADJUSTMENT_AMOUNT, NULL },
    { "Reason", TERM_ADJUSTMENT_REASON, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule logistics_rules[] = {
    { "Description", TERM_ADJUSTMENT_REASON, NULL },
    { "AppliedAmount", TERM_ADJUSTMENT_AMOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule terms_rules[] = {
    { "Description", TERM_PAYMENT_TERMS, NULL },
    DATE("DueDateDateTime", TERM_DUE_DATE),
    { "DirectDebitMandateID", TERM_MANDATE, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_settlement_rules[] = {
    { "PaymentReference", TERM_REMITTANCE, NULL },
    { "InvoiceCurrencyCode", TERM_CURRENCY, NULL },
    { "PayeeTradeParty", GROUP_PAYEE, party_rules },
    { "SpecifiedTradeSettlementPaymentMeans", GROUP_ACCOUNT, means_rules },
    { "ApplicableTradeTax", GROUP_VAT, tax_rules },
    DATE("BillingSpecifiedPeriod/StartDateTime", TERM_PERIOD_START),
    DATE("BillingSpecifiedPeriod/EndDateTime", TERM_PERIOD_END),
    { "SpecifiedTradeAllowanceCharge", GROUP_ADJUSTMENT, adjustment_rules },
    { "SpecifiedLogisticsServiceCharge", GROUP_CHARGE, logistics_rules },
    { "SpecifiedTradePaymentTerms", TERM_NONE, terms_rules },
    { "InvoiceReferencedDocument/IssuerAssignedID", TERM_PRECEDING_NUMBER, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_total_rules[] = {
    { "LineTotalAmount", TERM_TOTAL_LINES, NULL },
    { "ChargeTotalAmount", TERM_TOTAL_CHARGES, NULL },
    { "AllowanceTotalAmount", TERM_TOTAL_ALLOWANCES, NULL },
    { "TaxBasisTotalAmount", TERM_TOTAL_WITHOUT_VAT, NULL },
    { "TaxTotalAmount/@currencyID", TERM_TOTAL_VAT_CURRENCY, NULL },
    { "TaxTotalAmount", TERM_TOTAL_VAT, NULL },
    { "RoundingAmount", TERM_TOTAL_ROUNDING, NULL },
    { "GrandTotalAmount", TERM_TOTAL_WITH_VAT, NULL },
    { "TotalPrepaidAmount", TERM_TOTAL_PREPAID, NULL },
    { "DuePayableAmount", TERM_TOTAL_DUE, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_line_document_rules[] = {
    { "LineID", TERM_LINE_ID, NULL },
    { "LineStatusReasonCode", TERM_LINE_STATUS, NULL },
    { "IncludedNote/Content", TERM_LINE_DESCRIPTION, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_line_product_rules[] = {
    { "Name", TERM_LINE_NAME, NULL },
    { "Description", TERM_LINE_DESCRIPTION, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_line_price_rules[] = {
    { "NetPriceProductTradePrice/ChargeAmount", TERM_LINE_PRICE, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_line_delivery_rules[] = {
    { "BilledQuantity/@unitCode", TERM_LINE_UNIT, NULL },
    { "BilledQuantity", TERM_LINE_QUANTITY, NULL },
    { NULL, TERM_NONE, NULL },
};

const XmlRule cii_line_tax_rules[] = {
    { "ApplicableTradeTax/CategoryCode", TERM_LINE_VAT_CATEGORY, NULL },
    { "ApplicableTradeTax/RateApplicablePercent", TERM_LINE_VAT_RATE, NULL },
    { "ApplicableTradeTax/ApplicablePercent", TERM_LINE_VAT_RATE, NULL }, /* ZUGFeRD 1 */
    { NULL, TERM_NONE, NULL },
};

/* ---- CII --------------------------------------------------------------------------------------------------------------- */

static const XmlRule line_rules[] = {
    { "AssociatedDocumentLineDocument", TERM_NONE, cii_line_document_rules },
    { "SpecifiedTradeProduct", TERM_NONE, cii_line_product_rules },
    { "SpecifiedLineTradeAgreement", TERM_NONE, cii_line_price_rules },
    { "SpecifiedLineTradeDelivery", TERM_NONE, cii_line_delivery_rules },
    { "SpecifiedLineTradeSettlement", TERM_NONE, cii_line_tax_rules },
    { "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount", TERM_LINE_NET, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule transaction_rules[] = {
    { "IncludedSupplyChainTradeLineItem", GROUP_LINE, line_rules },
    { "ApplicableHeaderTradeAgreement", TERM_NONE, cii_agreement_rules },
    { "ApplicableHeaderTradeSettlement", TERM_NONE, cii_settlement_rules },
    { "ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementHeaderMonetarySummation", TERM_NONE, cii_total_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule rules[] = {
    { "ExchangedDocumentContext", TERM_NONE, cii_context_rules },
    { "ExchangedDocument", TERM_NONE, cii_document_rules },
    { "SupplyChainTradeTransaction", TERM_NONE, transaction_rules },
    { NULL, TERM_NONE, NULL },
};

const XmlFormat cii_invoice = { "CII", XML_ANY_ROOT, ROOT, namespaces, rules, NULL };
