/* From libmicrohttpd's view of a request to ours, with the checks that need no database. */
#pragma once

#include "exchange.h"

/* Reads the request line and the headers. False: exchange->reply is a problem to be sent now. */
bool receive_head(Exchange *exchange, const char *method, const char *path);
/* Keeps a piece of the body; false where there is so much that the connection should end. */
bool receive_body(Exchange *exchange, Span piece);
/* False: exchange->reply is a problem (too large, not JSON by its type). */
bool receive_end(Exchange *exchange);
