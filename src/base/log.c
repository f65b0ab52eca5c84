/* Log lines: one write per line, control characters escaped. */
#include "base/log.h"

#include <glib.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"

static LogLevel least_level = LOG_LEVEL_INFO;
static const char *const level_names[] = { "debug", "info", "warning", "ALARM" };

void log_set_level(LogLevel level)
{
    least_level = level;
}

void log_line(LogLevel level, const char *room, const char *format, ...)
{
    if (level < least_level)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    char when[TIME_RFC3339_MAX];
    time_format_rfc3339(time_now_us(), when);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%s %s %s: ", when, level_names[level], room);
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            g_string_append_printf(line, "\\x%02x", (unsigned char)*at);
        else
            g_string_append_c(line, *at);
    }
    g_string_append_c(line, '\n');
    if (write(STDERR_FILENO, line->str, line->len) < 0) {
        /* Nobody is left to tell. */
    }
}
