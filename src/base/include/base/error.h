/* "Cannot" as a value: GError in one domain. The text says what, where and what to do.
 *
 * Bugs abort (g_assert stays on in release). Verdicts are enums of their own. An outside party whose
 * answer was lost is SALDO_ERROR_UNKNOWN_OUTCOME, never a failure.
 */
#pragma once

#include <glib.h>

#define SALDO_ERROR (saldo_error_quark())
GQuark saldo_error_quark(void);

typedef enum SaldoError {
    SALDO_ERROR_BAD_INPUT,       /* what was given cannot be right */
    SALDO_ERROR_LIMIT,           /* larger, deeper or longer than a named limit */
    SALDO_ERROR_NOT_FOUND,
    SALDO_ERROR_CONFLICT,        /* the state does not allow it */
    SALDO_ERROR_DENIED,          /* not this caller, or not this secret */
    SALDO_ERROR_UNAVAILABLE,     /* try again later: busy, down, restarting */
    SALDO_ERROR_UNKNOWN_OUTCOME, /* asked somebody to act and do not know whether they did */
    SALDO_ERROR_IO,              /* disk, socket, database */
} SaldoError;

/* `error` may be NULL. */
void error_set(GError **error, SaldoError code, const char *format, ...) __attribute__((format(printf, 3, 4)));
