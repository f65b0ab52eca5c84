/* Time: UTC microseconds since 1970 in an int64_t, named `…_us`.
 *
 * Code that decides takes `now_us` as a value; code that runs takes a Clock, so that a simulator
 * can stand in its place.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

typedef struct Clock {
    int64_t (*now_us)(void *context);
    void *context;
} Clock;

extern const Clock clock_system;
int64_t clock_now_us(const Clock *clock);

/* Wall time now, for programs' edges. */
int64_t time_now_us(void);
/* Monotonic, for deadlines. */
int64_t time_monotonic_us(void);

enum { TIME_RFC3339_MAX = 32, DATE_TEXT_MAX = 11 };

/* "2026-11-23T03:10:36.123456Z" (RFC 3339). */
void time_format_rfc3339(int64_t time_us, char text[TIME_RFC3339_MAX]);
/* "2026-11-23". */
void time_format_date(int64_t time_us, char text[DATE_TEXT_MAX]);
/* Reads YYYY-MM-DD at the front (a time or zone may follow); false where it is not a real date.
 * The result is midnight UTC. */
bool time_parse_date(Span text, int64_t *ret_time_us);
