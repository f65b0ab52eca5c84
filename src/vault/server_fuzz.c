/* Requests in any order and of any content: the handler answers within bounds or ends, and never keeps a request.
 *
 * The input is a list of operations {type, flags, length, bytes}: a request of the table's size with `bytes` put in
 * its variable part (1), with a real data key and the last sealed record in their places (2), or raw (4). */
#include <glib.h>
#include <string.h>

#include "crypto.h"
#include "server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FLAG_VARIABLE = 1, FLAG_LAST_RECORD = 2, FLAG_RAW = 4, OPERATION_BYTES = 4 };

static int64_t now_us;
static uint8_t wrapped[VAULT_WRAPPED_BYTES], sealed[VAULT_SEALED_BYTES_MAX];
static uint32_t sealed_bytes;

int64_t vault_clock_us(void)
{
    return now_us += 60 * INT64_C(1000000);
}

static size_t write_record(VaultRecordRequest *request, unsigned flags, const uint8_t *bytes, size_t length)
{
    strcpy(request->binding.type, "card");
    memcpy(request->wrapped, wrapped, sizeof wrapped);
    if (flags & FLAG_LAST_RECORD) {
        request->length = sealed_bytes;
        memcpy(request->bytes, sealed, sealed_bytes);
    } else {
        request->length = (uint32_t)MIN(length, sizeof request->bytes);
        memcpy(request->bytes, bytes, request->length);
    }
    return sizeof *request;
}

static size_t write_code(VaultPutCodeRequest *request, const uint8_t *bytes, size_t length)
{
    strcpy(request->binding.currency, "PLN");
    request->length = (uint32_t)MIN(length, sizeof request->jwe);
    memcpy(request->jwe, bytes, request->length);
    return sizeof *request;
}

static size_t write_request(Server *server, uint8_t type, unsigned flags, const uint8_t *bytes, size_t length)
{
    static const size_t sizes[] = { [VAULT_HELLO] = sizeof(VaultHelloRequest), [VAULT_USE_CODE] = sizeof(VaultUseCodeRequest),
        [VAULT_DROP_CODE] = sizeof(VaultDropCodeRequest), [VAULT_MAKE_KEY] = sizeof(VaultHead), [VAULT_STATUS] = sizeof(VaultHead) };
    memset(server->request.bytes, 0, sizeof server->request.bytes);
    server->request.head.type = type;
    if ((flags & FLAG_RAW) == 0 && (type == VAULT_SEAL || type == VAULT_OPEN))
        return write_record((VaultRecordRequest *)server->request.bytes, flags, bytes, length);
    if ((flags & FLAG_RAW) == 0 && type == VAULT_PUT_CODE)
        return write_code((VaultPutCodeRequest *)server->request.bytes, bytes, length);
    size_t room = sizeof server->request.bytes - sizeof(VaultHead);
    memcpy(server->request.bytes + sizeof(VaultHead), bytes, MIN(length, room));
    return (flags & FLAG_RAW) == 0 && type < G_N_ELEMENTS(sizes) ? sizes[type] : sizeof(VaultHead) + length;
}

static void remember(const Server *server, uint8_t type)
{
    if (server->answer.outcome != VAULT_DONE)
        return;
    if (type == VAULT_MAKE_KEY)
        memcpy(wrapped, server->answer.bytes, sizeof wrapped);
    if (type != VAULT_SEAL)
        return;
    sealed_bytes = server->answer.length;
    memcpy(sealed, server->answer.bytes, sealed_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Server *server;
    if (server == NULL)
        server = g_new0(Server, 1);
    server->state = SERVER_STARTING;
    server->keys.count = 1;
    server->keys.keks[0].version = 1;
    g_assert_true(vault_crypto_start());
    while (size >= OPERATION_BYTES) {
        uint8_t type = data[0], flags = data[1];
        size_t length = MIN((size_t)(data[2] | data[3] << 8), size - OPERATION_BYTES);
        size_t request_bytes = write_request(server, type, flags, data + OPERATION_BYTES, length);
        if (!server_handle(server, request_bytes))
            break;
        g_assert_cmpuint(server->answer.length, <=, VAULT_ANSWER_BYTES_MAX);
        g_assert_cmpuint(server->codes.held, <=, CODES_MAX);
        for (size_t i = 0; i < request_bytes; i++)
            g_assert_cmpuint(server->request.bytes[i], ==, 0);
        remember(server, type);
        data += OPERATION_BYTES + length;
        size -= OPERATION_BYTES + length;
    }
    codes_expire(&server->codes, INT64_MAX);
    g_assert_cmpuint(server->codes.held, ==, 0);
    return 0;
}
