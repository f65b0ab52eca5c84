/* Reading the built web app into memory: regular files alone, links are not followed, everything bounded. */
#include "files_table.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/error.h"
#include "files.h"

typedef struct Loading {
    const char *root;
    Files *files;
    GQueue directories; /* char *: paths below the root, still to be read; a queue, so that depth costs no stack */
    size_t bytes, count;
} Loading;

static const struct { const char *suffix, *media_type; } media_types[] = {
    { ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" }, { ".map", "application/json" }, { ".svg", "image/svg+xml" },
    { ".png", "image/png" }, { ".ico", "image/x-icon" }, { ".woff2", "font/woff2" },
    { ".webmanifest", "application/manifest+json" }, { ".wasm", "application/wasm" },
    { ".txt", "text/plain; charset=utf-8" },
};

static const char *media_type_of(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(media_types); i++)
        if (g_str_has_suffix(path, media_types[i].suffix))
            return media_types[i].media_type;
    return "application/octet-stream";
}

static void web_file_free(gpointer data)
{
    WebFile *file = data;
    g_clear_pointer(&file->bytes, g_bytes_unref);
    g_clear_pointer(&file->brotli, g_bytes_unref);
    g_clear_pointer(&file->gzip, g_bytes_unref);
    g_free(file->etag);
    g_free(file);
}

void files_free(Files *files)
{
    if (files == NULL)
        return;
    g_hash_table_unref(files->by_path);
    g_free(files);
}

const WebFile *files_find(const Files *files, const char *path)
{
    return g_hash_table_lookup(files->by_path, path);
}

static char *etag_of(const char *data, gsize length)
{
    g_autofree char *hash = encode_sha256_hex((Span){ data, length });
    return g_strdup_printf("\"%.32s\"", hash);
}

static bool load_file(Loading *loading, const char *full, const char *path, size_t size, GError **error)
{
    loading->bytes += size;
    loading->count++;
    if (size > HTTP_FILE_BYTES || loading->bytes > HTTP_FILES_BYTES || loading->count > HTTP_FILES) {
        error_set(error, SALDO_ERROR_LIMIT,
            "web_directory %s is too large at %s (at most 4096 files, 16 MiB each, 64 MiB in all): is it the built web app?",
            loading->root, path);
        return false;
    }
    char *data;
    gsize length;
    if (!g_file_get_contents(full, &data, &length, error))
        return false;
    WebFile *file = g_new0(WebFile, 1);
    file->etag = etag_of(data, length);
    file->bytes = g_bytes_new_take(data, length);
    file->media_type = media_type_of(path);
    file->is_page = g_str_has_suffix(path, ".html");
    g_hash_table_replace(loading->files->by_path, g_strdup(path), file);
    return true;
}

static bool load_entry(Loading *loading, const char *parent, const char *name, GError **error)
{
    g_autofree char *path = g_strconcat(parent, "/", name, NULL);
    g_autofree char *full = g_strconcat(loading->root, path, NULL);
    struct stat facts;
    if (name[0] == '.' || lstat(full, &facts) != 0)
        return true;
    if (S_ISDIR(facts.st_mode))
        g_queue_push_tail(&loading->directories, g_steal_pointer(&path));
    else if (S_ISREG(facts.st_mode))
        return load_file(loading, full, path, (size_t)facts.st_size, error);
    return true;
}

static bool load_directory(Loading *loading, const char *path, GError **error)
{
    g_autofree char *full = g_strconcat(loading->root, path, NULL);
    g_autoptr(GError) trouble = NULL;
    g_autoptr(GDir) directory = g_dir_open(full, 0, &trouble);
    if (directory == NULL) {
        error_set(error, SALDO_ERROR_IO, "web_directory %s cannot be read (%s): `make build` builds the web app there",
            loading->root, trouble->message);
        return false;
    }
    for (const char *name = g_dir_read_name(directory); name != NULL; name = g_dir_read_name(directory))
        if (!load_entry(loading, path, name, error))
            return false;
    return true;
}

static GBytes *sibling(const Files *files, const char *path, const char *suffix)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);
    const WebFile *file = files_find(files, name);
    return file == NULL ? NULL : g_bytes_ref(file->bytes);
}

static void join_siblings(Files *files)
{
    GHashTableIter iterator;
    gpointer path, file;
    g_hash_table_iter_init(&iterator, files->by_path);
    while (g_hash_table_iter_next(&iterator, &path, &file)) {
        ((WebFile *)file)->brotli = sibling(files, path, ".br");
        ((WebFile *)file)->gzip = sibling(files, path, ".gz");
    }
}

Files *files_load(const char *directory, GError **error)
{
    Files *files = g_new0(Files, 1);
    files->by_path = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, web_file_free);
    if (directory == NULL)
        return files;
    Loading loading = { .root = directory, .files = files };
    g_queue_push_tail(&loading.directories, g_strdup(""));
    bool is_loaded = true;
    while (is_loaded && !g_queue_is_empty(&loading.directories)) {
        g_autofree char *path = g_queue_pop_head(&loading.directories);
        is_loaded = load_directory(&loading, path, error);
    }
    g_queue_clear_full(&loading.directories, g_free);
    if (!is_loaded)
        g_clear_pointer(&files, files_free);
    else
        join_siblings(files);
    return files;
}
