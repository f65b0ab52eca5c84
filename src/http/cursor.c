/* Cursors: base64url of "<time> <id> <HMAC-SHA256 over scope, time and id>". */
#include "cursor.h"

#include <sodium.h>
#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "limits.h"
#include "random.h"

static const char key_name[] = "http.cursor_key";

static bool load_or_make(StoreTx *tx, void *context, GError **error)
{
    char **key = context;
    g_autoptr(GError) missing = NULL;
    if (store_secret_get(tx, key_name, key, &missing))
        return true;
    if (!g_error_matches(missing, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    *key = random_token();
    return store_secret_put(tx, key_name, *key, error);
}

char *cursor_key_load(Store *store, GError **error)
{
    g_autofree char *key = NULL;
    return store_write(store, load_or_make, &key, error) ? g_steal_pointer(&key) : NULL;
}

static char *sign(const char *key, const char *scope, const char *place)
{
    g_autofree char *text = g_strdup_printf("%s\n%s", scope, place);
    return g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)key, strlen(key), text, -1);
}

char *cursor_make(const char *key, const char *scope, int64_t received_us, Id id)
{
    g_autofree char *place = g_strdup_printf("%" G_GINT64_FORMAT " %s", received_us, id.text);
    g_autofree char *signature = sign(key, scope, place);
    g_autofree char *text = g_strdup_printf("%s %s", place, signature);
    return encode_base64url(span_of(text));
}

bool cursor_read(const char *key, const char *scope, const char *cursor, int64_t *ret_received_us, Id *ret_id)
{
    g_autofree char *text = NULL;
    size_t length;
    if (strlen(cursor) > HTTP_CURSOR_BYTES || !decode_base64url(span_of(cursor), &text, &length) || strlen(text) != length)
        return false;
    char *last = strrchr(text, ' ');
    if (last == NULL)
        return false;
    *last = '\0';
    g_autofree char *signature = sign(key, scope, text);
    if (strlen(last + 1) != strlen(signature) || sodium_memcmp(last + 1, signature, strlen(signature)) != 0)
        return false;
    /* Signed by us: of our own form. */
    Span rest = span_of(text), time;
    uint64_t received_us;
    g_assert(span_cut(&rest, ' ', &time) && span_to_uint64(time, &received_us) && id_parse(rest, ret_id));
    *ret_received_us = (int64_t)received_us;
    return true;
}
