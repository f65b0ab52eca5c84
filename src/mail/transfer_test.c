/* The fast decoders beside slow ones that look at one byte at a time, on random bytes of the kinds that matter to each. */
#include "transfer.h"

#include <glib.h>
#include <string.h>

#include "lines.h"

enum { CASES = 20000, BYTES_MAX = 400 };

/* Bytes of which most are from `likely`, in a block of exactly their size, so that a read beyond it is seen. */
static char *random_bytes(const char *likely, size_t length)
{
    char *bytes = g_malloc(length + 1); /* one more, for g_malloc(0) is NULL */
    for (size_t i = 0; i < length; i++)
        bytes[i] = g_test_rand_int_range(0, 100) < 95 ? likely[g_test_rand_int_range(0, (gint32)strlen(likely))]
                                                     : (char)g_test_rand_int_range(0, 256);
    return g_realloc(bytes, MAX(length, 1));
}

/* ---- The slow ones ---- */

static size_t slow_base64(Span body, char *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = 0;
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < body.length; i++) {
        const char *digit = body.at[i] == '\0' ? NULL : strchr(alphabet, body.at[i]);
        if (body.at[i] == '=')
            count = 0;
        if (digit == NULL)
            continue;
        bits = bits << 6 | (unsigned)(digit - alphabet);
        if (count++ % 4 != 0)
            out[length++] = (char)(bits >> (6 - 2 * ((count - 1) % 4)));
    }
    return length;
}

/* Blanks at the front of `rest`, where a line end or the end of the text follows them. */
static size_t slow_blanks(Span rest)
{
    size_t length = 0;
    while (length < rest.length && (rest.at[length] == ' ' || rest.at[length] == '\t'))
        length++;
    Span after = span_slice(rest, length, rest.length);
    bool at_end = after.length == 0 || after.at[0] == '\n' || span_starts_with(after, SPAN("\r\n"));
    return at_end ? length : 0;
}

static size_t slow_quoted(Span body, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < body.length;) {
        Span rest = span_slice(body, i, body.length), after = span_slice(rest, 1, rest.length);
        size_t blanks = slow_blanks(rest);
        if (blanks > 0) {
            i += blanks;
            continue;
        }
        bool is_escape = rest.at[0] == '=' && after.length >= 2 && g_ascii_isxdigit(after.at[0]) && g_ascii_isxdigit(after.at[1]);
        if (is_escape) {
            out[length++] = (char)(g_ascii_xdigit_value(after.at[0]) << 4 | g_ascii_xdigit_value(after.at[1]));
            i += 3;
            continue;
        }
        Span end = span_slice(after, slow_blanks(after), after.length);
        bool is_soft = end.length == 0 || end.at[0] == '\n' || span_starts_with(end, SPAN("\r\n"));
        if (rest.at[0] == '=' && is_soft) {
            i += 1 + slow_blanks(after) + (end.length == 0 ? 0 : end.at[0] == '\n' ? 1 : 2);
            continue;
        }
        out[length++] = body.at[i++];
    }
    return length;
}

static size_t slow_dashes(Span text, size_t at)
{
    for (; at < text.length; at++)
        if ((at == 0 || text.at[at - 1] == '\n') && span_starts_with(span_slice(text, at, text.length), SPAN("--")))
            return at;
    return text.length;
}

/* ---- Beside each other ---- */

typedef size_t decode_fn(Span body, char *out);

static void compare(decode_fn *fast, decode_fn *slow, const char *likely)
{
    for (unsigned i = 0; i < CASES; i++) {
        size_t length = (size_t)g_test_rand_int_range(0, BYTES_MAX);
        g_autofree char *bytes = random_bytes(likely, length);
        g_autofree char *expected = g_malloc(length + 1);
        g_autofree char *decoded = g_malloc(MAX(length, 1)); /* exactly the room that is promised to be enough */
        Span body = { bytes, length };
        size_t expected_length = slow(body, expected);
        g_assert_cmpmem(decoded, fast(body, decoded), expected, expected_length);
        g_assert_cmpuint(fast(body, NULL), ==, expected_length);
    }
}

static void test_base64(void)
{
    compare(transfer_decode_base64, slow_base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    compare(transfer_decode_base64, slow_base64, "AZaz09+/AZaz09+/AZaz09+/AZaz09+/\r\n");
    compare(transfer_decode_base64, slow_base64, "A= \r\n");
}

static void test_quoted_printable(void)
{
    compare(transfer_decode_quoted, slow_quoted, "plain text without anything in it that would be special at all\n");
    compare(transfer_decode_quoted, slow_quoted, "some= text A9\r\n");
    compare(transfer_decode_quoted, slow_quoted, "= \t\r\n4d");
}

static void test_dashes(void)
{
    for (unsigned i = 0; i < CASES; i++) {
        size_t length = (size_t)g_test_rand_int_range(0, BYTES_MAX);
        g_autofree char *bytes = random_bytes(i % 2 == 0 ? "\n-a" : "abcdefghijklmnopqrstuvwxyz0123456789\n--", length);
        Span text = { bytes, length };
        for (size_t at = 0; at < length;) {
            size_t found = lines_find_dashes(text, at);
            g_assert_cmpuint(found, ==, slow_dashes(text, at));
            at = found + 1;
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transfer/base64", test_base64);
    g_test_add_func("/transfer/quoted-printable", test_quoted_printable);
    g_test_add_func("/transfer/dashes", test_dashes);
    return g_test_run();
}
