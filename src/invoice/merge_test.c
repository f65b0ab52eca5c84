/* Sources of one mail become one invoice: every pair and order of them, and each rule broken alone. */
#include "invoice/invoice.h"

#include "base/json.h"
#include "members.h"
#include "test_fixture.h"

#define NUMBER "FV/2026/7"

static void set_amount(Invoice *invoice, const char *amount, const char *currency)
{
    g_assert_cmpint(money_parse(span_of(amount), span_of(currency), &invoice->amount_due), ==, MONEY_OK);
    invoice->total = invoice->amount_due;
    g_assert_true(decimal_parse(span_of(amount), &invoice->totals.due));
}

static void set(char **member, const char *text)
{
    g_free(*member);
    *member = g_strdup(text);
}

static void add_account(Invoice *invoice, const char *account_number)
{
    InvoiceAccount *account = invoice_list_add(invoice, offsetof(Invoice, accounts));
    account->number = g_strdup(account_number);
}

/* One invoice as this source tells it: 123.45 PLN of Acme, due on 1 December; documents name the account, payment requests
 * an action. */
static Invoice *told_by(InvoiceSource source)
{
    Invoice *invoice = invoice_new(source, invoice_source_name(source));
    invoice->number = g_strdup(NUMBER);
    invoice->seller.name = g_strdup("Acme Sp. z o.o.");
    invoice->due_date = g_strdup("2026-12-01");
    set_amount(invoice, "123.45", "PLN");
    if (source >= INVOICE_SOURCE_PDF) {
        invoice->origin = g_strdup_printf("file-%d", (int)source);
        add_account(invoice, "PL61109010140000071219812874");
    } else {
        invoice->totals = (InvoiceTotals){ 0 };
    }
    if (source == INVOICE_SOURCE_ACTION_REQUEST || source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST) {
        invoice->action = g_new0(InvoiceAction, 1);
        invoice->action->originator = g_strdup("biller-1");
        invoice->action->merchant_id = g_strdup("m");
        invoice->action->display_id = g_strdup("d");
        invoice->action->product_context = json_string(invoice_source_name(source));
    }
    if (source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST)
        invoice->signed_request = g_strdup("a.b.c");
    return invoice;
}

static GPtrArray *list(Invoice *first, Invoice *second, Invoice *third)
{
    GPtrArray *invoices = g_ptr_array_new_with_free_func(free_invoice);
    Invoice *all[] = { first, second, third };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i] != NULL)
            g_ptr_array_add(invoices, all[i]);
    return invoices;
}

static Invoice *at(const GPtrArray *invoices, unsigned index)
{
    g_assert_cmpuint(index, <, invoices->len);
    return invoices->pdata[index];
}

/* The one that is left. */
static Invoice *one(const GPtrArray *invoices)
{
    g_assert_cmpuint(invoices->len, ==, 1);
    return at(invoices, 0);
}

static bool holds(const Invoice *invoice)
{
    for (unsigned i = 0; i < invoice->checks->len; i++)
        if (((const InvoiceCheck *)invoice->checks->pdata[i])->severity == INVOICE_HOLD)
            return true;
    return false;
}

/* ---- Rank and order ---------------------------------------------------------------------------------------------- */

static void test_every_pair(void)
{
    for (unsigned left = 0; left <= INVOICE_SOURCE_SIGNED_XML; left++)
        for (unsigned right = 0; right <= INVOICE_SOURCE_SIGNED_XML; right++) {
            g_autoptr(GPtrArray) invoices = list(told_by((InvoiceSource)left), told_by((InvoiceSource)right), NULL);
            invoice_merge(invoices);
            Invoice *merged = one(invoices);
            g_assert_cmpint(merged->source, ==, MAX(left, right));
            g_assert_false(holds(merged));
            g_assert_cmpuint(merged->agreeing->len, ==, left == right ? 0 : 1); /* the same twice is a copy */
            if (left != right)
                g_assert_cmpstr(merged->agreeing->pdata[0], ==, invoice_source_name((InvoiceSource)MIN(left, right)));
        }
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* All they say; those that stay apart keep the order of the mail, which does not count here. */
static char *json_of(const GPtrArray *invoices)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < invoices->len; i++) {
        JSON_AUTO *json = invoice_to_json(invoices->pdata[i]);
        g_ptr_array_add(texts, json_write(json));
    }
    g_ptr_array_sort(texts, compare_texts);
    g_ptr_array_add(texts, NULL);
    return g_strjoinv("\n", (char **)texts->pdata);
}

typedef void (*Change)(Invoice *invoice, InvoiceSource source);

static void no_change(Invoice *invoice, InvoiceSource source)
{
}

static void lowest_lies(Invoice *invoice, InvoiceSource source)
{
    if (source == INVOICE_SOURCE_JSON_LD || source == INVOICE_SOURCE_CARD_TEXT)
        set_amount(invoice, "999.00", "PLN");
}

static void markup_without_number(Invoice *invoice, InvoiceSource source)
{
    if (source < INVOICE_SOURCE_PDF)
        g_clear_pointer(&invoice->number, g_free);
}

static void no_numbers(Invoice *invoice, InvoiceSource source)
{
    g_clear_pointer(&invoice->number, g_free);
}

static void one_without_number_and_wrong(Invoice *invoice, InvoiceSource source)
{
    if (source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST)
        return;
    g_clear_pointer(&invoice->number, g_free);
    if (source == INVOICE_SOURCE_JSON_LD)
        set(&invoice->seller.name, "Mallory");
}

/* Three sources in all six orders: always the same invoices. */
static void test_every_order(void)
{
    static const unsigned orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const Change changes[] = { no_change, lowest_lies, markup_without_number, no_numbers, one_without_number_and_wrong };
    for (unsigned a = 0; a <= INVOICE_SOURCE_SIGNED_XML; a++)
        for (unsigned b = a + 1; b <= INVOICE_SOURCE_SIGNED_XML; b++)
            for (unsigned c = b + 1; c <= INVOICE_SOURCE_SIGNED_XML; c++)
                for (size_t change = 0; change < G_N_ELEMENTS(changes); change++) {
                    g_autofree char *first = NULL;
                    for (size_t order = 0; order < G_N_ELEMENTS(orders); order++) {
                        const unsigned sources[] = { a, b, c };
                        Invoice *three[3];
                        for (unsigned i = 0; i < 3; i++) {
                            three[i] = told_by((InvoiceSource)sources[orders[order][i]]);
                            changes[change](three[i], three[i]->source);
                        }
                        g_autoptr(GPtrArray) invoices = list(three[0], three[1], three[2]);
                        invoice_merge(invoices);
                        g_autofree char *json = json_of(invoices);
                        if (first == NULL)
                            first = g_steal_pointer(&json);
                        else
                            g_assert_cmpstr(first, ==, json);
                    }
                }
}

static void test_number_of_results_in_every_order(void)
{
    static const unsigned orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const InvoiceSource sources[] = { INVOICE_SOURCE_SIGNED_ACTION_REQUEST, INVOICE_SOURCE_JSON_LD, INVOICE_SOURCE_MICRODATA };
    for (size_t order = 0; order < G_N_ELEMENTS(orders); order++) {
        Invoice *three[3];
        for (unsigned i = 0; i < 3; i++) {
            three[i] = told_by(sources[orders[order][i]]);
            one_without_number_and_wrong(three[i], three[i]->source);
        }
        g_autoptr(GPtrArray) invoices = list(three[0], three[1], three[2]);
        invoice_merge(invoices);
        g_assert_cmpuint(invoices->len, ==, 2); /* Mallory's stays by itself */
    }
}

/* ---- Same or not ------------------------------------------------------------------------------------------------- */

static void test_numbers(void)
{
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_XML), told_by(INVOICE_SOURCE_PDF), told_by(INVOICE_SOURCE_JSON_LD));
    set(&at(invoices, 1)->number, " fv/2026/7");
    set(&at(invoices, 2)->number, "FV/2026/8");
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 2);
    g_assert_cmpint(at(invoices, 0)->source, ==, INVOICE_SOURCE_XML);
    g_assert_cmpstr(at(invoices, 1)->number, ==, "FV/2026/8");
    g_assert_false(holds(at(invoices, 0)) || holds(at(invoices, 1)));
}

/* Without a number: the same amount, another kind of source, one place to go, and nothing that speaks against it. */
static void test_without_number(void)
{
    static const struct { const char *amount, *currency, *seller; InvoiceSource source; unsigned left; } cases[] = {
        { "123.45", "PLN", "ACME SP Z OO", INVOICE_SOURCE_JSON_LD, 1 },
        { "123.45", "PLN", NULL, INVOICE_SOURCE_JSON_LD, 1 },
        { "123.46", "PLN", NULL, INVOICE_SOURCE_JSON_LD, 2 },
        { "123.45", "EUR", NULL, INVOICE_SOURCE_JSON_LD, 2 },
        { "123.45", "PLN", "Mallory", INVOICE_SOURCE_JSON_LD, 2 },
        { "123.45", "PLN", NULL, INVOICE_SOURCE_XML, 2 },
        { NULL, NULL, NULL, INVOICE_SOURCE_JSON_LD, 2 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Invoice *other = told_by(cases[i].source);
        g_clear_pointer(&other->number, g_free);
        set(&other->seller.name, cases[i].seller);
        other->amount_due = other->total = (Money){ 0 };
        if (cases[i].amount != NULL)
            set_amount(other, cases[i].amount, cases[i].currency);
        g_autoptr(GPtrArray) invoices = list(other, told_by(INVOICE_SOURCE_XML), NULL);
        invoice_merge(invoices);
        g_assert_cmpuint(invoices->len, ==, cases[i].left);
    }
    Invoice *nameless = told_by(INVOICE_SOURCE_JSON_LD), *second = told_by(INVOICE_SOURCE_XML);
    g_clear_pointer(&nameless->number, g_free);
    set(&second->number, "FV/2026/8");
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_XML), nameless, second);
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 3); /* it could be either */
}

/* No numbers at all: the amount has to be there, and what was forwarded neither joins nor disturbs. */
static void test_no_number_anywhere(void)
{
    for (unsigned with_amount = 0; with_amount < 2; with_amount++) {
        Invoice *all[] = { told_by(INVOICE_SOURCE_JSON_LD), told_by(INVOICE_SOURCE_MICRODATA), told_by(INVOICE_SOURCE_CARD_TEXT) };
        for (unsigned i = 0; i < 3; i++) {
            set(&all[i]->number, NULL);
            all[i]->amount_due = with_amount ? all[i]->amount_due : (Money){ 0 };
        }
        all[2]->is_forwarded = true;
        g_autoptr(GPtrArray) invoices = list(all[2], all[0], all[1]);
        invoice_merge(invoices);
        g_assert_cmpuint(invoices->len, ==, with_amount ? 2 : 3);
        g_assert_true(at(invoices, 0) == all[2]);
    }
}

static void test_number_is_taken(void)
{
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_XML), told_by(INVOICE_SOURCE_PDF), NULL);
    g_clear_pointer(&at(invoices, 0)->number, g_free);
    invoice_add_check(at(invoices, 0), "number", INVOICE_HOLD, "no number");
    invoice_merge(invoices);
    g_assert_cmpstr(one(invoices)->number, ==, NUMBER);
    g_assert_false(holds(one(invoices)));
}

static void test_copies(void)
{
    Invoice *all[3];
    for (unsigned i = 0; i < 3; i++) { /* nothing to know them by, and still copies */
        all[i] = told_by(INVOICE_SOURCE_JSON_LD);
        g_clear_pointer(&all[i]->number, g_free);
        all[i]->amount_due = (Money){ 0 };
    }
    set(&all[2]->url, "https://example.org/");
    g_autoptr(GPtrArray) invoices = list(all[0], all[1], all[2]);
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 2);
    g_autoptr(GPtrArray) attached_twice = list(told_by(INVOICE_SOURCE_XML), told_by(INVOICE_SOURCE_XML), NULL);
    set(&at(attached_twice, 1)->origin, "copy.xml");
    invoice_merge(attached_twice);
    g_assert_cmpuint(one(attached_twice)->agreeing->len, ==, 0);
}

/* Each would fit the numbered one, but not each other. */
static void test_doubt_between_two(void)
{
    Invoice *xml = told_by(INVOICE_SOURCE_XML), *markup = told_by(INVOICE_SOURCE_JSON_LD), *items = told_by(INVOICE_SOURCE_MICRODATA);
    set(&xml->due_date, NULL);
    set(&markup->number, NULL);
    set(&items->number, NULL);
    set(&items->due_date, "2026-12-02");
    g_autoptr(GPtrArray) invoices = list(xml, markup, items);
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 3);
    set(&xml->number, NULL);
    set(&xml->due_date, "2026-12-01");
    invoice_merge(invoices); /* and with no number at all */
    g_assert_cmpuint(invoices->len, ==, 3);
}

static void test_action_without_number(void)
{
    Invoice *request = told_by(INVOICE_SOURCE_ACTION_REQUEST);
    set(&request->number, NULL);
    set(&request->action->originator, "biller-2");
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_SIGNED_ACTION_REQUEST), request, NULL);
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 2);
}

/* The place of one invoice is that of its first source. */
static void test_places(void)
{
    Invoice *other = told_by(INVOICE_SOURCE_SIGNED_XML);
    set(&other->number, "FV/2026/8");
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_JSON_LD), other, told_by(INVOICE_SOURCE_XML));
    invoice_merge(invoices);
    g_assert_cmpstr(at(invoices, 0)->number, ==, NUMBER);
    g_assert_true(at(invoices, 1) == other);
}

/* Markup knows one amount, what is due, and one name; that a document tells more is no disagreement. */
static void test_markup_knows_less(void)
{
    Invoice *xml = told_by(INVOICE_SOURCE_XML);
    xml->total.minor += 5000;
    set(&xml->payee.name, "Factor");
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_JSON_LD), xml, NULL);
    invoice_merge(invoices);
    g_assert_false(holds(one(invoices)));
}

/* ---- Disagreement ------------------------------------------------------------------------------------------------ */

static void other_amount(Invoice *invoice) { set_amount(invoice, "123.46", "PLN"); }
static void other_currency(Invoice *invoice) { set_amount(invoice, "123.45", "EUR"); }
static void other_total(Invoice *invoice) { invoice->total.minor++; }
static void other_due_date(Invoice *invoice) { set(&invoice->due_date, "2026-12-02"); }
static void other_seller(Invoice *invoice) { set(&invoice->seller.name, "Acme GmbH"); }
static void other_payee(Invoice *invoice) { set(&invoice->payee.name, "Factor"); }
static void other_account(Invoice *invoice) { set(&((InvoiceAccount *)invoice->accounts->pdata[0])->number, "PL27114020040000300201355387"); }
static void other_kind(Invoice *invoice) { invoice->kind = INVOICE_KIND_DIRECT_DEBIT; }
static void same_name(Invoice *invoice) { set(&invoice->seller.name, "ACME  sp z oo"); }
static void same_trading_name(Invoice *invoice) { set(&invoice->seller.name, "Other"); set(&invoice->seller.trading_name, "ACME SP. Z O.O."); }
static void more_accounts(Invoice *invoice) { add_account(invoice, "PL27114020040000300201355387"); }
static void same_payee(Invoice *invoice) { set(&invoice->payee.name, "acme sp. z o.o."); }
static void no_due_date(Invoice *invoice) { set(&invoice->due_date, NULL); }

static const struct { void (*change)(Invoice *); const char *left, *right; } differences[] = {
    { other_amount, "amount of this invoice is told in two ways: 123.45 PLN in file-6 (xml)", "123.46 PLN in file-5 (pdf)" },
    { other_currency, "123.45 PLN in", "123.45 EUR in" },
    { other_total, "total of this invoice", "123.46 PLN" },
    { other_due_date, "due date", "2026-12-02" },
    { other_seller, "Acme Sp. z o.o.", "Acme GmbH" },
    { other_payee, "payee", "Factor" },
    { other_account, "PL61109010140000071219812874", "PL27114020040000300201355387" },
    { other_kind, "a bill", "direct debit" },
    { same_name, NULL, NULL },
    { same_trading_name, NULL, NULL },
    { more_accounts, NULL, NULL },
    { same_payee, NULL, NULL },
    { no_due_date, NULL, NULL },
};

static void test_disagreements(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(differences); i++) {
        g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_PDF), told_by(INVOICE_SOURCE_XML), NULL);
        differences[i].change(at(invoices, 0));
        invoice_merge(invoices);
        const InvoiceCheck *check = find_check(one(invoices), "sources");
        g_assert_true((check != NULL) == (differences[i].left != NULL));
        g_assert_cmpuint(one(invoices)->agreeing->len, ==, check == NULL);
        if (check == NULL)
            continue;
        g_assert_cmpint(check->severity, ==, INVOICE_HOLD);
        g_assert_nonnull(strstr(check->text, differences[i].left));
        g_assert_nonnull(strstr(check->text, differences[i].right));
    }
}

/* The best source says nothing of the due date: the two below it are compared with each other. */
static void test_disagreement_below_the_winner(void)
{
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_XML), told_by(INVOICE_SOURCE_PDF), told_by(INVOICE_SOURCE_JSON_LD));
    no_due_date(at(invoices, 0));
    other_due_date(at(invoices, 2));
    invoice_merge(invoices);
    g_assert_nonnull(strstr(find_check(one(invoices), "sources")->text, "2026-12-02 in the mail itself (json-ld)"));
}

/* ---- What is taken over ------------------------------------------------------------------------------------------ */

static void test_action_and_signature(void)
{
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_ACTION_REQUEST), told_by(INVOICE_SOURCE_XML),
        told_by(INVOICE_SOURCE_SIGNED_ACTION_REQUEST));
    invoice_merge(invoices);
    g_assert_cmpint(one(invoices)->source, ==, INVOICE_SOURCE_XML);
    g_assert_cmpstr(one(invoices)->signed_request, ==, "a.b.c");
    g_assert_cmpstr(json_string_value(one(invoices)->action->product_context), ==, "signed-action-request");
}

/* Two places to pay at, or two signatures: each stays as it came, for the judge to see. */
static void test_two_actions(void)
{
    for (unsigned i = 0; i < 4; i++) {
        Invoice *first = told_by(INVOICE_SOURCE_SIGNED_ACTION_REQUEST), *second = told_by(INVOICE_SOURCE_SIGNED_ACTION_REQUEST);
        set(&second->signed_request, i == 0 ? "a.b.d" : "a.b.c");
        set(&second->action->originator, i == 1 ? "biller-2" : "biller-1");
        set(&second->action->merchant_id, i == 2 ? "n" : "m");
        set(&second->action->display_id, i == 3 ? "e" : "d");
        g_autoptr(GPtrArray) invoices = list(first, told_by(INVOICE_SOURCE_XML), second);
        invoice_merge(invoices);
        g_assert_cmpuint(invoices->len, ==, 3);
        g_assert_null(at(invoices, 1)->action);
    }
}

/* A signed request that cannot be read is not hidden behind another source. */
static void test_broken_request(void)
{
    Invoice *broken = told_by(INVOICE_SOURCE_SIGNED_ACTION_REQUEST);
    json_decref(broken->action->product_context);
    g_free(broken->action->originator);
    g_free(broken->action->merchant_id);
    g_free(broken->action->display_id);
    g_clear_pointer(&broken->action, g_free);
    g_autoptr(GPtrArray) invoices = list(broken, told_by(INVOICE_SOURCE_XML), told_by(INVOICE_SOURCE_JSON_LD));
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 2);
    g_assert_true(at(invoices, 0) == broken);
    g_ptr_array_add(invoices, g_ptr_array_steal_index(invoices, 0));
    invoice_merge(invoices);
    g_assert_true(at(invoices, 1) == broken);
}

/* A card's own signature never stands for another source's action. */
static void test_signed_card(void)
{
    Invoice *card = told_by(INVOICE_SOURCE_CARD_TEXT);
    card->signed_request = g_strdup("x.y.z");
    invoice_add_check(card, "signed-card", INVOICE_HOLD, "not proved");
    g_autoptr(GPtrArray) invoices = list(card, told_by(INVOICE_SOURCE_ACTION_REQUEST), NULL);
    invoice_merge(invoices);
    g_assert_null(one(invoices)->signed_request);
    g_assert_false(holds(one(invoices)));
}

static void test_lacking(void)
{
    Invoice *xml = told_by(INVOICE_SOURCE_XML), *markup = told_by(INVOICE_SOURCE_JSON_LD);
    g_clear_pointer(&xml->seller.name, g_free);
    xml->status = INVOICE_STATUS_DUE;
    set(&markup->profile, "urn:of:its:own");
    set(&markup->url, "https://example.org/7");
    set(&markup->buyer.name, "Buyer");
    markup->status = INVOICE_STATUS_COMPLETE;
    invoice_add_check(markup, "status", INVOICE_HOLD, "paid");
    invoice_add_check(markup, "seller", INVOICE_WARN, "no seller");
    g_autoptr(GPtrArray) invoices = list(markup, xml, NULL);
    invoice_merge(invoices);
    const Invoice *merged = one(invoices);
    g_assert_cmpstr(merged->url, ==, "https://example.org/7");
    g_assert_cmpstr(merged->buyer.name, ==, "Buyer");
    g_assert_cmpstr(merged->seller.name, ==, "Acme Sp. z o.o.");
    g_assert_cmpint(merged->status, ==, INVOICE_STATUS_COMPLETE);
    g_assert_nonnull(find_check(merged, "status"));
    g_assert_null(find_check(merged, "seller"));
    g_assert_cmpstr(merged->format, ==, "xml");
    g_assert_null(merged->profile);
    g_assert_cmpstr(merged->origin, ==, "file-6");
}

/* Who is paid, how much and where: signed, or from nobody. */
static void test_signed_takes_no_unsigned_values(void)
{
    for (unsigned is_signed = 0; is_signed < 2; is_signed++) {
        Invoice *best = told_by(is_signed ? INVOICE_SOURCE_SIGNED_XML : INVOICE_SOURCE_XML);
        members_clear(account_members, best->accounts->pdata[0]);
        g_free(g_ptr_array_steal_index(best->accounts, 0));
        g_clear_pointer(&best->due_date, g_free);
        best->amount_due = (Money){ 0 };
        Invoice *pdf = told_by(INVOICE_SOURCE_PDF);
        set(&pdf->payee.name, "Acme Sp. z o.o.");
        set(&pdf->url, "https://example.org/7");
        g_autoptr(GPtrArray) invoices = list(best, pdf, NULL);
        invoice_merge(invoices);
        const Invoice *merged = one(invoices);
        g_assert_cmpuint(merged->accounts->len, ==, !is_signed);
        g_assert_true((merged->due_date == NULL) == is_signed);
        g_assert_true((merged->payee.name == NULL) == is_signed);
        g_assert_true(money_is_none(merged->amount_due) == is_signed);
        g_assert_nonnull(merged->url);
    }
}

/* An amount that could not be read is not lacking: another source does not stand in for it. */
static void test_unreadable_amount(void)
{
    Invoice *xml = told_by(INVOICE_SOURCE_XML);
    xml->amount_due = (Money){ 0 };
    set(&xml->currency_text, "123.456 PLN");
    g_autoptr(GPtrArray) invoices = list(xml, told_by(INVOICE_SOURCE_PDF), NULL);
    invoice_merge(invoices);
    g_assert_true(money_is_none(one(invoices)->amount_due));
}

/* ---- Forwarded --------------------------------------------------------------------------------------------------- */

static void test_forwarded(void)
{
    for (unsigned order = 0; order < 2; order++) {
        Invoice *outer = told_by(INVOICE_SOURCE_XML), *inner = told_by(INVOICE_SOURCE_XML);
        inner->is_forwarded = true;
        g_autoptr(GPtrArray) invoices = list(order == 0 ? outer : inner, order == 0 ? inner : outer, NULL);
        invoice_merge(invoices);
        g_assert_false(one(invoices)->is_forwarded); /* a copy */
    }
    Invoice *inner = told_by(INVOICE_SOURCE_ACTION_REQUEST), *request = told_by(INVOICE_SOURCE_XML);
    inner->is_forwarded = request->is_forwarded = true;
    g_autoptr(GPtrArray) invoices = list(told_by(INVOICE_SOURCE_XML), inner, NULL);
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 2);
    g_assert_null(at(invoices, 0)->action);
    g_autoptr(GPtrArray) both = list(request, told_by(INVOICE_SOURCE_ACTION_REQUEST), NULL);
    at(both, 1)->is_forwarded = true;
    invoice_merge(both);
    g_assert_true(one(both)->is_forwarded);
    Invoice *other = told_by(INVOICE_SOURCE_XML);
    other->is_forwarded = true;
    set(&other->remittance, "another text");
    g_autoptr(GPtrArray) unlike = list(told_by(INVOICE_SOURCE_XML), other, NULL);
    invoice_merge(unlike);
    g_assert_cmpuint(unlike->len, ==, 2);
}

/* One number in two series is two invoices; a series that another source writes as one with its number is the same. */
static void test_series(void)
{
    Invoice *first = told_by(INVOICE_SOURCE_XML), *second = told_by(INVOICE_SOURCE_PDF), *whole = told_by(INVOICE_SOURCE_JSON_LD);
    first->series = g_strdup("A-");
    second->series = g_strdup("B-");
    set(&whole->number, "A-" NUMBER);
    g_autoptr(GPtrArray) invoices = list(first, second, whole);
    invoice_merge(invoices);
    g_assert_cmpuint(invoices->len, ==, 2);
    const Invoice *merged = invoices->pdata[0];
    g_assert_cmpstr(merged->series, ==, "A-");
    g_assert_cmpuint(merged->agreeing->len, ==, 1);
    g_assert_null(find_check(merged, "sources"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/merge/every-pair", test_every_pair);
    g_test_add_func("/merge/every-order", test_every_order);
    g_test_add_func("/merge/number-of-results-in-every-order", test_number_of_results_in_every_order);
    g_test_add_func("/merge/numbers", test_numbers);
    g_test_add_func("/merge/without-number", test_without_number);
    g_test_add_func("/merge/no-number-anywhere", test_no_number_anywhere);
    g_test_add_func("/merge/number-is-taken", test_number_is_taken);
    g_test_add_func("/merge/copies", test_copies);
    g_test_add_func("/merge/doubt-between-two", test_doubt_between_two);
    g_test_add_func("/merge/action-without-number", test_action_without_number);
    g_test_add_func("/merge/places", test_places);
    g_test_add_func("/merge/markup-knows-less", test_markup_knows_less);
    g_test_add_func("/merge/disagreements", test_disagreements);
    g_test_add_func("/merge/disagreement-below-the-winner", test_disagreement_below_the_winner);
    g_test_add_func("/merge/action-and-signature", test_action_and_signature);
    g_test_add_func("/merge/two-actions", test_two_actions);
    g_test_add_func("/merge/broken-request", test_broken_request);
    g_test_add_func("/merge/signed-card", test_signed_card);
    g_test_add_func("/merge/lacking", test_lacking);
    g_test_add_func("/merge/signed-takes-no-unsigned-values", test_signed_takes_no_unsigned_values);
    g_test_add_func("/merge/unreadable-amount", test_unreadable_amount);
    g_test_add_func("/merge/forwarded", test_forwarded);
    g_test_add_func("/merge/series", test_series);
    return g_test_run();
}
