/* Making the key directory: once, durably, and never over keys that are there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "crypto.h"
#include "keys.h"
#include "vault/vault.h"

static bool cannot(GError **error, const char *what, const char *directory)
{
    error_set(error, SALDO_ERROR_IO, "cannot %s in %s: %s", what, directory, g_strerror(errno));
    return false;
}

static bool write_whole(int file, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return fsync(file) == 0;
}

/* Complete under another name first, then linked to its own: a crash leaves no half a key, and link(2) does not
 * overwrite. */
static bool make_file(int directory, const char *name, const uint8_t *bytes, size_t length)
{
    g_autofree char *draft = g_strdup_printf(".%s.%08x", name, g_random_int());
    int file = openat(directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool written = write_whole(file, bytes, length);
    close(file);
    bool linked = written && linkat(directory, draft, directory, name, 0) == 0;
    int trouble = errno;
    unlinkat(directory, draft, 0);
    errno = trouble;
    return linked;
}

/* The root key last: while it is missing nothing could have been sealed. */
static bool make_keys(int directory, const char *path, GError **error)
{
    uint8_t root[VAULT_KEY_BYTES];
    char line[2 * KEK_WRAPPED_BYTES + 16];
    bool good = vault_crypto_start() && vault_crypto_random(root, sizeof root) && vault_keys_format_kek(root, 1, line, sizeof line);
    if (!good)
        error_set(error, SALDO_ERROR_UNAVAILABLE, "the cryptographic library could not make keys for %s", path);
    else if (!make_file(directory, KEYS_KEKS_FILE, (const uint8_t *)line, strlen(line))
        || !make_file(directory, KEYS_ROOT_FILE, root, sizeof root) || fsync(directory) != 0)
        good = cannot(error, "write the keys", path);
    vault_crypto_wipe(root, sizeof root);
    return good;
}

static bool initialize_in(int directory, const char *path, GError **error)
{
    bool has_root = faccessat(directory, KEYS_ROOT_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    bool has_keks = faccessat(directory, KEYS_KEKS_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (has_root && has_keks)
        return true;
    if (!has_root && !has_keks)
        return make_keys(directory, path, error);
    error_set(error, SALDO_ERROR_CONFLICT, "%s has %s but not %s: restore both from the same backup; where nothing was ever "
        "sealed with them, remove the one that is left and run this again", path, has_root ? KEYS_ROOT_FILE : KEYS_KEKS_FILE,
        has_root ? KEYS_KEKS_FILE : KEYS_ROOT_FILE);
    return false;
}

bool vault_initialize(const char *directory, GError **error)
{
    if (g_mkdir_with_parents(directory, 0700) != 0)
        return cannot(error, "make the key directory", directory);
    int opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat facts;
    if (opened < 0 || fstat(opened, &facts) != 0) {
        cannot(error, "open the key directory", directory);
        if (opened >= 0)
            close(opened);
        return false;
    }
    bool good = (facts.st_mode & 077) == 0;
    if (!good)
        error_set(error, SALDO_ERROR_DENIED, "the key directory %s has mode %04o, so others on this machine can reach it: "
            "run \"chmod 700\" on it", directory, facts.st_mode & 07777);
    good = good && initialize_in(opened, directory, error);
    close(opened);
    return good;
}
