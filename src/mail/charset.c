/* Charsets of mail → UTF-8.
 *
 * The labels are a closed list: iconv never sees a name from outside, and each converter can be loaded before the jail
 * closes the file system (mail_charsets_warm_up). */

#include "mail/mail.h"

#include <errno.h>
#include <glib.h>
#include <iconv.h>
#include <string.h>

#include "charset_table.h"

/* Names for iconv (windows-1252 first), each followed by the labels that mean it. ISO-8859-1 is read as windows-1252, its
 * superset, as the WHATWG Encoding Standard does (and ISO-8859-9, GB 2312, Shift JIS, EUC-KR, Big5 as theirs): mail labelled
 * so carries the latter's quotation marks. UTF-7 is not read: it hides markup from whoever looks at the bytes. */
static const struct {
    const char *name;
    const char *labels; /* each between spaces */
} charsets[] = {
    { "CP1252", " iso-8859-1 iso8859-1 iso_8859-1 iso_8859-1:1987 latin1 l1 cp819 windows-1252 cp1252 x-cp1252 " },
    { "ISO-8859-2", " iso-8859-2 iso8859-2 iso_8859-2 iso_8859-2:1987 latin2 l2 " },
    { "ISO-8859-3", " iso-8859-3 iso8859-3 iso_8859-3 latin3 l3 " },
    { "ISO-8859-4", " iso-8859-4 iso8859-4 iso_8859-4 latin4 l4 " },
    { "ISO-8859-5", " iso-8859-5 iso8859-5 iso_8859-5 cyrillic " },
    { "ISO-8859-6", " iso-8859-6 iso8859-6 iso_8859-6 iso-8859-6-i iso-8859-6-e arabic " },
    { "ISO-8859-7", " iso-8859-7 iso8859-7 iso_8859-7 greek " },
    { "ISO-8859-8", " iso-8859-8 iso8859-8 iso_8859-8 iso-8859-8-i iso-8859-8-e hebrew " },
    { "CP1254", " windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 iso_8859-9 latin5 l5 " },
    { "ISO-8859-10", " iso-8859-10 iso8859-10 latin6 l6 " },
    { "ISO-8859-13", " iso-8859-13 iso8859-13 " },
    { "ISO-8859-14", " iso-8859-14 iso8859-14 " },
    { "ISO-8859-15", " iso-8859-15 iso8859-15 iso_8859-15 latin9 latin-9 l9 " },
    { "ISO-8859-16", " iso-8859-16 iso8859-16 " },
    { "CP1250", " windows-1250 cp1250 x-cp1250 " },
    { "CP1251", " windows-1251 cp1251 x-cp1251 " },
    { "CP1253", " windows-1253 cp1253 x-cp1253 " },
    { "CP1255", " windows-1255 cp1255 x-cp1255 " },
    { "CP1256", " windows-1256 cp1256 x-cp1256 " },
    { "CP1257", " windows-1257 cp1257 x-cp1257 " },
    { "CP1258", " windows-1258 cp1258 x-cp1258 " },
    { "CP874", " windows-874 cp874 tis-620 iso-8859-11 iso8859-11 " },
    { "KOI8-R", " koi8-r koi8_r koi8 cskoi8r " },
    { "KOI8-U", " koi8-u koi8-ru " },
    { "IBM437", " ibm437 cp437 " },
    { "IBM850", " ibm850 cp850 " },
    { "IBM852", " ibm852 cp852 " },
    { "IBM855", " ibm855 cp855 " },
    { "CP866", " ibm866 cp866 csibm866 " },
    { "MACINTOSH", " macintosh mac x-mac-roman " },
    { "GB18030", " gb18030 gbk gb2312 gb_2312-80 euc-cn cp936 ms936 x-gbk chinese csgb2312 " },
    { "BIG5-HKSCS", " big5 big5-hkscs cp950 x-x-big5 csbig5 " },
    { "EUC-TW", " euc-tw x-euc-tw " },
    { "CP932", " shift_jis shift-jis sjis x-sjis ms_kanji cp932 windows-31j csshiftjis " },
    { "EUC-JP", " euc-jp x-euc-jp cseucpkdfmtjapanese " },
    { "ISO-2022-JP", " iso-2022-jp csiso2022jp " },
    { "CP949", " euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean cp949 windows-949 cseuckr " },
    { "ISO-2022-KR", " iso-2022-kr csiso2022kr " },
    { "UTF-16", " utf-16 utf16 ucs-2 iso-10646-ucs-2 " },
    { "UTF-16LE", " utf-16le unicode csunicode " },
    { "UTF-16BE", " utf-16be " },
    { "UTF-32", " utf-32 utf32 ucs-4 iso-10646-ucs-4 " },
    { "UTF-32LE", " utf-32le " },
    { "UTF-32BE", " utf-32be " },
};

enum { PIECE_BYTES = 4096, LABEL_MAX = 40, PLAIN = -1, WINDOWS_1252 = 0 };

/* Converters that were loaded early: NULL not yet, (iconv_t)-1 not to be had here. */
static iconv_t kept[G_N_ELEMENTS(charsets)];
/* And those that need none any more: one byte is one character. */
static CharsetTable *tables[G_N_ELEMENTS(charsets)];

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

bool mail_charset_is_known(const char *label)
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
        if (tables[i] == NULL && kept[i] == NULL && (tables[i] = charset_table_new(charsets[i].name)) == NULL)
            kept[i] = iconv_open("UTF-8", charsets[i].name);
}

/* One run of iconv, its result put behind `text`. `at` of NULL: what the converter still holds back. */
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

/* Bytes to go on behind where one cannot be read: half a character would shift all that follow. */
static size_t unit_of(int charset)
{
    return g_str_has_prefix(charsets[charset].name, "UTF-16") ? 2 : g_str_has_prefix(charsets[charset].name, "UTF-32") ? 4 : 1;
}

/* NULL where the converter cannot be had. */
static GString *convert(Span bytes, int charset)
{
    if (tables[charset] != NULL)
        return charset_table_convert(tables[charset], bytes);
    /* What could not be loaded early is not tried again: in the jail there are no files. */
    iconv_t converter = kept[charset] == (iconv_t)-1 ? kept[charset] : iconv_open("UTF-8", charsets[charset].name);
    if (converter == (iconv_t)-1)
        return NULL;
    GString *text = g_string_sized_new(bytes.length + bytes.length / 4);
    char *at = (char *)bytes.at;
    size_t left = bytes.length;
    while (left > 0) {
        /* In pieces, so that no call looks at more than it reads, however often it is stopped. */
        size_t piece = MIN(left, PIECE_BYTES), rest = piece;
        bool is_read = convert_some(converter, &at, &rest, text) != (size_t)-1 || errno == E2BIG;
        left -= piece - rest;
        bool is_cut_here = errno == EINVAL && rest < piece && rest < left; /* the next piece has the whole character */
        if (is_read || is_cut_here)
            continue;
        g_string_append(text, "\xEF\xBF\xBD");
        size_t step = MIN(unit_of(charset), left); /* EILSEQ, or EINVAL at a cut end */
        at += step;
        left -= step;
    }
    convert_some(converter, NULL, NULL, text); /* windows-1255 and -1258 wait for a combining mark */
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

/* A byte order mark is taken off the front and decides, as in browsers; UTF-32 has one that starts like UTF-16's. */
static int take_byte_order_mark(Span *bytes, int charset)
{
    static const struct {
        const char *mark, *label;
    } marks[] = { { "\xFF\xFE", "utf-16le" }, { "\xFE\xFF", "utf-16be" } };
    bool is_utf32 = charset != PLAIN && unit_of(charset) == 4;
    for (size_t i = 0; !is_utf32 && i < G_N_ELEMENTS(marks); i++)
        if (span_starts_with(*bytes, span_of(marks[i].mark))) {
            *bytes = span_slice(*bytes, 2, bytes->length);
            return find_charset(marks[i].label);
        }
    return charset;
}

char *mail_charset_to_utf8(Span bytes, const char *label)
{
    int charset = take_byte_order_mark(&bytes, find_charset(label));
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
