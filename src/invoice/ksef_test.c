/* KSeF FA(1), FA(2), FA(3), FA_RR(1): what is to be paid, to which account, and what never is. */
#include "xml_fixture.h"

#define FA1 "http://crd.gov.pl/wzor/2021/11/29/11089/"
#define FA2 "http://crd.gov.pl/wzor/2023/06/29/12648/"
#define FA3 "http://crd.gov.pl/wzor/2025/06/25/13775/"
#define RR1 "http://crd.gov.pl/wzor/2026/03/06/14189/"

static const char document[]
    = "<?xml version='1.0' encoding='UTF-8'?><Faktura xmlns='" FA3 "'><Naglowek><KodFormularza kodSystemowy='FA (3)'>FA"
      "</KodFormularza></Naglowek><Podmiot1><DaneIdentyfikacyjne><NIP>5261040828</NIP><Nazwa>Prąd Próbny S.A.</Nazwa>"
      "</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>ul. Cicha 1</AdresL1><AdresL2>00-001 Warszawa</AdresL2>"
      "</Adres><DaneKontaktowe><Email>prad@example.com</Email></DaneKontaktowe></Podmiot1><Podmiot2><DaneIdentyfikacyjne>"
      "<KodUE>DE</KodUE><NrVatUE>136695976</NrVatUE><Nazwa>Muster GmbH</Nazwa></DaneIdentyfikacyjne></Podmiot2>"
      "<Podmiot3><DaneIdentyfikacyjne><NIP>1111111111</NIP><Nazwa>Odbiorca</Nazwa></DaneIdentyfikacyjne><Rola>2</Rola>"
      "</Podmiot3><Podmiot3><DaneIdentyfikacyjne><NIP>2222222222</NIP><Nazwa>Faktor S.A.</Nazwa></DaneIdentyfikacyjne>"
      "<Rola>1</Rola></Podmiot3><Fa><KodWaluty>PLN</KodWaluty><P_1>2026-02-15</P_1><P_2>FV/7</P_2><OkresFa><P_6_Od>2026-01-01"
      "</P_6_Od><P_6_Do>2026-01-31</P_6_Do></OkresFa><P_13_1>100.00</P_13_1><P_14_1>23.00</P_14_1><P_13_7>10.00</P_13_7>"
      "<P_15>133.00</P_15><Adnotacje><P_17>2</P_17><P_18A>2</P_18A></Adnotacje><RodzajFaktury>VAT</RodzajFaktury>"
      "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>energia</P_7><P_8A>kWh</P_8A><P_8B>50</P_8B><P_9A>2.00</P_9A>"
      "<P_11>100.00</P_11><P_12>23</P_12></FaWiersz><FaWiersz><NrWierszaFa>2</NrWierszaFa><P_7>usługa</P_7><P_11>10.00</P_11>"
      "<P_12>zw</P_12></FaWiersz><Rozliczenie><Odliczenia><Kwota>3.00</Kwota><Powod>nadpłata</Powod></Odliczenia>"
      "<DoZaplaty>130.00</DoZaplaty></Rozliczenie><Platnosc><TerminPlatnosci><Termin>2026-03-15</Termin></TerminPlatnosci>"
      "<TerminPlatnosci><Termin>2026-04-15</Termin></TerminPlatnosci><FormaPlatnosci>6</FormaPlatnosci><RachunekBankowy>"
      "<NrRB>61 1090 1014 0000 0712 1981 2874</NrRB><SWIFT>WBKPPLPP</SWIFT><NazwaBanku>Bank</NazwaBanku></RachunekBankowy>"
      "<RachunekBankowyFaktora><NrRB>27114020040000300201355387</NrRB></RachunekBankowyFaktora></Platnosc>"
      "<WarunkiTransakcji><Zamowienia><NrZamowienia>ZAM-1</NrZamowienia></Zamowienia></WarunkiTransakcji></Fa><Stopka>"
      "<Informacje><StopkaFaktury>Dziękujemy</StopkaFaktury></Informacje><Rejestry><KRS>0000099999</KRS></Rejestry></Stopka>"
      "</Faktura>";

static const InvoiceAccount *account(const Invoice *invoice, unsigned index)
{
    g_assert_cmpuint(index, <, invoice->accounts->len);
    return invoice->accounts->pdata[index];
}

static void test_all(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpstr(invoice->format, ==, "KSeF FA(3)");
    g_assert_cmpstr(invoice->profile, ==, "FA(3)");
    g_assert_cmpstr(invoice->number, ==, "FV/7");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-02-15");
    g_assert_cmpstr(invoice->due_date, ==, "2026-03-15");
    g_assert_cmpuint(invoice->due_dates->len, ==, 2);
    g_assert_cmpstr(invoice->period_end, ==, "2026-01-31");
    g_assert_cmpstr(invoice->seller.name, ==, "Prąd Próbny S.A.");
    g_assert_cmpstr(invoice->seller.vat_id, ==, "5261040828");
    g_assert_cmpstr(invoice->seller.legal_id, ==, "0000099999");
    g_assert_cmpstr(invoice->seller.address, ==, "ul. Cicha 1, 00-001 Warszawa");
    g_assert_cmpstr(invoice->seller.email, ==, "prad@example.com");
    g_assert_cmpstr(invoice->buyer.vat_id, ==, "DE136695976");
    g_assert_cmpstr(invoice->order_reference, ==, "ZAM-1");
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_BILL);
    g_assert_false(invoice->is_split_payment);
    g_assert_cmpuint(invoice->line_count, ==, 2);
    g_assert_cmpstr(((InvoiceLine *)invoice->lines->pdata[1])->vat_rate, ==, "zw");
    xml_expect_decimal(invoice->totals.due, "130");
    g_assert_cmpint(invoice->amount_due.minor, ==, 13000);
    g_assert_cmpuint(invoice->adjustments->len, ==, 1);
}

static void test_vat(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpuint(invoice->vat->len, ==, 2);
    const InvoiceVat *first = invoice->vat->pdata[0], *second = invoice->vat->pdata[1];
    g_assert_cmpstr(first->rate, ==, "23");
    xml_expect_decimal(first->base, "100");
    xml_expect_decimal(first->amount, "23");
    g_assert_cmpstr(second->rate, ==, "zw");
    g_assert_false(second->amount.is_known);
    xml_expect_decimal(invoice->totals.without_vat, "110");
    xml_expect_decimal(invoice->totals.vat, "23");
    g_autoptr(Invoice) older = xml_read_edited(document, "<P_12>23</P_12>", "<P_12>22</P_12>");
    g_assert_cmpstr(((InvoiceVat *)older->vat->pdata[0])->rate, ==, "22");
}

/* The factor's account first, the factor as payee; another party's role never makes it one. */
static void test_factor(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(document);
    g_assert_cmpuint(invoice->accounts->len, ==, 2);
    g_assert_cmpstr(account(invoice, 0)->number, ==, "PL27114020040000300201355387");
    g_assert_true(account(invoice, 0)->is_factor);
    g_assert_cmpstr(account(invoice, 1)->number, ==, "PL61109010140000071219812874");
    g_assert_cmpstr(account(invoice, 1)->bic, ==, "WBKPPLPP");
    g_assert_cmpstr(invoice->payee.name, ==, "Faktor S.A.");
    g_autoptr(Invoice) without = xml_read_edited(document, "<Rola>1</Rola>", "<Rola>4</Rola>");
    g_assert_null(without->payee.name);
    g_autoptr(Invoice) sly = xml_read_edited(document, "<Podmiot2>", "<Podmiot2><Rola>1</Rola>");
    g_assert_cmpstr(sly->payee.name, ==, "Faktor S.A.");
    g_assert_cmpstr(sly->buyer.name, ==, "Muster GmbH");
}

/* Only 26 digits are an NRB: anything else stays as it is. */
static void test_foreign_account(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "27114020040000300201355387", "DE89370400440532013000");
    g_assert_cmpstr(account(invoice, 0)->number, ==, "DE89370400440532013000");
    g_autoptr(Invoice) other = xml_read_edited(document, "27114020040000300201355387", "2711402004000030020135538");
    g_assert_cmpstr(account(other, 0)->number, ==, "2711402004000030020135538");
}

static void test_due(void)
{
    g_autoptr(Invoice) total = xml_read_edited(document, "<DoZaplaty>130.00</DoZaplaty>", "");
    xml_expect_decimal(total->totals.due, "133");
    g_autoptr(Invoice) overpaid
        = xml_read_edited(document, "<DoZaplaty>130.00</DoZaplaty>", "<DoRozliczenia>7.00</DoRozliczenia>");
    xml_expect_decimal(overpaid->totals.due, "-7");
    g_autoptr(Invoice) part = xml_read_edited(document, "<Platnosc>",
        "<Platnosc><ZnacznikZaplatyCzesciowej>1</ZnacznikZaplatyCzesciowej><ZaplataCzesciowa><KwotaZaplatyCzesciowej>20"
        "</KwotaZaplatyCzesciowej></ZaplataCzesciowa><ZaplataCzesciowa><KwotaZaplatyCzesciowej>10.50</KwotaZaplatyCzesciowej>"
        "</ZaplataCzesciowa>");
    xml_expect_decimal(part->totals.due, "99.50");
    xml_expect_decimal(part->totals.prepaid, "30.50");
    g_assert_cmpint(part->status, ==, INVOICE_STATUS_UNSTATED);
}

static void test_paid(void)
{
    static const char *const marks[]
        = { "<Platnosc><Zaplacono>1</Zaplacono>", "<Platnosc><ZnacznikZaplatyCzesciowej>2</ZnacznikZaplatyCzesciowej>" };
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        g_autoptr(Invoice) invoice = xml_read_edited(document, "<Platnosc>", marks[i]);
        g_assert_cmpint(invoice->status, ==, INVOICE_STATUS_COMPLETE);
        g_assert_cmpint(invoice->amount_due.minor, ==, 0);
        xml_expect_decimal(invoice->totals.prepaid, "130");
        g_assert_nonnull(find_check(invoice, "status"));
    }
}

static void test_flags(void)
{
    g_autoptr(Invoice) split = xml_read_edited(document, "<P_18A>2</P_18A>", "<P_18A>1</P_18A>");
    g_assert_true(split->is_split_payment);
    g_autoptr(Invoice) own = xml_read_edited(document, "<P_17>2</P_17>", "<P_17>1</P_17>");
    g_assert_cmpint(own->kind, ==, INVOICE_KIND_SELF_BILLED);
}

#define CORRECTION(total, due) \
    "<Faktura xmlns='" FA3 "'><Podmiot1><DaneIdentyfikacyjne><Nazwa>A</Nazwa></DaneIdentyfikacyjne></Podmiot1><Fa><KodWaluty>PLN" \
    "</KodWaluty><P_2>K/1</P_2><P_13_1>" total "</P_13_1><P_15>" total "</P_15><RodzajFaktury>KOR</RodzajFaktury>" \
    "<DaneFaKorygowanej><NrFaKorygowanej>FV/6</NrFaKorygowanej></DaneFaKorygowanej><FaWiersz><NrWierszaFa>1</NrWierszaFa>" \
    "<P_8B>1</P_8B><P_11>500</P_11><StanPrzed>1</StanPrzed></FaWiersz><FaWiersz><NrWierszaFa>1</NrWierszaFa><P_8B>1</P_8B>" \
    "<P_11>300</P_11></FaWiersz>" due "</Fa></Faktura>"

static void test_corrections(void)
{
    g_autoptr(Invoice) back = xml_read_one(CORRECTION("-200", ""));
    g_assert_cmpint(back->kind, ==, INVOICE_KIND_CREDIT);
    g_assert_cmpstr(back->preceding_number, ==, "FV/6");
    g_assert_cmpuint(back->line_count, ==, 2);
    xml_expect_decimal(((InvoiceLine *)back->lines->pdata[0])->net, "-500");
    xml_expect_decimal(((InvoiceLine *)back->lines->pdata[0])->quantity, "-1");
    xml_expect_decimal(((InvoiceLine *)back->lines->pdata[1])->net, "300");
    g_autoptr(Invoice) nothing = xml_read_one(CORRECTION("0", ""));
    g_assert_cmpint(nothing->kind, ==, INVOICE_KIND_CREDIT);
    g_autoptr(Invoice) more = xml_read_one(CORRECTION("200", ""));
    g_assert_cmpint(more->kind, ==, INVOICE_KIND_BILL);
    g_assert_cmpint(more->amount_due.minor, ==, 20000);
}

/* FA(1) has other names for the same things. */
static void test_first_version(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(
        "<Faktura xmlns='" FA1 "'><Naglowek><KodFormularza kodSystemowy='FA (1)'/></Naglowek><Podmiot1><DaneIdentyfikacyjne>"
        "<NIP>5261040828</NIP><PelnaNazwa>Komis</PelnaNazwa></DaneIdentyfikacyjne><Adres><AdresPol><KodKraju>PL</KodKraju>"
        "<Ulica>Cicha</Ulica><NrDomu>1</NrDomu><Miejscowosc>Kraków</Miejscowosc><KodPocztowy>00-002</KodPocztowy></AdresPol>"
        "</Adres></Podmiot1><Podmiot2><DaneIdentyfikacyjne><BrakID>1</BrakID><ImiePierwsze>Jan</ImiePierwsze><Nazwisko>Kowalski"
        "</Nazwisko></DaneIdentyfikacyjne></Podmiot2><Fa><KodWaluty>PLN</KodWaluty><P_1>2022-01-27</P_1><P_2>1</P_2>"
        "<P_13_6>1</P_13_6><P_15>15000</P_15><Adnotacje><P_PMarzy>1</P_PMarzy></Adnotacje><FaWiersze><FaWiersz><NrWierszaFa>1"
        "</NrWierszaFa><P_11A>15000</P_11A></FaWiersz></FaWiersze><Platnosc><PlatnosciCzesciowe><KwotaZaplatyCzesciowej>10000"
        "</KwotaZaplatyCzesciowej></PlatnosciCzesciowe><TerminyPlatnosci><TerminPlatnosci>2022-03-15</TerminPlatnosci>"
        "<TerminPlatnosciOpis>reszta</TerminPlatnosciOpis></TerminyPlatnosci><RachunekBankowyFaktora><NrRBPL>"
        "27114020040000300201355387</NrRBPL></RachunekBankowyFaktora></Platnosc></Fa></Faktura>");
    g_assert_cmpstr(invoice->format, ==, "KSeF FA(1)");
    g_assert_cmpstr(invoice->seller.name, ==, "Komis");
    g_assert_cmpstr(invoice->seller.address, ==, "Cicha, 1, 00-002 Kraków");
    g_assert_cmpstr(invoice->buyer.name, ==, "Jan Kowalski");
    g_assert_cmpuint(invoice->line_count, ==, 1);
    g_assert_cmpstr(invoice->due_date, ==, "2022-03-15");
    g_assert_cmpstr(invoice->payment_terms, ==, "reszta");
    g_assert_cmpint(invoice->amount_due.minor, ==, 500000);
    g_assert_cmpstr(account(invoice, 0)->number, ==, "PL27114020040000300201355387");
    g_assert_cmpstr(((InvoiceVat *)invoice->vat->pdata[0])->rate, ==, "0");
    g_assert_false(invoice->totals.without_vat.is_known); /* sold by margin */
}

static void test_second_version(void)
{
    g_autofree char *text = xml_edited(document, "<TerminPlatnosci><Termin>2026-03-15</Termin></TerminPlatnosci>",
        "<TerminPlatnosci><TerminOpis> <Ilosc>30</Ilosc> <Jednostka>Dzień</Jednostka> <ZdarzeniePoczatkowe>Otrzymanie faktury"
        "</ZdarzeniePoczatkowe> </TerminOpis></TerminPlatnosci>");
    g_autoptr(Invoice) terms = xml_read_one(text);
    g_assert_cmpstr(terms->payment_terms, ==, "30 Dzień: Otrzymanie faktury");
    g_assert_cmpstr(terms->due_date, ==, "2026-04-15");
    g_autoptr(Invoice) invoice = xml_read_edited(document, FA3, FA2);
    g_assert_cmpstr(invoice->format, ==, "KSeF FA(2)");
    g_assert_cmpstr(invoice->number, ==, "FV/7");
}

/* The buyer makes it out, the farmer (Podmiot1) is the seller; the second account is the buyer's own. */
static void test_farmer(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(
        "<Faktura xmlns='" RR1 "'><Naglowek><KodFormularza kodSystemowy='FA_RR (1)'/></Naglowek><Podmiot1><DaneIdentyfikacyjne>"
        "<Nazwa>Rolnik</Nazwa></DaneIdentyfikacyjne></Podmiot1><Podmiot2><DaneIdentyfikacyjne><Nazwa>Skup</Nazwa>"
        "</DaneIdentyfikacyjne></Podmiot2><FakturaRR><KodWaluty>PLN</KodWaluty><P_4A>2026-02-20</P_4A><P_4B>2026-02-23</P_4B>"
        "<P_4C>RR/1</P_4C><P_11_1>2000.00</P_11_1><P_11_2>140.00</P_11_2><P_12_1>2140.00</P_12_1><P_12_2>słownie</P_12_2>"
        "<RodzajFaktury>VAT_RR</RodzajFaktury><FakturaRRWiersz><NrWierszaFa>1</NrWierszaFa><P_5>ziemniaki</P_5><P_6A>kg</P_6A>"
        "<P_6B>800</P_6B><P_7>2.50</P_7><P_8>2000.00</P_8><P_9>7.0</P_9><P_10>140.00</P_10><P_11>2140.00</P_11></FakturaRRWiersz>"
        "<Platnosc><FormaPlatnosci>1</FormaPlatnosci><RachunekBankowy1><NrRB>61109010140000071219812874</NrRB></RachunekBankowy1>"
        "<RachunekBankowy2><NrRB>27114020040000300201355387</NrRB></RachunekBankowy2></Platnosc></FakturaRR></Faktura>");
    g_assert_cmpstr(invoice->format, ==, "KSeF FA_RR(1)");
    g_assert_cmpstr(invoice->profile, ==, "FA_RR(1)");
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_SELF_BILLED);
    g_assert_cmpstr(invoice->number, ==, "RR/1");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-02-23");
    g_assert_cmpint(invoice->total.minor, ==, 214000);
    xml_expect_decimal(((InvoiceLine *)invoice->lines->pdata[0])->net, "2000");
    g_assert_cmpuint(invoice->accounts->len, ==, 1);
    g_assert_cmpstr(account(invoice, 0)->number, ==, "PL61109010140000071219812874");
    g_assert_cmpstr(invoice->payer_account, ==, "27114020040000300201355387");
}

/* Sums of numbers that are each of the largest kind are not taken for one. */
static void test_too_large(void)
{
    const char *parts = "<Platnosc><ZaplataCzesciowa><KwotaZaplatyCzesciowej>999999999999999</KwotaZaplatyCzesciowej>"
                        "</ZaplataCzesciowa><ZaplataCzesciowa><KwotaZaplatyCzesciowej>999999999999999</KwotaZaplatyCzesciowej>"
                        "</ZaplataCzesciowa>";
    g_autoptr(Invoice) sum = xml_read_edited(document, "<Platnosc>", parts);
    g_assert_nonnull(find_check(sum, "value"));
    g_autofree char *below = xml_edited(document, "<DoZaplaty>130.00<", "<DoZaplaty>-999999999999999<");
    g_autoptr(Invoice) difference = xml_read_edited(below, "<Platnosc>", "<Platnosc><ZaplataCzesciowa><KwotaZaplatyCzesciowej>1"
        "</KwotaZaplatyCzesciowej></ZaplataCzesciowa>");
    g_assert_false(difference->totals.due.is_known);
    g_assert_true(money_is_none(difference->amount_due));
    g_assert_cmpint(find_check(difference, "value")->severity, ==, INVOICE_HOLD);
}

/* A template whose date was never filled in. */
static void test_no_date(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(document, "<P_1>2026-02-15</P_1>", "<P_1>#date#</P_1>");
    g_assert_null(invoice->issue_date);
    g_assert_nonnull(find_check(invoice, "value"));
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/ksef/all", test_all);
    g_test_add_func("/ksef/vat", test_vat);
    g_test_add_func("/ksef/factor", test_factor);
    g_test_add_func("/ksef/foreign account", test_foreign_account);
    g_test_add_func("/ksef/due", test_due);
    g_test_add_func("/ksef/paid", test_paid);
    g_test_add_func("/ksef/flags", test_flags);
    g_test_add_func("/ksef/corrections", test_corrections);
    g_test_add_func("/ksef/first version", test_first_version);
    g_test_add_func("/ksef/second version", test_second_version);
    g_test_add_func("/ksef/farmer", test_farmer);
    g_test_add_func("/ksef/too large", test_too_large);
    g_test_add_func("/ksef/no date", test_no_date);
    return g_test_run();
}
