/* Reading members of schema.org objects as leniently as wire.md §7 asks: names in any case, text given as numbers,
 * one value given as a list, types with or without their address. Nothing is guessed beyond that. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The value itself, or the first element where it is a list. Borrowed. */
const json_t *lenient_single(const json_t *value);

/* Text of a string or number, or of a {"@value"|"value"|"name": …} around one; clean, at most `maximum`
 * characters; NULL where there is none or nothing is left. Newly allocated. */
char *lenient_text(const json_t *value, size_t maximum);
char *lenient_member_text(const json_t *object, const char *key, size_t maximum);

/* The number exactly as decimal text, or NULL where a double cannot hold it exactly (PRICE_EXACT_DIGITS). */
char *lenient_number_text(const json_t *number);

/* The last part of a schema.org address ("http://schema.org/PaymentDue" → "PaymentDue"), else the text. Borrowed. */
const char *lenient_term(const char *text);

/* True where @type (a text or a list of texts) names this type in any case. */
bool lenient_is_type(const json_t *object, const char *type);
