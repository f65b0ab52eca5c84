/* Reads DMARC records. What is wrong in one is skipped or takes its default (RFC 9989 §4.7). */
#include "dmarc_record.h"

#include <stdlib.h>

/* "v=DMARC1" must come first, in exactly these letters. */
static bool take_version(ma_span *text)
{
    ma_span part, name = MA_EMPTY;
    if (!ma_span_cut(text, ';', &part))
        return false;
    ma_span_cut(&part, '=', &name);
    return part.at != NULL && ma_span_equal(ma_span_trim(name), MA_SPAN("v"))
        && ma_span_equal(ma_span_trim(part), MA_SPAN("DMARC1"));
}

/* The value of the first tag of that name; false where there is none. */
static bool find_tag(ma_span tags, const char *name, ma_span *ret_value)
{
    ma_span part, key;
    while (ma_span_cut(&tags, ';', &part)) {
        if (!ma_span_cut(&part, '=', &key) || part.at == NULL)
            continue;
        if (ma_span_equal_nocase(ma_span_trim(key), ma_span_of(name))) {
            *ret_value = ma_span_trim(part);
            return true;
        }
    }
    return false;
}

static bool policy_of(ma_span word, ma_policy *ret_policy)
{
    if (ma_span_equal_nocase(word, MA_SPAN("none")))
        *ret_policy = MA_POLICY_NONE;
    else if (ma_span_equal_nocase(word, MA_SPAN("quarantine")))
        *ret_policy = MA_POLICY_QUARANTINE;
    else if (ma_span_equal_nocase(word, MA_SPAN("reject")))
        *ret_policy = MA_POLICY_REJECT;
    else
        return false;
    return true;
}

static bool tag_is(ma_span tags, const char *name, ma_span wanted)
{
    ma_span value;
    return find_tag(tags, name, &value) && ma_span_equal_nocase(value, wanted);
}

/* p=, sp= and np=; false where p= is missing or one of them is not a policy. */
static bool read_policies(ma_span tags, ma_dmarc_record *record)
{
    ma_span value;
    if (!find_tag(tags, "p", &value) || !policy_of(value, &record->policy))
        return false;
    record->subdomain_policy = record->policy;
    if (find_tag(tags, "sp", &value) && !policy_of(value, &record->subdomain_policy))
        return false;
    record->absent_policy = record->subdomain_policy;
    return !find_tag(tags, "np", &value) || policy_of(value, &record->absent_policy);
}

/* An address for reports that could be one: "scheme:something". */
static bool has_report_address(ma_span tags)
{
    ma_span list, uri;
    if (!find_tag(tags, "rua", &list))
        return false;
    while (ma_span_cut(&list, ',', &uri)) {
        uri = ma_span_trim(uri);
        size_t colon = ma_span_find(uri, ':');
        if (colon > 0 && colon + 1 < uri.length && ma_is_letter(uri.at[0]))
            return true;
    }
    return false;
}

bool ma_dmarc_record_read(ma_span text, ma_dmarc_record *ret_record)
{
    ma_dmarc_record record = { .policy = MA_POLICY_NONE };
    if (!take_version(&text))
        return false;
    if (text.at == NULL)
        return false;
    if (!read_policies(text, &record)) {
        /* Who asks for reports alone takes part with p=none (RFC 9989 §4.10.1). */
        if (!has_report_address(text))
            return false;
        record.policy = record.subdomain_policy = record.absent_policy = MA_POLICY_NONE;
    }
    record.strict_dkim = tag_is(text, "adkim", MA_SPAN("s"));
    record.strict_spf = tag_is(text, "aspf", MA_SPAN("s"));
    record.testing = tag_is(text, "t", MA_SPAN("y"));
    if (tag_is(text, "psd", MA_SPAN("y")))
        record.psd = MA_PSD_YES;
    else if (tag_is(text, "psd", MA_SPAN("n")))
        record.psd = MA_PSD_NO;
    *ret_record = record;
    return true;
}

typedef struct parsed_dmarc {
    ma_parsed base;
    bool found;
    ma_dmarc_record record;
} parsed_dmarc;

static void free_parsed(ma_parsed *parsed)
{
    free(parsed);
}

static parsed_dmarc *read_answer(const ma_answer *answer)
{
    parsed_dmarc *parsed = ma_allocate(sizeof *parsed);
    parsed->base.free = free_parsed;
    size_t versions = 0;
    for (size_t i = 0; i < answer->record_count; i++) {
        ma_span text = answer->records[i];
        if (!take_version(&text))
            continue;
        versions++;
        parsed->found = ma_dmarc_record_read(answer->records[i], &parsed->record);
    }
    parsed->found &= versions == 1;
    return parsed;
}

const ma_dmarc_record *ma_dmarc_record_of(ma_answer *answer)
{
    parsed_dmarc *parsed = (parsed_dmarc *)ma_answer_kept(answer, MA_PARSED_DMARC);
    if (parsed == NULL)
        parsed = (parsed_dmarc *)ma_answer_keep(answer, MA_PARSED_DMARC, &read_answer(answer)->base);
    return parsed->found ? &parsed->record : NULL;
}
