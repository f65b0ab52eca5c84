/* Cards of the wallet, and the processors' keys that browsers seal them to.
 *
 * What arrives as a card is a JWE that only the processor can open; it is sealed once more by the vault.
 */
#include "cards.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "fields.h"
#include "handlers.h"
#include "idempotency.h"
#include "pay/processor.h"
#include "problem.h"
#include "sealing.h"
#include "views.h"
#include "views_parts.h"

enum { CARD_JWE_MAX = 8192, NICKNAME_MAX = 60, HOLDER_MAX = 100 };

/* ---- Adding ---------------------------------------------------------------------------------------- */

typedef struct NewCard {
    StoreCard card; /* text borrowed from the request */
    const char *jwe;
} NewCard;

typedef struct AddWork {
    const StoreAccount *account;
    StoreCard *card;
    GBytes *wrapped;
    const char *key, *hash;
    char *answer; /* made */
} AddWork;

static bool read_new_card(HttpRequest *request, HttpReply *reply, NewCard *ret_card)
{
    Fields fields = fields_of(request);
    NewCard card = { 0 };
    card.card.processor = (char *)fields_text(&fields, "processor", 1, 40);
    card.jwe = fields_compact_jwe(&fields, "card", CARD_JWE_MAX);
    card.card.brand = (char *)fields_pattern(&fields, "brand", "^(visa|mastercard|amex|discover|diners|jcb)$");
    card.card.last4 = (char *)fields_pattern(&fields, "last4", "^[0-9]{4}$");
    card.card.expiry = (char *)fields_pattern(&fields, "expiry", "^(0[1-9]|1[0-2])/[0-9]{2}$");
    card.card.holder = (char *)fields_open_text(&fields, "holder", 1, HOLDER_MAX);
    card.card.nickname = (char *)fields_open_text_if_there(&fields, "nickname", NICKNAME_MAX);
    card.card.is_default = fields_flag_if_there(&fields, "make_default", false);
    if (card.card.processor != NULL && processor_find(card.card.processor) == NULL)
        fields_complain(&fields, "processor", "not_allowed");
    if (card.card.expiry != NULL && views_is_expired(card.card.expiry, time_now_us()))
        fields_complain(&fields, "expiry", "expired");
    if (fields_refused(&fields, request, reply))
        return false;
    *ret_card = card;
    return true;
}

static bool add_card(StoreTx *tx, void *context, GError **error)
{
    AddWork *work = context;
    if (!sealing_key_stands(tx, work->account->organization_id, work->wrapped, error)
        || !store_card_add(tx, work->card, error))
        return false;
    JSON_AUTO *view = view_card(work->card, time_now_us());
    g_free(work->answer);
    work->answer = json_write(view);
    return store_answer_put(tx, work->account, work->key, work->hash, 201, work->answer, time_now_us(), error);
}

static bool seal_and_add(Server *server, AddWork *work, const char *jwe, GError **error)
{
    StoreCard *card = work->card;
    VaultRecord record = { .organization_id = card->organization_id, .account_id = card->account_id,
        .record_id = card->id, .type = "card", .version = card->version };
    g_autoptr(GBytes) wrapped = sealing_key(server, card->organization_id, error);
    g_autoptr(GBytes) sealed
        = wrapped == NULL ? NULL : vault_seal(server->parts.vault, wrapped, &record, span_of(jwe), error);
    if (sealed == NULL)
        return false;
    work->wrapped = wrapped;
    card->sealed = sealed;
    bool is_added = store_write(server->parts.store, add_card, work, error);
    card->sealed = NULL;
    work->wrapped = NULL;
    return is_added;
}

void handle_add_card(Server *server, HttpRequest *request, HttpReply *reply)
{
    NewCard new_card;
    if (!read_new_card(request, reply, &new_card))
        return;
    StoreCard card = new_card.card;
    card.organization_id = request->account->organization_id;
    card.account_id = request->account->id;
    card.id = id_new();
    card.version = 1;
    card.created_us = time_now_us();
    g_autofree char *hash = idempotency_request_hash(request);
    AddWork work = { .account = request->account, .card = &card, .key = request->idempotency_key, .hash = hash };
    g_autoptr(GError) error = NULL;
    bool is_added = seal_and_add(server, &work, new_card.jwe, &error);
    for (int i = 1; !is_added && i < SEALING_TRIES && g_error_matches(error, SALDO_ERROR, SALDO_ERROR_CONFLICT); i++) {
        g_clear_error(&error);
        is_added = seal_and_add(server, &work, new_card.jwe, &error);
    }
    if (is_added)
        http_reply_text(reply, 201, "application/json", work.answer);
    else
        problem_reply_error(reply, request, error);
    g_free(work.answer);
}

/* ---- Changing and deleting ---------------------------------------------------------------------------- */

typedef struct CardWork {
    const StoreAccount *account;
    Id id;
    const char *nickname; /* NULL: as it was; "": none */
    bool make_default;
    json_t *view;
} CardWork;

static bool change_card(StoreTx *tx, void *context, GError **error)
{
    CardWork *work = context;
    g_autoptr(StoreCard) card = NULL;
    if (!store_card_update(tx, work->account, work->id, work->nickname, work->make_default, error)
        || !store_card_get(tx, work->account, work->id, &card, error))
        return false;
    json_clear(&work->view);
    work->view = view_card(card, time_now_us());
    return true;
}

static bool delete_card(StoreTx *tx, void *context, GError **error)
{
    const CardWork *work = context;
    return store_card_delete(tx, work->account, work->id, error);
}

static void reply_card_error(HttpReply *reply, const HttpRequest *request, const GError *error)
{
    if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        problem_reply(reply, request, "card_unknown", "It may have been deleted in another window.");
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_CONFLICT))
        problem_reply(reply, request, "card_in_use", "%s", error->message);
    else
        problem_reply_error(reply, request, error);
}

void handle_change_card(Server *server, HttpRequest *request, HttpReply *reply)
{
    Fields fields = fields_of(request);
    CardWork work = { .account = request->account, .id = http_request_id(request) };
    bool clears_nickname = json_is_null(json_object_get(request->json, "nickname"));
    work.nickname = clears_nickname ? "" : fields_open_text_if_there(&fields, "nickname", NICKNAME_MAX);
    work.make_default = fields_flag_if_there(&fields, "is_default", false);
    if (json_is_false(json_object_get(request->json, "is_default")))
        fields_complain(&fields, "is_default", "not_allowed"); /* another card becomes the default instead */
    if (fields_refused(&fields, request, reply))
        return;
    g_autoptr(GError) error = NULL;
    if (store_write(server->parts.store, change_card, &work, &error))
        http_reply_json(reply, 200, work.view);
    else
        reply_card_error(reply, request, error);
}

void handle_delete_card(Server *server, HttpRequest *request, HttpReply *reply)
{
    CardWork work = { .account = request->account, .id = http_request_id(request) };
    g_autoptr(GError) error = NULL;
    if (store_write(server->parts.store, delete_card, &work, &error))
        http_reply_empty(reply, 204);
    else
        reply_card_error(reply, request, error);
}

/* ---- Processors' keys ------------------------------------------------------------------------------------ */

typedef struct KeptKeys {
    json_t *keys;
    int64_t until_us;
} KeptKeys;

struct ProcessorKeys {
    GMutex lock;
    GHashTable *kept; /* by URL: as many as approved partners name */
};

static void kept_keys_free(gpointer data)
{
    KeptKeys *kept = data;
    json_clear(&kept->keys);
    g_free(kept);
}

ProcessorKeys *processor_keys_new(void)
{
    ProcessorKeys *keys = g_new0(ProcessorKeys, 1);
    g_mutex_init(&keys->lock);
    keys->kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, kept_keys_free);
    return keys;
}

void processor_keys_free(ProcessorKeys *keys)
{
    if (keys == NULL)
        return;
    g_hash_table_unref(keys->kept);
    g_mutex_clear(&keys->lock);
    g_free(keys);
}

typedef struct UrlWork {
    Id organization_id;
    const char *processor;
    char *url; /* found, or NULL */
} UrlWork;

static bool find_url(StoreTx *tx, void *context, GError **error)
{
    UrlWork *work = context;
    g_autoptr(Registry) registry = NULL;
    if (!store_registry_load(tx, work->organization_id, &registry, error))
        return false;
    for (guint i = 0; i < registry->partners->len && work->url == NULL; i++) {
        const Partner *partner = registry->partners->pdata[i];
        bool is_live = partner->state == PARTNER_APPROVED || partner->state == PARTNER_TEST;
        if (is_live && g_strcmp0(partner->processor, work->processor) == 0)
            work->url = g_strdup(partner->processor_url);
    }
    return true;
}

static json_t *find_kept(ProcessorKeys *keys, const char *url)
{
    g_mutex_lock(&keys->lock);
    const KeptKeys *kept = g_hash_table_lookup(keys->kept, url);
    bool is_fresh = kept != NULL && kept->until_us > time_monotonic_us();
    json_t *found = is_fresh ? json_deep_copy(kept->keys) : NULL;
    g_mutex_unlock(&keys->lock);
    return found;
}

static void keep(ProcessorKeys *keys, const char *url, const json_t *value)
{
    KeptKeys *kept = g_new0(KeptKeys, 1);
    kept->keys = json_deep_copy(value);
    kept->until_us = time_monotonic_us() + HTTP_KEYS_FRESH_US;
    g_mutex_lock(&keys->lock);
    g_hash_table_replace(keys->kept, g_strdup(url), kept);
    g_mutex_unlock(&keys->lock);
}

static json_t *ask_processor(Server *server, const Processor *processor, const char *url, GError **error)
{
    json_t *keys = find_kept(server->processor_keys, url);
    if (keys != NULL)
        return keys;
    keys = processor->keys(url, error);
    if (keys == NULL)
        return NULL;
    if (!json_is_array(json_object_get(keys, "keys"))) {
        json_decref(keys);
        error_set(error, SALDO_ERROR_BAD_INPUT, "the processor's answer is no JWK set");
        return NULL;
    }
    keep(server->processor_keys, url, keys);
    return keys;
}

void handle_get_processor_keys(Server *server, HttpRequest *request, HttpReply *reply)
{
    const char *name = request->parameters[0];
    const Processor *processor = processor_find(name);
    UrlWork work = { .organization_id = request->account->organization_id, .processor = name };
    g_autoptr(GError) error = NULL;
    if (processor != NULL && !store_read(server->parts.store, find_url, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    g_autofree char *url = work.url;
    if (url == NULL) {
        problem_reply(reply, request, "not_found", "No approved partner uses that processor.");
        return;
    }
    json_t *keys = ask_processor(server, processor, url, &error);
    if (keys != NULL)
        http_reply_json(reply, 200, keys);
    else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT))
        problem_reply(reply, request, "processor_answer_unusable", "%s", error->message);
    else
        problem_reply(reply, request, "processor_unavailable", "%s", error->message);
}
