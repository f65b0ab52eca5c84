/* Text from outside, made fit to be shown. */
#include "base/text.h"

#include <glib.h>
#include <string.h>

static bool turns_direction(gunichar c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_space(gunichar c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x2028 || c == 0x2029;
}

static bool is_unfit(gunichar c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xFEFF || c == 0x2028 || c == 0x2029 || turns_direction(c);
}

/* The character at the front and its length; U+FFFD and 1 where the bytes are no UTF-8. */
static gunichar character_at(Span rest, size_t *ret_length)
{
    unsigned char first = (unsigned char)rest.at[0];
    gunichar c = first < 0x80 ? first : g_utf8_get_char_validated(rest.at, (gssize)MIN(rest.length, 6));
    bool good = c != (gunichar)-1 && c != (gunichar)-2;
    *ret_length = !good || first < 0x80 ? 1 : (size_t)g_utf8_skip[first];
    return good ? c : 0xFFFD;
}

char *text_clean(Span bytes, size_t maximum)
{
    GString *text = g_string_new(NULL);
    bool space_pending = false;
    size_t written = 0, length;
    for (size_t i = 0; i < bytes.length && written < maximum; i += length) {
        gunichar c = character_at(span_slice(bytes, i, bytes.length), &length);
        if (is_space(c)) {
            space_pending = written > 0;
            continue;
        }
        if (is_unfit(c))
            continue;
        if (space_pending) {
            space_pending = false;
            if (++written == maximum)
                break;
            g_string_append_c(text, ' ');
        }
        g_string_append_unichar(text, c);
        written++;
    }
    return g_string_free(text, FALSE);
}

bool text_is_clean(Span text, size_t maximum)
{
    size_t length, characters = 0;
    for (size_t i = 0; i < text.length; i += length) {
        gunichar c = character_at(span_slice(text, i, text.length), &length);
        bool broken = c == 0xFFFD && length == 1;
        if (broken || is_unfit(c) || ++characters > maximum)
            return false;
    }
    return true;
}

bool text_is_address(const char *text)
{
    const char *at = strchr(text, '@');
    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL || strlen(text) > TEXT_ADDRESS_BYTES_MAX)
        return false;
    for (const char *byte = text; *byte != '\0'; byte++)
        if ((unsigned char)*byte <= ' ' || *byte == 0x7f || strchr(",;<>\"", *byte) != NULL)
            return false;
    return true;
}
