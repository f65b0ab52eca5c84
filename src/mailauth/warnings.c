/* Warnings of a report. */
#include "warnings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* RFC 5322 §3.6: fields that occur once at most and that people are shown or that change what they are shown. */
static const ma_span SHOWN[]
    = { MA_SPAN("From"), MA_SPAN("Subject"), MA_SPAN("To"), MA_SPAN("Date"), MA_SPAN("Content-Type") };
static const ma_span SINGLE[] = { MA_SPAN("From"), MA_SPAN("Sender"), MA_SPAN("Reply-To"), MA_SPAN("To"), MA_SPAN("Cc"),
    MA_SPAN("Subject"), MA_SPAN("Date"), MA_SPAN("Message-ID"), MA_SPAN("MIME-Version"), MA_SPAN("Content-Type"),
    MA_SPAN("Content-Transfer-Encoding") };

void ma_warn(ma_warnings *warnings, const char *format, ...)
{
    char text[512];
    if (warnings->count == MA_WARNINGS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    warnings->texts[warnings->count++] = ma_arena_copy(warnings->arena, ma_span_of(text));
}

/* A CR without its LF, or an LF without its CR. */
static bool has_bare_line_ends(const ma_message *message)
{
    if (message->field_count == 0)
        return false;
    ma_span last = message->fields[message->field_count - 1].ending;
    const char *start = message->fields[0].line.at, *end = last.at + last.length;
    uint8_t bare = (*start == '\n') | (end[-1] == '\r'); /* without a branch: the compiler then tests many bytes at once */
    for (const char *at = start; at + 1 < end; at++)
        bare |= (at[0] == '\r') != (at[1] == '\n');
    return bare != 0;
}

void ma_warn_of_message(ma_warnings *warnings, const ma_message *message, const ma_author *author)
{
    if (message->odd_lines > 0)
        ma_warn(warnings, "%zu header lines are no fields", message->odd_lines);
    if (has_bare_line_ends(message))
        ma_warn(warnings, "the header has line ends that are not CR LF");
    for (size_t i = 0; i < sizeof SINGLE / sizeof SINGLE[0]; i++) {
        size_t count = ma_message_count(message, SINGLE[i]);
        if (count > 1)
            ma_warn(warnings, "%s occurs %zu times", SINGLE[i].at, count);
    }
    if (author->name_has_at)
        ma_warn(warnings, "the author's display name holds \"@\" and could pass for another address");
}

void ma_warn_of_unsigned(ma_warnings *warnings, const ma_message *message, const ma_signature *signature)
{
    for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
        size_t present = ma_message_count(message, SHOWN[i]), covered = ma_signature_covers(signature, SHOWN[i]);
        if (present > covered && covered == 0)
            ma_warn(warnings, "%s is not signed by %s", SHOWN[i].at, signature->domain);
        else if (present > covered)
            ma_warn(warnings, "a second %s is not signed by %s", SHOWN[i].at, signature->domain);
    }
}
