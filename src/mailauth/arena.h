/* Memory of one check: allocated piece by piece, freed at once with the report that it carries.
 *
 * What one check may allocate is bounded by limits.h; when even that cannot be had, the process ends
 * (as with GLib): half a verdict on who sent a mail is worse than none. */
#pragma once

#include "span.h"

typedef struct ma_arena ma_arena;

ma_arena *ma_arena_new(void);
void ma_arena_free(ma_arena *arena);

/* Zeroed, aligned for any type, never NULL. */
void *ma_arena_take(ma_arena *arena, size_t size);
char *ma_arena_copy(ma_arena *arena, ma_span span);
/* The same with ASCII letters made small. */
char *ma_arena_lower(ma_arena *arena, ma_span span);
char *ma_arena_print(ma_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));

/* malloc and calloc that end the process where there is no memory. */
void *ma_allocate(size_t size);
/* A copy for the caller of the library, to free(). */
char *ma_copy_out(const char *text);

/* Bytes that grow up to a maximum; what would exceed it sets `full` and is left out. */
typedef struct ma_text {
    ma_arena *arena;
    char *at;
    size_t length, capacity, maximum;
    bool full;
} ma_text;

ma_text ma_text_new(ma_arena *arena, size_t maximum);
void ma_text_add(ma_text *text, ma_span span);
void ma_text_add_byte(ma_text *text, char byte);
void ma_text_print(ma_text *text, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
ma_span ma_text_span(const ma_text *text);
/* The bytes so far, ended by NUL. */
char *ma_text_string(ma_text *text);
