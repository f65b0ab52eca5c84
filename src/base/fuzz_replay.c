/* Runs a fuzzer's function over every file of the directories it is given: so a fuzz corpus is an ordinary test too. */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replay_directory(const char *path)
{
    unsigned count = 0;
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    for (const char *name; directory != NULL && (name = g_dir_read_name(directory)) != NULL;) {
        g_autofree char *file = g_build_filename(path, name, NULL), *bytes = NULL;
        gsize length;
        if (!g_file_get_contents(file, &bytes, &length, NULL))
            continue;
        /* Exactly as large as the input, so that a read beyond it is seen under the address sanitizer. */
        g_autofree uint8_t *exact = g_memdup2(bytes, length);
        LLVMFuzzerTestOneInput(exact, length);
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        unsigned count = replay_directory(argv[i]);
        printf("%s %d - %u files of %s\n", count > 0 ? "ok" : "not ok", i, count, argv[i]);
    }
    printf("1..%d\n", argc - 1);
    return 0;
}
