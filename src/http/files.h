/* The built web app, read into memory at start: a path that was not read then does not exist, so there is none that
 * leads out of the directory.
 *
 * assets/ carries hashes in its names and is immutable; pages are never stored and carry a fresh CSP nonce where
 * they say __CSP_NONCE__. Siblings .br and .gz are served where the browser takes them.
 */
#pragma once

#include "server.h"

/* `directory` NULL: no web app. NULL and `error`: it cannot be read, or is larger than the limits. */
Files *files_load(const char *directory, GError **error);
void files_free(Files *files);
