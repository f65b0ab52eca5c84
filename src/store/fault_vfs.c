/* See fault_vfs.h: a file system that hands everything on to SQLite's own, but for the step that is to fail. */
#include "fault_vfs.h"

#include <glib.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

typedef struct FaultFile {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
} FaultFile;

static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;
static Fault armed;
static int fails_at, steps;

void fault_vfs_arm(Fault fault, int at)
{
    steps = 0;
    fails_at = at;
    armed = fault;
}

int fault_vfs_disarm(void)
{
    armed = FAULT_NONE;
    return steps;
}

/* SQLITE_OK where the step may go on. */
static int count_step(int failure)
{
    if (armed == FAULT_NONE)
        return SQLITE_OK;
    steps++;
    if (armed == FAULT_KILL && steps == fails_at)
        kill(getpid(), SIGKILL);
    if (armed == FAULT_WRITE_ONCE && steps == fails_at)
        return failure;
    return armed == FAULT_DISK_FULL && steps >= fails_at ? SQLITE_FULL : SQLITE_OK;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((FaultFile *)file)->real;
}

static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    int result = count_step(SQLITE_IOERR_WRITE);
    return result != SQLITE_OK ? result : real_of(file)->pMethods->xWrite(real_of(file), bytes, length, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int result = count_step(SQLITE_IOERR_TRUNCATE);
    return result != SQLITE_OK ? result : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    int result = count_step(SQLITE_IOERR_FSYNC);
    return result != SQLITE_OK ? result : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, length, offset);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_check_lock(sqlite3_file *file, int *ret_locked)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_locked);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_memory)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, ret_memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int delete_it)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_it);
}

static const sqlite3_io_methods methods = { .iVersion = 2, .xClose = file_close, .xRead = file_read, .xWrite = file_write,
    .xTruncate = file_truncate, .xSync = file_sync, .xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock, .xFileControl = file_control, .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device, .xShmMap = file_shm_map, .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier, .xShmUnmap = file_shm_unmap };

static int vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    FaultFile *fault_file = (FaultFile *)file;
    fault_file->real = (sqlite3_file *)(fault_file + 1);
    int result = real_vfs->xOpen(real_vfs, name, fault_file->real, flags, ret_flags);
    file->pMethods = fault_file->real->pMethods != NULL ? &methods : NULL;
    return result;
}

void fault_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(FaultFile) + real_vfs->szOsFile;
    vfs.xOpen = vfs_open;
    g_assert(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}
