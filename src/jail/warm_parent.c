/* The warm parent: one thread, one loop. It never looks into a message. */
#include "warm_parent.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/process.h"
#include "limits.h"
#include "sandbox.h"

typedef struct Child {
    pid_t pid; /* 0: the place is free */
    int end_fd;
    int64_t deadline_us;
    bool timed_out;
} Child;

static Child children[JAIL_WORKERS_MAX];

/* ---- The child ---------------------------------------------------------------------------------------------------- */

/* Descriptor 3 was the socket to the engine; in a child it is the pipe for the answer and all that is left open. */
enum { CHILD_ANSWER = PROCESS_SOCKET };

static void write_answer(Span answer)
{
    while (answer.length > 0) {
        ssize_t written = write(CHILD_ANSWER, answer.at, answer.length);
        if (written <= 0)
            return; /* the engine has heard enough */
        answer = span_slice(answer, (size_t)written, answer.length);
    }
}

static void __attribute__((noreturn)) be_child(JailReader *reader, const JailRequest *request, const int *fds, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    off_t length = lseek(fds[JAIL_MESSAGE_FD], 0, SEEK_END);
    const char *at = length <= 0 ? "" : mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, fds[JAIL_MESSAGE_FD], 0);
    if (getppid() != parent || at == MAP_FAILED || dup2(fds[JAIL_ANSWER_FD], CHILD_ANSWER) < 0
        || close_range(CHILD_ANSWER + 1, ~0U, 0) != 0 || close_range(0, CHILD_ANSWER - 1, 0) != 0)
        _exit(1);
    sandbox_enter_child();
    BUFFER_AUTO answer = BUFFER_INIT(LIMIT_EXTRACTION_BYTES);
    int code = reader(request, (Span){ at, length < 0 ? 0 : (size_t)length }, &answer);
    write_answer(buffer_span(&answer));
    _exit(code);
}

/* ---- The parent ------------------------------------------------------------------------------------------------------ */

/* Out of state: nothing can be trusted any more; the engine starts a new parent. */
static void __attribute__((noreturn)) die(void)
{
    _exit(2);
}

static Child *free_place(void)
{
    for (size_t i = 0; i < JAIL_WORKERS_MAX; i++)
        if (children[i].pid == 0)
            return &children[i];
    die();
}

/* One packet with its descriptors; false where there is none waiting. Anything malformed is out of state. */
static bool receive(JailRequest *request, int fds[JAIL_REQUEST_FDS])
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * JAIL_REQUEST_FDS)];
    } control = { 0 };
    struct iovec body = { request, sizeof *request };
    struct msghdr packet
        = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    ssize_t length = recvmsg(PROCESS_SOCKET, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    const struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
    if (length != sizeof *request || (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || rights == NULL
        || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(sizeof(int) * JAIL_REQUEST_FDS))
        die(); /* also the ordinary end: the engine has closed its side */
    memcpy(fds, CMSG_DATA(rights), sizeof(int) * JAIL_REQUEST_FDS);
    return true;
}

static void start_child(JailReader *reader, const JailRequest *request, const int *fds)
{
    Child *child = free_place();
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        be_child(reader, request, fds, self);
    if (pid < 0)
        die(); /* no process to be had: the engine tries again */
    *child = (Child){ .pid = pid, .end_fd = fds[JAIL_END_FD], .deadline_us = time_monotonic_us() + JAIL_WALL_US };
    close(fds[JAIL_MESSAGE_FD]);
    close(fds[JAIL_ANSWER_FD]);
}

static void tell_end(Child *child, int wait_status)
{
    const JailEnd end = { .wait_status = wait_status, .timed_out = child->timed_out };
    ssize_t written = write(child->end_fd, &end, sizeof end);
    (void)written; /* the engine may have gone on */
    close(child->end_fd);
    *child = (Child){ 0 };
}

/* A child that will not hear SIGXCPU meets SIGKILL at the hard limit: that is our limit too, and not somebody outside. */
static bool used_its_time(const struct rusage *used)
{
    return used->ru_utime.tv_sec + used->ru_stime.tv_sec >= JAIL_CPU_SECONDS;
}

static void reap(void)
{
    int wait_status;
    struct rusage used;
    for (pid_t pid; (pid = wait4(-1, &wait_status, WNOHANG, &used)) > 0;)
        for (size_t i = 0; i < JAIL_WORKERS_MAX; i++)
            if (children[i].pid == pid) {
                children[i].timed_out |= WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL && used_its_time(&used);
                tell_end(&children[i], wait_status);
            }
}

/* Kills who is over time; returns the time until the next one will be, -1 where nobody runs. */
static int64_t enforce_deadlines(void)
{
    int64_t now_us = time_monotonic_us(), next_us = -1;
    for (size_t i = 0; i < JAIL_WORKERS_MAX; i++) {
        Child *child = &children[i];
        if (child->pid == 0 || child->timed_out)
            continue;
        int64_t left_us = child->deadline_us - now_us;
        if (left_us <= 0) {
            child->timed_out = true;
            kill(child->pid, SIGKILL);
        } else if (next_us < 0 || left_us < next_us) {
            next_us = left_us;
        }
    }
    return next_us;
}

static void note_child_ended(int signal_number)
{
    (void)signal_number; /* its arrival interrupts ppoll; that is all it is for */
}

/* SIGCHLD comes through only while the loop waits, so none is missed. */
static sigset_t prepare_signals(void)
{
    struct sigaction ended = { .sa_handler = note_child_ended }, ignored = { .sa_handler = SIG_IGN };
    sigset_t blocked, waiting;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    g_assert(sigaction(SIGCHLD, &ended, NULL) == 0 && sigaction(SIGPIPE, &ignored, NULL) == 0);
    g_assert(sigprocmask(SIG_BLOCK, &blocked, &waiting) == 0);
    sigdelset(&waiting, SIGCHLD);
    return waiting;
}

/* GLib's own handler would look at files and terminals before it ends the process, and so die for that instead. */
static void say_nothing(const char *domain, GLogLevelFlags level, const char *text, void *data)
{
}

void warm_parent_run(JailReader *reader)
{
    g_log_set_default_handler(say_nothing, NULL);
    sandbox_prepare();
    const sigset_t waiting = prepare_signals();
    sandbox_enter_parent();
    for (;;) {
        int64_t left_us = enforce_deadlines();
        const struct timespec timeout = { left_us / US_PER_SECOND, left_us % US_PER_SECOND * 1000 };
        struct pollfd socket = { .fd = PROCESS_SOCKET, .events = POLLIN };
        int ready = ppoll(&socket, 1, left_us < 0 ? NULL : &timeout, &waiting);
        reap();
        JailRequest request;
        int fds[JAIL_REQUEST_FDS];
        if (ready > 0 && receive(&request, fds))
            start_child(reader, &request, fds);
    }
}
