/* Base64, strict but for white space. */
#include "base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (ma_is_digit(letter))
        return letter - '0' + 52;
    if (letter == '+')
        return 62;
    return letter == '/' ? 63 : -1;
}

bool ma_base64_decode(ma_arena *arena, ma_span text, ma_span *ret_bytes)
{
    char *bytes = ma_arena_take(arena, text.length / 4 * 3 + 3);
    size_t count = 0, letters = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        char letter = text.at[i];
        if (ma_is_space(letter))
            continue;
        if (letter == '=') {
            padding++;
            continue;
        }
        int value = value_of(letter);
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++letters % 4 != 1)
            bytes[count++] = (char)(bits >> (6 - 2 * ((letters - 1) % 4)));
    }
    /* The last group: 2 letters leave 4 bits, 3 leave 2; both must be zero (one text per value). */
    size_t partial = letters % 4;
    if (partial == 1 || padding != (4 - partial) % 4)
        return false;
    if ((partial == 2 && (bits & 15) != 0) || (partial == 3 && (bits & 3) != 0))
        return false;
    *ret_bytes = (ma_span){ bytes, count };
    return true;
}

char *ma_base64_encode(ma_arena *arena, ma_span bytes)
{
    char *text = ma_arena_take(arena, (bytes.length + 2) / 3 * 4 + 1), *end = text;
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t left = bytes.length - i;
        uint32_t bits = (uint32_t)(uint8_t)bytes.at[i] << 16;
        if (left > 1)
            bits |= (uint32_t)(uint8_t)bytes.at[i + 1] << 8;
        if (left > 2)
            bits |= (uint8_t)bytes.at[i + 2];
        *end++ = ALPHABET[bits >> 18];
        *end++ = ALPHABET[bits >> 12 & 63];
        *end++ = left > 1 ? ALPHABET[bits >> 6 & 63] : '=';
        *end++ = left > 2 ? ALPHABET[bits & 63] : '=';
    }
    return text;
}
