/* The warm parent of saldo-jail: forks children that wait for one message each, and tells how each ended. */
#pragma once

#include "base/buffer.h"
#include "base/span.h"
#include "protocol.h"

/* What a child does with its message: 0 and the answer, or JAIL_EXIT_REFUSED + SaldoError and a text;
 * anything else is the end without a word. */
typedef int JailReader(const JailRequest *request, Span message, Buffer *answer);

/* Closes the walls, then serves; ends the program when the socket ends. */
void warm_parent_run(JailReader *reader) __attribute__((noreturn));
