/* The words of an Authentication-Results field (RFC 8601 §2.2; RFC 2045 §5.1, RFC 5322 §3.2). */
#pragma once

#include "arena.h"
#include "limits.h"

/* Passes over white space and comments, nested up to MA_COMMENT_DEPTH_MAX. false where a comment does not end. */
bool ma_results_skip(ma_span *rest);
/* Takes `mark` after white space and comments; false, taking nothing more, where another stands. */
bool ma_results_take(ma_span *rest, char mark);
/* A keyword: letters, digits, "-", "_" and "."; in small letters. NULL where there is none. */
char *ma_results_word(ma_arena *arena, ma_span *rest);
/* A value: a quoted string (unquoted), or bytes up to white space, ";" or a comment, "@" and "=" among them as servers
 * write them. NULL where there is none or a quotation does not end. */
char *ma_results_value(ma_arena *arena, ma_span *rest);
