/* mailauth: prints who vouches for a mail, and why. One table tells the options; --help is that table. */
#include "command_print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES_MAX = 100 << 20, LIST_MAX = 256, EXIT_NOBODY = 1, EXIT_TROUBLE = 2 };

typedef struct list {
    const char *words[LIST_MAX + 1];
    size_t count;
} list;

typedef struct arguments {
    bool json, help, dkim2, bare_paths, registrable;
    const char *zone, *now, *suffixes, *results_of, *spf_of, *trust_anchor, *server;
    const char *client_ip, *helo, *mail_from;
    list recipients, sealers, words; /* words: the file, or the names after --registrable */
} arguments;

/* ---- Options ---- */

typedef enum value_kind { NO_VALUE, ONE_VALUE, MANY_VALUES } value_kind;

typedef struct option {
    const char *name, *value, *help;
    value_kind kind;
    size_t where; /* in struct arguments */
} option;

#define AT(member) offsetof(arguments, member)

static const option OPTIONS[] = {
    { "--client-ip", "IP", "address of the client that delivered the mail: without it SPF is none", ONE_VALUE, AT(client_ip) },
    { "--helo", "NAME", "what the client said in HELO or EHLO", ONE_VALUE, AT(helo) },
    { "--mail-from", "ADDRESS", "MAIL FROM without <>; \"\" is the null sender", ONE_VALUE, AT(mail_from) },
    { "--rcpt-to", "ADDRESS", "RCPT TO without <>, may be repeated (for DKIM2)", MANY_VALUES, AT(recipients) },
    { "--now", "SECONDS", "judge as of this time (UTC, since 1970) instead of the clock", ONE_VALUE, AT(now) },
    { "--dns-zone", "FILE", "answer names from this zone file alone; the network is not asked", ONE_VALUE, AT(zone) },
    { "--dns-server", "IP[@PORT]", "ask this name server instead of the host's", ONE_VALUE, AT(server) },
    { "--trust-anchor", "RECORD", "a DS or DNSKEY record that DNSSEC is checked against", ONE_VALUE, AT(trust_anchor) },
    { "--public-suffix-list", "FILE", "use this list instead of the installed one", ONE_VALUE, AT(suffixes) },
    { "--trusted-sealer", "DOMAIN", "ARC seals of this domain count, may be repeated", MANY_VALUES, AT(sealers) },
    { "--dkim2", NULL, "check DKIM2 too (an internet draft)", NO_VALUE, AT(dkim2) },
    { "--dkim2-bare-paths", NULL, "the same, and mf= and rt= may lack their angle brackets", NO_VALUE, AT(bare_paths) },
    { "--json", NULL, "print everything, DNS answers included, as one line of JSON", NO_VALUE, AT(json) },
    { "--results", "AUTHSERV-ID", "print an Authentication-Results field of that name instead", ONE_VALUE, AT(results_of) },
    { "--received-spf", "RECEIVER", "print a Received-SPF field in that name instead", ONE_VALUE, AT(spf_of) },
    { "--registrable", NULL, "the words that follow are names: print the registrable domain of each", NO_VALUE, AT(registrable) },
    { "--help", NULL, "this text", NO_VALUE, AT(help) },
};

static void print_help(void)
{
    puts("usage: mailauth [OPTION...] [FILE]\n"
         "\n"
         "Reads one mail (from FILE, or from standard input) and prints who vouches for it: which domain, aligned with\n"
         "the From address, by a DKIM signature or by SPF; then each result with its reason.\n");
    for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++)
        printf("  %-20s %-12s %s\n", OPTIONS[i].name, OPTIONS[i].value == NULL ? "" : OPTIONS[i].value, OPTIONS[i].help);
    puts("\n"
         "Exit status: 0 somebody vouches for the mail, 1 nobody does, 2 it could not be read or the call is wrong.\n"
         "\n"
         "  mailauth letter.eml\n"
         "      a mail as it lies in a mailbox: signatures can be checked, SPF cannot\n"
         "  mailauth --client-ip 192.0.2.7 --helo mx.example.org --mail-from a@example.org letter.eml\n"
         "      the same with the envelope it came in\n"
         "  mailauth --json --dns-zone keys.zone --now 1782394396 letter.eml\n"
         "      without the network, as of a given day: tests, and evidence kept from before\n");
}

static bool add(list *to, const char *word)
{
    if (to->count == LIST_MAX)
        return false;
    to->words[to->count++] = word;
    return true;
}

static const option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++)
        if (strcmp(OPTIONS[i].name, name) == 0)
            return &OPTIONS[i];
    return NULL;
}

static bool set_option(const option *found, const char *value, arguments *given)
{
    void *where = (char *)given + found->where;
    switch (found->kind) {
    case NO_VALUE:
        *(bool *)where = true;
        return true;
    case ONE_VALUE:
        *(const char **)where = value;
        return true;
    case MANY_VALUES:
        return add(where, value);
    }
    return false;
}

static int trouble(const char *what, const char *about, const char *why)
{
    fprintf(stderr, "mailauth: %s %s: %s\n", what, about, why);
    return EXIT_TROUBLE;
}

static int read_arguments(int argc, char **argv, arguments *given)
{
    for (int at = 1; at < argc; at++) {
        bool is_option = argv[at][0] == '-' && argv[at][1] != '\0';
        const option *found = is_option ? find_option(argv[at]) : NULL;
        if (is_option && found == NULL)
            return trouble("does not know", argv[at], "mailauth --help lists the options");
        bool wants_value = is_option && found->kind != NO_VALUE;
        if (wants_value && at + 1 == argc)
            return trouble("misses the value of", argv[at], found->help);
        if (wants_value)
            at++;
        if (is_option ? !set_option(found, argv[at], given) : !add(&given->words, argv[at]))
            return trouble("was given too much with", argv[at], "256 are the most");
    }
    if (!given->registrable && given->words.count > 1)
        return trouble("reads one mail, not also", given->words.words[1], "call it once for each");
    return EXIT_SUCCESS;
}

/* ---- Input ---- */

static char *read_stream(FILE *stream, size_t *ret_length)
{
    char *text = NULL, part[65536];
    size_t length = 0, got;
    FILE *memory = open_memstream(&text, &length);
    while (memory != NULL && length <= MESSAGE_BYTES_MAX && (got = fread(part, 1, sizeof part, stream)) > 0) {
        fwrite(part, 1, got, memory);
        fflush(memory);
    }
    if (memory == NULL || fclose(memory) != 0 || ferror(stream) || length > MESSAGE_BYTES_MAX) {
        free(text);
        return NULL;
    }
    *ret_length = length;
    return text;
}

static char *read_input(const char *path, size_t *ret_length)
{
    if (strcmp(path, "-") == 0)
        return read_stream(stdin, ret_length);
    FILE *file = fopen(path, "re");
    char *text = file == NULL ? NULL : read_stream(file, ret_length);
    if (file != NULL)
        fclose(file);
    return text;
}

/* ---- The call ---- */

static int print_registrable(const arguments *given, const mailauth *context)
{
    for (size_t i = 0; i < given->words.count; i++) {
        char *domain = mailauth_registrable_domain(context, given->words.words[i]);
        puts(domain == NULL ? "-" : domain);
        free(domain);
    }
    return EXIT_SUCCESS;
}

static bool print_field(char *field, const char *in_name_of)
{
    if (field == NULL) {
        trouble("cannot write results in the name of", in_name_of, "it is not a domain name");
        return false;
    }
    fputs(field, stdout);
    free(field);
    return true;
}

static bool print_report(const arguments *given, const mailauth_report *report, const mailauth_envelope *envelope)
{
    bool done = true;
    if (given->results_of != NULL)
        done = print_field(mailauth_results_write(report, given->results_of, envelope), given->results_of);
    if (done && given->spf_of != NULL)
        done = print_field(mailauth_received_spf_write(report, given->spf_of, envelope), given->spf_of);
    if (given->results_of != NULL || given->spf_of != NULL)
        return done;
    if (given->json)
        print_json(report);
    else
        print_text(report);
    return true;
}

static int check(const arguments *given, mailauth *context)
{
    const char *file = given->words.count == 0 ? "-" : given->words.words[0];
    size_t length = 0;
    errno = 0;
    char *mail = read_input(file, &length), *end = NULL;
    if (mail == NULL)
        return trouble("cannot read", file, errno == 0 ? "it is longer than 100 MiB" : strerror(errno));
    mailauth_envelope envelope = { .client_ip = given->client_ip, .helo = given->helo, .mail_from = given->mail_from,
        .recipients = given->recipients.count == 0 ? NULL : given->recipients.words,
        .now = given->now == NULL ? (int64_t)time(NULL) : strtoll(given->now, &end, 10) };
    mailauth_report *report = mailauth_check(context, mail, length, &envelope);
    int code = report->vouched.by == MAILAUTH_BY_NOBODY ? EXIT_NOBODY : EXIT_SUCCESS;
    if (!print_report(given, report, &envelope))
        code = EXIT_TROUBLE;
    mailauth_report_free(report);
    free(mail);
    return code;
}

static int run(const arguments *given)
{
    char *error = NULL;
    mailauth_unbound_options dns = { .zone_file = given->zone, .no_network = given->zone != NULL || given->registrable,
        .forward_to = given->server, .trust_anchor = given->trust_anchor };
    mailauth_resolver *resolver = mailauth_resolver_unbound(&dns, &error);
    if (resolver == NULL) {
        int code = trouble("cannot resolve names with", given->zone == NULL ? "the host's settings" : given->zone, error);
        free(error);
        return code;
    }
    mailauth_options options = { .trusted_sealers = given->sealers.words, .public_suffix_list = given->suffixes,
        .dkim2 = given->bare_paths ? MAILAUTH_DKIM2_BARE_PATHS
            : given->dkim2         ? MAILAUTH_DKIM2_ON
                                   : MAILAUTH_DKIM2_OFF };
    mailauth *context = mailauth_new(resolver, &options);
    int code = given->registrable ? print_registrable(given, context) : check(given, context);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    return code;
}

int main(int argc, char **argv)
{
    arguments given = { .json = false };
    int code = read_arguments(argc, argv, &given);
    if (code != EXIT_SUCCESS)
        return code;
    if (given.help) {
        print_help();
        return EXIT_SUCCESS;
    }
    char *end = NULL;
    if (given.now != NULL && (strtoll(given.now, &end, 10) < 0 || *end != '\0' || end == given.now))
        return trouble("cannot read the time", given.now, "it is seconds since 1970");
    return run(&given);
}
