/* One mail for each way of not being payable, named after it; everything else about it is right.
 *
 * Parts: edits; the table; writing.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "sample_set.h"
#include "zone.h"

/* Above the 256 KiB that a JSON text may have, on one line. */
#define ENDLESS_BYTES (3UL * 1024 * 1024)
#define DEEP_LEVELS 10000

/* ---- Edits of the request -------------------------------------------------------------------- */

static json_t *entity_of(json_t *request)
{
    return json_object_get(request, "entity");
}

static json_t *total_of(json_t *request)
{
    return json_object_get(entity_of(request), "totalPaymentDue");
}

static void merchant_unknown(json_t *request)
{
    json_t *action = json_array_get(json_object_get(request, "actions"), 0);
    json_put_text(action, "merchantId", "d81da902-5e35-4276-bb57-ac3583474bf0");
    json_put_text(action, "displayId", "6714fbd7-2bb4-4c0b-a586-d0b5537ffc40");
}

static void already_paid(json_t *request)
{
    json_put_text(entity_of(request), "paymentStatus", "PaymentComplete");
    json_put_text(entity_of(request), "confirmationNumber", "BANK-58217");
}

static void credit(json_t *request)
{
    json_put_text(total_of(request), "price", "-48.60");
}

static void amount_missing(json_t *request)
{
    json_object_del(entity_of(request), "totalPaymentDue");
}

static void currency_unknown(json_t *request)
{
    json_put_text(total_of(request), "priceCurrency", "XQZ");
}

/* ---- Edits of the markup, the page and the message ------------------------------------------- */

static void broken_json(GString *markup)
{
    g_string_truncate(markup, markup->len - 1);
    g_string_append(markup, ",,");
}

/* "deep": [[[…]]] inside productContext. */
static void deep_json(GString *markup)
{
    const char *const mark = "\"productContext\":{";
    char *at = strstr(markup->str, mark);
    g_assert(at != NULL);
    g_autoptr(GString) deep = g_string_new("\"deep\":");
    for (size_t i = 0; i < DEEP_LEVELS; i++)
        g_string_append_c(deep, '[');
    for (size_t i = 0; i < DEEP_LEVELS; i++)
        g_string_append_c(deep, ']');
    g_string_append_c(deep, ',');
    g_string_insert(markup, at - markup->str + (gssize)strlen(mark), deep->str);
}

static void endless_line(GString *markup)
{
    g_autofree char *padding = g_strnfill(ENDLESS_BYTES, 'A');
    g_autofree char *member = g_strdup_printf("\"padding\":\"%s\",", padding);
    g_string_insert(markup, 1, member);
}

/* A comment that is never closed swallows the rest, the script with it; nor is any element closed. */
static void never_closes(GString *html)
{
    char *script = strstr(html->str, "<script");
    g_assert(script != NULL);
    gssize at = script - html->str;
    g_autoptr(GString) open = g_string_new(NULL);
    for (size_t i = 0; i < 20000; i++)
        g_string_append(open, "<div><table><tr><td>\n");
    g_string_append(open, "Your invoice <!-- ");
    g_string_insert(html, at, open->str);
}

/* Replaces one byte inside the merchant id, so that no lenient reading of the byte makes it right. */
static void put_byte_into_merchant(GString *message, char byte)
{
    const char *const mark = "\"merchantId\":\"";
    char *at = strstr(message->str, mark);
    g_assert(at != NULL);
    at[strlen(mark) + 2] = byte;
}

static void eight_bit(GString *message)
{
    put_byte_into_merchant(message, '\xb3');
}

static void nul_byte(GString *message)
{
    put_byte_into_merchant(message, '\0');
}

static void second_from(GString *message)
{
    g_string_prepend(message, "From: \"Northwind Energy\" <billing@" ZONE_RELAY_DOMAIN ">\r\n");
}

static void change_body(GString *message)
{
    char *at = strstr(message->str, "Northwind Energy plc\r\n");
    g_assert(at != NULL);
    at[0] = 'M';
}

static void cut_in_half(GString *message)
{
    char *script = strstr(message->str, "ld+json");
    g_assert(script != NULL);
    g_string_truncate(message, (gsize)(script - message->str) + 200);
}

/* ---- The table ------------------------------------------------------------------------------- */

typedef struct Flaw {
    const char *file, *kind, *reason, *about;
    Draft draft;            /* what differs from a good one */
    const char *biller;     /* NULL: northwind */
    size_t merchant;
} Flaw;

#define STATIC(name, verdict, code, text, ...) { .file = name, .kind = verdict, .reason = code, .about = text, .draft = { __VA_ARGS__ } }
#define DYNAMIC(name, verdict, code, text, ...) \
    { .file = name, .kind = verdict, .reason = code, .about = text, .draft = { __VA_ARGS__ }, .biller = "ledgerly", .merchant = 1 }

static const Flaw flaws[] = {
    STATIC("no-dkim.eml", "hold", "sender_unauthenticated", "no DKIM signature", .signature = DRAFT_UNSIGNED),
    STATIC("dkim-broken-body.eml", "hold", "sender_unauthenticated", "the body was changed after signing",
        .edit_signed = change_body),
    STATIC("dkim-unaligned.eml", "hold", "sender_unauthenticated", "signed by a relay's domain alone",
        .signature = DRAFT_BY_RELAY),
    STATIC("dkim-expired.eml", "hold", "sender_unauthenticated", "the signature's x= has passed",
        .signature = DRAFT_EXPIRED),
    STATIC("dkim-key-revoked.eml", "hold", "sender_unauthenticated", "the key's record has an empty p=",
        .signature = DRAFT_REVOKED_KEY),
    STATIC("spf-only-unsigned.eml", "hold", "sender_spf_only", "no DKIM; SPF passes, which is not enough without a signed request",
        .signature = DRAFT_UNSIGNED),
    STATIC("two-from.eml", "hold", "sender_not_single", "two From headers", .edit_message = second_from),
    STATIC("lookalike-domain.eml", "hold", "sender_not_registered", "northwlnd with an l, signed by its own domain",
        .from_address = "billing@" ZONE_LOOKALIKE_DOMAIN, .domain = ZONE_LOOKALIKE_DOMAIN),
    STATIC("static-wrong-address.eml", "hold", "sender_not_registered", "the right domain, an address that is not registered",
        .from_address = "invoices@northwind-energy.example"),
    STATIC("unknown-partner.eml", "hold", "partner_unknown", "an originator that nobody registered",
        .from_address = "billing@" ZONE_STRANGER_DOMAIN, .domain = ZONE_STRANGER_DOMAIN,
        .originator = "98599d81-497d-4bcd-8406-f84811980333"),
    { .file = "suspended-partner.eml", .kind = "hold", .reason = "partner_suspended", .about = "the partner is suspended",
        .biller = "greyfield" },
    { .file = "pending-partner.eml", .kind = "hold", .reason = "partner_not_approved", .about = "the partner is not approved yet",
        .biller = "pinecone" },
    DYNAMIC("unknown-merchant.eml", "hold", "merchant_unknown", "a merchant that the partner did not register",
        .edit_request = merchant_unknown),
    { .file = "unapproved-merchant.eml", .kind = "hold", .reason = "merchant_not_approved",
        .about = "a merchant that is registered but not verified", .biller = "ledgerly", .merchant = 3 },
    DYNAMIC("jws-none.eml", "hold", "request_algorithm", "alg none, no signature", .request = DRAFT_ALG_NONE),
    DYNAMIC("jws-hs256.eml", "hold", "request_algorithm", "HS256 keyed with the public key", .request = DRAFT_ALG_HS256),
    DYNAMIC("jws-wrong-key.eml", "hold", "request_signature_wrong", "signed by another key under the registered kid",
        .request = DRAFT_FOREIGN_KEY),
    DYNAMIC("jws-wrong-sender.eml", "hold", "request_sender_differs", "signed for mail from another address",
        .claimed_sender = "studio-brzoza@mail.ledgerly.example"),
    DYNAMIC("jws-stale.eml", "hold", "request_too_old", "signed 30 days before the mail", .issued_shift_s = -30 * 86400),
    DYNAMIC("jws-future.eml", "hold", "request_from_future", "signed 5 days from now", .issued_shift_s = 5 * 86400),
    DYNAMIC("jws-tampered.eml", "hold", "request_signature_wrong", "the amount was changed after signing",
        .request = DRAFT_TAMPERED),
    DYNAMIC("unsigned-from-dynamic.eml", "hold", "request_not_signed", "a dynamic sender without a signed request",
        .request = DRAFT_PLAIN),
    STATIC("no-payment-action.eml", "hold", "no_payment_action", "an invoice that says nothing about paying",
        .request = DRAFT_INVOICE_ONLY),
    STATIC("already-paid.eml", "hold", "invoice_paid", "the mail says that it is paid", .edit_request = already_paid),
    STATIC("credit-note.eml", "hold", "invoice_credit", "a negative amount", .edit_request = credit),
    STATIC("amount-missing.eml", "hold", "amount_unknown", "no totalPaymentDue", .edit_request = amount_missing),
    STATIC("currency-unknown.eml", "hold", "amount_unknown", "the currency XQZ", .edit_request = currency_unknown),
    STATIC("json-broken.eml", "plain", "no_invoice", "the script is no JSON", .edit_markup = broken_json),
    STATIC("json-deep.eml", "plain", "no_invoice", "JSON 10,000 levels deep", .edit_markup = deep_json),
    STATIC("html-never-closes.eml", "plain", "no_invoice", "80,000 open elements and a comment without an end",
        .edit_html = never_closes),
    STATIC("truncated.eml", "plain", "no_invoice", "the message ends in the middle of its script", .edit_signed = cut_in_half),
    STATIC("eight-bit.eml", "hold", "merchant_unknown", "a stray 8-bit byte in the merchant id, the charset says US-ASCII",
        .raw_html = true, .html_charset = "us-ascii", .edit_message = eight_bit),
    STATIC("nul.eml", "hold", "merchant_unknown", "a NUL byte inside the merchant id", .raw_html = true, .edit_message = nul_byte),
    STATIC("endless-line.eml", "plain", "no_invoice", "one line of 3 MB", .raw_html = true, .edit_markup = endless_line),
};

/* ---- Writing --------------------------------------------------------------------------------- */

/* What each of these billers would plausibly ask for. */
static const struct {
    const char *biller;
    size_t merchant;
    const char *prefix;
    SampleLine lines[2];
} wares[] = {
    { "northwind", 0, "NE", { { "Electricity, day rate", "Energia, taryfa dzienna", "150 kWh", 3600, 5 },
                                { "Standing charge", "Opłata stała", "30 days", 1590, 5 } } },
    { "ledgerly", 1, "HC", { { "Espresso beans, Quay blend", NULL, "4 kg", 6200, 0 },
                               { "Paper filters", NULL, "1 box", 900, 20 } } },
    { "ledgerly", 3, "QR", { { "Ridge tiles refixed", NULL, "14", 42000, 20 }, { "Scaffold tower", NULL, "2 days", 18000, 20 } } },
    { "greyfield", 0, "GM", { { "Quarter page, winter issue", NULL, "1", 34000, 20 }, { "Artwork", NULL, "1", 6000, 20 } } },
    { "pinecone", 0, "PP", { { "Parcels, November", NULL, "31", 12400, 20 }, { "Insurance", NULL, "31", 930, 0 } } },
};

static SampleBill sample_for(const Flaw *flaw, int code)
{
    const char *biller = flaw->biller != NULL ? flaw->biller : "northwind";
    size_t i = 0;
    while (strcmp(wares[i].biller, biller) != 0 || wares[i].merchant != flaw->merchant)
        g_assert(++i < G_N_ELEMENTS(wares));
    return (SampleBill){ biller, flaw->merchant, wares[i].prefix, code, flaw->biller != NULL ? "en" : NULL, "GBP", 2, 12,
        { wares[i].lines[0], wares[i].lines[1] } };
}

static bool write_flaw(SampleSet *set, const Flaw *flaw, int code, GError **error)
{
    SampleBill sample = sample_for(flaw, code);
    g_autoptr(Bill) bill = sample_bill_make(set, &sample, 0);
    bill_insert(set->book, bill);
    Draft draft = flaw->draft;
    draft.order = set->order;
    draft.book = set->book;
    draft.bill = bill;
    draft.sent_us = set->now_us - (100 + code % 100) * 30 * US_PER_MINUTE;
    GString *message = draft_finish(&draft, error);
    if (message == NULL)
        return false;
    bool written = sample_file_write(set, flaw->file, message, flaw->kind, flaw->reason, flaw->about, error);
    g_string_free(message, TRUE);
    return written;
}

bool samples_write_flawed(SampleSet *set, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(flaws); i++) {
        if (!write_flaw(set, &flaws[i], 301 + (int)i, error))
            return false;
    }
    return true;
}
