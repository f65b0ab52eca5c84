/* Base64 of mail (RFC 2045 §6.8): what is no digit is skipped, padding ends a run, another run may follow.
 *
 * Lines of digits are decoded sixteen at a time where the processor can shuffle bytes (Muła and Lemire, "Faster Base64
 * Encoding and Decoding Using AVX2 Instructions", 2018), else four at a time; what is left over goes digit by digit. */
#include <glib.h>
#include <stdint.h>
#include <string.h>

#include "transfer.h"
#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

enum { BLOCK_DIGITS = 16, BLOCK_BYTES = 12, GROUP_DIGITS = 4, GROUP_BYTES = 3, NO_DIGIT = 64 };

/* Value of each digit plus one, so that what is not named here is 0. */
static const uint8_t digits[256] = { ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,
    ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
    ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38,
    ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58,
    ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64 };

/* NO_DIGIT or above for what is none. */
static unsigned digit_of(char c)
{
    return digits[(unsigned char)c] - 1U;
}

#if defined(__x86_64__)

/* Decodes the digits at the front of 16 bytes, writing 16; returns how many digits there are before the first byte that is
 * none. What was written for a group that is not full does not count. */
__attribute__((target("ssse3"))) static inline size_t decode_block(const char *from, char *to)
{
    const __m128i low_bits = _mm_setr_epi8(
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    const __m128i high_bits = _mm_setr_epi8(
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m128i shifts = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m128i slash = _mm_set1_epi8('/'); /* 0x2F: its low half is a mask as well */
    __m128i block = _mm_loadu_si128((const __m128i *)from);
    __m128i high = _mm_and_si128(_mm_srli_epi32(block, 4), slash), low = _mm_and_si128(block, slash);
    __m128i wrong = _mm_and_si128(_mm_shuffle_epi8(low_bits, low), _mm_shuffle_epi8(high_bits, high));
    unsigned wrong_places = (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(wrong, _mm_setzero_si128()));
    __m128i values = _mm_add_epi8(block, _mm_shuffle_epi8(shifts, _mm_add_epi8(_mm_cmpeq_epi8(block, slash), high)));
    __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
    __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(groups, order));
    return (size_t)__builtin_ctz(wrong_places | 1U << BLOCK_DIGITS);
}

/* Decodes the groups at the front that hold nothing but digits, line ends between them apart, as long as there is a
 * block; returns the bytes used. */
__attribute__((target("ssse3"))) static size_t decode_blocks(Span rest, char *out, size_t *length)
{
    char unused[BLOCK_DIGITS] = { 0 };
    size_t used = 0;
    while (used + BLOCK_DIGITS <= rest.length) {
        size_t fit = decode_block(rest.at + used, out == NULL ? unused : out + *length);
        if (fit == BLOCK_DIGITS) { /* foreseen by the processor, which then need not wait for the count */
            used += BLOCK_DIGITS;
            *length += BLOCK_BYTES;
            continue;
        }
        used += fit / GROUP_DIGITS * GROUP_DIGITS;
        *length += fit / GROUP_DIGITS * GROUP_BYTES;
        size_t line_end = used;
        while (line_end < rest.length && (rest.at[line_end] == '\r' || rest.at[line_end] == '\n'))
            line_end++;
        if (line_end == used)
            break;
        used = line_end;
    }
    return used;
}

static bool has_blocks(void)
{
    return __builtin_cpu_supports("ssse3");
}

#else

static size_t decode_blocks(Span rest, char *out, size_t *length)
{
    return 0;
}

static bool has_blocks(void)
{
    return false;
}

#endif

/* The same in groups of four digits, up to the first that is none. */
static size_t decode_groups(Span rest, char *out, size_t *length)
{
    size_t used = 0;
    for (; used + GROUP_DIGITS <= rest.length; used += GROUP_DIGITS, *length += GROUP_BYTES) {
        const char *at = rest.at + used;
        unsigned a = digit_of(at[0]), b = digit_of(at[1]), c = digit_of(at[2]), d = digit_of(at[3]);
        if ((a | b | c | d) >= NO_DIGIT)
            break;
        if (out == NULL)
            continue;
        out[*length] = (char)(a << 2 | b >> 4);
        out[*length + 1] = (char)(b << 4 | c >> 2);
        out[*length + 2] = (char)(c << 6 | d);
    }
    return used;
}

/* A group that is not yet full. */
typedef struct Group {
    unsigned bits, count;
} Group;

static void decode_one(char c, Group *group, char *out, size_t *length)
{
    unsigned value = digit_of(c);
    if (c == '=')
        group->count = 0; /* the bits left over are padding */
    if (value >= NO_DIGIT)
        return;
    group->bits = group->bits << 6 | value;
    if (group->count > 0) {
        if (out != NULL)
            out[*length] = (char)(group->bits >> (6 - 2 * group->count));
        (*length)++;
    }
    group->count = (group->count + 1) % GROUP_DIGITS;
}

size_t transfer_decode_base64(Span body, char *out)
{
    const bool by_block = has_blocks();
    Group group = { 0 };
    size_t length = 0;
    for (size_t i = 0; i < body.length;) {
        /* A block writes 16 bytes for 12: there is room, since more digits were read than bytes written. */
        if (group.count == 0 && by_block)
            i += decode_blocks(span_slice(body, i, body.length), out, &length);
        if (group.count == 0)
            i += decode_groups(span_slice(body, i, body.length), out, &length);
        if (i < body.length)
            decode_one(body.at[i++], &group, out, &length);
    }
    return length;
}
