/* Idempotency-Key: a request that acts is carried out once per key and account.
 *
 * Missing 400, running 409, same key with another request 422, else the answer that was kept.
 */
#pragma once

#include "server.h"

RunningKeys *running_keys_new(void);
void running_keys_free(RunningKeys *keys);

/* Runs the route's handler between finding and keeping the answer. */
void idempotency_run(Server *server, HttpRequest *request, HttpReply *reply);
/* What the kept answer is bound to: method, path and body; newly allocated. */
char *idempotency_request_hash(const HttpRequest *request);
