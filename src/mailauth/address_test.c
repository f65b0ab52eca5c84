/* From fields: exactly one mailbox, or nobody. */
#include "address.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *fields, *address; /* NULL: refused */
    bool name_has_at;
} CASES[] = {
    { "From: joe@example.com\r\n", "joe@example.com", false },
    { "From:joe@EXAMPLE.Com\r\n", "joe@example.com", false },
    { "From : <joe@example.com>\r\n", "joe@example.com", false },
    { "From: Joe Q. Public <Joe@example.com>\r\n", "Joe@example.com", false },
    { "From: \"Joe, the <b>\" <joe@example.com> (home)\r\n", "joe@example.com", false },
    { "From: (a (nested \\) comment)) joe@example.com\r\n", "joe@example.com", false },
    { "From: =?utf-8?q?J=C3=B6rg?=\r\n <joerg@example.com>\r\n", "joerg@example.com", false },
    { "From: J\xc3\xb6rg <joerg@example.com>\r\n", "joerg@example.com", false },
    { "From: \"a b\"@example.com\r\n", "\"a b\"@example.com", false },
    { "From: \"a@b.example\" <c@d.example>\r\n", "c@d.example", true },
    { "From: a@b.example <c@d.example>\r\n", "c@d.example", true },
    { "From: <joe@b\xc3\xbc" "cher.example>\r\n", "joe@xn--bcher-kva.example", false },
    { "From: <joe@B\xc3\x9c" "CHER.example>\r\n", "joe@xn--bcher-kva.example", false },
    { "From: <j@\xe4\xbe\x8b\xe5\xad\x90.example>\r\n", "j@xn--fsqu00a.example", false },
    { "From: <joe@example.com.>\r\n", "joe@example.com", false },
    { "", NULL, false },
    { "From:\r\n", NULL, false },
    { "From: joe\r\n", NULL, false },
    { "From: @example.com\r\n", NULL, false },
    { "From: joe@\r\n", NULL, false },
    { "From: a@example.com\r\nFrom: b@example.com\r\n", NULL, false },
    { "From: a@example.com\r\nFROM : b@example.com\r\n", NULL, false },
    { "From: a@example.com, b@example.com\r\n", NULL, false },
    { "From: <a@example.com>, <b@example.com>\r\n", NULL, false },
    { "From: <a@example.com> <b@example.com>\r\n", NULL, false },
    { "From: <a@example.com> b@example.com\r\n", NULL, false },
    { "From: friends: a@example.com;\r\n", NULL, false },
    { "From: friends:;\r\n", NULL, false },
    { "From: <@relay.example:joe@example.com>\r\n", NULL, false },
    { "From: joe@[192.0.2.1]\r\n", NULL, false },
    { "From: joe@exa mple.com\r\n", NULL, false },
    { "From: joe@example..com\r\n", NULL, false },
    { "From: joe@-\x01.com\r\n", NULL, false },
    { "From: .joe@example.com\r\n", NULL, false },
    { "From: jo..e@example.com\r\n", NULL, false },
    { "From: \"joe <joe@example.com>\r\n", NULL, false },
    { "From: (joe <joe@example.com>\r\n", NULL, false },
    { "From: Joe <joe@example.com\r\n", NULL, false },
    { "From: Joe joe@example.com>\r\n", NULL, false },
    { "From: jo\xff@example.com\r\n", NULL, false },
    { "From: j\xc3\xb6rg@example.com\r\n", "j\xc3\xb6rg@example.com", false },
    { "From: <joe@\xff.example>\r\n", NULL, false },
    { "From: \"a\r\n b\"@example.com\r\n", NULL, false },
};

static void test_mailboxes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        ma_arena *arena = ma_arena_new();
        ma_message message = ma_message_read(arena, ma_span_of(CASES[i].fields));
        ma_author author = ma_author_read(arena, &message);
        g_autofree char *shown = g_strescape(CASES[i].fields, NULL);
        g_test_message("%s -> %s", shown, author.address == NULL ? author.trouble : author.address);
        g_assert_cmpstr(author.address, ==, CASES[i].address);
        g_assert_true((author.address == NULL) == (author.trouble != NULL));
        g_assert_true((author.address == NULL) == (author.domain == NULL));
        g_assert_cmpint(author.name_has_at, ==, CASES[i].name_has_at);
        ma_arena_free(arena);
    }
}

static void test_nul_and_size(void)
{
    ma_arena *arena = ma_arena_new();
    static const char WITH_NUL[] = "From: joe\0@example.com\r\n";
    ma_message message = ma_message_read(arena, (ma_span){ WITH_NUL, sizeof WITH_NUL - 1 });
    g_assert_null(ma_author_read(arena, &message).address);
    g_autofree char *nested = g_strnfill(10000, '(');
    g_autofree char *deep = g_strconcat("From: ", nested, " joe@example.com\r\n", NULL);
    message = ma_message_read(arena, ma_span_of(deep));
    g_assert_cmpstr(ma_author_read(arena, &message).trouble, ==, "the From field nests comments too deeply");
    g_autofree char *name = g_strnfill(20000, 'x');
    g_autofree char *wide = g_strconcat("From: ", name, " <joe@example.com>\r\n", NULL);
    message = ma_message_read(arena, ma_span_of(wide));
    g_assert_cmpstr(ma_author_read(arena, &message).trouble, ==, "the From field is longer than 16 KiB");
    ma_arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/address/mailboxes", test_mailboxes);
    g_test_add_func("/mailauth/address/nul-and-size", test_nul_and_size);
    return g_test_run();
}
