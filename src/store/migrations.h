/* Numbered migrations, embedded from migrations/<database>/NNNN_name.sql at build time. Forward only. */
#pragma once

#include "sql.h"

typedef struct Migration {
    int version;
    const char *name;
    const char *sha256; /* of the text: a database made with another text of the same number is refused */
    const char *script;
} Migration;

extern const Migration migrations[];
extern const size_t migration_count;

/* Brings the schema up to this program's. CONFLICT where it is newer, or was made otherwise. Several processes may
 * come here at once: each migration runs once. */
bool migrations_apply(Sql *sql, const Migration *list, size_t count, GError **error);
