/* Base64 as DKIM writes it (RFC 6376 §2.10: white space may stand anywhere). */
#pragma once

#include "arena.h"

/* false on any other character, wrong padding, or bits left over. */
bool ma_base64_decode(ma_arena *arena, ma_span text, ma_span *ret_bytes);
/* With padding, without line breaks. */
char *ma_base64_encode(ma_arena *arena, ma_span bytes);
