/* The merchants' logos, 96×96 PNG, for mails, documents and entity.provider.logo. */
#pragma once

#include <stddef.h>

/* PNG bytes (g_free), or NULL where no logo has that name. */
unsigned char *logo_png(const char *name, size_t *ret_length);
/* The same in base64, borrowed, or NULL. */
const char *logo_base64(const char *name);
