/* Charsets of mail → UTF-8.
 *
 * The labels are a closed list: iconv never sees a name from outside, and each converter can be loaded before the jail
 * closes the file system (mail_charsets_warm_up). */
#include "charset.h"

#include <errno.h>
#include <glib.h>
#include <iconv.h>
#include <string.h>

#include "mail/mail.h"

/* Names for iconv (windows-1252 first), each followed by the labels that mean it. ISO-8859-1 is read as windows-1252, its superset, as the
 * WHATWG Encoding Standard does: mail labelled so carries the latter's quotation marks. */
static const struct {
    const char *name;
    const char *labels; /* each between spaces */
} charsets[] = {
    { "CP1252", " iso-8859-1 iso8859-1 latin1 l1 iso_8859-1 windows-1252 cp1252 x-cp1252 " },
    { "ISO-8859-2", " iso-8859-2 iso8859-2 latin2 l2 iso_8859-2 " },
    { "ISO-8859-3", " iso-8859-3 " },
    { "ISO-8859-4", " iso-8859-4 " },
    { "ISO-8859-5", " iso-8859-5 " },
    { "ISO-8859-6", " iso-8859-6 " },
    { "ISO-8859-7", " iso-8859-7 " },
    { "ISO-8859-8", " iso-8859-8 iso-8859-8-i " },
    { "ISO-8859-9", " iso-8859-9 latin5 " },
    { "ISO-8859-10", " iso-8859-10 " },
    { "ISO-8859-13", " iso-8859-13 " },
    { "ISO-8859-14", " iso-8859-14 " },
    { "ISO-8859-15", " iso-8859-15 iso8859-15 latin9 latin-9 " },
    { "ISO-8859-16", " iso-8859-16 " },
    { "CP1250", " windows-1250 cp1250 x-cp1250 " },
    { "CP1251", " windows-1251 cp1251 x-cp1251 " },
    { "CP1253", " windows-1253 cp1253 " },
    { "CP1254", " windows-1254 cp1254 " },
    { "CP1255", " windows-1255 cp1255 " },
    { "CP1256", " windows-1256 cp1256 " },
    { "CP1257", " windows-1257 cp1257 " },
    { "CP1258", " windows-1258 cp1258 " },
    { "CP874", " windows-874 tis-620 iso-8859-11 " },
    { "KOI8-R", " koi8-r koi8 " },
    { "KOI8-U", " koi8-u " },
    { "IBM850", " ibm850 cp850 " },
    { "IBM852", " ibm852 cp852 " },
    { "CP866", " ibm866 cp866 " },
    { "MACINTOSH", " macintosh x-mac-roman " },
    { "GB18030", " gb18030 gbk gb2312 cp936 x-gbk " },
    { "BIG5", " big5 big5-hkscs cp950 " },
    { "SHIFT_JIS", " shift_jis shift-jis sjis x-sjis cp932 windows-31j " },
    { "EUC-JP", " euc-jp x-euc-jp " },
    { "ISO-2022-JP", " iso-2022-jp " },
    { "EUC-KR", " euc-kr ks_c_5601-1987 ksc5601 cp949 " },
    { "UTF-16", " utf-16 " },
    { "UTF-16LE", " utf-16le " },
    { "UTF-16BE", " utf-16be " },
    { "UTF-32", " utf-32 " },
};

enum { LABEL_MAX = 40, PLAIN = -1, WINDOWS_1252 = 0 };

/* Converters that were loaded early: NULL not yet, (iconv_t)-1 not to be had here. */
static iconv_t kept[G_N_ELEMENTS(charsets)];

/* Place of the label's charset; PLAIN for UTF-8, us-ascii and what is unknown. */
static int find_charset(const char *label)
{
    if (label == NULL || label[0] == '\0' || strlen(label) > LABEL_MAX || strchr(label, ' ') != NULL)
        return PLAIN;
    g_autofree char *lower = g_ascii_strdown(label, -1);
    g_autofree char *word = g_strconcat(" ", lower, " ", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (strstr(charsets[i].labels, word) != NULL)
            return (int)i;
    return PLAIN;
}

bool charset_is_known(const char *label)
{
    static const char *const plain[] = { "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "unicode-1-1-utf-8" };
    for (size_t i = 0; label != NULL && i < G_N_ELEMENTS(plain); i++)
        if (g_ascii_strcasecmp(plain[i], label) == 0)
            return true;
    return find_charset(label) != PLAIN;
}

void mail_charsets_warm_up(void)
{
    /* Left open on purpose: an open converter keeps its module in memory for the life of the process. */
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (kept[i] == NULL)
            kept[i] = iconv_open("UTF-8", charsets[i].name);
}

/* One run of iconv into the free room of `text`; the room grows as needed. */
static size_t convert_some(iconv_t converter, char **at, size_t *left, GString *text)
{
    char room[8192];
    char *out = room;
    size_t out_left = sizeof room;
    size_t result = iconv(converter, at, left, &out, &out_left);
    int trouble = result == (size_t)-1 ? errno : 0;
    g_string_append_len(text, room, out - room);
    errno = trouble;
    return result;
}

/* NULL where the converter cannot be had. */
static GString *convert(Span bytes, int charset)
{
    /* What could not be loaded early is not tried again: in the jail there are no files. */
    iconv_t converter = kept[charset] == (iconv_t)-1 ? kept[charset] : iconv_open("UTF-8", charsets[charset].name);
    if (converter == (iconv_t)-1)
        return NULL;
    GString *text = g_string_sized_new(bytes.length + bytes.length / 4);
    char *at = (char *)bytes.at;
    size_t left = bytes.length;
    while (left > 0) {
        if (convert_some(converter, &at, &left, text) != (size_t)-1 || errno == E2BIG)
            continue;
        g_string_append(text, "\xEF\xBF\xBD");
        at++; /* EILSEQ, or EINVAL at a cut end: go on behind the byte that stopped it */
        left--;
    }
    iconv_close(converter);
    return text;
}

/* True for bytes that are valid UTF-8, NUL apart. */
static bool is_utf8(Span bytes)
{
    while (bytes.length > 0) {
        const char *end;
        if (g_utf8_validate_len(bytes.at, bytes.length, &end))
            return true;
        size_t good = (size_t)(end - bytes.at);
        if (*end != '\0')
            return false;
        bytes = span_slice(bytes, good + 1, bytes.length);
    }
    return true;
}

char *charset_to_utf8(Span bytes, const char *label)
{
    int charset = find_charset(label);
    bool says_utf8 = label != NULL && (g_ascii_strcasecmp(label, "utf-8") == 0 || g_ascii_strcasecmp(label, "utf8") == 0);
    if (charset == PLAIN && !says_utf8 && !is_utf8(bytes))
        charset = WINDOWS_1252;
    GString *text = charset == PLAIN ? NULL : convert(bytes, charset);
    if (text == NULL)
        return g_utf8_make_valid(bytes.at, (gssize)bytes.length);
    char *valid = g_utf8_make_valid(text->str, (gssize)text->len); /* a converter may have written NUL */
    g_string_free(text, TRUE);
    return valid;
}
