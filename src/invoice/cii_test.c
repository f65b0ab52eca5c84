/* CII: every member of the model, and the traps of its profiles. */
#include "xml_fixture.h"

#include "base/error.h"

#define RSM "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
#define NAMES "xmlns:r='" RSM "' xmlns:a='urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100' " \
              "xmlns:u='urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100'"

#define DATE(name, date) "<a:" name "><u:DateTimeString format='102'>" date "</u:DateTimeString></a:" name ">"
#define TERMS(inside) "<a:SpecifiedTradePaymentTerms>" inside "</a:SpecifiedTradePaymentTerms>"
#define MEANS(inside) "<a:SpecifiedTradeSettlementPaymentMeans>" inside "</a:SpecifiedTradeSettlementPaymentMeans>"
#define ACCOUNT(inside) "<a:PayeePartyCreditorFinancialAccount>" inside "</a:PayeePartyCreditorFinancialAccount>"
#define BIC(bic) \
    "<a:PayeeSpecifiedCreditorFinancialInstitution><a:BICID>" bic "</a:BICID></a:PayeeSpecifiedCreditorFinancialInstitution>"

#define LINE(id, status, net)                                                                                              \
    "<a:IncludedSupplyChainTradeLineItem><a:AssociatedDocumentLineDocument><a:LineID>" id "</a:LineID>" status              \
    "</a:AssociatedDocumentLineDocument><a:SpecifiedTradeProduct><a:Name>Thing " id "</a:Name><a:Description>Blue</a:Description>" \
    "</a:SpecifiedTradeProduct><a:SpecifiedLineTradeAgreement><a:GrossPriceProductTradePrice><a:ChargeAmount>9</a:ChargeAmount>" \
    "</a:GrossPriceProductTradePrice><a:NetPriceProductTradePrice><a:ChargeAmount>7.50</a:ChargeAmount>"                    \
    "</a:NetPriceProductTradePrice></a:SpecifiedLineTradeAgreement><a:SpecifiedLineTradeDelivery>"                         \
    "<a:BilledQuantity unitCode='C62'>2</a:BilledQuantity></a:SpecifiedLineTradeDelivery><a:SpecifiedLineTradeSettlement>"  \
    "<a:ApplicableTradeTax><a:TypeCode>VAT</a:TypeCode><a:CategoryCode>S</a:CategoryCode>"                                 \
    "<a:RateApplicablePercent>19</a:RateApplicablePercent></a:ApplicableTradeTax>"                                         \
    "<a:SpecifiedTradeAllowanceCharge><a:ActualAmount>1</a:ActualAmount><a:Reason>of the line</a:Reason>"                  \
    "</a:SpecifiedTradeAllowanceCharge><a:SpecifiedTradeSettlementLineMonetarySummation><a:LineTotalAmount>" net            \
    "</a:LineTotalAmount></a:SpecifiedTradeSettlementLineMonetarySummation></a:SpecifiedLineTradeSettlement>"              \
    "</a:IncludedSupplyChainTradeLineItem>"

#define AGREEMENT                                                                                                          \
    "<a:ApplicableHeaderTradeAgreement><a:BuyerReference>04011000-12</a:BuyerReference><a:SellerTradeParty><a:ID>549910</a:ID>" \
    "<a:GlobalID schemeID='0088'>4000001123452</a:GlobalID><a:Name>Lieferant GmbH</a:Name><a:SpecifiedLegalOrganization>"   \
    "<a:ID>HRB 1</a:ID><a:TradingBusinessName>Liefer</a:TradingBusinessName></a:SpecifiedLegalOrganization>"               \
    "<a:DefinedTradeContact><a:PersonName>Eva</a:PersonName><a:EmailURIUniversalCommunication><a:URIID>eva@liefer.example</a:URIID>" \
    "</a:EmailURIUniversalCommunication></a:DefinedTradeContact><a:PostalTradeAddress><a:PostcodeCode>80333</a:PostcodeCode>" \
    "<a:LineOne>Weg 20</a:LineOne><a:LineTwo>Haus 2</a:LineTwo><a:CityName>München</a:CityName><a:CountryID>DE</a:CountryID>" \
    "</a:PostalTradeAddress><a:URIUniversalCommunication><a:URIID schemeID='EM'>rechnung@liefer.example</a:URIID>"         \
    "</a:URIUniversalCommunication><a:SpecifiedTaxRegistration><a:ID schemeID='FC'>201/113/40209</a:ID>"                   \
    "</a:SpecifiedTaxRegistration><a:SpecifiedTaxRegistration><a:ID schemeID='VA'>DE123456789</a:ID>"                      \
    "</a:SpecifiedTaxRegistration></a:SellerTradeParty><a:BuyerTradeParty><a:Name>Kunden AG</a:Name>"                      \
    "<a:SpecifiedTaxRegistration><a:ID schemeID='VA'>DE987654321</a:ID></a:SpecifiedTaxRegistration></a:BuyerTradeParty>"  \
    "<a:SellerTaxRepresentativeTradeParty><a:Name>Vertreter</a:Name></a:SellerTaxRepresentativeTradeParty>"                \
    "<a:BuyerOrderReferencedDocument><a:IssuerAssignedID>B-77</a:IssuerAssignedID></a:BuyerOrderReferencedDocument>"       \
    "<a:AdditionalReferencedDocument><a:IssuerAssignedID>N-1</a:IssuerAssignedID><a:TypeCode>916</a:TypeCode>"             \
    "<a:Name>Stundenzettel</a:Name><a:AttachmentBinaryObject mimeCode='application/pdf' filename='stunden.pdf'>JVBERi0=" \
    "</a:AttachmentBinaryObject></a:AdditionalReferencedDocument></a:ApplicableHeaderTradeAgreement>"

#define DELIVERY                                                                                                            \
    "<a:ApplicableHeaderTradeDelivery><a:ShipToTradeParty><a:Name>Lager</a:Name></a:ShipToTradeParty>"                     \
    "<a:ActualDeliverySupplyChainEvent>" DATE("OccurrenceDateTime", "20260601") "</a:ActualDeliverySupplyChainEvent>"       \
    "</a:ApplicableHeaderTradeDelivery>"

#define PAYMENT                                                                                                             \
    MEANS("<a:TypeCode>58</a:TypeCode><a:PayerPartyDebtorFinancialAccount><a:IBANID>DE02 1203 0000 0000 2020 51</a:IBANID>" \
          "</a:PayerPartyDebtorFinancialAccount>"                                                                          \
          ACCOUNT("<a:IBANID>DE75 5121 0800 1245 1261 99</a:IBANID><a:AccountName>Lieferant</a:AccountName>"              \
                  "<a:ProprietaryID>1245126199</a:ProprietaryID>") BIC("SOGEDEFF"))                                         \
    MEANS("<a:TypeCode>30</a:TypeCode>" ACCOUNT("<a:ProprietaryID>44-55</a:ProprietaryID>"))                               \
    MEANS("<a:TypeCode>42</a:TypeCode>" ACCOUNT("<a:IBANID>DE75512108001245126199</a:IBANID>"))

#define TAX                                                                                                                 \
    "<a:ApplicableTradeTax><a:CalculatedAmount>2.85</a:CalculatedAmount><a:TypeCode>VAT</a:TypeCode><a:BasisAmount>15</a:BasisAmount>" \
    "<a:CategoryCode>S</a:CategoryCode><a:RateApplicablePercent>19.00</a:RateApplicablePercent></a:ApplicableTradeTax>"    \
    "<a:ApplicableTradeTax><a:CalculatedAmount>0</a:CalculatedAmount><a:TypeCode>VAT</a:TypeCode>"                         \
    "<a:ExemptionReason>Kleinunternehmer</a:ExemptionReason><a:BasisAmount>3</a:BasisAmount><a:CategoryCode>E</a:CategoryCode>" \
    "<a:RateApplicablePercent>0</a:RateApplicablePercent></a:ApplicableTradeTax>"

#define ADJUSTMENTS                                                                                                         \
    "<a:SpecifiedTradeAllowanceCharge><a:ChargeIndicator><u:Indicator>false</u:Indicator></a:ChargeIndicator>"             \
    "<a:ActualAmount>1.00</a:ActualAmount><a:Reason>Rabatt</a:Reason><a:CategoryTradeTax><a:CategoryCode>S</a:CategoryCode>" \
    "</a:CategoryTradeTax></a:SpecifiedTradeAllowanceCharge><a:SpecifiedTradeAllowanceCharge><a:ChargeIndicator>"          \
    "<u:Indicator>1</u:Indicator></a:ChargeIndicator><a:ActualAmount>2.00</a:ActualAmount><a:Reason>Fracht</a:Reason>"     \
    "</a:SpecifiedTradeAllowanceCharge><a:SpecifiedLogisticsServiceCharge><a:Description>Porto</a:Description>"            \
    "<a:AppliedAmount>3.00</a:AppliedAmount></a:SpecifiedLogisticsServiceCharge>"

#define TOTALS                                                                                                              \
    "<a:SpecifiedTradeSettlementHeaderMonetarySummation><a:LineTotalAmount>15.00</a:LineTotalAmount>"                      \
    "<a:ChargeTotalAmount>5.00</a:ChargeTotalAmount><a:AllowanceTotalAmount>1.00</a:AllowanceTotalAmount>"                 \
    "<a:TaxBasisTotalAmount>19.00</a:TaxBasisTotalAmount><a:TaxTotalAmount currencyID='CHF'>9.99</a:TaxTotalAmount>"       \
    "<a:TaxTotalAmount currencyID='EUR'>2.85</a:TaxTotalAmount><a:RoundingAmount>0.05</a:RoundingAmount>"                  \
    "<a:GrandTotalAmount>21.85</a:GrandTotalAmount><a:TotalPrepaidAmount>10.00</a:TotalPrepaidAmount>"                     \
    "<a:DuePayableAmount>11.90</a:DuePayableAmount></a:SpecifiedTradeSettlementHeaderMonetarySummation>"

static const char document[]
    = "<?xml version='1.0' encoding='UTF-8'?>\n<r:CrossIndustryInvoice " NAMES "><r:ExchangedDocumentContext>"
      "<a:BusinessProcessSpecifiedDocumentContextParameter><a:ID>urn:process</a:ID>"
      "</a:BusinessProcessSpecifiedDocumentContextParameter><a:GuidelineSpecifiedDocumentContextParameter>"
      "<a:ID>urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended</a:ID></a:GuidelineSpecifiedDocumentContextParameter>"
      "</r:ExchangedDocumentContext><r:ExchangedDocument><a:ID>R-2026/7</a:ID><a:TypeCode>380</a:TypeCode>"
      DATE("IssueDateTime", "20260608")
      "<a:IncludedNote><a:Content>Danke</a:Content><a:SubjectCode>REG</a:SubjectCode></a:IncludedNote><a:IncludedNote>"
      "<a:Content>Zweite\nNotiz</a:Content></a:IncludedNote></r:ExchangedDocument><r:SupplyChainTradeTransaction>"
      LINE("1", "<a:LineStatusReasonCode>DETAIL</a:LineStatusReasonCode>", "15.00")
      LINE("2", "<a:LineStatusReasonCode>GROUP</a:LineStatusReasonCode>", "40.00")
      LINE("3", "<a:ParentLineID>2</a:ParentLineID><a:LineStatusReasonCode>INFORMATION</a:LineStatusReasonCode>"
                "<a:IncludedNote><a:Content>only told</a:Content></a:IncludedNote>", "30.00")
      AGREEMENT DELIVERY "<a:ApplicableHeaderTradeSettlement><a:PaymentReference>R-2026/7 K12</a:PaymentReference>"
      "<a:TaxCurrencyCode>CHF</a:TaxCurrencyCode><a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>"
      "<a:InvoiceeTradeParty><a:Name>Zahler</a:Name></a:InvoiceeTradeParty><a:PayeeTradeParty><a:Name>Factoring SE</a:Name>"
      "</a:PayeeTradeParty>" PAYMENT TAX "<a:BillingSpecifiedPeriod>" DATE("StartDateTime", "20260501")
      DATE("EndDateTime", "20260531") "</a:BillingSpecifiedPeriod>" ADJUSTMENTS
      TERMS("<a:Description>2 % bis</a:Description>" DATE("DueDateDateTime", "20260615"))
      TERMS("<a:Description>netto</a:Description>" DATE("DueDateDateTime", "20260708") "<a:DirectDebitMandateID>M-1</a:DirectDebitMandateID>")
      TOTALS "<a:InvoiceReferencedDocument><a:IssuerAssignedID>R-2026/1</a:IssuerAssignedID><a:FormattedIssueDateTime>"
      "<u:DateTimeString format='102'>20260101</u:DateTimeString></a:FormattedIssueDateTime></a:InvoiceReferencedDocument>"
      "<a:SpecifiedAdvancePayment><a:PaidAmount>10.00</a:PaidAmount></a:SpecifiedAdvancePayment>"
      "</a:ApplicableHeaderTradeSettlement></r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>";

static void test_head(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->format, ==, "CII");
    g_assert_cmpstr(invoice->profile, ==, "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended");
    g_assert_cmpstr(invoice->number, ==, "R-2026/7");
    g_assert_cmpstr(invoice->type_code, ==, "380");
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_BILL);
    g_assert_cmpstr(invoice->issue_date, ==, "2026-06-08");
    g_assert_cmpstr(invoice->period_start, ==, "2026-05-01");
    g_assert_cmpstr(invoice->period_end, ==, "2026-05-31");
    g_assert_cmpstr(invoice->buyer_reference, ==, "04011000-12");
    g_assert_cmpstr(invoice->order_reference, ==, "B-77");
    g_assert_cmpstr(invoice->preceding_number, ==, "R-2026/1");
    g_assert_cmpuint(invoice->notes->len, ==, 2);
    g_assert_cmpstr(invoice->notes->pdata[0], ==, "Danke");
    g_assert_cmpuint(invoice->documents->len, ==, 1);
    const InvoiceDocument *attached = invoice->documents->pdata[0];
    g_assert_cmpstr(attached->id, ==, "N-1");
    g_assert_cmpstr(attached->description, ==, "Stundenzettel");
    g_assert_cmpstr(attached->name, ==, "stunden.pdf");
    g_assert_cmpstr(attached->media_type, ==, "application/pdf");
}

static void test_parties(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->seller.name, ==, "Lieferant GmbH");
    g_assert_cmpstr(invoice->seller.trading_name, ==, "Liefer");
    g_assert_cmpstr(invoice->seller.vat_id, ==, "DE123456789");
    g_assert_cmpstr(invoice->seller.tax_id, ==, "201/113/40209");
    g_assert_cmpstr(invoice->seller.legal_id, ==, "HRB 1");
    g_assert_cmpstr(invoice->seller.email, ==, "eva@liefer.example");
    g_assert_cmpstr(invoice->seller.endpoint, ==, "rechnung@liefer.example");
    g_assert_cmpstr(invoice->seller.address, ==, "Weg 20, Haus 2, 80333 München");
    g_assert_cmpstr(invoice->seller.country, ==, "DE");
    g_assert_cmpstr(invoice->buyer.name, ==, "Kunden AG");
    g_assert_cmpstr(invoice->buyer.vat_id, ==, "DE987654321");
    g_assert_cmpstr(invoice->payee.name, ==, "Factoring SE");
    g_assert_null(invoice->payee.vat_id);
}

static void test_payment(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->means_code, ==, "58");
    g_assert_cmpstr(invoice->remittance, ==, "R-2026/7 K12");
    g_assert_cmpstr(invoice->mandate, ==, "M-1");
    g_assert_cmpstr(invoice->payer_account, ==, "DE02 1203 0000 0000 2020 51");
    g_assert_cmpuint(invoice->accounts->len, ==, 3); /* the third means names the first account again */
    const InvoiceAccount *iban = invoice->accounts->pdata[0], *national = invoice->accounts->pdata[1],
                         *other = invoice->accounts->pdata[2];
    g_assert_cmpstr(iban->number, ==, "DE75512108001245126199");
    g_assert_cmpstr(iban->bic, ==, "SOGEDEFF");
    g_assert_cmpstr(iban->name, ==, "Lieferant");
    g_assert_cmpstr(national->number, ==, "1245126199");
    g_assert_cmpstr(other->number, ==, "44-55");
    g_assert_cmpuint(invoice->due_dates->len, ==, 2);
    g_assert_cmpstr(invoice->due_date, ==, "2026-06-15");
    g_assert_cmpstr(invoice->due_dates->pdata[1], ==, "2026-07-08");
    g_assert_cmpstr(invoice->payment_terms, ==, "2 % bis; netto");
}

static void test_amounts(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpint(invoice->total.minor, ==, 2185);
    g_assert_cmpint(invoice->amount_due.minor, ==, 1190);
    g_assert_cmpstr(invoice->amount_due.currency, ==, "EUR");
    xml_expect_decimal(invoice->totals.lines, "15");
    xml_expect_decimal(invoice->totals.charges, "5");
    xml_expect_decimal(invoice->totals.allowances, "1");
    xml_expect_decimal(invoice->totals.without_vat, "19");
    xml_expect_decimal(invoice->totals.vat, "2.85");
    xml_expect_decimal(invoice->totals.rounding, "0.05");
    xml_expect_decimal(invoice->totals.prepaid, "10");
    g_assert_cmpuint(invoice->vat->len, ==, 2);
    const InvoiceVat *exempt = invoice->vat->pdata[1];
    g_assert_cmpstr(exempt->category, ==, "E");
    g_assert_cmpstr(exempt->rate, ==, "0");
    g_assert_cmpstr(exempt->reason, ==, "Kleinunternehmer");
    xml_expect_decimal(exempt->base, "3");
    g_assert_cmpuint(invoice->adjustments->len, ==, 3); /* none of a line's */
    const InvoiceAdjustment *allowance = invoice->adjustments->pdata[0], *charge = invoice->adjustments->pdata[1],
                            *logistics = invoice->adjustments->pdata[2];
    g_assert_false(allowance->is_charge);
    g_assert_cmpstr(allowance->reason, ==, "Rabatt");
    g_assert_true(charge->is_charge);
    g_assert_true(logistics->is_charge);
    g_assert_cmpstr(logistics->reason, ==, "Porto");
    xml_expect_decimal(logistics->amount, "3");
}

static void test_lines(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpuint(invoice->line_count, ==, 3);
    const InvoiceLine *line = invoice->lines->pdata[0], *group = invoice->lines->pdata[1], *told = invoice->lines->pdata[2];
    g_assert_cmpstr(line->id, ==, "1");
    g_assert_cmpstr(line->name, ==, "Thing 1");
    g_assert_cmpstr(line->description, ==, "Blue");
    g_assert_cmpstr(line->unit, ==, "C62");
    g_assert_cmpstr(line->vat_category, ==, "S");
    g_assert_cmpstr(line->vat_rate, ==, "19");
    xml_expect_decimal(line->quantity, "2");
    xml_expect_decimal(line->price, "7.5");
    xml_expect_decimal(line->net, "15");
    g_assert_false(line->is_group);
    g_assert_true(group->is_group);
    g_assert_true(told->is_group);
    g_assert_cmpstr(told->description, ==, "only told");
    g_assert_null(find_check(invoice, "BR-CO-10")); /* 15 = 15; with the group and the remark it would be 85 */
}

/* ---- Traps ---- */

static void expect_kind(const char *from, const char *to, InvoiceKind kind)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, from, to);
    g_assert_cmpint(invoice->kind, ==, kind);
    g_assert_cmpint(find_check(invoice, "kind")->severity, ==, INVOICE_HOLD);
}

static void test_kinds(void)
{
    expect_kind(">380<", ">389<", INVOICE_KIND_SELF_BILLED);
    expect_kind(">380<", ">261<", INVOICE_KIND_SELF_BILLED);
    expect_kind(">380<", ">527<", INVOICE_KIND_SELF_BILLED);
    expect_kind(">380<", ">381<", INVOICE_KIND_CREDIT);
    expect_kind("<a:TypeCode>58<", "<a:TypeCode>59<", INVOICE_KIND_DIRECT_DEBIT);
    expect_kind("<a:TypeCode>58<", "<a:TypeCode>49<", INVOICE_KIND_DIRECT_DEBIT);
}

static void test_nothing_due(void)
{
    g_autoptr(Invoice) zero = xml_read_edited(document, "<a:DuePayableAmount>11.90<", "<a:DuePayableAmount>0.00<");
    g_assert_cmpint(find_check(zero, "amount")->severity, ==, INVOICE_HOLD);
    g_autoptr(Invoice) negative = xml_read_edited(document, "<a:DuePayableAmount>11.90<", "<a:DuePayableAmount>-8.79<");
    g_assert_cmpint(find_check(negative, "amount")->severity, ==, INVOICE_HOLD);
    g_assert_cmpint(negative->amount_due.minor, ==, -879);
}

static void expect_no_issue_date(const char *date)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "format='102'>20260608<", date);
    g_assert_null(invoice->issue_date);
    g_assert_cmpint(find_check(invoice, "value")->severity, ==, INVOICE_WARN);
    g_assert_nonnull(strstr(find_check(invoice, "value")->text, "DateTimeString"));
    g_assert_cmpstr(invoice->period_start, ==, "2026-05-01"); /* and no date after it is lost */
}

static void test_dates(void)
{
    expect_no_issue_date("format='1020'>20260608<");
    expect_no_issue_date("format='610'>202606<");
    expect_no_issue_date("format='616'>202623<");
    expect_no_issue_date("format='102'>20260631<");
    expect_no_issue_date("format='102'>soon<");
    g_autoptr(Invoice) bare = xml_read_edited(document, " format='102'>20260608<", ">2026-06-08+02:00<");
    g_assert_cmpstr(bare->issue_date, ==, "2026-06-08");
    g_autoptr(Invoice) empty = xml_read_edited(document, "format='102'>20260608<", "format='203'><");
    g_assert_null(empty->issue_date);
    g_assert_cmpstr(empty->due_date, ==, "2026-06-15"); /* the format of an empty date is not the next one's */
}

static void test_missing(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "<a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>",
        "<a:InvoiceCurrencyCode/>");
    g_assert_true(money_is_none(invoice->amount_due));
    g_assert_cmpint(find_check(invoice, "PAY-001")->severity, ==, INVOICE_HOLD);
    xml_expect_decimal(invoice->totals.due, "11.9");
    g_autoptr(Invoice) trading = xml_read_edited(document, "<a:Name>Lieferant GmbH</a:Name>", "");
    g_assert_cmpstr(trading->seller.name, ==, "Liefer");
}

/* A vertical or private extension must not speak for the invoice. */
static void test_foreign_elements(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "<a:ID>R-2026/7</a:ID>",
        "<x:ID xmlns:x='urn:x'>X</x:ID><ID>Y</ID><a:Extension><a:ID>Z</a:ID></a:Extension><a:ID>R-<!-- 1 -->2026<b/>/7</a:ID>");
    g_assert_cmpstr(invoice->number, ==, "R-2026/7");
    g_autofree char *other_root = xml_edited(document, "<r:CrossIndustryInvoice ", "<r:myinvoice ");
    other_root[strlen(other_root) - strlen("</r:CrossIndustryInvoice>")] = '\0';
    g_autofree char *closed = g_strconcat(other_root, "</r:myinvoice>", NULL);
    g_autoptr(Invoice) named_otherwise = xml_read_one(closed); /* the namespace decides */
    g_assert_cmpstr(named_otherwise->number, ==, "R-2026/7");
}

static void test_latin(void)
{
    g_autofree char *declared = xml_edited(document, "encoding='UTF-8'", "encoding='ISO-8859-15'"),
                    *latin = xml_edited(declared, "M\xC3\xBCnchen", "M\xFCnchen \xA4"),
                    *western = xml_edited(latin, "ISO-8859-15", "windows-1252"),
                    *western_euro = xml_edited(western, "\xA4", "\x80");
    g_autoptr(Invoice) iso = xml_read_one(latin);
    g_assert_cmpstr(iso->seller.address, ==, "Weg 20, Haus 2, 80333 München €");
    g_autoptr(Invoice) windows = xml_read_one(western_euro);
    g_assert_cmpstr(windows->seller.address, ==, "Weg 20, Haus 2, 80333 München €");
}

#define EMPTY(name, namespace) "<" name " xmlns='" namespace "'/>"

static void test_refused(void)
{
    g_autofree char *doctype = xml_edited(document, "?>\n", "?><!DOCTYPE r:CrossIndustryInvoice [<!ENTITY x 'y'>]>");
    xml_expect_refused(doctype, "DOCTYPE");
    xml_expect_refused("<r:CrossIndustryInvoice " NAMES "/>", "no invoice in the document");
    xml_expect_refused(
        EMPTY("SCRDMCCBDACIOMessageStructure", "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"),
        "an order (Order-X), not an invoice");
    xml_expect_refused(EMPTY("Order", "urn:oasis:names:specification:ubl:schema:xsd:Order-2"), "an order (UBL), not an invoice");
    xml_expect_refused(EMPTY("ApplicationResponse", "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"),
        "an acknowledgement of a document (UBL ApplicationResponse), not an invoice");
    xml_expect_refused(EMPTY("Catalogue", "urn:oasis:names:specification:ubl:schema:xsd:Catalogue-2"), "a catalogue");
    xml_expect_refused(EMPTY("CrossDomainAcknowledgementAndResponse",
                           "urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100"), "an acknowledgement");
    xml_expect_refused(EMPTY("Document", "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"), "a payment order");
    xml_expect_refused(EMPTY("Faktura", "urn:unknown"), "of no invoice format that is read here");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cii/head", test_head);
    g_test_add_func("/cii/parties", test_parties);
    g_test_add_func("/cii/payment", test_payment);
    g_test_add_func("/cii/amounts", test_amounts);
    g_test_add_func("/cii/lines", test_lines);
    g_test_add_func("/cii/kinds", test_kinds);
    g_test_add_func("/cii/nothing-due", test_nothing_due);
    g_test_add_func("/cii/dates", test_dates);
    g_test_add_func("/cii/missing", test_missing);
    g_test_add_func("/cii/foreign-elements", test_foreign_elements);
    g_test_add_func("/cii/latin", test_latin);
    g_test_add_func("/cii/refused", test_refused);
    return g_test_run();
}
