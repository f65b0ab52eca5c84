/* Finding lines. */
#pragma once

#include "base/span.h"

/* Start of the first line at or behind `at`, which is the start of a line or stands inside one, that begins with "--";
 * text.length where there is none. */
size_t lines_find_dashes(Span text, size_t at);
