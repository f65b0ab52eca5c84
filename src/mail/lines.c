/* Finding lines that may be boundaries. */
#include "lines.h"

#include "block.h"

/* Which of the sixteen places from `at` begin a line with "--"; the bytes from at - 1 to at + 16 are read. */
static inline unsigned dashes_in(const char *at)
{
    return block_places((Block)((block_at(at - 1) == block_of('\n')) & (block_at(at) == block_of('-'))
        & (block_at(at + 1) == block_of('-'))));
}

size_t lines_find_dashes(Span text, size_t at)
{
    if (at == 0 && span_starts_with(text, SPAN("--")))
        return 0;
    at += at == 0;
    for (unsigned places; at + sizeof(Block) < text.length; at += sizeof(Block))
        if ((places = dashes_in(text.at + at)) != 0)
            return at + (size_t)__builtin_ctz(places);
    for (; at + 1 < text.length; at++)
        if (text.at[at - 1] == '\n' && text.at[at] == '-' && text.at[at + 1] == '-')
            return at;
    return text.length;
}
