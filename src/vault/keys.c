/* Reading, checking and using the keys. */
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"

enum { KEY_FORMAT = 1, KEK_VERSION_MAX = 1000000 };

void vault_put_uint32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint32_t vault_get_uint32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* ---- Files ------------------------------------------------------------------------------------------------- */

static bool check_mode(int file, const char *name, mode_t kind, unsigned wanted, char *trouble)
{
    struct stat facts;
    if (fstat(file, &facts) != 0 || (facts.st_mode & S_IFMT) != kind) {
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s is not of the kind it must be", name);
        return false;
    }
    if ((facts.st_mode & 077) != 0) {
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s has mode %04o, so others on this machine can reach the keys: run "
            "\"chmod %03o\" on it, and replace the keys if somebody may have read them", name, facts.st_mode & 07777, wanted);
        return false;
    }
    if (facts.st_uid != geteuid()) {
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s belongs to user %u, but the vault runs as user %u: run \"chown\" on it",
            name, (unsigned)facts.st_uid, (unsigned)geteuid());
        return false;
    }
    return true;
}

/* The whole file, at most `maximum` bytes; its length or -1. */
static ssize_t read_file(int directory, const char *name, uint8_t *bytes, size_t maximum, char *trouble)
{
    int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s cannot be opened (%s): restore it from a backup, or run \"saldo init\" "
            "for a new vault", name, strerror(errno));
        return -1;
    }
    size_t length = 0;
    bool good = check_mode(file, name, S_IFREG, 0600, trouble);
    while (good && length <= maximum) {
        uint8_t beyond = 0, *at = length < maximum ? bytes + length : &beyond;
        ssize_t got = read(file, at, length < maximum ? maximum - length : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            break;
        good = got > 0;
        length += good ? (size_t)got : 0;
        if (!good)
            snprintf(trouble, KEYS_TROUBLE_BYTES, "%s cannot be read (%s)", name, strerror(errno));
    }
    close(file);
    if (good && length > maximum) {
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s is longer than %zu bytes: it is not a key file", name, maximum);
        return -1;
    }
    return good ? (ssize_t)length : -1;
}

/* ---- The file `keks` ------------------------------------------------------------------------------------------- */

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* "VERSION HEX", without the line end. */
static bool read_line(const char *line, size_t length, const uint8_t *root, Kek *kek)
{
    size_t at = 0;
    uint64_t version = 0;
    for (; at < length && line[at] >= '0' && line[at] <= '9' && version <= KEK_VERSION_MAX; at++)
        version = version * 10 + (uint64_t)(line[at] - '0');
    if (version == 0 || version > KEK_VERSION_MAX || at == length || line[at] != ' '
        || length - at - 1 != 2 * KEK_WRAPPED_BYTES)
        return false;
    uint8_t wrapped[KEK_WRAPPED_BYTES], plain[KEK_WRAPPED_BYTES];
    for (size_t i = 0; i < sizeof wrapped; i++) {
        int high = hex_value(line[at + 1 + 2 * i]), low = hex_value(line[at + 2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        wrapped[i] = (uint8_t)(high << 4 | low);
    }
    bool good = vault_key_unwrap(root, wrapped, sizeof wrapped, plain);
    kek->version = (uint32_t)version;
    memcpy(kek->key, plain, VAULT_KEY_BYTES);
    vault_crypto_wipe(plain, sizeof plain);
    return good;
}

static bool read_keks(const char *text, size_t length, const uint8_t *root, Keys *keys, char *trouble)
{
    unsigned line_number = 0;
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t line_bytes = end == NULL ? length - at : (size_t)(end - text) - at;
        uint32_t newest = vault_keys_newest(keys);
        line_number++;
        if (keys->count == KEKS_MAX || !read_line(text + at, line_bytes, root, &keys->keks[keys->count])
            || keys->keks[keys->count].version <= newest) {
            snprintf(trouble, KEYS_TROUBLE_BYTES, "%s, line %u: not a key that %s opens, or not newer than the one before: "
                "restore both files from the same backup", KEYS_KEKS_FILE, line_number, KEYS_ROOT_FILE);
            return false;
        }
        keys->count++;
        at += line_bytes + 1;
    }
    if (keys->count == 0)
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s is empty: restore it from a backup", KEYS_KEKS_FILE);
    return keys->count > 0;
}

bool vault_keys_load(int directory, Keys *keys, char trouble[KEYS_TROUBLE_BYTES])
{
    uint8_t root[VAULT_KEY_BYTES] = { 0 };
    static uint8_t text[KEKS_FILE_BYTES_MAX];
    if (!check_mode(directory, "the key directory", S_IFDIR, 0700, trouble))
        return false;
    ssize_t root_bytes = read_file(directory, KEYS_ROOT_FILE, root, sizeof root, trouble);
    bool good = root_bytes == (ssize_t)sizeof root;
    if (root_bytes >= 0 && !good)
        snprintf(trouble, KEYS_TROUBLE_BYTES, "%s has %zd bytes instead of %zu: restore it from a backup", KEYS_ROOT_FILE,
            root_bytes, sizeof root);
    ssize_t length = good ? read_file(directory, KEYS_KEKS_FILE, text, sizeof text, trouble) : -1;
    keys->count = 0;
    good = length >= 0 && read_keks((const char *)text, (size_t)length, root, keys, trouble);
    vault_crypto_wipe(root, sizeof root);
    return good;
}

bool vault_keys_format_kek(const uint8_t root[VAULT_KEY_BYTES], uint32_t version, char *line, size_t line_bytes)
{
    uint8_t kek[VAULT_KEY_BYTES], wrapped[KEK_WRAPPED_BYTES];
    bool good = vault_crypto_random(kek, sizeof kek) && vault_key_wrap(root, kek, sizeof kek, wrapped);
    vault_crypto_wipe(kek, sizeof kek);
    int at = good ? snprintf(line, line_bytes, "%u ", version) : -1;
    if (at < 0 || (size_t)at + 2 * KEK_WRAPPED_BYTES + 2 > line_bytes)
        return false;
    for (size_t i = 0; i < KEK_WRAPPED_BYTES; i++)
        at += snprintf(line + at, line_bytes - (size_t)at, "%02x", wrapped[i]);
    return snprintf(line + at, line_bytes - (size_t)at, "\n") == 1;
}

uint32_t vault_keys_newest(const Keys *keys)
{
    return keys->count == 0 ? 0 : keys->keks[keys->count - 1].version;
}

/* ---- Data keys ---------------------------------------------------------------------------------------------------- */

enum { KEK_AT = 1, ID_AT = KEK_AT + 4, WRAP_AT = ID_AT + VAULT_KEY_ID_BYTES, INNER_BYTES = VAULT_KEY_ID_BYTES + VAULT_KEY_BYTES };

bool vault_data_key_make(const Keys *keys, uint8_t ret_wrapped[VAULT_WRAPPED_BYTES])
{
    const Kek *newest = &keys->keks[keys->count - 1];
    uint8_t inner[INNER_BYTES];
    if (!vault_crypto_random(inner, sizeof inner))
        return false;
    ret_wrapped[0] = KEY_FORMAT;
    vault_put_uint32(ret_wrapped + KEK_AT, newest->version);
    memcpy(ret_wrapped + ID_AT, inner, VAULT_KEY_ID_BYTES);
    bool good = vault_key_wrap(newest->key, inner, sizeof inner, ret_wrapped + WRAP_AT);
    vault_crypto_wipe(inner, sizeof inner);
    return good;
}

static const Kek *find_kek(const Keys *keys, uint32_t version)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->keks[i].version == version)
            return &keys->keks[i];
    return NULL;
}

VaultOutcome vault_data_key_unwrap(const Keys *keys, const uint8_t wrapped[VAULT_WRAPPED_BYTES], DataKey *ret_key)
{
    const Kek *kek = find_kek(keys, vault_get_uint32(wrapped + KEK_AT));
    uint8_t inner[INNER_BYTES + KEY_WRAP_EXTRA_BYTES];
    if (wrapped[0] != KEY_FORMAT)
        return VAULT_KEY_BROKEN;
    if (kek == NULL)
        return VAULT_KEK_UNKNOWN;
    bool good = vault_key_unwrap(kek->key, wrapped + WRAP_AT, VAULT_WRAPPED_BYTES - WRAP_AT, inner)
        && memcmp(inner, wrapped + ID_AT, VAULT_KEY_ID_BYTES) == 0;
    if (good) {
        memcpy(ret_key->id, inner, VAULT_KEY_ID_BYTES);
        memcpy(ret_key->key, inner + VAULT_KEY_ID_BYTES, VAULT_KEY_BYTES);
    }
    vault_crypto_wipe(inner, sizeof inner);
    return good ? VAULT_DONE : VAULT_KEY_BROKEN;
}
