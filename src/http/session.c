/* Sign in, sign out, who is signed in; and the check that every other route begins with. */
#include "session.h"

#include <sodium.h>
#include <string.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "events.h"
#include "fields.h"
#include "handlers.h"
#include "http/password.h"
#include "problem.h"
#include "random.h"
#include "tries.h"

typedef struct SessionWork {
    const char *hash, *login;
    int64_t now_us;
    const StoreAccount *who;
    const char *new_csrf, *new_language;
    StoreAccount *account; /* found */
    char *csrf;            /* found */
    GPtrArray *mailboxes;  /* found */
    char *organization;    /* found */
} SessionWork;

/* ---- The check ------------------------------------------------------------------------------------ */

static bool find_session(StoreTx *tx, void *context, GError **error)
{
    SessionWork *work = context;
    return store_session_find(tx, work->hash, work->now_us, &work->account, &work->csrf, error);
}

static bool refuse_session(const HttpRequest *request, HttpReply *reply)
{
    problem_reply(reply, request, "session_ended", "Sign in; sessions end after 12 hours or when you sign out.");
    return false;
}

bool session_require(Server *server, HttpRequest *request, HttpReply *reply)
{
    if (request->session_token == NULL)
        return refuse_session(request, reply);
    request->session_hash = encode_sha256_hex(span_of(request->session_token));
    SessionWork work = { .hash = request->session_hash, .now_us = time_now_us() };
    g_autoptr(GError) error = NULL;
    if (store_read(server->parts.store, find_session, &work, &error)) {
        request->account = work.account;
        request->session_csrf = work.csrf;
        return true;
    }
    if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND))
        return refuse_session(request, reply);
    problem_reply_error(reply, request, error);
    return false;
}

static bool is_same_text(const char *left, const char *right)
{
    return strlen(left) == strlen(right) && sodium_memcmp(left, right, strlen(left)) == 0;
}

bool session_check_csrf(const HttpRequest *request, HttpReply *reply)
{
    if (request->csrf != NULL && is_same_text(request->csrf, request->session_csrf))
        return true;
    problem_reply(reply, request, "csrf_invalid", "Send the session's `csrf` value in X-CSRF-Token; GET /v1/session tells it.");
    return false;
}

/* ---- Showing ---------------------------------------------------------------------------------------- */

static bool read_surroundings(StoreTx *tx, void *context, GError **error)
{
    SessionWork *work = context;
    return store_organization_name(tx, work->who->organization_id, &work->organization, error)
        && store_mailboxes_of(tx, work->who, &work->mailboxes, error);
}

static json_t *account_to_json(const StoreAccount *account, const char *language)
{
    json_t *object = json_object();
    json_put_text(object, "id", account->id.text);
    json_put_text(object, "login", account->login);
    json_put_text(object, "name", account->name);
    json_put_text(object, "role", account->role == STORE_ROLE_ADMINISTRATOR ? "administrator" : "payer");
    json_put_text(object, "language", language);
    return object;
}

static json_t *mailboxes_to_json(const GPtrArray *mailboxes)
{
    json_t *array = json_array();
    for (guint i = 0; i < mailboxes->len; i++) {
        const StoreMailbox *mailbox = mailboxes->pdata[i];
        json_t *object = json_object();
        json_put_text(object, "id", mailbox->id.text);
        json_put_text(object, "address", mailbox->address);
        json_put_flag(object, "is_group", !id_is_none(mailbox->group_id));
        json_array_append_new(array, object);
    }
    return array;
}

static void reply_session(Server *server, const HttpRequest *request, HttpReply *reply, const StoreAccount *account,
    const char *csrf, const char *language)
{
    SessionWork work = { .who = account };
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, read_surroundings, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    json_t *object = json_object();
    json_put_text(object, "csrf", csrf);
    json_put_text(object, "organization", work.organization);
    json_object_set_new(object, "account", account_to_json(account, language));
    json_object_set_new(object, "mailboxes", mailboxes_to_json(work.mailboxes));
    http_reply_json(reply, 200, object);
    g_ptr_array_unref(work.mailboxes);
    g_free(work.organization);
}

void handle_get_session(Server *server, HttpRequest *request, HttpReply *reply)
{
    reply_session(server, request, reply, request->account, request->session_csrf, request->account->language);
}

/* ---- Signing in -------------------------------------------------------------------------------------- */

static bool find_login(StoreTx *tx, void *context, GError **error)
{
    SessionWork *work = context;
    return store_account_by_login(tx, work->login, &work->account, error);
}

static bool create_session(StoreTx *tx, void *context, GError **error)
{
    SessionWork *work = context;
    return store_session_create(tx, work->who, work->hash, work->new_csrf, work->now_us + HTTP_SESSION_LIFE_US, error);
}

/* Kinds of tries: 'p' a pair of login and address, 'a' an address, 'l' a login from wherever. */
static char *pair_of(const HttpRequest *request, const char *login)
{
    return g_strconcat(request->client_address, " ", login, NULL);
}

static bool begin_try(Server *server, const HttpRequest *request, HttpReply *reply, const char *login)
{
    int64_t now_us = time_monotonic_us();
    unsigned wait_s;
    g_autofree char *pair = pair_of(request, login);
    if (tries_begin(server->tries, 'p', pair, HTTP_TRIES_PER_LOGIN, now_us, &wait_s)
        && tries_begin(server->tries, 'a', request->client_address, HTTP_TRIES_PER_ADDRESS, now_us, &wait_s)) {
        tries_begin(server->tries, 'l', login, UINT_MAX, now_us, &wait_s);
        return true;
    }
    http_reply_header(reply, "Retry-After", "%u", wait_s);
    problem_reply(reply, request, "too_many_requests", "Too many failed sign-ins; try again in %u seconds.", wait_s);
    return false;
}

static void take_back_try(Server *server, const HttpRequest *request, const char *login)
{
    g_autofree char *pair = pair_of(request, login);
    tries_take_back(server->tries, 'p', pair);
    tries_take_back(server->tries, 'a', request->client_address);
    tries_take_back(server->tries, 'l', login);
}

/* Many addresses guess one login: each try waits, its owner's too, but none is refused. */
static void slow_down(Server *server, const char *login)
{
    if (tries_count(server->tries, 'l', login, time_monotonic_us()) <= HTTP_TRIES_PER_LOGIN)
        return;
    if (g_atomic_int_add(&server->slow_tries, 1) < HTTP_TRIES_SLOW_MOST)
        g_usleep(HTTP_TRIES_SLOW_US);
    g_atomic_int_add(&server->slow_tries, -1);
}

static void set_cookie(HttpReply *reply, const char *token, int64_t age_s)
{
    http_reply_header(reply, "Set-Cookie", SESSION_COOKIE "=%s; Path=/; Max-Age=%" G_GINT64_FORMAT
        "; Secure; HttpOnly; SameSite=Lax", token, age_s);
}

static void open_session(Server *server, const HttpRequest *request, HttpReply *reply, const StoreAccount *account)
{
    g_autofree char *token = random_token(), *csrf = random_token();
    g_autofree char *hash = encode_sha256_hex(span_of(token));
    SessionWork work = { .who = account, .hash = hash, .new_csrf = csrf, .now_us = time_now_us() };
    g_autoptr(GError) error = NULL;
    if (!store_write(server->parts.store, create_session, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    reply_session(server, request, reply, account, csrf, account->language);
    if (reply->status == 200)
        set_cookie(reply, token, HTTP_SESSION_LIFE_US / US_PER_SECOND);
}

/* Unknown logins take the same time and get the same answer as wrong passwords. */
void handle_sign_in(Server *server, HttpRequest *request, HttpReply *reply)
{
    Fields fields = fields_of(request);
    const char *given = fields_text(&fields, "login", 1, HTTP_LOGIN_BYTES);
    const char *password = fields_text(&fields, "password", 1, HTTP_PASSWORD_BYTES);
    if (fields_refused(&fields, request, reply))
        return;
    g_autofree char *login = g_utf8_strdown(given, -1);
    if (!begin_try(server, request, reply, login))
        return;
    slow_down(server, login);
    SessionWork work = { .login = login };
    g_autoptr(GError) error = NULL;
    if (!store_read(server->parts.store, find_login, &work, &error)
        && !g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        problem_reply_error(reply, request, error);
        return;
    }
    g_autoptr(StoreAccount) account = work.account;
    bool matches = password_matches(account == NULL ? NULL : account->password_hash, password);
    explicit_bzero((char *)password, strlen(password)); /* it lies in request->json, which nobody else reads */
    if (!matches) {
        log_info("http", "%s sign-in refused from %s", request->id.text, request->client_address);
        problem_reply(reply, request, "sign_in_failed", "Check the login and the password.");
        return;
    }
    take_back_try(server, request, login);
    open_session(server, request, reply, account);
}

/* ---- Changing and ending -------------------------------------------------------------------------------- */

static bool set_language(StoreTx *tx, void *context, GError **error)
{
    SessionWork *work = context;
    return store_account_set_language(tx, work->who, work->new_language, error);
}

void handle_set_language(Server *server, HttpRequest *request, HttpReply *reply)
{
    Fields fields = fields_of(request);
    const char *language = fields_pattern(&fields, "language", "^(en|pl)$");
    if (fields_refused(&fields, request, reply))
        return;
    SessionWork work = { .who = request->account, .new_language = language };
    g_autoptr(GError) error = NULL;
    if (!store_write(server->parts.store, set_language, &work, &error))
        problem_reply_error(reply, request, error);
    else
        reply_session(server, request, reply, request->account, request->session_csrf, language);
}

static bool delete_session(StoreTx *tx, void *context, GError **error)
{
    SessionWork *work = context;
    return store_session_delete(tx, work->hash, error);
}

void handle_sign_out(Server *server, HttpRequest *request, HttpReply *reply)
{
    SessionWork work = { .hash = request->session_hash };
    g_autoptr(GError) error = NULL;
    if (!store_write(server->parts.store, delete_session, &work, &error)) {
        problem_reply_error(reply, request, error);
        return;
    }
    events_end_session(server->events, request->session_hash);
    http_reply_empty(reply, 204);
    set_cookie(reply, "", 0);
}
