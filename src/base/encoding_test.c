#include "base/encoding.h"

#include <glib.h>

static void test_base64_vectors(void) /* RFC 4648 §10 */
{
    static const char *const vectors[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *text = encode_base64(span_of(vectors[i][0])), *bytes = NULL;
        size_t length;
        g_assert_cmpstr(text, ==, vectors[i][1]);
        g_assert_true(decode_base64(span_of(text), &bytes, &length));
        g_assert_cmpmem(bytes, length, vectors[i][0], strlen(vectors[i][0]));
    }
}

static void test_base64url(void)
{
    g_autofree char *text = encode_base64url((Span){ "\xfb\xff\xfe", 3 }), *bytes = NULL;
    size_t length;
    g_assert_cmpstr(text, ==, "-__-");
    g_assert_true(decode_base64url(SPAN("-__-"), &bytes, &length));
    g_assert_cmpmem(bytes, length, "\xfb\xff\xfe", 3);
}

static void test_refusals(void)
{
    char *bytes;
    size_t length;
    static const char *const bad[] = { "A", "AA=A", "AAA", "A===", "AB==", "AAB=", "A*AA" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(decode_base64(span_of(bad[i]), &bytes, &length));
    g_assert_false(decode_base64url(SPAN("AA=="), &bytes, &length));
    g_assert_false(decode_base64url(SPAN("AB"), &bytes, &length));
    g_assert_false(decode_hex(SPAN("abc"), &bytes, &length));
    g_assert_false(decode_hex(SPAN("zz"), &bytes, &length));
}

static void test_hash(void)
{
    g_autofree char *hash = encode_sha256_hex(SPAN("abc"));
    g_assert_cmpstr(hash, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/encoding/base64-vectors", test_base64_vectors);
    g_test_add_func("/encoding/base64url", test_base64url);
    g_test_add_func("/encoding/refusals", test_refusals);
    g_test_add_func("/encoding/hash", test_hash);
    return g_test_run();
}
