/* Unguessable text from the kernel's generator. */
#include "random.h"

#include <glib.h>
#include <sys/random.h>

#include "base/encoding.h"

char *random_token(void)
{
    char bytes[32];
    /* Up to 256 bytes come whole or not at all (getrandom(2)). */
    g_assert(getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
    return encode_base64url((Span){ bytes, sizeof(bytes) });
}
