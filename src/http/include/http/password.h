/* Password hashes: Argon2id in libsodium's text form, as accounts keep them.
 *
 * For the command line's account creation and for sign-in. A hash takes about 0.1 s and 64 MiB by design.
 */
#pragma once

#include <stdbool.h>

/* Newly allocated; aborts where memory cannot be had. */
char *password_hash(const char *password);
/* True where the password is the one of the hash. NULL as hash (an unknown login) costs the same time and is false. */
bool password_matches(const char *hash_or_null, const char *password);
