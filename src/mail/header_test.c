/* Header fields: encoded words, parameters, addresses, dates, charsets, transfer encodings. */
#include "header.h"

#include <glib.h>
#include <string.h>

#include "address.h"
#include "base/clock.h"
#include "date.h"
#include "limits.h"
#include "mail/mail.h"
#include "transfer.h"

static void expect_text(Span value, const char *expected)
{
    g_autofree char *text = header_text(value, MAIL_TEXT_MAX);
    g_assert_cmpstr(text, ==, expected);
}

static void test_encoded_words(void)
{
    expect_text(SPAN("plain =?= =? text"), "plain =?= =? text");
    expect_text(SPAN("=?UTF-8?B?WmHFvMOzxYLEhw==?="), "Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87");
    expect_text(SPAN("=?iso-8859-2?Q?za=BF=F3=B3=E6_g=EA=B6l?="), "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 g\xc4\x99\xc5\x9bl");
    expect_text(SPAN("=?utf-8*pl?q?a?= b =?utf-8?q?c?="), "a b c");
    expect_text(SPAN("=?utf-8?q?a?= \r\n =?utf-8?q?b?="), "ab");
    /* one character cut in two words */
    expect_text(SPAN("=?utf-8?B?xQ==?= =?utf-8?B?vA==?="), "\xc5\xbc");
    expect_text(SPAN("=?utf-8?q?a?==?iso-8859-1?q?=E9?="), "a\xc3\xa9");
    expect_text(SPAN("=?utf-8?x?a?="), "=?utf-8?x?a?=");
    expect_text(SPAN("=?utf-8?b?YQ"), "=?utf-8?b?YQ");
    expect_text(SPAN("=?no-such-set?q?caf=E9?="), "caf\xc3\xa9");
    expect_text(SPAN("a =?utf-8?q?=0D=0ABcc:_x?="), "a Bcc: x");
    expect_text(SPAN("caf\xe9 \xc5\xbc"), "caf\xc3\xa9 \xc3\x85\xc2\xbc");
    expect_text(SPAN("za\xc5\xbc"), "za\xc5\xbc");
}

static void expect_parameter(const char *value, const char *expected)
{
    g_autofree char *text = header_parameter(span_of(value), "name");
    g_assert_cmpstr(text, ==, expected);
}

static void test_parameters(void)
{
    expect_parameter("a/b", NULL);
    expect_parameter("a/b; name=x.pdf; other=1", "x.pdf");
    expect_parameter("a/b; NAME = \"a \\\"b\\\" (c).pdf\"", "a \"b\" (c).pdf");
    expect_parameter("a/b;(c;name=no)name=yes", "yes");
    expect_parameter("a/b; name*=utf-8'pl'za%C5%BC.pdf", "za\xc5\xbc.pdf");
    expect_parameter("a/b; name*=iso-8859-2''%BF.pdf; name=plain", "\xc5\xbc.pdf");
    expect_parameter("a/b; name*1=\"b c\"; name*0=\"a\"; name*2=d", "ab cd");
    expect_parameter("a/b; name*0*=utf-8''%C5; name*1*=%BC; name*2=\"%41\"", "\xc5\xbc%41");
    expect_parameter("a/b; name*0=a; name*2=c", "a");
    expect_parameter("a/b; name=\"=?utf-8?q?=C5=BC.pdf?=\"", "\xc5\xbc.pdf");
    expect_parameter("a/b; name=first; name=second", "first");
    expect_parameter("a/b; name=\"unclosed", "unclosed");
    expect_parameter("a/b; name*99999999999999999999=x; name=y", "y");
    expect_parameter("a/b; name*=%zz%4", "%zz%4");
    expect_parameter(";;;=;name=z;;", "z");
    g_autofree char *type = header_main_value(SPAN(" (x) Text/HTML (y); charset=a"));
    g_assert_cmpstr(type, ==, "text/html");
}

/* Takes long only if something is read again and again. */
static void test_hostile_parameters(void)
{
    static const char *const fillers[] = { ";", "(", ";a(", "; name*1=", "\\", "\"", ";a ", "=?a?q?", "=?", "<", "," };
    int64_t start_us = time_monotonic_us();
    for (size_t i = 0; i < G_N_ELEMENTS(fillers); i++) {
        GString *value = g_string_new("a/b");
        while (value->len < MAIL_FIELD_BYTES_MAX)
            g_string_append(value, fillers[i]);
        g_autofree char *parameter = header_parameter((Span){ value->str, value->len }, "name");
        g_autofree char *text = header_text((Span){ value->str, value->len }, MAIL_TEXT_MAX);
        g_autoptr(GPtrArray) mailboxes = address_list_parse((Span){ value->str, value->len });
        g_assert_true(parameter == NULL || strlen(parameter) <= MAIL_FIELD_BYTES_MAX);
        g_assert_cmpuint(strlen(text), <=, MAIL_TEXT_MAX);
        g_assert_cmpuint(mailboxes->len, <=, MAIL_MAILBOXES_MAX);
        g_string_free(value, TRUE);
    }
    g_assert_cmpint(time_monotonic_us() - start_us, <, 2 * US_PER_SECOND);
}

static void expect_mailbox(const char *value, const char *name, const char *address)
{
    g_autoptr(GPtrArray) mailboxes = address_list_parse(span_of(value));
    g_assert_cmpuint(mailboxes->len, ==, name != NULL || address != NULL);
    if (mailboxes->len == 0)
        return;
    const Mailbox *mailbox = mailboxes->pdata[0];
    g_assert_cmpstr(mailbox->name, ==, name);
    g_assert_cmpstr(mailbox->address, ==, address);
}

static void test_addresses(void)
{
    expect_mailbox("", NULL, NULL);
    expect_mailbox("a@b.example", NULL, "a@b.example");
    expect_mailbox("<a@b.example>", NULL, "a@b.example");
    expect_mailbox("A B <a@b.example>", "A B", "a@b.example");
    expect_mailbox("\"B, \\\"A\\\" <x@y>\" <a@b.example>", "B, \"A\" <x@y>", "a@b.example");
    expect_mailbox("a@b.example (A (nested) B)", "A (nested) B", "a@b.example");
    expect_mailbox("=?utf-8?q?=C5=BB?= <a@b.example>", "\xc5\xbb", "a@b.example");
    expect_mailbox("undisclosed-recipients:;", NULL, NULL);
    expect_mailbox("group: a@b.example;", NULL, "a@b.example");
    expect_mailbox("no address", "no address", NULL);
    expect_mailbox("A <a @ b.example", "A", "a@b.example");
    expect_mailbox("A <a@b . example >", "A", "a@b.example");
    expect_mailbox("a@b.example c@d.example", NULL, "a@b.example");
    expect_mailbox("<a b@c.example>", NULL, "b@c.example");
    g_autoptr(GPtrArray) two = address_list_parse(SPAN("A <a@b.example>, \"C, D\" <c@d.example>,"));
    g_autofree char *text = address_list_text(two);
    g_assert_cmpstr(text, ==, "A <a@b.example>, C, D <c@d.example>");
}

static void expect_date(const char *value, const char *expected)
{
    int64_t time_us;
    char text[TIME_RFC3339_MAX];
    bool read = date_parse(span_of(value), &time_us);
    g_assert_true(read == (expected != NULL));
    if (!read)
        return;
    time_format_rfc3339(time_us, text);
    g_assert_cmpstr(text, ==, expected);
}

static void test_dates(void)
{
    expect_date("Mon, 23 Nov 2026 04:10:36 +0100 (CET)", "2026-11-23T03:10:36.000000Z");
    expect_date("23 nov 2026 03:10 GMT", "2026-11-23T03:10:00.000000Z");
    expect_date("Mon,23 Nov 26 03:10:36 EST", "2026-11-23T08:10:36.000000Z");
    expect_date("(a) 1 Jan 99 00:00:00 -0000", "1999-01-01T00:00:00.000000Z");
    expect_date("Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00.000000Z");
    expect_date("", NULL);
    expect_date("tomorrow", NULL);
    expect_date("30 Feb 2026 00:00:00 +0000", NULL);
    expect_date("1 Foo 2026 00:00:00 +0000", NULL);
    expect_date("1 Jan 2026 24:00:00 +0000", NULL);
    expect_date("1 Jan 99999 00:00:00 +0000", NULL);
    expect_date("99999999999999999999 Jan 2026 00:00 +0000", NULL);
}

static void expect_decoded(const char *encoding, Span body, Span expected)
{
    g_autofree char *room = g_malloc(body.length + 1);
    size_t length = transfer_decode(body, encoding, room);
    g_assert_cmpmem(room, length, expected.at, expected.length);
    g_assert_cmpuint(transfer_decode(body, encoding, NULL), ==, length);
}

static void test_transfer_encodings(void)
{
    expect_decoded("base64", SPAN("AAEC\r\n/w=="), SPAN("\0\1\2\xff"));
    expect_decoded("BASE64", SPAN("Y*W\tJ j"), SPAN("abc"));
    expect_decoded("base64", SPAN("YQ==YQ=="), SPAN("aa"));
    expect_decoded("base64", SPAN("YWI"), SPAN("ab"));
    expect_decoded("base64", SPAN("Y"), SPAN(""));
    expect_decoded("base64", SPAN("===="), SPAN(""));
    expect_decoded("quoted-printable", SPAN("a=3Db=20=\r\nc  \r\nd=\ne"), SPAN("a=b c\r\nde"));
    expect_decoded("quoted-printable", SPAN("=zz=4 =C5=bc="), SPAN("=zz=4 \xc5\xbc"));
    expect_decoded("quoted-printable", SPAN("a \t"), SPAN("a"));
    expect_decoded("quoted-printable", SPAN("a=  "), SPAN("a"));
    expect_decoded("quoted-printable", SPAN("a= b= \t\r\n c \r\n"), SPAN("a= b c\r\n"));
    expect_decoded("x-uuencode", SPAN("hello\r\nbegin 644 a.txt\r\n#8V%T\r\n`\r\nend\r\nafter"), SPAN("cat"));
    expect_decoded("UUE", SPAN("begin 644 a\n#8V%T\n&8V%T\n"), SPAN("catcat"));
    expect_decoded("x-uuencode", SPAN("no file"), SPAN("no file"));
    expect_decoded("8bit", SPAN("a=3D\0"), SPAN("a=3D\0"));
    expect_decoded(NULL, SPAN("x"), SPAN("x"));
}

static void expect_utf8(Span bytes, const char *label, const char *expected)
{
    g_autofree char *text = mail_charset_to_utf8(bytes, label);
    g_assert_cmpstr(text, ==, expected);
}

static void test_charsets(void)
{
    expect_utf8(SPAN("\xb1\xe6"), "ISO-8859-2", "\xc4\x85\xc4\x87");
    expect_utf8(SPAN("\x80"), "iso-8859-1", "\xe2\x82\xac");
    expect_utf8(SPAN("a\0b"), "utf-8", "a\xef\xbf\xbd" "b");
    expect_utf8(SPAN("\xff\xfe" "a\0\x7c\x01"), "utf-16", "a\xc5\xbc");
    expect_utf8(SPAN("a\0\0\0"), "utf-16le", "a\xef\xbf\xbd");
    expect_utf8(SPAN("a\0b"), "utf-16le", "a\xef\xbf\xbd");
    expect_utf8(SPAN("\x82\xa0"), "Shift_JIS", "\xe3\x81\x82");
    expect_utf8(SPAN("\xd0\xd2"), "koi8-r", "\xd0\xbf\xd1\x80");
    expect_utf8(SPAN("\xc5\xbc"), NULL, "\xc5\xbc");
    expect_utf8(SPAN("\xe9"), "us-ascii", "\xc3\xa9");
    expect_utf8(SPAN("\xe9"), "utf-8", "\xef\xbf\xbd");
    /* a byte order mark decides; a broken unit does not shift what follows */
    expect_utf8(SPAN("\xff\xfe\x42\x01"), NULL, "\xc5\x82");
    expect_utf8(SPAN("\xfe\xff\x01\x42"), "utf-8", "\xc5\x82");
    expect_utf8(SPAN("\x42\x01\x00\xdc\x61\x00"), "utf-16le", "\xc5\x82\xef\xbf\xbd" "a");
    expect_utf8(SPAN("\xff\xfe\0\0a\0\0\0"), "utf-32", "a");
    expect_utf8(SPAN("a\0\0\0\0\0\x11\0b\0\0\0"), "utf-32le", "a\xef\xbf\xbd" "b");
    expect_utf8(SPAN("\0\0\0a\0\0\0"), "utf-32be", "a\xef\xbf\xbd");
    expect_utf8(SPAN("\xe0"), "windows-1255", "\xd7\x90"); /* iconv holds it back until the end */
    expect_utf8(SPAN("\xfd"), "iso-8859-9", "\xc4\xb1");
    expect_utf8(SPAN("\\\x87\x40"), "shift_jis", "\\\xe2\x91\xa0");
    expect_utf8(SPAN("\x81\x41"), "ks_c_5601-1987", "\xea\xb0\x82");
    expect_utf8(SPAN("\xd6\xd0"), "gb2312", "\xe4\xb8\xad");
    expect_utf8(SPAN("\xa4\xa4"), "big5", "\xe4\xb8\xad");
    expect_utf8(SPAN("\xa4\xa2"), "euc-jp", "\xe3\x81\x82");
    expect_utf8(SPAN("\x1b$B$\"\x1b(B"), "iso-2022-jp", "\xe3\x81\x82");
    expect_utf8(SPAN("+AWc-"), "utf-7", "+AWc-"); /* not read, and named by the summary */
    expect_utf8(SPAN("a"), "../../../etc/passwd", "a");
    expect_utf8(SPAN("a"), "utf-8//TRANSLIT", "a");
    g_assert_true(mail_charset_is_known("UTF-8") && mail_charset_is_known("Windows-1250"));
    g_assert_false(mail_charset_is_known("") || mail_charset_is_known("utf-7") || mail_charset_is_known("x y"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/header/encoded-words", test_encoded_words);
    g_test_add_func("/header/parameters", test_parameters);
    g_test_add_func("/header/hostile-parameters", test_hostile_parameters);
    g_test_add_func("/header/addresses", test_addresses);
    g_test_add_func("/header/dates", test_dates);
    g_test_add_func("/header/transfer-encodings", test_transfer_encodings);
    g_test_add_func("/header/charsets", test_charsets);
    return g_test_run();
}
