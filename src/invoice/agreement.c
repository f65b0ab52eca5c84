/* Do two tellings of one invoice agree? Each fact is a set of values; they disagree where both state it and share none. */
#include "invoice/invoice.h"

#include <string.h>

#include "base/text.h"

/* Of one value in a text that shows both. */
enum { VALUE_CHARACTERS_MAX = 100 };

static void add_text(GPtrArray *values, const char *text)
{
    if (text != NULL && *text != '\0')
        g_ptr_array_add(values, g_strdup(text));
}

static void add_number(GPtrArray *values, const Invoice *invoice)
{
    g_autofree char *number = invoice_full_number(invoice);
    add_text(values, number);
}

static void add_money(GPtrArray *values, Money money)
{
    if (money_is_none(money))
        return;
    char text[MONEY_TEXT_MAX];
    money_format_decimal(money, text);
    g_ptr_array_add(values, g_strdup_printf("%s %s", text, money.currency));
}

static bool is_document(const Invoice *invoice)
{
    return invoice->source >= INVOICE_SOURCE_PDF;
}

/* A document that names no payee means its seller; markup does not know the difference. */
static void add_payee(GPtrArray *values, const Invoice *invoice)
{
    add_text(values, invoice->payee.name);
    if (values->len > 0 || !is_document(invoice))
        return;
    add_text(values, invoice->seller.name);
    add_text(values, invoice->seller.trading_name);
}

static void add_due_dates(GPtrArray *values, const Invoice *invoice)
{
    add_text(values, invoice->due_date);
    for (unsigned i = 0; i < invoice->due_dates->len; i++)
        add_text(values, invoice->due_dates->pdata[i]);
}

static void add_accounts(GPtrArray *values, const Invoice *invoice)
{
    for (unsigned i = 0; i < invoice->accounts->len; i++)
        add_text(values, ((const InvoiceAccount *)invoice->accounts->pdata[i])->number);
}

static const char *kind_text(InvoiceKind kind)
{
    switch (kind) {
    case INVOICE_KIND_BILL: return "a bill";
    case INVOICE_KIND_CREDIT: return "a credit note";
    case INVOICE_KIND_SELF_BILLED: return "self-billed";
    case INVOICE_KIND_DIRECT_DEBIT: return "collected by direct debit";
    }
    g_assert_not_reached();
}

/* What the invoice states of this fact, as it is shown. */
static GPtrArray *values_of(const Invoice *invoice, InvoiceFact fact)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    switch (fact) {
    case INVOICE_FACT_NUMBER:
        add_number(values, invoice);
        return values;
    case INVOICE_FACT_AMOUNT_DUE:
        add_money(values, invoice->amount_due);
        return values;
    case INVOICE_FACT_TOTAL:
        if (is_document(invoice)) /* markup knows one amount only */
            add_money(values, invoice->total);
        return values;
    case INVOICE_FACT_DUE_DATE:
        add_due_dates(values, invoice);
        return values;
    case INVOICE_FACT_SELLER:
        add_text(values, invoice->seller.name);
        add_text(values, invoice->seller.trading_name);
        return values;
    case INVOICE_FACT_PAYEE:
        add_payee(values, invoice);
        return values;
    case INVOICE_FACT_ACCOUNT:
        add_accounts(values, invoice);
        return values;
    case INVOICE_FACT_KIND:
        if (is_document(invoice))
            add_text(values, kind_text(invoice->kind));
        return values;
    }
    g_assert_not_reached();
}

const char *invoice_fact_name(InvoiceFact fact)
{
    switch (fact) {
    case INVOICE_FACT_NUMBER: return "number";
    case INVOICE_FACT_AMOUNT_DUE: return "amount";
    case INVOICE_FACT_TOTAL: return "total";
    case INVOICE_FACT_DUE_DATE: return "due date";
    case INVOICE_FACT_SELLER: return "seller";
    case INVOICE_FACT_PAYEE: return "payee";
    case INVOICE_FACT_ACCOUNT: return "account";
    case INVOICE_FACT_KIND: return "kind";
    }
    g_assert_not_reached();
}

/* Letters and digits without case: "ACME Sp. z o.o." and "Acme sp z oo" are one name. What has neither stays as it is. */
static char *fold(const char *text)
{
    g_autofree char *plain = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_utf8_casefold(plain == NULL ? text : plain, -1);
    GString *kept = g_string_new(NULL);
    for (const char *at = folded; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_isalnum(g_utf8_get_char(at)) || g_unichar_ismark(g_utf8_get_char(at)))
            g_string_append_unichar(kept, g_utf8_get_char(at));
    if (kept->len == 0)
        g_string_assign(kept, folded);
    return g_string_free(kept, FALSE);
}

static char *compared_form(InvoiceFact fact, const char *value)
{
    if (fact == INVOICE_FACT_NUMBER)
        return invoice_number_normalize(value);
    bool is_name = fact == INVOICE_FACT_SELLER || fact == INVOICE_FACT_PAYEE || fact == INVOICE_FACT_ACCOUNT;
    return is_name ? fold(value) : g_strdup(value);
}

static bool share_a_value(InvoiceFact fact, const GPtrArray *left, const GPtrArray *right)
{
    g_autoptr(GPtrArray) forms = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < left->len; i++)
        g_ptr_array_add(forms, compared_form(fact, left->pdata[i]));
    for (unsigned i = 0; i < right->len; i++) {
        g_autofree char *form = compared_form(fact, right->pdata[i]);
        if (g_ptr_array_find_with_equal_func(forms, form, g_str_equal, NULL))
            return true;
    }
    return false;
}

bool invoice_states(const Invoice *invoice, InvoiceFact fact)
{
    g_autoptr(GPtrArray) values = values_of(invoice, fact);
    return values->len > 0;
}

bool invoice_disagrees(const Invoice *left, const Invoice *right, InvoiceFact fact, char **ret_left, char **ret_right)
{
    g_autoptr(GPtrArray) left_values = values_of(left, fact);
    g_autoptr(GPtrArray) right_values = values_of(right, fact);
    if (left_values->len == 0 || right_values->len == 0 || share_a_value(fact, left_values, right_values))
        return false;
    if (ret_left != NULL)
        *ret_left = text_clean(span_of(left_values->pdata[0]), VALUE_CHARACTERS_MAX);
    if (ret_right != NULL)
        *ret_right = text_clean(span_of(right_values->pdata[0]), VALUE_CHARACTERS_MAX);
    return true;
}
