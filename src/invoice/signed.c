/* SignedActionRequest, SignedAdaptiveCard, SignedMessageCard (wire.md §1): claims are read, the signature is kept. */
#include "signed.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "cards.h"
#include "lenient.h"
#include "limits.h"

Invoice *signed_unreadable_invoice(InvoiceSource source, const char *format, const char *rule, const GError *trouble)
{
    Invoice *invoice = invoice_new(source, format);
    g_autofree char *text = text_clean(span_of(trouble->message), INVOICE_TEXT_MAX);
    invoice_add_check(invoice, rule, INVOICE_HOLD, text);
    return invoice;
}

/* ---- JWS ---------------------------------------------------------------------------------------------------- */

/* The JWS compact text in a member, white space left out (mail breaks long lines). NULL with `error` where there is none.
 * Newly allocated. */
static char *read_jws(const json_t *object, const char *member, GError **error)
{
    const json_t *value = lenient_single(json_member_lenient(object, member));
    GString *jws = g_string_new(NULL);
    for (size_t i = 0; i < json_string_length(value); i++)
        if (!g_ascii_isspace(json_string_value(value)[i]))
            g_string_append_c(jws, json_string_value(value)[i]);
    bool is_fit = jws->len > 0 && text_is_clean((Span){ jws->str, jws->len }, INVOICE_SIGNED_REQUEST_MAX);
    if (!is_fit)
        error_set(error, SALDO_ERROR_BAD_INPUT, "the signed request is empty, no text, or longer than %lu characters",
            INVOICE_SIGNED_REQUEST_MAX);
    return g_string_free(jws, !is_fit);
}

/* The text of one claim of a JWS compact text, its signature left alone. NULL with `error`. New reference. */
static json_t *read_claim(const char *jws, const char *claim, GError **error)
{
    Span rest = span_of(jws), header, payload;
    g_autofree char *bytes = NULL;
    size_t length;
    if (!span_cut(&rest, '.', &header) || !span_cut(&rest, '.', &payload)
        || !decode_base64url(payload, &bytes, &length)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the signed request is no JWS compact text (header.payload.signature)");
        return NULL;
    }
    JSON_AUTO *claims = json_read_lenient((Span){ bytes, length }, LIMIT_JSON_BYTES, "the signed request's payload", error);
    if (claims == NULL)
        return NULL;
    const json_t *text = json_member_lenient(claims, claim);
    if (!json_is_string(text)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the signed request has no text claim %s", claim);
        return NULL;
    }
    return json_incref((json_t *)text);
}

static Span text_span(const json_t *text)
{
    return (Span){ json_string_value(text), json_string_length(text) };
}

/* ---- SignedActionRequest ------------------------------------------------------------------------------------- */

Invoice *signed_read_request(const json_t *object)
{
    g_autoptr(GError) trouble = NULL;
    g_autofree char *jws = read_jws(object, "signedActionRequest", &trouble);
    JSON_AUTO *request = jws == NULL ? NULL : read_claim(jws, "actionRequestSerialized", &trouble);
    Invoice *invoice = request == NULL
        ? NULL
        : invoice_read_action_request(text_span(request), INVOICE_SOURCE_SIGNED_ACTION_REQUEST, &trouble);
    if (invoice == NULL)
        invoice = signed_unreadable_invoice(INVOICE_SOURCE_SIGNED_ACTION_REQUEST, "SignedActionRequest", "signed-request",
            trouble);
    invoice->signed_request = g_steal_pointer(&jws);
    return invoice;
}

/* ---- Signed cards ---------------------------------------------------------------------------------------------- */

typedef struct SignedKind {
    const char *type, *member, *claim;
} SignedKind;

static const SignedKind signed_kinds[] = {
    { "SignedAdaptiveCard", "signedAdaptiveCard", "adaptiveCardSerialized" },
    { "SignedMessageCard", "signedMessageCard", "messageCardSerialized" },
};

/* False with `error` where it cannot be read; *ret_invoice is NULL where the card speaks of no invoice. */
static bool read_card(const char *jws, const SignedKind *kind, Invoice **ret_invoice, GError **error)
{
    JSON_AUTO *text = read_claim(jws, kind->claim, error);
    JSON_AUTO *card = text == NULL ? NULL : json_read_lenient(text_span(text), LIMIT_JSON_BYTES, "the signed card", error);
    if (card == NULL)
        return false;
    *ret_invoice = card_read(card, kind->type);
    return true;
}

static Invoice *read_signed_kind(const json_t *object, const SignedKind *kind)
{
    g_autoptr(GError) trouble = NULL;
    g_autofree char *jws = read_jws(object, kind->member, &trouble);
    Invoice *invoice = NULL;
    if (jws == NULL || !read_card(jws, kind, &invoice, &trouble))
        invoice = signed_unreadable_invoice(INVOICE_SOURCE_CARD_TEXT, kind->type, "signed-card", trouble);
    else if (invoice != NULL)
        invoice_add_check(invoice, "signed-card", INVOICE_HOLD,
            "The card carries a signature that was not proved, so nobody vouches for what it says.");
    if (invoice != NULL)
        invoice->signed_request = g_steal_pointer(&jws);
    return invoice;
}

Invoice *signed_read_card(const json_t *object)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signed_kinds); i++)
        if (lenient_is_type(object, signed_kinds[i].type))
            return read_signed_kind(object, &signed_kinds[i]);
    return NULL;
}
