/* Sessions: who asks, proved by a cookie whose SHA-256 alone is stored, and the CSRF value beside it. */
#pragma once

#include "server.h"

/* "__Host-": only this host, only over https or loopback (Chromium takes it on http://127.0.0.1), path "/". */
#define SESSION_COOKIE "__Host-saldo"

/* Fills request->account, session_csrf and session_hash; false with a problem as reply. */
bool session_require(Server *server, HttpRequest *request, HttpReply *reply);
/* The CSRF header carries the session's value. */
bool session_check_csrf(const HttpRequest *request, HttpReply *reply);
