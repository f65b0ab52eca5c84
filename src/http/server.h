/* What the files of this room share about the running server: its parts, its lanes, its small tables. */
#pragma once

#include <microhttpd.h>

#include "http/http.h"
#include "lane.h"
#include "origin.h"
#include "route.h"

typedef struct Connections Connections;
typedef struct Exchanges Exchanges;
typedef struct Events Events;
typedef struct Files Files;
typedef struct Tries Tries;
typedef struct RunningKeys RunningKeys;
typedef struct ProcessorKeys ProcessorKeys;
typedef struct Counters Counters;
typedef struct Metrics Metrics;
typedef struct Readiness Readiness;

struct Server {
    HttpParts parts;
    Origin origin;            /* what browsers call us */
    struct MHD_Daemon *daemon;
    Lane *lanes[LANE_COUNT];  /* none for LANE_INLINE */
    GThread *watch;           /* deadlines */
    gint stopping;            /* atomic */
    gint active;              /* atomic: requests between their headers and the end of their reply */
    int port;
    int64_t outside_us;       /* how long a client waits for a biller */
    char *cursor_key;         /* hex; signs cursors, kept in the store */
    Connections *connections;
    Exchanges *exchanges;
    Events *events;
    Files *files;
    Tries *tries;
    RunningKeys *running_keys;
    ProcessorKeys *processor_keys;
    Counters *counters;
    Metrics *metrics;
    Readiness *readiness;
    gint slow_tries;          /* atomic: sign-ins that wait */
};
