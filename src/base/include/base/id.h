/* Identifiers: UUID version 7 (RFC 9562 §5.7), as lower-case text. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

typedef struct Id {
    char text[37]; /* NUL-terminated; "" is "none" */
} Id;

#define ID_NONE ((Id){ "" })

Id id_new(void);
/* Accepts any RFC 9562 text form in either case; false otherwise. */
bool id_parse(Span text, Id *ret_id);
bool id_is_none(Id id);
bool id_equal(Id left, Id right);
