/* The tests' side of the wire: processes, HTTP, an issuer, sealing. */
#include "test_support.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <glib/gstdio.h>
#include <jose/jwe.h>
#include <jose/jwk.h>
#include <jose/openssl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/id.h"
#include "base/json.h"
#include "trust/jws.h"

/* ---- The issuer ------------------------------------------------------------------------------ */

struct TestIssuer {
    struct MHD_Daemon *daemon;
    char *url;
    char *keys; /* JSON text */
};

static enum MHD_Result on_issuer_call(void *context, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *length, void **state)
{
    const TestIssuer *issuer = context;
    g_autofree char *discovery = g_strdup_printf("{\"issuer\":\"%s\",\"jwks_uri\":\"%s/.well-known/jwks.json\"}", issuer->url,
        issuer->url);
    const char *text = strcmp(path, "/.well-known/openid-configuration") == 0 ? discovery
        : strcmp(path, "/.well-known/jwks.json") == 0                         ? issuer->keys
                                                                              : "{}";
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result outcome = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return outcome;
}

static void start_issuer(TestSandbox *sandbox)
{
    TestIssuer *issuer = g_new0(TestIssuer, 1);
    sandbox->issuer_key = jwk_generate("RS256", NULL);
    JSON_AUTO *set = json_pack("{s:[o]}", "keys", jwk_public(sandbox->issuer_key));
    issuer->keys = json_write(set);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    issuer->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_issuer_call, issuer,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_END);
    g_assert_nonnull(issuer->daemon);
    issuer->url = g_strdup_printf("http://127.0.0.1:%u",
        (unsigned)MHD_get_daemon_info(issuer->daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    sandbox->issuer = issuer;
    sandbox->issuer_url = g_strdup(issuer->url);
}

/* ---- The program ----------------------------------------------------------------------------- */

/* A test that aborts takes its server with it. */
static void die_with_parent(void *context)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void start_server(TestSandbox *sandbox)
{
    g_autofree char *state = g_build_filename(sandbox->directory, "state", NULL);
    const char *arguments[] = { sandbox->program, "serve", "--listen", "127.0.0.1:0", "--state", state, "--trust-issuer",
        sandbox->issuer_url, NULL };
    g_autoptr(GError) error = NULL;
    int output;
    g_spawn_async_with_pipes(NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL, &sandbox->pid, NULL,
        &output, NULL, &error);
    g_assert_no_error(error);
    FILE *lines = fdopen(output, "r");
    char line[256] = "";
    g_assert_nonnull(fgets(line, sizeof line, lines));
    fclose(lines);
    const char *url = strstr(line, "http://");
    g_assert_nonnull(url);
    g_free(sandbox->url);
    sandbox->url = g_strstrip(g_strdup(url));
}

static void end_server(TestSandbox *sandbox, int signal_number, int expected_status)
{
    int status;
    kill(sandbox->pid, signal_number);
    g_assert_true(waitpid(sandbox->pid, &status, 0) == sandbox->pid);
    if (signal_number == SIGTERM)
        g_assert_true(status == expected_status);
    g_spawn_close_pid(sandbox->pid);
}

void test_sandbox_start(TestSandbox *sandbox, const char *program)
{
    *sandbox = (TestSandbox){ .program = program, .directory = g_dir_make_tmp("sandbox-test-XXXXXX", NULL) };
    const char *arguments[] = { program, "samples", sandbox->directory, NULL };
    int status = -1;
    g_assert_true(g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL));
    g_assert_true(status == 0);
    start_issuer(sandbox);
    start_server(sandbox);
    TEST_ANSWER_AUTO keys = test_call(sandbox, "GET", "/processor/keys", NULL, NULL);
    g_assert_true(keys.status == 200);
    sandbox->card_key = json_incref(json_array_get(json_object_get(keys.json, "keys"), 0));
}

void test_sandbox_kill_and_restart(TestSandbox *sandbox)
{
    end_server(sandbox, SIGKILL, 0);
    start_server(sandbox);
}

void test_sandbox_stop(TestSandbox *sandbox)
{
    end_server(sandbox, SIGTERM, 0);
    MHD_stop_daemon(sandbox->issuer->daemon);
    g_free(sandbox->issuer->url);
    g_free(sandbox->issuer->keys);
    g_free(sandbox->issuer);
    const char *arguments[] = { "rm", "-rf", sandbox->directory, NULL };
    g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(sandbox->directory);
    g_free(sandbox->url);
    g_free(sandbox->issuer_url);
    json_decref(sandbox->card_key);
    json_decref(sandbox->issuer_key);
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

void test_answer_done(TestAnswer *answer)
{
    g_free(answer->text);
    json_decref(answer->json);
}

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
    g_string_append_len(context, data, (gssize)(size * count));
    return size * count;
}

TestAnswer test_call(const TestSandbox *sandbox, const char *method, const char *path, const char *const *headers,
    const char *body)
{
    g_autofree char *url = g_strconcat(sandbox->url, path, NULL);
    GString *received = g_string_new(NULL);
    struct curl_slist *list = NULL;
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
        list = curl_slist_append(list, headers[i]);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, received);
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    CURLcode outcome = curl_easy_perform(curl);
    TestAnswer answer = { 0 };
    if (outcome == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    answer.length = received->len;
    answer.text = g_string_free(received, FALSE);
    answer.json = json_loads(answer.text, 0, NULL);
    return answer;
}

TestAnswer test_call_json(const TestSandbox *sandbox, const char *method, const char *path, const char *const *headers,
    json_t *body)
{
    g_assert_nonnull(body);
    g_autofree char *text = json_write(body);
    json_decref(body);
    return test_call(sandbox, method, path, headers, text);
}

/* ---- Sealing --------------------------------------------------------------------------------- */

static char *wrap(const json_t *public_jwk, const unsigned char *key, size_t key_length)
{
    unsigned char wrapped[512];
    size_t length = sizeof wrapped;
    EVP_PKEY *public_key = jose_openssl_jwk_to_EVP_PKEY(NULL, public_jwk);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(public_key, NULL);
    g_assert_true(EVP_PKEY_encrypt_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
        && EVP_PKEY_encrypt(context, wrapped, &length, key, key_length) == 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(public_key);
    return encode_base64url((Span){ (char *)wrapped, length });
}

char *test_seal(const TestSandbox *sandbox, json_t *plain)
{
    unsigned char key[32];
    g_assert_true(RAND_bytes(key, sizeof key) == 1);
    g_autofree char *text = json_write(plain), *wrapped = wrap(sandbox->card_key, key, sizeof key);
    json_decref(plain);
    g_autofree char *key_text = encode_base64url((Span){ (char *)key, sizeof key });
    JSON_AUTO *content_key = json_pack("{s:s, s:s}", "kty", "oct", "k", key_text);
    JSON_AUTO *jwe = json_pack("{s:{s:s, s:s}}", "protected", "alg", "RSA-OAEP-256", "enc", "A256GCM");
    g_assert_true(jose_jwe_enc_cek(NULL, jwe, content_key, text, strlen(text)));
    return g_strdup_printf("%s.%s.%s.%s.%s", json_text(jwe, "protected"), wrapped, json_text(jwe, "iv"),
        json_text(jwe, "ciphertext"), json_text(jwe, "tag"));
}

char *test_seal_card(const TestSandbox *sandbox, const char *number, const char *expiry)
{
    return test_seal(sandbox, json_pack("{s:s, s:s, s:s}", "number", number, "expiry", expiry, "holder", "Anna Nowak"));
}

char *test_seal_code(const TestSandbox *sandbox, const char *code)
{
    return test_seal(sandbox, json_pack("{s:s, s:s}", "code", code, "nonce", id_new().text));
}

const char *test_good_expiry(void)
{
    static char text[8];
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) ahead = g_date_time_add_months(now, 1);
    g_snprintf(text, sizeof text, "%02d/%02d", g_date_time_get_month(ahead), g_date_time_get_year(ahead) % 100);
    return text;
}

char *test_uuid(void)
{
    return g_strdup(id_new().text);
}

/* ---- The tester's addresses ------------------------------------------------------------------ */

void test_fault(const TestSandbox *sandbox, const char *point, const char *kind, const char *invoice)
{
    TEST_ANSWER_AUTO answer = test_call_json(sandbox, "POST", "/admin/faults", NULL,
        json_pack("{s:s, s:s, s:s*}", "point", point, "kind", kind, "invoice", invoice));
    g_assert_true(answer.status == 200);
}

void test_clear_faults(const TestSandbox *sandbox)
{
    TEST_ANSWER_AUTO answer = test_call(sandbox, "DELETE", "/admin/faults", NULL, NULL);
    g_assert_true(answer.status == 200);
}

int test_charges_of(const TestSandbox *sandbox, const char *member, const char *name)
{
    TEST_ANSWER_AUTO answer = test_call(sandbox, "GET", "/admin/charges", NULL, NULL);
    g_assert_true(answer.status == 200);
    return (int)json_integer_value(json_object_get(json_object_get(answer.json, member), name));
}

char *test_invoice_of(const TestSandbox *sandbox, const char *file, char **ret_currency, char **ret_amount)
{
    g_autofree char *path = g_build_filename(sandbox->directory, "invoices.tsv", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);
        if (g_strv_length(fields) < 5 || strcmp(fields[0], file) != 0)
            continue;
        *ret_currency = g_strdup(fields[3]);
        *ret_amount = g_strdup(fields[4]);
        return g_strdup(fields[2]);
    }
    g_assert_not_reached();
}
