/* Every file of a corpus (environment CORPUS, layout of its README), whole and cut short at CUTS places, through the real
 * jail: each ends in a reading or a named refusal, and the engine and the parent go on. Closes with `truncated: passed/total`. */
#include "jail/jail.h"

#include <stdio.h>
#include <string.h>

enum { CUTS = 50 };

typedef struct Count {
    unsigned passed, total;
} Count;

static bool ends_well(Jail *jail, Span bytes, bool is_mail)
{
    g_autoptr(GError) error = NULL;
    int parent = jail_parent_pid(jail);
    g_autoptr(Extraction) extraction = jail_extract(jail, bytes, is_mail, &error);
    if (extraction == NULL || jail_parent_pid(jail) != parent)
        return false;
    bool is_told = is_mail || extraction->invoices->len > 0 || (extraction->trouble != NULL && *extraction->trouble != '\0');
    return is_told && (extraction->readable || *extraction->trouble != '\0');
}

static void try_file(Jail *jail, const char *path, Count *count)
{
    g_autofree char *raw = NULL;
    gsize length;
    if (!g_file_get_contents(path, &raw, &length, NULL) || length == 0)
        return;
    bool is_mail = g_str_has_suffix(path, ".eml");
    for (size_t cut = 0; cut <= CUTS; cut++) {
        /* The last one is the whole; an empty file is nobody's message. */
        size_t end = MAX(1, length / CUTS * cut + length % CUTS * cut / CUTS);
        bool passed = ends_well(jail, (Span){ raw, end }, is_mail);
        if (!passed)
            printf("  truncated %s at byte %zu: no named end\n", path, end);
        count->passed += passed;
        count->total++;
    }
}

/* Depth first with a list of its own. */
static void try_folder(Jail *jail, const char *top, Count *count)
{
    g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(waiting, g_strdup(top));
    while (waiting->len > 0) {
        g_autofree char *path = g_ptr_array_steal_index(waiting, waiting->len - 1);
        g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
        if (directory == NULL)
            try_file(jail, path, count);
        for (const char *name; directory != NULL && (name = g_dir_read_name(directory)) != NULL;)
            g_ptr_array_add(waiting, g_build_filename(path, name, NULL));
    }
}

int main(void)
{
    static const char *const folders[] = { "invoices", "eml-synthetic", "email-markup" };
    const char *corpus = g_getenv("CORPUS");
    if (corpus == NULL)
        return 77; /* skipped: there is nothing to read */
    g_autoptr(GError) error = NULL;
    g_autoptr(Jail) jail = jail_start(1, &error);
    g_assert_no_error(error);
    Count count = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(corpus, folders[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            try_folder(jail, path, &count);
    }
    if (count.total > 0)
        printf("truncated: %u/%u\n", count.passed, count.total);
    return count.passed == count.total ? 0 : 1;
}
