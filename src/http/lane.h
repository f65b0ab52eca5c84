/* A lane: a bounded queue and the worker threads that empty it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Lane Lane;
typedef void LaneRun(void *job, void *context);

Lane *lane_start(const char *name, unsigned workers, size_t most, LaneRun *run, void *context);
/* False, and nothing queued, where the queue is full or the lane stops. */
bool lane_push(Lane *lane, void *job);
size_t lane_depth(Lane *lane);
/* Runs what is queued, then ends the workers; pushing fails from here on. */
void lane_stop(Lane *lane);
void lane_free(Lane *lane); /* after lane_stop */
