/* Lenient members of billers' answers. */
#include "answer.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"
#include "invoice/invoice.h"

static bool is_name(const char *name, const char *key)
{
    size_t length = strlen(key);
    return g_ascii_strncasecmp(name, key, length) == 0
        && (name[length] == '\0' || (name[length] == ':' && name[length + 1] == '\0'));
}

const json_t *answer_member(const json_t *object, const char *key)
{
    const json_t *exact = json_object_get(object, key);
    if (exact != NULL || !json_is_object(object))
        return exact;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
        if (is_name(name, key))
            return value;
    return NULL;
}

char *answer_text(const json_t *object, const char *key, size_t maximum)
{
    const json_t *value = answer_member(object, key);
    g_autofree char *text = NULL;
    if (json_is_string(value))
        text = text_clean((Span){ json_string_value(value), json_string_length(value) }, maximum);
    else if (json_is_integer(value))
        text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return text == NULL || text[0] == '\0' ? NULL : g_steal_pointer(&text);
}

bool answer_flag(const json_t *object, const char *key)
{
    return json_is_true(answer_member(object, key));
}

bool answer_money(const json_t *amount, Money *ret_money)
{
    g_autofree char *currency = answer_text(amount, "currency", 3);
    g_autofree char *upper = currency == NULL ? NULL : g_ascii_strup(currency, -1);
    return upper != NULL && invoice_read_price(answer_member(amount, "value"), upper, ret_money) == MONEY_OK;
}
