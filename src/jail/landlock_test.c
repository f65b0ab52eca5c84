/* Landlock alone, without a filter in front: what it holds although every system call is open. Each deed is tried in a
 * process of its own, first without the wall (it must work there, or the test would show nothing), then behind it. */
#include "landlock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char *file, *directory;

static bool read_file(void)
{
    return open(file, O_RDONLY) >= 0;
}

static bool write_file(void)
{
    return open(file, O_WRONLY) >= 0;
}

static bool list_directory(void)
{
    return open(directory, O_RDONLY | O_DIRECTORY) >= 0;
}

static bool make_file(void)
{
    g_autofree char *path = g_build_filename(directory, "made", NULL);
    int made = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    return made >= 0 && unlink(path) == 0;
}

static bool make_directory(void)
{
    g_autofree char *path = g_build_filename(directory, "made", NULL);
    return mkdir(path, 0700) == 0 && rmdir(path) == 0;
}

static bool run_program(void)
{
    execl("/bin/true", "true", NULL);
    return false; /* and 0, success, where it runs */
}

static bool shorten_file(void)
{
    return truncate(file, 0) == 0;
}

static bool bind_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address) == 0;
}

/* Nobody listens there: without the wall it is refused by the other side. */
static bool connect_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address) == 0 || errno == ECONNREFUSED;
}

static bool signal_outside(void)
{
    return kill(getppid(), 0) == 0;
}

static const struct {
    const char *name;
    int version; /* of Landlock, from which on it is held */
    bool (*attempt)(void);
} deeds[] = {
    { "read-file", 1, read_file }, { "write-file", 1, write_file }, { "list-directory", 1, list_directory },
    { "make-file", 1, make_file }, { "make-directory", 1, make_directory }, { "run-program", 1, run_program },
    { "shorten-file", 3, shorten_file }, { "bind-port", 4, bind_port }, { "connect-port", 4, connect_port },
    { "signal-outside", 6, signal_outside },
};

/* True where the deed succeeds in a process of its own. */
static bool succeeds(bool (*attempt)(void), bool behind_wall)
{
    pid_t child = fork();
    if (child == 0) {
        if (behind_wall && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || landlock_enter() < 1))
            _exit(0);
        _exit(attempt() ? 0 : 1);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == 0;
}

static long kernel_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
}

static void test_deed(const void *data)
{
    size_t number = GPOINTER_TO_SIZE(data);
    if (kernel_version() < deeds[number].version) {
        g_autofree char *why = g_strdup_printf("this kernel's Landlock is version %ld (0 or less: none); it takes %d",
            kernel_version(), deeds[number].version);
        g_test_skip(why);
        return;
    }
    g_assert_true(succeeds(deeds[number].attempt, false));
    g_assert_false(succeeds(deeds[number].attempt, true));
}

/* What is open stays open, own children can be ended, and the wall tells its version. */
static bool work_on(void)
{
    int ends[2];
    char byte;
    pid_t child = fork();
    if (child == 0)
        pause();
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[0], "x", 1) == 1 && read(ends[1], &byte, 1) == 1
        && kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child;
}

static void test_work_goes_on(void)
{
    if (kernel_version() < 1) {
        g_test_skip("this kernel has no Landlock");
        return;
    }
    g_assert_true(succeeds(work_on, true));
}

/* A kernel without Landlock is no error. */
static bool enter_tells_version(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && landlock_enter() == MAX(kernel_version(), 0);
}

static void test_version_is_told(void)
{
    g_assert_true(succeeds(enter_tells_version, false));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("landlock-XXXXXX", NULL);
    g_assert_nonnull(directory);
    file = g_build_filename(directory, "file", NULL);
    g_assert_true(g_file_set_contents(file, "text", -1, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++) {
        g_autofree char *name = g_strconcat("/landlock/", deeds[i].name, NULL);
        g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_deed);
    }
    g_test_add_func("/landlock/work-goes-on", test_work_goes_on);
    g_test_add_func("/landlock/version-is-told", test_version_is_told);
    int result = g_test_run();
    unlink(file);
    rmdir(directory);
    g_free(file);
    g_free(directory);
    return result;
}
