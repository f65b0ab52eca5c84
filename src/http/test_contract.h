/* docs/openapi.yaml as a judge of replies: for the tests of this room. */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct Contract Contract;

/* Aborts where the file cannot be read: nothing could be tested. */
Contract *contract_load(const char *path);
void contract_free(Contract *contract);
/* NULL where the reply is one that the description allows; else what is wrong, newly allocated. `path` without its
 * query; `body` NULL where it is no JSON. */
char *contract_check(const Contract *contract, const char *method, const char *path, long status, const char *media_type,
    const json_t *body);
/* Every operation with a status that was seen at least once, as "GET /v1/session 200"; for the test that all were. */
GHashTable *contract_seen(const Contract *contract);
/* Operations of the description, as "GET /v1/session". char *. */
GPtrArray *contract_operations(const Contract *contract);
