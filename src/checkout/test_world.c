/* Building, feeding and asking the world of test_world.h. */
#include "test_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "checkout/card.h"
#include "pay/processor.h"
#include "pay/webcall.h"
#include "trust/jws.h"
#include "trust/verdict.h"

#define RECIPIENT "anna@demo.example"

/* ---- The issuer: /.well-known/openid-configuration and the keys ------------------------------------------------- */

/* All of it: an answer to half a request would be lost with the connection. */
static bool read_request(int connection, char *request, size_t size)
{
    size_t length = 0;
    for (;;) {
        ssize_t count = recv(connection, request + length, size - 1 - length, 0);
        if (count <= 0)
            return false;
        length += (size_t)count;
        request[length] = '\0';
        bool is_get = request[0] == 'G';
        if (strstr(request, "\r\n\r\n") != NULL && (is_get || request[length - 1] == '}'))
            return true;
    }
}

static void publish(World *world, int connection)
{
    char request[4096] = "";
    if (!read_request(connection, request, sizeof request))
        return;
    if (request[0] == 'P') {
        g_assert_cmpint(send(connection, world->biller_answer, strlen(world->biller_answer), MSG_NOSIGNAL), >, 0);
        return;
    }
    JSON_AUTO *body = strstr(request, "GET /jwks") != NULL ? token_keys_public(world->keys) : json_object();
    g_autofree char *jwks = g_strconcat(world->issuer, "/jwks", NULL);
    if (json_object_size(body) == 0)
        json_put_text(body, "jwks_uri", jwks);
    g_autofree char *text = json_write(body);
    g_autofree char *answer = g_strdup_printf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                                              "Connection: close\r\n\r\n%s", strlen(text), text);
    g_assert_cmpint(send(connection, answer, strlen(answer), MSG_NOSIGNAL), >, 0);
}

static gpointer issuer_main(gpointer data)
{
    World *world = data;
    int connection;
    while ((connection = accept(world->issuer_socket, NULL, NULL)) >= 0) {
        publish(world, connection);
        close(connection);
    }
    return NULL;
}

static void start_issuer(World *world)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    world->issuer_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(world->issuer_socket, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(world->issuer_socket, 16), ==, 0);
    g_assert_cmpint(getsockname(world->issuer_socket, (struct sockaddr *)&address, &length), ==, 0);
    world->issuer = g_strdup_printf("http://127.0.0.1:%d", ntohs(address.sin_port));
    world->keys = token_keys_new(world->issuer);
    g_ptr_array_add(world->keys->private_jwks, jwk_generate("RS256", NULL));
    world->issuer_thread = g_thread_new("issuer", issuer_main, world);
}

/* ---- The sandbox ---------------------------------------------------------------------------------------------------- */

static char *state_directory(const World *world)
{
    return g_build_filename(world->directory, "sandbox", NULL);
}

/* A test that fails leaves nothing behind. */
static void end_with_parent(gpointer unused)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void start_sandbox(World *world)
{
    g_autofree char *state = state_directory(world);
    const char *arguments[] = { g_getenv("SANDBOX_PROGRAM"), "serve", "--listen", "127.0.0.1:0", "--state", state, NULL };
    g_autoptr(GError) error = NULL;
    int output;
    g_spawn_async_with_pipes(NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, end_with_parent, NULL, &world->sandbox, NULL,
        &output, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GString) line = g_string_new(NULL);
    char byte;
    while (read(output, &byte, 1) == 1 && byte != '\n')
        g_string_append_c(line, byte);
    close(output);
    const char *url = strstr(line->str, "http://");
    g_assert_nonnull(url);
    world->sandbox_url = g_strdup(url);
}

void world_new_samples(World *world)
{
    static int run;
    g_autofree char *state = state_directory(world);
    g_autofree char *name = g_strdup_printf("samples-%d", ++run);
    g_free(world->samples);
    world->samples = g_build_filename(world->directory, name, NULL);
    const char *arguments[] = { g_getenv("SANDBOX_PROGRAM"), "samples", world->samples, "--base-url", world->sandbox_url,
        "--recipient", RECIPIENT, "--state", state, NULL };
    g_autoptr(GError) error = NULL;
    int status = -1;
    g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
}

json_t *world_admin(World *world, const char *path, const char *body)
{
    g_autofree char *url = g_strconcat(world->sandbox_url, path, NULL);
    WebRequest request = { .method = body == NULL ? "GET" : "POST", .url = url, .body = span_of(body),
        .reach = WEB_REACH_LOOPBACK, .connect_timeout_ms = 2000, .answer_timeout_ms = 5000, .answer_bytes_max = 1 << 20 };
    WEB_ANSWER_AUTO answer = { 0 };
    g_assert_cmpint(web_call(&request, &answer), ==, WEB_ANSWERED);
    g_assert_cmpint(answer.status, ==, 200);
    return json_read(buffer_span(&answer.body), 1 << 20, "admin", NULL);
}

void world_fault(World *world, const char *point, const char *kind, int count)
{
    g_autofree char *body = g_strdup_printf("{\"point\":\"%s\",\"kind\":\"%s\",\"count\":%d}", point, kind, count);
    JSON_AUTO *faults = world_admin(world, "/admin/faults", body);
}

int64_t world_charges(World *world, const char *invoice_number)
{
    JSON_AUTO *charges = world_admin(world, "/admin/charges", NULL);
    return json_integer_or(json_object_get(charges, "by_invoice"), invoice_number, 0);
}

/* ---- The store ------------------------------------------------------------------------------------------------------- */

static bool found_unit(StoreTx *tx, void *context, GError **error)
{
    World *world = context;
    Id organization;
    if (!store_organization_create(tx, "Demo", &organization, error))
        return false;
    *world->account = (StoreAccount){ .organization_id = organization, .login = g_strdup(RECIPIENT),
        .name = g_strdup("Anna Żółć"), .password_hash = g_strdup("x"), .language = g_strdup("pl") };
    if (!store_account_create(tx, world->account, error))
        return false;
    *world->mailbox = (StoreMailbox){ .organization_id = organization, .account_id = world->account->id,
        .address = g_strdup(RECIPIENT) };
    g_autoptr(StoreAccount) colleague = g_new0(StoreAccount, 1);
    *colleague = (StoreAccount){ .organization_id = organization, .login = g_strdup("jan@demo.example"),
        .name = g_strdup("Jan"), .password_hash = g_strdup("x"), .language = g_strdup("pl") };
    if (!store_account_create(tx, colleague, error))
        return false;
    *world->other_mailbox = (StoreMailbox){ .organization_id = organization, .account_id = colleague->id,
        .address = g_strdup("jan@demo.example") };
    return store_mailbox_create(tx, world->mailbox, error) && store_mailbox_create(tx, world->other_mailbox, error)
        && store_data_key_put(tx, organization, world->data_key, error);
}

typedef struct Put {
    World *world;
    const Partner *partner;
    const char *name, *value;
    StoreCard *card;
} Put;

static void write_now(World *world, StoreUnit *unit, void *context)
{
    g_autoptr(GError) error = NULL;
    store_write(world->store, unit, context, &error);
    g_assert_no_error(error);
}

static bool put_partner_unit(StoreTx *tx, void *context, GError **error)
{
    const Put *put = context;
    return store_partner_put(tx, put->world->account->organization_id, put->partner, "test", error);
}

void world_put_partner(World *world, const Partner *partner)
{
    write_now(world, put_partner_unit, &(Put){ .world = world, .partner = partner });
}

static bool put_switch_unit(StoreTx *tx, void *context, GError **error)
{
    const Put *put = context;
    return store_setting_put(tx, put->world->account->organization_id, "organization", put->name, put->value, "test", NULL,
        error);
}

void world_set_switch(World *world, const char *name, const char *value)
{
    write_now(world, put_switch_unit, &(Put){ .world = world, .name = name, .value = value });
}

static void register_partners(World *world)
{
    g_autofree char *path = g_build_filename(world->samples, "partners.json", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    JSON_AUTO *json = json_read(span_of(text), LIMIT_JSON_BYTES, "partners", NULL);
    g_autoptr(Registry) registry = registry_from_json(json, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < registry->partners->len; i++)
        world_put_partner(world, g_ptr_array_index(registry->partners, i));
}

typedef struct Got {
    World *world;
    Registry *registry;
    Id id;
    Payment *payment;
    StoreInvoice *invoice;
    GPtrArray *balances;
} Got;

static void read_now(World *world, StoreUnit *unit, Got *got)
{
    g_autoptr(GError) error = NULL;
    got->world = world;
    store_read(world->store, unit, got, &error);
    g_assert_no_error(error);
}

static bool registry_unit(StoreTx *tx, void *context, GError **error)
{
    Got *got = context;
    return store_registry_load(tx, got->world->account->organization_id, &got->registry, error);
}

Registry *world_registry(World *world)
{
    Got got = { 0 };
    read_now(world, registry_unit, &got);
    return got.registry;
}

static bool payment_unit(StoreTx *tx, void *context, GError **error)
{
    Got *got = context;
    return store_payment_by_id(tx, got->world->account->organization_id, got->id, &got->payment, error);
}

Payment *world_payment(World *world, Id payment_id)
{
    Got got = { .id = payment_id };
    read_now(world, payment_unit, &got);
    return got.payment;
}

Payment *world_wait_for(World *world, Id payment_id, PayState state, int seconds)
{
    int64_t until_us = time_monotonic_us() + seconds * US_PER_SECOND;
    for (;;) {
        Payment *payment = world_payment(world, payment_id);
        if (payment->state == state)
            return payment;
        if (time_monotonic_us() > until_us)
            g_error("payment is %s (%s), not %s, after %d s", pay_state_name(payment->state), payment->reason_code,
                pay_state_name(state), seconds);
        payment_free(payment);
        g_usleep(20 * 1000);
    }
}

static bool invoice_unit(StoreTx *tx, void *context, GError **error)
{
    Got *got = context;
    return store_invoice_get(tx, got->world->account, got->id, &got->invoice, error);
}

StoreInvoice *world_invoice(World *world, Id invoice_id)
{
    Got got = { .id = invoice_id };
    read_now(world, invoice_unit, &got);
    return got.invoice;
}

static bool ledger_unit(StoreTx *tx, void *context, GError **error)
{
    Got *got = context;
    return store_ledger_verify(tx, got->world->account->organization_id, &got->balances, error);
}

int64_t world_balance(World *world, const char *account, const char *currency)
{
    Got got = { 0 };
    read_now(world, ledger_unit, &got);
    int64_t sum = 0;
    for (guint i = 0; i < got.balances->len; i++) {
        const StoreBalance *balance = g_ptr_array_index(got.balances, i);
        if (strcmp(balance->account, account) == 0 && strcmp(balance->amount.currency, currency) == 0)
            sum += balance->amount.minor;
    }
    g_ptr_array_unref(got.balances);
    return sum;
}

/* ---- Mails --------------------------------------------------------------------------------------------------------------- */

/* What mail authentication would have said of these mails: saldo-sandbox signs them, and src/mailauth has its own tests. */
static json_t *vouched_for(const char *from_address)
{
    const char *domain = strchr(from_address, '@') + 1;
    json_t *authentication = json_pack("{s:s, s:[], s:{}, s:{}, s:{s:s, s:s}}", "from_address", from_address, "dkim", "spf",
        "dmarc", "vouched", "by", "dkim", "domain", domain);
    g_assert_nonnull(authentication);
    return authentication;
}

typedef struct Delivery {
    StoreMessage *message;
    const Verdict *verdict;
    Span raw;
    Id invoice_id;
} Delivery;

static bool deliver_unit(StoreTx *tx, void *context, GError **error)
{
    Delivery *delivery = context;
    return store_message_add(tx, delivery->message, delivery->raw, error)
        && checkout_attach_invoice(tx, delivery->message->organization_id, delivery->message->id, delivery->verdict,
            &delivery->invoice_id, error);
}

static void judge_and_keep(World *world, const Extraction *extraction, StoreMessage *message, Span raw, Id *ret_invoice_id)
{
    g_autoptr(Registry) registry = world_registry(world);
    g_autoptr(PolicySettings) policy = policy_settings_new();
    TrustCase trust_case = { .readable = true, .invoices = extraction->invoices, .recipient = RECIPIENT,
        .received_us = message->received_us, .registry = registry, .policy = policy };
    g_assert_true(trust_sender_from_json(message->authentication, &trust_case.sender));
    g_autoptr(Verdict) verdict = trust_judge(&trust_case);
    const VerdictReason *reason = g_ptr_array_index(verdict->reasons, 0);
    if (verdict->kind != VERDICT_CARD)
        g_error("no card: %s", reason->text);
    message->verdict_kind = g_strdup("card");
    message->verdict = verdict_to_json(verdict);
    Delivery delivery = { .message = message, .verdict = verdict, .raw = raw };
    write_now(world, deliver_unit, &delivery);
    *ret_invoice_id = delivery.invoice_id;
}

void world_swap_mailbox(World *world)
{
    StoreMailbox *mailbox = world->mailbox;
    world->mailbox = world->other_mailbox;
    world->other_mailbox = mailbox;
}

Id world_deliver(World *world, const char *name)
{
    g_autofree char *path = g_build_filename(world->samples, "mail", name, NULL);
    g_autofree char *raw = NULL;
    gsize length;
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_get_contents(path, &raw, &length, NULL));
    g_autoptr(Extraction) extraction = jail_extract(world->jail, (Span){ raw, length }, true, &error);
    g_assert_no_error(error);
    g_autoptr(StoreMessage) message = store_message_new();
    message->organization_id = world->account->organization_id;
    message->mailbox_id = world->mailbox->id;
    message->received_us = time_now_us();
    message->from_address = g_strdup(extraction->summary->from_address);
    message->bytes = length;
    message->envelope = json_object();
    message->authentication = vouched_for(message->from_address);
    message->extraction = extraction_to_json(extraction);
    Id invoice_id;
    judge_and_keep(world, extraction, message, (Span){ raw, length }, &invoice_id);
    return invoice_id;
}

/* ---- Cards: what the browser does ------------------------------------------------------------------------------------------ */

static EVP_PKEY *public_key(const json_t *jwk)
{
    g_autofree char *modulus = NULL, *exponent = NULL;
    size_t modulus_length, exponent_length;
    g_assert_true(decode_base64url(span_of(json_text(jwk, "n")), &modulus, &modulus_length));
    g_assert_true(decode_base64url(span_of(json_text(jwk, "e")), &exponent, &exponent_length));
    BIGNUM *n = BN_bin2bn((unsigned char *)modulus, (int)modulus_length, NULL);
    BIGNUM *e = BN_bin2bn((unsigned char *)exponent, (int)exponent_length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    g_assert_cmpint(EVP_PKEY_fromdata_init(context), ==, 1);
    g_assert_cmpint(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), ==, 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

/* RSA-OAEP-256 (RFC 7518 §4.3). */
static char *wrap(const json_t *jwk, const unsigned char content_key[32])
{
    EVP_PKEY *key = public_key(jwk);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    unsigned char wrapped[512];
    size_t length = sizeof wrapped;
    g_assert_cmpint(EVP_PKEY_encrypt_init(context), ==, 1);
    g_assert_cmpint(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), ==, 1);
    g_assert_cmpint(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()), ==, 1);
    g_assert_cmpint(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()), ==, 1);
    g_assert_cmpint(EVP_PKEY_encrypt(context, wrapped, &length, content_key, 32), ==, 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return encode_base64url((Span){ (char *)wrapped, length });
}

/* A compact JWE, A256GCM. */
static char *seal(const World *world, const char *plain)
{
    unsigned char content_key[32], iv[12], tag[16];
    g_assert_true(RAND_bytes(content_key, sizeof content_key) == 1 && RAND_bytes(iv, sizeof iv) == 1);
    JSON_AUTO *header = json_pack("{s:s, s:s, s:s}", "alg", "RSA-OAEP-256", "enc", "A256GCM", "kid",
        json_text(world->processor_key, "kid"));
    g_autofree char *header_text = json_write(header);
    g_autofree char *protected = encode_base64url(span_of(header_text));
    int length = (int)strlen(plain), written = 0;
    g_autofree unsigned char *cipher = g_malloc((gsize)length);
    EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(gcm, EVP_aes_256_gcm(), NULL, content_key, iv);
    EVP_EncryptUpdate(gcm, NULL, &written, (unsigned char *)protected, (int)strlen(protected));
    EVP_EncryptUpdate(gcm, cipher, &written, (const unsigned char *)plain, length);
    EVP_EncryptFinal_ex(gcm, cipher + written, &written);
    g_assert_cmpint(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_GET_TAG, sizeof tag, tag), ==, 1);
    EVP_CIPHER_CTX_free(gcm);
    g_autofree char *wrapped = wrap(world->processor_key, content_key);
    g_autofree char *iv_text = encode_base64url((Span){ (char *)iv, sizeof iv });
    g_autofree char *cipher_text = encode_base64url((Span){ (char *)cipher, (size_t)length });
    g_autofree char *tag_text = encode_base64url((Span){ (char *)tag, sizeof tag });
    return g_strjoin(".", protected, wrapped, iv_text, cipher_text, tag_text, NULL);
}

char *world_seal_code(World *world, const char *code)
{
    g_autofree char *plain = g_strdup_printf("{\"code\":\"%s\",\"nonce\":\"%s\"}", code, id_new().text);
    return seal(world, plain);
}

static bool add_card_unit(StoreTx *tx, void *context, GError **error)
{
    return store_card_add(tx, ((Put *)context)->card, error);
}

Id world_add_card(World *world, const char *number, const char *brand)
{
    g_autofree char *plain = g_strdup_printf("{\"number\":\"%s\",\"expiry\":\"12/39\",\"holder\":\"ANNA ZOLC\"}", number);
    g_autofree char *jwe = seal(world, plain);
    g_autoptr(StoreCard) card = g_new0(StoreCard, 1);
    card->organization_id = world->account->organization_id;
    card->account_id = world->account->id;
    card->id = id_new();
    card->processor = g_strdup("sandbox");
    card->brand = g_strdup(brand);
    card->last4 = g_strdup(number + strlen(number) - 4);
    card->expiry = g_strdup("12/39");
    card->holder = g_strdup("ANNA ZOLC");
    card->version = 1;
    card->created_us = time_now_us();
    VaultRecord record = { .organization_id = card->organization_id, .account_id = card->account_id, .record_id = card->id,
        .type = "card", .version = 1 };
    g_autoptr(GError) error = NULL;
    card->sealed = vault_seal(world->vault, world->data_key, &record, span_of(jwe), &error);
    g_assert_no_error(error);
    write_now(world, add_card_unit, &(Put){ .world = world, .card = card });
    return card->id;
}

/* ---- Building and ending ------------------------------------------------------------------------------------------------------- */

static void start_programs(World *world)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *vault = g_build_filename(world->directory, "vault", NULL);
    g_setenv("SALDO_PROGRAMS", g_getenv("JAIL_PROGRAMS"), TRUE);
    world->jail = jail_start(1, &error);
    g_assert_no_error(error);
    g_setenv("SALDO_PROGRAMS", g_getenv("VAULT_PROGRAMS"), TRUE);
    g_assert_true(vault_initialize(vault, &error));
    world->vault = vault_start(vault, &error);
    g_assert_no_error(error);
    world->data_key = vault_make_data_key(world->vault, &error);
    g_assert_no_error(error);
}

static void fetch_processor_key(World *world)
{
    g_autofree char *url = g_strconcat(world->sandbox_url, "/processor", NULL);
    g_autoptr(GError) error = NULL;
    JSON_AUTO *set = processor_find("sandbox")->keys(url, &error);
    g_assert_no_error(error);
    world->processor_key = json_incref(json_array_get(json_object_get(set, "keys"), 0));
}

World *world_new(void)
{
    World *world = g_new0(World, 1);
    g_autoptr(GError) error = NULL;
    world->directory = g_dir_make_tmp("checkout-XXXXXX", NULL);
    start_issuer(world);
    start_sandbox(world);
    start_programs(world);
    fetch_processor_key(world);
    g_autofree char *database = g_build_filename(world->directory, "saldo.db", NULL);
    world->store = store_open(database, NULL, &error);
    g_assert_no_error(error);
    world->account = g_new0(StoreAccount, 1);
    world->mailbox = g_new0(StoreMailbox, 1);
    world->other_mailbox = g_new0(StoreMailbox, 1);
    write_now(world, found_unit, world);
    world_new_samples(world);
    register_partners(world);
    return world;
}

void world_open(World *world, unsigned couriers)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(world->checkout);
    world->checkout = checkout_start(world->store, world->vault, world->keys, couriers, &error);
    g_assert_no_error(error);
}

void world_close(World *world)
{
    g_clear_pointer(&world->checkout, checkout_stop);
}

void world_free(World *world)
{
    world_close(world);
    store_close(world->store);
    vault_stop(world->vault);
    jail_stop(world->jail);
    kill(world->sandbox, SIGTERM);
    waitpid(world->sandbox, NULL, 0);
    shutdown(world->issuer_socket, SHUT_RDWR);
    g_thread_join(world->issuer_thread);
    close(world->issuer_socket);
    const char *remove[] = { "rm", "-rf", world->directory, NULL };
    g_assert_true(g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
    token_keys_free(world->keys);
    store_account_free(world->account);
    store_mailbox_free(world->mailbox);
    store_mailbox_free(world->other_mailbox);
    g_bytes_unref(world->data_key);
    json_decref(world->processor_key);
    g_free(world->directory);
    g_free(world->sandbox_url);
    g_free(world->issuer);
    g_free(world->biller_answer);
    g_free(world->samples);
    g_free(world);
}
