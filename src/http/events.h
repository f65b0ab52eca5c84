/* Server push: GET /v1/events as text/event-stream over suspended connections.
 *
 * One thread reads new events (woken by commits of this process, and by a poll for those of others), renders
 * them for each stream whose reader may see them, and resumes its connection. Ids only: what happened is read by
 * the ordinary requests, with their own checks.
 */
#pragma once

#include "server.h"

Events *events_start(Server *server);
/* Ends every stream and the thread; before the daemon is stopped. */
void events_stop(Events *events);
void events_free(Events *events);
/* The commit hook: something may have been added. */
void events_wake(void *events);
unsigned events_count(Events *events);
/* Somebody signed out: his streams end. NULL: all. */
void events_end_session(Events *events, const char *session_hash);

/* The response that carries the stream; takes the stream over. NULL: it could not be made, the stream is gone. */
struct MHD_Response *events_open(Events *events, EventStream *stream, struct MHD_Connection *connection);
