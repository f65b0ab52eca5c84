/* The vault's requests. Pure apart from the clock and random bytes. */
#include "server.h"

#include <string.h>

#include "crypto.h"

enum { RECORD_FORMAT = 1 };

static bool has_text(const char *text, size_t size)
{
    return text[0] != '\0' && memchr(text, '\0', size) != NULL;
}

static bool answer(Server *server, VaultOutcome outcome, uint32_t length)
{
    server->answer.outcome = outcome;
    server->answer.length = length;
    return true;
}

static bool handle_hello(Server *server)
{
    const VaultHelloRequest *request = (const VaultHelloRequest *)server->request.bytes;
    if (request->protocol != VAULT_PROTOCOL)
        return false;
    server->state = SERVER_SERVING;
    return answer(server, VAULT_DONE, 0);
}

static bool handle_make_key(Server *server)
{
    bool made = vault_data_key_make(&server->keys, server->answer.bytes);
    return answer(server, made ? VAULT_DONE : VAULT_FAILED, made ? VAULT_WRAPPED_BYTES : 0);
}

/* ---- Records ------------------------------------------------------------------------------------------------ */

enum { BINDING_BYTES = 3 * VAULT_ID_BYTES + VAULT_TYPE_BYTES + 4, ASSOCIATED_BYTES = BINDING_BYTES + VAULT_SEAL_HEADER_BYTES };

/* organization ‖ account ‖ record ‖ type ‖ version (payments.md), then the record's own header. Fixed widths: no
 * two bindings have the same bytes. */
static void write_associated(const VaultBinding *binding, const uint8_t *header, uint8_t associated[ASSOCIATED_BYTES])
{
    uint8_t *at = associated;
    const uint8_t *const ids[] = { binding->organization, binding->account, binding->record };
    for (size_t i = 0; i < 3; i++, at += VAULT_ID_BYTES)
        memcpy(at, ids[i], VAULT_ID_BYTES);
    memset(at, 0, VAULT_TYPE_BYTES);
    memcpy(at, binding->type, strnlen(binding->type, VAULT_TYPE_BYTES - 1));
    vault_put_uint32(at + VAULT_TYPE_BYTES, binding->version);
    memcpy(associated + BINDING_BYTES, header, VAULT_SEAL_HEADER_BYTES);
}

static bool seal_record(Server *server, const VaultRecordRequest *request, const DataKey *key)
{
    uint8_t *header = server->answer.bytes, *nonce = header + VAULT_SEAL_HEADER_BYTES;
    uint8_t associated[ASSOCIATED_BYTES];
    header[0] = RECORD_FORMAT;
    vault_put_uint32(header + 1, vault_get_uint32(request->wrapped + 1));
    memcpy(header + 5, key->id, VAULT_KEY_ID_BYTES);
    write_associated(&request->binding, header, associated);
    const SealInput input = { key->key, nonce, associated, sizeof associated, request->bytes, request->length };
    bool sealed = vault_crypto_random(nonce, VAULT_NONCE_BYTES) && vault_seal_bytes(&input, nonce + VAULT_NONCE_BYTES);
    return answer(server, sealed ? VAULT_DONE : VAULT_FAILED, sealed ? request->length + VAULT_SEAL_OVERHEAD : 0);
}

static bool open_record(Server *server, const VaultRecordRequest *request, const DataKey *key)
{
    const uint8_t *header = request->bytes, *nonce = header + VAULT_SEAL_HEADER_BYTES;
    uint8_t associated[ASSOCIATED_BYTES];
    if (request->length < VAULT_SEAL_OVERHEAD || header[0] != RECORD_FORMAT
        || memcmp(header + 5, key->id, VAULT_KEY_ID_BYTES) != 0)
        return answer(server, VAULT_RECORD_OTHER, 0);
    write_associated(&request->binding, header, associated);
    const SealInput input = { key->key, nonce, associated, sizeof associated, nonce + VAULT_NONCE_BYTES,
        request->length - VAULT_SEAL_HEADER_BYTES - VAULT_NONCE_BYTES };
    bool opened = vault_open_bytes(&input, server->answer.bytes);
    return answer(server, opened ? VAULT_DONE : VAULT_RECORD_OTHER, opened ? request->length - VAULT_SEAL_OVERHEAD : 0);
}

static bool handle_record(Server *server, uint32_t length_max,
    bool (*use)(Server *, const VaultRecordRequest *, const DataKey *))
{
    const VaultRecordRequest *request = (const VaultRecordRequest *)server->request.bytes;
    if (request->length == 0 || request->length > length_max || !has_text(request->binding.type, VAULT_TYPE_BYTES))
        return false;
    DataKey key;
    VaultOutcome outcome = vault_data_key_unwrap(&server->keys, request->wrapped, &key);
    if (outcome != VAULT_DONE)
        return answer(server, outcome, 0);
    bool answered = use(server, request, &key);
    vault_crypto_wipe(&key, sizeof key);
    return answered;
}

static bool handle_seal(Server *server)
{
    return handle_record(server, VAULT_PLAIN_BYTES_MAX, seal_record);
}

static bool handle_open(Server *server)
{
    return handle_record(server, VAULT_SEALED_BYTES_MAX, open_record);
}

/* ---- Codes [PAY-011] --------------------------------------------------------------------------------------------- */

static bool handle_put_code(Server *server)
{
    const VaultPutCodeRequest *request = (const VaultPutCodeRequest *)server->request.bytes;
    if (request->length == 0 || request->length > VAULT_JWE_BYTES_MAX
        || !has_text(request->binding.currency, sizeof request->binding.currency))
        return false;
    return answer(server, codes_put(&server->codes, &request->binding, request->jwe, request->length, vault_clock_us()), 0);
}

static bool handle_use_code(Server *server)
{
    const VaultUseCodeRequest *request = (const VaultUseCodeRequest *)server->request.bytes;
    const Code *code = NULL;
    VaultOutcome outcome = codes_use(&server->codes, &request->binding, vault_clock_us(), &code);
    if (outcome != VAULT_DONE)
        return answer(server, outcome, 0);
    memcpy(server->answer.bytes, code->jwe, code->length);
    return answer(server, VAULT_DONE, code->length);
}

static bool handle_drop_code(Server *server)
{
    codes_drop(&server->codes, ((const VaultDropCodeRequest *)server->request.bytes)->payment);
    return answer(server, VAULT_DONE, 0);
}

static bool handle_status(Server *server)
{
    codes_expire(&server->codes, vault_clock_us());
    const VaultStatusAnswer status = { vault_keys_newest(&server->keys), server->codes.held };
    memcpy(server->answer.bytes, &status, sizeof status);
    return answer(server, VAULT_DONE, sizeof status);
}

/* ---- The table --------------------------------------------------------------------------------------------------------- */

static const struct {
    uint32_t type;
    ServerState state;
    size_t size;
    bool (*handle)(Server *server);
} table[] = {
    { VAULT_HELLO, SERVER_STARTING, sizeof(VaultHelloRequest), handle_hello },
    { VAULT_MAKE_KEY, SERVER_SERVING, sizeof(VaultHead), handle_make_key },
    { VAULT_SEAL, SERVER_SERVING, sizeof(VaultRecordRequest), handle_seal },
    { VAULT_OPEN, SERVER_SERVING, sizeof(VaultRecordRequest), handle_open },
    { VAULT_PUT_CODE, SERVER_SERVING, sizeof(VaultPutCodeRequest), handle_put_code },
    { VAULT_USE_CODE, SERVER_SERVING, sizeof(VaultUseCodeRequest), handle_use_code },
    { VAULT_DROP_CODE, SERVER_SERVING, sizeof(VaultDropCodeRequest), handle_drop_code },
    { VAULT_STATUS, SERVER_SERVING, sizeof(VaultHead), handle_status },
};

bool server_handle(Server *server, size_t length)
{
    size_t row = 0, rows = sizeof table / sizeof table[0];
    if (length < sizeof(VaultHead) || length >= sizeof server->request.bytes)
        return false;
    while (row < rows && table[row].type != server->request.head.type)
        row++;
    server->answer.head = server->request.head;
    server->answer.length = 0;
    bool answered = row < rows && table[row].state == server->state && table[row].size == length
        && table[row].handle(server);
    vault_crypto_wipe(server->request.bytes, length);
    return answered;
}

size_t server_answer_bytes(const Server *server)
{
    return offsetof(VaultAnswer, bytes) + server->answer.length;
}
