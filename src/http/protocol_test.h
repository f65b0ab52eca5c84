/* What the files of the protocol's test program share: raw connections to the server. */
#pragma once

#include "test_world.h"

extern World *world;
void add_events_tests(void);
void add_wire_tests(void);

/* A raw connection with an open event stream of this client; `last_event_id` may be NULL. */
int open_stream(const Client *client, const char *last_event_id);
/* A connected TCP socket. */
int wire_connect(void);
void wire_send(int connection, const char *data, size_t length);
/* Everything until the server closes, `until` was seen, or `wait_ms` passed. */
GString *wire_read(int connection, const char *until, int wait_ms);
/* "Host: …" line of the server. */
char *wire_host(void);
