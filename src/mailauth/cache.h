/* Answers by name and type until their time is up, bounded, shared by threads. */
#pragma once

#include "answer.h"

typedef struct ma_cache ma_cache;

ma_cache *ma_cache_new(void);
void ma_cache_free(ma_cache *cache);

/* A reference of the caller's own, or NULL. `now_us` is monotonic. */
ma_answer *ma_cache_find(ma_cache *cache, const char *name, uint16_t type, int64_t now_us);
/* Takes a reference of its own. What is kept how long: MA_CACHE_… in limits.h. */
void ma_cache_keep(ma_cache *cache, const char *name, uint16_t type, ma_answer *answer, int64_t now_us);
