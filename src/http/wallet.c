/* The wallet: cards and billing details. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "fields.h"
#include "handlers.h"
#include "problem.h"
#include "sealing.h"
#include "views.h"

static const char *const billing_members[] = { "name", "line1", "line2", "postal_code", "city", "country" };

typedef struct WalletWork {
    const StoreAccount *account;
    GPtrArray *cards;
    StoreBilling billing; /* sealed NULL: none */
    GBytes *wrapped;
    char *company;
} WalletWork;

static void wallet_work_done(WalletWork *work)
{
    g_clear_pointer(&work->cards, g_ptr_array_unref);
    store_billing_done(&work->billing);
    g_clear_pointer(&work->wrapped, g_bytes_unref);
    g_clear_pointer(&work->company, g_free);
}

/* NOT_FOUND is an answer here. */
static bool is_found_or_absent(bool found, GError **trouble, GError **error)
{
    if (found || g_error_matches(*trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_clear_error(trouble);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(trouble));
    return false;
}

static bool read_wallet(StoreTx *tx, void *context, GError **error)
{
    WalletWork *work = context;
    Id organization_id = work->account->organization_id;
    GError *trouble = NULL;
    return store_card_list(tx, work->account, &work->cards, error)
        && is_found_or_absent(store_billing_get(tx, work->account, &work->billing, &trouble), &trouble, error)
        && is_found_or_absent(store_data_key_get(tx, organization_id, &work->wrapped, &trouble), &trouble, error)
        && is_found_or_absent(
            store_setting_get(tx, organization_id, "organization", STORE_SETTING_COMPANY_BILLING, &work->company, &trouble), &trouble,
            error);
}

/* Only the members that the API names; JSON null where one is missing. */
static json_t *billing_view(const json_t *billing)
{
    json_t *object = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(billing_members); i++) {
        const char *text = json_text(billing, billing_members[i]);
        if (text == NULL) {
            json_decref(object);
            return json_null();
        }
        json_put_text(object, billing_members[i], text);
    }
    return object;
}

static json_t *view_company(const char *text)
{
    JSON_AUTO *company = text == NULL ? NULL : json_read(span_of(text), LIMIT_JSON_BYTES, STORE_SETTING_COMPANY_BILLING, NULL);
    return billing_view(company);
}

static VaultRecord billing_record(const StoreAccount *account, const StoreBilling *billing)
{
    return (VaultRecord){ .organization_id = account->organization_id, .account_id = account->id,
        .record_id = billing->record_id, .type = "billing", .version = billing->version };
}

static json_t *open_billing(Server *server, const WalletWork *work, GError **error)
{
    if (work->billing.sealed == NULL)
        return json_null();
    if (work->wrapped == NULL) {
        error_set(error, SALDO_ERROR_IO, "a billing profile is kept, but no data key that opens it; run saldo vault verify");
        return NULL;
    }
    VaultRecord record = billing_record(work->account, &work->billing);
    gsize length;
    const char *sealed = g_bytes_get_data(work->billing.sealed, &length);
    g_autoptr(GBytes) plain = vault_open(server->parts.vault, work->wrapped, &record, (Span){ sealed, length }, error);
    if (plain == NULL)
        return NULL;
    char *text = (char *)g_bytes_get_data(plain, &length);
    JSON_AUTO *billing = json_read((Span){ text, length }, VAULT_RECORD_MAX, "the billing profile", error);
    explicit_bzero(text, length);
    return billing == NULL ? NULL : billing_view(billing);
}

static json_t *cards_view(const GPtrArray *cards)
{
    json_t *array = json_array();
    int64_t now_us = time_now_us();
    for (guint i = 0; i < cards->len; i++)
        json_array_append_new(array, view_card(cards->pdata[i], now_us));
    return array;
}

void handle_get_wallet(Server *server, HttpRequest *request, HttpReply *reply)
{
    WalletWork work = { .account = request->account };
    g_autoptr(GError) error = NULL;
    json_t *billing = NULL;
    if (store_read(server->parts.store, read_wallet, &work, &error))
        billing = open_billing(server, &work, &error);
    if (billing == NULL) {
        problem_reply_error(reply, request, error);
    } else {
        json_t *wallet = json_object();
        json_object_set_new(wallet, "cards", cards_view(work.cards));
        json_object_set_new(wallet, "billing", billing);
        json_object_set_new(wallet, "company_billing", view_company(work.company));
        http_reply_json(reply, 200, wallet);
    }
    wallet_work_done(&work);
}

/* ---- Changing the billing details ---------------------------------------------------------------------- */

typedef struct BillingWork {
    const StoreAccount *account;
    StoreBilling old; /* sealed NULL: none */
    StoreBilling new;
    GBytes *wrapped;
} BillingWork;

static bool read_old(StoreTx *tx, void *context, GError **error)
{
    BillingWork *work = context;
    GError *trouble = NULL;
    return is_found_or_absent(store_billing_get(tx, work->account, &work->old, &trouble), &trouble, error);
}

/* The version is in what was sealed: it must follow the one that is there now. */
static bool put_new(StoreTx *tx, void *context, GError **error)
{
    BillingWork *work = context;
    StoreBilling now = { 0 };
    GError *trouble = NULL;
    if (!is_found_or_absent(store_billing_get(tx, work->account, &now, &trouble), &trouble, error))
        return false;
    bool is_next = now.version + 1 == work->new.version;
    store_billing_done(&now);
    if (!is_next) {
        error_set(error, SALDO_ERROR_CONFLICT, "the billing details were changed meanwhile; look at them again");
        return false;
    }
    return sealing_key_stands(tx, work->account->organization_id, work->wrapped, error)
        && store_billing_put(tx, work->account, &work->new, error);
}

static bool seal_and_put(Server *server, const StoreAccount *account, Span plain, GError **error)
{
    BillingWork work = { .account = account };
    bool is_put = false;
    work.wrapped = sealing_key(server, account->organization_id, error);
    if (work.wrapped != NULL && store_read(server->parts.store, read_old, &work, error)) {
        work.new.version = work.old.version + 1;
        work.new.record_id = id_is_none(work.old.record_id) ? id_new() : work.old.record_id;
        VaultRecord record = billing_record(account, &work.new);
        work.new.sealed = vault_seal(server->parts.vault, work.wrapped, &record, plain, error);
        is_put = work.new.sealed != NULL && store_write(server->parts.store, put_new, &work, error);
    }
    store_billing_done(&work.old);
    store_billing_done(&work.new);
    g_clear_pointer(&work.wrapped, g_bytes_unref);
    return is_put;
}

static char *read_billing(HttpRequest *request, HttpReply *reply)
{
    Fields fields = fields_of(request);
    fields_open_text(&fields, "name", 1, 100);
    fields_open_text(&fields, "line1", 1, 100);
    fields_open_text(&fields, "line2", 0, 100);
    fields_open_text(&fields, "postal_code", 0, 16);
    fields_open_text(&fields, "city", 1, 80);
    fields_pattern(&fields, "country", "^[A-Z]{2}$");
    if (fields_refused(&fields, request, reply))
        return NULL;
    JSON_AUTO *billing = billing_view(request->json);
    return json_write(billing);
}

void handle_put_billing(Server *server, HttpRequest *request, HttpReply *reply)
{
    g_autofree char *plain = read_billing(request, reply);
    if (plain == NULL)
        return;
    g_autoptr(GError) error = NULL;
    bool is_put = seal_and_put(server, request->account, span_of(plain), &error);
    for (int i = 1; !is_put && i < SEALING_TRIES && g_error_matches(error, SALDO_ERROR, SALDO_ERROR_CONFLICT); i++) {
        g_clear_error(&error);
        is_put = seal_and_put(server, request->account, span_of(plain), &error);
    }
    explicit_bzero(plain, strlen(plain));
    if (is_put)
        http_reply_empty(reply, 204);
    else
        problem_reply_error(reply, request, error);
}
