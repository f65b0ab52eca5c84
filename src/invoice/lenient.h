/* Reading members of schema.org objects as leniently as wire.md §7 asks: names in any case, text given as numbers,
 * one value given as a list, types with or without their address. Nothing is guessed beyond that. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The value itself, or the first element where it is a list. Borrowed. */
const json_t *lenient_single(const json_t *value);

/* True where the value is a list whose values are not all the same: then the first one is no better than the others. */
bool lenient_is_ambiguous(const json_t *value);

/* Text of a string or number, or of a {"@value"|"value"|"name": …} around one; clean, at most `maximum`
 * characters; NULL where there is none or nothing is left. Newly allocated. */
char *lenient_text(const json_t *value, size_t maximum);
char *lenient_member_text(const json_t *object, const char *key, size_t maximum);

/* An http or https address, also as {"@id": …} or {"url": …}, its scheme in lower case; NULL where the text is none or
 * holds what no address has. Newly allocated. */
char *lenient_web_address(const json_t *value);
/* True where the text only leads somewhere, so that it is nobody's name: an address, or a reference within the page. */
bool lenient_is_reference(const char *text);

/* The number exactly as decimal text, or NULL where a double cannot hold it exactly (PRICE_EXACT_DIGITS). */
char *lenient_number_text(const json_t *number);

/* The last part of a schema.org address ("http://schema.org/PaymentDue" → "PaymentDue"), else the text. Borrowed. */
const char *lenient_term(const char *text);

/* True where @type (a text or a list of texts) names this type in any case. */
bool lenient_is_type(const json_t *object, const char *type);
