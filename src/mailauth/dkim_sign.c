/* Signs messages: the field is written with an empty b=, hashed as a verifier would, and then completed. */
#include "base64.h"
#include "dkim_verify.h"
#include "limits.h"
#include "signing_key.h"

#include <openssl/rsa.h>
#include <string.h>

/* Signed once more than they occur, so that none can be added. */
static const char *const OVERSIGNED[] = { "From", "Subject", "To", "Date", "Content-Type" };
/* Signed as often as they occur. */
static const char *const SIGNED[] = { "Sender", "Reply-To", "Cc", "Message-ID", "In-Reply-To", "References",
    "MIME-Version", "Content-Transfer-Encoding", "Content-Disposition", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post" };

static void add_names(ma_text *text, const char *name, size_t times)
{
    for (size_t i = 0; i < times; i++)
        ma_text_print(text, "%s%s", text->length == 0 ? "" : ":", name);
}

static char *usual_names(ma_arena *arena, const ma_message *message)
{
    ma_text text = ma_text_new(arena, MA_TAG_LIST_BYTES_MAX / 2);
    for (size_t i = 0; i < sizeof OVERSIGNED / sizeof OVERSIGNED[0]; i++)
        add_names(&text, OVERSIGNED[i], ma_message_count(message, ma_span_of(OVERSIGNED[i])) + 1);
    for (size_t i = 0; i < sizeof SIGNED / sizeof SIGNED[0]; i++)
        add_names(&text, SIGNED[i], ma_message_count(message, ma_span_of(SIGNED[i])));
    return text.full ? NULL : ma_text_string(&text);
}

/* A long tag value, broken after `separator` or, with 0, anywhere, so that no line exceeds 78 characters. */
static void add_folded(ma_text *text, ma_span value, char separator)
{
    enum { LINE_WIDTH = 70 };
    size_t width = LINE_WIDTH / 2;
    for (size_t i = 0; i < value.length; i++) {
        ma_text_add_byte(text, value.at[i]);
        width++;
        bool may_break = separator == 0 || value.at[i] == separator;
        if (may_break && width >= LINE_WIDTH - (separator == 0 ? 0 : 25) && i + 1 < value.length) {
            ma_text_add(text, MA_SPAN("\r\n\t"));
            width = 8;
        }
    }
}

char *ma_body_hash_text(ma_arena *arena, ma_canonical form, ma_span body)
{
    uint8_t digest[MA_HASH_BYTES];
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    ma_canonical_body(&hash, form, body);
    ma_hash_done(&hash, digest);
    return ma_base64_encode(arena, (ma_span){ (const char *)digest, sizeof digest });
}

/* The field up to "b=". */
static ma_text field_begin(ma_arena *arena, const mailauth_key *key, const mailauth_sign_options *options,
    const char *forms, const char *names, const char *body_hash)
{
    ma_text text = ma_text_new(arena, MA_TAG_LIST_BYTES_MAX);
    ma_text_print(&text, "DKIM-Signature: v=1; a=%s; c=%s;\r\n\td=%s; s=%s;",
        key->algorithm == MA_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256", forms, options->domain, options->selector);
    if (options->now > 0)
        ma_text_print(&text, " t=%lld;", (long long)options->now);
    if (options->expires > 0)
        ma_text_print(&text, " x=%lld;", (long long)options->expires);
    ma_text_add(&text, MA_SPAN("\r\n\th="));
    add_folded(&text, ma_span_of(names), ':');
    ma_text_print(&text, ";\r\n\tbh=%s;\r\n\tb=", body_hash);
    return text;
}

static int sign_rsa(EVP_PKEY *pkey, const uint8_t *digest, uint8_t *out, size_t *length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    int made = context != NULL && EVP_PKEY_sign_init(context) > 0
        && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0
        && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) > 0
        && EVP_PKEY_sign(context, out, length, digest, MA_HASH_BYTES) > 0;
    EVP_PKEY_CTX_free(context);
    return made;
}

static int sign_ed25519(EVP_PKEY *pkey, const uint8_t *digest, uint8_t *out, size_t *length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int made = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) > 0
        && EVP_DigestSign(context, out, length, digest, MA_HASH_BYTES) > 0;
    EVP_MD_CTX_free(context);
    return made;
}

char *ma_sign_digest(ma_arena *arena, const mailauth_key *key, const uint8_t digest[MA_HASH_BYTES])
{
    size_t length = (size_t)EVP_PKEY_size(key->pkey);
    uint8_t *out = ma_arena_take(arena, length);
    int made = key->algorithm == MA_RSA_SHA256 ? sign_rsa(key->pkey, digest, out, &length)
                                               : sign_ed25519(key->pkey, digest, out, &length);
    return made ? ma_base64_encode(arena, (ma_span){ (const char *)out, length }) : NULL;
}

char *ma_sign_field(ma_arena *arena, const mailauth_key *key, const ma_message *message, const char *field)
{
    /* The field is read back as a verifier would read it; "AAAA" stands for the signature to come. */
    ma_message own = ma_message_read(arena, ma_span_of(ma_arena_print(arena, "%sAAAA", field)));
    if (own.field_count != 1)
        return NULL;
    ma_signature signature = ma_signature_read(arena, &own.fields[0]);
    if (signature.trouble != NULL)
        return NULL;
    uint8_t digest[MA_HASH_BYTES];
    if (ma_signature_hash_header(&signature, message, arena, digest) != NULL)
        return NULL;
    char *bytes = ma_sign_digest(arena, key, digest);
    ma_text text = ma_text_new(arena, 2 * MA_TAG_LIST_BYTES_MAX);
    ma_text_add(&text, ma_span_of(field));
    add_folded(&text, ma_span_of(bytes), 0);
    ma_text_add(&text, MA_SPAN("\r\n"));
    return bytes == NULL || text.full ? NULL : ma_text_string(&text);
}

static char *sign(ma_arena *arena, const mailauth_key *key, ma_span bytes, const mailauth_sign_options *options)
{
    ma_message message = ma_message_read(arena, bytes);
    const char *names = options->headers == NULL ? usual_names(arena, &message) : options->headers;
    const char *forms = options->canonicalization == NULL ? "relaxed/relaxed" : options->canonicalization;
    if (message.trouble != NULL || names == NULL)
        return NULL;
    const char *slash = strchr(forms, '/');
    bool relaxed_body = slash != NULL && strcasecmp(slash + 1, "relaxed") == 0;
    char *body_hash = ma_body_hash_text(arena, relaxed_body ? MA_RELAXED : MA_SIMPLE, message.body);
    ma_text text = field_begin(arena, key, options, forms, names, body_hash);
    return text.full ? NULL : ma_sign_field(arena, key, &message, ma_text_string(&text));
}

char *mailauth_dkim_sign(const mailauth_key *key, const char *message, size_t length,
    const mailauth_sign_options *options)
{
    ma_arena *arena = ma_arena_new();
    char *field = sign(arena, key, (ma_span){ message, length }, options);
    char *copy = field == NULL ? NULL : ma_copy_out(field);
    ma_arena_free(arena);
    return copy;
}
