/* Lenient reading of schema.org objects (wire.md §7). */
#include "lenient.h"

#include <glib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "limits.h"

const json_t *lenient_single(const json_t *value)
{
    return json_is_array(value) ? json_array_get(value, 0) : value;
}

bool lenient_is_ambiguous(const json_t *value)
{
    for (size_t i = 1; i < json_array_size(value); i++)
        if (!json_equal(json_array_get(value, 0), json_array_get(value, i)))
            return true;
    return false;
}

char *lenient_number_text(const json_t *number)
{
    if (json_is_integer(number))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(number));
    char text[G_ASCII_DTOSTR_BUF_SIZE], format[] = "%.15g";
    G_STATIC_ASSERT(PRICE_EXACT_DIGITS == 15);
    g_ascii_formatd(text, sizeof text, format, json_real_value(number));
    /* Equal after the way back: the decimal that was written, for every decimal of at most 15 digits. */
    return json_is_real(number) && g_ascii_strtod(text, NULL) == json_real_value(number) ? g_strdup(text) : NULL;
}

static char *scalar_text(const json_t *value, size_t maximum)
{
    g_autofree char *text = NULL;
    if (json_is_string(value))
        text = text_clean((Span){ json_string_value(value), json_string_length(value) }, maximum);
    else if (json_is_number(value))
        text = lenient_number_text(value);
    return text == NULL || text[0] == '\0' ? NULL : g_steal_pointer(&text);
}

char *lenient_text(const json_t *value, size_t maximum)
{
    static const char *const wraps[] = { "@value", "value", "name" };
    value = lenient_single(value);
    char *text = scalar_text(value, maximum);
    for (size_t i = 0; text == NULL && json_is_object(value) && i < G_N_ELEMENTS(wraps); i++)
        text = scalar_text(lenient_single(json_member_lenient(value, wraps[i])), maximum);
    return text;
}

char *lenient_member_text(const json_t *object, const char *key, size_t maximum)
{
    return lenient_text(json_member_lenient(object, key), maximum);
}

char *lenient_web_address(const json_t *value)
{
    value = lenient_single(value);
    g_autofree char *url = scalar_text(value, INVOICE_URL_MAX);
    if (url == NULL)
        url = lenient_member_text(value, "@id", INVOICE_URL_MAX);
    if (url == NULL)
        url = lenient_member_text(value, "url", INVOICE_URL_MAX);
    bool web = url != NULL && (g_ascii_strncasecmp(url, "https://", 8) == 0 || g_ascii_strncasecmp(url, "http://", 7) == 0);
    if (!web || strpbrk(url, " \"'<>\\") != NULL)
        return NULL;
    char *rest = strstr(url, "://");
    g_autofree char *scheme = g_ascii_strdown(url, rest - url);
    return g_strconcat(scheme, rest, NULL);
}

bool lenient_is_reference(const char *text)
{
    static const char *const starts[] = { "#", "_:", "urn:", "http://", "https://" };
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        if (g_ascii_strncasecmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

const char *lenient_term(const char *text)
{
    static const char *const vocabularies[] = { "http://schema.org/", "https://schema.org/", "http://www.schema.org/",
        "https://www.schema.org/", "http://schema.org/extensions/", "schema:" };
    const char *term = text;
    for (size_t i = 0; i < G_N_ELEMENTS(vocabularies); i++)
        if (g_ascii_strncasecmp(text, vocabularies[i], strlen(vocabularies[i])) == 0)
            term = MAX(term, text + strlen(vocabularies[i]));
    return term;
}

bool lenient_is_type(const json_t *object, const char *type)
{
    const json_t *types = json_object_get(object, "@type");
    size_t count = json_is_array(types) ? json_array_size(types) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_is_array(types) ? json_array_get(types, i) : types;
        if (json_is_string(one) && g_ascii_strcasecmp(lenient_term(json_string_value(one)), type) == 0)
            return true;
    }
    return false;
}
