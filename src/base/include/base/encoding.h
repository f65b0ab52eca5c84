/* Text forms of bytes: hex, base64 and base64url (RFC 4648), SHA-256 for identities. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Newly allocated, NUL-terminated. */
char *encode_hex(Span bytes);
char *encode_base64(Span bytes);
/* base64url without padding (RFC 7515 §2). */
char *encode_base64url(Span bytes);

/* Newly allocated bytes in *ret_bytes (NUL-terminated for convenience, the NUL not counted);
 * false and nothing set where the text is not exactly that encoding. decode_base64 skips white space. */
bool decode_hex(Span text, char **ret_bytes, size_t *ret_length);
bool decode_base64(Span text, char **ret_bytes, size_t *ret_length);
bool decode_base64url(Span text, char **ret_bytes, size_t *ret_length);

/* Lower-case hex of SHA-256, newly allocated. */
char *encode_sha256_hex(Span bytes);
