/* A zone in memory, sorted by name. */
#include "zone.h"

#include "zone_reader.h"

#include <stdlib.h>
#include <string.h>

struct ma_zone {
    ma_arena *arena;
    ma_zone_record *records; /* sorted by name; equal names in the order of the file */
    size_t count, capacity;
    const char **names; /* all names with their parents, sorted: what exists */
    size_t name_count;
};

static void add_record(void *context, const ma_zone_record *record)
{
    ma_zone *zone = context;
    if (zone->count == zone->capacity) {
        zone->capacity = zone->capacity == 0 ? 64 : zone->capacity * 2;
        ma_zone_record *larger = ma_arena_take(zone->arena, zone->capacity * sizeof *larger);
        if (zone->count > 0)
            memcpy(larger, zone->records, zone->count * sizeof *larger);
        zone->records = larger;
    }
    zone->records[zone->count] = *record;
    zone->records[zone->count].order = zone->count;
    zone->count++;
}

static int compare_records(const void *left, const void *right)
{
    const ma_zone_record *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    if (order != 0)
        return order;
    return a->order < b->order ? -1 : a->order > b->order;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static const char *parent_of(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot == NULL ? NULL : dot + 1;
}

static void index_names(ma_zone *zone)
{
    size_t total = 0;
    for (size_t i = 0; i < zone->count; i++)
        for (const char *name = zone->records[i].name; name != NULL; name = parent_of(name))
            total++;
    zone->names = ma_arena_take(zone->arena, (total + 1) * sizeof *zone->names);
    for (size_t i = 0; i < zone->count; i++)
        for (const char *name = zone->records[i].name; name != NULL; name = parent_of(name))
            zone->names[zone->name_count++] = name;
    qsort(zone->names, zone->name_count, sizeof *zone->names, compare_names);
}

ma_zone *ma_zone_read(ma_span text, char **ret_error)
{
    ma_arena *arena = ma_arena_new();
    ma_zone *zone = ma_arena_take(arena, sizeof *zone);
    zone->arena = arena;
    char *trouble = ma_zone_read_text(arena, text, add_record, zone);
    if (trouble != NULL) {
        if (ret_error != NULL)
            *ret_error = ma_copy_out(trouble);
        ma_arena_free(arena);
        return NULL;
    }
    if (zone->count > 0)
        qsort(zone->records, zone->count, sizeof *zone->records, compare_records);
    index_names(zone);
    return zone;
}

void ma_zone_free(ma_zone *zone)
{
    if (zone != NULL)
        ma_arena_free(zone->arena);
}

/* Whether the name, or one below it, has records. */
static bool name_exists(const ma_zone *zone, const char *name)
{
    return zone->name_count > 0
        && bsearch(&name, zone->names, zone->name_count, sizeof *zone->names, compare_names) != NULL;
}

/* Index of the first record of that name, or of the first one after it. */
static size_t first_of(const ma_zone *zone, const char *name)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(zone->records[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool ma_zone_has_records(const ma_zone *zone, const char *name)
{
    size_t first = first_of(zone, name);
    return first < zone->count && strcmp(zone->records[first].name, name) == 0;
}

typedef struct collected {
    mailauth_rdata records[MA_RECORDS_MAX + 1]; /* one more than is taken, so that too many are seen */
    mailauth_answer answer;
    const char *alias;
} collected;

static void apply_status(collected *out, ma_zone_status status)
{
    switch (status) {
    case MA_ZONE_RECORD:
        break;
    case MA_ZONE_TIMEOUT:
        out->answer.rcode = MAILAUTH_DNS_TIMEOUT;
        break;
    case MA_ZONE_SERVFAIL:
        out->answer.rcode = MAILAUTH_DNS_SERVFAIL;
        break;
    case MA_ZONE_BOGUS:
        out->answer.dnssec = MAILAUTH_DNSSEC_BOGUS;
        break;
    case MA_ZONE_SECURE:
        out->answer.dnssec = MAILAUTH_DNSSEC_SECURE;
        break;
    }
}

static void take_record(collected *out, const ma_zone_record *record, uint16_t type)
{
    bool wanted = record->type == type || record->type == MA_TYPE_ANY;
    if (record->status != MA_ZONE_RECORD) {
        if (wanted)
            apply_status(out, record->status);
        return;
    }
    if (record->type == MA_TYPE_CNAME)
        out->alias = record->rdata.at;
    if (record->type != type || out->answer.record_count > MA_RECORDS_MAX)
        return;
    out->records[out->answer.record_count++]
        = (mailauth_rdata){ (const uint8_t *)record->rdata.at, record->rdata.length };
    if (record->ttl < out->answer.ttl)
        out->answer.ttl = record->ttl;
}

void ma_zone_answer(const ma_zone *zone, const char *name, uint16_t type, mailauth_answer_fn *done, void *context)
{
    collected *out = ma_allocate(sizeof *out);
    for (int hops = 0; hops <= MA_CNAME_CHAIN_MAX && name != NULL; hops++) {
        out->alias = NULL;
        out->answer = (mailauth_answer){ .ttl = MA_CACHE_TTL_MAX_S, .records = out->records,
            .rcode = name_exists(zone, name) ? MAILAUTH_DNS_OK : MAILAUTH_DNS_NXDOMAIN };
        for (size_t i = first_of(zone, name); i < zone->count && strcmp(zone->records[i].name, name) == 0; i++)
            take_record(out, &zone->records[i], type);
        name = out->answer.record_count == 0 && out->answer.rcode == MAILAUTH_DNS_OK ? out->alias : NULL;
    }
    if (name != NULL) /* a chain of aliases without an end */
        out->answer.rcode = MAILAUTH_DNS_SERVFAIL;
    if (out->answer.rcode != MAILAUTH_DNS_OK || out->answer.dnssec == MAILAUTH_DNSSEC_BOGUS)
        out->answer.record_count = 0;
    done(context, &out->answer);
    free(out);
}
