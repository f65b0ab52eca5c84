/* Log lines on standard error: `2026-11-23T03:10:36.123456Z level room: text`.
 *
 * Never a card number, a security code, a token or a session in a log. Control characters from
 * outside are escaped here, so that nobody can forge a line.
 */
#pragma once

typedef enum LogLevel { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ALARM } LogLevel;

void log_set_level(LogLevel level);
void log_line(LogLevel level, const char *room, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_debug(room, ...) log_line(LOG_LEVEL_DEBUG, room, __VA_ARGS__)
#define log_info(room, ...) log_line(LOG_LEVEL_INFO, room, __VA_ARGS__)
#define log_warning(room, ...) log_line(LOG_LEVEL_WARNING, room, __VA_ARGS__)
/* Somebody has to look: also counted in /metrics. */
#define log_alarm(room, ...) log_line(LOG_LEVEL_ALARM, room, __VA_ARGS__)
