/* Locked memory, no dumps, and a seccomp allow-list written as BPF (seccomp(2), "SECCOMP_SET_MODE_FILTER"). */
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name this architecture's AUDIT_ARCH value here"
#endif

/* A sanitizer maps terabytes of shadow memory, which cannot be locked, and needs a few calls of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static bool cannot(char *trouble, const char *what)
{
    snprintf(trouble, SANDBOX_TROUBLE_BYTES, "%s: %s", what, strerror(errno));
    return false;
}

/* Room for the whole process, libcrypto included: with less, a later allocation would fail instead of being locked. */
#define LOCK_ALL_BYTES_MIN (64UL * 1024 * 1024)

static bool may_lock_all(void)
{
    struct rlimit limit;
    return !SANITIZED && (geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur >= LOCK_ALL_BYTES_MIN));
}

static bool lock_memory(void *secrets, size_t length, char *trouble)
{
    /* All of it where the limit allows (it holds OpenSSL's working memory too), the secrets in any case. */
    if (may_lock_all())
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    if (syscall(SYS_mlock, secrets, length) != 0) { /* a sanitizer's own mlock does nothing */
        snprintf(trouble, SANDBOX_TROUBLE_BYTES, "cannot lock %zu KiB of memory (%s), so keys could reach the swap space: "
            "raise the limit (ulimit -l, or LimitMEMLOCK= of the service)", length / 1024, strerror(errno));
        return false;
    }
    return madvise(secrets, length, MADV_DONTDUMP) == 0 || cannot(trouble, "cannot keep the keys out of dumps");
}

bool sandbox_prepare(void *secrets, size_t length, char trouble[SANDBOX_TROUBLE_BYTES])
{
    const struct rlimit none = { 0, 0 };
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        return cannot(trouble, "cannot forbid core dumps");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return cannot(trouble, "cannot give up new privileges");
    return lock_memory(secrets, length, trouble);
}

/* ---- System calls --------------------------------------------------------------------------------------------- */

static const uint32_t allowed[] = {
    SYS_recvfrom, SYS_sendto, /* the one socket: no other descriptor is open */
    SYS_ppoll,
    SYS_clock_gettime, SYS_getrandom,
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, /* malloc inside OpenSSL */
    SYS_rt_sigreturn, SYS_restart_syscall,
    SYS_write, /* last words on standard error */
    SYS_close, SYS_exit, SYS_exit_group,
#ifdef SYS_poll
    SYS_poll,
#endif
#if SANITIZED
    SYS_sigaltstack, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_sched_yield, SYS_getpid, SYS_gettid,
#endif
};

enum {
    ALLOWED = sizeof allowed / sizeof allowed[0],
    FILTER_MAX = 4 + 5 + 2 * ALLOWED + 1,
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The low half of an argument (both architectures are little-endian). */
#define LOAD_ARGUMENT(number) LOAD(args[number])
#define IF_EQUAL(value, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (then), (otherwise))
#define IF_ANY_BIT(bits, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (then), (otherwise))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))

static size_t write_filter(struct sock_filter *filter)
{
    const struct sock_filter head[] = {
        LOAD(arch),
        IF_EQUAL(OWN_ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        /* mmap, but nothing that could be executed */
        IF_EQUAL(SYS_mmap, 0, 4),
        LOAD_ARGUMENT(2),
        IF_ANY_BIT(PROT_EXEC, 0, 1),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    size_t count = sizeof head / sizeof head[0];
    memcpy(filter, head, sizeof head);
    for (size_t i = 0; i < ALLOWED; i++) {
        filter[count++] = (struct sock_filter)IF_EQUAL(allowed[i], 0, 1);
        filter[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    }
    filter[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_KILL_PROCESS);
    return count;
}

static bool close_others(int socket)
{
    /* 0, 1, then all between standard error and the socket, then all above it. */
    return syscall(SYS_close_range, 0, 1, 0) == 0
        && (socket <= STDERR_FILENO + 1 || syscall(SYS_close_range, STDERR_FILENO + 1, socket - 1, 0) == 0)
        && syscall(SYS_close_range, socket + 1, ~0U, 0) == 0;
}

bool sandbox_enter(int socket, char trouble[SANDBOX_TROUBLE_BYTES])
{
    const struct rlimit none = { 0, 0 }, one = { 1, 1 }; /* poll refuses more descriptors than the limit */
    struct sock_filter filter[FILTER_MAX];
    struct sock_fprog program = { .len = (unsigned short)write_filter(filter), .filter = filter };
    if (!close_others(socket))
        return cannot(trouble, "cannot close inherited descriptors");
    if (setrlimit(RLIMIT_NOFILE, &one) != 0 || (!SANITIZED && setrlimit(RLIMIT_NPROC, &none) != 0))
        return cannot(trouble, "cannot give up descriptors and processes");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return cannot(trouble, "cannot install the system call filter (the kernel needs CONFIG_SECCOMP_FILTER)");
    return true;
}
