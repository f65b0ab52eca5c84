/* Base64, strict but for white space. */
#include "base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { LETTER = 64 };

/* What each letter stands for, plus LETTER; 0: not a letter. */
static const uint8_t VALUES[256] = {
    ['A'] = 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
    ['a'] = 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115,
    ['0'] = 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, ['+'] = 126, ['/'] = 127,
};

/* Decodes groups of four letters from the front, up to the first byte that is no letter; how many groups. */
static size_t decode_groups(ma_span text, char *to)
{
    size_t groups = 0;
    for (const char *from = text.at; text.length - groups * 4 >= 4; from += 4, to += 3, groups++) {
        uint8_t one = VALUES[(uint8_t)from[0]], two = VALUES[(uint8_t)from[1]], three = VALUES[(uint8_t)from[2]],
                four = VALUES[(uint8_t)from[3]];
        if ((one & two & three & four & LETTER) == 0)
            break;
        to[0] = (char)(one << 2 | (two >> 4 & 3));
        to[1] = (char)(two << 4 | (three >> 2 & 15));
        to[2] = (char)(three << 6 | (four & 63));
    }
    return groups;
}

bool ma_base64_decode(ma_arena *arena, ma_span text, ma_span *ret_bytes)
{
    char *bytes = ma_arena_take(arena, text.length / 4 * 3 + 3);
    size_t count = 0, letters = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (letters % 4 == 0 && padding == 0) {
            size_t groups = decode_groups(ma_span_slice(text, i, text.length), bytes + count);
            i += groups * 4;
            letters += groups * 4;
            count += groups * 3;
        }
        if (i == text.length)
            break;
        uint8_t value = VALUES[(uint8_t)text.at[i]];
        if (value == 0 && ma_is_space(text.at[i]))
            continue;
        if (value == 0 && text.at[i] == '=') {
            padding++;
            continue;
        }
        if (value == 0 || padding > 0)
            return false;
        bits = bits << 6 | (value & 63u);
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
