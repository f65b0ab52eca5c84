/* mailauth: prints who vouches for a mail, and why.
 *
 *   mailauth [--json] [--dns-zone FILE] [--client-ip IP] [--helo NAME] [--mail-from ADDRESS] [--now SECONDS]
 *            [--trusted-sealer DOMAIN]... [FILE|-]
 *
 * Exit: 0 somebody vouches for it, 1 nobody does, 2 it could not be read or the call is wrong. Without
 * --dns-zone it asks the host's name servers, validating DNSSEC. */
#include "mailauth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES_MAX = 100 << 20, SEALERS_MAX = 64, EXIT_NOBODY = 1, EXIT_TROUBLE = 2 };

typedef struct arguments {
    bool json;
    const char *zone, *file;
    mailauth_envelope envelope;
    const char *sealers[SEALERS_MAX + 1];
    size_t sealer_count;
} arguments;

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

/* ---- JSON ---- */

/* Bytes above 127 are written as the Latin-1 characters of their value: the output is always valid. */
static void put_string(const char *text)
{
    if (text == NULL) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < ' ' || *at > '~')
            printf("\\u%04x", *at);
        else
            putchar(*at);
    putchar('"');
}

static void put_text(const char *key, const char *text)
{
    printf("\"%s\":", key);
    put_string(text);
}

static void put_result(const char *key, mailauth_result result)
{
    put_text(key, mailauth_result_name(result));
}

static void put_flag(const char *key, bool flag)
{
    printf(",\"%s\":%s", key, flag ? "true" : "false");
}

static void put_next(const char *key, const char *text)
{
    putchar(',');
    put_text(key, text);
}

static void put_dkim(const mailauth_report *report)
{
    fputs(",\"dkim\":[", stdout);
    for (size_t i = 0; i < report->dkim_count; i++) {
        const mailauth_dkim *dkim = &report->dkim[i];
        fputs(i == 0 ? "{" : ",{", stdout);
        put_result("result", dkim->result);
        put_next("domain", dkim->domain);
        put_next("selector", dkim->selector);
        put_next("identity", dkim->identity);
        put_next("algorithm", dkim->algorithm);
        printf(",\"key_bits\":%u", dkim->key_bits);
        put_flag("aligned", dkim->aligned);
        put_flag("test_mode", dkim->test_mode);
        put_flag("partial_body", dkim->partial_body);
        put_flag("dnssec", dkim->dnssec);
        put_next("reason", dkim->reason);
        putchar('}');
    }
    putchar(']');
}

static void put_spf_dmarc_arc(const mailauth_report *report)
{
    fputs(",\"spf\":{", stdout);
    put_result("result", report->spf.result);
    put_next("domain", report->spf.domain);
    put_flag("aligned", report->spf.aligned);
    put_next("explanation", report->spf.explanation);
    put_next("reason", report->spf.reason);
    fputs("},\"dmarc\":{", stdout);
    put_result("result", report->dmarc.result);
    put_next("domain", report->dmarc.domain);
    put_next("policy", report->dmarc.policy);
    put_next("reason", report->dmarc.reason);
    fputs("},\"arc\":{", stdout);
    put_result("result", report->arc.result);
    printf(",\"sets\":%u", report->arc.sets);
    put_next("sealer", report->arc.sealer);
    put_flag("trusted", report->arc.trusted);
    put_next("reason", report->arc.reason);
    putchar('}');
}

static const char *mechanism_name(mailauth_mechanism mechanism)
{
    switch (mechanism) {
    case MAILAUTH_BY_NOBODY:
        return "nobody";
    case MAILAUTH_BY_SPF:
        return "spf";
    case MAILAUTH_BY_DKIM:
        return "dkim";
    }
    return "nobody";
}

static void put_lists(const mailauth_report *report)
{
    fputs(",\"warnings\":[", stdout);
    for (size_t i = 0; i < report->warning_count; i++) {
        fputs(i == 0 ? "" : ",", stdout);
        put_string(report->warnings[i]);
    }
    fputs("],\"evidence\":[", stdout);
    for (size_t i = 0; i < report->evidence_count; i++) {
        const mailauth_evidence *evidence = &report->evidence[i];
        fputs(i == 0 ? "{" : ",{", stdout);
        put_text("name", evidence->name);
        printf(",\"type\":%u,\"rcode\":%d,\"dnssec\":%d", evidence->type, (int)evidence->rcode, (int)evidence->dnssec);
        put_next("text", evidence->text);
        putchar('}');
    }
    putchar(']');
}

static void print_json(const mailauth_report *report)
{
    putchar('{');
    put_text("from", report->from_address);
    fputs(",\"vouched\":{", stdout);
    put_text("by", mechanism_name(report->vouched.by));
    put_next("domain", report->vouched.domain);
    putchar('}');
    put_dkim(report);
    put_spf_dmarc_arc(report);
    put_lists(report);
    puts("}");
}

/* ---- Text ---- */

static const char *or_dash(const char *text)
{
    return text == NULL || text[0] == '\0' ? "-" : text;
}

static void print_text(const mailauth_report *report)
{
    printf("from     %s\n", or_dash(report->from_address));
    printf("vouched  by %s %s\n", mechanism_name(report->vouched.by), or_dash(report->vouched.domain));
    for (size_t i = 0; i < report->dkim_count; i++) {
        const mailauth_dkim *dkim = &report->dkim[i];
        printf("dkim     %s %s (%s, %s, %u bits%s): %s\n", mailauth_result_name(dkim->result), or_dash(dkim->domain),
            or_dash(dkim->selector), or_dash(dkim->algorithm), dkim->key_bits, dkim->aligned ? ", aligned" : "",
            dkim->reason);
    }
    printf("spf      %s %s%s: %s\n", mailauth_result_name(report->spf.result), or_dash(report->spf.domain),
        report->spf.aligned ? " (aligned)" : "", report->spf.reason);
    printf("dmarc    %s %s p=%s: %s\n", mailauth_result_name(report->dmarc.result), or_dash(report->dmarc.domain),
        or_dash(report->dmarc.policy), report->dmarc.reason);
    printf("arc      %s %s: %s\n", mailauth_result_name(report->arc.result), or_dash(report->arc.sealer),
        report->arc.reason);
    for (size_t i = 0; i < report->warning_count; i++)
        printf("warning  %s\n", report->warnings[i]);
}

/* ---- The call ---- */

/* Takes "--name value" where it stands at argv[*at]. */
static bool take(int argc, char **argv, int *at, const char *name, const char **ret_value)
{
    if (strcmp(argv[*at], name) != 0 || *at + 1 >= argc)
        return false;
    *ret_value = argv[++*at];
    return true;
}

static bool read_argument(int argc, char **argv, int *at, arguments *given)
{
    const char *value = NULL;
    if (strcmp(argv[*at], "--json") == 0)
        given->json = true;
    else if (take(argc, argv, at, "--now", &value))
        given->envelope.now = strtoll(value, NULL, 10);
    else if (take(argc, argv, at, "--trusted-sealer", &value) && given->sealer_count < SEALERS_MAX)
        given->sealers[given->sealer_count++] = value;
    else if (value == NULL && (argv[*at][0] != '-' || strcmp(argv[*at], "-") == 0) && given->file == NULL)
        given->file = argv[*at];
    else
        return value == NULL
            && (take(argc, argv, at, "--dns-zone", &given->zone)
                || take(argc, argv, at, "--client-ip", &given->envelope.client_ip)
                || take(argc, argv, at, "--helo", &given->envelope.helo)
                || take(argc, argv, at, "--mail-from", &given->envelope.mail_from));
    return true;
}

static int trouble(const char *what, const char *about, const char *why)
{
    fprintf(stderr, "mailauth: %s %s: %s\n", what, about, why);
    return EXIT_TROUBLE;
}

static int check(const arguments *given, mailauth_resolver *resolver)
{
    size_t length = 0;
    char *mail = read_input(given->file, &length);
    if (mail == NULL)
        return trouble("cannot read", given->file, errno == 0 ? "it is longer than 100 MiB" : strerror(errno));
    mailauth_options options = { .trusted_sealers = given->sealers };
    mailauth *context = mailauth_new(resolver, &options);
    mailauth_report *report = mailauth_check(context, mail, length, &given->envelope);
    if (given->json)
        print_json(report);
    else
        print_text(report);
    int code = report->vouched.by == MAILAUTH_BY_NOBODY ? EXIT_NOBODY : EXIT_SUCCESS;
    mailauth_report_free(report);
    mailauth_free(context);
    free(mail);
    return code;
}

int main(int argc, char **argv)
{
    arguments given = { .envelope = { .now = (int64_t)time(NULL) } };
    for (int at = 1; at < argc; at++)
        if (!read_argument(argc, argv, &at, &given))
            return trouble("does not know", argv[at],
                "usage: mailauth [--json] [--dns-zone FILE] [--client-ip IP] [--helo NAME] [--mail-from ADDRESS] "
                "[--now SECONDS] [--trusted-sealer DOMAIN]... [FILE|-]");
    if (given.file == NULL)
        given.file = "-";
    char *error = NULL;
    mailauth_unbound_options options = { .zone_file = given.zone, .no_network = given.zone != NULL };
    mailauth_resolver *resolver = mailauth_resolver_unbound(&options, &error);
    if (resolver == NULL) {
        int code = trouble("cannot resolve names with", given.zone == NULL ? "the host's settings" : given.zone, error);
        free(error);
        return code;
    }
    int code = check(&given, resolver);
    mailauth_resolver_free(resolver);
    return code;
}
