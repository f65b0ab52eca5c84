/* DMARC's tree walk, alignment and policy. */
#include "dmarc.h"

#include "domain.h"
#include "limits.h"

#include <assert.h>
#include <string.h>

typedef struct steps {
    const char *names[MA_DMARC_WALK_MAX];
    size_t count;
} steps;

/* The names to ask, longest first: the domain, then its parents; of a very long name only the last seven
 * labels and their parents. */
static steps steps_from(const char *domain)
{
    steps all = { .names = { domain }, .count = 1 };
    const char *next = ma_domain_parent(domain);
    for (size_t labels = ma_domain_label_count(domain); labels > MA_DMARC_WALK_MAX; labels--)
        next = ma_domain_parent(next);
    for (; next != NULL && all.count < MA_DMARC_WALK_MAX; next = ma_domain_parent(next))
        all.names[all.count++] = next;
    return all;
}

typedef struct record_name {
    char text[MA_NAME_BYTES_MAX + sizeof "_dmarc."];
} record_name;

/* `domain` is one that can be asked for, see below. */
static record_name record_name_of(const char *domain)
{
    record_name name;
    size_t size = strlen(domain) + 1;
    assert(size <= MA_NAME_BYTES_MAX + 1);
    memcpy(name.text, "_dmarc.", strlen("_dmarc."));
    memcpy(name.text + strlen("_dmarc."), domain, size);
    return name;
}

/* A name that "_dmarc." makes too long has no record. */
static bool can_ask(const char *domain)
{
    return strlen(domain) + strlen("_dmarc.") <= MA_NAME_BYTES_MAX;
}

void ma_dmarc_start(ma_lookups *lookups, const char *domain)
{
    steps all = steps_from(domain);
    for (size_t i = 0; i < all.count; i++)
        if (can_ask(all.names[i]))
            ma_lookups_start(lookups, record_name_of(all.names[i]).text, MAILAUTH_TYPE_TXT);
}

static const ma_dmarc_record *ask(ma_lookups *lookups, const char *domain, bool *unknown)
{
    if (!can_ask(domain))
        return NULL;
    ma_answer *answer = ma_lookups_get(lookups, record_name_of(domain).text, MAILAUTH_TYPE_TXT);
    *unknown |= ma_answer_is_unknown(answer);
    return ma_answer_is_unknown(answer) ? NULL : ma_dmarc_record_of(answer);
}

static bool is_suffix(const psl_ctx_t *suffixes, const char *domain)
{
    return suffixes != NULL && psl_is_public_suffix(suffixes, domain) == 1;
}

static bool stands_for_suffix(const psl_ctx_t *suffixes, const ma_dmarc_record *record, const char *domain)
{
    switch (record->psd) {
    case MA_PSD_YES:
        return true;
    case MA_PSD_NO:
        return false;
    case MA_PSD_UNKNOWN:
        return is_suffix(suffixes, domain);
    }
    return false;
}

/* The part of `domain` with one label more than `parent`, which it ends with. */
static const char *one_below(const char *domain, const char *parent)
{
    size_t labels = ma_domain_label_count(domain), wanted = ma_domain_label_count(parent) + 1;
    for (; labels > wanted; labels--)
        domain = ma_domain_parent(domain);
    return domain;
}

typedef struct found {
    const char *domain;
    const ma_dmarc_record *record;
} found;

static const ma_dmarc_record *record_at(const found *all, size_t count, const char *domain)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].domain, domain) == 0)
            return all[i].record;
    return NULL;
}

/* The author's own record, else that of the organization, else that of the suffix above it. */
static void choose_record(ma_dmarc_walk *walk, const char *domain, const found *all, size_t count)
{
    const char *order[] = { domain, walk->organization, count > 0 ? all[count - 1].domain : domain };
    for (size_t i = 0; i < sizeof order / sizeof order[0] && walk->record == NULL; i++) {
        walk->record = record_at(all, count, order[i]);
        walk->record_domain = walk->record == NULL ? NULL : order[i];
    }
}

ma_dmarc_walk ma_dmarc_walk_from(ma_lookups *lookups, const psl_ctx_t *suffixes, const char *domain)
{
    ma_dmarc_walk walk = { .organization = domain };
    found all[MA_DMARC_WALK_MAX];
    size_t count = 0;
    steps names = steps_from(domain);
    for (size_t i = 0; i < names.count; i++) {
        const ma_dmarc_record *record = ask(lookups, names.names[i], &walk.unknown);
        if (record == NULL)
            continue;
        all[count++] = (found){ names.names[i], record };
        walk.organization = names.names[i];
        if (i > 0 && stands_for_suffix(suffixes, record, names.names[i])) {
            walk.organization = one_below(domain, names.names[i]);
            break;
        }
        if (record->psd != MA_PSD_UNKNOWN)
            break;
    }
    choose_record(&walk, domain, all, count);
    return walk;
}

/* The labels at the end that both names share; NULL where there are none. */
static const char *common_end(const char *left, const char *right)
{
    size_t more = ma_domain_label_count(left), others = ma_domain_label_count(right);
    for (; more > others; more--)
        left = ma_domain_parent(left);
    for (; others > more; others--)
        right = ma_domain_parent(right);
    while (left != NULL && strcmp(left, right) != 0) {
        left = ma_domain_parent(left);
        right = ma_domain_parent(right);
    }
    return left;
}

ma_alignment ma_dmarc_align(ma_lookups *lookups, const psl_ctx_t *suffixes, const char *author,
    const ma_dmarc_walk *walk, const char *domain, bool strict)
{
    if (strcmp(author, domain) == 0)
        return MA_ALIGNED;
    const char *common = common_end(author, domain);
    if (strict || common == NULL || is_suffix(suffixes, common))
        return MA_NOT_ALIGNED;
    ma_dmarc_walk other = ma_dmarc_walk_from(lookups, suffixes, domain);
    if (walk->unknown || other.unknown)
        return MA_ALIGNMENT_UNKNOWN;
    return strcmp(walk->organization, other.organization) == 0 ? MA_ALIGNED : MA_NOT_ALIGNED;
}

/* NXDOMAIN (RFC 8020), whatever type is asked. */
static bool does_not_exist(ma_lookups *lookups, const char *domain)
{
    ma_answer *answer = ma_lookups_get(lookups, domain, MAILAUTH_TYPE_A);
    return !ma_answer_is_unknown(answer) && answer->rcode == MAILAUTH_DNS_NXDOMAIN;
}

const char *ma_dmarc_policy(ma_lookups *lookups, const char *author, const ma_dmarc_walk *walk)
{
    static const char *const WORDS[] = { "none", "quarantine", "reject" };
    const ma_dmarc_record *record = walk->record;
    if (record == NULL)
        return "";
    ma_policy policy = record->policy;
    if (strcmp(author, walk->record_domain) != 0) {
        policy = record->subdomain_policy;
        if (record->absent_policy != record->subdomain_policy && does_not_exist(lookups, author))
            policy = record->absent_policy;
    }
    /* t=y: one step milder (RFC 9989 §4.7). */
    if (record->testing && policy != MA_POLICY_NONE)
        policy = policy == MA_POLICY_REJECT ? MA_POLICY_QUARANTINE : MA_POLICY_NONE;
    return WORDS[policy];
}
