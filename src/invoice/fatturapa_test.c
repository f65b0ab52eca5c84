/* FatturaPA: bodies, totals that must be added up, kinds by the Agenzia's code lists; the simplified form. */
#include "xml_fixture.h"

#define NAMESPACE "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1."

#define HEAD(issuer) \
    "<FatturaElettronicaHeader><DatiTrasmissione><FormatoTrasmissione>FPR12</FormatoTrasmissione></DatiTrasmissione>" \
    "<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>" \
    "<CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale><Anagrafica><Nome>Mario</Nome><Cognome>Rossi</Cognome></Anagrafica>" \
    "</DatiAnagrafici><Sede><Indirizzo>Via Prova</Indirizzo><NumeroCivico>1</NumeroCivico><CAP>00100</CAP><Comune>Roma</Comune>" \
    "<Nazione>IT</Nazione></Sede></CedentePrestatore><CessionarioCommittente><DatiAnagrafici><CodiceFiscale>09876543210" \
    "</CodiceFiscale><Anagrafica><Denominazione>Beta S.p.A.</Denominazione></Anagrafica></DatiAnagrafici>" \
    "</CessionarioCommittente>" issuer "</FatturaElettronicaHeader>"

#define BODY(type, number, total, payments) \
    "<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>" type "</TipoDocumento><Divisa>EUR</Divisa>" \
    "<Data>2026-02-01</Data><Numero>" number "</Numero><DatiRitenuta><ImportoRitenuta>20.00</ImportoRitenuta></DatiRitenuta>" \
    total "<Causale>prima</Causale><Causale>seconda</Causale></DatiGeneraliDocumento><DatiOrdineAcquisto><IdDocumento>O-1" \
    "</IdDocumento></DatiOrdineAcquisto></DatiGenerali><DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea>" \
    "<Descrizione>Consulenza</Descrizione><Quantita>2.00</Quantita><PrezzoUnitario>50.00</PrezzoUnitario><PrezzoTotale>100.00" \
    "</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee><DettaglioLinee><NumeroLinea>2</NumeroLinea><Descrizione>" \
    "Bollo</Descrizione><PrezzoTotale>2.00</PrezzoTotale><AliquotaIVA>0.00</AliquotaIVA><Natura>N1</Natura></DettaglioLinee>" \
    "<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta>" \
    "</DatiRiepilogo><DatiRiepilogo><AliquotaIVA>0.00</AliquotaIVA><Natura>N1</Natura><ImponibileImporto>2.00" \
    "</ImponibileImporto><Imposta>0.00</Imposta><RiferimentoNormativo>art. 15</RiferimentoNormativo></DatiRiepilogo>" \
    "</DatiBeniServizi>" payments "</FatturaElettronicaBody>"

#define PAYMENT(means, day, amount) \
    "<DettaglioPagamento><Beneficiario>Incassi srl</Beneficiario><ModalitaPagamento>" means "</ModalitaPagamento>" \
    "<DataScadenzaPagamento>" day "</DataScadenzaPagamento><ImportoPagamento>" amount "</ImportoPagamento><IstitutoFinanziario>" \
    "Banca</IstitutoFinanziario><IBAN>IT60X0542811101000000123456</IBAN><BIC>BLOPIT22</BIC><CodicePagamento>RF-9" \
    "</CodicePagamento></DettaglioPagamento>"

#define PAYMENTS \
    "<DatiPagamento><CondizioniPagamento>TP01</CondizioniPagamento>" PAYMENT("MP05", "2026-03-01", "52.00") \
        PAYMENT("MP05", "2026-04-01", "52.00") "</DatiPagamento>"

#define ROOT(namespace, inside) \
    "<?xml version='1.0' encoding='UTF-8'?><p:FatturaElettronica versione='FPR12' xmlns:p='" namespace "'>" inside \
    "</p:FatturaElettronica>"

static void test_all(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(ROOT(NAMESPACE "2", HEAD("") BODY("TD01", "7/A", "", PAYMENTS)));
    g_assert_cmpstr(invoice->format, ==, "FatturaPA");
    g_assert_cmpstr(invoice->profile, ==, "FPR12");
    g_assert_cmpstr(invoice->type_code, ==, "TD01");
    g_assert_cmpstr(invoice->number, ==, "7/A");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-02-01");
    g_assert_cmpstr(invoice->due_date, ==, "2026-03-01");
    g_assert_cmpuint(invoice->due_dates->len, ==, 2);
    g_assert_cmpstr(invoice->seller.name, ==, "Mario Rossi");
    g_assert_cmpstr(invoice->seller.vat_id, ==, "IT01234567890");
    g_assert_cmpstr(invoice->seller.tax_id, ==, "RSSMRA80A01H501U");
    g_assert_cmpstr(invoice->seller.address, ==, "Via Prova, 1, 00100 Roma");
    g_assert_null(invoice->buyer.vat_id);
    g_assert_cmpstr(invoice->buyer.tax_id, ==, "09876543210");
    g_assert_cmpstr(invoice->payee.name, ==, "Incassi srl");
    g_assert_cmpstr(invoice->means_code, ==, "MP05");
    g_assert_cmpstr(invoice->remittance, ==, "RF-9");
    g_assert_cmpuint(invoice->accounts->len, ==, 1); /* both instalments name it */
    const InvoiceAccount *account = invoice->accounts->pdata[0];
    g_assert_cmpstr(account->number, ==, "IT60X0542811101000000123456");
    g_assert_cmpstr(account->bic, ==, "BLOPIT22");
    g_assert_cmpuint(invoice->line_count, ==, 2);
    g_assert_cmpuint(invoice->vat->len, ==, 2);
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_BILL);
    g_assert_cmpint(invoice->total.minor, ==, 12400); /* not stated: that of DatiRiepilogo */
    g_assert_cmpint(invoice->amount_due.minor, ==, 10400);
    g_assert_cmpuint(invoice->notes->len, ==, 3);
    g_assert_cmpstr(invoice->notes->pdata[2], ==, "Tax withheld by the payer: 20.00");
}

static void test_totals(void)
{
    g_autoptr(Invoice) stated = xml_read_one(ROOT(NAMESPACE "2",
        HEAD("") BODY("TD01", "1", "<ImportoTotaleDocumento>126.00</ImportoTotaleDocumento>", "")));
    g_assert_cmpint(stated->total.minor, ==, 12600);
    g_assert_cmpint(stated->amount_due.minor, ==, 12600); /* no DatiPagamento */
    g_autoptr(Invoice) rounded
        = xml_read_one(ROOT(NAMESPACE "2", HEAD("") BODY("TD01", "1", "<Arrotondamento>-0.40</Arrotondamento>", "")));
    g_assert_cmpint(rounded->total.minor, ==, 12360);
}

/* A public buyer pays the VAT to the state: instalments are without it, a total is not. */
static void test_vat_paid_by_the_buyer(void)
{
    g_autofree char *alone = xml_edited(ROOT(NAMESPACE "2", HEAD("") BODY("TD01", "1", "", "")), "<Imposta>22.00</Imposta>",
        "<Imposta>22.00</Imposta><EsigibilitaIVA>S</EsigibilitaIVA>");
    g_autoptr(Invoice) invoice = xml_read_one(alone);
    g_assert_cmpint(find_check(invoice, "vat-split")->severity, ==, INVOICE_WARN);
    g_autoptr(Invoice) stated = xml_read_edited(ROOT(NAMESPACE "2", HEAD("") BODY("TD01", "1", "", PAYMENTS)),
        "<Imposta>22.00</Imposta>", "<Imposta>22.00</Imposta><EsigibilitaIVA>S</EsigibilitaIVA>");
    g_assert_null(find_check(stated, "vat-split"));
}

/* The header is that of every body; what stands in one body is that body's alone. */
static void test_bodies(void)
{
    g_autoptr(GPtrArray) invoices = xml_read_all(ROOT(NAMESPACE "2",
        HEAD("<SoggettoEmittente>CC</SoggettoEmittente>") BODY("TD01", "1", "", PAYMENTS) BODY("TD01", "2", "", "")));
    g_assert_cmpuint(invoices->len, ==, 2);
    const Invoice *first = invoices->pdata[0], *second = invoices->pdata[1];
    g_assert_cmpstr(first->number, ==, "1");
    g_assert_cmpstr(second->number, ==, "2");
    g_assert_cmpstr(second->seller.name, ==, "Mario Rossi");
    g_assert_cmpstr(second->buyer.name, ==, "Beta S.p.A.");
    g_assert_cmpstr(second->profile, ==, "FPR12");
    g_assert_cmpuint(second->accounts->len, ==, 0);
    g_assert_null(second->payee.name);
    g_assert_cmpint(first->kind, ==, INVOICE_KIND_SELF_BILLED);
    g_assert_cmpint(second->kind, ==, INVOICE_KIND_SELF_BILLED);
    g_assert_cmpint(first->amount_due.minor, ==, 10400);
    g_assert_cmpint(second->amount_due.minor, ==, 12400);
}

static void test_versions(void)
{
    static const char *const namespaces[] = { NAMESPACE "0", NAMESPACE "2.1", "http://www.fatturapa.gov.it/sdi/fatturapa/v1.0",
        "http://www.fatturapa.gov.it/sdi/fatturapa/v1.1" };
    for (size_t i = 0; i < G_N_ELEMENTS(namespaces); i++) {
        g_autoptr(Invoice) invoice
            = xml_read_edited(ROOT("@NS@", HEAD("") BODY("TD01", "1", "", PAYMENTS)), "@NS@", namespaces[i]);
        g_assert_cmpstr(invoice->number, ==, "1");
    }
    xml_expect_refused(ROOT("urn:v1.2", HEAD("") BODY("TD01", "1", "", PAYMENTS)), "no invoice format");
}

static InvoiceKind kind_of(const char *type, const char *means)
{
    g_autofree char *typed
        = xml_edited(ROOT(NAMESPACE "2", HEAD("") BODY("@T@", "1", "", "<DatiPagamento>" PAYMENT("@M@", "2026-03-01", "9")
                         "</DatiPagamento>")), "@T@", type);
    g_autoptr(Invoice) invoice = xml_read_edited(typed, "@M@", means);
    return invoice->kind;
}

static void test_kinds(void)
{
    static const char *const bills[] = { "TD01", "TD02", "TD03", "TD05", "TD06", "TD24", "TD25", "TD26" };
    static const char *const own[]
        = { "TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27", "TD28", "TD29" };
    static const char *const collected[] = { "MP09", "MP10", "MP11", "MP12", "MP16", "MP17", "MP19", "MP20", "MP21" };
    static const char *const sent[] = { "MP01", "MP05", "MP07", "MP08", "MP15", "MP18", "MP23" };
    for (size_t i = 0; i < G_N_ELEMENTS(bills); i++)
        g_assert_cmpint(kind_of(bills[i], "MP05"), ==, INVOICE_KIND_BILL);
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        g_assert_cmpint(kind_of(own[i], "MP05"), ==, INVOICE_KIND_SELF_BILLED);
    for (size_t i = 0; i < G_N_ELEMENTS(collected); i++)
        g_assert_cmpint(kind_of("TD01", collected[i]), ==, INVOICE_KIND_DIRECT_DEBIT);
    for (size_t i = 0; i < G_N_ELEMENTS(sent); i++)
        g_assert_cmpint(kind_of("TD01", sent[i]), ==, INVOICE_KIND_BILL);
    g_assert_cmpint(kind_of("TD04", "MP05"), ==, INVOICE_KIND_CREDIT);
    g_assert_cmpint(kind_of("TD04", "MP19"), ==, INVOICE_KIND_CREDIT);
}

/* A sale to oneself (TD26 within one firm) is no bill. */
static void test_one_firm(void)
{
    g_autoptr(Invoice) invoice = xml_read_edited(ROOT(NAMESPACE "2", HEAD("") BODY("TD26", "1", "", PAYMENTS)),
        "<CodiceFiscale>09876543210</CodiceFiscale>",
        "<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>");
    g_assert_cmpint(invoice->kind, ==, INVOICE_KIND_SELF_BILLED);
}

static void test_withheld(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(ROOT(NAMESPACE "2",
        HEAD("") BODY("TD01", "1", "", "<DatiPagamento>" PAYMENT("MP22", "2026-03-01", "9") "</DatiPagamento>")));
    g_assert_cmpint(invoice->status, ==, INVOICE_STATUS_COMPLETE);
}

static void test_adjustments(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(ROOT(NAMESPACE "2",
        HEAD("") BODY("TD01", "1",
            "<DatiCassaPrevidenziale><TipoCassa>TC22</TipoCassa><ImportoContributoCassa>4.00</ImportoContributoCassa>"
            "</DatiCassaPrevidenziale><ScontoMaggiorazione><Tipo>SC</Tipo><Importo>1.00</Importo></ScontoMaggiorazione>"
            "<ScontoMaggiorazione><Tipo>MG</Tipo><Importo>2.00</Importo></ScontoMaggiorazione>", PAYMENTS)));
    static const bool charges[] = { true, false, true };
    g_assert_cmpuint(invoice->adjustments->len, ==, 3);
    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpint(((InvoiceAdjustment *)invoice->adjustments->pdata[i])->is_charge, ==, charges[i]);
}

/* Names in ISO-8859-1 and windows-1252 arrive as UTF-8. */
static void test_encodings(void)
{
    static const char *const labels[] = { "ISO-8859-1", "ISO-8859-15", "windows-1252" };
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        g_autofree char *labelled = xml_edited(ROOT(NAMESPACE "2", HEAD("") BODY("TD01", "1", "", PAYMENTS)), "UTF-8", labels[i]);
        g_autoptr(Invoice) invoice = xml_read_edited(labelled, "Beta S.p.A.", "Societ\xE0");
        g_assert_cmpstr(invoice->buyer.name, ==, "Società");
    }
}

#define SIMPLIFIED(type) \
    "<p:FatturaElettronicaSemplificata versione='FSM10' xmlns:p='" NAMESPACE "0'><FatturaElettronicaHeader>" \
    "<CedentePrestatore><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA><Denominazione>Bar" \
    "</Denominazione></CedentePrestatore><CessionarioCommittente><IdentificativiFiscali><IdFiscaleIVA><IdPaese>IT</IdPaese>" \
    "<IdCodice>09876543210</IdCodice></IdFiscaleIVA></IdentificativiFiscali><AltriDatiIdentificativi><Denominazione>Beta" \
    "</Denominazione></AltriDatiIdentificativi></CessionarioCommittente></FatturaElettronicaHeader><FatturaElettronicaBody>" \
    "<DatiGenerali><DatiGeneraliDocumento><TipoDocumento>" type "</TipoDocumento><Divisa>EUR</Divisa><Data>2026-02-01</Data>" \
    "<Numero>12</Numero></DatiGeneraliDocumento><DatiFatturaRettificata><NumeroFR>11</NumeroFR></DatiFatturaRettificata>" \
    "</DatiGenerali><DatiBeniServizi><Descrizione>Pranzo</Descrizione><Importo>20.00</Importo><DatiIVA><Aliquota>10.00" \
    "</Aliquota></DatiIVA></DatiBeniServizi><DatiBeniServizi><Descrizione>Acqua</Descrizione><Importo>1.50</Importo>" \
    "</DatiBeniServizi></FatturaElettronicaBody></p:FatturaElettronicaSemplificata>"

static void test_simplified(void)
{
    g_autoptr(Invoice) invoice = xml_read_one(SIMPLIFIED("TD07"));
    g_assert_cmpstr(invoice->format, ==, "FatturaPA simplified");
    g_assert_cmpstr(invoice->profile, ==, "FSM10");
    g_assert_cmpstr(invoice->seller.name, ==, "Bar");
    g_assert_cmpstr(invoice->buyer.vat_id, ==, "IT09876543210");
    g_assert_cmpuint(invoice->line_count, ==, 2);
    g_assert_cmpint(invoice->total.minor, ==, 2150);
    g_assert_cmpint(invoice->amount_due.minor, ==, 2150);
    g_autoptr(Invoice) credit = xml_read_one(SIMPLIFIED("TD08"));
    g_assert_cmpint(credit->kind, ==, INVOICE_KIND_CREDIT);
    g_assert_cmpstr(credit->preceding_number, ==, "11");
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/fatturapa/all", test_all);
    g_test_add_func("/fatturapa/totals", test_totals);
    g_test_add_func("/fatturapa/vat paid by the buyer", test_vat_paid_by_the_buyer);
    g_test_add_func("/fatturapa/bodies", test_bodies);
    g_test_add_func("/fatturapa/versions", test_versions);
    g_test_add_func("/fatturapa/kinds", test_kinds);
    g_test_add_func("/fatturapa/one firm", test_one_firm);
    g_test_add_func("/fatturapa/withheld", test_withheld);
    g_test_add_func("/fatturapa/adjustments", test_adjustments);
    g_test_add_func("/fatturapa/encodings", test_encodings);
    g_test_add_func("/fatturapa/simplified", test_simplified);
    return g_test_run();
}
