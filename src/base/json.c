/* Bounded JSON on jansson. */
#include "base/json.h"

#include <string.h>

#include "base/error.h"

void json_clear(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

static json_t *read_with(Span text, size_t maximum, size_t flags, const char *what, GError **error)
{
    if (text.length > maximum) {
        error_set(error, SALDO_ERROR_LIMIT, "%s has %zu bytes; at most %zu are read", what, text.length, maximum);
        return NULL;
    }
    json_error_t trouble;
    json_t *value = json_loadb(text.at, text.length, flags, &trouble);
    if (value == NULL)
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s is not valid JSON: line %d, column %d: %s", what, trouble.line,
            trouble.column, trouble.text);
    return value;
}

json_t *json_read(Span text, size_t maximum, const char *what, GError **error)
{
    return read_with(text, maximum, JSON_REJECT_DUPLICATES, what, error);
}

json_t *json_read_lenient(Span text, size_t maximum, const char *what, GError **error)
{
    return read_with(text, maximum, 0, what, error);
}

char *json_write(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    g_assert(text != NULL);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

/* `key` in any case, also as billers of the old service wrote it: "message:". */
static bool is_lenient_name(const char *name, const char *key)
{
    size_t length = strlen(key);
    return g_ascii_strncasecmp(name, key, length) == 0
        && (name[length] == '\0' || (name[length] == ':' && name[length + 1] == '\0'));
}

const json_t *json_member_lenient(const json_t *object, const char *key)
{
    const json_t *exact = json_object_get(object, key);
    if (exact != NULL || !json_is_object(object))
        return exact;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
        if (is_lenient_name(name, key))
            return value;
    return NULL;
}

const char *json_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

bool json_flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

int64_t json_integer_or(const json_t *object, const char *key, int64_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

json_t *json_from_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

void json_put_text(json_t *object, const char *key, const char *text)
{
    g_assert(json_object_set_new(object, key, json_from_text(text)) == 0);
}

void json_put_integer(json_t *object, const char *key, int64_t value)
{
    g_assert(json_object_set_new(object, key, json_integer(value)) == 0);
}

void json_put_flag(json_t *object, const char *key, bool value)
{
    g_assert(json_object_set_new(object, key, json_boolean(value)) == 0);
}

json_t *json_from_money(Money money)
{
    json_t *object = json_object();
    json_put_text(object, "currency", money.currency);
    json_put_integer(object, "minor", money.minor);
    return object;
}

bool json_to_money(const json_t *value, Money *ret_money)
{
    const char *currency = json_text(value, "currency");
    const json_t *minor = json_object_get(value, "minor");
    if (currency == NULL || !json_is_integer(minor) || money_currency_exponent(span_of(currency)) < 0)
        return false;
    *ret_money = (Money){ .minor = json_integer_value(minor) };
    memcpy(ret_money->currency, currency, 3);
    return true;
}
