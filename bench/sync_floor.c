/* sync-floor FILE BYTES COUNT: appends BYTES and calls fdatasync, COUNT times; prints "count seconds". What the disk
 * allows a writer that commits one message at a time.
 */
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: sync-floor FILE BYTES COUNT\n", stderr);
        return 2;
    }
    size_t bytes = (size_t)atol(argv[2]);
    int count = atoi(argv[3]), file = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    g_autofree char *block = g_malloc0(bytes);
    if (file < 0) {
        perror(argv[1]);
        return 1;
    }
    int64_t start_us = time_monotonic_us();
    for (int i = 0; i < count; i++) {
        if (write(file, block, bytes) != (ssize_t)bytes || fdatasync(file) != 0) {
            perror(argv[1]);
            return 1;
        }
    }
    printf("%d %.6f\n", count, (double)(time_monotonic_us() - start_us) / US_PER_SECOND);
    unlink(argv[1]);
    return 0;
}
