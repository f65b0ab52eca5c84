/* Starting the programs that stand beside this one. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

char *process_own_directory(void)
{
    g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);
    return path == NULL ? g_strdup(".") : g_path_get_dirname(path);
}

char *process_programs_directory(void)
{
    const char *named = g_getenv("SALDO_PROGRAMS");
    return named != NULL && named[0] != '\0' ? g_strdup(named) : process_own_directory();
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static void become_program(const char *path, char *const *argv, int socket, int extra_fd)
{
    char *const environment[] = { NULL };
    int extra = extra_fd < 0 ? -1 : fcntl(extra_fd, F_DUPFD, 10);
    int inherited = fcntl(socket, F_DUPFD, 10);
    if (inherited < 0 || dup2(inherited, PROCESS_SOCKET) < 0
        || (extra >= 0 && dup2(extra, PROCESS_SOCKET + 1) < 0))
        _exit(127);
    close_range(extra >= 0 ? PROCESS_SOCKET + 2 : PROCESS_SOCKET + 1, ~0U, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, argv, environment);
    _exit(127);
}

bool process_start(const char *program, const char *const *arguments, int extra_fd, Process *ret_process,
    GError **error)
{
    g_autofree char *directory = process_programs_directory();
    g_autofree char *path = g_build_filename(directory, program, NULL);
    if (access(path, X_OK) != 0) {
        error_set(error, SALDO_ERROR_IO,
            "the program %s cannot be started (%s): build or install it there, or name its directory in SALDO_PROGRAMS",
            path, strerror(errno));
        return false;
    }
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, path);
    for (; arguments != NULL && *arguments != NULL; arguments++)
        g_ptr_array_add(argv, (char *)*arguments);
    g_ptr_array_add(argv, NULL);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        error_set(error, SALDO_ERROR_IO, "cannot make a socket for %s: %s", program, strerror(errno));
        return false;
    }
    pid_t pid = fork();
    if (pid == 0)
        become_program(path, (char *const *)argv->pdata, ends[1], extra_fd);
    close(ends[1]);
    if (pid < 0) {
        error_set(error, SALDO_ERROR_IO, "cannot fork for %s: %s", program, strerror(errno));
        close(ends[0]);
        return false;
    }
    *ret_process = (Process){ .pid = pid, .socket = ends[0] };
    return true;
}

void process_stop(Process *process, int signal_number)
{
    if (process->socket >= 0)
        close(process->socket);
    process->socket = -1;
    if (process->pid > 0) {
        kill(process->pid, signal_number);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    process->pid = 0;
}

bool process_is_alive(Process *process, int *ret_status)
{
    int status = 0;
    if (process->pid <= 0)
        return false;
    if (waitpid(process->pid, &status, WNOHANG) == 0)
        return true;
    process->pid = 0;
    if (ret_status != NULL)
        *ret_status = status;
    return false;
}
