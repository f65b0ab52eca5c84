/* The tests' browser: one connection, one session, every reply held against the contract. */
#include <jose/openssl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdarg.h>
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "test_world.h"

Client *client_new(World *world)
{
    Client *client = g_new0(Client, 1);
    client->world = world;
    client->curl = curl_easy_init();
    return client;
}

void client_free(Client *client)
{
    curl_easy_cleanup(client->curl);
    g_free(client->cookie);
    g_free(client->csrf);
    g_free(client);
}

void answer_free(Answer *answer)
{
    g_free(answer->headers);
    g_string_free(answer->body, TRUE);
    json_decref(answer->json);
    g_free(answer);
}

static size_t append(char *data, size_t size, size_t count, void *context)
{
    g_string_append_len(context, data, (gssize)(size * count));
    return size * count;
}

char *answer_header(const Answer *answer, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(answer->headers, "\r\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        size_t length = strlen(name);
        if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
            return g_strstrip(g_strdup(*line + length + 1));
    }
    return NULL;
}

static void add_header(struct curl_slist **headers, const char *name, const char *value)
{
    g_autofree char *line = g_strdup_printf("%s: %s", name, value);
    *headers = curl_slist_append(*headers, line);
}

static void hold_against_contract(const Client *client, const char *method, const char *path, const Answer *answer)
{
    g_autofree char *media_type = answer_header(answer, "Content-Type");
    g_autofree char *plain_path = g_strndup(path, strcspn(path, "?"));
    bool is_ours = g_str_has_prefix(path, "/v1/") || g_str_has_prefix(path, "/m/") || g_str_has_prefix(path, "/.well")
        || strcmp(path, "/livez") == 0 || strcmp(path, "/readyz") == 0;
    g_autofree char *complaint = !is_ours ? NULL
                                          : contract_check(client->world->contract, method, plain_path, answer->status,
                                              media_type, answer->json);
    if (complaint != NULL && strcmp(method, "HEAD") != 0) /* the description has no HEAD: it is GET without the body */
        g_error("%s %s %ld does not fit docs/openapi.yaml: %s\n%s", method, path, answer->status, complaint,
            answer->body->str);
}

/* What every reply carries, whatever it says. */
static void hold_against_manners(const Answer *answer)
{
    g_autofree char *sniff = answer_header(answer, "X-Content-Type-Options");
    g_autofree char *policy = answer_header(answer, "Content-Security-Policy");
    g_autofree char *referrer = answer_header(answer, "Referrer-Policy");
    g_autofree char *id = answer_header(answer, "X-Request-Id");
    g_assert_cmpstr(sniff, ==, "nosniff");
    g_assert_cmpstr(referrer, ==, "no-referrer");
    g_assert_nonnull(policy);
    g_assert_nonnull(id);
    const char *in_problem = json_text(answer->json, "request_id");
    if (in_problem != NULL && json_text(answer->json, "code") != NULL)
        g_assert_cmpstr(in_problem, ==, id);
}

static Answer *perform(Client *client, const char *method, const char *path, const char *body, struct curl_slist *headers)
{
    g_autofree char *url = g_strconcat(client->world->url, path, NULL);
    g_autoptr(GString) head = g_string_new(NULL);
    Answer *answer = g_new0(Answer, 1);
    answer->body = g_string_new(NULL);
    curl_easy_reset(client->curl);
    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    curl_easy_setopt(client->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(client->curl, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, answer->body);
    curl_easy_setopt(client->curl, CURLOPT_HEADERFUNCTION, append);
    curl_easy_setopt(client->curl, CURLOPT_HEADERDATA, head);
    if (body != NULL)
        curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, body);
    CURLcode code = curl_easy_perform(client->curl);
    if (code != CURLE_OK)
        g_error("%s %s: %s", method, path, curl_easy_strerror(code));
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &answer->status);
    answer->headers = g_string_free(g_steal_pointer(&head), FALSE);
    answer->json = json_loadb(answer->body->str, answer->body->len, 0, NULL);
    return answer;
}

static Answer *call(Client *client, const char *method, const char *path, const char *body, struct curl_slist *headers)
{
    if (client->cookie != NULL)
        add_header(&headers, "Cookie", client->cookie);
    if (client->csrf != NULL && strcmp(method, "GET") != 0)
        add_header(&headers, "X-CSRF-Token", client->csrf);
    if (body != NULL)
        add_header(&headers, "Content-Type", "application/json");
    Answer *answer = perform(client, method, path, body, headers);
    curl_slist_free_all(headers);
    hold_against_contract(client, method, path, answer);
    hold_against_manners(answer);
    return answer;
}

Answer *client_call(Client *client, const char *method, const char *path, const char *body, ...)
{
    struct curl_slist *headers = NULL;
    va_list lines;
    va_start(lines, body);
    for (const char *line = va_arg(lines, const char *); line != NULL; line = va_arg(lines, const char *))
        headers = curl_slist_append(headers, line);
    va_end(lines);
    return call(client, method, path, body, headers);
}

Answer *client_expect(Client *client, long status, const char *code, const char *method, const char *path, const char *body)
{
    Answer *answer = call(client, method, path, body, NULL);
    if (answer->status != status)
        g_error("%s %s: %ld instead of %ld\n%s", method, path, answer->status, status, answer->body->str);
    if (code != NULL)
        g_assert_cmpstr(json_text(answer->json, "code"), ==, code);
    return answer;
}

Client *client_of(World *world, const char *login)
{
    Client *client = client_new(world);
    g_autofree char *body = g_strdup_printf("{\"login\":\"%s\",\"password\":\"" WORLD_PASSWORD "\"}", login);
    g_autoptr(Answer) answer = client_expect(client, 200, NULL, "POST", "/v1/session", body);
    g_autofree char *cookie = answer_header(answer, "Set-Cookie");
    client->cookie = g_strndup(cookie, strcspn(cookie, ";"));
    client->csrf = g_strdup(json_text(answer->json, "csrf"));
    return client;
}

/* ---- JWE (RFC 7516 §5.1) ------------------------------------------------------------------------------------ */

enum { CONTENT_KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16, WRAPPED_MAX = 512, PLAIN_MAX = 1024 };

static char *wrap(const json_t *public_jwk, const unsigned char *content_key)
{
    unsigned char wrapped[WRAPPED_MAX];
    size_t length = sizeof(wrapped);
    EVP_PKEY *key = jose_openssl_jwk_to_EVP_PKEY(NULL, public_jwk);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    g_assert_true(EVP_PKEY_encrypt_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
        && EVP_PKEY_encrypt(context, wrapped, &length, content_key, CONTENT_KEY_BYTES) == 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return encode_base64url((Span){ (char *)wrapped, length });
}

char *seal_to(const json_t *jwks, const char *plain)
{
    unsigned char content_key[CONTENT_KEY_BYTES], nonce[NONCE_BYTES], tag[TAG_BYTES], sealed[PLAIN_MAX];
    int length = 0;
    g_assert_true(RAND_bytes(content_key, sizeof(content_key)) == 1 && RAND_bytes(nonce, sizeof(nonce)) == 1);
    g_autofree char *header = encode_base64url(SPAN("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}"));
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    g_assert_true(strlen(plain) <= sizeof(sealed) && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, content_key, nonce) == 1
        && EVP_EncryptUpdate(context, NULL, &length, (unsigned char *)header, (int)strlen(header)) == 1
        && EVP_EncryptUpdate(context, sealed, &length, (const unsigned char *)plain, (int)strlen(plain)) == 1
        && EVP_EncryptFinal_ex(context, sealed + length, &(int){ 0 }) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1);
    EVP_CIPHER_CTX_free(context);
    g_autofree char *wrapped = wrap(json_array_get(json_object_get(jwks, "keys"), 0), content_key);
    g_autofree char *nonce_text = encode_base64url((Span){ (char *)nonce, sizeof(nonce) });
    g_autofree char *sealed_text = encode_base64url((Span){ (char *)sealed, (size_t)length });
    g_autofree char *tag_text = encode_base64url((Span){ (char *)tag, sizeof(tag) });
    return g_strdup_printf("%s.%s.%s.%s.%s", header, wrapped, nonce_text, sealed_text, tag_text);
}
