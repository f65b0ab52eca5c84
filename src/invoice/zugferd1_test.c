/* ZUGFeRD 1: its own names around the parts of CII. What the parts hold is tested with CII. */
#include "xml_fixture.h"

#define TOTAL(name, amount) "<a:" name " currencyID='EUR'>" amount "</a:" name ">"

static const char document[]
    = "<?xml version='1.0' encoding='UTF-8'?><r:CrossIndustryDocument xmlns:r='urn:ferd:CrossIndustryDocument:invoice:1p0' "
      "xmlns:a='urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12' "
      "xmlns:u='urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15'><r:SpecifiedExchangedDocumentContext>"
      "<a:TestIndicator><u:Indicator>true</u:Indicator></a:TestIndicator><a:GuidelineSpecifiedDocumentContextParameter>"
      "<a:ID>urn:ferd:CrossIndustryDocument:invoice:1p0:comfort</a:ID></a:GuidelineSpecifiedDocumentContextParameter>"
      "</r:SpecifiedExchangedDocumentContext><r:HeaderExchangedDocument><a:ID>471102</a:ID><a:Name>RECHNUNG</a:Name>"
      "<a:TypeCode>380</a:TypeCode><a:IssueDateTime><u:DateTimeString format='102'>20140711</u:DateTimeString></a:IssueDateTime>"
      "<a:IncludedNote><a:Content>Hinweis</a:Content></a:IncludedNote></r:HeaderExchangedDocument>"
      "<r:SpecifiedSupplyChainTradeTransaction><a:ApplicableSupplyChainTradeAgreement><a:SellerTradeParty><a:Name>Bei Spiel GmbH"
      "</a:Name><a:SpecifiedTaxRegistration><a:ID schemeID='FC'>22/815</a:ID></a:SpecifiedTaxRegistration>"
      "<a:SpecifiedTaxRegistration><a:ID schemeID='VA'>DE136695976</a:ID></a:SpecifiedTaxRegistration></a:SellerTradeParty>"
      "<a:BuyerTradeParty><a:Name>Theodor Est</a:Name></a:BuyerTradeParty><a:BuyerOrderReferencedDocument><a:ID>O-2</a:ID>"
      "</a:BuyerOrderReferencedDocument></a:ApplicableSupplyChainTradeAgreement><a:ApplicableSupplyChainTradeSettlement>"
      "<a:PaymentReference>471102</a:PaymentReference><a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>"
      "<a:SpecifiedTradeSettlementPaymentMeans><a:TypeCode>31</a:TypeCode><a:PayeePartyCreditorFinancialAccount>"
      "<a:IBANID>DE88200800000970375700</a:IBANID></a:PayeePartyCreditorFinancialAccount>"
      "<a:PayeeSpecifiedCreditorFinancialInstitution><a:BICID>DRESDEFF200</a:BICID><a:Name>Bank</a:Name>"
      "</a:PayeeSpecifiedCreditorFinancialInstitution></a:SpecifiedTradeSettlementPaymentMeans><a:ApplicableTradeTax>"
      TOTAL("CalculatedAmount", "19.00") "<a:TypeCode>VAT</a:TypeCode>" TOTAL("BasisAmount", "100.00")
      "<a:CategoryCode>S</a:CategoryCode><a:ApplicablePercent>19.00</a:ApplicablePercent></a:ApplicableTradeTax>"
      "<a:SpecifiedTradePaymentTerms><a:Description>netto</a:Description><a:DueDateDateTime>"
      "<u:DateTimeString format='102'>20140801</u:DateTimeString></a:DueDateDateTime></a:SpecifiedTradePaymentTerms>"
      "<a:SpecifiedTradeSettlementMonetarySummation>" TOTAL("LineTotalAmount", "100.00") TOTAL("ChargeTotalAmount", "0.00")
      TOTAL("AllowanceTotalAmount", "0.00") TOTAL("TaxBasisTotalAmount", "100.00") TOTAL("TaxTotalAmount", "19.00")
      TOTAL("GrandTotalAmount", "119.00") TOTAL("TotalPrepaidAmount", "19.00") TOTAL("DuePayableAmount", "100.00")
      "</a:SpecifiedTradeSettlementMonetarySummation></a:ApplicableSupplyChainTradeSettlement>"
      "<a:IncludedSupplyChainTradeLineItem><a:AssociatedDocumentLineDocument><a:LineID>1</a:LineID></a:AssociatedDocumentLineDocument>"
      "<a:SpecifiedSupplyChainTradeAgreement><a:NetPriceProductTradePrice>" TOTAL("ChargeAmount", "50.00")
      "</a:NetPriceProductTradePrice></a:SpecifiedSupplyChainTradeAgreement><a:SpecifiedSupplyChainTradeDelivery>"
      "<a:BilledQuantity unitCode='HUR'>2.0000</a:BilledQuantity></a:SpecifiedSupplyChainTradeDelivery>"
      "<a:SpecifiedSupplyChainTradeSettlement><a:ApplicableTradeTax><a:CategoryCode>S</a:CategoryCode>"
      "<a:ApplicablePercent>19.00</a:ApplicablePercent></a:ApplicableTradeTax><a:SpecifiedTradeSettlementMonetarySummation>"
      TOTAL("LineTotalAmount", "100.00") "</a:SpecifiedTradeSettlementMonetarySummation></a:SpecifiedSupplyChainTradeSettlement>"
      "<a:SpecifiedTradeProduct><a:Name>Beratung</a:Name></a:SpecifiedTradeProduct></a:IncludedSupplyChainTradeLineItem>"
      "<a:IncludedSupplyChainTradeLineItem><a:AssociatedDocumentLineDocument><a:IncludedNote><a:Content>nur Text</a:Content>"
      "</a:IncludedNote></a:AssociatedDocumentLineDocument></a:IncludedSupplyChainTradeLineItem>"
      "</r:SpecifiedSupplyChainTradeTransaction></r:CrossIndustryDocument>";

static void test_all(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->format, ==, "ZUGFeRD 1");
    g_assert_cmpstr(invoice->profile, ==, "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort");
    g_assert_cmpstr(invoice->number, ==, "471102");
    g_assert_cmpstr(invoice->type_code, ==, "380");
    g_assert_cmpstr(invoice->issue_date, ==, "2014-07-11");
    g_assert_cmpstr(invoice->due_date, ==, "2014-08-01");
    g_assert_cmpstr(invoice->notes->pdata[0], ==, "Hinweis");
    g_assert_cmpstr(invoice->seller.name, ==, "Bei Spiel GmbH");
    g_assert_cmpstr(invoice->seller.vat_id, ==, "DE136695976");
    g_assert_cmpstr(invoice->seller.tax_id, ==, "22/815");
    g_assert_cmpstr(invoice->buyer.name, ==, "Theodor Est");
    g_assert_cmpstr(invoice->order_reference, ==, "O-2");
    g_assert_cmpstr(invoice->remittance, ==, "471102");
    g_assert_cmpstr(invoice->means_code, ==, "31");
    const InvoiceAccount *account = invoice->accounts->pdata[0];
    g_assert_cmpstr(account->number, ==, "DE88200800000970375700");
    g_assert_cmpstr(account->bic, ==, "DRESDEFF200");
    g_assert_cmpint(invoice->total.minor, ==, 11900);
    g_assert_cmpint(invoice->amount_due.minor, ==, 10000);
    xml_expect_decimal(invoice->totals.lines, "100");
    xml_expect_decimal(invoice->totals.vat, "19");
    xml_expect_decimal(invoice->totals.prepaid, "19");
    const InvoiceVat *vat = invoice->vat->pdata[0];
    g_assert_cmpstr(vat->rate, ==, "19.00");
    xml_expect_decimal(vat->base, "100");
}

static void test_lines(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpuint(invoice->line_count, ==, 2);
    const InvoiceLine *line = invoice->lines->pdata[0], *remark = invoice->lines->pdata[1];
    g_assert_cmpstr(line->id, ==, "1");
    g_assert_cmpstr(line->name, ==, "Beratung");
    g_assert_cmpstr(line->unit, ==, "HUR");
    g_assert_cmpstr(line->vat_rate, ==, "19.00");
    xml_expect_decimal(line->quantity, "2");
    xml_expect_decimal(line->price, "50");
    xml_expect_decimal(line->net, "100");
    g_assert_cmpstr(remark->description, ==, "nur Text");
    g_assert_false(remark->net.is_known);
}

static void test_dates(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "format='102'>20140711<", "format='1020'>20140711<");
    g_assert_null(invoice->issue_date);
    g_assert_nonnull(find_check(invoice, "value"));
    g_assert_cmpstr(invoice->due_date, ==, "2014-08-01");
}

/* Amounts name a currency each, but the invoice names none: it is uncertain, not EUR. */
static void test_no_currency(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "<a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>",
        "<a:InvoiceCurrencyCode/>");
    g_assert_true(money_is_none(invoice->amount_due));
    g_assert_cmpint(find_check(invoice, "PAY-001")->severity, ==, INVOICE_HOLD);
    xml_expect_decimal(invoice->totals.due, "100");
}

/* A basic profile may leave the amount due out: the grand total is no substitute, since something may be prepaid. */
static void test_no_amount_due(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, TOTAL("DuePayableAmount", "100.00"), "");
    g_assert_true(money_is_none(invoice->amount_due));
    g_assert_cmpint(invoice->total.minor, ==, 11900);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zugferd1/all", test_all);
    g_test_add_func("/zugferd1/lines", test_lines);
    g_test_add_func("/zugferd1/dates", test_dates);
    g_test_add_func("/zugferd1/no-currency", test_no_currency);
    g_test_add_func("/zugferd1/no-amount-due", test_no_amount_due);
    return g_test_run();
}
