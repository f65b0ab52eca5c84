/* The warm parent: one thread, one loop. It never looks into a message; it does not even see one. */
#include "warm_parent.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/process.h"
#include "limits.h"
#include "sandbox.h"

static pid_t children[JAIL_PLACES_MAX]; /* 0: the place is free */

/* ---- The child ---------------------------------------------------------------------------------------------------- */

/* Descriptor 3 was the socket to the engine's side of the parent; in a child it is its own and all that is left open. */
enum { CHILD_SOCKET = PROCESS_SOCKET };

static bool take_bytes(void *to, size_t length)
{
    for (char *at = to; length > 0;) {
        ssize_t count = read(CHILD_SOCKET, at, length);
        if (count <= 0)
            return false; /* the engine has gone on */
        at += count;
        length -= (size_t)count;
    }
    return true;
}

static void give_bytes(Span bytes)
{
    while (bytes.length > 0) {
        ssize_t written = write(CHILD_SOCKET, bytes.at, bytes.length);
        if (written <= 0)
            return; /* the engine has heard enough */
        bytes = span_slice(bytes, (size_t)written, bytes.length);
    }
}

/* In one call, so that the engine wakes once. */
static void answer_with(uint32_t code, Span bytes)
{
    const JailReply reply = { .code = code, .bytes = (uint32_t)bytes.length };
    const struct iovec both[] = { { (void *)&reply, sizeof reply }, { (void *)bytes.at, bytes.length } };
    ssize_t written = writev(CHILD_SOCKET, both, G_N_ELEMENTS(both));
    if (written >= (ssize_t)sizeof reply)
        give_bytes(span_slice(bytes, (size_t)written - sizeof reply, bytes.length));
}

/* The memory that an ordinary message needs is made ours now, while nobody waits, instead of page by page while it is read. */
static void touch_memory(void)
{
    enum { BLOCK_BYTES = 4096 };
    char *blocks[JAIL_TOUCHED_BYTES / BLOCK_BYTES];
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
        blocks[i] = g_malloc(BLOCK_BYTES);
        *(volatile char *)blocks[i] = '\0';
    }
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        g_free(blocks[i]);
}

/* One message, and the end. */
static void __attribute__((noreturn)) serve_one(JailReader *reader)
{
    JailTask task;
    touch_memory();
    if (!take_bytes(&task, sizeof task))
        _exit(0); /* never needed */
    char *message = g_malloc(task.bytes); /* of exactly this size: a sanitizer sees who reads beyond it */
    if (!take_bytes(message, task.bytes))
        _exit(1);
    BUFFER_AUTO answer = BUFFER_INIT(LIMIT_EXTRACTION_BYTES);
    int code = reader(&task.request, (Span){ task.bytes == 0 ? "" : message, task.bytes }, &answer);
    if (code != 0 && code < JAIL_EXIT_REFUSED)
        _exit(code); /* neither an answer nor a refusal */
    answer_with((uint32_t)code, buffer_span(&answer));
    _exit(0);
}

static void __attribute__((noreturn)) be_child(JailReader *reader, int socket, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(socket, CHILD_SOCKET) < 0 || close_range(CHILD_SOCKET + 1, ~0U, 0) != 0
        || close_range(0, CHILD_SOCKET - 1, 0) != 0)
        _exit(1);
    sandbox_enter_child();
    serve_one(reader);
}

/* ---- The parent ------------------------------------------------------------------------------------------------------ */

/* Out of state: nothing can be trusted any more; the engine starts a new parent. */
static void __attribute__((noreturn)) die(void)
{
    _exit(2);
}

/* Takes one order with its descriptor, -1 where it has none. Whatever is not exactly an order ends the parent. */
static int receive(JailOrder *order)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec body = { order, sizeof *order };
    struct msghdr packet = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    ssize_t length = recvmsg(PROCESS_SOCKET, &packet, MSG_CMSG_CLOEXEC);
    if (length != sizeof *order || (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        die(); /* also the ordinary end: the engine has closed its side */
    const struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
    if (rights == NULL)
        return -1;
    if (rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(sizeof(int)))
        die();
    int socket;
    memcpy(&socket, CMSG_DATA(rights), sizeof socket);
    return socket;
}

static void start_child(JailReader *reader, uint32_t place, int socket)
{
    if (socket < 0 || children[place] != 0)
        die();
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        be_child(reader, socket, self);
    if (pid < 0)
        die(); /* no process to be had: the engine tries again */
    children[place] = pid;
    close(socket);
}

static void obey(JailReader *reader)
{
    JailOrder order;
    int socket = receive(&order);
    if (order.place >= JAIL_PLACES_MAX)
        die();
    switch (order.kind) {
    case JAIL_ORDER_FORK:
        start_child(reader, order.place, socket);
        return;
    case JAIL_ORDER_KILL:
        if (socket >= 0)
            die();
        if (children[order.place] != 0)
            kill(children[order.place], SIGKILL); /* not reaped yet, so the number is still its own */
        return;
    }
    die();
}

static void tell(JailNews news)
{
    if (write(PROCESS_SOCKET, &news, sizeof news) != (ssize_t)sizeof news)
        die();
}

/* A child that will not hear SIGXCPU meets SIGKILL at the hard limit: that is our limit too, and not somebody outside. */
static bool used_its_time(int wait_status, const struct rusage *used)
{
    return WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL
        && used->ru_utime.tv_sec + used->ru_stime.tv_sec >= JAIL_CPU_SECONDS;
}

static void reap(void)
{
    int wait_status;
    struct rusage used;
    for (pid_t pid; (pid = wait4(-1, &wait_status, WNOHANG, &used)) > 0;)
        for (uint32_t place = 0; place < JAIL_PLACES_MAX; place++)
            if (children[place] == pid) {
                children[place] = 0;
                tell((JailNews){ JAIL_NEWS_ENDED, place, { wait_status, used_its_time(wait_status, &used) } });
            }
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
    tell((JailNews){ .kind = JAIL_NEWS_READY, .number = (uint32_t)sandbox_enter_parent() });
    for (;;) {
        struct pollfd socket = { .fd = PROCESS_SOCKET, .events = POLLIN };
        int ready = ppoll(&socket, 1, NULL, &waiting);
        reap();
        if (ready > 0)
            obey(reader);
    }
}
