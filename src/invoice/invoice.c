/* The invoice model: making, freeing, naming. */
#include "invoice/invoice.h"

#include <string.h>

#include "limits.h"
#include "members.h"

static void check_free(void *data)
{
    InvoiceCheck *check = data;
    g_free(check->rule);
    g_free(check->text);
    g_free(check);
}

static void action_free(void *data)
{
    InvoiceAction *action = data;
    if (action == NULL)
        return;
    g_free(action->originator);
    g_free(action->merchant_id);
    g_free(action->display_id);
    json_decref(action->product_context);
    g_free(action);
}

Invoice *invoice_new(InvoiceSource source, const char *format)
{
    Invoice *invoice = g_new0(Invoice, 1);
    invoice->source = source;
    invoice->format = g_strdup(format);
    for (const MemberList *list = invoice_lists; list->key != NULL; list++)
        *(GPtrArray **)((char *)invoice + list->offset) = g_ptr_array_new();
    invoice->checks = g_ptr_array_new_with_free_func(check_free);
    invoice->other_actions = g_ptr_array_new_with_free_func(action_free);
    return invoice;
}

static void list_free(Invoice *invoice, const MemberList *list)
{
    invoice_list_shorten(invoice, list->offset, 0);
    g_ptr_array_unref(*(GPtrArray **)((char *)invoice + list->offset));
}

void invoice_free(Invoice *invoice)
{
    if (invoice == NULL)
        return;
    members_clear(invoice_members, invoice);
    InvoiceParty *parties[] = { &invoice->seller, &invoice->broker, &invoice->buyer, &invoice->payee };
    for (size_t i = 0; i < G_N_ELEMENTS(parties); i++)
        members_clear(party_members, parties[i]);
    for (const MemberList *list = invoice_lists; list->key != NULL; list++)
        list_free(invoice, list);
    g_ptr_array_unref(invoice->checks);
    action_free(invoice->action);
    g_ptr_array_unref(invoice->other_actions);
    g_free(invoice);
}

bool invoice_shorten(Invoice *invoice)
{
    bool has_lines = invoice->lines->len > 0, has_more = invoice->notes->len + invoice->documents->len > 0;
    if (has_lines)
        invoice_list_shorten(invoice, offsetof(Invoice, lines), invoice->lines->len / 2);
    else {
        invoice_list_shorten(invoice, offsetof(Invoice, notes), 0);
        invoice_list_shorten(invoice, offsetof(Invoice, documents), 0);
    }
    return has_lines || has_more;
}

void invoice_choose_action(Invoice *invoice, unsigned index)
{
    g_assert(index < invoice->other_actions->len);
    void *chosen = invoice->other_actions->pdata[index];
    invoice->other_actions->pdata[index] = invoice->action;
    invoice->action = chosen;
}

/* A flood of warnings must not keep a hold out. */
static bool forget_last_warning(Invoice *invoice)
{
    for (unsigned i = invoice->checks->len; i-- > 0;)
        if (((const InvoiceCheck *)invoice->checks->pdata[i])->severity == INVOICE_WARN) {
            g_ptr_array_remove_index(invoice->checks, i);
            return true;
        }
    return false;
}

void invoice_add_check(Invoice *invoice, const char *rule, InvoiceSeverity severity, const char *text)
{
    if (invoice->checks->len >= INVOICE_CHECKS_MAX && !(severity == INVOICE_HOLD && forget_last_warning(invoice)))
        return;
    InvoiceCheck *check = g_new0(InvoiceCheck, 1);
    check->rule = g_strdup(rule);
    check->severity = severity;
    check->text = g_strdup(text);
    g_ptr_array_add(invoice->checks, check);
}

const char *invoice_source_name(InvoiceSource source)
{
    switch (source) {
    case INVOICE_SOURCE_CARD_TEXT: return "card-text";
    case INVOICE_SOURCE_MICRODATA: return "microdata";
    case INVOICE_SOURCE_JSON_LD: return "json-ld";
    case INVOICE_SOURCE_ACTION_REQUEST: return "action-request";
    case INVOICE_SOURCE_SIGNED_ACTION_REQUEST: return "signed-action-request";
    case INVOICE_SOURCE_PDF: return "pdf";
    case INVOICE_SOURCE_XML: return "xml";
    case INVOICE_SOURCE_SIGNED_XML: return "signed-xml";
    }
    g_assert_not_reached();
}

static bool is_dash(gunichar c)
{
    const gunichar minus_sign = 0x2212;
    return c == minus_sign || g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION;
}

/* White space, and what shows nothing at all: zero-width characters, soft hyphens. */
static bool is_unseen(gunichar c)
{
    return g_unichar_isspace(c) || g_unichar_type(c) == G_UNICODE_FORMAT;
}

char *invoice_full_number(const Invoice *invoice)
{
    bool has_both = invoice->series != NULL && invoice->number != NULL;
    return has_both ? g_strconcat(invoice->series, invoice->number, NULL) : g_strdup(invoice->number);
}

char *invoice_identity_number(const Invoice *invoice)
{
    g_autofree char *whole = invoice_full_number(invoice);
    return invoice_number_normalize(whole);
}

char *invoice_number_normalize(const char *number)
{
    g_autofree char *valid = g_utf8_make_valid(number == NULL ? "" : number, -1);
    g_autofree char *plain = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    GString *normal = g_string_new(NULL);
    for (const char *at = plain; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!is_unseen(c))
            g_string_append_unichar(normal, is_dash(c) ? '-' : g_unichar_toupper(c));
    }
    return g_string_free(normal, FALSE);
}
