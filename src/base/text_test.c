#include "base/text.h"

#include <glib.h>

static void expect(Span bytes, size_t maximum, const char *expected)
{
    g_autofree char *text = text_clean(bytes, maximum);
    g_assert_cmpstr(text, ==, expected);
    g_assert_true(text_is_clean(span_of(text), maximum));
}

static void test_clean(void)
{
    expect(SPAN(""), 10, "");
    expect(SPAN("  a \r\n\t b  "), 10, "a b");
    expect(SPAN("a\0b\x1b[31m\x7f"), 10, "ab[31m");
    expect(SPAN("caf\xe9"), 10, "caf\xef\xbf\xbd");
    expect(SPAN("\xe2\x80\xaemoc.elpmaxe"), 20, "moc.elpmaxe");
    expect(SPAN("za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87"), 4, "za\xc5\xbc\xc3\xb3");
    expect(SPAN("ab cd"), 3, "ab");
    expect(SPAN("x\xf4\x90"), 9, "x\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_is_clean(void)
{
    g_assert_true(text_is_clean(SPAN("plain  text"), 11));
    g_assert_false(text_is_clean(SPAN("plain"), 4));
    g_assert_false(text_is_clean(SPAN("a\nb"), 9));
    g_assert_false(text_is_clean(SPAN("a\0b"), 9));
    g_assert_false(text_is_clean(SPAN("\xff"), 9));
    g_assert_false(text_is_clean(SPAN("\xc2\x85"), 9));
}

static void test_address(void)
{
    static const char *const good[] = { "a@b", "o'brien+x@mail.example.org", "\xc5\xbc@example.org" };
    static const char *const bad[] = { "", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "<a@b>", "a@b,c@d", "\"a\"@b", "a;b@c" };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(text_is_address(good[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(text_is_address(bad[i]));
    g_autofree char *local = g_strnfill(TEXT_ADDRESS_BYTES_MAX - 1, 'a'), *longest = g_strconcat(local, "@b", NULL);
    g_assert_false(text_is_address(longest));
    g_assert_true(text_is_address(longest + 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/clean", test_clean);
    g_test_add_func("/text/is-clean", test_is_clean);
    g_test_add_func("/text/address", test_address);
    return g_test_run();
}
