/* Counts for /metrics: per route, never per person or supplier. */
#pragma once

#include "server.h"

Counters *counters_new(void);
void counters_free(Counters *counters);
/* `route` NULL: refused before a route was found. */
void counters_add(Counters *counters, const Route *route, unsigned status, int64_t took_us);
/* Prometheus' text format (version 0.0.4). */
void counters_write(const Counters *counters, GString *text);
