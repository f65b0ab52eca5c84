/* Header fields (RFC 5322 §2.2), their parameters (RFC 2045 §5.1, RFC 2231) and encoded words (RFC 2047). */
#pragma once

#include <stdbool.h>

#include "base/span.h"

typedef struct HeaderField {
    Span name;
    Span value; /* as it stands, folds included; clipped to MAIL_FIELD_BYTES_MAX */
} HeaderField;

/* The header block at the front of an entity. */
typedef struct HeaderBlock {
    Span fields;       /* clipped to MAIL_HEADER_BYTES_MAX */
    size_t body_start; /* in the entity */
    bool is_cut;       /* it was longer than that */
    bool has_odd_lines; /* lines that are no fields stand in it; they are passed over */
} HeaderBlock;

/* The block of a part ends at an empty line, or before the first line that can be no header. The block of the mail itself
 * ends at the empty line alone, for there the header ends that is signed (RFC 6376 §3.4): who puts a line of his own before a
 * signed header must not turn it into body. It has none where no line of it is a field. */
HeaderBlock header_block(Span entity, bool is_part);

/* Takes the next field off the front of a header block; false at its end. */
bool header_next(Span *block, HeaderField *ret_field);

/* The text of an unstructured value: encoded words decoded, one clean line, at most `maximum` characters. */
char *header_text(Span value, size_t maximum);
/* Encoded words decoded, the rest as it stands: valid UTF-8, not yet clean. */
char *header_decode_words(Span value);

/* The value before its parameters, lower case, without white space ("text/html"). Newly allocated. */
char *header_main_value(Span value);
/* One parameter, decoded to a clean line of UTF-8, or NULL. Newly allocated. */
char *header_parameter(Span value, const char *name);
