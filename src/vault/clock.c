/* The program's clock. */
#include <stdlib.h>
#include <time.h>

#include "server.h"

int64_t vault_clock_us(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        abort(); /* without a clock no code would ever expire */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
