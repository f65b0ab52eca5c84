/* What every benchmark of this folder measures with: CPU time, and the median of its rounds. */
#pragma once

#include <stdlib.h>
#include <time.h>

/* Of this process, all its threads. */
static inline double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Sorts the values; their number is odd. */
static inline double median_of(double *values, size_t count)
{
    qsort(values, count, sizeof values[0], compare_doubles);
    return values[count / 2];
}
