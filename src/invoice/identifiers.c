/* Check digits, and what an invoice's identifiers give away about it. */
#include "identifiers.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"

/* ---- Text without its decoration ---------------------------------------------------------------------------------------- */

/* The longest identifier is an IBAN of 34 characters; more is none of any kind. */
enum { COMPACT_MAX = 40 };

/* The text in upper case without the characters of `skipped`; false where it is NULL or too long. */
static bool compact(const char *text, const char *skipped, char ret_compact[COMPACT_MAX + 1])
{
    size_t length = 0;
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        if (strchr(skipped, *at) != NULL)
            continue;
        if (length == COMPACT_MAX)
            return false;
        ret_compact[length++] = g_ascii_toupper(*at);
    }
    ret_compact[length] = '\0';
    return text != NULL;
}

/* '9' stands for a digit, 'A' for a letter, 'X' for either; any other character for itself. */
static bool fits(const char *text, Span pattern)
{
    for (size_t i = 0; i < pattern.length; i++) {
        char is = text[i], should = pattern.at[i];
        bool right = should == '9' ? g_ascii_isdigit(is)
            : should == 'A'        ? g_ascii_isupper(is)
            : should == 'X'        ? g_ascii_isdigit(is) || g_ascii_isupper(is)
                                   : is == should;
        if (!right)
            return false;
    }
    return text[pattern.length] == '\0';
}

static bool is_alphanumeric(const char *text)
{
    while (g_ascii_isdigit(*text) || g_ascii_isupper(*text))
        text++;
    return *text == '\0';
}

/* ISO 7064 MOD 97-10 over digits and letters (A = 10 … Z = 35), begun with `remainder`. */
static unsigned modulo_97(unsigned remainder, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned value = g_ascii_isdigit(text[i]) ? (unsigned)(text[i] - '0') : (unsigned)(text[i] - 'A') + 10;
        remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
    }
    return remainder;
}

/* What ISO 13616 and ISO 11649 have in common: the first four characters are counted last. */
static bool check_digits_fit(const char *text)
{
    unsigned rest = modulo_97(0, text + 4, strlen(text) - 4);
    return modulo_97(rest, text, 4) == 1;
}

/* ---- Accounts ------------------------------------------------------------------------------------------------------------ */

/* SWIFT's IBAN registry (release 99): alpha-2, alpha-3 for documents that write countries so, length. */
static const struct {
    char alpha2[3], alpha3[4];
    unsigned char length;
} registry[] = {
    { "AD", "AND", 24 }, { "AE", "ARE", 23 }, { "AL", "ALB", 28 }, { "AT", "AUT", 20 }, { "AZ", "AZE", 28 }, { "BA", "BIH", 20 },
    { "BE", "BEL", 16 }, { "BG", "BGR", 22 }, { "BH", "BHR", 22 }, { "BI", "BDI", 27 }, { "BR", "BRA", 29 }, { "BY", "BLR", 28 },
    { "CH", "CHE", 21 }, { "CR", "CRI", 22 }, { "CY", "CYP", 28 }, { "CZ", "CZE", 24 }, { "DE", "DEU", 22 }, { "DJ", "DJI", 27 },
    { "DK", "DNK", 18 }, { "DO", "DOM", 28 }, { "EE", "EST", 20 }, { "EG", "EGY", 29 }, { "ES", "ESP", 24 }, { "FI", "FIN", 18 },
    { "FK", "FLK", 18 }, { "FO", "FRO", 18 }, { "FR", "FRA", 27 }, { "GB", "GBR", 22 }, { "GE", "GEO", 22 }, { "GI", "GIB", 23 },
    { "GL", "GRL", 18 }, { "GR", "GRC", 27 }, { "GT", "GTM", 28 }, { "HN", "HND", 28 }, { "HR", "HRV", 21 }, { "HU", "HUN", 28 },
    { "IE", "IRL", 22 }, { "IL", "ISR", 23 }, { "IQ", "IRQ", 23 }, { "IS", "ISL", 26 }, { "IT", "ITA", 27 }, { "JO", "JOR", 30 },
    { "KW", "KWT", 30 }, { "KZ", "KAZ", 20 }, { "LB", "LBN", 28 }, { "LC", "LCA", 32 }, { "LI", "LIE", 21 }, { "LT", "LTU", 20 },
    { "LU", "LUX", 20 }, { "LV", "LVA", 21 }, { "LY", "LBY", 25 }, { "MC", "MCO", 27 }, { "MD", "MDA", 24 }, { "ME", "MNE", 22 },
    { "MK", "MKD", 19 }, { "MN", "MNG", 20 }, { "MR", "MRT", 27 }, { "MT", "MLT", 31 }, { "MU", "MUS", 30 }, { "NI", "NIC", 28 },
    { "NL", "NLD", 18 }, { "NO", "NOR", 15 }, { "OM", "OMN", 23 }, { "PK", "PAK", 24 }, { "PL", "POL", 28 }, { "PS", "PSE", 29 },
    { "PT", "PRT", 25 }, { "QA", "QAT", 29 }, { "RO", "ROU", 24 }, { "RS", "SRB", 22 }, { "RU", "RUS", 33 }, { "SA", "SAU", 24 },
    { "SC", "SYC", 31 }, { "SD", "SDN", 18 }, { "SE", "SWE", 24 }, { "SI", "SVN", 19 }, { "SK", "SVK", 24 }, { "SM", "SMR", 27 },
    { "SO", "SOM", 23 }, { "ST", "STP", 25 }, { "SV", "SLV", 28 }, { "TL", "TLS", 23 }, { "TN", "TUN", 24 }, { "TR", "TUR", 26 },
    { "UA", "UKR", 29 }, { "VA", "VAT", 22 }, { "VG", "VGB", 24 }, { "XK", "XKX", 20 }, { "YE", "YEM", 30 },
};

static size_t country_length(const char *text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(registry); i++)
        if (strncmp(text, registry[i].alpha2, 2) == 0)
            return registry[i].length;
    return 0;
}

const char *country_of(const char *code)
{
    for (size_t i = 0; code != NULL && i < G_N_ELEMENTS(registry); i++)
        if (g_ascii_strcasecmp(code, registry[i].alpha2) == 0 || g_ascii_strcasecmp(code, registry[i].alpha3) == 0)
            return registry[i].alpha2;
    return NULL;
}

static bool has_iban_shape(const char *text)
{
    return g_ascii_isupper(text[0]) && g_ascii_isupper(text[1]) && g_ascii_isdigit(text[2]) && g_ascii_isdigit(text[3])
        && is_alphanumeric(text);
}

IbanResult iban_check(const char *text)
{
    char iban[COMPACT_MAX + 1];
    if (!compact(text, " ", iban) || !has_iban_shape(iban))
        return IBAN_OTHER;
    size_t length = country_length(iban);
    if (length == 0)
        return IBAN_UNKNOWN_COUNTRY;
    if (strlen(iban) != length)
        return IBAN_WRONG_LENGTH;
    return check_digits_fit(iban) ? IBAN_VALID : IBAN_WRONG_CHECK;
}

bool nrb_is_valid(const char *text)
{
    char iban[2 + COMPACT_MAX + 1] = "PL";
    return compact(text, " ", iban + 2) && strspn(iban + 2, "0123456789") == strlen(iban + 2) && iban_check(iban) == IBAN_VALID;
}

bool bic_is_valid(const char *text)
{
    char bic[COMPACT_MAX + 1];
    return compact(text, " ", bic) && (fits(bic, SPAN("XXXXAAXX")) || fits(bic, SPAN("XXXXAAXXXXX")));
}

ReferenceResult rf_reference_check(const char *text)
{
    enum { PREFIX = 4, LONGEST = 25 };
    char reference[COMPACT_MAX + 1];
    if (!compact(text, " ", reference) || strncmp(reference, "RF", 2) != 0 || !has_iban_shape(reference))
        return REFERENCE_OTHER;
    size_t length = strlen(reference);
    return length > PREFIX && length <= LONGEST && check_digits_fit(reference) ? REFERENCE_VALID : REFERENCE_INVALID;
}

/* ---- Tax numbers --------------------------------------------------------------------------------------------------------- */

bool nip_is_valid(const char *text)
{
    static const unsigned weights[] = { 6, 5, 7, 2, 3, 4, 5, 6, 7 };
    enum { NIP_DIGITS = 10, MODULUS = 11 };
    char buffer[COMPACT_MAX + 1];
    if (!compact(text, " -", buffer))
        return false;
    const char *nip = strncmp(buffer, "PL", 2) == 0 ? buffer + 2 : buffer;
    if (!fits(nip, SPAN("9999999999")))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(weights); i++)
        sum += weights[i] * (unsigned)(nip[i] - '0');
    return sum % MODULUS == (unsigned)(nip[NIP_DIGITS - 1] - '0');
}

/* The structures after the country, with a space between alternatives. */
static const struct {
    char country[3];
    const char *patterns;
} vat_ids[] = {
    { "AT", "U99999999" },
    { "BE", "9999999999" },
    { "BG", "999999999 9999999999" },
    { "CH", "E999999999 E999999999MWST E999999999TVA E999999999IVA E999999999VAT" },
    { "CY", "99999999A" },
    { "CZ", "99999999 999999999 9999999999" },
    { "DE", "999999999" },
    { "DK", "99999999" },
    { "EE", "999999999" },
    { "EL", "999999999" },
    { "ES", "X9999999X" },
    { "FI", "99999999" },
    { "FR", "XX999999999" },
    { "GB", "999999999 999999999999 GD999 HA999" },
    { "GR", "999999999" }, /* meant as EL */
    { "HR", "99999999999" },
    { "HU", "99999999" },
    { "IE", "9999999A 9999999AA 9X99999A 9+99999A 9*99999A" },
    { "IT", "99999999999" },
    { "LT", "999999999 999999999999" },
    { "LU", "99999999" },
    { "LV", "99999999999" },
    { "MT", "99999999" },
    { "NL", "999999999B99" },
    { "NO", "999999999 999999999MVA" },
    { "PL", "9999999999" },
    { "PT", "999999999" },
    { "RO", "99 999 9999 99999 999999 9999999 99999999 999999999 9999999999" },
    { "SE", "999999999999" },
    { "SI", "99999999" },
    { "SK", "9999999999" },
    { "XI", "999999999 999999999999 GD999 HA999" },
};

static bool fits_any(const char *text, const char *patterns)
{
    Span rest = span_of(patterns), pattern;
    bool fit = false;
    while (!fit && span_cut(&rest, ' ', &pattern))
        fit = fits(text, pattern);
    return fit;
}

VatIdResult vat_id_check(const char *text)
{
    char vat_id[COMPACT_MAX + 1];
    if (!compact(text, " .-", vat_id))
        return VAT_ID_OTHER;
    for (size_t i = 0; i < G_N_ELEMENTS(vat_ids); i++) {
        if (strncmp(vat_id, vat_ids[i].country, 2) != 0)
            continue;
        if (!fits_any(vat_id + 2, vat_ids[i].patterns))
            return VAT_ID_WRONG_SYNTAX;
        return strcmp(vat_ids[i].country, "PL") != 0 || nip_is_valid(vat_id) ? VAT_ID_VALID : VAT_ID_WRONG_CHECK;
    }
    return VAT_ID_OTHER;
}

/* ---- KSeF ---------------------------------------------------------------------------------------------------------------- */

static unsigned crc_8(const char *text, size_t length)
{
    enum { POLYNOMIAL = 0x07, TOP_BIT = 0x80, BYTE = 0xFF };
    unsigned crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++)
            crc = ((crc << 1) ^ ((crc & TOP_BIT) != 0 ? POLYNOMIAL : 0)) & BYTE;
    }
    return crc;
}

static bool is_upper_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0' || strchr("0123456789ABCDEF", text[i]) == NULL)
            return false;
    return true;
}

/* "20260215" is a day. */
static bool is_day(const char *digits)
{
    char iso[DATE_TEXT_MAX];
    int64_t time_us;
    g_snprintf(iso, sizeof iso, "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
    return time_parse_date(span_of(iso), &time_us);
}

bool ksef_number_is_valid(const char *text)
{
    enum { DAY = 11, TECHNICAL = 20, TECHNICAL_LENGTH = 12, CHECKED = 32 };
    if (text == NULL || !fits(text, SPAN("9999999999-99999999-XXXXXXXXXXXX-XX")))
        return false;
    char expected[3];
    g_snprintf(expected, sizeof expected, "%02X", crc_8(text, CHECKED));
    return is_day(text + DAY) && is_upper_hex(text + TECHNICAL, TECHNICAL_LENGTH) && strcmp(text + CHECKED + 1, expected) == 0;
}

char *ksef_document_hash(Span document)
{
    g_autofree char *hex = encode_sha256_hex(document);
    g_autofree char *bytes = NULL;
    size_t length = 0;
    bool decoded = decode_hex(span_of(hex), &bytes, &length);
    g_assert(decoded);
    return encode_base64url((Span){ bytes, length });
}

KsefLink ksef_link_check(const char *link, Span document, const Invoice *invoice)
{
    static const char host[] = "https://qr.ksef.mf.gov.pl/invoice/";
    if (link == NULL || !g_str_has_prefix(link, host))
        return KSEF_LINK_OTHER;
    if (invoice->seller.vat_id == NULL || invoice->issue_date == NULL || strlen(invoice->issue_date) != DATE_TEXT_MAX - 1)
        return KSEF_LINK_DIFFERS;
    g_autofree char *hash = ksef_document_hash(document);
    const char *date = invoice->issue_date;
    g_autofree char *expected
        = g_strdup_printf("%s%s/%.2s-%.2s-%.4s/%s", host, invoice->seller.vat_id, date + 8, date + 5, date, hash);
    return strcmp(link, expected) == 0 ? KSEF_LINK_FITS : KSEF_LINK_DIFFERS;
}

/* "…/5265877635-20250826-0100001AF629-AF.xml": the system names its downloads so. */
static char *number_in_name(const char *file_name)
{
    enum { LENGTH = 35 };
    Span name = span_of(file_name);
    if (span_ends_with_nocase(name, SPAN(".xml")))
        name.length -= 4;
    Span last = span_slice(name, name.length < LENGTH ? 0 : name.length - LENGTH, name.length);
    g_autofree char *number = span_to_text(last);
    return number != NULL && fits(number, SPAN("9999999999-99999999-XXXXXXXXXXXX-XX")) ? g_steal_pointer(&number) : NULL;
}

void invoice_check_ksef(Invoice *invoice, Span document, const char *file_name, const char *const *links)
{
    enum { NIP = 10 };
    g_autofree char *number = number_in_name(file_name);
    bool is_of_seller = number == NULL || invoice->seller.vat_id == NULL || strncmp(number, invoice->seller.vat_id, NIP) == 0;
    if (number != NULL && !ksef_number_is_valid(number))
        invoice_add_check(invoice, "ksef-number", INVOICE_WARN, "The file is named by a KSeF number whose check digits do not fit.");
    else if (!is_of_seller)
        invoice_add_check(invoice, "ksef-number", INVOICE_HOLD, "The file is named by a KSeF number of another seller.");
    bool is_linked = false, fits_one = false;
    for (; *links != NULL; links++) {
        KsefLink result = ksef_link_check(*links, document, invoice);
        is_linked |= result != KSEF_LINK_OTHER;
        fits_one |= result == KSEF_LINK_FITS;
    }
    if (is_linked && !fits_one)
        invoice_add_check(invoice, "ksef-link", INVOICE_HOLD,
            "The mail's KSeF link does not fit this document: it was changed, or the link is of another invoice.");
}

/* ---- An invoice's own ------------------------------------------------------------------------------------------------------ */

G_GNUC_PRINTF(4, 5)
static void tell(Invoice *invoice, const char *rule, InvoiceSeverity severity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    invoice_add_check(invoice, rule, severity, text);
}

static void check_account_number(Invoice *invoice, const char *number)
{
    switch (iban_check(number)) {
    case IBAN_OTHER:
        tell(invoice, "account", INVOICE_WARN, "The account %s is not an IBAN: it cannot be checked for mistypings.", number);
        return;
    case IBAN_UNKNOWN_COUNTRY:
        tell(invoice, "iban", INVOICE_HOLD, "The account %s is not valid: no country begins its IBANs with %.2s.", number, number);
        return;
    case IBAN_WRONG_LENGTH:
        tell(invoice, "iban", INVOICE_HOLD, "The account %s is not valid: an IBAN of its country has another length.", number);
        return;
    case IBAN_WRONG_CHECK:
        tell(invoice, "iban", INVOICE_HOLD, "The account %s is not valid: its check digits do not fit. Ask the seller.", number);
        return;
    case IBAN_VALID:
        return;
    }
    g_assert_not_reached();
}

/* The country that a party says it is in, else that of its VAT id; NULL where neither tells. */
static const char *party_country(const InvoiceParty *party)
{
    const char *country = country_of(party->country);
    if (country != NULL || vat_id_check(party->vat_id) != VAT_ID_VALID)
        return country;
    char prefix[] = { party->vat_id[0], party->vat_id[1], '\0' };
    if (g_ascii_strcasecmp(prefix, "EL") == 0)
        return "GR";
    return g_ascii_strcasecmp(prefix, "XI") == 0 ? "GB" : country_of(prefix);
}

static void check_account_country(Invoice *invoice, const InvoiceAccount *account)
{
    bool is_payees = invoice->payee.name != NULL && (account->is_factor || party_country(&invoice->payee) != NULL);
    const char *country = party_country(is_payees ? &invoice->payee : &invoice->seller);
    if (country == NULL || iban_check(account->number) != IBAN_VALID || g_ascii_strncasecmp(account->number, country, 2) == 0)
        return;
    tell(invoice, "account-country", INVOICE_WARN,
        "The account %s is in another country (%.2s) than the %s (%s). Make sure that it is right before you pay.",
        account->number, account->number, is_payees ? "payee" : "seller", country);
}

static void check_account(Invoice *invoice, const InvoiceAccount *account)
{
    if (account->number != NULL)
        check_account_number(invoice, account->number);
    /* Beside a national account stands a national code of the bank: "SE:BANKGIRO", a British sort code. */
    bool is_national = account->number != NULL && iban_check(account->number) == IBAN_OTHER;
    if (account->bic != NULL && !bic_is_valid(account->bic))
        tell(invoice, "bic", is_national ? INVOICE_WARN : INVOICE_HOLD, "The bank's code %s is not a valid BIC.", account->bic);
    if (account->number != NULL)
        check_account_country(invoice, account);
}

/* A Polish number without its country, as KSeF writes it. */
static bool is_bare_nip(const Invoice *invoice, const InvoiceParty *party)
{
    char number[COMPACT_MAX + 1];
    return compact(party->vat_id, " -", number) && fits(number, SPAN("9999999999"))
        && (g_strcmp0(country_of(party->country), "PL") == 0 || g_str_has_prefix(invoice->format, "KSeF"));
}

static void check_vat_id(Invoice *invoice, const InvoiceParty *party, const char *who)
{
    if (party->vat_id == NULL)
        return;
    VatIdResult result = vat_id_check(party->vat_id);
    if (is_bare_nip(invoice, party))
        result = nip_is_valid(party->vat_id) ? VAT_ID_VALID : VAT_ID_WRONG_CHECK;
    switch (result) {
    case VAT_ID_OTHER: /* a country whose numbers are not known here, or a national number */
    case VAT_ID_VALID:
        return;
    case VAT_ID_WRONG_SYNTAX:
        tell(invoice, "vat-id", INVOICE_WARN, "The %s's VAT number %s is not written as its country writes them.", who,
            party->vat_id);
        return;
    case VAT_ID_WRONG_CHECK:
        tell(invoice, "vat-id", INVOICE_WARN, "The %s's tax number %s is not valid: its check digit does not fit.", who,
            party->vat_id);
        return;
    }
    g_assert_not_reached();
}

void invoice_check_identifiers(Invoice *invoice)
{
    for (unsigned i = 0; i < invoice->accounts->len; i++)
        check_account(invoice, invoice->accounts->pdata[i]);
    check_vat_id(invoice, &invoice->seller, "seller");
    check_vat_id(invoice, &invoice->buyer, "buyer");
    if (rf_reference_check(invoice->remittance) == REFERENCE_INVALID)
        tell(invoice, "reference", INVOICE_WARN, "The payment reference %s is not valid: its check digits do not fit.",
            invoice->remittance);
}
