/* Lenient members of billers' answers. */
#include "answer.h"

#include <glib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "invoice/invoice.h"

char *answer_text(const json_t *object, const char *key, size_t maximum)
{
    const json_t *value = json_member_lenient(object, key);
    g_autofree char *text = NULL;
    if (json_is_string(value))
        text = text_clean((Span){ json_string_value(value), json_string_length(value) }, maximum);
    else if (json_is_integer(value))
        text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return text == NULL || text[0] == '\0' ? NULL : g_steal_pointer(&text);
}

bool answer_flag(const json_t *object, const char *key)
{
    return json_is_true(json_member_lenient(object, key));
}

bool answer_money(const json_t *amount, Money *ret_money)
{
    g_autofree char *currency = answer_text(amount, "currency", 3);
    g_autofree char *upper = currency == NULL ? NULL : g_ascii_strup(currency, -1);
    return upper != NULL && invoice_read_price(json_member_lenient(amount, "value"), upper, ret_money) == MONEY_OK;
}
