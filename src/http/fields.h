/* Reading the members of a JSON body: each complaint is kept, so that one reply names them all.
 *
 * Complaints become `errors[{pointer, code}]` of the problem invalid_fields; codes: "missing", "not_text",
 * "too_short", "too_long", "not_allowed", "not_true_or_false", "not_money", "not_an_id", "card_number".
 */
#pragma once

#include "base/money.h"
#include "request.h"

typedef struct Fields {
    const json_t *object;
    json_t *errors;
} Fields;

Fields fields_of(const HttpRequest *request);
/* True, with the reply made, where there was a complaint. Always call it: it ends the Fields. */
bool fields_refused(Fields *fields, const HttpRequest *request, HttpReply *reply);
void fields_complain(Fields *fields, const char *name, const char *code);

/* Lengths in characters; text with control characters is "not_allowed". NULL after a complaint. */
const char *fields_text(Fields *fields, const char *name, size_t least, size_t most);
/* Absent and null are NULL without complaint. */
const char *fields_text_if_there(Fields *fields, const char *name, size_t most);
/* The same for what is kept beside a card and shown in clear: a text with a card number in it is "card_number". */
const char *fields_open_text(Fields *fields, const char *name, size_t least, size_t most);
const char *fields_open_text_if_there(Fields *fields, const char *name, size_t most);
/* The whole text must match. */
const char *fields_pattern(Fields *fields, const char *name, const char *pattern);
bool fields_flag(Fields *fields, const char *name);
bool fields_flag_if_there(Fields *fields, const char *name, bool otherwise);
Id fields_id(Fields *fields, const char *name);
Money fields_money(Fields *fields, const char *name);
/* A compact JWE by its shape alone (RFC 7516 §7.1): five base64url parts, at most `most` bytes. What it holds only its
 * recipient can read. */
const char *fields_compact_jwe(Fields *fields, const char *name, size_t most);
