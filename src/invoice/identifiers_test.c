/* Identifiers: right ones, each with one thing wrong, and what an invoice is told about its own. */
#include "identifiers.h"

#include "test_fixture.h"

/* One real form for each country: the examples of SWIFT's IBAN registry. */
static const char *const ibans[] = { "AD1200012030200359100100", "AE070331234567890123456", "AL47212110090000000235698741",
    "AT611904300234573201", "AZ21NABZ00000000137010001944", "BA391290079401028494", "BE68539007547034", "BG80BNBG96611020345678",
    "BH67BMAG00001299123456", "BR1800360305000010009795493C1", "BY13NBRB3600900000002Z00AB00", "CH9300762011623852957",
    "CR05015202001026284066", "CY17002001280000001200527600", "CZ6508000000192000145399", "DE89370400440532013000",
    "DK5000400440116243", "DO28BAGR00000001212453611324", "EE382200221020145685", "EG380019000500000000263180002",
    "ES9121000418450200051332", "FI2112345600000785", "FO6264600001631634", "FR1420041010050500013M02606", "GB29NWBK60161331926819",
    "GE29NB0000000101904917", "GI75NWBK000000007099453", "GL8964710001000206", "GR1601101250000000012300695",
    "GT82TRAJ01020000001210029690", "HR1210010051863000160", "HU42117730161111101800000000", "IE29AIBK93115212345678",
    "IL620108000000099999999", "IQ98NBIQ850123456789012", "IS140159260076545510730339", "IT60X0542811101000000123456",
    "JO94CBJO0010000000000131000302", "KW81CBKU0000000000001234560101", "KZ86125KZT5004100100", "LB62099900000001001901229114",
    "LC55HEMM000100010012001200023015", "LI21088100002324013AA", "LT121000011101001000", "LU280019400644750000",
    "LV80BANK0000435195001", "MC5811222000010123456789030", "MD24AG000225100013104168", "ME25505000012345678951",
    "MK07250120000058984", "MR1300020001010000123456753", "MT84MALT011000012345MTLCAST001S",
    "MU17BOMM0101101030300200000MUR", "NL91ABNA0417164300", "NO9386011117947", "PK36SCBL0000001123456702",
    "PL61109010140000071219812874", "PS92PALS000000000400123456702", "PT50000201231234567890154", "QA58DOHB00001234567890ABCDEFG",
    "RO49AAAA1B31007593840000", "RS35260005601001611379", "SA0380000000608010167519", "SE4550000000058398257466",
    "SI56263300012039086", "SK3112000000198742637541", "SM86U0322509800000000270100", "TN5910006035183598478831",
    "TR330006100519786457841326", "UA213223130000026007233566001", "VA59001123000012345678", "VG96VPVG0000012345678901",
    "XK051212012345678906" };

static void test_ibans(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ibans); i++) {
        if (iban_check(ibans[i]) != IBAN_VALID)
            g_test_message("%s", ibans[i]);
        g_assert_cmpint(iban_check(ibans[i]), ==, IBAN_VALID);
    }
    g_assert_cmpint(iban_check("pl61 1090 1014 0000 0712 1981 2874"), ==, IBAN_VALID);
}

/* MOD 97-10 finds every wrong digit, and every pair that is turned about. */
static void test_iban_mistypings(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ibans); i++) {
        for (size_t at = 4; ibans[i][at] != '\0'; at++) {
            g_autofree char *wrong = g_strdup(ibans[i]);
            wrong[at] = wrong[at] == '9' ? '0' : g_ascii_isdigit(wrong[at]) ? (char)(wrong[at] + 1) : wrong[at] == 'A' ? 'B' : 'A';
            g_assert_cmpint(iban_check(wrong), ==, IBAN_WRONG_CHECK);
        }
        g_autofree char *longer = g_strconcat(ibans[i], "0", NULL);
        g_assert_cmpint(iban_check(longer), ==, IBAN_WRONG_LENGTH);
    }
    g_assert_cmpint(iban_check("DE89370400440532010300"), ==, IBAN_WRONG_CHECK);
    g_assert_cmpint(iban_check("DE8937040044053201300"), ==, IBAN_WRONG_LENGTH);
    g_assert_cmpint(iban_check("DE89"), ==, IBAN_WRONG_LENGTH);
}

static void test_no_ibans(void)
{
    g_assert_cmpint(iban_check(NULL), ==, IBAN_OTHER);
    g_assert_cmpint(iban_check(""), ==, IBAN_OTHER);
    g_assert_cmpint(iban_check("12345678"), ==, IBAN_OTHER);
    g_assert_cmpint(iban_check("DEXX370400440532013000"), ==, IBAN_OTHER);
    g_assert_cmpint(iban_check("DE89-3704-0044-0532-0130-00"), ==, IBAN_OTHER);
    g_assert_cmpint(iban_check("DE89370400440532013000\xC3\xA4"), ==, IBAN_OTHER);
    g_assert_cmpint(iban_check("XX89370400440532013000"), ==, IBAN_UNKNOWN_COUNTRY);
    g_autofree char *flood = g_strnfill(1000000, '9');
    memcpy(flood, "DE", 2);
    g_assert_cmpint(iban_check(flood), ==, IBAN_OTHER);
}

static void test_nrb(void)
{
    g_assert_true(nrb_is_valid("61 1090 1014 0000 0712 1981 2874"));
    g_assert_false(nrb_is_valid("61109010140000071219812875"));
    g_assert_false(nrb_is_valid("6110901014000007121981287"));
    g_assert_false(nrb_is_valid("6110901014000007121981287A"));
    g_assert_false(nrb_is_valid(NULL));
}

static void test_bic(void)
{
    static const char *const right[] = { "DEUTDEFF", "DEUTDEFF500", "BLOPIT22", "caixesbbxxx", "RABO NL 2U", "E097AEXX" };
    static const char *const wrong[]
        = { "DEUTDEF", "DEUTDEFF5", "DEUTDEFF5000", "DEUT12FF", "DEUTDE-F", "67891", "BIC_MONCOMPTE", "", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(right); i++)
        g_assert_true(bic_is_valid(right[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(bic_is_valid(wrong[i]));
}

static void test_references(void)
{
    g_assert_cmpint(rf_reference_check("RF18539007547034"), ==, REFERENCE_VALID);
    g_assert_cmpint(rf_reference_check("rf18 5390 0754 7034"), ==, REFERENCE_VALID);
    g_assert_cmpint(rf_reference_check("RF18539007547043"), ==, REFERENCE_INVALID);
    g_assert_cmpint(rf_reference_check("RF18"), ==, REFERENCE_INVALID);
    g_assert_cmpint(rf_reference_check("RF1853900754703412345678901"), ==, REFERENCE_INVALID);
    g_assert_cmpint(rf_reference_check("RF-9"), ==, REFERENCE_OTHER);
    g_assert_cmpint(rf_reference_check("FV/2026/1"), ==, REFERENCE_OTHER);
    g_assert_cmpint(rf_reference_check(NULL), ==, REFERENCE_OTHER);
}

static void test_nip(void)
{
    static const char *const right[] = { "5261040828", "526-104-08-28", "PL5261040828", "pl 526 104 08 28", "5265877635" };
    static const char *const wrong[]
        = { "5261040829", "2561040828", "526104082", "52610408280", "DE5261040828", "1234567890", "0000000010", "", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(right); i++)
        g_assert_true(nip_is_valid(right[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(nip_is_valid(wrong[i]));
}

static void test_vat_ids(void)
{
    static const char *const right[] = { "ATU12345678", "BE0123456789", "BG123456789", "BG1234567890", "CY12345678L", "CZ12345678",
        "DE136695976", "DK12345678", "EE123456789", "EL123456789", "ESA12345674", "ESX1234567Z", "FI12345678", "FRXX123456789",
        "FR 11 123456782", "GB123456789", "GBGD001", "HR12345678901", "HU12345678", "IE1234567FA", "IE1F23456A", "IE1+23456A",
        "IT12345678901", "LT123456789012", "LU12345678", "LV12345678901", "MT12345678", "NL809163160B01", "PL5261040828",
        "PT123456789", "RO12", "RO1234567890", "SE123456789001", "SI12345678", "SK1234567890", "XI123456789", "NO123456789MVA",
        "CHE-123.456.789 MWST" };
    static const char *const wrong[] = { "AT12345678", "BE012345678", "DE13669597", "DE1366959761", "ESA1234567", "FR123", "GB12345",
        "IT1234567890", "NL809163160A01", "RO1", "NO12345678", "CH123456789", "BEVAT:BE54321", "DE" };
    for (size_t i = 0; i < G_N_ELEMENTS(right); i++)
        g_assert_cmpint(vat_id_check(right[i]), ==, VAT_ID_VALID);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(vat_id_check(wrong[i]), ==, VAT_ID_WRONG_SYNTAX);
    g_assert_cmpint(vat_id_check("PL5261040829"), ==, VAT_ID_WRONG_CHECK);
    g_assert_cmpint(vat_id_check("US123"), ==, VAT_ID_OTHER);
    g_assert_cmpint(vat_id_check("5261040828"), ==, VAT_ID_OTHER);
    g_assert_cmpint(vat_id_check(NULL), ==, VAT_ID_OTHER);
}

/* The number that KSeF's documentation gives as its example. */
static void test_ksef_number(void)
{
    static const char *const wrong[] = { "5265877635-20250826-0100001AF629-AE", "5265877636-20250826-0100001AF629-AF",
        "5265877635-20251826-0100001AF629-AF", "5265877635-20250826-0100001af629-AF", "5265877635-20250826-0100001AF629-af",
        "5265877635-20250826-0100001AF62-9AF", "526587763520250826-0100001AF629-AF", "5265877635-20250826-0100001AF629-AF ",
        "5265877635-20250826-010000-1AF629-AF", "", NULL };
    g_assert_true(ksef_number_is_valid("5265877635-20250826-0100001AF629-AF"));
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(ksef_number_is_valid(wrong[i]));
}

/* SHA-256 of nothing and of "abc" (FIPS 180-4), as base64url. */
static void test_ksef_link(void)
{
    g_autofree char *empty = ksef_document_hash(SPAN_EMPTY), *abc = ksef_document_hash(SPAN("abc"));
    g_assert_cmpstr(empty, ==, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    g_assert_cmpstr(abc, ==, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    g_autoptr(Invoice) invoice = invoice_new(INVOICE_SOURCE_XML, "KSeF FA(3)");
    const char *link = "https://qr.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
    g_assert_cmpint(ksef_link_check(link, SPAN("abc"), invoice), ==, KSEF_LINK_DIFFERS);
    invoice->seller.vat_id = g_strdup("1111111111");
    invoice->issue_date = g_strdup("2026-02-01");
    g_assert_cmpint(ksef_link_check(link, SPAN("abc"), invoice), ==, KSEF_LINK_FITS);
    g_assert_cmpint(ksef_link_check(link, SPAN("abd"), invoice), ==, KSEF_LINK_DIFFERS);
    invoice->issue_date[9] = '2';
    g_assert_cmpint(ksef_link_check(link, SPAN("abc"), invoice), ==, KSEF_LINK_DIFFERS);
    g_assert_cmpint(ksef_link_check("https://qr-test.ksef.mf.gov.pl/invoice/1/2/3", SPAN("abc"), invoice), ==, KSEF_LINK_OTHER);
    g_assert_cmpint(ksef_link_check("https://qr.ksef.mf.gov.pl.example.com/invoice/", SPAN("abc"), invoice), ==, KSEF_LINK_OTHER);
    g_assert_cmpint(ksef_link_check(NULL, SPAN("abc"), invoice), ==, KSEF_LINK_OTHER);
}

static void test_countries(void)
{
    g_assert_cmpstr(country_of("ESP"), ==, "ES");
    g_assert_cmpstr(country_of("pl"), ==, "PL");
    g_assert_null(country_of("USA"));
    g_assert_null(country_of(""));
    g_assert_null(country_of(NULL));
}

/* ---- An invoice's own -------------------------------------------------------------------------------------------------- */

static Invoice *invoice_with(const char *number, const char *bic, const char *country)
{
    Invoice *invoice = invoice_new(INVOICE_SOURCE_XML, "Test");
    InvoiceAccount *account = g_new0(InvoiceAccount, 1);
    account->number = g_strdup(number);
    account->bic = g_strdup(bic);
    g_ptr_array_add(invoice->accounts, account);
    invoice->seller.country = g_strdup(country);
    invoice_check_identifiers(invoice);
    return invoice;
}

/* `rule` NULL: no check at all. */
static void expect_check(Invoice *checked, const char *rule, InvoiceSeverity severity)
{
    g_autoptr(Invoice) invoice = checked;
    g_assert_cmpuint(invoice->checks->len, ==, rule == NULL ? 0 : 1);
    if (rule == NULL)
        return;
    g_assert_nonnull(find_check(invoice, rule));
    g_assert_cmpint(find_check(invoice, rule)->severity, ==, severity);
}

static void test_accounts(void)
{
    expect_check(invoice_with("PL61109010140000071219812874", "WBKPPLPP", "PL"), NULL, INVOICE_WARN);
    expect_check(invoice_with("PL61109010140000071219812874", NULL, NULL), NULL, INVOICE_WARN);
    expect_check(invoice_with(NULL, "WBKPPLPP", "PL"), NULL, INVOICE_WARN);
    expect_check(invoice_with("PL61109010140000071219812875", NULL, "PL"), "iban", INVOICE_HOLD);
    expect_check(invoice_with("PL6110901014000007121981287", NULL, "PL"), "iban", INVOICE_HOLD);
    expect_check(invoice_with("QX61109010140000071219812874", NULL, "PL"), "iban", INVOICE_HOLD);
    expect_check(invoice_with("000000150078", NULL, "ES"), "account", INVOICE_WARN);
    expect_check(invoice_with("PL61109010140000071219812874", "67891", "PL"), "bic", INVOICE_HOLD);
    expect_check(invoice_with("DE89370400440532013000", NULL, "PL"), "account-country", INVOICE_WARN);
    expect_check(invoice_with("ES9121000418450200051332", NULL, "ESP"), NULL, INVOICE_WARN);
    expect_check(invoice_with("DE89370400440532013000", NULL, "USA"), NULL, INVOICE_WARN);
}

static void test_national_accounts(void)
{
    g_autoptr(Invoice) invoice = invoice_with("5050-1055", "SE:BANKGIRO", "SE");
    g_assert_cmpuint(invoice->checks->len, ==, 2);
    g_assert_cmpint(find_check(invoice, "account")->severity, ==, INVOICE_WARN);
    g_assert_cmpint(find_check(invoice, "bic")->severity, ==, INVOICE_WARN);
    expect_check(invoice_with(NULL, "SE:BANKGIRO", "SE"), "bic", INVOICE_HOLD);
}

/* Without a country, its VAT id tells it; a factor's account is held against the factor. */
static void test_account_countries(void)
{
    g_autoptr(Invoice) invoice = invoice_with("DE89370400440532013000", NULL, NULL);
    invoice->seller.vat_id = g_strdup("EL123456789");
    invoice_check_identifiers(invoice);
    g_assert_nonnull(strstr(find_check(invoice, "account-country")->text, "(GR)"));
    g_autoptr(Invoice) factored = invoice_with("DE89370400440532013000", NULL, NULL);
    factored->seller.country = g_strdup("PL");
    factored->payee.name = g_strdup("Factor GmbH");
    factored->payee.country = g_strdup("DE");
    ((InvoiceAccount *)factored->accounts->pdata[0])->is_factor = true;
    invoice_check_identifiers(factored);
    g_assert_cmpuint(factored->checks->len, ==, 0);
}

static Invoice *invoice_of(const char *format, const char *vat_id, const char *country, const char *remittance)
{
    Invoice *invoice = invoice_new(INVOICE_SOURCE_XML, format);
    invoice->seller.vat_id = g_strdup(vat_id);
    invoice->seller.country = g_strdup(country);
    invoice->remittance = g_strdup(remittance);
    invoice_check_identifiers(invoice);
    return invoice;
}

static void test_numbers(void)
{
    expect_check(invoice_of("KSeF FA(3)", "5261040828", NULL, NULL), NULL, INVOICE_WARN);
    expect_check(invoice_of("KSeF FA(3)", "5261040829", NULL, NULL), "vat-id", INVOICE_WARN);
    expect_check(invoice_of("Other", "5261040829", "PL", NULL), "vat-id", INVOICE_WARN);
    expect_check(invoice_of("Other", "5261040829", "BE", NULL), NULL, INVOICE_WARN);
    expect_check(invoice_of("Other", "PL5261040829", NULL, NULL), "vat-id", INVOICE_WARN);
    expect_check(invoice_of("Other", "DE12", NULL, NULL), "vat-id", INVOICE_WARN);
    expect_check(invoice_of("Facturae", "A58818501", "ESP", NULL), NULL, INVOICE_WARN);
    expect_check(invoice_of("Other", NULL, NULL, "RF18539007547034"), NULL, INVOICE_WARN);
    expect_check(invoice_of("Other", NULL, NULL, "RF18539007547035"), "reference", INVOICE_WARN);
    expect_check(invoice_of("Other", NULL, NULL, "Faktura 7"), NULL, INVOICE_WARN);
}

static void expect_ksef(const char *name, const char *link, const char *rule)
{
    g_autoptr(Invoice) invoice = invoice_new(INVOICE_SOURCE_XML, "KSeF FA(3)");
    invoice->seller.vat_id = g_strdup("5265877635");
    invoice->issue_date = g_strdup("2026-02-15");
    const char *const links[] = { "https://x.example/", link, NULL };
    invoice_check_ksef(invoice, SPAN("abc"), name, links);
    g_assert_cmpuint(invoice->checks->len, ==, rule == NULL ? 0 : 1);
    if (rule != NULL)
        g_assert_cmpstr(((InvoiceCheck *)invoice->checks->pdata[0])->rule, ==, rule);
}

static void test_ksef_around(void)
{
    g_autofree char *hash = ksef_document_hash(SPAN("abc")), *other_hash = ksef_document_hash(SPAN("abd"));
    g_autofree char *link = g_strdup_printf("https://qr.ksef.mf.gov.pl/invoice/5265877635/15-02-2026/%s", hash);
    g_autofree char *other = g_strdup_printf("https://qr.ksef.mf.gov.pl/invoice/5265877635/15-02-2026/%s", other_hash);
    expect_ksef("faktura.xml", NULL, NULL);
    expect_ksef("faktura.xml", link, NULL);
    expect_ksef("faktura.xml", other, "ksef-link");
    expect_ksef("a.zip: 5265877635-20250826-0100001AF629-AF.xml", link, NULL);
    expect_ksef("5265877635-20250826-0100001AF629-AE.xml", NULL, "ksef-number");
    expect_ksef("short-AF.xml", NULL, NULL);
    g_autoptr(Invoice) stranger = invoice_new(INVOICE_SOURCE_XML, "KSeF FA(3)");
    stranger->seller.vat_id = g_strdup("1111111111");
    const char *const none[] = { NULL };
    invoice_check_ksef(stranger, SPAN("abc"), "5265877635-20250826-0100001AF629-AF.xml", none);
    g_assert_cmpint(((InvoiceCheck *)stranger->checks->pdata[0])->severity, ==, INVOICE_HOLD);
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/identifiers/ibans", test_ibans);
    g_test_add_func("/identifiers/iban mistypings", test_iban_mistypings);
    g_test_add_func("/identifiers/no ibans", test_no_ibans);
    g_test_add_func("/identifiers/nrb", test_nrb);
    g_test_add_func("/identifiers/bic", test_bic);
    g_test_add_func("/identifiers/references", test_references);
    g_test_add_func("/identifiers/nip", test_nip);
    g_test_add_func("/identifiers/vat ids", test_vat_ids);
    g_test_add_func("/identifiers/ksef-around", test_ksef_around);
    g_test_add_func("/identifiers/ksef number", test_ksef_number);
    g_test_add_func("/identifiers/ksef link", test_ksef_link);
    g_test_add_func("/identifiers/countries", test_countries);
    g_test_add_func("/identifiers/accounts", test_accounts);
    g_test_add_func("/identifiers/national accounts", test_national_accounts);
    g_test_add_func("/identifiers/account countries", test_account_countries);
    g_test_add_func("/identifiers/numbers", test_numbers);
    return g_test_run();
}
