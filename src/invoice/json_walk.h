/* Visiting what stands in a JSON document, in document order, by a list and not by recursion. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct JsonPlace {
    const json_t *node;  /* an object or an array */
    const json_t *owner; /* the nearest object around it, or NULL */
} JsonPlace;

typedef struct JsonWalk {
    GArray *waiting; /* JsonPlace, the next one last */
    size_t visited;
} JsonWalk;

void json_walk_init(JsonWalk *walk);
void json_walk_done(JsonWalk *walk);
#define JSON_WALK_AUTO __attribute__((cleanup(json_walk_done))) JsonWalk

/* To be visited before all that waits; what is neither object nor array is passed over. */
void json_walk_push(JsonWalk *walk, const json_t *node, const json_t *owner);
/* All that stands directly in the place, its first child to be visited first. */
void json_walk_push_children(JsonWalk *walk, const JsonPlace *place);
/* The next place; false at the end, or after JSON_LD_NODES_MAX of them. */
bool json_walk_next(JsonWalk *walk, JsonPlace *ret_place);
