/* Writes a report as header fields: Authentication-Results (RFC 8601 §2.2) and Received-SPF (RFC 7208 §9.1). All that
 * comes from outside stands in quotes; each result and each property has a line of its own. */
#include "domain.h"
#include "limits.h"
#include "mailauth.h"

#include <string.h>

enum { FIELD_BYTES_MAX = 256 << 10 }; /* MA_SIGNATURES_MAX results with four properties each take 30 KB */

/* A word may stand bare (RFC 2045 §5.1 "token", without what the field itself means). */
static bool is_token(ma_span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!ma_is_letter(text.at[i]) && !ma_is_digit(text.at[i]) && strchr("-_.", text.at[i]) == NULL)
            return false;
    return text.length > 0;
}

/* A quoted string of one line: quotes and backslashes escaped; control characters and what is not UTF-8 as "?". */
static void add_quoted(ma_text *text, ma_span value)
{
    ma_text_add_byte(text, '"');
    for (size_t at = 0; at < value.length;) {
        size_t next = at;
        char byte = value.at[at];
        if (ma_utf8_next(value, &next) >= 0xa0) { /* below are more control characters */
            ma_text_add(text, ma_span_slice(value, at, next));
            at = next;
            continue;
        }
        if (byte == '"' || byte == '\\')
            ma_text_add_byte(text, '\\');
        ma_text_add_byte(text, byte >= ' ' && byte <= '~' ? byte : '?');
        at++;
    }
    ma_text_add_byte(text, '"');
}

static void add_value(ma_text *text, ma_span value)
{
    if (is_token(value))
        ma_text_add(text, value);
    else
        add_quoted(text, value);
}

/* On a new line; not at all where there is no value or none that a line can hold. */
static void add_property(ma_text *text, const char *name, const char *value)
{
    ma_span span = ma_span_of(value);
    if (value == NULL || span.length > MA_RESULTS_VALUE_BYTES_MAX)
        return;
    ma_text_print(text, "\r\n\t %s=", name);
    add_value(text, span);
}

static void add_result(ma_text *text, const char *method, mailauth_result result, const char *reason)
{
    ma_text_print(text, ";\r\n\t%s=%s", method, mailauth_result_name(result));
    if (reason != NULL && strlen(reason) <= MA_RESULTS_VALUE_BYTES_MAX) {
        ma_text_add(text, MA_SPAN(" reason="));
        add_quoted(text, ma_span_of(reason));
    }
}

static void add_dkim(ma_text *text, const mailauth_report *report)
{
    if (report->dkim_count == 0)
        add_result(text, "dkim", MAILAUTH_NONE, "there is no signature");
    for (size_t i = 0; i < report->dkim_count && i < MA_SIGNATURES_MAX; i++) {
        const mailauth_dkim *dkim = &report->dkim[i];
        add_result(text, "dkim", dkim->result, dkim->reason);
        add_property(text, "header.d", dkim->domain);
        add_property(text, "header.i", dkim->identity);
        add_property(text, "header.s", dkim->selector);
        add_property(text, "header.a", dkim->algorithm);
    }
}

static bool is_null_sender(const mailauth_envelope *envelope)
{
    return envelope->mail_from == NULL || envelope->mail_from[0] == '\0';
}

static void add_spf(ma_text *text, const mailauth_report *report, const mailauth_envelope *envelope)
{
    add_result(text, "spf", report->spf.result, report->spf.reason);
    add_property(text, "smtp.remote-ip", envelope->client_ip);
    if (is_null_sender(envelope))
        add_property(text, "smtp.helo", envelope->helo);
    else
        add_property(text, "smtp.mailfrom", envelope->mail_from);
}

static char *detached(ma_arena *arena, ma_text *text)
{
    ma_text_add(text, MA_SPAN("\r\n"));
    char *copy = text->full ? NULL : ma_copy_out(ma_text_string(text));
    ma_arena_free(arena);
    return copy;
}

static void add_policies(ma_text *text, const mailauth_report *report, const mailauth_envelope *envelope)
{
    add_spf(text, report, envelope);
    add_result(text, "dmarc", report->dmarc.result, report->dmarc.reason);
    add_property(text, "header.from", report->from_domain);
    if (report->dmarc.policy != NULL && report->dmarc.policy[0] != '\0')
        add_property(text, "policy.dmarc", report->dmarc.policy);
    add_result(text, "arc", report->arc.result, report->arc.reason);
    add_property(text, "header.d", report->arc.sealer);
    if (report->dkim2.signatures > 0) {
        add_result(text, "dkim2", report->dkim2.result, report->dkim2.reason);
        add_property(text, "header.d", report->dkim2.domain);
    }
}

char *mailauth_results_write(const mailauth_report *report, const char *authserv_id, const mailauth_envelope *envelope)
{
    ma_arena *arena = ma_arena_new();
    ma_text text = ma_text_new(arena, FIELD_BYTES_MAX);
    char *id = ma_domain_read(arena, ma_span_of(authserv_id));
    if (id == NULL) {
        ma_arena_free(arena);
        return NULL;
    }
    ma_text_print(&text, "Authentication-Results: %s", id);
    add_dkim(&text, report);
    if (!report->dkim_only) /* what was not looked at is not stated */
        add_policies(&text, report, envelope);
    return detached(arena, &text);
}

/* "key=value;" on a line of its own. */
static void add_pair(ma_text *text, const char *name, const char *value)
{
    size_t before = text->length;
    add_property(text, name, value);
    if (text->length > before)
        ma_text_add_byte(text, ';');
}

char *mailauth_received_spf_write(const mailauth_report *report, const char *receiver, const mailauth_envelope *envelope)
{
    ma_arena *arena = ma_arena_new();
    ma_text text = ma_text_new(arena, FIELD_BYTES_MAX);
    char *name = ma_domain_read(arena, ma_span_of(receiver));
    if (name == NULL) {
        ma_arena_free(arena);
        return NULL;
    }
    ma_text_print(&text, "Received-SPF: %s", mailauth_result_name(report->spf.result));
    add_pair(&text, "receiver", name);
    add_pair(&text, "client-ip", envelope->client_ip);
    add_pair(&text, "envelope-from", envelope->mail_from);
    add_pair(&text, "helo", envelope->helo);
    add_pair(&text, "identity", is_null_sender(envelope) ? "helo" : "mailfrom");
    add_pair(&text, "problem", report->spf.result == MAILAUTH_PASS ? NULL : report->spf.reason);
    return detached(arena, &text);
}
