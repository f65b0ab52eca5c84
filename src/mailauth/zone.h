/* The records of a zone file (RFC 1035 §5). */
#pragma once

#include "arena.h"
#include "mailauth.h"

typedef struct ma_zone ma_zone;

/* NULL and a text (free) in *ret_error on a line that cannot be read. */
ma_zone *ma_zone_read(ma_span text, char **ret_error);
void ma_zone_free(ma_zone *zone);

/* Whether the zone holds records of that very name. */
bool ma_zone_has_records(const ma_zone *zone, const char *name);
/* Answers from the zone; an absent name is NXDOMAIN. Aliases are followed. */
void ma_zone_answer(const ma_zone *zone, const char *name, uint16_t type, mailauth_answer_fn *done, void *context);
