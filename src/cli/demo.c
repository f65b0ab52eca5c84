/* saldo demo: a whole small world on loopback. Two billers and a processor (saldo-sandbox), their mails made and
 * signed now, a server with its own state, and the mails delivered over LMTP as a mail server would.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/process.h"
#include "command.h"
#include "demo_mail.h"
#include "engine.h"
#include "partner.h"

#define DEMO_ORGANIZATION "Demo Company"
#define DEMO_PASSWORD "saldo-demo"
#define DEMO_PAYER "anna@demo.example"
#define DEMO_ADMINISTRATOR "admin@demo.example"
#define DEMO_ADDRESS                                                                                             \
    "{\"name\":\"Demo Company sp. z o.o.\",\"line1\":\"ul. Prosta 20\",\"line2\":\"\",\"postal_code\":\"00-850\","      \
    "\"city\":\"Warszawa\",\"country\":\"PL\"}"
#define DEMO_GROUP "invoices@demo.example"

enum { DEMO_PORT = 8080, SANDBOX_START_MS = 15000 };

typedef struct Demo {
    char *state, *samples, *sandbox_state;
    int port;
    char *listen, *public_url, *lmtp, *sandbox_listen, *sandbox_url;
    GPid sandbox;
} Demo;

static void demo_done(Demo *demo)
{
    if (demo->sandbox > 0) {
        kill(demo->sandbox, SIGTERM);
        waitpid(demo->sandbox, NULL, 0);
    }
    g_free(demo->state);
    g_free(demo->samples);
    g_free(demo->sandbox_state);
    g_free(demo->listen);
    g_free(demo->public_url);
    g_free(demo->lmtp);
    g_free(demo->sandbox_listen);
    g_free(demo->sandbox_url);
}

/* Three ports in a row: web, sandbox, LMTP. */
static void name_addresses(Demo *demo)
{
    demo->samples = g_build_filename(demo->state, "samples", NULL);
    demo->sandbox_state = g_build_filename(demo->state, "sandbox", NULL);
    demo->listen = g_strdup_printf("127.0.0.1:%d", demo->port);
    demo->public_url = g_strdup_printf("http://127.0.0.1:%d", demo->port);
    demo->sandbox_listen = g_strdup_printf("127.0.0.1:%d", demo->port + 1);
    demo->sandbox_url = g_strdup_printf("http://127.0.0.1:%d", demo->port + 1);
    demo->lmtp = g_strdup_printf("127.0.0.1:%d", demo->port + 2);
}

/* ---- The sandbox ------------------------------------------------------------------------------------------ */

static void die_with_parent(gpointer unused)
{
    (void)unused;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool run_sandbox(const Demo *demo, const char *const *arguments, GPid *ret_pid, GError **error)
{
    g_autofree char *directory = process_programs_directory();
    g_autofree char *program = g_build_filename(directory, "saldo-sandbox", NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, program);
    for (; *arguments != NULL; arguments++)
        g_ptr_array_add(argv, (char *)*arguments);
    g_ptr_array_add(argv, NULL);
    return g_spawn_async(demo->state, (char **)argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL, ret_pid, error);
}

/* Makes mails, zone and partners with keys and dates of now. */
static bool make_samples(const Demo *demo, GError **error)
{
    const char *const arguments[] = { "samples", demo->samples, "--recipient", DEMO_PAYER, "--base-url", demo->sandbox_url,
        "--state", demo->sandbox_state, NULL };
    GPid pid;
    int status;
    if (!run_sandbox(demo, arguments, &pid, error))
        return false;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        error_set(error, SALDO_ERROR_IO, "`saldo-sandbox samples %s` failed; its own words stand above", demo->samples);
        return false;
    }
    return true;
}

static bool start_sandbox(Demo *demo, GError **error)
{
    const char *const arguments[] = { "serve", "--listen", demo->sandbox_listen, "--state", demo->sandbox_state,
        "--trust-issuer", demo->public_url, NULL };
    if (!run_sandbox(demo, arguments, &demo->sandbox, error))
        return false;
    for (int waited_ms = 0; waited_ms < SANDBOX_START_MS; waited_ms += 50) {
        if (waitpid(demo->sandbox, NULL, WNOHANG) != 0) {
            demo->sandbox = 0;
            break;
        }
        if (demo_port_answers(demo->port + 1))
            return true;
        g_usleep(50 * 1000);
    }
    error_set(error, SALDO_ERROR_IO, "saldo-sandbox did not start at %s; is the port in use? Another one: PORT=9000 make run",
        demo->sandbox_listen);
    return false;
}

/* ---- The state ---------------------------------------------------------------------------------------------- */

static bool create_state(const Demo *demo, GError **error)
{
    const char *const overrides[] = { "server.listen", demo->listen, "server.public_url", demo->public_url, "lmtp.address",
        demo->lmtp, "dns.zone_file", "samples/dns.zone", "dns.no_network", "yes", NULL };
    return engine_create(demo->state, overrides, DEMO_ORGANIZATION, error);
}

typedef struct WorldUnit {
    const Engine *engine;
    const Registry *partners;
    Id payer;
} WorldUnit;

static bool add_world_unit(StoreTx *tx, void *context, GError **error)
{
    WorldUnit *unit = context;
    Id organization_id = unit->engine->organization_id, group_id;
    return partners_put(tx, organization_id, unit->partners, "demo", error)
        && store_setting_put(tx, organization_id, "organization", STORE_SETTING_COMPANY_BILLING, DEMO_ADDRESS, "demo", NULL, error)
        && store_group_create(tx, organization_id, DEMO_GROUP, "Invoices", &group_id, error)
        && store_group_add_member(tx, organization_id, group_id, unit->payer, error);
}

static Registry *read_partners(const Demo *demo, GError **error)
{
    g_autofree char *path = g_build_filename(demo->samples, "partners.json", NULL), *text = NULL;
    size_t length;
    if (!g_file_get_contents(path, &text, &length, error))
        return NULL;
    JSON_AUTO *json = json_read((Span){ text, length }, LIMIT_MESSAGE_BYTES, path, error);
    return json == NULL ? NULL : registry_from_json(json, error);
}

static bool fill_state(const Demo *demo, Engine *engine, GError **error)
{
    const EnginePerson payer = { .login = DEMO_PAYER, .name = "Anna Nowak", .password = DEMO_PASSWORD,
        .address = DEMO_PAYER, .language = "en", .role = STORE_ROLE_PAYER };
    const EnginePerson administrator = { .login = DEMO_ADMINISTRATOR, .name = "Adam Admin", .password = DEMO_PASSWORD,
        .address = DEMO_ADMINISTRATOR, .language = "en", .role = STORE_ROLE_ADMINISTRATOR };
    Id administrator_id;
    WorldUnit unit = { .engine = engine };
    g_autoptr(Registry) partners = read_partners(demo, error);
    unit.partners = partners;
    return partners != NULL && engine_add_person(engine, &payer, &unit.payer, error)
        && engine_add_person(engine, &administrator, &administrator_id, error)
        && store_write(engine->store, add_world_unit, &unit, error);
}

/* A state from another port would send payers to the wrong place: say so instead of guessing. */
static bool check_port(const Demo *demo, const Engine *engine, GError **error)
{
    const char *made_for = config_text(engine->config, CONFIG_SERVER_PUBLIC_URL);
    if (g_strcmp0(made_for, demo->public_url) == 0)
        return true;
    error_set(error, SALDO_ERROR_CONFLICT,
        "the demo in %s was made for %s; use that port, another --state, or --fresh to begin anew", demo->state, made_for);
    return false;
}

static void print_welcome(const Demo *demo, unsigned delivered)
{
    printf("\n  Saldo demo\n\n"
           "  Open      %s\n"
           "  Sign in   %s\n"
           "  Password  %s\n\n", demo->public_url, DEMO_PAYER, DEMO_PASSWORD);
    if (delivered > 0)
        printf("  %u mails were delivered. ", delivered);
    g_autofree char *programs = process_programs_directory();
    printf("Click one of the invoices in To pay, then Review and pay.\n"
           "  Test card 4242 4242 4242 4242, any later date, code 123 (…0002 is declined, …3155 asks the bank).\n\n"
           "  Close the cards:   %s/saldo admin --state %s 'Set-OrganizationConfig -ConnectorsEnabled:$false'\n"
           "  Stop:              Ctrl-C (the state stays in %s)\n\n", programs, demo->state, demo->state);
    fflush(stdout);
}

static ExitCode run_demo(Demo *demo)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *conf = g_build_filename(demo->state, "saldo.conf", NULL);
    bool is_new = !g_file_test(conf, G_FILE_TEST_EXISTS);
    if (is_new)
        printf("Making a new demo in %s …\n", demo->state);
    fflush(stdout);
    if (is_new && (!create_state(demo, &error) || !make_samples(demo, &error)))
        return command_failed(error);
    g_autoptr(Engine) engine = engine_open(demo->state, &error);
    if (engine == NULL || !check_port(demo, engine, &error) || (is_new && !fill_state(demo, engine, &error))
        || !start_sandbox(demo, &error) || !engine_serve(engine, &error))
        return command_failed(error);
    unsigned delivered = 0;
    if (is_new && !demo_deliver_all(demo->samples, lmtp_port(engine->lmtp), DEMO_PAYER, &delivered, &error))
        return command_failed(error);
    print_welcome(demo, delivered);
    if (!engine_wait(demo->sandbox)) {
        demo->sandbox = 0;
        fputs("saldo: saldo-sandbox ended by itself; its last words stand above\n", stderr);
        return EXIT_FAILED;
    }
    puts("Stopping.");
    return EXIT_OK;
}

/* Only a directory that holds a demo is ever removed. */
static bool remove_demo(const char *state, GError **error)
{
    g_autofree char *samples = g_build_filename(state, "samples", "dns.zone", NULL);
    if (!g_file_test(state, G_FILE_TEST_EXISTS))
        return true;
    if (!g_file_test(samples, G_FILE_TEST_EXISTS)) {
        error_set(error, SALDO_ERROR_DENIED, "--fresh: %s holds no demo; remove it by hand if you mean it", state);
        return false;
    }
    const char *const argv[] = { "/bin/rm", "-rf", "--", state, NULL };
    int status;
    return g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, &status, error)
        && g_spawn_check_wait_status(status, error);
}

static ExitCode run(int argc, char **argv)
{
    __attribute__((cleanup(demo_done))) Demo demo = { .port = DEMO_PORT };
    gboolean fresh = FALSE;
    const GOptionEntry entries[] = {
        { "port", 0, 0, G_OPTION_ARG_INT, &demo.port, "Port of the web app; the next two are the sandbox and LMTP (default: 8080)", "N" },
        { "fresh", 0, 0, G_OPTION_ARG_NONE, &fresh, "Begin anew: remove the demo's state first", NULL },
        G_OPTION_ENTRY_NULL,
    };
    if (g_getenv("SALDO_STATE") == NULL)
        g_setenv("SALDO_STATE", "demo-state", TRUE);
    if (!command_parse(&command_demo, &argc, &argv, entries, &demo.state))
        return EXIT_USAGE;
    if (argc != 1 || demo.port < 1024 || demo.port > 65533)
        return command_misused(&command_demo, "--port needs a number from 1024 to 65533");
    name_addresses(&demo);
    engine_block_signals();
    g_autoptr(GError) error = NULL;
    if (fresh && !remove_demo(demo.state, &error))
        return command_failed(error);
    if (g_mkdir_with_parents(demo.state, 0700) != 0) {
        error_set(&error, SALDO_ERROR_IO, "cannot make the directory %s: %s", demo.state, g_strerror(errno));
        return command_failed(error);
    }
    return run_demo(&demo);
}

const Command command_demo = {
    .name = "demo",
    .run = run,
    .usage = "[--port N] [--state DIR] [--fresh]",
    .summary = "Run a complete demo on loopback: billers, mails, server, web app",
    .details = "The state is kept in ./demo-state unless --state or $SALDO_STATE names another place. No mail and no money leaves this machine.",
};
