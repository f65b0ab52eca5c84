/* Warnings of a report. */
#include "warnings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* RFC 5322 §3.6: fields that occur once at most and that people are shown or that change what they are shown. */
static const ma_span SHOWN[]
    = { MA_SPAN("From"), MA_SPAN("Subject"), MA_SPAN("To"), MA_SPAN("Date"), MA_SPAN("Content-Type") };
enum { SHOWN_COUNT = sizeof SHOWN / sizeof SHOWN[0] };
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

static bool has_bare_line_ends(const ma_message *message)
{
    for (size_t i = 0; i < message->field_count; i++) {
        ma_span line = message->fields[i].line;
        if (ma_span_equal(message->fields[i].ending, MA_SPAN("\n")))
            return true;
        while (line.length > 0) { /* a field's own folds are CR LF */
            size_t lf = ma_span_find(line, '\n'), cr = ma_span_find(ma_span_slice(line, 0, lf), '\r');
            bool none = lf == line.length && cr == lf, fold = lf < line.length && cr + 1 == lf;
            if (!none && !fold)
                return true;
            line = ma_span_slice(line, lf + 1, line.length);
        }
    }
    return false;
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

/* How often each shown field stands in h=, in one pass over it. */
static void count_covered(const ma_signature *signature, size_t ret_covered[SHOWN_COUNT])
{
    ma_span rest = signature->signed_names, name;
    memset(ret_covered, 0, SHOWN_COUNT * sizeof ret_covered[0]);
    while (rest.length > 0 && ma_span_cut(&rest, ':', &name)) {
        name = ma_span_trim(name);
        for (size_t i = 0; i < SHOWN_COUNT; i++)
            ret_covered[i] += ma_span_equal_nocase(name, SHOWN[i]);
    }
}

void ma_warn_of_unsigned(ma_warnings *warnings, const ma_message *message, const ma_signature *signature)
{
    size_t covered[SHOWN_COUNT];
    count_covered(signature, covered);
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        size_t present = ma_message_count(message, SHOWN[i]);
        if (present > covered[i] && covered[i] == 0)
            ma_warn(warnings, "%s is not signed by %s", SHOWN[i].at, signature->domain);
        else if (present > covered[i])
            ma_warn(warnings, "a second %s is not signed by %s", SHOWN[i].at, signature->domain);
    }
}
