/* One LMTP dialogue (RFC 2033) on a connected socket; private to intake. */
#pragma once

#include "intake/intake.h"

/* Talks until the client quits, errs too often or is silent for too long. Closes nothing. */
void lmtp_session_run(int socket, const Intake *intake, const LmtpOptions *options);
/* The reply to a client for whom there is no room. */
void lmtp_session_refuse(int socket);
