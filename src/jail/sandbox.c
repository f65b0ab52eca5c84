/* The walls: seccomp allow-lists, Landlock and resource limits.
 *
 * The parent's filter is inherited by its children, and theirs comes on top of it. Whatever is not listed kills the
 * process at once, so a taken-over reader gets no second try. Landlock says no a second time, in another part of the
 * kernel, to whatever a hole in a filter might let through. */
#include "sandbox.h"

#include <glib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "landlock.h"
#include "limits.h"

/* ---- Filters ---------------------------------------------------------------------------------------------------- */

/* Memory, time, leaving: what both need. mmap and mprotect have rules of their own below. */
static const int common_calls[] = { SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(read),
    SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group) };

static const int parent_calls[] = { SCMP_SYS(recvmsg), SCMP_SYS(ppoll), SCMP_SYS(wait4), SCMP_SYS(close),
    SCMP_SYS(close_range), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(prlimit64), SCMP_SYS(setrlimit), SCMP_SYS(seccomp), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(getpid), SCMP_SYS(getppid),
    SCMP_SYS(gettid) };

static const int sanitizer_calls[] = { SCMP_SYS(sigaltstack) };

static const int thread_calls[] = { SCMP_SYS(rt_sigaction), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(getpid), SCMP_SYS(gettid) };

static void allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        /* -EDOM: this machine's architecture has no such call (dup2 on arm64). */
        g_assert(calls[i] < 0 || seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0);
}

/* Allows the call only where its argument with this number, masked, has this value. */
static void allow_only(scmp_filter_ctx filter, int call, unsigned argument, scmp_datum_t mask, scmp_datum_t value)
{
    const struct scmp_arg_cmp comparison = { argument, SCMP_CMP_MASKED_EQ, mask, value };
    g_assert(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &comparison) == 0);
}

static scmp_filter_ctx new_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    g_assert(filter != NULL);
    g_assert(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0);
    g_assert(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0); /* a tree of comparisons, not a chain */
    allow(filter, common_calls, G_N_ELEMENTS(common_calls));
    allow(filter, sanitizer_calls, JAIL_IS_SANITIZED ? G_N_ELEMENTS(sanitizer_calls) : 0);
    allow(filter, thread_calls, JAIL_HAS_OTHER_THREADS ? G_N_ELEMENTS(thread_calls) : 0);
    /* Memory may be mapped and protected, never made executable. */
    allow_only(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    allow_only(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    return filter;
}

/* fork() is clone() with exactly these flags; only SIGKILL may be sent; prctl only ties a child to its parent. */
static void allow_parenthood(scmp_filter_ctx filter)
{
    allow(filter, parent_calls, G_N_ELEMENTS(parent_calls));
    allow_only(filter, SCMP_SYS(clone), 0, UINT32_MAX, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD);
    allow_only(filter, SCMP_SYS(kill), 1, UINT32_MAX, SIGKILL);
    allow_only(filter, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_PDEATHSIG);
}

/* The filter's program, as the kernel takes it. */
static struct sock_fprog compile(scmp_filter_ctx filter)
{
    int file = memfd_create("filter", MFD_CLOEXEC);
    g_assert(file >= 0 && seccomp_export_bpf(filter, file) == 0);
    off_t bytes = lseek(file, 0, SEEK_END);
    g_assert(bytes > 0 && (size_t)bytes % sizeof(struct sock_filter) == 0);
    struct sock_fprog program = {
        .len = (unsigned short)((size_t)bytes / sizeof(struct sock_filter)),
        .filter = g_malloc((gsize)bytes),
    };
    g_assert(pread(file, program.filter, (size_t)bytes, 0) == bytes);
    close(file);
    seccomp_release(filter);
    return program;
}

static struct sock_fprog parent_program, child_program;

void sandbox_prepare(void)
{
    scmp_filter_ctx parent_filter = new_filter();
    allow_parenthood(parent_filter);
    parent_program = compile(parent_filter);
    child_program = compile(new_filter());
    /* Without this no unprivileged process may load a filter; and nothing is ever gained back by exec. */
    g_assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

static void load(const struct sock_fprog *program)
{
    g_assert(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) == 0);
}

/* ---- Limits --------------------------------------------------------------------------------------------------------- */

static void limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
    const struct rlimit both = { soft, hard };
    g_assert(setrlimit(resource, &both) == 0);
}

int sandbox_enter_parent(void)
{
    int landlock_version = landlock_enter();
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_FSIZE, 0, 0);
    limit(RLIMIT_NOFILE, JAIL_PARENT_FILES, JAIL_PARENT_FILES);
    load(&parent_program);
    return landlock_version;
}

void sandbox_enter_child(void)
{
    limit(RLIMIT_CPU, JAIL_CPU_SECONDS, JAIL_CPU_SECONDS + 1);
    if (!JAIL_IS_SANITIZED)
        limit(RLIMIT_AS, JAIL_MEMORY_BYTES, JAIL_MEMORY_BYTES);
    limit(RLIMIT_NPROC, 0, 0);
    limit(RLIMIT_NOFILE, 0, 0);
    load(&child_program);
}
