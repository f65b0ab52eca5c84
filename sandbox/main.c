/* saldo-sandbox: a test world for Saldo — billers and one card processor over HTTP, and sample mails.
 *
 * What it may do: listen on one address, call the payer's server for its public keys and itself, and
 * write its own state directory. It holds no secret of anybody else. Parts: options, commands, main.
 */
#include <curl/curl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "bearer.h"
#include "keys.h"
#include "samples.h"
#include "server.h"

enum { EXIT_USAGE = 64 };

static const char *const help =
    "usage: saldo-sandbox serve [--listen 127.0.0.1:8081] --state DIR [--trust-issuer URL] [--verbose]\n"
    "       saldo-sandbox samples DIR [--recipient anna@demo.example] [--base-url http://127.0.0.1:8081]\n"
    "                     [--language en|pl] [--state DIR]\n"
    "       saldo-sandbox --help | --version\n"
    "\n"
    "serve    runs two billers and a card processor in the foreground, until SIGINT or SIGTERM.\n"
    "         It prints one line when it is ready. Port 0 chooses a free port. Without --trust-issuer\n"
    "         it believes the tokens of any server on loopback.\n"
    "samples  writes mail/*.eml, dns.zone, partners.json, expected.tsv, invoices.tsv and README.txt to DIR\n"
    "         and enters the invoices in the state directory (DIR/state unless --state says otherwise),\n"
    "         which a `serve` on the same directory sees at once. Each run issues new invoices, with new\n"
    "         numbers and dates; keys are made by the first run and stay.\n"
    "\n"
    "Test cards: 4242 4242 4242 4242, 5555 5555 5555 4444, 3782 822463 10005 pay (any date ahead, any code;\n"
    "4 digits for American Express); 4000 0000 0000 0002 declined, …9995 no funds, …0127 wrong code,\n"
    "…0119 processing error, 4000 0025 0000 3155 confirmation at the bank.\n";

typedef struct Options {
    const char *listen_on, *state, *trust_issuer, *recipient, *base_url, *language;
    bool verbose;
} Options;

static const struct option long_options[] = {
    { "listen", required_argument, NULL, 'l' },
    { "state", required_argument, NULL, 's' },
    { "trust-issuer", required_argument, NULL, 't' },
    { "recipient", required_argument, NULL, 'r' },
    { "base-url", required_argument, NULL, 'b' },
    { "language", required_argument, NULL, 'g' },
    { "verbose", no_argument, NULL, 'v' },
    { NULL, 0, NULL, 0 },
};

static bool read_options(int argc, char **argv, Options *options)
{
    int letter;
    while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (letter) {
        case 'l': options->listen_on = optarg; break;
        case 's': options->state = optarg; break;
        case 't': options->trust_issuer = optarg; break;
        case 'r': options->recipient = optarg; break;
        case 'b': options->base_url = optarg; break;
        case 'g': options->language = optarg; break;
        case 'v': options->verbose = true; break;
        default: return false;
        }
    }
    return strcmp(options->language, "en") == 0 || strcmp(options->language, "pl") == 0;
}

static int complain(const GError *error)
{
    fprintf(stderr, "saldo-sandbox: %s\n", error->message);
    return EXIT_FAILURE;
}

/* Who may frame the bank page: servers on loopback, and the trusted issuer wherever it is. */
static char *challenge_policy(const char *trust_issuer)
{
    return g_strdup_printf("default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
                           " frame-ancestors http://127.0.0.1:* http://localhost:* %s",
        trust_issuer == NULL ? "" : trust_issuer);
}

/* SIGINT and SIGTERM are blocked in every thread and waited for here. */
static void serve_until_signal(struct MHD_Daemon *daemon, const Sandbox *sandbox, const sigset_t *signals)
{
    printf("saldo-sandbox: ready on %s\n", sandbox->base_url);
    fflush(stdout);
    int caught;
    sigwait(signals, &caught);
    server_stop(daemon);
}

static int command_serve(const Options *options)
{
    if (options->state == NULL) {
        fprintf(stderr, "saldo-sandbox: serve needs --state DIR, the directory that `samples` was told of\n");
        return EXIT_USAGE;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    g_autoptr(GError) error = NULL;
    g_autoptr(Book) book = book_open(options->state, &error);
    if (book == NULL)
        return complain(error);
    Sandbox sandbox = { .book = book, .trust_issuer = g_strdup(options->trust_issuer) };
    if (sandbox.trust_issuer != NULL && g_str_has_suffix(sandbox.trust_issuer, "/"))
        sandbox.trust_issuer[strlen(sandbox.trust_issuer) - 1] = '\0';
    sandbox.issuers = issuer_cache_new();
    sandbox.processor_jwk = keys_processor_jwk(book);
    sandbox.challenge_policy = challenge_policy(sandbox.trust_issuer);
    struct MHD_Daemon *daemon = server_start(&sandbox, options->listen_on, &error);
    if (daemon != NULL)
        serve_until_signal(daemon, &sandbox, &signals);
    issuer_cache_free(sandbox.issuers);
    json_decref(sandbox.processor_jwk);
    g_free(sandbox.challenge_policy);
    g_free(sandbox.trust_issuer);
    g_free(sandbox.base_url);
    return daemon != NULL ? EXIT_SUCCESS : complain(error);
}

static int command_samples(const Options *options, const char *directory)
{
    g_autofree char *own_state = g_build_filename(directory, "state", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Book) book = book_open(options->state != NULL ? options->state : own_state, &error);
    SampleOrder order = { .directory = directory, .recipient = options->recipient, .base_url = options->base_url,
        .language = options->language };
    if (book == NULL || !samples_write(book, &order, &error))
        return complain(error);
    return EXIT_SUCCESS;
}

static int refuse_usage(void)
{
    fputs(help, stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "--help") == 0 || strcmp(command, "--version") == 0) {
        fputs(strcmp(command, "--help") == 0 ? help : "saldo-sandbox " SALDO_VERSION "\n", stdout);
        return EXIT_SUCCESS;
    }
    Options options = { .listen_on = "127.0.0.1:8081", .recipient = "anna@demo.example",
        .base_url = "http://127.0.0.1:8081", .language = "en" };
    if (argc < 2 || !read_options(argc - 1, argv + 1, &options))
        return refuse_usage();
    int first = optind + 1; /* getopt saw argv + 1 */
    log_set_level(options.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int outcome = EXIT_USAGE;
    if (strcmp(command, "serve") == 0 && first == argc)
        outcome = command_serve(&options);
    else if (strcmp(command, "samples") == 0 && first + 1 == argc)
        outcome = command_samples(&options, argv[first]);
    else
        refuse_usage();
    curl_global_cleanup();
    return outcome;
}
