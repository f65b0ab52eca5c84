/* Content-Transfer-Encoding (RFC 2045 §6): base64 and quoted-printable, as broken as they come. */
#pragma once

#include "base/span.h"

/* Writes the decoded bytes to `out` (room for body.length bytes is always enough), or only counts them where `out` is
 * NULL. Any other encoding than base64 and quoted-printable is identity. Returns the number of bytes. */
size_t transfer_decode(Span body, const char *encoding, char *out);
size_t transfer_decode_base64(Span body, char *out);
/* `in_header`: RFC 2047's Q, where '_' is a space and there are no line ends. */
size_t transfer_decode_quoted(Span body, bool in_header, char *out);
