/* Polish structured invoices of KSeF: FA(1), FA(2), FA(3), and FA_RR(1) for purchases from flat-rate farmers.
 *
 * Source: the Ministry's schemas (crd.gov.pl/wzor/…, one namespace each) and their information sheets. The three FA are one
 * table: what changed between them stands under other names and never clashes. What is to be paid is DoZaplaty, else P_15,
 * less part payments; a correction (KOR…) states differences. */
#include "formats.h"

#include <string.h>

#include "base/text.h"
#include "limits.h"
#include "members.h"

enum {
    SLOT_SELF_BILLED,
    SLOT_SPLIT_PAYMENT,
    SLOT_MARGIN,
    SLOT_PAID,
    SLOT_PARTLY_PAID,
    SLOT_REGISTER,
    SLOT_TERM_COUNT,
    SLOT_TERM_UNIT,
    SLOT_TERM_EVENT,
};

/* From SUM_BASE on the bases P_13_…, from SUM_TAX on the taxes P_14_…, each in the order of `rates`. */
enum { SUM_PART_PAYMENTS, SUM_OVERPAID, SUM_BASE, RATES = 14, SUM_TAX = SUM_BASE + RATES, TAXES = 5 };

#define BASE(rate) TERM_SUM(SUM_BASE + (rate))
#define TAX(rate) TERM_SUM(SUM_TAX + (rate))

/* P_13_1/P_14_1 … P_13_11: the rates that each stands for, in the words of P_12; the last place is FA(1)'s P_13_6. */
static const char *const rates[RATES] = { "23", "8", "5", "4", "OSS", "0 KR", "0 WDT", "0 EX", "zw", "np I", "np II", "oo",
    "marża", "0" };
static const char *const older_rates[] = { "22", "7", "5", "3" }; /* of the first ones, where a line says so */

/* ---- Tables --------------------------------------------------------------------------------------------------------- */

static const XmlRule polish_address_rules[] = {
    { "KodKraju", TERM_PARTY_COUNTRY, NULL },
    { "Ulica", TERM_PARTY_STREET, NULL },
    { "NrDomu", TERM_PARTY_STREET, NULL },
    { "NrLokalu", TERM_PARTY_STREET, NULL },
    { "Miejscowosc", TERM_PARTY_CITY, NULL },
    { "KodPocztowy", TERM_PARTY_POSTCODE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule party_rules[] = {
    { "DaneIdentyfikacyjne/NIP", TERM_PARTY_VAT_ID, NULL },
    { "DaneIdentyfikacyjne/KodUE", TERM_PARTY_VAT_ID_PART, NULL },
    { "DaneIdentyfikacyjne/NrVatUE", TERM_PARTY_VAT_ID_PART, NULL },
    { "DaneIdentyfikacyjne/NrID", GROUP_TAX_REGISTRATION, NULL },
    { "DaneIdentyfikacyjne/NrID", TERM_TAX_ID, NULL },
    { "DaneIdentyfikacyjne/PelnaNazwa", TERM_PARTY_NAME, NULL },
    { "DaneIdentyfikacyjne/Nazwa", TERM_PARTY_NAME, NULL },
    { "DaneIdentyfikacyjne/ImiePierwsze", TERM_PARTY_NAME_PART, NULL },
    { "DaneIdentyfikacyjne/Nazwisko", TERM_PARTY_NAME_PART, NULL },
    { "DaneIdentyfikacyjne/NazwaHandlowa", TERM_PARTY_TRADING_NAME, NULL },
    { "Adres/KodKraju", TERM_PARTY_COUNTRY, NULL },
    { "Adres/AdresL1", TERM_PARTY_STREET, NULL },
    { "Adres/AdresL2", TERM_PARTY_STREET, NULL },
    { "Adres/AdresPol", TERM_NONE, polish_address_rules },
    { "Adres/AdresZagr", TERM_NONE, polish_address_rules },
    { "DaneKontaktowe/Email", TERM_PARTY_EMAIL, NULL },
    { "Email", TERM_PARTY_EMAIL, NULL },
    { "Rola", TERM_PARTY_IS_PAYEE, NULL }, /* role 1 is the factor; the seller and the buyer have none */
    { NULL, TERM_NONE, NULL },
};

static const XmlRule account_rules[] = {
    { "NrRB", TERM_ACCOUNT_NUMBER, NULL },
    { "NrRBPL", TERM_ACCOUNT_NUMBER, NULL },
    { "NrRBZagr", TERM_ACCOUNT_NUMBER, NULL },
    { "SWIFT", TERM_ACCOUNT_BIC, NULL },
    { "NazwaBanku", TERM_ACCOUNT_NAME, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule payment_rules[] = {
    { "Zaplacono", TERM_SLOT(SLOT_PAID), NULL },
    { "ZnacznikZaplatyCzesciowej", TERM_SLOT(SLOT_PARTLY_PAID), NULL },
    { "ZaplataCzesciowa/KwotaZaplatyCzesciowej", TERM_SUM(SUM_PART_PAYMENTS), NULL },
    { "PlatnosciCzesciowe/KwotaZaplatyCzesciowej", TERM_SUM(SUM_PART_PAYMENTS), NULL },
    { "PlatnosciCzesciowe/PlatnoscCzesciowa/KwotaZaplatyCzesciowej", TERM_SUM(SUM_PART_PAYMENTS), NULL },
    { "TerminPlatnosci/Termin", TERM_DUE_DATE, NULL },
    { "TerminPlatnosci/TerminOpis", TERM_PAYMENT_TERMS, NULL },
    { "TerminPlatnosci/TerminOpis/Ilosc", TERM_SLOT(SLOT_TERM_COUNT), NULL },
    { "TerminPlatnosci/TerminOpis/Jednostka", TERM_SLOT(SLOT_TERM_UNIT), NULL },
    { "TerminPlatnosci/TerminOpis/ZdarzeniePoczatkowe", TERM_SLOT(SLOT_TERM_EVENT), NULL },
    { "TerminyPlatnosci/TerminPlatnosci", TERM_DUE_DATE, NULL },
    { "TerminyPlatnosci/TerminPlatnosciOpis", TERM_PAYMENT_TERMS, NULL },
    { "FormaPlatnosci", TERM_MEANS_CODE, NULL },
    { "RachunekBankowy", GROUP_ACCOUNT, account_rules },
    { "RachunekBankowyFaktora", GROUP_FACTOR_ACCOUNT, account_rules },
    { "RachunekBankowy1", GROUP_ACCOUNT, account_rules },           /* FA_RR: the farmer's */
    { "RachunekBankowy2/NrRB", TERM_PAYER_ACCOUNT, NULL },          /* FA_RR: the buyer's own */
    { "Skonto/WarunkiSkonta", TERM_NOTE, NULL },
    { "IPKSeF", TERM_REMITTANCE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule line_rules[] = {
    { "NrWierszaFa", TERM_LINE_ID, NULL },
    { "P_7", TERM_LINE_NAME, NULL },
    { "P_8A", TERM_LINE_UNIT, NULL },
    { "P_8B", TERM_LINE_QUANTITY, NULL },
    { "P_9A", TERM_LINE_PRICE, NULL },
    { "P_9B", TERM_LINE_PRICE, NULL }, /* with tax, like P_11A: art. 106e (7, 8) of the VAT act */
    { "P_11", TERM_LINE_NET, NULL },
    { "P_11A", TERM_LINE_NET, NULL },
    { "P_12", TERM_LINE_VAT_RATE, NULL },
    { "StanPrzed", TERM_LINE_IS_BEFORE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule farmer_line_rules[] = {
    { "NrWierszaFa", TERM_LINE_ID, NULL },
    { "P_5", TERM_LINE_NAME, NULL },
    { "P_6A", TERM_LINE_UNIT, NULL },
    { "P_6B", TERM_LINE_QUANTITY, NULL },
    { "P_6C", TERM_LINE_DESCRIPTION, NULL },
    { "P_7", TERM_LINE_PRICE, NULL },
    { "P_8", TERM_LINE_NET, NULL },
    { "P_9", TERM_LINE_VAT_RATE, NULL },
    { "StanPrzed", TERM_LINE_IS_BEFORE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule settlement_rules[] = {
    { "Kwota", TERM_ADJUSTMENT_AMOUNT, NULL },
    { "Powod", TERM_ADJUSTMENT_REASON, NULL },
    { NULL, TERM_NONE, NULL },
};

/* What FA and FA_RR have in common. */
#define COMMON_RULES \
    { "KodWaluty", TERM_CURRENCY, NULL }, { "RodzajFaktury", TERM_TYPE_CODE, NULL }, { "PrzyczynaKorekty", TERM_NOTE, NULL }, \
        { "DaneFaKorygowanej/NrFaKorygowanej", TERM_PRECEDING_NUMBER, NULL }, { "DodatkowyOpis/Klucz", TERM_NOTE, NULL }, \
        { "DodatkowyOpis/Wartosc", TERM_NOTE, NULL }, { "Rozliczenie/Obciazenia", GROUP_CHARGE, settlement_rules }, \
        { "Rozliczenie/Odliczenia", GROUP_ADJUSTMENT, settlement_rules }, { "Rozliczenie/DoZaplaty", TERM_TOTAL_DUE, NULL }, \
        { "Rozliczenie/DoRozliczenia", TERM_SUM(SUM_OVERPAID), NULL }, { "Platnosc", TERM_NONE, payment_rules }

static const XmlRule invoice_rules[] = {
    COMMON_RULES,
    { "P_1", TERM_ISSUE_DATE, NULL },
    { "P_2", TERM_NUMBER, NULL },
    { "OkresFa/P_6_Od", TERM_PERIOD_START, NULL },
    { "OkresFa/P_6_Do", TERM_PERIOD_END, NULL },
    { "P_13_1", BASE(0), NULL },
    { "P_14_1", TAX(0), NULL },
    { "P_13_2", BASE(1), NULL },
    { "P_14_2", TAX(1), NULL },
    { "P_13_3", BASE(2), NULL },
    { "P_14_3", TAX(2), NULL },
    { "P_13_4", BASE(3), NULL },
    { "P_14_4", TAX(3), NULL },
    { "P_13_5", BASE(4), NULL },
    { "P_14_5", TAX(4), NULL },
    { "P_13_6_1", BASE(5), NULL },
    { "P_13_6_2", BASE(6), NULL },
    { "P_13_6_3", BASE(7), NULL },
    { "P_13_7", BASE(8), NULL },
    { "P_13_8", BASE(9), NULL },
    { "P_13_9", BASE(10), NULL },
    { "P_13_10", BASE(11), NULL },
    { "P_13_11", BASE(12), NULL },
    { "P_13_6", BASE(13), NULL },
    { "P_15", TERM_TOTAL_WITH_VAT, NULL },
    { "Adnotacje/P_17", TERM_SLOT(SLOT_SELF_BILLED), NULL },
    { "Adnotacje/P_18A", TERM_SLOT(SLOT_SPLIT_PAYMENT), NULL },
    { "Adnotacje/P_PMarzy", TERM_SLOT(SLOT_MARGIN), NULL }, /* FA(1): what is sold by margin is in no P_13 */
    { "Adnotacje/P_19A", TERM_NOTE, NULL },
    { "Adnotacje/Zwolnienie/P_19A", TERM_NOTE, NULL },
    { "FaWiersz", GROUP_LINE, line_rules },
    { "FaWiersze/FaWiersz", GROUP_LINE, line_rules },
    { "WarunkiTransakcji/Zamowienia/NrZamowienia", TERM_ORDER_REFERENCE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule farmer_invoice_rules[] = {
    COMMON_RULES,
    { "P_4B", TERM_ISSUE_DATE, NULL },
    { "P_4C", TERM_NUMBER, NULL },
    { "P_11_1", TERM_TOTAL_WITHOUT_VAT, NULL },
    { "P_11_2", TERM_TOTAL_VAT, NULL },
    { "P_12_1", TERM_TOTAL_WITH_VAT, NULL },
    { "FakturaRRWiersz", GROUP_LINE, farmer_line_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule rules[] = {
    { "Naglowek/KodFormularza/@kodSystemowy", TERM_PROFILE, NULL },
    { "Podmiot1", GROUP_SELLER, party_rules },
    { "Podmiot2", GROUP_BUYER, party_rules },
    { "Podmiot3", GROUP_OTHER_PARTY, party_rules },
    { "Fa", TERM_NONE, invoice_rules },
    { "FakturaRR", TERM_NONE, farmer_invoice_rules },
    { "Stopka/Informacje/StopkaFaktury", TERM_NOTE, NULL },
    { "Stopka/Rejestry/KRS", TERM_SLOT(SLOT_REGISTER), NULL },
    { NULL, TERM_NONE, NULL },
};

/* ---- What the tables cannot say -------------------------------------------------------------------------------------- */

static bool is_set(const Draft *draft, unsigned slot)
{
    return g_strcmp0(draft_slot(draft, slot), "1") == 0;
}

/* "FA (3)" is also written "FA(3)". */
static void close_profile(Invoice *invoice)
{
    char *space = invoice->profile == NULL ? NULL : strstr(invoice->profile, " (");
    if (space != NULL)
        memmove(space, space + 1, strlen(space));
}

/* NrRB of 26 digits is a Polish NRB: an IBAN without its country. */
static void complete_account(InvoiceAccount *account)
{
    enum { NRB_DIGITS = 26 };
    if (account->number == NULL || strlen(account->number) != NRB_DIGITS
        || strspn(account->number, "0123456789") != NRB_DIGITS)
        return;
    char *iban = g_strconcat("PL", account->number, NULL);
    g_free(account->number);
    account->number = iban;
}

static bool has_rate(const Invoice *invoice, const char *rate)
{
    for (unsigned i = 0; i < invoice->lines->len; i++)
        if (g_strcmp0(((const InvoiceLine *)invoice->lines->pdata[i])->vat_rate, rate) == 0)
            return true;
    return false;
}

static const char *rate_of(const Invoice *invoice, unsigned index)
{
    bool is_older = index < G_N_ELEMENTS(older_rates) && !has_rate(invoice, rates[index]) && has_rate(invoice, older_rates[index]);
    return is_older ? older_rates[index] : rates[index];
}

static void list_vat(Draft *draft, Invoice *invoice)
{
    Decimal bases = decimal_of(0), taxes = decimal_of(0);
    for (unsigned i = 0; i < RATES; i++) {
        Decimal base = draft_sum(draft, SUM_BASE + i), tax = i < TAXES ? draft_sum(draft, SUM_TAX + i) : DECIMAL_UNKNOWN;
        InvoiceVat *vat = base.is_known || tax.is_known ? invoice_list_add(invoice, offsetof(Invoice, vat)) : NULL;
        if (vat == NULL)
            continue;
        *vat = (InvoiceVat){ .rate = g_strdup(rate_of(invoice, i)), .base = base, .amount = tax };
        bases = decimal_add(bases, decimal_or_zero(base));
        taxes = decimal_add(taxes, decimal_or_zero(tax));
    }
    if (invoice->vat->len == 0 || is_set(draft, SLOT_MARGIN))
        return;
    invoice->totals.without_vat = bases;
    invoice->totals.vat = taxes;
}

/* DoZaplaty is P_15 with charges and deductions; part payments are in neither (schema, Rozliczenie). DoRozliczenia is
 * what the buyer has paid too much. */
static void settle(Draft *draft, Invoice *invoice)
{
    InvoiceTotals *totals = &invoice->totals;
    Decimal overpaid = draft_sum(draft, SUM_OVERPAID), part_payments = draft_sum(draft, SUM_PART_PAYMENTS);
    if (!totals->due.is_known)
        totals->due = overpaid.is_known ? decimal_subtract(decimal_of(0), overpaid) : totals->with_vat;
    /* ZnacznikZaplatyCzesciowej 2: paid in full, in parts. */
    if (is_set(draft, SLOT_PAID) || g_strcmp0(draft_slot(draft, SLOT_PARTLY_PAID), "2") == 0) {
        invoice->status = INVOICE_STATUS_COMPLETE;
        totals->prepaid = totals->due;
        totals->due = decimal_of(0);
    } else if (part_payments.is_known) {
        totals->prepaid = part_payments;
        totals->due = decimal_subtract(totals->due, part_payments);
    }
}

static void choose_kind(const Draft *draft, Invoice *invoice)
{
    bool is_correction = invoice->type_code != NULL && g_str_has_prefix(invoice->type_code, "KOR");
    Decimal due = invoice->totals.due;
    if (is_set(draft, SLOT_SELF_BILLED) || strcmp(invoice->format, ksef_rr1.name) == 0)
        invoice->kind = INVOICE_KIND_SELF_BILLED; /* art. 106d and 116 of the VAT act: the buyer has made it out */
    else if (is_correction && due.is_known && decimal_compare(due, decimal_of(0)) <= 0)
        invoice->kind = INVOICE_KIND_CREDIT;
}

static void join_terms(const Draft *draft, Invoice *invoice)
{
    const char *count = draft_slot(draft, SLOT_TERM_COUNT), *unit = draft_slot(draft, SLOT_TERM_UNIT),
               *event = draft_slot(draft, SLOT_TERM_EVENT);
    if (invoice->payment_terms != NULL || count == NULL || unit == NULL || event == NULL)
        return;
    g_autofree char *joined = g_strdup_printf("%s %s: %s", count, unit, event);
    invoice->payment_terms = text_clean(span_of(joined), INVOICE_NOTE_MAX);
}

static void finish(Draft *draft, Invoice *invoice)
{
    close_profile(invoice);
    for (unsigned i = 0; i < invoice->accounts->len; i++)
        complete_account(invoice->accounts->pdata[i]);
    if (invoice->seller.legal_id == NULL && draft_slot(draft, SLOT_REGISTER) != NULL)
        invoice->seller.legal_id = text_clean(span_of(draft_slot(draft, SLOT_REGISTER)), INVOICE_TEXT_MAX);
    invoice->is_split_payment = is_set(draft, SLOT_SPLIT_PAYMENT);
    list_vat(draft, invoice);
    join_terms(draft, invoice);
    settle(draft, invoice);
    choose_kind(draft, invoice);
}

#define FORMAT(variable, name, number) \
    static const char *const variable##_namespaces[] = { "http://crd.gov.pl/wzor/" number "/", NULL }; \
    const XmlFormat variable = { name, "Faktura", "http://crd.gov.pl/wzor/" number "/", variable##_namespaces, rules, finish }

FORMAT(ksef_fa1, "KSeF FA(1)", "2021/11/29/11089");
FORMAT(ksef_fa2, "KSeF FA(2)", "2023/06/29/12648");
FORMAT(ksef_fa3, "KSeF FA(3)", "2025/06/25/13775");
FORMAT(ksef_rr1, "KSeF FA_RR(1)", "2026/03/06/14189");
