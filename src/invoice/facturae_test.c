/* Facturae: instalments, correctives, who made it out, whose account it is; several invoices in one batch. */
#include "xml_fixture.h"

#define HEADER(issuer, more) \
    "<FileHeader><SchemaVersion>3.2.2</SchemaVersion><InvoiceIssuerType>" issuer "</InvoiceIssuerType>" more "</FileHeader>" \
    "<Parties><SellerParty><TaxIdentification><TaxIdentificationNumber>A58818501</TaxIdentificationNumber></TaxIdentification>" \
    "<Individual><Name>Ana</Name><FirstSurname>Ruiz</FirstSurname><SecondSurname>Gil</SecondSurname><AddressInSpain><Address>" \
    "C/ Mayor 1</Address><PostCode>28001</PostCode><Town>Madrid</Town><CountryCode>ESP</CountryCode></AddressInSpain>" \
    "</Individual></SellerParty><BuyerParty><TaxIdentification><TaxIdentificationNumber>B63272603</TaxIdentificationNumber>" \
    "</TaxIdentification><LegalEntity><CorporateName>Beta SL</CorporateName><TradeName>Beta</TradeName></LegalEntity></BuyerParty>" \
    "</Parties>"

#define INSTALMENT(day, means, account) \
    "<Installment><InstallmentDueDate>" day "</InstallmentDueDate><InstallmentAmount>53.00</InstallmentAmount><PaymentMeans>" \
    means "</PaymentMeans>" account "<PaymentReconciliationReference>REF-1</PaymentReconciliationReference></Installment>"

#define CREDITED "<AccountToBeCredited><IBAN>ES91 2100 0418 4502 0005 1332</IBAN><BIC>CAIXESBBXXX</BIC></AccountToBeCredited>"
#define DEBITED "<AccountToBeDebited><IBAN>ES7921000813610123456789</IBAN></AccountToBeDebited>"

#define INVOICE(number, class, corrective, total, payments) \
    "<Invoice><InvoiceHeader><InvoiceNumber>" number "</InvoiceNumber><InvoiceSeriesCode>2026-</InvoiceSeriesCode>" \
    "<InvoiceDocumentType>FC</InvoiceDocumentType><InvoiceClass>" class "</InvoiceClass>" corrective "</InvoiceHeader>" \
    "<InvoiceIssueData><IssueDate>2026-02-01</IssueDate><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode></InvoiceIssueData>" \
    "<TaxesOutputs><Tax><TaxTypeCode>01</TaxTypeCode><TaxRate>21.00</TaxRate><TaxableBase><TotalAmount>100.00</TotalAmount>" \
    "</TaxableBase><TaxAmount><TotalAmount>21.00</TotalAmount></TaxAmount></Tax></TaxesOutputs><InvoiceTotals>" \
    "<TotalGrossAmount>110.00</TotalGrossAmount><GeneralDiscounts><Discount><DiscountReason>cliente</DiscountReason>" \
    "<DiscountAmount>15.00</DiscountAmount></Discount></GeneralDiscounts><GeneralSurcharges><Charge><ChargeReason>envío" \
    "</ChargeReason><ChargeAmount>5.00</ChargeAmount></Charge></GeneralSurcharges><TotalGeneralDiscounts>15.00" \
    "</TotalGeneralDiscounts><TotalGeneralSurcharges>5.00</TotalGeneralSurcharges><TotalGrossAmountBeforeTaxes>100.00" \
    "</TotalGrossAmountBeforeTaxes><TotalTaxOutputs>21.00</TotalTaxOutputs><TotalTaxesWithheld>15.00</TotalTaxesWithheld>" \
    "<InvoiceTotal>" total "</InvoiceTotal><TotalOutstandingAmount>" total "</TotalOutstandingAmount><TotalExecutableAmount>" \
    total "</TotalExecutableAmount></InvoiceTotals><Items><InvoiceLine><ItemDescription>Cosa</ItemDescription><Quantity>2.0" \
    "</Quantity><UnitPriceWithoutTax>60.00</UnitPriceWithoutTax><TotalCost>120.00</TotalCost><GrossAmount>110.00</GrossAmount>" \
    "<TaxesOutputs><Tax><TaxRate>21.00</TaxRate></Tax></TaxesOutputs></InvoiceLine></Items><PaymentDetails>" payments \
    "</PaymentDetails></Invoice>"

#define NAMESPACE "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"
#define ROOT(namespace, inside) \
    "<?xml version='1.0' encoding='UTF-8'?><fe:Facturae xmlns:fe='" namespace "'>" inside "</fe:Facturae>"
#define BATCH(invoices) "<Invoices>" invoices "</Invoices>"
#define PAYMENTS INSTALMENT("2026-03-01", "04", CREDITED) INSTALMENT("2026-04-01", "04", CREDITED)

static const char document[] = ROOT(NAMESPACE, HEADER("EM", "") BATCH(INVOICE("7", "OO", "", "106.00", PAYMENTS)));

static void test_all(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->format, ==, "Facturae");
    g_assert_cmpstr(invoice->profile, ==, "3.2.2");
    g_assert_cmpstr(invoice->type_code, ==, "FC/OO");
    g_assert_cmpstr(invoice->number, ==, "7");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-02-01");
    g_assert_cmpstr(invoice->due_date, ==, "2026-03-01");
    g_assert_cmpstr(invoice->due_dates->pdata[1], ==, "2026-04-01");
    g_assert_cmpstr(invoice->seller.name, ==, "Ana Ruiz Gil");
    g_assert_cmpstr(invoice->seller.vat_id, ==, "A58818501");
    g_assert_cmpstr(invoice->seller.country, ==, "ESP");
    g_assert_cmpstr(invoice->seller.address, ==, "C/ Mayor 1, 28001 Madrid");
    g_assert_cmpstr(invoice->buyer.name, ==, "Beta SL");
    g_assert_cmpstr(invoice->buyer.trading_name, ==, "Beta");
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_BILL);
    g_assert_cmpint(invoice->amount_due.minor, ==, 10600);
    g_assert_cmpuint(invoice->accounts->len, ==, 1);
    const InvoiceAccount *account = invoice->accounts->pdata[0];
    g_assert_cmpstr(account->number, ==, "ES9121000418450200051332");
    g_assert_cmpstr(account->bic, ==, "CAIXESBBXXX");
    g_assert_cmpstr(invoice->remittance, ==, "REF-1");
    g_assert_cmpuint(invoice->vat->len, ==, 1);
    xml_expect_decimal(((InvoiceLine *)invoice->lines->pdata[0])->net, "110");
    g_assert_cmpuint(invoice->adjustments->len, ==, 2);
    g_assert_false(((InvoiceAdjustment *)invoice->adjustments->pdata[0])->is_charge);
    g_assert_true(((InvoiceAdjustment *)invoice->adjustments->pdata[1])->is_charge);
    g_assert_cmpstr(invoice->notes->pdata[0], ==, "Tax withheld by the payer: 15.00");
    g_autofree char *identity = invoice_identity_number(invoice);
    g_assert_cmpstr(identity, ==, "2026-7");
}

static void test_versions(void)
{
    static const char *const namespaces[] = { "http://www.facturae.es/Facturae/2007/v3.0/Facturae",
        "http://www.facturae.es/Facturae/2007/v3.1/Facturae", "http://www.facturae.es/Facturae/2009/v3.2/Facturae",
        "http://www.facturae.es/Facturae/2014/v3.2.1/Facturae" };
    for (size_t i = 0; i < G_N_ELEMENTS(namespaces); i++) {
        g_autoptr(Invoice) invoice = xml_read_edited(document, NAMESPACE, namespaces[i]);
        g_assert_cmpstr(invoice->number, ==, "7");
    }
}

static InvoiceKind kind_of(const char *from, const char *to)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, from, to);
    return invoice->kind;
}

static void test_issuer(void)
{
    g_assert_cmpint(kind_of(">EM<", ">RE<"), ==, INVOICE_KIND_SELF_BILLED);
    g_assert_cmpint(kind_of(">FC<", ">AF<"), ==, INVOICE_KIND_SELF_BILLED);
    g_assert_cmpint(kind_of(">EM<", ">TE<"), ==, INVOICE_KIND_BILL);
}

/* The account that is credited is the seller's, the one that is debited the payer's own. */
static void test_direct_debit(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(ROOT(NAMESPACE,
        HEADER("EM", "") BATCH(INVOICE("7", "OO", "", "106.00", INSTALMENT("2026-03-01", "02", DEBITED)))));
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_DIRECT_DEBIT);
    g_assert_cmpuint(invoice->accounts->len, ==, 0);
    g_assert_cmpstr(invoice->payer_account, ==, "ES7921000813610123456789");
}

#define CORRECTIVE(method) \
    "<Corrective><InvoiceNumber>6</InvoiceNumber><ReasonDescription>precio</ReasonDescription><CorrectionMethod>" method \
    "</CorrectionMethod></Corrective>"

static void test_correctives(void)
{
    g_autoptr(Invoice) back = xml_read_one(
        ROOT(NAMESPACE, HEADER("EM", "") BATCH(INVOICE("7", "OR", CORRECTIVE("02"), "-106.00", ""))));
    g_assert_cmpint(back->kind, ==, INVOICE_KIND_CREDIT);
    g_assert_cmpstr(back->type_code, ==, "FC/OR");
    g_assert_cmpstr(back->preceding_number, ==, "6");
    g_autoptr(Invoice) difference = xml_read_one(
        ROOT(NAMESPACE, HEADER("EM", "") BATCH(INVOICE("7", "OR", CORRECTIVE("02"), "106.00", ""))));
    g_assert_cmpint(difference->kind, ==, INVOICE_KIND_BILL);
    g_assert_null(find_check(difference, "correction"));
    g_autoptr(Invoice) whole = xml_read_one(
        ROOT(NAMESPACE, HEADER("EM", "") BATCH(INVOICE("7", "CR", CORRECTIVE("01"), "106.00", ""))));
    g_assert_cmpint(whole->kind, ==, INVOICE_KIND_BILL);
    g_assert_cmpint(find_check(whole, "correction")->severity, ==, INVOICE_HOLD);
}

/* Who made it out, and to whom the claims were sold, is said once for the whole batch. */
static void test_batch(void)
{
    g_autoptr(GPtrArray) invoices = xml_read_all(ROOT(NAMESPACE,
        HEADER("RE",
            "<FactoringAssignmentData><Assignee><LegalEntity><CorporateName>Factor SA</CorporateName></LegalEntity></Assignee>"
            "<PaymentDetails><IBAN>ES7921000813610123456789</IBAN></PaymentDetails></FactoringAssignmentData>")
            BATCH(INVOICE("1", "OO", "", "106.00", PAYMENTS) INVOICE("2", "OO", "", "50.00", ""))));
    g_assert_cmpuint(invoices->len, ==, 2);
    for (unsigned i = 0; i < invoices->len; i++) {
        const Invoice *invoice = invoices->pdata[i];
        const InvoiceAccount *account = invoice->accounts->pdata[0];
        g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_SELF_BILLED);
        g_assert_cmpstr(invoice->seller.name, ==, "Ana Ruiz Gil");
        g_assert_cmpstr(invoice->payee.name, ==, "Factor SA");
        g_assert_cmpstr(account->number, ==, "ES7921000813610123456789");
        g_assert_true(account->is_factor);
        g_assert_cmpuint(invoice->accounts->len, ==, i == 0 ? 2 : 1);
    }
    g_assert_cmpstr(((Invoice *)invoices->pdata[1])->number, ==, "2");
    g_assert_cmpint(((Invoice *)invoices->pdata[1])->amount_due.minor, ==, 5000);
}

/* Without TotalExecutableAmount, what is outstanding. */
static void test_outstanding(void)
{
    g_autofree char *without = xml_edited(document, "<TotalExecutableAmount>106.00</TotalExecutableAmount>", "");
    g_autoptr(Invoice) invoice
        = xml_read_edited(without, "<TotalOutstandingAmount>106.00<", "<TotalOutstandingAmount>90.00<");
    g_assert_cmpint(invoice->amount_due.minor, ==, 9000);
    g_assert_cmpint(invoice->total.minor, ==, 10600);
}

static void test_encoding(void)
{
    g_autofree char *labelled = xml_edited(document, "UTF-8", "ISO-8859-15");
    g_autoptr(Invoice) invoice = xml_read_edited(labelled, "Beta SL", "Beta \xA4 Espa\xF1" "a");
    g_assert_cmpstr(invoice->buyer.name, ==, "Beta € España");
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/facturae/all", test_all);
    g_test_add_func("/facturae/versions", test_versions);
    g_test_add_func("/facturae/issuer", test_issuer);
    g_test_add_func("/facturae/direct debit", test_direct_debit);
    g_test_add_func("/facturae/correctives", test_correctives);
    g_test_add_func("/facturae/batch", test_batch);
    g_test_add_func("/facturae/outstanding", test_outstanding);
    g_test_add_func("/facturae/encoding", test_encoding);
    return g_test_run();
}
