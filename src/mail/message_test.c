/* Messages: parts, summaries, broken and hostile forms. */
#include "mail/mail.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "limits.h"

/* The parts as "depth:type[:name][!]=body …", "!" for an attachment; bodies decoded. */
static char *outline(Span raw)
{
    g_autoptr(MailMessage) message = mail_message_parse(raw);
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < mail_message_part_count(message); i++) {
        const MailPart *part = mail_message_part(message, i);
        g_autoptr(GBytes) bytes = NULL;
        g_assert_true(mail_part_decode(part, &bytes, NULL));
        g_string_append_printf(text, "%s%u:%s%s%s%s=%.*s", i == 0 ? "" : " ", part->depth, part->media_type,
            part->name == NULL ? "" : ":", part->name == NULL ? "" : part->name, part->is_attachment ? "!" : "",
            (int)g_bytes_get_size(bytes), (const char *)g_bytes_get_data(bytes, NULL));
    }
    return g_string_free(text, FALSE);
}

static void expect_outline(Span raw, const char *expected)
{
    g_autofree char *text = outline(raw);
    g_assert_cmpstr(text, ==, expected);
}

#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"

static void test_parts(void)
{
    expect_outline(SPAN(""), "0:text/plain=");
    expect_outline(SPAN("no header at all"), "0:text/plain=no header at all");
    expect_outline(SPAN("A: b\r\n\r\nbody\r\n"), "0:text/plain=body\r\n");
    expect_outline(SPAN("A: b\n\nbody\n"), "0:text/plain=body\n");
    expect_outline(SPAN("From a@b Mon\nA: b\n\nx"), "0:text/plain=x");
    expect_outline(SPAN("Content-Type: text/html; charset=x\r\n\r\n<p>"), "0:text/html=<p>");
    expect_outline(SPAN("Content-Type: nonsense\r\n\r\nx"), "0:text/plain=x");
    expect_outline(SPAN("Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\neA=="),
        "0:application/pdf:a.pdf!=x");
    expect_outline(SPAN(MIXED "preamble\r\n--b\r\n\r\none\r\n--b  \r\nContent-Type: text/html\r\n\r\ntwo\r\n\r\n--b--\r\nend"),
        "1:text/plain=one 1:text/html=two\r\n");
    /* bare LF, an empty part, a part whose headers run into the boundary */
    expect_outline(SPAN("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b\nA: c\n--b\n\nx\n--b--\n"),
        "1:text/plain= 1:text/plain= 1:text/plain=x");
    /* lines that only look like boundaries */
    expect_outline(SPAN(MIXED "--b\r\n\r\n--bc\r\n --b\r\n--\r\n-b\r\n--b--x\r\n--b--"),
        "1:text/plain=--bc\r\n --b\r\n--\r\n-b\r\n--b--x");
}

static void test_nested_parts(void)
{
    static const char inner[] = "Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nplain\r\n--c\r\n"
                                "Content-Type: text/html\r\n\r\nhtml\r\n";
    g_autofree char *closed = g_strconcat(MIXED "--b\r\n", inner, "--c--\r\nepilogue\r\n--b\r\n\r\nlast\r\n--b--\r\n", NULL);
    expect_outline(span_of(closed), "2:text/plain=plain 2:text/html=html 1:text/plain=last");
    /* the inner end is missing: the outer boundary ends it */
    g_autofree char *unclosed = g_strconcat(MIXED "--b\r\n", inner, "--b\r\n\r\nlast\r\n--b--\r\n", NULL);
    expect_outline(span_of(unclosed), "2:text/plain=plain 2:text/html=html 1:text/plain=last");
}

static void test_forwarded_message(void)
{
    static const char raw[] = MIXED "--b\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n"
                                    "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/html\r\n\r\nF\r\n"
                                    "--i\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\ndeep\r\n--i--\r\n--b\r\n\r\n"
                                    "after\r\n--b--\r\n";
    g_autofree char *text = outline(span_of(raw));
    g_assert_true(g_str_has_prefix(text, "1:text/plain=see below 1:message/rfc822!=Subject: x\r\n"));
    g_assert_true(g_str_has_suffix(text,
        "--i-- 3:text/html=F 3:message/rfc822!=Subject: y\r\n\r\ndeep 1:text/plain=after"));
    g_autoptr(MailMessage) message = mail_message_parse(span_of(raw));
    g_assert_cmpint(mail_message_body_part(message), ==, 0);
    static const bool in_forward[] = { false, false, true, true, false }; /* the forward itself is a part of the mail */
    g_assert_cmpuint(mail_message_part_count(message), ==, G_N_ELEMENTS(in_forward));
    for (size_t i = 0; i < G_N_ELEMENTS(in_forward); i++)
        g_assert_cmpint(mail_message_part(message, i)->in_forward, ==, in_forward[i]);
    expect_outline(SPAN("Content-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\nH"),
        "0:message/rfc822!=Content-Type: text/html\r\n\r\nH 1:text/html=H");
}

/* Somebody on the way can put lines above a signed header: they must not become the body, nor decide how it is read. */
static void test_lines_above_a_signed_header(void)
{
    static const char signed_mail[] = "From: a@b.example\r\nSubject: genuine\r\nContent-Type: text/plain\r\n\r\ngenuine";
    static const char *const above[] = { "<b>forged</b>\r\n", "Content-Type: text/html\r\n<b>forged</b>\r\n",
        "Content-Type: text/html\r\nSubject: forged\r\n", "Content-Transfer-Encoding: 8bit\r\n\t\r\nforged\r\n", " forged\r\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(above); i++) {
        g_autofree char *raw = g_strconcat(above[i], signed_mail, NULL);
        expect_outline(span_of(raw), "0:text/plain=genuine");
        g_autoptr(MailMessage) message = mail_message_parse(span_of(raw));
        g_autoptr(MailSummary) summary = mail_message_summary(message);
        g_assert_cmpstr(summary->from_address, ==, "a@b.example");
        g_assert_cmpstr(summary->subject, ==, "genuine");
    }
}

static void test_multipart_without_parts(void)
{
    expect_outline(SPAN(MIXED "all of it"), "0:text/plain=all of it");
    expect_outline(SPAN(MIXED "all of it\r\n--b--\r\n"), "0:text/plain=all of it");
    expect_outline(SPAN(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\ninner\r\n--b\r\n\r\nlast\r\n--b--\r\n"),
        "1:text/plain=inner 1:text/plain=last");
    expect_outline(SPAN("Content-Type: message/rfc822\r\n\r\n" MIXED "inner"),
        "0:message/rfc822!=" MIXED "inner 1:text/plain=inner");
}

static void test_encoded_forward(void)
{
    static const char inner[] = "Content-Type: multipart/mixed; boundary=i\n\n--i\n\nF\n--i\nContent-Type: message/rfc822\n\n"
                                "A: b\n\ndeep\n--i--\n";
    g_autofree char *coded = g_base64_encode((const guchar *)inner, strlen(inner));
    g_autofree char *raw = g_strconcat(MIXED "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n", coded,
        "\r\n--b\r\n\r\nafter\r\n--b--", NULL);
    g_autofree char *expected
        = g_strconcat("1:message/rfc822!=", inner, " 3:text/plain=F 3:message/rfc822!=A: b\n\ndeep 1:text/plain=after", NULL);
    expect_outline(span_of(raw), expected);
    g_autoptr(MailMessage) message = mail_message_parse(span_of(raw));
    static const bool in_forward[] = { false, true, true, false };
    for (size_t i = 0; i < G_N_ELEMENTS(in_forward); i++)
        g_assert_cmpint(mail_message_part(message, i)->in_forward, ==, in_forward[i]);
    expect_outline(SPAN("Content-Type: message/global\n\nContent-Type: text/html\n\nH"),
        "0:message/global!=Content-Type: text/html\n\nH 1:text/html=H");
    expect_outline(SPAN("Content-Type: message/global\nContent-Transfer-Encoding: quoted-printable\n\nA: b\n\n=48"),
        "0:message/global!=A: b\n\nH 1:text/plain=H");
}

static void test_digest(void)
{
    expect_outline(SPAN("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b\n"
                        "Content-Type: text/html\n\ntwo\n--b--"),
        "1:message/rfc822!=Subject: x\n\none 2:text/plain=one 1:text/html=two");
    expect_outline(SPAN("Content-Type: multipart/digest; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n"
                        "--c\n\none\n--c--\n--b--"),
        "2:text/plain=one");
}

static void test_uuencoded_files(void)
{
    /* at the end of the text: the text ends before it */
    expect_outline(SPAN("A: b\r\n\r\nsee:\r\nbegin 644 cat.txt\r\n#8V%T\r\n`\r\nend\r\n\r\n"),
        "0:text/plain=see:\r\n 0:application/octet-stream:cat.txt!=cat");
    /* in the middle of it: the text stays whole, for nothing may be lost */
    expect_outline(SPAN("A: b\n\nbegin 644 cat.txt\n#8V%T\n`\nend\nbegin 600 d\n \nend\nbye"),
        "0:text/plain=begin 644 cat.txt\n#8V%T\n`\nend\nbegin 600 d\n \nend\nbye 0:application/octet-stream:cat.txt!=cat "
        "0:application/octet-stream:d!=");
    /* what only looks like one */
    expect_outline(SPAN("A: b\n\nbegin 644 the day well\nand go on\nend\n"), "0:text/plain=begin 644 the day well\nand go on\nend\n");
    expect_outline(SPAN("A: b\n\nbegin 644 a\n#8V%T\n"), "0:text/plain=begin 644 a\n#8V%T\n");
    expect_outline(SPAN("A: b\n\nbegin  a\n#8V%T\nend\n"), "0:text/plain=begin  a\n#8V%T\nend\n");
    expect_outline(SPAN("A: b\n\nx begin 644 a\n#8V%T\nend\n"), "0:text/plain=x begin 644 a\n#8V%T\nend\n");
    /* a file that was cut off before the next one */
    expect_outline(SPAN("A: b\n\nbegin 644 a\n#8V%T\nbegin 644 b\n#8V%T\nend"),
        "0:text/plain=begin 644 a\n#8V%T\n 0:application/octet-stream:b!=cat");
    /* a part that is encoded as a whole */
    expect_outline(SPAN("Content-Type: application/pdf\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a.pdf\n#8V%T\n`\nend\n"),
        "0:application/pdf:a.pdf!=cat");
    expect_outline(SPAN("Content-Transfer-Encoding: x-uue\n\nbegin 644 a.txt\n#8V%T\n`\nend\n"), "0:text/plain:a.txt!=cat");
}

static void test_body_part(void)
{
    static const struct {
        const char *raw;
        int body;
    } cases[] = {
        { "A: b\r\n\r\nx", 0 },
        { "Content-Type: application/pdf\r\n\r\nx", -1 },
        { MIXED "--b\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\nh\r\n--b--", 1 },
        { MIXED "--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment\r\n\r\nh\r\n--b\r\n\r\nplain\r\n--b--", 1 },
        { MIXED "--b\r\nContent-Type: text/plain\r\nContent-Disposition: inline; filename=a.txt\r\n\r\nh\r\n--b--", -1 },
        { "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx", 1 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(MailMessage) message = mail_message_parse(span_of(cases[i].raw));
        g_assert_cmpint(mail_message_body_part(message), ==, cases[i].body);
    }
}

static void expect_part_text(Span raw, const char *expected)
{
    g_autoptr(MailMessage) message = mail_message_parse(raw);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = mail_part_text(mail_message_part(message, 0), &error);
    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, expected);
}

static void test_part_text(void)
{
    expect_part_text(SPAN("Content-Type: text/plain; charset=ISO-8859-2\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=B1"),
        "\xc4\x85");
    expect_part_text(SPAN("A: b\r\n\r\n\xe9\0"), "\xc3\xa9\xef\xbf\xbd");
    expect_part_text(SPAN("Content-Type: text/html\r\n\r\n<meta charset='iso-8859-2'>\xb1"),
        "<meta charset='iso-8859-2'>\xc4\x85");
    expect_part_text(SPAN("Content-Type: text/html\r\n\r\n<META http-equiv=x content='text/html; charset=windows-1250'>\xb9"),
        "<META http-equiv=x content='text/html; charset=windows-1250'>\xc4\x85");
    expect_part_text(SPAN("Content-Type: text/plain; charset=utf-8\r\n\r\n\xff"), "\xef\xbf\xbd");
}

/* ---- Summary ------------------------------------------------------------------------------------------------------ */

static MailSummary *summary_of(Span raw)
{
    g_autoptr(MailMessage) message = mail_message_parse(raw);
    MailSummary *summary = mail_message_summary(message);
    JSON_AUTO *json = mail_summary_to_json(summary);
    g_autoptr(GError) error = NULL;
    g_autoptr(MailSummary) again = mail_summary_from_json(json, &error);
    g_assert_no_error(error);
    JSON_AUTO *second = mail_summary_to_json(again);
    g_assert_true(json_equal(json, second));
    return summary;
}

static void test_summary(void)
{
    g_autoptr(MailSummary) summary = summary_of(
        SPAN("FROM: =?utf-8?q?Jos=C3=A9?= <jose@example.org>\r\nReply-To: x@example.net\r\nTo: A <a@example.org>,\r\n"
             " b@example.org\r\nSubject: Your\r\n\tinvoice\r\nMessage-ID:\r\n <1@example.org>\r\nDate: Mon, 23 Nov 2026 "
             "03:10:36 +0000\r\n" MIXED "--b\r\nContent-Type: text/html\r\n\r\n<p>HTML\r\n--b\r\n\r\nHello\r\nreader\r\n"
             "--b\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--"));
    g_assert_cmpstr(summary->from_name, ==, "Jos\xc3\xa9");
    g_assert_cmpstr(summary->from_address, ==, "jose@example.org");
    g_assert_cmpstr(summary->reply_to, ==, "x@example.net");
    g_assert_cmpstr(summary->to, ==, "A <a@example.org>, b@example.org");
    g_assert_cmpstr(summary->subject, ==, "Your invoice");
    g_assert_cmpstr(summary->message_id, ==, "<1@example.org>");
    g_assert_cmpstr(summary->date, ==, "2026-11-23T03:10:36.000000Z");
    g_assert_cmpstr(summary->preview, ==, "Hello reader");
    g_assert_cmpuint(summary->troubles->len, ==, 0);
    g_assert_cmpuint(summary->attachments->len, ==, 1);
    const MailAttachment *attachment = summary->attachments->pdata[0];
    g_assert_cmpstr(attachment->name, ==, "a.pdf");
    g_assert_cmpuint(attachment->part, ==, 2);
    g_assert_cmpuint(attachment->bytes, ==, 3);
}

static void expect_trouble(Span raw, const char *words)
{
    g_autoptr(MailSummary) summary = summary_of(raw);
    for (unsigned i = 0; i < summary->troubles->len; i++)
        if (strstr(summary->troubles->pdata[i], words) != NULL)
            return;
    g_error("no trouble with the words \"%s\" for: %.*s", words, (int)raw.length, raw.at);
}

static void test_troubles(void)
{
    expect_trouble(SPAN(""), "no readable sender");
    expect_trouble(SPAN("From: a@b.example\r\nFrom: c@d.example\r\n\r\n"), "more than one sender");
    expect_trouble(SPAN("From: a@b.example, c@d.example\r\n\r\n"), "more than one sender");
    expect_trouble(SPAN("Date: now\r\n\r\n"), "Date cannot be read");
    expect_trouble(SPAN("Content-Type: multipart/mixed\r\n\r\n--b\r\n"), "no usable boundary");
    expect_trouble(SPAN(MIXED "--b\r\n\r\ncut"), "last boundary is missing");
    expect_trouble(SPAN(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--b--"), "not closed");
    expect_trouble(SPAN("From: a@b.example\r\nno field\r\n\r\nx"), "lines that are no fields");
    expect_trouble(SPAN(MIXED "x"), "holds no parts");
    expect_trouble(SPAN("Content-Type: text/plain; charset=klingon\r\n\r\nx"), "charset \"klingon\"");
    expect_trouble(SPAN("Content-Type: text/plain; charset=utf-7\r\n\r\nx"), "charset \"utf-7\"");
    expect_trouble(SPAN("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx"), "\"winmail.dat\" is in Microsoft Outlook");
    expect_trouble(SPAN("Content-Type: application/vnd.ms-tnef\r\n\r\n"), "(TNEF)");
    expect_trouble(SPAN("Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                        "eJ8+IgEA"), "\"a.bin\" is in Microsoft Outlook");
}

static void test_bad_summaries_are_refused(void)
{
    static const char *const lies[] = { "null", "[]", "{}", "{\"attachments\":[]}", "{\"attachments\":{},\"troubles\":[]}",
        "{\"attachments\":[],\"troubles\":[1]}", "{\"attachments\":[],\"troubles\":[null]}",
        "{\"attachments\":[],\"troubles\":[],\"subject\":1}", "{\"attachments\":[],\"troubles\":[],\"to\":\"a\\u202eb\"}",
        "{\"attachments\":[1],\"troubles\":[]}", "{\"attachments\":[{\"part\":0,\"bytes\":0}],\"troubles\":[]}",
        "{\"attachments\":[{\"part\":500,\"bytes\":0,\"media_type\":\"a/b\"}],\"troubles\":[]}",
        "{\"attachments\":[{\"part\":0,\"bytes\":-1,\"media_type\":\"a/b\"}],\"troubles\":[]}" };
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autofree char *wrapped = g_strdup_printf("[%s]", lies[i]);
        JSON_AUTO *json = json_read(span_of(wrapped), 1000, "the lie", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_null(mail_summary_from_json(json_array_get(json, 0), &error));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    }
}

/* ---- Hostile messages -------------------------------------------------------------------------------------------------- */

static GString *repeated(const char *start, const char *unit, size_t times)
{
    GString *text = g_string_new(start);
    for (size_t i = 0; i < times; i++)
        g_string_append(text, unit);
    return text;
}

/* Reads the message as the jail does, within a second, and frees it. */
static MailSummary *survive(GString *raw)
{
    int64_t start_us = time_monotonic_us();
    MailSummary *summary = summary_of((Span){ raw->str, raw->len });
    g_assert_cmpint(time_monotonic_us() - start_us, <, 5 * US_PER_SECOND);
    g_string_free(raw, TRUE);
    return summary;
}

static void expect_survived(GString *raw, const char *words)
{
    g_autoptr(MailSummary) summary = survive(raw);
    for (unsigned i = 0; i < summary->troubles->len; i++)
        if (strstr(summary->troubles->pdata[i], words) != NULL)
            return;
    g_error("no trouble with the words \"%s\"", words);
}

static void test_hostile(void)
{
    expect_survived(repeated(MIXED, "--b\r\n\r\n\r\n", 100000), "too many parts");
    expect_survived(repeated("", "X-Colliding: a\r\n", 200000), "header block is too long");
    expect_survived(repeated("Subject: ", "x", 10 << 20), "header block is too long");
    expect_survived(repeated("A: b\r\n", " fold\r\n", 1 << 20), "header block is too long");
    expect_survived(repeated(MIXED, "--", 5 << 20), "last boundary is missing");
    expect_survived(repeated(MIXED, "--\n", 5 << 20), "last boundary is missing");
    GString *nested = g_string_new(NULL);
    for (unsigned i = 0; i < 1000; i++)
        g_string_append_printf(nested, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
    expect_survived(nested, "nested too deeply");
    expect_survived(repeated("", "Content-Type: message/rfc822\r\n\r\n", 100000), "no readable sender");
    expect_survived(repeated("From: ", "a@b.example, ", 100000), "more than one sender");
    expect_survived(repeated("Content-Type: text/html\r\n\r\n", "<div>", 100000), "no readable sender");
    expect_survived(repeated("A: b\n\n", "begin 644 a\nend\n", 100000), "too many parts");
    expect_survived(repeated("A: b\n\n", "begin 644 a\n", 1000000), "no readable sender");
    expect_survived(repeated("A: b\n\nbegin 644 a\n", "\n", 10 << 20), "no readable sender");
    expect_survived(repeated("A: b\n\n", "\nbegin ", 1000000), "no readable sender");
}

static void test_endless_line(void)
{
    g_autoptr(MailSummary) summary = survive(repeated("From: a@b.example\r\n\r\n", "endless ", 500000));
    g_assert_cmpuint(g_utf8_strlen(summary->preview, -1), <=, MAIL_PREVIEW_MAX);
    g_assert_true(g_str_has_prefix(summary->preview, "endless endless"));
}

/* Each front of a message is a message. */
static void test_truncated_everywhere(void)
{
    static const char raw[] = "From: \"A\" <a@b.example>\r\nSubject: =?utf-8?q?=C5=BC?=\r\n" MIXED
                              "--b\r\nContent-Type: text/html; charset*=utf-8''utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                              "PHA+aGVsbG8=\r\n--b\r\nContent-Disposition: attachment; filename*0=\"a\"\r\n\r\nx\r\n--b--\r\n";
    for (size_t length = 0; length < sizeof raw; length++) {
        g_autofree char *exact = g_memdup2(raw, length); /* so that a read beyond it is seen */
        g_autoptr(MailSummary) summary = summary_of((Span){ exact == NULL ? "" : exact, length });
        g_assert_nonnull(summary);
    }
}

static void test_large_part(void)
{
    g_autoptr(GString) raw = repeated("Content-Type: text/plain\r\n\r\n", "x", LIMIT_EXTRACTION_BYTES + 1);
    g_autoptr(MailMessage) message = mail_message_parse((Span){ raw->str, raw->len });
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_false(mail_part_decode(mail_message_part(message, 0), &bytes, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_autoptr(MailSummary) summary = mail_message_summary(message);
    g_assert_null(summary->preview);
    g_assert_nonnull(strstr(summary->troubles->pdata[summary->troubles->len - 1], "at most 8388608 are read"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/parts", test_parts);
    g_test_add_func("/message/nested-parts", test_nested_parts);
    g_test_add_func("/message/forwarded-message", test_forwarded_message);
    g_test_add_func("/message/lines-above-a-signed-header", test_lines_above_a_signed_header);
    g_test_add_func("/message/multipart-without-parts", test_multipart_without_parts);
    g_test_add_func("/message/encoded-forward", test_encoded_forward);
    g_test_add_func("/message/digest", test_digest);
    g_test_add_func("/message/uuencoded-files", test_uuencoded_files);
    g_test_add_func("/message/body-part", test_body_part);
    g_test_add_func("/message/part-text", test_part_text);
    g_test_add_func("/message/summary", test_summary);
    g_test_add_func("/message/troubles", test_troubles);
    g_test_add_func("/message/bad-summaries-are-refused", test_bad_summaries_are_refused);
    g_test_add_func("/message/hostile", test_hostile);
    g_test_add_func("/message/endless-line", test_endless_line);
    g_test_add_func("/message/truncated-everywhere", test_truncated_everywhere);
    g_test_add_func("/message/large-part", test_large_part);
    return g_test_run();
}
