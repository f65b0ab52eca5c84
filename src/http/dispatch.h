/* What a worker does with a request: session, CSRF value, body, key, handler. */
#pragma once

#include "server.h"

void dispatch_run(Server *server, HttpRequest *request, HttpReply *reply);
