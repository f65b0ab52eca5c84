/* Sixteen bytes looked at together, in what the compiler has for vectors on any processor: for the loops that every byte of
 * a message goes through. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte in memory is the lowest one");

typedef unsigned char Block __attribute__((vector_size(16)));

static inline Block block_at(const char *at)
{
    Block block;
    memcpy(&block, at, sizeof block);
    return block;
}

static inline Block block_of(unsigned char byte)
{
    return (Block){ 0 } + byte;
}

/* One bit for each byte, the first one the lowest, of a block whose bytes are all ones or 0. */
static inline unsigned block_places(Block block)
{
#if defined(__SSE2__)
    return (unsigned)_mm_movemask_epi8((__m128i)block);
#else
    /* Bit k of byte k is kept, and the product gathers the eight of them in its highest byte. */
    uint64_t halves[2];
    memcpy(halves, &block, sizeof halves);
    unsigned low = (unsigned)(((halves[0] & 0x8040201008040201) * 0x0101010101010101) >> 56);
    unsigned high = (unsigned)(((halves[1] & 0x8040201008040201) * 0x0101010101010101) >> 56);
    return low | high << 8;
#endif
}
