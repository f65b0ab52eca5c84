/* Dates of mail. */
#include "date.h"

#include <glib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum { DATE_WORDS_MAX = 8, DATE_BYTES_MAX = 128 };

/* Splits at white space and commas; comments are left out. */
static unsigned split_words(Span value, Span words[DATE_WORDS_MAX])
{
    unsigned count = 0, depth = 0;
    bool in_word = false;
    value = span_slice(value, 0, DATE_BYTES_MAX);
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        depth += c == '(';
        bool between = depth > 0 || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
        depth -= c == ')' && depth > 0;
        if (!between && !in_word) {
            if (count == DATE_WORDS_MAX)
                return count;
            words[count++] = (Span){ value.at + i, 0 };
        }
        in_word = !between;
        if (in_word)
            words[count - 1].length++;
    }
    return count;
}

static int read_month(Span word)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int i = 0; i < 12; i++)
        if (span_starts_with_nocase(word, (Span){ months + 3 * i, 3 }))
            return i + 1;
    return 0;
}

static bool read_number(Span word, uint64_t maximum, int *ret_number)
{
    uint64_t number;
    if (!span_to_uint64(word, &number) || number > maximum)
        return false;
    *ret_number = (int)number;
    return true;
}

/* hh:mm[:ss] */
static bool read_time(Span word, struct tm *parts)
{
    Span hour, minute, second = SPAN("0");
    if (!span_cut(&word, ':', &hour) || !span_cut(&word, ':', &minute))
        return false;
    span_cut(&word, ':', &second);
    return read_number(hour, 23, &parts->tm_hour) && read_number(minute, 59, &parts->tm_min)
        && read_number(second, 60, &parts->tm_sec);
}

/* Minutes east of Greenwich; an unknown name counts as UTC (RFC 5322 §4.3). */
static int read_zone(Span word)
{
    static const struct {
        const char *name;
        int minutes;
    } names[] = { { "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 }, { "MST", -420 }, { "MDT", -360 },
        { "PST", -480 }, { "PDT", -420 } };
    int number;
    bool is_signed = word.length == 5 && (word.at[0] == '+' || word.at[0] == '-');
    if (is_signed && read_number(span_slice(word, 1, 5), 9999, &number)) {
        int minutes = number / 100 * 60 + number % 100;
        return word.at[0] == '-' ? -minutes : minutes;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (span_equal_nocase(word, span_of(names[i].name)))
            return names[i].minutes;
    return 0;
}

bool date_parse(Span value, int64_t *ret_time_us)
{
    Span words[DATE_WORDS_MAX];
    unsigned count = split_words(value, words), first = count > 0 && g_ascii_isalpha(words[0].at[0]) ? 1 : 0;
    struct tm parts = { 0 };
    int year;
    if (count < first + 4)
        return false;
    int month = read_month(words[first + 1]);
    if (!read_number(words[first], 31, &parts.tm_mday) || month == 0 || !read_number(words[first + 2], 9999, &year)
        || !read_time(words[first + 3], &parts))
        return false;
    if (words[first + 2].length <= 3)
        year += year < 50 ? 2000 : 1900;
    if (year < 1900 || !g_date_valid_dmy((GDateDay)parts.tm_mday, (GDateMonth)month, (GDateYear)year))
        return false;
    parts.tm_mon = month - 1;
    parts.tm_year = year - 1900;
    int zone = count > first + 4 ? read_zone(words[first + 4]) : 0;
    *ret_time_us = ((int64_t)timegm(&parts) - zone * 60) * US_PER_SECOND;
    return true;
}
