/* A test program only: the jail's parent and walls around a reader that does what a taken-over reader would try. The
 * message's text names the deed. Whatever the walls let through is answered as "escaped". */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "warm_parent.h"

static bool open_file(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool open_newer_way(void)
{
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0) >= 0;
}

static bool write_file(void)
{
    return open("/tmp/escaped", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool make_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool talk_to_engine(void)
{
    return send(3, "x", 1, 0) == 1;
}

static bool fork_again(void)
{
    return fork() >= 0;
}

static bool start_thread(void)
{
    return syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS;
}

static bool run_program(void)
{
    char *const argv[] = { (char *)"/bin/true", NULL };
    execve(argv[0], argv, NULL);
    return true;
}

static bool kill_parent(void)
{
    return kill(getppid(), SIGKILL) == 0;
}

static bool trace_parent(void)
{
    return syscall(SYS_ptrace, 16, 1, 0, 0) >= 0;
}

static bool make_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool raise_limit(void)
{
    return syscall(SYS_prlimit64, 0, 0, NULL, NULL) >= 0;
}

static bool write_elsewhere(void)
{
    return write(1, "x", 1) == 1 || write(2, "x", 1) == 1 || write(4, "x", 1) == 1;
}

static bool loop(void)
{
    for (volatile unsigned turns = 0;; turns++)
        continue;
    return true;
}

/* Deaf to the soft limit of computing time: the hard one ends it. */
static bool loop_deaf(void)
{
    sigset_t deaf;
    sigemptyset(&deaf);
    sigaddset(&deaf, SIGXCPU);
    sigprocmask(SIG_BLOCK, &deaf, NULL);
    return loop();
}

static bool sleep_on(void)
{
    int word = 0;
    for (;;)
        syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
    return true;
}

static bool eat_memory(void)
{
    for (;;) {
        volatile char *block = g_malloc(8 << 20);
        for (size_t i = 0; i < 8 << 20; i += 4096)
            block[i] = 1;
    }
    return true;
}

static bool break_down(void)
{
    static volatile char *volatile nowhere;
    *nowhere = 1;
    return true;
}

static const struct {
    const char *name;
    bool (*attempt)(void);
} deeds[] = {
    { "open", open_file }, { "openat2", open_newer_way }, { "write-file", write_file }, { "socket", make_socket }, { "engine", talk_to_engine },
    { "fork", fork_again }, { "thread", start_thread }, { "exec", run_program }, { "kill", kill_parent },
    { "ptrace", trace_parent }, { "code", make_code }, { "limit", raise_limit }, { "write", write_elsewhere },
    { "loop", loop }, { "loop-deaf", loop_deaf }, { "sleep", sleep_on }, { "eat", eat_memory }, { "break", break_down },
};

/* A frame that says how much comes, and then as much as is taken. */
static int flood(uint32_t announced)
{
    static char block[1 << 16];
    const JailReply reply = { .code = 0, .bytes = announced };
    ssize_t written = write(3, &reply, sizeof reply);
    while (written > 0)
        written = write(3, block, sizeof block);
    return 1;
}

/* Half a frame, and the end. */
static int stop_short(void)
{
    const JailReply reply = { .code = 0, .bytes = 100 };
    return write(3, &reply, sizeof reply) == sizeof reply && write(3, "{", 1) == 1;
}

/* Answers well, and stays. */
static int stay_on(void)
{
    static const char answer[] = "stayed";
    const JailReply reply = { .code = 0, .bytes = sizeof answer - 1 };
    if (write(3, &reply, sizeof reply) == sizeof reply && write(3, answer, sizeof answer - 1) == sizeof answer - 1)
        sleep_on();
    return 1;
}

static int misbehave(const JailRequest *request, Span message, Buffer *answer)
{
    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
        if (span_equal(message, span_of(deeds[i].name))) {
            bool escaped = deeds[i].attempt();
            buffer_append_text(answer, escaped ? "escaped" : "held");
            return JAIL_EXIT_REFUSED + SALDO_ERROR_CONFLICT;
        }
    if (span_equal(message, SPAN("flood")))
        return flood(LIMIT_EXTRACTION_BYTES + 1);
    if (span_equal(message, SPAN("flood-behind")))
        return flood(2);
    if (span_equal(message, SPAN("short")))
        return stop_short();
    if (span_equal(message, SPAN("stay")))
        return stay_on();
    if (span_equal(message, SPAN("no-such-refusal")))
        return JAIL_EXIT_REFUSED + SALDO_ERROR_IO + 1;
    if (span_equal(message, SPAN("refuse"))) {
        buffer_append(answer, SPAN("no\x1b[31m way"));
        return JAIL_EXIT_REFUSED + SALDO_ERROR_LIMIT;
    }
    /* Anything else is answered as it stands: for answers that lie. */
    buffer_append(answer, message);
    return 0;
}

int main(void)
{
    warm_parent_run(misbehave);
}
