/* The client against the real program: keys on disk, restart, out-of-table requests, what other processes can see. */
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "keys.h"
#include "protocol.h"

static char *make_directory(void)
{
    char *directory = g_dir_make_tmp("vault-XXXXXX", NULL);
    g_assert_nonnull(directory);
    return directory;
}

static void remove_directory(const char *directory)
{
    static const char *const names[] = { KEYS_ROOT_FILE, KEYS_KEKS_FILE };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

typedef struct Fixture {
    char *directory;
    Vault *vault;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    fixture->directory = make_directory();
    g_assert_true(vault_initialize(fixture->directory, &error));
    g_assert_no_error(error);
    fixture->vault = vault_start(fixture->directory, &error);
    g_assert_no_error(error);
    g_assert_nonnull(fixture->vault);
}

static void tear_down(Fixture *fixture, gconstpointer unused)
{
    vault_stop(fixture->vault);
    remove_directory(fixture->directory);
    g_free(fixture->directory);
}

static VaultRecord new_record(void)
{
    return (VaultRecord){ id_new(), id_new(), id_new(), "card", 1 };
}

static VaultStatus status_of(Vault *vault)
{
    VaultStatus status;
    g_autoptr(GError) error = NULL;
    g_assert_true(vault_status(vault, &status, &error));
    g_assert_no_error(error);
    return status;
}

static void test_seal_and_open(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) key = vault_make_data_key(fixture->vault, &error);
    g_assert_no_error(error);
    VaultRecord record = new_record();
    g_autoptr(GBytes) sealed = vault_seal(fixture->vault, key, &record, SPAN("a card"), &error);
    g_assert_no_error(error);
    gsize length;
    const char *bytes = g_bytes_get_data(sealed, &length);
    g_autoptr(GBytes) opened = vault_open(fixture->vault, key, &record, (Span){ bytes, length }, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(opened, NULL), g_bytes_get_size(opened), "a card", 6);
    record.version++;
    g_assert_null(vault_open(fixture->vault, key, &record, (Span){ bytes, length }, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
}

static void test_limits(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GBytes) key = vault_make_data_key(fixture->vault, NULL);
    g_autoptr(GBytes) short_key = g_bytes_new("short", 5);
    g_autofree char *large = g_strnfill(VAULT_RECORD_MAX + 1, 'x');
    VaultRecord record = new_record();
    g_autoptr(GError) error = NULL;
    g_assert_null(vault_seal(fixture->vault, key, &record, span_of(large), &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_null(vault_seal(fixture->vault, short_key, &record, SPAN("x"), &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
    g_clear_error(&error);
    large[VAULT_CODE_MAX + 1] = '\0';
    g_assert_false(vault_put_code(fixture->vault, id_new(), (Money){ 1, "PLN" }, span_of(large), &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_assert_cmpuint(status_of(fixture->vault).restarts, ==, 0);
}

static void test_codes(Fixture *fixture, gconstpointer unused)
{
    Vault *vault = fixture->vault;
    Id payment = id_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(vault_put_code(vault, payment, (Money){ 12345, "PLN" }, SPAN("aaa.bbb"), &error));
    g_autofree char *code = vault_use_code(vault, payment, (Money){ 12345, "PLN" }, &error);
    g_assert_cmpstr(code, ==, "aaa.bbb");
    g_assert_null(vault_use_code(vault, payment, (Money){ 12344, "PLN" }, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
    g_clear_error(&error);
    g_assert_cmpuint(status_of(vault).codes_held, ==, 1);
    g_assert_true(vault_drop_code(vault, payment, &error));
    g_assert_null(vault_use_code(vault, payment, (Money){ 12345, "PLN" }, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
}

/* kill -9: sealed records stay readable, codes are gone and the caller is told to ask again [PAY-011]. */
static void test_killed(Fixture *fixture, gconstpointer unused)
{
    Vault *vault = fixture->vault;
    Id payment = id_new();
    VaultRecord record = new_record();
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) key = vault_make_data_key(vault, NULL);
    g_autoptr(GBytes) sealed = vault_seal(vault, key, &record, SPAN("a card"), NULL);
    g_assert_true(vault_put_code(vault, payment, (Money){ 1, "PLN" }, SPAN("code"), NULL));
    VaultStatus before = status_of(vault);
    g_assert_cmpuint(before.codes_held, ==, 1);
    g_assert_cmpint(kill(before.pid, SIGKILL), ==, 0);

    gsize length;
    const char *bytes = g_bytes_get_data(sealed, &length);
    g_autoptr(GBytes) opened = vault_open(vault, key, &record, (Span){ bytes, length }, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_bytes_get_size(opened), ==, 6);
    g_assert_null(vault_use_code(vault, payment, (Money){ 1, "PLN" }, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    VaultStatus after = status_of(vault);
    g_assert_cmpuint(after.restarts, ==, 1);
    g_assert_cmpint(after.pid, !=, before.pid);
    g_assert_cmpuint(after.codes_held, ==, 0);
}

/* A vault that does not answer is ended and replaced within the time of one call. */
static void test_stuck(Fixture *fixture, gconstpointer unused)
{
    g_assert_cmpint(kill(status_of(fixture->vault).pid, SIGSTOP), ==, 0);
    gint64 start = g_get_monotonic_time();
    g_assert_cmpuint(status_of(fixture->vault).restarts, ==, 1);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_TIME_SPAN_SECOND);
}

/* Stopping does not wait for ever, not even for a vault that is stuck; nor does it leave a process behind. */
static void test_stop_of_a_stuck_one(void)
{
    g_autofree char *directory = make_directory();
    g_assert_true(vault_initialize(directory, NULL));
    Vault *vault = vault_start(directory, NULL);
    int pid = status_of(vault).pid;
    g_assert_cmpint(kill(pid, SIGSTOP), ==, 0);
    gint64 start = g_get_monotonic_time();
    vault_stop(vault);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_TIME_SPAN_SECOND);
    g_assert_cmpint(kill(pid, 0), ==, -1);
    remove_directory(directory);
}

static gpointer seal_many(gpointer data)
{
    Vault *vault = data;
    g_autoptr(GBytes) key = vault_make_data_key(vault, NULL);
    for (int i = 0; i < 200; i++) {
        VaultRecord record = new_record();
        g_autofree char *text = g_strdup_printf("%p %d", (void *)key, i);
        g_autoptr(GBytes) sealed = vault_seal(vault, key, &record, span_of(text), NULL);
        g_assert_nonnull(sealed);
        gsize length;
        const char *bytes = g_bytes_get_data(sealed, &length);
        g_autoptr(GBytes) opened = vault_open(vault, key, &record, (Span){ bytes, length }, NULL);
        g_assert_nonnull(opened);
        g_assert_cmpmem(g_bytes_get_data(opened, NULL), g_bytes_get_size(opened), text, strlen(text));
    }
    return NULL;
}

static void test_threads(Fixture *fixture, gconstpointer unused)
{
    GThread *threads[4];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("seal", seal_many, fixture->vault);
    g_usleep(20000);
    g_assert_cmpint(kill(status_of(fixture->vault).pid, SIGKILL), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(status_of(fixture->vault).restarts, ==, 1);
}

/* Even root finds no dump; another process of the same user can neither read nor trace it. */
static void test_closed_to_others(Fixture *fixture, gconstpointer unused)
{
    int pid = status_of(fixture->vault).pid;
    pid_t child = fork();
    if (child == 0) {
        g_autofree char *path = g_strdup_printf("/proc/%d/mem", pid);
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(9);
        int memory = open(path, O_RDONLY);
        _exit(memory < 0 && (errno == EACCES || errno == EPERM) ? 0 : 1);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);

    /* Not dumpable: its files in /proc belong to root although it runs as the user (proc(5)). */
    g_autofree char *status_path = g_strdup_printf("/proc/%d/status", pid);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(status_path, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "NoNewPrivs:\t1"));
    g_assert_nonnull(strstr(text, "Seccomp:\t2"));
    g_autofree char *locked = g_strdup(strstr(text, "VmLck:"));
    g_assert_cmpint(g_ascii_strtoll(locked + strlen("VmLck:"), NULL, 10), >=, 4096);
}

/* The same as an ordinary user: only then does the kernel judge by the dumpable mark and not by uid 0. */
static void test_closed_to_its_own_user(void)
{
    if (geteuid() != 0) {
        g_test_skip("already an ordinary user: the test before proves it");
        return;
    }
    g_autofree char *directory = make_directory();
    g_assert_cmpint(chown(directory, 65534, 65534), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
            _exit(9);
        g_autofree char *program = g_build_filename(g_getenv("SALDO_PROGRAMS"), "saldo-vault", NULL);
        if (access(program, X_OK) != 0)
            _exit(77);
        VaultStatus status;
        Vault *vault = vault_initialize(directory, NULL) ? vault_start(directory, NULL) : NULL;
        if (vault == NULL || !vault_status(vault, &status, NULL))
            _exit(8);
        g_autofree char *own_path = g_strdup_printf("/proc/%d/mem", getpid());
        g_autofree char *path = g_strdup_printf("/proc/%d/mem", status.pid);
        bool can_read_own = open(own_path, O_RDONLY) >= 0, can_read_vault = open(path, O_RDONLY) >= 0;
        vault_stop(vault);
        _exit(!can_read_own ? 7 : can_read_vault ? 1 : 0);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        g_test_skip("an ordinary user cannot reach the built program");
    else
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    remove_directory(directory);
}

/* A crash leaves no core, however it comes. */
static void test_no_core(Fixture *fixture, gconstpointer unused)
{
    int open_directory = open(fixture->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    Process process;
    g_assert_true(process_start("saldo-vault", NULL, open_directory, &process, NULL));
    close(open_directory);
    VaultAnswer greeting;
    g_assert_cmpint(recv(process.socket, &greeting, sizeof greeting, 0), >, 0);
    g_assert_cmpuint(greeting.outcome, ==, VAULT_DONE);
    kill(process.pid, SIGSEGV);
    int status;
    g_assert_cmpint(waitpid(process.pid, &status, 0), ==, process.pid);
    g_assert_true(WIFSIGNALED(status) && !WCOREDUMP(status));
    close(process.socket);
}

/* The wait status of a vault that got these bytes after its greeting (and after hello where asked). */
static int status_after(const char *directory, bool hello_first, const void *bytes, size_t length)
{
    int open_directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    Process process;
    VaultAnswer answer;
    g_assert_true(process_start("saldo-vault", NULL, open_directory, &process, NULL));
    close(open_directory);
    g_assert_cmpint(recv(process.socket, &answer, sizeof answer, 0), >, 0);
    VaultHelloRequest hello = { .head = { VAULT_HELLO, 1 }, .protocol = VAULT_PROTOCOL };
    if (hello_first) {
        g_assert_cmpint(send(process.socket, &hello, sizeof hello, 0), ==, sizeof hello);
        g_assert_cmpint(recv(process.socket, &answer, sizeof answer, 0), >, 0);
    }
    g_assert_cmpint(send(process.socket, bytes, length, 0), ==, (ssize_t)length);
    g_assert_cmpint(recv(process.socket, &answer, sizeof answer, 0), <=, 0); /* no answer: only its end */
    int status;
    g_assert_cmpint(waitpid(process.pid, &status, 0), ==, process.pid);
    close(process.socket);
    return status;
}

static void test_out_of_table_ends_it(Fixture *fixture, gconstpointer unused)
{
    const VaultHead unknown = { 99, 2 }, early = { VAULT_STATUS, 1 };
    g_autofree char *large = g_malloc0(150000);
    const struct { bool hello; const void *bytes; size_t length; } cases[] = {
        { true, &unknown, sizeof unknown }, { false, &early, sizeof early }, { true, "x", 1 }, { true, large, 150000 } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int status = status_after(fixture->directory, cases[i].hello, cases[i].bytes, cases[i].length);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 3);
    }
}

/* ---- Keys on disk ----------------------------------------------------------------------------------------------- */

static void expect_refusal(const char *directory, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(vault_start(directory, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
    if (strstr(error->message, what) == NULL || strstr(error->message, directory) == NULL)
        g_error("\"%s\" does not name \"%s\" and %s", error->message, what, directory);
}

static void test_modes(void)
{
    g_autofree char *directory = make_directory();
    g_autofree char *root = g_build_filename(directory, KEYS_ROOT_FILE, NULL);
    g_autofree char *keks = g_build_filename(directory, KEYS_KEKS_FILE, NULL);
    g_assert_true(vault_initialize(directory, NULL));
    struct stat facts;
    g_assert_cmpint(stat(root, &facts), ==, 0);
    g_assert_cmpuint(facts.st_mode & 07777, ==, 0600);
    g_assert_cmpint(stat(keks, &facts), ==, 0);
    g_assert_cmpuint(facts.st_mode & 07777, ==, 0600);
    g_assert_cmpint(chmod(root, 0640), ==, 0);
    expect_refusal(directory, "root.key has mode 0640");
    g_assert_cmpint(chmod(root, 0600), ==, 0);
    g_assert_cmpint(chmod(directory, 0755), ==, 0);
    expect_refusal(directory, "chmod 700");
    g_autoptr(GError) error = NULL;
    g_assert_false(vault_initialize(directory, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_DENIED);
    g_assert_cmpint(chmod(directory, 0700), ==, 0);
    remove_directory(directory);
}

static void test_keys_survive_a_second_initialize(void)
{
    g_autofree char *directory = make_directory();
    g_autofree char *root = g_build_filename(directory, KEYS_ROOT_FILE, NULL);
    g_autofree char *keks = g_build_filename(directory, KEYS_KEKS_FILE, NULL);
    g_autofree char *before = NULL, *after = NULL;
    gsize before_bytes, after_bytes;
    g_assert_true(vault_initialize(directory, NULL));
    g_assert_true(g_file_get_contents(root, &before, &before_bytes, NULL));
    g_assert_true(vault_initialize(directory, NULL));
    g_assert_true(g_file_get_contents(root, &after, &after_bytes, NULL));
    g_assert_cmpmem(before, before_bytes, after, after_bytes);
    g_assert_cmpint(g_unlink(keks), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(vault_initialize(directory, &error)); /* never over the half that is left */
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    expect_refusal(directory, "keks cannot be opened");
    remove_directory(directory);
}

static void test_broken_keys(void)
{
    g_autofree char *directory = make_directory();
    g_autofree char *root = g_build_filename(directory, KEYS_ROOT_FILE, NULL);
    g_autofree char *keks = g_build_filename(directory, KEYS_KEKS_FILE, NULL);
    g_autofree char *line = NULL;
    g_assert_true(vault_initialize(directory, NULL));
    g_assert_true(g_file_get_contents(keks, &line, NULL, NULL));
    g_autofree char *twice = g_strconcat(line, line, NULL);
    g_autofree char *changed = g_strdup(line);
    changed[10] = changed[10] == '0' ? '1' : '0';
    g_autofree char *long_text = g_strnfill(20000, '1');
    const struct { const char *text, *what; } cases[] = { { twice, "line 2" }, { changed, "line 1" }, { "", "empty" },
        { "1 zz\n", "line 1" }, { "99999999999999999999 00\n", "line 1" }, { long_text, "longer than" } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_true(g_file_set_contents_full(keks, cases[i].text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
        expect_refusal(directory, cases[i].what);
    }
    g_assert_true(g_file_set_contents_full(keks, line, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    g_assert_true(g_file_set_contents_full(root, "short", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    expect_refusal(directory, "5 bytes instead of 32");
    g_assert_cmpint(g_unlink(root), ==, 0);
    g_assert_cmpint(symlink("/etc/hostname", root), ==, 0);
    expect_refusal(directory, "root.key cannot be opened");
    remove_directory(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/vault/seal-and-open", Fixture, NULL, set_up, test_seal_and_open, tear_down);
    g_test_add("/vault/limits", Fixture, NULL, set_up, test_limits, tear_down);
    g_test_add("/vault/PAY-011/codes", Fixture, NULL, set_up, test_codes, tear_down);
    g_test_add("/vault/PAY-011/killed", Fixture, NULL, set_up, test_killed, tear_down);
    g_test_add("/vault/stuck", Fixture, NULL, set_up, test_stuck, tear_down);
    g_test_add_func("/vault/stop-of-a-stuck-one", test_stop_of_a_stuck_one);
    g_test_add("/vault/threads", Fixture, NULL, set_up, test_threads, tear_down);
    g_test_add("/vault/closed-to-others", Fixture, NULL, set_up, test_closed_to_others, tear_down);
    g_test_add_func("/vault/closed-to-its-own-user", test_closed_to_its_own_user);
    g_test_add("/vault/PAY-011/no-core", Fixture, NULL, set_up, test_no_core, tear_down);
    g_test_add("/vault/out-of-table-ends-it", Fixture, NULL, set_up, test_out_of_table_ends_it, tear_down);
    g_test_add_func("/vault/keys/modes", test_modes);
    g_test_add_func("/vault/keys/second-initialize", test_keys_survive_a_second_initialize);
    g_test_add_func("/vault/keys/broken", test_broken_keys);
    return g_test_run();
}
