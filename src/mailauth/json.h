/* Reads JSON (RFC 8259) from front to end, one value after the other; nothing is built. */
#pragma once

#include "arena.h"

typedef struct ma_json {
    ma_arena *arena;
    ma_span rest;
    bool failed; /* once set, every call answers false */
} ma_json;

ma_json ma_json_new(ma_arena *arena, ma_span text);

/* Takes the byte `mark` (a bracket, comma or colon) after white space; false, without failing, where another stands. */
bool ma_json_take(ma_json *json, char mark);
/* Takes "null" likewise. */
bool ma_json_take_null(ma_json *json);
/* The next value must be a string; \u escapes become UTF-8, half a surrogate pair fails. */
bool ma_json_string(ma_json *json, ma_span *ret_text);
/* The next value must be a whole number from 0 to 10^9 - 1. */
bool ma_json_number(ma_json *json, uint64_t *ret_number);
/* Passes over the next value, whatever it is, up to MA_JSON_DEPTH_MAX deep. */
bool ma_json_skip(ma_json *json);
/* For `for` loops over what stands between brackets: call first with *started false. true: an element follows. */
bool ma_json_next(ma_json *json, char closing, bool *started);
/* Nothing but white space is left. */
bool ma_json_done(ma_json *json);
