/* DNS answers, kept. */
#include "answer.h"

#include "domain.h"
#include "limits.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static ma_answer *answer_allocate(size_t record_count, size_t bytes)
{
    ma_answer *answer = ma_allocate(sizeof *answer + bytes);
    answer->records = ma_allocate(record_count * sizeof(ma_span));
    atomic_init(&answer->references, 1);
    return answer;
}

ma_answer *ma_answer_failure(mailauth_rcode rcode)
{
    ma_answer *answer = answer_allocate(0, 0);
    answer->rcode = rcode;
    return answer;
}

/* Joins the character-strings of a TXT record (RFC 1035 §3.3.14). false where they do not add up. */
static bool join_strings(mailauth_rdata rdata, char *to, size_t *ret_length)
{
    size_t length = 0;
    for (size_t at = 0; at < rdata.length;) {
        size_t part = rdata.at[at];
        if (part >= rdata.length - at)
            return false;
        memcpy(to + length, rdata.at + at + 1, part);
        length += part;
        at += part + 1;
    }
    *ret_length = length;
    return true;
}

static bool copy_records(ma_answer *answer, const mailauth_answer *from, uint16_t type)
{
    char *to = answer->bytes;
    for (size_t i = 0; i < from->record_count; i++) {
        size_t length = from->records[i].length;
        if (type == MAILAUTH_TYPE_TXT) {
            if (!join_strings(from->records[i], to, &length))
                return false;
        } else if (length > 0) {
            memcpy(to, from->records[i].at, length);
        }
        answer->records[i] = (ma_span){ to, length };
        to += length;
    }
    answer->record_count = from->record_count;
    return true;
}

ma_answer *ma_answer_new(const mailauth_answer *from, uint16_t type)
{
    size_t bytes = 0;
    for (size_t i = 0; i < from->record_count && bytes <= MA_ANSWER_BYTES_MAX; i++)
        bytes += from->records[i].length;
    if (bytes > MA_ANSWER_BYTES_MAX || from->record_count > MA_RECORDS_MAX)
        return ma_answer_failure(MAILAUTH_DNS_SERVFAIL);
    ma_answer *answer = answer_allocate(from->record_count, bytes);
    answer->rcode = from->rcode;
    answer->dnssec = from->dnssec;
    answer->ttl = from->ttl;
    if (copy_records(answer, from, type))
        return answer;
    ma_answer_release(answer);
    return ma_answer_failure(MAILAUTH_DNS_SERVFAIL);
}

ma_answer *ma_answer_hold(ma_answer *answer)
{
    atomic_fetch_add(&answer->references, 1);
    return answer;
}

void ma_answer_release(ma_answer *answer)
{
    if (answer == NULL || atomic_fetch_sub(&answer->references, 1) != 1)
        return;
    for (size_t i = 0; i < MA_PARSED_KINDS; i++) {
        ma_parsed *parsed = atomic_load(&answer->parsed[i]);
        if (parsed != NULL)
            parsed->free(parsed);
    }
    free(answer->records);
    free(answer);
}

bool ma_answer_is_unknown(const ma_answer *answer)
{
    return answer->dnssec == MAILAUTH_DNSSEC_BOGUS
        || (answer->rcode != MAILAUTH_DNS_OK && answer->rcode != MAILAUTH_DNS_NXDOMAIN);
}

const char *ma_answer_trouble(const ma_answer *answer)
{
    if (answer->dnssec == MAILAUTH_DNSSEC_BOGUS)
        return "its DNSSEC signatures do not verify";
    switch (answer->rcode) {
    case MAILAUTH_DNS_OK:
        return "there is no such record";
    case MAILAUTH_DNS_NXDOMAIN:
        return "there is no such name";
    case MAILAUTH_DNS_SERVFAIL:
        return "the name server failed";
    case MAILAUTH_DNS_TIMEOUT:
        return "no answer came in time";
    }
    return "the name server failed";
}

ma_parsed *ma_answer_keep(ma_answer *answer, ma_parsed_kind kind, ma_parsed *parsed)
{
    ma_parsed *none = NULL;
    if (atomic_compare_exchange_strong(&answer->parsed[kind], &none, parsed))
        return parsed;
    parsed->free(parsed);
    return none;
}

ma_parsed *ma_answer_kept(const ma_answer *answer, ma_parsed_kind kind)
{
    return atomic_load(&((ma_answer *)answer)->parsed[kind]);
}

static void add_address(ma_text *text, int family, ma_span bytes)
{
    char buffer[INET6_ADDRSTRLEN];
    size_t wanted = family == AF_INET ? 4 : 16;
    if (bytes.length == wanted && inet_ntop(family, bytes.at, buffer, sizeof buffer) != NULL)
        ma_text_add(text, ma_span_of(buffer));
}

static void add_name(ma_text *text, ma_arena *arena, ma_span wire)
{
    size_t used;
    ma_text_add(text, ma_span_of(ma_domain_from_wire(arena, (const uint8_t *)wire.at, wire.length, &used)));
}

static bool is_printable(ma_span bytes)
{
    unsigned odd = 0; /* without a branch: the compiler then tests many bytes at once */
    for (size_t i = 0; i < bytes.length; i++)
        odd |= (bytes.at[i] < ' ') | (bytes.at[i] >= 127);
    return odd == 0;
}

/* Other bytes as \DDD. */
static void add_printable(ma_text *text, ma_span bytes)
{
    for (size_t at = 0; at < bytes.length; at++) {
        size_t start = at;
        while (at < bytes.length && bytes.at[at] >= ' ' && bytes.at[at] < 127)
            at++;
        ma_text_add(text, ma_span_slice(bytes, start, at));
        if (at < bytes.length)
            ma_text_print(text, "\\%03u", (uint8_t)bytes.at[at]);
    }
}

static void add_record(ma_text *text, ma_arena *arena, ma_span record, uint16_t type)
{
    switch (type) {
    case MAILAUTH_TYPE_A:
        add_address(text, AF_INET, record);
        break;
    case MAILAUTH_TYPE_AAAA:
        add_address(text, AF_INET6, record);
        break;
    case MAILAUTH_TYPE_PTR:
        add_name(text, arena, record);
        break;
    case MAILAUTH_TYPE_MX:
        if (record.length > 2) {
            ma_text_print(text, "%d ", (uint8_t)record.at[0] << 8 | (uint8_t)record.at[1]);
            add_name(text, arena, ma_span_slice(record, 2, record.length));
        }
        break;
    default:
        add_printable(text, record);
    }
}

char *ma_answer_text(ma_arena *arena, const ma_answer *answer, uint16_t type)
{
    if (answer->record_count == 0)
        return NULL;
    if (type == MAILAUTH_TYPE_TXT && answer->record_count == 1 && is_printable(answer->records[0]))
        return ma_arena_copy(arena, answer->records[0]); /* as nearly all are */
    ma_text text = ma_text_new(arena, 4 * MA_ANSWER_BYTES_MAX);
    for (size_t i = 0; i < answer->record_count; i++) {
        if (i > 0)
            ma_text_add_byte(&text, '\n');
        add_record(&text, arena, answer->records[i], type);
    }
    return ma_text_string(&text);
}
