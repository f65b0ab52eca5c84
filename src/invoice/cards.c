/* Cards (wire.md §1): facts, lines "label: value" and columns are gathered by label, then made an invoice.
 *
 * A card is written for people, so what it says is the weakest of all sources: a value without a clear label is not read, and
 * a label with two different values counts as none and is told. */
#include "cards.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "card_text.h"
#include "checks.h"
#include "json_walk.h"
#include "lenient.h"
#include "limits.h"
#include "price.h"
#include "schema_org.h"

typedef struct Card {
    const json_t *object;
    char *values[CARD_FIELDS];
    bool is_ambiguous[CARD_FIELDS];
    char *url; /* where its one button leads */
    bool has_several_urls;
    GPtrArray *actions; /* const json_t *: what says how to pay */
} Card;

static void card_done(Card *card)
{
    for (size_t i = 0; i < CARD_FIELDS; i++)
        g_free(card->values[i]);
    g_free(card->url);
    g_ptr_array_unref(card->actions);
}
#define CARD_AUTO __attribute__((cleanup(card_done))) Card

/* AdaptiveCards name their types as "type", MessageCards as "@type". */
static bool is_kind(const json_t *object, const char *kind)
{
    const char *type = json_text(object, "type");
    return (type != NULL && g_ascii_strcasecmp(type, kind) == 0) || lenient_is_type(object, kind);
}

/* "AdaptiveCard" or "MessageCard"; NULL where the object is no card. */
static const char *card_kind(const json_t *object)
{
    static const char *const kinds[] = { "AdaptiveCard", "MessageCard" };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (is_kind(object, kinds[i]))
            return kinds[i];
    return NULL;
}

/* ---- Pairs --------------------------------------------------------------------------------------------------- */

static void note_value(Card *card, CardField field, const char *value)
{
    if (field == CARD_NO_FIELD || value[0] == '\0')
        return;
    if (card->values[field] == NULL)
        card->values[field] = g_strdup(value);
    else if (!card_same_value(field, card->values[field], value))
        card->is_ambiguous[field] = true;
}

/* Two texts that only stand beside each other: the first must be a label, the second such a value and no label. */
static bool note_neighbours(Card *card, const char *label, const char *value)
{
    CardField field = card_label_field(label);
    if (field == CARD_NO_FIELD || card_label_field(value) != CARD_NO_FIELD || !card_value_fits(field, value))
        return false;
    note_value(card, field, value);
    return true;
}

/* {"title": …, "value": …} of an AdaptiveCard, {"name": …, "value": …} of a MessageCard. */
static void read_facts(Card *card, const json_t *facts)
{
    size_t index;
    json_t *fact;
    json_array_foreach((json_t *)facts, index, fact) {
        const json_t *named = json_member_lenient(fact, "title");
        g_autofree char *label = lenient_text(named != NULL ? named : json_member_lenient(fact, "name"), INVOICE_TEXT_MAX);
        g_autofree char *written = lenient_member_text(fact, "value", INVOICE_TEXT_MAX);
        if (label == NULL || written == NULL)
            continue;
        g_autofree char *value = card_plain_text(written, strlen(written));
        note_value(card, card_label_field(label), value);
    }
}

/* Each line of the form "Label: value". */
static void read_lines(Card *card, Span rest)
{
    Span line;
    while (span_cut(&rest, '\n', &line)) {
        size_t colon = span_find_byte(line, ':');
        if (colon == line.length)
            continue;
        g_autofree char *label = card_plain_text(line.at, colon);
        g_autofree char *value = card_plain_text(line.at + colon + 1, line.length - colon - 1);
        note_value(card, card_label_field(label), value);
    }
}

/* ---- Elements ------------------------------------------------------------------------------------------------- */

static bool is_hidden(const json_t *element)
{
    return json_is_false(json_member_lenient(element, "isVisible"));
}

static void append_text(GString *text, const json_t *value)
{
    if (json_is_string(value))
        g_string_append_len(text, json_string_value(value), (gssize)json_string_length(value));
}

/* The runs of a RichTextBlock: texts, or {"type": "TextRun", "text": …}. Newly allocated. */
static GString *run_text(const json_t *inlines)
{
    GString *text = g_string_new(NULL);
    size_t index;
    json_t *run;
    json_array_foreach((json_t *)inlines, index, run)
        append_text(text, json_is_object(run) ? json_member_lenient(run, "text") : run);
    return text;
}

/* The text of a TextBlock or RichTextBlock, else NULL. Newly allocated. */
static char *block_text(const json_t *element)
{
    bool is_rich = is_kind(element, "RichTextBlock");
    if ((!is_rich && !is_kind(element, "TextBlock")) || is_hidden(element))
        return NULL;
    GString *text = run_text(json_member_lenient(element, "inlines"));
    if (!is_rich)
        append_text(text, json_member_lenient(element, "text"));
    char *plain = card_plain_text(text->str, text->len);
    g_string_free(text, TRUE);
    return plain;
}

/* Blocks in one list: a label, and its value as the next block. */
static void read_siblings(Card *card, const json_t *elements)
{
    g_autofree char *before = NULL;
    size_t index;
    json_t *element;
    json_array_foreach((json_t *)elements, index, element) {
        char *text = block_text(element);
        if (before != NULL && text != NULL)
            note_neighbours(card, before, text);
        g_free(before);
        before = text;
    }
}

/* Two columns of equally many blocks: labels on the left, values on the right. True where there was such a pair. */
static bool read_columns(Card *card, const json_t *columns)
{
    const json_t *left = json_member_lenient(json_array_get(columns, 0), "items");
    const json_t *right = json_member_lenient(json_array_get(columns, 1), "items");
    if (json_array_size(columns) != 2 || json_array_size(left) != json_array_size(right))
        return false;
    bool is_pair = false;
    for (size_t i = 0; i < json_array_size(left); i++) {
        g_autofree char *label = block_text(json_array_get(left, i)), *value = block_text(json_array_get(right, i));
        if (label != NULL && value != NULL && note_neighbours(card, label, value))
            is_pair = true;
    }
    return is_pair;
}

/* ---- Actions -------------------------------------------------------------------------------------------------- */

static void note_url(Card *card, const json_t *address)
{
    g_autofree char *url = lenient_web_address(address);
    if (url == NULL)
        return;
    if (card->url == NULL)
        card->url = g_steal_pointer(&url);
    else if (strcmp(card->url, url) != 0)
        card->has_several_urls = true;
}

static void read_action(Card *card, const json_t *action)
{
    const json_t *context = json_member_lenient(action, "initializationContext");
    if (is_kind(action, "Transaction") || is_kind(action, "Action.Transaction"))
        g_ptr_array_add(card->actions, (void *)(json_is_object(context) ? context : action));
    else if (is_kind(action, "Action.OpenUrl"))
        note_url(card, json_member_lenient(action, "url"));
    else if (is_kind(action, "OpenUri"))
        note_url(card, json_member_lenient(lenient_single(json_member_lenient(action, "targets")), "uri"));
    else if (is_kind(action, "ViewAction"))
        note_url(card, json_member_lenient(action, "target"));
}

static void read_actions(Card *card, const json_t *actions)
{
    size_t index;
    json_t *action;
    json_array_foreach((json_t *)actions, index, action)
        read_action(card, action);
}

/* ---- The walk --------------------------------------------------------------------------------------------------- */

/* The parts of an element in which others stand. */
static void push_inside(JsonWalk *walk, const json_t *element)
{
    static const char *const members[] = { "body", "sections", "rows", "cells", "columns", "items" };
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        json_walk_push(walk, json_member_lenient(element, members[i]), element);
}

static void read_element(Card *card, JsonWalk *walk, const json_t *element)
{
    static const char *const texts[] = { "title", "text", "activityTitle", "activitySubtitle", "activityText" };
    if (is_hidden(element))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        const json_t *text = json_member_lenient(element, texts[i]);
        if (json_is_string(text))
            read_lines(card, (Span){ json_string_value(text), json_string_length(text) });
    }
    GString *runs = run_text(json_member_lenient(element, "inlines"));
    read_lines(card, (Span){ runs->str, runs->len });
    g_string_free(runs, TRUE);
    read_facts(card, json_member_lenient(element, "facts"));
    read_actions(card, json_member_lenient(element, "actions"));
    read_actions(card, json_member_lenient(element, "potentialAction"));
    bool are_columns = is_kind(element, "ColumnSet") && read_columns(card, json_member_lenient(element, "columns"));
    bool are_cells = is_kind(element, "TableRow") && read_columns(card, json_member_lenient(element, "cells"));
    if (!are_columns && !are_cells)
        push_inside(walk, element);
}

static void read_card(Card *card)
{
    JSON_WALK_AUTO walk;
    json_walk_init(&walk);
    json_walk_push(&walk, card->object, NULL);
    for (JsonPlace place; json_walk_next(&walk, &place);) {
        if (place.node != card->object && card_kind(place.node) != NULL)
            continue; /* a card of its own; else cards in cards would each be read as often as they are deep */
        if (json_is_object(place.node)) {
            read_element(card, &walk, place.node);
        } else {
            read_siblings(card, place.node);
            json_walk_push_children(&walk, &place);
        }
    }
}

/* ---- The invoice ------------------------------------------------------------------------------------------------- */

/* The value that a field has for certain, or NULL. */
static const char *certain(const Card *card, CardField field)
{
    return card->is_ambiguous[field] ? NULL : card->values[field];
}

static void put_amount(const Card *card, CardField field, Invoice *invoice, Money *ret_money)
{
    const char *text = certain(card, field);
    if (text == NULL)
        return;
    MoneyParse outcome = price_read_text(text, certain(card, CARD_CURRENCY), ret_money);
    if (outcome != MONEY_OK)
        price_note_trouble(invoice, outcome, text);
}

static void put_amounts(const Card *card, Invoice *invoice)
{
    put_amount(card, CARD_TOTAL, invoice, &invoice->total);
    put_amount(card, CARD_AMOUNT_DUE, invoice, &invoice->amount_due);
    bool both = !money_is_none(invoice->total) && !money_is_none(invoice->amount_due);
    if (both && !money_same_currency(invoice->total, invoice->amount_due)) {
        invoice->total = invoice->amount_due = (Money){ 0 };
        invoice_add_check(invoice, "currency", INVOICE_HOLD, "The card names its total and its amount due in two currencies.");
    }
    if (card->values[CARD_AMOUNT_DUE] == NULL)
        invoice_add_check(invoice, "amount", INVOICE_HOLD, "The card does not say clearly which amount is due.");
}

static void put_date(const Card *card, CardField field, const char *rule, Invoice *invoice, char **date)
{
    char iso[DATE_TEXT_MAX];
    const char *text = certain(card, field);
    if (text == NULL)
        return;
    if (card_read_date(text, iso)) {
        *date = g_strdup(iso);
        return;
    }
    g_autofree char *quoted = text_clean(span_of(text), INVOICE_QUOTE_MAX);
    g_autofree char *trouble = g_strdup_printf("The date \"%s\" can be read in several ways, or not at all.", quoted);
    invoice_add_check(invoice, rule, INVOICE_WARN, trouble);
}

static void put_status(const Card *card, Invoice *invoice)
{
    if (card->values[CARD_STATUS] != NULL && !card->is_ambiguous[CARD_STATUS])
        invoice->status = card_read_status(card->values[CARD_STATUS]);
}

/* What the old service's cards paid with. A card alone is never paid from, since its amounts are text for people; its action
 * is kept where the card names its invoice, so that it can be compared with a payment request in the same mail. */
static void put_actions(const Card *card, Invoice *invoice)
{
    if (card->actions->len == 0)
        return;
    invoice_add_check(invoice, "card-action", INVOICE_HOLD,
        "A card's button is not enough to pay from: its amounts are text for people. Ask the biller for a payment request.");
    for (unsigned i = 0; invoice->number != NULL && i < card->actions->len
         && invoice->other_actions->len < INVOICE_ACTIONS_MAX - 1; i++) {
        InvoiceAction *action = schema_org_read_action(card->object, card->actions->pdata[i]);
        if (invoice->action == NULL)
            invoice->action = action;
        else
            g_ptr_array_add(invoice->other_actions, action);
    }
}

static void note_ambiguity(const Card *card, Invoice *invoice)
{
    for (CardField field = 0; field < CARD_FIELDS; field++) {
        if (!card->is_ambiguous[field])
            continue;
        g_autofree char *text = g_strdup_printf("The card gives two different values as its %s.", card_field_name(field));
        invoice_add_check(invoice, "card", INVOICE_HOLD, text);
    }
}

static Invoice *make_invoice(const Card *card, const char *format)
{
    const char *number = certain(card, CARD_NUMBER);
    Invoice *invoice = invoice_new(INVOICE_SOURCE_CARD_TEXT, format);
    invoice->number = number != NULL && card_is_number(number) ? g_strdup(number) : NULL;
    invoice->seller.name = g_strdup(certain(card, CARD_SELLER));
    put_date(card, CARD_ISSUE_DATE, "issue_date", invoice, &invoice->issue_date);
    put_date(card, CARD_DUE_DATE, "due_date", invoice, &invoice->due_date);
    put_amounts(card, invoice);
    put_status(card, invoice);
    put_actions(card, invoice);
    invoice->url = card->has_several_urls ? NULL : g_strdup(card->url);
    note_ambiguity(card, invoice);
    invoice_check_claims(invoice);
    return invoice;
}

/* Most cards are about something else than an invoice. */
static bool speaks_of_invoice(const Card *card)
{
    const char *number = card->values[CARD_NUMBER], *due = card->values[CARD_AMOUNT_DUE];
    return (number != NULL && card_is_number(number)) || (due != NULL && card_value_fits(CARD_AMOUNT_DUE, due))
        || card->actions->len > 0;
}

Invoice *card_read(const json_t *object, const char *signed_format)
{
    const char *kind = card_kind(object);
    if (kind == NULL)
        return NULL;
    CARD_AUTO card = { .object = object, .actions = g_ptr_array_new() };
    read_card(&card);
    return speaks_of_invoice(&card) ? make_invoice(&card, signed_format != NULL ? signed_format : kind) : NULL;
}
