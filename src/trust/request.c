/* The SignedActionRequest of a mail (wire.md §1): signature, then claims against the mail it came with. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "trust/jws.h"
#include "verdict_parts.h"

typedef struct Request {
    const TrustCase *mail;
    const Partner *partner;
    const json_t *header, *claims;
    Verdict *verdict;
} Request;

/* NumericDate (RFC 7519 §2), as a number or, as billers of the old service send it, as a string of digits. */
static bool read_seconds(const json_t *value, int64_t *ret_seconds)
{
    uint64_t whole;
    if (json_is_string(value) && span_to_uint64(span_trim(span_of(json_string_value(value))), &whole)
        && whole <= INT64_MAX / US_PER_SECOND)
        return *ret_seconds = (int64_t)whole, true;
    double number = json_is_number(value) ? json_number_value(value) : -1;
    if (!(number >= 0 && number <= (double)(INT64_MAX / US_PER_SECOND) / 2))
        return false;
    *ret_seconds = (int64_t)number;
    return true;
}

/* Absent is fine (*ret_there false); there and unreadable is a hold. */
static bool read_optional_seconds(const Request *request, const char *claim, bool *ret_there, int64_t *ret_seconds)
{
    const json_t *value = json_object_get(request->claims, claim);
    *ret_there = value != NULL && !json_is_null(value);
    return !*ret_there || read_seconds(value, ret_seconds)
        || verdict_hold(request->verdict, VERDICT_REQUEST_MALFORMED,
            "The signed request's \"%s\" is not a time in seconds. Ask the biller to send the invoice again.", claim);
}

static bool check_signature(const TrustCase *mail, const Partner *partner, const char *compact, Verdict *verdict,
    GBytes **ret_payload, json_t **ret_header)
{
    g_autoptr(GError) error = NULL;
    switch (jws_check(span_of(compact), partner->jwks, ret_payload, ret_header, &error)) {
    case JWS_VERIFIED:
        return true;
    case JWS_MALFORMED:
        return verdict_hold(verdict, VERDICT_REQUEST_MALFORMED, "The signed payment request cannot be read: %s. "
            "Ask %s to send the invoice again.", error->message, partner->name);
    case JWS_ALGORITHM_REFUSED:
        return verdict_hold(verdict, VERDICT_REQUEST_ALGORITHM, "The payment request is not signed in an accepted way: %s. "
            "Do not pay from this mail.", error->message);
    case JWS_NO_KEY:
        return verdict_hold(verdict, VERDICT_REQUEST_KEY_UNKNOWN, "The payment request is signed with a key that %s has "
            "not registered: %s. An administrator can register the partner's new keys.", partner->name, error->message);
    case JWS_SIGNATURE_WRONG:
        return verdict_hold(verdict, VERDICT_REQUEST_SIGNATURE_WRONG, "The signature of the payment request is not one of "
            "%s: %s. Do not pay from this mail.", partner->name, error->message);
    }
    g_assert_not_reached();
}

static bool check_identity(const Request *request)
{
    const char *originator = json_text(request->claims, "originator"), *sender = json_text(request->claims, "sender");
    if (originator == NULL || sender == NULL)
        return verdict_hold(request->verdict, VERDICT_REQUEST_CLAIM_MISSING,
            "The signed payment request has no \"%s\". Ask %s to send the invoice again.",
            originator == NULL ? "originator" : "sender", request->partner->name);
    if (g_ascii_strcasecmp(originator, request->partner->originator) != 0)
        return verdict_hold(request->verdict, VERDICT_REQUEST_ORIGINATOR_DIFFERS,
            "The request is signed for the biller %s but asks for %s to be paid. Do not pay from this mail.", originator,
            request->partner->originator);
    if (g_ascii_strcasecmp(sender, request->mail->sender.from_address) != 0)
        return verdict_hold(request->verdict, VERDICT_REQUEST_SENDER_DIFFERS,
            "The request is signed for mail from %s, but this mail is from %s. Do not pay from it.", sender,
            request->mail->sender.from_address);
    return true;
}

/* Against the arrival of the mail, not against now: a card that was right stays right when it is looked at later. */
static bool check_times(const Request *request)
{
    int64_t arrived = request->mail->received_us / US_PER_SECOND, issued = 0, expires = 0, begins = 0;
    bool has_issued, has_expires, has_begins;
    if (!read_optional_seconds(request, "iat", &has_issued, &issued)
        || !read_optional_seconds(request, "exp", &has_expires, &expires)
        || !read_optional_seconds(request, "nbf", &has_begins, &begins))
        return false;
    if (!has_issued)
        return verdict_hold(request->verdict, VERDICT_REQUEST_CLAIM_MISSING,
            "The signed payment request has no \"iat\". Ask %s to send the invoice again.", request->partner->name);
    char issued_text[TIME_RFC3339_MAX];
    time_format_rfc3339(issued * US_PER_SECOND, issued_text);
    if (issued < arrived - TRUST_REQUEST_AGE_MAX_S)
        return verdict_hold(request->verdict, VERDICT_REQUEST_TOO_OLD, "The payment request was signed on %.10s, more than "
            "%d days before the mail came. Ask %s for a new one.", issued_text, TRUST_REQUEST_AGE_MAX_S / 86400,
            request->partner->name);
    if (issued > arrived + TRUST_REQUEST_AHEAD_MAX_S)
        return verdict_hold(request->verdict, VERDICT_REQUEST_FROM_FUTURE, "The payment request claims to be signed at %.19s, "
            "after the mail came. Ask %s to check its clock.", issued_text, request->partner->name);
    if (has_expires && expires + TRUST_REQUEST_AHEAD_MAX_S < arrived)
        return verdict_hold(request->verdict, VERDICT_REQUEST_EXPIRED,
            "The payment request had expired when the mail came. Ask %s for a new one.", request->partner->name);
    if (has_begins && begins - TRUST_REQUEST_AHEAD_MAX_S > arrived)
        return verdict_hold(request->verdict, VERDICT_REQUEST_NOT_YET_VALID,
            "The payment request was not yet valid when the mail came. Ask %s for a new one.", request->partner->name);
    return true;
}

/* `aud` is one text or a list of them (RFC 7519 §4.1.3). */
static bool audience_has(const json_t *audience, const char *recipient)
{
    const json_t *one;
    size_t index;
    if (json_is_string(audience))
        return g_ascii_strcasecmp(json_string_value(audience), recipient) == 0;
    json_array_foreach(audience, index, one) {
        if (json_is_string(one) && g_ascii_strcasecmp(json_string_value(one), recipient) == 0)
            return true;
    }
    return false;
}

/* kid, aud and jti: checked where they are there, needed where the partner is set so. */
static bool check_optional_claims(const Request *request)
{
    const Partner *partner = request->partner;
    const json_t *audience = json_object_get(request->claims, "aud");
    if (partner->requires_kid && json_text(request->header, "kid") == NULL)
        return verdict_hold(request->verdict, VERDICT_REQUEST_KID_MISSING,
            "The signed payment request names no key (\"kid\"), which is required of %s.", partner->name);
    if (audience == NULL && partner->requires_audience)
        return verdict_hold(request->verdict, VERDICT_REQUEST_AUDIENCE_MISSING,
            "The signed payment request names no recipient (\"aud\"), which is required of %s.", partner->name);
    if (audience != NULL && !audience_has(audience, request->mail->recipient))
        return verdict_hold(request->verdict, VERDICT_REQUEST_AUDIENCE_DIFFERS,
            "The payment request was signed for another recipient than %s. Do not pay somebody else's invoice.",
            request->mail->recipient);
    const char *jti = json_text(request->claims, "jti");
    if (jti == NULL && json_object_get(request->claims, "jti") != NULL)
        return verdict_hold(request->verdict, VERDICT_REQUEST_MALFORMED, "The signed request's \"jti\" is not a text.");
    if (partner->requires_jti && (jti == NULL || jti[0] == '\0'))
        return verdict_hold(request->verdict, VERDICT_REQUEST_JTI_MISSING,
            "The signed payment request has no number of its own (\"jti\"), which is required of %s.", partner->name);
    return true;
}

/* From the signed bytes alone: what the jail read is forgotten. */
static Invoice *read_signed_invoice(const Request *request)
{
    const json_t *text = json_object_get(request->claims, "actionRequestSerialized");
    if (!json_is_string(text)) {
        verdict_hold(request->verdict, VERDICT_REQUEST_CLAIM_MISSING,
            "The signed payment request has no \"actionRequestSerialized\". Ask %s to send the invoice again.",
            request->partner->name);
        return NULL;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Invoice) invoice = invoice_read_action_request(
        (Span){ json_string_value(text), json_string_length(text) }, INVOICE_SOURCE_SIGNED_ACTION_REQUEST, &error);
    if (invoice == NULL || invoice->action == NULL || invoice->action->originator == NULL) {
        verdict_hold(request->verdict, VERDICT_REQUEST_MALFORMED, "The signed payment request cannot be read: %s.",
            invoice == NULL ? error->message : "it names no originator or no payment action");
        return NULL;
    }
    if (g_ascii_strcasecmp(invoice->action->originator, request->partner->originator) != 0) {
        verdict_hold(request->verdict, VERDICT_REQUEST_ORIGINATOR_DIFFERS,
            "%s signed a payment request of another biller (%s). Do not pay from this mail.", request->partner->name,
            invoice->action->originator);
        return NULL;
    }
    return g_steal_pointer(&invoice);
}

bool trust_request_verify(const TrustCase *trust_case, const Partner *partner, const Invoice *claimed, Verdict *verdict,
    Invoice **ret_invoice)
{
    g_autoptr(GBytes) payload = NULL;
    JSON_AUTO *header = NULL;
    if (!check_signature(trust_case, partner, claimed->signed_request, verdict, &payload, &header))
        return false;
    gsize length;
    const char *bytes = g_bytes_get_data(payload, &length);
    g_autoptr(GError) error = NULL;
    JSON_AUTO *claims = json_read((Span){ bytes, length }, LIMIT_JSON_BYTES, "its payload", &error);
    if (!json_is_object(claims))
        return verdict_hold(verdict, VERDICT_REQUEST_MALFORMED, "The signed payment request cannot be read: %s.",
            claims == NULL ? error->message : "its payload is not a JSON object");
    const Request request = { trust_case, partner, header, claims, verdict };
    if (!check_identity(&request) || !check_times(&request) || !check_optional_claims(&request))
        return false;
    g_autoptr(Invoice) invoice = read_signed_invoice(&request);
    if (invoice == NULL)
        return false;
    invoice->signed_request = g_strdup(claimed->signed_request);
    *ret_invoice = g_steal_pointer(&invoice);
    return true;
}
