/* A mail whose invoice is a file: UBL by a supplier that no biller stands behind. It is read and shown, and paid elsewhere.
 *
 * The amounts fit each other by the rules of EN 16931, so that no check has anything to say.
 */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "letter.h"
#include "sample_set.h"
#include "zone.h"

/* ---- The file -------------------------------------------------------------------------------- */

#define UBL "urn:oasis:names:specification:ubl:schema:xsd:"

/* Number, issue date, due date. */
static const char *const head_format =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<Invoice xmlns=\"" UBL "Invoice-2\" xmlns:cac=\"" UBL "CommonAggregateComponents-2\" xmlns:cbc=\"" UBL
    "CommonBasicComponents-2\">\n"
    "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>\n"
    "<cbc:ID>%s</cbc:ID>\n<cbc:IssueDate>%s</cbc:IssueDate>\n<cbc:DueDate>%s</cbc:DueDate>\n"
    "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>\n"
    "<cbc:Note>Drewno pochodzi z lasów z certyfikatem. Gwarancja na montaż: 36 miesięcy.</cbc:Note>\n"
    "<cbc:DocumentCurrencyCode>PLN</cbc:DocumentCurrencyCode>\n"
    "<cac:OrderReference><cbc:ID>ZAM/118</cbc:ID></cac:OrderReference>\n"
    "<cac:AdditionalDocumentReference><cbc:ID>PO-118</cbc:ID><cbc:DocumentDescription>Protokół odbioru montażu"
    "</cbc:DocumentDescription><cac:Attachment><cac:ExternalReference><cbc:URI>https://tartak-olszyna.example/po-118</cbc:URI>"
    "</cac:ExternalReference></cac:Attachment></cac:AdditionalDocumentReference>\n";

static const char *const parties =
    "<cac:AccountingSupplierParty><cac:Party><cac:PostalAddress><cbc:StreetName>ul. Leśna 4</cbc:StreetName>"
    "<cbc:CityName>Olszyna</cbc:CityName><cbc:PostalZone>59-830</cbc:PostalZone><cac:Country><cbc:IdentificationCode>PL"
    "</cbc:IdentificationCode></cac:Country></cac:PostalAddress>\n"
    "<cac:PartyTaxScheme><cbc:CompanyID>PL1234563218</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    "</cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>Tartak Olszyna sp. z o.o.</cbc:RegistrationName>"
    "</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>\n"
    "<cac:AccountingCustomerParty><cac:Party><cac:PostalAddress><cbc:StreetName>ul. Prosta 20</cbc:StreetName>"
    "<cbc:CityName>Warszawa</cbc:CityName><cbc:PostalZone>00-850</cbc:PostalZone><cac:Country><cbc:IdentificationCode>PL"
    "</cbc:IdentificationCode></cac:Country></cac:PostalAddress>\n"
    "<cac:PartyTaxScheme><cbc:CompanyID>PL1111111111</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    "</cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>Demo Company sp. z o.o.</cbc:RegistrationName>"
    "</cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>\n";

/* Number, for the transfer's title. The account is the example of the IBAN registry. */
static const char *const payment_format =
    "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>%s</cbc:PaymentID>"
    "<cac:PayeeFinancialAccount><cbc:ID>PL61109010140000071219812874</cbc:ID><cbc:Name>Tartak Olszyna sp. z o.o.</cbc:Name>"
    "</cac:PayeeFinancialAccount></cac:PaymentMeans>\n"
    "<cac:PaymentTerms><cbc:Note>Przelew w ciągu 14 dni. Zaliczka 4000,00 zł została już wpłacona.</cbc:Note></cac:PaymentTerms>\n";

#define AMOUNT(name, value) "<cbc:" name " currencyID=\"PLN\">" value "</cbc:" name ">"
#define CATEGORY(percent) \
    "<cbc:ID>S</cbc:ID><cbc:Percent>" percent "</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
#define SUBTOTAL(base, tax, percent) \
    "<cac:TaxSubtotal>" AMOUNT("TaxableAmount", base) AMOUNT("TaxAmount", tax) "<cac:TaxCategory>" CATEGORY(percent) \
    "</cac:TaxCategory></cac:TaxSubtotal>"
#define LINE(id, unit, quantity, net, text, percent, price) \
    "<cac:InvoiceLine><cbc:ID>" id "</cbc:ID><cbc:InvoicedQuantity unitCode=\"" unit "\">" quantity "</cbc:InvoicedQuantity>" \
    AMOUNT("LineExtensionAmount", net) "<cac:Item>" text "<cac:ClassifiedTaxCategory>" CATEGORY(percent) \
    "</cac:ClassifiedTaxCategory></cac:Item><cac:Price>" AMOUNT("PriceAmount", price) "</cac:Price></cac:InvoiceLine>\n"

static const char *const amounts =
    "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReason>Rabat dla stałego klienta"
    "</cbc:AllowanceChargeReason>" AMOUNT("Amount", "231.00") "<cac:TaxCategory>" CATEGORY("23") "</cac:TaxCategory>"
    "</cac:AllowanceCharge>\n"
    "<cac:TaxTotal>" AMOUNT("TaxAmount", "2204.80") SUBTOTAL("8000.00", "1840.00", "23") SUBTOTAL("4560.00", "364.80", "8")
    "</cac:TaxTotal>\n"
    "<cac:LegalMonetaryTotal>" AMOUNT("LineExtensionAmount", "12791.00") AMOUNT("TaxExclusiveAmount", "12560.00")
    AMOUNT("TaxInclusiveAmount", "14764.80") AMOUNT("AllowanceTotalAmount", "231.00") AMOUNT("PrepaidAmount", "4000.00")
    AMOUNT("PayableAmount", "10764.80") "</cac:LegalMonetaryTotal>\n"
    LINE("1", "MTK", "42.5", "6290.00", "<cbc:Description>Modrzew syberyjski, 28 × 145 mm, ryflowana jednostronnie"
        "</cbc:Description><cbc:Name>Deska tarasowa</cbc:Name>", "23", "148.00")
    LINE("2", "MTR", "96", "1401.60", "<cbc:Description>Modrzew, 45 × 70 mm</cbc:Description><cbc:Name>Legar</cbc:Name>", "23",
        "14.60")
    LINE("3", "C62", "6", "539.40", "<cbc:Name>Wkręty nierdzewne 5 × 60, opakowanie 200 szt.</cbc:Name>", "23", "89.90")
    LINE("4", "HUR", "38", "4560.00", "<cbc:Description>Budownictwo objęte społecznym programem mieszkaniowym</cbc:Description>"
        "<cbc:Name>Montaż tarasu</cbc:Name>", "8", "120.00")
    "</Invoice>\n";

static GBytes *ubl_invoice(const char *number, const char *issued, const char *due)
{
    GString *xml = g_string_new(NULL);
    g_string_append_printf(xml, head_format, number, issued, due);
    g_string_append(xml, parties);
    g_string_append_printf(xml, payment_format, number);
    g_string_append(xml, amounts);
    return g_string_free_to_bytes(xml);
}

/* ---- The mail -------------------------------------------------------------------------------- */

static const char *const text_format =
    "Dzień dobry,\n\nw załączniku przesyłamy fakturę %s za taras przy biurze: deski, legary i montaż.\n"
    "Do zapłaty pozostało 10 764,80 zł, termin płatności: %s.\n\nPozdrawiamy\nTartak Olszyna\n";

static GString *compose(const SampleSet *set, const char *number, int64_t sent_us)
{
    char issued[DATE_TEXT_MAX], due[DATE_TEXT_MAX];
    time_format_date(sent_us, issued);
    time_format_date(sent_us + 14 * US_PER_DAY, due);
    g_autoptr(GBytes) invoice = ubl_invoice(number, issued, due);
    g_autofree char *text = g_strdup_printf(text_format, number, due), *subject = g_strdup_printf("Faktura %s", number);
    g_autofree char *message_id = g_strdup_printf("%s@" ZONE_SUPPLIER_DOMAIN, id_new().text);
    g_autofree char *file_name = g_strdup_printf("faktura-%s.xml", number);
    Letter letter = { .from_name = "Tartak Olszyna", .from_address = "biuro@" ZONE_SUPPLIER_DOMAIN,
        .to_address = set->order->recipient, .subject = subject, .message_id = message_id, .date_us = sent_us, .text = text,
        .attachment = invoice, .attachment_name = file_name, .attachment_type = "application/xml" };
    return letter_compose(&letter);
}

bool samples_write_attached(SampleSet *set, GError **error)
{
    int64_t sent_us = set->now_us - 29 * US_PER_HOUR;
    g_autoptr(GDateTime) sent = g_date_time_new_from_unix_utc(sent_us / US_PER_SECOND);
    g_autofree char *number = g_strdup_printf("TO-%d-%03d401", g_date_time_get_year(sent), (int)set->run);
    GString *message = compose(set, number, sent_us);
    bool good = draft_sign(set->book, message, ZONE_SUPPLIER_DOMAIN, sent_us / US_PER_SECOND, 0);
    if (!good)
        error_set(error, SALDO_ERROR_IO, "the mail for invoice %s could not be signed with DKIM", number);
    good = good && sample_file_write(set, "attached-ubl.eml", message, "hold", "no_payment_action",
        "in Polish, PLN, the invoice is an XML file (UBL): shown, paid elsewhere", error);
    g_string_free(message, TRUE);
    return good;
}
