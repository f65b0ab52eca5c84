/* The hostile mails of the issue, through the real jail: each ends in a named result within the limits, and the engine
 * and the parent go on. */
#include "jail/jail.h"

#include <string.h>

#include "base/clock.h"
#include "limits.h"

static Jail *jail;

static void append_times(GString *text, const char *unit, size_t times)
{
    for (size_t i = 0; i < times; i++)
        g_string_append(text, unit);
}

/* Reads and renders; true when the mail was readable. The time is that of both, with the limits of each. */
static bool survives(const char *name, const GString *raw)
{
    Span span = { raw->str, raw->len };
    int parent = jail_parent_pid(jail);
    int64_t start_us = time_monotonic_us();
    g_autoptr(GError) error = NULL, render_error = NULL;
    g_autoptr(Extraction) extraction = jail_extract(jail, span, true, &error);
    g_assert_no_error(error);
    g_assert_true(extraction->readable || extraction->trouble[0] != '\0');
    g_autofree char *html = jail_render_body(jail, span, false, &render_error);
    g_assert_true(html != NULL || render_error->message[0] != '\0');
    g_assert_cmpint(time_monotonic_us() - start_us, <, 2 * (JAIL_WALL_US + US_PER_SECOND));
    g_assert_cmpint(jail_parent_pid(jail), ==, parent);
    g_test_message("%s: %" G_GINT64_FORMAT " ms, %s", name, (time_monotonic_us() - start_us) / 1000,
        extraction->readable ? "readable" : extraction->trouble);
    return extraction->readable;
}

static void expect_readable(const char *start, const char *unit, size_t times)
{
    g_autoptr(GString) raw = g_string_new(start);
    append_times(raw, unit, times);
    g_autofree char *name = g_strdup_printf("%.20s * %zu", unit, times);
    g_assert_true(survives(name, raw));
}

#define HTML "From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
#define MIXED "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"

static void test_html(void)
{
    expect_readable(HTML, "<div>", 100000);
    expect_readable(HTML, "<p><b><i><table><tr><td>", 20000);
    expect_readable(HTML "<p", " a=b", 20000);
    expect_readable(HTML "<p", " style='color:red' title=", 20000);
    expect_readable(HTML "<p>text<!--", "-", 1 << 20);
    expect_readable(HTML "<p>text<script>", "<!--", 1 << 19);
    expect_readable(HTML, "<", 3 << 20);
    expect_readable(HTML, "&#x", 1 << 20);
    expect_readable(HTML, "<script type=application/ld+json>{}</script>", 50000);
}

static void test_structure(void)
{
    expect_readable(MIXED, "--b\r\n\r\nx\r\n", 100000);
    expect_readable(MIXED "--b\r\nContent-Type: text/html\r\n\r\n", "\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x", 100000);
    expect_readable("From: a@b.example\r\n", "X-Flood: a\r\n", 500000);
    expect_readable("From: a@b.example\r\nSubject: ", "=?utf-8?q?a?= ", 500000);
    expect_readable("From: a@b.example\r\nContent-Type: text/plain", "; name*0=a", 500000);
    expect_readable("From: a@b.example\r\n\r\n", "endless line ", 300000);
    expect_readable(MIXED, "--b\r\nContent-Type: message/rfc822\r\n\r\n", 100000);
}

/* 8 MB of base64 lines that hold nothing, NUL bytes, bytes that are no text in any charset. */
static void test_bytes(void)
{
    expect_readable("From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n", "====\r\n", 1 << 20);
    g_autoptr(GString) nul = g_string_new(HTML);
    for (size_t i = 0; i < 1 << 20; i++)
        g_string_append_len(nul, "\0\xff<\0", 4);
    g_assert_true(survives("NUL and 8 bit", nul));
    g_autoptr(GString) broken = g_string_new("From: a@b.example\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n");
    append_times(broken, "\xff\x1b$", 1 << 20);
    survives("broken Japanese", broken);
}

static void expect_no_invoice(const char *json, const char *words)
{
    g_autofree char *raw
        = g_strdup_printf(HTML "<script type=\"application/ld+json\">%s</script><p>Bill", json);
    g_autoptr(Extraction) extraction = jail_extract(jail, span_of(raw), true, NULL);
    g_assert_true(extraction->readable);
    g_assert_cmpuint(extraction->invoices->len, ==, 0);
    g_assert_cmpuint(extraction->summary->troubles->len, ==, 1);
    g_assert_nonnull(strstr(extraction->summary->troubles->pdata[0], words));
}

static void test_json(void)
{
    g_autofree char *lists = g_strnfill(10000, '[');
    expect_no_invoice(lists, "is not valid JSON");
    g_autoptr(GString) objects = g_string_new(NULL);
    append_times(objects, "{\"@type\":\"Order\",\"partOfInvoice\":", 7000);
    expect_no_invoice(objects->str, "is not valid JSON");
    expect_no_invoice("{\"@type\":\"Invoice\",}", "is not valid JSON");
}

/* Truncated at every 7th byte. */
static void test_truncated(void)
{
    static const char raw[] = MIXED "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
                                    "quoted-printable\r\n\r\n<script type=3D\"application/ld+json\">{\"@type\":\"Invoice\"}"
                                    "</script><p>x=C5=BC</p>\r\n--b--\r\n";
    for (size_t length = 0; length < sizeof raw; length += 7) {
        g_autoptr(GString) front = g_string_new_len(raw, (gssize)length);
        g_assert_true(survives("truncated", front));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) started = jail_start(1, &error);
    g_assert_no_error(error);
    jail = started;
    g_test_add_func("/hostile/html", test_html);
    g_test_add_func("/hostile/structure", test_structure);
    g_test_add_func("/hostile/bytes", test_bytes);
    g_test_add_func("/hostile/json", test_json);
    g_test_add_func("/hostile/truncated", test_truncated);
    return g_test_run();
}
