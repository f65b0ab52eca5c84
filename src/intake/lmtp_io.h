/* Lines and bytes of one LMTP connection, bounded in size and time; private to intake. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/span.h"

typedef struct LmtpIo {
    int socket;
    char input[16384];
    size_t start, end; /* unread bytes of `input` */
    Buffer output;     /* replies that wait until the input runs dry (PIPELINING, RFC 2920) */
    bool failed;       /* the peer is gone or too slow */
} LmtpIo;

void lmtp_io_init(LmtpIo *io, int socket);
void lmtp_io_done(LmtpIo *io);

typedef enum LmtpLine { LMTP_LINE, LMTP_LINE_TOO_LONG, LMTP_LINE_END } LmtpLine;
/* One command line without its CRLF (a bare LF is tolerated here, never in message data). A line that is too long is
 * read to its end and reported. */
LmtpLine lmtp_io_line(LmtpIo *io, Buffer *line);
/* Exactly `length` bytes into `into` (discarded once it overflowed). False when the connection broke. */
bool lmtp_io_exactly(LmtpIo *io, size_t length, Buffer *into);
/* Message data up to <CRLF>.<CRLF>, dots unstuffed (RFC 5321 §4.5.2). Only CRLF ends a line: a bare LF before a dot
 * never ends the data ("SMTP smuggling"). False when the connection broke. */
bool lmtp_io_data(LmtpIo *io, Buffer *into);

void lmtp_io_reply(LmtpIo *io, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool lmtp_io_flush(LmtpIo *io);
