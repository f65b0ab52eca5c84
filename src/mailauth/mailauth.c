/* mailauth_check: one message through DKIM, SPF, DMARC and ARC (and DKIM2, where asked for) to the answer to "who vouches for it?" [AUTH-001].
 *
 * All first-level look-ups (keys, the SPF record, the policy's tree walk) are started together as soon as the
 * header is read; what follows is written as if answers were at hand, and waits where they are not. */
#include "mailauth.h"

#include "address.h"
#include "arc.h"
#include "dkim2.h"
#include "dkim_verify.h"
#include "dmarc.h"
#include "domain.h"
#include "limits.h"
#include "spf.h"
#include "warnings.h"

#include <stdlib.h>
#include <string.h>

struct mailauth {
    mailauth_resolver *resolver;
    ma_cache *cache;
    int64_t timeout_us;
    mailauth_dkim2_mode dkim2;
    bool dkim_only;
    char **trusted_sealers; /* A-label form, NULL-terminated */
    ma_arena *arena;
    psl_ctx_t *own_list;       /* read from a file */
    const psl_ctx_t *suffixes; /* own_list, or libpsl's */
    const char *list_trouble;  /* said in each report */
};

/* What mailauth_report points into. The report comes first: it is what the caller holds. */
typedef struct report_box {
    mailauth_report report;
    ma_arena *arena;
} report_box;

/* One check under way. */
typedef struct check {
    const mailauth *context;
    const mailauth_envelope *envelope;
    ma_arena *arena;
    ma_lookups *lookups;
    mailauth_report *report;
    ma_message message;
    ma_author author;
    ma_signature signatures[MA_SIGNATURES_MAX];
    size_t signature_count; /* checked; report->dkim_count counts all */
    ma_arc_chain *chain;
    ma_dkim2_chain *dkim2; /* NULL where it is off */
    ma_body_hashes bodies;
    ma_dmarc_walk walk;
    ma_alignment dkim_alignment[MA_SIGNATURES_MAX], spf_alignment;
    ma_warnings warnings;
} check;

const char *mailauth_result_name(mailauth_result result)
{
    switch (result) {
    case MAILAUTH_NONE:
        return "none";
    case MAILAUTH_PASS:
        return "pass";
    case MAILAUTH_FAIL:
        return "fail";
    case MAILAUTH_SOFTFAIL:
        return "softfail";
    case MAILAUTH_NEUTRAL:
        return "neutral";
    case MAILAUTH_POLICY:
        return "policy";
    case MAILAUTH_TEMPERROR:
        return "temperror";
    case MAILAUTH_PERMERROR:
        return "permerror";
    }
    return "permerror";
}

/* ---- Settings ---- */

static void copy_sealers(mailauth *context, const char *const *sealers)
{
    size_t count = 0, kept = 0;
    while (sealers != NULL && sealers[count] != NULL)
        count++;
    context->trusted_sealers = ma_arena_take(context->arena, (count + 1) * sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        char *name = ma_domain_read(context->arena, ma_span_of(sealers[i]));
        if (name != NULL)
            context->trusted_sealers[kept++] = name;
    }
}

static void load_suffixes(mailauth *context, const char *path)
{
    if (path != NULL)
        context->own_list = psl_load_file(path);
    if (path != NULL && context->own_list == NULL)
        context->list_trouble = ma_arena_print(
            context->arena, "the public suffix list %s cannot be read; libpsl's own is used", path);
    context->suffixes = context->own_list != NULL ? context->own_list : psl_builtin();
}

mailauth *mailauth_new(mailauth_resolver *resolver, const mailauth_options *options)
{
    static const mailauth_options DEFAULTS;
    if (options == NULL)
        options = &DEFAULTS;
    mailauth *context = ma_allocate(sizeof *context);
    context->resolver = resolver;
    context->arena = ma_arena_new();
    context->cache = ma_cache_new();
    context->timeout_us = options->dns_timeout_us > 0 ? options->dns_timeout_us : MA_DNS_TIMEOUT_US;
    context->dkim2 = options->dkim2;
    context->dkim_only = options->dkim_only;
    copy_sealers(context, options->trusted_sealers);
    load_suffixes(context, options->public_suffix_list);
    return context;
}

void mailauth_free(mailauth *context)
{
    if (context == NULL)
        return;
    psl_free(context->own_list);
    ma_cache_free(context->cache);
    ma_arena_free(context->arena);
    free(context);
}

char *mailauth_registrable_domain(const mailauth *context, const char *name)
{
    ma_arena *arena = ma_arena_new();
    char *domain = ma_domain_read(arena, ma_span_of(name)), *copy = NULL;
    const char *found
        = domain == NULL || context->suffixes == NULL ? NULL : psl_registrable_domain(context->suffixes, domain);
    if (found != NULL)
        copy = ma_copy_out(found);
    ma_arena_free(arena);
    return copy;
}

/* ---- The steps of a check ---- */

static ma_spf_request spf_request(const check *this)
{
    const mailauth_envelope *envelope = this->envelope;
    return (ma_spf_request){ envelope->client_ip, envelope->helo, envelope->mail_from, envelope->now };
}

static void read_message(check *this, ma_span bytes)
{
    this->message = ma_message_read(this->arena, bytes);
    this->bodies.body = this->message.body;
}

static void read_author(check *this)
{
    if (this->message.trouble != NULL)
        this->author = (ma_author){ .trouble = this->message.trouble };
    else
        this->author = ma_author_read(this->arena, &this->message);
    this->report->from_address = this->author.address;
    this->report->from_domain = this->author.domain;
}

/* A header that was cut short is not judged: no field of it counts as signed. */
static void read_signatures(check *this)
{
    const ma_message *message = &this->message;
    if (message->trouble != NULL)
        return;
    size_t at = ma_message_find(message, "DKIM-Signature", 0);
    for (; at < message->field_count; at = ma_message_find(message, "DKIM-Signature", at + 1)) {
        this->report->dkim_count++;
        if (this->signature_count < MA_SIGNATURES_MAX)
            this->signatures[this->signature_count++] = ma_signature_read(this->arena, &message->fields[at]);
    }
}

static void start_keys(check *this)
{
    for (size_t i = 0; i < this->signature_count; i++)
        if (this->signatures[i].trouble == NULL)
            ma_lookups_start(
                this->lookups, ma_signature_key_name(this->arena, &this->signatures[i]), MAILAUTH_TYPE_TXT);
}

static void start_policies(check *this)
{
    ma_arc_start(this->chain, this->lookups);
    ma_spf_request request = spf_request(this);
    const char *spf_domain = request.client_ip == NULL ? NULL : ma_spf_domain(this->arena, &request);
    if (spf_domain != NULL)
        ma_lookups_start(this->lookups, spf_domain, MAILAUTH_TYPE_TXT);
    if (this->author.domain != NULL)
        ma_dmarc_start(this->lookups, this->author.domain);
    if (this->dkim2 != NULL)
        ma_dkim2_start(this->dkim2, this->lookups);
}

static void check_dkim(check *this)
{
    mailauth_report *report = this->report;
    report->dkim = ma_arena_take(this->arena, (report->dkim_count + 1) * sizeof *report->dkim);
    for (size_t i = 0; i < this->signature_count; i++)
        ma_dkim_verify(this->arena, &this->signatures[i], &this->message, &this->bodies, this->lookups,
            this->envelope->now, &report->dkim[i]);
    for (size_t i = this->signature_count; i < report->dkim_count; i++)
        report->dkim[i] = (mailauth_dkim){ .result = MAILAUTH_POLICY,
            .reason = ma_arena_copy(this->arena, MA_SPAN("not checked: there are too many signatures")) };
}

static void check_spf(check *this)
{
    ma_spf_request request = spf_request(this);
    ma_spf_verdict verdict = ma_spf_check(this->arena, this->lookups, &request);
    this->report->spf.result = verdict.result;
    this->report->spf.domain = verdict.domain;
    this->report->spf.explanation = verdict.explanation;
    this->report->spf.reason = verdict.reason;
}

static ma_alignment align(check *this, const char *domain, bool strict)
{
    if (domain == NULL || this->author.domain == NULL)
        return MA_NOT_ALIGNED;
    return ma_dmarc_align(
        this->lookups, this->context->suffixes, this->author.domain, &this->walk, domain, strict);
}

static void check_alignment(check *this)
{
    mailauth_report *report = this->report;
    if (this->author.domain != NULL)
        this->walk = ma_dmarc_walk_from(this->lookups, this->context->suffixes, this->author.domain);
    const ma_dmarc_record *record = this->walk.record;
    for (size_t i = 0; i < this->signature_count; i++) {
        this->dkim_alignment[i] = align(this, report->dkim[i].domain, record != NULL && record->strict_dkim);
        report->dkim[i].aligned = this->dkim_alignment[i] == MA_ALIGNED;
    }
    this->spf_alignment = align(this, report->spf.domain, record != NULL && record->strict_spf);
    report->spf.aligned = this->spf_alignment == MA_ALIGNED;
}

/* [AUTH-001] A signature that only tests (t=y) counts as none (RFC 6376 §3.6.1); one over a part of the body
 * (l=) has not passed. */
static bool dkim_vouches(const mailauth_dkim *dkim)
{
    return dkim->result == MAILAUTH_PASS && dkim->aligned && !dkim->test_mode && !dkim->partial_body;
}

/* [AUTH-001] An aligned DKIM pass, else an aligned SPF pass, else nobody. */
static void find_voucher(check *this)
{
    mailauth_report *report = this->report;
    for (size_t i = 0; i < this->signature_count; i++) {
        if (!dkim_vouches(&report->dkim[i]))
            continue;
        ma_warn_of_unsigned(&this->warnings, &this->message, &this->signatures[i]);
        if (report->vouched.by == MAILAUTH_BY_NOBODY) {
            report->vouched.by = MAILAUTH_BY_DKIM;
            report->vouched.domain = report->dkim[i].domain;
        }
    }
    if (report->vouched.by == MAILAUTH_BY_NOBODY && report->spf.result == MAILAUTH_PASS && report->spf.aligned) {
        report->vouched.by = MAILAUTH_BY_SPF;
        report->vouched.domain = report->spf.domain;
    }
}

/* Whether a result that is not known, or an alignment that is not, could have made it a pass. */
static bool could_have_passed(const check *this)
{
    const mailauth_report *report = this->report;
    for (size_t i = 0; i < this->signature_count; i++) {
        mailauth_result result = report->dkim[i].result;
        ma_alignment alignment = this->dkim_alignment[i];
        if ((result == MAILAUTH_TEMPERROR && alignment != MA_NOT_ALIGNED)
            || (result == MAILAUTH_PASS && alignment == MA_ALIGNMENT_UNKNOWN))
            return true;
    }
    return (report->spf.result == MAILAUTH_TEMPERROR && this->spf_alignment != MA_NOT_ALIGNED)
        || (report->spf.result == MAILAUTH_PASS && this->spf_alignment == MA_ALIGNMENT_UNKNOWN);
}

static const char *judge_dmarc(const check *this, mailauth_result *ret_result)
{
    if (this->author.domain == NULL) {
        *ret_result = MAILAUTH_PERMERROR;
        return this->author.trouble;
    }
    if (this->walk.unknown) {
        *ret_result = MAILAUTH_TEMPERROR;
        return "the policy could not be asked for";
    }
    if (this->walk.record == NULL) {
        *ret_result = MAILAUTH_NONE;
        return "the author's domain has no DMARC record";
    }
    if (this->report->vouched.by != MAILAUTH_BY_NOBODY) {
        *ret_result = MAILAUTH_PASS;
        return this->report->vouched.by == MAILAUTH_BY_DKIM ? "an aligned signature is good"
                                                            : "an aligned sender is allowed by SPF";
    }
    if (could_have_passed(this)) {
        *ret_result = MAILAUTH_TEMPERROR;
        return "DKIM or SPF of the author's domain could not be checked";
    }
    *ret_result = MAILAUTH_FAIL;
    return "neither DKIM nor SPF of the author's domain passes";
}

static void check_dmarc(check *this)
{
    mailauth_report *report = this->report;
    mailauth_result result = MAILAUTH_NONE;
    const char *reason = judge_dmarc(this, &result);
    const char *policy = this->author.domain == NULL
        ? ""
        : ma_dmarc_policy(this->lookups, this->author.domain, &this->walk);
    report->dmarc.result = result;
    report->dmarc.reason = ma_arena_copy(this->arena, ma_span_of(reason));
    report->dmarc.policy = ma_arena_copy(this->arena, ma_span_of(policy));
    if (this->walk.record != NULL)
        report->dmarc.domain = ma_arena_copy(this->arena, ma_span_of(this->walk.record_domain));
}

static bool is_trusted_sealer(const mailauth *context, const char *domain)
{
    for (char *const *sealer = context->trusted_sealers; *sealer != NULL; sealer++)
        if (strcmp(*sealer, domain) == 0)
            return true;
    return false;
}

static void check_arc(check *this)
{
    ma_arc_verdict verdict
        = ma_arc_verify(this->arena, this->chain, &this->message, &this->bodies, this->lookups, this->envelope->now);
    mailauth_report *report = this->report;
    report->arc.result = verdict.result;
    report->arc.sets = verdict.sets;
    report->arc.sealer = verdict.sealer;
    report->arc.reason = verdict.reason;
    report->arc.trusted = verdict.result == MAILAUTH_PASS && verdict.sealer != NULL
        && is_trusted_sealer(this->context, verdict.sealer);
}

static void check_dkim2(check *this)
{
    ma_dkim2_verdict verdict = { .result = MAILAUTH_NONE };
    if (this->dkim2 == NULL)
        verdict.reason = ma_arena_copy(this->arena, MA_SPAN("DKIM2 was not asked for"));
    else
        verdict = ma_dkim2_verify(this->arena, this->dkim2, &this->message, this->lookups, this->envelope);
    mailauth_report *report = this->report;
    report->dkim2.result = verdict.result;
    report->dkim2.signatures = verdict.signatures;
    report->dkim2.instances = verdict.instances;
    report->dkim2.domain = verdict.domain;
    report->dkim2.reason = verdict.reason;
}

static void check_all(check *this)
{
    read_author(this);
    this->chain = ma_arc_read(this->arena, &this->message);
    if (this->context->dkim2 != MAILAUTH_DKIM2_OFF)
        this->dkim2 = ma_dkim2_read(this->arena, &this->message, this->context->dkim2);
    start_policies(this);
    check_dkim(this);
    check_spf(this);
    check_alignment(this);
    find_voucher(this);
    check_dmarc(this);
    check_arc(this);
    check_dkim2(this);
}

static void check_only_dkim(check *this)
{
    mailauth_report *report = this->report;
    check_dkim(this);
    for (size_t i = 0; i < this->signature_count; i++)
        if (report->dkim[i].result == MAILAUTH_PASS)
            ma_warn_of_unsigned(&this->warnings, &this->message, &this->signatures[i]);
    char *reason = ma_arena_copy(this->arena, MA_SPAN("only DKIM was asked for"));
    report->spf.reason = report->dmarc.reason = report->arc.reason = report->dkim2.reason = reason;
    report->dmarc.policy = ma_arena_copy(this->arena, MA_EMPTY);
    report->dkim_only = true;
}

static void finish(check *this)
{
    mailauth_report *report = this->report;
    ma_warn_of_message(&this->warnings, &this->message, &this->author);
    if (this->context->list_trouble != NULL)
        ma_warn(&this->warnings, "%s", this->context->list_trouble);
    report->warning_count = this->warnings.count;
    report->warnings = ma_arena_take(this->arena, (this->warnings.count + 1) * sizeof(char *));
    memcpy(report->warnings, this->warnings.texts, this->warnings.count * sizeof(char *));
    report->evidence = ma_lookups_evidence(this->lookups, this->arena, &report->evidence_count);
}

mailauth_report *mailauth_check(mailauth *context, const char *message, size_t length,
    const mailauth_envelope *envelope)
{
    ma_arena *arena = ma_arena_new();
    report_box *box = ma_arena_take(arena, sizeof *box);
    check *this = ma_arena_take(arena, sizeof *this);
    box->arena = arena;
    this->context = context;
    this->envelope = envelope;
    this->arena = arena;
    this->report = &box->report;
    this->lookups = ma_lookups_new(context->resolver, context->cache, context->timeout_us);
    this->warnings.arena = arena;
    read_message(this, (ma_span){ message, length });
    read_signatures(this);
    start_keys(this);
    if (context->dkim_only)
        check_only_dkim(this);
    else
        check_all(this);
    finish(this);
    ma_lookups_free(this->lookups);
    return &box->report;
}

void mailauth_report_free(mailauth_report *report)
{
    if (report != NULL)
        ma_arena_free(((report_box *)report)->arena);
}
