/* MessageCard, AdaptiveCard and their signed forms: clear pairs are read, everything else is not. */
#include "test_fixture.h"

#include "base/encoding.h"
#include "base/json.h"
#include "card_text.h"

/* ---- AdaptiveCard ------------------------------------------------------------------------------------------- */

#define CARD(body) "{\"type\":\"AdaptiveCard\",\"version\":\"1.0\",\"originator\":\"O\",\"body\":[" body "]}"
#define FACTS(facts) CARD("{\"type\":\"FactSet\",\"facts\":[" facts "]}")
#define FACT(title, value) "{\"title\":\"" title "\",\"value\":\"" value "\"}"
#define BLOCK(text) "{\"type\":\"TextBlock\",\"text\":\"" text "\"}"

static void test_facts(void)
{
    g_autoptr(Invoice) invoice = read_one(FACTS(FACT("Invoice number", "AC-1") "," FACT("Total:", "EUR 60.00") ","
        FACT("**Amount due**", "**EUR 50.00**") "," FACT("Due date", "15 February 2026") "," FACT("Seller", "Example Gas") ","
        FACT("Invoice date", "{{DATE(2026-01-15T06:08:39Z, SHORT)}}") "," FACT("Colour", "7") "," FACT("Status", "Unpaid")));
    g_assert_cmpint(invoice->source, ==, INVOICE_SOURCE_CARD_TEXT);
    g_assert_cmpstr(invoice->format, ==, "AdaptiveCard");
    g_assert_cmpstr(invoice->number, ==, "AC-1");
    g_assert_true(money_equal(invoice->total, (Money){ 6000, "EUR" }));
    g_assert_true(money_equal(invoice->amount_due, (Money){ 5000, "EUR" }));
    g_assert_cmpstr(invoice->due_date, ==, "2026-02-15");
    g_assert_cmpstr(invoice->issue_date, ==, "2026-01-15");
    g_assert_cmpstr(invoice->seller.name, ==, "Example Gas");
    g_assert_cmpint(invoice->status, ==, INVOICE_STATUS_DUE);
    g_assert_null(invoice->action);
    g_assert_cmpuint(invoice->checks->len, ==, 0);
}

static void test_polish(void)
{
    g_autoptr(Invoice) invoice = read_one(CARD(BLOCK("Faktura od Gazowni") ","
        BLOCK("Nr faktury: FV 12/2026\\nDo zap\\u0142aty: 1 234,50 z\\u0142") ","
        BLOCK("TERMIN P\\u0141ATNO\\u015aCI: 15.02.2026") "," BLOCK("Sprzedawca: [Gazownia](https://gaz.example)")));
    g_assert_cmpstr(invoice->number, ==, "FV 12/2026");
    g_assert_true(money_equal(invoice->amount_due, (Money){ 123450, "PLN" }));
    g_assert_true(money_is_none(invoice->total));
    g_assert_cmpstr(invoice->due_date, ==, "2026-02-15");
    g_assert_cmpstr(invoice->seller.name, ==, "Gazownia");
}

/* The number, due date and amount due that are read, as "number|date|minor currency". */
static void expect_read(const char *card, const char *expected)
{
    g_autoptr(GPtrArray) invoices = read_all(card);
    const Invoice *invoice = invoices->len == 0 ? NULL : invoices->pdata[0];
    g_autofree char *found = invoice == NULL
        ? g_strdup("none")
        : g_strdup_printf("%s|%s|%d %s", invoice->number == NULL ? "" : invoice->number,
            invoice->due_date == NULL ? "" : invoice->due_date, (int)invoice->amount_due.minor, invoice->amount_due.currency);
    g_assert_cmpstr(found, ==, expected);
    g_assert_cmpuint(invoices->len, <=, 1);
}

#define COLUMNS(left, right) \
    "{\"type\":\"ColumnSet\",\"columns\":[{\"type\":\"Column\",\"items\":[" left "]},{\"type\":\"Column\",\"items\":[" right \
    "]}]}"

static void test_layouts(void)
{
    expect_read(CARD(COLUMNS(BLOCK("Invoice number") "," BLOCK("Amount due"), BLOCK("A-1") "," BLOCK("EUR 5.00"))),
        "A-1||500 EUR");
    expect_read(CARD(COLUMNS(BLOCK("Invoice number") "," BLOCK("A-1"), BLOCK("Amount due") "," BLOCK("EUR 5.00"))),
        "A-1||500 EUR");
    expect_read(CARD("{\"type\":\"Container\",\"items\":[" BLOCK("Invoice number") "," BLOCK("A-1") "]}"), "A-1||0 ");
    expect_read(CARD("{\"type\":\"Table\",\"rows\":[{\"type\":\"TableRow\",\"cells\":[{\"items\":[" BLOCK("Amount due")
        "]},{\"items\":[" BLOCK("5,00 EUR") "]}]}]}"), "||500 EUR");
    expect_read(CARD("{\"type\":\"RichTextBlock\",\"inlines\":[\"Invoice: \",{\"type\":\"TextRun\",\"text\":\"A-1\"}]}"),
        "A-1||0 ");
    /* Beside each other, but no such value; a label as a value; columns of unlike length; hidden text. */
    expect_read(CARD(BLOCK("Invoice number") "," BLOCK("Supplier 1 of this year") "," BLOCK("Amount due") "," BLOCK("soon")),
        "none");
    expect_read(CARD(BLOCK("Invoice") "," BLOCK("Amount due") "," BLOCK("A-1")), "none");
    expect_read(CARD(COLUMNS(BLOCK("Invoice number") "," BLOCK("Amount due"), BLOCK("A-1"))), "none");
    expect_read(CARD("{\"type\":\"TextBlock\",\"isVisible\":false,\"text\":\"Invoice: A-1\"}"), "none");
    expect_read(CARD("{\"type\":\"Input.ChoiceSet\",\"choices\":[" FACT("Invoice", "A-1") "]}"), "none");
}

/* A card inside a card speaks for itself. */
static void test_nested_cards(void)
{
    expect_read(CARD(BLOCK("Amount due: EUR 5.00") "," CARD(BLOCK("Invoice: A-1"))), "||500 EUR");
    expect_read(CARD(BLOCK("Hello") "," CARD(BLOCK("Invoice: A-1"))), "A-1||0 ");
}

static void test_other_cards_are_no_invoices(void)
{
    expect_read(CARD(""), "none");
    expect_read("{\"type\":\"AdaptiveCard\"}", "none");
    expect_read(FACTS(FACT("Total", "EUR 50.00")), "none");
    expect_read(FACTS(FACT("Invoice", "thank you for your 3 orders")), "none");
    expect_read(FACTS(FACT("Invoice", "EUR 50.00")), "none");
    expect_read(FACTS(FACT("Invoice", "2026-01-01")), "none");
    expect_read(FACTS(FACT("Amount due", "nothing")), "none");
    expect_read(FACTS(FACT("Invoices", "A-1")), "none");
    expect_read(CARD("7,null,[],\"Invoice: A-1\",{\"type\":\"FactSet\",\"facts\":[1,{}]}"), "none");
    expect_read("{\"type\":\"AdaptiveCardX\",\"body\":[" BLOCK("Invoice: A-1") "]}", "none");
}

static void expect_card_check(const char *card, const char *rule, InvoiceSeverity severity, const char *words)
{
    g_autoptr(Invoice) invoice = read_one(card);
    const InvoiceCheck *check = find_check(invoice, rule);
    g_assert_nonnull(check);
    g_assert_cmpint(check->severity, ==, severity);
    g_assert_nonnull(strstr(check->text, words));
}

#define NUMBER FACT("Invoice", "A-1")

static void test_nothing_is_guessed(void)
{
    expect_card_check(FACTS(NUMBER "," FACT("Total", "EUR 50.00")), "amount", INVOICE_HOLD, "which amount is due");
    expect_card_check(FACTS(NUMBER "," FACT("Amount due", "$50.00")), "currency", INVOICE_HOLD, "$50.00");
    expect_card_check(FACTS(NUMBER "," FACT("Amount due", "50.00")), "currency", INVOICE_HOLD, "50.00");
    expect_card_check(FACTS(NUMBER "," FACT("Amount due", "EUR 1.234")), "PAY-001", INVOICE_HOLD, "1.234");
    expect_card_check(FACTS(NUMBER "," FACT("Amount due", "EUR 5 or 6")), "PAY-001", INVOICE_HOLD, "5 or 6");
    expect_card_check(FACTS(NUMBER "," FACT("Amount due", "EUR 5.00") "," FACT("To pay", "EUR 6.00")), "card", INVOICE_HOLD,
        "amount due");
    expect_card_check(FACTS(NUMBER "," FACT("Invoice no.", "A-2") "," FACT("Amount due", "EUR 5")), "card", INVOICE_HOLD,
        "number");
    expect_card_check(FACTS(NUMBER "," FACT("Amount due", "EUR 5") "," FACT("Total", "PLN 5")), "currency", INVOICE_HOLD,
        "two currencies");
    expect_card_check(FACTS(NUMBER "," FACT("Due date", "02/03/2026")), "due_date", INVOICE_WARN, "02/03/2026");
    expect_card_check(FACTS(NUMBER "," FACT("Status", "Paid")), "status", INVOICE_HOLD, "paid");
    expect_card_check(FACTS(FACT("Amount due", "EUR 5")), "number", INVOICE_HOLD, "no number");
    /* The same value in two ways is one value; the currency may stand in a fact of its own. */
    expect_read(FACTS(NUMBER "," FACT("Amount due", "EUR 5.00") "," FACT("Do zap\\u0142aty", "5,00 \\u20ac")), "A-1||500 EUR");
    expect_read(FACTS(NUMBER "," FACT("Due date", "2026-02-15") "," FACT("Termin zap\\u0142aty", "15 lutego 2026")),
        "A-1|2026-02-15|0 ");
    expect_read(FACTS(NUMBER "," FACT("Amount due", "$5.00") "," FACT("Currency", "CAD")), "A-1||500 CAD");
}

static void test_words(void)
{
    static const char *const dates[][2] = { { "2026-02-15", "2026-02-15" }, { "2026-02-15T23:00:00Z", "2026-02-15" },
        { "0226-02-15", "0226-02-15" }, { "5.2.2026", "2026-02-05" }, { "5 May 2026", "2026-05-05" }, { "May 5, 2026", "2026-05-05" },
        { "Sep 30, 2026", "2026-09-30" }, { "30 wrze\xc5\x9bnia 2026", "2026-09-30" },
        { "{{DATE(2026-02-15T06:08:39Z)}}", "2026-02-15" },
        { "02/03/2026", NULL }, { "31.02.2026", NULL }, { "5.2.26", NULL }, { "5 May", NULL }, { "", NULL },
        { "1.2.3.2026", NULL },
        { "05 Foo 2026", NULL }, { "99999999999999999999.1.2026", NULL }, { "{{DATE(x)}}", NULL } };
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        char date[DATE_TEXT_MAX] = "";
        g_assert_cmpint(card_read_date(dates[i][0], date), ==, dates[i][1] != NULL);
        g_assert_cmpstr(date, ==, dates[i][1] == NULL ? "" : dates[i][1]);
    }
    static const char *const labels[] = { "INVOICE NUMBER", " Invoice No.: ", "*Invoice #*", "Nr faktury",
        "NUMER FAKTURY VAT:" };
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        g_assert_cmpint(card_label_field(labels[i]), ==, CARD_NUMBER);
    static const char *const unclear[] = { "", "Due", "Amount", "Kwota", "Invoice number of the order", ":" };
    for (size_t i = 0; i < G_N_ELEMENTS(unclear); i++)
        g_assert_cmpint(card_label_field(unclear[i]), ==, CARD_NO_FIELD);
}

/* What is quoted is cut, so that the invoice can be written and read back. */
static void test_long_values(void)
{
    g_autofree char *longest = g_strnfill(2000, 'x');
    g_autofree char *card = g_strdup_printf(FACTS(NUMBER "," FACT("Amount due", "%s") "," FACT("Total", "7 %s") ","
        FACT("Due date", "%s") "," FACT("Seller", "%s")), longest, longest, longest, longest);
    g_autoptr(Invoice) invoice = read_one(card);
    JSON_AUTO *json = invoice_to_json(invoice);
    g_autoptr(GError) error = NULL;
    g_autoptr(Invoice) again = invoice_from_json(json, &error);
    g_assert_no_error(error);
    g_assert_nonnull(find_check(again, "PAY-001"));
    g_assert_nonnull(find_check(again, "due_date"));
}

/* ---- MessageCard --------------------------------------------------------------------------------------------- */

static void test_message_card(void)
{
    g_autoptr(Invoice) invoice = read_one(
        "{\"@type\":\"MessageCard\",\"@context\":\"http://schema.org/extensions\",\"summary\":\"x\",\"originator\":\"O-1\","
        "\"title\":\"Your bill\",\"sections\":[{\"activityTitle\":\"Invoice: MC-7\",\"facts\":[{\"name\":\"Balance due\","
        "\"value\":\"USD 1,250.00\"},{\"name\":\"Due by\",\"value\":\"Feb 3, 2026\"}]}],\"potentialAction\":[{\"@type\":"
        "\"OpenUri\",\"name\":\"View\",\"targets\":[{\"os\":\"default\",\"uri\":\"HTTPS://pay.example/7\"}]},{\"@type\":"
        "\"Transaction\",\"merchantId\":\"M-1\",\"displayId\":\"D-1\",\"productContext\":{\"a\":1}}]}");
    g_assert_cmpstr(invoice->format, ==, "MessageCard");
    g_assert_cmpstr(invoice->number, ==, "MC-7");
    g_assert_true(money_equal(invoice->amount_due, (Money){ 125000, "USD" }));
    g_assert_cmpstr(invoice->due_date, ==, "2026-02-03");
    g_assert_cmpstr(invoice->url, ==, "https://pay.example/7");
    g_assert_cmpstr(invoice->action->originator, ==, "O-1");
    g_assert_cmpstr(invoice->action->merchant_id, ==, "M-1");
    g_assert_cmpstr(invoice->action->display_id, ==, "D-1");
    g_autofree char *context = json_write(invoice->action->product_context);
    g_assert_cmpstr(context, ==, "{\"a\":1}");
}

static void test_actions(void)
{
    static const char form[] = "{\"type\":\"AdaptiveCard\",\"originator\":\"O\",\"body\":[" BLOCK("%s") ",{\"type\":\"ActionSet\","
        "\"actions\":[{\"type\":\"Action.Transaction\",\"initializationContext\":{\"merchantId\":\"M\",\"displayId\":\"D\","
        "\"productContext\":7}},{\"type\":\"Action.Transaction\",\"merchantId\":\"M2\"}]}],\"actions\":[{\"type\":"
        "\"Action.OpenUrl\",\"url\":\"https://a.example/1\"},{\"type\":\"Action.OpenUrl\",\"url\":\"https://a.example/2\"}]}";
    g_autofree char *named = g_strdup_printf(form, "Invoice: A-1"), *unnamed = g_strdup_printf(form, "Pay now");
    g_autoptr(Invoice) invoice = read_one(named), nameless = read_one(unnamed);
    g_assert_cmpstr(invoice->action->merchant_id, ==, "M");
    g_assert_cmpstr(invoice->action->originator, ==, "O");
    g_assert_cmpuint(invoice->other_actions->len, ==, 1);
    g_assert_null(invoice->url); /* two buttons: nobody knows which one shows the invoice */
    g_assert_cmpint(find_check(invoice, "card-action")->severity, ==, INVOICE_HOLD);
    g_assert_nonnull(find_check(invoice, "amount"));
    g_assert_null(nameless->number);
    g_assert_null(nameless->action); /* nobody could say whether it is the invoice of another request */
    g_assert_nonnull(find_check(nameless, "number"));
    g_assert_cmpint(find_check(nameless, "card-action")->severity, ==, INVOICE_HOLD);
}

/* ---- Signed cards -------------------------------------------------------------------------------------------- */

/* `form` has one %s for the JWS. */
static Invoice *read_signed(const char *form, const char *claims)
{
    g_autofree char *payload = encode_base64url(span_of(claims)),
        *jws = g_strdup_printf("eyJhbGciOiJub25lIn0.%s.c2ln", payload);
    GString *text = g_string_new(form);
    g_string_replace(text, "%s", jws, 1);
    g_autoptr(GPtrArray) invoices = read_all(text->str);
    g_string_free(text, TRUE);
    g_assert_cmpuint(invoices->len, <=, 1);
    return invoices->len == 0 ? NULL : g_ptr_array_steal_index(invoices, 0);
}

static const char signed_form[] = "{\"@type\":\"SignedAdaptiveCard\",\"signedAdaptiveCard\":\" %s \"}";
static const char claims[] = "{\"sender\":\"a@b.example\",\"adaptiveCardSerialized\":\"{\\\"type\\\":\\\"AdaptiveCard\\\","
    "\\\"body\\\":[{\\\"type\\\":\\\"FactSet\\\","
    "\\\"facts\\\":[{\\\"title\\\":\\\"Invoice\\\",\\\"value\\\":\\\"AC-1\\\"}]}]}\"}";

static void test_signed_cards(void)
{
    g_autoptr(Invoice) invoice = read_signed(signed_form, claims);
    g_assert_cmpint(invoice->source, ==, INVOICE_SOURCE_CARD_TEXT);
    g_assert_cmpstr(invoice->format, ==, "SignedAdaptiveCard");
    g_assert_cmpstr(invoice->number, ==, "AC-1");
    g_assert_true(g_str_has_prefix(invoice->signed_request, "eyJ") && g_str_has_suffix(invoice->signed_request, ".c2ln"));
    g_assert_cmpint(find_check(invoice, "signed-card")->severity, ==, INVOICE_HOLD);
    g_autoptr(Invoice) message = read_signed("{\"@type\":\"SignedMessageCard\",\"signedMessageCard\":\"%s\"}",
        "{\"messageCardSerialized\":\"{\\\"@type\\\":\\\"MessageCard\\\",\\\"text\\\":\\\"Invoice: 7\\\"}\"}");
    g_assert_cmpstr(message->format, ==, "SignedMessageCard");
    g_assert_cmpstr(message->number, ==, "7");
    g_assert_null(read_signed(signed_form, "{\"adaptiveCardSerialized\":\"{\\\"type\\\":\\\"AdaptiveCard\\\"}\"}"));
}

static void test_unreadable_signed_cards(void)
{
    static const char *const broken[][2] = { { "{}", "adaptiveCardSerialized" }, { "x", "payload is not valid JSON" },
        { "{\"adaptiveCardSerialized\":{}}", "adaptiveCardSerialized" },
        { "{\"adaptiveCardSerialized\":\"{\"}", "not valid JSON" } };
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(Invoice) invoice = read_signed(signed_form, broken[i][0]);
        g_assert_cmpint(find_check(invoice, "signed-card")->severity, ==, INVOICE_HOLD);
        g_assert_nonnull(strstr(find_check(invoice, "signed-card")->text, broken[i][1]));
        g_assert_nonnull(invoice->signed_request);
    }
    g_autoptr(Invoice) empty = read_one("{\"@type\":\"SignedAdaptiveCard\"}");
    g_assert_null(empty->signed_request);
    g_assert_nonnull(find_check(empty, "signed-card"));
}

/* ---- Microdata ----------------------------------------------------------------------------------------------- */

static GPtrArray *read_items(const char *items)
{
    JSON_AUTO *json = json_read(span_of(items), 100000, "the items", NULL);
    GPtrArray *invoices = g_ptr_array_new_with_free_func(free_invoice);
    invoice_read_microdata(json, invoices);
    return invoices;
}

static void test_microdata(void)
{
    g_autoptr(GPtrArray) invoices = read_items("[{\"@type\":\"http://schema.org/Invoice\",\"identifier\":\"M-5\",\"provider\":{"
        "\"name\":\"Tele\"},\"totalPaymentDue\":{\"price\":\"1,234.50\",\"priceCurrency\":\"EUR\"}},{\"@type\":\"Order\","
        "\"partOfInvoice\":{\"@type\":\"Invoice\",\"identifier\":\"M-6\"}},{\"@type\":\"ActionRequest\",\"actions\":[],"
        "\"entity\":{\"@type\":\"Product\"}}]");
    g_assert_cmpuint(invoices->len, ==, 2);
    const Invoice *first = invoices->pdata[0], *second = invoices->pdata[1];
    g_assert_cmpint(first->source, ==, INVOICE_SOURCE_MICRODATA);
    g_assert_cmpstr(first->format, ==, "schema.org Invoice");
    g_assert_true(money_equal(first->amount_due, (Money){ 123450, "EUR" }));
    g_assert_cmpstr(second->number, ==, "M-6");
    g_autofree char *payload = encode_base64url(span_of(claims));
    g_autofree char *card = g_strdup_printf("[{\"@type\":\"http://schema.org/SignedAdaptiveCard\",\"signedAdaptiveCard\":"
        "\"e30.%.40s %s.AAAA\"}]", payload, payload + 40);
    g_autoptr(GPtrArray) cards = read_items(card);
    g_assert_cmpuint(cards->len, ==, 1);
    g_assert_cmpstr(((Invoice *)cards->pdata[0])->number, ==, "AC-1");
    g_autoptr(GPtrArray) none = read_items("[]");
    g_assert_cmpuint(none->len, ==, 0);
}

/* ---- Hostile cards --------------------------------------------------------------------------------------------- */

static void test_hostile(void)
{
    GString *deep = g_string_new("{\"type\":\"AdaptiveCard\",\"body\":[");
    for (unsigned i = 0; i < 900; i++)
        g_string_append(deep, "{\"type\":\"Container\",\"items\":[");
    g_string_append(deep, BLOCK("Invoice: D-1"));
    for (unsigned i = 0; i < 900; i++)
        g_string_append(deep, "]}");
    g_string_append(deep, "]}");
    expect_read(deep->str, "D-1||0 ");
    g_string_free(deep, TRUE);
    GString *wide = g_string_new("{\"type\":\"AdaptiveCard\",\"body\":[{\"type\":\"FactSet\",\"facts\":[");
    for (unsigned i = 0; i < 5000; i++)
        g_string_append_printf(wide, FACT("Invoice", "A-%u") ",", i);
    g_string_append(wide, "0]}]}");
    g_autoptr(Invoice) many = read_one(wide->str);
    g_assert_null(many->number);
    g_assert_cmpuint(many->checks->len, <=, 8); /* told once, not 5,000 times */
    g_string_free(wide, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cards/facts", test_facts);
    g_test_add_func("/cards/polish", test_polish);
    g_test_add_func("/cards/layouts", test_layouts);
    g_test_add_func("/cards/nested", test_nested_cards);
    g_test_add_func("/cards/other-cards-are-no-invoices", test_other_cards_are_no_invoices);
    g_test_add_func("/cards/nothing-is-guessed", test_nothing_is_guessed);
    g_test_add_func("/cards/long-values", test_long_values);
    g_test_add_func("/cards/words", test_words);
    g_test_add_func("/cards/message-card", test_message_card);
    g_test_add_func("/cards/actions", test_actions);
    g_test_add_func("/cards/signed-cards", test_signed_cards);
    g_test_add_func("/cards/unreadable-signed-cards", test_unreadable_signed_cards);
    g_test_add_func("/cards/microdata", test_microdata);
    g_test_add_func("/cards/hostile", test_hostile);
    return g_test_run();
}
