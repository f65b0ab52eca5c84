/* Keys that run now (in memory) and answers that were kept (in the store). */
#include "idempotency.h"

#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "problem.h"

struct RunningKeys {
    GMutex lock;
    GHashTable *keys; /* set of char *: "account/key"; as many as there are workers */
};

RunningKeys *running_keys_new(void)
{
    RunningKeys *running = g_new0(RunningKeys, 1);
    g_mutex_init(&running->lock);
    running->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return running;
}

void running_keys_free(RunningKeys *running)
{
    if (running == NULL)
        return;
    g_hash_table_unref(running->keys);
    g_mutex_clear(&running->lock);
    g_free(running);
}

static bool begin(RunningKeys *running, const char *name)
{
    g_mutex_lock(&running->lock);
    bool is_new = g_hash_table_add(running->keys, g_strdup(name));
    g_mutex_unlock(&running->lock);
    return is_new;
}

static void end(RunningKeys *running, const char *name)
{
    g_mutex_lock(&running->lock);
    g_hash_table_remove(running->keys, name);
    g_mutex_unlock(&running->lock);
}

static bool is_sound_key(const char *key)
{
    size_t length = key == NULL ? 0 : strlen(key);
    for (size_t i = 0; i < length; i++)
        if (key[i] <= ' ' || key[i] > '~')
            return false;
    return length >= HTTP_KEY_LEAST && length <= HTTP_KEY_MOST;
}

char *idempotency_request_hash(const HttpRequest *request)
{
    g_autofree char *body = json_write(request->json); /* member order and white space do not matter */
    g_autofree char *text = g_strdup_printf("%s %s\n%s", request->method, request->path, body);
    g_autofree char *hash = encode_sha256_hex(span_of(text));
    explicit_bzero(body, strlen(body));
    explicit_bzero(text, strlen(text));
    return g_steal_pointer(&hash);
}

typedef struct Kept {
    const StoreAccount *account;
    const char *key, *hash;
    int status;
    char *body;
} Kept;

static bool find_answer(StoreTx *tx, void *context, GError **error)
{
    Kept *kept = context;
    return store_answer_get(tx, kept->account, kept->key, kept->hash, &kept->status, &kept->body, error);
}

static void replay(Server *server, const HttpRequest *request, HttpReply *reply, const Kept *kept)
{
    if (request->route->replay != NULL) {
        JSON_AUTO *body = json_read(span_of(kept->body), LIMIT_JSON_BYTES, "the kept answer", NULL);
        request->route->replay(server, request, reply, body);
    } else {
        http_reply_text(reply, (unsigned)kept->status, "application/json", kept->body);
    }
    http_reply_header(reply, "Idempotent-Replayed", "true");
}

/* True where the reply is made: replayed, or a problem. */
static bool reply_kept(Server *server, const HttpRequest *request, HttpReply *reply)
{
    g_autofree char *hash = idempotency_request_hash(request);
    Kept kept = { .account = request->account, .key = request->idempotency_key, .hash = hash };
    g_autoptr(GError) error = NULL;
    if (store_read(server->parts.store, find_answer, &kept, &error)) {
        replay(server, request, reply, &kept);
        g_free(kept.body);
        return true;
    }
    if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return false;
    if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_CONFLICT))
        problem_reply(reply, request, "idempotency_key_reused", "Make a new key for a new request.");
    else
        problem_reply_error(reply, request, error);
    return true;
}

void idempotency_run(Server *server, HttpRequest *request, HttpReply *reply)
{
    if (!is_sound_key(request->idempotency_key)) {
        problem_reply(reply, request, "idempotency_key_missing",
            "Send Idempotency-Key: 8 to 64 visible ASCII characters, new for each thing that is to be done.");
        return;
    }
    g_autofree char *name = g_strconcat(request->account->id.text, "/", request->idempotency_key, NULL);
    if (!begin(server->running_keys, name)) {
        http_reply_header(reply, "Retry-After", "%d", HTTP_RETRY_AFTER_S);
        problem_reply(reply, request, "idempotency_key_running", "Ask again with the same key in a moment.");
        return;
    }
    if (!reply_kept(server, request, reply))
        request->route->handler(server, request, reply);
    end(server->running_keys, name);
}
