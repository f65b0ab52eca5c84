/* Logos by name, from the table made at build time. */
#include "logo.h"

#include <string.h>

#include "base/encoding.h"
#include "logo_table.h"

const char *logo_base64(const char *name)
{
    for (size_t i = 0; i < logo_row_count; i++) {
        if (strcmp(logo_rows[i].name, name) == 0)
            return logo_rows[i].base64;
    }
    return NULL;
}

unsigned char *logo_png(const char *name, size_t *ret_length)
{
    const char *text = logo_base64(name);
    char *bytes = NULL;
    return text != NULL && decode_base64(span_of(text), &bytes, ret_length) ? (unsigned char *)bytes : NULL;
}
