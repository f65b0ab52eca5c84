/* CMS envelopes (RFC 5652) by OpenSSL: the content out of them, and whether their signatures fit.
 *
 * Each signer is checked by itself (CMS_SignerInfo_verify…) and not by CMS_verify, which would hash the content once for each
 * of any number of digest algorithms, compare each of any number of signers with each certificate, and say only "no". No chain
 * is built: a certificate is a claim. */
#include "mail/container.h"

#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "limits.h"
#include "transfer.h"

typedef STACK_OF(X509) Certificates;

static void certificates_done(Certificates **certificates)
{
    sk_X509_pop_free(*certificates, X509_free);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CMS_ContentInfo, CMS_ContentInfo_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)

static void signer_free(void *signer)
{
    MailSigner *owned = signer;
    g_free(owned->reason);
    g_free(owned->name);
    g_free(owned->valid_from);
    g_free(owned->valid_until);
    g_free(owned);
}

void mail_signed_free(MailSigned *signed_data)
{
    if (signed_data == NULL)
        return;
    g_ptr_array_unref(signed_data->signers);
    g_clear_pointer(&signed_data->content, g_bytes_unref);
    g_free(signed_data);
}

/* ---- The envelope's bytes ------------------------------------------------------------------------------------------ */

/* What stands between the lines of a PEM armour; the whole where there is none. */
static Span without_armour(Span text)
{
    text = span_trim(text);
    if (span_starts_with(text, SPAN("\xEF\xBB\xBF")))
        text = span_slice(text, 3, text.length);
    if (!span_starts_with(text, SPAN("-----BEGIN ")))
        return text;
    text = span_slice(text, span_find_byte(text, '\n'), text.length);
    return span_slice(text, 0, span_find(text, SPAN("-----END ")));
}

/* `*ret_room` owns the bytes where they had to be decoded. */
static CMS_ContentInfo *parse(Span envelope, char **ret_room, GError **error)
{
    if (envelope.length > 0 && envelope.at[0] != 0x30) {
        Span text = without_armour(envelope);
        *ret_room = g_try_malloc(text.length + 1);
        envelope = (Span){ *ret_room, *ret_room == NULL ? 0 : transfer_decode_base64(text, *ret_room) };
    }
    if (envelope.length > MAIL_CMS_BYTES_MAX) {
        error_set(error, SALDO_ERROR_LIMIT, "the signed file has more than %lu bytes", MAIL_CMS_BYTES_MAX);
        return NULL;
    }
    const unsigned char *at = (const unsigned char *)envelope.at;
    CMS_ContentInfo *cms = envelope.length == 0 ? NULL : d2i_CMS_ContentInfo(NULL, &at, (long)envelope.length);
    ERR_clear_error();
    if (cms == NULL)
        error_set(error, SALDO_ERROR_BAD_INPUT, "the file is no signed envelope (CMS), or it is damaged or cut short");
    return cms;
}

static bool is_signed_data(const CMS_ContentInfo *cms, GError **error)
{
    switch (OBJ_obj2nid(CMS_get0_type(cms))) {
    case NID_pkcs7_signed:
        return true;
    case NID_pkcs7_enveloped:
    case NID_pkcs7_encrypted:
    case NID_pkcs7_signedAndEnveloped:
    case NID_id_smime_ct_authEnvelopedData:
        error_set(error, SALDO_ERROR_DENIED, "the file is encrypted; ask the sender for it without encryption");
        return false;
    default:
        error_set(error, SALDO_ERROR_BAD_INPUT, "the envelope (CMS) holds no signed data");
        return false;
    }
}

/* ---- What a certificate claims ------------------------------------------------------------------------------------- */

static char *name_entry(const X509_NAME *name, int nid)
{
    int place = X509_NAME_get_index_by_NID(name, nid, -1);
    const X509_NAME_ENTRY *entry = place < 0 ? NULL : X509_NAME_get_entry(name, place);
    unsigned char *utf8 = NULL;
    int length = entry == NULL ? -1 : ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (length < 0)
        return NULL;
    char *text = text_clean((Span){ (const char *)utf8, (size_t)length }, MAIL_FILE_NAME_MAX);
    OPENSSL_free(utf8);
    if (text[0] == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static char *certificate_name(const X509 *certificate)
{
    static const int wanted[] = { NID_commonName, NID_organizationName, NID_pkcs9_emailAddress };
    char *text = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(wanted) && text == NULL; i++)
        text = name_entry(X509_get_subject_name(certificate), wanted[i]);
    return text;
}

static char *time_text(const ASN1_TIME *time)
{
    struct tm parts;
    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
        return NULL;
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
        parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static X509 *find_certificate(CMS_SignerInfo *info, const Certificates *certificates)
{
    for (int i = 0; i < MIN(sk_X509_num(certificates), MAIL_CERTIFICATES_MAX); i++)
        if (CMS_SignerInfo_cert_cmp(info, sk_X509_value(certificates, i)) == 0)
            return sk_X509_value(certificates, i);
    return NULL;
}

/* ---- One signer ---------------------------------------------------------------------------------------------------- */

/* The digest, or NULL where it is unknown or broken: whoever can make two contents with one digest signs neither. */
static const EVP_MD *signer_digest(CMS_SignerInfo *info)
{
    X509_ALGOR *algorithm = NULL;
    CMS_SignerInfo_get0_algs(info, NULL, NULL, &algorithm, NULL);
    switch (algorithm == NULL ? NID_undef : OBJ_obj2nid(algorithm->algorithm)) {
    case NID_sha224:
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
    case NID_sha3_256:
    case NID_sha3_384:
    case NID_sha3_512:
        return EVP_get_digestbynid(OBJ_obj2nid(algorithm->algorithm));
    default:
        return NULL;
    }
}

/* The content through a digest, as CMS_SignerInfo_verify_content wants it; NULL where there is no memory. */
static BIO *digest_content(const EVP_MD *digest, Span content)
{
    g_autoptr(BIO) filter = BIO_new(BIO_f_md());
    BIO *sink = BIO_new(BIO_s_null());
    if (filter == NULL || sink == NULL || BIO_set_md(filter, digest) <= 0) {
        BIO_free(sink);
        return NULL;
    }
    BIO_push(filter, sink);
    size_t written;
    bool whole = content.length == 0
        || (BIO_write_ex(filter, content.at, content.length, &written) == 1 && written == content.length);
    return whole ? g_steal_pointer(&filter) : NULL;
}

/* Reads why OpenSSL said no, from its queue of errors. */
static MailSignature outcome_of_refusal(void)
{
    MailSignature outcome = MAIL_SIGNATURE_CANNOT_BE_CHECKED;
    for (unsigned long code; (code = ERR_get_error()) != 0;) {
        int reason = ERR_GET_REASON(code);
        bool is_no = ERR_GET_LIB(code) == ERR_LIB_CMS
            && (reason == CMS_R_VERIFICATION_FAILURE || reason == CMS_R_MESSAGEDIGEST_WRONG_LENGTH);
        outcome = is_no ? MAIL_SIGNATURE_DOES_NOT_FIT : outcome;
    }
    return outcome;
}

static MailSignature verify(CMS_SignerInfo *info, const EVP_MD *digest, Span content)
{
    g_autoptr(BIO) digested = digest_content(digest, content);
    ERR_clear_error();
    if (digested == NULL)
        return MAIL_SIGNATURE_CANNOT_BE_CHECKED;
    bool has_attributes = CMS_signed_get_attr_count(info) >= 0;
    bool fits = (!has_attributes || CMS_SignerInfo_verify(info) == 1) && CMS_SignerInfo_verify_content(info, digested) == 1;
    MailSignature outcome = outcome_of_refusal();
    return fits ? MAIL_SIGNATURE_FITS : outcome;
}

static bool key_is_checkable(X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    return key != NULL && EVP_PKEY_get_bits(key) <= MAIL_SIGNER_KEY_BITS_MAX;
}

static const char *outcome_text(MailSignature outcome)
{
    switch (outcome) {
    case MAIL_SIGNATURE_FITS:
        return NULL;
    case MAIL_SIGNATURE_DOES_NOT_FIT:
        return "the signature does not fit: the file was changed after it was signed";
    case MAIL_SIGNATURE_CANNOT_BE_CHECKED:
        break;
    }
    return "the signature is made in a way that cannot be checked here";
}

static MailSigner *check_signer(CMS_SignerInfo *info, const Certificates *certificates, const Span *content)
{
    MailSigner *signer = g_new0(MailSigner, 1);
    X509 *certificate = find_certificate(info, certificates);
    const EVP_MD *digest = signer_digest(info);
    const char *reason = NULL;
    signer->signature = MAIL_SIGNATURE_CANNOT_BE_CHECKED;
    if (certificate == NULL)
        reason = "the signer's certificate is not in the file";
    else if (digest == NULL)
        reason = "the signature uses a digest that is unknown or no longer proves anything";
    else if (!key_is_checkable(certificate))
        reason = "the signer's key is of an unknown kind or too long";
    else if (content == NULL)
        reason = "what was signed is not in the file";
    if (certificate != NULL) {
        signer->name = certificate_name(certificate);
        signer->valid_from = time_text(X509_get0_notBefore(certificate));
        signer->valid_until = time_text(X509_get0_notAfter(certificate));
    }
    if (reason == NULL) {
        CMS_SignerInfo_set1_signer_cert(info, certificate);
        signer->signature = verify(info, digest, *content);
        reason = outcome_text(signer->signature);
    }
    signer->reason = g_strdup(reason);
    ERR_clear_error();
    return signer;
}

/* ---- The whole ----------------------------------------------------------------------------------------------------- */

static MailSignature sum_up(const GPtrArray *signers)
{
    MailSignature sum = signers->len == 0 ? MAIL_SIGNATURE_CANNOT_BE_CHECKED : MAIL_SIGNATURE_FITS;
    for (unsigned i = 0; i < signers->len; i++) {
        MailSignature one = ((const MailSigner *)signers->pdata[i])->signature;
        if (one == MAIL_SIGNATURE_DOES_NOT_FIT || sum == MAIL_SIGNATURE_FITS)
            sum = one;
    }
    return sum;
}

static void check_signers(CMS_ContentInfo *cms, const Span *content, MailSigned *signed_data)
{
    __attribute__((cleanup(certificates_done))) Certificates *certificates = CMS_get1_certs(cms);
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
    g_ptr_array_set_size(signed_data->signers, 0);
    for (int i = 0; i < MIN(sk_CMS_SignerInfo_num(infos), MAIL_SIGNERS_MAX); i++)
        g_ptr_array_add(signed_data->signers, check_signer(sk_CMS_SignerInfo_value(infos, i), certificates, content));
    signed_data->signature = sum_up(signed_data->signers);
    /* Those that were not looked at may not fit: then nobody says that all do. */
    if (sk_CMS_SignerInfo_num(infos) > MAIL_SIGNERS_MAX && signed_data->signature == MAIL_SIGNATURE_FITS)
        signed_data->signature = MAIL_SIGNATURE_CANNOT_BE_CHECKED;
}

static MailSigned *signed_new(void)
{
    MailSigned *signed_data = g_new0(MailSigned, 1);
    signed_data->signers = g_ptr_array_new_with_free_func(signer_free);
    return signed_data;
}

static void free_envelope(void *cms)
{
    CMS_ContentInfo_free(cms);
}

MailSigned *mail_cms_read(Span envelope, GError **error)
{
    g_autofree char *room = NULL;
    g_autoptr(CMS_ContentInfo) cms = parse(envelope, &room, error);
    if (cms == NULL || !is_signed_data(cms, error))
        return NULL;
    ASN1_OCTET_STRING **place = CMS_get0_content(cms);
    ASN1_OCTET_STRING *inside = place == NULL ? NULL : *place;
    MailSigned *signed_data = signed_new();
    if (inside == NULL) {
        check_signers(cms, NULL, signed_data);
        return signed_data;
    }
    Span content = { (const char *)ASN1_STRING_get0_data(inside), (size_t)ASN1_STRING_length(inside) };
    check_signers(cms, &content, signed_data);
    /* The envelope lives on with its content, which may be large. */
    signed_data->content = g_bytes_new_with_free_func(content.at, content.length, free_envelope, g_steal_pointer(&cms));
    return signed_data;
}

/* ---- A signature beside its content -------------------------------------------------------------------------------- */

/* With each bare LF as CRLF, newly allocated; NULL where there is none, or no memory. */
static GString *with_crlf(Span content)
{
    GString *text = NULL;
    size_t done = 0;
    for (size_t i = 0; i < content.length; i++) {
        if (content.at[i] != '\n' || (i > 0 && content.at[i - 1] == '\r'))
            continue;
        if (text == NULL)
            text = g_string_sized_new(content.length + content.length / 32);
        g_string_append_len(text, content.at + done, (gssize)(i - done));
        g_string_append_len(text, "\r\n", 2);
        done = i + 1;
    }
    if (text != NULL)
        g_string_append_len(text, content.at + done, (gssize)(content.length - done));
    return text;
}

MailSigned *mail_cms_check(Span signature, Span content, GError **error)
{
    g_autofree char *room = NULL;
    g_autoptr(CMS_ContentInfo) cms = parse(signature, &room, error);
    if (cms == NULL || !is_signed_data(cms, error))
        return NULL;
    MailSigned *signed_data = signed_new();
    check_signers(cms, &content, signed_data);
    GString *canonical = signed_data->signature == MAIL_SIGNATURE_DOES_NOT_FIT ? with_crlf(content) : NULL;
    if (canonical != NULL) {
        content = (Span){ canonical->str, canonical->len };
        check_signers(cms, &content, signed_data);
        g_string_free(canonical, TRUE);
    }
    return signed_data;
}

/* ---- Warming up ---------------------------------------------------------------------------------------------------- */

void mail_cms_warm_up(void)
{
    /* "x", signed with a key that nobody has any more. */
    static const char sample[] =
        "MIICvAYJKoZIhvcNAQcCoIICrTCCAqkCAQExDTALBglghkgBZQMEAgEwEAYJKoZIhvcNAQcBoAMEAXigggF9MIIBeTCCAR+gAwIB"
        "AgIUSwF34mPESEft26mAJc/ptyOaigQwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHd2FybS11cDAeFw0yNjExMjMwNjU5MDBaFw0y"
        "NjExMjQwNjU5MDBaMBIxEDAOBgNVBAMMB3dhcm0tdXAwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASnSS1H0sCO7fIHpO7gyn+H"
        "CH5bJsgcgE4nj++rKSSQMfIra2+d4cR6N6kJOOkdTRm7IOD6ZTFlRcC7jfqjEh2no1MwUTAdBgNVHQ4EFgQUVOwEx6pmRgC1ehBP"
        "uWq7EqPWU2EwHwYDVR0jBBgwFoAUVOwEx6pmRgC1ehBPuWq7EqPWU2EwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF"
        "AiA6pfIzHf105cjF29cPodqZYn3uVF0916yp2S6sX2mhxwIhAJshj0Mw2/t/EhUY7llPrtN+98/GYsgUXB08Wn/G6XUAMYIBADCB"
        "/QIBATAqMBIxEDAOBgNVBAMMB3dhcm0tdXACFEsBd+JjxEhH7dupgCXP6bcjmooEMAsGCWCGSAFlAwQCAaBpMBgGCSqGSIb3DQEJ"
        "AzELBgkqhkiG9w0BBwEwHAYJKoZIhvcNAQkFMQ8XDTI2MTEyMzA2NTkwMFowLwYJKoZIhvcNAQkEMSIEIC1xFkK3JrBEAWJ8qfus"
        "MvXIUw+xkDzE2wIlhxeSGkiBMAoGCCqGSM49BAMCBEgwRgIhAKo/kPTIwTwtJandXOMDhF80+6Lku94x9aUDV2Fe6ICbAiEA8haB"
        "k6IXLFvOwKfy/TO/hq9ZCYXuwWp26xkW7PQIKpU=";
    g_autoptr(MailSigned) signed_data = mail_cms_read((Span){ sample, sizeof sample - 1 }, NULL);
    g_assert(signed_data != NULL && signed_data->signature == MAIL_SIGNATURE_FITS);
}
