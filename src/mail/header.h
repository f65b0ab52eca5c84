/* Header fields (RFC 5322 §2.2), their parameters (RFC 2045 §5.1, RFC 2231) and encoded words (RFC 2047). */
#pragma once

#include <stdbool.h>

#include "base/span.h"

typedef struct HeaderField {
    Span name;
    Span value; /* as it stands, folds included; clipped to MAIL_FIELD_BYTES_MAX */
} HeaderField;

/* Length of the header block at the front of an entity, and where its body starts. The block ends at an empty line, or
 * before the first line that can be no header. `*ret_is_cut`: it was longer than MAIL_HEADER_BYTES_MAX. */
size_t header_block_length(Span entity, size_t *ret_body_start, bool *ret_is_cut);

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
