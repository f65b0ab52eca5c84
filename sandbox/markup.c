/* ActionRequest and SignedActionRequest as the billers of the test world write them. */
#include "markup.h"

#include "base/json.h"
#include "keys.h"
#include "trust/jws.h"

json_t *markup_action_request(const Bill *bill, const char *base_url)
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:{s:s, s:s}}], s:o}", "@context",
        "http://schema.org/extensions", "@type", "ActionRequest", "originator", bill->biller->originator, "actions",
        "@type", "PaymentAction", "merchantId", bill->merchant->merchant_id, "displayId", bill->merchant->display_id,
        "productContext", "invoice", bill->number, "customer", bill->customer_number, "entity",
        bill_entity(bill, base_url));
    g_assert(request != NULL);
    return request;
}

json_t *markup_claims(const Bill *bill, const json_t *request, const char *sender, int64_t issued_s)
{
    g_autofree char *serialized = json_write(request);
    json_t *claims = json_pack("{s:s, s:I, s:s, s:s, s:s}", "originator", bill->biller->originator, "iat",
        (json_int_t)issued_s, "sender", sender, "sub", bill->customer_number, "actionRequestSerialized", serialized);
    g_assert(claims != NULL);
    return claims;
}

char *markup_sign(Book *book, const Bill *bill, const json_t *claims)
{
    JSON_AUTO *key = keys_biller_jwk(book, bill->biller->name);
    g_autofree char *text = json_write(claims);
    char *compact = jws_sign(span_of(text), key, NULL, NULL);
    g_assert(compact != NULL);
    return compact;
}

json_t *markup_signed_request(const char *compact)
{
    return json_pack("{s:s, s:s, s:s}", "@context", "http://schema.org/extensions", "@type", "SignedActionRequest",
        "signedActionRequest", compact);
}
