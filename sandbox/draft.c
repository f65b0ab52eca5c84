/* From a bill to a mail: markup, body, message, signatures. Parts: the request; the letter; signing. */
#include "draft.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "document.h"
#include "keys.h"
#include "letter.h"
#include "letter_html.h"
#include "markup.h"
#include "trust/jws.h"
#include "zone.h"

/* ---- The request ----------------------------------------------------------------------------- */

static char *sender_of(const Draft *draft)
{
    return draft->from_address != NULL ? g_strdup(draft->from_address)
                                       : world_sender_address(draft->bill->biller, draft->bill->merchant);
}

static char *unsigned_jws(const char *algorithm, const char *payload)
{
    g_autofree char *header = g_strdup_printf("{\"alg\":\"%s\",\"typ\":\"JWT\"}", algorithm);
    g_autofree char *first = encode_base64url(span_of(header)), *second = encode_base64url(span_of(payload));
    return g_strdup_printf("%s.%s.", first, second);
}

/* The classic mix-up: the verifier's public key taken as an HMAC secret. */
static char *hmac_jws(const Draft *draft, const char *payload)
{
    JSON_AUTO *private_key = keys_biller_jwk(draft->book, draft->bill->biller->name);
    JSON_AUTO *public_key = jwk_public(private_key);
    g_autofree char *secret = json_write(public_key), *unfinished = unsigned_jws("HS256", payload);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length;
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)unfinished, strlen(unfinished) - 1, mac, &length);
    g_autofree char *signature = encode_base64url((Span){ (const char *)mac, length });
    return g_strconcat(unfinished, signature, NULL);
}

static char *foreign_jws(const Draft *draft, const char *payload)
{
    JSON_AUTO *own = keys_biller_jwk(draft->book, draft->bill->biller->name);
    JSON_AUTO *foreign = jwk_generate("ES256", NULL);
    json_put_text(foreign, "kid", json_text(own, "kid"));
    return jws_sign(span_of(payload), foreign, NULL, NULL);
}

/* Another payload between the header and the signature of a good one: the amount grew. */
static char *tampered_jws(const char *compact, const json_t *claims)
{
    JSON_AUTO *changed = json_deep_copy(claims);
    g_auto(GStrv) around = g_strsplit(json_text(claims, "actionRequestSerialized"), "\"price\":\"", 2);
    g_autofree char *grown = g_strjoinv("\"price\":\"9", around);
    json_put_text(changed, "actionRequestSerialized", grown);
    g_autofree char *payload = json_write(changed), *middle = encode_base64url(span_of(payload));
    g_auto(GStrv) parts = g_strsplit(compact, ".", 3);
    return g_strdup_printf("%s.%s.%s", parts[0], middle, parts[2]);
}

static char *sign_request(const Draft *draft, const json_t *claims)
{
    g_autofree char *payload = json_write(claims), *good = markup_sign(draft->book, draft->bill, claims);
    switch (draft->request) {
    case DRAFT_ALG_NONE:
        return unsigned_jws("none", payload);
    case DRAFT_ALG_HS256:
        return hmac_jws(draft, payload);
    case DRAFT_FOREIGN_KEY:
        return foreign_jws(draft, payload);
    case DRAFT_TAMPERED:
        return tampered_jws(good, claims);
    case DRAFT_AS_BILLER:
    case DRAFT_PLAIN:
    case DRAFT_INVOICE_ONLY:
    case DRAFT_NO_MARKUP:
        return g_steal_pointer(&good);
    }
    g_assert_not_reached();
}

static json_t *signed_request(const Draft *draft, const json_t *request)
{
    g_autofree char *sender = draft->claimed_sender != NULL ? g_strdup(draft->claimed_sender) : sender_of(draft);
    int64_t issued_s = draft->sent_us / US_PER_SECOND + draft->issued_shift_s;
    JSON_AUTO *claims = markup_claims(draft->bill, request, sender, issued_s);
    if (draft->issued_as_text) {
        g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, issued_s);
        json_put_text(claims, "iat", text);
    }
    g_autofree char *compact = sign_request(draft, claims);
    return markup_signed_request(compact);
}

static json_t *markup_json(const Draft *draft)
{
    JSON_AUTO *request = markup_action_request(draft->bill, draft->order->base_url);
    if (draft->originator != NULL)
        json_put_text(request, "originator", draft->originator);
    if (draft->edit_request != NULL)
        draft->edit_request(request);
    bool dynamic = draft->bill->biller->address == NULL;
    if (draft->request == DRAFT_INVOICE_ONLY)
        return json_incref(json_object_get(request, "entity"));
    if (draft->request == DRAFT_PLAIN || (draft->request == DRAFT_AS_BILLER && !dynamic))
        return g_steal_pointer(&request);
    return signed_request(draft, request);
}

/* The text of the JSON-LD script, or NULL. */
static char *markup_text(const Draft *draft)
{
    if (draft->request == DRAFT_NO_MARKUP)
        return NULL;
    JSON_AUTO *json = markup_json(draft);
    g_autofree char *text = json_write(json);
    GString *markup = g_string_new(text);
    if (draft->edit_markup != NULL)
        draft->edit_markup(markup);
    return g_string_free(markup, FALSE);
}

/* ---- The letter ------------------------------------------------------------------------------ */

static char *sender_name(const Draft *draft)
{
    const WorldBiller *biller = draft->bill->biller;
    return biller->address != NULL ? g_strdup(biller->title)
                                   : g_strdup_printf("%s via %s", draft->bill->merchant->legal_name, biller->title);
}

static GString *compose(const Draft *draft, GError **error)
{
    g_autofree char *markup = markup_text(draft), *from = sender_of(draft), *name = sender_name(draft);
    LETTER_BODY_AUTO body = letter_body_for(draft->bill, draft->order->base_url, markup, draft->reminder);
    g_autoptr(GBytes) document = draft->attach_document ? document_render(draft->bill, error) : NULL;
    if (draft->attach_document && document == NULL)
        return NULL;
    if (draft->edit_html != NULL)
        draft->edit_html(body.html);
    g_autofree char *message_id = g_strdup_printf("%s@%s", id_new().text, strchr(from, '@') + 1);
    g_autofree char *file_name = g_strdup_printf("%s.pdf", draft->bill->number);
    Letter letter = { .from_name = name, .from_address = from, .to_address = draft->order->recipient,
        .subject = body.subject, .message_id = message_id, .date_us = draft->sent_us, .text = body.text, .html = body.html,
        .transfer = draft->raw_html ? LETTER_RAW : LETTER_QUOTED_PRINTABLE, .html_charset = draft->html_charset,
        .logo = draft->bill->biller->address != NULL ? draft->bill->merchant->logo : NULL, .attachment = document,
        .attachment_name = file_name };
    return letter_compose(&letter);
}

/* ---- Signing --------------------------------------------------------------------------------- */

bool draft_sign(Book *book, GString *message, const char *domain, int64_t now_s, int64_t expires_s)
{
    size_t count;
    const ZoneKey *keys = zone_keys(domain, &count);
    bool good = count > 0;
    for (size_t i = 0; good && i < count; i++) {
        LetterSignature signature = { .domain = domain, .selector = keys[i].selector, .key_name = domain,
            .kind = keys[i].kind, .now = now_s, .expires = expires_s };
        good = letter_sign(book, message, &signature);
    }
    return good;
}

static bool sign(const Draft *draft, GString *message)
{
    const char *domain = draft->domain != NULL ? draft->domain : draft->bill->biller->domain;
    int64_t sent_s = draft->sent_us / US_PER_SECOND;
    LetterSignature revoked = { .domain = domain, .selector = ZONE_REVOKED_SELECTOR, .key_name = "revoked", .kind = "rsa",
        .now = sent_s };
    switch (draft->signature) {
    case DRAFT_SIGNED:
        return draft_sign(draft->book, message, domain, sent_s, 0);
    case DRAFT_UNSIGNED:
        return true;
    case DRAFT_BY_RELAY:
        return draft_sign(draft->book, message, ZONE_RELAY_DOMAIN, sent_s, 0);
    case DRAFT_EXPIRED:
        return draft_sign(draft->book, message, domain, sent_s, sent_s + 60);
    case DRAFT_REVOKED_KEY:
        return letter_sign(draft->book, message, &revoked);
    }
    g_assert_not_reached();
}

GString *draft_finish(const Draft *draft, GError **error)
{
    GString *message = compose(draft, error);
    if (message == NULL)
        return NULL;
    if (draft->edit_message != NULL)
        draft->edit_message(message);
    if (!sign(draft, message)) {
        g_string_free(message, TRUE);
        error_set(error, SALDO_ERROR_IO, "the mail for invoice %s could not be signed with DKIM", draft->bill->number);
        return NULL;
    }
    if (draft->edit_signed != NULL)
        draft->edit_signed(message);
    return message;
}
