/* Any text ends in an error or in invoices whose JSON form reads back to the same JSON. */
#include "invoice/invoice.h"

#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "card_text.h"
#include "price.h"
#include "test_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_hold(const Invoice *invoice, const char *rule)
{
    for (unsigned i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        if (strcmp(check->rule, rule) == 0 && check->severity == INVOICE_HOLD)
            return true;
    }
    return false;
}

static void check_invoice(const Invoice *invoice)
{
    expect_round_trip(invoice);
    if (invoice->source == INVOICE_SOURCE_CARD_TEXT && invoice->signed_request != NULL)
        g_assert_true(has_hold(invoice, "signed-card"));
    if (invoice->source == INVOICE_SOURCE_CARD_TEXT && money_is_none(invoice->amount_due))
        g_assert_true(has_hold(invoice, "amount") || has_hold(invoice, "currency") || has_hold(invoice, "PAY-001")
            || has_hold(invoice, "card") || has_hold(invoice, "signed-card"));
}

static bool read_text(Span text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    bool read = invoice_read_json_ld(text, invoices, &error);
    g_assert_true(read == (error == NULL));
    g_assert_cmpuint(invoices->len, <=, LIMIT_INVOICES_PER_MESSAGE);
    for (unsigned i = 0; i < invoices->len; i++)
        check_invoice(invoices->pdata[i]);
    return read;
}

/* The text as what a JWS carries: a card, and the claims themselves. */
static void read_signed(Span text)
{
    JSON_AUTO *claims = json_object(), *object = json_object();
    if (!g_utf8_validate(text.at, (gssize)text.length, NULL))
        return;
    json_object_set_new(claims, "adaptiveCardSerialized", json_stringn(text.at, text.length));
    g_autofree char *whole = json_write(claims), *payload = encode_base64url(span_of(whole)), *own = encode_base64url(text);
    g_autofree char *card = g_strdup_printf("e30.%s.AAAA", payload), *request = g_strdup_printf("e30.%s.AAAA", own);
    json_put_text(object, "@type", "SignedAdaptiveCard");
    json_put_text(object, "signedAdaptiveCard", card);
    g_autofree char *signed_card = json_write(object);
    read_text(span_of(signed_card));
    json_put_text(object, "@type", "SignedActionRequest");
    json_put_text(object, "signedActionRequest", request);
    g_autofree char *signed_request = json_write(object);
    read_text(span_of(signed_request));
}

/* The text as a value for people: what is read as a date or an amount reads back as the same. */
static void read_words(Span text)
{
    g_autofree char *clean = text_clean(text, 200);
    char date[DATE_TEXT_MAX], again[DATE_TEXT_MAX], decimal[MONEY_TEXT_MAX];
    if (card_read_date(clean, date))
        g_assert_true(card_read_date(date, again) && strcmp(date, again) == 0);
    Money money, same;
    if (price_read_text(clean, "PLN", &money) == MONEY_OK) {
        money_format_decimal(money, decimal);
        JSON_AUTO *price = json_string(decimal);
        g_assert_true(invoice_read_price(price, money.currency, &same) == MONEY_OK && money_equal(money, same));
    }
    g_assert_true(card_label_field(clean) <= CARD_NO_FIELD);
    g_assert_true(!card_is_number(clean) || strlen(clean) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Span text = { data == NULL ? "" : (const char *)data, size };
    if (read_text(text))
        read_signed(text);
    read_words(text);
    /* The same bytes as what the store or a child of the jail might hold. */
    JSON_AUTO *json = json_read(text, LIMIT_JSON_BYTES, "the input", NULL);
    g_autoptr(Invoice) claimed = json == NULL ? NULL : invoice_from_json(json, NULL);
    if (claimed != NULL)
        expect_round_trip(claimed);
    g_autoptr(Invoice) request = invoice_read_action_request(text, INVOICE_SOURCE_ACTION_REQUEST, NULL);
    if (request != NULL)
        expect_round_trip(request);
    return 0;
}
