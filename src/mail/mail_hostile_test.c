/* Hostile mail: the work grows as the mail does, what is left out is named, and every piece of a mail is a mail.
 *
 * Work is CPU time of this thread, the least of some runs, and only its growth is judged: eight times the bytes may take no
 * more than three times eight as long (twice for caches and noise; a quadratic reader takes 64 times as long). */
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "limits.h"
#include "mail/mail.h"

enum { RUNS = 3, GROWTH = 8, GROWTH_BAR = 3 * GROWTH, BYTES = 64 * 1024, TOO_SHORT_US = 300 };

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define BASE64 "Content-Transfer-Encoding: base64\r\n\r\n"
#define QUOTED "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
#define LONG_BOUNDARY "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

/* ---- Reading as the jail does ---- */

static MailSummary *read_all(Span raw)
{
    g_autoptr(MailMessage) message = mail_message_parse(raw);
    g_assert_cmpuint(mail_message_part_count(message), <=, MAIL_PARTS_MAX);
    for (size_t i = 0; i < mail_message_part_count(message); i++) {
        g_autofree char *text = mail_part_text(mail_message_part(message, i), NULL);
        g_assert_true(text == NULL || g_utf8_validate(text, -1, NULL));
    }
    return mail_message_summary(message);
}

static gint64 work_us(Span raw)
{
    gint64 least = G_MAXINT64;
    for (unsigned i = 0; i < RUNS; i++) {
        struct timespec start, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        g_autoptr(MailSummary) summary = read_all(raw);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        least = MIN(least, (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000);
    }
    return least;
}

/* ---- Floods: a start, then one unit again and again ---- */

typedef struct Flood {
    const char *name, *start, *unit;
    const char *trouble; /* words of the trouble that is told at full size; NULL: none is due */
} Flood;

/* "%u" in the unit is the number of the repetition, from a sequence without an order. */
static GString *flood(const Flood *kind, size_t bytes)
{
    GString *raw = g_string_new(kind->start);
    bool is_numbered = strstr(kind->unit, "%u") != NULL;
    for (unsigned i = 1; raw->len < bytes; i++) {
        g_autoptr(GString) unit = is_numbered ? g_string_new(kind->unit) : NULL;
        g_autofree char *number = g_strdup_printf("%u", i * 2654435761U);
        if (is_numbered)
            g_string_replace(unit, "%u", number, 0);
        g_string_append(raw, is_numbered ? unit->str : kind->unit);
    }
    return raw;
}

static const Flood floods[] = {
    { "parts", MIXED, "--b\r\n\r\n\r\n", "too many parts" },
    { "empty parts", MIXED, "--b\n", "too many parts" },
    { "nested multiparts", "", "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", "nested too deeply" },
    { "nested multiparts of one boundary", "", MIXED "--b\r\n", "nested too deeply" },
    { "multiparts without parts", MIXED, "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n", "too many parts" },
    { "nested forwards", "", "Content-Type: message/rfc822\r\n\r\n", NULL },
    { "forwards", MIXED, "--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx\r\n", "too many parts" },
    { "encoded forwards", MIXED, "--b\r\nContent-Type: message/rfc822\r\n" BASE64 "QTogYgoKeA==\r\n", "too many parts" },
    { "a digest", "Content-Type: multipart/digest; boundary=b\r\n\r\n", "--b\r\n\r\nA: b\r\n\r\nx\r\n", "too many parts" },
    { "header fields of one name", "", "X-A: b\r\n", "header block is too long" },
    { "header fields of many names", "", "X-%u: b\r\n", "header block is too long" },
    { "senders", "", "From: a@b.example\r\n", "more than one sender" },
    { "one header line", "Subject: ", "x", "header block is too long" },
    { "control characters", "Subject: x", "\001\002", "header block is too long" },
    { "folds", "Subject: x", "\r\n y", "header block is too long" },
    { "lines that are no fields", "A: b\r\n", "no field\r\n", "no fields" },
    { "encoded words", "From: a@b.example\r\nSubject: ", "=?utf-8?b?YQ==?= ", "header block is too long" },
    { "fronts of encoded words", "Subject: ", "=?a?q?", "header block is too long" },
    { "parameters", "Content-Type: a/b", "; name*1=a", "header block is too long" },
    { "comments", "Content-Type: a/b; name=", "(", "header block is too long" },
    { "addresses", "From: ", "a@b.example, ", "more than one sender" },
    { "near boundaries", "Content-Type: multipart/mixed; boundary=" LONG_BOUNDARY "x\r\n\r\n", "--" LONG_BOUNDARY "\n", "holds no parts" },
    { "dashes", MIXED, "--", "holds no parts" },
    { "lines of dashes", MIXED, "--\n", "holds no parts" },
    { "base64", BASE64, "AAAA", NULL },
    { "base64 in short runs", BASE64, "QQ==", NULL },
    { "padding", BASE64, "=", NULL },
    { "base64 with junk", BASE64, "A!", NULL },
    { "escapes", QUOTED, "=41", NULL },
    { "broken escapes", QUOTED, "=", NULL },
    { "blanks", QUOTED, " ", NULL },
    { "blanks behind equals signs", QUOTED, "=  \t  x", NULL },
    { "lines of blanks", QUOTED, "  \r\n", NULL },
    { "uuencoded files", "A: b\n\n", "begin 644 a\nend\n", "too many parts" },
    { "fronts of uuencoded files", "A: b\n\n", "begin 644 a\n#8V%T\n", NULL },
    { "a uuencoded file without an end", "A: b\n\nbegin 644 a\n", "#8V%T\n", NULL },
    { "the word begin", "A: b\n\n", "\nbegin ", NULL },
    { "a uuencoded part of short lines", "Content-Transfer-Encoding: x-uue\n\nbegin 644 a\n", "M\n", NULL },
    { "tags", "Content-Type: text/html\r\n\r\n", "<div>", NULL },
    { "attributes", "Content-Type: text/html\r\n\r\n<p ", "a=b ", NULL },
    { "fronts of comments", "Content-Type: text/html\r\n\r\n", "<!--", NULL },
    { "bytes that are no UTF-8", "Content-Type: text/plain; charset=utf-8\r\n\r\n", "\xff", NULL },
    { "half characters", "Content-Type: text/plain; charset=utf-16le\r\n\r\n", "\xdc\xdc", NULL },
    { "shifts", "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\x1b$B\x1b(B", NULL },
};

static void test_work_grows_as_the_mail(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
        g_autoptr(GString) small = flood(&floods[i], BYTES), large = flood(&floods[i], GROWTH * BYTES);
        gint64 few = MAX(work_us((Span){ small->str, small->len }), TOO_SHORT_US);
        gint64 many = work_us((Span){ large->str, large->len });
        g_test_message("%s: %ld us, %ld us", floods[i].name, (long)few, (long)many);
        if (many > GROWTH_BAR * few)
            g_error("%s: %ld us for %zu bytes, %ld us for %zu bytes", floods[i].name, (long)few, small->len, (long)many, large->len);
    }
}

static bool tells(const MailSummary *summary, const char *words)
{
    for (unsigned i = 0; i < summary->troubles->len; i++)
        if (strstr(summary->troubles->pdata[i], words) != NULL)
            return true;
    return false;
}

static void test_floods_are_told(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
        g_autoptr(GString) raw = flood(&floods[i], 2 * GROWTH * BYTES);
        g_autoptr(MailSummary) summary = read_all((Span){ raw->str, raw->len });
        if (floods[i].trouble != NULL && !tells(summary, floods[i].trouble))
            g_error("%s: no trouble with the words \"%s\"", floods[i].name, floods[i].trouble);
    }
}

/* 10^5 of what nests, and a part that decodes to more than is read. */
static void test_at_full_size(void)
{
    static const Flood nests[] = {
        { "", "", "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", "nested too deeply" },
        { "", "", "Content-Type: message/rfc822\r\n\r\n", "no readable sender" },
        { "", MIXED, "--b\r\n\r\n\r\n", "too many parts" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(nests); i++) {
        g_autoptr(GString) raw = flood(&nests[i], 100000 * strlen(nests[i].unit));
        g_autoptr(MailSummary) summary = read_all((Span){ raw->str, raw->len });
        g_assert_true(tells(summary, nests[i].trouble));
    }
    static const Flood bomb = { "", "Content-Type: text/plain\r\n" BASE64, "QUFB", "are read" };
    g_autoptr(GString) raw = flood(&bomb, LIMIT_EXTRACTION_BYTES * 2);
    g_autoptr(MailSummary) summary = read_all((Span){ raw->str, raw->len });
    g_assert_true(tells(summary, bomb.trouble));
}

/* ---- Pieces ---- */

static const char rich[] = "Received: by a\r\nFrom: =?utf-8?q?A_=C5=BC?= <a@b.example>\r\n"
                           "Subject: =?utf-8?b?xbw=?=\r\n =?utf-8?q?a?=\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
                           MIXED "pre\r\n--b\r\nContent-Type: multipart/digest; boundary=c\r\n\r\n"
                           "--c\r\n\r\nSubject: x\r\n\r\none\r\n--c--\r\n--b\r\nContent-Type: message/rfc822\r\n" BASE64
                           "Q29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCjxwPkg=\r\n--b\r\n"
                           "Content-Type: text/html; charset*=utf-8''utf-16le\r\n" QUOTED "<=00p=00>=00=\r\nz=01 \r\n--b\r\n"
                           "Content-Type: text/plain\r\n\r\nsee\r\nbegin 644 cat\r\n#8V%T\r\n`\r\nend\r\n--b\r\n"
                           "Content-Type: application/ms-tnef; name*0*=utf-8''%C5; name*1*=%BC\r\n" BASE64
                           "eJ8+IgEA\r\n--b--\r\nend\r\n";

static void test_cut_everywhere(void)
{
    for (size_t length = 0; length < sizeof rich; length++) {
        g_autofree char *exact = g_memdup2(rich, length); /* so that a read beyond it is seen */
        g_autoptr(MailSummary) summary = read_all((Span){ exact == NULL ? "" : exact, length });
        g_assert_nonnull(summary);
    }
}

static void test_each_byte_changed(void)
{
    static const char bytes[] = "\0\r\n\"=- \xff";
    for (size_t i = 0; i + 1 < sizeof rich; i++)
        for (size_t k = 0; k + 1 < sizeof bytes; k++) {
            g_autofree char *exact = g_memdup2(rich, sizeof rich - 1);
            exact[i] = bytes[k];
            g_autoptr(MailSummary) summary = read_all((Span){ exact, sizeof rich - 1 });
            g_assert_nonnull(summary);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-hostile/work-grows-as-the-mail", test_work_grows_as_the_mail);
    g_test_add_func("/mail-hostile/floods-are-told", test_floods_are_told);
    g_test_add_func("/mail-hostile/at-full-size", test_at_full_size);
    g_test_add_func("/mail-hostile/cut-everywhere", test_cut_everywhere);
    g_test_add_func("/mail-hostile/each-byte-changed", test_each_byte_changed);
    return g_test_run();
}
