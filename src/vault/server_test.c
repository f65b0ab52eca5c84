/* The request handler in this process, with a clock that the test sets: the same sources as the program's but clock.c. */
#include "server.h"

#include <glib.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"

static int64_t now_us = 1000000;

int64_t vault_clock_us(void)
{
    return now_us;
}

static Server *server; /* large: one for all tests, made anew by each */

static void make_server(uint32_t kek_version)
{
    memset(server, 0, sizeof *server);
    server->keys.keks[0].version = kek_version;
    g_assert_true(vault_crypto_start() && vault_crypto_random(server->keys.keks[0].key, VAULT_KEY_BYTES));
    server->keys.count = 1;
    server->state = SERVER_SERVING;
}

static bool ask(const void *request, size_t length)
{
    memset(&server->answer, 0, sizeof server->answer); /* as the program leaves it after sending */
    memcpy(server->request.bytes, request, length);
    bool answered = server_handle(server, length);
    if (answered) { /* [PAY-011] nothing of a request stays behind */
        g_assert_cmpuint(server->request.head.type, ==, 0);
        for (size_t i = 0; i < length; i++)
            g_assert_cmpuint(server->request.bytes[i], ==, 0);
    }
    return answered;
}

static void make_key(uint8_t wrapped[VAULT_WRAPPED_BYTES])
{
    VaultHead request = { VAULT_MAKE_KEY, 1 };
    g_assert_true(ask(&request, sizeof request));
    g_assert_cmpuint(server->answer.outcome, ==, VAULT_DONE);
    g_assert_cmpuint(server->answer.length, ==, VAULT_WRAPPED_BYTES);
    memcpy(wrapped, server->answer.bytes, VAULT_WRAPPED_BYTES);
}

static VaultRecordRequest record_request(VaultRequestType type, const uint8_t *wrapped, const void *bytes, uint32_t length)
{
    VaultRecordRequest request = { .head = { type, 2 }, .binding = { .type = "card", .version = 7 }, .length = length };
    memset(request.binding.organization, 'o', VAULT_ID_BYTES);
    memset(request.binding.account, 'a', VAULT_ID_BYTES);
    memset(request.binding.record, 'r', VAULT_ID_BYTES);
    memcpy(request.wrapped, wrapped, VAULT_WRAPPED_BYTES);
    memcpy(request.bytes, bytes, length);
    return request;
}

static uint32_t outcome_of(const VaultRecordRequest *request)
{
    g_assert_true(ask(request, sizeof *request));
    return server->answer.outcome;
}

static const char plain_text[] = "{\"jwe\":\"not a card number\"}";
enum { PLAIN = sizeof plain_text, SEALED = PLAIN + VAULT_SEAL_OVERHEAD };

/* A sealed record and the key it is under. */
static VaultRecordRequest sealed_record(void)
{
    uint8_t wrapped[VAULT_WRAPPED_BYTES];
    make_key(wrapped);
    VaultRecordRequest seal = record_request(VAULT_SEAL, wrapped, plain_text, PLAIN);
    g_assert_cmpuint(outcome_of(&seal), ==, VAULT_DONE);
    g_assert_cmpuint(server->answer.length, ==, SEALED);
    return record_request(VAULT_OPEN, wrapped, server->answer.bytes, SEALED);
}

static void test_seal_and_open(void)
{
    make_server(3);
    VaultRecordRequest open = sealed_record();
    g_assert_null(memmem(open.bytes, SEALED, "card", 4));
    g_assert_cmpuint(vault_get_uint32(open.bytes + 1), ==, 3);
    g_assert_cmpuint(outcome_of(&open), ==, VAULT_DONE);
    g_assert_cmpmem(server->answer.bytes, server->answer.length, plain_text, PLAIN);
}

/* payments.md: records cannot be swapped, rolled back one by one, or moved. */
static void test_bindings(void)
{
    make_server(1);
    const VaultRecordRequest good = sealed_record();
    VaultRecordRequest other[5] = { good, good, good, good, good };
    other[0].binding.organization[0] ^= 1;
    other[1].binding.account[15] ^= 1;
    other[2].binding.record[7] ^= 1;
    strcpy(other[3].binding.type, "billing");
    other[4].binding.version = 6;
    for (size_t i = 0; i < G_N_ELEMENTS(other); i++) {
        g_assert_cmpuint(outcome_of(&other[i]), ==, VAULT_RECORD_OTHER);
        g_assert_cmpuint(server->answer.length, ==, 0);
    }
    g_assert_cmpuint(outcome_of(&good), ==, VAULT_DONE);
}

static void test_every_bit_counts(void)
{
    make_server(1);
    const VaultRecordRequest good = sealed_record();
    for (size_t bit = 0; bit < SEALED * 8; bit++) {
        VaultRecordRequest flipped = good;
        flipped.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_cmpuint(outcome_of(&flipped), ==, VAULT_RECORD_OTHER);
        for (size_t i = 0; i < PLAIN; i++) /* a wrong tag leaves nothing of the plaintext */
            g_assert_cmpuint(server->answer.bytes[i], ==, 0);
    }
    for (uint32_t length = 1; length < SEALED; length++) {
        VaultRecordRequest cut = good;
        cut.length = length;
        g_assert_cmpuint(outcome_of(&cut), ==, VAULT_RECORD_OTHER);
    }
    VaultRecordRequest longer = good;
    longer.length = SEALED + 1;
    g_assert_cmpuint(outcome_of(&longer), ==, VAULT_RECORD_OTHER);
}

static void test_data_keys(void)
{
    make_server(1);
    const VaultRecordRequest good = sealed_record();
    VaultRecordRequest other = good;
    make_key(other.wrapped); /* another organization's key */
    g_assert_cmpuint(outcome_of(&other), ==, VAULT_RECORD_OTHER);
    for (size_t bit = 0; bit < VAULT_WRAPPED_BYTES * 8; bit++) {
        VaultRecordRequest flipped = good;
        flipped.wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool in_kek = bit >= 8 && bit < 40;
        g_assert_cmpuint(outcome_of(&flipped), ==, in_kek ? VAULT_KEK_UNKNOWN : VAULT_KEY_BROKEN);
    }
    server->keys.keks[1] = (Kek){ .version = 2 }; /* a newer KEK is used for new keys; old ones still open */
    g_assert_true(vault_crypto_random(server->keys.keks[1].key, VAULT_KEY_BYTES));
    server->keys.count = 2;
    uint8_t newer[VAULT_WRAPPED_BYTES];
    make_key(newer);
    g_assert_cmpuint(vault_get_uint32(newer + 1), ==, 2);
    g_assert_cmpuint(outcome_of(&good), ==, VAULT_DONE);
}

static void test_nonces_differ(void)
{
    make_server(1);
    uint8_t wrapped[VAULT_WRAPPED_BYTES], first[SEALED];
    make_key(wrapped);
    VaultRecordRequest seal = record_request(VAULT_SEAL, wrapped, plain_text, PLAIN);
    g_assert_cmpuint(outcome_of(&seal), ==, VAULT_DONE);
    memcpy(first, server->answer.bytes, SEALED);
    g_assert_cmpuint(outcome_of(&seal), ==, VAULT_DONE);
    g_assert_cmpint(memcmp(first + VAULT_SEAL_HEADER_BYTES, server->answer.bytes + VAULT_SEAL_HEADER_BYTES, VAULT_NONCE_BYTES), !=, 0);
}

/* RFC 5649 §4.1 over single AES blocks, for plaintexts of a multiple of 8 above 8 bytes: an independent second writing. */
static void reference_wrap(const uint8_t *key, const uint8_t *plain, uint32_t plain_bytes, uint8_t *wrapped)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t block[16] = { 0xA6, 0x59, 0x59, 0xA6 };
    uint32_t blocks = plain_bytes / 8;
    int length;
    vault_put_uint32(block + 4, plain_bytes);
    memcpy(wrapped + 8, plain, plain_bytes);
    g_assert_true(EVP_EncryptInit_ex2(context, EVP_aes_256_ecb(), key, NULL, NULL) == 1);
    for (uint32_t round = 0; round < 6; round++)
        for (uint32_t i = 1; i <= blocks; i++) {
            memcpy(block + 8, wrapped + 8 * i, 8);
            g_assert_true(EVP_EncryptUpdate(context, block, &length, block, 16) == 1);
            memcpy(wrapped + 8 * i, block + 8, 8);
            uint8_t counter[4];
            vault_put_uint32(counter, round * blocks + i);
            for (size_t k = 0; k < 4; k++)
                block[4 + k] ^= counter[k];
        }
    memcpy(wrapped, block, 8);
    EVP_CIPHER_CTX_free(context);
}

static void test_key_wrap(void)
{
    /* NIST CAVP, KWP_AE_256, 64-bit plaintext. */
    static const uint8_t key[VAULT_KEY_BYTES] = { 0x1c, 0x99, 0x7c, 0x2b, 0xb5, 0xa1, 0x5a, 0x45, 0x93, 0xe3, 0x37, 0xb3, 0x24,
        0x96, 0x75, 0xd5, 0x57, 0x46, 0x74, 0x17, 0x91, 0x7f, 0x6b, 0xc5, 0x16, 0x5c, 0x9a, 0xf6, 0xa3, 0xe2, 0x95, 0x04 };
    static const uint8_t plain[8] = { 0x3e, 0x3e, 0xaf, 0xc5, 0x0c, 0xd4, 0xe9, 0x39 };
    static const uint8_t expected[16] = { 0x16, 0x3e, 0xb9, 0xe7, 0xdb, 0xc8, 0xed, 0x00, 0x86, 0xdf, 0xfb, 0xc6, 0xab, 0x00,
        0xe3, 0x29 };
    uint8_t wrapped[64], unwrapped[64], reference[64], longer[40];
    g_assert_true(vault_crypto_start() && vault_key_wrap(key, plain, sizeof plain, wrapped));
    g_assert_cmpmem(wrapped, 16, expected, 16);
    g_assert_true(vault_key_unwrap(key, expected, 16, unwrapped));
    g_assert_cmpmem(unwrapped, 8, plain, 8);

    g_assert_true(vault_crypto_random(longer, sizeof longer) && vault_key_wrap(key, longer, sizeof longer, wrapped));
    reference_wrap(key, longer, sizeof longer, reference);
    g_assert_cmpmem(wrapped, 48, reference, 48);
    g_assert_true(vault_key_unwrap(key, reference, 48, unwrapped));
    g_assert_cmpmem(unwrapped, 40, longer, 40);
}

/* ---- Codes [PAY-011] ---------------------------------------------------------------------------------------- */

static VaultCodeBinding binding_of(uint32_t payment, int64_t minor, const char *currency)
{
    VaultCodeBinding binding = { .minor = minor };
    vault_put_uint32(binding.payment, payment);
    memcpy(binding.currency, currency, 4);
    return binding;
}

static uint32_t put_code(VaultCodeBinding binding, const char *code)
{
    VaultPutCodeRequest request = { .head = { VAULT_PUT_CODE, 3 }, .binding = binding, .length = (uint32_t)strlen(code) };
    memcpy(request.jwe, code, strlen(code));
    g_assert_true(ask(&request, sizeof request));
    return server->answer.outcome;
}

static uint32_t use_code(VaultCodeBinding binding)
{
    VaultUseCodeRequest request = { .head = { VAULT_USE_CODE, 4 }, .binding = binding };
    g_assert_true(ask(&request, sizeof request));
    return server->answer.outcome;
}

static bool memory_has(const char *text)
{
    return memmem(&server->codes, sizeof server->codes, text, strlen(text)) != NULL;
}

static void test_code_is_bound(void)
{
    make_server(1);
    g_assert_cmpuint(put_code(binding_of(1, 12345, "PLN"), "secret-jwe"), ==, VAULT_DONE);
    for (int again = 0; again < 2; again++) { /* a retry with the same key may ask again [PAY-003] */
        g_assert_cmpuint(use_code(binding_of(1, 12345, "PLN")), ==, VAULT_DONE);
        g_assert_cmpmem(server->answer.bytes, server->answer.length, "secret-jwe", 10);
    }
    g_assert_cmpuint(use_code(binding_of(1, 12346, "PLN")), ==, VAULT_CODE_OTHER_AMOUNT);
    g_assert_cmpuint(use_code(binding_of(1, 12345, "EUR")), ==, VAULT_CODE_OTHER_AMOUNT);
    g_assert_cmpuint(use_code(binding_of(2, 12345, "PLN")), ==, VAULT_CODE_GONE);
    g_assert_cmpuint(server->answer.length, ==, 0);
    g_assert_cmpuint(put_code(binding_of(1, 999, "PLN"), "typed-again"), ==, VAULT_DONE);
    g_assert_cmpuint(use_code(binding_of(1, 12345, "PLN")), ==, VAULT_CODE_OTHER_AMOUNT);
    g_assert_cmpuint(server->codes.held, ==, 1);
    g_assert_false(memory_has("secret-jwe"));
}

static void test_code_is_wiped(void)
{
    make_server(1);
    g_assert_cmpuint(put_code(binding_of(1, 100, "PLN"), "secret-jwe"), ==, VAULT_DONE);
    g_assert_true(memory_has("secret-jwe"));
    VaultDropCodeRequest drop = { .head = { VAULT_DROP_CODE, 5 } };
    vault_put_uint32(drop.payment, 1);
    g_assert_true(ask(&drop, sizeof drop));
    g_assert_false(memory_has("secret-jwe"));
    g_assert_cmpuint(use_code(binding_of(1, 100, "PLN")), ==, VAULT_CODE_GONE);
    g_assert_true(ask(&drop, sizeof drop)); /* dropping what is gone is fine */
}

static void test_code_expires(void)
{
    make_server(1);
    now_us = 5000000;
    g_assert_cmpuint(put_code(binding_of(1, 100, "PLN"), "secret-jwe"), ==, VAULT_DONE);
    now_us += VAULT_CODE_WINDOW_US - 1;
    g_assert_cmpuint(use_code(binding_of(1, 100, "PLN")), ==, VAULT_DONE);
    g_assert_cmpint(codes_expire(&server->codes, now_us), ==, now_us + 1);
    now_us += 1; /* being used did not lengthen its life */
    g_assert_cmpint(codes_expire(&server->codes, now_us), ==, 0);
    g_assert_false(memory_has("secret-jwe"));
    g_assert_cmpuint(use_code(binding_of(1, 100, "PLN")), ==, VAULT_CODE_GONE);
}

static void test_codes_are_bounded(void)
{
    make_server(1);
    for (uint32_t payment = 0; payment < CODES_MAX; payment++)
        g_assert_cmpuint(put_code(binding_of(payment, 1, "PLN"), "x"), ==, VAULT_DONE);
    g_assert_cmpuint(put_code(binding_of(CODES_MAX, 1, "PLN"), "x"), ==, VAULT_CODES_FULL);
    g_assert_cmpuint(put_code(binding_of(5, 1, "PLN"), "again"), ==, VAULT_DONE);
    now_us += VAULT_CODE_WINDOW_US;
    g_assert_cmpuint(put_code(binding_of(CODES_MAX, 1, "PLN"), "x"), ==, VAULT_DONE);
    VaultHead status = { VAULT_STATUS, 6 };
    g_assert_true(ask(&status, sizeof status));
    g_assert_cmpuint(((VaultStatusAnswer *)server->answer.bytes)->codes_held, ==, 1);
}

/* ---- The table ------------------------------------------------------------------------------------------------- */

/* Each of these has to end the process. */
static void test_out_of_table(void)
{
    make_server(1);
    const VaultRecordRequest good = sealed_record();
    const VaultHead unknown[] = { { 0, 1 }, { VAULT_STATUS + 1, 1 }, { 0xFFFFFFFF, 1 } };
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
        g_assert_false(ask(&unknown[i], sizeof unknown[i]));
    for (size_t length = 0; length < sizeof good; length += 97)
        g_assert_false(ask(&good, length));
    g_assert_false(server_handle(server, sizeof server->request.bytes));
    g_assert_false(server_handle(server, 1 << 20));

    VaultRecordRequest bad = good;
    bad.length = 0;
    g_assert_false(ask(&bad, sizeof bad));
    bad.length = VAULT_SEALED_BYTES_MAX + 1;
    g_assert_false(ask(&bad, sizeof bad));
    bad = good;
    bad.head.type = VAULT_SEAL;
    bad.length = VAULT_PLAIN_BYTES_MAX + 1;
    g_assert_false(ask(&bad, sizeof bad));
    bad = good;
    memset(bad.binding.type, 'x', VAULT_TYPE_BYTES);
    g_assert_false(ask(&bad, sizeof bad));

    VaultPutCodeRequest code = { .head = { VAULT_PUT_CODE, 1 }, .binding = binding_of(1, 1, "PLN"), .length = VAULT_JWE_BYTES_MAX + 1 };
    g_assert_false(ask(&code, sizeof code));
    code.length = 1;
    memset(code.binding.currency, 'P', 4);
    g_assert_false(ask(&code, sizeof code));
}

static void test_states(void)
{
    make_server(1);
    VaultHelloRequest hello = { .head = { VAULT_HELLO, 1 }, .protocol = VAULT_PROTOCOL };
    g_assert_false(ask(&hello, sizeof hello)); /* a second hello */
    server->state = SERVER_STARTING;
    VaultHead status = { VAULT_STATUS, 1 };
    g_assert_false(ask(&status, sizeof status)); /* anything before hello */
    hello.protocol++;
    g_assert_false(ask(&hello, sizeof hello)); /* another build's */
    hello.protocol--;
    g_assert_true(ask(&hello, sizeof hello));
    g_assert_true(ask(&status, sizeof status));
}

/* Answers of other requests do not leak through the answer's buffer. */
static void test_largest_record(void)
{
    make_server(1);
    uint8_t wrapped[VAULT_WRAPPED_BYTES];
    make_key(wrapped);
    g_autofree uint8_t *large = g_malloc(VAULT_PLAIN_BYTES_MAX);
    memset(large, 0x5A, VAULT_PLAIN_BYTES_MAX);
    VaultRecordRequest seal = record_request(VAULT_SEAL, wrapped, large, VAULT_PLAIN_BYTES_MAX);
    g_assert_cmpuint(outcome_of(&seal), ==, VAULT_DONE);
    g_assert_cmpuint(server->answer.length, ==, VAULT_SEALED_BYTES_MAX);
    VaultRecordRequest open = record_request(VAULT_OPEN, wrapped, server->answer.bytes, VAULT_SEALED_BYTES_MAX);
    g_assert_cmpuint(outcome_of(&open), ==, VAULT_DONE);
    g_assert_cmpmem(server->answer.bytes, server->answer.length, large, VAULT_PLAIN_BYTES_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    server = g_new0(Server, 1);
    g_test_add_func("/vault/server/key-wrap", test_key_wrap);
    g_test_add_func("/vault/server/seal-and-open", test_seal_and_open);
    g_test_add_func("/vault/server/bindings", test_bindings);
    g_test_add_func("/vault/server/every-bit-counts", test_every_bit_counts);
    g_test_add_func("/vault/server/data-keys", test_data_keys);
    g_test_add_func("/vault/server/nonces-differ", test_nonces_differ);
    g_test_add_func("/vault/server/PAY-011/code-is-bound", test_code_is_bound);
    g_test_add_func("/vault/server/PAY-011/code-is-wiped", test_code_is_wiped);
    g_test_add_func("/vault/server/PAY-011/code-expires", test_code_expires);
    g_test_add_func("/vault/server/PAY-011/codes-are-bounded", test_codes_are_bounded);
    g_test_add_func("/vault/server/out-of-table", test_out_of_table);
    g_test_add_func("/vault/server/states", test_states);
    g_test_add_func("/vault/server/largest-record", test_largest_record);
    int status = g_test_run();
    g_free(server);
    return status;
}
