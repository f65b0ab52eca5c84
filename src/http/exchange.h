/* One request on its way through the server, and the table of those whose connection is suspended.
 *
 * A suspended connection neither times out nor notices that its client is gone: whoever answers first (the
 * worker, or the watch when the deadline is over) resumes it, the other's reply is dropped.
 */
#pragma once

#include "connections.h"
#include "server.h"

typedef struct Exchange {
    Server *server;
    struct MHD_Connection *connection;
    HttpRequest request;
    HttpReply reply;
    bool is_prepared;       /* the headers were read */
    bool body_too_large;
    gint references;
    gint answered;
    int64_t started_us, queued_us, deadline_us; /* monotonic */
} Exchange;

Exchanges *exchanges_new(void);
void exchanges_free(Exchanges *exchanges);
unsigned exchanges_count(Exchanges *exchanges);

Exchange *exchange_new(Server *server, struct MHD_Connection *connection);
Exchange *exchange_ref(Exchange *exchange);
void exchange_unref(Exchange *exchange);
/* The connection is suspended from here on; call on its event thread. */
void exchange_suspend(Exchange *exchange, int64_t deadline_us);
/* Takes the reply over and resumes the connection, unless somebody answered before: then drops it. */
void exchange_answer(Exchange *exchange, HttpReply *reply);
bool exchange_is_answered(Exchange *exchange);
/* Answers all whose deadline is over: no_answer_yet, or busy where `stopping`. */
void exchanges_answer_late(Exchanges *exchanges, int64_t now_us, bool stopping);
