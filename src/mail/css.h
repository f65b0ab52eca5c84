/* Inline CSS that is safe to show: a list of allowed properties, values without addresses or functions that fetch. */
#pragma once

#include "base/span.h"

/* The declarations that may stay, "name:value;…", newly allocated; NULL where none stays. `style` has its entities
 * decoded. The result needs escaping as an attribute value. */
char *css_sanitize(Span style);
