#include "base/clock.h"
#include "base/id.h"

#include <glib.h>
#include <string.h>

static void test_dates(void)
{
    int64_t time_us;
    char text[TIME_RFC3339_MAX];
    g_assert_true(time_parse_date(SPAN("2026-11-23"), &time_us));
    time_format_rfc3339(time_us + 1, text);
    g_assert_cmpstr(text, ==, "2026-11-23T00:00:00.000001Z");
    g_assert_true(time_parse_date(SPAN("2024-02-29T12:00:00+02:00"), &time_us));
    time_format_date(time_us, text);
    g_assert_cmpstr(text, ==, "2024-02-29");
    g_assert_false(time_parse_date(SPAN("2026-02-29"), &time_us));
    g_assert_false(time_parse_date(SPAN("2026-13-01"), &time_us));
    g_assert_false(time_parse_date(SPAN("2026-1-01"), &time_us));
    g_assert_false(time_parse_date(SPAN("2026-01-011"), &time_us));
}

static void test_ids(void)
{
    Id first = id_new(), second = id_new(), parsed;
    g_assert_false(id_equal(first, second));
    g_assert_cmpint(first.text[14], ==, '7');
    g_assert_true(strchr("89ab", first.text[19]) != NULL);
    g_autofree char *upper = g_ascii_strup(first.text, -1);
    g_assert_true(id_parse(span_of(upper), &parsed) && id_equal(parsed, first));
    g_assert_false(id_parse(SPAN("0190-"), &parsed));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/dates", test_dates);
    g_test_add_func("/id/ids", test_ids);
    return g_test_run();
}
