/* UBL: the habits of its versions and the traps of its national uses. */
#include "xml_fixture.h"

#define NAMESPACE "urn:oasis:names:specification:ubl:schema:xsd:"
#define NAMES "xmlns:a='" NAMESPACE "CommonAggregateComponents-2' xmlns:b='" NAMESPACE "CommonBasicComponents-2'"

static const char document[]
    = "<Invoice xmlns='" NAMESPACE "Invoice-2' " NAMES "><b:CustomizationID>urn:cen.eu:en16931:2017</b:CustomizationID>"
      "<b:ID>F-7</b:ID><b:IssueDate>2026-06-08+02:00</b:IssueDate><b:DueDate>2026-07-08</b:DueDate>"
      "<b:InvoiceTypeCode>380</b:InvoiceTypeCode><b:Note>Thanks</b:Note><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>"
      "<a:InvoicePeriod><b:StartDate>2026-05-01</b:StartDate></a:InvoicePeriod><a:AdditionalDocumentReference><b:ID>D</b:ID>"
      "<a:Attachment><b:EmbeddedDocumentBinaryObject mimeCode='text/csv' filename='x.csv'>eA==</b:EmbeddedDocumentBinaryObject>"
      "</a:Attachment></a:AdditionalDocumentReference><a:AccountingSupplierParty><a:Party><a:PartyName><b:Name>Shop</b:Name>"
      "</a:PartyName><a:PartyTaxScheme><b:CompanyID>Approved</b:CompanyID><a:TaxScheme><b:ID>TAX</b:ID></a:TaxScheme>"
      "</a:PartyTaxScheme><a:PartyTaxScheme><b:CompanyID>SE1234</b:CompanyID><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme>"
      "</a:PartyTaxScheme><a:PartyLegalEntity><b:RegistrationName>Seller Ltd</b:RegistrationName></a:PartyLegalEntity></a:Party>"
      "</a:AccountingSupplierParty><a:AccountingCustomerParty><a:Party><a:PartyName><b:Name>Buyer</b:Name></a:PartyName></a:Party>"
      "</a:AccountingCustomerParty><a:PaymentMeans><b:PaymentMeansCode>58</b:PaymentMeansCode><b:PaymentDueDate>2026-07-31"
      "</b:PaymentDueDate><b:PaymentID>K12</b:PaymentID><a:PayeeFinancialAccount><b:ID>SE12 3412</b:ID></a:PayeeFinancialAccount>"
      "<a:PaymentMandate><b:ID>M</b:ID><a:PayerFinancialAccount><b:ID>SE99</b:ID></a:PayerFinancialAccount></a:PaymentMandate>"
      "</a:PaymentMeans><a:PaymentMeans><b:PaymentMeansCode>30</b:PaymentMeansCode><a:PayeeFinancialAccount><b:ID>BG-5</b:ID>"
      "</a:PayeeFinancialAccount></a:PaymentMeans><a:AllowanceCharge><b:ChargeIndicator>1</b:ChargeIndicator>"
      "<b:Amount currencyID='EUR'>5</b:Amount></a:AllowanceCharge><a:AllowanceCharge><b:ChargeIndicator>0</b:ChargeIndicator>"
      "<b:Amount currencyID='EUR'>5</b:Amount></a:AllowanceCharge><a:TaxTotal><b:TaxAmount currencyID='SEK'>280</b:TaxAmount>"
      "</a:TaxTotal><a:TaxTotal><b:TaxAmount currencyID='EUR'>25</b:TaxAmount></a:TaxTotal><a:LegalMonetaryTotal>"
      "<b:LineExtensionAmount currencyID='EUR'>100</b:LineExtensionAmount><b:TaxInclusiveAmount currencyID='EUR'>125</b:TaxInclusiveAmount>"
      "<b:PrepaidAmount currencyID='EUR'>25</b:PrepaidAmount><b:PayableAmount currencyID='EUR'>100.00</b:PayableAmount>"
      "</a:LegalMonetaryTotal><a:InvoiceLine><b:ID>1</b:ID><b:InvoicedQuantity unitCode='C62'>1</b:InvoicedQuantity>"
      "<b:LineExtensionAmount currencyID='EUR'>100</b:LineExtensionAmount><a:AllowanceCharge><b:Amount>1</b:Amount></a:AllowanceCharge>"
      "<a:Item><b:Name>Thing</b:Name></a:Item></a:InvoiceLine></Invoice>";

static void test_all(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->format, ==, "UBL Invoice");
    g_assert_cmpstr(invoice->number, ==, "F-7");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-06-08"); /* its zone is none of ours */
    g_assert_cmpstr(invoice->due_date, ==, "2026-07-08");
    g_assert_cmpuint(invoice->due_dates->len, ==, 2);
    g_assert_cmpstr(invoice->seller.name, ==, "Seller Ltd");
    g_assert_cmpstr(invoice->seller.trading_name, ==, "Shop");
    g_assert_cmpstr(invoice->seller.vat_id, ==, "SE1234");
    g_assert_cmpstr(invoice->seller.tax_id, ==, "Approved");
    g_assert_cmpstr(invoice->buyer.name, ==, "Buyer"); /* UBL 2.0: only a PartyName */
    g_assert_cmpstr(invoice->remittance, ==, "K12");
    g_assert_cmpstr(invoice->payer_account, ==, "SE99");
    g_assert_cmpuint(invoice->accounts->len, ==, 2);
    g_assert_cmpstr(((InvoiceAccount *)invoice->accounts->pdata[0])->number, ==, "SE123412");
    g_assert_cmpuint(invoice->adjustments->len, ==, 2); /* none of a line's */
    g_assert_true(((InvoiceAdjustment *)invoice->adjustments->pdata[0])->is_charge);
    g_assert_false(((InvoiceAdjustment *)invoice->adjustments->pdata[1])->is_charge);
    xml_expect_decimal(invoice->totals.vat, "25");
    xml_expect_decimal(invoice->totals.prepaid, "25");
    g_assert_cmpint(invoice->amount_due.minor, ==, 10000);
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_BILL);
    g_assert_cmpstr(((InvoiceDocument *)invoice->documents->pdata[0])->name, ==, "x.csv");
    g_assert_cmpuint(invoice->line_count, ==, 1);
}

static void test_kinds(void)
{
    g_autoptr(Invoice) self_billed = xml_read_edited(document, ">380<", ">389<");
    g_autoptr(Invoice) debit = xml_read_edited(document, ">58<", ">59<");
    g_assert_cmpint(self_billed->kind, ==, INVOICE_KIND_SELF_BILLED);
    g_assert_cmpint(debit->kind, ==, INVOICE_KIND_DIRECT_DEBIT);
    g_autoptr(Invoice) credit = xml_read_one("<c:CreditNote xmlns:c='" NAMESPACE "CreditNote-2' " NAMES "><b:ID>C</b:ID>"
        "<a:LegalMonetaryTotal><b:PayableAmount currencyID='EUR'>5</b:PayableAmount></a:LegalMonetaryTotal></c:CreditNote>");
    g_assert_cmpint(credit->kind, ==, INVOICE_KIND_CREDIT); /* though it is positive and has no type code */
    g_assert_cmpint(find_check(credit, "kind")->severity, ==, INVOICE_HOLD);
}

/* UBL 2.0 */
static void test_old_habits(void)
{
    g_autofree char *undated = xml_edited(document, "<b:DueDate>2026-07-08</b:DueDate>", "");
    g_autoptr(Invoice) means = xml_read_one(undated);
    g_assert_cmpstr(means->due_date, ==, "2026-07-31");
    g_autoptr(Invoice) currency = xml_read_edited(document, "<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>", "");
    g_assert_cmpstr(currency->amount_due.currency, ==, "EUR");
    g_autoptr(Invoice) name = xml_read_edited(document, "<b:RegistrationName>Seller Ltd</b:RegistrationName>", "");
    g_assert_cmpstr(name->seller.name, ==, "Shop");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ubl/all", test_all);
    g_test_add_func("/ubl/kinds", test_kinds);
    g_test_add_func("/ubl/old-habits", test_old_habits);
    return g_test_run();
}
