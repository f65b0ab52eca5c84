/* Canonical forms, seen through what they hash: RFC 6376 §3.4.5 and the corners. */
#include "base64.h"
#include "canonical.h"
#include "taglist.h"

#include <glib.h>
#include <string.h>

/* Feeding `form` of the body must equal feeding `wanted`. */
static void assert_body(ma_canonical form, const char *body, const char *wanted)
{
    uint8_t got_digest[MA_HASH_BYTES], wanted_digest[MA_HASH_BYTES];
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    ma_canonical_body(&hash, form, ma_span_of(body));
    uint64_t total = hash.total;
    ma_hash_done(&hash, got_digest);
    ma_hash_init(&hash, UINT64_MAX);
    ma_hash_add(&hash, ma_span_of(wanted));
    ma_hash_done(&hash, wanted_digest);
    if (memcmp(got_digest, wanted_digest, MA_HASH_BYTES) != 0 || total != strlen(wanted))
        g_error("%s body \"%s\" is not \"%s\"", form == MA_SIMPLE ? "simple" : "relaxed", body, wanted);
}

static void test_bodies(void)
{
    static const struct {
        const char *body, *simple, *relaxed;
    } CASES[] = {
        { "", "\r\n", "" },
        { "\r\n", "\r\n", "" },
        { "\r\n\r\n\r\n", "\r\n", "" },
        { " \r\n\t\r\n", " \r\n\t\r\n", "" },
        { "  ", "  \r\n", "" },
        { "a", "a\r\n", "a\r\n" },
        { "a \t", "a \t\r\n", "a\r\n" },
        { "a\r\n\r\n", "a\r\n", "a\r\n" },
        { "a\r\n \r\n", "a\r\n \r\n", "a\r\n" },
        { " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n" }, /* RFC 6376 §3.4.5 */
        { "\t\ta  b \r\n", "\t\ta  b \r\n", " a b\r\n" },
        { "a b\tc\r\n", "a b\tc\r\n", "a b c\r\n" },
        { "a\nb \n", "a\nb \n\r\n", "a\nb \n\r\n" },
        { "a\r b\r", "a\r b\r\r\n", "a\r b\r\r\n" },
        { "a\r\r\n\n\r\n", "a\r\r\n\n\r\n", "a\r\r\n\n\r\n" },
        { "\r\na\r\n", "\r\na\r\n", "\r\na\r\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        assert_body(MA_SIMPLE, CASES[i].body, CASES[i].simple);
        assert_body(MA_RELAXED, CASES[i].body, CASES[i].relaxed);
    }
}

/* Gaps at every place relative to the bytes that are looked at together. */
static void test_gaps_everywhere(void)
{
    static const char *const GAPS[] = { " ", "  ", "\t", " \t ", " \r\n", "\t\r\n", "  \r\n ", " \r", " \n" };
    static const char *const RELAXED[] = { " ", " ", " ", " ", "\r\n", "\r\n", "\r\n ", " \r", " \n" };
    for (size_t before = 0; before < 140; before++)
        for (size_t after = 1; after < 140; after += after < 8 ? 1 : 11)
            for (size_t gap = 0; gap < G_N_ELEMENTS(GAPS); gap++) {
                g_autofree char *left = g_strnfill(before, 'a'), *right = g_strnfill(after, 'b');
                g_autofree char *body = g_strconcat(left, GAPS[gap], right, "\r\n", NULL);
                g_autofree char *wanted = g_strconcat(left, RELAXED[gap], right, "\r\n", NULL);
                assert_body(MA_RELAXED, body, wanted);
            }
}

/* RFC 6376 §3.4.4 to the letter, byte by byte, on a body that ends in CR LF and has no empty line at its end. */
static char *relaxed_slowly(const char *body)
{
    GString *out = g_string_new(NULL);
    for (const char *at = body; *at != '\0';) {
        size_t blanks = strspn(at, " \t");
        at += blanks;
        if (blanks > 0 && strncmp(at, "\r\n", 2) != 0)
            g_string_append_c(out, ' ');
        if (*at != '\0')
            g_string_append_c(out, *at++);
    }
    return g_string_free(out, FALSE);
}

/* Long bodies: runs without a change that are longer than what is scanned at once, and texts full of changes. */
static void test_long_bodies(void)
{
    static const char *const PIECES[] = { "word", " ", "  ", "\t", "\r\n", " \r\n", "\r", "\n", "x" };
    for (int round = 0; round < 60; round++) {
        GString *body = g_string_new(NULL);
        int length = g_test_rand_int_range(1, 50000), solid = g_test_rand_int_range(0, 100);
        while (body->len < (gsize)length)
            if (g_test_rand_int_range(0, 100) < solid)
                for (int i = g_test_rand_int_range(1, 2000); i > 0; i--)
                    g_string_append(body, "solid text ");
            else
                g_string_append(body, PIECES[g_test_rand_int_range(0, G_N_ELEMENTS(PIECES))]);
        g_string_append(body, "end\r\n");
        g_autofree char *wanted = relaxed_slowly(body->str);
        assert_body(MA_RELAXED, body->str, wanted);
        g_string_free(body, TRUE);
    }
}

static void assert_field(ma_canonical form, const char *line, const char *cut, const char *wanted)
{
    ma_arena *arena = ma_arena_new();
    ma_message message = ma_message_read(arena, ma_span_of(line));
    g_assert_cmpuint(message.field_count, ==, 1);
    const char *found = cut == NULL ? NULL : strstr(line, cut);
    ma_span area = found == NULL ? MA_EMPTY : (ma_span){ found, strlen(cut) };
    uint8_t got_digest[MA_HASH_BYTES], wanted_digest[MA_HASH_BYTES];
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    ma_canonical_field(&hash, form, &message.fields[0], area, cut == NULL);
    ma_hash_done(&hash, got_digest);
    ma_hash_init(&hash, UINT64_MAX);
    ma_hash_add(&hash, ma_span_of(wanted));
    ma_hash_done(&hash, wanted_digest);
    if (memcmp(got_digest, wanted_digest, MA_HASH_BYTES) != 0)
        g_error("\"%s\" is not \"%s\"", line, wanted);
    ma_arena_free(arena);
}

static void test_fields(void)
{
    assert_field(MA_RELAXED, "A: X\r\n", NULL, "a:X\r\n");
    assert_field(MA_RELAXED, "B : Y\t\r\n\tZ  \r\n", NULL, "b:Y Z\r\n");
    assert_field(MA_SIMPLE, "B : Y\t\r\n\tZ  \r\n", NULL, "B : Y\t\r\n\tZ  \r\n");
    assert_field(MA_RELAXED, "Subject:\r\n starts on the fold\r\n", NULL, "subject:starts on the fold\r\n");
    assert_field(MA_RELAXED, "Empty:\r\n", NULL, "empty:\r\n");
    assert_field(MA_RELAXED, "Empty: \t \r\n", NULL, "empty:\r\n");
    assert_field(MA_RELAXED, "Last: one", NULL, "last:one\r\n");
    assert_field(MA_RELAXED, "S: a; b=12 34\r\n 56 ; c=d\r\n", "12 34\r\n 56 ", "s:a; b=; c=d");
    assert_field(MA_SIMPLE, "S: a; b= 12\r\n 56\r\n", " 12\r\n 56", "S: a; b=");
}

/* l= counts canonical bytes; what is beyond it is counted but not hashed. */
static void test_limit(void)
{
    for (uint64_t limit = 0; limit <= 8; limit++) {
        uint8_t got[MA_HASH_BYTES], wanted[MA_HASH_BYTES];
        ma_hash hash;
        ma_hash_init(&hash, limit);
        ma_canonical_body(&hash, MA_RELAXED, MA_SPAN("a  b\r\nc"));
        g_assert_cmpuint(hash.total, ==, 8);
        ma_hash_done(&hash, got);
        ma_hash_init(&hash, UINT64_MAX);
        ma_hash_add(&hash, (ma_span){ "a b\r\nc\r\n", (size_t)limit });
        ma_hash_done(&hash, wanted);
        g_assert_cmpmem(got, sizeof got, wanted, sizeof wanted);
    }
}

static void test_message_cut(void)
{
    ma_arena *arena = ma_arena_new();
    ma_message message = ma_message_read(arena, MA_SPAN("A: 1\r\n\tmore\nB:2\nno field\r\n\r\nbody\r\n"));
    g_assert_cmpuint(message.field_count, ==, 3);
    g_assert_cmpuint(message.odd_lines, ==, 1);
    g_assert_true(ma_span_equal(message.fields[0].line, MA_SPAN("A: 1\r\n\tmore")));
    g_assert_true(ma_span_equal(message.fields[0].ending, MA_SPAN("\n")));
    g_assert_true(ma_span_equal(message.body, MA_SPAN("body\r\n")));
    message = ma_message_read(arena, MA_SPAN("\r\nbody"));
    g_assert_cmpuint(message.field_count, ==, 0);
    g_assert_true(ma_span_equal(message.body, MA_SPAN("body")));
    message = ma_message_read(arena, MA_SPAN("A: 1"));
    g_assert_cmpuint(message.field_count, ==, 1);
    g_assert_cmpuint(message.body.length, ==, 0);
    ma_arena_free(arena);
}

static void test_tag_lists(void)
{
    ma_tag_list tags;
    g_assert_null(ma_tag_list_read(MA_SPAN(" a = 1 2\r\n\t3 ; B=;b2=x=y; "), &tags));
    g_assert_true(ma_span_equal(ma_tag_value(&tags, "a"), MA_SPAN("1 2\r\n\t3")));
    g_assert_true(ma_span_equal(ma_tag_find(&tags, "a")->area, MA_SPAN(" 1 2\r\n\t3 ")));
    g_assert_true(ma_span_equal(ma_tag_value(&tags, "b2"), MA_SPAN("x=y")));
    g_assert_cmpstr(ma_tag_list_read(MA_SPAN("a=1;a=2"), &tags), ==, "it has the same tag twice");
    g_assert_cmpstr(ma_tag_list_read(MA_SPAN("a"), &tags), ==, "a tag has no \"=\"");
    g_assert_cmpstr(ma_tag_list_read(MA_SPAN("1a=1"), &tags), ==, "a tag has an unreadable name");
    g_assert_cmpstr(ma_tag_list_read(MA_SPAN("a=\001"), &tags), ==, "a tag's value holds a control character");
    g_assert_cmpstr(ma_tag_list_read(MA_SPAN("a=1\0002;"), &tags), ==, "a tag's value holds a control character");
    g_assert_null(ma_tag_list_read(MA_SPAN("a=1; A=2; x_y=\xc3\xbc;\r\n "), &tags));
    g_assert_cmpuint(tags.count, ==, 3);
    g_assert_true(ma_span_equal(ma_tag_value(&tags, "A"), MA_SPAN("2")));
    g_autoptr(GString) many = g_string_new(NULL);
    for (int i = 0; i <= MA_TAGS_MAX; i++)
        g_string_append_printf(many, "t%d=%d;", i, i);
    g_assert_cmpstr(ma_tag_list_read((ma_span){ many->str, many->len }, &tags), ==, "it has more than 64 tags");
}

static void test_base64(void)
{
    ma_arena *arena = ma_arena_new();
    ma_span bytes;
    g_assert_true(ma_base64_decode(arena, MA_SPAN(" TW\r\n Fu "), &bytes) && ma_span_equal(bytes, MA_SPAN("Man")));
    g_assert_true(ma_base64_decode(arena, MA_SPAN("TWE="), &bytes) && ma_span_equal(bytes, MA_SPAN("Ma")));
    g_assert_true(ma_base64_decode(arena, MA_SPAN("TQ=="), &bytes) && ma_span_equal(bytes, MA_SPAN("M")));
    static const char *const BAD[] = { "T", "TQ", "TQ=", "TR==", "TWF=", "TQ==TQ==", "T-E=", "TQ===", "=" };
    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
        g_assert_false(ma_base64_decode(arena, ma_span_of(BAD[i]), &bytes));
    g_assert_cmpstr(ma_base64_encode(arena, MA_SPAN("Man")), ==, "TWFu");
    g_assert_cmpstr(ma_base64_encode(arena, MA_SPAN("Ma")), ==, "TWE=");
    g_assert_cmpstr(ma_base64_encode(arena, MA_SPAN("")), ==, "");
    ma_arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/canonical/bodies", test_bodies);
    g_test_add_func("/mailauth/canonical/gaps-everywhere", test_gaps_everywhere);
    g_test_add_func("/mailauth/canonical/long-bodies", test_long_bodies);
    g_test_add_func("/mailauth/canonical/fields", test_fields);
    g_test_add_func("/mailauth/canonical/limit", test_limit);
    g_test_add_func("/mailauth/canonical/message", test_message_cut);
    g_test_add_func("/mailauth/canonical/tag-lists", test_tag_lists);
    g_test_add_func("/mailauth/canonical/base64", test_base64);
    return g_test_run();
}
