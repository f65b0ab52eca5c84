/* Routes: which request goes to which handler, on which workers, and what it must bring. */
#pragma once

#include "request.h"

/* Workers of one kind never wait for another kind's slowness. */
typedef enum RouteLane {
    LANE_INLINE,   /* answered at once on the event thread: touches memory alone */
    LANE_STORE,    /* reads and commits */
    LANE_PASSWORD, /* 0.1 s of CPU by design */
    LANE_JAIL,     /* hostile mail */
    LANE_OUTSIDE,  /* billers and processors */
    LANE_COUNT,
} RouteLane;
const char *route_lane_name(RouteLane lane);

struct Route {
    const char *method;
    const char *pattern; /* "{…}" takes one segment: {id} a UUID, {part} digits, {name} a short word */
    RouteLane lane;
    bool needs_session, needs_csrf, needs_key, takes_json;
    HttpHandler *handler;
    /* How an answer that was kept for the key is given again; NULL: word for word. */
    HttpReplay *replay;
};

typedef enum RouteMatch { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD } RouteMatch;

/* Sets request->route and its parameters, from request->path and ->method. */
RouteMatch route_find(HttpRequest *request);
/* "GET, POST": what the path takes; newly allocated. */
char *route_methods(const HttpRequest *request);
size_t route_count(void);
const Route *route_at(size_t index);
size_t route_index(const Route *route);
/* True for paths that belong to the API, or look as if they did, and never to the web app. */
bool route_is_api_path(const char *path);
/* True for the web app's files: what is not there is no page either. */
bool route_is_asset_path(const char *path);
/* The web app's pages, made on the store's workers (they name approved processors). */
const Route *route_page(void);
const Route *route_file(void);
