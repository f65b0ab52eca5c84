/* Lines and bytes of one LMTP connection. */
#include "lmtp_io.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Replies of one pipelined batch: 100 recipients of 600 bytes each. */
enum { LMTP_REPLIES_MAX = 64 * 1024 };

void lmtp_io_init(LmtpIo *io, int socket)
{
    io->socket = socket;
    io->start = io->end = 0;
    io->output = BUFFER_INIT(LMTP_REPLIES_MAX);
    io->failed = false;
}

void lmtp_io_done(LmtpIo *io)
{
    buffer_done(&io->output);
}

bool lmtp_io_flush(LmtpIo *io)
{
    Span rest = buffer_span(&io->output);
    while (rest.length > 0 && !io->failed) {
        ssize_t sent = send(io->socket, rest.at, rest.length, MSG_NOSIGNAL);
        if (sent > 0)
            rest = span_slice(rest, (size_t)sent, rest.length);
        else if (sent == 0 || errno != EINTR)
            io->failed = true;
    }
    buffer_clear(&io->output);
    return !io->failed;
}

void lmtp_io_reply(LmtpIo *io, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    /* One reply is one line: what came from outside must not make it two. */
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    if (io->output.length + strlen(text) + 2 > io->output.maximum)
        lmtp_io_flush(io);
    buffer_append_text(&io->output, text);
    buffer_append(&io->output, SPAN("\r\n"));
}

/* Reads more input; waiting replies go out first, since the client may be waiting for them. */
static bool fill(LmtpIo *io)
{
    if (!lmtp_io_flush(io))
        return false;
    for (;;) {
        ssize_t got = recv(io->socket, io->input, sizeof io->input, 0);
        if (got > 0) {
            io->start = 0;
            io->end = (size_t)got;
            return true;
        }
        if (got == 0 || errno != EINTR) {
            io->failed = true;
            return false;
        }
    }
}

static Span unread(const LmtpIo *io)
{
    return (Span){ io->input + io->start, io->end - io->start };
}

LmtpLine lmtp_io_line(LmtpIo *io, Buffer *line)
{
    buffer_clear(line);
    for (;;) {
        if (io->start == io->end && !fill(io))
            return LMTP_LINE_END;
        Span input = unread(io);
        size_t end = span_find_byte(input, '\n');
        buffer_append(line, span_slice(input, 0, end));
        io->start += MIN(end + 1, input.length);
        if (end < input.length)
            break;
    }
    if (line->overflowed)
        return LMTP_LINE_TOO_LONG;
    if (line->length > 0 && line->data[line->length - 1] == '\r')
        line->data[--line->length] = '\0';
    return LMTP_LINE;
}

bool lmtp_io_exactly(LmtpIo *io, size_t length, Buffer *into)
{
    while (length > 0) {
        if (io->start == io->end && !fill(io))
            return false;
        Span part = span_slice(unread(io), 0, length);
        buffer_append(into, part);
        io->start += part.length;
        length -= part.length;
    }
    return true;
}

/* Where the reader stands in "…CRLF . CRLF". */
typedef enum DataState { DATA_LINE_START, DATA_INSIDE, DATA_CR, DATA_DOT, DATA_DOT_CR } DataState;

/* Takes one byte; returns true at the end of the data. */
static bool data_byte(DataState *state, char byte, Buffer *into)
{
    switch (*state) {
    case DATA_LINE_START:
        if (byte == '.') {
            *state = DATA_DOT;
            return false;
        }
        break;
    case DATA_DOT:
        if (byte == '\r') {
            *state = DATA_DOT_CR;
            return false;
        }
        break; /* the stuffed dot is dropped, the rest of the line stays */
    case DATA_DOT_CR:
        if (byte == '\n')
            return true;
        buffer_append_byte(into, '\r');
        break;
    case DATA_CR:
        if (byte == '\n') {
            buffer_append_byte(into, byte);
            *state = DATA_LINE_START;
            return false;
        }
        break;
    case DATA_INSIDE: break;
    }
    buffer_append_byte(into, byte);
    *state = byte == '\r' ? DATA_CR : DATA_INSIDE;
    return false;
}

bool lmtp_io_data(LmtpIo *io, Buffer *into)
{
    DataState state = DATA_LINE_START;
    for (;;) {
        if (io->start == io->end && !fill(io))
            return false;
        if (state == DATA_INSIDE) { /* the common case: a run without CR */
            Span input = unread(io);
            size_t run = span_find_byte(input, '\r');
            buffer_append(into, span_slice(input, 0, run));
            io->start += run;
        }
        while (io->start < io->end) {
            if (data_byte(&state, io->input[io->start++], into))
                return true;
            if (state == DATA_INSIDE)
                break;
        }
    }
}
