/* Test cards of the sandbox processor, and opening what browsers sealed for it. */
#include "card.h"

#include <jose/openssl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"

/* A card or a code is under 200 bytes; sealed it stays under 1 KB. */
#define SEALED_MAX 4096
/* A256GCM (RFC 7518 §5.3); RSA keys of up to 4096 bits. */
enum { CONTENT_KEY_BYTES = 32, GCM_IV_BYTES = 12, GCM_TAG_BYTES = 16, RSA_BYTES_MAX = 512 };
enum { NUMBER_MIN = 12, NUMBER_MAX = 19 };

static const struct {
    const char *number, *brand;
    CardBehaviour behaviour;
    bool wrong_code; /* whatever code is typed */
} cards[] = {
    { "4242424242424242", "visa", CARD_CHARGES, false },
    { "5555555555554444", "mastercard", CARD_CHARGES, false },
    { "5454545454545454", "mastercard", CARD_CHARGES, false },
    { "378282246310005", "amex", CARD_CHARGES, false },
    { "371449635398431", "amex", CARD_CHARGES, false },
    { "4000000000000002", "visa", CARD_DECLINES, false },
    { "4000000000009995", "visa", CARD_NO_FUNDS, false },
    { "4000000000000127", "visa", CARD_CHARGES, true },
    { "4000000000000119", "visa", CARD_PROCESSING_ERROR, false },
    { "4000002500003155", "visa", CARD_CHALLENGES, false },
};

static const char *const behaviours[] = { [CARD_CHARGES] = "charges", [CARD_DECLINES] = "declines",
    [CARD_NO_FUNDS] = "no_funds", [CARD_PROCESSING_ERROR] = "processing_error", [CARD_CHALLENGES] = "challenges" };

const char *card_behaviour_name(CardBehaviour behaviour)
{
    return behaviours[behaviour];
}

CardBehaviour card_behaviour_from_name(const char *name)
{
    size_t i = 0;
    while (i < G_N_ELEMENTS(behaviours) && g_strcmp0(behaviours[i], name) != 0)
        i++;
    g_assert(i < G_N_ELEMENTS(behaviours));
    return (CardBehaviour)i;
}

static bool header_is_ours(const char *protected_part)
{
    g_autofree char *text = NULL;
    size_t length;
    if (!decode_base64url(span_of(protected_part), &text, &length))
        return false;
    JSON_AUTO *header = json_read((Span){ text, length }, SEALED_MAX, "the JWE header", NULL);
    return g_strcmp0(json_text(header, "alg"), "RSA-OAEP-256") == 0
        && g_strcmp0(json_text(header, "enc"), "A256GCM") == 0 && json_object_get(header, "zip") == NULL;
}

/* RSA-OAEP with SHA-256 (RFC 7518 §4.3) and AES-256-GCM (§5.3) through EVP: libjose as packaged has no OAEP,
 * and what its jose_jwe_dec_cek returns was seen to be freed already. */
static bool unwrap_key(const json_t *jwk, Span wrapped, unsigned char ret_key[CONTENT_KEY_BYTES])
{
    unsigned char key[RSA_BYTES_MAX];
    size_t length = sizeof key;
    EVP_PKEY *private_key = jose_openssl_jwk_to_EVP_PKEY(NULL, jwk);
    EVP_PKEY_CTX *context = private_key == NULL ? NULL : EVP_PKEY_CTX_new(private_key, NULL);
    bool opened = context != NULL && EVP_PKEY_decrypt_init(context) == 1
        && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
        && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
        && EVP_PKEY_decrypt(context, key, &length, (const unsigned char *)wrapped.at, wrapped.length) == 1
        && length == CONTENT_KEY_BYTES;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(private_key);
    if (opened)
        memcpy(ret_key, key, CONTENT_KEY_BYTES);
    OPENSSL_cleanse(key, sizeof key);
    return opened;
}

typedef struct Sealed {
    const char *protected_part; /* as it stands: the additional data */
    char *bytes[4];             /* encrypted key, iv, ciphertext, tag */
    size_t lengths[4];
} Sealed;

enum { SEALED_KEY, SEALED_IV, SEALED_TEXT, SEALED_TAG };

static void sealed_done(Sealed *sealed)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sealed->bytes); i++)
        g_free(sealed->bytes[i]);
}

static bool sealed_read(GStrv parts, Sealed *sealed)
{
    sealed->protected_part = parts[0];
    for (size_t i = 0; i < G_N_ELEMENTS(sealed->bytes); i++) {
        if (!decode_base64url(span_of(parts[i + 1]), &sealed->bytes[i], &sealed->lengths[i]))
            return false;
    }
    return sealed->lengths[SEALED_IV] == GCM_IV_BYTES && sealed->lengths[SEALED_TAG] == GCM_TAG_BYTES;
}

/* `plain` has room for the ciphertext's length. */
static bool open_gcm(const Sealed *sealed, const unsigned char key[CONTENT_KEY_BYTES], unsigned char *plain)
{
    int length;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool opened = EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, (unsigned char *)sealed->bytes[SEALED_IV]) == 1
        && EVP_DecryptUpdate(context, NULL, &length, (const unsigned char *)sealed->protected_part,
               (int)strlen(sealed->protected_part)) == 1
        && EVP_DecryptUpdate(context, plain, &length, (unsigned char *)sealed->bytes[SEALED_TEXT],
               (int)sealed->lengths[SEALED_TEXT]) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, GCM_TAG_BYTES, sealed->bytes[SEALED_TAG]) == 1
        && EVP_DecryptFinal_ex(context, plain + length, &length) == 1;
    EVP_CIPHER_CTX_free(context);
    return opened;
}

/* The plain text, newly allocated, or NULL. */
static char *decrypt(const json_t *jwk, GStrv parts, size_t *ret_length)
{
    __attribute__((cleanup(sealed_done))) Sealed sealed = { 0 };
    unsigned char key[CONTENT_KEY_BYTES];
    if (!sealed_read(parts, &sealed)
        || !unwrap_key(jwk, (Span){ sealed.bytes[SEALED_KEY], sealed.lengths[SEALED_KEY] }, key))
        return NULL;
    g_autofree unsigned char *plain = g_malloc(sealed.lengths[SEALED_TEXT] + GCM_TAG_BYTES);
    bool opened = open_gcm(&sealed, key, plain);
    OPENSSL_cleanse(key, sizeof key);
    if (!opened)
        return NULL;
    *ret_length = sealed.lengths[SEALED_TEXT];
    return (char *)g_steal_pointer(&plain);
}

json_t *card_unseal(const json_t *jwk, const char *compact, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(strlen(compact) <= SEALED_MAX ? compact : "", ".", 6);
    if (g_strv_length(parts) != 5 || !header_is_ours(parts[0])) {
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "not a compact JWE of at most %d bytes with RSA-OAEP-256 and A256GCM", SEALED_MAX);
        return NULL;
    }
    size_t length;
    char *plain = decrypt(jwk, parts, &length);
    if (plain == NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the JWE does not open with this processor's key; fetch /keys again");
        return NULL;
    }
    json_t *value = json_read((Span){ plain, length }, SEALED_MAX, "the sealed text", error);
    OPENSSL_cleanse(plain, length);
    g_free(plain);
    return value;
}

/* Luhn (ISO/IEC 7812-1 annex B). */
static bool luhn_holds(const char *number)
{
    size_t length = strlen(number);
    if (length < NUMBER_MIN || length > NUMBER_MAX || strspn(number, "0123456789") != length)
        return false;
    int sum = 0;
    for (size_t i = 0; i < length; i++) {
        int digit = number[length - 1 - i] - '0';
        int doubled = i % 2 == 1 ? digit * 2 : digit;
        sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
}

/* "MM/YY": NULL where it is good, else the code of wire.md §4. A card is good through its month. */
static const char *expiry_trouble(const char *expiry, int64_t now_us)
{
    char today[DATE_TEXT_MAX];
    time_format_date(now_us, today);
    unsigned month, year, now_year, now_month;
    g_assert(sscanf(today, "20%2u-%2u", &now_year, &now_month) == 2);
    if (expiry == NULL || strlen(expiry) != 5 || sscanf(expiry, "%2u/%2u", &month, &year) != 2 || month < 1 || month > 12)
        return "invalid_expiry_month";
    return year * 12 + month < now_year * 12 + now_month ? "expired_card" : NULL;
}

static const char *code_trouble(const char *code, bool amex, bool wrong_code)
{
    if (code == NULL)
        return "incorrect_cvc";
    if (strlen(code) != (amex ? 4 : 3) || strspn(code, "0123456789") != strlen(code))
        return "invalid_cvc";
    return wrong_code ? "incorrect_cvc" : NULL;
}

static const char *message_for(const char *code)
{
    static const char *const texts[][2] = {
        { "incorrect_number", "The card number is incorrect." },
        { "card_declined", "The sandbox takes its test cards alone; this is none of them." },
        { "invalid_expiry_month", "The expiry date is not a month and a year." },
        { "expired_card", "The card has expired." },
        { "invalid_cvc", "The security code has the wrong number of digits." },
        { "incorrect_cvc", "The security code is missing or incorrect." },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (strcmp(texts[i][0], code) == 0)
            return texts[i][1];
    }
    g_assert_not_reached();
}

CardVerdict card_judge(const json_t *card, const json_t *code, int64_t now_us)
{
    const char *number = json_text(card, "number");
    CardVerdict verdict = { 0 };
    size_t i = 0;
    while (i < G_N_ELEMENTS(cards) && g_strcmp0(cards[i].number, number) != 0)
        i++;
    if (number == NULL || !luhn_holds(number)) {
        verdict.code = "incorrect_number";
    } else if (i == G_N_ELEMENTS(cards)) {
        verdict.code = "card_declined";
    } else {
        bool amex = strcmp(cards[i].brand, "amex") == 0;
        verdict.behaviour = cards[i].behaviour;
        g_snprintf(verdict.display, sizeof verdict.display, "%s %s", cards[i].brand, number + strlen(number) - 4);
        verdict.code = expiry_trouble(json_text(card, "expiry"), now_us);
        if (verdict.code == NULL)
            verdict.code = code_trouble(json_text(code, "code"), amex, cards[i].wrong_code);
    }
    if (verdict.code != NULL)
        verdict.message = message_for(verdict.code);
    return verdict;
}
