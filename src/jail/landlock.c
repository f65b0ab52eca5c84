/* Landlock: every right that the kernel's version knows is handled, and no rule gives any of them back.
 *
 * libc has no wrappers, and headers are older than kernels: what Debian 12's header does not name yet stands here, as the
 * kernel's documentation has it (Documentation/userspace-api/landlock.rst). */
#include "landlock.h"

#include <glib.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr as of version 6; an older kernel is given only as much of it as it knows. */
typedef struct Ruleset {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
} Ruleset;

/* File-system rights are numbered from bit 0 without a gap. */
enum { FS_RIGHTS_1 = 13, FS_RIGHTS_2 = 14, FS_RIGHTS_3 = 15, FS_RIGHTS_5 = 16 };
enum { NET_BIND_AND_CONNECT_TCP = 3, SCOPE_ABSTRACT_SOCKET_AND_SIGNAL = 3 };
enum { VERSION_REFER = 2, VERSION_TRUNCATE = 3, VERSION_NET = 4, VERSION_DEVICE = 5, VERSION_SCOPE = 6 };

G_STATIC_ASSERT(LANDLOCK_ACCESS_FS_MAKE_SYM == 1 << (FS_RIGHTS_1 - 1));

static uint64_t file_rights(int version)
{
    int count = version >= VERSION_DEVICE ? FS_RIGHTS_5 : version >= VERSION_TRUNCATE ? FS_RIGHTS_3
        : version >= VERSION_REFER ? FS_RIGHTS_2 : FS_RIGHTS_1;
    return (UINT64_C(1) << count) - 1;
}

static size_t ruleset_bytes(int version)
{
    if (version >= VERSION_SCOPE)
        return sizeof(Ruleset);
    return version >= VERSION_NET ? offsetof(Ruleset, scoped) : offsetof(Ruleset, handled_access_net);
}

int landlock_enter(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version <= 0)
        return 0;
    const Ruleset ruleset = {
        .handled_access_fs = file_rights((int)version),
        .handled_access_net = NET_BIND_AND_CONNECT_TCP,
        .scoped = SCOPE_ABSTRACT_SOCKET_AND_SIGNAL,
    };
    int file = (int)syscall(SYS_landlock_create_ruleset, &ruleset, ruleset_bytes((int)version), 0);
    g_assert(file >= 0 && syscall(SYS_landlock_restrict_self, file, 0) == 0);
    close(file);
    return (int)version;
}
