/* Reading XML invoices beside libxml2: a document into the whole invoice model (ours) and into a tree from which XPath
 * takes the fields that a card needs (the peer), in documents per second of CPU. The peer's paths are compiled once.
 *
 *   xml-bench [CORPUS]       generated documents, and the UBL and CII files of the corpus up to 100 KB
 *   xml-bench --write DIR    the generated documents as files
 *   xml-bench --rate FILE    documents per second of our reader alone
 *   xml-bench --paths        the peer's namespaces and paths (bench/xml_lxml.py reads all three)
 *
 * One process, one thread. Machines are shared and noisy: the figure that counts is the ratio of two rates of the same
 * round, and the median of five rounds. Exits 1 below the bar, 2 when the two do not read the same invoice. */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invoice/read_xml.h"
#include "measure.h"

enum { ROUNDS = 5, BATCH_MS = 60, WARM_UP = 3, FIELDS = 22, DOCUMENT_BYTES_MAX = 100 * 1024, NAMESPACES = 4 };
#define BAR 1.3

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

/* ---- What the peer looks for --------------------------------------------------------------------------------------- */

typedef struct Syntax {
    const char *name;
    const char *oracle; /* its formats in the corpus begin so */
    const char *namespaces[NAMESPACES][2];
    const char *paths[FIELDS]; /* the first is the number, the second the amount due */
} Syntax;

#define CEFACT "urn:un:unece:uncefact:data:standard:"
#define UBL "urn:oasis:names:specification:ubl:schema:xsd:"
#define DEAL "/*/rsm:SupplyChainTradeTransaction"
#define AGREE DEAL "/ram:ApplicableHeaderTradeAgreement"
#define SETTLE DEAL "/ram:ApplicableHeaderTradeSettlement"
#define SUM SETTLE "/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
#define PAY SETTLE "/ram:SpecifiedTradeSettlementPaymentMeans"

static const Syntax syntaxes[] = {
    { "UBL", "UBL-",
        { { "cac", UBL "CommonAggregateComponents-2" }, { "cbc", UBL "CommonBasicComponents-2" } },
        { "/*/cbc:ID", "/*/cac:LegalMonetaryTotal/cbc:PayableAmount", "/*/cbc:CustomizationID", "/*/cbc:IssueDate",
            "/*/cbc:DueDate|/*/cac:PaymentMeans/cbc:PaymentDueDate", "/*/cbc:InvoiceTypeCode|/*/cbc:CreditNoteTypeCode",
            "/*/cbc:DocumentCurrencyCode", "/*/cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
            "/*/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
            "/*/cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
            "/*/cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
            "/*/cac:PaymentMeans/cbc:PaymentMeansCode", "/*/cac:PaymentMeans/cbc:PaymentID",
            "/*/cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
            "/*/cac:PaymentMeans/cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID",
            "count(/*/cac:InvoiceLine|/*/cac:CreditNoteLine)", "/*/cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
            "/*/cac:TaxTotal/cbc:TaxAmount", "/*/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
            "/*/cac:LegalMonetaryTotal/cbc:PrepaidAmount", "/*/cac:LegalMonetaryTotal/cbc:PayableRoundingAmount",
            "/*/cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID" } },
    { "CII", "CII",
        { { "rsm", CEFACT "CrossIndustryInvoice:100" }, { "ram", CEFACT "ReusableAggregateBusinessInformationEntity:100" },
            { "udt", CEFACT "UnqualifiedDataType:100" } },
        { "/*/rsm:ExchangedDocument/ram:ID", SUM "/ram:DuePayableAmount",
            "/*/rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
            "/*/rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
            SETTLE "/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",
            "/*/rsm:ExchangedDocument/ram:TypeCode", SETTLE "/ram:InvoiceCurrencyCode", AGREE "/ram:SellerTradeParty/ram:Name",
            AGREE "/ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
            AGREE "/ram:BuyerTradeParty/ram:Name",
            AGREE "/ram:BuyerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']", PAY "/ram:TypeCode",
            SETTLE "/ram:PaymentReference",
            PAY "/ram:PayeePartyCreditorFinancialAccount/ram:IBANID|" PAY "/ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID",
            PAY "/ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID",
            "count(" DEAL "/ram:IncludedSupplyChainTradeLineItem)", SUM "/ram:LineTotalAmount", SUM "/ram:TaxTotalAmount",
            SUM "/ram:GrandTotalAmount", SUM "/ram:TotalPrepaidAmount", SUM "/ram:RoundingAmount",
            SETTLE "/ram:InvoiceReferencedDocument/ram:IssuerAssignedID" } },
};

typedef struct Document {
    char name[64];
    GString *bytes;
    const Syntax *syntax;
} Document;

/* ---- The two readers --------------------------------------------------------------------------------------------------- */

static void free_invoice(void *invoice)
{
    invoice_free(invoice);
}

/* The number; NULL where the document is refused. */
static char *read_ours(const Document *document)
{
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    const char *format;
    if (!invoice_read_xml((Span){ document->bytes->str, document->bytes->len }, INVOICE_SOURCE_XML, invoices, &format, NULL))
        return NULL;
    return g_strdup(((Invoice *)invoices->pdata[0])->number);
}

static xmlXPathCompExprPtr compiled[G_N_ELEMENTS(syntaxes)][FIELDS];

/* Every text that the path finds is taken; the first one is returned. */
static char *take_field(xmlXPathContextPtr context, xmlXPathCompExprPtr path)
{
    char *first = NULL;
    xmlXPathObjectPtr found = xmlXPathCompiledEval(path, context);
    for (int i = 0; found->nodesetval != NULL && i < found->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        if (first == NULL)
            first = g_strstrip(g_strdup((const char *)text));
        xmlFree(text);
    }
    xmlXPathFreeObject(found);
    return first;
}

static char *read_peer(const Document *document)
{
    xmlDocPtr tree = xmlReadMemory(document->bytes->str, (int)document->bytes->len, "", NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (tree == NULL)
        return NULL;
    xmlXPathContextPtr context = xmlXPathNewContext(tree);
    for (size_t i = 0; i < NAMESPACES && document->syntax->namespaces[i][0] != NULL; i++)
        xmlXPathRegisterNs(context, (const xmlChar *)document->syntax->namespaces[i][0],
            (const xmlChar *)document->syntax->namespaces[i][1]);
    char *number = NULL;
    for (size_t i = 0; i < FIELDS; i++) {
        char *text = take_field(context, compiled[document->syntax - syntaxes][i]);
        if (i == 0)
            number = text;
        else
            g_free(text);
    }
    xmlXPathFreeContext(context);
    xmlFreeDoc(tree);
    return number;
}

/* ---- Generated documents ------------------------------------------------------------------------------------------------- */

static void add_ubl_line(GString *bytes, unsigned number)
{
    g_string_append_printf(bytes,
        "  <cac:InvoiceLine>\n    <cbc:ID>%u</cbc:ID>\n    <cbc:InvoicedQuantity unitCode=\"HUR\">%u</cbc:InvoicedQuantity>\n"
        "    <cbc:LineExtensionAmount currencyID=\"EUR\">%u.50</cbc:LineExtensionAmount>\n    <cac:InvoicePeriod>\n"
        "      <cbc:StartDate>2026-05-01</cbc:StartDate>\n    </cac:InvoicePeriod>\n    <cac:Item>\n"
        "      <cbc:Description>Repair of folio %u, leather spine, new boards</cbc:Description>\n"
        "      <cbc:Name>Bookbinding, item %u</cbc:Name>\n      <cac:SellersItemIdentification>\n        <cbc:ID>A-%u</cbc:ID>\n"
        "      </cac:SellersItemIdentification>\n      <cac:ClassifiedTaxCategory>\n        <cbc:ID>S</cbc:ID>\n"
        "        <cbc:Percent>19</cbc:Percent>\n        <cac:TaxScheme>\n          <cbc:ID>VAT</cbc:ID>\n        </cac:TaxScheme>\n"
        "      </cac:ClassifiedTaxCategory>\n    </cac:Item>\n    <cac:Price>\n"
        "      <cbc:PriceAmount currencyID=\"EUR\">%u.25</cbc:PriceAmount>\n    </cac:Price>\n  </cac:InvoiceLine>\n",
        number, number % 9 + 1, number * 3, number, number, number, number);
}

#define PARTY(role, name, vat)                                                                                              \
    "  <cac:" role ">\n    <cac:Party>\n      <cbc:EndpointID schemeID=\"EM\">post@" name ".example</cbc:EndpointID>\n"       \
    "      <cac:PostalAddress>\n        <cbc:StreetName>Bahnhofstraße 7</cbc:StreetName>\n"                                 \
    "        <cbc:CityName>Leipzig</cbc:CityName>\n        <cbc:PostalZone>04109</cbc:PostalZone>\n        <cac:Country>\n" \
    "          <cbc:IdentificationCode>DE</cbc:IdentificationCode>\n        </cac:Country>\n      </cac:PostalAddress>\n"      \
    "      <cac:PartyTaxScheme>\n        <cbc:CompanyID>" vat "</cbc:CompanyID>\n        <cac:TaxScheme>\n"                 \
    "          <cbc:ID>VAT</cbc:ID>\n        </cac:TaxScheme>\n      </cac:PartyTaxScheme>\n      <cac:PartyLegalEntity>\n"    \
    "        <cbc:RegistrationName>" name " GmbH</cbc:RegistrationName>\n      </cac:PartyLegalEntity>\n    </cac:Party>\n" \
    "  </cac:" role ">\n"

static const char UBL_HEAD[]
    = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Invoice xmlns=\"" UBL "Invoice-2\"\n  xmlns:cac=\"" UBL
      "CommonAggregateComponents-2\"\n  xmlns:cbc=\"" UBL "CommonBasicComponents-2\">\n"
      "  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0</cbc:CustomizationID>\n"
      "  <cbc:ID>2026-118</cbc:ID>\n  <cbc:IssueDate>2026-06-08</cbc:IssueDate>\n  <cbc:DueDate>2026-07-08</cbc:DueDate>\n"
      "  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>\n  <cbc:Note>Thank you for your order.</cbc:Note>\n"
      "  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>\n" PARTY("AccountingSupplierParty", "Buchbinderei", "DE123456789")
      PARTY("AccountingCustomerParty", "Archiv", "DE987654321") "  <cac:PaymentMeans>\n"
      "    <cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>\n    <cbc:PaymentID>2026-118</cbc:PaymentID>\n"
      "    <cac:PayeeFinancialAccount>\n      <cbc:ID>DE75512108001245126199</cbc:ID>\n      <cac:FinancialInstitutionBranch>\n"
      "        <cbc:ID>SOGEDEFF</cbc:ID>\n      </cac:FinancialInstitutionBranch>\n    </cac:PayeeFinancialAccount>\n"
      "  </cac:PaymentMeans>\n  <cac:TaxTotal>\n    <cbc:TaxAmount currencyID=\"EUR\">19.00</cbc:TaxAmount>\n"
      "  </cac:TaxTotal>\n  <cac:LegalMonetaryTotal>\n"
      "    <cbc:LineExtensionAmount currencyID=\"EUR\">100.00</cbc:LineExtensionAmount>\n"
      "    <cbc:TaxInclusiveAmount currencyID=\"EUR\">119.00</cbc:TaxInclusiveAmount>\n"
      "    <cbc:PayableAmount currencyID=\"EUR\">119.00</cbc:PayableAmount>\n  </cac:LegalMonetaryTotal>\n";

static void add_cii_line(GString *bytes, unsigned number)
{
    g_string_append_printf(bytes,
        "    <ram:IncludedSupplyChainTradeLineItem>\n      <ram:AssociatedDocumentLineDocument>\n"
        "        <ram:LineID>%u</ram:LineID>\n      </ram:AssociatedDocumentLineDocument>\n      <ram:SpecifiedTradeProduct>\n"
        "        <ram:SellerAssignedID>A-%u</ram:SellerAssignedID>\n        <ram:Name>Bookbinding, item %u</ram:Name>\n"
        "        <ram:Description>Repair of folio %u, leather spine, new boards</ram:Description>\n"
        "      </ram:SpecifiedTradeProduct>\n      <ram:SpecifiedLineTradeAgreement>\n"
        "        <ram:NetPriceProductTradePrice>\n          <ram:ChargeAmount>%u.25</ram:ChargeAmount>\n"
        "        </ram:NetPriceProductTradePrice>\n      </ram:SpecifiedLineTradeAgreement>\n"
        "      <ram:SpecifiedLineTradeDelivery>\n        <ram:BilledQuantity unitCode=\"HUR\">%u</ram:BilledQuantity>\n"
        "      </ram:SpecifiedLineTradeDelivery>\n      <ram:SpecifiedLineTradeSettlement>\n        <ram:ApplicableTradeTax>\n"
        "          <ram:TypeCode>VAT</ram:TypeCode>\n          <ram:CategoryCode>S</ram:CategoryCode>\n"
        "          <ram:RateApplicablePercent>19</ram:RateApplicablePercent>\n        </ram:ApplicableTradeTax>\n"
        "        <ram:SpecifiedTradeSettlementLineMonetarySummation>\n"
        "          <ram:LineTotalAmount>%u.50</ram:LineTotalAmount>\n"
        "        </ram:SpecifiedTradeSettlementLineMonetarySummation>\n      </ram:SpecifiedLineTradeSettlement>\n"
        "    </ram:IncludedSupplyChainTradeLineItem>\n",
        number, number, number, number, number, number % 9 + 1, number * 3);
}

static const char CII_HEAD[]
    = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rsm:CrossIndustryInvoice xmlns:rsm=\"" CEFACT "CrossIndustryInvoice:100\"\n"
      "  xmlns:ram=\"" CEFACT "ReusableAggregateBusinessInformationEntity:100\"\n  xmlns:udt=\"" CEFACT
      "UnqualifiedDataType:100\">\n  <rsm:ExchangedDocumentContext>\n    <ram:GuidelineSpecifiedDocumentContextParameter>\n"
      "      <ram:ID>urn:cen.eu:en16931:2017</ram:ID>\n    </ram:GuidelineSpecifiedDocumentContextParameter>\n"
      "  </rsm:ExchangedDocumentContext>\n  <rsm:ExchangedDocument>\n    <ram:ID>2026-118</ram:ID>\n"
      "    <ram:TypeCode>380</ram:TypeCode>\n    <ram:IssueDateTime>\n"
      "      <udt:DateTimeString format=\"102\">20260608</udt:DateTimeString>\n    </ram:IssueDateTime>\n"
      "  </rsm:ExchangedDocument>\n  <rsm:SupplyChainTradeTransaction>\n";

#define CII_PARTY(role, name, vat)                                                                                          \
    "      <ram:" role ">\n        <ram:Name>" name " GmbH</ram:Name>\n        <ram:PostalTradeAddress>\n"                  \
    "          <ram:PostcodeCode>04109</ram:PostcodeCode>\n          <ram:LineOne>Bahnhofstraße 7</ram:LineOne>\n"            \
    "          <ram:CityName>Leipzig</ram:CityName>\n          <ram:CountryID>DE</ram:CountryID>\n"                           \
    "        </ram:PostalTradeAddress>\n        <ram:SpecifiedTaxRegistration>\n          <ram:ID schemeID=\"VA\">" vat     \
    "</ram:ID>\n        </ram:SpecifiedTaxRegistration>\n      </ram:" role ">\n"

static const char CII_TAIL[]
    = "    <ram:ApplicableHeaderTradeAgreement>\n" CII_PARTY("SellerTradeParty", "Buchbinderei", "DE123456789")
      CII_PARTY("BuyerTradeParty", "Archiv", "DE987654321") "    </ram:ApplicableHeaderTradeAgreement>\n"
      "    <ram:ApplicableHeaderTradeDelivery/>\n    <ram:ApplicableHeaderTradeSettlement>\n"
      "      <ram:PaymentReference>2026-118</ram:PaymentReference>\n      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>\n"
      "      <ram:SpecifiedTradeSettlementPaymentMeans>\n        <ram:TypeCode>58</ram:TypeCode>\n"
      "        <ram:PayeePartyCreditorFinancialAccount>\n          <ram:IBANID>DE75512108001245126199</ram:IBANID>\n"
      "        </ram:PayeePartyCreditorFinancialAccount>\n        <ram:PayeeSpecifiedCreditorFinancialInstitution>\n"
      "          <ram:BICID>SOGEDEFF</ram:BICID>\n        </ram:PayeeSpecifiedCreditorFinancialInstitution>\n"
      "      </ram:SpecifiedTradeSettlementPaymentMeans>\n      <ram:SpecifiedTradePaymentTerms>\n        <ram:DueDateDateTime>\n"
      "          <udt:DateTimeString format=\"102\">20260708</udt:DateTimeString>\n        </ram:DueDateDateTime>\n"
      "      </ram:SpecifiedTradePaymentTerms>\n      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>\n"
      "        <ram:LineTotalAmount>100.00</ram:LineTotalAmount>\n        <ram:TaxTotalAmount currencyID=\"EUR\">19.00"
      "</ram:TaxTotalAmount>\n        <ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>\n"
      "        <ram:DuePayableAmount>119.00</ram:DuePayableAmount>\n"
      "      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>\n    </ram:ApplicableHeaderTradeSettlement>\n"
      "  </rsm:SupplyChainTradeTransaction>\n</rsm:CrossIndustryInvoice>\n";

/* As many lines as fit into so many bytes. */
static Document generate(size_t syntax, unsigned kilobytes)
{
    static const struct {
        const char *head, *tail;
        void (*add_line)(GString *bytes, unsigned number);
    } parts[] = { { UBL_HEAD, "</Invoice>\n", add_ubl_line }, { CII_HEAD, CII_TAIL, add_cii_line } };
    Document document = { .bytes = g_string_new(parts[syntax].head), .syntax = &syntaxes[syntax] };
    g_snprintf(document.name, sizeof document.name, "%s, %u KB", syntaxes[syntax].name, kilobytes);
    size_t most = ((size_t)kilobytes << 10) - strlen(parts[syntax].tail), before;
    unsigned number = 0;
    do {
        before = document.bytes->len;
        parts[syntax].add_line(document.bytes, ++number);
    } while (document.bytes->len <= most);
    g_string_truncate(document.bytes, before);
    g_string_append(document.bytes, parts[syntax].tail);
    return document;
}

static const unsigned SIZES[] = { 5, 20, 90 };

static GArray *generate_all(void)
{
    GArray *documents = g_array_new(FALSE, FALSE, sizeof(Document));
    for (size_t syntax = 0; syntax < G_N_ELEMENTS(syntaxes); syntax++)
        for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
            Document document = generate(syntax, SIZES[i]);
            g_array_append_val(documents, document);
        }
    return documents;
}

/* ---- Documents of a corpus ----------------------------------------------------------------------------------------------- */

/* Only what both read alike is measured. */
static bool is_usable(const Document *document)
{
    g_autofree char *ours = read_ours(document), *peer = read_peer(document);
    return document->bytes->len <= DOCUMENT_BYTES_MAX && ours != NULL && g_strcmp0(ours, peer) == 0;
}

static void add_file(GArray *documents, const char *path, const Syntax *syntax, unsigned *refused)
{
    Document document = { .syntax = syntax };
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        return;
    document.bytes = g_string_new_len(bytes, (gssize)length);
    if (is_usable(&document)) {
        g_array_append_val(documents, document);
        return;
    }
    *refused += 1;
    g_string_free(document.bytes, TRUE);
}

/* Files of the syntax that oracle.tsv lists. */
static GArray *load_corpus(const char *corpus, const Syntax *syntax)
{
    GArray *documents = g_array_new(FALSE, FALSE, sizeof(Document));
    unsigned refused = 0;
    g_autofree char *path = g_build_filename(corpus, "oracle.tsv", NULL), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        die("there is no oracle.tsv in the corpus");
    g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
    for (char **row = rows; *row != NULL; row++) {
        g_auto(GStrv) columns = g_strsplit(*row, "\t", 3);
        g_autofree char *file = g_strv_length(columns) == 3 ? g_build_filename(corpus, "invoices", columns[0], NULL) : NULL;
        if (file != NULL && g_str_has_prefix(columns[1], syntax->oracle))
            add_file(documents, file, syntax, &refused);
    }
    printf("XML %s of the corpus: %u files, %u left out (over 100 KB, or not read alike)\n", syntax->name, documents->len, refused);
    return documents;
}

/* ---- Measuring ----------------------------------------------------------------------------------------------------------- */

typedef char *reader_fn(const Document *document);

/* Documents per second of CPU, over all of them in turn. */
static double rate_of(const Document *documents, size_t count, reader_fn *reader)
{
    size_t done = 0;
    double start = cpu_seconds(), taken = 0;
    for (; taken < BATCH_MS / 1e3; taken = cpu_seconds() - start, done += count)
        for (size_t i = 0; i < count; i++) {
            g_autofree char *number = reader(&documents[i]);
            if (number == NULL)
                die("a document is not read");
        }
    return (double)done / taken;
}

/* One row; true where the bar is missed. */
static bool run(const char *name, const Document *documents, size_t count)
{
    double ours[ROUNDS], peer[ROUNDS], ratios[ROUNDS];
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += documents[i].bytes->len;
    for (size_t round = 0; round < ROUNDS; round++) {
        ours[round] = rate_of(documents, count, read_ours);
        peer[round] = rate_of(documents, count, read_peer);
        ratios[round] = ours[round] / peer[round];
    }
    double ratio = median_of(ratios, ROUNDS);
    printf("XML %-16s %6zu B   %7.0f /s   libxml2 DOM + XPath %7.0f /s: %4.2f times (bar %.1f)%s\n", name, bytes / count,
        median_of(ours, ROUNDS), median_of(peer, ROUNDS), ratio, BAR, ratio < BAR ? "   BELOW" : "");
    fflush(stdout);
    return ratio < BAR;
}

static int run_all(const char *corpus)
{
    int missed = 0;
    g_autoptr(GArray) documents = generate_all();
    for (unsigned i = 0; i < documents->len; i++) {
        const Document *document = &g_array_index(documents, Document, i);
        if (!is_usable(document))
            die("the two do not read the same invoice");
        missed += run(document->name, document, 1);
    }
    for (size_t i = 0; corpus != NULL && i < G_N_ELEMENTS(syntaxes); i++) {
        g_autoptr(GArray) files = load_corpus(corpus, &syntaxes[i]);
        g_autofree char *name = g_strdup_printf("%s, corpus", syntaxes[i].name);
        if (files->len > 0)
            missed += run(name, &g_array_index(files, Document, 0), files->len);
    }
    return missed > 0 ? 1 : 0;
}

/* ---- For the other script ---- */

static int write_all(const char *directory)
{
    g_autoptr(GArray) documents = generate_all();
    for (unsigned i = 0; i < documents->len; i++) {
        const Document *document = &g_array_index(documents, Document, i);
        g_autofree char *path = g_strdup_printf("%s/%s.xml", directory, document->name);
        if (!g_file_set_contents(path, document->bytes->str, (gssize)document->bytes->len, NULL))
            die("a document cannot be written");
    }
    return 0;
}

static int print_rate(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        die("the file cannot be read");
    Document document = { .bytes = g_string_new_len(bytes, (gssize)length) };
    rate_of(&document, 1, read_ours); /* warm up */
    printf("%.1f\n", rate_of(&document, 1, read_ours));
    g_string_free(document.bytes, TRUE);
    return 0;
}

static int print_paths(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(syntaxes); i++) {
        for (size_t n = 0; n < NAMESPACES && syntaxes[i].namespaces[n][0] != NULL; n++)
            printf("%s\t%s\t%s\n", syntaxes[i].name, syntaxes[i].namespaces[n][0], syntaxes[i].namespaces[n][1]);
        for (size_t n = 0; n < FIELDS; n++)
            printf("%s\t\t%s\n", syntaxes[i].name, syntaxes[i].paths[n]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_all(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--rate") == 0)
        return print_rate(argv[2]);
    if (argc == 2 && strcmp(argv[1], "--paths") == 0)
        return print_paths();
    xmlInitParser();
    for (size_t i = 0; i < G_N_ELEMENTS(syntaxes); i++)
        for (size_t n = 0; n < FIELDS; n++)
            compiled[i][n] = xmlXPathCompile((const xmlChar *)syntaxes[i].paths[n]);
    return run_all(argc == 2 ? argv[1] : NULL);
}
