/* Text forms of bytes. */
#include "base/encoding.h"

#include <glib.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *encode_hex(Span bytes)
{
    char *text = g_malloc(bytes.length * 2 + 1);
    for (size_t i = 0; i < bytes.length; i++) {
        text[2 * i] = hex_digits[(unsigned char)bytes.at[i] >> 4];
        text[2 * i + 1] = hex_digits[(unsigned char)bytes.at[i] & 15];
    }
    text[bytes.length * 2] = '\0';
    return text;
}

static char *encode_64(Span bytes, const char *alphabet, bool padded)
{
    char *text = g_malloc((bytes.length + 2) / 3 * 4 + 1);
    char *out = text;
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t left = MIN(bytes.length - i, 3);
        uint32_t group = (uint32_t)(unsigned char)bytes.at[i] << 16;
        if (left > 1)
            group |= (uint32_t)(unsigned char)bytes.at[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)bytes.at[i + 2];
        for (size_t k = 0; k < 4; k++) {
            if (k <= left)
                *out++ = alphabet[group >> (18 - 6 * k) & 63];
            else if (padded)
                *out++ = '=';
        }
    }
    *out = '\0';
    return text;
}

char *encode_base64(Span bytes)
{
    return encode_64(bytes, standard_alphabet, true);
}

char *encode_base64url(Span bytes)
{
    return encode_64(bytes, url_alphabet, false);
}

bool decode_hex(Span text, char **ret_bytes, size_t *ret_length)
{
    if (text.length % 2 != 0)
        return false;
    g_autofree char *bytes = g_malloc(text.length / 2 + 1);
    for (size_t i = 0; i < text.length / 2; i++) {
        int high = g_ascii_xdigit_value(text.at[2 * i]), low = g_ascii_xdigit_value(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (char)(high << 4 | low);
    }
    bytes[text.length / 2] = '\0';
    *ret_length = text.length / 2;
    *ret_bytes = g_steal_pointer(&bytes);
    return true;
}

static int value_64(char digit, const char *alphabet)
{
    const char *found = digit == '\0' ? NULL : strchr(alphabet, digit);
    return found == NULL ? -1 : (int)(found - alphabet);
}

/* Digits up to the first '='; what may follow is padding to a full group. Left-over bits must be zero. */
static bool decode_64(Span text, const char *alphabet, bool padded, char **ret_bytes, size_t *ret_length)
{
    g_autofree char *bytes = g_malloc(text.length / 4 * 3 + 4);
    size_t length = 0, digits = 0, padding = 0;
    uint32_t group = 0;
    for (size_t i = 0; i < text.length; i++) {
        char digit = text.at[i];
        if (padded && (digit == ' ' || digit == '\t' || digit == '\r' || digit == '\n'))
            continue;
        if (padded && digit == '=') {
            padding++;
            continue;
        }
        int value = value_64(digit, alphabet);
        if (value < 0 || padding > 0)
            return false;
        group = group << 6 | (uint32_t)value;
        digits++;
        if (digits % 4 != 1)
            bytes[length++] = (char)(group >> (6 - 2 * ((digits - 1) % 4)));
    }
    size_t tail = digits % 4;
    if (tail == 1 || (padded && padding != (4 - tail) % 4))
        return false;
    if ((tail == 2 && (group & 15) != 0) || (tail == 3 && (group & 3) != 0))
        return false;
    bytes[length] = '\0';
    *ret_length = length;
    *ret_bytes = g_steal_pointer(&bytes);
    return true;
}

bool decode_base64(Span text, char **ret_bytes, size_t *ret_length)
{
    return decode_64(text, standard_alphabet, true, ret_bytes, ret_length);
}

bool decode_base64url(Span text, char **ret_bytes, size_t *ret_length)
{
    return decode_64(text, url_alphabet, false, ret_bytes, ret_length);
}

char *encode_sha256_hex(Span bytes)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes.at, bytes.length);
}
