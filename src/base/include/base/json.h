/* JSON from outside, bounded, on jansson.
 *
 * Reading refuses duplicate keys, NUL in strings, more than `maximum` bytes, and more levels than
 * jansson's own limit (2048). Members that are absent or of another type read as NULL/none: a caller
 * who needs them says so itself.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/money.h"
#include "base/span.h"

#define JSON_AUTO __attribute__((cleanup(json_clear))) json_t
void json_clear(json_t **value);

/* NULL and `error` (BAD_INPUT with line and column, or LIMIT). `what` names the text in messages. */
json_t *json_read(Span text, size_t maximum, const char *what, GError **error);
/* The same for input "parsed leniently" (wire.md §7): duplicate keys allowed, the last one wins. */
json_t *json_read_lenient(Span text, size_t maximum, const char *what, GError **error);
/* A member as wire.md §7 reads it: the exact name first, else the name in any case or with a colon behind it. Borrowed, or
 * NULL. */
const json_t *json_member_lenient(const json_t *object, const char *key);
/* Compact text with keys in sorted order, newly allocated with g_malloc. */
char *json_write(const json_t *value);

const char *json_text(const json_t *object, const char *key);    /* borrowed, or NULL */
bool json_flag(const json_t *object, const char *key);           /* false where absent */
int64_t json_integer_or(const json_t *object, const char *key, int64_t otherwise);

/* A JSON string, or JSON null where `text` is NULL. Bytes that are no UTF-8 become U+FFFD: what came from outside can be
 * shown, never abort. */
json_t *json_from_text(const char *text);
/* Set a text member in the same way. */
void json_put_text(json_t *object, const char *key, const char *text);
void json_put_integer(json_t *object, const char *key, int64_t value);
void json_put_flag(json_t *object, const char *key, bool value);
/* {"currency":"PLN","minor":123450} — the API's and the store's form. */
json_t *json_from_money(Money money);
bool json_to_money(const json_t *value, Money *ret_money);
