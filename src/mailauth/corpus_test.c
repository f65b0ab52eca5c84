/* Runs a fuzzer's corpus as an ordinary test: corpus_test DIRECTORY, linked with one x_fuzz.c. */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *directory;

static void test_corpus(void)
{
    GDir *files = g_dir_open(directory, 0, NULL);
    g_assert_nonnull(files);
    int count = 0;
    for (const char *name; (name = g_dir_read_name(files)) != NULL; count++) {
        g_autofree char *path = g_build_filename(directory, name, NULL), *data = NULL;
        gsize size = 0;
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        g_test_message("%s", name);
        for (gsize cut = 0; cut <= size; cut++) {
            /* A copy of exactly that size, so that reading past its end is seen. */
            g_autofree uint8_t *exact = g_memdup2(data, cut == 0 ? 1 : cut);
            g_assert_cmpint(LLVMFuzzerTestOneInput(exact, cut), ==, 0);
        }
    }
    g_dir_close(files);
    g_assert_cmpint(count, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    directory = argv[1];
    g_test_add_func("/mailauth/corpus", test_corpus);
    return g_test_run();
}
