/* Open connections and how long each may still take for what it is doing: a client that drips bytes, or takes its
 * reply too slowly, is cut off (libmicrohttpd itself limits idleness alone). */
#pragma once

#include <microhttpd.h>
#include <stdint.h>

typedef struct Connections Connections;

Connections *connections_new(void);
void connections_free(Connections *connections);
/* For MHD_OPTION_NOTIFY_CONNECTION. */
void connections_notify(void *connections, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code);
/* What the connection does now must be done at `until_us` (monotonic); INT64_MAX: no limit. */
void connections_set_deadline(Connections *connections, struct MHD_Connection *connection, int64_t until_us);
/* Shuts down the sockets of those that are late. */
void connections_cut(Connections *connections, int64_t now_us);
unsigned connections_count(Connections *connections);
