/* Time as UTC microseconds. */
#include "base/clock.h"

#include <glib.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t which)
{
    struct timespec time;
    g_assert(clock_gettime(which, &time) == 0);
    return (int64_t)time.tv_sec * US_PER_SECOND + time.tv_nsec / 1000;
}

int64_t time_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t time_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_now_us(void *context)
{
    (void)context;
    return time_now_us();
}

const Clock clock_system = { .now_us = system_now_us };

int64_t clock_now_us(const Clock *clock)
{
    return clock->now_us(clock->context);
}

void time_format_rfc3339(int64_t time_us, char text[TIME_RFC3339_MAX])
{
    time_t seconds = time_us / US_PER_SECOND;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t length = strftime(text, TIME_RFC3339_MAX, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, TIME_RFC3339_MAX - length, ".%06dZ", (int)(time_us % US_PER_SECOND));
}

void time_format_date(int64_t time_us, char text[DATE_TEXT_MAX])
{
    time_t seconds = time_us / US_PER_SECOND;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(text, DATE_TEXT_MAX, "%Y-%m-%d", &parts);
}

static int two_digits(const char *at)
{
    return g_ascii_isdigit(at[0]) && g_ascii_isdigit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

bool time_parse_date(Span text, int64_t *ret_time_us)
{
    if (text.length < 10 || text.at[4] != '-' || text.at[7] != '-')
        return false;
    if (text.length > 10 && g_ascii_isdigit(text.at[10]))
        return false;
    int century = two_digits(text.at), year = two_digits(text.at + 2);
    int month = two_digits(text.at + 5), day = two_digits(text.at + 8);
    if (century < 0 || year < 0 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)(century * 100 + year)))
        return false;
    struct tm parts = { .tm_year = century * 100 + year - 1900, .tm_mon = month - 1, .tm_mday = day };
    *ret_time_us = (int64_t)timegm(&parts) * US_PER_SECOND;
    return true;
}
