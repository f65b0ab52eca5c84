/* The engine's side of the jail: hands messages to the warm parent, reads bounded answers, heals what died.
 *
 * Each request carries its own two pipes, so threads never wait for each other's answers; the lock is held only to send
 * and to restart. */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "limits.h"
#include "protocol.h"

struct Jail {
    pthread_mutex_t lock; /* not GMutex: the thread sanitizer sees through this one */
    pthread_cond_t worker_free;
    char *program;
    unsigned workers, busy;
    Process parent;
    unsigned generation; /* counts the parents, so that one death is healed once */
    JailCounters counters;
};

/* How one request ended. */
typedef enum Outcome {
    OUTCOME_ANSWERED,
    OUTCOME_REFUSED,     /* the reader says why not */
    OUTCOME_KILLED,      /* the child was ended by its limits or broke down, or answered too much */
    OUTCOME_INTERRUPTED, /* the child was ended from outside, which says nothing about the message: ask again */
    OUTCOME_PARENT_GONE, /* ask again */
} Outcome;

typedef struct Answer {
    Buffer bytes;
    SaldoError refusal;
    const char *trouble; /* of OUTCOME_KILLED; static */
} Answer;

/* ---- Starting and healing ------------------------------------------------------------------------------------------ */

Jail *jail_start_program(const char *program, unsigned workers, GError **error)
{
    Process parent;
    if (!process_start(program, NULL, -1, &parent, error))
        return NULL;
    Jail *jail = g_new0(Jail, 1);
    pthread_mutex_init(&jail->lock, NULL);
    pthread_cond_init(&jail->worker_free, NULL);
    jail->program = g_strdup(program);
    jail->workers = CLAMP(workers, 1, JAIL_WORKERS_MAX);
    jail->parent = parent;
    return jail;
}

Jail *jail_start(unsigned workers, GError **error)
{
    return jail_start_program("saldo-jail", workers, error);
}

void jail_stop(Jail *jail)
{
    if (jail == NULL)
        return;
    process_stop(&jail->parent, SIGKILL); /* its children are tied to it */
    pthread_mutex_destroy(&jail->lock);
    pthread_cond_destroy(&jail->worker_free);
    g_free(jail->program);
    g_free(jail);
}

/* Replaces the parent unless another thread has done so since this generation. Called with the lock held. */
static bool replace_parent(Jail *jail, unsigned generation, GError **error)
{
    if (jail->generation != generation)
        return true;
    process_stop(&jail->parent, SIGKILL);
    jail->generation++;
    jail->counters.restarted++;
    log_warning("jail", "the jail's parent process is gone; a new one is started");
    if (process_start(jail->program, NULL, -1, &jail->parent, error))
        return true;
    jail->parent = (Process){ .socket = -1 };
    return false;
}

JailCounters jail_counters(Jail *jail)
{
    pthread_mutex_lock(&jail->lock);
    JailCounters counters = jail->counters;
    pthread_mutex_unlock(&jail->lock);
    return counters;
}

int jail_parent_pid(Jail *jail)
{
    pthread_mutex_lock(&jail->lock);
    int pid = jail->parent.pid;
    pthread_mutex_unlock(&jail->lock);
    return pid;
}

/* ---- Sending a request ------------------------------------------------------------------------------------------------ */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Our ends of one request; -1 where closed. */
typedef struct Request {
    int answer, end;
    int theirs[JAIL_REQUEST_FDS];
} Request;

static void request_done(Request *request)
{
    close_fd(&request->answer);
    close_fd(&request->end);
    for (size_t i = 0; i < JAIL_REQUEST_FDS; i++)
        close_fd(&request->theirs[i]);
}

#define REQUEST_AUTO __attribute__((cleanup(request_done))) Request

/* The message as a memory file that nobody can change any more. */
static int seal_message(Span raw)
{
    int file = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool written = file >= 0;
    while (written && raw.length > 0) {
        ssize_t count = write(file, raw.at, raw.length);
        written = count > 0 || (count < 0 && errno == EINTR);
        raw = span_slice(raw, count > 0 ? (size_t)count : 0, raw.length);
    }
    if (written && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return file;
    close_fd(&file);
    return -1;
}

static bool request_open(Request *request, Span raw, GError **error)
{
    int answer[2] = { -1, -1 }, end[2] = { -1, -1 };
    bool opened = pipe2(answer, O_CLOEXEC) == 0 && pipe2(end, O_CLOEXEC) == 0;
    *request = (Request){ answer[0], end[0], { -1, answer[1], end[1] } };
    request->theirs[JAIL_MESSAGE_FD] = opened ? seal_message(raw) : -1;
    if (request->theirs[JAIL_MESSAGE_FD] >= 0)
        return true;
    error_set(error, SALDO_ERROR_UNAVAILABLE, "no memory file or pipe for the jail (%s): try again", strerror(errno));
    return false;
}

static bool send_packet(int socket, const JailRequest *words, const Request *request)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * JAIL_REQUEST_FDS)];
    } control = { 0 };
    struct iovec body = { (void *)words, sizeof *words };
    struct msghdr packet
        = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * JAIL_REQUEST_FDS);
    memcpy(CMSG_DATA(rights), request->theirs, sizeof(int) * JAIL_REQUEST_FDS);
    /* Never blocks: the socket holds more packets than there are workers. */
    return sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof *words;
}

/* ---- Waiting for the end ------------------------------------------------------------------------------------------------ */

/* Takes what the pipe holds; closes it at its end or once it has brought too much. */
static void take_answer(Request *request, Buffer *bytes)
{
    char room[64 * 1024];
    ssize_t count = read(request->answer, room, sizeof room);
    if (count < 0 && errno == EINTR)
        return;
    if (count <= 0 || !buffer_append(bytes, (Span){ room, (size_t)count }))
        close_fd(&request->answer);
}

/* Takes the parent's word; false where the pipe ends without one. */
static bool take_end(Request *request, JailEnd *ret_end)
{
    ssize_t count = read(request->end, ret_end, sizeof *ret_end);
    close_fd(&request->end);
    return count == (ssize_t)sizeof *ret_end;
}

/* Reads both pipes to their end. False where the parent is gone, or silent beyond all limits. */
static bool await(Request *request, Buffer *bytes, JailEnd *ret_end)
{
    int64_t deadline_us = time_monotonic_us() + JAIL_WALL_US + JAIL_PARENT_GRACE_US;
    while (request->answer >= 0 || request->end >= 0) {
        int64_t left_us = deadline_us - time_monotonic_us();
        struct pollfd ends[] = { { request->answer, POLLIN, 0 }, { request->end, POLLIN, 0 } };
        if (left_us <= 0 || (poll(ends, G_N_ELEMENTS(ends), (int)(left_us / 1000) + 1) < 0 && errno != EINTR))
            return false;
        if (ends[0].revents != 0)
            take_answer(request, bytes);
        if (ends[1].revents != 0 && !take_end(request, ret_end))
            return false;
    }
    return true;
}

/* What the message did to its reader; NULL where somebody else ended it (an administrator, the system out of memory). */
static const char *killed_text(const JailEnd *end)
{
    if (end->timed_out != 0)
        return "reading the message took too long and was stopped";
    if (!WIFSIGNALED(end->wait_status))
        return "the reader gave up on the message";
    switch (WTERMSIG(end->wait_status)) {
    case SIGXCPU: return "reading the message took too much computing time and was stopped";
    case SIGSYS: return "reading the message led to something that is forbidden and was stopped";
    case SIGTRAP: /* how GLib ends when memory is refused */
    case SIGABRT: return "reading the message took too much memory or came to a contradiction and was stopped";
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE: return "the reader broke down on the message";
    default: return NULL;
    }
}

static Outcome judge_end(const JailEnd *end, Answer *answer)
{
    if (answer->bytes.overflowed) {
        answer->trouble = "reading the message gave more than can be taken";
        return OUTCOME_KILLED;
    }
    int code = WIFEXITED(end->wait_status) ? WEXITSTATUS(end->wait_status) : -1;
    if (code == 0 && end->timed_out == 0)
        return OUTCOME_ANSWERED;
    if (code >= JAIL_EXIT_REFUSED && code <= JAIL_EXIT_REFUSED + SALDO_ERROR_IO) {
        answer->refusal = (SaldoError)(code - JAIL_EXIT_REFUSED);
        return OUTCOME_REFUSED;
    }
    answer->trouble = killed_text(end);
    return answer->trouble == NULL ? OUTCOME_INTERRUPTED : OUTCOME_KILLED;
}

/* ---- Asking ------------------------------------------------------------------------------------------------------------------ */

/* One try. `*generation` is the parent that was asked. */
static bool ask_once(Jail *jail, const JailRequest *words, Span raw, Answer *answer, Outcome *ret_outcome,
    unsigned *generation, GError **error)
{
    REQUEST_AUTO request;
    JailEnd end = { 0 };
    if (!request_open(&request, raw, error))
        return false;
    pthread_mutex_lock(&jail->lock);
    *generation = jail->generation;
    bool sent = jail->parent.socket >= 0 && send_packet(jail->parent.socket, words, &request);
    pthread_mutex_unlock(&jail->lock);
    for (size_t i = 0; i < JAIL_REQUEST_FDS; i++)
        close_fd(&request.theirs[i]);
    *ret_outcome = sent && await(&request, &answer->bytes, &end) ? judge_end(&end, answer) : OUTCOME_PARENT_GONE;
    return true;
}

/* Makes ready for another try after an outcome that says nothing about the message. */
static bool heal(Jail *jail, Outcome outcome, unsigned generation, GError **error)
{
    pthread_mutex_lock(&jail->lock);
    jail->counters.interrupted += outcome == OUTCOME_INTERRUPTED;
    bool healed = outcome == OUTCOME_INTERRUPTED || replace_parent(jail, generation, error);
    pthread_mutex_unlock(&jail->lock);
    return healed;
}

static bool ask_twice(Jail *jail, const JailRequest *words, Span raw, Answer *answer, Outcome *ret_outcome, GError **error)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        unsigned generation;
        buffer_clear(&answer->bytes);
        if (!ask_once(jail, words, raw, answer, ret_outcome, &generation, error))
            return false;
        if (*ret_outcome != OUTCOME_PARENT_GONE && *ret_outcome != OUTCOME_INTERRUPTED)
            return true;
        if (!heal(jail, *ret_outcome, generation, error))
            return false;
    }
    error_set(error, SALDO_ERROR_UNAVAILABLE, "%s was ended from outside twice in a row: try again",
        *ret_outcome == OUTCOME_INTERRUPTED ? "the message's reader" : "the jail's parent process");
    return false;
}

static void take_worker(Jail *jail)
{
    pthread_mutex_lock(&jail->lock);
    while (jail->busy == jail->workers)
        pthread_cond_wait(&jail->worker_free, &jail->lock);
    jail->busy++;
    jail->counters.asked++;
    pthread_mutex_unlock(&jail->lock);
}

static void give_worker_back(Jail *jail, bool was_asked, Outcome outcome)
{
    pthread_mutex_lock(&jail->lock);
    jail->busy--;
    jail->counters.killed += was_asked && outcome == OUTCOME_KILLED;
    jail->counters.answered += was_asked && outcome != OUTCOME_KILLED;
    pthread_cond_signal(&jail->worker_free);
    pthread_mutex_unlock(&jail->lock);
}

/* False with `error` (UNAVAILABLE, IO) where the jail cannot be had. */
static bool ask(Jail *jail, const JailRequest *words, Span raw, Answer *answer, Outcome *ret_outcome, GError **error)
{
    take_worker(jail);
    bool was_asked = ask_twice(jail, words, raw, answer, ret_outcome, error);
    give_worker_back(jail, was_asked, was_asked ? *ret_outcome : OUTCOME_PARENT_GONE);
    return was_asked;
}

/* A refusal's text comes from the child: made clean here. */
static char *refusal_text(const Answer *answer)
{
    return text_clean(buffer_span(&answer->bytes), JAIL_REFUSAL_BYTES);
}

static char *too_large_text(Span raw)
{
    return g_strdup_printf("the message has %zu bytes; at most %lu are read", raw.length, LIMIT_MESSAGE_BYTES);
}

/* ---- The three questions ---------------------------------------------------------------------------------------------------------- */

static Extraction *unreadable(const char *trouble)
{
    Extraction *extraction = extraction_new();
    extraction->readable = false;
    extraction->trouble = g_strdup(trouble);
    extraction->summary = mail_summary_new();
    return extraction;
}

Extraction *extraction_decode(Span text)
{
    g_autoptr(GError) trouble = NULL;
    JSON_AUTO *json = json_read(text, LIMIT_EXTRACTION_BYTES, "the reader's answer", &trouble);
    Extraction *extraction = json == NULL ? NULL : extraction_from_json(json, &trouble);
    return extraction != NULL ? extraction : unreadable("the reader's answer makes no sense");
}

Extraction *jail_extract(Jail *jail, Span raw, bool is_mail, GError **error)
{
    if (raw.length > LIMIT_MESSAGE_BYTES) {
        g_autofree char *trouble = too_large_text(raw);
        return unreadable(trouble);
    }
    const JailRequest words = { .kind = JAIL_EXTRACT, .flag = is_mail };
    Answer answer = { .bytes = BUFFER_INIT(LIMIT_EXTRACTION_BYTES) };
    Outcome outcome;
    Extraction *extraction = NULL;
    if (ask(jail, &words, raw, &answer, &outcome, error)) {
        g_autofree char *refusal = outcome == OUTCOME_REFUSED ? refusal_text(&answer) : NULL;
        extraction = outcome == OUTCOME_ANSWERED ? extraction_decode(buffer_span(&answer.bytes))
                                                 : unreadable(refusal != NULL ? refusal : answer.trouble);
    }
    buffer_done(&answer.bytes);
    return extraction;
}

/* Asks for bytes. On true they are in *answer, which the caller frees either way. */
static bool ask_for_bytes(Jail *jail, const JailRequest *words, Span raw, Answer *answer, GError **error)
{
    Outcome outcome;
    if (raw.length > LIMIT_MESSAGE_BYTES) {
        g_autofree char *trouble = too_large_text(raw);
        error_set(error, SALDO_ERROR_LIMIT, "%s", trouble);
        return false;
    }
    if (!ask(jail, words, raw, answer, &outcome, error))
        return false;
    if (outcome == OUTCOME_ANSWERED)
        return true;
    g_autofree char *refusal = outcome == OUTCOME_REFUSED ? refusal_text(answer) : NULL;
    error_set(error, refusal != NULL ? answer->refusal : SALDO_ERROR_BAD_INPUT, "%s",
        refusal != NULL ? refusal : answer->trouble);
    return false;
}

char *jail_render_body(Jail *jail, Span raw, bool allow_remote_pictures, GError **error)
{
    const JailRequest words = { .kind = JAIL_RENDER, .flag = allow_remote_pictures };
    Answer answer = { .bytes = BUFFER_INIT(LIMIT_EXTRACTION_BYTES) };
    char *html = NULL;
    if (ask_for_bytes(jail, &words, raw, &answer, error)) {
        Span bytes = buffer_span(&answer.bytes);
        if (g_utf8_validate_len(bytes.at, bytes.length, NULL))
            html = g_strndup(bytes.at, bytes.length);
        else
            error_set(error, SALDO_ERROR_BAD_INPUT, "the reader's answer is not text");
    }
    buffer_done(&answer.bytes);
    return html;
}

GBytes *jail_read_part(Jail *jail, Span raw, unsigned part, GError **error)
{
    const JailRequest words = { .kind = JAIL_READ_PART, .number = part };
    Answer answer = { .bytes = BUFFER_INIT(LIMIT_EXTRACTION_BYTES) };
    GBytes *bytes = NULL;
    if (ask_for_bytes(jail, &words, raw, &answer, error)) {
        Span taken = buffer_span(&answer.bytes);
        bytes = g_bytes_new(taken.at, taken.length);
    }
    buffer_done(&answer.bytes);
    return bytes;
}
