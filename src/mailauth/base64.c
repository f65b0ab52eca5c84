/* Base64, strict but for white space. */
#include "base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What each letter stands for, plus one; 0: not a letter. */
static const uint8_t VALUES[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['/'] = 64,
};

static int value_of(char letter)
{
    return VALUES[(uint8_t)letter] - 1;
}

/* Four letters to three bytes; false where one of them is none. */
static bool decode_group(const char *letters, char *to)
{
    uint8_t one = VALUES[(uint8_t)letters[0]], two = VALUES[(uint8_t)letters[1]], three = VALUES[(uint8_t)letters[2]],
            four = VALUES[(uint8_t)letters[3]];
    if (one == 0 || two == 0 || three == 0 || four == 0)
        return false;
    uint32_t bits = (uint32_t)(one - 1) << 18 | (uint32_t)(two - 1) << 12 | (uint32_t)(three - 1) << 6 | (uint32_t)(four - 1);
    to[0] = (char)(bits >> 16);
    to[1] = (char)(bits >> 8);
    to[2] = (char)bits;
    return true;
}

bool ma_base64_decode(ma_arena *arena, ma_span text, ma_span *ret_bytes)
{
    char *bytes = ma_arena_take(arena, text.length / 4 * 3 + 3);
    size_t count = 0, letters = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        while (letters % 4 == 0 && padding == 0 && text.length - i >= 4 && decode_group(text.at + i, bytes + count)) {
            i += 4;
            letters += 4;
            count += 3;
        }
        if (i == text.length)
            break;
        int value = value_of(text.at[i]);
        if (value < 0 && ma_is_space(text.at[i]))
            continue;
        if (value < 0 && text.at[i] == '=') {
            padding++;
            continue;
        }
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
