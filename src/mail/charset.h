/* Text in any charset that mail uses → UTF-8, by iconv. */
#pragma once

#include "base/span.h"

/* Newly allocated valid UTF-8 without NUL; what cannot be read becomes U+FFFD. `label` as in the mail, any case;
 * NULL, unknown or us-ascii: UTF-8 where the bytes are valid UTF-8, else windows-1252. */
char *charset_to_utf8(Span bytes, const char *label);

/* True where the label names a charset that is read here. */
bool charset_is_known(const char *label);
