/* Every forbidden call is made in a child that has entered the sandbox; it must die of SIGSYS, and only of that. */
#include "sandbox.h"

#include <fcntl.h>
#include <glib.h>
#include <linux/limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto.h"

static void open_file(void) { (void)!open("/etc/hostname", O_RDONLY); }
static void open_again(void) { (void)!syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", NULL, 0); }
static void make_socket(void) { (void)!socket(AF_INET, SOCK_STREAM, 0); }
static void run_program(void) { execl("/bin/true", "true", (char *)NULL); }
static void fork_child(void) { (void)!fork(); }
static void map_code(void) { (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void make_code(void) { (void)!syscall(SYS_mprotect, NULL, 4096, PROT_READ | PROT_EXEC); }
static void read_others(void) { (void)!syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0); }
static void send_signal(void) { (void)!kill(getppid(), 0); }

static const struct { const char *name; void (*act)(void); } forbidden[] = {
    { "/sandbox/open", open_file },
    { "/sandbox/openat2", open_again },
    { "/sandbox/socket", make_socket },
    { "/sandbox/exec", run_program },
    { "/sandbox/fork", fork_child },
    { "/sandbox/executable-memory", map_code },
    { "/sandbox/memory-made-executable", make_code },
    { "/sandbox/other-memory", read_others },
    { "/sandbox/kill", send_signal },
};

/* The wait status of a child that enters the sandbox with one end of a socket pair and then acts. */
static int status_of(void (*act)(void))
{
    int ends[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        static char secrets[65536] __attribute__((aligned(4096)));
        char trouble[SANDBOX_TROUBLE_BYTES];
        if (!sandbox_prepare(secrets, sizeof secrets, trouble) || !vault_crypto_start() || !sandbox_enter(ends[1], trouble))
            _exit(9);
        if (send(ends[1], "in", 2, 0) != 2)
            _exit(8);
        act();
        _exit(0);
    }
    close(ends[1]);
    char word[4] = "";
    g_assert_cmpint(recv(ends[0], word, sizeof word, 0), ==, 2); /* it did get into the sandbox */
    close(ends[0]);
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return status;
}

static void test_forbidden(gconstpointer act)
{
    int status = status_of(*(void (*const *)(void))act);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGSYS);
    g_assert_false(WCOREDUMP(status));
}

/* What the vault does for a living stays possible. */
static void work(void)
{
    uint8_t key[VAULT_KEY_BYTES], wrapped[VAULT_KEY_BYTES + KEY_WRAP_EXTRA_BYTES], plain[sizeof wrapped], sealed[64], nonce[12];
    bool good = vault_crypto_random(key, sizeof key) && vault_crypto_random(nonce, sizeof nonce)
        && vault_key_wrap(key, key, sizeof key, wrapped) && vault_key_unwrap(key, wrapped, sizeof wrapped, plain)
        && memcmp(plain, key, sizeof key) == 0;
    wrapped[3] ^= 1;
    good = good && !vault_key_unwrap(key, wrapped, sizeof wrapped, plain); /* the path with OpenSSL's error queue */
    const SealInput seal = { key, nonce, key, 4, key, 32 };
    good = good && vault_seal_bytes(&seal, sealed);
    const SealInput open_it = { key, nonce, key, 4, sealed, 48 };
    good = good && vault_open_bytes(&open_it, plain) && memcmp(plain, key, 32) == 0;
    sealed[0] ^= 1;
    good = good && !vault_open_bytes(&open_it, plain);
    char *large = malloc(8 << 20), *small = malloc(100);
    good = good && large != NULL && small != NULL;
    memset(large, 1, 8 << 20);
    free(large);
    free(small);
    _exit(good ? 0 : 7);
}

static void test_work_goes_on(void)
{
    int status = status_of(work);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void crash(void)
{
    signal(SIGSEGV, SIG_DFL);
    abort();
}

static void test_no_core(void)
{
    int status = status_of(crash);
    g_assert_true(WIFSIGNALED(status));
    g_assert_false(WCOREDUMP(status));
}

/* Memory that cannot be locked is refused with the way out named. */
static void test_unlockable(void)
{
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit none = { 0, 0 };
        static char secrets[1 << 20] __attribute__((aligned(4096)));
        char trouble[SANDBOX_TROUBLE_BYTES];
        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
            _exit(9);
        if (sandbox_prepare(secrets, sizeof secrets, trouble))
            _exit(8);
        _exit(strstr(trouble, "ulimit -l") != NULL ? 0 : 7);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(forbidden); i++)
        g_test_add_data_func(forbidden[i].name, &forbidden[i].act, test_forbidden);
    g_test_add_func("/sandbox/work-goes-on", test_work_goes_on);
    g_test_add_func("/sandbox/no-core", test_no_core);
    g_test_add_func("/sandbox/unlockable-memory-is-refused", test_unlockable);
    return g_test_run();
}
