/* A conversation: never blocks but in poll, until the child's time is over. */
#include "talk.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "limits.h"

typedef struct Talk {
    int socket;
    int64_t deadline_us;
} Talk;

/* False after the deadline. */
static bool wait_for(const Talk *talk, short event)
{
    int64_t left_us = talk->deadline_us - time_monotonic_us();
    struct pollfd socket = { talk->socket, event, 0 };
    if (left_us <= 0)
        return false;
    poll(&socket, 1, (int)(left_us / 1000) + 1); /* whatever it says, the next call on the socket says more */
    return true;
}

static bool is_over(ssize_t count)
{
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

static TalkEnd say(const Talk *talk, Span first, Span second)
{
    while (first.length + second.length > 0) {
        struct iovec both[] = { { (void *)first.at, first.length }, { (void *)second.at, second.length } };
        struct msghdr packet = { .msg_iov = both, .msg_iovlen = G_N_ELEMENTS(both) };
        ssize_t count = sendmsg(talk->socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (is_over(count))
            return TALK_BROKEN;
        if (count < 0 && !wait_for(talk, POLLOUT))
            return TALK_TOO_LATE;
        size_t taken = count < 0 ? 0 : (size_t)count, of_first = MIN(taken, first.length);
        first = span_slice(first, of_first, first.length);
        second = span_slice(second, taken - of_first, second.length);
    }
    return TALK_ANSWERED;
}

/* Some bytes, at least one. */
static TalkEnd hear(const Talk *talk, void *room, size_t most, size_t *ret_length)
{
    for (;;) {
        ssize_t count = recv(talk->socket, room, most, MSG_DONTWAIT);
        if (count > 0) {
            *ret_length = (size_t)count;
            return TALK_ANSWERED;
        }
        if (is_over(count))
            return TALK_BROKEN;
        if (!wait_for(talk, POLLIN))
            return TALK_TOO_LATE;
    }
}

static TalkEnd hear_reply(const Talk *talk, JailReply *ret_reply)
{
    char *at = (char *)ret_reply;
    for (size_t heard = 0, count; heard < sizeof *ret_reply; heard += count) {
        TalkEnd end = hear(talk, at + heard, sizeof *ret_reply - heard, &count);
        if (end != TALK_ANSWERED)
            return end;
    }
    return TALK_ANSWERED;
}

/* Exactly as many bytes as were announced; what comes behind them is never heard. */
static TalkEnd hear_answer(const Talk *talk, size_t length, Buffer *answer)
{
    char room[64 * 1024];
    while (answer->length < length) {
        size_t count;
        TalkEnd end = hear(talk, room, MIN(sizeof room, length - answer->length), &count);
        if (end != TALK_ANSWERED)
            return end;
        if (!buffer_append(answer, (Span){ room, count }))
            return TALK_TOO_MUCH;
    }
    return TALK_ANSWERED;
}

TalkEnd talk(int socket, const JailRequest *request, Span message, Buffer *answer, uint32_t *ret_code)
{
    const Talk talk = { socket, time_monotonic_us() + JAIL_WALL_US };
    const JailTask task = { .request = *request, .bytes = (uint32_t)message.length };
    JailReply reply;
    TalkEnd end = say(&talk, (Span){ (const char *)&task, sizeof task }, message);
    if (end == TALK_ANSWERED)
        end = hear_reply(&talk, &reply);
    if (end == TALK_ANSWERED && reply.bytes > answer->maximum)
        return TALK_TOO_MUCH;
    if (end == TALK_ANSWERED)
        end = hear_answer(&talk, reply.bytes, answer);
    if (end == TALK_ANSWERED)
        *ret_code = reply.code;
    return end;
}
