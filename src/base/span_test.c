#include "base/span.h"
#include "base/buffer.h"

#include <glib.h>
#include <string.h>

static void test_cut(void)
{
    Span rest = SPAN("a,,b"), part;
    g_assert_true(span_cut(&rest, ',', &part) && span_equal(part, SPAN("a")));
    g_assert_true(span_cut(&rest, ',', &part) && span_equal(part, SPAN("")));
    g_assert_true(span_cut(&rest, ',', &part) && span_equal(part, SPAN("b")));
    g_assert_false(span_cut(&rest, ',', &part));
}

static void test_slice_and_trim(void)
{
    g_assert_true(span_equal(span_slice(SPAN("abc"), 1, 99), SPAN("bc")));
    g_assert_true(span_equal(span_slice(SPAN("abc"), 5, 2), SPAN("")));
    g_assert_true(span_equal(span_trim(SPAN(" \t\r\nx y \n")), SPAN("x y")));
    g_assert_true(span_equal(span_trim(SPAN("  ")), SPAN("")));
}

static void test_compare(void)
{
    g_assert_true(span_equal_nocase(SPAN("AbC"), SPAN("aBc")));
    g_assert_false(span_equal(SPAN("AbC"), SPAN("aBc")));
    g_assert_true(span_starts_with_nocase(SPAN("X-Foo"), SPAN("x-")));
    g_assert_true(span_ends_with_nocase(SPAN("a.PDF"), SPAN(".pdf")));
    g_assert_cmpuint(span_find(SPAN("hello"), SPAN("ll")), ==, 2);
    g_assert_cmpuint(span_find(SPAN("hello"), SPAN("x")), ==, 5);
}

static void test_number(void)
{
    uint64_t value;
    g_assert_true(span_to_uint64(SPAN("18446744073709551615"), &value) && value == UINT64_MAX);
    g_assert_false(span_to_uint64(SPAN("18446744073709551616"), &value));
    g_assert_false(span_to_uint64(SPAN("-1"), &value));
    g_assert_false(span_to_uint64(SPAN(""), &value));
}

static void test_text_refuses_nul(void)
{
    g_assert_null(span_to_text((Span){ "a\0b", 3 }));
    g_autofree char *text = span_to_text(SPAN("ab"));
    g_assert_cmpstr(text, ==, "ab");
}

static void test_buffer_maximum(void)
{
    BUFFER_AUTO buffer = BUFFER_INIT(4);
    g_assert_true(buffer_append_text(&buffer, "abcd"));
    g_assert_false(buffer_append_byte(&buffer, 'e'));
    g_assert_true(buffer.overflowed);
    g_assert_true(span_equal(buffer_span(&buffer), SPAN("abcd")));
    buffer_clear(&buffer);
    g_assert_true(buffer_append_format(&buffer, "%d", 12));
    g_assert_cmpstr(buffer.data, ==, "12");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/span/cut", test_cut);
    g_test_add_func("/span/slice-and-trim", test_slice_and_trim);
    g_test_add_func("/span/compare", test_compare);
    g_test_add_func("/span/number", test_number);
    g_test_add_func("/span/text-refuses-nul", test_text_refuses_nul);
    g_test_add_func("/buffer/maximum", test_buffer_maximum);
    return g_test_run();
}
