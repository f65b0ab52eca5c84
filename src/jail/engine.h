/* The engine's side, as its own files and tests see it. */
#pragma once

#include "jail/jail.h"
#include "queue.h"

/* The limits of jail_start. */
QueueLimits jail_limits(unsigned workers);

/* As jail_start, with another program than saldo-jail: one that is built from the same parent and walls. */
Jail *jail_start_program(const char *program, const QueueLimits *limits, GError **error);

/* What the answer to JAIL_EXTRACT says; never NULL. `text` is as hostile as the message was. */
Extraction *extraction_decode(Span text);
