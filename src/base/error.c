/* The project's error domain. */
#include "base/error.h"

#include <stdarg.h>

G_DEFINE_QUARK(saldo-error, saldo_error)

void error_set(GError **error, SaldoError code, const char *format, ...)
{
    if (error == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    *error = g_error_new_valist(SALDO_ERROR, (gint)code, format, arguments);
    va_end(arguments);
}
