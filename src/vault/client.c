/* The engine's side: one request at a time over the socket; a vault that is gone is started again, once per call. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/process.h"
#include "crypto.h"
#include "protocol.h"
#include "vault/vault.h"

_Static_assert((int)VAULT_RECORD_MAX == VAULT_PLAIN_BYTES_MAX && (int)VAULT_CODE_MAX == VAULT_JWE_BYTES_MAX,
    "the public limits are the protocol's");
_Static_assert(VAULT_SOCKET == (int)PROCESS_SOCKET && VAULT_DIRECTORY == (int)PROCESS_SOCKET + 1,
    "the program looks for its descriptors where process_start puts them");

enum {
    CALL_TIMEOUT_MS = 2000,  /* an answer takes under a millisecond; above this the machine or the vault is stuck */
    START_TIMEOUT_MS = 10000, /* loading libcrypto and locking memory on a machine that starts everything at once */
    END_TIMEOUT_MS = 500,
};

struct Vault {
    pthread_mutex_t mutex; /* all below; not GLib's, which the thread sanitizer cannot see */
    char *directory;
    Process process;
    uint32_t sequence;
    uint64_t restarts;
    VaultAnswer answer; /* here and not on a stack: one place to wipe */
};

/* ---- Talking --------------------------------------------------------------------------------------------------- */

/* A whole answer within the time; false when the vault is gone, stuck, or says what no vault says. */
static bool receive_answer(Vault *vault, uint32_t type, uint32_t sequence, int timeout_ms)
{
    int64_t deadline_us = time_monotonic_us() + timeout_ms * INT64_C(1000);
    for (;;) {
        int64_t left_us = deadline_us - time_monotonic_us();
        struct pollfd waiting = { .fd = vault->process.socket, .events = POLLIN };
        int ready = poll(&waiting, 1, left_us <= 0 ? 0 : (int)(left_us / 1000 + 1));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        ssize_t got = recv(vault->process.socket, &vault->answer, sizeof vault->answer, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        return got >= (ssize_t)offsetof(VaultAnswer, bytes) && vault->answer.head.type == type
            && vault->answer.head.sequence == sequence && vault->answer.length <= sizeof vault->answer.bytes
            && (size_t)got == offsetof(VaultAnswer, bytes) + vault->answer.length;
    }
}

static bool exchange(Vault *vault, VaultHead *request, size_t length)
{
    request->sequence = ++vault->sequence;
    ssize_t sent;
    do
        sent = send(vault->process.socket, request, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)length && receive_answer(vault, request->type, request->sequence, CALL_TIMEOUT_MS);
}

static void wipe_answer(Vault *vault)
{
    vault_crypto_wipe(&vault->answer, sizeof vault->answer);
}

/* ---- Starting ---------------------------------------------------------------------------------------------------- */

static bool read_greeting(Vault *vault, GError **error)
{
    if (!receive_answer(vault, VAULT_HELLO, 0, START_TIMEOUT_MS)) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "saldo-vault did not come up: see its lines on standard error");
        return false;
    }
    if (vault->answer.outcome != VAULT_DONE) {
        error_set(error, SALDO_ERROR_DENIED, "saldo-vault refuses to start with %s: %.*s", vault->directory,
            (int)vault->answer.length, (const char *)vault->answer.bytes);
        return false;
    }
    VaultHelloRequest hello = { .head.type = VAULT_HELLO, .protocol = VAULT_PROTOCOL };
    if (!exchange(vault, &hello.head, sizeof hello)) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "saldo-vault is of another version than this program: install both anew");
        return false;
    }
    return true;
}

static bool start_process(Vault *vault, GError **error)
{
    int directory = open(vault->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        error_set(error, SALDO_ERROR_IO, "cannot open the key directory %s (%s): run \"saldo init\"", vault->directory,
            g_strerror(errno));
        return false;
    }
    const char *const arguments[] = { NULL };
    bool started = process_start("saldo-vault", arguments, directory, &vault->process, error);
    close(directory);
    if (started && !read_greeting(vault, error)) {
        process_stop(&vault->process, SIGKILL);
        return false;
    }
    return started;
}

Vault *vault_start(const char *directory, GError **error)
{
    Vault *vault = g_new0(Vault, 1);
    pthread_mutex_init(&vault->mutex, NULL);
    vault->directory = g_strdup(directory);
    vault->process.socket = -1;
    if (!start_process(vault, error)) {
        vault_stop(vault);
        return NULL;
    }
    return vault;
}

/* With the end of its socket the vault wipes its memory and ends; one that is stuck is not waited for. */
static void wait_for_end(Vault *vault)
{
    if (vault->process.socket >= 0)
        shutdown(vault->process.socket, SHUT_RDWR);
    int64_t deadline_us = time_monotonic_us() + END_TIMEOUT_MS * INT64_C(1000);
    while (process_is_alive(&vault->process, NULL) && time_monotonic_us() < deadline_us)
        g_usleep(1000);
}

void vault_stop(Vault *vault)
{
    if (vault == NULL)
        return;
    wait_for_end(vault);
    process_stop(&vault->process, SIGKILL);
    wipe_answer(vault);
    pthread_mutex_destroy(&vault->mutex);
    g_free(vault->directory);
    g_free(vault);
}

/* ---- Calling ------------------------------------------------------------------------------------------------------- */

/* Under the mutex. All requests may be repeated: none acts on anything outside the vault. */
static bool ask(Vault *vault, VaultHead *request, size_t length, GError **error)
{
    if (vault->process.pid > 0 && exchange(vault, request, length))
        return true;
    log_warning("vault", "the vault is gone or stuck: starting it again; security codes typed before are lost");
    process_stop(&vault->process, SIGKILL);
    vault->restarts++;
    if (!start_process(vault, error))
        return false;
    if (exchange(vault, request, length))
        return true;
    process_stop(&vault->process, SIGKILL);
    error_set(error, SALDO_ERROR_UNAVAILABLE, "saldo-vault ended twice on one request: try again later");
    return false;
}

/* The outcome as an error; true for VAULT_DONE. */
static bool is_done(const Vault *vault, GError **error)
{
    switch ((VaultOutcome)vault->answer.outcome) {
    case VAULT_DONE:
        return true;
    case VAULT_KEK_UNKNOWN:
        error_set(error, SALDO_ERROR_DENIED, "the data key is wrapped by a key that %s does not hold: restore the newest "
            "backup of that directory", vault->directory);
        return false;
    case VAULT_KEY_BROKEN:
        error_set(error, SALDO_ERROR_DENIED, "the stored data key does not open: restore the database from a backup");
        return false;
    case VAULT_RECORD_OTHER:
        error_set(error, SALDO_ERROR_DENIED, "the sealed record is not the one that was stored for this account, or it was "
            "changed: restore the database from a backup");
        return false;
    case VAULT_CODE_GONE:
        error_set(error, SALDO_ERROR_NOT_FOUND, "the security code is no longer held (15 minutes at most): type it again");
        return false;
    case VAULT_CODE_OTHER_AMOUNT:
        error_set(error, SALDO_ERROR_DENIED, "the security code was given for another amount [PAY-011]: type it again");
        return false;
    case VAULT_CODES_FULL:
        error_set(error, SALDO_ERROR_UNAVAILABLE, "too many payments wait with a security code: try again in a minute");
        return false;
    case VAULT_FAILED:
    case VAULT_START_REFUSED:
        break;
    }
    error_set(error, SALDO_ERROR_UNAVAILABLE, "saldo-vault could not do it (outcome %u): try again later", vault->answer.outcome);
    return false;
}

/* One request; the answer's bytes, newly allocated, or NULL and `error`. Wipes the request. */
static GBytes *call(Vault *vault, VaultHead *request, size_t length, GError **error)
{
    pthread_mutex_lock(&vault->mutex);
    GBytes *bytes = NULL;
    if (ask(vault, request, length, error) && is_done(vault, error))
        bytes = g_bytes_new(vault->answer.bytes, vault->answer.length);
    wipe_answer(vault);
    pthread_mutex_unlock(&vault->mutex);
    vault_crypto_wipe(request, length);
    return bytes;
}

static bool call_without_answer(Vault *vault, VaultHead *request, size_t length, GError **error)
{
    g_autoptr(GBytes) nothing = call(vault, request, length, error);
    return nothing != NULL;
}

static void write_id(Id id, uint8_t bytes[VAULT_ID_BYTES])
{
    size_t digits = 0;
    g_assert(!id_is_none(id));
    for (const char *at = id.text; *at != '\0'; at++) {
        if (*at == '-')
            continue;
        g_assert(digits < 2 * VAULT_ID_BYTES && g_ascii_isxdigit(*at));
        bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | g_ascii_xdigit_value(*at));
        digits++;
    }
    g_assert(digits == 2 * VAULT_ID_BYTES);
}

GBytes *vault_make_data_key(Vault *vault, GError **error)
{
    VaultHead request = { .type = VAULT_MAKE_KEY };
    return call(vault, &request, sizeof request, error);
}

/* ---- Records ----------------------------------------------------------------------------------------------------------- */

static bool check_record(GBytes *wrapped_key, const VaultRecord *record, Span bytes, size_t maximum, GError **error)
{
    g_assert(record->type[0] != '\0' && strlen(record->type) < VAULT_TYPE_BYTES);
    if (bytes.length == 0 || bytes.length > maximum) {
        error_set(error, SALDO_ERROR_LIMIT, "a %s record has 1 to %zu bytes, not %zu", record->type, maximum, bytes.length);
        return false;
    }
    if (g_bytes_get_size(wrapped_key) != VAULT_WRAPPED_BYTES) {
        error_set(error, SALDO_ERROR_DENIED, "the stored data key has %zu bytes instead of %d: restore the database from a "
            "backup", g_bytes_get_size(wrapped_key), VAULT_WRAPPED_BYTES);
        return false;
    }
    return true;
}

static GBytes *call_record(Vault *vault, VaultRequestType type, GBytes *wrapped_key, const VaultRecord *record, Span bytes,
    GError **error)
{
    g_autofree VaultRecordRequest *request = g_new0(VaultRecordRequest, 1);
    request->head.type = type;
    write_id(record->organization_id, request->binding.organization);
    write_id(record->account_id, request->binding.account);
    write_id(record->record_id, request->binding.record);
    g_strlcpy(request->binding.type, record->type, sizeof request->binding.type);
    request->binding.version = record->version;
    memcpy(request->wrapped, g_bytes_get_data(wrapped_key, NULL), VAULT_WRAPPED_BYTES);
    request->length = (uint32_t)bytes.length;
    memcpy(request->bytes, bytes.at, bytes.length);
    return call(vault, &request->head, sizeof *request, error);
}

GBytes *vault_seal(Vault *vault, GBytes *wrapped_key, const VaultRecord *record, Span plain, GError **error)
{
    if (!check_record(wrapped_key, record, plain, VAULT_PLAIN_BYTES_MAX, error))
        return NULL;
    return call_record(vault, VAULT_SEAL, wrapped_key, record, plain, error);
}

GBytes *vault_open(Vault *vault, GBytes *wrapped_key, const VaultRecord *record, Span sealed, GError **error)
{
    if (!check_record(wrapped_key, record, sealed, VAULT_SEALED_BYTES_MAX, error))
        return NULL;
    return call_record(vault, VAULT_OPEN, wrapped_key, record, sealed, error);
}

/* ---- Codes [PAY-011] ------------------------------------------------------------------------------------------------------ */

static VaultCodeBinding code_binding(Id payment_id, Money amount)
{
    VaultCodeBinding binding = { .minor = amount.minor };
    g_assert(!money_is_none(amount));
    write_id(payment_id, binding.payment);
    memcpy(binding.currency, amount.currency, sizeof binding.currency);
    return binding;
}

bool vault_put_code(Vault *vault, Id payment_id, Money amount, Span code_jwe, GError **error)
{
    if (code_jwe.length == 0 || code_jwe.length > VAULT_JWE_BYTES_MAX) {
        error_set(error, SALDO_ERROR_LIMIT, "a sealed security code has 1 to %d bytes, not %zu", VAULT_JWE_BYTES_MAX,
            code_jwe.length);
        return false;
    }
    VaultPutCodeRequest request = { .head.type = VAULT_PUT_CODE, .binding = code_binding(payment_id, amount),
        .length = (uint32_t)code_jwe.length };
    memcpy(request.jwe, code_jwe.at, code_jwe.length);
    return call_without_answer(vault, &request.head, sizeof request, error);
}

char *vault_use_code(Vault *vault, Id payment_id, Money amount, GError **error)
{
    VaultUseCodeRequest request = { .head.type = VAULT_USE_CODE, .binding = code_binding(payment_id, amount) };
    g_autoptr(GBytes) code = call(vault, &request.head, sizeof request, error);
    if (code == NULL)
        return NULL;
    gsize length;
    const char *bytes = g_bytes_get_data(code, &length);
    char *text = span_to_text((Span){ bytes, length });
    vault_crypto_wipe((void *)bytes, length); /* the only holder is `code`, which goes now */
    if (text == NULL)
        error_set(error, SALDO_ERROR_BAD_INPUT, "the sealed security code is not text: type it again");
    return text;
}

bool vault_drop_code(Vault *vault, Id payment_id, GError **error)
{
    VaultDropCodeRequest request = { .head.type = VAULT_DROP_CODE };
    write_id(payment_id, request.payment);
    return call_without_answer(vault, &request.head, sizeof request, error);
}

bool vault_status(Vault *vault, VaultStatus *ret_status, GError **error)
{
    VaultHead request = { .type = VAULT_STATUS };
    VaultStatusAnswer told;
    pthread_mutex_lock(&vault->mutex);
    bool good = ask(vault, &request, sizeof request, error) && is_done(vault, error)
        && vault->answer.length == sizeof told;
    if (good) {
        memcpy(&told, vault->answer.bytes, sizeof told);
        *ret_status = (VaultStatus){ told.kek_version, told.codes_held, vault->restarts, (int)vault->process.pid };
    }
    pthread_mutex_unlock(&vault->mutex);
    return good;
}
