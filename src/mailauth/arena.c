/* Memory of one check, and the growing text built on it. */
#include "arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 8 << 10, ALIGNMENT = 16 };

typedef struct block {
    struct block *next;
    size_t used, size;
    _Alignas(ALIGNMENT) char bytes[];
} block;

struct ma_arena {
    block *newest;
};

static void *allocated(void *memory, size_t size)
{
    if (memory == NULL) {
        fprintf(stderr, "libmailauth: out of memory (%zu bytes)\n", size);
        abort();
    }
    return memory;
}

void *ma_allocate(size_t size)
{
    return allocated(calloc(1, size == 0 ? 1 : size), size);
}

char *ma_copy_out(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(ma_allocate(size), text, size);
}

ma_arena *ma_arena_new(void)
{
    return ma_allocate(sizeof(ma_arena));
}

void ma_arena_free(ma_arena *arena)
{
    if (arena == NULL)
        return;
    for (block *this = arena->newest; this != NULL;) {
        block *next = this->next;
        free(this);
        this = next;
    }
    free(arena);
}

static block *block_for(ma_arena *arena, size_t size)
{
    block *newest = arena->newest;
    if (newest != NULL && newest->size - newest->used >= size)
        return newest;
    size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    block *fresh = allocated(malloc(sizeof(block) + room), room); /* zeroed as it is taken */
    fresh->used = 0;
    fresh->size = room;
    fresh->next = newest;
    arena->newest = fresh;
    return fresh;
}

void *ma_arena_take(ma_arena *arena, size_t size)
{
    assert(size < SIZE_MAX / 2);
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    block *from = block_for(arena, rounded);
    void *memory = from->bytes + from->used;
    from->used += rounded;
    return memset(memory, 0, rounded);
}

char *ma_arena_copy(ma_arena *arena, ma_span span)
{
    char *copy = ma_arena_take(arena, span.length + 1);
    if (span.length > 0)
        memcpy(copy, span.at, span.length);
    return copy;
}

char *ma_arena_lower(ma_arena *arena, ma_span span)
{
    char *copy = ma_arena_copy(arena, span);
    for (size_t i = 0; i < span.length; i++)
        copy[i] = ma_lower(copy[i]);
    return copy;
}

char *ma_arena_print(ma_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *text = ma_arena_take(arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

ma_text ma_text_new(ma_arena *arena, size_t maximum)
{
    return (ma_text){ .arena = arena, .maximum = maximum };
}

static bool text_has_room(ma_text *text, size_t more)
{
    if (more > text->maximum - text->length) {
        text->full = true;
        return false;
    }
    size_t needed = text->length + more + 1; /* the NUL of ma_text_string */
    if (needed <= text->capacity)
        return true;
    size_t capacity = text->capacity == 0 ? 128 : text->capacity;
    while (capacity < needed)
        capacity *= 2;
    char *larger = ma_arena_take(text->arena, capacity);
    if (text->length > 0)
        memcpy(larger, text->at, text->length);
    text->at = larger;
    text->capacity = capacity;
    return true;
}

void ma_text_add(ma_text *text, ma_span span)
{
    if (!text_has_room(text, span.length) || span.length == 0)
        return;
    memcpy(text->at + text->length, span.at, span.length);
    text->length += span.length;
}

void ma_text_add_byte(ma_text *text, char byte)
{
    ma_text_add(text, (ma_span){ &byte, 1 });
}

void ma_text_print(ma_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    if (!text_has_room(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->at + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

ma_span ma_text_span(const ma_text *text)
{
    return text->length == 0 ? MA_EMPTY : (ma_span){ text->at, text->length };
}

char *ma_text_string(ma_text *text)
{
    text_has_room(text, 0);
    if (text->capacity == 0)
        return ma_arena_copy(text->arena, MA_EMPTY);
    text->at[text->length] = '\0';
    return text->at;
}
