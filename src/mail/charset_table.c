/* A table from a converter: each byte by itself, from a fresh state. */
#include "charset_table.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { CHARACTER_BYTES = 3 }; /* of UTF-8: these charsets stay within the first plane */

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

/* False where the byte does not stand for itself: the first of several, or held back for what follows. */
static bool read_byte(iconv_t converter, int byte, char utf8[4])
{
    char in = (char)byte, *in_at = &in, *out_at = utf8;
    size_t in_left = 1, out_left = CHARACTER_BYTES;
    memset(utf8, 0, CHARACTER_BYTES + 1);
    iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &in_at, &in_left, &out_at, &out_left) == (size_t)-1)
        return errno == EILSEQ && out_at == utf8;
    return out_at > utf8;
}

CharsetTable *charset_table_new(const char *iconv_name)
{
    iconv_t converter = iconv_open("UTF-8", iconv_name);
    if (converter == (iconv_t)-1)
        return NULL;
    g_autofree CharsetTable *table = g_new0(CharsetTable, 1);
    bool is_table = true;
    for (int byte = 0; is_table && byte < 256; byte++)
        is_table = read_byte(converter, byte, table->utf8[byte]);
    iconv_close(converter);
    return is_table ? g_steal_pointer(&table) : NULL;
}

GString *charset_table_convert(const CharsetTable *table, Span bytes)
{
    GString *text = g_string_sized_new(bytes.length + bytes.length / 4);
    for (size_t i = 0; i < bytes.length; i++) {
        const char *utf8 = table->utf8[(unsigned char)bytes.at[i]];
        if (utf8[0] != '\0')
            g_string_append(text, utf8);
        else if (bytes.at[i] == '\0')
            g_string_append_c(text, '\0');
        else
            g_string_append(text, REPLACEMENT);
    }
    return text;
}
