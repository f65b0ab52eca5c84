/* Faults on demand: what goes wrong at which point, before or after the work there was done.
 *
 * A fault is {"point","kind","count","invoice"?,"delay_ms"?}. Points: loadentity, document,
 * biller.complete, biller.lookup, processor.keys, processor.token, processor.charge, processor.refund,
 * processor.lookup; ".before" or ".after" may follow. Kinds and the moment each means without one:
 *   drop (before), drop_before, drop_after       the connection closes without an answer
 *   status_500_before, status_500_after          500 with a text
 *   delay (before), delay_after                  the answer comes late, by delay_ms
 *   garbage (after)                              200 with a body that is no JSON
 *   429 (before)                                 Retry-After: 1
 *   down (before)                                503
 *   lookup_lag (before)                          404, as if nothing were known yet
 * "before": nothing was done; "after": the work is done and durable, its answer is lost.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "server.h"

/* Keeps one fault; `origin` is "admin" or "sample". False with `error` naming what is wrong. */
bool fault_add(Book *book, const json_t *description, const char *origin, GError **error);
/* Where a fault stands at this point and moment for this invoice (NULL: none known), one of its count is
 * used up, `reply` is changed, and true returned when the reply is final (a delay is not). */
bool fault_strike(Book *book, const char *point, const char *moment, const char *invoice, Reply *reply);
