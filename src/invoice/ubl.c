/* UBL 2.0–2.4 Invoice and CreditNote (OASIS), with Peppol BIS 3, XRechnung and other national uses of it.
 *
 * Paths as in EN 16931-3-2. UBL 2.0 has its own habits: the due date stands in PaymentMeans, the seller's name in
 * PartyName, and a document without DocumentCurrencyCode names its currency at each amount. */
#include "formats.h"

#include <string.h>

enum { SLOT_AMOUNT_CURRENCY };

#define AGGREGATES "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
#define BASICS "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

static const char *const namespaces[] = { BASICS, AGGREGATES, NULL };

static const XmlRule tax_scheme_rules[] = {
    { "CompanyID", TERM_TAX_ID, NULL },
    { "TaxScheme/ID", TERM_TAX_SCHEME, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule party_rules[] = {
    { "EndpointID", TERM_PARTY_ENDPOINT, NULL },
    { "PartyIdentification/ID", TERM_PARTY_ID, NULL },
    { "PartyName/Name", TERM_PARTY_TRADING_NAME, NULL },
    { "PostalAddress/StreetName", TERM_PARTY_STREET, NULL },
    { "PostalAddress/AdditionalStreetName", TERM_PARTY_STREET, NULL },
    { "PostalAddress/BuildingNumber", TERM_PARTY_STREET, NULL },
    { "PostalAddress/CityName", TERM_PARTY_CITY, NULL },
    { "PostalAddress/PostalZone", TERM_PARTY_POSTCODE, NULL },
    { "PostalAddress/Country/IdentificationCode", TERM_PARTY_COUNTRY, NULL },
    { "PartyTaxScheme", GROUP_TAX_REGISTRATION, tax_scheme_rules },
    { "PartyLegalEntity/RegistrationName", TERM_PARTY_NAME, NULL },
    { "PartyLegalEntity/CompanyID", TERM_PARTY_LEGAL_ID, NULL },
    { "Contact/ElectronicMail", TERM_PARTY_EMAIL, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule payee_rules[] = {
    { "PartyName/Name", TERM_PARTY_NAME, NULL },
    { "PartyLegalEntity/CompanyID", TERM_PARTY_LEGAL_ID, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule account_rules[] = {
    { "ID", TERM_ACCOUNT_NUMBER, NULL },
    { "Name", TERM_ACCOUNT_NAME, NULL },
    { "FinancialInstitutionBranch/ID", TERM_ACCOUNT_BIC, NULL },
    { "FinancialInstitutionBranch/FinancialInstitution/ID", TERM_ACCOUNT_BIC, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule means_rules[] = {
    { "PaymentMeansCode", TERM_MEANS_CODE, NULL },
    { "PaymentDueDate", TERM_DUE_DATE, NULL },
    { "PaymentID", TERM_REMITTANCE, NULL },
    { "PayeeFinancialAccount", GROUP_ACCOUNT, account_rules },
    { "PaymentMandate/ID", TERM_MANDATE, NULL },
    { "PaymentMandate/PayerFinancialAccount/ID", TERM_PAYER_ACCOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule subtotal_rules[] = {
    { "TaxableAmount", TERM_VAT_BASE, NULL },
    { "TaxAmount", TERM_VAT_AMOUNT, NULL },
    { "TaxCategory/ID", TERM_VAT_CATEGORY, NULL },
    { "TaxCategory/Percent", TERM_VAT_RATE, NULL },
    { "Percent", TERM_VAT_RATE, NULL },
    { "TaxCategory/TaxExemptionReason", TERM_VAT_REASON, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule adjustment_rules[] = {
    { "ChargeIndicator", TERM_ADJUSTMENT_IS_CHARGE, NULL },
    { "AllowanceChargeReason", TERM_ADJUSTMENT_REASON, NULL },
    { "Amount", TERM_ADJUSTMENT_AMOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule total_rules[] = {
    { "LineExtensionAmount", TERM_TOTAL_LINES, NULL },
    { "TaxExclusiveAmount", TERM_TOTAL_WITHOUT_VAT, NULL },
    { "TaxInclusiveAmount", TERM_TOTAL_WITH_VAT, NULL },
    { "AllowanceTotalAmount", TERM_TOTAL_ALLOWANCES, NULL },
    { "ChargeTotalAmount", TERM_TOTAL_CHARGES, NULL },
    { "PrepaidAmount", TERM_TOTAL_PREPAID, NULL },
    { "PayableRoundingAmount", TERM_TOTAL_ROUNDING, NULL },
    { "PayableAmount", TERM_TOTAL_DUE, NULL },
    { "PayableAmount/@currencyID", TERM_SLOT(SLOT_AMOUNT_CURRENCY), NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule line_rules[] = {
    { "ID", TERM_LINE_ID, NULL },
    { "Note", TERM_LINE_DESCRIPTION, NULL },
    { "InvoicedQuantity", TERM_LINE_QUANTITY, NULL },
    { "InvoicedQuantity/@unitCode", TERM_LINE_UNIT, NULL },
    { "CreditedQuantity", TERM_LINE_QUANTITY, NULL },
    { "CreditedQuantity/@unitCode", TERM_LINE_UNIT, NULL },
    { "LineExtensionAmount", TERM_LINE_NET, NULL },
    { "Item/Name", TERM_LINE_NAME, NULL },
    { "Item/Description", TERM_LINE_DESCRIPTION, NULL },
    { "Item/ClassifiedTaxCategory/ID", TERM_LINE_VAT_CATEGORY, NULL },
    { "Item/ClassifiedTaxCategory/Percent", TERM_LINE_VAT_RATE, NULL },
    { "Price/PriceAmount", TERM_LINE_PRICE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule document_rules[] = {
    { "ID", TERM_DOCUMENT_ID, NULL },
    { "DocumentDescription", TERM_DOCUMENT_DESCRIPTION, NULL },
    { "DocumentType", TERM_DOCUMENT_DESCRIPTION, NULL },
    { "Attachment/EmbeddedDocumentBinaryObject/@filename", TERM_DOCUMENT_NAME, NULL },
    { "Attachment/EmbeddedDocumentBinaryObject/@mimeCode", TERM_DOCUMENT_MEDIA_TYPE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule rules[] = {
    { "CustomizationID", TERM_PROFILE, NULL },
    { "ID", TERM_NUMBER, NULL },
    { "IssueDate", TERM_ISSUE_DATE, NULL },
    { "DueDate", TERM_DUE_DATE, NULL },
    { "InvoiceTypeCode", TERM_TYPE_CODE, NULL },
    { "CreditNoteTypeCode", TERM_TYPE_CODE, NULL },
    { "Note", TERM_NOTE, NULL },
    { "DocumentCurrencyCode", TERM_CURRENCY, NULL },
    { "BuyerReference", TERM_BUYER_REFERENCE, NULL },
    { "InvoicePeriod/StartDate", TERM_PERIOD_START, NULL },
    { "InvoicePeriod/EndDate", TERM_PERIOD_END, NULL },
    { "OrderReference/ID", TERM_ORDER_REFERENCE, NULL },
    { "BillingReference/InvoiceDocumentReference/ID", TERM_PRECEDING_NUMBER, NULL },
    { "AdditionalDocumentReference", GROUP_DOCUMENT, document_rules },
    { "AccountingSupplierParty/Party", GROUP_SELLER, party_rules },
    { "AccountingCustomerParty/Party", GROUP_BUYER, party_rules },
    { "PayeeParty", GROUP_PAYEE, payee_rules },
    { "PaymentMeans", TERM_NONE, means_rules },
    { "PaymentTerms/Note", TERM_PAYMENT_TERMS, NULL },
    { "AllowanceCharge", GROUP_ADJUSTMENT, adjustment_rules },
    { "TaxTotal/TaxAmount", TERM_TOTAL_VAT, NULL },
    { "TaxTotal/TaxAmount/@currencyID", TERM_TOTAL_VAT_CURRENCY, NULL },
    { "TaxTotal/TaxSubtotal", GROUP_VAT, subtotal_rules },
    { "LegalMonetaryTotal", TERM_NONE, total_rules },
    { "InvoiceLine", GROUP_LINE, line_rules },
    { "CreditNoteLine", GROUP_LINE, line_rules },
    { NULL, TERM_NONE, NULL },
};

static void finish(Draft *draft, Invoice *invoice)
{
    if (draft_currency(draft) == NULL)
        draft_set_currency(draft, draft_slot(draft, SLOT_AMOUNT_CURRENCY));
    if (strcmp(invoice->format, ubl_credit_note.name) == 0)
        invoice->kind = INVOICE_KIND_CREDIT;
}

const XmlFormat ubl_invoice = { "UBL Invoice", "Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", namespaces,
    rules, finish };
const XmlFormat ubl_credit_note = { "UBL CreditNote", "CreditNote",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2", namespaces, rules, finish };
