/* UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness from the kernel. */
#include "base/id.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

Id id_new(void)
{
    uint8_t bytes[16];
    g_assert(getrandom(bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
    uint64_t milliseconds = (uint64_t)(time_now_us() / 1000);
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    Id id = ID_NONE;
    char *out = id.text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        out += sprintf(out, "%02x", bytes[i]);
    }
    return id;
}

bool id_parse(Span text, Id *ret_id)
{
    if (text.length != 36)
        return false;
    Id id = ID_NONE;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.at[i] != '-' : !g_ascii_isxdigit(text.at[i]))
            return false;
        id.text[i] = g_ascii_tolower(text.at[i]);
    }
    id.text[36] = '\0';
    *ret_id = id;
    return true;
}

bool id_is_none(Id id)
{
    return id.text[0] == '\0';
}

bool id_equal(Id left, Id right)
{
    return strcmp(left.text, right.text) == 0;
}
