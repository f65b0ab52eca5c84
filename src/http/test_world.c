/* The tests' world: starting it, delivering mails, ending it. */
#include "test_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "http/password.h"
#include "trust/jws.h"

enum { SANDBOX_START_MS = 20000 };

/* ---- Programs --------------------------------------------------------------------------------------- */

static void link_programs(World *world, char **programs)
{
    static const char *const names[] = { "saldo-jail", "saldo-vault", "saldo-sandbox" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *target = g_canonicalize_filename(programs[i], NULL);
        g_autofree char *link = g_build_filename(world->directory, names[i], NULL);
        g_assert_cmpint(symlink(target, link), ==, 0);
    }
    g_setenv("SALDO_PROGRAMS", world->directory, TRUE);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(probe, (struct sockaddr *)&address, length), ==, 0);
    g_assert_cmpint(getsockname(probe, (struct sockaddr *)&address, &length), ==, 0);
    close(probe);
    return ntohs(address.sin_port);
}

static void die_with_parent(gpointer unused)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static GPid run_sandbox(const World *world, const char *const *arguments)
{
    g_autofree char *program = g_build_filename(world->directory, "saldo-sandbox", NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, program);
    for (; *arguments != NULL; arguments++)
        g_ptr_array_add(argv, (char *)*arguments);
    g_ptr_array_add(argv, NULL);
    GPid pid;
    g_autoptr(GError) error = NULL;
    GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL;
    g_spawn_async(NULL, (char **)argv->pdata, NULL, flags, die_with_parent, NULL, &pid, &error);
    g_assert_no_error(error);
    return pid;
}

static void wait_for_port(int port)
{
    for (int waited_ms = 0; waited_ms < SANDBOX_START_MS; waited_ms += 20) {
        struct sockaddr_in address = loopback(port);
        int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool is_there = connect(probe, (struct sockaddr *)&address, sizeof(address)) == 0;
        close(probe);
        if (is_there)
            return;
        g_usleep(20 * 1000);
    }
    g_error("saldo-sandbox did not start");
}

static void start_sandbox(World *world)
{
    int port = free_port();
    g_autofree char *state = g_build_filename(world->directory, "sandbox", NULL);
    g_autofree char *listen_on = g_strdup_printf("127.0.0.1:%d", port);
    world->samples = g_build_filename(world->directory, "samples", NULL);
    world->sandbox_url = g_strdup_printf("http://%s", listen_on);
    const char *const samples[] = { "samples", world->samples, "--recipient", WORLD_PAYER, "--base-url",
        world->sandbox_url, "--state", state, NULL };
    int status;
    g_assert_cmpint(waitpid(run_sandbox(world, samples), &status, 0), >, 0);
    g_assert_cmpint(status, ==, 0);
    const char *const serve[] = { "serve", "--listen", listen_on, "--state", state, NULL };
    world->sandbox = run_sandbox(world, serve);
    wait_for_port(port);
}

/* ---- The store ---------------------------------------------------------------------------------------- */

bool world_write(World *world, StoreUnit *unit, void *context)
{
    g_autoptr(GError) error = NULL;
    bool is_good = store_write(world->store, unit, context, &error);
    g_assert_no_error(error);
    return is_good;
}

static bool create_organization(StoreTx *tx, void *context, GError **error)
{
    World *world = context;
    g_autofree char *path = g_build_filename(world->samples, "partners.json", NULL), *text = NULL;
    size_t length;
    if (!store_organization_create(tx, "Demo Company", &world->organization_id, error)
        || !g_file_get_contents(path, &text, &length, error))
        return false;
    JSON_AUTO *json = json_read((Span){ text, length }, 10 * 1024 * 1024, path, error);
    g_autoptr(Registry) registry = registry_from_json(json, error);
    if (registry == NULL)
        return false;
    for (guint i = 0; i < registry->partners->len; i++)
        if (!store_partner_put(tx, world->organization_id, registry->partners->pdata[i], "test", error))
            return false;
    return true;
}

typedef struct Person {
    World *world;
    const char *login;
    StoreAccount account;
} Person;

static bool add_person(StoreTx *tx, void *context, GError **error)
{
    Person *person = context;
    if (!store_account_create(tx, &person->account, error))
        return false;
    StoreMailbox mailbox = { .organization_id = person->account.organization_id, .account_id = person->account.id,
        .address = (char *)person->login };
    return store_mailbox_create(tx, &mailbox, error);
}

void world_add_person(World *world, const char *login)
{
    g_autofree char *hash = password_hash(WORLD_PASSWORD);
    Person person = { .world = world, .login = login, .account = { .organization_id = world->organization_id,
        .login = (char *)login, .name = (char *)"Anna Nowak", .password_hash = hash, .role = STORE_ROLE_PAYER,
        .language = (char *)"en" } };
    world_write(world, add_person, &person);
    if (strcmp(login, WORLD_PAYER) == 0)
        world->payer_id = person.account.id;
}

/* ---- Starting and ending --------------------------------------------------------------------------------- */

static void start_mail(World *world)
{
    g_autofree char *zone_path = g_build_filename(world->samples, "dns.zone", NULL), *zone = NULL;
    size_t length;
    g_autoptr(GError) error = NULL;
    world->jail = jail_start(2, &error);
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(zone_path, &zone, &length, &error));
    char *trouble = NULL;
    world->resolver = mailauth_resolver_from_zone(zone, length, &trouble);
    g_assert_cmpstr(trouble, ==, NULL);
    world->authenticator = mailauth_new(world->resolver, &(mailauth_options){ 0 });
    g_assert_nonnull(world->authenticator);
}

static void write_web_app(const World *world)
{
    static const struct { const char *name, *text; } files[] = {
        { "index.html", "<!doctype html><meta name=nonce content=__CSP_NONCE__><script src=/assets/app-1.js></script>" },
        { "favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>" }, { "assets/app-1.js", "console.log('app')" },
        { "assets/app-1.js.br", "(brotli)" }, { "assets/app-1.js.gz", "(gzip)" }, { "pay/index.html", "<!doctype html>pay" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(world->directory, "web", files[i].name, NULL);
        g_autofree char *parent = g_path_get_dirname(path);
        g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
        g_assert_true(g_file_set_contents(path, files[i].text, -1, NULL));
    }
    g_autofree char *secret = g_build_filename(world->directory, "secret.txt", NULL);
    g_autofree char *link = g_build_filename(world->directory, "web", "link.txt", NULL);
    g_assert_true(g_file_set_contents(secret, "secret", -1, NULL));
    g_assert_cmpint(symlink(secret, link), ==, 0);
}

static void start_http(World *world)
{
    g_autofree char *web = g_build_filename(world->directory, "web", NULL);
    g_autofree char *metrics = g_build_filename(world->directory, "metrics", NULL);
    const HttpParts parts = { .store = world->store, .checkout = world->checkout, .vault = world->vault,
        .jail = world->jail, .keys = world->keys };
    const HttpOptions options = { .address = "127.0.0.1:0", .web_directory = web, .metrics_socket = metrics,
        .outside_ms = world->outside_ms };
    g_autoptr(GError) error = NULL;
    world->http = http_start(&parts, &options, &error);
    g_assert_no_error(error);
    g_free(world->url);
    world->url = g_strdup_printf("http://127.0.0.1:%d", http_port(world->http));
    g_free(world->keys->issuer);
    world->keys->issuer = g_strdup(world->url);
}

void world_restart_http(World *world)
{
    http_stop(world->http);
    start_http(world);
}

World *world_start(int argc, char **argv)
{
    g_assert_cmpint(argc, ==, 5);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    World *world = g_new0(World, 1);
    g_autoptr(GError) error = NULL;
    world->directory = g_dir_make_tmp("saldo-http-XXXXXX", &error);
    g_assert_no_error(error);
    link_programs(world, argv + 1);
    world->contract = contract_load(argv[4]);
    start_sandbox(world);
    g_autofree char *database = g_build_filename(world->directory, "saldo.db", NULL);
    g_autofree char *vault = g_build_filename(world->directory, "vault", NULL);
    world->store = store_open(database, NULL, &error);
    g_assert_no_error(error);
    world_write(world, create_organization, world);
    g_assert_true(vault_initialize(vault, &error));
    world->vault = vault_start(vault, &error);
    g_assert_no_error(error);
    start_mail(world);
    world->keys = token_keys_new("http://127.0.0.1");
    g_ptr_array_add(world->keys->private_jwks, jwk_generate("RS256", &error));
    g_assert_no_error(error);
    world->checkout = checkout_start(world->store, world->vault, world->keys, 2, &error);
    g_assert_no_error(error);
    world_add_person(world, WORLD_PAYER);
    write_web_app(world);
    start_http(world);
    return world;
}

static void remove_directory(const char *path)
{
    const char *const argv[] = { "/bin/rm", "-rf", "--", path, NULL };
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL));
}

void world_stop(World *world)
{
    http_stop(world->http);
    checkout_stop(world->checkout);
    mailauth_free(world->authenticator);
    mailauth_resolver_free(world->resolver);
    jail_stop(world->jail);
    vault_stop(world->vault);
    store_close(world->store);
    token_keys_free(world->keys);
    contract_free(world->contract);
    kill(world->sandbox, SIGTERM);
    waitpid(world->sandbox, NULL, 0);
    remove_directory(world->directory);
    g_free(world->directory);
    g_free(world->samples);
    g_free(world->sandbox_url);
    g_free(world->url);
    g_free(world);
    curl_global_cleanup();
}

static size_t ignore(char *data, size_t size, size_t count, void *context)
{
    return size * count;
}

void world_set_disk_full(bool full)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN); /* a write then fails with EFBIG */
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    limit.rlim_cur = full ? 0 : limit.rlim_max;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

void world_fault(World *world, const char *description)
{
    g_autofree char *url = g_strconcat(world->sandbox_url, "/admin/faults", NULL);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, description);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    g_assert_cmpint(curl_easy_perform(curl), ==, CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    g_assert_cmpint(status, ==, 200);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

/* ---- Mails -------------------------------------------------------------------------------------------------- */

typedef struct FindMailbox {
    StoreMailbox *mailbox;
} FindMailbox;

static bool find_mailbox(StoreTx *tx, void *context, GError **error)
{
    return store_mailbox_by_address(tx, WORLD_PAYER, &((FindMailbox *)context)->mailbox, error);
}

Id world_deliver_raw(World *world, Span raw)
{
    g_autoptr(GError) error = NULL;
    FindMailbox found = { 0 };
    g_assert_true(store_read(world->store, find_mailbox, &found, &error));
    g_autoptr(StoreMailbox) mailbox = found.mailbox;
    const Envelope envelope = { .client_ip = "127.0.0.1", .helo = "mx.example", .mail_from = "a@example.org",
        .received_us = time_now_us() };
    g_autoptr(Reading) reading = pipeline_read(world->authenticator, world->jail, raw, &envelope, true, &error);
    g_assert_no_error(error);
    const Intake intake = { .store = world->store, .jail = world->jail, .authenticator = world->authenticator };
    Id id = intake_deliver(&intake, mailbox, raw, reading, &envelope, &error);
    g_assert_no_error(error);
    return id;
}

Id world_deliver(World *world, const char *name)
{
    g_autofree char *path = g_build_filename(world->samples, "mail", name, NULL), *text = NULL;
    size_t length;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, &length, &error);
    g_assert_no_error(error);
    return world_deliver_raw(world, (Span){ text, length });
}
