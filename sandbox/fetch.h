/* One HTTP call to another party, bounded: 256 KiB, 5 s unless told, no redirects. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct FetchAnswer {
    long status;
    json_t *json; /* the body where it is JSON, else NULL; owned */
} FetchAnswer;

/* GET where `body` is NULL, else POST of that JSON. `bearer` goes into Authorization (NULL: none).
 * False with `error` (UNAVAILABLE) where no answer came. */
bool fetch_json(const char *url, const char *bearer, const json_t *body, FetchAnswer *ret_answer, GError **error);
