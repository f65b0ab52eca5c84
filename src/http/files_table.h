/* The table of the web app's files, as they were at start. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct WebFile {
    GBytes *bytes, *brotli, *gzip; /* the last two where such a sibling lies beside it */
    const char *media_type;
    char *etag;
    bool is_page;
} WebFile;

struct Files {
    GHashTable *by_path; /* "/assets/app-1a2b.js" → WebFile */
};

/* NULL where there is none. Only the plain path, no "..", no directory. */
const WebFile *files_find(const struct Files *files, const char *path);
