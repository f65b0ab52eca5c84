/* GET /metrics on a Unix socket of its own, for a collector on this machine. */
#pragma once

#include "server.h"

/* Listens at `path` (replaced where it is there already, mode 0600). NULL and `error` (IO). */
Metrics *metrics_start(Server *server, const char *path, GError **error);
void metrics_stop(Metrics *metrics);
