/* What is read before the converters are loaded early (by iconv) and after (by tables, where one byte is one character) is
 * the same, for every charset and byte. */
#include "mail/mail.h"

#include <glib.h>

static const char *const labels[] = { "iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6",
    "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16",
    "windows-1250", "windows-1251", "windows-1253", "windows-1255", "windows-1256", "windows-1257", "windows-1258",
    "windows-874", "koi8-r", "koi8-u", "ibm437", "ibm850", "ibm852", "ibm855", "ibm866", "macintosh", "gb18030", "big5",
    "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "utf-16", "utf-16be", "utf-32" };

/* Every byte among letters, every byte after every other, and runs that no charset knows. */
static GByteArray *every_pair(void)
{
    GByteArray *bytes = g_byte_array_new();
    for (unsigned byte = 0; byte < 256; byte++)
        g_byte_array_append(bytes, (const guint8[]){ 'a', (guint8)byte, 'b', ' ' }, 4);
    for (unsigned pair = 0; pair < 256 * 256; pair++)
        g_byte_array_append(bytes, (const guint8[]){ (guint8)(pair >> 8), (guint8)pair }, 2);
    return bytes;
}

static void test_same_before_and_after(void)
{
    g_autoptr(GByteArray) bytes = every_pair();
    const Span span = { (const char *)bytes->data, bytes->len };
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        g_ptr_array_add(before, mail_charset_to_utf8(span, labels[i]));
    mail_charsets_warm_up();
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        g_autofree char *after = mail_charset_to_utf8(span, labels[i]);
        g_assert_cmpstr(after, ==, before->pdata[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/charset/same-before-and-after", test_same_before_and_after);
    return g_test_run();
}
