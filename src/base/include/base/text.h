/* Text from outside, made fit to be shown: one line of valid UTF-8 that cannot disturb what stands around it. */
#pragma once

#include <stdbool.h>

#include "base/span.h"

/* The bytes as one line: bad UTF-8 becomes U+FFFD; control characters and those that turn the direction of
 * writing (U+202A–202E, U+2066–2069: they can make an address read backwards) are dropped; runs of white space
 * become one space, none at the ends; at most `maximum` characters. Newly allocated, never NULL. */
char *text_clean(Span bytes, size_t maximum);

/* True where the text could have come from text_clean with this maximum (runs of spaces do not matter). */
bool text_is_clean(Span text, size_t maximum);

/* RFC 5321 §4.5.3.1, as erratum 1690 counts it. */
enum { TEXT_ADDRESS_BYTES_MAX = 254 };

/* One plain mail address, local@domain: exactly one '@', something on both sides, no white space, control character, quotation
 * mark, angle bracket, comma or semicolon. Quoted local parts are refused: nobody here writes them. */
bool text_is_address(const char *text);
