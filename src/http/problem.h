/* Problems (RFC 9457): what went wrong, with a stable code that the interface translates.
 *
 * `type` is urn:saldo:problem:<code>. The table in problem.c is all codes there are.
 */
#pragma once

#include "request.h"

/* A code that is not in the table is a bug. `detail` says what, where and what to do; it is shown to people. */
void problem_reply(HttpReply *reply, const HttpRequest *request, const char *code, const char *detail_format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with further members of the object, taken over ("errors", "review"). */
void problem_reply_with(HttpReply *reply, const HttpRequest *request, const char *code, const char *detail,
    const char *member, json_t *value);
/* True, with storage_unavailable (503, Retry-After) as reply, where the error is trouble of the disk or database (IO):
 * it passes, so that asking again helps. `outcome` is what is known of the request's effect ("Nothing was paid. "). */
bool problem_reply_storage(HttpReply *reply, const HttpRequest *request, const char *outcome, const GError *error);
/* What a SaldoError means at the API when nothing more is known about it; errors that tell about the inside (IO)
 * are logged with the request's id and not shown. IO is storage_unavailable where the request was to change something. */
void problem_reply_error(HttpReply *reply, const HttpRequest *request, const GError *error);
