/* The whole mails of a corpus directory (environment CORPUS, layout of its README): email-markup with its expected.tsv
 * for the three kinds of markup that are read here, and every other mail for ending in a named result. */
#include "jail/jail.h"

#include <string.h>

#include "base/money.h"

static Jail *jail;

typedef enum Column { NAME, TYPE, NUMBER, PROVIDER, CURRENCY, TOTAL, DUE, STATUS, COLUMNS } Column;

/* Read by later rooms of the house: microdata and cards. */
static bool is_read_here(const char *name)
{
    return !g_str_has_prefix(name, "microdata-") && !g_str_has_prefix(name, "card-");
}

static const char *status_term(InvoiceStatus status)
{
    switch (status) {
    case INVOICE_STATUS_UNSTATED: return "";
    case INVOICE_STATUS_DUE: return "PaymentDue";
    case INVOICE_STATUS_PAST_DUE: return "PaymentPastDue";
    case INVOICE_STATUS_COMPLETE: return "PaymentComplete";
    case INVOICE_STATUS_DECLINED: return "PaymentDeclined";
    case INVOICE_STATUS_AUTOMATIC: return "PaymentAutomaticallyApplied";
    }
    g_assert_not_reached();
}

static bool has_check(const Invoice *invoice, const char *rule)
{
    for (unsigned i = 0; i < invoice->checks->len; i++)
        if (strcmp(((const InvoiceCheck *)invoice->checks->pdata[i])->rule, rule) == 0)
            return true;
    return false;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void compare(const Invoice *invoice, char **row)
{
    g_assert_cmpstr(or_empty(invoice->number), ==, row[NUMBER]);
    g_assert_cmpstr(or_empty(invoice->seller.name), ==, row[PROVIDER]);
    g_assert_cmpstr(or_empty(invoice->due_date), ==, row[DUE]);
    g_assert_cmpstr(status_term(invoice->status), ==, row[STATUS]);
    if (g_str_has_suffix(row[CURRENCY], "?")) { /* uncertain: no money, but the text is kept and the reason told */
        g_assert_true(money_is_none(invoice->total) && has_check(invoice, "currency"));
        g_assert_nonnull(strstr(invoice->currency_text, row[TOTAL]));
        return;
    }
    char text[MONEY_TEXT_MAX];
    money_format_decimal(invoice->total, text);
    g_assert_cmpstr(text, ==, row[TOTAL]);
    g_assert_cmpstr(invoice->total.currency, ==, row[CURRENCY]);
}

static void test_markup(const void *data)
{
    g_auto(GStrv) row = g_strsplit(data, "\t", -1);
    g_assert_cmpuint(g_strv_length(row), ==, COLUMNS);
    g_autofree char *path = g_strconcat(g_getenv("CORPUS"), "/email-markup/", row[NAME], ".eml", NULL), *raw = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &raw, &length, NULL));
    g_autoptr(Extraction) extraction = jail_extract(jail, (Span){ raw, length }, true, NULL);
    g_assert_true(extraction->readable);
    if (!is_read_here(row[NAME]) || strcmp(row[TYPE], "none") == 0) {
        g_assert_cmpuint(extraction->invoices->len, ==, 0);
        return;
    }
    g_assert_cmpuint(extraction->invoices->len, ==, 1);
    compare(extraction->invoices->pdata[0], row);
}

/* Whatever a mail holds, it ends in a summary; forms that have no reader yet are named. */
static void test_every_mail_ends(const void *data)
{
    g_autofree char *raw = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(data, &raw, &length, NULL));
    g_autoptr(Extraction) extraction = jail_extract(jail, (Span){ raw, length }, true, NULL);
    if (!extraction->readable)
        g_error("%s: %s", (const char *)data, extraction->trouble);
    g_assert_nonnull(extraction->summary->from_address);
    g_assert_nonnull(extraction->summary->subject);
    if (strstr(data, "-ubl-") != NULL)
        g_assert_cmpuint(extraction->summary->troubles->len, >, 0);
    g_autofree char *html = jail_render_body(jail, (Span){ raw, length }, false, NULL);
    g_assert_nonnull(html);
}

static void add_rows(const char *corpus)
{
    g_autofree char *path = g_build_filename(corpus, "email-markup", "expected.tsv", NULL), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines + 1; *line != NULL && **line != '\0'; line++) {
        g_autofree char *name = g_strndup(*line, strcspn(*line, "\t"));
        g_autofree char *test = g_strconcat("/corpus/email-markup/", name, NULL);
        g_test_add_data_func_full(test, g_strdup(*line), test_markup, g_free);
    }
}

static void add_mails(const char *corpus)
{
    g_autofree char *path = g_build_filename(corpus, "eml-synthetic", NULL);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    for (const char *name; directory != NULL && (name = g_dir_read_name(directory)) != NULL;) {
        if (!g_str_has_suffix(name, ".eml"))
            continue;
        g_autofree char *test = g_strconcat("/corpus/eml-synthetic/", name, NULL);
        g_test_add_data_func_full(test, g_build_filename(path, name, NULL), test_every_mail_ends, g_free);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    const char *corpus = g_getenv("CORPUS");
    if (corpus == NULL)
        return 77; /* skipped: there is nothing to read */
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) started = jail_start(1, &error);
    g_assert_no_error(error);
    jail = started;
    add_rows(corpus);
    add_mails(corpus);
    return g_test_run();
}
