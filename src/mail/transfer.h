/* Content-Transfer-Encoding (RFC 2045 §6): base64, quoted-printable and uuencode, as broken as they come. */
#pragma once

#include "base/span.h"

/* Writes the decoded bytes to `out` (room for body.length bytes is always enough), or only counts them where `out` is
 * NULL. Any encoding that is not read here is identity. Returns the number of bytes. */
size_t transfer_decode(Span body, const char *encoding, char *out);
size_t transfer_decode_base64(Span body, char *out);
size_t transfer_decode_quoted(Span body, char *out);
/* RFC 2047's Q, where '_' is a space and there are no line ends. */
size_t transfer_decode_q(Span text, char *out);
