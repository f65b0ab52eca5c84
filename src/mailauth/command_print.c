/* A report as JSON and as text for people. */
#include "command_print.h"

#include <stdio.h>

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

static void put_others(const mailauth_report *report)
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
    fputs("},\"dkim2\":{", stdout);
    put_result("result", report->dkim2.result);
    printf(",\"signatures\":%u,\"instances\":%u", report->dkim2.signatures, report->dkim2.instances);
    put_next("domain", report->dkim2.domain);
    put_next("reason", report->dkim2.reason);
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

void print_json(const mailauth_report *report)
{
    putchar('{');
    put_text("from", report->from_address);
    fputs(",\"vouched\":{", stdout);
    put_text("by", mechanism_name(report->vouched.by));
    put_next("domain", report->vouched.domain);
    putchar('}');
    put_dkim(report);
    put_others(report);
    put_lists(report);
    puts("}");
}

/* ---- Text ---- */

static const char *or_dash(const char *text)
{
    return text == NULL || text[0] == '\0' ? "-" : text;
}

void print_text(const mailauth_report *report)
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
    if (report->dkim2.signatures > 0)
        printf("dkim2    %s %s: %s\n", mailauth_result_name(report->dkim2.result), or_dash(report->dkim2.domain),
            report->dkim2.reason);
    for (size_t i = 0; i < report->warning_count; i++)
        printf("warning  %s\n", report->warnings[i]);
}
