/* Numbers that carry their own proof: accounts, references, tax numbers, KSeF numbers. Pure; nothing is looked up anywhere.
 *
 * A number that is right here is well-formed, no more: it may belong to anybody. Spaces are passed over, letters may be of
 * either case, unless it is said otherwise. NULL is never valid. */
#pragma once

#include "invoice/invoice.h"

typedef enum IbanResult {
    IBAN_OTHER,           /* not of an IBAN's shape: two letters, two digits, then letters and digits */
    IBAN_UNKNOWN_COUNTRY, /* its country is not in the registry */
    IBAN_WRONG_LENGTH,    /* longer or shorter than its country's */
    IBAN_WRONG_CHECK,     /* a digit is mistyped: the check digits do not fit */
    IBAN_VALID,
} IbanResult;

/* ISO 13616: SWIFT's IBAN registry for countries and lengths, ISO 7064 MOD 97-10 for the check digits. */
IbanResult iban_check(const char *text);
/* A Polish account without its country (NRB): 26 digits, checked as an IBAN of PL. */
bool nrb_is_valid(const char *text);
/* A business identifier code of a bank (ISO 9362): 8 or 11 characters, of which the fifth and sixth are a country. */
bool bic_is_valid(const char *text);

typedef enum ReferenceResult { REFERENCE_OTHER, REFERENCE_INVALID, REFERENCE_VALID } ReferenceResult;

/* Structured creditor reference (ISO 11649): RF, two check digits, 1 to 21 letters and digits. OTHER: it is no such one. */
ReferenceResult rf_reference_check(const char *text);

/* Polish tax number: 10 digits, the last by weights 6 5 7 2 3 4 5 6 7 modulo 11 (Ministry of Finance). "PL" may stand before
 * it, hyphens in it. */
bool nip_is_valid(const char *text);

typedef enum VatIdResult { VAT_ID_OTHER, VAT_ID_WRONG_SYNTAX, VAT_ID_WRONG_CHECK, VAT_ID_VALID } VatIdResult;

/* VAT id with its country before it: the structures that the European Commission's VIES lists for EU countries and XI, and
 * those of GB, NO and CH; Poland's check digit. OTHER: it begins with none of these countries. Spaces, dots and hyphens are
 * passed over. */
VatIdResult vat_id_check(const char *text);

/* KSeF number (CIRFMF/ksef-docs, numer-ksef.md): NIP-YYYYMMDD-12 hexadecimal digits-CRC, 35 characters, hexadecimal digits in
 * upper case; CRC-8 (polynomial 07, initial 0) of the first 32 characters, with their hyphens. Nothing is passed over. */
bool ksef_number_is_valid(const char *text);
/* base64url of the SHA-256 of the document's bytes: how KSeF's verification link names it (ksef-docs, kody-qr.md). Newly
 * allocated. */
char *ksef_document_hash(Span document);

typedef enum KsefLink {
    KSEF_LINK_OTHER,   /* no verification link of KSeF's productive system */
    KSEF_LINK_DIFFERS, /* it names another document, seller or day */
    KSEF_LINK_FITS,
} KsefLink;

/* https://qr.ksef.mf.gov.pl/invoice/NIP/DD-MM-YYYY/HASH beside the document and what was read from it (`invoice`). */
KsefLink ksef_link_check(const char *link, Span document, const Invoice *invoice);

/* ISO 3166 alpha-2 of an alpha-2 or alpha-3 code, in upper case; NULL where it is of no country that has IBANs. Static. */
const char *country_of(const char *code);

/* Adds the checks "iban", "bic" (hold), "account", "account-country", "reference", "vat-id" (warn). A bank's code that is no
 * BIC is only a warning beside an account that is no IBAN: there it may be a national one. That an account is in
 * another country than its seller is only a warning here: whether the seller was paid there before is known elsewhere. */
void invoice_check_identifiers(Invoice *invoice);
