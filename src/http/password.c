/* Argon2id by libsodium. */
#include "http/password.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

/* 64 MiB and two passes: libsodium's figure for a person who waits. */
static const unsigned long long operations = crypto_pwhash_OPSLIMIT_INTERACTIVE;
static const size_t memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

char *password_hash(const char *password)
{
    g_assert(sodium_init() >= 0);
    char hash[crypto_pwhash_STRBYTES];
    g_assert(crypto_pwhash_str(hash, password, strlen(password), operations, memory) == 0);
    return g_strdup(hash);
}

static const char *nobodys_hash(void)
{
    static gsize made;
    static char *hash;
    if (g_once_init_enter(&made)) {
        hash = password_hash("the password of nobody");
        g_once_init_leave(&made, 1);
    }
    return hash;
}

bool password_matches(const char *hash_or_null, const char *password)
{
    g_assert(sodium_init() >= 0);
    const char *hash = hash_or_null == NULL ? nobodys_hash() : hash_or_null;
    bool matches = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
    return matches && hash_or_null != NULL;
}
