/* Spanish electronic invoices: Facturae 3.0, 3.1, 3.2, 3.2.1, 3.2.2.
 *
 * Source: the schemas and code lists of facturae.gob.es. The root is in a namespace, nothing inside is; a batch may carry
 * several invoices. What is to be paid is TotalExecutableAmount: the total less payments on account and taxes withheld. */
#include "formats.h"

#include "base/text.h"
#include "limits.h"
#include "members.h"

enum { SLOT_ISSUER_TYPE, SLOT_CLASS, SLOT_CORRECTION_METHOD };
enum { SUM_WITHHELD, SUM_OUTSTANDING };

static const char *const namespaces[] = { "", NULL };

/* ---- Tables --------------------------------------------------------------------------------------------------------- */

static const XmlRule address_rules[] = {
    { "Address", TERM_PARTY_STREET, NULL },
    { "PostCode", TERM_PARTY_POSTCODE, NULL },
    { "Town", TERM_PARTY_CITY, NULL },
    { "PostCodeAndTown", TERM_PARTY_CITY, NULL },
    { "CountryCode", TERM_PARTY_COUNTRY, NULL },
    { NULL, TERM_NONE, NULL },
};

#define ENTITY_RULES \
    { "AddressInSpain", TERM_NONE, address_rules }, { "OverseasAddress", TERM_NONE, address_rules }, \
        { "ContactDetails/ElectronicMail", TERM_PARTY_EMAIL, NULL }

static const XmlRule company_rules[] = {
    { "CorporateName", TERM_PARTY_NAME, NULL },
    { "TradeName", TERM_PARTY_TRADING_NAME, NULL },
    ENTITY_RULES,
    { NULL, TERM_NONE, NULL },
};

static const XmlRule person_rules[] = {
    { "Name", TERM_PARTY_NAME_PART, NULL },
    { "FirstSurname", TERM_PARTY_NAME_PART, NULL },
    { "SecondSurname", TERM_PARTY_NAME_PART, NULL },
    ENTITY_RULES,
    { NULL, TERM_NONE, NULL },
};

static const XmlRule party_rules[] = {
    { "TaxIdentification/TaxIdentificationNumber", TERM_PARTY_VAT_ID, NULL },
    { "LegalEntity", TERM_NONE, company_rules },
    { "Individual", TERM_NONE, person_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule account_rules[] = {
    { "IBAN", TERM_ACCOUNT_NUMBER, NULL },
    { "AccountNumber", TERM_ACCOUNT_NUMBER, NULL },
    { "BIC", TERM_ACCOUNT_BIC, NULL },
    { NULL, TERM_NONE, NULL },
};

/* The seller has sold the claim: the assignee is to be paid. */
static const XmlRule factoring_rules[] = {
    { "Assignee", GROUP_PAYEE, party_rules },
    { "PaymentDetails", GROUP_FACTOR_ACCOUNT, account_rules },
    { "FactoringAssignmentClauses", TERM_NOTE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule tax_rules[] = {
    { "TaxRate", TERM_VAT_RATE, NULL },
    { "TaxableBase/TotalAmount", TERM_VAT_BASE, NULL },
    { "TaxAmount/TotalAmount", TERM_VAT_AMOUNT, NULL },
    { "SpecialTaxableEvent/SpecialTaxableEventReason", TERM_VAT_REASON, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule discount_rules[] = {
    { "DiscountReason", TERM_ADJUSTMENT_REASON, NULL },
    { "DiscountAmount", TERM_ADJUSTMENT_AMOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule charge_rules[] = {
    { "ChargeReason", TERM_ADJUSTMENT_REASON, NULL },
    { "ChargeAmount", TERM_ADJUSTMENT_AMOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule total_rules[] = {
    { "TotalGrossAmount", TERM_TOTAL_LINES, NULL },
    { "GeneralDiscounts/Discount", GROUP_ADJUSTMENT, discount_rules },
    { "GeneralSurcharges/Charge", GROUP_CHARGE, charge_rules },
    { "TotalGeneralDiscounts", TERM_TOTAL_ALLOWANCES, NULL },
    { "TotalGeneralSurcharges", TERM_TOTAL_CHARGES, NULL },
    { "TotalGrossAmountBeforeTaxes", TERM_TOTAL_WITHOUT_VAT, NULL },
    { "TotalTaxOutputs", TERM_TOTAL_VAT, NULL },
    { "TotalTaxesWithheld", TERM_SUM(SUM_WITHHELD), NULL },
    { "InvoiceTotal", TERM_TOTAL_WITH_VAT, NULL },
    { "TotalPaymentsOnAccount", TERM_TOTAL_PREPAID, NULL },
    { "TotalOutstandingAmount", TERM_SUM(SUM_OUTSTANDING), NULL },
    { "TotalExecutableAmount", TERM_TOTAL_DUE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule line_rules[] = {
    { "SequenceNumber", TERM_LINE_ID, NULL },
    { "ReceiverTransactionReference", TERM_ORDER_REFERENCE, NULL },
    { "ItemDescription", TERM_LINE_NAME, NULL },
    { "Quantity", TERM_LINE_QUANTITY, NULL },
    { "UnitOfMeasure", TERM_LINE_UNIT, NULL },
    { "UnitPriceWithoutTax", TERM_LINE_PRICE, NULL },
    { "GrossAmount", TERM_LINE_NET, NULL }, /* TotalCost with the line's own discounts and charges */
    { "TaxesOutputs/Tax/TaxRate", TERM_LINE_VAT_RATE, NULL },
    { "AdditionalLineItemInformation", TERM_LINE_DESCRIPTION, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule instalment_rules[] = {
    { "InstallmentDueDate", TERM_DUE_DATE, NULL },
    { "PaymentMeans", TERM_MEANS_CODE, NULL },
    { "AccountToBeCredited", GROUP_ACCOUNT, account_rules },
    { "AccountToBeDebited/IBAN", TERM_PAYER_ACCOUNT, NULL },
    { "AccountToBeDebited/AccountNumber", TERM_PAYER_ACCOUNT, NULL },
    { "PaymentReconciliationReference", TERM_REMITTANCE, NULL },
    { "CollectionAdditionalInformation", TERM_PAYMENT_TERMS, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule document_rules[] = {
    { "AttachmentDescription", TERM_DOCUMENT_DESCRIPTION, NULL },
    { "AttachmentFormat", TERM_DOCUMENT_MEDIA_TYPE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule invoice_rules[] = {
    { "InvoiceHeader/InvoiceNumber", TERM_NUMBER, NULL },
    { "InvoiceHeader/InvoiceSeriesCode", TERM_SERIES, NULL },
    { "InvoiceHeader/InvoiceDocumentType", TERM_TYPE_CODE, NULL },
    { "InvoiceHeader/InvoiceClass", TERM_SLOT(SLOT_CLASS), NULL },
    { "InvoiceHeader/Corrective/InvoiceNumber", TERM_PRECEDING_NUMBER, NULL },
    { "InvoiceHeader/Corrective/CorrectionMethod", TERM_SLOT(SLOT_CORRECTION_METHOD), NULL },
    { "InvoiceHeader/Corrective/ReasonDescription", TERM_NOTE, NULL },
    { "InvoiceIssueData/IssueDate", TERM_ISSUE_DATE, NULL },
    { "InvoiceIssueData/InvoicingPeriod/StartDate", TERM_PERIOD_START, NULL },
    { "InvoiceIssueData/InvoicingPeriod/EndDate", TERM_PERIOD_END, NULL },
    { "InvoiceIssueData/InvoiceCurrencyCode", TERM_CURRENCY, NULL },
    { "TaxesOutputs/Tax", GROUP_VAT, tax_rules },
    { "InvoiceTotals", TERM_NONE, total_rules },
    { "Items/InvoiceLine", GROUP_LINE, line_rules },
    { "PaymentDetails/Installment", TERM_NONE, instalment_rules },
    { "LegalLiterals/LegalReference", TERM_NOTE, NULL },
    { "AdditionalData/InvoiceAdditionalInformation", TERM_NOTE, NULL },
    { "AdditionalData/RelatedDocuments/Attachment", GROUP_DOCUMENT, document_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule rules[] = {
    { "FileHeader/SchemaVersion", TERM_PROFILE, NULL },
    { "FileHeader/InvoiceIssuerType", TERM_SLOT(SLOT_ISSUER_TYPE), NULL },
    { "FileHeader/FactoringAssignmentData", TERM_NONE, factoring_rules },
    { "Parties/SellerParty", GROUP_SELLER, party_rules },
    { "Parties/BuyerParty", GROUP_BUYER, party_rules },
    { "Invoices/Invoice", GROUP_INVOICE, invoice_rules },
    { NULL, TERM_NONE, NULL },
};

/* ---- What the tables cannot say -------------------------------------------------------------------------------------- */

/* InvoiceIssuerType RE and InvoiceDocumentType AF (autofactura): made out by the buyer. InvoiceClass OR, CR: corrective.
 * PaymentMeans 02: direct debit. */
static void choose_kind(const Draft *draft, Invoice *invoice)
{
    static const char *const corrective[] = { "OR", "CR", NULL };
    const char *class = draft_slot(draft, SLOT_CLASS), *method = draft_slot(draft, SLOT_CORRECTION_METHOD);
    bool is_correction = class != NULL && g_strv_contains(corrective, class);
    Decimal due = invoice->totals.due;
    if (g_strcmp0(draft_slot(draft, SLOT_ISSUER_TYPE), "RE") == 0 || g_strcmp0(invoice->type_code, "AF") == 0)
        invoice->kind = INVOICE_KIND_SELF_BILLED;
    else if (is_correction && (!due.is_known || decimal_compare(due, decimal_of(0)) <= 0))
        invoice->kind = INVOICE_KIND_CREDIT;
    else if (g_strcmp0(invoice->means_code, "02") == 0)
        invoice->kind = INVOICE_KIND_DIRECT_DEBIT;
    /* Method 02 states the difference; every other one may state the whole again, of which a part may be paid. */
    if (is_correction && invoice->kind == INVOICE_KIND_BILL && g_strcmp0(method, "02") != 0)
        invoice_add_check(invoice, "correction", INVOICE_HOLD,
            "This invoice replaces an earlier one: what is left to pay depends on what was paid of that one.");
}

/* "FC/OO": complete, original. */
static void join_type(const Draft *draft, Invoice *invoice)
{
    const char *class = draft_slot(draft, SLOT_CLASS);
    if (invoice->type_code == NULL || class == NULL)
        return;
    g_autofree char *joined = g_strdup_printf("%s/%s", invoice->type_code, class);
    g_free(invoice->type_code);
    invoice->type_code = text_clean(span_of(joined), INVOICE_TEXT_MAX);
}

static void tell(Invoice *invoice, const char *what, const char *value)
{
    invoice_list_add_text(invoice, offsetof(Invoice, notes), g_strdup_printf("%s: %s", what, value));
}

static void finish(Draft *draft, Invoice *invoice)
{
    Decimal withheld = draft_sum(draft, SUM_WITHHELD);
    if (withheld.is_known && decimal_compare(withheld, decimal_of(0)) != 0) {
        char text[DECIMAL_TEXT_MAX];
        decimal_format(withheld, text);
        tell(invoice, "Tax withheld by the payer", text);
    }
    if (!invoice->totals.due.is_known)
        invoice->totals.due = draft_sum(draft, SUM_OUTSTANDING);
    choose_kind(draft, invoice);
    join_type(draft, invoice);
}

const XmlFormat facturae_invoice = { "Facturae", "Facturae",
    "http://www.facturae.es/Facturae/* http://www.facturae.gob.es/formato/Versiones/Facturaev3*", namespaces, rules, finish };
