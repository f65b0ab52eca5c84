/* CMS envelopes made here with keys that live as long as the test. */
#include "mail/container.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "base/error.h"
#include "limits.h"

#define XML "<?xml version=\"1.0\"?><Invoice xmlns=\"urn:example\"/>\n"

/* ---- Signers, envelopes -------------------------------------------------------------------------------------------- */

typedef struct Identity {
    EVP_PKEY *key;
    X509 *certificate;
} Identity;

static Identity identity_new(EVP_PKEY *key, const char *name)
{
    Identity identity = { key, X509_new() };
    X509_set_version(identity.certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(identity.certificate), g_random_int_range(1, 1000000));
    ASN1_TIME_set_string_X509(X509_getm_notBefore(identity.certificate), "20200102030405Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(identity.certificate), "20300102030405Z");
    X509_set_pubkey(identity.certificate, key);
    X509_NAME *subject = X509_get_subject_name(identity.certificate);
    if (name != NULL)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)"Huta Śląsk", -1, -1, 0);
    X509_set_issuer_name(identity.certificate, subject);
    g_assert_cmpint(X509_sign(identity.certificate, key, EVP_sha256()), >, 0);
    return identity;
}

static void identity_done(Identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

#define IDENTITY_AUTO __attribute__((cleanup(identity_done))) Identity

static Identity rsa_identity(const char *name)
{
    return identity_new(EVP_RSA_gen(2048), name);
}

static GString *der_of(CMS_ContentInfo *cms)
{
    unsigned char *der = NULL;
    int length = i2d_CMS_ContentInfo(cms, &der);
    g_assert_cmpint(length, >, 0);
    GString *bytes = g_string_new_len((char *)der, length);
    OPENSSL_free(der);
    return bytes;
}

static GString *sign(const Identity *identity, const char *content, const EVP_MD *digest, unsigned flags)
{
    BIO *data = BIO_new_mem_buf(content, (int)strlen(content));
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, data, CMS_BINARY | CMS_PARTIAL | flags);
    g_assert_nonnull(CMS_add1_signer(cms, identity->certificate, identity->key, digest, CMS_BINARY | flags));
    g_assert_cmpint(CMS_final(cms, data, NULL, CMS_BINARY | flags), ==, 1);
    GString *bytes = der_of(cms);
    CMS_ContentInfo_free(cms);
    BIO_free(data);
    return bytes;
}

static Span span(const GString *bytes)
{
    return (Span){ bytes->str, bytes->len };
}

static MailSigned *read_ok(Span envelope)
{
    g_autoptr(GError) error = NULL;
    MailSigned *signed_data = mail_cms_read(envelope, &error);
    g_assert_no_error(error);
    return signed_data;
}

static const MailSigner *first_signer(const MailSigned *signed_data)
{
    g_assert_cmpuint(signed_data->signers->len, >, 0);
    return signed_data->signers->pdata[0];
}

static void expect_content(const MailSigned *signed_data, const char *content)
{
    g_assert_nonnull(signed_data->content);
    g_assert_cmpmem(g_bytes_get_data(signed_data->content, NULL), g_bytes_get_size(signed_data->content), content,
        strlen(content));
}

static void expect_fits(Span envelope)
{
    g_autoptr(MailSigned) signed_data = read_ok(envelope);
    g_assert_cmpint(signed_data->signature, ==, MAIL_SIGNATURE_FITS);
    g_assert_null(first_signer(signed_data)->reason);
    expect_content(signed_data, XML);
}

static void expect_refusal(Span envelope, SaldoError code)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(mail_cms_read(envelope, &error));
    g_assert_error(error, SALDO_ERROR, (int)code);
}

/* ---- Signatures ---------------------------------------------------------------------------------------------------- */

static void test_fits(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna Żak");
    GString *plain = sign(&identity, XML, EVP_sha256(), 0), *bare = sign(&identity, XML, EVP_sha512(), CMS_NOATTR);
    expect_fits(span(plain));
    expect_fits(span(bare));
    g_autoptr(MailSigned) signed_data = read_ok(span(plain));
    const MailSigner *signer = first_signer(signed_data);
    g_assert_cmpstr(signer->name, ==, "Anna Żak");
    g_assert_cmpstr(signer->valid_from, ==, "2020-01-02T03:04:05Z");
    g_assert_cmpstr(signer->valid_until, ==, "2030-01-02T03:04:05Z");
    g_string_free(plain, TRUE);
    g_string_free(bare, TRUE);
}

static void test_other_keys(void)
{
    IDENTITY_AUTO curve = identity_new(EVP_EC_gen("P-384"), NULL);
    GString *bytes = sign(&curve, XML, EVP_sha384(), 0);
    expect_fits(span(bytes));
    g_autoptr(MailSigned) signed_data = read_ok(span(bytes));
    g_assert_cmpstr(first_signer(signed_data)->name, ==, "Huta Śląsk");
    g_string_free(bytes, TRUE);
}

static void expect_change_is_seen(const GString *envelope, const char *at, const char *instead)
{
    g_autofree char *bytes = g_memdup2(envelope->str, envelope->len);
    char *place = memmem(bytes, envelope->len, at, strlen(at));
    g_assert_nonnull(place);
    memcpy(place, instead, strlen(instead));
    g_autoptr(MailSigned) signed_data = read_ok((Span){ bytes, envelope->len });
    g_assert_cmpint(signed_data->signature, ==, MAIL_SIGNATURE_DOES_NOT_FIT);
    g_assert_nonnull(strstr(first_signer(signed_data)->reason, "changed after it was signed"));
}

static void test_changed_content(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    GString *plain = sign(&identity, XML, EVP_sha256(), 0), *bare = sign(&identity, XML, EVP_sha256(), CMS_NOATTR);
    expect_change_is_seen(plain, "urn:example", "urn:exampld");
    expect_change_is_seen(bare, "urn:example", "urn:exampld");
    g_string_free(plain, TRUE);
    g_string_free(bare, TRUE);
}

/* Every byte of the signature value counts. */
static void test_changed_signature(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    GString *bytes = sign(&identity, XML, EVP_sha256(), 0);
    bytes->str[bytes->len - 10] ^= 1;
    g_autoptr(MailSigned) signed_data = read_ok(span(bytes));
    g_assert_cmpint(signed_data->signature, ==, MAIL_SIGNATURE_DOES_NOT_FIT);
    g_string_free(bytes, TRUE);
}

static void expect_uncheckable(Span envelope, const char *words)
{
    g_autoptr(MailSigned) signed_data = read_ok(envelope);
    g_assert_cmpint(signed_data->signature, ==, MAIL_SIGNATURE_CANNOT_BE_CHECKED);
    g_assert_nonnull(strstr(first_signer(signed_data)->reason, words));
}

static void test_uncheckable(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    GString *no_certificate = sign(&identity, XML, EVP_sha256(), CMS_NOCERTS);
    GString *old_digest = sign(&identity, XML, EVP_sha1(), 0), *detached = sign(&identity, XML, EVP_sha256(), CMS_DETACHED);
    expect_uncheckable(span(no_certificate), "certificate is not in the file");
    expect_uncheckable(span(old_digest), "no longer proves anything");
    expect_uncheckable(span(detached), "not in the file");
    g_autoptr(MailSigned) signed_data = read_ok(span(detached));
    g_assert_null(signed_data->content);
    g_string_free(no_certificate, TRUE);
    g_string_free(old_digest, TRUE);
    g_string_free(detached, TRUE);
}

static GString *sign_by_many(const Identity *identities, unsigned count)
{
    BIO *data = BIO_new_mem_buf(XML, (int)strlen(XML));
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, data, CMS_BINARY | CMS_PARTIAL);
    for (unsigned i = 0; i < count; i++)
        g_assert_nonnull(CMS_add1_signer(cms, identities[i % 2].certificate, identities[i % 2].key, EVP_sha256(),
            CMS_BINARY | (i < 2 ? 0 : CMS_NOCERTS)));
    g_assert_cmpint(CMS_final(cms, data, NULL, CMS_BINARY), ==, 1);
    GString *bytes = der_of(cms);
    CMS_ContentInfo_free(cms);
    BIO_free(data);
    return bytes;
}

static void test_signers(void)
{
    IDENTITY_AUTO anna = rsa_identity("Anna");
    IDENTITY_AUTO jan = identity_new(EVP_EC_gen("P-256"), "Jan");
    const Identity both[] = { anna, jan };
    GString *two = sign_by_many(both, 2), *many = sign_by_many(both, MAIL_SIGNERS_MAX + 1);
    g_autoptr(MailSigned) by_two = read_ok(span(two)), by_many = read_ok(span(many));
    g_assert_cmpint(by_two->signature, ==, MAIL_SIGNATURE_FITS);
    g_assert_cmpuint(by_two->signers->len, ==, 2);
    g_assert_cmpuint(by_many->signers->len, ==, MAIL_SIGNERS_MAX);
    g_assert_cmpint(by_many->signature, ==, MAIL_SIGNATURE_CANNOT_BE_CHECKED);
    g_string_free(two, TRUE);
    g_string_free(many, TRUE);
}

/* ---- Forms of the envelope ----------------------------------------------------------------------------------------- */

static void test_base64(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    GString *bytes = sign(&identity, XML, EVP_sha256(), 0), *lines = g_string_new("\xEF\xBB\xBF\r\n");
    g_autofree char *text = encode_base64(span(bytes));
    for (size_t i = 0; i < strlen(text); i += 64)
        g_string_append_printf(lines, "%.64s\r\n", text + i);
    g_autofree char *armoured = g_strdup_printf("-----BEGIN PKCS7-----\n%s\n-----END PKCS7-----\n", text);
    expect_fits(span_of(text));
    expect_fits(span(lines));
    expect_fits(span_of(armoured));
    g_assert_cmpint(mail_file_kind(span_of(text)), ==, MAIL_FILE_CMS);
    g_assert_cmpint(mail_file_kind(span(lines)), ==, MAIL_FILE_CMS);
    g_assert_cmpint(mail_file_kind(span_of(armoured)), ==, MAIL_FILE_CMS);
    g_assert_cmpint(mail_file_kind(span(bytes)), ==, MAIL_FILE_CMS);
    g_string_append(bytes, "behind the end");
    expect_fits(span(bytes));
    g_string_free(bytes, TRUE);
    g_string_free(lines, TRUE);
}

/* BER: lengths that are not said, the content in pieces. */
static void test_indefinite(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    BIO *data = BIO_new_mem_buf(XML, (int)strlen(XML)), *out = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = CMS_sign(identity.certificate, identity.key, NULL, data, CMS_BINARY | CMS_STREAM);
    g_assert_cmpint(i2d_CMS_bio_stream(out, cms, data, CMS_BINARY | CMS_STREAM), ==, 1);
    char *bytes;
    long length = BIO_get_mem_data(out, &bytes);
    g_assert_cmpint((unsigned char)bytes[1], ==, 0x80);
    expect_fits((Span){ bytes, (size_t)length });
    g_assert_cmpint(mail_file_kind((Span){ bytes, (size_t)length }), ==, MAIL_FILE_CMS);
    CMS_ContentInfo_free(cms);
    BIO_free(data);
    BIO_free(out);
}

static void test_encrypted(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    STACK_OF(X509) *to = sk_X509_new_null();
    sk_X509_push(to, identity.certificate);
    BIO *data = BIO_new_mem_buf(XML, (int)strlen(XML));
    CMS_ContentInfo *cms = CMS_encrypt(to, data, EVP_aes_256_cbc(), CMS_BINARY);
    GString *bytes = der_of(cms);
    expect_refusal(span(bytes), SALDO_ERROR_DENIED);
    g_assert_cmpint(mail_file_kind(span(bytes)), ==, MAIL_FILE_CMS);
    g_string_free(bytes, TRUE);
    CMS_ContentInfo_free(cms);
    BIO_free(data);
    sk_X509_free(to);
}

/* ---- A signature beside its content -------------------------------------------------------------------------------- */

static void expect_check(const GString *signature, const char *content, MailSignature expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MailSigned) signed_data = mail_cms_check(span(signature), span_of(content), &error);
    g_assert_no_error(error);
    g_assert_cmpint(signed_data->signature, ==, expected);
    g_assert_null(signed_data->content);
}

static void test_detached(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    static const char content[] = "Content-Type: text/plain\r\n\r\nPay soon\r\nAnna";
    GString *signature = sign(&identity, content, EVP_sha256(), CMS_DETACHED);
    expect_check(signature, content, MAIL_SIGNATURE_FITS);
    expect_check(signature, "Content-Type: text/plain\n\nPay soon\nAnna", MAIL_SIGNATURE_FITS);
    expect_check(signature, "Content-Type: text/plain\n\r\nPay soon\nAnna", MAIL_SIGNATURE_FITS);
    expect_check(signature, "Content-Type: text/plain\r\n\r\nPay later\r\nAnna", MAIL_SIGNATURE_DOES_NOT_FIT);
    expect_check(signature, "", MAIL_SIGNATURE_DOES_NOT_FIT);
    g_string_free(signature, TRUE);
}

/* ---- Broken and hostile envelopes ---------------------------------------------------------------------------------- */

static void test_broken(void)
{
    expect_refusal(SPAN_EMPTY, SALDO_ERROR_BAD_INPUT);
    expect_refusal(SPAN("0"), SALDO_ERROR_BAD_INPUT);
    expect_refusal(SPAN("not base64, not BER"), SALDO_ERROR_BAD_INPUT);
    expect_refusal(SPAN("-----BEGIN PKCS7-----"), SALDO_ERROR_BAD_INPUT);
    expect_refusal(SPAN("0\x84\x3F\xFF\xFF\xFF\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"), SALDO_ERROR_BAD_INPUT); /* 1 GB */
    expect_refusal(SPAN("0\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"), SALDO_ERROR_BAD_INPUT); /* no content at all */
    g_autofree char *large = g_malloc0(MAIL_CMS_BYTES_MAX + 1);
    large[0] = '0';
    expect_refusal((Span){ large, MAIL_CMS_BYTES_MAX + 1 }, SALDO_ERROR_LIMIT);
}

static void test_truncated(void)
{
    IDENTITY_AUTO identity = rsa_identity("Anna");
    GString *whole = sign(&identity, XML, EVP_sha256(), 0);
    for (size_t i = 0; i < 50; i++) {
        size_t length = whole->len * i / 50;
        g_autofree char *bytes = g_memdup2(whole->str, length);
        expect_refusal((Span){ bytes, length }, SALDO_ERROR_BAD_INPUT);
    }
    g_string_free(whole, TRUE);
}

static void test_nested(void)
{
    GString *deep = g_string_new("0\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02");
    for (unsigned i = 0; i < 100000; i++)
        g_string_append(deep, "\xA0\x80\x30\x80");
    expect_refusal(span(deep), SALDO_ERROR_BAD_INPUT);
    g_string_free(deep, TRUE);
}

static GString *with_length(int tag, const GString *content)
{
    GString *bytes = g_string_new(NULL);
    g_string_append_c(bytes, (char)tag);
    if (content->len > 0)
        g_string_append_c(bytes, (char)0x83);
    for (int shift = content->len > 0 ? 16 : 0; shift >= 0; shift -= 8)
        g_string_append_c(bytes, (char)(content->len >> shift));
    g_string_append_len(bytes, content->str, (gssize)content->len);
    return bytes;
}

/* "<a>" in an envelope with this many signers of one kind, and of digest algorithms. */
static GString *hand_made(unsigned times)
{
    static const char digest[] = "\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
    static const char signer[] = "\x30\x2B\x02\x01\x03\x80\x01\x41\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
                                 "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00\x04\x07signed";
    GString *inner = g_string_new("\x02\x01\x03"), *digests = g_string_new(NULL), *signers = g_string_new(NULL);
    for (unsigned i = 0; i < times; i++) {
        g_string_append_len(digests, digest, sizeof digest - 1);
        g_string_append_len(signers, signer, sizeof signer); /* the NUL is the signature's last byte */
    }
    GString *parts[] = { with_length(0x31, digests), g_string_new_len("\x30\x12\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"
                                                                     "\xA0\x05\x04\x03<a>", 20), with_length(0x31, signers) };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_string_append_len(inner, parts[i]->str, (gssize)parts[i]->len);
        g_string_free(parts[i], TRUE);
    }
    GString *sequence = with_length(0x30, inner), *tagged = with_length(0xA0, sequence);
    g_string_prepend_len(tagged, "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02", 11);
    GString *whole = with_length(0x30, tagged), *used[] = { inner, digests, signers, sequence, tagged };
    for (size_t i = 0; i < G_N_ELEMENTS(used); i++)
        g_string_free(used[i], TRUE);
    return whole;
}

static void expect_hand_made(unsigned times, unsigned signers)
{
    GString *whole = hand_made(times);
    clock_t start = clock();
    g_autoptr(MailSigned) signed_data = read_ok(span(whole));
    g_assert_cmpfloat((double)(clock() - start) / CLOCKS_PER_SEC, <, 1.5);
    expect_content(signed_data, "<a>");
    g_assert_cmpuint(signed_data->signers->len, ==, signers);
    g_assert_cmpint(signed_data->signature, ==, MAIL_SIGNATURE_CANNOT_BE_CHECKED);
    g_string_free(whole, TRUE);
}

static void test_nobody(void)
{
    expect_hand_made(0, 0);
}

static void test_floods(void)
{
    expect_hand_made(1, 1);
    expect_hand_made(100000, MAIL_SIGNERS_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mail_cms_warm_up();
    g_test_add_func("/cms/fits", test_fits);
    g_test_add_func("/cms/other-keys", test_other_keys);
    g_test_add_func("/cms/changed-content", test_changed_content);
    g_test_add_func("/cms/changed-signature", test_changed_signature);
    g_test_add_func("/cms/uncheckable", test_uncheckable);
    g_test_add_func("/cms/signers", test_signers);
    g_test_add_func("/cms/nobody", test_nobody);
    g_test_add_func("/cms/base64", test_base64);
    g_test_add_func("/cms/indefinite", test_indefinite);
    g_test_add_func("/cms/encrypted", test_encrypted);
    g_test_add_func("/cms/detached", test_detached);
    g_test_add_func("/cms/broken", test_broken);
    g_test_add_func("/cms/truncated", test_truncated);
    g_test_add_func("/cms/nested", test_nested);
    g_test_add_func("/cms/floods", test_floods);
    return g_test_run();
}
