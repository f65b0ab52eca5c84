/* The jail as the engine uses it, around the real saldo-jail: what it reads, what it refuses, how it heals. */
#include "jail/jail.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

static const char mail[]
    = "From: \"Contoso Billing\" <billing@contoso.example>\r\nTo: payer@example.org\r\nSubject: Invoice 103032\r\n"
      "Message-ID: <1@contoso.example>\r\nDate: Mon, 23 Nov 2026 04:10:36 +0100\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
      "<html><head><script type=\"application/ld+json\">{\"@type\":\"ActionRequest\",\"originator\":\"O\",\"actions\":["
      "{\"@type\":\"PaymentAction\",\"merchantId\":\"M\",\"displayId\":\"D\",\"productContext\":{\"k\":[1]}}],\"entity\":"
      "{\"@type\":\"Invoice\",\"identifier\":\"103032\",\"provider\":{\"name\":\"Contoso\"},\"paymentDueDate\":"
      "\"2026-12-01\",\"totalPaymentDue\":{\"price\":98.87,\"priceCurrency\":\"USD\"}}}</script></head>"
      "<body><p onclick=\"x()\">Your <b>bill</b><script>evil()</script></p><img src=\"https://t.example/p.gif\"></body>"
      "</html>\r\n--b\r\nContent-Type: application/octet-stream; name=\"a.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "AAEC/w==\r\n--b--\r\n";

static Jail *jail;

static void test_extract(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Extraction) extraction = jail_extract(jail, span_of(mail), true, &error);
    g_assert_no_error(error);
    g_assert_true(extraction->readable);
    g_assert_null(extraction->trouble);
    g_assert_cmpstr(extraction->summary->from_address, ==, "billing@contoso.example");
    g_assert_cmpstr(extraction->summary->subject, ==, "Invoice 103032");
    g_assert_cmpstr(extraction->summary->preview, ==, "Your bill");
    g_assert_cmpuint(extraction->summary->attachments->len, ==, 1);
    g_assert_cmpuint(extraction->invoices->len, ==, 1);
    const Invoice *invoice = extraction->invoices->pdata[0];
    g_assert_cmpint(invoice->source, ==, INVOICE_SOURCE_ACTION_REQUEST);
    g_assert_true(money_equal(invoice->amount_due, (Money){ 9887, "USD" }));
    g_assert_cmpstr(invoice->action->merchant_id, ==, "M");
    g_autofree char *context = json_write(invoice->action->product_context);
    g_assert_cmpstr(context, ==, "{\"k\":[1]}");
}

/* The same request, sent on inside another mail: read, and marked as what nobody outside vouches for. */
static void test_extract_forwarded(void)
{
    g_autofree char *forwarded = g_strconcat("From: mallory@contoso.example\r\nContent-Type: multipart/mixed; boundary=\"f\"\r\n"
        "\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n", mail, "\r\n--f--\r\n", NULL);
    g_autoptr(Extraction) plain = jail_extract(jail, span_of(mail), true, NULL);
    g_autoptr(Extraction) extraction = jail_extract(jail, span_of(forwarded), true, NULL);
    g_assert_cmpuint(extraction->invoices->len, ==, 1);
    g_assert_true(((const Invoice *)extraction->invoices->pdata[0])->is_forwarded);
    g_assert_false(((const Invoice *)plain->invoices->pdata[0])->is_forwarded);
}

static void test_render_and_read_part(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *html = jail_render_body(jail, span_of(mail), false, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(html, "<p>Your <b>bill</b></p><img>"));
    g_assert_null(strstr(html, "evil"));
    g_autofree char *with_pictures = jail_render_body(jail, span_of(mail), true, &error);
    g_assert_nonnull(strstr(with_pictures, "<img src=\"https://t.example/p.gif\">"));
    g_autoptr(GBytes) bytes = jail_read_part(jail, span_of(mail), 1, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "\0\1\2\xff", 4);
    g_assert_null(jail_read_part(jail, span_of(mail), 2, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    g_assert_cmpstr(error->message, ==, "the message has 2 parts and no part 2");
}

static void test_bare_files(void)
{
    static const struct {
        const char *file, *words;
    } files[] = {
        { "%PDF-1.7\n", "is no PDF, or it is damaged" },
        { "<?xml version='1.0'?><Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>",
            "UBL Invoice that cannot be read" },
        { "hello", "There is no invoice in this file" },
        { "", "There is no invoice in this file" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(Extraction) extraction = jail_extract(jail, span_of(files[i].file), false, NULL);
        g_assert_true(extraction->readable);
        g_assert_nonnull(strstr(extraction->trouble, files[i].words));
        g_assert_cmpuint(extraction->invoices->len, ==, 0);
    }
}

static void test_unread_attachment_is_named(void)
{
    static const char with_xml[]
        = "From: a@b.example\r\nContent-Type: application/xml; name=bill.xml\r\n\r\n"
          "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"/>";
    g_autoptr(Extraction) extraction = jail_extract(jail, span_of(with_xml), true, NULL);
    g_assert_cmpuint(extraction->summary->troubles->len, ==, 1);
    g_assert_nonnull(strstr(extraction->summary->troubles->pdata[0], "bill.xml is an invoice in the format UBL"));
}

/* Each converter is in memory before the walls close: none needs a file later. */
static void test_charsets_need_no_file(void)
{
    static const char *const labels[] = { "iso-8859-2", "iso-8859-16", "windows-1250", "windows-1258", "windows-874", "koi8-u",
        "ibm852", "macintosh", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "utf-16", "utf-32",
        "unknown-8bit" };
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        g_autofree char *raw = g_strdup_printf("From: =?%s?q?=A4=A4?= <a@b.example>\r\nContent-Type: text/plain; charset=%s\r\n\r\n"
                                               "\xa4\xa4\xa4\xa4 \x1b$B", labels[i], labels[i]);
        g_autoptr(Extraction) extraction = jail_extract(jail, span_of(raw), true, NULL);
        g_assert_cmpstr(extraction->trouble, ==, NULL);
        g_assert_cmpstr(extraction->summary->from_address, ==, "a@b.example");
    }
}

static void test_parent_is_walled_in(void)
{
    /* It answers, so it has started and closed its walls. */
    test_extract();
    g_autofree char *path = g_strdup_printf("/proc/%d/status", jail_parent_pid(jail)), *status = NULL;
    g_assert_true(g_file_get_contents(path, &status, NULL, NULL));
    g_assert_nonnull(strstr(status, "\nNoNewPrivs:\t1\n"));
    g_assert_nonnull(strstr(status, "\nSeccomp:\t2\n"));
}

static void test_too_large_is_refused(void)
{
    size_t length = 50UL << 20;
    g_autofree char *large = g_strnfill(length, 'x');
    g_autoptr(GError) error = NULL;
    g_autoptr(Extraction) extraction = jail_extract(jail, (Span){ large, length }, true, &error);
    g_assert_no_error(error);
    g_assert_false(extraction->readable);
    g_assert_nonnull(strstr(extraction->trouble, "at most 41943040 are read"));
    g_assert_null(jail_render_body(jail, (Span){ large, length }, true, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
}

/* A part above the answer's limit is refused by the child, with its words. */
static void test_large_part_is_refused(void)
{
    g_autoptr(GString) large = g_string_new("Content-Type: application/x\r\n\r\n");
    g_autofree char *filler = g_strnfill(LIMIT_EXTRACTION_BYTES + 1, 'y');
    g_string_append(large, filler);
    g_autoptr(GError) error = NULL;
    g_assert_null(jail_read_part(jail, (Span){ large->str, large->len }, 0, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_string_truncate(large, large->len - 1);
    g_clear_error(&error);
    g_autoptr(GBytes) bytes = jail_read_part(jail, (Span){ large->str, large->len }, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, LIMIT_EXTRACTION_BYTES);
}

static void test_killed_parent_is_healed(void)
{
    JailCounters before = jail_counters(jail);
    int killed = jail_parent_pid(jail);
    g_assert_cmpint(kill(killed, SIGKILL), ==, 0);
    test_extract(); /* perhaps by a child that outlives its parent for a moment */
    while (jail_counters(jail).restarts == before.restarts)
        g_usleep(1000);
    test_extract();
    g_assert_cmpint(jail_parent_pid(jail), !=, killed);
    g_assert_cmpuint(jail_counters(jail).restarts, ==, before.restarts + 1);
}

/* ---- A child shot from outside ------------------------------------------------------------------------------------ */

/* A mail that takes its reader a while: many pages of markup. */
static char *large_mail(void)
{
    GString *text = g_string_new(mail);
    g_string_truncate(text, text->len - strlen("--b--\r\n"));
    for (unsigned part = 0; part < 8; part++) {
        g_string_append(text, "--b\r\nContent-Type: text/html\r\n\r\n");
        for (unsigned line = 0; line < 40000; line++)
            g_string_append(text, "<p title='x'>one &amp; two</p>\r\n");
    }
    g_string_append(text, "--b--\r\n");
    return g_string_free(text, FALSE);
}

/* More than a child has before it takes a message, less than the large mail. */
enum { LARGE_PAGES = 1000 };

typedef struct Killer {
    gint shots_left;
    gint is_over;
} Killer;

/* Pages of its own that a process has. */
static long own_pages(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", pid), *text = NULL;
    long size, resident, shared;
    if (!g_file_get_contents(path, &text, NULL, NULL) || sscanf(text, "%ld %ld %ld", &size, &resident, &shared) != 3)
        return 0;
    return resident - shared;
}

/* A child that has taken the large mail in; 0 where there is none. The others wait for a message. */
static int find_reading_child(int parent)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", parent, parent), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    g_auto(GStrv) children = g_strsplit(text, " ", -1);
    for (char **child = children; *child != NULL; child++)
        if (own_pages(atoi(*child)) > own_pages(parent) + LARGE_PAGES)
            return atoi(*child);
    return 0;
}

/* Shoots the children of the warm parent as they read. */
static void *shoot_children(void *data)
{
    Killer *killer = data;
    int last = 0;
    while (!g_atomic_int_get(&killer->is_over)) {
        int child = find_reading_child(jail_parent_pid(jail));
        if (child != 0 && child != last && g_atomic_int_get(&killer->shots_left) > 0) {
            last = child;
            if (kill(child, SIGKILL) == 0)
                g_atomic_int_add(&killer->shots_left, -1);
        }
        g_usleep(200);
    }
    return NULL;
}

static Extraction *extract_under_fire(const char *raw, int shots, GError **error)
{
    Killer killer = { .shots_left = shots };
    GThread *thread = g_thread_new("killer", shoot_children, &killer);
    Extraction *extraction = jail_extract(jail, span_of(raw), true, error);
    g_atomic_int_set(&killer.is_over, 1);
    g_thread_join(thread);
    return extraction;
}

/* kill -9 or the system out of memory says nothing about the message: it is read in the end, never "unreadable". */
static void test_killed_child_is_asked_again(void)
{
    g_autofree char *raw = large_mail();
    g_autoptr(GError) error = NULL;
    JailCounters before = jail_counters(jail);
    g_autoptr(Extraction) extraction = extract_under_fire(raw, 1, &error);
    g_assert_no_error(error);
    g_assert_true(extraction->readable);
    g_assert_cmpuint(extraction->invoices->len, ==, 1);
    g_assert_cmpstr(extraction->summary->subject, ==, "Invoice 103032");
    JailCounters after = jail_counters(jail);
    g_assert_cmpuint(after.interrupted, ==, before.interrupted + 1);
    g_assert_cmpuint(after.restarts, ==, before.restarts);
    after.requests[JAIL_QUESTION_EXTRACT][JAIL_OUTCOME_ANSWERED]--;
    g_assert_cmpmem(after.requests, sizeof after.requests, before.requests, sizeof before.requests);
}

static void test_child_killed_again_and_again(void)
{
    g_autofree char *raw = large_mail();
    g_autoptr(GError) error = NULL;
    JailCounters before = jail_counters(jail);
    g_autoptr(Extraction) extraction = extract_under_fire(raw, 1000, &error);
    g_assert_null(extraction);
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, "from outside twice"));
    JailCounters after = jail_counters(jail);
    g_assert_cmpuint(after.interrupted, ==, before.interrupted + 2);
    after.requests[JAIL_QUESTION_EXTRACT][JAIL_OUTCOME_UNAVAILABLE]--;
    g_assert_cmpmem(after.requests, sizeof after.requests, before.requests, sizeof before.requests);
    test_extract();
}

static void *ask_in_thread(void *data)
{
    for (unsigned i = 0; i < 10; i++)
        test_extract();
    return NULL;
}

/* More threads than workers, and the parent shot while they ask: every answer is right, nobody is lost. */
static void test_many_threads_and_a_killed_parent(void)
{
    GThread *threads[6];
    const JailCounters before = jail_counters(jail);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("asker", ask_in_thread, NULL);
    g_usleep(20000);
    kill(jail_parent_pid(jail), SIGKILL);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    const JailCounters after = jail_counters(jail);
    g_assert_cmpuint(jail_counters_sum(&after, JAIL_OUTCOME_ANSWERED) - jail_counters_sum(&before, JAIL_OUTCOME_ANSWERED), ==, 60);
}

/* The program disappears and comes back (an upgrade): "try again" meanwhile, at once; then it heals by itself. */
static void test_program_comes_back(void)
{
    g_autofree char *programs = g_strdup(g_getenv("SALDO_PROGRAMS")), *directory = g_dir_make_tmp("jail-XXXXXX", NULL);
    g_autofree char *real = g_build_filename(programs, "saldo-jail", NULL), *link = g_build_filename(directory, "saldo-jail", NULL);
    g_assert_cmpint(symlink(real, link), ==, 0);
    g_setenv("SALDO_PROGRAMS", directory, TRUE);
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) own = jail_start(1, &error);
    g_assert_no_error(error);
    g_assert_cmpint(unlink(link), ==, 0);
    g_assert_cmpint(kill(jail_parent_pid(own), SIGKILL), ==, 0);
    while (jail_parent_pid(own) != 0)
        g_usleep(1000);
    g_assert_null(jail_extract(own, span_of(mail), true, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_cmpint(symlink(real, link), ==, 0);
    while (jail_counters(own).restarts == 0)
        g_usleep(1000);
    g_autoptr(Extraction) extraction = jail_extract(own, span_of(mail), true, NULL);
    g_assert_true(extraction->readable);
    g_assert_cmpuint(jail_counters(own).requests[JAIL_QUESTION_EXTRACT][JAIL_OUTCOME_UNAVAILABLE], ==, 1);
    g_assert_true(unlink(link) == 0 && rmdir(directory) == 0);
    g_setenv("SALDO_PROGRAMS", programs, TRUE);
}

static void test_missing_program(void)
{
    g_autofree char *programs = g_strdup(g_getenv("SALDO_PROGRAMS"));
    g_setenv("SALDO_PROGRAMS", "/nonexistent", TRUE);
    g_autoptr(GError) error = NULL;
    g_assert_null(jail_start(1, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "/nonexistent/saldo-jail"));
    g_setenv("SALDO_PROGRAMS", programs, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) started = jail_start(2, &error);
    g_assert_no_error(error);
    jail = started;
    g_test_add_func("/jail/extract", test_extract);
    g_test_add_func("/jail/extract-forwarded", test_extract_forwarded);
    g_test_add_func("/jail/render-and-read-part", test_render_and_read_part);
    g_test_add_func("/jail/bare-files", test_bare_files);
    g_test_add_func("/jail/unread-attachment-is-named", test_unread_attachment_is_named);
    g_test_add_func("/jail/charsets-need-no-file", test_charsets_need_no_file);
    g_test_add_func("/jail/parent-is-walled-in", test_parent_is_walled_in);
    g_test_add_func("/jail/too-large-is-refused", test_too_large_is_refused);
    g_test_add_func("/jail/large-part-is-refused", test_large_part_is_refused);
    g_test_add_func("/jail/killed-parent-is-healed", test_killed_parent_is_healed);
    g_test_add_func("/jail/killed-child-is-asked-again", test_killed_child_is_asked_again);
    g_test_add_func("/jail/child-killed-again-and-again", test_child_killed_again_and_again);
    g_test_add_func("/jail/many-threads-and-a-killed-parent", test_many_threads_and_a_killed_parent);
    g_test_add_func("/jail/missing-program", test_missing_program);
    g_test_add_func("/jail/program-comes-back", test_program_comes_back);
    return g_test_run();
}
