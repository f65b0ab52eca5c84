/* Words of one cmdlet line: a name, `-Parameter`, `-Parameter:value`, value, and lists 'a', "b", c. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"

/* A cmdlet with a list of people fits easily; above it somebody pastes a file. */
#define CMDLET_LINE_BYTES_MAX 8192
/* The longest cmdlet known here takes five parameters; a few more leave room for a message about the wrong one. */
#define CMDLET_WORDS_MAX 64

typedef struct CmdletWord {
    char *parameter;  /* name without its dash, or NULL: a value stands alone */
    char *value;      /* list elements joined by ','; NULL where a parameter has no value attached */
} CmdletWord;

/* CmdletWord *; NULL and `error` (BAD_INPUT). The line is UTF-8; the dashes and quotation marks that
 * word processors put in place of the ASCII ones count as those, as in PowerShell. */
GPtrArray *cmdlet_words(Span line, GError **error);
