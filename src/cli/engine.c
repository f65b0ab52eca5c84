/* Opening and closing the parts of a server. */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "http/password.h"
#include "trust/jws.h"

/* Where the secret with our signing keys stands in the store: a JSON array of private JWKs, newest first. */
#define TOKEN_KEYS_SECRET "token-keys"

static bool find_organization_unit(StoreTx *tx, void *context, GError **error)
{
    return store_organization_find(tx, NULL, context, error);
}

static void set_log_level(const char *level)
{
    if (g_strcmp0(level, "debug") == 0)
        log_set_level(LOG_LEVEL_DEBUG);
    else if (g_strcmp0(level, "warning") == 0)
        log_set_level(LOG_LEVEL_WARNING);
}

static Store *open_store(const char *state, GError **error)
{
    g_autofree char *path = g_build_filename(state, "saldo.db", NULL);
    return store_open(path, NULL, error);
}

Engine *engine_new(void)
{
    Engine *engine = g_new0(Engine, 1);
    engine->lock = -1;
    return engine;
}

Engine *engine_open(const char *state, GError **error)
{
    g_autoptr(Engine) engine = engine_new();
    engine->state = g_strdup(state);
    engine->config = config_read(state, error);
    if (engine->config == NULL)
        return NULL;
    set_log_level(config_text(engine->config, CONFIG_LOG_LEVEL));
    engine->store = open_store(state, error);
    if (engine->store == NULL || !store_read(engine->store, find_organization_unit, &engine->organization_id, error))
        return NULL;
    return g_steal_pointer(&engine);
}

mailauth_resolver *engine_resolver(const mailauth_unbound_options *options, GError **error)
{
    char *trouble = NULL;
    mailauth_resolver *resolver = mailauth_resolver_unbound(options, &trouble);
    if (resolver == NULL)
        error_set(error, SALDO_ERROR_BAD_INPUT, "the DNS resolver cannot start: %s", trouble == NULL ? "unknown" : trouble);
    free(trouble);
    return resolver;
}

bool engine_open_intake(Engine *engine, GError **error)
{
    const Config *config = engine->config;
    engine->jail = jail_start((unsigned)config_number(config, CONFIG_JAIL_WORKERS), error);
    if (engine->jail == NULL)
        return false;
    const mailauth_unbound_options dns = {
        .forward_to = config_text(config, CONFIG_DNS_FORWARD_TO),
        .zone_file = config_text(config, CONFIG_DNS_ZONE_FILE),
        .trust_anchor = config_text(config, CONFIG_DNS_TRUST_ANCHOR),
        .no_network = config_flag(config, CONFIG_DNS_NO_NETWORK),
    };
    engine->resolver = engine_resolver(&dns, error);
    if (engine->resolver == NULL)
        return false;
    const char *sealers = config_text(config, CONFIG_ARC_TRUSTED_SEALERS);
    g_auto(GStrv) sealer_list = g_strsplit(sealers == NULL ? "" : sealers, " ", -1);
    const mailauth_options options = { .trusted_sealers = (const char *const *)sealer_list };
    engine->authenticator = mailauth_new(engine->resolver, &options);
    g_assert(engine->authenticator != NULL);
    engine->intake = (Intake){ .store = engine->store, .jail = engine->jail, .authenticator = engine->authenticator };
    return true;
}

/* ---- Serving ---------------------------------------------------------------------------------------- */

typedef struct SecretUnit {
    char *value;
} SecretUnit;

/* Reads the signing keys; makes the first one where there is none. */
static bool token_keys_unit(StoreTx *tx, void *context, GError **error)
{
    SecretUnit *secret = context;
    g_autoptr(GError) trouble = NULL;
    if (store_secret_get(tx, TOKEN_KEYS_SECRET, &secret->value, &trouble))
        return true;
    if (!g_error_matches(trouble, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    JSON_AUTO *keys = json_array();
    json_t *key = jwk_generate("RS256", error);
    if (key == NULL)
        return false;
    json_array_append_new(keys, key);
    secret->value = json_write(keys);
    return store_secret_put(tx, TOKEN_KEYS_SECRET, secret->value, error);
}

static bool open_token_keys(Engine *engine, GError **error)
{
    SecretUnit secret = { 0 };
    if (!store_write(engine->store, token_keys_unit, &secret, error))
        return false;
    g_autofree char *text = secret.value;
    JSON_AUTO *list = json_read(span_of(text), LIMIT_JSON_BYTES, "the stored signing keys", error);
    if (list == NULL)
        return false;
    engine->keys = token_keys_new(config_text(engine->config, CONFIG_SERVER_PUBLIC_URL));
    size_t index;
    json_t *key;
    json_array_foreach(list, index, key)
        g_ptr_array_add(engine->keys->private_jwks, json_incref(key));
    return true;
}

/* The built web app: as configured, else beside the program (installed or in the build tree). */
static char *web_directory(const Config *config)
{
    const char *configured = config_text(config, CONFIG_SERVER_WEB_DIRECTORY);
    if (configured != NULL)
        return g_strdup(configured);
    static const char *const places[] = { "../share/saldo/web", "../web/dist" };
    g_autofree char *own = process_own_directory();
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename(own, places[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&path);
    }
    return g_build_filename(own, places[0], NULL);
}

static bool open_http(Engine *engine, GError **error)
{
    g_autofree char *web = web_directory(engine->config);
    const HttpParts parts = { .store = engine->store, .checkout = engine->checkout, .vault = engine->vault,
        .jail = engine->jail, .keys = engine->keys };
    const HttpOptions options = {
        .address = config_text(engine->config, CONFIG_SERVER_LISTEN),
        .public_url = config_text(engine->config, CONFIG_SERVER_PUBLIC_URL),
        .web_directory = web,
        .metrics_socket = config_text(engine->config, CONFIG_SERVER_METRICS_SOCKET),
    };
    engine->http = http_start(&parts, &options, error);
    return engine->http != NULL;
}

/* A second engine would take the payments that the first one is carrying for left behind [PAY-005]. */
static bool lock_state(Engine *engine, GError **error)
{
    g_autofree char *path = g_build_filename(engine->state, "serve.lock", NULL);
    engine->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (engine->lock < 0) {
        error_set(error, SALDO_ERROR_IO, "cannot open %s: %s", path, g_strerror(errno));
        return false;
    }
    char holder[32] = "";
    if (flock(engine->lock, LOCK_EX | LOCK_NB) == 0) {
        int length = snprintf(holder, sizeof holder, "%d\n", (int)getpid());
        if (ftruncate(engine->lock, 0) != 0 || pwrite(engine->lock, holder, (size_t)length, 0) != length)
            log_warning("serve", "the process number could not be written to %s", path); /* only the text below wants it */
        return true;
    }
    ssize_t length = pread(engine->lock, holder, sizeof holder - 1, 0);
    g_strchomp(holder);
    error_set(error, SALDO_ERROR_CONFLICT, "%s is being served already%s%s: stop that one first, or name another --state",
        engine->state, length > 0 ? " by process " : "", holder);
    return false;
}

/* [PAY-011] What passes through this process must not end in a crash dump. */
static void forbid_core_dumps(void)
{
    const struct rlimit none = { 0, 0 };
    g_assert(setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0);
}

bool engine_serve(Engine *engine, GError **error)
{
    if (!lock_state(engine, error))
        return false;
    forbid_core_dumps();
    /* The vault first: it takes its keys before anything of this process listens. */
    g_autofree char *vault = g_build_filename(engine->state, "vault", NULL);
    engine->vault = vault_start(vault, error);
    if (engine->vault == NULL || !open_token_keys(engine, error) || !engine_open_intake(engine, error))
        return false;
    engine->checkout = checkout_start(engine->store, engine->vault, engine->keys,
        (unsigned)config_number(engine->config, CONFIG_CHECKOUT_COURIERS), error);
    if (engine->checkout == NULL || !open_http(engine, error))
        return false;
    const LmtpOptions lmtp = {
        .address = config_text(engine->config, CONFIG_LMTP_ADDRESS),
        .connections = (unsigned)config_number(engine->config, CONFIG_LMTP_CONNECTIONS),
        .message_bytes = MIN(config_number(engine->config, CONFIG_LMTP_MESSAGE_BYTES), LIMIT_MESSAGE_BYTES),
    };
    engine->lmtp = lmtp_start(&engine->intake, &lmtp, error);
    return engine->lmtp != NULL;
}

void engine_close(Engine *engine)
{
    if (engine == NULL)
        return;
    g_clear_pointer(&engine->lmtp, lmtp_stop);
    g_clear_pointer(&engine->http, http_stop);
    g_clear_pointer(&engine->checkout, checkout_stop);
    g_clear_pointer(&engine->authenticator, mailauth_free);
    g_clear_pointer(&engine->resolver, mailauth_resolver_free);
    g_clear_pointer(&engine->jail, jail_stop);
    g_clear_pointer(&engine->keys, token_keys_free);
    g_clear_pointer(&engine->vault, vault_stop);
    g_clear_pointer(&engine->store, store_close);
    g_clear_pointer(&engine->config, config_free);
    if (engine->lock >= 0)
        close(engine->lock);
    g_free(engine->state);
    g_free(engine);
}

/* ---- Signals ------------------------------------------------------------------------------------------ */

static sigset_t awaited_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    return signals;
}

void engine_block_signals(void)
{
    sigset_t signals = awaited_signals();
    g_assert(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
}

bool engine_wait(int child)
{
    sigset_t signals = awaited_signals();
    const struct timespec tick = { .tv_sec = 1 };
    for (;;) {
        if (sigtimedwait(&signals, NULL, &tick) > 0)
            return true;
        if (child > 0 && waitpid(child, NULL, WNOHANG) == child)
            return false;
    }
}

/* ---- Creating ------------------------------------------------------------------------------------------- */

static bool create_organization_unit(StoreTx *tx, void *context, GError **error)
{
    Id id;
    return store_organization_create(tx, context, &id, error);
}

bool engine_create(const char *state, const char *const *overrides, const char *organization, GError **error)
{
    g_autofree char *path = g_build_filename(state, "saldo.conf", NULL);
    g_autofree char *vault = g_build_filename(state, "vault", NULL);
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set(error, SALDO_ERROR_CONFLICT, "%s is there already: this state directory is in use; name another with --state",
            path);
        return false;
    }
    if (g_mkdir_with_parents(state, 0700) != 0) {
        error_set(error, SALDO_ERROR_IO, "cannot make the directory %s: %s", state, g_strerror(errno));
        return false;
    }
    g_autoptr(Store) store = open_store(state, error);
    if (store == NULL || !store_write(store, create_organization_unit, (void *)organization, error)
        || !vault_initialize(vault, error))
        return false;
    g_autofree char *text = config_template(overrides);
    return g_file_set_contents(path, text, -1, error); /* last: its presence says that the rest is complete */
}

typedef struct PersonUnit {
    StoreAccount account;
    const char *address;
} PersonUnit;

static bool add_person_unit(StoreTx *tx, void *context, GError **error)
{
    PersonUnit *unit = context;
    if (!store_account_create(tx, &unit->account, error))
        return false;
    StoreMailbox mailbox = { .organization_id = unit->account.organization_id, .account_id = unit->account.id,
        .address = (char *)unit->address };
    return store_mailbox_create(tx, &mailbox, error);
}

bool engine_add_person(Engine *engine, const EnginePerson *person, Id *ret_account_id, GError **error)
{
    g_autofree char *hash = password_hash(person->password);
    g_autofree char *login = g_ascii_strdown(person->login, -1), *address = g_ascii_strdown(person->address, -1);
    PersonUnit unit = {
        .account = { .organization_id = engine->organization_id, .login = login, .name = (char *)person->name,
            .password_hash = hash, .role = person->role, .language = (char *)person->language },
        .address = address,
    };
    if (!store_write(engine->store, add_person_unit, &unit, error))
        return false;
    *ret_account_id = unit.account.id;
    return true;
}

enum { PASSWORD_MIN = 10, PASSWORD_LINE_MAX = 512 };

char *engine_read_password(GError **error)
{
    char line[PASSWORD_LINE_MAX];
    if (fgets(line, sizeof line, stdin) == NULL)
        line[0] = '\0';
    Span password = span_trim(span_of(line));
    char *copy = password.length >= PASSWORD_MIN ? span_to_text(password) : NULL;
    explicit_bzero(line, sizeof line);
    if (copy == NULL)
        error_set(error, SALDO_ERROR_BAD_INPUT, "the password on standard input needs at least %d characters", PASSWORD_MIN);
    return copy;
}
