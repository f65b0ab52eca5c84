/* Italian electronic invoices: FatturaPA 1.0–1.2.x (FPA12, FPR12) and the simplified one (FSM10).
 *
 * Source: Agenzia delle Entrate, "Specifiche tecniche fatturazione elettronica", and its schemas: the root is in a namespace,
 * nothing inside is. One file may carry several bodies, each an invoice of its own. What is to be paid is the sum of the
 * instalments (ImportoPagamento), else the total; the total may be absent and is then that of DatiRiepilogo. */
#include "formats.h"

#include <string.h>

#include "limits.h"
#include "members.h"

enum { SLOT_ISSUER, SLOT_VAT_PAID_BY };
enum { SUM_INSTALMENTS, SUM_WITHHELD };

static const char *const namespaces[] = { "", NULL };

/* ---- Tables --------------------------------------------------------------------------------------------------------- */

#define FISCAL_RULES \
    { "IdFiscaleIVA/IdPaese", TERM_PARTY_VAT_ID_PART, NULL }, { "IdFiscaleIVA/IdCodice", TERM_PARTY_VAT_ID_PART, NULL }, \
        { "CodiceFiscale", GROUP_TAX_REGISTRATION, NULL }, { "CodiceFiscale", TERM_TAX_ID, NULL }

#define NAME_RULES \
    { "Denominazione", TERM_PARTY_NAME, NULL }, { "Nome", TERM_PARTY_NAME_PART, NULL }, \
        { "Cognome", TERM_PARTY_NAME_PART, NULL }

static const XmlRule name_rules[] = { NAME_RULES, { NULL, TERM_NONE, NULL } };

static const XmlRule seat_rules[] = {
    { "Indirizzo", TERM_PARTY_STREET, NULL },
    { "NumeroCivico", TERM_PARTY_STREET, NULL },
    { "CAP", TERM_PARTY_POSTCODE, NULL },
    { "Comune", TERM_PARTY_CITY, NULL },
    { "Nazione", TERM_PARTY_COUNTRY, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule identity_rules[] = {
    FISCAL_RULES,
    { "Anagrafica", TERM_NONE, name_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule party_rules[] = {
    { "DatiAnagrafici", TERM_NONE, identity_rules },
    { "Sede", TERM_NONE, seat_rules },
    { "IscrizioneREA/NumeroREA", TERM_PARTY_LEGAL_ID, NULL },
    { "Contatti/Email", TERM_PARTY_EMAIL, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule adjustment_rules[] = {
    { "Tipo", TERM_ADJUSTMENT_IS_CHARGE, NULL },
    { "Importo", TERM_ADJUSTMENT_AMOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

/* A social insurance fund's contribution: part of DatiRiepilogo, shown apart. */
static const XmlRule fund_rules[] = {
    { "TipoCassa", TERM_ADJUSTMENT_REASON, NULL },
    { "ImportoContributoCassa", TERM_ADJUSTMENT_AMOUNT, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule general_rules[] = {
    { "TipoDocumento", TERM_TYPE_CODE, NULL },
    { "Divisa", TERM_CURRENCY, NULL },
    { "Data", TERM_ISSUE_DATE, NULL },
    { "Numero", TERM_NUMBER, NULL },
    { "DatiRitenuta/ImportoRitenuta", TERM_SUM(SUM_WITHHELD), NULL },
    { "DatiCassaPrevidenziale", GROUP_CHARGE, fund_rules },
    { "ScontoMaggiorazione", GROUP_ADJUSTMENT, adjustment_rules },
    { "ImportoTotaleDocumento", TERM_TOTAL_WITH_VAT, NULL },
    { "Arrotondamento", TERM_TOTAL_ROUNDING, NULL },
    { "Causale", TERM_NOTE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule line_rules[] = {
    { "NumeroLinea", TERM_LINE_ID, NULL },
    { "Descrizione", TERM_LINE_NAME, NULL },
    { "Quantita", TERM_LINE_QUANTITY, NULL },
    { "UnitaMisura", TERM_LINE_UNIT, NULL },
    { "PrezzoUnitario", TERM_LINE_PRICE, NULL },
    { "PrezzoTotale", TERM_LINE_NET, NULL },
    { "AliquotaIVA", TERM_LINE_VAT_RATE, NULL },
    { "Natura", TERM_LINE_VAT_CATEGORY, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule summary_rules[] = {
    { "AliquotaIVA", TERM_VAT_RATE, NULL },
    { "Natura", TERM_VAT_CATEGORY, NULL },
    { "ImponibileImporto", TERM_VAT_BASE, NULL },
    { "Imposta", TERM_VAT_AMOUNT, NULL },
    { "EsigibilitaIVA", TERM_SLOT(SLOT_VAT_PAID_BY), NULL },
    { "RiferimentoNormativo", TERM_VAT_REASON, NULL },
    { NULL, TERM_NONE, NULL },
};

/* Beneficiario is whoever is to be paid where that is not the seller. */
static const XmlRule instalment_rules[] = {
    { "Beneficiario", GROUP_PAYEE, NULL },
    { "Beneficiario", TERM_PARTY_NAME, NULL },
    { "ModalitaPagamento", TERM_MEANS_CODE, NULL },
    { "DataScadenzaPagamento", TERM_DUE_DATE, NULL },
    { "ImportoPagamento", TERM_SUM(SUM_INSTALMENTS), NULL },
    { "IstitutoFinanziario", TERM_ACCOUNT_NAME, NULL },
    { "IBAN", TERM_ACCOUNT_NUMBER, NULL },
    { "BIC", TERM_ACCOUNT_BIC, NULL },
    { "CodicePagamento", TERM_REMITTANCE, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule document_rules[] = {
    { "NomeAttachment", TERM_DOCUMENT_NAME, NULL },
    { "FormatoAttachment", TERM_DOCUMENT_MEDIA_TYPE, NULL },
    { "DescrizioneAttachment", TERM_DOCUMENT_DESCRIPTION, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule body_rules[] = {
    { "DatiGenerali/DatiGeneraliDocumento", TERM_NONE, general_rules },
    { "DatiGenerali/DatiOrdineAcquisto/IdDocumento", TERM_ORDER_REFERENCE, NULL },
    { "DatiGenerali/DatiFattureCollegate/IdDocumento", TERM_PRECEDING_NUMBER, NULL },
    { "DatiBeniServizi/DettaglioLinee", GROUP_LINE, line_rules },
    { "DatiBeniServizi/DatiRiepilogo", GROUP_VAT, summary_rules },
    { "DatiPagamento/DettaglioPagamento", GROUP_ACCOUNT, instalment_rules },
    { "Allegati", GROUP_DOCUMENT, document_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule rules[] = {
    { "@versione", TERM_PROFILE, NULL },
    { "FatturaElettronicaHeader/DatiTrasmissione/FormatoTrasmissione", TERM_PROFILE, NULL },
    { "FatturaElettronicaHeader/CedentePrestatore", GROUP_SELLER, party_rules },
    { "FatturaElettronicaHeader/CessionarioCommittente", GROUP_BUYER, party_rules },
    { "FatturaElettronicaHeader/SoggettoEmittente", TERM_SLOT(SLOT_ISSUER), NULL },
    { "FatturaElettronicaBody", GROUP_INVOICE, body_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule simple_seller_rules[] = {
    FISCAL_RULES,
    NAME_RULES,
    { "Sede", TERM_NONE, seat_rules },
    { "IscrizioneREA/NumeroREA", TERM_PARTY_LEGAL_ID, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule fiscal_rules[] = { FISCAL_RULES, { NULL, TERM_NONE, NULL } };

static const XmlRule other_data_rules[] = { NAME_RULES, { "Sede", TERM_NONE, seat_rules }, { NULL, TERM_NONE, NULL } };

static const XmlRule simple_buyer_rules[] = {
    { "IdentificativiFiscali", TERM_NONE, fiscal_rules },
    { "AltriDatiIdentificativi", TERM_NONE, other_data_rules },
    { NULL, TERM_NONE, NULL },
};

/* Importo is with tax. */
static const XmlRule simple_line_rules[] = {
    { "Descrizione", TERM_LINE_NAME, NULL },
    { "Importo", TERM_LINE_NET, NULL },
    { "DatiIVA/Aliquota", TERM_LINE_VAT_RATE, NULL },
    { "Natura", TERM_LINE_VAT_CATEGORY, NULL },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule simple_body_rules[] = {
    { "DatiGenerali/DatiGeneraliDocumento", TERM_NONE, general_rules },
    { "DatiGenerali/DatiFatturaRettificata/NumeroFR", TERM_PRECEDING_NUMBER, NULL },
    { "DatiGenerali/DatiFatturaRettificata/ElementiRettificati", TERM_NOTE, NULL },
    { "DatiBeniServizi", GROUP_LINE, simple_line_rules },
    { "Allegati", GROUP_DOCUMENT, document_rules },
    { NULL, TERM_NONE, NULL },
};

static const XmlRule simplified_rules[] = {
    { "@versione", TERM_PROFILE, NULL },
    { "FatturaElettronicaHeader/DatiTrasmissione/FormatoTrasmissione", TERM_PROFILE, NULL },
    { "FatturaElettronicaHeader/CedentePrestatore", GROUP_SELLER, simple_seller_rules },
    { "FatturaElettronicaHeader/CessionarioCommittente", GROUP_BUYER, simple_buyer_rules },
    { "FatturaElettronicaHeader/SoggettoEmittente", TERM_SLOT(SLOT_ISSUER), NULL },
    { "FatturaElettronicaBody", GROUP_INVOICE, simple_body_rules },
    { NULL, TERM_NONE, NULL },
};

/* ---- What the tables cannot say -------------------------------------------------------------------------------------- */

static bool is_one_of(const char *code, const char *const *codes)
{
    return code != NULL && g_strv_contains(codes, code);
}

/* TipoDocumento: TD16–TD23, TD27–TD29 are integrations and invoices to oneself, which the buyer sends to the tax agency (or
 * the seller to itself, TD27); TD26 is a sale unless both parties are one. ModalitaPagamento: what the seller collects. */
static void choose_kind(const Draft *draft, Invoice *invoice)
{
    static const char *const credit[] = { "TD04", "TD08", NULL };
    static const char *const own[] = { "TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27", "TD28", "TD29",
        NULL };
    static const char *const collected[] = { "MP09", "MP10", "MP11", "MP12", "MP16", "MP17", "MP19", "MP20", "MP21", NULL };
    bool is_own = invoice->seller.vat_id != NULL && g_strcmp0(invoice->seller.vat_id, invoice->buyer.vat_id) == 0;
    if (is_own || is_one_of(invoice->type_code, own) || g_strcmp0(draft_slot(draft, SLOT_ISSUER), "CC") == 0)
        invoice->kind = INVOICE_KIND_SELF_BILLED;
    else if (is_one_of(invoice->type_code, credit))
        invoice->kind = INVOICE_KIND_CREDIT;
    else if (is_one_of(invoice->means_code, collected))
        invoice->kind = INVOICE_KIND_DIRECT_DEBIT;
    if (g_strcmp0(invoice->means_code, "MP22") == 0) /* withheld from sums already collected */
        invoice->status = INVOICE_STATUS_COMPLETE;
}

static void add_up_vat(Invoice *invoice)
{
    Decimal bases = decimal_of(0), taxes = decimal_of(0);
    for (unsigned i = 0; i < invoice->vat->len; i++) {
        const InvoiceVat *vat = invoice->vat->pdata[i];
        bases = decimal_add(bases, vat->base);
        taxes = decimal_add(taxes, vat->amount);
    }
    if (invoice->vat->len == 0 || invoice->vat->len >= INVOICE_VAT_MAX)
        return; /* none, or not all are kept */
    invoice->totals.without_vat = bases;
    invoice->totals.vat = taxes;
}

static void tell_withheld(const Draft *draft, Invoice *invoice)
{
    Decimal withheld = draft_sum(draft, SUM_WITHHELD);
    if (!withheld.is_known)
        return;
    char text[DECIMAL_TEXT_MAX];
    decimal_format(withheld, text);
    invoice_list_add_text(invoice, offsetof(Invoice, notes), g_strdup_printf("Tax withheld by the payer: %s", text));
}

/* ImportoPagamento is without the VAT that a public buyer pays to the state; a total is not. */
static void choose_due(const Draft *draft, Invoice *invoice)
{
    invoice->totals.due = draft_sum(draft, SUM_INSTALMENTS);
    if (invoice->totals.due.is_known)
        return;
    invoice->totals.due = invoice->totals.with_vat;
    if (g_strcmp0(draft_slot(draft, SLOT_VAT_PAID_BY), "S") == 0)
        invoice_add_check(invoice, "vat-split", INVOICE_WARN,
            "The buyer pays this VAT to the state (scissione dei pagamenti), but the amount due still holds it.");
}

static void finish(Draft *draft, Invoice *invoice)
{
    InvoiceTotals *totals = &invoice->totals;
    if (strcmp(invoice->format, fatturapa_simplified.name) == 0)
        totals->with_vat = draft_lines_sum(draft);
    add_up_vat(invoice);
    if (!totals->with_vat.is_known)
        totals->with_vat = decimal_add(decimal_add(totals->without_vat, totals->vat), decimal_or_zero(totals->rounding));
    choose_due(draft, invoice);
    tell_withheld(draft, invoice);
    choose_kind(draft, invoice);
}

#define ROOT_NAMESPACES \
    "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.* http://www.fatturapa.gov.it/sdi/fatturapa/v1.*"

const XmlFormat fatturapa_invoice = { "FatturaPA", "FatturaElettronica", ROOT_NAMESPACES, namespaces, rules, finish };
const XmlFormat fatturapa_simplified = { "FatturaPA simplified", "FatturaElettronicaSemplificata", ROOT_NAMESPACES, namespaces,
    simplified_rules, finish };
