/* Domain names in presentation form: small letters, A-labels, no final dot. */
#pragma once

#include "arena.h"

/* The name in that form, or NULL where it is none: a label empty or longer than 63, the whole longer
 * than 253, a character that is neither letter, digit, "-" nor "_". U-labels become A-labels. */
char *ma_domain_read(ma_arena *arena, ma_span text);

/* `name` is `parent` or stands below it. Both as of ma_domain_read. */
bool ma_domain_is_within(const char *name, const char *parent);
/* The name without its first label, or NULL for a single label. */
const char *ma_domain_parent(const char *name);
size_t ma_domain_label_count(const char *name);

/* A name as in DNS wire form (RFC 1035 §3.1, uncompressed) to presentation form, or NULL where it is
 * not one; *ret_used is its length on the wire. Odd bytes are written \DDD. */
char *ma_domain_from_wire(ma_arena *arena, const uint8_t *at, size_t length, size_t *ret_used);
